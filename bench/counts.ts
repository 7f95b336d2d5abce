import { readFileSync } from 'node:fs'
import type { Config } from '../schemas/config.ts'
import { heartbeatEvent } from '../shared/observe/heartbeat.ts'
import { type CountedRouter, counted } from './calls.ts'

/** What one event, or one run of a function, does that AWS bills. */
export interface Counted {
  /** Messages that SNS is sent, batches as one: the event's own, and those of `route`. */
  publishes: number
  /** Messages that queues receive: each is sent, received, deleted, and invokes a function alone (the worst case). */
  messages: number
  writes: number
  reads: number
  /** As Lambda's JSON log format writes them. */
  logLines: number
  logBytes: number
  /** What it leaves in the table. */
  storedBytes: number
}

export interface Counts {
  /** One change of an alarm, half of them firing and half resolving. */
  change: Counted
  heartbeat: Counted
  /** A run of `tick` with nothing to do. */
  tick: Counted
}

const LIFE = ['samples/system-availability-1-alarm.json', 'samples/system-availability-2-ok.json']
/** Lives that are counted, after one that pays for what is done once. */
const LIVES = 4

/** Counts on the real local path, each message in an invocation of its own. */
export async function countsOf(config: Config, configFile: string): Promise<Counts> {
  const log = new CountedLog()
  const level = process.env.LOG_LEVEL
  process.env.LOG_LEVEL = 'INFO'
  try {
    return await counted(config, { configFile, batching: 'none' }, (router) => countEach(router, log))
  } finally {
    log.stop()
    if (level === undefined) delete process.env.LOG_LEVEL
    else process.env.LOG_LEVEL = level
  }
}

async function countEach(router: CountedRouter, log: CountedLog): Promise<Counts> {
  const events = LIFE.map((file) => readFileSync(file, 'utf8'))
  const live = async (name: string) => {
    for (const event of events) await router.publish(event.replaceAll('SystemAvailabilityAlarm', `${name}Alarm`))
  }
  await live('Earlier')
  const ofLives = await during(router, log, LIVES * events.length, async () => {
    for (let n = 0; n < LIVES; n++) await live(`Availability${n}`)
  })
  const beat = (minute: number) => JSON.stringify(heartbeatEvent(`2026-11-03T03:${minute}:00Z`))
  await router.publish(beat(10))
  const heartbeat = await during(router, log, 1, () => router.publish(beat(15)))
  await router.tick()
  const { publishes, ...tick } = await during(router, log, 1, () => router.tick())
  return {
    change: ofLives,
    heartbeat,
    // No event began it.
    tick: { ...tick, publishes: publishes - 1 },
  }
}

/** What happens meanwhile, of each of so many events. */
async function during(
  router: CountedRouter,
  log: CountedLog,
  events: number,
  work: () => Promise<void>,
): Promise<Counted> {
  router.counts(true)
  const { writes, reads, storedBytes } = router.units
  const logBefore = { ...log.sum }
  await work()
  const all = router.counts()
  const called = (service: string) => all.find((one) => one.service === service)?.calls ?? 0
  const of = (sum: number) => sum / events
  return {
    publishes: of(called('SNS')) + 1,
    messages: of(all.reduce((sum, one) => sum + one.messages, 0)),
    writes: of(router.units.writes - writes),
    reads: of(router.units.reads - reads),
    logLines: of(log.sum.lines - logBefore.lines),
    logBytes: of(log.sum.bytes - logBefore.bytes),
    storedBytes: of(router.units.storedBytes - storedBytes),
  }
}

/** What the functions log in this process: counted, and not printed. */
class CountedLog {
  readonly sum = { lines: 0, bytes: 0 }
  readonly #before = { info: console.info, warn: console.warn, error: console.error, write: process.stdout.write }

  constructor() {
    for (const level of ['info', 'warn', 'error'] as const) {
      console[level] = (message: unknown) => this.#saw(enveloped(level, message))
    }
    process.stdout.write = ((line: string) => {
      this.#saw(line)
      return true
    }) as typeof process.stdout.write
  }

  #saw(line: string): void {
    this.sum.lines++
    this.sum.bytes += Buffer.byteLength(line)
  }

  stop(): void {
    const { write, ...ofConsole } = this.#before
    Object.assign(console, ofConsole)
    process.stdout.write = write
  }
}

/** Lambda Developer Guide, Log and monitor Node.js functions: structured JSON. */
function enveloped(level: string, message: unknown): string {
  const requestId = '5a8e1f5e-0000-4000-8000-000000000000'
  return JSON.stringify({ timestamp: new Date(0).toISOString(), level: level.toUpperCase(), requestId, message })
}
