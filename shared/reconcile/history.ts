import { asObject, asText } from '../../schemas/loose.ts'
import type { AlertState } from '../decide/alert-state.ts'
import type { HistoryItem } from '../estate/past.ts'
import { drillInReason } from '../parse/drill.ts'
import { type Around, isSame, isSentToUs, type Seen } from './seen.ts'

/* What an alarm's history says: what CloudWatch sent the router, what of that never arrived, and when it ended. Pure. */

/** What CloudWatch sent the router of it. */
export function sentTo({ history }: Seen, around: Around): HistoryItem[] {
  return history.filter((item) => isSentToUs(item, around) && !isSentByDrill(item, history))
}

/** Did CloudWatch send the router that it was in this state then? */
export function wasSent(seen: Seen, state: 'ALARM' | 'OK', at: string, around: Around): boolean {
  return sentTo(seen, around).some((item) => isSame(item.at, at) && (stateSent(item, seen) ?? state) === state)
}

/** A drill is an alert of its own, and follows what it has set itself. */
export function isSentByDrill({ message, at }: HistoryItem, history: HistoryItem[]): boolean {
  return isOfDrill(asText(asObject(message)?.NewStateReason) ?? changeAt(history, at)?.reason)
}

export const isOfDrill = (reason: string | undefined): boolean => drillInReason(reason) !== undefined

/** The change of that moment: the closest. */
export function changeAt(history: HistoryItem[], at: string): HistoryItem | undefined {
  const apart = (item: HistoryItem) => Math.abs(Date.parse(item.at) - Date.parse(at))
  const [closest] = history
    .filter((item) => item.kind === 'changed' && isSame(item.at, at))
    .sort((one, other) => apart(one) - apart(other))
  return closest
}

/** The state that an action was about: by its message, or by the change of that moment. */
export function stateSent({ message, at }: HistoryItem, { history }: Pick<Seen, 'history'>): string | undefined {
  return asText(asObject(message)?.NewStateValue) ?? changeAt(history, at)?.state
}

const byTime = (one: HistoryItem, other: HistoryItem): number => one.at.localeCompare(other.at)

/** The firings that CloudWatch sent the router and that never arrived, in order. Nobody says what was sent of a time series. */
export function unheardIn(seen: Seen, around: Around): HistoryItem[] {
  if (seen.contributor) return []
  const { state } = seen
  const isKnown = ({ at }: HistoryItem) => isHeard(seen, at) || (state?.ended && coversIt(state.ended, at))
  return sentTo(seen, around)
    .filter((item) => stateSent(item, seen) === 'ALARM' && !isKnown(item))
    .sort(byTime)
}

/** Has the router received that it fired then? */
export const isHeard = ({ received }: Seen, at: string): boolean =>
  received.some((one) => one.status === 'firing' && isSame(one.at, at))

/** An end that was known later than this firing; of one whose beginning is unknown, nobody was notified. */
function coversIt({ at, since, byHand }: NonNullable<AlertState['ended']>, firedAt: string): boolean {
  if (since === undefined) return false
  if (isSame(since, firedAt)) return at >= firedAt
  // An end of that moment may be that of the firing before it, by another clock. A person's is of all before it.
  return since <= firedAt && at >= firedAt && (byHand === true || !isSame(at, firedAt))
}

/** A lasting end: an OK, or its deletion. */
interface End {
  at: string
  isDeleted: boolean
}

/** Its newest end. */
export function newestEnd({ history }: Seen): End | undefined {
  return endOf(history.filter(isEnd).sort(byTime).at(-1))
}

/** When it ended last, if it has not fired since. */
export function lastEnd({ history }: Seen): End | undefined {
  const last = history.filter((item) => isEnd(item) || (item.kind === 'changed' && item.state === 'ALARM')).sort(byTime)
  return endOf(last.at(-1))
}

const isEnd = ({ kind, state }: HistoryItem) => kind === 'deleted' || (kind === 'changed' && state === 'OK')

const endOf = (item: HistoryItem | undefined): End | undefined =>
  item && isEnd(item) ? { at: item.at, isDeleted: item.kind === 'deleted' } : undefined

/** When it was deleted for good. `undefined`: nothing proves that it was. */
export function deletedAt({ history, state }: Seen, { seesAll, now }: Around): string | undefined {
  const last = history
    .filter(({ kind }) => kind !== 'sent')
    .sort(byTime)
    .at(-1)
  // One of the same name was created since, and fired.
  const isOlder = last !== undefined && state !== undefined && last.at < state.changedAt
  if (last?.kind === 'deleted' && !(isOlder && !isSame(last.at, state.changedAt))) return last.at
  return seesAll ? now.toISOString() : undefined
}
