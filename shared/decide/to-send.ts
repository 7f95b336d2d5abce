import type { Alert } from '../../schemas/alert.ts'
import type { ChannelType } from '../../schemas/channel.ts'
import type { Severity } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Owed, Recipient } from './alert-state.ts'
import type { Extras } from './extras.ts'
import { notificationId } from './notifications.ts'
import { isOfType } from './place.ts'

/*
 * What a recipient is sent of what it is owed. Pure.
 */

/** The content of a change's notification. */
export interface DecidedChange {
  alert: Alert
  severity: Severity
  rule: string
  extras: Extras
  firingSince: string | undefined
}

/** If the recipient was notified in a channel of another type, this one gets the resolve as one complete message. */
export function asKnownHere({ notified }: Recipient, owed: Owed, type: ChannelType): Owed {
  // Stryker disable next-line ArrayDeclaration: no place is of another form
  const isKnown = [notified?.place, ...(notified?.places ?? [])].some((place) => isOfType(place, type))
  return owed.status === 'resolved' && !isKnown ? { ...owed, missed: true } : owed
}

/** The notification of a change for one recipient, as it is owed now. */
export function notificationOf(
  { alert, severity, rule, extras, firingSince }: DecidedChange,
  owed: Owed,
  { fallbackFor, missed }: Recipient,
  { fingerprint, name, type }: { fingerprint: string; name: string; type: ChannelType },
): Notification {
  const { runbook, ...others } = extras
  const links = { ...alert.links, runbook: alert.links.runbook ?? runbook }
  // A change that arrived after its own resolve is sent as resolved.
  const isOver = owed.status === 'resolved' && alert.status !== 'resolved'
  const over = { previousStatus: alert.status, status: 'resolved' as const, changedAt: owed.at }
  const notified = { ...alert, links, ...(isOver && over) }
  return {
    id: notificationId(notified, fallbackFor ? `${name} for ${fallbackFor.channel}` : name, fingerprint),
    channel: name,
    type,
    alert: notified,
    alertKey: fingerprint,
    severity,
    rule,
    ...others,
    // Stryker disable next-line ConditionalExpression: only an end has a time since
    firingSince: owed.status === 'resolved' ? (owed.since ?? firingSince) : firingSince,
    ...(fallbackFor && { fallbackFor }),
    ...(owed.missed && { missed: true as const }),
    ...(missed && { missedBefore: missed }),
  }
}
