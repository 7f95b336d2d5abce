import type { Alert } from '../../schemas/alert.ts'
import {
  type AlertState,
  compareMarks,
  type FiringNow,
  type Mark,
  newest,
  newState,
  type Recipient,
} from './alert-state.ts'
import { Turn } from './owe.ts'

/** By a notification that the version before this one had sent: its channel is owed what it says, unless it knows that. */
export function nextByNotification(
  before: AlertState | undefined,
  { alert, change }: { alert: Alert; change: string },
  to: Pick<Recipient, 'channel' | 'fallbackFor'> & Pick<FiringNow, 'severity' | 'rule'> & { recipient: string },
  now: Date,
): AlertState {
  const state = structuredClone(before ?? newState(alert))
  const turn = new Turn(state, now)
  const mark: Mark = { change, at: alert.changedAt, status: alert.status }
  const one = state.recipients[to.recipient]
  const { told, passed } = one ?? {}
  // Of what its channel was told, or was to be told by a message that is on its way, this is that message.
  const isKnown = [told, one?.maybe ? undefined : passed].some((known) => known && compareMarks(known, mark) >= 0)
  const isOwed = one?.owed !== undefined && compareMarks(one.owed, mark) >= 0
  if (isKnown || isOwed) return before ?? state
  turn.set(to.recipient, mark)
  const owing = state.recipients[to.recipient]
  if (owing) Object.assign(owing, { channel: to.channel, ...(to.fallbackFor && { fallbackFor: to.fallbackFor }) })
  const { severity, rule } = to
  if (alert.status === 'firing' && !state.firing && !(state.ended && state.ended.at >= mark.at)) {
    state.firing = { since: mark.at, at: mark.at, severity, rule }
  }
  newest(state, alert)
  return state
}
