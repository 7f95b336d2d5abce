import { hash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { identityOf } from '../alert/identity.ts'
import type { Decision } from './decision.ts'
import { extrasOf, extrasShown } from './extras.ts'

/** One notification for each of a decision's channels. Pure. */
export function notificationsOf(
  alert: Alert,
  decision: Decision,
  config: Config,
  firingSince: string | undefined,
): Notification[] {
  const { severity, rule } = decision
  const { runbook, ...extras } = extrasShown(extrasOf(decision))
  const links = { ...alert.links, runbook: alert.links.runbook ?? runbook }
  const common = { alert: { ...alert, links }, severity, rule, ...extras, firingSince }
  return decision.channels.flatMap((channel) => {
    const type = config.channels[channel]?.type
    return type ? { id: notificationId(alert, channel), channel, type, ...common } : []
  })
}

/** The same alert, change and recipient always give the same id. */
export function notificationId(alert: Alert, recipient: string, fingerprint = identityOf(alert)): string {
  const parts = [fingerprint, alert.changedAt, alert.status, alert.title, recipient]
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
}
