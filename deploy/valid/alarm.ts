import { readMath, type Shape } from './math.ts'

/*
 * What PutMetricAlarm refuses, and what leaves an alarm blind, beyond a template's types (CloudWatch API Reference,
 * PutMetricAlarm; User Guide, Alarm evaluation and Metric math in alarms).
 */

export interface AlarmProperties {
  AlarmDescription?: unknown
  Period?: unknown
  EvaluationPeriods?: unknown
  DatapointsToAlarm?: unknown
  ExtendedStatistic?: unknown
  Threshold?: unknown
  ThresholdMetricId?: unknown
  Metrics?: DataQuery[]
  Dimensions?: unknown[]
  AlarmActions?: unknown[]
  OKActions?: unknown[]
  InsufficientDataActions?: unknown[]
}

interface DataQuery {
  Id: string
  Expression?: string
  MetricStat?: { Period?: unknown; Stat?: unknown }
  ReturnData?: boolean
}

const DAY_S = 86_400
const MAX_ACTIONS = 5
const MAX_DIMENSIONS = 30
const MAX_DESCRIPTION = 1_024
const MAX_EXPRESSION = 2_048
/** Of metrics, and as many expressions. */
const MAX_QUERIES = 10
/** A metric is stored by the minute unless it was published as high-resolution; shorter periods need that. */
const SHORT_PERIODS_S = [10, 20, 30]

export function alarmProblems(alarm: AlarmProperties): string[] {
  return [
    ...periodProblems(alarm),
    ...countProblems(alarm),
    ...(typeof alarm.ExtendedStatistic === 'string' ? statisticProblems(alarm.ExtendedStatistic) : []),
    ...(alarm.Metrics ? queryProblems(alarm.Metrics) : []),
    ...thresholdProblems(alarm),
    ...limitProblems(alarm),
  ]
}

function periodProblems({ Period, Metrics = [], EvaluationPeriods }: AlarmProperties): string[] {
  const periods = [Period, ...Metrics.map(({ MetricStat }) => MetricStat?.Period)].filter(isNumber)
  const wrong = periods.filter((period) => !SHORT_PERIODS_S.includes(period) && (period <= 0 || period % 60 !== 0))
  if (wrong.length > 0) return [`Period ${wrong[0]}: use ${SHORT_PERIODS_S.join(', ')} or a multiple of 60 seconds`]
  const [first, ...others] = periods
  if (others.some((other) => other !== first)) {
    return [`has the Periods ${[...new Set(periods)].join(' and ')}: all metrics of an alarm need the same`]
  }
  if (first === undefined || !isNumber(EvaluationPeriods)) return []
  const longest = first < 3600 ? DAY_S : 7 * DAY_S
  return first * EvaluationPeriods > longest
    ? [`looks back ${first * EvaluationPeriods} s (Period × EvaluationPeriods): at most ${longest} with this Period`]
    : []
}

function countProblems({ EvaluationPeriods, DatapointsToAlarm }: AlarmProperties): string[] {
  if (!isNumber(DatapointsToAlarm) || !isNumber(EvaluationPeriods)) return []
  return DatapointsToAlarm >= 1 && DatapointsToAlarm <= EvaluationPeriods
    ? []
    : [`DatapointsToAlarm ${DatapointsToAlarm}: use 1 to EvaluationPeriods, ${EvaluationPeriods}`]
}

const PERCENTILE = /^p(\d{1,3}(?:\.\d{1,10})?)$/
const TRIMMED = /^(?:tm|tc|ts|wm)(\d{1,3}(?:\.\d{1,10})?)$/
const RANGE = /^(?:TM|TC|TS|WM|PR)\(\d*\.?\d*%?:\d*\.?\d*%?\)$/
/** Those that every metric has. */
export const PLAIN_STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum']

/** What is wrong with a statistic that is none of the five plain ones. */
export function statisticProblems(statistic: string): string[] {
  const [, percent] = PERCENTILE.exec(statistic) ?? TRIMMED.exec(statistic) ?? []
  const isOne = percent === undefined ? statistic === 'IQM' || RANGE.test(statistic) : Number(percent) <= 100
  return isOne ? [] : [`statistic "${statistic}": use one such as p95, tm90, IQM, or ${PLAIN_STATISTICS.join(', ')}`]
}

