import type { AwsData, MetricLine } from '../local/stand-ins/aws/data.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Friday, 07:00 in Berlin. */
export const NOW = new Date('2026-11-27T06:00:00Z')
export const ago = (ms: number) => new Date(NOW.getTime() - ms)
export const daysAgo = (days: number) => ago(days * DAY_MS)
export const minutesAgo = (minutes: number) => ago(minutes * MINUTE_MS)

const line = (over: Partial<MetricLine>): MetricLine => ({
  ...{ namespace: 'AWS/Lambda', metric: 'Invocations', dimensions: { FunctionName: 'orders' }, unit: 'Count' },
  ...{ everyS: 60, at: () => ({ values: [10] }) },
  ...over,
})

const FIRST_ERROR = NOW.getTime() - 60 * MINUTE_MS

const METRICS = [
  line({}),
  line({ metric: 'Errors', at: (time) => ({ values: [time >= FIRST_ERROR ? 1 : 0] }) }),
  line({ metric: 'Duration', unit: 'Milliseconds', at: () => ({ values: [100, 200, 900], counts: [90, 9, 1] }) }),
  line({ metric: 'Invocations', dimensions: {}, at: () => ({ values: [30] }) }),
  line({ dimensions: { FunctionName: 'bills' }, at: () => ({ values: [20] }) }),
  line({
    namespace: 'Old/App',
    metric: 'Silent',
    at: (time) => (time < NOW.getTime() - 20 * DAY_MS ? { values: [1] } : undefined),
  }),
  line({
    namespace: 'Old/App',
    metric: 'Yesterday',
    at: (time) => (time < NOW.getTime() - DAY_MS ? { values: [1] } : undefined),
  }),
  line({ namespace: 'Other/App', metric: 'Secret', failsAs: 'Forbidden' }),
  line({ namespace: 'Other/App', metric: 'Broken', failsAs: 'InternalError' }),
  line({
    namespace: 'AWS/S3',
    metric: 'BucketSizeBytes',
    dimensions: { BucketName: 'lake', StorageType: 'StandardStorage' },
    everyS: 86_400,
  }),
]

const arn = (service: string, rest: string) => `arn:aws:${service}:eu-west-1:123456789012:${rest}`

const ALARMS: Pick<AwsData, 'metricAlarms' | 'compositeAlarms' | 'alarmHistory'> = {
  metricAlarms: [
    { AlarmName: 'cpu', StateValue: 'ALARM', AlarmActions: [arn('sns', 'alerts')] },
    { AlarmName: 'errors', StateValue: 'OK', AlarmActions: [] },
    { AlarmName: 'disk', StateValue: 'OK', AlarmActions: [arn('sns', 'alerts')] },
  ],
  compositeAlarms: [{ AlarmName: 'shop', AlarmRule: 'ALARM(cpu)', StateValue: 'ALARM' }],
  alarmHistory: [
    ...[1, 3, 40].map((days) => ({
      ...{ AlarmName: 'cpu', AlarmType: 'MetricAlarm' as const, HistoryItemType: 'StateUpdate' as const },
      Timestamp: daysAgo(days),
    })),
    { AlarmName: 'shop', AlarmType: 'CompositeAlarm', HistoryItemType: 'StateUpdate', Timestamp: daysAgo(2) },
    { AlarmName: 'cpu', AlarmType: 'MetricAlarm', HistoryItemType: 'Action', Timestamp: daysAgo(2) },
  ],
}

export const QUERY = 'filter level = "ERROR" | stats count(*) as n by error_type | sort n desc'

const LINES = [
  '{"level":"ERROR","code":500}',
  '{"level":"INFO","code":200}',
  'plain ERROR text',
  '{"level":"ERROR","code":404}',
]

const LOGS: Pick<AwsData, 'logGroups' | 'query'> = {
  logGroups: [
    {
      ...{ name: '/aws/lambda/orders', createdAt: daysAgo(100).getTime(), retentionDays: 30 },
      lines: (from, to) =>
        LINES.map((message, at) => ({
          message,
          timestamp: minutesAgo(10 - at).getTime(),
          stream: `s${at % 2}`,
        })).filter(({ timestamp }) => timestamp >= from && timestamp <= to),
    },
  ],
  query: ({ query }) =>
    query === QUERY
      ? {
          rows: [
            { error_type: 'Timeout', n: '9' },
            { error_type: 'Parse', n: '2' },
          ],
          scanned: 1_000,
          bytes: 5_000,
        }
      : undefined,
}

