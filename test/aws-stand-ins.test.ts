import { ACMClient, DescribeCertificateCommand, KeyAlgorithm, ListCertificatesCommand } from '@aws-sdk/client-acm'
import {
  BackupClient,
  ListBackupJobsCommand,
  ListProtectedResourcesCommand,
  ListRestoreJobsCommand,
} from '@aws-sdk/client-backup'
import { CloudFormationClient, DescribeStackEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  ListMetricsCommand,
  type MetricDataQuery,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  StartQueryCommand,
  type StartQueryCommandInput,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { ComputeOptimizerClient, GetLambdaFunctionRecommendationsCommand } from '@aws-sdk/client-compute-optimizer'
import { CostExplorerClient, GetCostAndUsageCommand, GetCostForecastCommand } from '@aws-sdk/client-cost-explorer'
import { GetFindingsStatisticsCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty'
import { DescribeEventsCommand, HealthClient } from '@aws-sdk/client-health'
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import { GetFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub'
import { GetServiceQuotaCommand, ListServiceQuotasCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { DescribeInstanceInformationCommand, DescribeInstancePatchStatesCommand, SSMClient } from '@aws-sdk/client-ssm'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AwsStandIn, startAws } from '../local/stand-ins/aws.ts'
import { certificateArn, daysAgo, FUNCTIONS, minutesAgo, NOW, QUERY, SOME_AWS } from './some-aws.ts'

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws({ data: SOME_AWS, now: () => NOW.getTime() })
})
afterEach(() => {
  vi.unstubAllEnvs()
})
afterAll(() => aws.close())

const CREDENTIALS = { accessKeyId: 'x', secretAccessKey: 'x' }
/** Tries again at once. */
const retryStrategy = () => new ConfiguredRetryStrategy(3, () => 0)

interface Sends {
  // biome-ignore lint/suspicious/noExplicitAny: the commands of any client
  send(command: any): Promise<any>
}

// biome-ignore lint/suspicious/noExplicitAny: of each client
type Made = new (config: any) => Sends

const CLIENTS: Record<string, Made> = {
  cloudwatch: CloudWatchClient,
  logs: CloudWatchLogsClient,
  cost: CostExplorerClient,
  acm: ACMClient,
  backup: BackupClient,
  guardduty: GuardDutyClient,
  securityhub: SecurityHubClient,
  cloudtrail: CloudTrailClient,
  cloudformation: CloudFormationClient,
  health: HealthClient,
  quotas: ServiceQuotasClient,
  lambda: LambdaClient,
  optimizer: ComputeOptimizerClient,
  ssm: SSMClient,
}

/** Sends a command by the real client of its service. */
// biome-ignore lint/suspicious/noExplicitAny: the answer of any command
function ask(service: string, command: object, region = 'eu-west-1'): Promise<any> {
  const Client = CLIENTS[service] as Made
  const retry = retryStrategy()
  return new Client({ endpoint: aws.url, region, credentials: CREDENTIALS, retryStrategy: retry }).send(command)
}

const HOUR = { StartTime: minutesAgo(60), EndTime: NOW }
const stat = (Id: string, MetricName: string, Stat = 'Sum', over: object = {}): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: [{ Name: 'FunctionName', Value: 'orders' }] },
    ...{ Period: 3_600, Stat, ...over },
  },
})
const metricData = (MetricDataQueries: MetricDataQuery[], over: Partial<GetMetricDataCommandInput> = {}) =>
  new GetMetricDataCommand({ ...HOUR, MetricDataQueries, ...over })
const math = (Expression: string): MetricDataQuery => ({ Id: 'result', Expression })
const DAYS = { Start: '2026-11-20', End: '2026-11-27' }
const cost = (over: object = {}) =>
  new GetCostAndUsageCommand({ TimePeriod: DAYS, Granularity: 'DAILY', Metrics: ['UnblendedCost'], ...over })
const forecast = (over: object = {}) =>
  new GetCostForecastCommand({
    ...{
      TimePeriod: { Start: '2026-11-27', End: '2026-12-01' },
      Metric: 'UNBLENDED_COST',
      Granularity: 'DAILY',
      ...over,
    },
  } as never)
const SECONDS = { startTime: NOW.getTime() / 1_000 - 3_600, endTime: NOW.getTime() / 1_000 }
const query = (over: Partial<StartQueryCommandInput> = {}) =>
  new StartQueryCommand({ ...SECONDS, logGroupNames: ['/aws/lambda/orders'], queryString: QUERY, ...over })

