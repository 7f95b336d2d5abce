import { localTime } from './local-time.ts'

export const HOUR_S = 3_600
export const DAY_S = 24 * HOUR_S
export const HOUR_MS = 1_000 * HOUR_S
export const DAY_MS = 24 * HOUR_MS

/** So far a report looks back, where nobody says otherwise. */
export const USUAL_DAYS = 7

/** From `from` (inclusive) to `to` (exclusive), in ISO 8601. */
export interface Span {
  from: string
  to: string
}

/** From the last full hour back: so that days can be compared hour by hour. */
export function lastDays(now: Date, days: number): Span {
  const to = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS
  return { from: new Date(to - days * DAY_MS).toISOString(), to: new Date(to).toISOString() }
}

/** The same 24 hours, so many days earlier: of epoch seconds. */
export function isInDay(now: Date, daysBefore: number): (time: number) => boolean {
  const end = Date.parse(lastDays(now, 1).to) - daysBefore * DAY_MS
  return (time) => time * 1_000 >= end - DAY_MS && time * 1_000 < end
}

/** Days in UTC, as Cost Explorer has them: `2026-11-25`. */
export function utcDay(now: Date, daysBefore = 0): string {
  return new Date(now.getTime() - daysBefore * DAY_MS).toISOString().slice(0, 10)
}

/** Of these, the last is complete, or the one before it; and a week before that there is one to compare. */
export const DAYS_OF_COST = 10

/**
 * A day of cost is complete a day after its end: Cost Explorer is updated at least once in 24 hours (Cost Management User
 * Guide). Its own `Estimated` says another thing: it is true for every day of a month until AWS closes the month.
 */
export const isCompleteDay = (day: string, now: Date): boolean => Date.parse(day) + 2 * DAY_MS <= now.getTime()

export const ageS = (now: Date, at: string): number => (now.getTime() - Date.parse(at)) / 1_000

/** The same span, so much before. */
export function earlier({ from, to }: Span, byMs: number): Span {
  const shifted = (at: string) => new Date(Date.parse(at) - byMs).toISOString()
  return { from: shifted(from), to: shifted(to) }
}

/** Up to now, in whole minutes: metrics have no finer periods. */
export function lastMs(now: Date, spanMs: number): Span {
  const to = Math.floor(now.getTime() / 60_000) * 60_000
  return { from: new Date(to - spanMs).toISOString(), to: new Date(to).toISOString() }
}

/** `from Thu 2026-11-26 07:30 to Thu 2026-11-26 08:30` */
export const shown = ({ from, to }: Span, timezone: string): string =>
  `from ${localTime(from, timezone)} to ${localTime(to, timezone)}`
