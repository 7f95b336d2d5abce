import type { CertificateDetail } from '@aws-sdk/client-acm'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AwsData } from '../local/stand-ins/aws/data.ts'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { TABLE_NAME } from '../local/topology.ts'
import { askAll } from '../shared/asking/ask.ts'
import { type Clients, closeClients, openClients } from '../shared/asking/clients.ts'
import type { Ask, FiringAlarm, MetricAsk, Outcome } from '../shared/questions/ask.ts'
import { certificateArn, daysAgo, manyMetrics, NOW, QUERY, SOME_AWS } from './some-aws.ts'

/*
 * What a report asks, by the real clients, against a stand-in that refuses what AWS refuses.
 */

const role = (account: string) => `arn:aws:iam::${account}:role/alert-router-reads`
const ACCOUNTS = {
  shop: { role: role('222222222222') },
  lab: { role: role('333333333333'), region: 'us-east-2' },
  gone: { role: role('444444444444') },
}

/** ACM should renew the first soon, and waits; the others are not due, not in use, and not for ACM to renew. */
const DUE: CertificateDetail[] = [
  {
    ...{ CertificateArn: certificateArn('waits'), DomainName: 'waits.example.com', NotAfter: daysAgo(-40) },
    ...{ Type: 'AMAZON_ISSUED', KeyAlgorithm: 'RSA_4096', InUseBy: ['x'], CertificateKeyPairOrigin: 'ACME' },
    RenewalSummary: {
      ...{ RenewalStatus: 'PENDING_VALIDATION', UpdatedAt: daysAgo(1) },
      DomainValidationOptions: [
        { DomainName: 'waits.example.com', ValidationStatus: 'SUCCESS' },
        { DomainName: 'www.waits.example.com', ValidationStatus: 'PENDING_VALIDATION' },
      ],
    },
  },
  {
    ...{ CertificateArn: certificateArn('exported'), DomainName: 'exported', NotAfter: daysAgo(-70) },
    ...({ Type: 'AMAZON_ISSUED', KeyAlgorithm: 'RSA_2048', InUseBy: [], Exported: true } as const),
  },
  ...(['later', 'unused', 'imported'] as const).map((name) => ({
    ...{ CertificateArn: certificateArn(name), DomainName: name, NotAfter: daysAgo(name === 'later' ? -70 : -10) },
    ...{ Type: name === 'imported' ? ('IMPORTED' as const) : ('AMAZON_ISSUED' as const) },
    ...{ KeyAlgorithm: 'EC_secp521r1' as const, InUseBy: name === 'unused' ? [] : ['x'] },
  })),
]

/** Alarms of all forms; none fires. */
const WATCHING: AwsData['metricAlarms'] = [
  {
    ...{ AlarmName: 'one-metric', Namespace: 'Many', MetricName: 'm0', Statistic: 'Average' as const, Period: 300 },
    ...{ Threshold: 3, ComparisonOperator: 'GreaterThanThreshold' as const },
  },
  {
    ...{ AlarmName: 'math', Threshold: 5 },
    Metrics: [
      { Id: 'all', Expression: 'a + b', Label: 'all of it', ReturnData: true },
      ...['a', 'b'].map((Id, at) => ({ Id, ReturnData: false, MetricStat: statOf(`m${at}`) })),
    ],
  },
  {
    ...{ AlarmName: 'band', ThresholdMetricId: 'band' },
    Metrics: [{ Id: 'a', MetricStat: statOf('m1') }],
  },
  { AlarmName: 'nothing' },
].map((alarm) => ({ ...alarm, StateValue: 'OK' as const }))

function statOf(MetricName: string) {
  return { Metric: { Namespace: 'Many', MetricName, Dimensions: [] }, Period: 3_600, Stat: 'Average' }
}

/** The first two were not changed for long. */
const PIPELINES = Array.from({ length: 12 }, (_, at) => ({
  ...{ name: `p${at}`, created: daysAgo(400), updated: daysAgo(40 - at) },
  runs: [
    { status: 'Failed' as const, startTime: daysAgo(1), lastUpdateTime: NOW, trigger: { triggerDetail: 'main' } },
    { status: 'Succeeded' as const, startTime: daysAgo(3), lastUpdateTime: daysAgo(2) },
  ].slice(at === 11 ? 0 : 1),
}))
PIPELINES[3]?.runs.push({
  ...{ status: 'Succeeded', startTime: daysAgo(0.6), lastUpdateTime: daysAgo(0.5) },
  trigger: { triggerType: 'StartPipelineExecution' } as never,
})

