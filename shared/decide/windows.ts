import { Cron } from 'croner'
import type { WhichWindows, Window } from '../../schemas/windows.ts'
import { type Days, daysOf } from './days.ts'
import { durationMs } from './duration.ts'
import { momentOf, shownAt } from './wall-clock.ts'

/*
 * Windows: when they are open. Pure; times are given.
 *
 * A window opens at the first moment at which its zone's clocks show its `from` or later, and ends at the first moment
 * at which they show its `to` or later. So a time that daylight saving skips counts as the moment of the jump, and a
 * time that occurs twice counts at its first occurrence. The end is outside the window.
 */

/** One window, or several of which any may be open, compiled. Croner's objects are created on first use. */
export interface OpenTimes {
  /** For a person: its name, or its description. */
  name: string
  /** One for each of several windows. */
  series: Series[]
}

/** Openings that recur by one rule. They may overlap; a later one never ends earlier. */
interface Series {
  name: string
  /** What to say while it is open, if that is not `within NAME`. */
  why?: string
  around(at: number): Around
}

/** What is known at a moment; ms since 1970. */
interface Around {
  /** When the last opening that started at that moment or before ends or ended; `-Infinity`: none started. */
  until: number
  /** When the next one starts, after that moment; `Infinity`: none. */
  next: number
}

/** The longest opening considered: a longer one counts as ended then. */
export const HORIZON_MS = 400 * 86_400_000

/** A window opens or ends. */
export interface Change {
  at: Date
  isOpen: boolean
}

export function isOpen(times: OpenTimes, at: Date): boolean {
  return times.series.some((series) => at.getTime() < series.around(at.getTime()).until)
}

/**
 * The first moment, from `at` on, at which it is not open: `at` itself when it is closed. Openings that follow each
 * other without a gap count as one.
 */
export function openUntil({ series }: OpenTimes, at: Date): Date {
  const last = at.getTime() + HORIZON_MS
  let moment = at.getTime()
  // Stryker disable next-line EqualityOperator: the last moment is the end, open or not
  while (moment < last) {
    const until = Math.max(...series.map(({ around }) => around(moment).until))
    if (until <= moment) return new Date(moment)
    moment = until
  }
  return new Date(last)
}

/** The first moment, from `at` on, at which it is open: `at` itself when it is; `undefined`: never again. */
export function closedUntil(times: OpenTimes, at: Date): Date | undefined {
  if (isOpen(times, at)) return at
  const next = Math.min(...times.series.map(({ around }) => around(at.getTime()).next))
  return next === Number.POSITIVE_INFINITY ? undefined : new Date(next)
}

/** Each time it opens or ends after `after`, up to and including `upTo`, in order. */
export function changesBetween(times: OpenTimes, after: Date, upTo: Date): Change[] {
  const changes: Change[] = []
  let state = isOpen(times, after)
  let moment: Date | undefined = after
  for (;;) {
    moment = state ? openUntil(times, moment) : closedUntil(times, moment)
    if (!moment || moment > upTo) return changes
    state = !state
    changes.push({ at: moment, isOpen: state })
  }
}

/** When a rule, channel or severity applies: within `active`, and not within `mute`. */
export interface Times {
  active?: OpenTimes | undefined
  mute?: OpenTimes | undefined
}

/** Why something does not apply now, and when it will. */
export interface Hold {
  /** At most `HORIZON_MS` away. */
  until: Date
  /** `within nights`, `outside office-hours` */
  why: string
  /** Its end is not known: it is evaluated again then. */
  isOpen?: true
  /** It will not be sent any more. */
  isOver?: true
}

/** `undefined` when all apply at `at`; else the first moment at which all apply together, and why not now. */
export function holdOf(all: Times[], at: Date): Hold | undefined {
  const [why] = all.flatMap((times) => whyOff(times, at) ?? [])
  if (why === undefined) return undefined
  const last = new Date(at.getTime() + HORIZON_MS)
  let until = at
  while (until < last) {
    const stopped = all.find((times) => whyOff(times, until) !== undefined)
    if (!stopped) return { until, why }
    until = nextChance(stopped, until) ?? last
  }
  return { until: last, why }
}

function nextChance({ active, mute }: Times, at: Date): Date | undefined {
  return mute && isOpen(mute, at) ? openUntil(mute, at) : active && closedUntil(active, at)
}

/** Why it does not apply now, `within nights` or `outside office-hours`; `undefined` when it does. */
export function whyOff({ active, mute }: Times = {}, at: Date): string | undefined {
  const open = mute?.series.find((series) => at.getTime() < series.around(at.getTime()).until)
  if (open) return open.why ?? `within ${open.name}`
  return active && !isOpen(active, at) ? `outside ${active.name}` : undefined
}

/** Compiles the values of `active`, `mute` and `window`. Each named window is compiled once. */
export function windowCompiler(config: {
  timezone?: string | undefined
  windows?: Record<string, Window> | undefined
}): (which: WhichWindows) => OpenTimes {
  const zone = config.timezone ?? 'UTC'
  const byName = new Map(
    Object.entries(config.windows ?? {}).map(([name, window]) => [name, compileWindow(window, zone, name)]),
  )
  return (which) => {
    if (typeof which === 'object' && !Array.isArray(which)) return compileWindow(which, zone)
    const names = [which].flat()
    // A config that gets here has been checked: each is defined.
    return { name: names.join(', '), series: names.flatMap((name) => byName.get(name)?.series ?? []) }
  }
}

