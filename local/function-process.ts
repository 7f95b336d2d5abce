import { pathToFileURL } from 'node:url'
import { type EventSource, runEventSource } from './event-source.ts'

/*
 * One bundled function in a process of its own, as a Lambda environment is:
 * `node local/function-process.ts <bundle> <event source as JSON>`, until it is told to stop. As there, an invocation
 * that outlives its timeout takes the process with it, which then exits with 124 (as `timeout` does). Of one that throws,
 * the parent is told.
 */
const [bundle = '', source = ''] = process.argv.slice(2)
const { handler } = (await import(pathToFileURL(bundle).href)) as Pick<EventSource, 'handler'>
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
process.send?.('ready')
const onTimeout = () => process.exit(124)
const onThrow = (error: unknown) => process.send?.({ threw: String(error) })
await runEventSource({ ...(JSON.parse(source) as EventSource), handler, onTimeout, onThrow }, stop.signal)
