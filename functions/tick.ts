import middy from '@middy/core'
import type { Config } from '../schemas/config.ts'
import { orderText } from '../schemas/wake.ts'
import { within } from '../shared/aws/deadline.ts'
import { asksOthers } from '../shared/decide/count.ts'
import { noticesDue } from '../shared/decide/maintenance.ts'
import { silenceNoticesDue } from '../shared/decide/silence-notices.ts'
import { beat } from '../shared/deliver/beat.ts'
import { sendAll } from '../shared/deliver/send-all.ts'
import { begin, walk } from '../shared/deliver/walk.ts'
import { liveConfig } from '../shared/live-config/live.ts'
import { rulesIn } from '../shared/live-config/load.ts'
import type { Versioned } from '../shared/live-config/source.ts'
import { log } from '../shared/observe/log.ts'
import { measure } from '../shared/observe/metrics.ts'
import { freedGroups, removeFreed, waitingIn } from '../shared/store/groups.ts'
import { type LastRun, readLastRun, writeLastRun } from '../shared/store/last-run.ts'
import { readSilences, type SilencesNow } from '../shared/store/silences.ts'

const rules = liveConfig(rulesIn)

/** Kept of a run's time for what follows the pass over the index: the notices, and recording the progress. */
const RESERVE_MS = 10_000

/** A part of a run's time for what waited for others, so that what is due is not kept waiting by many, nor they by it. */
const FREED_MS = 10_000

/**
 * The clock: each minute it finds what is due and asks `route` to evaluate it, has open alerts re-evaluated after a change of
 * the rules or of a silence's end, and those that waited for other alerts, and announces maintenances and silences. It
 * decides nothing. A failed part does not stop the others; the next run does what is left.
 */
async function tick(remainingMs: () => number): Promise<void> {
  const now = new Date()
  if ((await beat(now, () => rules.current())) !== 'active') {
    // It runs, and nothing is late here: the other region's clock goes on.
    measure({ DueLateMs: 0 })
    return
  }
  const [live, last, silenced] = await Promise.all([rules.current(), readLastRun(), readSilences()])
  const failures: unknown[] = []
  const part = (work: () => Promise<void>) => work().catch((error) => void failures.push(error))
  await part(() => announce(live.config, last, now))
  await part(() => announceSilences(silenced, last, now))
  const late = new Lateness(now)
  const mayGoOn = () => remainingMs() > 2 * RESERVE_MS
  const startedAt = performance.now()
  await part(() => within(FREED_MS, () => wakeFreed(live.config, () => performance.now() - startedAt < FREED_MS / 2)))
  await part(() => within(remainingMs() - RESERVE_MS, () => wakeDue(live, silenced, last, late, mayGoOn)))
  measure({ DueLateMs: late.ms })
  await writeLastRun(last, now)
  for (const failure of failures) log.error('tick.failed', 'failed; left to the next run', { reason: String(failure) })
  if (failures.length > 0) throw failures[0]
}

/** How late the most overdue entry is, of all that a run has read; 0 when none is. */
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

/** Goes through the index: first what an earlier run left, then what has become due since. */
async function wakeDue(
  { version }: Versioned<Config>,
  { moved }: SilencesNow,
  last: LastRun,
  late: Lateness,
  mayGoOn: () => boolean,
): Promise<void> {
  if (last.begun && !(await goOn(last, late, mayGoOn))) return
  last.begun = begin({
    since: last.at,
    at: late.now.toISOString(),
    rules: version === last.configVersion ? undefined : version,
    moved: moved === last.moved ? undefined : moved,
  })
  await goOn(last, late, mayGoOn)
}

/** @returns is the pass that has begun done? */
async function goOn(last: LastRun, late: Lateness, mayGoOn: () => boolean): Promise<boolean> {
  const { begun } = last
  if (!begun || !(await walk(begun, mayGoOn, (at) => late.saw(at)))) return false
  last.at = begun.at
  last.configVersion = begun.rules ?? last.configVersion
  if (begun.moved !== undefined) {
    if (begun.moved === last.movedOnce) last.moved = begun.moved
    last.movedOnce = begun.moved
  }
  last.begun = undefined
  return true
}

/** What waited for other alerts is evaluated again. What is left is so by the next run. */
async function wakeFreed(config: Config, mayGoOn: () => boolean): Promise<void> {
  if (!asksOthers(config)) return
  for (const freed of await freedGroups()) {
    let from: string | undefined
    do {
      if (!mayGoOn()) return
      const { alerts, next } = await waitingIn(freed.group, from)
      const at = new Date().toISOString()
      await sendAll(alerts.map((due) => ({ body: orderText({ due, at }), delayS: 0 })))
      from = next
    } while (from !== undefined)
    await removeFreed(freed)
  }
}

/** Sends first and records after: a duplicate is the same event. */
async function announce(config: Config, last: LastRun, now: Date): Promise<void> {
  const { events, announced } = noticesDue(config, last.notices, now)
  await sendAll(events.map((event) => ({ body: JSON.stringify(event), delayS: 0 })))
  last.notices = announced
}

/** As `announce`. */
async function announceSilences({ silences }: SilencesNow, last: LastRun, now: Date): Promise<void> {
  const { events, announced } = silenceNoticesDue(silences, last.silences, now)
  await sendAll(events.map((event) => ({ body: JSON.stringify(event), delayS: 0 })))
  last.silences = announced
}

/** EventBridge invokes it, asynchronously, each minute; nothing waits for its answer. */
export const handler = middy<unknown, void>().handler((_event, context) =>
  within(context.getRemainingTimeInMillis(), () => tick(() => context.getRemainingTimeInMillis())),
)
