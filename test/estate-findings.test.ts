import { describe, expect, test } from 'vitest'
import type { Estate, Ran } from '../shared/estate/estate.ts'
import { type Finding, type Harm, KINDS, type KindId } from '../shared/estate/finding.ts'
import { judgeEstate } from '../shared/estate/judge.ts'
import {
  AT,
  alarmArn,
  CLOUDWATCH,
  composite,
  daysBefore,
  estate,
  findingsIn,
  idsIn,
  letting,
  metricAlarm,
  muted,
  OURS,
  otherAlarm,
  SHIPPED,
  sns,
  topic,
} from './estate-parts.ts'

/** What is wrong with an alarm before it fires: each fault, and what nearly is one. */

const INSUFFICIENT = { StateValue: 'INSUFFICIENT_DATA', StateReason: 'Insufficient Data: 3 datapoints were unknown.' }
const UNCHECKED = { ...INSUFFICIENT, StateReason: 'Unchecked: Initial alarm creation' }
const ALARM = { StateValue: 'ALARM' }
const NO_TIMES = { StateTransitionedTimestamp: undefined, StateUpdatedTimestamp: undefined }
/** So many seconds before its transition, 40 days ago. */
const configured = (seconds: number) => ({
  StateTransitionedTimestamp: daysBefore(40),
  AlarmConfigurationUpdatedTimestamp: new Date(Date.parse(daysBefore(40)) - seconds * 1_000).toISOString(),
})
const PERCENT = { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization', Statistic: 'Average' }
const OTHER = sns('other')
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1'
const fired = (times: number, days: number) => ({
  data: {
    since: daysBefore(30),
    actions: [],
    changes: Array.from({ length: times }, () => ({
      name: 'orders-errors',
      at: daysBefore(days),
      from: 'OK',
      to: 'ALARM',
    })),
  },
})
const policy = (Principal: object, Action: string | string[] = 'kms:*') => ({
  Statement: [{ Effect: 'Allow', Principal: Principal as Record<string, string>, Action, Resource: '*' }],
})
const refusing = (...statements: Parameters<typeof letting>): Partial<Estate> => ({
  topics: { [OURS]: topic({ policy: letting(...statements) }) },
})
const SAME_ACCOUNT = { Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } }
const OTHER_ACCOUNT = { Condition: { StringEquals: { 'aws:SourceAccount': '999999999999' } } }
const NO_TLS = {
  Sid: 'TlsOnly',
  Effect: 'Deny',
  Principal: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
}
/** As SNS makes it for a new topic. */
const FIRST = { Principal: { AWS: '*' }, Condition: { StringEquals: { 'AWS:SourceOwner': '123456789012' } } }
/** What CloudWatch ran: days ago, and what failed. */
const ran = (...runs: [days: number, failure?: string, over?: Partial<Ran>][]): Partial<Estate> => ({
  history: {
    data: {
      ...{ since: daysBefore(7), changes: [] },
      actions: runs.map(([days, failure, over]) => ({
        ...{ name: 'orders-errors', at: daysBefore(days), action: OURS },
        ...(failure !== undefined && { failure }),
        ...over,
      })),
    },
  },
})
const keyed = (key: object): Partial<Estate> => ({
  topics: { [OURS]: topic({ key: { data: { name: KEY, arn: KEY, isOfAws: false, state: 'Enabled', ...key } } }) },
})
const rule = (covers: 'all' | 'maybe' | string[], target = OURS): Partial<Estate> => ({
  eventRules: { data: [{ name: 'all-alarms', covers, targets: [target] }] },
})
const BUS = 'arn:aws:events:eu-west-1:123456789012:event-bus/alert-router-prod-organization'
const NOBODY = { AlarmActions: [], OKActions: [] }
const THERE = { AlarmActions: [OTHER], OKActions: [OTHER] }
const RECOVER = 'arn:aws:automate:eu-west-1:ec2:recover'
const OPS_ITEM = 'arn:aws:ssm:eu-west-1:123456789012:opsitem:2#CATEGORY=Availability'
const FILE: Partial<Estate> = { from: { kind: 'file', name: 'alarms.json' } }
const one = (over: object = {}, around: Partial<Estate> = {}) => estate([metricAlarm({ ...over })], around)

type Row = [fault: string, id: KindId, estate: Estate]