/** As some-aws has it, with a few more metrics. */
const DATA: AwsData = {
  ...SOME_AWS,
  metricAlarms: [...SOME_AWS.metricAlarms, ...WATCHING],
  pipelines: (region) => (region === 'eu-west-1' ? PIPELINES : []),
  metrics: [...SOME_AWS.metrics, ...manyMetrics(1_300)],
  certificates: (region) => (region === 'us-east-1' ? DUE : SOME_AWS.certificates(region)),
}

/** Another alarm fires in each. */
const OTHERS = Object.fromEntries(
  ['shop', 'lab'].map((name) => {
    const alarm = { AlarmName: name, StateValue: 'ALARM' as const, AlarmActions: ['arn:aws:sns:eu-west-1:1:x'] }
    return [ACCOUNTS[name as 'shop'].role, { ...SOME_AWS, metricAlarms: [alarm] }]
  }),
)

let aws: AwsStandIn
let clients: Clients
beforeAll(async () => {
  aws = await startAws({ data: DATA, accounts: OTHERS, now: () => NOW.getTime() })
  for (const [name, url] of Object.entries(aws.env)) vi.stubEnv(name, url)
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
  clients = openClients({ retryStrategy: new ConfiguredRetryStrategy(3, () => 1) })
})
afterEach(() => {
  for (const name of new Set(aws.requests.map(({ path }) => path))) aws.mode(name)
  aws.requests.length = 0
})
afterAll(async () => {
  closeClients(clients)
  vi.unstubAllEnvs()
  await aws.close()
})

async function asked(asks: Ask[], timeoutMs = 20_000): Promise<Outcome[]> {
  const outcomeOf = await askAll(asks, {
    clients,
    accounts: ACCOUNTS,
    router: { table: async () => TABLE_NAME, archive: async () => 'archive' },
    now: () => NOW,
    timeoutMs,
  })
  return asks.map(outcomeOf)
}

const metric = (name: string, over: Partial<MetricAsk> = {}, namespace = 'Many'): MetricAsk => ({
  kind: 'metric',
  series: { namespace, metric: name, dimensions: {} },
  ...{ statistic: 'Average', periodS: 3_600, from: daysAgo(1).toISOString(), to: NOW.toISOString(), ...over },
})

describe('metrics', () => {
  test('are asked together, the oldest value first', async () => {
    const [one, other] = await asked([metric('m3'), metric('m7')])
    expect(one).toMatchObject({ asOf: NOW.toISOString() })
    const points = one && 'data' in one ? (one.data as [number, number][]) : []
    expect([points.length, points[0], points.at(-1)?.[1]]).toEqual([24, [daysAgo(1).getTime() / 1_000, 3], 3])
    expect(other).toMatchObject({ data: expect.arrayContaining([[daysAgo(1).getTime() / 1_000, 7]]) })
    expect(aws.count('GetMetricData')).toBe(1)
  })

  // At most 500 queries a request, and 100,800 values a page (CloudWatch API Reference, GetMetricData).
  test.each([
    [1_300, 1, 3_600, 3],
    [50, 14, 300, 2],
    [51, 14, 300, 3],
  ])(
    '%i of them over %i days, each %i s: %i requests, as few as its limits allow',
    async (count, days, periodS, requests) => {
      const span = { periodS, from: daysAgo(days).toISOString() }
      const outcomes = await asked(
        Array.from({ length: count }, (_, at) => metric(`m${at}`, span)),
        60_000,
      )
      const sizes = outcomes.map((outcome) =>
        'data' in outcome ? (outcome.data as unknown[]).length : outcome.refused.why,
      )
      expect([...new Set(sizes)]).toEqual([(days * 86_400) / periodS])
      expect(aws.count('GetMetricData')).toBe(requests)
    },
  )

  test('the same is asked once', async () => {
    await asked([metric('m3'), metric('m3'), { kind: 'alarms' }, { kind: 'alarms' }])
    expect([aws.count('GetMetricData'), aws.count('DescribeAlarms')]).toEqual([1, 1])
  })

  test('one that may not be read is refused alone', async () => {
    const [secret, open] = await asked([metric('Secret', {}, 'Other/App'), metric('m3')])
    expect(open).toHaveProperty('data')
    expect(secret).toHaveProperty('data', [])
  })

  test('one that CloudWatch fails to read is no 0: it is not checked, and the others stand', async () => {
    const broken: MetricAsk = { ...metric('Broken', {}, 'Other/App') }
    broken.series = { namespace: 'Other/App', metric: 'Broken', dimensions: { FunctionName: 'orders' } }
    expect(await asked([broken, metric('m3')])).toEqual([
      { refused: { why: 'CloudWatch could not read all of this metric: try again' } },
      expect.objectContaining({ asOf: NOW.toISOString() }),
    ])
  })

  test('small pages are put together', async () => {
    aws.mode('GetMetricData', { pageSize: 7 })
    const [one] = await asked([metric('m3')])
    expect(one).toMatchObject({ data: { length: 24 } })
    expect(aws.count('GetMetricData')).toBe(4)
  })
})

