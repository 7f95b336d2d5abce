import { hash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { identityOf } from '../alert/identity.ts'
import type { Decision } from './decision.ts'
import { type Extras, extrasOf, withoutPlan } from './extras.ts'

/** One notification for each of a decision's channels. Pure. */
export function notificationsOf(
  alert: Alert,
  decision: Decision,
  config: Config,
  firingSince: string | undefined,
): Notification[] {
  const { severity, rule } = decision
  const common = { ...shownOf(alert, extrasOf(decision)), severity, rule, firingSince }
  return decision.channels.flatMap((channel) => {
    const type = config.channels[channel]?.type
    return type ? { id: notificationId(alert, channel), channel, type, ...common } : []
  })
}

/** What a message shows of an alert, with what rules have set: the runbook and the notes become the alert's. */
export function shownOf(alert: Alert, from: Extras): Pick<Notification, 'alert'> & Extras {
  const { runbook, notes, ...extras } = withoutPlan(from)
  const links = { ...alert.links, runbook: alert.links.runbook ?? runbook }
  return { alert: { ...alert, links, ...(notes && { notes: [...(alert.notes ?? []), ...notes] }) }, ...extras }
}

/** The same alert, change and recipient always give the same id. */
export function notificationId(alert: Alert, recipient: string, fingerprint = identityOf(alert)): string {
  const parts = [fingerprint, alert.changedAt, alert.status, alert.title, recipient]
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
}
