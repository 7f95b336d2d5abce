import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { paginateListServiceQuotas, type ServiceQuota, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import type { MetricAsk, Point, Quotas, QuotasAsk, QuotaUse } from '../questions/ask.ts'
import { askMetrics } from './metrics.ts'
import { RefusedError } from './refused.ts'

const HOUR_S = 3_600
/** Calls are counted so finely for two weeks and more (CloudWatch User Guide, Metrics retention). */
const RATE_S = 300

/** In seconds: quotas of calls are for one of these (Service Quotas API Reference, QuotaPeriod). */
const PERIODS_S: Record<string, number> = {
  MILLISECOND: 0.001,
  SECOND: 1,
  MINUTE: 60,
  HOUR: HOUR_S,
  DAY: 86_400,
  WEEK: 604_800,
}

/** The quotas of services; of those that name the metric by which they are used, what was used most. */
export async function askQuotas(
  client: ServiceQuotasClient,
  cloudWatch: CloudWatchClient,
  { services, from, to }: QuotasAsk,
  signal: AbortSignal,
): Promise<Quotas> {
  const quotas: ServiceQuota[] = []
  // One after the other: Service Quotas allows few requests a second.
  for (const service of services) quotas.push(...(await quotasOf(client, service, signal)))
  const asks = quotas.map((quota) => [quota, usageOf(quota, from, to)] as const)
  const metrics = asks.flatMap(([, ask]) => ask ?? [])
  const outcomes = await askMetrics(cloudWatch, metrics, () => new Date(to), signal)
  const used = asks.flatMap(([quota, ask]): QuotaUse[] => {
    const outcome = ask && outcomes.get(ask)
    if (outcome && 'refused' in outcome) throw new RefusedError(outcome.refused)
    const use = ask && outcome && mostOf(quota, outcome.data, ask.periodS)
    return use ? [use] : []
  })
  return { used, unknown: quotas.length - used.length }
}

/** Nothing of a service that has none in this region. */
async function quotasOf(client: ServiceQuotasClient, service: string, signal: AbortSignal): Promise<ServiceQuota[]> {
  const found: ServiceQuota[] = []
  try {
    const pages = paginateListServiceQuotas(
      { client, pageSize: 100 },
      { ServiceCode: service },
      { abortSignal: signal },
    )
    for await (const { Quotas: page = [] } of pages) found.push(...page)
  } catch (error) {
    if ((error as Error).name !== 'NoSuchResourceException') throw error
  }
  return found
}

/** What shows how much of a quota is used. */
function usageOf({ UsageMetric, Period }: ServiceQuota, from: string, to: string): MetricAsk | undefined {
  const { MetricNamespace: namespace, MetricName: metric, MetricDimensions: dimensions = {} } = UsageMetric ?? {}
  if (namespace === undefined || metric === undefined) return undefined
  const isRate = Period !== undefined
  return {
    kind: 'metric',
    series: { namespace, metric, dimensions },
    statistic: isRate ? 'Sum' : (UsageMetric?.MetricStatisticRecommendation ?? 'Maximum'),
    periodS: isRate ? RATE_S : HOUR_S,
    from,
    to,
  }
}

function mostOf(quota: ServiceQuota, points: Point[], periodS: number): QuotaUse | undefined {
  const { ServiceName, ServiceCode = '', QuotaCode = '', QuotaName = '', Value: limit = 0, Period } = quota
  if (points.length === 0 || limit <= 0) return undefined
  const most = points.reduce((max, [, value]) => Math.max(max, value), 0)
  const ofS = Period && (Period.PeriodValue ?? 1) * (PERIODS_S[Period.PeriodUnit ?? ''] ?? 1)
  return {
    service: ServiceName ?? ServiceCode,
    serviceCode: ServiceCode,
    code: QuotaCode,
    name: QuotaName,
    limit,
    used: ofS === undefined ? most : (most / periodS) * ofS,
    isAdjustable: quota.Adjustable ?? false,
    isRate: ofS !== undefined,
  }
}
