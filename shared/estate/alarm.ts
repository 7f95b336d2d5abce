import { asList, asNumber, asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnAccount, parseArn } from '../parse/arn.ts'
import { regionCode } from '../parse/region.ts'
import { isoTime } from '../parse/time.ts'

/** The lists of a page of DescribeAlarms, and what is in each. */
export const LISTS = { metric: 'MetricAlarms', composite: 'CompositeAlarms', log: 'LogAlarms' } as const
export type AlarmType = keyof typeof LISTS

/** An alarm as its account describes it. Any part may be missing: it may come from an old dump, or be of a new kind. */
export interface EstateAlarm {
  type: AlarmType
  name: string
  arn?: string
  account?: string
  region?: string
  description?: string
  actionsEnabled: boolean
  /** ARNs. */
  actions: { alarm: string[]; ok: string[]; insufficientData: string[] }
  /** `ALARM`, `OK`, `INSUFFICIENT_DATA`, or what AWS adds. */
  state?: string
  reason?: string
  /** Since when it is in its state: exactly, or for longer. ISO 8601. */
  since?: { at: string; isExact: boolean }
  /** When somebody last changed it, ISO 8601. */
  configuredAt?: string
  evaluationState?: string
  /** As AWS writes it. */
  raw: Json
}

/** Whatever its form: at least a name. */
export function alarmOf(type: AlarmType, raw: Json): EstateAlarm {
  const arn = asText(raw.AlarmArn)
  const parsed = parseArn(arn)
  const texts = (list: unknown) => [...new Set(asList(list).flatMap((one) => asText(one) ?? []))]
  const facts = {
    arn,
    account: arnAccount(arn),
    region: regionCode(parsed?.region),
    description: asText(raw.AlarmDescription),
    state: asText(raw.StateValue),
    reason: asText(raw.StateReason),
    since: sinceOf(raw),
    configuredAt: isoTime(raw.AlarmConfigurationUpdatedTimestamp),
    evaluationState: asText(raw.EvaluationState),
  }
  return {
    type,
    name: asText(raw.AlarmName) ?? parsed?.resource.replace(/^alarm:/, '') ?? 'unnamed alarm',
    ...given(facts),
    actionsEnabled: raw.ActionsEnabled !== false,
    actions: {
      alarm: texts(raw.AlarmActions),
      ok: texts(raw.OKActions),
      insufficientData: texts(raw.InsufficientDataActions),
    },
    raw,
  }
}

/** Other updates move StateUpdatedTimestamp: the alarm is in its state at least since then. */
function sinceOf({ StateTransitionedTimestamp, StateUpdatedTimestamp }: Json): EstateAlarm['since'] {
  const at = isoTime(StateTransitionedTimestamp)
  if (at !== undefined) return { at, isExact: true }
  const updated = isoTime(StateUpdatedTimestamp)
  return updated === undefined ? undefined : { at: updated, isExact: false }
}

type Given<Of> = { [Key in keyof Of]?: Exclude<Of[Key], undefined> }

function given<Of extends object>(facts: Of): Given<Of> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Given<Of>
}

/** The objects of a list; whatever else is in it, is no item. */
export const objectsIn = (list: unknown): Json[] =>
  asList(list)
    .map(asObject)
    .filter((one) => one !== undefined)

/** A metric that an alarm reads; or an expression over others. */
export interface AlarmMetric {
  namespace?: string
  name?: string
  dimensions: [name: string, value: string][]
  /** `Average`, `p99` */
  statistic?: string
  periodS?: number
  unit?: string
  expression?: string
}

/** All that it reads: one metric, or those of its math. */
export function metricsOf({ raw }: EstateAlarm): AlarmMetric[] {
  const lines = objectsIn(raw.Metrics)
  if (lines.length === 0) return asText(raw.MetricName) === undefined ? [] : [metricOf(raw, raw, undefined)]
  return lines.map((line) => {
    const stat = asObject(line.MetricStat) ?? {}
    return metricOf(asObject(stat.Metric) ?? {}, { ...line, ...stat }, asText(line.Expression))
  })
}

function metricOf(metric: Json, about: Json, expression: string | undefined): AlarmMetric {
  const dimensions = objectsIn(metric.Dimensions).map(({ Name, Value }): [string, string] => [
    asText(Name) ?? '',
    asText(Value) ?? '',
  ])
  const facts = {
    namespace: asText(metric.Namespace),
    name: asText(metric.MetricName),
    statistic: asText(about.Stat) ?? asText(about.Statistic) ?? asText(about.ExtendedStatistic),
    periodS: asNumber(about.Period),
    unit: asText(about.Unit),
    expression,
  }
  return { ...given(facts), dimensions: dimensions.sort(([one], [other]) => one.localeCompare(other)) }
}

/** So many seconds it looks back; undefined where its kind has no periods. */
export function windowS(alarm: EstateAlarm): number | undefined {
  const periodS = Math.max(0, ...metricsOf(alarm).map((one) => one.periodS ?? 0))
  return periodS === 0 ? undefined : periodS * (asNumber(alarm.raw.EvaluationPeriods) ?? 1)
}

/** How long it is in its state, at least; undefined where AWS does not say. */
export function ageS({ since }: EstateAlarm, at: Date): number | undefined {
  return since === undefined ? undefined : (at.getTime() - Date.parse(since.at)) / 1_000
}