const NO_TAGS: Record<string, string> = {}

const COST: Pick<AwsData, 'costOf' | 'costSince'> = {
  costSince: '2026-01-01',
  costOf: (day) => [
    {
      service: 'AWS Lambda',
      usageType: 'Lambda-GB-Second',
      region: 'eu-west-1',
      tags: { team: 'data' },
      amount: day === '2026-11-25' ? 7 : 5,
      quantity: 10,
    },
    {
      service: 'Amazon Simple Storage Service',
      usageType: 'TimedStorage',
      region: 'eu-west-1',
      tags: NO_TAGS,
      amount: 2.5,
      quantity: 100,
    },
  ],
}

export const certificateArn = (id: string) => arn('acm', `certificate/${id}`)

const CERTIFICATES = [
  {
    CertificateArn: certificateArn('rsa'),
    DomainName: 'a.example.com',
    KeyAlgorithm: 'RSA_2048',
    Status: 'ISSUED',
    CreatedAt: daysAgo(9),
  },
  {
    CertificateArn: certificateArn('ec'),
    DomainName: 'b.example.com',
    KeyAlgorithm: 'EC_prime256v1',
    Status: 'ISSUED',
    InUseBy: ['x'],
    CreatedAt: daysAgo(5),
  },
] as const

const SAFETY: Pick<AwsData, 'certificates' | 'backupJobs' | 'protectedResources' | 'restoreJobs'> = {
  certificates: (region) =>
    region === 'eu-west-1'
      ? CERTIFICATES.map((one) => ({ ...one, InUseBy: 'InUseBy' in one ? [...one.InUseBy] : [] }))
      : [],
  backupJobs: [
    { BackupJobId: 'new', State: 'COMPLETED', CreationDate: daysAgo(2), ResourceType: 'RDS' },
    {
      BackupJobId: 'failed',
      State: 'FAILED',
      CreationDate: daysAgo(1),
      ResourceType: 'RDS',
      StatusMessage: 'no space',
    },
    { BackupJobId: 'old', State: 'FAILED', CreationDate: daysAgo(31), ResourceType: 'RDS' },
  ],
  protectedResources: ['db:a', 'db:b'].map((name) => ({ ResourceArn: arn('rds', name), LastBackupTime: daysAgo(2) })),
  restoreJobs: [{ RestoreJobId: 'r', Status: 'COMPLETED', CreationDate: daysAgo(120), ResourceType: 'RDS' }],
}

const SECURITY: Pick<AwsData, 'detector' | 'securityFindings' | 'trail' | 'healthEvents' | 'stacks' | 'stackEvents'> = {
  detector: () => ({
    id: 'd1',
    findings: [8, 8, 2].map((severity, at) => ({
      ...{ id: `f${at}`, type: 'Recon', severity, isArchived: at === 1, updatedAt: daysAgo(at) },
      ...{ resourceType: 'Instance', resourceId: `i-${at}` },
    })),
  }),
  securityFindings: () =>
    (['CRITICAL', 'HIGH', 'LOW'] as const).map((Label, at) => ({
      ...{ SchemaVersion: '2018-10-08', Id: `s${at}`, ProductArn: 'p', GeneratorId: 'g', AwsAccountId: '123456789012' },
      ...{ CreatedAt: daysAgo(at).toISOString(), UpdatedAt: daysAgo(at).toISOString(), Title: 't', Description: 'd' },
      ...{ Resources: [], Severity: { Label }, RecordState: 'ACTIVE' as const, Workflow: { Status: 'NEW' as const } },
    })),
  trail: () => [
    {
      EventId: '1',
      EventName: 'UpdateFunctionCode20150331v2',
      EventSource: 'lambda.amazonaws.com',
      ReadOnly: 'false',
      EventTime: daysAgo(3),
    },
    {
      EventId: '2',
      EventName: 'DescribeAlarms',
      EventSource: 'monitoring.amazonaws.com',
      ReadOnly: 'true',
      EventTime: daysAgo(1),
    },
    {
      EventId: '3',
      EventName: 'DeleteBucket',
      EventSource: 's3.amazonaws.com',
      ReadOnly: 'false',
      EventTime: daysAgo(91),
    },
  ],
  stacks: () =>
    [1, 2].map((at) => ({
      StackName: `s${at}`,
      StackId: arn('cloudformation', `stack/s${at}`),
      StackStatus: 'UPDATE_COMPLETE' as const,
      CreationTime: daysAgo(90),
      LastUpdatedTime: daysAgo(at),
      Description: 'a < b & c',
    })),
  stackEvents: () =>
    [3, 1, 2].map((days) => ({
      StackId: arn('cloudformation', 'stack/s1'),
      StackName: 's1',
      EventId: `e${days}`,
      Timestamp: daysAgo(days),
    })),
  healthEvents: [
    {
      arn: 'h1',
      service: 'LAMBDA',
      eventTypeCategory: 'issue',
      statusCode: 'open',
      region: 'eu-west-1',
      startTime: daysAgo(1),
    },
    { arn: 'h2', service: 'RDS', eventTypeCategory: 'scheduledChange', statusCode: 'upcoming', region: 'eu-west-1' },
  ],
}

