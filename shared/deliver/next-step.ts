import { ChannelError } from '../channels/channel.ts'
import { CIRCUIT_FAILURES, CIRCUIT_OPEN_MS, isCircuitOpen } from './circuit.ts'
import { DeferredError } from './deferred.ts'

/** This many failed attempts take about four hours of an outage (see `backoffMs`). Waiting as asked does not count. */
export const MAX_TRIES = 30
/** Well within the four days that the queue keeps a message: after that it would be lost without a trace. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000
/** When a channel asks to wait without a duration. */
const WAIT_WHEN_ASKED_MS = 15_000

/**
 * What happens to a notification that its channel has not accepted. `dead`: it can't succeed, or was attempted too
 * often. `retry`: the attempt failed; retried after a backoff. `wait`: it was not attempted, or the channel asked to
 * wait. `alone`: the digest with it was refused; retried alone.
 */
export type NextStep =
  | { kind: 'dead'; reason: string }
  | { kind: 'retry' | 'alone'; reason: string; waitMs: number }
  | {
      kind: 'wait'
      reason: string
      waitMs: number
      /** The channel was called and asked to wait: nothing is sent to it until then. */
      isRateLimited: boolean
      /** It was not called: it has failed too often. */
      isCircuitOpen: boolean
    }

/** Decides what follows from an error. Pure but for `random` (0 to 1), which spreads retries that failed together. */
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
    return { kind: 'dead', reason: `failing since ${so.failingSince}: ${reason}` }
  }
  if (error instanceof ChannelError && (error.retryAfterMs !== undefined || error.status === 429)) {
    const asked = error.retryAfterMs ?? waitMs(WAIT_WHEN_ASKED_MS)
    return { kind: 'wait', reason, waitMs: asked, isRateLimited: true, isCircuitOpen: false }
  }
  if (isCircuitOpen(error)) {
    const failed = `circuit open: not attempted, channel failed ${CIRCUIT_FAILURES} times in a row`
    return { kind: 'wait', reason: failed, waitMs: waitMs(CIRCUIT_OPEN_MS), isRateLimited: false, isCircuitOpen: true }
  }
  if (error instanceof DeferredError) {
    // Waiting messages return over some seconds, not all at once.
    return { kind: 'wait', reason, waitMs: error.waitMs + random * 4_000, isRateLimited: false, isCircuitOpen: false }
  }
  if (so.tries + 1 >= MAX_TRIES) return { kind: 'dead', reason: `failed ${MAX_TRIES} attempts: ${reason}` }
  return { kind: 'retry', reason, waitMs: waitMs(backoffMs(so.tries + 1)) }
}

/** 1 s, 2 s, 4 s … 15 min. */
function backoffMs(failed: number): number {
  return Math.min(900_000, 1_000 * 2 ** (failed - 1))
}
