import { ACMClient, ListCertificatesCommand } from '@aws-sdk/client-acm'
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, GetQueryResultsCommand, StartQueryCommand } from '@aws-sdk/client-cloudwatch-logs'
import { afterEach, describe, expect, test } from 'vitest'
import { demoData } from '../local/demo/data.ts'
import { FAULTS } from '../local/demo/faults.ts'
import { DEMO_PROJECT, startDemo } from '../local/demo/start.ts'
import type { AwsData } from '../local/stand-ins/aws/data.ts'
import { statisticOf } from '../local/stand-ins/aws/statistic.ts'
import { QUERIES } from '../shared/platform/queries.ts'
import { seriesOf } from '../shared/platform/series.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const platform = shippedPlatform()
/** Friday, 07:00 in Berlin. */
const NOW = new Date('2026-11-27T06:00:00Z')
const now = NOW.getTime()
const demo = demoData({ platform, rules: SHIPPED_RULES, now: NOW })
const day = (daysAgo: number) => new Date(now - daysAgo * DAY_MS).toISOString().slice(0, 10)

/** A statistic of a metric of the platform's file, over times in ms since 1970. */
function measured(ref: string, statistic: string, from: number, to: number, data: AwsData = demo): number | undefined {
  const [series] = seriesOf(platform, ref)
  return statisticAt(data, series?.namespace, series?.metric, series?.dimensions ?? {}, statistic, from, to)
}

function statisticAt(
  data: AwsData,
  namespace: string | undefined,
  metric: string | undefined,
  dimensions: Record<string, string>,
  statistic: string,
  from: number,
  to: number,
): number | undefined {
  const key = JSON.stringify(dimensions)
  const line = data.metrics.find(
    (one) => one.namespace === namespace && one.metric === metric && JSON.stringify(one.dimensions) === key,
  )
  if (!line) throw new Error(`no metric ${namespace} ${metric} ${key}`)
  const step = line.everyS * 1_000
  const samples = []
  for (let time = Math.ceil(from / step) * step; time < to; time += step) {
    const sample = line.at(time)
    if (sample) samples.push(sample)
  }
  return statisticOf(statistic, samples)
}

const errorRate = (service: string, from: number, to: number) =>
  (100 * (measured(`${service}.Errors`, 'Sum', from, to) ?? 0)) /
  (measured(`${service}.Invocations`, 'Sum', from, to) ?? 1)
const costOn = (date: string, service?: string) =>
  demo
    .costOf(date)
    .reduce((sum, line) => sum + (service === undefined || line.service === service ? line.amount : 0), 0)

