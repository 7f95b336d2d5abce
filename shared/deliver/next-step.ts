import { ChannelError } from '../channels/channel.ts'
import { CIRCUIT_FAILURES, CIRCUIT_OPEN_MS, isCircuitOpen } from './circuit.ts'
import { DeferredError } from './deferred.ts'

/** This many failed attempts take about four hours of an outage (see `backoffMs`). Waiting as asked does not count. */
export const MAX_TRIES = 30
/** Well within the four days that the queue keeps a message: after that it would be lost without a trace. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000
/** When a channel asks to wait without a duration. */
const WAIT_WHEN_ASKED_MS = 15_000
/** A retry waits no longer than this. */
const MAX_BACKOFF_MS = 900_000
/** What waits for an open circuit, or for its channel's pace, waits each time for this part of how long it has waited. */
const WAITS_AGAIN = 1 / 4
/**
 * From here on a wait is the table's: its message is let go, and the clock wakes it. SQS holds 120,000 messages of a queue in
 * flight, and gives out no more than that. The clock announces what is due a minute ahead: with twice that it is on time, even
 * if a run is late. A shorter wait is cheaper in the queue.
 */
const LONG_WAIT_MS = 2 * 60_000

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
  so: {
    tries: number
    failingSince: string | undefined
    isDigest: boolean
    /** The longest that any alert of the same message has waited, so that they are retried together. */
    waitingSince?: string | undefined
  },
  now = new Date(),
  random = Math.random(),
): NextStep {
  const reason = error instanceof Error ? error.message : String(error)
  const waitMs = (ms: number) => ms * (0.5 + random / 2)
  const againMs = (ms: number) => Math.max(ms, waitMs(waitsAgainMs(so.waitingSince ?? so.failingSince, now)))
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
    const ms = againMs(waitMs(CIRCUIT_OPEN_MS))
    return { kind: 'wait', reason: failed, waitMs: ms, isRateLimited: false, isCircuitOpen: true }
  }
  if (error instanceof DeferredError) {
    // Waiting messages return over some seconds, not all at once.
    const ms = error.waitMs + random * 4_000
    const waits = error.isForSlot ? againMs(ms) : ms
    return { kind: 'wait', reason, waitMs: waits, isRateLimited: false, isCircuitOpen: false }
  }
  if (so.tries + 1 >= MAX_TRIES) return { kind: 'dead', reason: `failed ${MAX_TRIES} attempts: ${reason}` }
  return { kind: 'retry', reason, waitMs: waitMs(backoffMs(so.tries + 1)) }
}

/** 1 s, 2 s, 4 s … 15 min. */
function backoffMs(failed: number): number {
  return Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** (failed - 1))
}

/** The longer it has waited, the less often it asks: in a long outage, or behind a long backlog, each time is for nothing. */
function waitsAgainMs(since: string | undefined, now: Date): number {
  return since === undefined ? 0 : Math.min(MAX_BACKOFF_MS, (now.getTime() - Date.parse(since)) * WAITS_AGAIN)
}

/** Does it wait in the table, without a message? */
export function isLongWait(step: NextStep): boolean {
  return step.kind !== 'dead' && step.waitMs >= LONG_WAIT_MS
}
