import type { Evidence, EvidencePart } from '../../../schemas/evidence.ts'
import type { Notification } from '../../../schemas/notification.ts'
import * as alertText from '../alert-text.ts'
import { titleOf } from '../template.ts'
import { type Block, COLOURS, LIMITS, message, mrkdwn, type SlackPayload, section } from './message.ts'
import { inline } from './mrkdwn.ts'

/** Characters of a line and lines of a part, tried in turn until the message fits. */
const ROOMS = [
  { line: 400, lines: 14 },
  { line: 200, lines: 8 },
  { line: 120, lines: 5 },
] as const
const SMALLEST_ROOM = { line: 60, lines: 2 } as const
type Room = { line: number; lines: number }

/**
 * What follows an alert: in the thread of an app's message; of a webhook a message of its own, because its answer does not say
 * which message it was. It begins like the alert's.
 */
export function renderEvidence(notification: Notification, { parts }: Evidence): SlackPayload {
  const title = titleOf(notification) ?? alertText.whatAndWhere(notification.alert)
  const headline = inline(`Evidence: ${title}`, LIMITS.headline)
  const fits = (blocks: Block[]) => Buffer.byteLength(JSON.stringify(blocks)) <= LIMITS.blockBytes
  const tried = ROOMS.map((room) => blocksIn(room, headline, parts)).find(fits)
  return message(headline, COLOURS[notification.severity], tried ?? blocksIn(SMALLEST_ROOM, headline, parts))
}

function blocksIn(room: Room, headline: string, parts: EvidencePart[]): Block[] {
  return [section(mrkdwn(`*${headline}*`)), ...parts.flatMap((part) => partIn(room, part))]
}

function partIn({ line, lines }: Room, { title, says, lines: all, chart }: EvidencePart): Block[] {
  const rest = all.length - lines
  const shown = [
    `*${inline(title, line)}*${says === '' ? '' : `: ${inline(says, 2 * line)}`}`,
    ...all.slice(0, lines).map((text) => inline(text, line)),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ]
  // Of characters that are our own: nothing in it can end the block.
  const drawn = chart ? [section(mrkdwn(`\`\`\`\n${chart.rows.join('\n')}\n\`\`\``))] : []
  return [section(mrkdwn(cutLines(shown, LIMITS.sectionText))), ...drawn]
}

/** As many whole lines as fit. */
function cutLines(lines: string[], most: number): string {
  const [first = '', ...others] = lines
  return others.reduce((text, one) => (text.length + 1 + one.length <= most ? `${text}\n${one}` : text), first)
}
