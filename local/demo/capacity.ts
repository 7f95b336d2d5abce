import type { FunctionConfiguration } from '@aws-sdk/client-lambda'
import type { ServiceQuota } from '@aws-sdk/client-service-quotas'
import type { AwsData } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import { FARGATE_USAGE } from './metrics.ts'
import type { Place } from './place.ts'
import type { Services } from './services.ts'

const CONCURRENCY = 1_000
const RESERVED = 200
/** Of the first function, which nearly fills it, and of the second, which needs a third. */
export const PROCESSOR_MB = 1_024
const VALIDATOR_MB = 3_008

type Capacity = Pick<
  AwsData,
  'quotas' | 'accountSettings' | 'functions' | 'reservedConcurrency' | 'functionRecommendations'
>

/** Functions, what they need, and what the account may have. */
export function capacityOf(
  { processor, validator }: Services,
  { now, deployment }: FaultTimes,
  place: Place,
): Capacity {
  const [first, second] = [processor?.function ?? 'first', validator?.function ?? 'second']
  const functions = [
    configuration(first, 'nodejs24.x', PROCESSOR_MB, deployment, place),
    configuration(second, 'python3.13', VALIDATOR_MB, now - 16 * 86_400_000, place),
    configuration('report-exporter', 'nodejs18.x', 256, now - 600 * 86_400_000, place),
  ]
  return {
    quotas: quotasOf(place),
    accountSettings: {
      AccountLimit: {
        ...{ ConcurrentExecutions: CONCURRENCY, UnreservedConcurrentExecutions: CONCURRENCY - RESERVED },
        ...{ TotalCodeSize: 80_530_636_800, CodeSizeUnzipped: 262_144_000, CodeSizeZipped: 52_428_800 },
      },
      AccountUsage: { FunctionCount: functions.length, TotalCodeSize: 90_000_000 },
    },
    functions,
    reservedConcurrency: { [first]: RESERVED },
    functionRecommendations: [
      recommendation(first, PROCESSOR_MB, undefined, now, place),
      recommendation(second, VALIDATOR_MB, 1_024, now, place),
    ],
  }
}

function configuration(
  name: string,
  Runtime: NonNullable<FunctionConfiguration['Runtime']>,
  MemorySize: number,
  modified: number,
  { arn }: Place,
): FunctionConfiguration {
  return {
    ...{ FunctionName: name, FunctionArn: arn('lambda', `function:${name}`), Runtime, MemorySize, Timeout: 300 },
    ...{ Handler: 'index.handler', PackageType: 'Zip', CodeSize: 12_000_000, Version: '$LATEST' },
    // As Lambda writes it, with its own form of the offset.
    LastModified: new Date(modified).toISOString().replace('Z', '+0000'),
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${name}` },
  }
}

function recommendation(
  name: string,
  memory: number,
  better: number | undefined,
  now: number,
  { account, arn }: Place,
) {
  const options =
    better === undefined
      ? []
      : [
          {
            ...{ rank: 1, memorySize: better },
            savingsOpportunity: {
              savingsOpportunityPercentage: 61,
              estimatedMonthlySavings: { currency: 'USD' as const, value: 38.4 },
            },
          },
        ]
  return {
    ...{ functionArn: arn('lambda', `function:${name}:$LATEST`), functionVersion: '$LATEST', accountId: account },
    ...{ currentMemorySize: memory, numberOfInvocations: 1_300_000, lookbackPeriodInDays: 14 },
    ...{ lastRefreshTimestamp: new Date(now - 7_200_000), memorySizeRecommendationOptions: options },
    finding: better === undefined ? ('Optimized' as const) : ('NotOptimized' as const),
    findingReasonCodes: better === undefined ? [] : ['MemoryOverprovisioned' as const],
  }
}

function quotasOf({ arn }: Place): ServiceQuota[] {
  const quota = (service: string, name: string, code: string, title: string, value: number): ServiceQuota => ({
    ...{ ServiceCode: service, ServiceName: name, QuotaCode: code, QuotaName: title, Value: value, Unit: 'None' },
    ...{ QuotaArn: arn('servicequotas', `${service}/${code}`), Adjustable: true, GlobalQuota: false },
  })
  return [
    {
      ...quota('lambda', 'AWS Lambda', 'L-B99A9384', 'Concurrent executions', CONCURRENCY),
      UsageMetric: {
        ...{ MetricNamespace: 'AWS/Lambda', MetricName: 'ConcurrentExecutions', MetricDimensions: {} },
        MetricStatisticRecommendation: 'Maximum',
      },
    },
    quota('lambda', 'AWS Lambda', 'L-2ACBD22F', 'Function and layer storage', 75),
    {
      ...quota('fargate', 'AWS Fargate', 'L-3032A538', 'Fargate On-Demand vCPU resource count', 200),
      UsageMetric: {
        ...{ MetricNamespace: 'AWS/Usage', MetricName: 'ResourceCount', MetricDimensions: FARGATE_USAGE },
        MetricStatisticRecommendation: 'Maximum',
      },
    },
    quota('rds', 'Amazon Relational Database Service (Amazon RDS)', 'L-7B6409FD', 'DB instances', 40),
  ]
}
