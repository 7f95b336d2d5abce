import { describe, expect, test } from 'vitest'
import { dashboardProblems } from '../deploy/valid/dashboard.ts'
import { queryProblems } from '../deploy/valid/query.ts'
import { muteScheduleProblems, ruleScheduleProblems, schedulerProblems } from '../deploy/valid/schedule.ts'
import { type Resources, validityProblems } from '../deploy/valid/template.ts'
import { packagedService } from './package-service.ts'

/** What AWS refuses, or never works, in a template whose types are right. */

test('the packaged template has nothing of it', async () => {
  const { template } = await packagedService()
  const { Resources: resources } = JSON.parse(template) as { Resources: Resources }
  expect(validityProblems(resources)).toEqual([])
}, 120_000)

const alarm = (Properties: Record<string, unknown>): Resources => ({
  Watch: { Type: 'AWS::CloudWatch::Alarm', Properties: { EvaluationPeriods: 1, Threshold: 1, ...Properties } },
})
const stat = (Id: string, more: object = {}) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName: Id }, Period: 60, Stat: 'Sum' },
  ReturnData: false,
  ...more,
})
const math = (Expression: string, more: object = {}) => ({ Id: 'watched', Expression, ...more })

describe('an alarm', () => {
  test.each<[what: string, properties: Record<string, unknown>]>([
    ['of one metric', { MetricName: 'Errors', Period: 300, EvaluationPeriods: 288 }],
    ['over a week', { Period: 3600, EvaluationPeriods: 168, DatapointsToAlarm: 1 }],
    ['of a percentile', { ExtendedStatistic: 'p99.9', Period: 10 }],
    ['of a trimmed mean', { ExtendedStatistic: 'TM(10%:90%)', Period: 60 }],
    ['by math', { Metrics: [stat('errors'), stat('calls'), math('IF(calls > 70, 100 * FILL(errors, 0) / calls, 0)')] }],
    [
      'by math of math',
      { Metrics: [stat('m1'), { Id: 'e1', Expression: 'm1 * 2', ReturnData: false }, math('e1 ^ 2')] },
    ],
    [
      'by a band',
      {
        Threshold: undefined,
        ThresholdMetricId: 'watched',
        Metrics: [stat('m1', { ReturnData: true }), math('ANOMALY_DETECTION_BAND(m1, 2)', { ReturnData: false })],
      },
    ],
    ['whose values only a deployment knows', { Period: { Ref: 'Period' }, EvaluationPeriods: { Ref: 'Periods' } }],
  ])('%s is valid', (_, properties) => {
    expect(validityProblems(alarm(properties))).toEqual([])
  })

  test.each<[what: string, properties: Record<string, unknown>, problem: string]>([
    ['a period that is no minute', { Period: 45 }, 'Period 45'],
    ['more than a day of short periods', { Period: 300, EvaluationPeriods: 289 }, 'at most 86400'],
    ['more than a week', { Period: 3600, EvaluationPeriods: 169 }, 'at most 604800'],
    ['more datapoints than periods', { EvaluationPeriods: 3, DatapointsToAlarm: 4 }, 'use 1 to EvaluationPeriods, 3'],
    ['no datapoint', { DatapointsToAlarm: 0 }, 'DatapointsToAlarm 0'],
    ['a percentile above all', { ExtendedStatistic: 'p101' }, 'statistic "p101"'],
    ['a statistic that there is not', { ExtendedStatistic: 'median' }, 'statistic "median"'],
    ['two results', { Metrics: [stat('m1', { ReturnData: undefined }), math('m1')] }, 'returns 2 results'],
    ['no result', { Metrics: [stat('m1')] }, 'returns 0 results'],
    ['an id twice', { Metrics: [stat('m1'), stat('m1'), math('m1')] }, 'the id "m1" twice'],
    ['an unknown id', { Metrics: [stat('m1'), math('m1 + m2')] }, 'no metric with this id'],
    ['broken math', { Metrics: [stat('m1'), math('m1 +')] }, "can't be read"],
    ['two expressions in one', { Metrics: [stat('m1'), math('m1 m1')] }, 'is not one expression'],
    ['a function that there is not', { Metrics: [stat('m1'), math('MEDIAN(m1)')] }, 'calls MEDIAN'],
    ['too few arguments', { Metrics: [stat('m1'), math('FILL(m1)')] }, 'gives FILL 1 arguments: it takes 2'],
    ['an operator that there is not', { Metrics: [stat('m1'), math('m1 % 2')] }, 'uses "%"'],
    ['a search', { Metrics: [math("SUM(SEARCH('{AWS/Lambda} Errors', 'Sum', 60))")] }, 'calls SEARCH'],
    ['several lines', { Metrics: [stat('m1'), math('METRICS()')] }, 'several lines'],
    ['a number for a line', { Metrics: [stat('m1'), math('SUM(m1)')] }, 'a number'],
    [
      'a circle',
      { Metrics: [stat('m1'), { Id: 'e1', Expression: 'watched + m1', ReturnData: false }, math('e1')] },
      'circle',
    ],
    [
      'mixed periods',
      { Metrics: [stat('m1'), { ...stat('m2'), MetricStat: { Period: 300, Stat: 'Sum' } }, math('m1 + m2')] },
      'has the Periods 60 and 300',
    ],
    [
      'a percentile in a query',
      { Metrics: [{ ...stat('m1'), MetricStat: { Period: 60, Stat: 'p200' } }, math('m1')] },
      'statistic "p200"',
    ],
    [
      'eleven metrics',
      { Metrics: [...Array.from({ length: 11 }, (_, n) => stat(`m${n}`)), math('m1')] },
      'has 11 of MetricStat',
    ],
    ['a long expression', { Metrics: [stat('m1'), math(`m1${' + m1'.repeat(500)}`)] }, 'at most 2048'],
    ['six actions', { AlarmActions: [1, 2, 3, 4, 5, 6] }, 'has 6 AlarmActions'],
    ['an action twice', { OKActions: [{ Ref: 'Topic' }, { Ref: 'Topic' }] }, 'the same of OKActions twice'],
    ['too many dimensions', { Dimensions: Array.from({ length: 31 }, () => ({})) }, 'has 31 dimensions'],
    ['a long description', { AlarmDescription: 'a'.repeat(1025) }, '1025 characters'],
    [
      'a band that nobody compares with',
      { Metrics: [stat('m1', { ReturnData: true }), math('ANOMALY_DETECTION_BAND(m1)', { ReturnData: false })] },
      'name it in ThresholdMetricId',
    ],
    [
      'a band and a threshold',
      {
        ThresholdMetricId: 'watched',
        Metrics: [stat('m1', { ReturnData: true }), math('ANOMALY_DETECTION_BAND(m1)', { ReturnData: false })],
      },
      'use one',
    ],
  ])('with %s is not', (_, properties, problem) => {
    expect(validityProblems(alarm(properties))).toEqual([
      expect.stringMatching(new RegExp(`^Watch: .*${RegExp.escape(problem)}`)),
    ])
  })
})

