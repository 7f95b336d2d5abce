import { describe, expect, test } from 'vitest'
import type { Json } from '../schemas/loose.ts'
import { type Described, estateIn, eventRuleOf, keyOf, muteRuleOf, taggedOf, topicOf } from '../shared/estate/dump.ts'
import { historyItemOf } from '../shared/estate/past.ts'
import { OURS } from './estate-parts.ts'

/** What the answers of AWS say, part by part; and what is made of those of another form. */

const ACCOUNT = '123456789012'
const ARN = `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm:a`
const ALARM = { AlarmName: 'a', AlarmArn: ARN, StateValue: 'OK' }
const AT = '2026-11-26T06:00:00.000Z'
const read = (...pages: unknown[]) => estateIn(pages) as Described
const DENIED = (needs: string) => ({ refused: { needs, why: 'the file does not say' } })

describe('alarms', () => {
  test('of each list, by name', () => {
    const page = {
      MetricAlarms: [{ AlarmName: 'c' }, { AlarmName: 'b' }],
      CompositeAlarms: [{ AlarmName: 'a' }],
      LogAlarms: [{ AlarmName: 'd' }, 7, null],
    }
    expect(read(page).alarms.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'a composite',
      'b metric',
      'c metric',
      'd log',
    ])
    expect(read(page).composites).toEqual({ data: 'seen' })
    expect(read({ MetricAlarms: [] }).composites).toEqual(
      DENIED('composite alarms: describe-alarms --alarm-types MetricAlarm CompositeAlarm LogAlarm'),
    )
  })

  test.each<[what: string, alarm: Json, type: string]>([
    ['of a metric', { MetricName: 'm' }, 'metric'],
    ['of math', { Metrics: [] }, 'metric'],
    ['of a metric, by its state alone', { StateValue: 'OK' }, 'metric'],
    ['with actions switched on or off', { ActionsEnabled: false }, 'metric'],
    ['that combines others', { AlarmRule: 'TRUE' }, 'composite'],
    ['of a query', { ScheduledQueryConfiguration: {} }, 'log'],
  ])('one alone %s', (_what, alarm, type) => {
    expect(read({ AlarmName: 'a', ...alarm }).alarms).toMatchObject([{ name: 'a', type }])
  })

  test.each<[what: string, value: unknown]>([
    ['nothing', []],
    ['a name alone', { AlarmName: 'a' }],
    ['a state alone', { StateValue: 'OK' }],
    ['a text', 'MetricAlarms'],
    ['a list that is none', { MetricAlarms: {} }],
  ])('%s is none', (_what, value) => {
    expect(estateIn([value])).toBeUndefined()
  })

  test('that are there twice count once, as they are the second time', () => {
    const again = { ...ALARM, StateValue: 'ALARM' }
    expect(read({ MetricAlarms: [ALARM] }, [{ MetricAlarms: [again] }]).alarms).toMatchObject([{ state: 'ALARM' }])
    const hidden = { ...ALARM, AlarmArn: 'hidden' }
    expect(read({ MetricAlarms: [hidden, { ...hidden, AlarmName: 'b' }] }).alarms).toHaveLength(2)
  })
})

test('what nobody has put there is refused, with the permission for it', () => {
  const { history, muteRules, tags, topics, eventRules } = read({ MetricAlarms: [] })
  expect(history).toEqual(DENIED('cloudwatch:DescribeAlarmHistory'))
  expect(muteRules).toEqual(DENIED('cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule'))
  expect(tags).toEqual(DENIED('tag:GetResources'))
  expect(eventRules).toEqual(DENIED('events:ListRules, events:ListTargetsByRule'))
  expect(topics).toEqual({})
})

test('a history has changes and actions; what has no time, and what was configured, is left out', () => {
  const change = (Timestamp: string | undefined, to: string) => ({
    ...{ AlarmName: 'a', Timestamp, HistoryItemType: 'StateUpdate' },
    HistoryData: JSON.stringify({ oldState: { stateValue: 'OK' }, newState: { stateValue: to } }),
  })
  const { history } = read(
    { MetricAlarms: [] },
    { AlarmHistoryItems: [change(AT, 'ALARM'), change('2026-11-25T06:00:00Z', 'OK'), change(undefined, 'OK')] },
    { AlarmHistoryItems: [{ AlarmName: 'a', Timestamp: AT, HistoryData: '{' }] },
    { AlarmHistoryItems: [{ AlarmName: 'a', Timestamp: AT, HistoryItemType: 'ConfigurationUpdate' }] },
    {
      AlarmHistoryItems: [
        {
          AlarmName: 'a',
          Timestamp: AT,
          HistoryItemType: 'Action',
          HistorySummary: `Failed to execute action ${OURS}`,
        },
        { AlarmName: 'a', Timestamp: AT, HistoryItemType: 'Action', HistorySummary: 'Nobody knows.' },
      ],
    },
  )
  expect(history).toEqual({
    data: {
      changes: [
        { name: 'a', at: AT, from: 'OK', to: 'ALARM' },
        { name: 'a', at: '2026-11-25T06:00:00.000Z', from: 'OK', to: 'OK' },
        { name: 'a', at: AT, from: 'unknown', to: 'unknown' },
      ],
      actions: [{ name: 'a', at: AT, action: OURS, failure: '' }],
      since: '2026-11-25T06:00:00.000Z',
    },
  })
})