describe('CloudWatch metrics', () => {
  test.each<[what: string, query: MetricDataQuery[], value: number | undefined]>([
    ['a sum', [stat('a', 'Invocations')], 600],
    ['an average', [stat('a', 'Duration', 'Average')], 117],
    ['a maximum', [stat('a', 'Duration', 'Maximum')], 900],
    ['the number of samples', [stat('a', 'Duration', 'SampleCount')], 6_000],
    ['a median', [stat('a', 'Duration', 'p50')], 100],
    ['a 95th percentile', [stat('a', 'Duration', 'p95')], 200],
    ['a 99.5th percentile', [stat('a', 'Duration', 'p99.5')], 900],
    [
      'a metric with fewer dimensions is another',
      [
        {
          Id: 'a',
          MetricStat: { Metric: { Namespace: 'AWS/Lambda', MetricName: 'Invocations' }, Period: 3_600, Stat: 'Sum' },
        },
      ],
      1_800,
    ],
    [
      'a metric with a dimension less that nobody publishes',
      [
        {
          Id: 'a',
          MetricStat: {
            Metric: { Namespace: 'AWS/S3', MetricName: 'BucketSizeBytes' },
            Period: 86_400,
            Stat: 'Average',
          },
        },
      ],
      undefined,
    ],
    ['a unit that was not published', [stat('a', 'Invocations', 'Sum', { Unit: 'Bytes' })], undefined],
    [
      'an error rate',
      [
        ...[stat('errors', 'Errors'), stat('all', 'Invocations')].map((one) => ({ ...one, ReturnData: false })),
        math('100*errors/all'),
      ],
      10,
    ],
    [
      'a rate with a guard',
      [
        ...[stat('errors', 'Errors'), stat('all', 'Invocations')].map((one) => ({ ...one, ReturnData: false })),
        math('IF(all > 1000, 100*FILL(errors, 0)/all, 0)'),
      ],
      0,
    ],
    [
      'the sum of all',
      [
        { ...stat('a', 'Errors'), ReturnData: false },
        { ...stat('b', 'Invocations'), ReturnData: false },
        math('SUM(METRICS())'),
      ],
      660,
    ],
  ])('%s', async (_what, queries, value) => {
    const { MetricDataResults } = await ask('cloudwatch', metricData(queries))
    expect(MetricDataResults.map(({ Values }: { Values: number[] }) => Values)).toEqual([
      value === undefined ? [] : [value],
    ])
  })

  test('a search gives a line for each function, all under one id', async () => {
    const search = math(`SEARCH('{AWS/Lambda,FunctionName} MetricName="Invocations"', 'Sum', 3600)`)
    const { MetricDataResults } = await ask('cloudwatch', metricData([search]))
    expect(MetricDataResults).toMatchObject([
      { Id: 'result', Label: 'orders Invocations', Values: [600] },
      { Id: 'result', Label: 'bills Invocations', Values: [1_200] },
    ])
  })

  test.each([
    ['by the minute for 15 days', 60, 16, 15 * 1_440],
    ['by five minutes for 63 days', 300, 64, 63 * 288],
    ['by the hour for 455 days', 3_600, 456, 455 * 24],
  ])('points are kept %s, and a shorter period gets nothing older', async (_what, Period, days, most) => {
    const one = metricData([stat('a', 'Invocations', 'Sum', { Period })], { StartTime: daysAgo(days) })
    const { MetricDataResults } = await ask('cloudwatch', one)
    expect(MetricDataResults[0].Values.length).toBe(most)
  })

  test('the newest point comes first, unless asked otherwise', async () => {
    const times = async (ScanBy?: 'TimestampAscending') => {
      const one = metricData([stat('a', 'Invocations', 'Sum', { Period: 1_200 })], { ScanBy })
      return (await ask('cloudwatch', one)).MetricDataResults[0].Timestamps
    }
    expect(await times()).toEqual([minutesAgo(20), minutesAgo(40), minutesAgo(60)])
    expect(await times('TimestampAscending')).toEqual([minutesAgo(60), minutesAgo(40), minutesAgo(20)])
  })

  test('a page is cut inside a metric, and says so', async () => {
    const queries = ['a', 'b'].map((id) => stat(id, 'Invocations', 'Sum', { Period: 1_200 }))
    const first = await ask('cloudwatch', metricData(queries, { MaxDatapoints: 4 }))
    expect(first.MetricDataResults).toMatchObject([
      { Id: 'a', StatusCode: 'Complete', Values: [200, 200, 200] },
      { Id: 'b', StatusCode: 'PartialData', Values: [200] },
    ])
    const rest = await ask('cloudwatch', metricData(queries, { MaxDatapoints: 4, NextToken: first.NextToken }))
    expect(rest.MetricDataResults).toMatchObject([{ Id: 'b', StatusCode: 'Complete', Values: [200, 200] }])
    expect(rest.NextToken).toBeUndefined()
  })

  test('one metric may be forbidden in an answer that is otherwise fine', async () => {
    const Metric = {
      Namespace: 'Other/App',
      MetricName: 'Secret',
      Dimensions: [{ Name: 'FunctionName', Value: 'orders' }],
    }
    const queries = [{ Id: 'a', MetricStat: { Metric, Period: 3_600, Stat: 'Sum' } }, stat('b', 'Invocations')]
    const { MetricDataResults } = await ask('cloudwatch', metricData(queries))
    expect(MetricDataResults).toMatchObject([
      { StatusCode: 'Forbidden', Values: [] },
      { StatusCode: 'Complete', Values: [600] },
    ])
  })

  test.each<[what: string, input: object, metrics: string[]]>([
    ['those of two weeks', { Namespace: 'Old/App' }, ['Yesterday']],
    ['those of three hours', { Namespace: 'Old/App', RecentlyActive: 'PT3H' }, []],
    [
      'by a dimension with any value',
      { MetricName: 'Invocations', Dimensions: [{ Name: 'FunctionName' }] },
      ['Invocations', 'Invocations'],
    ],
    [
      'by a dimension and its value',
      { MetricName: 'Invocations', Dimensions: [{ Name: 'FunctionName', Value: 'bills' }] },
      ['Invocations'],
    ],
  ])('lists %s', async (_what, input, names) => {
    const { Metrics } = await ask('cloudwatch', new ListMetricsCommand(input))
    expect(Metrics.map(({ MetricName }: { MetricName: string }) => MetricName)).toEqual(names)
  })
})

describe('CloudWatch alarms', () => {
  test.each<[what: string, input: object, metric: string[], composite: string[]]>([
    ['metric alarms alone by default', {}, ['cpu', 'errors', 'disk'], []],
    [
      'composite ones when asked for',
      { AlarmTypes: ['CompositeAlarm', 'MetricAlarm'] },
      ['cpu', 'errors', 'disk'],
      ['shop'],
    ],
    ['those that fire', { StateValue: 'ALARM' }, ['cpu'], []],
    ['those with an action', { ActionPrefix: 'arn:aws:sns' }, ['cpu', 'disk'], []],
    ['by name', { AlarmNames: ['disk', 'other'] }, ['disk'], []],
  ])('lists %s', async (_what, input, metric, composite) => {
    const found = await ask('cloudwatch', new DescribeAlarmsCommand(input))
    const names = (alarms: { AlarmName: string }[]) => alarms.map(({ AlarmName }) => AlarmName)
    expect([names(found.MetricAlarms), names(found.CompositeAlarms)]).toEqual([metric, composite])
  })

  test.each<[what: string, input: object, days: number[]]>([
    ['of 30 days, of metric alarms alone, the newest first', { HistoryItemType: 'StateUpdate' }, [1, 3]],
    ['of composite alarms', { AlarmTypes: ['CompositeAlarm'] }, [2]],
    ['the oldest first', { HistoryItemType: 'StateUpdate', ScanBy: 'TimestampAscending' }, [3, 1]],
    ['since a day', { StartDate: daysAgo(2), HistoryItemType: 'StateUpdate' }, [1]],
  ])('shows the history %s', async (_what, input, days) => {
    const { AlarmHistoryItems } = await ask('cloudwatch', new DescribeAlarmHistoryCommand(input))
    expect(AlarmHistoryItems.map(({ Timestamp }: { Timestamp: Date }) => Timestamp)).toEqual(days.map(daysAgo))
  })
})

