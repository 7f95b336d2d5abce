import {
  DescribeAlarmContributors$,
  type DescribeAlarmContributorsCommandInput,
  type DescribeAlarmContributorsCommandOutput,
  DescribeAlarmHistory$,
  type DescribeAlarmHistoryCommandInput,
  type DescribeAlarmHistoryCommandOutput,
  DescribeAlarms$,
  type DescribeAlarmsCommandInput,
  type DescribeAlarmsCommandOutput,
  GetMetricData$,
  type GetMetricDataCommandInput,
  type GetMetricDataCommandOutput,
  ListMetrics$,
  type ListMetricsCommandInput,
  type ListMetricsCommandOutput,
  ListTagsForResource$,
  type ListTagsForResourceCommandInput,
  type ListTagsForResourceCommandOutput,
  SetAlarmState$,
  type SetAlarmStateCommandInput,
  type SetAlarmStateCommandOutput,
} from '@aws-sdk/client-cloudwatch'
import { alarmsInRule } from '../../../shared/parse/alarm-rule.ts'
import { AlarmStates, type Publish } from './alarm-states.ts'
import { NO_ESTATE } from './estate-data.ts'
import { getMetricData, MAX_POINTS } from './metric-data.ts'
import { listMetrics } from './metric-list.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const MAX_NAMES = 100
const MAX_NAME = 255
const DEFAULT_ALARMS = 50
const CONTRIBUTORS = 100
/** For so long CloudWatch keeps an alarm's history (CloudWatch User Guide, Alarms: history for 30 days). */
const HISTORY_MS = 30 * 86_400_000

/** What of CloudWatch is asked (CloudWatch API Reference); states that are set last as long as the stand-in does. */
export function cloudWatchOperations(publish?: Publish): Operation[] {
  const states = new AlarmStates(publish)
  return [
    operation<GetMetricDataCommandInput, GetMetricDataCommandOutput>('cloudwatch', GetMetricData$, getMetricData, {
      bounds: { MaxDatapoints: [1, MAX_POINTS] },
    }),
    operation<ListMetricsCommandInput, ListMetricsCommandOutput>('cloudwatch', ListMetrics$, listMetrics),
    operation<DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput>(
      'cloudwatch',
      DescribeAlarms$,
      (input, asked) => describeAlarms(input, asked, states),
      {
        bounds: { MaxRecords: [1, 100] },
      },
    ),
    operation<DescribeAlarmHistoryCommandInput, DescribeAlarmHistoryCommandOutput>(
      'cloudwatch',
      DescribeAlarmHistory$,
      (input, asked) => describeAlarmHistory(input, asked, states),
      { bounds: { MaxRecords: [1, 100] } },
    ),
    operation<DescribeAlarmContributorsCommandInput, DescribeAlarmContributorsCommandOutput>(
      'cloudwatch',
      DescribeAlarmContributors$,
      describeAlarmContributors,
    ),
    operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>(
      'cloudwatch',
      ListTagsForResource$,
      listTagsForResource,
    ),
    operation<SetAlarmStateCommandInput, SetAlarmStateCommandOutput>('cloudwatch', SetAlarmState$, (input, asked) =>
      states.set(input, asked),
    ),
  ]
}

/** Without AlarmTypes, metric alarms alone: composite ones are silently left out. */
function describeAlarms(
  input: DescribeAlarmsCommandInput,
  asked: Asked,
  states: AlarmStates,
): Omit<DescribeAlarmsCommandOutput, '$metadata'> {
  refuseFilters(input)
  states.evaluate(asked)
  if (input.ParentsOfAlarmName !== undefined) return parentsOf(input.ParentsOfAlarmName, asked)
  if (input.ChildrenOfAlarmName !== undefined) return childrenOf(input.ChildrenOfAlarmName, asked, states)
  const { AlarmTypes = ['MetricAlarm'], AlarmNames, AlarmNamePrefix = '', StateValue, ActionPrefix } = input
  const { compositeAlarms, metricAlarms, estate = NO_ESTATE } = asked.data
  const now = <Of extends Parameters<AlarmStates['shown']>[0]>(alarm: Of) => states.shown(alarm, asked)
  const all = [
    ...(asked.isNarrow ? [] : compositeAlarms).map((alarm) => ({ type: 'CompositeAlarm' as const, alarm: now(alarm) })),
    ...metricAlarms.map((alarm) => ({ type: 'MetricAlarm' as const, alarm: now(alarm) })),
    ...estate.logAlarms.map((alarm) => ({ type: 'LogAlarm' as const, alarm: now(alarm) })),
  ]
  const found = all.filter(
    ({ type, alarm: { AlarmName = '', ...alarm } }) =>
      AlarmTypes.includes(type) &&
      (AlarmNames?.includes(AlarmName) ?? true) &&
      AlarmName.startsWith(AlarmNamePrefix) &&
      (StateValue === undefined || alarm.StateValue === StateValue) &&
      (ActionPrefix === undefined || alarm.AlarmActions?.some((action) => action.startsWith(ActionPrefix))),
  )
  const size = input.MaxRecords ?? DEFAULT_ALARMS
  const { items, next } = page(found, { token: input.NextToken, size, of: input }, asked)
  const of = (wanted: string) => items.flatMap(({ type, alarm }) => (type === wanted ? [alarm] : []))
  return {
    CompositeAlarms: of('CompositeAlarm'),
    MetricAlarms: of('MetricAlarm'),
    LogAlarms: of('LogAlarm'),
    NextToken: next,
  }
}