const FAULTS: Row[] = [
  ['has no action', 'reaches-nobody', one(NOBODY)],
  ['only recovers an instance', 'reaches-nobody', one({ AlarmActions: [RECOVER], OKActions: [] })],
  ['only opens an OpsItem', 'reaches-nobody', one({ AlarmActions: [OPS_ITEM], OKActions: [] })],
  [
    'is combined by a composite that notifies nobody either',
    'reaches-nobody',
    estate([metricAlarm(NOBODY), composite('ALARM(orders-errors)', { AlarmName: 'all', ...NOBODY })]),
  ],
  [
    'is combined by a composite that its ALARM keeps quiet',
    'reaches-nobody',
    estate([metricAlarm(NOBODY), composite('ALARM(payments) AND NOT ALARM(orders-errors)', { AlarmName: 'all' })]),
  ],
  [
    'is combined by a composite of that name in another region',
    'reaches-nobody',
    estate([
      metricAlarm({ ...NOBODY, AlarmArn: alarmArn('orders-errors').replace('eu-west-1', 'us-east-1') }),
      composite('ALARM(orders-errors)', { AlarmName: 'all' }),
    ]),
  ],
  ['has no action, and an event rule for other alarms', 'reaches-nobody', one(NOBODY, rule(['payments']))],
  ['has no action, and an event rule for nobody knows which', 'reaches-nobody', one(NOBODY, rule('maybe'))],
  ['goes to another topic', 'not-pointed-at-us', one(THERE)],
  [
    'goes to the topic of another stage',
    'not-pointed-at-us',
    one({ AlarmActions: [sns('alert-router-dev-alarms')], OKActions: [] }),
  ],
  ['goes to another topic than the given one', 'not-pointed-at-us', one({}, { router: { topic: OTHER } })],
  ['has its actions disabled', 'actions-disabled', one({ ActionsEnabled: false })],
  [
    'has been suppressed for weeks',
    'muted-for-weeks',
    estate([
      composite('ALARM(orders-errors)', {
        AlarmName: 'all',
        ActionsSuppressor: 'patching',
        ActionsSuppressedBy: 'Alarm',
      }),
      metricAlarm({ AlarmName: 'patching', StateValue: 'ALARM' }),
    ]),
  ],
  [
    'is muted by two rules in turn',
    'muted-for-weeks',
    one({}, { muteRules: { data: [0, 12].map((hour) => muted(`cron(0 ${hour} * * *)`, 12 * 3_600)) } }),
  ],
  ['is muted all day', 'muted-for-weeks', one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 86_400)] } })],
  ['is muted 13 h a day', 'muted-for-weeks', one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 13 * 3_600)] } })],
  [
    'is muted once, for 15 days',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('at(2026-11-20T00:00)', 15 * 86_400)] } }),
  ],
  [
    'has a topic that is gone',
    'dead-topic',
    one({ AlarmActions: [OURS, OTHER] }, { topics: { [OURS]: topic(), [OTHER]: topic({ isThere: false }) } }),
  ],
  ['has a topic without a subscription', 'no-subscription', one({}, { topics: { [OURS]: topic({ confirmed: 0 }) } })],
  [
    'has a topic whose subscription waits',
    'no-subscription',
    one({}, { topics: { [OURS]: topic({ confirmed: 0, pending: 2 }) } }),
  ],
  ['has a topic with a key of AWS’s own', 'key-unusable', one({}, keyed({ name: 'alias/aws/sns', isOfAws: true }))],
  ['has a topic whose key is disabled', 'key-unusable', one({}, keyed({ state: 'Disabled' }))],
  [
    'has a topic whose key lets only the account use it',
    'key-unusable',
    one({}, keyed({ policy: policy({ AWS: 'arn:aws:iam::123456789012:root' }) })),
  ],
  [
    'has a topic whose key lets CloudWatch only decrypt',
    'key-unusable',
    one({}, keyed({ policy: policy({ Service: 'cloudwatch.amazonaws.com' }, 'kms:Decrypt') })),
  ],
  [
    'had no data since it was created',
    'never-had-data',
    one({ ...UNCHECKED, StateTransitionedTimestamp: daysBefore(1) }),
  ],
  ['has no data since it was configured', 'never-had-data', one({ ...INSUFFICIENT, ...configured(60) })],
  ['has no data, for a day', 'lost-data', one({ ...INSUFFICIENT, StateTransitionedTimestamp: daysBefore(1) })],
  [
    'has no data, by a dump without the time of the transition',
    'lost-data',
    one({ ...INSUFFICIENT, StateTransitionedTimestamp: undefined, StateUpdatedTimestamp: daysBefore(2) }),
  ],
  ['fires for a week', 'stuck-in-alarm', one({ ...ALARM, StateTransitionedTimestamp: daysBefore(7) })],
  [
    'fires for a month, and was updated today',
    'stuck-in-alarm',
    one({ ...ALARM, StateTransitionedTimestamp: daysBefore(30), StateUpdatedTimestamp: AT }),
  ],
  ['fired 10 times in 7 days', 'flapping', one({}, { history: fired(10, 6.9) })],
  ['reads too many series', 'evaluation-broken', one({ EvaluationState: 'PARTIAL_DATA' })],
  ['can’t be evaluated', 'evaluation-broken', one({ EvaluationState: 'EVALUATION_ERROR' })],
  [
    'has a reason with an error',
    'evaluation-broken',
    one({ ...INSUFFICIENT, StateReason: 'The role is not authorized to perform: logs:StartQuery' }),
  ],
  ['waits for more than 100 %', 'percent-over-100', one({ ...PERCENT, Threshold: 100 })],
  [
    'waits for 800 %, by its unit',
    'percent-over-100',
    one({ MetricName: 'x', Namespace: 'Own', Unit: 'Percent', Statistic: 'Maximum', Threshold: 800 }),
  ],
  [
    'is always below 100.5 %',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 100.5, ComparisonOperator: 'LessThanThreshold' }),
  ],
  [
    'combines an alarm that is gone',
    'child-gone',
    estate([metricAlarm(), composite('ALARM(orders-errors) AND ALARM("gone one")')]),
  ],
  [
    'is suppressed by an alarm that is gone',
    'child-gone',
    estate([metricAlarm(), composite('ALARM(orders-errors)', { ActionsSuppressor: alarmArn('gone') })]),
  ],
  ['sends no OK', 'no-ok-action', one({ OKActions: [] })],
  ['sends its OK elsewhere', 'no-ok-action', one({ OKActions: [OTHER] })],
  [
    'is as another',
    'duplicate',
    estate([
      metricAlarm(),
      metricAlarm({ AlarmName: 'again', Dimensions: [{ Name: 'FunctionName', Value: 'orders-errors' }] }),
    ]),
  ],
  ['is of no rule', 'only-default', one({ AlarmName: 'vouchers', Namespace: 'Shop', MetricName: 'Redeemed' })],
  ['has no runbook', 'no-runbook', one({ AlarmDescription: 'Look into it.' })],
  ['has no description', 'no-runbook', one({ AlarmDescription: undefined })],
  ['has no owner', 'no-owner', one({}, { tags: { data: { [alarmArn('orders-errors')]: { cost: 'x', steam: 'y' } } } })],
  [
    'is always at most 100 %',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 100, ComparisonOperator: 'LessThanOrEqualToThreshold' }),
  ],
  [
    'waits for 100.5 % or more',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 100.5, ComparisonOperator: 'GreaterThanOrEqualToThreshold' }),
  ],
  ['had no data, and nobody knows since when', 'never-had-data', one({ ...UNCHECKED, ...NO_TIMES })],
  [
    'is combined by composites that combine each other, and notify nobody',
    'reaches-nobody',
    estate([
      metricAlarm(NOBODY),
      composite('ALARM(orders-errors) OR ALARM(two)', { AlarmName: 'one', ...NOBODY }),
      composite('ALARM(one)', { AlarmName: 'two', ...NOBODY }),
    ]),
  ],
  [
    'would only recover an instance, and is disabled',
    'reaches-nobody',
    one({ ActionsEnabled: false, AlarmActions: [RECOVER] }),
  ],
  ['has no action, and is disabled', 'actions-disabled', one({ ...NOBODY, ActionsEnabled: false })],
  ['has no action, by a file', 'reaches-nobody', one(NOBODY, FILE)],
  ['sends no OK, by a file', 'no-ok-action', one({ OKActions: [] }, FILE)],
  [
    'goes to the function of somebody else',
    'not-pointed-at-us',
    one({ AlarmActions: ['arn:aws:lambda:eu-west-1:123456789012:function:page'] }),
  ],
  [
    'has the first topic of another account',
    'topic-refuses',
    one({}, refusing({ Principal: { AWS: '*' }, Condition: { StringEquals: { 'AWS:SourceOwner': '999999999999' } } })),
  ],
  ['has a topic that only denies', 'topic-refuses', one({}, refusing(NO_TLS))],
  [
    'has a topic for another service',
    'topic-refuses',
    one({}, refusing({ Principal: { Service: 'events.amazonaws.com' } })),
  ],
  ['has a topic for people of its account', 'topic-refuses', one({}, refusing({ Principal: { AWS: '123456789012' } }))],
  [
    'has a topic for alarms of another account',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH, ...OTHER_ACCOUNT })),
  ],
  [
    'has a topic for another alarm',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH, Condition: { ArnLike: { 'aws:SourceArn': alarmArn('payments*') } } })),
  ],
  [
    'has a topic for members of an organization, which no service is',
    'topic-refuses',
    one({}, refusing({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })),
  ],
  [
    'has a topic that denies its account',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH }, { Effect: 'Deny', Principal: '*', ...SAME_ACCOUNT })),
  ],
  [
    'has a topic that lets others subscribe alone',
    'topic-refuses',
    one({}, refusing({ Principal: '*', Action: 'sns:Subscribe' })),
  ],
  ['could not publish', 'action-failed', one({}, ran([1, 'x']))],
  ['could not publish, and nobody says why', 'action-failed', one({}, ran([1, '']))],
  ['could not publish, after it could', 'action-failed', one({}, ran([1, 'x'], [2], [3, 'x']))],
  ['could not publish its OK', 'action-failed', one({ OKActions: [OURS, OTHER] }, ran([1, 'x', { action: OTHER }]))],
  [
    'could not recover an instance',
    'action-failed',
    one({ AlarmActions: [OURS, RECOVER] }, ran([1, 'x', { action: RECOVER }])),
  ],
]