const SPAN = { from: daysAgo(7).toISOString(), to: NOW.toISOString() }

const LOGS: Ask = {
  kind: 'logs',
  query: QUERY,
  groups: ['/aws/lambda/orders'],
  from: daysAgo(1).toISOString(),
  to: NOW.toISOString(),
}

const MONTHS: Ask = { kind: 'costs', by: 'month', from: '2026-09-01', to: '2026-11-27' }
const QUOTAS: Ask = {
  kind: 'quotas',
  services: ['lambda', 'no-such-service'],
  from: daysAgo(7).toISOString(),
  to: NOW.toISOString(),
}

/** Each kind of ask, with what it sends first and the right that it needs. */
const KINDS: [Ask, string, string][] = [
  [metric('m3'), 'GetMetricData', 'cloudwatch:GetMetricData'],
  [{ kind: 'alarms' }, 'DescribeAlarms', 'cloudwatch:DescribeAlarms'],
  [{ kind: 'costs', from: '2026-11-17', to: '2026-11-27' }, 'GetCostAndUsage', 'ce:GetCostAndUsage'],
  [{ kind: 'backups', since: daysAgo(29).toISOString() }, 'ListBackupJobs', 'backup:ListBackupJobs'],
  [{ kind: 'guardduty' }, 'ListDetectors', 'guardduty:ListDetectors'],
  [LOGS, 'StartQuery', 'logs:StartQuery'],
  [{ kind: 'forecast', from: '2026-11-27', to: '2026-12-01' }, 'GetCostForecast', 'ce:GetCostForecast'],
  [{ kind: 'alarm-history', ...SPAN }, 'DescribeAlarmHistory', 'cloudwatch:DescribeAlarmHistory'],
  [{ kind: 'changes', ...SPAN }, 'LookupEvents', 'cloudtrail:LookupEvents'],
  [{ kind: 'health', since: SPAN.from }, 'DescribeEvents', 'health:DescribeEvents'],
  [{ kind: 'stacks', since: SPAN.from }, 'DescribeStacks', 'cloudformation:DescribeStacks'],
  [{ kind: 'alerts', since: SPAN.from }, 'Scan', 'dynamodb:Scan'],
  [{ kind: 'security-hub' }, 'GetFindings', 'securityhub:GetFindings'],
  [MONTHS, 'GetCostAndUsage', 'ce:GetCostAndUsage'],
  [{ kind: 'lambda-limits', functions: ['f0'] }, 'GetAccountSettings', 'lambda:GetAccountSettings'],
  [{ kind: 'lambda-limits', functions: ['f1'] }, 'GetFunctionConcurrency', 'lambda:GetFunctionConcurrency'],
  [QUOTAS, 'ListServiceQuotas', 'servicequotas:ListServiceQuotas'],
  [QUOTAS, 'GetMetricData', 'cloudwatch:GetMetricData'],
  [{ kind: 'functions' }, 'ListFunctions', 'lambda:ListFunctions'],
  [{ kind: 'invocations', ...SPAN }, 'ListFunctions', 'lambda:ListFunctions'],
  [{ kind: 'invocations', ...SPAN }, 'GetMetricData', 'cloudwatch:GetMetricData'],
  [
    { kind: 'function-sizes' },
    'GetLambdaFunctionRecommendations',
    'compute-optimizer:GetLambdaFunctionRecommendations',
  ],
  [{ kind: 'certificates' }, 'ListCertificates', 'acm:ListCertificates'],
  [{ kind: 'certificates', region: 'us-east-1' }, 'ListCertificates', 'acm:ListCertificates'],
  [{ kind: 'certificates', region: 'us-east-1' }, 'DescribeCertificate', 'acm:DescribeCertificate'],
  [{ kind: 'patches' }, 'DescribeInstanceInformation', 'ssm:DescribeInstanceInformation'],
  [{ kind: 'patches' }, 'DescribeInstancePatchStates', 'ssm:DescribeInstancePatchStates'],
]

