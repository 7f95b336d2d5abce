import middy from '@middy/core'
import type { Config } from '../schemas/config.ts'
import { within } from '../shared/aws/deadline.ts'
import { noticesDue } from '../shared/decide/maintenance.ts'
import { sendAll } from '../shared/deliver/send-all.ts'
import { begin, walk } from '../shared/deliver/walk.ts'
import { liveConfig } from '../shared/live-config/live.ts'
import { rulesIn } from '../shared/live-config/load.ts'
import type { Versioned } from '../shared/live-config/source.ts'
import { log } from '../shared/observe/log.ts'
import { measure } from '../shared/observe/metrics.ts'
import { type LastRun, readLastRun, writeLastRun } from '../shared/store/last-run.ts'

const rules = liveConfig(rulesIn)

/** Kept of a run's time for what follows the pass over the index: the notices, and noting how far it all is. */
const RESERVE_MS = 10_000

/**
 * The clock: each minute it looks for what is due and asks `route` to look at it, tells everything that is under way of other
 * rules, and tells of maintenances. It decides nothing. Each part is tried whatever becomes of the others; what is not done
 * is done by the next run.
 */
async function tick(remainingMs: () => number): Promise<void> {
  const now = new Date()
  const [live, last] = await Promise.all([rules.current(), readLastRun()])
  const failures: unknown[] = []
  const part = (work: () => Promise<void>) => work().catch((error) => void failures.push(error))
  await part(() => announce(live.config, last, now))
  const late = new Lateness(now)
  await part(() =>
    within(remainingMs() - RESERVE_MS, () => wakeDue(live, last, late, () => remainingMs() > 2 * RESERVE_MS)),
  )
  measure({ DueLateMs: late.ms })
  await writeLastRun(last, now)
  for (const failure of failures) log.error('not done, left to the next run', { reason: String(failure) })
  if (failures.length > 0) throw failures[0]
}

/** How long ago what is most overdue was due, of all that a run has read; 0 when nothing is. */
class Lateness {
  readonly now: Date
  ms = 0

  constructor(now: Date) {
    this.now = now
  }

  saw(dueAt: string): void {
    this.ms = Math.max(this.ms, this.now.getTime() - Date.parse(dueAt))
  }
}

/** Goes through the index: first what an earlier run has left, then what has come due since. */
async function wakeDue(
  { version }: Versioned<Config>,
  last: LastRun,
  late: Lateness,
  mayGoOn: () => boolean,
): Promise<void> {
  if (last.begun && !(await goOn(last, late, mayGoOn))) return
  last.begun = begin({
    since: last.at,
    at: late.now.toISOString(),
    rules: version === last.configVersion ? undefined : version,
  })
  await goOn(last, late, mayGoOn)
}

/** @returns is the pass that has begun through? */
async function goOn(last: LastRun, late: Lateness, mayGoOn: () => boolean): Promise<boolean> {
  const { begun } = last
  if (!begun || !(await walk(begun, mayGoOn, (at) => late.saw(at)))) return false
  last.at = begun.at
  last.configVersion = begun.rules ?? last.configVersion
  last.begun = undefined
  return true
}

/** Tells first and notes after: what is told twice is the same event. */
async function announce(config: Config, last: LastRun, now: Date): Promise<void> {
  const { events, announced } = noticesDue(config, last.notices, now)
  await sendAll(events.map((event) => ({ body: JSON.stringify(event), delayS: 0 })))
  last.notices = announced
}

/** EventBridge invokes it, asynchronously, each minute; nothing waits for its answer. */
export const handler = middy<unknown, void>().handler((_event, context) =>
  within(context.getRemainingTimeInMillis(), () => tick(() => context.getRemainingTimeInMillis())),
)
