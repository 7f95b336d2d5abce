import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, randomBytes } from 'node:crypto'

/*
 * How Lambda notices that a function runs in a loop (Lambda Developer Guide, Recursive loop detection): each chain of
 * requests has a trace header that counts how often each function was in it. A function that handles a message calls SQS
 * and SNS with the header of its invocation (the SDK does that), and they give it to the messages that come of it. After 16
 * times the function is not invoked any more.
 *
 * AWS does not document what the header looks like within. Here it is `Root=…;Lineage=<function>:<times>|…`. Nor what counts
 * when messages of several chains come in one batch: here, the most of each function, so that no loop is missed.
 */

/** So often a chain may come through a function. */
export const MAX_TIMES = 16

/** Of an invocation that is under way, for the SDK. */
const header = new AsyncLocalStorage<string>()

/**
 * Where the SDK looks for an invocation's header, as Lambda's own runtime puts it there (@aws/lambda-invoke-store). Bundles
 * have their own copy of the SDK and find it as well. It is here before any call, as the SDK looks for it once.
 */
const lambda = globalThis as { awslambda?: { InvokeStore?: object } }
lambda.awslambda ??= {}
lambda.awslambda.InvokeStore ??= { getXRayTraceId: () => header.getStore() }

/** How often a chain came through a function already. */
export function timesIn(traceHeader: string | undefined, functionName: string): number {
  return countsIn(traceHeader).get(hashOf(functionName)) ?? 0
}

/** Runs what an invocation of a function does, for messages with these headers, so that its calls carry its own. */
export function traced<Result>(
  functionName: string,
  traceHeaders: (string | undefined)[],
  work: () => Promise<Result>,
): Promise<Result> {
  // The SDK carries a header only where it finds itself in a function.
  process.env.AWS_LAMBDA_FUNCTION_NAME ??= functionName
  return header.run(headerOf(functionName, traceHeaders), work)
}

function headerOf(functionName: string, traceHeaders: (string | undefined)[]): string {
  const counts = new Map<string, number>()
  for (const [name, times] of traceHeaders.flatMap((one) => [...countsIn(one)])) {
    counts.set(name, Math.max(times, counts.get(name) ?? 0))
  }
  const own = hashOf(functionName)
  counts.set(own, (counts.get(own) ?? 0) + 1)
  const root = traceHeaders.flatMap((one) => one?.match(/Root=([^;]+)/)?.[1] ?? [])[0] ?? newRoot()
  return `Root=${root};Lineage=${[...counts].map(([name, times]) => `${name}:${times}`).join('|')}`
}

function countsIn(traceHeader = ''): Map<string, number> {
  const pairs = traceHeader.match(/Lineage=([^;]+)/)?.[1]?.split('|') ?? []
  return new Map(pairs.map((pair) => [pair.split(':')[0] ?? '', Number(pair.split(':')[1])]))
}

function hashOf(functionName: string): string {
  return createHash('md5').update(functionName).digest('hex').slice(0, 8)
}

function newRoot(): string {
  const seconds = Math.floor(Date.now() / 1_000).toString(16)
  return `1-${seconds}-${randomBytes(12).toString('hex')}`
}
