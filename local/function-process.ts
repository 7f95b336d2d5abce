import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { SQSRecord } from 'aws-lambda'
import type { TickHandler } from './clock.ts'
import { contextOf, type EventSource, type Handler, runEventSource } from './event-source.ts'
import { shiftClock } from './faults/shifted-clock.ts'

/*
 * One bundled function in a process of its own, as a Lambda environment is:
 * `node local/function-process.ts <bundle> <event source as JSON>`, until it is told to stop. As there, an invocation
 * that outlives its timeout takes the process with it, which then exits with 124 (as `timeout` does). The parent is told of
 * each invocation how many new records it has, that have not been received before, and of one that throws.
 *
 * What has `everyMs` in place of a queue is invoked so often.
 */

/** What a parent may say: what the clock shows more than the machine's. */
export interface ToFunction {
  shiftMs: number
}
/** What it is told. */
export type FromFunction = 'ready' | { threw: string } | { records: number }
export type Timer = Pick<EventSource, 'functionName' | 'timeoutMs'> & { everyMs: number }

const [bundle = '', json = ''] = process.argv.slice(2)
const source: Omit<EventSource, 'handler'> | Timer = JSON.parse(json)
const report = (what: FromFunction) => void process.send?.(what)
// Before the function is loaded: it may take the clock as it is then.
if (process.env.CLOCK_SHIFT_MS) shiftClock(Number(process.env.CLOCK_SHIFT_MS))
process.on('message', ({ shiftMs }: ToFunction) => shiftClock(shiftMs))

const { handler } = (await import(pathToFileURL(bundle).href)) as { handler: Handler & TickHandler }
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
report('ready')
const onThrow = (error: unknown) => report({ threw: String(error) })
if ('everyMs' in source) await runTimer(source)
else {
  const counted: Handler = (event, context) => {
    report({ records: event.Records.filter(isNew).length })
    return handler(event, context)
  }
  await runEventSource({ ...source, handler: counted, onTimeout: () => process.exit(124), onThrow }, stop.signal)
}

/** What a deliverer could not note in time, and hands to `route`, is not news either. */
function isNew({ attributes, body }: SQSRecord): boolean {
  return attributes.ApproximateReceiveCount === '1' && !body.startsWith('{"notified":')
}

async function runTimer(timer: Timer): Promise<void> {
  while (!stop.signal.aborted) {
    await handler({}, contextOf(timer)).catch(onThrow)
    await sleep(timer.everyMs, undefined, { signal: stop.signal }).catch(() => {})
  }
}
