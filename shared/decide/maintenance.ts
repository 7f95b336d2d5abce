import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import { changesBetween, HORIZON_MS, isOpen, type OpenTimes, openUntil, windowCompiler } from './windows.ts'

const SOURCE = 'alert-router.maintenance'
const FINGERPRINT = `event:${SOURCE}:`

/** What began or was over longer ago is no news. */
const OLDEST_MS = 86_400_000

/**
 * Does it tell that a maintenance began or is over? No maintenance covers that. Only what the router puts into its own queue
 * has such a fingerprint (shared/parse/own-event.ts).
 */
export function isNotice({ fingerprint }: Pick<Alert, 'fingerprint'>): boolean {
  return fingerprint.startsWith(FINGERPRINT)
}

/**
 * That a maintenance began or is over after `after`, up to `upTo` and with it, as our own events (schemas/event.ts). One
 * fires as the maintenance begins and is resolved as it ends. The same time gives the same events, so that those who
 * are told twice are told once.
 */
export function noticesBetween(config: Config, after: Date, upTo: Date): object[] {
  const which = windowCompiler(config)
  const since = new Date(Math.max(after.getTime(), upTo.getTime() - OLDEST_MS))
  return (config.maintenance ?? []).flatMap(({ name, window }) => {
    const times = which(window)
    return changesBetween(times, since, upTo).map(({ at, isOpen }) =>
      isOpen ? began(name, times, at) : over(name, at.toISOString()),
    )
  })
}

function began(name: string, times: OpenTimes, at: Date) {
  return {
    title: `Maintenance began: ${name}`,
    description: `Alerts that it covers are held until ${minute(openUntil(times, at))} UTC. What is resolved goes through.`,
    ...noticeOf(name),
    status: 'firing',
    time: at.toISOString(),
  }
}

function over(name: string, time: string) {
  return {
    title: `Maintenance is over: ${name}`,
    description: 'What still fires is told now.',
    ...noticeOf(name),
    status: 'resolved',
    time,
  }
}

function noticeOf(name: string) {
  return { source: SOURCE, id: name, class: 'maintenance', severity: 'info' }
}

/** What was told of each maintenance last, by its name: whether it is under way, and the time that the notice gave. */
export type Announced = Record<string, { isOpen: boolean; time: string }>

/**
 * What is to be told at a moment, as our own events, by what is so and not by what happened: a maintenance that is under way
 * and was not announced began, and one that was announced and is not under way, or that the config has no more, is over. So
 * nothing is missed by a clock that stood still, and an edit is told as well. Telling the same again gives the same events,
 * where the windows say when it was; an edit has no time but `now`.
 *
 * @returns the events, and what has been announced once they are told.
 */
export function noticesDue(
  config: Config,
  announced: Announced,
  now: Date,
): { events: object[]; announced: Announced } {
  const which = windowCompiler(config)
  const maintenances = new Map((config.maintenance ?? []).map(({ name, window }) => [name, window]))
  const events: object[] = []
  const then: [string, Announced[string]][] = []
  for (const name of new Set([...Object.keys(announced), ...maintenances.keys()])) {
    const last = Object.hasOwn(announced, name) ? announced[name] : undefined
    const window = maintenances.get(name)
    const times = window === undefined ? undefined : which(window)
    const isNow = times !== undefined && isOpen(times, now)
    if (isNow === (last?.isOpen ?? false)) {
      if (last && !isForgotten(last, now)) then.push([name, last])
      continue
    }
    const at = lastChange(times, last, now)
    events.push(times && isNow ? began(name, times, at) : over(name, at.toISOString()))
    then.push([name, { isOpen: isNow, time: at.toISOString() }])
  }
  return { events, announced: Object.fromEntries(then) }
}

/** How far back the moment is looked for at which a window opened or was over: mostly it is near. */
const LOOKED_BACK_MS = [OLDEST_MS, 40 * OLDEST_MS, HORIZON_MS]

/** When what is so now began; `now` where the windows don't say, or say a time before the last notice: it came by an edit. */
function lastChange(times: OpenTimes | undefined, last: Announced[string] | undefined, now: Date): Date {
  for (const backMs of times ? LOOKED_BACK_MS : []) {
    const change = changesBetween(times as OpenTimes, new Date(now.getTime() - backMs), now).at(-1)
    if (change) return last && change.at.toISOString() <= last.time ? now : change.at
  }
  return now
}

/** That it is over is remembered for as long as a window may have been open before: what comes after it has a later time. */
function isForgotten({ isOpen, time }: Announced[string], now: Date): boolean {
  return !isOpen && Date.parse(time) < now.getTime() - HORIZON_MS
}

function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ')
}

/** Whatever people write, they are info. */
export const NOTICE_RULE: Rule = {
  name: 'maintenance notice',
  when: { fingerprint: `${FINGERPRINT}*` },
  severity: 'info',
}

/** A config with the notices' rule, before all others. */
export function withNotices(config: Config): Config {
  return config.maintenance?.length ? { ...config, rules: [NOTICE_RULE, ...config.rules] } : config
}
