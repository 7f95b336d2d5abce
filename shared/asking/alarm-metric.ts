import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricAlarm,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch'
import type { AlarmMetric, Point } from '../questions/ask.ts'
import { RefusedError } from './refused.ts'

const MINUTE_S = 60

interface AlarmAsked {
  alarm: string
  from: string
  to: string
}

/**
 * The values that an alarm compares, as its own definition asks for them.
 * @throws {RefusedError} for an alarm that is gone, or watches no metric.
 */
export async function askAlarmMetric(
  client: CloudWatchClient,
  { alarm: name, from, to }: AlarmAsked,
  abortSignal: AbortSignal,
): Promise<AlarmMetric> {
  const { MetricAlarms: [alarm] = [] } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm'] }),
    { abortSignal },
  )
  if (!alarm) throw new RefusedError({ why: `there is no metric alarm ${name}` })
  const queries = queriesOf(alarm)
  const shown = queries.find(({ Id, ReturnData }) => ReturnData !== false && Id !== alarm.ThresholdMetricId)
  if (!shown) throw new RefusedError({ why: `${name} watches no metric` })
  const points: Point[] = []
  let token: string | undefined
  do {
    const { MetricDataResults = [], NextToken } = await client.send(
      new GetMetricDataCommand({
        MetricDataQueries: queries,
        StartTime: new Date(from),
        EndTime: new Date(to),
        ScanBy: 'TimestampAscending',
        ...(token !== undefined && { NextToken: token }),
      }),
      { abortSignal },
    )
    const found = MetricDataResults.filter(({ Id }) => Id === shown.Id)
    points.push(
      ...found.flatMap(({ Timestamps = [], Values = [] }) =>
        Timestamps.map((time, at): Point => [time.getTime() / 1_000, Values[at] ?? Number.NaN]),
      ),
    )
    token = NextToken
  } while (token !== undefined)
  return { points, ...factsOf(alarm, queries, shown) }
}

function factsOf(alarm: MetricAlarm, queries: MetricDataQuery[], shown: MetricDataQuery): Omit<AlarmMetric, 'points'> {
  const { Threshold: threshold, ComparisonOperator: comparison } = alarm
  const { Label, MetricStat, Expression, Period } = shown
  const statistic = MetricStat?.Stat
  const periods = queries.flatMap((one) => one.MetricStat?.Period ?? one.Period ?? [])
  return {
    label: Label ?? MetricStat?.Metric?.MetricName ?? Expression ?? '',
    periodS: MetricStat?.Period ?? Period ?? Math.max(MINUTE_S, ...periods),
    ...(statistic !== undefined && { statistic }),
    ...(threshold !== undefined && { threshold }),
    ...(comparison !== undefined && { comparison }),
  }
}

/** An alarm has queries, or else one metric. */
function queriesOf(alarm: MetricAlarm): MetricDataQuery[] {
  const { Metrics = [], Namespace, MetricName, Dimensions = [], Period = MINUTE_S, Unit } = alarm
  const Stat = alarm.ExtendedStatistic ?? alarm.Statistic
  if (Metrics.length > 0) return Metrics
  if (MetricName === undefined || Stat === undefined) return []
  const Metric = { Namespace, MetricName, Dimensions }
  return [{ Id: 'm0', MetricStat: { Metric, Period, Stat, ...(Unit && { Unit }) } }]
}
