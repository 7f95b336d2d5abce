import { type CloudWatchClient, GetMetricDataCommand, type MetricDataResult } from '@aws-sdk/client-cloudwatch'
import type { MetricAsk, Outcome, Point } from '../questions/ask.ts'
import { refusedBy } from './refused.ts'

/** The most queries, and the most values, of one request (CloudWatch API Reference, GetMetricData). */
const LIMITS = { queries: 500, datapoints: 100_800 } as const

/** What IAM has to allow. */
export const GET_METRICS = 'cloudwatch:GetMetricData'

type MetricOutcome = Outcome<'metric'>

/** Asks for metrics: those of one span together, in as few requests as CloudWatch's limits allow. */
export async function askMetrics(
  client: CloudWatchClient,
  asks: MetricAsk[],
  now: () => Date,
  signal: AbortSignal,
): Promise<Map<MetricAsk, MetricOutcome>> {
  const spans = Map.groupBy(asks, ({ from, to }) => `${from} ${to}`)
  const batches = [...spans.values()].flatMap((of) => chunks(of, LIMITS.queries))
  const answered = await Promise.all(batches.map((batch) => askTogether(client, batch, now, signal)))
  return new Map(answered.flatMap((one) => [...one]))
}

function chunks<One>(all: One[], size: number): One[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}

async function askTogether(
  client: CloudWatchClient,
  asks: MetricAsk[],
  now: () => Date,
  signal: AbortSignal,
): Promise<Map<MetricAsk, MetricOutcome>> {
  const asOf = now().toISOString()
  try {
    const results = Map.groupBy(await allPages(client, asks, signal), ({ Id }) => Id)
    return new Map(asks.map((ask, at) => [ask, outcomeOf(results.get(idOf(at)) ?? [], asOf)]))
  } catch (error) {
    const refused = refusedBy(error, GET_METRICS)
    return new Map(asks.map((ask) => [ask, { refused }]))
  }
}

const idOf = (at: number) => `m${at}`

async function allPages(
  client: CloudWatchClient,
  asks: MetricAsk[],
  abortSignal: AbortSignal,
): Promise<MetricDataResult[]> {
  const results: MetricDataResult[] = []
  let token: string | undefined
  do {
    const command = new GetMetricDataCommand({
      MetricDataQueries: asks.map(({ series: { namespace, metric, dimensions }, statistic, periodS }, at) => ({
        Id: idOf(at),
        MetricStat: {
          Metric: {
            Namespace: namespace,
            MetricName: metric,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: periodS,
          Stat: statistic,
        },
      })),
      StartTime: new Date(asks[0]?.from ?? ''),
      EndTime: new Date(asks[0]?.to ?? ''),
      ScanBy: 'TimestampAscending',
      MaxDatapoints: LIMITS.datapoints,
      ...(token !== undefined && { NextToken: token }),
    })
    const page = await client.send(command, { abortSignal })
    results.push(...(page.MetricDataResults ?? []))
    token = page.NextToken
  } while (token !== undefined)
  return results
}

/** A metric may be refused alone, in an answer that is otherwise good. */
function outcomeOf(pages: MetricDataResult[], asOf: string): MetricOutcome {
  if (pages.some(({ StatusCode }) => StatusCode === 'Forbidden')) {
    return {
      refused: { needs: 'cloudwatch:GetMetricData', why: 'this metric is of an account that this role may not read' },
    }
  }
  const points = pages.flatMap(({ Timestamps = [], Values = [] }) =>
    Timestamps.map((time, at): Point => [time.getTime() / 1_000, Values[at] ?? Number.NaN]),
  )
  // A sum over what is there would be a figure, and a wrong one.
  if (pages.some(({ StatusCode }) => StatusCode === 'InternalError') || pages.at(-1)?.StatusCode === 'PartialData')
    return { refused: { why: 'CloudWatch could not read all of this metric: try again' } }
  return { data: points, asOf }
}