const FINE: Row[] = [
  [
    'is below 100 % now and then',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 100, ComparisonOperator: 'LessThanThreshold' }),
  ],
  [
    'is at most 99 %',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 99, ComparisonOperator: 'LessThanOrEqualToThreshold' }),
  ],
  ['counts what is named like a percentage', 'percent-over-100', one({ ...PERCENT, Unit: 'Count', Threshold: 500 })],
  [
    'compares in no way that is known',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 500, ComparisonOperator: 'About' }),
  ],
  ['has no threshold', 'percent-over-100', one({ ...PERCENT, Threshold: undefined })],
  ['has no comparison', 'percent-over-100', one({ ...PERCENT, Threshold: 500, ComparisonOperator: undefined })],
  [
    'adds up percentages by math',
    'percent-over-100',
    one({
      ...{ MetricName: undefined, Threshold: 500 },
      Metrics: ['a', 'b'].map((Id) => ({
        ...{ Id, ReturnData: Id === 'a' },
        MetricStat: { Metric: { Namespace: 'AWS/EC2', MetricName: 'CPUUtilization' }, Period: 60, Stat: 'Average' },
      })),
    }),
  ],
  [
    'was resolved 10 times in 7 days',
    'flapping',
    one(
      {},
      {
        history: {
          data: {
            since: AT,
            actions: [],
            changes: fired(10, 1).data.changes.map((change) => ({ ...change, to: 'OK' })),
          },
        },
      },
    ),
  ],
  [
    'is a composite without data',
    'lost-data',
    estate([metricAlarm(), composite('ALARM(orders-errors)', INSUFFICIENT)]),
  ],
  ['has no data while it warms up', 'lost-data', one({ ...INSUFFICIENT, EvaluationState: 'IN_WARM_UP' })],
  ['has no data, and nobody knows since when', 'lost-data', one({ ...INSUFFICIENT, ...NO_TIMES })],
  ['fires, and there is no time at all', 'stuck-in-alarm', one({ ...ALARM, ...NO_TIMES })],
  ['has no data, 61 seconds after it was configured', 'never-had-data', one({ ...INSUFFICIENT, ...configured(61) })],
  [
    'has no data, by a dump without the time of the transition',
    'never-had-data',
    one({
      ...INSUFFICIENT,
      ...configured(0),
      StateTransitionedTimestamp: undefined,
      StateUpdatedTimestamp: daysBefore(40),
    }),
  ],
  [
    'is a composite as another',
    'duplicate',
    estate([metricAlarm(), ...['a', 'b'].map((AlarmName) => composite('ALARM(orders-errors)', { AlarmName }))]),
  ],
  [
    'is of PromQL as another',
    'duplicate',
    estate(
      ['a-errors', 'b-errors'].map((AlarmName) =>
        metricAlarm({
          AlarmName,
          MetricName: undefined,
          Namespace: undefined,
          EvaluationCriteria: { PromQLCriteria: { Query: AlarmName } },
        }),
      ),
    ),
  ],
  ['has an action', 'reaches-nobody', one()],
  [
    'has a function as its action',
    'reaches-nobody',
    one({ AlarmActions: ['arn:aws:lambda:eu-west-1:123456789012:function:page'] }),
  ],
  [
    'opens an investigation',
    'reaches-nobody',
    one({ AlarmActions: ['arn:aws:aiops:eu-west-1:123456789012:investigation-group:x'] }),
  ],
  [
    'has no action, but a composite combines it',
    'reaches-nobody',
    estate([metricAlarm(NOBODY), composite('ALARM("orders-errors") OR FALSE', { AlarmName: 'all' })]),
  ],
  [
    'has no action, but a composite of a composite does',
    'reaches-nobody',
    estate([
      metricAlarm(NOBODY),
      composite(`ALARM(${alarmArn('orders-errors')})`, { AlarmName: 'middle', ...NOBODY }),
      composite('NOT OK(middle)', { AlarmName: 'top' }),
    ]),
  ],
  ...['NOT OK(orders-errors)', 'NOT (NOT ALARM(orders-errors))', 'AT_LEAST(1, ALARM, (payments, orders-errors))'].map(
    (combined): Row => [
      `is combined by a composite, by ${combined}`,
      'reaches-nobody',
      estate([metricAlarm(NOBODY), composite(combined, { AlarmName: 'all' })]),
    ],
  ),
  ...['ssm:eu-west-1:123456789012:opsitem:1', 'ssm-incidents::123456789012:response-plan/pay'].map(
    (action): Row => [
      `opens an incident at its start: ${action}`,
      'no-ok-action',
      one({ AlarmActions: [`arn:aws:${action}`], OKActions: [] }, { router: undefined as never }),
    ],
  ),
  ['has no action, but an event rule for all alarms', 'reaches-nobody', one(NOBODY, rule('all'))],
  ['goes to the router', 'not-pointed-at-us', one()],
  ['goes to the router and elsewhere', 'not-pointed-at-us', one({ AlarmActions: [OTHER, OURS] })],
  [
    'goes to the function of the router',
    'not-pointed-at-us',
    one({ AlarmActions: ['arn:aws:lambda:eu-west-1:123456789012:function:alert-router-prod-route'] }),
  ],
  ['reaches the router by an event rule', 'not-pointed-at-us', one(THERE, rule(['orders-errors']))],
  [
    'goes to a topic that passes on to the router’s queue',
    'not-pointed-at-us',
    one(THERE, {
      topics: { [OTHER]: topic({ endpoints: ['arn:aws:sqs:eu-west-1:123456789012:alert-router-prod-alarms'] }) },
    }),
  ],
  [
    'goes elsewhere, and nobody said where it should',
    'not-pointed-at-us',
    { ...one(THERE), router: undefined } as never,
  ],
  [
    'has no action, is disabled, and a composite combines it',
    'actions-disabled',
    estate([
      metricAlarm({ ...NOBODY, ActionsEnabled: false }),
      composite('ALARM(orders-errors)', { AlarmName: 'all' }),
    ]),
  ],
  ['has its actions enabled, without saying so', 'actions-disabled', one({ ActionsEnabled: undefined })],
  [
    'is muted for a nightly maintenance',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('cron(0 2 * * *)', 7_200)] } }),
  ],
  ['is muted 12 h a day', 'muted-for-weeks', one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 12 * 3_600)] } })],
  [
    'was muted until yesterday',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 86_400, { until: daysBefore(1) })] } }),
  ],
  [
    'is muted from tomorrow on',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 86_400, { from: daysBefore(-1) })] } }),
  ],
  [
    'has a mute rule nobody can read',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('every now and then', 86_400)] } }),
  ],
  [
    'is not the one that is muted',
    'muted-for-weeks',
    one({}, { muteRules: { data: [muted('cron(0 0 * * *)', 86_400, { alarms: ['x'] })] } }),
  ],
  ['has a topic that is there', 'dead-topic', one()],
  ['has a topic with a subscription', 'no-subscription', one({}, { topics: { [OURS]: topic({ pending: 3 }) } })],
  ['has a topic without a key', 'key-unusable', one()],
  [
    'has a topic whose key lets CloudWatch use it',
    'key-unusable',
    one(
      {},
      keyed({ policy: policy({ Service: 'cloudwatch.amazonaws.com' }, ['kms:Decrypt', 'kms:GenerateDataKey*']) }),
    ),
  ],
  [
    'has no data for an hour, and is new',
    'never-had-data',
    one({ ...UNCHECKED, StateTransitionedTimestamp: daysBefore(0.99) }),
  ],
  ['warms up', 'never-had-data', one({ ...UNCHECKED, EvaluationState: 'IN_WARM_UP' })],
  ['had data', 'never-had-data', one(INSUFFICIENT)],
  [
    'had data for some minutes',
    'never-had-data',
    one({
      ...INSUFFICIENT,
      StateTransitionedTimestamp: daysBefore(40),
      AlarmConfigurationUpdatedTimestamp: new Date(Date.parse(daysBefore(40)) - 600_000).toISOString(),
    }),
  ],
  ['has no data since tonight', 'lost-data', one({ ...INSUFFICIENT, StateTransitionedTimestamp: daysBefore(0.99) })],
  [
    'has no data for two days, and looks at a day each',
    'lost-data',
    one({ ...INSUFFICIENT, Period: 86_400, EvaluationPeriods: 1, StateTransitionedTimestamp: daysBefore(2) }),
  ],
  ['never had data', 'lost-data', one(UNCHECKED)],
  [
    'is a composite that was just created',
    'never-had-data',
    estate([metricAlarm(), composite('ALARM(orders-errors)', UNCHECKED)]),
  ],
  ['fires for six days', 'stuck-in-alarm', one({ ...ALARM, StateTransitionedTimestamp: daysBefore(6.99) })],
  ['is fine for months', 'stuck-in-alarm', one()],
  [
    'fires, and nobody knows since when',
    'stuck-in-alarm',
    one({ ...ALARM, StateTransitionedTimestamp: undefined, StateUpdatedTimestamp: daysBefore(1) }),
  ],
  ['fired 9 times in 7 days', 'flapping', one({}, { history: fired(9, 6.9) })],
  ['fired 10 times, but earlier', 'flapping', one({}, { history: fired(10, 7.1) })],
  ['was evaluated', 'evaluation-broken', one()],
  ['is of a state that nobody knows yet', 'evaluation-broken', one({ EvaluationState: 'IN_WARM_UP' })],
  [
    'has an error in its name alone',
    'evaluation-broken',
    estate([
      metricAlarm(),
      composite('ALARM(orders-errors)', { StateReason: `${alarmArn('orders-errors')} transitioned to OK: error` }),
    ]),
  ],
  [
    'waits for 100 %',
    'percent-over-100',
    one({ ...PERCENT, Threshold: 100, ComparisonOperator: 'GreaterThanOrEqualToThreshold' }),
  ],
  ['waits for 99.9 %', 'percent-over-100', one({ ...PERCENT, Threshold: 99.9 })],
  ['sums percentages', 'percent-over-100', one({ ...PERCENT, Statistic: 'Sum', Threshold: 500 })],
  ['is of ECS, which may burst', 'percent-over-100', one({ ...PERCENT, Namespace: 'AWS/ECS', Threshold: 150 })],
  ['counts something', 'percent-over-100', one({ Threshold: 500 })],
  [
    'is below 100 % of a counter of one’s own',
    'percent-over-100',
    one({ ...PERCENT, Namespace: 'Own', Threshold: 500 }),
  ],
  [
    'combines what there is',
    'child-gone',
    estate([metricAlarm(), composite('ALARM(orders-errors) AND NOT AT_LEAST(1, OK, ("orders-errors"))')]),
  ],
  ['sends its OK', 'no-ok-action', one()],
  ['goes nowhere, OK neither', 'no-ok-action', one(NOBODY)],
  ['sends its OK by an event rule', 'no-ok-action', one({ OKActions: [] }, rule('all'))],
  [
    'compares with another threshold',
    'duplicate',
    estate([
      metricAlarm(),
      metricAlarm({ AlarmName: 'again', Dimensions: [{ Name: 'FunctionName', Value: 'orders-errors' }], Threshold: 6 }),
    ]),
  ],
  [
    'notifies others',
    'duplicate',
    estate([
      metricAlarm(),
      metricAlarm({
        AlarmName: 'again',
        Dimensions: [{ Name: 'FunctionName', Value: 'orders-errors' }],
        AlarmActions: [OTHER],
      }),
    ]),
  ],
  ['reads another metric', 'duplicate', estate([metricAlarm(), metricAlarm({ AlarmName: 'again' })])],
  ['is of a rule', 'only-default', one()],
  ['has a runbook in its rule', 'no-runbook', one({ AlarmDescription: undefined, MetricName: 'a' })],
  [
    'has an owner in its description',
    'no-owner',
    one({ AlarmDescription: 'Owner: orders. https://wiki.example.com/a' }, { tags: { data: {} } }),
  ],
  [
    'has an owner in a tag',
    'no-owner',
    one({}, { tags: { data: { [alarmArn('orders-errors')]: { 'app:OwnerTeam': 'x' } } } }),
  ],
  ['has actions that a file leaves out', 'reaches-nobody', one({ AlarmActions: undefined }, FILE)],
  ['has OK actions that a file leaves out', 'no-ok-action', one({ OKActions: undefined }, FILE)],
  [
    'reaches the router by its bus for other accounts',
    'not-pointed-at-us',
    one(THERE, { eventRules: { data: [{ name: 'all', covers: { allBut: 'TargetTracking-' }, targets: [BUS] }] } }),
  ],
  ['goes to the topic that somebody has named', 'not-pointed-at-us', one({}, { router: { topic: OURS } })],
  [
    'reaches the router by a rule with several targets',
    'not-pointed-at-us',
    one(THERE, { eventRules: { data: [{ name: 'all', covers: 'all', targets: [OTHER, OURS] }] } }),
  ],
  ['has a topic as SNS makes it', 'topic-refuses', one({}, refusing(FIRST))],
  [
    'has a topic for alarms of its account, by TLS alone',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH, ...SAME_ACCOUNT }, NO_TLS)),
  ],
  [
    'has a topic for its name',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH, Condition: { ArnLike: { 'aws:SourceArn': alarmArn('orders*') } } })),
  ],
  [
    'has a topic for what nobody knows here',
    'topic-refuses',
    one({}, refusing({ Principal: CLOUDWATCH, Condition: { StringEquals: { 'aws:SourceOrgID': 'o-1' } } })),
  ],
  [
    'has a topic that is gone',
    'topic-refuses',
    one({}, { topics: { [OURS]: topic({ isThere: false, policy: letting() }) } }),
  ],
  ['could publish, after it could not', 'action-failed', one({}, ran([2, 'x'], [1], [3, 'x']))],
  ['could not publish where it does not any more', 'action-failed', one({}, ran([1, 'x', { action: OTHER }]))],
  ['is not the one that could not publish', 'action-failed', one({}, ran([1, 'x', { name: 'orders' }]))],
  ['may have an owner, but its tags could not be read', 'no-owner', one({}, { tags: { refused: { why: 'no' } } })],
]

