import type { ChannelConfig, Config } from '../../schemas/config.ts'
import { durationMs } from '../decide/duration.ts'
import type { Claimed } from './messages.ts'
import type { NextStep } from './next-step.ts'

/** When a channel names a fallback and no patience. */
const PATIENCE = '10m'

/**
 * The channel that is to be told, too, of what this one has not taken; `undefined`: none, or not yet. Once for what it is
 * owed: when that has become a dead letter, when the channel's circuit is open, or when it has waited longer than the
 * channel's patience. What is a fallback itself has none. Of an end the fallback hears by itself, if it heard of the
 * beginning. Non-production pages nobody, this way neither. Pure.
 */
export function fallbackDue(
  {
    notification,
    owed,
    failingSince,
    fallbackTo,
  }: Pick<Claimed, 'notification' | 'owed' | 'failingSince' | 'fallbackTo'>,
  step: NextStep,
  { fallback, patience }: Partial<Pick<ChannelConfig, 'fallback' | 'patience'>>,
  channels: Config['channels'],
  now = new Date(),
): string | undefined {
  if (fallback === undefined || !Object.hasOwn(channels, fallback)) return undefined
  if (fallbackTo !== undefined || notification.fallbackFor) return undefined
  if (owed.status === 'resolved' && !owed.missed && !notification.alert.once) return undefined
  if (owed.neverPages && channels[fallback]?.type === 'pagerduty') return undefined
  if (step.kind === 'dead' || (step.kind === 'wait' && step.isCircuitOpen)) return fallback
  if (failingSince === undefined) return undefined
  return now.getTime() - Date.parse(failingSince) >= durationMs(patience ?? PATIENCE) ? fallback : undefined
}
