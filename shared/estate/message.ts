import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import type { EstateAlarm } from './alarm.ts'

/** CloudWatch writes a statistic so in a message: `SAMPLE_COUNT` is `SampleCount`. */
const STATISTICS: Record<string, string> = {
  Average: 'AVERAGE',
  Maximum: 'MAXIMUM',
  Minimum: 'MINIMUM',
  SampleCount: 'SAMPLE_COUNT',
  Sum: 'SUM',
}

/**
 * What CloudWatch will publish to a topic when an alarm begins to fire: all that its account knows today. What is measured
 * then is not in it: no observed value, and no reason with one.
 * @param tags of the alarm: they are in the message if it passes them on.
 */
export function messageOf(alarm: EstateAlarm, tags: Record<string, string>, at: Date): Json {
  const { type, raw, name, arn, account, description, actions } = alarm
  const passedOn = tagsPassedOn(raw, tags)
  return {
    AlarmName: name,
    AlarmDescription: description ?? null,
    ...(account !== undefined && { AWSAccountId: account }),
    ...(alarm.region !== undefined && { Region: alarm.region }),
    ...(arn !== undefined && { AlarmArn: arn }),
    NewStateValue: 'ALARM',
    OldStateValue: 'OK',
    StateChangeTime: at.toISOString().replace('Z', '+0000'),
    OKActions: actions.ok,
    AlarmActions: actions.alarm,
    InsufficientDataActions: actions.insufficientData,
    ...(type === 'composite' ? { AlarmRule: raw.AlarmRule, TriggeringChildren: [] } : { Trigger: triggerOf(alarm) }),
    ...(passedOn && { AlarmTags: passedOn, AlarmTagsStatus: 'Complete' }),
  }
}

/** Those that an alarm is set to pass on; undefined when it passes on none. */
export function tagsPassedOn(raw: Json, tags: Record<string, string>): Record<string, string> | undefined {
  const wanted = asObject(asObject(raw.ActionConfiguration)?.AlarmTagsPropagation)
  if (wanted?.Enabled !== true) return undefined
  const keys = (list: unknown) => asList(list).flatMap((key) => asText(key) ?? [])
  const [only, never] = [keys(wanted.IncludedTagKeys), keys(wanted.ExcludedTagKeys)]
  const passed = Object.entries(tags).filter(
    ([key]) => (only.length === 0 || only.includes(key)) && !never.includes(key),
  )
  return Object.fromEntries(passed)
}

function triggerOf({ type, raw }: EstateAlarm): Json {
  return {
    ...(type === 'log' ? logSource(raw) : metricSource(raw)),
    ComparisonOperator: raw.ComparisonOperator,
    ...(asNumber(raw.Threshold) !== undefined && { Threshold: asNumber(raw.Threshold) }),
    ...(raw.ThresholdMetricId !== undefined && { ThresholdMetricId: raw.ThresholdMetricId }),
    TreatMissingData: asText(raw.TreatMissingData) ?? 'missing',
  }
}

function metricSource(raw: Json): Json {
  const periods = {
    EvaluationPeriods: raw.EvaluationPeriods,
    DatapointsToAlarm: raw.DatapointsToAlarm,
    EvaluateLowSampleCountPercentile: raw.EvaluateLowSampleCountPercentile ?? '',
  }
  const lines = asList(raw.Metrics)
  if (lines.length > 0) return { Metrics: lines.map(messageLine), ...periods }
  if (asObject(raw.EvaluationCriteria)) return { EvaluationCriteria: raw.EvaluationCriteria }
  const statistic = asText(raw.Statistic)
  return {
    MetricName: raw.MetricName,
    Namespace: raw.Namespace,
    ...(statistic === undefined
      ? { StatisticType: 'ExtendedStatistic', ExtendedStatistic: raw.ExtendedStatistic }
      : { StatisticType: 'Statistic', Statistic: STATISTICS[statistic] ?? statistic.toUpperCase() }),
    Unit: raw.Unit ?? null,
    Dimensions: asList(raw.Dimensions).map(messageDimension),
    Period: raw.Period,
    ...periods,
  }
}

function messageLine(line: unknown): unknown {
  const given = asObject(line)
  const stat = asObject(given?.MetricStat)
  const metric = asObject(stat?.Metric)
  if (!given || !stat || !metric) return line
  return {
    ...given,
    MetricStat: { ...stat, Metric: { ...metric, Dimensions: asList(metric.Dimensions).map(messageDimension) } },
  }
}

/** In a message, they are written small. */
function messageDimension(dimension: unknown): Json {
  const { Name, Value } = asObject(dimension) ?? {}
  return { name: Name, value: Value }
}

function logSource(raw: Json): Json {
  return {
    ScheduledQueryConfiguration: raw.ScheduledQueryConfiguration,
    QueryResultsToEvaluate: raw.QueryResultsToEvaluate,
    QueryResultsToAlarm: raw.QueryResultsToAlarm,
  }
}
