import type { Kpi } from '../../schemas/platform.ts'
import { durationMs } from '../decide/duration.ts'
import { type Series, seriesOf } from '../platform/series.ts'
import type { Line } from './answer.ts'
import type { MetricAsk, Point } from './ask.ts'
import { summed } from './daily.ts'
import { duration, type FigureUnit, figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_S, HOUR_S, lastDays } from './spans.ts'

/**
 * The last value of a day may be of some days ago: what a day cost is known a day after it, published by the next daily
 * check, and shown two days later (CloudWatch API Reference, PutMetricData: of values that are older than a day).
 */
const DAYS_BACK = 7

/** The figures of the file that are metrics. */
export function figures(context: Context): Question[] {
  return Object.entries(context.platform.kpis).flatMap(([name, kpi]) => {
    const [series, ...more] = kpi.metric === undefined ? [] : seriesOf(context.platform, kpi.metric)
    // What a day costs is a question of its own, asked of Cost Explorer itself.
    const isCost = series?.from?.by === 'daily-report' && series.from.per === undefined
    return series && !isCost ? [ofMetric(context, name, kpi, [series, ...more])] : []
  })
}

/** Of a bucket with several storage types, it is the sum of all. */
function ofMetric({ now }: Context, name: string, kpi: Kpi, all: [Series, ...Series[]]): Question {
  const [series] = all
  const statistic = kpi.statistic ?? series.statistic
  const isDaily = series.everyS === DAY_S
  // Whole hours of `over`, and no more: a bound of a day is none of a week.
  const hours = Math.max(1, Math.ceil(durationMs(kpi.over) / 1_000 / HOUR_S))
  const span = lastDays(now, isDaily ? DAYS_BACK : hours / 24)
  const periodS = isDaily ? DAY_S : HOUR_S
  const ask = (one: Series, of: string): MetricAsk => ({ kind: 'metric', series: one, statistic: of, periodS, ...span })
  const lines = Object.fromEntries(all.map((one, at) => [`line ${at}`, ask(one, statistic)]))
  return question({
    id: `figure ${name}`,
    title: kpi.what,
    // Averages of hours count by how many values they are of.
    asks: { ...lines, counts: ask(series, 'SampleCount') },
    answer: ({ counts, ...found }) =>
      measured(kpi, series, { statistic, values: summed(Object.values(found)), counts, ...span }),
  })
}

interface Measured {
  statistic: string
  values: Point[]
  counts: Point[]
  from: string
  to: string
}

/** Older at the end of the span, a value of a day says nothing about now. */
const STALE_DAYS = 5

function measured(kpi: Kpi, series: Series, { statistic, values, counts, from, to }: Measured) {
  const unit = unitOf(series)
  const isDaily = series.everyS === DAY_S
  const last = values.at(-1)
  if (!last) {
    const says = `nobody has published ${series.namespace} ${series.metric}`
    return { verdict: 'no data' as const, says, ...boundOf(kpi, unit) }
  }
  // Half of the span without a value: what was before is no figure of it.
  const mostS = isDaily ? STALE_DAYS * DAY_S : (Date.parse(to) - Date.parse(from)) / 2_000
  const silentS = Date.parse(to) / 1_000 - last[0] - (isDaily ? DAY_S : HOUR_S)
  if (silentS > mostS) {
    const says = `${figure(last[1], unit)}, and nothing since, for ${duration(silentS)}`
    return {
      verdict: 'no data' as const,
      says,
      ...boundOf(kpi, unit),
      line: lineOf(kpi, unit, values, isDaily ? DAY_S : HOUR_S),
    }
  }
  const value = isDaily ? (values.at(-1)?.[1] ?? 0) : overall(statistic, values, counts)
  const { isGood, isTodo } = judged(kpi, value)
  const verdict =
    isGood === undefined
      ? ('shown' as const)
      : isGood
        ? ('good' as const)
        : isTodo
          ? ('bad' as const)
          : ('shown' as const)
  return {
    verdict,
    says: `${figure(value, unit)}${isDaily ? ` on ${new Date(last[0] * 1_000).toISOString().slice(0, 10)}` : how(statistic)}`,
    ...boundOf(kpi, unit),
    ...(verdict === 'bad' && {
      todo: `${kpi.what} is ${beside(value, kpi, unit)}, and should be ${boundOf(kpi, unit).bound}`,
    }),
    ...(isGood === false && !isTodo && { compared: ['less than it is sized for: it could be smaller'] }),
    line: lineOf(kpi, unit, values, isDaily ? DAY_S : HOUR_S),
  }
}

/** CloudWatch has no unit for money: what the daily report publishes is in US dollars. */
export const unitOf = ({ unit, from }: Series): FigureUnit => (from?.by === 'daily-report' ? 'USD' : unit)

/** Hours have no common percentile: of these, the worst hour counts. */
const how = (statistic: string) => (statistic.startsWith('p') ? ` (${statistic} of the worst hour)` : '')

/** Where both would read alike, it says on which side of the bound the value is. */
export function beside(value: number, { atLeast, atMost, between }: Kpi, unit: FigureUnit): string {
  const text = figure(value, unit)
  const bound = [atLeast, atMost, ...(between ?? [])].find((one) => one !== undefined && figure(one, unit) === text)
  return bound === undefined || bound === value ? text : `just ${value < bound ? 'below' : 'above'} ${text}`
}

function overall(statistic: string, values: Point[], counts: Point[]): number {
  const all = values.map(([, value]) => value)
  if (statistic === 'Sum' || statistic === 'SampleCount') return all.reduce((sum, value) => sum + value, 0)
  if (statistic === 'Minimum') return Math.min(...all)
  if (statistic !== 'Average') return Math.max(...all)
  const weights = new Map(counts)
  const weighted = values.map(([time, value]) => ({ value, weight: weights.get(time) ?? 1 }))
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0)
  return weighted.reduce((sum, { value, weight }) => sum + value * weight, 0) / total
}

/** Below what is optimal costs money, and nobody has to do anything about it today. */
export function judged({ atLeast, atMost, between }: Kpi, value: number): { isGood?: boolean; isTodo: boolean } {
  if (atLeast !== undefined) return { isGood: value >= atLeast, isTodo: true }
  if (atMost !== undefined) return { isGood: value <= atMost, isTodo: true }
  if (between) return { isGood: value >= between[0] && value <= between[1], isTodo: value > between[1] }
  return { isTodo: false }
}

export function boundOf({ atLeast, atMost, between }: Kpi, unit: FigureUnit): { bound?: string } {
  if (atLeast !== undefined) return { bound: `at least ${figure(atLeast, unit)}` }
  if (atMost !== undefined) return { bound: `at most ${figure(atMost, unit)}` }
  return between ? { bound: `${figure(between[0], unit)} to ${figure(between[1], unit)}` } : {}
}

function lineOf({ atLeast, atMost, between }: Kpi, unit: FigureUnit, points: Point[], periodS: number): Line {
  const most = atMost ?? between?.[1]
  const bound =
    atLeast !== undefined
      ? { value: atLeast, is: 'at least' as const }
      : most === undefined
        ? undefined
        : { value: most, is: 'at most' as const }
  return { unit, points, periodS, ...(bound && { bound }) }
}
