import type { AlertState } from '../decide/alert-state.ts'
import type { EstateAlarm } from '../estate/alarm.ts'
import { deletedAt, isHeard, isOfDrill, lastEnd, newestEnd, unheardIn, wasSent } from './history.ts'
import { type Around, isSame, leadsToUs, type Seen } from './seen.ts'

/*
 * Where CloudWatch and the table differ about an alarm, and whether that is a loss. CloudWatch sends each change once: an
 * ALARM or OK that did not arrive is lost. Pure.
 */

export type Difference = {
  fingerprint: string
  name: string
} /** `lostAt`: since when a message is missing; an earlier one than that of the present firing may be. */ & (
  | {
      kind: 'fires'
      at: string
      lostAt: string
      /** CloudWatch does not say since when: for longer, or not for so long. */
      isAbout?: true
    }
  /** It fired and ended, and nobody was notified of either. */
  | { kind: 'missed'; at: string; endedAt: string; lostAt: string }
  | { kind: 'ended'; at: string; newest: string; why: 'lost' | 'no-ok-action' | 'deleted'; lostAt: string }
  /** Left alone. */
  | { kind: 'left'; why: string }
)

/** `undefined`: they agree, or it is no alarm of the router's. */
export function differenceOf(seen: Seen, around: Around): Difference | undefined {
  const { alarm, state } = seen
  const isOpen = state?.firing !== undefined || state?.noData !== undefined
  if (!alarm) return isOpen ? deleted(seen, around) : missed(seen, deletedAt(seen, around), around)
  const { value, at, isExact } = nowOf(seen, alarm, around)
  if (value !== 'ALARM' && value !== 'OK') return withoutData(seen, alarm, around)
  if (seen.contributor === 'unknown') return isOpen ? left(seen, `firing here, and ${unknownBy(alarm)}`) : undefined
  if (value === 'ALARM') return fires(seen, alarm, { at, isExact }, around)
  if (!isOpen) return missed(seen, at, around)
  // Whatever CloudWatch has seen of it, is older: to silence it would be worse than to leave it open.
  const isOlder = at < state.changedAt && !isSame(at, state.changedAt)
  if (isOlder) return left(seen, `OK since ${at}, and firing here since a later time`)
  return ended(seen, alarm, { at, isDeleted: false }, around)
}

/** The state that CloudWatch says it is in, and since when: exactly, or about. */
function nowOf({ contributor }: Seen, { state, since }: EstateAlarm, { now }: Around) {
  if (contributor === 'quiet') return { value: 'OK', at: now.toISOString(), isExact: false }
  const own = typeof contributor === 'object' ? { at: contributor.at, isExact: contributor.at !== undefined } : since
  return { value: state, at: own?.at ?? since?.at ?? now.toISOString(), isExact: own?.isExact === true }
}

const left = ({ fingerprint, name }: Seen, why: string): Difference => ({ fingerprint, name, kind: 'left', why })

/** It is left alone as it is now, if that needs a word; what CloudWatch had sent before, is not. */
function leftAlone(seen: Seen, why: string | undefined, around: Around): Difference | undefined {
  const before = seen.state?.firing ? undefined : missed(seen, newestEnd(seen)?.at, around)
  return before ?? (why === undefined ? undefined : left(seen, why))
}

function unknownBy({ evaluationState }: EstateAlarm): string {
  return evaluationState === undefined
    ? 'CloudWatch does not say which of its time series fire'
    : `CloudWatch does not evaluate all of its time series (${evaluationState})`
}

function fires(
  seen: Seen,
  alarm: EstateAlarm,
  { at, isExact }: { at: string; isExact: boolean },
  around: Around,
): Difference | undefined {
  const { fingerprint, name, state } = seen
  if (isOfDrill(alarm.reason)) return leftAlone(seen, leftByDrill(alarm, at, around), around)
  if (state?.firing) return undefined
  const isSent = wasSent(seen, 'ALARM', at, around)
  if (!isSent && !leadsToUs(alarm, around)) return leftAlone(seen, undefined, around)
  const over = state?.ended && whyOver(state.ended, { at, isExact, isHeard: isHeard(seen, at), isSent })
  if (over === 'known') return undefined
  if (over) return left(seen, over)
  const quiet = isSent ? undefined : around.quietBy(alarm)
  if (quiet !== undefined) return leftAlone(seen, `ALARM, and ${quiet}`, around)
  const [lostAt = at] = [unheardIn(seen, around)[0]?.at ?? at, at].sort()
  return { fingerprint, name, kind: 'fires', at, lostAt, ...(!isExact && { isAbout: true }) }
}

