import { HEARTBEAT } from '../../shared/observe/heartbeat.ts'
import type { Metric } from '../../shared/observe/metrics.ts'
import type { MetricLine } from '../stand-ins/aws/data.ts'

/** Where a deployed router publishes (METRICS_NAMESPACE in serverless.yml). */
export const ROUTER_METRICS = 'alert-router/prod'

/** Some ms, of a clock that runs each minute. */
const LATE_MS = 240

/** The router of the demo works. */
export function routerMetrics(): MetricLine[] {
  return [
    {
      ...{ namespace: ROUTER_METRICS, metric: 'LatencyMs' satisfies Metric, unit: 'Milliseconds' },
      dimensions: { Channel: HEARTBEAT.channel },
      everyS: HEARTBEAT.minutes * 60,
      at: () => ({ values: [LATE_MS] }),
    },
    {
      ...{ namespace: ROUTER_METRICS, metric: 'DueLateMs' satisfies Metric, unit: 'Milliseconds' },
      dimensions: {},
      everyS: 60,
      at: () => ({ values: [LATE_MS] }),
    },
  ]
}
