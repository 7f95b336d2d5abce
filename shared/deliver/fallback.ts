import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import { durationMs } from '../decide/duration.ts'
import type { Claimed } from './messages.ts'
import type { NextStep } from './next-step.ts'

/** When a channel names a fallback and no patience. */
const PATIENCE = '10m'

type Untaken = Pick<Claimed, 'notification' | 'owed' | 'failingSince' | 'fallbackTo'>
type Patience = Partial<Pick<ChannelConfig, 'fallback' | 'patience'>>

/**
 * The channel that is to be told, too, of what this one has not taken; `undefined`: none, or not yet. Once for what it is
 * owed: when that has become a dead letter, when the channel's circuit is open, or when it has waited longer than the
 * channel's patience. Pure.
 */
export function fallbackDue(
  one: Untaken,
  step: NextStep,
  settings: Patience,
  channels: Config['channels'],
  now = new Date(),
): string | undefined {
  const fallback = fallbackOf(one, settings, channels)
  // Stryker disable next-line ConditionalExpression: only a step that waits says whether the circuit is open
  if (step.kind === 'dead' || (step.kind === 'wait' && step.isCircuitOpen)) return fallback
  return patienceEndsAt(one, settings, now) <= now.getTime() ? fallback : undefined
}

/** What failed is tried again as the patience ends, if not before: the fallback hears of it then, at the latest. Pure. */
export function withinPatience(
  step: NextStep,
  one: Untaken,
  settings: Patience,
  channels: Config['channels'],
  now = new Date(),
): NextStep {
  if (step.kind !== 'retry' || fallbackOf(one, settings, channels) === undefined) return step
  const leftMs = patienceEndsAt(one, settings, now) - now.getTime()
  // A queue counts in seconds: a second later, it is over for certain.
  return leftMs > 0 ? { ...step, waitMs: Math.min(step.waitMs, leftMs + 1_000) } : step
}

function patienceEndsAt({ failingSince }: Untaken, { patience = PATIENCE }: Patience, now: Date): number {
  return (failingSince === undefined ? now.getTime() : Date.parse(failingSince)) + durationMs(patience)
}

/**
 * Who is told in a channel's place, and has not been yet. What is a fallback itself has none. Of an end the fallback hears by
 * itself, if it heard of the beginning. Non-production pages nobody, this way neither.
 */
function fallbackOf(
  { notification, owed, fallbackTo }: Untaken,
  { fallback }: Patience,
  channels: Config['channels'],
): string | undefined {
  // Stryker disable next-line ConditionalExpression: there is no channel `undefined`
  if (fallback === undefined || !Object.hasOwn(channels, fallback)) return undefined
  if (fallbackTo !== undefined || notification.fallbackFor) return undefined
  if (owed.status === 'resolved' && !owed.missed && !notification.alert.once) return undefined
  return owed.neverPages && pages(channels[fallback]) ? undefined : fallback
}
