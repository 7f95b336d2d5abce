import { AsyncLocalStorage } from 'node:async_hooks'

/** Left of a function's time for its answer, when what it called took all the rest. */
const ANSWER_MS = 500

const deadlines = new AsyncLocalStorage<AbortSignal>()

/**
 * Runs what an invocation does. Every call to AWS that it makes has failed some time before the function's own time is over,
 * tries and pauses between them included: it can still tell SQS what is not done. Else Lambda would end it, and what is done
 * would come again, too.
 *
 * @param remainingMs what is left of the function's time; or less, when something is to follow if `work` is in vain.
 */
export function within<Result>(remainingMs: number, work: () => Promise<Result>): Promise<Result> {
  return deadlines.run(AbortSignal.timeout(Math.floor(Math.max(0, remainingMs - ANSWER_MS))), work)
}

/** Aborted when the time of what is running is over. `undefined` where nothing limits it, as in a command. */
export function deadline(): AbortSignal | undefined {
  return deadlines.getStore()
}