describe.each(KINDS)('%o', (ask, operation, action) => {
  test('is answered', async () => {
    expect(await asked([ask])).toEqual([expect.objectContaining({ asOf: NOW.toISOString() })])
  })

  test('denied: what it needs, and the rest stands', async () => {
    aws.mode(operation, { isDenied: true })
    const other: Ask = ask.kind === 'alarms' ? metric('m3') : { kind: 'alarms' }
    const [denied, stands] = await asked([ask, other])
    expect(denied).toEqual({ refused: { needs: expect.stringContaining(action), why: 'this role may not' } })
    expect(stands).toHaveProperty('data')
  })

  test('throttled twice: tried again', async () => {
    aws.mode(operation, { throttled: 2 })
    expect(await asked([ask])).toEqual([expect.objectContaining({ asOf: NOW.toISOString() })])
  })

  test('no answer in time: said so', async () => {
    aws.mode(operation, { after: new Promise(() => {}) })
    expect(await asked([ask], 300)).toEqual([{ refused: { why: expect.stringMatching(/^no answer in time to /) } }])
  })

  test('a new account: an answer with nothing in it, or what it needs', async () => {
    aws.mode(operation, { hasNoData: true })
    const [answered] = await asked([ask])
    expect(answered).not.toHaveProperty('refused.why', expect.stringMatching(/failed/))
  })
})

describe('what is off in an account says so', () => {
  test.each<[Ask, string, string]>([
    [{ kind: 'guardduty' }, 'ListDetectors', 'GuardDuty to be switched on'],
    [{ kind: 'guardduty' }, 'GetDetector', 'GuardDuty to be switched on'],
    [{ kind: 'security-hub' }, 'GetFindings', 'Security Hub to be switched on'],
    [{ kind: 'function-sizes' }, 'GetLambdaFunctionRecommendations', 'Compute Optimizer to be switched on'],
    [{ kind: 'health', since: SPAN.from }, 'DescribeEvents', 'a support plan of AWS: Business Support+ or higher'],
    [{ kind: 'forecast', from: '2026-11-27', to: '2026-12-01' }, 'GetCostForecast', 'some days of data'],
    [{ kind: 'costs', from: '2026-11-17', to: '2026-11-27' }, 'GetCostAndUsage', 'some days of data'],
  ])('%o', async (ask, operation, needs) => {
    aws.mode(operation, { isOff: true })
    expect(await asked([ask])).toEqual([{ refused: { needs, why: expect.any(String) } }])
  })
})

describe('logs', () => {
  const logs = (...groups: string[]): Ask => ({ ...(LOGS as Ask & { kind: 'logs' }), groups })

  test('a group that does not exist hides nothing of the others, and is named', async () => {
    const [found] = await asked([logs('/aws/lambda/gone', '/aws/lambda/orders', '/aws/lambda/never')])
    const missing = ['/aws/lambda/gone', '/aws/lambda/never']
    expect(found).toMatchObject({ data: { rows: { length: 2 }, missing } })
  })

  test('none that exists: nothing was found, and nothing is good', async () => {
    expect(await asked([logs('/aws/lambda/gone')])).toEqual([
      { refused: { needs: 'a log group that exists', why: '/aws/lambda/gone' } },
    ])
  })
})

