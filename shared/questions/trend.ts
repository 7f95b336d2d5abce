import { median, quantileSorted } from 'simple-statistics'
import type { Point } from './ask.ts'
import { DAY_S } from './spans.ts'

/** Two weeks: in fewer days, a weekend looks like a trend. */
export const LEAST_DAYS = 14
/** Of the normal distribution: 95 % lie within. */
const Z = 1.96
/** Beyond, a date says nothing. */
const FAR_DAYS = 730

/** How a value moves from day to day, and how sure that is. */
export interface Trend {
  perDay: number
  /** The interval in which it lies with 95 % certainty: the slower one first, whatever the sign. */
  between: [number, number]
  /** What the line says for a time, in epoch seconds. */
  at(time: number): number
}

/**
 * The median of the slopes between all pairs of days (Theil 1950), which a fifth of outliers does not move, with the interval
 * of Sen (1968) from the variance of Kendall's S. Daily values; each is of its day's end.
 * @returns nothing with fewer than two weeks, and where the interval covers 0: then there is no trend.
 */
export function trendOf(points: Point[]): Trend | undefined {
  if (points.length < LEAST_DAYS) return undefined
  const days = points.map(([time, value]) => ({ x: time / DAY_S + 1, y: value }))
  const slopes = days
    .flatMap((one, at) => days.slice(at + 1).map((other) => (other.y - one.y) / (other.x - one.x)))
    .sort((one, other) => one - other)
  const reach = (Z * Math.sqrt(varianceOfS(points.map(([, value]) => value)))) / slopes.length
  const at = (share: number) => quantileSorted(slopes, Math.min(1, Math.max(0, share)))
  const [low, high] = [at((1 - reach) / 2), at((1 + reach) / 2)]
  if (low <= 0 && high >= 0) return undefined
  const perDay = median(slopes)
  const base = median(days.map(({ x, y }) => y - perDay * x))
  return {
    perDay,
    between: low > 0 ? [low, high] : [high, low],
    at: (time) => base + perDay * (time / DAY_S),
  }
}

/** Of Kendall's S, by values of which some may be equal. */
function varianceOfS(values: number[]): number {
  const of = (count: number) => count * (count - 1) * (2 * count + 5)
  const equal = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length)
  return (of(values.length) - equal.reduce((sum, count) => sum + of(count), 0)) / 18
}

/** A value that is reached: from below `at most`, from above `at least`. */
interface Limit {
  value: number
  is: 'at least' | 'at most'
}

/** In how many days a limit is reached: at the earliest, and at the latest. Nothing when it moves away. */
export function daysUntil({ value, is }: Limit, trend: Trend, now: Date): [number, number] | undefined {
  const sign = is === 'at most' ? 1 : -1
  if (sign * trend.perDay <= 0) return undefined
  const left = sign * (value - trend.at(now.getTime() / 1_000))
  const [slow, fast] = trend.between.map((perDay) => Math.max(0, left / (sign * perDay))) as [number, number]
  return [fast, slow]
}

/** Of what is computed, the last digits are noise: 19.9999 is 20. */
const NOISE = 0.01

/** Those that are surely left. */
export const wholeDays = (days: number): number => Math.floor(days + NOISE)

/** `in 17 to 24 days`, `in 20 days`, `in 400 days at the earliest`, `not within two years` */
export function inDays([earliest, latest]: [number, number]): string {
  const [from, to] = [wholeDays(earliest), Math.ceil(latest - NOISE)]
  if (from > FAR_DAYS) return 'not within two years'
  if (to > FAR_DAYS) return `in ${from} days at the earliest`
  return from === to ? `in ${from} ${from === 1 ? 'day' : 'days'}` : `in ${from} to ${to} days`
}
