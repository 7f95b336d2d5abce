import { BackupClient } from '@aws-sdk/client-backup'
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { GuardDutyClient } from '@aws-sdk/client-guardduty'
import { HealthClient } from '@aws-sdk/client-health'
import { SecurityHubClient } from '@aws-sdk/client-securityhub'
import { clientOptions } from '../aws/client.ts'

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
  dynamoDb: DynamoDBClient
}

/** Cost Explorer lists months, and GetMetricData of thousands of values takes seconds. */
const SLOW = { ...clientOptions, requestHandler: { ...clientOptions.requestHandler, requestTimeout: 20_000 } }

export function openClients(): Clients {
  return {
    cloudWatch: new CloudWatchClient(SLOW),
    costs: new CostExplorerClient(SLOW),
    logs: new CloudWatchLogsClient(SLOW),
    backup: new BackupClient(SLOW),
    guardDuty: new GuardDutyClient(SLOW),
    securityHub: new SecurityHubClient(SLOW),
    health: new HealthClient(SLOW),
    cloudTrail: new CloudTrailClient(SLOW),
    cloudFormation: new CloudFormationClient(SLOW),
    dynamoDb: new DynamoDBClient(SLOW),
  }
}

export function closeClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy()
}