function queryProblems(queries: DataQuery[]): string[] {
  const ids = queries.map(({ Id }) => Id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false)
  const stats = queries.flatMap(({ MetricStat }) => (typeof MetricStat?.Stat === 'string' ? [MetricStat.Stat] : []))
  const of = (key: 'Expression' | 'MetricStat') => queries.filter((query) => query[key] !== undefined).length
  return [
    ...(twice === undefined ? [] : [`has the id "${twice}" twice`]),
    ...(returned.length === 1
      ? []
      : [
          `returns ${returned.length} results: exactly one needs ReturnData true, which is the default; all others false`,
        ]),
    ...stats.filter((stat) => !PLAIN_STATISTICS.includes(stat)).flatMap(statisticProblems),
    ...(['Expression', 'MetricStat'] as const).flatMap((key) =>
      of(key) > MAX_QUERIES ? [`has ${of(key)} of ${key}: at most ${MAX_QUERIES}`] : [],
    ),
    ...expressionProblems(queries, returned),
  ]
}

/** Each expression may read metrics and the others, but not in a circle. */
function expressionProblems(queries: DataQuery[], returned: DataQuery[]): string[] {
  const byId = new Map(queries.map((query) => [query.Id, query]))
  const problems: string[] = []
  const shapes = new Map<string, Shape>()
  const reading: string[] = []
  const shapeOf = (id: string): Shape | undefined => {
    const query = byId.get(id)
    if (!query) return undefined
    if (query.Expression === undefined) return 'series'
    const known = shapes.get(id)
    if (known) return known
    if (reading.includes(id)) {
      problems.push(`expressions read each other in a circle: ${[...reading, id].join(' → ')}`)
      return 'series'
    }
    reading.push(id)
    const { shape = 'series', problems: wrong, functions } = readMath(query.Expression, shapeOf)
    reading.pop()
    shapes.set(id, shape)
    problems.push(
      ...wrong.map((what) => `expression "${id}" ${what}`),
      ...(functions.includes('SEARCH') ? [`expression "${id}" calls SEARCH, which alarms can't use`] : []),
      ...(query.Expression.length > MAX_EXPRESSION
        ? [`expression "${id}" has ${query.Expression.length} characters: at most ${MAX_EXPRESSION}`]
        : []),
    )
    return shape
  }
  for (const { Id } of queries) shapeOf(Id)
  const watched = returned.length === 1 ? (returned[0] as DataQuery).Id : undefined
  if (watched !== undefined && problems.length === 0 && shapeOf(watched) !== 'series') {
    problems.push(
      `watches "${watched}", which gives ${shapeOf(watched) === 'list' ? 'several lines' : 'a number'}: an alarm needs one line`,
    )
  }
  return problems
}

function thresholdProblems({ Threshold, ThresholdMetricId, Metrics = [] }: AlarmProperties): string[] {
  const band = Metrics.find(({ Expression }) => Expression?.includes('ANOMALY_DETECTION_BAND'))
  if (ThresholdMetricId === undefined) {
    return band ? [`has a band in "${band.Id}": name it in ThresholdMetricId`] : []
  }
  return [
    ...(Threshold === undefined ? [] : ['has a Threshold and a ThresholdMetricId: use one']),
    ...(band?.Id === ThresholdMetricId
      ? []
      : [`ThresholdMetricId "${ThresholdMetricId}" is no ANOMALY_DETECTION_BAND`]),
  ]
}

function limitProblems(alarm: AlarmProperties): string[] {
  const { AlarmDescription, Dimensions = [] } = alarm
  const lists = (['AlarmActions', 'OKActions', 'InsufficientDataActions'] as const).flatMap((key) => {
    const actions = (alarm[key] ?? []).map((action) => JSON.stringify(action))
    return [
      ...(actions.length > MAX_ACTIONS ? [`has ${actions.length} ${key}: at most ${MAX_ACTIONS}`] : []),
      ...(new Set(actions).size < actions.length ? [`has the same of ${key} twice`] : []),
    ]
  })
  return [
    ...lists,
    ...(Dimensions.length > MAX_DIMENSIONS ? [`has ${Dimensions.length} dimensions: at most ${MAX_DIMENSIONS}`] : []),
    ...(typeof AlarmDescription === 'string' && AlarmDescription.length > MAX_DESCRIPTION
      ? [`has a description of ${AlarmDescription.length} characters: at most ${MAX_DESCRIPTION}`]
      : []),
  ]
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}
