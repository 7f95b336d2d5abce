import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { asList, asObject, type Json } from '../schemas/loose.ts'
import { type EstateAlarm, objectsIn } from '../shared/estate/alarm.ts'
import { estateIn, eventRuleOf } from '../shared/estate/dump.ts'
import { messageOf } from '../shared/estate/message.ts'
import { alertOfAlarm } from '../shared/estate/routed.ts'
import { alarmsInRule } from '../shared/parse/alarm-rule.ts'
import { parse } from '../shared/parse/parse.ts'
import { AT, estate, metricAlarm, otherAlarm } from './estate-parts.ts'

/** What an alarm will say when it fires, of what its account says today. */

const STATISTICS: Record<string, string> = { AVERAGE: 'Average', SUM: 'Sum', MAXIMUM: 'Maximum', MINIMUM: 'Minimum' }
const named = (dimensions: unknown) => objectsIn(dimensions).map(({ name, value }) => ({ Name: name, Value: value }))

/** The alarm that sent a message, as DescribeAlarms describes it. */
function described(message: Json): EstateAlarm {
  const { Trigger, NewStateValue, AlarmRule, AlarmName, AlarmArn, AlarmDescription } = message
  const trigger = asObject(Trigger) ?? {}
  const { Dimensions, Statistic, Metrics, Unit, ...others } = trigger
  const lines = objectsIn(Metrics).map((line) => {
    const stat = asObject(line.MetricStat)
    const metric = asObject(stat?.Metric)
    return metric
      ? { ...line, MetricStat: { ...stat, Metric: { ...metric, Dimensions: named(metric.Dimensions) } } }
      : line
  })
  const raw = {
    ...{ AlarmName, AlarmArn, AlarmDescription, StateValue: NewStateValue, ...others },
    ...(Statistic !== undefined && { Statistic: STATISTICS[String(Statistic)] }),
    ...(Unit !== null && { Unit }),
    ...(lines.length > 0 ? { Metrics: lines, Period: undefined } : { Dimensions: named(Dimensions) }),
    ...{ AlarmActions: message.AlarmActions, OKActions: message.OKActions },
  }
  const of = estateIn([
    AlarmRule === undefined ? { MetricAlarms: [raw] } : { CompositeAlarms: [{ ...raw, AlarmRule }] },
  ])
  return of?.alarms[0] as EstateAlarm
}

/** What nobody knows before it fires. */
function before(alert: ReturnType<typeof parse>[number] | undefined) {
  const {
    reason: _reason,
    changedAt: _at,
    children: _children,
    previousStatus: _previous,
    ...rest
  } = alert as never as Json
  const { observed: _observed, ...threshold } = asObject(rest.threshold) ?? {}
  return { ...rest, threshold, resource: undefined }
}

const FIRING = readdirSync('samples').flatMap((name): [string, Json][] => {
  const text = readFileSync(`samples/${name}`, 'utf8')
  const message = text.startsWith('{') ? asObject(JSON.parse(text)) : undefined
  return message?.NewStateValue === 'ALARM' ? [[name, message]] : []
})

test.each(FIRING)('%s: it says what CloudWatch said', (_name, message) => {
  const alert = alertOfAlarm(estate([]), described(message))
  expect(before(alert)).toEqual(before(parse(message)[0]))
})

test('there are such samples', () => expect(FIRING.length).toBeGreaterThan(5))

describe('tags are in it', () => {
  const passing = (over: object) =>
    metricAlarm({ ActionConfiguration: { AlarmTagsPropagation: { Enabled: true, ...over } } })
  const tags = { team: 'orders', tier: 'gold', cost: '1' }
  test.each<[what: string, alarm: EstateAlarm, said: object]>([
    ['all, where the alarm passes them on', passing({}), tags],
    ['those that it includes', passing({ IncludedTagKeys: ['team', 'other'] }), { team: 'orders' }],
    ['but for those that it excludes', passing({ ExcludedTagKeys: ['cost'] }), { team: 'orders', tier: 'gold' }],
    ['none, where it does not', metricAlarm(), {}],
    ['none, where that is off', passing({ Enabled: false }), {}],
  ])('%s', (_what, alarm, said) => {
    const of = estate([alarm], { tags: { data: { [alarm.arn ?? '']: tags } } })
    expect(alertOfAlarm(of, alarm).tags).toEqual(said)
  })
})