/** Why a firing has ended here but goes on in CloudWatch; `known`: so it should be. `undefined`: it fires again. */
function whyOver(
  { at: endedAt, byHand }: NonNullable<AlertState['ended']>,
  { at, isExact, isHeard, isSent }: { at: string; isExact: boolean; isHeard: boolean; isSent: boolean },
): string | undefined {
  if (byHand) return !isExact || endedAt >= at ? 'known' : undefined
  // CloudWatch had sent that end, and says again that it fires.
  if (!isExact || endedAt < at) return undefined
  if (isHeard) return 'known'
  // An end of that moment is that of the firing before it, by another clock.
  return isSent || isSame(endedAt, at) ? undefined : `ALARM since ${at}, and ended here at a later time`
}

/** A drill follows its alarm for so long at most, unless a person gives it more. */
const DRILL_MS = 15 * 60_000

/** A composite, and one that CloudWatch has not evaluated since, would not speak of a real ALARM. */
function leftByDrill(alarm: EstateAlarm, at: string, around: Around): string | undefined {
  if (around.now.getTime() - Date.parse(at) <= DRILL_MS || !leadsToUs(alarm, around)) return undefined
  return 'ALARM by a drill that did not end it; set it to OK'
}

/** It fires here, and has ended there: by what CloudWatch says now, or by its history. */
function ended(
  seen: Seen,
  alarm: EstateAlarm,
  { at, isDeleted }: { at: string; isDeleted: boolean },
  around: Around,
): Difference | undefined {
  const { fingerprint, name, state } = seen
  const isSent = wasSent(seen, 'OK', at, around)
  // What CloudWatch sent before it was muted is lost, too. A deleted one sends nothing.
  const quiet = isSent || isDeleted ? undefined : around.quietBy(alarm)
  if (quiet !== undefined) return leftAlone(seen, `OK, and ${quiet}`, around)
  const isToSend = isSent || around.isSentByEvents(alarm) || alarm.actions.ok.some(around.isUs)
  const why = isDeleted ? 'deleted' : isToSend ? 'lost' : 'no-ok-action'
  return { fingerprint, name, kind: 'ended', at, newest: state?.changedAt ?? at, why, lostAt: at }
}

/** It has lost its data, which ends nothing; but it may have fired or ended before. */
function withoutData(seen: Seen, alarm: EstateAlarm, around: Around): Difference | undefined {
  const { fingerprint, name, state } = seen
  const end = lastEnd(seen)
  if (state?.firing) {
    if (end && end.at > state.firing.at) return ended(seen, alarm, end, around)
    return left(seen, 'firing here, and CloudWatch has no data of it')
  }
  if (end) return missed(seen, end.at, around)
  const unheard = unheardIn(seen, around)
  const [first, last] = [unheard[0], unheard.at(-1)]
  return first && last && { fingerprint, name, kind: 'fires', at: last.at, lostAt: first.at }
}

/** A role that may not see a composite alarm gets an answer without it, and no error (DescribeAlarms). */
function deleted(seen: Seen, around: Around): Difference | undefined {
  const { fingerprint, name, state } = seen
  const at = deletedAt(seen, around)
  if (at === undefined) return left(seen, 'firing here, and this role does not see it')
  return { fingerprint, name, kind: 'ended', at, newest: state?.changedAt ?? at, why: 'deleted', lostAt: at }
}

/** CloudWatch sent that it fired, or tried to, and nothing arrived before it ended. */
function missed(
  seen: Seen,
  endedAt: string | undefined,
  around: Around,
): (Difference & { kind: 'missed' }) | undefined {
  const [first] = unheardIn(seen, around)
  if (!first || endedAt === undefined || endedAt < first.at) return undefined
  return { fingerprint: seen.fingerprint, name: seen.name, kind: 'missed', at: first.at, endedAt, lostAt: first.at }
}
