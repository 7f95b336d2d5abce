import { seriesOf } from '../platform/series.ts'
import type { MetricAsk } from './ask.ts'
import type { Context } from './question.ts'
import { lastDays } from './spans.ts'

export const HOUR_S = 3_600

/** A metric of the file, hour by hour, over the last days. @throws {Error} for one that it does not define. */
export function hourly({ platform, now }: Context, ref: string, statistic: string, days: number): MetricAsk {
  const [series] = seriesOf(platform, ref)
  if (!series) throw new Error(`no metric ${ref}`)
  return { kind: 'metric', series, statistic, periodS: HOUR_S, ...lastDays(now, days) }
}

/** The functions of the platform, by the names of their services. */
export const functionsOf = ({ platform }: Context): string[] =>
  Object.entries(platform.services).flatMap(([name, { type }]) => (type === 'lambda' ? [name] : []))
