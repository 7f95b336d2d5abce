import type { Json } from '../../schemas/loose.ts'
import { shell } from '../questions/shell.ts'
import type { AlarmType, EstateAlarm } from './alarm.ts'

/** Not its condition: what it is called, and whom it notifies. */
export const NAMED_AND_NOTIFIES = [
  'AlarmName',
  'AlarmDescription',
  'ActionsEnabled',
  'OKActions',
  'AlarmActions',
  'InsufficientDataActions',
]
const OF_ALL = [...NAMED_AND_NOTIFIES, 'ActionConfiguration']
/** What PutMetricAlarm, PutCompositeAlarm and PutLogAlarm take, but for tags: an update leaves those as they are. */
export const PUT: Record<AlarmType, { command: string; takes: string[] }> = {
  metric: {
    command: 'put-metric-alarm',
    takes: [
      ...OF_ALL,
      ...['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit', 'Metrics'],
      ...['EvaluationPeriods', 'DatapointsToAlarm', 'Threshold', 'ThresholdMetricId', 'ComparisonOperator'],
      ...['TreatMissingData', 'EvaluateLowSampleCountPercentile', 'EvaluationWindow', 'WarmUpConfiguration'],
      ...['EvaluationCriteria', 'EvaluationInterval'],
    ],
  },
  composite: {
    command: 'put-composite-alarm',
    takes: [
      ...OF_ALL,
      ...['AlarmRule', 'ActionsSuppressor', 'ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod'],
    ],
  },
  log: {
    command: 'put-log-alarm',
    takes: [
      ...OF_ALL,
      ...['ScheduledQueryConfiguration', 'ActionLogLineCount', 'ActionLogLineRoleArn', 'QueryResultsToEvaluate'],
      ...['QueryResultsToAlarm', 'Threshold', 'ComparisonOperator', 'TreatMissingData', 'WarmUpConfiguration'],
    ],
  },
}

/** CloudWatch's own limit. */
const MOST_ACTIONS = 5

/** A change of an alarm's actions. */
export type Edit =
  | { add: string; to: ('AlarmActions' | 'OKActions')[] }
  | { replace: string; by: string }
  | { enable: true }

/**
 * One command that makes all these changes: there is no call that changes one action, so the whole alarm is put again, with all
 * that its account knows of it.
 * @param missing what is not known of it here: a put would reset that.
 * @returns where it can't be put, at most what enables the actions that it has; and why.
 */
export function edited(alarm: EstateAlarm, edits: Edit[], missing: string[]): { commands: string[]; byHand?: string } {
  const isEnabled = edits.some((edit) => 'enable' in edit)
  if (edits.every((edit) => 'enable' in edit)) return { commands: enable(alarm) }
  const { alarm: firing, ok, insufficientData } = alarm.actions
  const lists = edits.reduce(after, { AlarmActions: firing, OKActions: ok, InsufficientDataActions: insufficientData })
  const byHand = whyNotPut(lists, missing)
  if (byHand !== undefined) return { commands: isEnabled ? enable(alarm) : [], byHand }
  return { commands: [put(alarm, { ...lists, ...(isEnabled && { ActionsEnabled: true }) })] }
}

function whyNotPut(lists: Lists, missing: string[]): string | undefined {
  if (missing.length > 0) {
    return `the file has no ${missing.join(', ')} of it; a command puts the whole alarm, and would reset what is not there`
  }
  const isFull = Object.values(lists).some((list) => list.length > MOST_ACTIONS)
  return isFull ? `CloudWatch takes at most ${MOST_ACTIONS} actions of a state` : undefined
}

type Lists = Record<'AlarmActions' | 'OKActions' | 'InsufficientDataActions', string[]>

function after(lists: Lists, edit: Edit): Lists {
  if ('enable' in edit) return lists
  const changed = Object.entries(lists).map(([key, list]) => {
    if ('replace' in edit) return [key, list.map((one) => (one === edit.replace ? edit.by : one))]
    return [key, edit.to.some((one) => one === key) ? [...list, edit.add] : list]
  })
  return Object.fromEntries(changed.map(([key, list]) => [key, [...new Set(list)]])) as Lists
}

function put(alarm: EstateAlarm, changed: Json): string {
  const { command, takes } = PUT[alarm.type]
  const kept = takes.flatMap((key) =>
    alarm.raw[key] === undefined || alarm.raw[key] === null ? [] : [[key, alarm.raw[key]]],
  )
  const input = { AlarmName: alarm.name, ...Object.fromEntries(kept), ...changed }
  return awsOf(alarm, `cloudwatch ${command}`, { 'cli-input-json': JSON.stringify(input) })
}

/** A command of the AWS CLI, in the region of an alarm. */
export function awsOf({ region }: Pick<EstateAlarm, 'region'>, words: string, options: Record<string, string>): string {
  return shell(`aws ${words}`, { ...(region !== undefined && { region }), ...options })
}

/** The CLI reads a file, or JSON, where a value looks like one. */
const LOOKS_LIKE_MORE = /^\s*([[{]|(file|fileb|https?):\/\/)/

/** For one alarm by its name, whatever that is. */
function ofAlarm(alarm: EstateAlarm, command: string, option: 'alarm-name' | 'alarm-names', key: string): string {
  const { name } = alarm
  if (!LOOKS_LIKE_MORE.test(name)) return awsOf(alarm, `cloudwatch ${command}`, { [option]: name })
  const input = { [key]: option === 'alarm-names' ? [name] : name }
  return awsOf(alarm, `cloudwatch ${command}`, { 'cli-input-json': JSON.stringify(input) })
}

const enable = (alarm: EstateAlarm) => [ofAlarm(alarm, 'enable-alarm-actions', 'alarm-names', 'AlarmNames')]
export const remove = (alarm: EstateAlarm) => [ofAlarm(alarm, 'delete-alarms', 'alarm-names', 'AlarmNames')]
/** What has become of it: nobody can decide without that. */
export const lookBack = (alarm: EstateAlarm) => [ofAlarm(alarm, 'describe-alarm-history', 'alarm-name', 'AlarmName')]
