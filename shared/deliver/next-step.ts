import { ChannelError } from '../channels/channel.ts'
import { CIRCUIT_OPEN_MS, isCircuitOpen } from './circuit.ts'
import { DeferredError } from './deferred.ts'

/** So many failed tries are about four hours of an outage (see `backoffMs`). Waiting as asked is no try. */
export const MAX_TRIES = 30
/** Well within the four days that the queue keeps a message: after that it would be gone without a trace. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000
/** When a channel asks to wait without saying how long. */
const WAIT_WHEN_ASKED_MS = 15_000

/**
 * What becomes of a notification that its channel has not taken.
 * `dead`: it can't succeed, or was tried often enough. `retry`: a try that failed; again after a while. `wait`: it was not
 * tried, or the channel asks to wait. `alone`: the digest with it was refused; again by itself.
 */
export type NextStep =
  | { kind: 'dead'; reason: string }
  | { kind: 'retry' | 'alone'; reason: string; waitMs: number }
  | {
      kind: 'wait'
      reason: string
      waitMs: number
      /** The channel was called, and has asked for it: it is to be left alone by all. */
      isRateLimited: boolean
      /** It was not called, because it has failed too often. */
      isCircuitOpen: boolean
    }

/** Decides what follows from an error. Pure but for `random` (0 to 1), which spreads what failed together. */
export function nextStep(
  error: unknown,
  so: { tries: number; failingSince: string | undefined; isDigest: boolean },
  now = new Date(),
  random = Math.random(),
): NextStep {
  const reason = error instanceof Error ? error.message : String(error)
  const waitMs = (ms: number) => ms * (0.5 + random / 2)
  if (error instanceof ChannelError && error.retry !== 'later') {
    if (error.retry === 'never' && so.isDigest) return { kind: 'alone', reason, waitMs: waitMs(2_000) }
    return { kind: 'dead', reason }
  }
  // Stryker disable next-line ConditionalExpression: no time is later than one that is not known
  if (so.failingSince !== undefined && now.getTime() - Date.parse(so.failingSince) > GIVE_UP_AFTER_MS) {
    return { kind: 'dead', reason: `not taken since ${so.failingSince}: ${reason}` }
  }
  if (error instanceof ChannelError && (error.retryAfterMs !== undefined || error.status === 429)) {
    const asked = error.retryAfterMs ?? waitMs(WAIT_WHEN_ASKED_MS)
    return { kind: 'wait', reason, waitMs: asked, isRateLimited: true, isCircuitOpen: false }
  }
  if (isCircuitOpen(error)) {
    const failed = 'not tried: the channel has failed several times in a row, and is left alone for a while'
    return { kind: 'wait', reason: failed, waitMs: waitMs(CIRCUIT_OPEN_MS), isRateLimited: false, isCircuitOpen: true }
  }
  if (error instanceof DeferredError) {
    // What waits comes back over some seconds, not all at once.
    return { kind: 'wait', reason, waitMs: error.waitMs + random * 4_000, isRateLimited: false, isCircuitOpen: false }
  }
  if (so.tries + 1 >= MAX_TRIES) return { kind: 'dead', reason: `tried ${MAX_TRIES} times: ${reason}` }
  return { kind: 'retry', reason, waitMs: waitMs(backoffMs(so.tries + 1)) }
}

/** 1 s, 2 s, 4 s … 15 min. */
function backoffMs(failed: number): number {
  return Math.min(900_000, 1_000 * 2 ** (failed - 1))
}
