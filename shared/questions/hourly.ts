import { seriesOf } from '../platform/series.ts'
import type { MetricAsk } from './ask.ts'
import type { Context } from './question.ts'
import { HOUR_S, lastDays, type Span } from './spans.ts'

/** CloudWatch keeps values by the minute for 15 days, and by five minutes for 63 (CloudWatch User Guide, Metrics retention). */
const KEPT = [
  { days: 63, periodS: 3_600 },
  { days: 15, periodS: 300 },
]

function finestS(now: Date, from: string): number {
  const days = (now.getTime() - Date.parse(from)) / 86_400_000
  return KEPT.find((kept) => days > kept.days)?.periodS ?? 60
}

/** A metric of the file over a span, as finely as CloudWatch still has it. @throws {Error} for one that it does not define. */
export function metricAsk(
  { platform, now }: Context,
  ref: string,
  statistic: string,
  periodS: number,
  span: Span,
): MetricAsk {
  const [series] = seriesOf(platform, ref)
  if (!series) throw new Error(`no metric ${ref}`)
  return { kind: 'metric', series, statistic, periodS: Math.max(periodS, finestS(now, span.from)), ...span }
}

/** Hour by hour, over the last days. @throws {Error} for a metric that the file does not define. */
export function hourly(context: Context, ref: string, statistic: string, days: number): MetricAsk {
  return metricAsk(context, ref, statistic, HOUR_S, lastDays(context.now, days))
}

/** The functions of the platform, by the names of their services. */
export const functionsOf = ({ platform }: Context): string[] =>
  Object.entries(platform.services).flatMap(([name, { type }]) => (type === 'lambda' ? [name] : []))
