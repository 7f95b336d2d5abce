import { seriesOf } from '../platform/series.ts'
import type { Line } from './answer.ts'
import type { MetricAsk, Point } from './ask.ts'
import { type FigureUnit, figure } from './figure.ts'
import type { Context } from './question.ts'
import { DAY_S, utcDay } from './spans.ts'
import { daysUntil, inDays, LEAST_DAYS, type Trend, trendOf, wholeDays } from './trend.ts'

/** Whole weeks: each weekday counts alike. */
const DAYS = 56
/**
 * Until the next report, which comes in a month, and two weeks to do something about it: what is full before then would be
 * reported too late.
 */
export const SOON_DAYS = 45

/** A metric by the day, over the last eight weeks: complete days of UTC. */
export function byDay(now: Date, series: MetricAsk['series'], statistic: string): MetricAsk {
  const midnight = (day: string) => `${day}T00:00:00.000Z`
  const span = { from: midnight(utcDay(now, DAYS)), to: midnight(utcDay(now)) }
  return { kind: 'metric', series, statistic, periodS: DAY_S, ...span }
}

/** The same of a metric of the file: several lines for a bucket with several storage types. */
export function dailyOf({ platform, now }: Context, ref: string, statistic: string): MetricAsk[] {
  return seriesOf(platform, ref).map((series) => byDay(now, series, statistic))
}

/** @throws {Error} for a metric that the file does not define. */
export function daily(context: Context, ref: string, statistic: string): MetricAsk {
  const [ask] = dailyOf(context, ref, statistic)
  if (!ask) throw new Error(`no metric ${ref}`)
  return ask
}

/** Of several lines, one: of the days that each storage type has, as a day without one of them would look like a fall. */
export function summed(types: Point[][]): Point[] {
  const published = types.filter((points) => points.length > 0)
  const days = Map.groupBy(published.flat(), ([time]) => time)
  return [...days]
    .filter(([, points]) => points.length === published.length)
    .map(([time, points]): Point => [time, points.reduce((sum, [, value]) => sum + value, 0)])
    .sort(([one], [other]) => one - other)
}

/** Where a value is, where it moves, and when it meets its limit. */
export interface Course {
  trend: Trend | undefined
  /** The days until the limit is met: at the earliest, at the latest. */
  until: [number, number] | undefined
  isSoon: boolean
  /** As people say it: `falls by 10.7 GB a day`. */
  moves: string
  line: Line
}

export function courseOf(points: Point[], unit: FigureUnit, now: Date, limit?: Line['bound']): Course {
  const trend = trendOf(points)
  const until = trend && limit && daysUntil(limit, trend, now)
  const ends =
    trend && [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0].map((time): Point => [time, trend.at(time + DAY_S)])
  return {
    trend,
    until,
    isSoon: until !== undefined && wholeDays(until[0]) <= SOON_DAYS,
    moves: moves(trend, points.length, unit),
    line: {
      ...{ unit, points, periodS: DAY_S },
      ...(limit && limit.value > 0 && { bound: limit }),
      ...(ends && { trend: ends as [Point, Point] }),
    },
  }
}

function moves(trend: Trend | undefined, days: number, unit: FigureUnit): string {
  if (days < LEAST_DAYS) return `no trend yet: ${days} of ${LEAST_DAYS} days`
  if (!trend) return `no trend in ${days} days`
  const by = trend.between.map((perDay) => figure(Math.abs(perDay), unit))
  const [slow, fast] = by
  const span = slow === fast ? slow : `${slow} to ${fast}`
  return `${trend.perDay > 0 ? 'rises' : 'falls'} by ${span} a day, over ${days} days`
}

/** `full in 17 to 24 days, from 2026-12-14 on`; nothing for what is not reached. */
export function reached(what: string, until: Course['until'], now: Date): string {
  if (!until) return ''
  const text = inDays(until)
  if (text.startsWith('not')) return ''
  return `${what} ${text}, ${until[0] < 1 ? 'from today on' : `from ${utcDay(now, -wholeDays(until[0]))} on`}`
}
