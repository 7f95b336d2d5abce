import { READERS } from '../../../shared/channels/types.ts'
import type { Story } from '../../../shared/explain/story.ts'
import { describeDecision, describeMessages, dim } from '../../decision-text.ts'

/**
 * The explanation for a person: the decision, and what each channel is sent. `all`: every line that was evaluated,
 * whole messages.
 */
export function describeStory(story: Story, { width, all }: { width: number; all: boolean }): string {
  const messages = story.notifications.map((notification) => {
    const { headline, body } = READERS[notification.type].read(notification)
    return { channel: notification.channel, firstLine: headline, ...(all && { body }) }
  })
  const more = all || messages.length === 0 ? '' : dim('  (--all shows all of it)')
  const notes = (story.alert.notes ?? []).map((note) => `\n\nNote: ${note}`).join('')
  return `${describeDecision(story, { width, all })}${notes}\n\n${describeMessages('Messages', messages, width, more)}`
}