describe('a query of logs that reads too much', () => {
  const logs = (mostBytes: number): Ask => ({ ...(LOGS as Ask & { kind: 'logs' }), mostBytes })

  test('is stopped, and gives what it had by then', async () => {
    const [found] = await asked([logs(1)])
    expect(found).toMatchObject({ data: { isCut: true, rows: { length: 1 } } })
    expect(aws.count('StopQuery')).toBe(1)
  })

  test('is not, below its limit', async () => {
    const [found] = await asked([logs(1_000_000_000)])
    expect(found).toMatchObject({ data: { rows: { length: 2 } } })
    expect([found && 'data' in found && 'isCut' in found.data, aws.count('StopQuery')]).toEqual([false, 0])
  })

  test('is stopped, too, if the deadline comes before its start is answered', async () => {
    const stopped = aws.count('StopQuery')
    const starts = aws.count('StartQuery')
    aws.mode('StartQuery', { after: 900 })
    const [found] = await asked([logs(1)], 500)
    expect(found).toMatchObject({ refused: { why: expect.stringMatching(/^no answer in time to logs:StartQuery/) } })
    expect([aws.count('StartQuery') - starts, aws.count('StopQuery') - stopped]).toEqual([1, 1])
  })

  test('is waited for no longer, even if it can’t be stopped', async () => {
    aws.mode('GetQueryResults', { after: new Promise(() => {}) })
    aws.mode('StopQuery', { after: new Promise(() => {}) })
    const started = performance.now()
    const [found] = await asked([logs(1)], 500)
    expect(found).toMatchObject({ refused: { why: expect.stringMatching(/^no answer in time to logs:StartQuery/) } })
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})

describe('what an alarm watches', () => {
  const of = (alarm: string): Ask => ({
    ...{ kind: 'alarm-metric', alarm },
    ...{ from: daysAgo(1).toISOString(), to: NOW.toISOString() },
  })

  test.each<[string, object]>([
    [
      'one-metric',
      { label: 'm0', statistic: 'Average', periodS: 300, threshold: 3, comparison: 'GreaterThanThreshold' },
    ],
    ['math', { label: 'all of it', periodS: 3_600, threshold: 5 }],
    ['band', { label: 'm1', statistic: 'Average', periodS: 3_600 }],
  ])('%s', async (alarm, facts) => {
    const [found] = await asked([of(alarm)])
    expect(found).toMatchObject({ data: facts })
    expect(found && 'data' in found && (found.data as { points: object[] }).points.length).toBeGreaterThan(20)
  })

  test.each([
    ['gone', 'there is no metric alarm gone'],
    ['nothing', 'nothing watches no metric'],
  ])('%s: not known', async (alarm, why) => {
    expect(await asked([of(alarm)])).toEqual([{ refused: { why } }])
  })
})

describe('runs of pipelines', () => {
  const since = daysAgo(1).toISOString()

  test('since then, the newest first, of those that were changed last', async () => {
    const [found] = await asked([{ kind: 'pipelines', since }])
    expect(found).toMatchObject({
      data: {
        ...{ asked: 10, all: 12 },
        runs: [
          { pipeline: 'p11', status: 'Failed', at: NOW.toISOString(), by: 'main' },
          { pipeline: 'p3', status: 'Succeeded', by: 'StartPipelineExecution' },
        ],
      },
    })
    expect(aws.count('ListPipelineExecutions')).toBe(10)
  })

  test('none, where there are no pipelines', async () => {
    aws.mode('ListPipelines', { hasNoData: true })
    expect(await asked([{ kind: 'pipelines', since }])).toMatchObject([{ data: { runs: [], asked: 0, all: 0 } }])
  })
})

test('alarms: of both kinds, and whether they notify', async () => {
  const [alarms] = await asked([{ kind: 'alarms' }])
  expect(alarms).toMatchObject({
    data: [
      { name: 'cpu', hasActions: true },
      { name: 'shop', hasActions: false },
    ],
  })
})

test('costs by the month: the last in part, in one request', async () => {
  const [months] = await asked([MONTHS])
  expect(months).toMatchObject({
    data: [
      { day: '2026-09-01', services: { 'AWS Lambda': 150, 'Amazon Simple Storage Service': 75 } },
      { day: '2026-10-01' },
      { day: '2026-11-01', isEstimate: true, services: { 'AWS Lambda': 132 } },
    ],
  })
  expect(aws.count('GetCostAndUsage')).toBe(1)
})

test('what functions have reserved: nothing, 0, and one that is not there', async () => {
  const [limits] = await asked([{ kind: 'lambda-limits', functions: ['f0', 'f1', 'f2', 'gone'] }])
  expect(limits).toMatchObject({ data: { all: 1_000, unreserved: 900, reserved: { f0: 0, f1: 100 } } })
})

test('quotas: what of each was used most; a rate by what it is for; those without a metric are counted', async () => {
  const [quotas] = await asked([QUOTAS])
  expect(quotas).toMatchObject({
    data: {
      used: [
        { code: 'L-B99A9384', name: 'Concurrent executions', limit: 1_000, used: 30, isRate: false },
        // Ten a minute.
        { code: 'L-RATE', limit: 2, used: 10 / 60, isRate: true },
      ],
      unknown: 1,
    },
  })
})

test('functions: all pages, with how often each was invoked', async () => {
  const from = daysAgo(2).toISOString()
  const [functions, invocations] = await asked([
    { kind: 'functions' },
    { kind: 'invocations', from, to: NOW.toISOString() },
  ])
  expect(functions).toMatchObject({ data: { length: 51, 0: { name: 'f0', runtime: 'nodejs24.x' } } })
  expect(invocations).toMatchObject({ data: { length: 51, 0: { name: 'f0', invocations: 0 } } })
})

test('certificates: of any key and origin, in the region that is asked; the renewal of what is due and in use', async () => {
  const [own, other] = await asked([{ kind: 'certificates' }, { kind: 'certificates', region: 'us-east-1' }])
  expect(own).toMatchObject({
    data: { region: 'eu-west-1', all: [{ domain: 'a.example.com' }, { domain: 'b.example.com' }] },
  })
  expect(other).toMatchObject({
    data: {
      region: 'us-east-1',
      all: [
        {
          ...{ domain: 'waits.example.com', isRenewed: true, isInUse: true, to: daysAgo(-40).toISOString() },
          renewal: { status: 'PENDING_VALIDATION', domains: ['www.waits.example.com'] },
        },
        { domain: 'exported', isInUse: true },
        { domain: 'later', isRenewed: true },
        { domain: 'unused', isInUse: false },
        { domain: 'imported', isRenewed: false },
      ],
    },
  })
  expect(aws.count('DescribeCertificate')).toBe(1)
})

test('patches: of more machines than one request may name; of one that was never scanned, nothing', async () => {
  const [patches] = await asked([{ kind: 'patches' }])
  expect(patches).toMatchObject({
    data: { length: 51, 50: { id: 'i-50', missing: 49, security: 2, failed: 0, at: daysAgo(1).toISOString() } },
  })
  expect((patches as { data: object[] }).data[0]).toEqual({ id: 'i-0', name: 'machine-0' })
  expect(aws.count('DescribeInstancePatchStates')).toBe(2)
})

test.each<Ask>([{ kind: 'outdated' }, { kind: 'vulnerable' }])('in a Lambda there is no project: %o', async (ask) => {
  const needs = 'a checkout: run "alert-router report maintenance" there'
  expect(await asked([ask])).toEqual([{ refused: { needs, why: 'there is no project here' } }])
})

test('a week of costs is one request', async () => {
  await asked([{ kind: 'costs', from: '2026-11-20', to: '2026-11-27' }])
  expect(aws.count('GetCostAndUsage')).toBe(1)
})

describe('of other accounts', () => {
  const alarmsOf = (account: string): Ask => ({ kind: 'alarms', account })

  test('each is asked with its role; one that fails is named, and the rest stands', async () => {
    const asks: Ask[] = [{ kind: 'alarms' }, alarmsOf('shop'), alarmsOf('gone'), alarmsOf('lab')]
    const [own, shop, gone, lab] = await asked(asks)
    const names = [own, shop, lab].map((outcome) => outcome && 'data' in outcome && (outcome.data as FiringAlarm[])[0])
    expect(names).toMatchObject([{ name: 'cpu' }, { name: 'shop' }, { name: 'lab' }])
    expect(gone).toEqual({
      refused: {
        needs: 'sts:AssumeRole on arn:aws:iam::444444444444:role/alert-router-reads',
        why: 'this role may not',
      },
    })
  })

  test('a role that does not come in time is a reason, too', async () => {
    aws.mode('AssumeRole', { after: new Promise(() => {}) })
    const [own, shop] = await asked([{ kind: 'alarms' }, alarmsOf('shop')], 500)
    expect(own).toHaveProperty('data')
    expect(shop).toEqual({ refused: { why: expect.stringMatching(/^no answer in time to sts:AssumeRole on /) } })
  })

  test('the role is taken once, however much is asked', async () => {
    await asked([alarmsOf('shop'), { kind: 'guardduty', account: 'shop' }, { kind: 'security-hub', account: 'shop' }])
    expect(aws.count('AssumeRole')).toBe(1)
  })
})
