import { momentOf, shownAt } from '../decide/wall-clock.ts'

/**
 * When something happens in a story: so long after its start; at a time of day by the clocks of the rules, the first
 * such moment from the start on; or at a date.
 */
export type Moment =
  | { afterMs: number }
  | { minutes: number; weekday?: string }
  /** ISO 8601 with a zone, or without one in the zone of the rules. */
  | { date: string }

/** For messages. */
export const MOMENTS = '7m, 1h30m, 07:00, saturday 07:00, or 2026-11-28 07:00'

const UNIT_MS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }
const WEEKDAY = /^(?:mon|tues|wednes|thurs|fri|satur|sun)day$/

/** `undefined` if it is none. */
export function readMoment(text: string): Moment | undefined {
  const afterMs = readElapsed(text)
  if (afterMs !== undefined) return { afterMs }
  const [, weekday, hour, minute] = /^(?:([a-z]+) )?([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  if (hour !== undefined) {
    const minutes = Number(hour) * 60 + Number(minute)
    if (weekday === undefined) return { minutes }
    return WEEKDAY.test(weekday) ? { minutes, weekday } : undefined
  }
  const date = text.replace(' ', 'T')
  const isDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?$/.test(date)
  return isDate && !Number.isNaN(Date.parse(date)) ? { date } : undefined
}

/** `1h30m` in ms; `undefined` if it is no such text. */
export function readElapsed(text: string): number | undefined {
  if (!/^(\d{1,6}[dhms])+$/.test(text)) return undefined
  const parts = text.match(/\d+[dhms]/g) ?? []
  return parts.reduce((sum, part) => sum + Number(part.slice(0, -1)) * (UNIT_MS[part.slice(-1)] ?? 0), 0)
}

/** In ms since 1970, of a story that starts then. `zone`: that of the rules. */
export function msOf(moment: Moment, startsAt: number, zone: string): number {
  if ('afterMs' in moment) return startsAt + moment.afterMs
  if ('date' in moment) {
    const { date } = moment
    return /(Z|[+-]\d\d:\d\d)$/.test(date) ? Date.parse(date) : momentOf(Date.parse(`${date}Z`), zone)
  }
  const { minutes, weekday } = moment
  const dayMs = 86_400_000
  const midnight = Math.floor(shownAt(startsAt, zone) / dayMs) * dayMs
  for (let day = 0; ; day++) {
    const shown = midnight + day * dayMs + minutes * 60_000
    const at = momentOf(shown, zone)
    if (at >= startsAt && (weekday === undefined || weekdayOf(shown, 'long').toLowerCase() === weekday)) return at
  }
}

/** `1h30m`; `0m`. */
export function elapsedText(ms: number): string {
  if (ms < 0) return `-${elapsedText(-ms)}`
  let rest = ms
  const parts = Object.entries(UNIT_MS).flatMap(([unit, unitMs]) => {
    const count = Math.floor(rest / unitMs)
    rest -= count * unitMs
    return count === 0 ? [] : [`${count}${unit}`]
  })
  return [...parts, ...(rest > 0 ? [`${rest}ms`] : [])].join('') || '0m'
}

/** What a zone's clocks show: `Sat 07:00`, and further from the start than some days, `28 Nov 07:00`. */
export function clockText(at: number, zone: string, startsAt: number): string {
  const shown = new Date(shownAt(at, zone))
  const time = shown.toISOString().slice(11, shown.getTime() % 60_000 === 0 ? 16 : 19)
  const isNear = Math.abs(at - startsAt) < 6 * 86_400_000
  const month = shown.toLocaleDateString('en', { month: 'short', timeZone: 'UTC' })
  return `${isNear ? weekdayOf(shown.getTime(), 'short') : `${shown.getUTCDate()} ${month}`} ${time}`
}

function weekdayOf(shown: number, weekday: 'long' | 'short'): string {
  return new Date(shown).toLocaleDateString('en', { weekday, timeZone: 'UTC' })
}
