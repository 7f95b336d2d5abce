import { ACMClient } from '@aws-sdk/client-acm'
import { BackupClient } from '@aws-sdk/client-backup'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodePipelineClient } from '@aws-sdk/client-codepipeline'
import { ComputeOptimizerClient } from '@aws-sdk/client-compute-optimizer'
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GuardDutyClient } from '@aws-sdk/client-guardduty'
import { HealthClient } from '@aws-sdk/client-health'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { SecurityHubClient } from '@aws-sdk/client-securityhub'
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { clientOptions } from '../aws/client.ts'
import type { RoleCredentials } from './role.ts'

export interface Clients {
  cloudWatch: CloudWatchClient
  costs: CostExplorerClient
  logs: CloudWatchLogsClient
  backup: BackupClient
  guardDuty: GuardDutyClient
  securityHub: SecurityHubClient
  cloudTrail: CloudTrailClient
  health: HealthClient
  cloudFormation: CloudFormationClient
  pipelines: CodePipelineClient
  dynamoDb: DynamoDBClient
  s3: S3Client
  lambda: LambdaClient
  quotas: ServiceQuotasClient
  optimizer: ComputeOptimizerClient
  ssm: SSMClient
  /** Of a region; of the own one, without. */
  acm: ByRegion<ACMClient>
}

/** A client for each region that is asked, opened when it is. */
interface ByRegion<Client> {
  in(region?: string): Client
  destroy(): void
}

/** Cost Explorer lists months, and GetMetricData of thousands of values takes seconds. */
const SLOW = { ...clientOptions, requestHandler: { ...clientOptions.requestHandler, requestTimeout: 20_000 } }

interface Options {
  /** Of another account: the SDK finds those of this one. */
  credentials?: RoleCredentials
  region?: string
  /** In place of the SDK's own, which waits longer after each refusal. */
  retryStrategy?: ConfiguredRetryStrategy
}

export function openClients(of: Options = {}): Clients {
  const options = { ...SLOW, ...of }
  const cloudWatch = new CloudWatchClient(options)
  return {
    cloudWatch,
    costs: new CostExplorerClient(options),
    logs: new CloudWatchLogsClient(options),
    backup: new BackupClient(options),
    guardDuty: new GuardDutyClient(options),
    securityHub: new SecurityHubClient(options),
    health: new HealthClient({ ...options, region: async () => healthRegionOf(await cloudWatch.config.region()) }),
    cloudTrail: new CloudTrailClient(options),
    cloudFormation: new CloudFormationClient(options),
    pipelines: new CodePipelineClient(options),
    dynamoDb: new DynamoDBClient(options),
    s3: new S3Client(options),
    lambda: new LambdaClient(options),
    quotas: new ServiceQuotasClient(options),
    optimizer: new ComputeOptimizerClient(options),
    ssm: new SSMClient(options),
    acm: byRegion((region) => new ACMClient({ ...options, ...region })),
  }
}

/** Of each partition, the region whose endpoint answers for all of it (AWS Health User Guide, Accessing the API). */
const HEALTH: [regions: RegExp, one: string][] = [
  [/^(us|ca|mx|sa|eu|me|af|ap|il)-[a-z]+-\d+$/, 'us-east-1'],
  [/^cn-/, 'cn-northwest-1'],
  [/^us-gov-/, 'us-gov-west-1'],
]

/**
 * AWS Health is a global service, and the SDK would ask the own region, where none answers. Those of Cost Explorer, the other
 * global service, the SDK knows.
 */
const healthRegionOf = (region: string): string => HEALTH.find(([regions]) => regions.test(region))?.[1] ?? region

function byRegion<Client extends { destroy(): void }>(open: (of: { region?: string }) => Client): ByRegion<Client> {
  const opened = new Map<string | undefined, Client>()
  return {
    in(region) {
      const client = opened.get(region) ?? open(region === undefined ? {} : { region })
      opened.set(region, client)
      return client
    },
    destroy() {
      for (const client of opened.values()) client.destroy()
    },
  }
}

export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy()
}
