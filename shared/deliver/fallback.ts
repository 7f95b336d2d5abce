import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { durationMs } from '../decide/duration.ts'
import { fallbackOf } from '../decide/stand-in.ts'
import type { Claimed } from './messages.ts'
import type { NextStep } from './next-step.ts'

/** When a channel names a fallback and no patience. */
const PATIENCE = '10m'

type Untaken = Pick<Claimed, 'notification' | 'owed' | 'failingSince' | 'fallbackTo'>
type Patience = Partial<Pick<ChannelConfig, 'fallback' | 'patience'>>

/**
 * The fallback channel to notify about what this one has not accepted; `undefined`: none, or not yet. Once for each
 * change that is owed: when it became a dead letter, when the channel's circuit is open, or when it has waited longer
 * than the channel's patience. Pure.
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

/**
 * A delivery is retried no later than the end of the patience, so that the fallback is notified on time; unless its channel
 * has said how long to wait. Pure.
 */
export function withinPatience(
  step: NextStep,
  one: Untaken,
  settings: Patience,
  channels: Config['channels'],
  now = new Date(),
): NextStep {
  const mayBeSooner = step.kind === 'retry' || (step.kind === 'wait' && !step.isRateLimited)
  if (!mayBeSooner || fallbackOf(one, settings, channels) === undefined) return step
  const leftMs = patienceEndsAt(one, settings, now) - now.getTime()
  // A queue counts in whole seconds: one more, and the patience has certainly ended.
  return leftMs > 0 ? { ...step, waitMs: Math.min(step.waitMs, leftMs + 1_000) } : step
}

function patienceEndsAt({ failingSince }: Untaken, { patience = PATIENCE }: Patience, now: Date): number {
  return (failingSince === undefined ? now.getTime() : Date.parse(failingSince)) + durationMs(patience)
}
