import { type Alert, alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/*
 * AWS's events with facts of their own: who and what happened, why, how bad, and whether it is resolved.
 */

export function bridge(type: string, source: string, detail: object, resources: string[] = []): Alert {
  const event = { version: '0', id: '1', 'detail-type': type, source, account: '111122223333', region: 'eu-west-1' }
  return alertSchema.parse(parse({ ...event, time: '2026-09-14T11:18:52Z', resources, detail })[0])
}

export function publish(message: object): Alert {
  const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:ops'
  return alertSchema.parse(parse({ Type: 'Notification', TopicArn, Message: JSON.stringify(message) })[0])
}

const ARN = 'arn:aws:states:eu-west-1:111122223333'

export const advisor = (check: string, item: object, status: string, id = '') =>
  bridge('Trusted Advisor Check Item Refresh Notification', 'aws.trustedadvisor', {
    ...{ 'check-name': check, 'check-item-detail': item, status, resource_id: id, uuid: 'u' },
  })

export const execution = (status: string, more: object = {}) =>
  bridge('Step Functions Execution Status Change', 'aws.states', {
    ...{
      executionArn: `${ARN}:execution:billing:run-1`,
      stateMachineArn: `${ARN}:stateMachine:billing`,
      name: 'run-1',
    },
    ...{ status, stopDate: 1789384730000, ...more },
  })

export const job = (status: string, more: object = {}) =>
  bridge('Batch Job State Change', 'aws.batch', {
    ...{
      jobName: 'import',
      jobId: 'j-1',
      jobQueue: 'arn:aws:batch:eu-west-1:111122223333:job-queue/night',
      status,
      ...more,
    },
  })

export const signIn = (userIdentity: object, more: object = {}) =>
  bridge('AWS Console Sign In via CloudTrail', 'aws.signin', {
    ...{ userIdentity, eventID: 'e', sourceIPAddress: '203.0.113.7', additionalEventData: { MFAUsed: 'No' } },
    ...{ responseElements: { ConsoleLogin: 'Success' }, ...more },
  })

export const canary = (type: string, more: object = {}) =>
  bridge(`Synthetics Canary TestRun ${type}`, 'aws.synthetics', { 'canary-name': 'login', ...more })

export const mailed = (type: string, key: string, more: object, detailType = '') => {
  const sourceArn = 'arn:aws:ses:eu-west-1:111122223333:identity/shop.example'
  const mail = { source: 'shop@shop.example', sourceArn, messageId: 'm', destination: ['ana@example.net'] }
  const message = { mail, [key]: { timestamp: '2026-09-14T11:18:50Z', ...more } }
  return detailType
    ? bridge(detailType, 'aws.ses', { eventType: type, ...message })
    : publish({ notificationType: type, ...message })
}

/** As a stranger's mail server may answer. */
const ANSWER = 'smtp; 550 <!channel> @here URGENT call http://evil.example.com/?token=abcdefgh'

export const bounce = (address: string, detailType = '', feedbackId = 'f') =>
  mailed(
    'Bounce',
    'bounce',
    {
      ...{ bounceType: 'Permanent', bounceSubType: 'General', feedbackId },
      bouncedRecipients: [{ emailAddress: address, status: '5.1.1', diagnosticCode: ANSWER }],
    },
    detailType,
  )

export const sender = (type: string, detail: object, of = 'identity/shop.example') =>
  bridge(type, 'aws.ses', { version: '1.0.0', ...detail }, [`arn:aws:ses:eu-west-1:111122223333:${of}`])

export const invocation = (requestId: string) => ({
  ...{
    version: '1.0',
    timestamp: '2026-09-14T11:18:00Z',
    requestPayload: { title: 'Pay now', card: '4111111111111111' },
  },
  requestContext: {
    ...{ requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:mailer:$LATEST',
  },
  responsePayload: { errorType: 'SmtpTimeout', errorMessage: 'no answer', trace: ['at send'] },
})

export const quality = (state: string, context: object, more: object = {}) =>
  bridge('Data Quality Evaluation Results Available', 'aws.glue-dataquality', {
    ...{ context, state, rulesetNames: ['rules'], numRulesSucceeded: 4, numRulesFailed: 6, ...more },
  })

export const ORDERS = { contextType: 'GLUE_DATA_CATALOG', runId: 'r', databaseName: 'sales', tableName: 'orders' }

export const opsItem = (type: string, more: object) =>
  bridge(`OpsItem ${type}`, 'aws.ssm', {
    'ops-item-id': 'oi-1',
    title: 'Disk filling',
    description: 'on i-0a',
    ...more,
  })

export const rds = (EventID: string, Message: string) =>
  bridge('RDS DB Instance Event', 'aws.rds', { SourceIdentifier: 'orders', EventID, Message, EventCategories: ['x'] })
