import { asObject, asText } from '../../schemas/loose.ts'
import type { AlertState } from '../decide/alert-state.ts'
import type { EstateAlarm } from '../estate/alarm.ts'
import type { Contributor, HistoryItem } from '../estate/past.ts'
import { drillInReason } from '../parse/drill.ts'

/*
 * Where CloudWatch and the table differ about an alarm, and whether that is a loss. CloudWatch sends each change once: an
 * ALARM or OK that did not arrive is lost. Pure.
 */

/** All that is known of one alert of CloudWatch. */
export interface Seen {
  fingerprint: string
  name: string
  /** As CloudWatch describes it now; absent: it knows none of this name. */
  alarm?: EstateAlarm | undefined
  /** A time series of its own: as it fires, or that it does not. */
  contributor?: Contributor | 'quiet' | undefined
  /** What the table says. */
  state?: AlertState | undefined
  /** Of the alarm, the newest first. */
  history: HistoryItem[]
  /** When changes happened that the router has received, among those that CloudWatch sent (ISO 8601). */
  received: string[]
}

/** What sends to the router. */
export interface SendsToUs {
  /** Is this action the router? */
  isUs(action: string): boolean
  /** EventBridge hands the router each of its changes. */
  isSentByEvents(alarm: Pick<EstateAlarm, 'name'>): boolean
}

/** What is known beside it. */
export interface Around extends SendsToUs {
  /** Why CloudWatch keeps an alarm quiet, if it does. */
  quietBy(alarm: EstateAlarm): string | undefined
  /** The role sees every alarm: one that it does not see, is not there. */
  seesAll: boolean
  now: Date
}

export type Difference = {
  fingerprint: string
  name: string
} /** `lostAt`: since when a message is missing; an earlier one than that of the present firing may be. */ & (
  | { kind: 'fires'; at: string; lostAt: string }
  /** It fired and ended, and nobody was notified of either. */
  | { kind: 'missed'; at: string; endedAt: string; lostAt: string }
  | { kind: 'ended'; at: string; newest: string; why: 'lost' | 'no-ok-action' | 'deleted'; lostAt: string }
  /** Left alone. */
  | { kind: 'left'; why: string }
)

/** A time in one of CloudWatch's answers may differ a little from that in another. */
const SAME_MS = 5_000

export const isSame = (one: string, other: string): boolean => Math.abs(Date.parse(one) - Date.parse(other)) <= SAME_MS

/** `undefined`: they agree, or it is no alarm of the router's. */
export function differenceOf(seen: Seen, around: Around): Difference | undefined {
  const { fingerprint, name, alarm, state } = seen
  const found = { fingerprint, name }
  const isOpen = state?.firing !== undefined || state?.noData !== undefined
  if (!alarm) return isOpen ? deleted(seen, around) : missed(seen, deletedAt(seen, around), around)
  const { value, at } = nowOf(seen, alarm, around)
  if (value === 'ALARM') return fires(seen, alarm, at, around)
  if (value === 'OK' && isOpen) {
    const isSent = around.isSentByEvents(alarm) || alarm.actions.ok.some(around.isUs)
    const quiet = around.quietBy(alarm)
    if (quiet !== undefined) return { ...found, kind: 'left', why: `OK, and ${quiet}` }
    // Whatever CloudWatch has seen of it, is older: to silence it would be worse than to leave it open.
    if (at < state.changedAt && !isSame(at, state.changedAt)) {
      return { ...found, kind: 'left', why: `OK since ${at}, and firing here since a later time` }
    }
    return { ...found, kind: 'ended', at, newest: state.changedAt, why: isSent ? 'lost' : 'no-ok-action', lostAt: at }
  }
  if (state?.firing) return undefined
  if (value === 'OK') return missed(seen, at, around)
  // It has lost its data since: that ends nothing.
  const endedAt = lastEndIn(seen)
  const unheard = missed(seen, endedAt ?? at, around)
  return unheard && endedAt === undefined ? { ...found, kind: 'fires', at: unheard.at, lostAt: unheard.at } : unheard
}

/** When it ended last, if it has not fired since, by its history. */
function lastEndIn({ history }: Seen): string | undefined {
  const last = history
    .filter(({ kind, state }) => kind === 'changed' && (state === 'OK' || state === 'ALARM'))
    .sort((one, other) => one.at.localeCompare(other.at))
    .at(-1)
  return last?.state === 'OK' ? last.at : undefined
}

/** The state that CloudWatch says it is in, and since when. */
function nowOf({ contributor }: Seen, { state, since }: EstateAlarm, { now }: Around) {
  if (contributor === 'quiet') return { value: 'OK', at: now.toISOString() }
  return { value: state, at: contributor?.at ?? since?.at ?? now.toISOString() }
}