describe('an item of the history', () => {
  const item = (over: Json) => historyItemOf({ AlarmName: 'a', Timestamp: AT, ...over })
  const action = (data: unknown, HistorySummary?: string) =>
    item({
      HistoryItemType: 'Action',
      HistorySummary,
      HistoryData: typeof data === 'string' ? data : JSON.stringify(data),
    })
  const SENT = { kind: 'sent', alarm: 'a', at: AT }

  test.each<[what: string, data: unknown, summary: string | undefined, is: object]>([
    ['by its data', { actionState: 'Succeeded', notificationResource: OURS }, undefined, { action: OURS }],
    ['by its summary', {}, `Successfully executed action ${OURS}`, { action: OURS }],
    ['whose summary is a sentence', {}, `Successfully executed action ${OURS}. Done.`, { action: OURS }],
    ['that nobody knows', '{', undefined, {}],
    [
      'at the time of the change',
      { stateUpdateTimestamp: Date.parse(AT) - 5 },
      undefined,
      { at: '2026-11-26T05:59:59.995Z' },
    ],
    ['that failed, by its data', { actionState: 'Failed', error: 'No.' }, undefined, { failure: 'No.' }],
    [
      'that failed, by its summary',
      {},
      'Failed to execute action. Received error: "No\nway."',
      { failure: 'No\nway.' },
    ],
    ['that failed for nobody knows what', {}, 'Failed to execute action', { failure: '' }],
    ['with an error, that did not fail', { error: 'Later.' }, 'Successfully executed', {}],
    [
      'with its message',
      { publishedMessage: JSON.stringify({ default: JSON.stringify({ AlarmName: 'a' }) }) },
      undefined,
      { message: { AlarmName: 'a' } },
    ],
    [
      'with its message as objects',
      { publishedMessage: { default: { AlarmName: 'a' } } },
      undefined,
      { message: { AlarmName: 'a' } },
    ],
  ])('is an action %s', (_what, data, summary, is) => {
    expect(action(data, summary)).toEqual({ ...SENT, ...is })
  })

  test.each<[what: string, over: Json, is: object | undefined]>([
    [
      'a change',
      {
        HistoryItemType: 'StateUpdate',
        HistoryData: { newState: { stateValue: 'ALARM', stateReason: 'High.', stateReasonData: { a: 1 } } },
      },
      { kind: 'changed', alarm: 'a', at: AT, state: 'ALARM', reason: 'High.', reasonData: '{"a":1}' },
    ],
    ['a change to nobody knows what', { HistoryItemType: 'StateUpdate' }, { kind: 'changed', alarm: 'a', at: AT }],
    [
      'its deletion, by the summary',
      { HistoryItemType: 'ConfigurationUpdate', HistorySummary: 'Alarm "a" deleted' },
      { kind: 'deleted', alarm: 'a', at: AT },
    ],
    [
      'its deletion, by the data',
      { HistoryItemType: 'ConfigurationUpdate', HistoryData: '{"type":"Delete"}' },
      { kind: 'deleted', alarm: 'a', at: AT },
    ],
    [
      'its creation',
      { HistoryItemType: 'ConfigurationUpdate', HistorySummary: 'Alarm "a" deleted and created' },
      undefined,
    ],
    ['of another kind', { HistoryItemType: 'AlarmContributorStateUpdate' }, undefined],
    ['without a name', { AlarmName: '', HistoryItemType: 'StateUpdate' }, undefined],
    ['without a time', { Timestamp: 'soon', HistoryItemType: 'StateUpdate' }, undefined],
  ])('is %s', (_what, over, is) => {
    expect(item(over)).toEqual(is)
  })
})

