import type { PlatformMetric } from '../../schemas/platform.ts'
import { seriesOf } from '../platform/series.ts'
import type { Ask, MetricAsk, Outcome } from './ask.ts'
import { costAsk, totalOf } from './cost.ts'
import type { Context } from './question.ts'
import { DAY_S, DAYS_OF_COST, isCompleteDay, utcDay } from './spans.ts'

/** A value of one of the file's own metrics, to be published. */
export interface DayValue extends Pick<PlatformMetric, 'namespace' | 'metric' | 'unit' | 'dimensions'> {
  value: number
  at: Date
}

/** In the last minute of its day: the later, the sooner CloudWatch shows what is published afterwards. */
const LAST_MINUTE_MS = (DAY_S - 60) * 1_000

/** The metrics of the file that the daily report publishes (`by: daily-report`). */
function metricsOf({ platform }: Context) {
  return Object.values(platform.metrics).flatMap((metric) =>
    metric.from?.by === 'daily-report' ? [{ ...metric, per: metric.from.per }] : [],
  )
}

/** What has to be asked for them. The costs are those that the daily report asks for, too. */
export function dayAsks(context: Context): Ask[] {
  const metrics = metricsOf(context)
  if (metrics.length === 0) return []
  return [costAsk(context), ...metrics.flatMap(({ per }) => (per === undefined ? [] : sumAsks(context, per)))]
}

/** For each day of UTC, as costs are. */
function sumAsks({ platform, now }: Context, ref: string): MetricAsk[] {
  const span = { from: midnight(utcDay(now, DAYS_OF_COST)), to: midnight(utcDay(now)) }
  return seriesOf(platform, ref).map((series) => ({
    ...{ kind: 'metric', series, statistic: 'Sum', periodS: DAY_S },
    ...span,
  }))
}

const midnight = (day: string) => new Date(day).toISOString()

/**
 * Each metric's value on each complete day that was asked for: what the day cost, or that by the sum of another metric.
 * Every run gives the last days again, so that a day without a run has its value, too: nobody may add them up
 * (`summed-twice` in shared/platform/findings.ts). What is not known is absent.
 */
export function dayValues(context: Context, outcomeOf: (ask: Ask) => Outcome): DayValue[] {
  const costs = outcomeOf(costAsk(context)) as Outcome<'costs'>
  if (!('data' in costs)) return []
  const days = costs.data.filter(
    ({ day, services }) => isCompleteDay(day, context.now) && Object.keys(services).length > 0,
  )
  return metricsOf(context).flatMap(({ namespace, metric, unit, dimensions, per }) => {
    const sums = per === undefined ? undefined : sumsOf(context, per, outcomeOf)
    return days.flatMap((one) => {
      const divisor = per === undefined ? 1 : sums?.get(one.day)
      if (!divisor) return []
      const at = new Date(Date.parse(one.day) + LAST_MINUTE_MS)
      return [{ namespace, metric, unit, dimensions, value: totalOf(one) / divisor, at }]
    })
  })
}

/** By day; nothing when one of its lines is unknown. */
function sumsOf(context: Context, ref: string, outcomeOf: (ask: Ask) => Outcome): Map<string, number> | undefined {
  const sums = new Map<string, number>()
  for (const ask of sumAsks(context, ref)) {
    const outcome = outcomeOf(ask) as Outcome<'metric'>
    if (!('data' in outcome)) return undefined
    for (const [time, value] of outcome.data) {
      const day = new Date(time * 1_000).toISOString().slice(0, 10)
      sums.set(day, (sums.get(day) ?? 0) + value)
    }
  }
  return sums
}