const RUNBOOK = {
  ...SHIPPED,
  rules: [{ name: 'a', when: { metric: 'a' }, severity: 'info' as const, runbook: 'https://a.example.com' }],
}
const how = (fault: string) => (fault === 'has a runbook in its rule' ? { config: RUNBOOK } : {})

describe('an alarm that', () => {
  test.each(FAULTS)('%s: %s', (_fault, id, of) => {
    expect(idsIn(of)).toContain(id)
  })

  test.each(FINE)('%s: no %s', (fault, id, of) => {
    expect(idsIn(of, how(fault))).not.toContain(id)
  })

  test('goes where no channel may have it: rules-notify-nobody', () => {
    const channels = { pager: { type: 'pagerduty' as const, secret: 'x' } }
    const severities = {
      critical: { channels: ['pager'] },
      warning: { channels: ['pager'] },
      info: { channels: ['pager'] },
    }
    const config = { ...SHIPPED, channels, severities, rules: [], default: { severity: 'warning' as const } } as never
    const nonProduction = one({ AlarmName: 'orders-staging-errors' })
    expect(idsIn(nonProduction, { config })).toContain('rules-notify-nobody')
    expect(idsIn(one({ AlarmName: 'orders-prod-errors' }), { config })).not.toContain('rules-notify-nobody')
  })

  test('is fine has no finding', () => {
    const judged = judgeEstate(one(), SHIPPED)
    expect([judged.findings, judged.notChecked]).toEqual([[], []])
  })
})