describe('a composite alarm', () => {
  const composite = (AlarmRule: unknown, more: Record<string, unknown> = {}, DependsOn?: string): Resources => ({
    Both: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: { AlarmRule, ...more },
      ...(DependsOn && { DependsOn }),
    },
    Long: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'long' } },
    Short: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'short' } },
  })
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation fills them in
  const sub = (rule: string) => ({ 'Fn::Sub': rule })

  test.each<[string, unknown, string?]>([
    ['of two', sub('ALARM("${Long}") AND ALARM("${Short.Arn}")')],
    ['with NOT and parentheses', sub('(ALARM("${Long}") OR NOT OK("${Short}")) AND NOT FALSE')],
    ['by number', sub('AT_LEAST(2, ALARM, ("${Long}", "${Short}"))')],
    ['by share', sub('AT_LEAST(50%, NOT OK, ("${Long}", "${Short}"))')],
    ['by name, in order', 'INSUFFICIENT_DATA("long")', 'Long'],
    ['that only a deployment knows', { 'Fn::Join': ['', []] }],
  ])('%s is valid', (_, rule, after) => {
    expect(validityProblems(composite(rule, {}, after))).toEqual([])
  })

  test.each<[string, unknown, string]>([
    ['broken syntax', sub('ALARM("${Long}") AND'), 'with AND, OR, NOT'],
    ['an open parenthesis', sub('(ALARM("${Long}")'), "can't be read"],
    ['a state that there is not', sub('FIRING("${Long}")'), 'not FIRING'],
    ['an operator that there is not', sub('ALARM("${Long}") && ALARM("${Short}")'), 'with AND, OR, NOT'],
    ['an alarm that there is not', sub('ALARM("${Medium}")'), 'no alarm of this template'],
    ['an alarm that may not exist yet', 'ALARM("long")', 'add DependsOn: Long'],
    ['itself', sub('ALARM("${Both}")'), 'names the alarm itself'],
    ['a number of no list', sub('AT_LEAST(2, ALARM)'), 'write AT_LEAST'],
    ['101 alarms', sub(Array.from({ length: 101 }, (_, n) => `ALARM("${n}")`).join(' OR ')), 'names 101 alarms'],
  ])('with %s is not', (_, rule, problem) => {
    expect(validityProblems(composite(rule)).join('\n')).toContain(problem)
  })
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation fills them in

  test('with a suppressor needs both of its periods', () => {
    const given = { ActionsSuppressor: 'deploying', ActionsSuppressorWaitPeriod: 60 }
    expect(validityProblems(composite('TRUE', given))).toEqual([expect.stringContaining('give all three or none')])
    expect(validityProblems(composite('TRUE', { ...given, ActionsSuppressorExtensionPeriod: 60 }))).toEqual([])
  })
})