describe('a mute rule', () => {
  const schedule = (Schedule: Json) => muteRuleOf({ Name: 'm', Rule: { Schedule } })
  test.each([
    ['P2DT12H', 216_000],
    ['PT1H30M', 5_400],
    ['P1D', 86_400],
    ['PT45M', 2_700],
    ['1 hour', 0],
    ['PT1H later', 0],
    ['about P1D', 0],
  ])('of %s lasts %i s', (Duration, durationS) => {
    expect(schedule({ Duration }).durationS).toBe(durationS)
  })

  test('has a time zone, alarms and bounds', () => {
    const raw = {
      ...{ Name: 'm', StartDate: AT, ExpireDate: '2026-12-01T00:00:00Z', MuteTargets: { AlarmNames: ['a', 7, null] } },
      Rule: { Schedule: { Expression: 'cron(0 2 * * *)', Duration: 'PT1H', Timezone: 'Europe/Berlin' } },
    }
    expect(muteRuleOf(raw)).toEqual({
      ...{ name: 'm', alarms: ['a', '7'], expression: 'cron(0 2 * * *)', durationS: 3_600, timezone: 'Europe/Berlin' },
      ...{ from: AT, until: '2026-12-01T00:00:00.000Z' },
    })
    expect(muteRuleOf({})).toEqual({ name: '', alarms: [], expression: '', durationS: 0, timezone: 'UTC' })
  })
})

test('tags are by ARN, with a key at least', () => {
  const Tags = [{ Key: 'team', Value: 'a' }, { Key: 'empty' }, { Value: 'b' }, null]
  expect(taggedOf({ ResourceARN: ARN, Tags })).toEqual([ARN, { team: 'a', empty: '' }])
  expect(read({ MetricAlarms: [], ResourceTagMappingList: [{ ResourceARN: ARN, Tags }] }).tags).toEqual({
    data: { [ARN]: { team: 'a', empty: '' } },
  })
})

describe('a topic', () => {
  test('of a file is by its ARN; without attributes, there is none', () => {
    const Topics = [
      { TopicArn: OURS, Attributes: { SubscriptionsConfirmed: '2', SubscriptionsPending: '1' } },
      { Attributes: { TopicArn: `${OURS}-2` } },
      { TopicArn: `${OURS}-3` },
    ]
    expect(read({ MetricAlarms: [], Topics }).topics).toEqual({
      [OURS]: { data: { isThere: true, confirmed: 2, pending: 1, endpoints: [] } },
      [`${OURS}-2`]: { data: { isThere: true, confirmed: 0, pending: 0, endpoints: [] } },
      [`${OURS}-3`]: { data: { isThere: false, confirmed: 0, pending: 0, endpoints: [] } },
    })
  })

  test('counts its confirmed subscriptions, by the larger number', () => {
    const subscriptions = [
      { SubscriptionArn: `${OURS}:1`, Endpoint: 'a@example.com' },
      { SubscriptionArn: 'PendingConfirmation', Endpoint: 'b@example.com' },
      { SubscriptionArn: `${OURS}:2` },
    ]
    expect(topicOf({ SubscriptionsConfirmed: '1' }, subscriptions, undefined)).toMatchObject({
      ...{ confirmed: 2, endpoints: ['a@example.com'] },
    })
  })

  test.each<[what: string, name: string | undefined, key: unknown]>([
    ['no key', undefined, undefined],
    ['AWS’s own', 'alias/aws/sns', { data: { name: 'alias/aws/sns', isOfAws: true } }],
    [
      'AWS’s own, by its ARN',
      'arn:aws:kms:x:1:alias/aws/sns',
      { data: { name: 'arn:aws:kms:x:1:alias/aws/sns', isOfAws: true } },
    ],
    ['one that nobody asked', 'alias/own/aws/sns', DENIED('kms:DescribeKey, kms:GetKeyPolicy')],
  ])('with %s', (_what, KmsMasterKeyId, key) => {
    expect(topicOf({ KmsMasterKeyId }, [], undefined).key).toEqual(key)
  })

  test.each<[what: string, policy: unknown, statements: unknown]>([
    [
      'of statements',
      '{"Version":"1","Statement":[{"Effect":"Allow"},7]}',
      { Version: '1', Statement: [{ Effect: 'Allow' }] },
    ],
    ['of one statement', '{"Statement":{"Effect":"Allow"}}', { Statement: [{ Effect: 'Allow' }] }],
    ['without one', '{"Statement":[]}', undefined],
    ['that is no JSON', '{', undefined],
    ['that is not there', undefined, undefined],
  ])('with a policy %s', (_what, Policy, is) => {
    expect(topicOf({ Policy }, [], undefined).policy).toEqual(is)
    expect(keyOf({ name: 'k', Policy }).policy).toEqual(is)
  })

  test('and its key, as AWS describes it', () => {
    const KeyMetadata = { Arn: 'arn:k', KeyManager: 'AWS', KeyState: 'Enabled' }
    expect(keyOf({ KeyMetadata })).toEqual({ name: 'arn:k', arn: 'arn:k', isOfAws: true, state: 'Enabled' })
    expect(keyOf({ name: 'k', KeyMetadata: { KeyManager: 'CUSTOMER' } })).toEqual({ name: 'k', isOfAws: false })
    expect(keyOf({})).toEqual({ name: '', isOfAws: false })
  })
})