describe('logs', () => {
  test('a query is scheduled, runs with some rows, and is complete', async () => {
    const { queryId } = await ask('logs', query())
    const states = []
    for (let poll = 0; poll < 4; poll++) {
      const { status, results } = await ask('logs', new GetQueryResultsCommand({ queryId }))
      states.push([status, results.length])
    }
    expect(states).toEqual([
      ['Scheduled', 0],
      ['Running', 1],
      ['Complete', 2],
      ['Complete', 2],
    ])
    const { results, statistics } = await ask('logs', new GetQueryResultsCommand({ queryId }))
    expect(results[0].slice(0, 2)).toEqual([
      { field: 'error_type', value: 'Timeout' },
      { field: 'n', value: '9' },
    ])
    expect(statistics).toMatchObject({ bytesScanned: 5_000, recordsScanned: 1_000 })
  })

  test('a query that is stopped stays so', async () => {
    const { queryId } = await ask('logs', query())
    expect((await ask('logs', new StopQueryCommand({ queryId }))).success).toBe(true)
    expect((await ask('logs', new GetQueryResultsCommand({ queryId }))).status).toBe('Cancelled')
    await expect(ask('logs', new StopQueryCommand({ queryId }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    })
  })

  test('a hundred queries run at once, and no more', async () => {
    const own = await startAws({ data: SOME_AWS, now: () => NOW.getTime() })
    const client = new CloudWatchLogsClient({
      endpoint: own.url,
      region: 'eu-west-1',
      credentials: CREDENTIALS,
      maxAttempts: 1,
    })
    for (let started = 0; started < 100; started++) await client.send(query())
    await expect(client.send(query())).rejects.toMatchObject({ name: 'LimitExceededException' })
    await own.close()
  })

  test.each<[pattern: string, found: number]>([
    ['', 4],
    ['ERROR', 3],
    ['ERROR -plain', 2],
    ['?plain ?INFO', 2],
    ['"ERROR text"', 1],
    ['{ $.level = "ERROR" }', 2],
    ['{ $.level = "ERROR" && $.code >= 500 }', 1],
    ['{ $.code = 404 || $.level = "INF*" }', 2],
  ])('lines that match %s', async (filterPattern, found) => {
    const input = { logGroupName: '/aws/lambda/orders', filterPattern }
    const { events } = await ask('logs', new FilterLogEventsCommand(input))
    expect(events.length).toBe(found)
  })
})

describe('cost', () => {
  test.each<[what: string, input: object, amounts: unknown]>([
    ['of days', { TimePeriod: { Start: '2026-11-24', End: '2026-11-26' } }, ['7.5', '9.5']],
    [
      'of months, the first in part',
      { TimePeriod: { Start: '2026-09-30', End: '2026-11-01' }, Granularity: 'MONTHLY' },
      ['7.5', '232.5'],
    ],
    [
      'of one service',
      {
        TimePeriod: { Start: '2026-11-25', End: '2026-11-26' },
        Filter: { Dimensions: { Key: 'SERVICE', Values: ['AWS Lambda'] } },
      },
      ['7'],
    ],
    [
      'of all but one',
      {
        TimePeriod: { Start: '2026-11-25', End: '2026-11-26' },
        Filter: { Not: { Dimensions: { Key: 'SERVICE', Values: ['AWS Lambda'] } } },
      },
      ['2.5'],
    ],
    [
      'of a tag',
      { TimePeriod: { Start: '2026-11-25', End: '2026-11-26' }, Filter: { Tags: { Key: 'team', Values: ['data'] } } },
      ['7'],
    ],
    [
      'of a service that does not exist',
      {
        TimePeriod: { Start: '2026-11-25', End: '2026-11-26' },
        Filter: { Dimensions: { Key: 'SERVICE', Values: ['None'] } },
      },
      ['0'],
    ],
  ])('%s', async (_what, input, amounts) => {
    const { ResultsByTime } = await ask('cost', cost(input))
    expect(
      ResultsByTime.map(({ Total }: { Total: { UnblendedCost: { Amount: string } } }) => Total.UnblendedCost.Amount),
    ).toEqual(amounts)
  })

  test('in groups, there is no total; every day of an open month is an estimate', async () => {
    const GroupBy = [
      { Type: 'DIMENSION' as const, Key: 'SERVICE' },
      { Type: 'TAG' as const, Key: 'team' },
    ]
    const { ResultsByTime } = await ask('cost', cost({ GroupBy }))
    expect(ResultsByTime[5]).toEqual({
      TimePeriod: { Start: '2026-11-25', End: '2026-11-26' },
      Total: {},
      Groups: [
        { Keys: ['AWS Lambda', 'team$data'], Metrics: { UnblendedCost: { Amount: '7', Unit: 'USD' } } },
        {
          Keys: ['Amazon Simple Storage Service', 'team$'],
          Metrics: { UnblendedCost: { Amount: '2.5', Unit: 'USD' } },
        },
      ],
      Estimated: true,
    })
    const isEstimated = async (Start: string, End: string) => {
      const answered = await ask('cost', cost({ TimePeriod: { Start, End } }))
      return answered.ResultsByTime.map(({ Estimated }: { Estimated: boolean }) => Estimated)
    }
    expect(await isEstimated('2026-10-31', '2026-11-02')).toEqual([false, true])
  })

  test('a forecast', async () => {
    const { Total, ForecastResultsByTime } = await ask('cost', forecast())
    expect(Number(Total.Amount)).toBeCloseTo(4 * (7.5 + 2 / 28))
    expect(ForecastResultsByTime).toHaveLength(4)
  })
})

describe('what there is', () => {
  const names = (list: Record<string, unknown>[], key: string) => list.map((one) => one[key])
  test.each<[what: string, service: string, command: object, list: string, key: string, found: unknown[]]>([
    [
      'certificates of the usual keys',
      'acm',
      new ListCertificatesCommand({}),
      'CertificateSummaryList',
      'DomainName',
      ['a.example.com'],
    ],
    [
      'certificates of all keys, the newest first',
      'acm',
      new ListCertificatesCommand({
        Includes: { keyTypes: Object.values(KeyAlgorithm) },
        SortBy: 'CREATED_AT',
        SortOrder: 'DESCENDING',
      }),
      'CertificateSummaryList',
      'DomainName',
      ['b.example.com', 'a.example.com'],
    ],
    ['backup jobs of 30 days', 'backup', new ListBackupJobsCommand({}), 'BackupJobs', 'BackupJobId', ['new', 'failed']],
    [
      'failed backup jobs',
      'backup',
      new ListBackupJobsCommand({ ByState: 'FAILED' }),
      'BackupJobs',
      'StatusMessage',
      ['no space'],
    ],
    [
      'backup jobs since a time',
      'backup',
      new ListBackupJobsCommand({ ByCreatedAfter: daysAgo(1) }),
      'BackupJobs',
      'BackupJobId',
      ['failed'],
    ],
    [
      'protected resources',
      'backup',
      new ListProtectedResourcesCommand({}),
      'Results',
      'LastBackupTime',
      [daysAgo(2), daysAgo(2)],
    ],
    [
      'restores',
      'backup',
      new ListRestoreJobsCommand({ ByStatus: 'COMPLETED' }),
      'RestoreJobs',
      'CreationDate',
      [daysAgo(120)],
    ],
    [
      'recent restores',
      'backup',
      new ListRestoreJobsCommand({ ByCreatedAfter: daysAgo(90) }),
      'RestoreJobs',
      'RestoreJobId',
      [],
    ],
    [
      'severe findings',
      'securityhub',
      new GetFindingsCommand({
        Filters: {
          SeverityLabel: [
            { Value: 'CRITICAL', Comparison: 'EQUALS' },
            { Value: 'HIGH', Comparison: 'EQUALS' },
          ],
          RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' }],
        },
      }),
      'Findings',
      'Id',
      ['s0', 's1'],
    ],
    [
      'findings of a day',
      'securityhub',
      new GetFindingsCommand({ Filters: { UpdatedAt: [{ DateRange: { Value: 1, Unit: 'DAYS' } }] } }),
      'Findings',
      'Id',
      ['s0', 's1'],
    ],
    [
      'changes of 90 days',
      'cloudtrail',
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }] }),
      'Events',
      'EventId',
      ['1'],
    ],
    [
      'events since a time',
      'cloudtrail',
      new LookupEventsCommand({ StartTime: daysAgo(2) }),
      'Events',
      'EventTime',
      [daysAgo(1)],
    ],
    [
      'open issues at AWS',
      'health',
      new DescribeEventsCommand({ filter: { eventStatusCodes: ['open'] } }),
      'events',
      'arn',
      ['h1'],
    ],
    [
      'quotas of a service',
      'quotas',
      new ListServiceQuotasCommand({ ServiceCode: 'lambda' }),
      'Quotas',
      'Value',
      [1_000, 2, 75],
    ],
    [
      'functions, at most 50',
      'lambda',
      new ListFunctionsCommand({ MaxItems: 1_000 }),
      'Functions',
      'FunctionName',
      FUNCTIONS.slice(0, 50),
    ],
    [
      'functions that could be smaller',
      'optimizer',
      new GetLambdaFunctionRecommendationsCommand({ filters: [{ name: 'Finding', values: ['NotOptimized'] }] }),
      'lambdaFunctionRecommendations',
      'findingReasonCodes',
      [['MemoryOverprovisioned']],
    ],
    [
      'machines, at most 50',
      'ssm',
      new DescribeInstanceInformationCommand({}),
      'InstanceInformationList',
      'InstanceId',
      Array.from({ length: 50 }, (_, at) => `i-${at}`),
    ],
    [
      'patches of machines that were scanned',
      'ssm',
      new DescribeInstancePatchStatesCommand({ InstanceIds: ['i-0', 'i-2', 'i-9'] }),
      'InstancePatchStates',
      'MissingCount',
      [1, 8],
    ],
    ['stacks', 'cloudformation', new DescribeStacksCommand({}), 'Stacks', 'LastUpdatedTime', [daysAgo(1), daysAgo(2)]],
    [
      'one stack',
      'cloudformation',
      new DescribeStacksCommand({ StackName: 's2' }),
      'Stacks',
      'Description',
      ['a < b & c'],
    ],
    [
      'the events of a stack, the newest first',
      'cloudformation',
      new DescribeStackEventsCommand({ StackName: 's1' }),
      'StackEvents',
      'EventId',
      ['e1', 'e2', 'e3'],
    ],
  ])('%s', async (_what, service, command, list, key, found) => {
    expect(names((await ask(service, command))[list], key)).toEqual(found)
  })

  test.each<[what: string, service: string, command: object, answer: object]>([
    [
      'a certificate',
      'acm',
      new DescribeCertificateCommand({ CertificateArn: certificateArn('ec') }),
      { Certificate: { KeyAlgorithm: 'EC_prime256v1', CreatedAt: daysAgo(5) } },
    ],
    ['a detector', 'guardduty', new ListDetectorsCommand({}), { DetectorIds: ['d1'] }],
    [
      'severe findings that are not archived',
      'guardduty',
      new GetFindingsStatisticsCommand({
        DetectorId: 'd1',
        GroupBy: 'SEVERITY',
        FindingCriteria: {
          Criterion: { severity: { GreaterThanOrEqual: 7 }, 'service.archived': { Equals: ['false'] } },
        },
      }),
      { FindingStatistics: { GroupedBySeverity: [{ Severity: 8, TotalFindings: 1, LastGeneratedAt: NOW }] } },
    ],
    [
      'findings by severity',
      'guardduty',
      new GetFindingsStatisticsCommand({ DetectorId: 'd1', FindingStatisticTypes: ['COUNT_BY_SEVERITY'] }),
      { FindingStatistics: { CountBySeverity: { 8: 2, 2: 1 } } },
    ],
    [
      'a quota',
      'quotas',
      new GetServiceQuotaCommand({ ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' }),
      { Quota: { Value: 1_000 } },
    ],
    [
      "an account's limits",
      'lambda',
      new GetAccountSettingsCommand({}),
      { AccountLimit: { ConcurrentExecutions: 1_000 } },
    ],
    [
      'a function that is switched off',
      'lambda',
      new GetFunctionConcurrencyCommand({ FunctionName: 'f0' }),
      { ReservedConcurrentExecutions: 0 },
    ],
  ])('%s', async (_what, service, command, answer) => {
    expect(await ask(service, command)).toMatchObject(answer)
  })

  test('a function without reserved concurrency has no number', async () => {
    const answer = await ask('lambda', new GetFunctionConcurrencyCommand({ FunctionName: 'f9' }))
    expect(answer.ReservedConcurrentExecutions).toBeUndefined()
  })

  test('certificates of one region alone', async () => {
    expect((await ask('acm', new ListCertificatesCommand({}), 'us-east-1')).CertificateSummaryList).toEqual([])
  })
})

