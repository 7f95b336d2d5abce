import type { Threshold } from '../../schemas/alert.ts'
import { asList, asNumber, asObject, type Json } from '../../schemas/loose.ts'

/** An alarm's condition, from its message or otherwise from its reason. */
export interface ThresholdFacts extends Omit<Threshold, 'operator'> {
  /** `GreaterThanOrEqualToThreshold` */
  comparison?: string
  isAnomaly: boolean
  reason?: string
  reasonData?: Json
}

export function thresholdOf({
  comparison,
  isAnomaly,
  reason,
  reasonData,
  ...given
}: ThresholdFacts): Threshold | undefined {
  const operator = operatorOf(comparison) ?? operatorIn(reason)
  const threshold: Threshold = {
    operator,
    value: isAnomaly ? undefined : (given.value ?? asNumber(reasonData?.threshold) ?? valueIn(reason)),
    unit: given.unit === 'None' ? undefined : given.unit,
    statistic: statisticOf(given.statistic),
    periodSeconds: given.periodSeconds ?? asNumber(reasonData?.period),
    evaluationPeriods: given.evaluationPeriods,
    datapointsToAlarm: given.datapointsToAlarm,
    missingData: missingDataOf(given.missingData),
    observed: datapointIn(reason) ?? asNumber(asList(reasonData?.recentDatapoints).at(-1)),
  }
  return Object.values(threshold).some((fact) => fact !== undefined) ? threshold : undefined
}

const OPERATORS: Record<string, string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '<=',
  LessThanLowerOrGreaterThanUpperThreshold: 'outside',
  GreaterThanUpperThreshold: 'above',
  LessThanLowerThreshold: 'below',
}

/** `>=` for `GreaterThanOrEqualToThreshold`; what is no such name stays as it is. */
export function operatorOf(comparison: string | undefined): string | undefined {
  if (comparison === undefined) return undefined
  return Object.hasOwn(OPERATORS, comparison) ? OPERATORS[comparison] : comparison
}

/** From the sentence that CloudWatch writes: `… was (not) greater than or equal to the threshold (80.0)`. */
function operatorIn(reason: string | undefined): string | undefined {
  const sentence = reason?.slice(0, 2_000)
  if (sentence === undefined) return undefined
  const below = /less than the lower threshold/.test(sentence)
  const above = /greater than the upper threshold/.test(sentence)
  if (below || above) return below && above ? 'outside' : above ? 'above' : 'below'
  const [, direction, orEqual] = /(greater|less) than (or equal to )?the threshold/.exec(sentence) ?? []
  if (direction === undefined) return undefined
  return `${direction === 'greater' ? '>' : '<'}${orEqual ? '=' : ''}`
}

const NUMBER = '(-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?)'
const VALUE = new RegExp(`the threshold [([]${NUMBER}`)
/** The newest comes first: `[12.0 (01/06/24 11:59:00), 9.0 (…)]`; in older messages `(12.0)`. */
const DATAPOINT = new RegExp(`datapoints? [([]${NUMBER}`)

function valueIn(reason: string | undefined): number | undefined {
  return asNumber(VALUE.exec(reason ?? '')?.[1])
}

function datapointIn(reason: string | undefined): number | undefined {
  return asNumber(DATAPOINT.exec(reason ?? '')?.[1])
}

const STATISTICS: Record<string, string> = {
  AVERAGE: 'Average',
  SUM: 'Sum',
  MINIMUM: 'Minimum',
  MAXIMUM: 'Maximum',
  SAMPLECOUNT: 'SampleCount',
}

function statisticOf(given: string | undefined): string | undefined {
  const key = given?.replaceAll('_', '').toUpperCase() ?? ''
  return Object.hasOwn(STATISTICS, key) ? STATISTICS[key] : given?.trim()
}

const TREATMENTS: Record<string, string> = {
  missing: 'missing',
  ignore: 'ignore',
  breaching: 'breaching',
  notbreaching: 'notBreaching',
  nonbreaching: 'notBreaching',
}

/** `- TreatMissingData:                    missing` is one way to write it. */
function missingDataOf(given: string | undefined): string | undefined {
  const word = given?.replace(/^[\s-]*TreatMissingData\s*:?/i, '').trim()
  const key = word?.toLowerCase().replaceAll(/[\s_-]/g, '') ?? ''
  return Object.hasOwn(TREATMENTS, key) ? TREATMENTS[key] : word || undefined
}

/** Reason data comes as a JSON text or as an object. */
export function reasonDataOf(given: unknown): Json | undefined {
  if (typeof given !== 'string') return asObject(given)
  try {
    return asObject(JSON.parse(given))
  } catch {
    return undefined
  }
}
