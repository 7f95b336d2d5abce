import type { Platform, PlatformAlarm } from '../../schemas/platform.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import { boundOf } from '../../shared/platform/findings.ts'
import { type Series, seriesOf } from '../../shared/platform/series.ts'
import { dimensionsOf } from '../dimensions.ts'
import type { TemplateResource } from '../email-topics.ts'
import { idOf, PREFIX } from './names.ts'

/** Whom an alarm is for, and what to do about it. */
interface Meant {
  what: string
  severity?: PlatformAlarm['severity']
  owner: string
  runbook?: string | undefined
}

/** The router: an alarm that ends resolves what it opened. */
export const NOTIFIES = { AlarmActions: [{ Ref: 'AlarmsTopic' }], OKActions: [{ Ref: 'AlarmsTopic' }] }

const MISSING = { bad: 'breaching', good: 'notBreaching', ignore: 'ignore' } as const

const OPERATORS = {
  above: 'GreaterThanThreshold',
  below: 'LessThanThreshold',
  atLeast: 'GreaterThanOrEqualToThreshold',
} as const

/** The alarms that the file names; and for each with `silentFor`, one that says that nobody measures. */
export function alarms(platform: Platform): Record<string, TemplateResource> {
  return Object.fromEntries(
    Object.entries(platform.alarms).flatMap(([name, alarm]) => [
      [idOf(name, 'Alarm'), alarmOf(platform, name, alarm)],
      ...silence(platform, name, alarm),
    ]),
  )
}

function alarmOf(platform: Platform, name: string, alarm: PlatformAlarm): TemplateResource {
  const { periods, datapoints, period, missing } = alarm
  const periodS = durationMs(period) / 1_000
  const { key, value } = boundOf(alarm)
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...describedAs(name, alarm),
      ...measured(platform, alarm, periodS),
      EvaluationPeriods: periods,
      ...(datapoints !== undefined && { DatapointsToAlarm: datapoints }),
      Threshold: value,
      ComparisonOperator: OPERATORS[key],
      TreatMissingData: MISSING[missing],
      ...NOTIFIES,
    },
  }
}

function measured(platform: Platform, { metric, ratio, statistic }: PlatformAlarm, periodS: number): object {
  if (ratio) return { Metrics: percentOf(platform, ratio, periodS) }
  const [series] = seriesOf(platform, metric ?? '')
  return series ? { ...ofOne(series), ...statisticOf(statistic ?? series.statistic), Period: periodS } : {}
}

export const ofOne = ({ namespace, metric, dimensions }: Series) => ({
  Namespace: namespace,
  MetricName: metric,
  Dimensions: dimensionsOf(dimensions),
})

/** A percentile of few values is the value of one of them: it says nothing (CloudWatch User Guide, Percentile-based alarms). */
function statisticOf(statistic: string): object {
  if (!statistic.startsWith('p')) return { Statistic: statistic }
  return { ExtendedStatistic: statistic, EvaluateLowSampleCountPercentile: 'ignore' }
}

/** Fails to answer for so long after it was created: nobody has published yet. */
const WARM_UP_MINUTES = 60
const SILENCE_PERIOD_S = 300

function silence(platform: Platform, name: string, alarm: PlatformAlarm): [string, TemplateResource][] {
  const [series] = seriesOf(platform, alarm.metric ?? '')
  if (alarm.silentFor === undefined || !series) return []
  const { metric, namespace } = series
  const what = `Nobody publishes ${namespace} ${metric}: nobody knows whether "${alarm.what}"`
  const properties = {
    ...describedAs(`${name}-silent`, { ...alarm, what }),
    ...ofOne(series),
    Statistic: 'SampleCount',
    Period: SILENCE_PERIOD_S,
    EvaluationPeriods: Math.max(1, Math.ceil(durationMs(alarm.silentFor) / 1_000 / SILENCE_PERIOD_S)),
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
    // Else it would fire in the first minutes of the first deployment.
    WarmUpConfiguration: {
      WarmUpPeriodDurationInMinutes: WARM_UP_MINUTES,
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
    },
    ...NOTIFIES,
  }
  return [[idOf(`${name}-silent`, 'Alarm'), { Type: 'AWS::CloudWatch::Alarm', Properties: properties }]]
}

/** Its name, and what the router reads: the message of an alarm has a description, and no tags. */
export function describedAs(name: string, { what, severity, owner, runbook }: Meant): object {
  const facts = { severity, owner, runbook }
  const lines = Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
  return {
    AlarmName: `${PREFIX}-${name}`,
    AlarmDescription: [what, ...lines].join('\n'),
    Tags: Object.entries({ severity, owner }).flatMap(([Key, Value]) => (Value === undefined ? [] : [{ Key, Value }])),
  }
}

/** How many of `total` are `bad`, in percent; 0 when there are fewer than `least`, or none. */
export function percentOf(
  platform: Platform,
  { bad, total, of }: NonNullable<PlatformAlarm['ratio']>,
  periodS: number,
  least = 1,
): object[] {
  const stat = (id: string, service: string, metric: string) => {
    const [series] = seriesOf(platform, `${service}.${metric}`)
    const { namespace = '', dimensions = {} } = series ?? {}
    return {
      Id: id,
      MetricStat: {
        Metric: { Namespace: namespace, MetricName: metric, Dimensions: dimensionsOf(dimensions) },
        Period: periodS,
        Stat: 'Sum',
      },
      ReturnData: false,
    }
  }
  return [
    ...of.flatMap((service, at) => [stat(`b${at}`, service, bad), stat(`t${at}`, service, total)]),
    { Id: 'total', Expression: sumOf('t', of), ReturnData: false },
    { Id: 'bad', Expression: sumOf('b', of), ReturnData: false },
    { Id: 'percent', Expression: `IF(total >= ${least}, 100 * bad / total, 0)`, Label: `${bad} (%)`, ReturnData: true },
  ]
}

/** `FILL(t0, 0) + FILL(t1, 0)`: a service that nobody uses counts as 0. */
export const sumOf = (letter: string, services: string[]): string =>
  services.map((_, at) => `FILL(${letter}${at}, 0)`).join(' + ')