/** Each fault, by what shows it; and that it does not show where it is not. */
const SHOWN: Record<(typeof FAULTS)[number]['name'], () => void | Promise<void>> = {
  errors() {
    expect(errorRate('data-processor', now - 4 * DAY_MS, now - 3 * DAY_MS)).toBeLessThan(0.1)
    expect(errorRate('data-processor', now - 3 * DAY_MS, now - 2 * DAY_MS)).toBeGreaterThan(0.1)
    expect(errorRate('data-processor', now - DAY_MS, now)).toBeGreaterThan(2)
    expect(errorRate('data-validator', now - DAY_MS, now)).toBeLessThan(0.1)
  },
  deployment() {
    const changes = demo.trail('eu-west-1').filter(({ EventTime }) => (EventTime?.getTime() ?? 0) > now - 4 * DAY_MS)
    const writes = changes.filter(({ ReadOnly }) => ReadOnly === 'false')
    expect(writes.map(({ EventName }) => EventName)).toEqual(['ExecuteChangeSet', 'UpdateFunctionCode20150331v2'])
    expect(demo.stacks('eu-west-1')[0]?.LastUpdatedTime).toEqual(writes[1]?.EventTime)
    expect(writes[1]?.EventTime).toEqual(new Date(now - 3 * DAY_MS - 20 * MINUTE_MS))
  },
  outage() {
    const from = now - 5 * DAY_MS
    expect(measured('availability', 'Average', from, from + 90 * MINUTE_MS)).toBe(50)
    expect(measured('availability', 'Average', from + 90 * MINUTE_MS, now)).toBe(100)
  },
  quality() {
    expect(measured('quality', 'Average', now - DAY_MS, now)).toBeLessThan(95)
    expect(measured('quality', 'Average', now - 2 * DAY_MS, Date.parse('2026-11-26T05:00:00Z'))).toBeGreaterThan(95)
    expect(measured('quality', 'Maximum', Date.parse('2026-11-26T05:00:00Z'), now)).toBeLessThan(95)
  },
  evenings() {
    const evening = Date.parse('2026-11-26T17:00:00Z')
    expect(measured('streaming-latency', 'p95', evening, evening + 4 * HOUR_MS)).toBeGreaterThan(30)
    expect(measured('streaming-latency', 'p95', evening - 8 * HOUR_MS, evening)).toBeLessThan(30)
  },
  storage() {
    const free = (at: number) => measured('warehouse.FreeStorageSpace', 'Minimum', at - HOUR_MS, at) ?? 0
    const perDay = (free(now - 14 * DAY_MS) - free(now)) / 14
    expect(free(now) / perDay).toBeCloseTo(20, 0)
  },
  concurrency() {
    const most = statisticAt(demo, 'AWS/Lambda', 'ConcurrentExecutions', {}, 'Maximum', now - DAY_MS, now) ?? 0
    const limit = demo.accountSettings.AccountLimit?.ConcurrentExecutions ?? 0
    expect((100 * most) / limit).toBe(82)
  },
  cost() {
    expect(costOn(day(1)) / costOn(day(8))).toBeCloseTo(1.38)
    expect(costOn(day(3)) / costOn(day(10))).toBeCloseTo(1, 1)
    expect(costOn(day(1), 'AmazonCloudWatch')).toBeGreaterThan(5 * costOn(day(8), 'AmazonCloudWatch'))
    expect(costOn(day(1), 'AWS Lambda') / costOn(day(8), 'AWS Lambda')).toBeCloseTo(1, 1)
  },
  budget() {
    const month = Array.from({ length: 26 }, (_, at) => costOn(day(at + 1))).reduce((sum, cost) => sum + cost, 0)
    expect(month).toBeGreaterThan(platform.cost?.budget ?? 0)
  },
  'failed backup'() {
    const failed = demo.backupJobs.filter(({ State }) => State !== 'COMPLETED')
    expect(failed).toMatchObject([{ ResourceArn: expect.stringContaining('db:platform-warehouse'), State: 'FAILED' }])
    expect(failed[0]?.CreationDate?.getTime()).toBeGreaterThan(now - DAY_MS)
  },
  'old backup'() {
    const ages = demo.protectedResources.map(({ LastBackupTime }) => (now - (LastBackupTime?.getTime() ?? 0)) / HOUR_MS)
    expect(ages).toEqual([40, 16])
  },
  'no restore'() {
    expect(demo.restoreJobs.every(({ CreationDate }) => (CreationDate?.getTime() ?? 0) < now - 120 * DAY_MS)).toBe(true)
  },
  certificate() {
    const left = (region: string) =>
      demo.certificates(region).map(({ NotAfter }) => Math.floor(((NotAfter?.getTime() ?? 0) - now) / DAY_MS))
    expect([left('us-east-1'), left('eu-west-1')]).toEqual([[12], [98, 45]])
    expect(demo.certificates('us-east-1')).toMatchObject([{ KeyAlgorithm: 'EC_prime256v1', Type: 'IMPORTED' }])
  },
  findings() {
    const open = demo.detector('eu-west-1')?.findings.filter(({ severity, isArchived }) => severity >= 7 && !isArchived)
    expect(open).toHaveLength(2)
  },
  'critical finding'() {
    const critical = demo.securityFindings('eu-west-1').filter(({ Severity }) => Severity?.Label === 'CRITICAL')
    expect(critical.filter(({ Workflow }) => Workflow?.Status === 'NEW')).toHaveLength(1)
  },
  'old alarm'() {
    const old = demo.metricAlarms.filter(
      ({ StateValue, StateTransitionedTimestamp: at }) =>
        StateValue === 'ALARM' && (at?.getTime() ?? 0) < now - 7 * DAY_MS,
    )
    expect(old.map(({ AlarmName }) => AlarmName)).toEqual(['alert-router-prod-nightly-export'])
    expect(old[0]?.StateTransitionedTimestamp).toEqual(new Date(now - 9 * DAY_MS))
  },
  'flapping alarm'() {
    const counts = Map.groupBy(demo.alarmHistory, ({ AlarmName }) => AlarmName)
    const flapping = [...counts].filter(([, changes]) => changes.length > 10).map(([name]) => name)
    expect(flapping).toEqual(['alert-router-prod-streaming-cpu'])
  },
  runtime() {
    expect(demo.functions.filter(({ Runtime }) => Runtime === 'nodejs18.x')).toMatchObject([
      { FunctionName: 'report-exporter' },
    ])
  },
  oversized() {
    const could = demo.functionRecommendations.filter(({ finding }) => finding === 'NotOptimized')
    expect(could).toMatchObject([
      { currentMemorySize: 3_008, memorySizeRecommendationOptions: [{ memorySize: 1_024 }] },
    ])
    expect(could[0]?.functionArn).toContain('data-validator')
  },
  memory() {
    const rows = answerTo(
      'filter @type = "REPORT" | stats max(@maxMemoryUsed) as used, max(@memorySize) as size by @log | sort used desc',
    )
    const shares = rows?.map((row) => [
      row['@log']?.split('/').at(-1),
      Math.round((100 * Number(row.used)) / Number(row.size)),
    ])
    expect(shares).toEqual([
      ['data-processor', 96],
      ['data-validator', 29],
    ])
  },
  patches() {
    const lacking = demo.patchStates.filter(({ SecurityNonCompliantCount = 0 }) => SecurityNonCompliantCount > 0)
    expect(lacking).toMatchObject([{ InstanceId: demo.instances[1]?.InstanceId, SecurityNonCompliantCount: 3 }])
  },
  async dependency() {
    const signal = AbortSignal.timeout(1_000)
    expect(await DEMO_PROJECT.npm('audit', signal)).toMatchObject({
      vulnerabilities: { 'fast-uri': { severity: 'high' } },
    })
    expect(await DEMO_PROJECT.npm('outdated', signal)).toMatchObject({ pino: { current: '9.7.0', latest: '10.1.0' } })
  },
  idle() {
    const used = demo.metrics
      .filter(({ metric }) => metric === 'Invocations')
      .map(({ dimensions }) => dimensions.FunctionName)
    const quiet = demo.functions.filter(({ FunctionName }) => !used.includes(FunctionName))
    expect(quiet.map(({ FunctionName }) => FunctionName)).toEqual(['report-exporter'])
  },
  quota() {
    const quota = demo.quotas.find(({ UsageMetric }) => UsageMetric?.MetricNamespace === 'AWS/Usage')
    const { MetricName, MetricDimensions = {} } = quota?.UsageMetric ?? {}
    const used = statisticAt(demo, 'AWS/Usage', MetricName, MetricDimensions, 'Maximum', now - DAY_MS, now) ?? 0
    expect((100 * used) / (quota?.Value ?? 1)).toBe(74)
  },
  'data loss'() {
    expect(measured('data-loss', 'Sum', now - 21 * DAY_MS, now)).toBe(2)
    expect(measured('data-loss', 'Sum', now - 19 * DAY_MS, now)).toBeUndefined()
  },
  'no drill'() {
    expect(drilled('#security-breach#')).toEqual([])
    expect(drilled('#data-loss#')).toHaveLength(4)
  },
  'old drill'() {
    expect(drilled('#slack-warning').map(({ provenAt }) => Date.parse(provenAt?.S ?? ''))).toEqual([now - 61 * DAY_MS])
  },
}

