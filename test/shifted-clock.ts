/*
 * Loaded before all else (`--import`), in child processes too: the clock is off by CLOCK_OFFSET_MS, and goes on from there.
 * Timers and `performance.now()` go by the machine's, as they do for a process on a machine with such a clock.
 */
import { subscribe } from 'node:diagnostics_channel'
import type { ServerResponse } from 'node:http'

const offsetMs = Number(process.env.CLOCK_OFFSET_MS ?? 0)
const RealDate = Date

class ShiftedDate extends RealDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RealDate.now() + offsetMs)
    else super(...(given as [number]))
  }

  static override now(): number {
    return RealDate.now() + offsetMs
  }
}

/** `Date()` without `new` is a text: a class alone can't be called so. */
globalThis.Date = new Proxy(ShiftedDate, {
  apply: () => new ShiftedDate().toString(),
}) as DateConstructor

// Node has its own clock for the answers of HTTP servers. By another one than the client's, the SDK of AWS tries again.
subscribe('http.server.request.start', (message) => {
  const { response } = message as { response: ServerResponse }
  response.setHeader('Date', new Date().toUTCString())
})