test('a log alarm has its query', () => {
  const log = otherAlarm('log', {
    ...{ AlarmName: 'validation', Threshold: 10, ComparisonOperator: 'GreaterThanThreshold' },
    ScheduledQueryConfiguration: { QueryString: 'filter @message like /X/', LogGroupIdentifiers: ['/aws/lambda/v'] },
    ...{ QueryResultsToEvaluate: 3, QueryResultsToAlarm: 2 },
  })
  expect(alertOfAlarm(estate([log]), log)).toMatchObject({
    ...{ kind: 'log-alarm', expression: 'filter @message like /X/', details: { logGroups: '/aws/lambda/v' } },
    threshold: { operator: '>', value: 10, evaluationPeriods: 3, datapointsToAlarm: 2 },
  })
})

test('a percentile, and a statistic that nobody knows yet, are in it', () => {
  const at = new Date(AT)
  const trigger = (over: object) => asObject(messageOf(metricAlarm({ ...over }), {}, at).Trigger)
  expect(trigger({ Statistic: undefined, ExtendedStatistic: 'p99' })).toMatchObject({ ExtendedStatistic: 'p99' })
  expect(trigger({ Statistic: 'Median' })).toMatchObject({ Statistic: 'MEDIAN' })
  expect(trigger({ Statistic: 'SampleCount' })).toMatchObject({ Statistic: 'SAMPLE_COUNT' })
})

describe('a composite names', () => {
  test.each<[rule: string, names: string[]]>([
    ['ALARM(a)', ['a']],
    ['ALARM(a) AND (OK("b c") OR NOT INSUFFICIENT_DATA(\'d\'))', ['a', 'b c', 'd']],
    ['ALARM(a) OR ALARM(a)', ['a']],
    ['ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a:c)', ['a:c']],
    ['ALARM("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a b:c")', ['a b:c']],
    ['ALARM("say \\"hello\\" (now)")', ['say "hello" (now)']],
    ['AT_LEAST(2, ALARM, (a, "b c", arn:aws:cloudwatch:eu-west-1:1:alarm:d))', ['a', 'b c', 'd']],
    ['AT_LEAST(50%, NOT OK, (a)) AND ALARM(e)', ['a', 'e']],
    ['TRUE OR FALSE', []],
    ['ALARM AND (b)', []],
    ['ALARM(', []],
    ['not a rule ("x") at all', []],
    ['', []],
  ])('%s: %j', (rule, names) => {
    expect(alarmsInRule(rule)).toEqual(names)
  })

  test('none, without a rule', () => expect(alarmsInRule(undefined)).toEqual([]))
})

test('lists of another form are none', () => {
  const [alarm] =
    estateIn([{ MetricAlarms: [{ AlarmName: 'a', AlarmActions: 'x', OKActions: [1, null, 'y', 'y'] }] }])?.alarms ?? []
  expect([alarm?.actions.alarm, alarm?.actions.ok]).toEqual([[], ['1', 'y']])
  expect(asList(undefined)).toEqual([])
})

describe('a rule of EventBridge for', () => {
  const STATE = { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] }
  test.each<[what: string, pattern: unknown, covers: unknown, state?: string]>([
    ['all changes of alarms', STATE, 'all'],
    ['all events of CloudWatch', { source: ['aws.cloudwatch'] }, 'all'],
    ['some alarms', { ...STATE, detail: { alarmName: ['a', 'b'] } }, ['a', 'b']],
    ['all that fire', { ...STATE, detail: { state: { value: ['ALARM'] } } }, 'all'],
    ['all that end', { ...STATE, detail: { state: { value: ['OK'] } } }, []],
    ['alarms by a prefix', { ...STATE, detail: { alarmName: [{ prefix: 'a' }] } }, 'maybe'],
    ['alarms by their ARN', { ...STATE, resources: ['arn:x'] }, 'maybe'],
    ['a source by a prefix', { source: [{ prefix: 'aws' }] }, 'all'],
    ['an account', { account: ['123456789012'] }, 'maybe'],
    [
      'changes of alarms’ configuration',
      { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm Configuration Change'] },
      [],
    ],
    ['other services', { source: ['aws.ec2'] }, []],
    ['all changes, but switched off', STATE, [], 'DISABLED'],
    ['a schedule', undefined, []],
  ])('%s covers %j', (_what, pattern, covers, State = 'ENABLED') => {
    const raw = { Name: 'r', State, ...(pattern !== undefined && { EventPattern: JSON.stringify(pattern) }) }
    expect(eventRuleOf({ ...raw, Targets: [{ Arn: 'arn:x' }] })).toEqual({ name: 'r', covers, targets: ['arn:x'] })
  })
})