describe('refuses', () => {
  const unknownKey = { GroupBy: [{ Type: 'DIMENSION', Key: 'COLOUR' }] }
  const three = Array(3).fill({ Type: 'DIMENSION', Key: 'SERVICE' })
  const many = Array.from({ length: 501 }, (_, at) => stat(`m${at}`, 'Errors'))
  const REFUSED: [what: string, service: string, command: object, name: string][] = [
    [
      'metrics without a start',
      'cloudwatch',
      metricData([stat('a', 'Errors')], { StartTime: undefined }),
      'ValidationException',
    ],
    [
      'an end before the start',
      'cloudwatch',
      metricData([stat('a', 'Errors')], { EndTime: daysAgo(2) }),
      'ValidationException',
    ],
    ['501 queries', 'cloudwatch', metricData(many), 'ValidationException'],
    ['no query', 'cloudwatch', metricData([]), 'ValidationException'],
    ['an id in capitals', 'cloudwatch', metricData([stat('A', 'Errors')]), 'ValidationException'],
    ['an id twice', 'cloudwatch', metricData([stat('a', 'Errors'), stat('a', 'Errors')]), 'ValidationException'],
    [
      'a query of both kinds',
      'cloudwatch',
      metricData([{ ...stat('a', 'Errors'), Expression: '1' }]),
      'ValidationException',
    ],
    ['a query of no kind', 'cloudwatch', metricData([{ Id: 'a' }]), 'ValidationException'],
    [
      'a period of 45 seconds',
      'cloudwatch',
      metricData([stat('a', 'Errors', 'Sum', { Period: 45 })]),
      'ValidationException',
    ],
    ['an unknown statistic', 'cloudwatch', metricData([stat('a', 'Errors', 'p101')]), 'ValidationException'],
    ['math over an unknown id', 'cloudwatch', metricData([math('a + 1')]), 'ValidationException'],
    [
      'math in a circle',
      'cloudwatch',
      metricData([
        { Id: 'a', Expression: 'b' },
        { Id: 'b', Expression: 'a' },
      ]),
      'ValidationException',
    ],
    ['broken math', 'cloudwatch', metricData([math('1 +')]), 'ValidationException'],
    [
      'nothing to return',
      'cloudwatch',
      metricData([{ ...stat('a', 'Errors'), ReturnData: false }]),
      'ValidationException',
    ],
    [
      'too large a page of metrics',
      'cloudwatch',
      metricData([stat('a', 'Errors')], { MaxDatapoints: 100_801 }),
      'ValidationException',
    ],
    [
      'a token of metrics that it has not given',
      'cloudwatch',
      metricData([stat('a', 'Errors')], { NextToken: 'x' }),
      'InvalidNextToken',
    ],
    [
      'metrics active since another time',
      'cloudwatch',
      new ListMetricsCommand({ RecentlyActive: 'PT4H' as never }),
      'ValidationException',
    ],
    [
      '11 dimensions',
      'cloudwatch',
      new ListMetricsCommand({ Dimensions: Array(11).fill({ Name: 'x' }) }),
      'ValidationException',
    ],
    ['101 alarms on a page', 'cloudwatch', new DescribeAlarmsCommand({ MaxRecords: 101 }), 'ValidationException'],
    [
      'names with a prefix',
      'cloudwatch',
      new DescribeAlarmsCommand({ AlarmNames: ['a'], AlarmNamePrefix: 'a' }),
      'ValidationException',
    ],
    ['101 names', 'cloudwatch', new DescribeAlarmsCommand({ AlarmNames: Array(101).fill('a') }), 'ValidationException'],
    [
      'children with a state',
      'cloudwatch',
      new DescribeAlarmsCommand({ ChildrenOfAlarmName: 'a', StateValue: 'OK' }),
      'ValidationException',
    ],
    [
      'a history that ends before it starts',
      'cloudwatch',
      new DescribeAlarmHistoryCommand({ StartDate: NOW, EndDate: daysAgo(1) }),
      'ValidationException',
    ],
    [
      'an operation that it has not',
      'cloudwatch',
      new PutMetricDataCommand({ Namespace: 'x', MetricData: [] }),
      'UnknownOperationException',
    ],
    ['a query without a group', 'logs', query({ logGroupNames: undefined }), 'InvalidParameterException'],
    [
      'a query over two kinds of groups',
      'logs',
      query({ logGroupIdentifiers: ['/aws/lambda/orders'] }),
      'InvalidParameterException',
    ],
    ['a query over an unknown group', 'logs', query({ logGroupNames: ['/other'] }), 'ResourceNotFoundException'],
    [
      'a query over 51 groups',
      'logs',
      query({ logGroupNames: Array(51).fill('/aws/lambda/orders') }),
      'InvalidParameterException',
    ],
    ['a query that ends before it starts', 'logs', query({ endTime: 1 }), 'InvalidParameterException'],
    [
      'a query over times before the retention',
      'logs',
      query({ startTime: 1_640_995_200, endTime: 1_640_998_800 }),
      'MalformedQueryException',
    ],
    [
      'a comment of SQL',
      'logs',
      query({ queryString: '-- errors\nfilter level = "ERROR"' }),
      'MalformedQueryException',
    ],
    [
      'a sort by no column',
      'logs',
      query({ queryString: 'stats count() | sort count desc' }),
      'MalformedQueryException',
    ],
    ['too high a limit', 'logs', query({ limit: 100_001 }), 'InvalidParameterException'],
    ['a query without an end', 'logs', query({ endTime: undefined }), 'InvalidParameterException'],
    [
      'a query that its data does not know',
      'logs',
      query({ queryString: 'fields @message' }),
      'InvalidParameterException',
    ],
    ['results of an unknown query', 'logs', new GetQueryResultsCommand({ queryId: 'x' }), 'ResourceNotFoundException'],
    ['lines of no group', 'logs', new FilterLogEventsCommand({}), 'InvalidParameterException'],
    [
      'lines of an unknown group',
      'logs',
      new FilterLogEventsCommand({ logGroupName: '/other' }),
      'ResourceNotFoundException',
    ],
    [
      'lines by a broken pattern',
      'logs',
      new FilterLogEventsCommand({ logGroupName: '/aws/lambda/orders', filterPattern: '{ $.a ~ 1 }' }),
      'InvalidParameterException',
    ],
    [
      'costs of no time',
      'cost',
      cost({ TimePeriod: { Start: '2026-11-20', End: '2026-11-20' } }),
      'ValidationException',
    ],
    ['costs without metrics', 'cost', cost({ Metrics: undefined }), 'ValidationException'],
    ['costs by the hour', 'cost', cost({ Granularity: 'HOURLY' }), 'ValidationException'],
    ['costs by an unknown metric', 'cost', cost({ Metrics: ['UNBLENDED_COST'] }), 'ValidationException'],
    ['costs in three groups', 'cost', cost({ GroupBy: three }), 'ValidationException'],
    ['costs by an unknown dimension', 'cost', cost(unknownKey), 'ValidationException'],
    [
      'costs of two years ago',
      'cost',
      cost({ TimePeriod: { Start: '2024-11-20', End: '2024-11-21' } }),
      'ValidationException',
    ],
    [
      'costs of a time with hours',
      'cost',
      cost({ TimePeriod: { Start: '2026-11-20T00:00:00Z', End: '2026-11-21' } }),
      'ValidationException',
    ],
    [
      'a filter of two parts',
      'cost',
      cost({ Filter: { Dimensions: { Key: 'SERVICE', Values: ['x'] }, Tags: { Key: 'a', Values: ['b'] } } }),
      'ValidationException',
    ],
    ['a token of costs that it has not given', 'cost', cost({ NextPageToken: 'x' }), 'InvalidNextTokenException'],
    [
      'a forecast of the past',
      'cost',
      forecast({ TimePeriod: { Start: '2026-11-26', End: '2026-12-01' } }),
      'ValidationException',
    ],
    [
      'a forecast from tomorrow',
      'cost',
      forecast({ TimePeriod: { Start: '2026-11-28', End: '2026-12-01' } }),
      'ValidationException',
    ],
    [
      'a forecast by days over four months',
      'cost',
      forecast({ TimePeriod: { Start: '2026-11-27', End: '2027-03-27' } }),
      'ValidationException',
    ],
    ["a forecast by the other call's metric", 'cost', forecast({ Metric: 'UnblendedCost' }), 'ValidationException'],
    ['a forecast within 50 %', 'cost', forecast({ PredictionIntervalLevel: 50 }), 'ValidationException'],
    ['a sort without its order', 'acm', new ListCertificatesCommand({ SortBy: 'CREATED_AT' }), 'InvalidArgsException'],
    ['1001 certificates on a page', 'acm', new ListCertificatesCommand({ MaxItems: 1_001 }), 'ValidationException'],
    [
      'a certificate without an ARN',
      'acm',
      new DescribeCertificateCommand({ CertificateArn: 'x' }),
      'InvalidArnException',
    ],
    [
      'an unknown certificate',
      'acm',
      new DescribeCertificateCommand({ CertificateArn: certificateArn('no') }),
      'ResourceNotFoundException',
    ],
    [
      'an unknown state of a backup',
      'backup',
      new ListBackupJobsCommand({ ByState: 'LOST' as never }),
      'InvalidParameterValueException',
    ],
    [
      'an unknown state of a restore',
      'backup',
      new ListRestoreJobsCommand({ ByStatus: 'LOST' as never }),
      'InvalidParameterValueException',
    ],
    [
      'a page without backups',
      'backup',
      new ListBackupJobsCommand({ MaxResults: 0 }),
      'InvalidParameterValueException',
    ],
    [
      'an unknown detector',
      'guardduty',
      new GetFindingsStatisticsCommand({ DetectorId: 'x', GroupBy: 'SEVERITY' }),
      'BadRequestException',
    ],
    [
      'findings by two ways',
      'guardduty',
      new GetFindingsStatisticsCommand({
        DetectorId: 'd1',
        GroupBy: 'SEVERITY',
        FindingStatisticTypes: ['COUNT_BY_SEVERITY'],
      }),
      'BadRequestException',
    ],
    ['findings by no way', 'guardduty', new GetFindingsStatisticsCommand({ DetectorId: 'd1' }), 'BadRequestException'],
    ['101 findings on a page', 'securityhub', new GetFindingsCommand({ MaxResults: 101 }), 'InvalidInputException'],
    [
      'an unknown comparison',
      'securityhub',
      new GetFindingsCommand({ Filters: { SeverityLabel: [{ Value: 'x', Comparison: 'LIKE' as never }] } }),
      'InvalidInputException',
    ],
    [
      'two attributes of events',
      'cloudtrail',
      new LookupEventsCommand({ LookupAttributes: Array(2).fill({ AttributeKey: 'EventName', AttributeValue: 'x' }) }),
      'InvalidLookupAttributesException',
    ],
    ['51 events on a page', 'cloudtrail', new LookupEventsCommand({ MaxResults: 51 }), 'InvalidMaxResultsException'],
    [
      'events that end before they start',
      'cloudtrail',
      new LookupEventsCommand({ StartTime: NOW, EndTime: daysAgo(1) }),
      'InvalidTimeRangeException',
    ],
    [
      'a token of Health that it has not given',
      'health',
      new DescribeEventsCommand({ nextToken: 'x' }),
      'InvalidPaginationToken',
    ],
    [
      'quotas of no service',
      'quotas',
      new ListServiceQuotasCommand({ ServiceCode: undefined }),
      'IllegalArgumentException',
    ],
    [
      'quotas of an unknown service',
      'quotas',
      new ListServiceQuotasCommand({ ServiceCode: 'x' }),
      'NoSuchResourceException',
    ],
    [
      'a quota without an applied value',
      'quotas',
      new GetServiceQuotaCommand({ ServiceCode: 'lambda', QuotaCode: 'L-0' }),
      'NoSuchResourceException',
    ],
    [
      'an unknown function',
      'lambda',
      new GetFunctionConcurrencyCommand({ FunctionName: 'x' }),
      'ResourceNotFoundException',
    ],
    [
      'the patches of more machines than one request may name',
      'ssm',
      new DescribeInstancePatchStatesCommand({ InstanceIds: Array.from({ length: 51 }, (_, at) => `i-${at}`) }),
      'ValidationException',
    ],
    [
      'fewer machines on a page than five',
      'ssm',
      new DescribeInstanceInformationCommand({ MaxResults: 4 }),
      'ValidationException',
    ],
    [
      'a token of Systems Manager that it has not given',
      'ssm',
      new DescribeInstanceInformationCommand({ NextToken: 'x' }),
      'InvalidNextToken',
    ],
    [
      'an unknown filter of recommendations',
      'optimizer',
      new GetLambdaFunctionRecommendationsCommand({ filters: [{ name: 'Colour' as never, values: [] }] }),
      'InvalidParameterValueException',
    ],
    ['an unknown stack', 'cloudformation', new DescribeStacksCommand({ StackName: 'x' }), 'ValidationError'],
    [
      'events of no stack',
      'cloudformation',
      new DescribeStackEventsCommand({ StackName: undefined }),
      'ValidationError',
    ],
  ]
  test.each(REFUSED)('%s', async (_what, service, command, name) => {
    await expect(ask(service, command)).rejects.toMatchObject({ name })
  })

  test('where in a query its mistake is', async () => {
    const error = await ask('logs', query({ queryString: '-- errors' })).catch((refusal) => refusal)
    expect(error.queryCompileError).toMatchObject({
      location: { startCharOffset: 0 },
      message: expect.stringContaining('#'),
    })
  })
})

