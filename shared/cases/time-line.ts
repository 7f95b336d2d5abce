import { READERS } from '../channels/types.ts'
import type { Played } from '../player/player.ts'
import type { Sent, Taken } from '../player/step.ts'
import { type Comparison, messageText, type Wanted } from './expected-messages.ts'
import { clockText } from './moment.ts'

/** What happened in a story, and what was expected beside it, in the order of time. */
export interface TimeLine {
  /** ms since 1970. */
  startsAt: number
  /** That of the rules. */
  zone: string
  rows: TimeLineRow[]
  /** It says no end, and something is due after a month. */
  goesOn?: true
}

export interface TimeLineRow {
  at: number
  /** A step as written, or a message that was sent: `slack-warning firing`. */
  happened?: string
  isSent?: true
  /** The message's first line. */
  text?: string
  /** What the rules decided on it; the whole message, if its text is not as expected. */
  notes?: string[]
  /** What was expected, `slack-warning firing` or `nothing`, and when: `between 7h and 8h`. */
  expected?: string
  when?: string
  /** Only of what is expected, or was sent. */
  result?: 'as expected' | 'missing' | 'not expected'
}

/** A time in which nothing must be sent. */
export interface Quiet {
  from: number
  to: number
  when: string
}

/** Puts together what happened and what was expected. `textOf`: how a step, and a message, is written. */
export function timeLineOf(
  { taken, sent }: Pick<Played, 'taken' | 'sent'>,
  { covered, missing, saysOther }: Comparison,
  quiet: Quiet[],
  textOf: { step(taken: Taken): string; sent(sent: Sent): string },
  { startsAt, zone, goesOn }: Omit<TimeLine, 'rows'>,
): TimeLine {
  const isQuiet = ({ at }: Sent) => quiet.some(({ from, to }) => from <= at && at <= to)
  const rowOf = (one: Sent): TimeLineRow => {
    const want = covered.get(one)
    const isExpected = want !== undefined && !isQuiet(one)
    return {
      at: one.at,
      happened: textOf.sent(one),
      isSent: true,
      text: one.text,
      ...(saysOther.has(one) && { notes: linesOf(one) }),
      ...(want && expectedBy(want)),
      result: isExpected ? 'as expected' : 'not expected',
    }
  }
  const rows: TimeLineRow[] = []
  let next = 0
  for (const one of taken) {
    for (; next < one.sentBefore; next++) rows.push(rowOf(sent[next] as Sent))
    rows.push({ at: one.step.at, happened: textOf.step(one), notes: notesOf(one, startsAt, zone) })
  }
  for (const one of sent.slice(next)) rows.push(rowOf(one))
  const unsent = missing.map((want): TimeLineRow => ({ at: want.from, ...expectedBy(want), result: 'missing' }))
  const silent = quiet.map(({ from, to, when }): TimeLineRow => {
    const isBroken = sent.some(({ at }) => from <= at && at <= to)
    return { at: from, expected: 'nothing', when, result: isBroken ? 'not expected' : 'as expected' }
  })
  // Those of the same time stay in this order.
  const all = [...rows, ...silent, ...unsent].sort((a, b) => a.at - b.at)
  return { startsAt, zone, rows: all, ...(goesOn && { goesOn }) }
}

/** A message as people read it. */
function linesOf({ notification }: Sent): string[] {
  const { headline, body } = READERS[notification.type].read(notification)
  return [headline, ...body]
}

function expectedBy({ line: { when }, what }: Wanted) {
  return { expected: messageText(what), when }
}

/** What the rules decided on a change; or why nothing followed a step. */
export function notesOf({ step, decided, refused }: Taken, startsAt: number, zone: string): string[] {
  if (!decided) return refused === undefined ? [] : [`ignored: ${refused}`]
  const { outcome, decision } = decided
  const { severity, rule, held, because } = decision
  if (outcome !== 'sent' && outcome !== 'held') return [because.at(-1) ?? outcome]
  if (step.kind !== 'change' || step.alert.status === 'resolved') return []
  return [
    `${severity}, by ${rule === 'default' ? 'the default' : `rule "${rule}"`}`,
    ...held.map(
      ({ channel, until, why, isOpen }) =>
        `held for ${channel}${isOpen ? '' : ` until ${clockText(Date.parse(until), zone, startsAt)}`}: ${why}`,
    ),
  ]
}
