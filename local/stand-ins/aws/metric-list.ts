import type { ListMetricsCommandInput, ListMetricsCommandOutput } from '@aws-sdk/client-cloudwatch'
import type { MetricLine } from './data.ts'
import type { Asked } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const PAGE = 500
const MAX_FILTERS = 10
const HOUR_MS = 3_600_000
/** A metric without data for so long is not listed any more. */
const LISTED_MS = 14 * 24 * HOUR_MS

/** The metrics that had data lately; filters match whole names (CloudWatch API Reference, ListMetrics). */
export function listMetrics(input: ListMetricsCommandInput, asked: Asked): Omit<ListMetricsCommandOutput, '$metadata'> {
  const { Namespace, MetricName, Dimensions = [], RecentlyActive } = input
  if (Dimensions.length > MAX_FILTERS) {
    throw new Refusal('ValidationError', `The collection Dimensions must not have a size greater than ${MAX_FILTERS}.`)
  }
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H') {
    throw new Refusal('ValidationError', `RecentlyActive must be PT3H`)
  }
  const sinceMs = asked.now.getTime() - (RecentlyActive ? 3 * HOUR_MS : LISTED_MS)
  const found = asked.data.metrics.filter(
    (line) =>
      (Namespace === undefined || line.namespace === Namespace) &&
      (MetricName === undefined || line.metric === MetricName) &&
      Dimensions.every(({ Name = '', Value }) => {
        const has = line.dimensions[Name]
        return has !== undefined && (Value === undefined || has === Value)
      }) &&
      hasDataSince(line, sinceMs, asked.now.getTime()),
  )
  const { items, next } = page(found, { token: input.NextToken, size: PAGE, of: input }, asked)
  return { Metrics: items.map(described), NextToken: next }
}

function described({ namespace, metric, dimensions }: MetricLine) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  return { Namespace: namespace, MetricName: metric, Dimensions }
}

/** From the newest sample back: a metric that is published has one soon. */
function hasDataSince({ everyS, at }: MetricLine, sinceMs: number, nowMs: number): boolean {
  const stepMs = everyS * 1_000
  for (let time = Math.floor(nowMs / stepMs) * stepMs; time >= sinceMs - stepMs; time -= stepMs) {
    if (at(time)) return true
  }
  return false
}
