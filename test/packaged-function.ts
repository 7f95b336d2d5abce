import { pathToFileURL } from 'node:url'
import { type EventSource, runEventSource } from '../local/event-source.ts'

/*
 * One packaged function in a process of its own, with nothing in its environment but what the template gives it:
 * `node test/packaged-function.ts <bundle> <event source as JSON>`, until it is told to stop.
 */
const [bundle = '', source = ''] = process.argv.slice(2)
const { handler } = (await import(pathToFileURL(bundle).href)) as Pick<EventSource, 'handler'>
const stop = new AbortController()
process.once('disconnect', () => stop.abort())
process.send?.('ready')
await runEventSource({ ...(JSON.parse(source) as Omit<EventSource, 'handler'>), handler }, stop.signal)