const drilled = (part: string) => demo.alertItems.filter(({ pk, sk }) => pk?.S === 'drill' && sk?.S?.includes(part))

const GROUPS = ['/aws/lambda/data-processor', '/aws/lambda/data-validator']

function answerTo(query: string): Record<string, string>[] | undefined {
  return demo.query({ query, groups: GROUPS, from: now - DAY_MS, to: now })?.rows
}

describe('the fault shows', () => {
  test.each(FAULTS.map(({ name, where }) => [name, where] as const))('%s: %s', async (name) => {
    await SHOWN[name]()
  })
})

describe('the data', () => {
  const figures = (data: AwsData) => ({
    metrics: data.metrics.map((line) => [
      line.namespace,
      line.metric,
      line.at(now - DAY_MS),
      line.at(now - 9 * DAY_MS),
    ]),
    cost: data.costOf(day(3)),
    alarms: data.alarmHistory,
    query: data.query({ query: QUERIES['error analysis'], groups: GROUPS, from: now - DAY_MS, to: now }),
  })

  test('is the same for the same seed, in whatever order it is asked for', () => {
    const other = demoData({ platform, rules: SHIPPED_RULES, now: NOW })
    for (const line of other.metrics) line.at(now - 20 * DAY_MS)
    expect(figures(other)).toEqual(figures(demo))
  })

  test('has other numbers for another seed, and the same faults', () => {
    const other = demoData({ platform, rules: SHIPPED_RULES, now: NOW, seed: 2 })
    expect(figures(other).metrics).not.toEqual(figures(demo).metrics)
    expect(other.metricAlarms).toEqual(demo.metricAlarms)
    expect(measured('quality', 'Average', now - DAY_MS, now, other)).toBeLessThan(95)
  })

  test('is of five weeks', () => {
    const invocations = (from: number) => measured('data-processor.Invocations', 'Sum', from, from + DAY_MS)
    expect(invocations(now - 34 * DAY_MS)).toBeGreaterThan(10_000)
    expect(invocations(now - 37 * DAY_MS)).toBeUndefined()
  })

  test('follows the day and the week', () => {
    const thursday = Date.parse('2026-11-26T13:00:00Z')
    const hour = (from: number) => measured('data-processor.Invocations', 'Sum', from, from + HOUR_MS) ?? 0
    expect(hour(thursday)).toBeGreaterThan(2 * hour(thursday - 12 * HOUR_MS))
    expect(hour(thursday)).toBeGreaterThan(1.5 * hour(thursday - 4 * DAY_MS))
  })

  test.each(
    Object.entries(platform.kpis).filter(([name]) => !['data-quality', 'streaming-latency', 'security'].includes(name)),
  )('apart from its faults is good: %s', (_name, { metric = '', statistic, atLeast, atMost, between }) => {
    const [series] = seriesOf(platform, metric)
    const value = measured(metric, statistic ?? series?.statistic ?? '', now - 3 * DAY_MS, now) ?? Number.NaN
    expect(value).toBeGreaterThanOrEqual(atLeast ?? between?.[0] ?? 0)
    expect(value).toBeLessThanOrEqual(atMost ?? between?.[1] ?? Number.POSITIVE_INFINITY)
  })

  test('has errors in the log as the metric counts them', () => {
    const errors = answerTo(QUERIES['error analysis'])?.reduce((sum, row) => sum + Number(row.errors), 0) ?? 0
    const counted = ['data-processor', 'data-validator'].reduce(
      (sum, name) => sum + (measured(`${name}.Errors`, 'Sum', now - DAY_MS, now) ?? 0),
      0,
    )
    expect(Math.abs(errors - counted)).toBeLessThan(0.05 * counted)
  })

  test.each<[name: string, query: string, columns: string[]]>([
    ['errors', QUERIES['error analysis'], ['error_type', 'pipeline', 'errors']],
    ['performance', QUERIES.performance, ['pipeline', 'environment', 'average', 'p95', 'longest', 'shortest']],
    ['business', QUERIES['business metrics'], ['pipeline', 'records', 'quality']],
    ['by hour', 'filter level = "ERROR" | stats count(*) as n by bin(1h)', ['bin(1h)', 'n']],
    [
      'patterns',
      'filter @message like /ERROR/ | pattern @message',
      ['@pattern', '@sampleCount', '@severityLabel', '@ratio', '@regexString'],
    ],
  ])('answers the query of %s', (_name, query, columns) => {
    const [row] = answerTo(query) ?? []
    expect(Object.keys(row ?? {})).toEqual(columns)
    expect(Object.values(row ?? {})).not.toContain('NaN')
  })

  test('sorts the answers as the query asks', () => {
    const errors = answerTo(QUERIES['error analysis'])?.map((row) => Number(row.errors)) ?? []
    expect(errors).toEqual(errors.toSorted((a, b) => b - a))
    expect(answerTo('fields @message')).toBeUndefined()
  })
})