test('every kind has an alarm that has it, and one that nearly has it', () => {
  const kinds = Object.keys(KINDS).sort()
  const tested = (rows: Row[]) => [...new Set(rows.map(([, id]) => id)), 'rules-notify-nobody'].sort()
  expect([tested(FAULTS), tested(FINE)]).toEqual([kinds, kinds])
})

test.each<[what: string, over: object, harm: Harm]>([
  ['pages', { MetricName: 'SystemAvailability', Namespace: 'Platform/Health' }, 'lost-page'],
  ['does not page', {}, 'noise'],
])('one that sends no OK and %s does that harm', (_what, over, harm) => {
  const [found] = findingsIn(one({ ...over, OKActions: [] })).filter(({ id }) => id === 'no-ok-action')
  expect(found?.harm).toBe(harm)
})

test('one that only opens an OpsItem says so', () => {
  const [found] = findingsIn(one({ AlarmActions: [OPS_ITEM], OKActions: [] }))
  expect(found?.what).toBe('it only acts: OpsItem of severity 2')
})

test('an event rule that nobody can read whole is named', () => {
  const [found] = findingsIn(one({ AlarmActions: [RECOVER], OKActions: [] }, rule('maybe')))
  expect(found?.what).toBe('it only acts: recover; unless EventBridge sends it: all-alarms')
})

