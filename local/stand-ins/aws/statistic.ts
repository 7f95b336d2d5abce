import type { Sample } from './data.ts'

/** The samples of one period. */
interface Bucket {
  count: number
  sum: number
  least: number
  most: number
  /** For percentiles. */
  samples: Sample[]
}

function bucketOf(samples: Sample[]): Bucket {
  const bucket = { count: 0, sum: 0, least: Number.POSITIVE_INFINITY, most: Number.NEGATIVE_INFINITY, samples }
  for (const { values, counts } of samples) {
    for (const [at, value] of values.entries()) {
      const count = counts?.[at] ?? 1
      if (count <= 0) continue
      bucket.count += count
      bucket.sum += value * count
      if (value < bucket.least) bucket.least = value
      if (value > bucket.most) bucket.most = value
    }
  }
  return bucket
}

/**
 * A statistic of a period's samples: one of the five plain ones, or a percentile (CloudWatch User Guide, Statistics
 * definitions). @returns nothing without samples, or for a statistic that nobody here asks for: tm, wm, PR and others.
 */
export function statisticOf(statistic: string, samples: Sample[]): number | undefined {
  const bucket = bucketOf(samples)
  if (bucket.count === 0) return undefined
  switch (statistic) {
    case 'SampleCount':
      return bucket.count
    case 'Sum':
      return bucket.sum
    case 'Average':
      return bucket.sum / bucket.count
    case 'Minimum':
      return bucket.least
    case 'Maximum':
      return bucket.most
    default:
      return percentileOf(Number(/^p([\d.]+)$/.exec(statistic)?.[1]), bucket)
  }
}

/** The smallest value that at least so many percent do not exceed. */
function percentileOf(percent: number, { samples, count }: Bucket): number | undefined {
  if (Number.isNaN(percent)) return undefined
  const all = samples.flatMap(({ values, counts }) => values.map((value, at) => [value, counts?.[at] ?? 1] as const))
  all.sort(([a], [b]) => a - b)
  let left = (percent / 100) * count
  for (const [value, times] of all) {
    left -= times
    if (left <= 0 && times > 0) return value
  }
  return all.at(-1)?.[0]
}
