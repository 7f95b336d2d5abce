import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { validate } from '../cli/package/validate.ts'
import { PATTERNS } from '../deploy/platform/events.ts'
import { platformStack } from '../deploy/platform/platform.ts'
import { probe } from '../deploy/platform/probe.ts'
import { type Resources as Template, validityProblems } from '../deploy/valid/template.ts'
import type { Alert } from '../schemas/alert.ts'
import { EVENT_KINDS, platformSchema } from '../schemas/platform.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { platformProblems } from '../shared/platform/problems.ts'
import { readPlatformText } from '../shared/platform/read.ts'
import { platformText, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

const RULES = readConfig('config/alerts.yml')

/** As serverless would fill in its variables. */
const filledIn = (part: object): string =>
  JSON.stringify(part)
    .replaceAll(/\$\{self:service\}/g, 'alert-router')
    .replaceAll(/\$\{sls:stage\}/g, 'prod')

const { Resources } = JSON.parse(filledIn(platformStack(shippedPlatform()))) as { Resources: Record<string, Json> }
const ofType = (type: string) => Object.entries(Resources).filter(([, { Type }]) => Type === `AWS::${type}`)

/** What the rest of the stack has, and the platform's part refers to. */
const ROUTER = {
  AlarmsDeadLetters: { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } },
  ReportLambdaFunction: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{
        Runtime: 'nodejs24.x',
        Handler: 'functions/report.handler',
        Code: { ZipFile: 'exports.handler = () => {}' },
      },
      Role: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/report` },
    },
  },
  AlarmsTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alert-router-prod-alarms' } },
  AlarmsTopicPolicy: {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: { Topics: [{ Ref: 'AlarmsTopic' }], PolicyDocument: { Version: '2012-10-17', Statement: [] } },
  },
}

test('AWS’s own validator and ours find nothing to refuse', () => {
  const folder = mkdtempSync(join(tmpdir(), 'platform-'))
  const path = join(folder, 'template.json')
  try {
    writeFileSync(
      path,
      JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', Resources: { ...ROUTER, ...Resources } }),
    )
    expect(validate(path)).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a stage that watches nothing has none of it', () => {
  expect([platformStack(undefined).Resources, probe(undefined)]).toEqual([{}, {}])
})

describe('a platform of any size packages', () => {
  const lambdas = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `f${at}`,
        { type: 'lambda', function: `function-${at}`, owner: 'data' },
      ]),
    )
  const web = { type: 'http', url: 'https://example.com/', owner: 'web' }
  const cluster = { type: 'ecs', cluster: 'a', service: 'b', owner: 'web' }
  const bucket = { type: 's3', bucket: 'a-bucket', storage: ['StandardStorage', 'GlacierStorage'], owner: 'web' }
  const role = 'arn:aws:iam::210987654321:role/alert-router-reads'
  const [INFRASTRUCTURE, BUSINESS] = ['PlatformInfrastructureDashboard', 'PlatformBusinessDashboard']
  const figure = { kpis: { size: { what: 'Size', metric: 'lake.BucketSizeBytes', shown: true } } }

  test.each<[string, Json, string[]]>([
    ['no service', { services: {} }, []],
    ['one http service', { services: { web } }, []],
    ['one ecs service', { services: { cluster } }, [INFRASTRUCTURE]],
    ['only a bucket', { services: { lake: bucket } }, [INFRASTRUCTURE]],
    ['a figure, and no alarm', { services: { lake: bucket }, ...figure }, [INFRASTRUCTURE, BUSINESS]],
    ['other accounts alone', { services: {}, accounts: { other: { role, region: 'eu-west-1' } } }, []],
    ['300 functions', { services: lambdas(300) }, [INFRASTRUCTURE]],
    ['as many functions as a dashboard has widgets', { services: lambdas(500) }, [INFRASTRUCTURE]],
    ['one more', { services: lambdas(501) }, [INFRASTRUCTURE, 'PlatformInfrastructure2Dashboard']],
  ])('%s: valid, with a dashboard where there is something to show', (_what, file, dashboards) => {
    const platform = platformSchema.parse({ stages: ['prod'], ...file })
    expect(platformProblems(platform)).toEqual([])
    const { Resources: found } = JSON.parse(filledIn(platformStack(platform))) as { Resources: Template }
    expect(validityProblems({ ...ROUTER, ...found })).toEqual([])
    expect(Object.keys(found).filter((id) => id.endsWith('Dashboard'))).toEqual(dashboards)
  })
})

describe('alarms', () => {
  const alarms = [...ofType('CloudWatch::Alarm'), ...ofType('CloudWatch::CompositeAlarm')]
  const notifying = alarms.filter(([, { Properties }]) => Properties.AlarmActions)

  test('the guide’s four, a dead probe, and two for each objective notify; the windows of a burn rate do not', () => {
    expect(
      notifying.map(([, { Properties }]) => Properties.AlarmName.replace('alert-router-prod-', '')).sort(),
    ).toEqual([
      'availability-burns-fast',
      'availability-burns-slowly',
      'data-loss',
      'error-rate',
      'errors-burns-fast',
      'errors-burns-slowly',
      'processing-latency',
      'system-availability',
      'system-availability-silent',
    ])
    expect(alarms).toHaveLength(notifying.length + 16)
  })

  test.each(notifying.map(([id, { Properties }]) => [id, Properties] as const))(
    '%s notifies when it ends, too, and the router reads its severity, owner and runbook',
    (_id, { AlarmName, AlarmDescription, AlarmActions, OKActions }) => {
      expect([AlarmActions, OKActions]).toEqual([[{ Ref: 'AlarmsTopic' }], [{ Ref: 'AlarmsTopic' }]])
      const [alert] = parse({
        AlarmName,
        AlarmDescription,
        AWSAccountId: '123456789012',
        NewStateValue: 'ALARM',
        NewStateReason: 'Threshold Crossed',
        StateChangeTime: '2026-11-24T10:00:00.000+0000',
        Region: 'EU (Frankfurt)',
        OldStateValue: 'OK',
        Trigger: { MetricName: 'Any', Namespace: 'Platform/Any', Statistic: 'SUM', Period: 60, Threshold: 1 },
      })
      expect(alert?.declaredSeverity).toMatch(/^(critical|warning)$/)
      expect(alert?.tags?.owner).toMatch(/^(data|platform)$/)
      expect(alert?.links?.runbook).toMatch(/^https:\/\/wiki\.example\.com\/runbooks\//)
      const decided = decide(alert as Alert, RULES)
      expect(decided.severity).toBe(alert?.declaredSeverity)
    },
  )

  test('none of their percentages rests on fewer than one event', () => {
    const guards = ofType('CloudWatch::Alarm').flatMap(([, { Properties }]) =>
      (Properties.Metrics ?? []).flatMap(({ Expression = '' }: Json) => /total >= (\d+)/.exec(Expression)?.[1] ?? []),
    )
    expect(guards).toEqual(['1', '70', '1', '167', '1', '334', '1', '1000', '1'])
  })
})

describe('dashboards', () => {
  const bodies: Record<string, Json[]> = Object.fromEntries(
    ofType('CloudWatch::Dashboard').map(([, { Properties }]) => [
      Properties.DashboardName.replace('alert-router-prod-', ''),
      JSON.parse(Properties.DashboardBody['Fn::Sub']).widgets as Json[],
    ]),
  )
  const titles = (name: string) =>
    bodies[name]?.map(({ properties }) => properties.title ?? properties.markdown.split('\n')[0])

  test('show the state of the alarms, each service, and each figure beside its target', () => {
    expect(titles('infrastructure')).toEqual([
      'Alarms',
      'data-processor: duration, errors',
      'data-validator: duration, errors',
      'streaming: CPU and memory',
      'warehouse: CPU, connections',
      'warehouse: free storage',
      'lake: size',
      'ingest: oldest message, waiting messages',
    ])
    expect(titles('business')).toEqual([
      'Alarms',
      'The platform answers (goal 99.9 %)',
      'Fewer than one in a thousand invocations fails (goal 99.9 %)',
      'Data quality',
      'Time to insight',
      'Batch processing latency',
      'Streaming latency',
      'CPU of the streaming service',
      'CPU of the warehouse',
      'Cost of a day (USD)',
      '### Security findings of high severity',
      'Cost per record (USD)',
      'People who use the platform in a day',
    ])
  })

  test('every line of a graph names the dimensions without which there is no data', () => {
    const lines = Object.values(bodies).flatMap((widgets: Json[]) =>
      widgets.flatMap(({ properties }: Json) => properties.metrics ?? []),
    )
    const aws = lines.filter(([namespace]: Json) => String(namespace).startsWith('AWS/'))
    expect(aws.length).toBeGreaterThan(10)
    for (const line of aws) expect(line.filter((part: unknown) => typeof part === 'string').length).toBeGreaterThan(2)
    const size = aws.find(([, metric]: Json) => metric === 'BucketSizeBytes')
    expect(size).toEqual([
      'AWS/S3',
      'BucketSizeBytes',
      'BucketName',
      'platform-data-lake',
      'StorageType',
      'StandardStorage',
      { stat: 'Average' },
    ])
  })
})

test('each metric of a log has a filter over the log group of its service', () => {
  const filters = ofType('Logs::MetricFilter').map(([, { Properties }]) => [
    Properties.MetricTransformations[0].MetricName,
    Properties.LogGroupName,
    Properties.MetricTransformations[0].MetricValue,
  ])
  expect(filters).toEqual([
    ['DataQualityScore', '/aws/lambda/data-processor', '$.data_quality_score'],
    ['RecordsProcessed', '/aws/lambda/data-processor', '$.records_processed'],
    ['ProcessingLatency', '/aws/lambda/data-processor', '$.duration'],
    ['StreamingLatency', '/ecs/platform/streaming', '$.duration'],
    ['TimeToInsight', '/aws/lambda/data-processor', '$.age_seconds'],
    ['DataLossEvents', '/aws/lambda/data-validator', '1'],
  ])
})

test('the guide’s log group with its stream and 30 days, and its three queries over all services’ groups', () => {
  expect(Resources.PlatformLogGroup?.Properties).toEqual({ LogGroupName: '/platform/aggregated', RetentionInDays: 30 })
  expect(Resources.PlatformLogStream?.Properties.LogStreamName).toBe('application-logs')
  expect(ofType('Logs::QueryDefinition').map(([, { Properties }]) => Properties.Name)).toEqual([
    'alert-router-prod/error analysis',
    'alert-router-prod/performance',
    'alert-router-prod/business metrics',
  ])
  for (const [, { Properties }] of ofType('Logs::QueryDefinition')) {
    expect(Properties.LogGroupNames).toEqual([
      { Ref: 'PlatformLogGroup' },
      '/aws/lambda/data-processor',
      '/aws/lambda/data-validator',
      '/ecs/platform/streaming',
    ])
  }
})

test.each([
  [49, [50]],
  [50, [50, 1]],
  [120, [50, 50, 21]],
])('of %i functions, the queries are saved for groups of %j: fifty at most', (count, sizes) => {
  const functions = Array.from({ length: count }, (_, at) => [
    `f${at}`,
    { type: 'lambda', function: `f${at}`, owner: 'a' },
  ])
  const of = platformStack(
    platformSchema.parse({ stages: ['prod'], services: Object.fromEntries(functions) }),
  ).Resources
  const queries = Object.values(of as Record<string, Json>).filter(({ Type }) => Type === 'AWS::Logs::QueryDefinition')
  const errors = queries.filter(({ Properties }) => Properties.Name.includes('error analysis'))
  expect(errors.map(({ Properties }) => Properties.LogGroupNames.length)).toEqual(sizes)
  expect(new Set(queries.map(({ Properties }) => Properties.Name)).size).toBe(3 * sizes.length)
})

describe('events', () => {
  const folder = 'test/public-samples'
  let events: { name: string; event: Json }[]
  beforeAll(() => {
    events = [
      ...readdirSync(folder).map((name) => join(folder, name)),
      ...readdirSync('samples').map((name) => join('samples', name)),
    ]
      .filter((path) => path.endsWith('.json'))
      .map((path) => ({ name: path, event: JSON.parse(readFileSync(path, 'utf8')) }))
    events.push({ name: 'a high one', event: severe() })
  })

  test.each(EVENT_KINDS)('%s: what its rules pass on, a rule of config/alerts.yml knows', (kind) => {
    const passed = events.filter(({ event }) =>
      Object.values(PATTERNS[kind].patterns).some((pattern) => matches(pattern, event)),
    )
    expect(passed.map(({ name }) => name)).not.toEqual([])
    for (const { event } of passed) expect(decide(parse(event)[0] as Alert, RULES).rule).toBeDefined()
  })

  test('the rules publish to the alarms topic', () => {
    const rules = ofType('Events::Rule')
    expect(rules).toHaveLength(12)
    for (const [, { Properties }] of rules)
      expect(Properties.Targets).toEqual([{ Id: 'alarms', Arn: { Ref: 'AlarmsTopic' } }])
  })

  test('a kind that the file leaves out has no rule', () => {
    const text = platformText([
      'events: [guardduty, security-hub, config, health, backup, deployments, certificates, root-login]',
      'events: [health]',
    ])
    const { Resources: some } = platformStack(readPlatformText(text, 'config/platform.yml'))
    expect(Object.values(some).filter(({ Type }) => Type === 'AWS::Events::Rule')).toHaveLength(1)
  })
})

/** The samples of Security Hub are of medium severity. */
function severe(): Json {
  const text = readFileSync('test/public-samples/security-hub-1-failed.json', 'utf8')
  const event = JSON.parse(text)
  event.detail.findings[0].Severity = { Label: 'HIGH' }
  return event
}

/** As EventBridge matches (EventBridge User Guide, Event patterns): every key, any of its values; of a list, any element. */
function matches(pattern: Json, event: Json): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    const found = [event?.[key]].flat()
    if (!Array.isArray(wanted))
      return found.some((one) => typeof one === 'object' && one !== null && matches(wanted, one))
    return found.some((one) => wanted.some((value) => isValue(value, one)))
  })
}

function isValue(wanted: Json, found: unknown): boolean {
  if (typeof wanted !== 'object') return wanted === found
  if (wanted.suffix) return typeof found === 'string' && found.endsWith(wanted.suffix)
  return typeof found === 'number' && found >= wanted.numeric[1]
}

describe('cost', () => {
  test('a budget notifies at 80 and 100 %, and when the forecast goes over it; anomalies from 100 dollars a day on', () => {
    const { Budget, NotificationsWithSubscribers } = Resources.PlatformBudget?.Properties ?? {}
    expect(Budget.BudgetLimit).toEqual({ Amount: 5_000, Unit: 'USD' })
    expect(
      NotificationsWithSubscribers.map(({ Notification }: Json) => [
        Notification.NotificationType,
        Notification.Threshold,
      ]),
    ).toEqual([
      ['ACTUAL', 80],
      ['ACTUAL', 100],
      ['FORECASTED', 100],
    ])
    expect(JSON.parse(Resources.PlatformCostAnomalies?.Properties.ThresholdExpression).Dimensions.Values).toEqual([
      '100',
    ])
  })

  test('where the account has a monitor by service, the stack only subscribes to it', () => {
    const monitor = 'arn:aws:ce::123456789012:anomalymonitor/0a1b2c3d-4e5f-6789-abcd-ef0123456789'
    const text = platformText(['anomalyAbove: 100 }', `anomalyAbove: 100, monitor: "${monitor}" }`])
    const { Resources: of } = platformStack(readPlatformText(text, 'config/platform.yml'))
    expect(Object.keys(of)).not.toContain('PlatformCostMonitor')
    expect(of.PlatformCostAnomalies?.Properties).toMatchObject({ MonitorArnList: [monitor] })
  })

  test('a file without a budget watches no cost', () => {
    const text = platformText(['cost: { budget: 5000, notifyAt: [80, 100], anomalyAbove: 100 }\n', ''])
    const types = Object.values(platformStack(readPlatformText(text, 'config/platform.yml')).Resources).map(
      ({ Type }) => Type,
    )
    expect(types.filter((type) => /Budgets|::CE::/.test(type))).toEqual([])
  })
})
