import { AsyncLocalStorage } from 'node:async_hooks'

/** Left of a function's time for its answer, when its calls took all the rest. */
const ANSWER_MS = 500

const deadlines = new AsyncLocalStorage<AbortSignal>()

/**
 * Runs an invocation's work. Every call to AWS in it fails some time before the function's own time ends, retries and
 * backoff included: the function can still report to SQS what is not done. Else Lambda would stop it, and what is done
 * would be retried too.
 *
 * @param remainingMs what is left of the function's time; or less, when something must follow a failure of `work`.
 */
export function within<Result>(remainingMs: number, work: () => Promise<Result>): Promise<Result> {
  return deadlines.run(AbortSignal.timeout(Math.floor(Math.max(0, remainingMs - ANSWER_MS))), work)
}

/** Aborted when the time of the running work ends. `undefined` where nothing limits it, as in a command. */
export function deadline(): AbortSignal | undefined {
  return deadlines.getStore()
}