describe('a dashboard', () => {
  const line = ['AWS/Lambda', 'Errors', 'FunctionName', 'route']
  const metric = (properties: object = {}, place: object = {}) =>
    JSON.stringify({
      widgets: [{ type: 'metric', ...place, properties: { region: 'eu-west-1', metrics: [line], ...properties } }],
    })
  const log = (query: string, view?: string) =>
    JSON.stringify({ widgets: [{ type: 'log', properties: { region: 'eu-west-1', query, ...(view && { view }) } }] })
  const s3 = ['AWS/S3', 'BucketSizeBytes', 'BucketName', 'lake', 'StorageType', 'StandardStorage']

  test.each([
    ['of a graph', metric()],
    ['of a repeated line', metric({ metrics: [line, ['...', 'tick'], ['.', 'Duration', '.', '.', { stat: 'p95' }]] })],
    ['of math', metric({ metrics: [[...line, { id: 'm1' }], [{ expression: 'm1 * 100', label: 'share' }]] })],
    ['of a gauge', metric({ view: 'gauge', yAxis: { left: { min: 0, max: 100 } } })],
    ['of an alarm', metric({ metrics: undefined, annotations: { alarms: ['arn'] } })],
    ['of a threshold', metric({ annotations: { horizontal: [{ value: 1, color: '#d13212' }] } })],
    ['of a bucket', metric({ metrics: [s3], period: 86_400 })],
    ['of logs', log("SOURCE 'a' | SOURCE 'b' | stats count() by bin(5m)", 'timeSeries')],
  ])('%s is valid', (_, body) => expect(dashboardProblems(body)).toEqual([]))

  test.each([
    ['no JSON', '{', 'is not JSON'],
    ['no widgets', '{}', 'widgets'],
    ['a widget that there is not', '{"widgets":[{"type":"graph"}]}', 'widgets.0'],
    ['a column outside', metric({}, { x: 30, y: 0 }), 'widgets.0.x'],
    ['a widget over the edge', metric({}, { x: 20, y: 0, width: 6 }), 'ends at column 26'],
    ['half a place', metric({}, { x: 3 }), 'give both x and y'],
    ['no metrics', metric({ metrics: [] }), 'metrics'],
    ['neither metrics nor an alarm', metric({ metrics: undefined }), 'give metrics, or one alarm'],
    ['a gauge without bounds', metric({ view: 'gauge' }), 'needs yAxis.left.min and max'],
    ['a stacked table', metric({ view: 'table', stacked: true }), 'only timeSeries'],
    ['a colour by name', metric({ metrics: [[...line, { color: 'red' }]] }), 'write a colour as #rrggbb'],
    ['an option that there is not', metric({ metrics: [[...line, { colour: '#d13212' }]] }), 'metrics.0'],
    ['a period that is none', metric({ period: 45 }), 'multiple of 60'],
    ['a statistic that is none', metric({ stat: 'p101' }), 'statistic "p101"'],
    ['a dimension without a value', metric({ metrics: [['AWS/Lambda', 'Errors', 'FunctionName']] }), 'has no value'],
    ['nothing to repeat', metric({ metrics: [['...', 'tick']] }), 'nothing above it'],
    ['math of an unknown id', metric({ metrics: [[{ expression: 'm1 * 100' }]] }), 'no metric with this id'],
    [
      'a bucket without its storage type',
      metric({ metrics: [s3.slice(0, 4)], period: 86_400 }),
      'needs BucketName and StorageType',
    ],
    ['a bucket by five minutes', metric({ metrics: [s3] }), 'has a point a day'],
    ['ECS without a cluster', metric({ metrics: [['AWS/ECS', 'CPUUtilization']] }), 'needs ClusterName'],
    ['logs of nothing', log('stats count() by bin(5m)'), 'must begin with its log groups'],
    ['a graph of logs without time', log("SOURCE 'a' | stats count() by level", 'bar'), 'needs stats … by bin'],
    ['a wrong query', log("SOURCE 'a' | select *"), 'no command "select"'],
    [
      '2,501 lines',
      JSON.stringify({
        widgets: Array.from({ length: 6 }, () => ({
          type: 'metric',
          properties: { region: 'r', metrics: Array.from({ length: 420 }, () => line) },
        })),
      }),
      'draws 2520 lines',
    ],
  ])('with %s is not', (_, body, problem) => expect(dashboardProblems(body).join('\n')).toContain(problem))
})

