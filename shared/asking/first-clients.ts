import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { CodePipelineClient } from '@aws-sdk/client-codepipeline'
import { clientOptions } from '../aws/client.ts'
import type { FirstClients } from './first-asked.ts'
import type { RoleCredentials } from './role.ts'

/** An answer that takes longer would be too late together with another try. */
const QUICK = { ...clientOptions, requestHandler: { ...clientOptions.requestHandler, requestTimeout: 9_000 } }

/** Longer than anybody waits: a start of a query that was tried again would leave one that nobody stops. */
const UNREPEATED = { ...QUICK, requestHandler: { ...QUICK.requestHandler, requestTimeout: 25_000 } }

/** The clients of what is asked first, and no others: a function that starts with all of them starts later. */
export function openFirstClients(of: { credentials?: RoleCredentials; region?: string }): FirstClients {
  const options = { ...QUICK, ...of }
  return {
    cloudWatch: new CloudWatchClient(options),
    logs: new CloudWatchLogsClient({ ...UNREPEATED, ...of }),
    cloudTrail: new CloudTrailClient(options),
    cloudFormation: new CloudFormationClient(options),
    pipelines: new CodePipelineClient(options),
  }
}

export function closeFirstClients(clients: FirstClients): void {
  for (const client of Object.values(clients)) client.destroy()
}