function refuseFilters({ AlarmNames, AlarmNamePrefix, ...input }: DescribeAlarmsCommandInput): void {
  const { ChildrenOfAlarmName, ParentsOfAlarmName, MaxRecords, NextToken, ...others } = input
  const invalid = (message: string) => new Refusal('ValidationError', message)
  if (AlarmNames && AlarmNamePrefix !== undefined) {
    throw invalid('AlarmNames and AlarmNamePrefix cannot be specified together')
  }
  if (AlarmNames && AlarmNames.length > MAX_NAMES) {
    throw invalid(`The collection AlarmNames must not have a size greater than ${MAX_NAMES}.`)
  }
  for (const name of AlarmNames ?? []) {
    if (name.length >= 1 && name.length <= MAX_NAME) continue
    throw invalid(`Value '${name}' at 'alarmNames' failed to satisfy constraint: length between 1 and ${MAX_NAME}`)
  }
  if (ChildrenOfAlarmName === undefined && ParentsOfAlarmName === undefined) return
  if (AlarmNames || AlarmNamePrefix !== undefined || Object.keys(others).length > 0) {
    throw invalid('ChildrenOfAlarmName and ParentsOfAlarmName cannot be combined with other parameters')
  }
}

/** Their names, ARNs and states (CloudWatch API Reference, DescribeAlarms: ChildrenOfAlarmName). */
function childrenOf(name: string, asked: Asked, states: AlarmStates): Omit<DescribeAlarmsCommandOutput, '$metadata'> {
  const { compositeAlarms, metricAlarms, estate = NO_ESTATE } = asked.data
  const rule = compositeAlarms.find(({ AlarmName }) => AlarmName === name)?.AlarmRule
  const names = rule === undefined ? [] : alarmsInRule(rule)
  const of = (all: Parameters<AlarmStates['shown']>[0][]) =>
    all
      .filter(({ AlarmName = '' }) => names.includes(AlarmName))
      .map((alarm) => states.shown(alarm, asked))
      .map(({ AlarmName, AlarmArn, StateValue }) => ({ AlarmName, AlarmArn, StateValue }))
  return {
    CompositeAlarms: asked.isNarrow ? [] : of(compositeAlarms),
    MetricAlarms: of(metricAlarms),
    LogAlarms: of(estate.logAlarms),
  }
}

/** Only their names and ARNs. */
function parentsOf(name: string, asked: Asked): Omit<DescribeAlarmsCommandOutput, '$metadata'> {
  const parents = asked.data.compositeAlarms.filter(({ AlarmRule }) => alarmsInRule(AlarmRule).includes(name))
  return {
    CompositeAlarms: (asked.isNarrow ? [] : parents).map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmArn })),
    MetricAlarms: [],
    LogAlarms: [],
  }
}

function describeAlarmHistory(
  input: DescribeAlarmHistoryCommandInput,
  asked: Asked,
  states: AlarmStates,
): Omit<DescribeAlarmHistoryCommandOutput, '$metadata'> {
  const { AlarmName, AlarmTypes = ['MetricAlarm'], HistoryItemType, StartDate, EndDate, ScanBy } = input
  if (StartDate && EndDate && StartDate > EndDate) {
    throw new Refusal('ValidationError', 'StartDate must be before EndDate')
  }
  const oldest = asked.now.getTime() - HISTORY_MS
  const from = Math.max(oldest, StartDate?.getTime() ?? oldest)
  const to = Math.min(asked.now.getTime(), EndDate?.getTime() ?? Number.POSITIVE_INFINITY)
  const found = [...asked.data.alarmHistory, ...states.history]
    .map((item) => ({ item, at: item.Timestamp?.getTime() ?? 0 }))
    .filter(
      ({ item, at }) =>
        (AlarmName === undefined || item.AlarmName === AlarmName) &&
        AlarmTypes.includes(item.AlarmType ?? 'MetricAlarm') &&
        !(asked.isNarrow && item.AlarmType === 'CompositeAlarm') &&
        (HistoryItemType === undefined || item.HistoryItemType === HistoryItemType) &&
        at >= from &&
        at <= to,
    )
    .sort((a, b) => (ScanBy === 'TimestampAscending' ? a.at - b.at : b.at - a.at))
    .map(({ item }) => item)
  const { items, next } = page(found, { token: input.NextToken, size: input.MaxRecords ?? 100, of: input }, asked)
  return { AlarmHistoryItems: items, NextToken: next }
}

/** Those in ALARM; none for an alarm of one time series. */
function describeAlarmContributors(
  input: DescribeAlarmContributorsCommandInput,
  asked: Asked,
): Omit<DescribeAlarmContributorsCommandOutput, '$metadata'> {
  const { AlarmName = '', NextToken } = input
  const { metricAlarms, compositeAlarms, estate = NO_ESTATE } = asked.data
  if (![...metricAlarms, ...compositeAlarms, ...estate.logAlarms].some((alarm) => alarm.AlarmName === AlarmName)) {
    throw new Refusal('ResourceNotFoundException', `Alarm ${AlarmName} does not exist`, 404)
  }
  const found = estate.contributors?.[AlarmName] ?? []
  const { items, next } = page(found, { token: NextToken, size: CONTRIBUTORS, of: input }, asked)
  return { AlarmContributors: items, NextToken: next }
}

function listTagsForResource(
  { ResourceARN }: ListTagsForResourceCommandInput,
  { data }: Asked,
): Omit<ListTagsForResourceCommandOutput, '$metadata'> {
  const tagged = (data.estate ?? NO_ESTATE).tagged.find((one) => one.ResourceARN === ResourceARN)
  return { Tags: (tagged?.Tags ?? []).map(({ Key, Value }) => ({ Key, Value })) }
}
