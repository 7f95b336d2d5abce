import { minuteOf } from '../decide/minute.ts'
import type { Wish } from './wish.ts'

/** What the table has of an alert, for people. */
export interface Line {
  title: string
  status: string
  /** Since when it fires (ISO 8601). */
  firingSince?: string
}

/** What became of a wish. */
export type Outcome =
  /** Its order is on the queue; `again`: it was before, then. */
  | { kind: 'ordered'; again?: string; line?: Line | undefined }
  /** The table knows no such alert. */
  | { kind: 'unknown' }
  /** There is nothing to acknowledge any more. */
  | { kind: 'ended'; line: Line }
  /** Another firing has begun since: nobody has seen it by this message. */
  | { kind: 'fires again'; line: Line }

/** Whether the firing that a person saw is the one that there is; `undefined`: it is. Pure. */
export function passed({ does, about }: Pick<Wish, 'does' | 'about'>, line: Line): Outcome | undefined {
  const asks = 'acknowledge' in does || 'resolve' in does
  if (!asks || !('alert' in about)) return undefined
  if (line.status === 'resolved') return { kind: 'ended', line }
  const [since, now] = [about.since, line.firingSince].map((one) => Date.parse(one ?? ''))
  return (now ?? 0) > (since ?? 0) ? { kind: 'fires again', line } : undefined
}

/** What a person is to know, in plain text, on one line. Pure. */
export function saidOf(outcome: Outcome, { does }: Pick<Wish, 'does'>): string {
  switch (outcome.kind) {
    case 'unknown':
      return 'No such alert is known: it may have been a long time ago, or the key is not whole.'
    case 'ended':
      return `"${outcome.line.title}" has ended: nothing was done.`
    case 'fires again':
      return `"${outcome.line.title}" has ended, and fires again since ${timeOf(outcome.line.firingSince)}: use the newer message. Nothing was done.`
    case 'ordered': {
      const about = outcome.line ? `: "${outcome.line.title}"` : ''
      const again = outcome.again ? `, at ${timeOf(outcome.again)} already` : ''
      const how =
        'silence' in does
          ? 'What fires then is sent at that time. "alert-router silence list" shows it, and "expire" ends it.'
          : 'The alert’s messages will show it.'
      return `${whatOf(does)}${about}${again}. ${how}`
    }
  }
}

function whatOf(does: Wish['does']): string {
  if ('resolve' in does) return 'Resolved'
  if ('note' in does) return 'Noted'
  if ('silence' in does) return `Silenced until ${timeOf(does.until)}`
  if ('unacknowledge' in does) return 'Not acknowledged any more'
  return does.until === undefined ? 'Acknowledged' : `Acknowledged until ${timeOf(does.until)}`
}

/** `2026-11-27 17:04 UTC` */
export function timeOf(iso: string | undefined): string {
  return iso === undefined ? 'an unknown time' : `${minuteOf(iso)} UTC`
}
