import { oneLine, shorten } from '../../channels/outside-text.ts'
import { duration } from '../../questions/figure.ts'
import { ageS, type EstateAlarm, metricsOf, windowS } from '../alarm.ts'
import { found } from '../finding.ts'
import { lookBack } from '../fix.ts'
import { type Check, each, isIn } from '../judged.ts'

/** Whether an alarm can fire at all, and what its state says. */

const DAY_S = 86_400
/** A new alarm has none yet, and an alarm over a day gets its first point after one. */
const NEW_S = DAY_S
/** Points may come late, or be missing for a while. */
const LOST_WINDOWS = 3
/** One that has fired for longer is furniture. */
export const LONG_S = 7 * DAY_S

/** What CloudWatch writes before it has evaluated an alarm. */
const UNCHECKED = /^Unchecked: Initial alarm creation/

/** An alarm begins without data: if that is when it was configured, it has never been in another state. */
const AT_ONCE_MS = 60_000

function neverHad({ reason = '', since, configuredAt }: EstateAlarm): boolean {
  if (UNCHECKED.test(reason)) return true
  if (!since?.isExact || configuredAt === undefined) return false
  return Math.abs(Date.parse(since.at) - Date.parse(configuredAt)) <= AT_ONCE_MS
}

export const neverHadData: Check = each(({ alarm }, { at }) => {
  // A composite has no data of its own; an alarm that warms up is not to have any yet.
  if (!isIn(alarm, 'INSUFFICIENT_DATA') || alarm.type === 'composite' || alarm.evaluationState === 'IN_WARM_UP')
    return []
  const age = ageS(alarm, at)
  if (!neverHad(alarm) || (age !== undefined && age < NEW_S)) return []
  return [found('never-had-data', alarm, oneLine(metricText(alarm)))]
})

export const lostData: Check = each(({ alarm }, { at }) => {
  if (!isIn(alarm, 'INSUFFICIENT_DATA') || alarm.type === 'composite' || alarm.evaluationState === 'IN_WARM_UP')
    return []
  const age = ageS(alarm, at)
  const least = Math.max(NEW_S, LOST_WINDOWS * (windowS(alarm) ?? 0))
  if (neverHad(alarm) || age === undefined || age < least) return []
  return [
    found('lost-data', alarm, `for ${atLeast(alarm)}${duration(age)}: ${oneLine(metricText(alarm))}`, {
      commands: lookBack(alarm),
    }),
  ]
})

/** `AWS/RDS CPUUtilization of orders-db` */
function metricText(alarm: EstateAlarm): string {
  const [metric] = metricsOf(alarm)
  if (!metric) return alarm.type
  const { namespace = '', name, dimensions, expression } = metric
  const of = dimensions.map(([, value]) => value).join(', ')
  return shorten(`${namespace} ${name ?? expression ?? ''}${of === '' ? '' : ` of ${of}`}`.trim(), 120)
}

const atLeast = ({ since }: EstateAlarm) => (since?.isExact === false ? 'at least ' : '')

export const stuckInAlarm: Check = each(({ alarm }, { at }) => {
  const age = ageS(alarm, at)
  if (!isIn(alarm, 'ALARM') || age === undefined || age < LONG_S) return []
  return [found('stuck-in-alarm', alarm, `for ${atLeast(alarm)}${duration(age)}`, { commands: lookBack(alarm) })]
})

const BROKEN: Record<string, string> = {
  EVALUATION_ERROR: 'by its configuration',
  EVALUATION_FAILURE: 'by a failure of CloudWatch',
  PARTIAL_DATA: 'it reads more series than CloudWatch evaluates',
}
/** What CloudWatch writes of an alarm that it has evaluated. */
const EVALUATED = /^(Unchecked: |Threshold Crossed: |Insufficient Data: |no datapoints? |Thresholds? |arn:)/i
const ERROR = /\b(error|failed|failure|invalid|denied|not authorized|cannot|exception)\b/i

export const evaluationBroken: Check = each(({ alarm }) => {
  const { evaluationState = '', reason = '', type } = alarm
  const said = shorten(oneLine(reason), 160)
  if (Object.hasOwn(BROKEN, evaluationState)) {
    const why = BROKEN[evaluationState] as string
    const more = said === '' || EVALUATED.test(reason) ? '' : `: ${said}`
    return [found('evaluation-broken', alarm, `${evaluationState}, ${why}${more}`)]
  }
  if (type === 'composite' || EVALUATED.test(reason) || !ERROR.test(reason)) return []
  return [found('evaluation-broken', alarm, said)]
})

/** So many times in so many days. */
const FLAPS = 10
const FLAP_DAYS = 7

export const flapping: Check = ({ estate, all, at }) => {
  if (!('data' in estate.history)) return []
  const from = new Date(at.getTime() - FLAP_DAYS * DAY_S * 1_000).toISOString()
  const fired = new Map<string, number>()
  for (const { name, at: when, to } of estate.history.data.changes) {
    if (to === 'ALARM' && when >= from) fired.set(name, (fired.get(name) ?? 0) + 1)
  }
  return all.flatMap(({ alarm }) => {
    const times = fired.get(alarm.name) ?? 0
    return times < FLAPS
      ? []
      : [found('flapping', alarm, `fired ${times} times in ${FLAP_DAYS} days`, { commands: lookBack(alarm) })]
  })
}

/** In these, a percentage of what was reserved may be more than 100 (Amazon ECS Developer Guide, CloudWatch metrics). */
const MAY_EXCEED = new Set(['AWS/ECS', 'ECS/ContainerInsights', 'ContainerInsights'])
const PERCENTAGE = /(Utilization|Percent|Percentage|HitRate|BurstBalance)$/
const OF_COUNTS = /^(sum|samplecount|sample_count|tc|ts|pr)/i

export const percentOver100: Check = each(({ alarm }) => {
  const { Threshold: threshold, ComparisonOperator: comparison } = alarm.raw
  const [metric, ...others] = metricsOf(alarm)
  if (typeof threshold !== 'number' || typeof comparison !== 'string' || !metric || others.length > 0) return []
  const { namespace = '', name = '', unit, statistic = '', expression } = metric
  const isPercent = unit === 'Percent' || (unit === undefined && namespace.startsWith('AWS/') && PERCENTAGE.test(name))
  if (!isPercent || expression !== undefined || MAY_EXCEED.has(namespace) || OF_COUNTS.test(statistic)) return []
  const isNever = comparison.startsWith('GreaterThanOrEqual')
    ? threshold > 100
    : comparison.startsWith('GreaterThan') && threshold >= 100
  const isAlways = comparison.startsWith('LessThanOrEqual')
    ? threshold >= 100
    : comparison.startsWith('LessThan') && threshold > 100
  if (!isNever && !isAlways) return []
  const sign = comparison
    .replace('GreaterThan', '>')
    .replace('LessThan', '<')
    .replace(/OrEqualTo/, '=')
    .replace(/(To)?Threshold$/, '')
  return [
    found(
      'percent-over-100',
      alarm,
      `${oneLine(name)} ${oneLine(sign)} ${threshold} %: ${isNever ? 'never' : 'always'}`,
    ),
  ]
})