describe('one whose actions are disabled', () => {
  const ENABLE = 'aws cloudwatch enable-alarm-actions --region eu-west-1 --alarm-names orders-errors'
  const commandsIn = (of: Estate) => [...new Set(findingsIn(of).flatMap(({ commands }) => commands))]

  test('is enabled', () => {
    expect(commandsIn(one({ ActionsEnabled: false }))).toEqual([ENABLE])
  })

  test.each<[what: string, over: object]>([
    ['whom it notifies', NOBODY],
    ['what its OK notifies', { OKActions: [] }],
  ])('is enabled by the command that adds %s: no second one undoes the first', (_what, over) => {
    const [command = '', ...others] = commandsIn(one({ ...over, ActionsEnabled: false }))
    const put = JSON.parse(/--cli-input-json '(.*)'$/.exec(command)?.[1] ?? '')
    expect(others).toEqual([])
    expect(put).toMatchObject({ ActionsEnabled: true, AlarmActions: [OURS], OKActions: [OURS] })
  })

  test('is left alone where it would only act, and nobody said where it should go', () => {
    const { router: _router, ...nowhere } = one({ AlarmActions: [RECOVER], OKActions: [], ActionsEnabled: false })
    expect(commandsIn(nowhere)).toEqual([])
  })

  test('says what it would do besides', () => {
    const found = findingsIn(one({ AlarmActions: [OURS, RECOVER], ActionsEnabled: false }))
    expect(found.find(({ id }) => id === 'actions-disabled')?.what).toBe('enabled, it also acts: recover')
  })
})

test('the worst comes first', () => {
  const harms = findingsIn(one({ OKActions: [], AlarmDescription: '', ActionsEnabled: false })).map(({ harm }) => harm)
  expect(harms).toEqual(['lost-page', 'noise', 'tidiness'])
})

