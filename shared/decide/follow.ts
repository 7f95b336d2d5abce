import type { Alert } from '../../schemas/alert.ts'
import type { Outcome, Past } from '../state.ts'
import type { Decision, Firing } from './decide.ts'
import { extrasOf } from './extras.ts'

/**
 * Is this change news? Delivery is at least once and out of order, and one change can come by two envelopes:
 * the time of the change tells, not the order of arrival. A late ALARM must not re-open what is resolved. A change that
 * was held for some channel is news until that channel has been told.
 */
export function outcomeOf(alert: Alert, past: Past | undefined): Exclude<Outcome, 'held'> {
  if (!past || alert.changedAt > past.changedAt) return 'sent'
  if (alert.changedAt < past.changedAt) return 'stale'
  return isSameState(alert, past) && !isHeldChange(alert, past) ? 'duplicate' : 'sent'
}

/** Has this very change come before, and had to wait? */
export function isHeldChange(alert: Alert, past: Past | undefined): boolean {
  return past !== undefined && past.held.length > 0 && alert.changedAt === past.changedAt && isSameState(alert, past)
}

/** Does the alert say what is known already? */
function isSameState(alert: Alert, past: Past): boolean {
  return alert.status === past.status && alert.title === past.title
}

/**
 * What is firing after this change. Losing its data ends no alert: it still fires until it is resolved, and all who
 * have been told of it meanwhile will be told of that.
 */
export function firingAfter(alert: Alert, decision: Decision, past: Past | undefined): Firing | undefined {
  if (alert.status === 'resolved') return undefined
  const before = past?.firing
  if (alert.status === 'insufficient-data' && !before) return undefined
  const latest = alert.status === 'firing' || !before ? decision : before
  return {
    since: before?.since ?? alert.changedAt,
    severity: latest.severity,
    rule: latest.rule,
    ...extrasOf(latest),
    channels: [...new Set([...(before?.channels ?? []), ...decision.channels])],
  }
}

/**
 * Has this change been overtaken by one that says the opposite? A notification that had to wait must then not be sent:
 * a stale trigger would open an incident that is over, a stale resolve close one that goes on.
 */
export function isSuperseded(alert: Alert, now: Pick<Past, 'changedAt' | 'status'> | undefined): boolean {
  if (!now || now.changedAt <= alert.changedAt) return false
  if (alert.status === 'firing') return now.status === 'resolved'
  return now.status !== alert.status
}
