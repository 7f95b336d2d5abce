import { describe, expect, test } from 'vitest'
import { alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/** One change of an alarm, as its SNS action publishes it. */
const message = {
  AlarmName: 'orders-api-errors',
  AlarmDescription: 'Orders fail. Runbook: https://wiki.example.com/orders (owner: https://example.com/team)',
  AWSAccountId: '111122223333',
  NewStateValue: 'ALARM',
  NewStateReason:
    'Threshold Crossed: 1 out of the last 1 datapoints [12.0 (14/09/26 11:17:00)] was greater than or equal to the threshold (5.0) (minimum 1 datapoint for OK -> ALARM transition).',
  StateChangeTime: '2026-09-14T11:18:52.496+0000',
  Region: 'EU (Ireland)',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:orders-api-errors',
  OldStateValue: 'OK',
  Trigger: {
    MetricName: 'Errors',
    Namespace: 'AWS/Lambda',
    StatisticType: 'Statistic',
    Statistic: 'SUM',
    Unit: null,
    Dimensions: [{ value: 'orders-api', name: 'FunctionName' }],
    Period: 60,
    EvaluationPeriods: 1,
    DatapointsToAlarm: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 5.0,
    TreatMissingData: '- TreatMissingData:                    notBreaching',
    EvaluateLowSampleCountPercentile: '',
  },
}

/** The same change as EventBridge's event. */
const event = {
  version: '0',
  id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  account: '111122223333',
  time: '2026-09-14T11:18:52Z',
  region: 'eu-west-1',
  resources: [message.AlarmArn],
  detail: {
    alarmName: 'orders-api-errors',
    state: {
      value: 'ALARM',
      reason: message.NewStateReason,
      reasonData: '{"version":"1.0","statistic":"Sum","period":60,"recentDatapoints":[12.0],"threshold":5.0}',
      timestamp: '2026-09-14T11:18:52.496+0000',
    },
    previousState: { value: 'OK', reason: 'fine', timestamp: '2026-09-14T11:00:52.496+0000' },
    configuration: {
      description: message.AlarmDescription,
      metrics: [
        {
          id: 'm',
          metricStat: {
            metric: { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'orders-api' } },
            period: 60,
            stat: 'Sum',
          },
          returnData: true,
        },
      ],
    },
  },
}

const action = {
  source: 'aws.cloudwatch',
  alarmArn: message.AlarmArn,
  accountId: '111122223333',
  time: '2026-09-14T11:18:52.496+0000',
  region: 'eu-west-1',
  alarmData: event.detail,
}

function alarm(changes: object, trigger?: object) {
  const [alert] = parse({ ...message, ...changes, ...(trigger && { Trigger: { ...message.Trigger, ...trigger } }) })
  return alertSchema.parse(alert)
}

/** With metrics in place of the single metric. */
function withMetrics(Metrics: object[], trigger: object = {}) {
  const { MetricName: _m, Namespace: _n, Dimensions: _d, Statistic: _s, ...rest } = message.Trigger
  const [alert] = parse({ ...message, Trigger: { ...rest, ...trigger, Metrics } })
  return alertSchema.parse(alert)
}

const stat = (id: string, name: string, dimensions: object[], isResult = false) => ({
  Id: id,
  MetricStat: {
    Metric: { Namespace: 'AWS/Lambda', MetricName: name, Dimensions: dimensions },
    Period: 60,
    Stat: 'Sum',
  },
  ReturnData: isResult,
})