const ONE_OF_EACH: [operation: string, service: string, command: () => object, denied: string, list: string][] = [
  [
    'GetMetricData',
    'cloudwatch',
    () => metricData([stat('a', 'Invocations', 'Sum', { Period: 60 })]),
    'AccessDenied',
    'MetricDataResults',
  ],
  ['ListMetrics', 'cloudwatch', () => new ListMetricsCommand({}), 'AccessDenied', 'Metrics'],
  ['DescribeAlarms', 'cloudwatch', () => new DescribeAlarmsCommand({}), 'AccessDenied', 'MetricAlarms'],
  [
    'DescribeAlarmHistory',
    'cloudwatch',
    () => new DescribeAlarmHistoryCommand({}),
    'AccessDenied',
    'AlarmHistoryItems',
  ],
  ['StartQuery', 'logs', () => query(), 'AccessDeniedException', ''],
  [
    'FilterLogEvents',
    'logs',
    () => new FilterLogEventsCommand({ logGroupName: '/aws/lambda/orders' }),
    'AccessDeniedException',
    'events',
  ],
  ['GetCostAndUsage', 'cost', () => cost(), 'AccessDeniedException', 'ResultsByTime'],
  ['GetCostForecast', 'cost', () => forecast(), 'AccessDeniedException', ''],
  [
    'ListCertificates',
    'acm',
    () => new ListCertificatesCommand({ Includes: { keyTypes: Object.values(KeyAlgorithm) } }),
    'AccessDeniedException',
    'CertificateSummaryList',
  ],
  ['ListBackupJobs', 'backup', () => new ListBackupJobsCommand({}), 'AccessDeniedException', 'BackupJobs'],
  ['ListProtectedResources', 'backup', () => new ListProtectedResourcesCommand({}), 'AccessDeniedException', 'Results'],
  ['ListRestoreJobs', 'backup', () => new ListRestoreJobsCommand({}), 'AccessDeniedException', ''],
  ['ListDetectors', 'guardduty', () => new ListDetectorsCommand({}), 'AccessDeniedException', ''],
  [
    'GetFindingsStatistics',
    'guardduty',
    () => new GetFindingsStatisticsCommand({ DetectorId: 'd1', GroupBy: 'SEVERITY' }),
    'AccessDeniedException',
    '',
  ],
  ['GetFindings', 'securityhub', () => new GetFindingsCommand({}), 'AccessDeniedException', 'Findings'],
  ['LookupEvents', 'cloudtrail', () => new LookupEventsCommand({}), 'AccessDeniedException', 'Events'],
  ['DescribeEvents', 'health', () => new DescribeEventsCommand({}), 'AccessDeniedException', 'events'],
  [
    'ListServiceQuotas',
    'quotas',
    () => new ListServiceQuotasCommand({ ServiceCode: 'lambda' }),
    'AccessDeniedException',
    'Quotas',
  ],
  [
    'GetServiceQuota',
    'quotas',
    () => new GetServiceQuotaCommand({ ServiceCode: 'lambda', QuotaCode: 'L-B99A9384' }),
    'AccessDeniedException',
    '',
  ],
  ['GetAccountSettings', 'lambda', () => new GetAccountSettingsCommand({}), 'AccessDeniedException', ''],
  ['ListFunctions', 'lambda', () => new ListFunctionsCommand({}), 'AccessDeniedException', 'Functions'],
  [
    'GetFunctionConcurrency',
    'lambda',
    () => new GetFunctionConcurrencyCommand({ FunctionName: 'f1' }),
    'AccessDeniedException',
    '',
  ],
  [
    'GetLambdaFunctionRecommendations',
    'optimizer',
    () => new GetLambdaFunctionRecommendationsCommand({}),
    'AccessDeniedException',
    'lambdaFunctionRecommendations',
  ],
  [
    'DescribeInstanceInformation',
    'ssm',
    () => new DescribeInstanceInformationCommand({}),
    'AccessDeniedException',
    'InstanceInformationList',
  ],
  [
    'DescribeInstancePatchStates',
    'ssm',
    () => new DescribeInstancePatchStatesCommand({ InstanceIds: ['i-1', 'i-2', 'i-3'] }),
    'AccessDeniedException',
    'InstancePatchStates',
  ],
  ['DescribeStacks', 'cloudformation', () => new DescribeStacksCommand({}), 'AccessDenied', 'Stacks'],
  [
    'DescribeStackEvents',
    'cloudformation',
    () => new DescribeStackEventsCommand({ StackName: 's1' }),
    'AccessDenied',
    'StackEvents',
  ],
]