test.each([
  ['29 February', '2028-02-29T23:30:00Z'],
  ['the day after 29 February', '2028-03-01T06:00:00Z'],
  ['the night in which an hour is skipped', '2027-03-28T01:30:00Z'],
  ['the day after it', '2027-03-29T06:00:00Z'],
  ['the night in which an hour comes twice', '2026-10-25T01:30:00Z'],
  ['the first of a year', '2027-01-01T00:00:00Z'],
])('works on %s', (_what, time) => {
  const then = new Date(time)
  const data = demoData({ platform, rules: SHIPPED_RULES, now: then })
  const at = then.getTime()
  expect(measured('quality', 'Average', at - 6 * HOUR_MS, at, data)).toBeLessThan(95)
  expect(measured('data-processor.Invocations', 'Sum', at - DAY_MS, at, data)).toBeGreaterThan(10_000)
  const dayBefore = new Date(at - DAY_MS).toISOString().slice(0, 10)
  expect(data.costOf(dayBefore).every(({ amount }) => amount > 0)).toBe(true)
  expect(data.costSince).toMatch(/^\d{4}-\d{2}-\d{2}$/)
})

describe('behind the real clients', () => {
  const open: { close(): unknown }[] = []
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close()
  })

  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' }
  async function started() {
    const aws = await startDemo({ platform, rules: SHIPPED_RULES, now: NOW })
    open.push(aws)
    return { endpoint: aws.url, region: 'eu-west-1', credentials }
  }

  test('every metric of the file is listed, but for the loss of data, which is older than two weeks', async () => {
    const client = new CloudWatchClient(await started())
    const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: 'Platform/Data' }))
    expect(Metrics).toEqual([])
    const all = await client.send(new ListMetricsCommand({}))
    const names = new Set(all.Metrics?.map(({ MetricName }) => MetricName))
    const wanted = Object.values(platform.metrics).map(({ metric }) => metric)
    expect(wanted.filter((name) => !names.has(name))).toEqual(['DataLossEvents'])
  })

  test('four weeks of availability, by the hour', async () => {
    const client = new CloudWatchClient(await started())
    const Metric = { Namespace: 'Platform/Health', MetricName: 'SystemAvailability' }
    const { MetricDataResults: [found] = [] } = await client.send(
      new GetMetricDataCommand({
        ...{ StartTime: new Date(now - 28 * DAY_MS), EndTime: NOW },
        MetricDataQueries: [{ Id: 'a', MetricStat: { Metric, Period: 3_600, Stat: 'Average' } }],
      }),
    )
    expect(found?.Values).toHaveLength(28 * 24)
    expect(found?.Values?.filter((value) => value < 100)).toEqual([75, 50])
  })

  test('the certificate that ends is found by who asks for all keys in us-east-1', async () => {
    const client = new ACMClient({ ...(await started()), region: 'us-east-1' })
    const usual = await client.send(new ListCertificatesCommand({}))
    const all = await client.send(new ListCertificatesCommand({ Includes: { keyTypes: ['EC_prime256v1'] } }))
    expect([usual.CertificateSummaryList?.length, all.CertificateSummaryList?.length]).toEqual([0, 1])
  })

  test('a saved query', async () => {
    const client = new CloudWatchLogsClient(await started())
    const times = { startTime: now / 1_000 - 86_400, endTime: now / 1_000 }
    const query = new StartQueryCommand({ ...times, logGroupNames: GROUPS, queryString: QUERIES.performance })
    const { queryId } = await client.send(query)
    const results = () => client.send(new GetQueryResultsCommand({ queryId }))
    expect([(await results()).status, (await results()).status]).toEqual(['Scheduled', 'Running'])
    expect((await results()).results).toHaveLength(3)
  })
})
