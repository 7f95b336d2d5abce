import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, randomBytes } from 'node:crypto'

/*
 * How Lambda detects that a function runs in a loop (Lambda Developer Guide, Recursive loop detection): each chain
 * of requests has a trace header that counts how often each function was in it. A function that handles a message
 * calls SQS and SNS with the header of its invocation (the SDK does that), and they copy it to the resulting
 * messages. After 16 times Lambda stops invoking the function.
 *
 * AWS does not document the content of the header. Here it is `Root=…;Lineage=<function>:<times>|…`. Nor does it
 * document the count for a batch with messages of several chains: here, the maximum per function, so that no loop is
 * missed.
 */

/** How often a chain may pass through a function. */
export const MAX_TIMES = 16

/** The header of the current invocation, for the SDK. */
const header = new AsyncLocalStorage<string>()

/**
 * Where the SDK reads an invocation's header, as Lambda's runtime sets it (@aws/lambda-invoke-store). Bundles have
 * their own copy of the SDK and read it too. It is set before any call, because the SDK looks for it once.
 */
const lambda = globalThis as { awslambda?: { InvokeStore?: object } }
lambda.awslambda ??= {}
lambda.awslambda.InvokeStore ??= { getXRayTraceId: () => header.getStore() }

/** How often a chain has passed through a function. */
export function timesIn(traceHeader: string | undefined, functionName: string): number {
  return countsIn(traceHeader).get(hashOf(functionName)) ?? 0
}

/** Runs an invocation of a function for messages with these headers, so that its calls carry its own header. */
export function traced<Result>(
  functionName: string,
  traceHeaders: (string | undefined)[],
  work: () => Promise<Result>,
): Promise<Result> {
  // The SDK only sends the header inside a function.
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
