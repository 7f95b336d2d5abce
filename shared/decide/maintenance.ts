import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import type { WHILE_FIRING } from './extras.ts'
import { minuteOf } from './minute.ts'
import { changesBetween, HORIZON_MS, isOpen, type OpenTimes, openUntil, windowCompiler } from './windows.ts'

const SOURCE = 'alert-router.maintenance'
const FINGERPRINT = `event:${SOURCE}:`
/** Of notices about silences (silence-notices.ts). */
export const SILENCE_SOURCE = 'alert-router.silence'

/** A start or end longer ago than this is not announced. */
const OLDEST_MS = 86_400_000

/**
 * Is it a notice that a maintenance or a silence started or ended? No maintenance and no silence covers those. Only
 * messages that the router puts into its own queue have such a fingerprint (shared/parse/own-event.ts).
 */
export function isNotice({ fingerprint }: Pick<Alert, 'fingerprint'>): boolean {
  return fingerprint.startsWith(FINGERPRINT) || fingerprint.startsWith(`event:${SILENCE_SOURCE}:`)
}

/**
 * The starts and ends of maintenances after `after`, up to and including `upTo`, as our own events (schemas/event.ts).
 * Each fires when the maintenance starts and resolves when it ends. The same time gives the same events, so that
 * duplicates are suppressed.
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
    title: `Maintenance started: ${name}`,
    description: `Matching alerts are held until ${minuteOf(openUntil(times, at).toISOString())} UTC; resolves are still sent.`,
    ...noticeOf(name),
    status: 'firing',
    time: at.toISOString(),
  }
}

function over(name: string, time: string) {
  return {
    title: `Maintenance ended: ${name}`,
    description: 'Alerts still firing are sent now.',
    ...noticeOf(name),
    status: 'resolved',
    time,
  }
}

function noticeOf(name: string) {
  return { source: SOURCE, id: name, class: 'maintenance', severity: 'info' }
}

/** The last notice of each maintenance, by name: whether it is under way, and the notice's time. */
export type Announced = Record<string, { isOpen: boolean; time: string }>

/**
 * The notices due at a moment, as our own events, derived from the present state and not from what happened: a
 * maintenance that is under way and was not announced has started; one that was announced and is not under way, or was
 * removed from the config, has ended. So nothing is missed after a pause of the clock, and an edit is announced as well.
 * Repeating it gives the same events if the windows have the time; for an edit the only known time is `now`.
 *
 * @returns the events, and what has been announced once they are sent.
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

/** How far back to look for the moment at which a window opened or closed: usually it is recent. */
const LOOKED_BACK_MS = [OLDEST_MS, 40 * OLDEST_MS, HORIZON_MS]

/**
 * When the present state started; `now` if the windows don't say, or say a time before the last notice: then an edit
 * caused it.
 */
function lastChange(times: OpenTimes | undefined, last: Announced[string] | undefined, now: Date): Date {
  for (const backMs of times ? LOOKED_BACK_MS : []) {
    const change = changesBetween(times as OpenTimes, new Date(now.getTime() - backMs), now).at(-1)
    if (change) return last && change.at.toISOString() <= last.time ? now : change.at
  }
  return now
}

/** An end is remembered for as long as a window may have been open before: its successor has a later time. */
function isForgotten({ isOpen, time }: Announced[string], now: Date): boolean {
  return !isOpen && Date.parse(time) < now.getTime() - HORIZON_MS
}

/** Notices are sent at once and once, whatever the file says about what fires. */
export const AT_ONCE_AND_ONCE: Pick<Rule, (typeof WHILE_FIRING)[number]> = {
  hold: 'none',
  count: 'none',
  remind: 'none',
  escalate: 'none',
  response: 'none',
  flapping: 'none',
}

/** Notices are always info, whatever the config says. */
export const NOTICE_RULE: Rule = {
  name: 'maintenance notice',
  when: { fingerprint: `${FINGERPRINT}*` },
  severity: 'info',
  ...AT_ONCE_AND_ONCE,
}

/** A config with the notices' rule, before all others. */
export function withNotices(config: Config): Config {
  return config.maintenance?.length ? { ...config, rules: [NOTICE_RULE, ...config.rules] } : config
}