test.each([
  ['TargetTracking-service/a/b-AlarmHigh-1', ['arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:x'], true],
  ['TargetTracking-table/orders-ProvisionedCapacityLow-1', [], true],
  ['scale-out', ['arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:x'], true],
  ['TargetTracking-mine', [OURS], false],
  ['my-TargetTracking', [], false],
  ['my-TargetTracking-service', [], false],
])('%s with the actions %j is of Auto Scaling: %s', (AlarmName, AlarmActions, isApart) => {
  const { apart, alarms } = judgeEstate(one({ AlarmName, AlarmActions }), SHIPPED)
  expect([apart.scaling.length, alarms.length]).toEqual(isApart ? [1, 0] : [0, 1])
})

test.each([
  ['alert-router-prod-alarms-age', [sns('alert-router-prod-operator')], true],
  ['alert-router-prod-window', [], false],
  ['alert-router-prod-availability', [OURS], false],
  ['orders', [sns('alert-router-prod-operator')], false],
  ['alert-router-prod-late', [sns('alert-router-prod-operator'), OURS], false],
  ['alert-router-prod-late', [sns('my-alert-router-prod-operator')], false],
  ['alert-router-prod-late', [sns('alert-router-prod-operators')], false],
])('%s with the actions %j is of the router itself: %s', (AlarmName, AlarmActions, isApart) => {
  const { apart, alarms } = judgeEstate(one({ AlarmName, AlarmActions }), SHIPPED)
  expect([apart.router.length, alarms.length]).toEqual(isApart ? [1, 0] : [0, 1])
})

describe('what could not be read', () => {
  const refused = { needs: 'x:Y', why: 'this role may not' }
  test.each<[part: string, over: Partial<Estate>, ids: KindId[]]>([
    ['the history', { history: { refused } }, ['action-failed', 'flapping']],
    ['mute rules', { muteRules: { refused } }, ['muted-for-weeks']],
    ['event rules', { eventRules: { refused } }, ['reaches-nobody', 'no-ok-action']],
    ['composites', { composites: { refused } }, ['reaches-nobody', 'child-gone']],
    ['tags', { tags: { refused } }, ['no-owner']],
    [
      'a topic',
      { topics: { [OURS]: { refused } } },
      ['dead-topic', 'no-subscription', 'topic-refuses', 'key-unusable'],
    ],
    ['a key', { topics: { [OURS]: topic({ key: { refused } }) } }, ['key-unusable']],
  ])('%s: is not checked, and says what it needs', (_part, over, ids) => {
    const { findings, notChecked } = judgeEstate(one({}, over), SHIPPED)
    expect(findings).toEqual([])
    expect(notChecked).toMatchObject([{ ids, refused }])
  })

  test('tags of alarms whose rule sets an owner, nobody misses', () => {
    const config = { ...SHIPPED, rules: SHIPPED.rules.map((rule) => ({ ...rule, labels: { owner: 'platform' } })) }
    expect(judgeEstate(one({}, { tags: { refused } }), config).notChecked).toEqual([])
  })

  test('a rule that asks for the reason may decide otherwise when the alarm fires', () => {
    const asks = { name: 'by reason', when: { not: [{ any: [{ reason: 'x' }] }] }, severity: 'info' as const }
    const { notChecked } = judgeEstate(one(), { ...SHIPPED, rules: [...SHIPPED.rules, asks] })
    expect(notChecked).toMatchObject([
      { refused: { needs: 'the alarm to fire', why: expect.stringContaining('"by reason" asks') } },
    ])
  })
})

test('a log alarm and one of PromQL are judged as others are', () => {
  const log = otherAlarm('log', {
    AlarmName: 'log-errors',
    ScheduledQueryConfiguration: { QueryString: 'fields @message' },
  })
  const promql = metricAlarm({
    AlarmName: 'prom-errors',
    MetricName: undefined,
    Namespace: undefined,
    Threshold: undefined,
    EvaluationCriteria: { PromQLCriteria: { Query: 'up == 0' } },
  })
  expect(judgeEstate(estate([log, promql]), SHIPPED).findings).toEqual([])
})

