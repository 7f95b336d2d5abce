import { SECRETS } from '../shared/inbox/decision.ts'
import { allow, arnOf, SECRET_PREFIX, secretArn } from './policy.ts'
import { inboxAlarms } from './watch.ts'

/*
 * Where people answer from: a function with a URL that anybody can call, beside an alert's path. It verifies each request
 * itself, reads of the table what an alert is called, writes items of its own kind, and sends orders to `route`. Without it,
 * or while it fails, every alert is delivered as before.
 */

/** At once; with ten times as many requests a second (Lambda Developer Guide, Function URLs). The rest gets 429. */
const RESERVED = 5

/** The function, in the form of serverless.yml. */
export function inbox(): Record<string, object> {
  return {
    inbox: {
      handler: 'functions/inbox.handler',
      description: 'Takes what people answer in Slack, in PagerDuty and by links in emails',
      recursiveLoop: 'Terminate',
      // It answers within a second, even cold: one whole vCPU loads it. Slack waits three seconds, PagerDuty five: by then
      // it has said that it failed.
      memorySize: 1769,
      timeout: 5,
      // A flood takes from itself alone. So many are taken from the account's concurrency, of which 100 must be left.
      reservedConcurrency: RESERVED,
      // Anybody may call it: Slack and PagerDuty sign what they send, and know nothing of IAM.
      url: true,
      environment: { SECRET_PREFIX, ALARMS_QUEUE_URL: { Ref: 'AlarmsQueue' } },
      iamRoleStatements: [
        allow(['dynamodb:GetItem', 'dynamodb:Query'], arnOf('AlertTable')),
        allow('dynamodb:PutItem', arnOf('AlertTable'), {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['inbox#*'] },
        }),
        allow('secretsmanager:GetSecretValue', SECRETS.map(secretArn)),
        allow('sqs:SendMessage', arnOf('AlarmsQueue')),
      ],
    },
  }
}

export function inboxResources(): { Resources: Record<string, object> } {
  return { Resources: inboxAlarms() }
}
