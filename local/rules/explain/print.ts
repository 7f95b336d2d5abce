import { styleText } from 'node:util'
import { clean, oneLine } from '../../../shared/channels/outside-text.ts'
import { messageInWords } from '../../../shared/explain/message.ts'
import type { Story } from '../../../shared/explain/story.ts'
import { decisionInWords } from '../../decision-in-words.ts'
import { wrap } from '../../wrap.ts'

/** The story for a person: the decision, and what each channel is told. `all`: every line that was tried, whole messages. */
export function storyInWords(story: Story, { width, all }: { width: number; all: boolean }): string {
  return [decisionInWords(story, { width, all }), '', ...messagesInWords(story, width, all)].join('\n')
}

function messagesInWords({ notifications }: Story, width: number, all: boolean): string[] {
  if (notifications.length === 0) return [styleText('bold', 'Messages'), '  none']
  const column = Math.max(...notifications.map(({ channel }) => channel.length)) + 2
  const lines = notifications.flatMap((notification) => {
    const { headline, body } = messageInWords(notification)
    const head = `  ${notification.channel.padEnd(column)}`
    const first = oneLine(headline)
    if (!all) return wrap(first, width, head, ' '.repeat(column + 2))
    return [
      ...wrap(first, width, head, ' '.repeat(column + 2)),
      ...body.flatMap((line) => textInWords(line, width)),
      '',
    ]
  })
  return [styleText('bold', 'Messages') + (all ? '' : styleText('dim', '  (--all: whole)')), ...lines]
}

function textInWords(line: string, width: number): string[] {
  const [indent = ''] = /^ */.exec(line) ?? []
  return wrap(clean(line), width, `      ${indent}`).map((one) => one.trimEnd())
}