/** Compiles the times of a rule, channel or severity. */
export function timesCompiler(compile: (which: WhichWindows) => OpenTimes) {
  return ({ active, mute }: { active?: WhichWindows | undefined; mute?: WhichWindows | undefined }): Times => ({
    active: active === undefined ? undefined : compile(active),
    mute: mute === undefined ? undefined : compile(mute),
  })
}

/** @throws {TypeError} for an invalid window: `windowProblems` explains it. */
export function compileWindow(window: Window, timezone: string, name = describeWindow(window)): OpenTimes {
  const zone = window.timezone ?? timezone
  const whens = isDated(window)
    ? [undefined]
    : [window.on ?? 'every day'].flat().map((text) => {
        const days = daysOf(text)
        if (!days) throw new TypeError(`"${text}" is not a valid day`)
        return days
      })
  return { name, series: whens.map((days) => ({ name, around: around(window, days, zone) })) }
}

/** Does it open once, at a date? */
export function isDated({ from = '' }: Window): boolean {
  return /^\d{4}-/.test(from)
}

/** `weekdays from 09:00 to 17:30` */
export function describeWindow({ on, from, to, for: lasting, timezone }: Window): string {
  const parts = [
    [on ?? []].flat().join(', '),
    from === undefined ? '' : `from ${from}`,
    to === undefined ? '' : `to ${to}`,
    lasting === undefined ? '' : `for ${lasting}`,
    timezone === undefined ? '' : `(${timezone})`,
  ]
  return parts.filter((part) => part !== '').join(' ') || 'every day'
}

/** Caches the last answer: alerts arrive in order of time, so it usually holds for the next one, too. */
function around(window: Window, days: Days | undefined, zone: string): Series['around'] {
  let runs: Runs | undefined
  const endOf = ends(window, zone)
  let known = { from: 0, around: { until: 0, next: 0 } }
  return (at) => {
    // Stryker disable next-line ConditionalExpression,EqualityOperator: without, it takes longer
    if (known.from <= at && at < known.around.next) return known.around
    runs ??= days ? daily(cronOf(window.from ?? '00:00', days)) : once(shownOf(window.from ?? ''))
    const last = lastBegun(runs, zone, at)
    known = {
      from: last === undefined ? at : momentOf(last, zone),
      around: {
        until: last === undefined ? Number.NEGATIVE_INFINITY : endOf(last),
        next: nextStart(runs, endOf, zone, at),
      },
    }
    return known.around
  }
}

/** The times at which a window opens, in its zone's wall-clock time. */
interface Runs {
  /** The last one before a time. */
  before(shown: number): number | undefined
  /** The first one after a time. */
  after(shown: number): number | undefined
}

function daily(cron: string): Runs {
  // The zone's clocks are handled separately: if they skip a time, and the day with it, Croner does not find it.
  // Stryker disable next-line ObjectLiteral: `npm run test:clocks` notices it, on machines that are not in UTC
  const runs = new Cron(cron, { utcOffset: 0 })
  return {
    before: (shown) => runs.previousRuns(1, new Date(shown))[0]?.getTime(),
    after: (shown) => runs.nextRun(new Date(shown))?.getTime(),
  }
}

function once(run: number): Runs {
  return { before: (shown) => (run < shown ? run : undefined), after: (shown) => (run > shown ? run : undefined) }
}

/** The last start at a moment or before. After clocks were set back, they may not show its time yet. */
function lastBegun(runs: Runs, zone: string, at: number): number | undefined {
  for (let run = runs.before(shownAt(at, zone) + DAY_MS); run !== undefined; run = runs.before(run)) {
    if (momentOf(run, zone) <= at) return run
  }
  return undefined
}

/**
 * The moment at which the next one starts. A window within the hour that daylight saving skips does not open that day.
 */
function nextStart(runs: Runs, endOf: (run: number) => number, zone: string, at: number): number {
  for (let run = runs.after(shownAt(at, zone)); run !== undefined; run = runs.after(run)) {
    const start = momentOf(run, zone)
    if (start > at && endOf(run) > start) return start
  }
  return Number.POSITIVE_INFINITY
}

/** The moment at which an opening ends, given the wall-clock time of its start. */
function ends(window: Window, zone: string): (run: number) => number {
  if (window.for !== undefined) {
    const lasting = durationMs(window.for)
    return (run) => momentOf(run, zone) + lasting
  }
  const { from = '00:00', to = wholeDay(window) } = window
  if (isDated(window)) return () => momentOf(shownOf(to), zone)
  // Its days are those of its start: past midnight it ends on the next day.
  const lasting = (minutesOf(to) - minutesOf(from) + (minutesOf(to) <= minutesOf(from) ? DAY_MINUTES : 0)) * 60_000
  return (run) => momentOf(run + lasting, zone)
}

const DAY_MINUTES = 24 * 60
const DAY_MS = 86_400_000

/** The wall-clock time of a date, with or without a time of day. */
function shownOf(date: string): number {
  return Date.parse(date.includes('T') ? `${date}Z` : `${date}T00:00Z`)
}

/** The end of a window without one. */
function wholeDay({ from = '' }: Window): string {
  if (!isDated({ from })) return '24:00'
  const next = new Date(`${from}T00:00:00Z`)
  next.setUTCDate(next.getUTCDate() + 1)
  return next.toISOString().slice(0, 10)
}

/** `09:00` in minutes. */
export function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

/** The cron expression of a time of day on some days, with seconds. */
function cronOf(time: string, { dayOfMonth, month, dayOfWeek }: Days): string {
  const minutes = minutesOf(time)
  return `0 ${minutes % 60} ${Math.floor(minutes / 60)} ${dayOfMonth} ${month} ${dayOfWeek}`
}
