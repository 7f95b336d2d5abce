import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { KMSClient } from '@aws-sdk/client-kms'
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { SNSClient } from '@aws-sdk/client-sns'
import { clientOptions } from '../aws/client.ts'

/** What the alarms of an account are asked with. */
export interface EstateClients {
  cloudWatch: CloudWatchClient
  tagging: ResourceGroupsTaggingAPIClient
  events: EventBridgeClient
  sns: SNSClient
  kms: KMSClient
}

/** Others call the same account at the same time: what is throttled waits, and is asked again. */
const PATIENT = {
  ...clientOptions,
  requestHandler: { ...clientOptions.requestHandler, requestTimeout: 20_000 },
  maxAttempts: 10,
} as const

export function openEstateClients(): EstateClients {
  return {
    cloudWatch: new CloudWatchClient(PATIENT),
    tagging: new ResourceGroupsTaggingAPIClient(PATIENT),
    events: new EventBridgeClient(PATIENT),
    sns: new SNSClient(PATIENT),
    kms: new KMSClient(PATIENT),
  }
}

export function closeEstateClients(clients: EstateClients): void {
  for (const client of Object.values(clients)) client.destroy()
}
