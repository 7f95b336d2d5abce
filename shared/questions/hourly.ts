import { seriesOf } from '../platform/series.ts'
import type { MetricAsk } from './ask.ts'
import type { Context } from './question.ts'
import { lastDays, type Span } from './spans.ts'

export const HOUR_S = 3_600

/** A metric of the file over a span. @throws {Error} for one that it does not define. */
export function metricAsk(
  { platform }: Context,
  ref: string,
  statistic: string,
  periodS: number,
  span: Span,
): MetricAsk {
  const [series] = seriesOf(platform, ref)
  if (!series) throw new Error(`no metric ${ref}`)
  return { kind: 'metric', series, statistic, periodS, ...span }
}

/** Hour by hour, over the last days. @throws {Error} for a metric that the file does not define. */
export function hourly(context: Context, ref: string, statistic: string, days: number): MetricAsk {
  return metricAsk(context, ref, statistic, HOUR_S, lastDays(context.now, days))
}

/** The functions of the platform, by the names of their services. */
export const functionsOf = ({ platform }: Context): string[] =>
  Object.entries(platform.services).flatMap(([name, { type }]) => (type === 'lambda' ? [name] : []))