function fires(seen: Seen, alarm: EstateAlarm, at: string, around: Around): Difference | undefined {
  const { fingerprint, name, state } = seen
  if (isOfDrill(asText(alarm.raw.StateReason))) return leftByDrill(seen, alarm, at, around)
  if (state?.firing) return undefined
  const isExact = seen.contributor !== undefined || alarm.since?.isExact === true
  // A person has resolved it, or it was missed before.
  if (state?.ended && (!isExact || state.ended.at >= at)) return undefined
  const lostAt = firstUnheard(seen, around)?.at ?? at
  const fires = { fingerprint, name, kind: 'fires' as const, at, lostAt: lostAt < at ? lostAt : at }
  if (sentTo(seen, around).some((item) => isSame(item.at, at))) return fires
  if (!leadsToUs(alarm, around)) return undefined
  const quiet = around.quietBy(alarm)
  return quiet === undefined ? fires : { fingerprint, name, kind: 'left', why: `ALARM, and ${quiet}` }
}

/** Does it send the router that it fires? */
export const leadsToUs = (alarm: EstateAlarm, { isUs, isSentByEvents }: SendsToUs): boolean =>
  alarm.actions.alarm.some(isUs) || isSentByEvents(alarm)

/** Did CloudWatch send this to the router, or try to: by an action, or to EventBridge, which has each change? */
export function isSentToUs({ kind, action, alarm }: HistoryItem, { isUs, isSentByEvents }: SendsToUs): boolean {
  return kind === 'sent' ? action !== undefined && isUs(action) : kind === 'changed' && isSentByEvents({ name: alarm })
}

/** A drill follows its alarm for so long at most, unless a person gives it more. */
const DRILL_MS = 15 * 60_000

/** A composite, and one that CloudWatch has not evaluated since, would not speak of a real ALARM. */
function leftByDrill(
  { fingerprint, name }: Seen,
  alarm: EstateAlarm,
  at: string,
  around: Around,
): Difference | undefined {
  if (around.now.getTime() - Date.parse(at) <= DRILL_MS || !leadsToUs(alarm, around)) return undefined
  return { fingerprint, name, kind: 'left', why: 'ALARM by a drill that did not end it; set it to OK' }
}

/** A role that may not see a composite alarm gets an answer without it, and no error (DescribeAlarms). */
function deleted(seen: Seen, around: Around): Difference | undefined {
  const { fingerprint, name, state } = seen
  const at = deletedAt(seen, around)
  if (at === undefined) return { fingerprint, name, kind: 'left', why: 'firing here, and this role does not see it' }
  return { fingerprint, name, kind: 'ended', at, newest: state?.changedAt ?? at, why: 'deleted', lostAt: at }
}

/** `undefined`: nothing proves that it was deleted. */
function deletedAt({ history }: Seen, { seesAll, now }: Around): string | undefined {
  return history.find(({ kind }) => kind === 'deleted')?.at ?? (seesAll ? now.toISOString() : undefined)
}

/** CloudWatch sent that it fired, or tried to, and nothing arrived before it ended. */
function missed(
  seen: Seen,
  endedAt: string | undefined,
  around: Around,
): (Difference & { kind: 'missed' }) | undefined {
  const first = firstUnheard(seen, around)
  if (!first || endedAt === undefined || endedAt < first.at) return undefined
  return { fingerprint: seen.fingerprint, name: seen.name, kind: 'missed', at: first.at, endedAt, lostAt: first.at }
}

/** The first firing that CloudWatch sent the router and that never arrived. */
function firstUnheard(seen: Seen, around: Around): HistoryItem | undefined {
  const { state, received } = seen
  const isKnown = ({ at }: HistoryItem) =>
    received.some((one) => isSame(one, at)) || (state?.ended !== undefined && coversIt(state.ended, at))
  return sentTo(seen, around)
    .filter((item) => stateSent(item, seen) === 'ALARM' && !isKnown(item))
    .sort((one, other) => one.at.localeCompare(other.at))[0]
}

/** An end that was known later than this firing; of one whose beginning is unknown, nobody was notified. */
function coversIt({ at, since }: NonNullable<AlertState['ended']>, firedAt: string): boolean {
  return at >= firedAt && since !== undefined && (since <= firedAt || isSame(since, firedAt))
}

/** What CloudWatch sent the router of it. */
function sentTo({ history }: Seen, around: Around): HistoryItem[] {
  return history.filter((item) => isSentToUs(item, around) && !isSentByDrill(item, history))
}

/** A drill is an alert of its own, and follows what it has set itself. */
function isSentByDrill({ message, at }: HistoryItem, history: HistoryItem[]): boolean {
  const changed = history.find((item) => item.kind === 'changed' && isSame(item.at, at))
  return isOfDrill(asText(asObject(message)?.NewStateReason) ?? changed?.reason)
}

const isOfDrill = (reason: string | undefined) => drillInReason(reason) !== undefined

/** The state that an action was about: by its message, or by the change of that moment. */
export function stateSent({ message, at }: HistoryItem, { history }: Pick<Seen, 'history'>): string | undefined {
  const state = asText(asObject(message)?.NewStateValue)
  return state ?? history.find((item) => item.kind === 'changed' && isSame(item.at, at))?.state
}