describe('a query of logs', () => {
  test.each([
    'fields @timestamp, @message | filter @message like /a|b/ | sort @timestamp desc | limit 20',
    '# errors\nfilter level = "ERROR" | stats count() as n by error_type, pipeline | sort n desc',
    'stats avg(@duration), pct(@duration, 95) by bin(5m) | sort avg(@duration) desc',
    "parse @message 'a | b *' as c | filter c != '==' | stats latest(c) as newest by d | sort newest, d asc",
  ])('%j is valid', (query) => expect(queryProblems(query)).toEqual([]))

  test.each([
    ['-- errors\nfields @message', 'a comment begins with #'],
    ['select @message', 'no command "select"'],
    ['fields @message | | limit 5', 'an empty command'],
    ['filter level == "ERROR"', '= compares, not =='],
    ['stats count() by level | sort count desc', 'stats gives only count(), level'],
    ['stats count() by bin(300s)', 'at most 60s'],
    ['stats count() by a | stats max(a) by b | stats count() by c', 'has 3 stats'],
    [`fields ${'a'.repeat(10_000)}`, 'at most 10000'],
  ])('%j is not', (query, problem) => expect(queryProblems(query).join('\n')).toContain(problem))
})

describe('a schedule', () => {
  test.each([
    ['rule', 'rate(1 minute)'],
    ['rule', 'rate(5 minutes)'],
    ['rule', 'cron(0 8 ? * MON-FRI *)'],
    ['rule', 'cron(0/15 8-18 ? * 2#1 *)'],
    ['rule', 'cron(0 0 LW * ? 2026-2030)'],
    ['rule', 'cron(0 0 3W JAN,JUL ? *)'],
    ['scheduler', 'cron(30 7 ? * 6L *)'],
    ['scheduler', 'at(2028-02-29T08:00:00)'],
    ['mute', 'cron(0 2 * * 0)'],
    ['mute', 'at(2026-12-24T18:00)'],
  ] as const)('of a %s: %s is valid', (of, expression) => expect(problems(of, expression)).toEqual([]))

  test.each([
    ['rule', 'rate(1 minutes)', 'only rate(1 minute)'],
    ['rule', 'rate(5 minute)', 'only rate(5 minutes)'],
    ['rule', 'rate(0 minutes)', 'a whole number'],
    ['rule', 'every 5 minutes', 'is no schedule'],
    ['rule', 'at(2026-12-24T18:00:00)', 'is no schedule'],
    ['rule', 'cron(0 8 * * *)', 'has 5 fields, and needs 6'],
    ['rule', 'cron(0 8 * * * *)', 'must be ?'],
    ['rule', 'cron(0 8 ? * ? *)', 'must be ?'],
    ['rule', 'cron(60 8 ? * MON *)', '"60" is no minute'],
    ['rule', 'cron(0 24 ? * MON *)', '"24" is no hour'],
    ['rule', 'cron(0 8 32 * ? *)', '"32" is no day of month'],
    ['rule', 'cron(0 8 ? 13 MON *)', '"13" is no month'],
    ['rule', 'cron(0 8 ? * 0 *)', '"0" is no day of week'],
    ['rule', 'cron(0 8 ? * 3#1,6#3 *)', 'is no day of week'],
    ['rule', 'cron(0 8 ? * MON 1969)', 'is no year'],
    ['scheduler', 'cron(0 8 * * * *)', 'must be ?'],
    ['scheduler', 'at(2027-02-29T08:00:00)', 'write at(yyyy-mm-ddThh:mm:ss)'],
    ['mute', 'cron(0 2 ? * SUN *)', 'has 6 fields, and needs 5'],
    ['mute', 'cron(0 2 ? * SUN)', '"?" is no day of month'],
    ['mute', 'cron(0/5 2 * * SUN)', '"0/5" is no minute'],
    ['mute', 'rate(1 day)', 'is no schedule'],
  ] as const)('of a %s: %s is not', (of, expression, problem) =>
    expect(problems(of, expression).join('\n')).toContain(problem),
  )

  function problems(of: 'rule' | 'scheduler' | 'mute', expression: string): string[] {
    return { rule: ruleScheduleProblems, scheduler: schedulerProblems, mute: muteScheduleProblems }[of](expression)
  }
})
