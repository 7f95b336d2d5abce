import type { Alert } from '../../schemas/alert.ts'
import type { ChannelType } from '../../schemas/channel.ts'
import type { Severity } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { Note } from '../../schemas/wake.ts'
import type { AlertState, Owed, Recipient } from './alert-state.ts'
import type { Extras } from './extras.ts'
import { notificationId, shownOf } from './notifications.ts'
import { isOfType } from './place.ts'
import { nameOfUpdate } from './waiting.ts'
import { deadlinesOf } from './while-firing.ts'

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

/** That a channel accepted what a recipient was owed: all that `notified` has to know of it. */
export function noteOf({ change, status, at, missed, update }: Owed, sent: Sent): Note {
  return {
    ...{ change, status, changedAt: at, ...sent },
    ...(missed && { missed: true as const }),
    ...(update && { update }),
  }
}

/** What the delivery itself says. */
type Sent = Pick<
  Note,
  'fingerprint' | 'recipient' | 'token' | 'place' | 'notifiedAt' | 'said' | 'digest' | 'incident' | 'posted'
>

/** The notification of a change for one recipient, as it is owed now. */
export function notificationOf(
  { alert, severity, rule, extras, firingSince }: DecidedChange,
  owed: Owed,
  { fallbackFor, missed, calmed }: Recipient,
  { state, name, type }: { state: AlertState; name: string; type: ChannelType },
): Notification {
  const { alert: shown, ...others } = shownOf(alert, extras)
  // A change that arrived after its own resolve is sent as resolved.
  const isOver = owed.status === 'resolved' && alert.status !== 'resolved'
  const over = { previousStatus: alert.status, status: 'resolved' as const, changedAt: owed.at }
  const notified = { ...shown, ...(isOver && over) }
  const recipient = fallbackFor ? `${name} for ${fallbackFor.channel}` : name
  const id = notificationId(notified, recipient, state.fingerprint)
  return {
    id: owed.update ? `${id}-${nameOfUpdate(owed.update)}` : id,
    channel: name,
    type,
    alert: notified,
    alertKey: state.fingerprint,
    severity,
    rule,
    ...others,
    // Stryker disable next-line ConditionalExpression: only an end has a time since
    firingSince: owed.status === 'resolved' ? (owed.since ?? firingSince) : firingSince,
    ...(fallbackFor && { fallbackFor }),
    ...(owed.missed && { missed: true as const }),
    ...(missed && { missedBefore: missed }),
    ...(owed.update && { update: owed.update }),
    ...(owed.status !== 'resolved' && reactionsTo(state)),
    ...flappingOf(state, owed, calmed),
  }
}

/** That it flaps, in the message that says so first; or that it did, before this firing. */
function flappingOf(
  { flapping, firing }: AlertState,
  { change, fired, update, status }: Owed,
  calmed: Recipient['calmed'],
): Pick<Notification, 'flaps'> {
  if (update?.is === 'calmed') return {}
  if (!update && flapping?.said && [change, fired].includes(flapping.said.change)) {
    const { changes, since, calmAfter } = flapping
    return { flaps: { changes, since, calmAfter } }
  }
  if (calmed) return { flaps: { changes: calmed.changes, since: calmed.since } }
  return !update && status === 'firing' && firing?.flapped ? { flaps: firing.flapped } : {}
}

/** Who works on it, and by when people are expected to react. */
function reactionsTo({ firing }: AlertState): Pick<Notification, 'acknowledged' | 'respondBy'> {
  if (!firing) return {}
  const deadlines = deadlinesOf(firing).map(({ response, at }) => [response, at])
  return {
    ...(firing.acknowledged && { acknowledged: firing.acknowledged }),
    ...(deadlines.length > 0 && { respondBy: Object.fromEntries(deadlines) }),
  }
}
