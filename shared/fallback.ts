import type { ChannelConfig } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { durationMs } from './duration.ts'
import type { NextStep } from './next-step.ts'
import { notificationId } from './notifications.ts'
import type { Claimed } from './state.ts'

/** When a channel names a fallback and no patience. */
const PATIENCE = '10m'

/**
 * Is it time to tell the fallback, too? Once for a notification: when it has become a dead letter, when its channel's
 * circuit is open, or when it has waited longer than the channel's patience. What is a fallback itself has none. Pure.
 */
export function isFallbackDue(
  { notification, failingSince, fallbackTo }: Claimed,
  step: NextStep,
  config: Partial<Pick<ChannelConfig, 'fallback' | 'patience'>>,
  now = new Date(),
): boolean {
  if (config.fallback === undefined || fallbackTo !== undefined || notification.fallbackFor) return false
  if (step.kind === 'dead' || (step.kind === 'wait' && step.isCircuitOpen)) return true
  if (failingSince === undefined) return false
  return now.getTime() - Date.parse(failingSince) >= durationMs(config.patience ?? PATIENCE)
}

/** The same alert for another channel, marked as what its own has not taken, and why. Pure. */
export function fallbackNotification(
  notification: Notification,
  to: { channel: string; type: Notification['type'] },
  reason: string,
): Notification {
  const { channel } = notification
  return {
    ...notification,
    ...to,
    id: notificationId(notification.alert, `${to.channel} for ${channel}`),
    fallbackFor: { channel, reason: reason.slice(0, 500) },
  }
}