describe('what CloudWatch says of an action that failed', () => {
  const what = (of: Estate) => findingsIn(of).find(({ id }) => id === 'action-failed')
  test.each<[says: string, cause: string]>([
    [
      `CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: ${OURS}`,
      'the policy of the topic refuses it',
    ],
    [
      `Resource: ${alarmArn('a')} is not authorized to perform: SNS:Publish on resource: ${OURS} because no resource-based policy allows it`,
      'the policy of the topic refuses it',
    ],
    [
      'CloudWatch Alarms does not have authorization to access the SNS topic encryption key.',
      'CloudWatch can’t use the key of the topic',
    ],
    [
      'null (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: 4fea0cd9; Proxy: null)',
      'CloudWatch can’t use the key of the topic',
    ],
    [
      'Topic does not exist (Service: AmazonSNS; Status Code: 404; Error Code: NotFound; Request ID: 1)',
      'the topic is gone',
    ],
  ])('%s', (says, cause) => {
    expect(what(one({}, ran([1, says])))?.what).toBe(
      `alert-router-prod-alarms: failed once at 2026-11-26 06:00 UTC: ${cause}: ${says}`,
    )
  })

  test('how often, and when last', () => {
    expect(what(one({}, ran([3, 'x'], [1, 'y'], [2, 'z'], [4])))?.what).toBe(
      'alert-router-prod-alarms: failed 3 times, last at 2026-11-26 06:00 UTC: y',
    )
  })

  test('where nobody says why', () => {
    const { what: said, commands } = what(one({}, ran([1, '']))) as Finding
    expect(said).toBe('alert-router-prod-alarms: failed once at 2026-11-26 06:00 UTC')
    expect(commands).toEqual(['aws cloudwatch describe-alarm-history --region eu-west-1 --alarm-name orders-errors'])
  })

  test('an error of another action is none of a topic', () => {
    const of = one({ AlarmActions: [OURS, RECOVER] }, ran([1, 'NotFound: no such instance', { action: RECOVER }]))
    expect(what(of)).toMatchObject({
      what: 'recover: failed once at 2026-11-26 06:00 UTC: NotFound: no such instance',
      edits: [],
    })
  })

  test('it is one line, and not long', () => {
    const said = what(one({}, ran([1, `a\u202eb\u001b[31m\n${'x'.repeat(1_000)}`])))?.what ?? ''
    expect(said).not.toMatch(/[\n\u202e\u001b]/)
    expect(said.length).toBeLessThan(320)
  })

  test('is corrected as what is found in the topic', () => {
    const gone = { topics: { [OTHER]: topic({ isThere: false }) } }
    const denied = 'CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: x'
    const commandsOf = (of: Estate, id: KindId) => findingsIn(of).find((found) => found.id === id)?.commands
    const cases: [Estate, KindId][] = [
      [one({}, { ...ran([1, denied]), ...refusing(NO_TLS) }), 'topic-refuses'],
      [one({}, { ...ran([1, 'AWSKMS']), ...keyed({ state: 'Disabled' }) }), 'key-unusable'],
      [
        one({ AlarmActions: [OTHER] }, { ...ran([1, 'Topic does not exist', { action: OTHER }]), ...gone }),
        'dead-topic',
      ],
    ]
    for (const [of, id] of cases) {
      expect(commandsOf(of, 'action-failed')?.length).toBeGreaterThan(0)
      expect(commandsOf(of, 'action-failed')).toEqual(commandsOf(of, id))
    }
    // What has been corrected since, is not corrected again.
    const later = one({}, { ...ran([1, 'AWSKMS']), ...keyed({ policy: policy(CLOUDWATCH) }) })
    expect(commandsOf(later, 'action-failed')).toEqual([expect.stringContaining('describe-alarm-history')])
  })
})

describe('a key that CloudWatch can’t use', () => {
  const ACCOUNT = { AWS: 'arn:aws:iam::123456789012:root' }

  test('has its policy put with a statement more, after it is shown', () => {
    const [found] = findingsIn(one({}, keyed({ policy: policy(ACCOUNT) }))).filter(({ id }) => id === 'key-unusable')
    const [show, put = '', ...others] = found?.commands ?? []
    const of = `--region eu-west-1 --key-id ${KEY} --policy-name default`
    expect([show, others]).toEqual([`aws kms get-key-policy ${of} --query Policy --output text`, []])
    expect(put).toContain(`aws kms put-key-policy ${of} --policy '`)
    expect(JSON.parse(/--policy '(.*)'$/.exec(put)?.[1] ?? '').Statement).toMatchObject([
      { Principal: ACCOUNT },
      { Principal: CLOUDWATCH, ...SAME_ACCOUNT },
    ])
  })

  test.each<KindId>(['key-unusable', 'topic-refuses'])('%s says to compare the two policies first', (id) => {
    expect(KINDS[id].fix).toContain('compare it with the one that the command before it prints')
  })
})

describe('a topic that refuses CloudWatch', () => {
  const commands = (...statements: Parameters<typeof letting>) =>
    findingsIn(one({}, refusing(...statements))).find(({ id }) => id === 'topic-refuses')?.commands ?? []
  const show = `aws sns get-topic-attributes --region eu-west-1 --topic-arn ${OURS} --query Attributes.Policy --output text`

  test('is put with a statement more, after its policy is shown', () => {
    const own = { Principal: { AWS: '123456789012' } }
    const [first, second = ''] = commands(own, { ...NO_TLS, Sid: 'AllowCloudWatchAlarms' })
    expect(first).toBe(show)
    expect(second).toContain(
      `aws sns set-topic-attributes --region eu-west-1 --topic-arn ${OURS} --attribute-name Policy`,
    )
    const { Statement } = JSON.parse(/--attribute-value '(.*)'$/.exec(second)?.[1] ?? '')
    const { Sid: _sid, ...denying } = NO_TLS
    // SNS takes several statements only if each has a name of its own.
    expect(Statement).toMatchObject([
      { Sid: 'Statement1', ...own },
      { Sid: 'AllowCloudWatchAlarms', ...denying },
      {
        Sid: 'AllowCloudWatchAlarms3',
        Effect: 'Allow',
        Principal: CLOUDWATCH,
        Action: 'sns:Publish',
        Resource: OURS,
        ...SAME_ACCOUNT,
      },
    ])
  })

  test('by a statement, which is named: no other statement can allow that', () => {
    const denies = { Effect: 'Deny', Principal: '*', ...SAME_ACCOUNT }
    expect(commands({ Principal: CLOUDWATCH }, denies)).toEqual([show])
    const whatOf = (statement: object) =>
      findingsIn(one({}, refusing({ Principal: CLOUDWATCH }, NO_TLS, statement))).find(
        ({ id }) => id === 'topic-refuses',
      )?.what
    const rest = 'of its policy denies it to cloudwatch.amazonaws.com for account 123456789012'
    expect(whatOf({ ...denies, Sid: 'Ours' })).toBe(`alert-router-prod-alarms: the statement "Ours" ${rest}`)
    expect(whatOf(denies)).toBe(`alert-router-prod-alarms: a statement ${rest}`)
  })

  test('without a policy is not checked', () => {
    const { data } = topic()
    const { policy: _none, ...rest } = data
    const { findings, notChecked } = judgeEstate(one({}, { topics: { [OURS]: { data: rest } } }), SHIPPED)
    expect([findings, notChecked]).toMatchObject([[], [{ ids: ['topic-refuses'], alarms: 1 }]])
  })
})