describe('on demand', () => {
  afterEach(() => {
    for (const [operation] of ONE_OF_EACH) aws.mode(operation)
  })

  test.each(ONE_OF_EACH)('%s is denied', async (operation, service, command, name) => {
    aws.mode(operation, { isDenied: true })
    const message = expect.stringMatching(new RegExp(`not authorized to perform: [a-z-]+:${operation} `))
    await expect(ask(service, command())).rejects.toMatchObject({ name, message })
  })

  test.each(ONE_OF_EACH)(
    '%s is throttled twice, and answers the third attempt of the client',
    async (operation, service, command) => {
      const before = aws.count(operation)
      aws.mode(operation, { throttled: 2 })
      await ask(service, command())
      expect(aws.count(operation) - before).toBe(3)
    },
  )

  test.each(ONE_OF_EACH.filter(([, , , , list]) => list !== ''))(
    '%s gives one on a page',
    async (operation, service, command, _denied, list) => {
      const whole = (await ask(service, command()))[list]
      aws.mode(operation, { pageSize: 1 })
      const paged: unknown[] = []
      let token: string | undefined
      let pages = 0
      do {
        const next = command() as { input: Record<string, unknown> }
        if (token !== undefined) next.input[TOKENS[operation]?.[0] ?? 'NextToken'] = token
        const answer = await ask(service, next)
        paged.push(...answer[list])
        token = answer[TOKENS[operation]?.[1] ?? 'NextToken'] || undefined
        pages++
      } while (token !== undefined)
      expect(pages).toBeGreaterThan(1)
      if (operation !== 'GetMetricData')
        expect(paged).toEqual(whole.length === 50 ? expect.arrayContaining(whole) : whole)
      else expect(paged.flatMap((one) => (one as { Values: number[] }).Values)).toEqual(whole[0].Values)
    },
  )

  const TOKENS: Record<string, [given: string, next: string]> = {
    GetCostAndUsage: ['NextPageToken', 'NextPageToken'],
    ListFunctions: ['Marker', 'NextMarker'],
    ...Object.fromEntries(
      ['FilterLogEvents', 'DescribeEvents', 'GetLambdaFunctionRecommendations'].map((name) => [
        name,
        ['nextToken', 'nextToken'] as [string, string],
      ]),
    ),
  }

  test.each<[operation: string, service: string, answer: object]>([
    ['GetMetricData', 'cloudwatch', { MetricDataResults: [{ Values: [], StatusCode: 'Complete' }] }],
    ['ListMetrics', 'cloudwatch', { Metrics: [] }],
    ['DescribeAlarms', 'cloudwatch', { MetricAlarms: [] }],
    ['FilterLogEvents', 'logs', { events: [] }],
    ['ListBackupJobs', 'backup', { BackupJobs: [] }],
    ['GetFindings', 'securityhub', { Findings: [] }],
    ['LookupEvents', 'cloudtrail', { Events: [] }],
    ['GetLambdaFunctionRecommendations', 'optimizer', { lambdaFunctionRecommendations: [] }],
  ])('%s has no data yet', async (operation, service, answer) => {
    aws.mode(operation, { hasNoData: true })
    const [, , command] = ONE_OF_EACH.find(([name]) => name === operation) ?? []
    expect(await ask(service, command?.() as object)).toMatchObject(answer)
  })

  test('a forecast without history is refused', async () => {
    aws.mode('GetCostForecast', { hasNoData: true })
    await expect(ask('cost', forecast())).rejects.toMatchObject({ name: 'DataUnavailableException' })
  })

  test.each([
    ['GetFindings', 'securityhub', 'InvalidAccessException'],
    ['DescribeEvents', 'health', 'SubscriptionRequiredException'],
    ['GetLambdaFunctionRecommendations', 'optimizer', 'OptInRequiredException'],
    ['GetCostAndUsage', 'cost', 'DataUnavailableException'],
    ['GetFindingsStatistics', 'guardduty', 'BadRequestException'],
  ])('%s is off', async (operation, service, name) => {
    aws.mode(operation, { isOff: true })
    const [, , command] = ONE_OF_EACH.find(([one]) => one === operation) ?? []
    await expect(ask(service, command?.() as object)).rejects.toMatchObject({ name })
  })

  test('without GuardDuty there is no detector', async () => {
    aws.mode('ListDetectors', { isOff: true })
    expect((await ask('guardduty', new ListDetectorsCommand({}))).DetectorIds).toEqual([])
  })

  test('an answer comes when the caller lets it', async () => {
    const gate = Promise.withResolvers<void>()
    aws.mode('GetAccountSettings', { after: gate.promise })
    let isAnswered = false
    const answer = ask('lambda', new GetAccountSettingsCommand({})).then(() => {
      isAnswered = true
    })
    await ask('lambda', new ListFunctionsCommand({}))
    expect(isAnswered).toBe(false)
    gate.resolve()
    await answer
    expect(isAnswered).toBe(true)
  })

  test('a mode for an operation that it has not, or that cannot be off, is a mistake', () => {
    expect(() => aws.mode('GetMetricdata', {})).toThrow('unknown operation "GetMetricdata"')
    expect(() => aws.mode('ListFunctions', { isOff: true })).toThrow("ListFunctions can't be off")
  })
})

test('a client finds it by the environment', async () => {
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x')
  const found = await Promise.all([
    new CostExplorerClient({ region: 'eu-west-1' }).send(cost()),
    new SecurityHubClient({ region: 'eu-west-1' }).send(new GetFindingsCommand({})),
    new HealthClient({ region: 'eu-west-1' }).send(new DescribeEventsCommand({})),
    new ServiceQuotasClient({ region: 'eu-west-1' }).send(new ListServiceQuotasCommand({ ServiceCode: 'lambda' })),
  ])
  expect(found).toHaveLength(4)
})

test('a request without a key in its credentials leaves none', async () => {
  await ask('lambda', new GetAccountSettingsCommand({}))
  expect(JSON.stringify(aws.requests.at(-1))).not.toContain('Credential')
})
