import type { Alert } from '../../schemas/alert.ts'
import { carriedBy } from '../alert/identity.ts'
import { type AlertState, type FiringNow, type Mark, newState, type Owed, type Recipient } from './alert-state.ts'
import { compareMarks, knowsOfIt, latestOf, newest } from './marks.ts'
import { Turn } from './owe.ts'
import { waitingOf } from './waiting.ts'

type To = Pick<Recipient, 'channel' | 'fallbackFor'> & Pick<FiringNow, 'severity' | 'rule'> & { recipient: string }

/**
 * After a notification that the version before this one had sent: owes its channel that change, unless it is up to
 * date.
 */
export function nextByNotification(
  before: AlertState | undefined,
  { alert, change }: { alert: Alert; change: string },
  to: To,
  now: Date,
): AlertState {
  const state = structuredClone(before ?? newState(alert))
  const turn = new Turn(state, now)
  const mark: Mark = { change, at: alert.changedAt, status: alert.status }
  if (isKnown(state.recipients[to.recipient], mark)) return before ?? state
  turn.owe(to.recipient, owedBy(state, mark))
  const owing = state.recipients[to.recipient]
  if (owing) {
    Object.assign(owing, { channel: to.channel, ...(to.fallbackFor && { fallbackFor: to.fallbackFor }) })
    // Unknown whether it was attempted.
    if (owing.owed?.missed) owing.maybe = true
  }
  if (alert.status === 'resolved') end(turn, mark, to)
  else if (alert.status === 'firing' && !state.firing && !(state.ended && state.ended.at >= mark.at)) {
    const { severity, rule } = to
    state.firing = { since: mark.at, at: mark.at, severity, rule }
  }
  newest(state, alert)
  return state
}

/** Was its channel sent that, or is it owed? Other changes of the same moment have their own notifications. */
function isKnown(one: Recipient | undefined, mark: Mark): boolean {
  if (!one) return false
  const marks = [one.notified, one.maybe ? undefined : one.passed, ...waitingOf(one)]
  return marks.some((known) => {
    const order = known ? compareMarks(known, mark) : -1
    // That data was lost since does not make an older firing known.
    if (order > 0 && known?.status === 'insufficient-data' && mark.status === 'firing') return false
    return order > 0 || (order === 0 && (known?.change === mark.change || !carriedBy(known?.change)))
  })
}

/**
 * An alert that has ended since is sent as one complete message: its end's notification came before, or is coming, or
 * was for others.
 */
function owedBy({ once, ended }: AlertState, mark: Mark): Owed {
  if (once || mark.status === 'resolved' || !ended || ended.at < mark.at) return mark
  const at = ended.since !== undefined && mark.at < ended.since ? ended.since : ended.at
  return { ...mark, status: 'resolved', at, since: mark.at, missed: true }
}

/** The firing ended. An earlier `route` does not know which fallbacks were notified. */
function end(turn: Turn, mark: Mark, { channel }: To): void {
  const { state } = turn
  const { firing, noData, ended } = state
  const since = firing?.since ?? noData?.at
  for (const [name, one] of Object.entries(state.recipients)) {
    const latest = latestOf(one)
    if (one.fallbackFor?.channel !== channel || !latest || compareMarks(latest, mark) >= 0) continue
    if (knowsOfIt(one)) turn.end(name, mark)
    else if (one.owed) turn.end(name, { ...mark, since: one.owed.since ?? one.owed.at, missed: true })
    // No message on its way wakes it: the clock does.
    const owing = state.recipients[name]
    if (owing?.owed) owing.lookAt = turn.now.toISOString()
  }
  if (firing && firing.at <= mark.at) delete state.firing
  if (noData && noData.at <= mark.at) delete state.noData
  if (!ended || ended.at < mark.at)
    state.ended = { at: mark.at, ...(since !== undefined && since <= mark.at && { since }) }
}