export const FUNCTIONS = Array.from({ length: 51 }, (_, at) => `f${at}`)

const LIMITS: Pick<
  AwsData,
  'quotas' | 'accountSettings' | 'functions' | 'reservedConcurrency' | 'functionRecommendations'
> = {
  quotas: [
    {
      ...{ ServiceCode: 'lambda', QuotaCode: 'L-B99A9384', QuotaName: 'Concurrent executions', Value: 1_000 },
      UsageMetric: { MetricNamespace: 'AWS/Lambda', MetricName: 'Invocations', MetricDimensions: {} },
    },
    {
      ...{ ServiceCode: 'lambda', QuotaCode: 'L-RATE', QuotaName: 'Rate of requests', Value: 2 },
      Period: { PeriodUnit: 'SECOND', PeriodValue: 1 },
      UsageMetric: {
        ...{ MetricNamespace: 'AWS/Lambda', MetricName: 'Invocations' },
        ...{ MetricDimensions: { FunctionName: 'orders' }, MetricStatisticRecommendation: 'Sum' },
      },
    },
    { ServiceCode: 'lambda', QuotaCode: 'L-2ACBD22F', QuotaName: 'Function and layer storage', Value: 75 },
  ],
  accountSettings: {
    AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 900 },
    AccountUsage: { FunctionCount: 51 },
  },
  functions: FUNCTIONS.map((FunctionName) => ({ FunctionName, Runtime: 'nodejs24.x', MemorySize: 512 })),
  reservedConcurrency: { f0: 0, f1: 100 },
  functionRecommendations: [
    {
      functionArn: arn('lambda', 'function:f0:$LATEST'),
      finding: 'NotOptimized',
      findingReasonCodes: ['MemoryOverprovisioned'],
    },
    { functionArn: arn('lambda', 'function:f1:$LATEST'), finding: 'Optimized', findingReasonCodes: [] },
  ],
}

const MACHINES: Pick<AwsData, 'instances' | 'patchStates'> = {
  instances: Array.from({ length: 51 }, (_, at) => ({ InstanceId: `i-${at}`, ComputerName: `machine-${at}` })),
  patchStates: Array.from({ length: 50 }, (_, at) => ({
    ...{ InstanceId: `i-${at + 1}`, PatchGroup: '', BaselineId: 'pb-1', Operation: 'Scan' as const },
    ...{ OperationStartTime: daysAgo(1), OperationEndTime: daysAgo(1), MissingCount: at, FailedCount: 0 },
    SecurityNonCompliantCount: at === 49 ? 2 : 0,
  })),
}

/** An account with a little of everything. */
export const SOME_AWS: AwsData = {
  ...{ account: '123456789012', metrics: METRICS },
  ...{ ...ALARMS, ...LOGS, ...COST, ...SAFETY, ...SECURITY, ...LIMITS, ...MACHINES },
  alertItems: [],
}

/** `Many m0`, `m1`, …, each with a value of its number in every five minutes. */
export function manyMetrics(count: number): MetricLine[] {
  return Array.from({ length: count }, (_, at) =>
    line({ ...{ namespace: 'Many', metric: `m${at}`, dimensions: {}, everyS: 300 }, at: () => ({ values: [at] }) }),
  )
}
