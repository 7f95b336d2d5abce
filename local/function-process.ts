import { pathToFileURL } from 'node:url'
import { type EventSource, runEventSource } from './event-source.ts'

/*
 * One bundled function in a process of its own, as a Lambda environment is:
 * `node local/function-process.ts <bundle> <event source as JSON>`, until it is told to stop.
 */
const [bundle = '', source = ''] = process.argv.slice(2)
const { handler } = (await import(pathToFileURL(bundle).href)) as Pick<EventSource, 'handler'>
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
process.send?.('ready')
await runEventSource({ ...(JSON.parse(source) as Omit<EventSource, 'handler'>), handler }, stop.signal)
