import { READERS } from '../../../shared/channels/types.ts'
import type { Explanation } from '../../../shared/explain/explanation.ts'
import { describeDecision, describeMessages, dim } from '../../decision-text.ts'

/**
 * The explanation for a person: the decision, and what each channel is sent. `all`: every line that was evaluated,
 * whole messages.
 */
export function describeExplanation(explanation: Explanation, { width, all }: { width: number; all: boolean }): string {
  const messages = explanation.notifications.map((notification) => {
    const { headline, body } = READERS[notification.type].read(notification)
    return { channel: notification.channel, firstLine: headline, ...(all && { body }) }
  })
  const more = all || messages.length === 0 ? '' : dim('  (--all shows all of it)')
  const notes = [...(explanation.alert.notes ?? []), ...(explanation.decision.notes ?? [])]
    .map((note) => `\n\nNote: ${note}`)
    .join('')
  return `${describeDecision(explanation, { width, all })}${notes}\n\n${describeMessages('Messages', messages, width, more)}`
}