describe('a metric alarm', () => {
  test('is read completely', () => {
    expect(alarm({})).toMatchObject({
      fingerprint: message.AlarmArn,
      kind: 'metric-alarm',
      status: 'firing',
      previousStatus: 'resolved',
      name: 'orders-api-errors',
      title: 'orders-api-errors',
      changedAt: '2026-09-14T11:18:52.496Z',
      source: 'aws.cloudwatch',
      account: '111122223333',
      region: 'eu-west-1',
      namespace: 'AWS/Lambda',
      metric: 'Errors',
      dimensions: { FunctionName: 'orders-api' },
      resource: 'orders-api (FunctionName)',
      threshold: {
        operator: '>=',
        value: 5,
        unit: undefined,
        statistic: 'Sum',
        periodSeconds: 60,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        missingData: 'notBreaching',
        observed: 12,
      },
      links: {
        console:
          'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/orders-api-errors',
        logs: 'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Forders-api',
        runbook: 'https://wiki.example.com/orders',
      },
    })
  })

  test.each([
    ['an EventBridge event', event],
    ['a Lambda alarm action', action],
  ])('is the same alert when it comes as %s', (_, input) => {
    const [notified] = parse(input)
    const sns = alarm({})
    for (const fact of [
      'fingerprint',
      'status',
      'previousStatus',
      'changedAt',
      'name',
      'dimensions',
      'links',
    ] as const) {
      expect(notified?.[fact], fact).toEqual(sns[fact])
    }
    expect(notified?.threshold).toMatchObject({
      operator: '>=',
      value: 5,
      statistic: 'Sum',
      periodSeconds: 60,
      observed: 12,
    })
  })

  test.each([
    ['ALARM', 'firing', undefined],
    ['OK', 'resolved', undefined],
    ['INSUFFICIENT_DATA', 'insufficient-data', undefined],
    ['PANIC', 'firing', 'PANIC'],
  ])('in state %s is %s', (NewStateValue, status, state) => {
    const alert = alarm({ NewStateValue })
    expect(alert.status).toBe(status)
    expect(alert.details.state).toBe(state)
  })

  test('without an ARN is identified by account, region and name', () => {
    expect(alarm({ AlarmArn: undefined }).fingerprint).toBe(message.AlarmArn)
    expect(alarm({ AlarmArn: undefined, Region: 'China (Beijing)' }).fingerprint).toBe(
      'arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:orders-api-errors',
    )
  })

  test.each([
    ['SAMPLECOUNT', 'SampleCount'],
    ['SAMPLE_COUNT', 'SampleCount'],
    ['AVERAGE', 'Average'],
    ['p99.9', 'p99.9'],
  ])('with statistic %s has %s', (Statistic, statistic) => {
    expect(alarm({}, { Statistic }).threshold?.statistic).toBe(statistic)
  })

  test('with a percentile has that as statistic', () => {
    expect(alarm({}, { Statistic: undefined, ExtendedStatistic: 'p99' }).threshold?.statistic).toBe('p99')
  })

  test.each([
    ['LessThanThreshold', '<'],
    ['GreaterThanUpperThreshold', 'above'],
    ['LessThanLowerThreshold', 'below'],
    ['LessThanLowerOrGreaterThanUpperThreshold', 'outside'],
  ])('compared by %s is %s', (ComparisonOperator, operator) => {
    expect(alarm({}, { ComparisonOperator }).threshold?.operator).toBe(operator)
  })

  test.each([
    ['- TreatMissingData:NonBreaching', 'notBreaching'],
    ['missing', 'missing'],
    ['', undefined],
  ])('that treats missing data by %j has %s', (TreatMissingData, treatment) => {
    expect(alarm({}, { TreatMissingData }).threshold?.missingData).toBe(treatment)
  })

  test('without dimensions names its metric as the resource', () => {
    expect(alarm({}, { Dimensions: [] }).resource).toBe('Errors (AWS/Lambda)')
  })

  test('with almost nothing in it is still an alert', () => {
    const [alert] = parse({ alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:x', alarmData: {} })
    expect(alert).toMatchObject({
      name: 'x',
      status: 'firing',
      resource: 'x',
      region: 'eu-west-1',
      account: '111122223333',
    })
  })
})

describe('other kinds of alarm', () => {
  test('math: metrics, merged dimensions and the expression that is compared', () => {
    const alert = withMetrics([
      { Id: 'e1', Expression: 'm1/m2', Label: 'rate', ReturnData: true },
      stat('m1', 'Errors', [{ name: 'FunctionName', value: 'a' }]),
      stat('m2', 'Invocations', [{ name: 'FunctionName', value: 'b' }]),
    ])
    expect(alert).toMatchObject({
      kind: 'math-alarm',
      metric: 'Errors, Invocations',
      expression: 'm1/m2',
      dimensions: { FunctionName: 'a, b' },
      resource: 'a, b (FunctionName)',
    })
    expect(alert.links.logs).toBeUndefined()
  })

  test('anomaly: a band has no threshold value', () => {
    const alert = withMetrics(
      [
        stat('m1', 'Errors', [{ name: 'FunctionName', value: 'a' }], true),
        { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)', ReturnData: true },
      ],
      { ThresholdMetricId: 'ad1', ComparisonOperator: 'GreaterThanUpperThreshold', Threshold: undefined },
    )
    expect(alert).toMatchObject({ kind: 'anomaly-alarm', threshold: { operator: 'above' } })
    expect(alert.threshold?.value).toBeUndefined()
  })

  test.each([
    ['SELECT AVG(Latency) FROM "AWS/DynamoDB" GROUP BY TableName', 'Latency', 'AWS/DynamoDB'],
    ['SELECT MAX(CPUUtilization) FROM SCHEMA("AWS/EC2", InstanceId)', 'CPUUtilization', 'AWS/EC2'],
  ])('Metrics Insights: %s', (Expression, metric, namespace) => {
    expect(withMetrics([{ Id: 'q', Expression, ReturnData: true, Period: 60 }])).toMatchObject({
      kind: 'insights-alarm',
      metric,
      namespace,
      resource: namespace,
      expression: Expression,
    })
  })

  test('composite: its children, from the message or from the reason data', () => {
    const child = 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:child'
    const rule = { Trigger: undefined, AlarmRule: 'ALARM("child") OR ALARM("other")' }
    const byMessage = alarm({ ...rule, TriggeringChildren: [{ Arn: child, State: { Value: 'ALARM' } }] })
    const byReason = alarm({
      ...rule,
      TriggeringChildren: [],
      NewStateReasonData: { triggeringAlarms: [{ arn: child, state: { value: 'ALARM' } }] },
    })
    for (const alert of [byMessage, byReason]) {
      expect(alert).toMatchObject({
        kind: 'composite-alarm',
        resource: 'child',
        children: [{ name: 'child', arn: child, status: 'firing' }],
        alarmRule: rule.AlarmRule,
      })
    }
    expect(alarm(rule).resource).toBe('child, other')
  })

  test('contributor: each is a separate alert, the same in both envelopes', () => {
    const attributes = { TableName: 'orders' }
    const sns = alarm({ AlarmContributorId: '6d44', AlarmContributorAttributes: attributes })
    const [bridge] = parse({
      ...event,
      'detail-type': 'CloudWatch Alarm Contributor State Change',
      detail: { ...event.detail, previousState: undefined, alarmContributor: { id: '6d44', attributes } },
    })
    for (const alert of [sns, bridge]) {
      expect(alert).toMatchObject({ fingerprint: `${message.AlarmArn}#6d44`, resource: 'orders (TableName)' })
    }
  })

  test('log: its query and log group', () => {
    const alert = alarm({
      Trigger: {
        ScheduledQueryConfiguration: {
          QueryString: 'filter level = "ERROR"',
          LogGroupIdentifiers: ['arn:aws:logs:eu-west-1:111122223333:log-group:/app/orders'],
        },
        Threshold: 5,
        ComparisonOperator: 'GreaterThanThreshold',
      },
    })
    expect(alert).toMatchObject({
      kind: 'log-alarm',
      resource: '/app/orders',
      expression: 'filter level = "ERROR"',
      threshold: { operator: '>', value: 5 },
    })
    expect(alert.links.logs).toContain('$252Fapp$252Forders')
  })

  test('tags in both spellings, and details of a mute or suppression', () => {
    expect(alarm({ AlarmTags: [{ Key: 'team', Value: 'orders' }] }).tags).toEqual({ team: 'orders' })
    const [alert] = parse({
      ...event,
      detail: {
        ...event.detail,
        alarmTags: { team: 'orders' },
        state: { ...event.detail.state, actionsSuppressedBy: 'Alarm' },
        muteDetail: { mutedByArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm-mute-rule:night' },
      },
    })
    expect(alert?.tags).toEqual({ team: 'orders' })
    expect(alert?.details).toMatchObject({ actionsSuppressedBy: 'Alarm', mutedBy: expect.stringContaining('night') })
  })

  test('a change of its configuration is not a change of its state', () => {
    const [alert] = parse({
      ...event,
      'detail-type': 'CloudWatch Alarm Configuration Change',
      detail: {
        alarmName: 'orders-api-errors',
        operation: 'update',
        configuration: { threshold: 80, timestamp: '2026-09-14T11:18:52.496+0000' },
        previousConfiguration: { threshold: 70, timestamp: '2026-09-13T11:18:52.496+0000' },
      },
    })
    expect(alert).toMatchObject({
      kind: 'alarm-configuration',
      fingerprint: `${message.AlarmArn}#configuration`,
      title: 'Alarm orders-api-errors was updated',
      reason: 'threshold: 70 → 80',
    })
  })

  describe('a deleted alarm', () => {
    const deleted = (detail: object = {}, more: object = {}) =>
      parse({
        ...event,
        'detail-type': 'CloudWatch Alarm Configuration Change',
        time: '2026-09-14T12:00:00Z',
        detail: {
          alarmName: 'orders-api-errors',
          operation: 'delete',
          state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2026-09-14T11:18:52.496+0000' },
          configuration: event.detail.configuration,
          ...detail,
        },
        ...more,
      })

    test('is shown, and resolves its alert', () => {
      const [firing] = parse(event)
      const [notice, end, ...others] = deleted()
      expect(notice).toMatchObject({ kind: 'alarm-configuration', title: 'Alarm orders-api-errors was deleted' })
      expect(end).toMatchObject({
        kind: 'alarm',
        fingerprint: firing?.fingerprint,
        status: 'resolved',
        previousStatus: 'firing',
        name: 'orders-api-errors',
        title: 'orders-api-errors',
        reason: 'The alarm was deleted.',
        changedAt: '2026-09-14T12:00:00.000Z',
        source: 'aws.cloudwatch',
        account: firing?.account,
        region: firing?.region,
        resource: firing?.resource,
        links: firing?.links,
      })
      expect(others).toEqual([])
    })

    test.each<[string, object, object, string]>([
      ['in capitals', { operation: 'DELETE' }, {}, message.AlarmArn],
      ['with its former configuration', { configuration: undefined, previousConfiguration: {} }, {}, message.AlarmArn],
      ['without a state', { state: undefined }, {}, message.AlarmArn],
      ['a composite', { configuration: { alarmRule: 'ALARM("a")' } }, {}, message.AlarmArn],
      ['by its name alone', {}, { resources: [] }, message.AlarmArn],
      ['with its ARN in second place', {}, { resources: ['x', message.AlarmArn] }, message.AlarmArn],
    ])('%s', (_, detail, more, fingerprint) => {
      const end = deleted(detail, more)[1]
      expect(end).toMatchObject({ kind: 'alarm', status: 'resolved', fingerprint })
    })

    test.each(['create', 'update', 'disable'])('a %s resolves nothing', (operation) => {
      expect(deleted({ operation })).toMatchObject([{ kind: 'alarm-configuration' }])
    })
  })
})

describe('regions, times and links', () => {
  test.each([
    ['US East (N. Virginia)', 'us-east-1'],
    ['US - N. Virginia', 'us-east-1'],
    ['US East - N. Virginia', 'us-east-1'],
    ['US West - Oregon', 'us-west-2'],
    ['US-West-2', 'us-west-2'],
    ['EU - Ireland', 'eu-west-1'],
    ['Europe (Ireland)', 'eu-west-1'],
    ['AsiaPacific (Seoul)', 'ap-northeast-2'],
    ['Asia Pacific (Osaka-Local)', 'ap-northeast-3'],
    ['South America (São Paulo)', 'sa-east-1'],
    ['Canada (Central)', 'ca-central-1'],
    ['Middle East (UAE)', 'me-central-1'],
    ['AWS GovCloud (US-East)', 'us-gov-east-1'],
    ['AWS GovCloud (US)', 'us-gov-west-1'],
    ['China (Ningxia)', 'cn-northwest-1'],
    ['EXAMPLE', undefined],
  ])('%s is %s', (Region, code) => {
    expect(alarm({ AlarmArn: undefined, Region }).region).toBe(code)
  })

  test.each([
    ['2026-09-14T11:18:52.496+0200', '2026-09-14T09:18:52.496Z'],
    ['2026-09-14T11:18:52Z', '2026-09-14T11:18:52.000Z'],
    ['2026-09-14T11: 18: 52.496+0000', '2026-09-14T11:18:52.496Z'],
    ['2026-09-14 11:18:52.496', '2026-09-14T11:18:52.496Z'],
    [1789384732, '2026-09-14T11:18:52.000Z'],
    ['1789384732496', '2026-09-14T11:18:52.496Z'],
    ['Mon, 14 Sep 2026 11:18:52 GMT', '2026-09-14T11:18:52.000Z'],
    ['Mon Sep 14 11:18:52 UTC 2026', '2026-09-14T11:18:52.000Z'],
  ])('%s is %s', (StateChangeTime, changedAt) => {
    expect(alarm({ StateChangeTime }).changedAt).toBe(changedAt)
  })

  test.each(['date', '', null, undefined, {}, '2026-13-45T99:00:00Z', 'March 7'])(
    '%j is not a time: the time of the envelope is used, or now',
    (odd) => {
      const odder = { ...message, StateChangeTime: odd }
      const sns = {
        Type: 'Notification',
        TopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',
        Message: JSON.stringify(odder),
      }
      expect(parse({ ...sns, Timestamp: '2026-09-14T11:20:00.000Z' })[0]?.changedAt).toBe('2026-09-14T11:20:00.000Z')
      expect(parse(odder, { now: new Date('2026-10-01T00:00:00Z') })[0]?.changedAt).toBe('2026-10-01T00:00:00.000Z')
    },
  )

  test.each([
    [
      'eu-west-1',
      'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/a%20%2F%20b',
    ],
    ['cn-north-1', 'https://console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/a%20%2F%20b'],
    [
      'us-gov-west-1',
      'https://console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#alarmsV2:alarm/a%20%2F%20b',
    ],
    [
      'eusc-de-east-1',
      'https://eusc-de-east-1.console.amazonaws-eusc.eu/cloudwatch/home?region=eusc-de-east-1#alarmsV2:alarm/a%20%2F%20b',
    ],
    ['us-isob-east-1', undefined],
  ])('the console of %s', (Region, url) => {
    expect(alarm({ AlarmName: 'a / b', AlarmArn: undefined, Region }).links.console).toBe(url)
  })

  test.each([
    ['Dashboard https://grafana.example.com/d/1 Playbook: https://example.com/p.', 'https://example.com/p'],
    ['See [the runbook](https://example.com/r).', 'https://example.com/r'],
    ['<https://example.com/r|Runbook> or <https://example.com/d|dashboard>', 'https://example.com/r'],
    ['https://example.com/a then https://wiki.example.com/b', 'https://wiki.example.com/b'],
    ['https://example.com/a, https://example.com/b', 'https://example.com/a'],
    ['javascript://alert(1) ftp://example.com/runbook', undefined],
  ])('the runbook in %j', (AlarmDescription, runbook) => {
    expect(alarm({ AlarmDescription }).links.runbook).toBe(runbook)
  })
})

describe('a headline is short, whatever its dimensions contain', () => {
  const long = (start: string, end: string) => `${start}${'y'.repeat(1_000)}${end}`

  test.each([
    [1, 'a', 240],
    [2, 'a', 240],
    [3, 'a', 240],
    [4, '😀', 250],
    [30, '漢', 250],
  ])('%i values of 1,000 characters', (count, start, most) => {
    const Dimensions = Array.from({ length: count }, (_, at) => ({ name: `Dim${at}`, value: long(start, `end${at}`) }))
    const alert = alarm({}, { Dimensions })
    expect([...alert.resource].length).toBeLessThanOrEqual(most + 10)
    expect(alert.resource).toMatch(new RegExp(`^${start}y+…y+end0 \\(Dim0\\)`))
    expect(alert.dimensions.Dim0).toContain('yyy')
  })

  test.each([
    [4, 'a (D0), a (D1), a (D2), a (D3)'],
    [5, 'a (D0), a (D1), a (D2), 2 more'],
    [30, 'a (D0), a (D1), a (D2), 27 more'],
  ])('a headline names few of %i dimensions, and counts the others', (count, resource) => {
    const Dimensions = Array.from({ length: count }, (_, at) => ({ name: `D${at}`, value: 'a' }))
    expect(alarm({}, { Dimensions }).resource).toBe(resource)
  })

  test('names of a composite’s alarms are bounded, too', () => {
    const AlarmRule = ['a', 'b', 'c'].map((name) => `ALARM("${long(name, 'end').slice(0, 255)}")`).join(' OR ')
    const alert = alarm({ AlarmRule, Trigger: undefined })
    expect(alert.resource.length).toBeLessThanOrEqual(250)
  })

  test('an ARN of usual length is not cut', () => {
    const value = 'arn:aws:states:eu-central-1:111122223333:stateMachine:orders-nightly-settlement-of-all-that-is-open'
    const alert = alarm({}, { Dimensions: [{ name: 'StateMachineArn', value }] })
    expect(alert.resource).toBe(`${value} (StateMachineArn)`)
  })
})
