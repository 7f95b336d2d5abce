import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import type { Platform } from '../../schemas/platform.ts'
import { type RoleCredentials, takeRole } from '../asking/role.ts'
import { clientOptions, environment, inTime } from '../aws/client.ts'
import { parseArn } from '../parse/arn.ts'

/** An account, in a region: what CloudWatch is asked with. */
export interface Place {
  /** For people: `this account`, or its name in config/platform.yml. */
  name: string
  partition: string
  account: string
  region: string
  /** The stack's own, whose role sees every alarm: those of others are written by others. */
  isOwn: boolean
  cloudWatch: CloudWatchClient
  events: EventBridgeClient
}

/** Everybody calls the same account at the same time: what is throttled waits, and is asked again. */
const PATIENT = {
  ...clientOptions,
  requestHandler: { ...clientOptions.requestHandler, requestTimeout: 10_000 },
  maxAttempts: 6,
} as const

/** Is it the router, to an alarm's action or a rule's target: its topic, `route`, or its bus for other accounts? */
export function isUs(arn: string): boolean {
  const topic = environment('ALARMS_TOPIC_ARN')
  return [topic, environment('ROUTE_FUNCTION_ARN'), busBeside(topic)].includes(arn)
}

/** By name (deploy/organization/bus.ts): the function need not know whether there is one. */
const busBeside = (topic: string): string =>
  topic.replace(/^(arn:[^:]+):sns:(.+):(.+)-alarms$/, '$1:events:$2:event-bus/$3-organization')

/** The stack's own. */
export function ownPlace(): Place {
  return { name: 'this account', ...own(), isOwn: true, ...clientsFor({}) }
}

function own(): Pick<Place, 'partition' | 'account' | 'region'> {
  const { partition = 'aws', account = '', region = '' } = parseArn(environment('ALARMS_TOPIC_ARN')) ?? {}
  return { partition, account, region }
}

/**
 * Another account of the file.
 * @throws {Error} of STS.
 */
export async function placeOf(name: string, account: Platform['accounts'][string]): Promise<Place> {
  const { region = own().region } = account
  const credentials = await takeRole({ ...account, region }, 'alert-router-reconcile')
  const { partition = 'aws', account: id = '' } = parseArn(account.role) ?? {}
  return { name, partition, account: id, region, isOwn: false, ...clientsFor({ region, credentials }) }
}

function clientsFor(of: { region?: string; credentials?: RoleCredentials }): Pick<Place, 'cloudWatch' | 'events'> {
  return {
    cloudWatch: inTime(new CloudWatchClient({ ...PATIENT, ...of })),
    events: inTime(new EventBridgeClient({ ...PATIENT, ...of })),
  }
}