describe('a rule of EventBridge', () => {
  const CHANGE = { source: ['aws.cloudwatch'], 'detail-type': ['CloudWatch Alarm State Change'] }
  test.each<[what: string, pattern: unknown, covers: unknown]>([
    ['all changes', CHANGE, 'all'],
    ['all of CloudWatch', { source: ['aws.cloudwatch'] }, 'all'],
    ['the kind alone', { 'detail-type': ['CloudWatch Alarm State Change'] }, 'all'],
    ['its own account and region', { ...CHANGE, account: ['1', ACCOUNT], region: ['eu-west-1'] }, 'all'],
    ['another account', { ...CHANGE, account: ['999999999999'] }, []],
    ['another region', { ...CHANGE, region: ['ap-southeast-2'] }, []],
    ['every account but one', { ...CHANGE, account: [{ 'anything-but': ['999999999999'] }] }, 'maybe'],
    ['another account of any service', { account: ['999999999999'] }, []],
    ['its own account of any service', { account: [ACCOUNT] }, 'maybe'],
    ['another source', { source: ['aws.ec2'] }, []],
    ['another kind', { source: ['aws.cloudwatch'], 'detail-type': ['Other'] }, []],
    ['a source by prefix', { ...CHANGE, source: [{ prefix: 'aws.' }] }, 'all'],
    ['a source by another prefix', { ...CHANGE, source: [{ prefix: 'aws.ec' }] }, []],
    ['every source but one', { ...CHANGE, source: [{ 'anything-but': 'aws.ec2' }] }, 'maybe'],
    ['a source that is no list', { ...CHANGE, source: 'aws.cloudwatch' }, 'maybe'],
    ['no source and no kind', { detail: {} }, 'maybe'],
    ['something else', { ...CHANGE, resources: [ARN] }, 'maybe'],
    ['names', { ...CHANGE, detail: { alarmName: ['a', 'b'] } }, ['a', 'b']],
    ['names by prefix', { ...CHANGE, detail: { alarmName: [{ prefix: 'a' }] } }, 'maybe'],
    [
      'all names but some',
      { ...CHANGE, detail: { alarmName: [{ 'anything-but': { prefix: 'a' } }] } },
      { allBut: 'a' },
    ],
    ['all names but one', { ...CHANGE, detail: { alarmName: [{ 'anything-but': 'a' }] } }, 'maybe'],
    [
      'all names but some, or one of them',
      { ...CHANGE, detail: { alarmName: [{ 'anything-but': { prefix: 'a' } }, 'ab'] } },
      'maybe',
    ],
    ['firing', { ...CHANGE, detail: { state: { value: ['ALARM'] } } }, 'all'],
    ['names, firing', { ...CHANGE, detail: { alarmName: ['a'], state: { value: ['ALARM'] } } }, ['a']],
    ['the end alone', { ...CHANGE, detail: { state: { value: ['OK'] } } }, []],
    ['all but firing', { ...CHANGE, detail: { state: { value: [{ 'anything-but': 'ALARM' }] } } }, 'maybe'],
    [
      'firing for some reasons',
      { ...CHANGE, detail: { state: { value: ['ALARM'], reason: [{ wildcard: '*prod*' }] } } },
      'maybe',
    ],
    ['some reasons', { ...CHANGE, detail: { state: { reason: ['ALARM'] } } }, 'maybe'],
    ['the end alone, for some reasons', { ...CHANGE, detail: { state: { value: ['OK'], reason: ['x'] } } }, []],
    ['a configuration', { ...CHANGE, detail: { configuration: {} } }, 'maybe'],
    ['nothing', undefined, []],
  ])('that asks for %s', (_what, pattern, covers) => {
    const EventPattern = pattern === undefined ? undefined : JSON.stringify(pattern)
    const Arn = `arn:aws:events:eu-west-1:${ACCOUNT}:rule/r`
    expect(eventRuleOf({ Name: 'r', Arn, EventPattern, Targets: [{ Arn: OURS }, {}] })).toEqual({
      ...{ name: 'r', covers, targets: [OURS] },
    })
  })

  test.each([
    ['DISABLED', []],
    ['ENABLED', 'all'],
    ['ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS', 'all'],
  ])('in the state %s', (State, covers) => {
    expect(eventRuleOf({ Name: 'r', State, EventPattern: JSON.stringify(CHANGE) }).covers).toEqual(covers)
  })
})
