import type { EstateAlarm } from './alarm.ts'
import type { Estate } from './estate.ts'

/** Whether a file has all of an alarm: who wrote it may have asked for some fields alone. */

/** AWS says these of every alarm. */
const OF_ALL = [
  ...['AlarmArn', 'ActionsEnabled', 'OKActions', 'AlarmActions', 'InsufficientDataActions'],
  // Nobody asks for it alone.
  'AlarmConfigurationUpdatedTimestamp',
]
const COMPARING = ['EvaluationPeriods', 'ComparisonOperator']
/** Any of these. */
const STATISTICS = ['Statistic', 'ExtendedStatistic']
const THRESHOLDS = ['Threshold', 'ThresholdMetricId']

/** What AWS always says of an alarm of its kind, and a file does not; any of the keys of a list is enough. */
export function missingIn({ from }: Pick<Estate, 'from'>, alarm: EstateAlarm): string[] {
  if (from.kind !== 'file') return []
  const has = (key: string) => (alarm.raw[key] ?? undefined) !== undefined
  return [...OF_ALL.map((key) => [key]), ...ofItsKind(alarm, has)].flatMap((keys) =>
    keys.some(has) ? [] : [keys[0] as string],
  )
}

function ofItsKind({ type }: EstateAlarm, has: (key: string) => boolean): string[][] {
  if (type === 'composite') return [['AlarmRule']]
  if (type === 'log') return [['ScheduledQueryConfiguration'], ['ComparisonOperator'], ['Threshold']]
  if (has('EvaluationCriteria')) return []
  const compared = [...COMPARING.map((key) => [key]), THRESHOLDS]
  if (has('Metrics')) return compared
  return [...['MetricName', 'Namespace', 'Dimensions', 'Period'].map((key) => [key]), STATISTICS, ...compared]
}

export const isWhole = (estate: Pick<Estate, 'from'>, alarm: EstateAlarm): boolean =>
  missingIn(estate, alarm).length === 0
