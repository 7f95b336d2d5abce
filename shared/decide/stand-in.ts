import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import { pages } from '../channels/types.ts'
import type { Owed } from './alert-state.ts'

/** What a channel has not accepted. */
interface Unsent {
  notification: Pick<Notification, 'fallbackFor'> & { alert: Pick<Notification['alert'], 'once'> }
  owed: Owed
  /** The fallback that was notified in its place. */
  fallbackTo: string | undefined
}

/**
 * The fallback that has not been notified yet. A fallback has no fallback of its own. A resolve needs none, nor does who
 * works on it: the fallback gets both on its own if it received the firing. Non-production never pages, not by a
 * fallback either.
 */
export function fallbackOf(
  { notification, owed, fallbackTo }: Unsent,
  { fallback }: Partial<Pick<ChannelConfig, 'fallback'>>,
  channels: Config['channels'],
): string | undefined {
  if (isResponse(owed)) return undefined
  // Stryker disable next-line ConditionalExpression: there is no channel `undefined`
  if (fallback === undefined || !Object.hasOwn(channels, fallback)) return undefined
  if (fallbackTo !== undefined || notification.fallbackFor) return undefined
  if (owed.status === 'resolved' && !owed.missed && !notification.alert.once) return undefined
  return owed.neverPages && pages(channels[fallback]) ? undefined : fallback
}

/** Is it owed who works on it, or that nobody does any more? */
export function isResponse({ update }: Pick<Owed, 'update'>): boolean {
  return update?.is === 'acknowledged' || update?.is === 'unacknowledged'
}
