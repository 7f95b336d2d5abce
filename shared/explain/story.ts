import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import { decide } from '../decide/decide.ts'
import { type Firing, type Timed, toldOf } from '../decide/decision.ts'
import { hold } from '../decide/hold.ts'
import { notificationsOf } from '../decide/notifications.ts'
import { traceOf } from './decision-trace.ts'

/** How an alert is decided at a moment, step by step. */
export interface Story extends DecisionTrace {
  alert: Alert
  decision: Timed
  /** What each channel is told, now or later. */
  notifications: Notification[]
}

/**
 * Tells how an alert is decided, by what decides it in the router: the same rules, compiled the same way. `firingSince`:
 * it has been firing since then, decided by these rules too. Pure.
 */
export function storyOf(alert: Alert, config: Config, at: Date, firingSince?: Date): Story {
  const firing = firingSince && firingAt(alert, config, firingSince)
  const decided = decide(alert, config, firing, at)
  const decision = hold(alert, decided, config, at)
  return {
    alert,
    ...traceOf({ alert, config, firing, decided, decision, at }),
    decision,
    notifications: notificationsOf(alert, { ...decision, channels: toldOf(decision) }, config, firing?.since),
  }
}

/** What was decided when it began, and was told. */
function firingAt(alert: Alert, config: Config, since: Date): Firing {
  const began: Alert = { ...alert, status: 'firing', changedAt: since.toISOString() }
  return { ...decide(began, config, undefined, since), since: since.toISOString() }
}
