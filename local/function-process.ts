import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { SQSRecord } from 'aws-lambda'
import type { TickHandler } from './clock.ts'
import { contextOf, type EventSource, type Handler, runEventSource } from './event-source.ts'
import { shiftClock } from './faults/shifted-clock.ts'

/*
 * One bundled function in its own process, like a Lambda environment: `node local/function-process.ts <bundle>
 * <event source as JSON>`, until the parent stops it. As on Lambda, an invocation that exceeds its timeout ends the
 * process, which then exits with 124 (as `timeout` does). The process reports to its parent how many new records
 * each invocation has, that were not received before, and errors that were thrown.
 *
 * A source with `everyMs` instead of a queue is invoked at that interval; one with `hasUrl`, with each event that the parent
 * asks.
 */

/** A message from the parent: how far the clock is ahead of the machine's; or an event to be answered. */
export type ToFunction = { shiftMs: number } | { ask: object }
/** What the process reports. */
export type FromFunction = 'ready' | { threw: string } | { records: number } | { answer: unknown }
type Named = Pick<EventSource, 'functionName' | 'timeoutMs'>
export type Timer = Named & { everyMs: number }
/** A function with a URL. */
export type Asked = Named & { hasUrl: true }

const [bundle = '', json = ''] = process.argv.slice(2)
const source: Omit<EventSource, 'handler'> | Timer | Asked = JSON.parse(json)
const report = (what: FromFunction) => void process.send?.(what)
// Before the function is loaded, which may read the clock.
if (process.env.CLOCK_SHIFT_MS) shiftClock(Number(process.env.CLOCK_SHIFT_MS))
process.on('message', (message: ToFunction) => {
  if ('shiftMs' in message) shiftClock(message.shiftMs)
})

const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler & TickHandler }
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
report('ready')
const onThrow = (error: unknown) => report({ threw: String(error) })
if ('everyMs' in source) await runTimer(source)
else if ('hasUrl' in source) answerAll(source)
else {
  const counted: Handler = (event, context) => {
    report({ records: event.Records.filter(isNew).length })
    return handler(event, context)
  }
  await runEventSource({ ...source, handler: counted, onTimeout: () => process.exit(124), onThrow }, stop.signal)
}

/** A delivery that a deliverer could not record in time, and sends to `route`, is not new either. */
function isNew({ attributes, body }: SQSRecord): boolean {
  return attributes.ApproximateReceiveCount === '1' && !body.startsWith('{"notified":')
}

async function runTimer(timer: Timer): Promise<void> {
  while (!stop.signal.aborted) {
    await handler({}, contextOf(timer)).catch(onThrow)
    await sleep(timer.everyMs, undefined, { signal: stop.signal }).catch(() => {})
  }
}

/** One at a time, as the parent asks. */
function answerAll(asked: Asked): void {
  process.on('message', async (message: ToFunction) => {
    if (!('ask' in message)) return
    const timeout = setTimeout(() => process.exit(124), asked.timeoutMs)
    report({ answer: (await handler(message.ask, contextOf(asked)).catch(onThrow)) ?? null })
    clearTimeout(timeout)
  })
}
