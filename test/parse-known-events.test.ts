import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { parse } from '../shared/parse/parse.ts'

/** AWS's events that have something to say of their own: who and what happened, why, how bad, and whether it is over. */
function bridge(type: string, source: string, detail: object, resources: string[] = []): Alert {
  const event = { version: '0', id: '1', 'detail-type': type, source, account: '111122223333', region: 'eu-west-1' }
  return alertSchema.parse(parse({ ...event, time: '2026-09-14T11:18:52Z', resources, detail })[0])
}
function publish(message: object): Alert {
  const TopicArn = 'arn:aws:sns:eu-west-1:111122223333:ops'
  return alertSchema.parse(parse({ Type: 'Notification', TopicArn, Message: JSON.stringify(message) })[0])
}

const ARN = 'arn:aws:states:eu-west-1:111122223333'
const advisor = (check: string, item: object, status: string, id = '') =>
  bridge('Trusted Advisor Check Item Refresh Notification', 'aws.trustedadvisor', {
    ...{ 'check-name': check, 'check-item-detail': item, status, resource_id: id, uuid: 'u' },
  })
const execution = (status: string, more: object = {}) =>
  bridge('Step Functions Execution Status Change', 'aws.states', {
    ...{
      executionArn: `${ARN}:execution:billing:run-1`,
      stateMachineArn: `${ARN}:stateMachine:billing`,
      name: 'run-1',
    },
    ...{ status, stopDate: 1789384730000, ...more },
  })
const job = (status: string, more: object = {}) =>
  bridge('Batch Job State Change', 'aws.batch', {
    ...{
      jobName: 'import',
      jobId: 'j-1',
      jobQueue: 'arn:aws:batch:eu-west-1:111122223333:job-queue/night',
      status,
      ...more,
    },
  })
const task = (more: object) =>
  bridge('ECS Task State Change', 'aws.ecs', {
    clusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/live',
    taskArn: 'arn:aws:ecs:eu-west-1:111122223333:task/live/0a1b',
    ...{ group: 'service:checkout', lastStatus: 'STOPPED', ...more },
  })
const signIn = (userIdentity: object, more: object = {}) =>
  bridge('AWS Console Sign In via CloudTrail', 'aws.signin', {
    ...{ userIdentity, eventID: 'e', sourceIPAddress: '203.0.113.7', additionalEventData: { MFAUsed: 'No' } },
    ...{ responseElements: { ConsoleLogin: 'Success' }, ...more },
  })
const service = (eventName: string, eventType: string) =>
  bridge('ECS Service Action', 'aws.ecs', { eventName, eventType, reason: 'RESOURCE:CPU' }, [
    'arn:aws:ecs:eu-west-1:111122223333:service/live/checkout',
  ])
const apiCall = (eventName: string, requestParameters: object, more: object = {}) =>
  bridge('AWS API Call via CloudTrail', 'aws.ec2', {
    ...{ userIdentity: { type: 'IAMUser', userName: 'ana' }, eventName, requestParameters, eventID: 'e', ...more },
  })
const canary = (type: string, more: object = {}) =>
  bridge(`Synthetics Canary TestRun ${type}`, 'aws.synthetics', { 'canary-name': 'login', ...more })
const mailed = (type: string, key: string, more: object, detailType = '') => {
  const sourceArn = 'arn:aws:ses:eu-west-1:111122223333:identity/shop.example'
  const mail = { source: 'shop@shop.example', sourceArn, messageId: 'm', destination: ['ana@example.net'] }
  const message = { mail, [key]: { timestamp: '2026-09-14T11:18:50Z', ...more } }
  return detailType
    ? bridge(detailType, 'aws.ses', { eventType: type, ...message })
    : publish({ notificationType: type, ...message })
}
/** As a stranger's mail server may answer. */
const ANSWER = 'smtp; 550 <!channel> @here URGENT call http://evil.example.com/?token=abcdefgh'
const bounce = (address: string, detailType = '', feedbackId = 'f') =>
  mailed(
    'Bounce',
    'bounce',
    {
      ...{ bounceType: 'Permanent', bounceSubType: 'General', feedbackId },
      bouncedRecipients: [{ emailAddress: address, status: '5.1.1', diagnosticCode: ANSWER }],
    },
    detailType,
  )
const sender = (type: string, detail: object, of = 'identity/shop.example') =>
  bridge(type, 'aws.ses', { version: '1.0.0', ...detail }, [`arn:aws:ses:eu-west-1:111122223333:${of}`])
const invocation = (requestId: string) => ({
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
const quality = (state: string, context: object, more: object = {}) =>
  bridge('Data Quality Evaluation Results Available', 'aws.glue-dataquality', {
    ...{ context, state, rulesetNames: ['rules'], numRulesSucceeded: 4, numRulesFailed: 6, ...more },
  })
const ORDERS = { contextType: 'GLUE_DATA_CATALOG', runId: 'r', databaseName: 'sales', tableName: 'orders' }
const opsItem = (type: string, more: object) =>
  bridge(`OpsItem ${type}`, 'aws.ssm', {
    'ops-item-id': 'oi-1',
    title: 'Disk filling',
    description: 'on i-0a',
    ...more,
  })
const rds = (EventID: string, Message: string) =>
  bridge('RDS DB Instance Event', 'aws.rds', { SourceIdentifier: 'orders', EventID, Message, EventCategories: ['x'] })

describe('an event says who and what happened', () => {
  test.each<[string, () => Alert, Partial<Alert>]>([
    [
      'a key that is exposed',
      () => advisor('Exposed Access Keys', { 'User Name (IAM or Root)': 'ci', 'Fraud Type': 'Exposed' }, 'ERROR'),
      { title: 'Exposed access key of ci', declaredSeverity: 'critical', reason: 'Exposed', status: 'firing' },
    ],
    [
      'an item of a check',
      () => advisor('IAM Access Key Rotation', { Reason: 'Old' }, 'WARN', 'arn:aws:iam::111122223333:user/ana'),
      { title: 'IAM Access Key Rotation: ana', declaredSeverity: 'warning', reason: 'Old' },
    ],
    [
      'an item of a check that names nothing',
      () => advisor('MFA on Root Account', { Status: 'Red' }, 'ERROR'),
      { title: 'MFA on Root Account: action recommended', resource: 'MFA on Root Account (check)' },
    ],
    [
      'an item of a check that names something in a field of its own',
      () => advisor('Low Utilization', { 'Number of Days': '4', 'Instance ID': 'i-0a' }, 'WARN'),
      { title: 'Low Utilization: i-0a', resource: 'i-0a' },
    ],
    [
      'a limit of one check for all',
      () =>
        advisor(
          'Service Limits',
          { Service: 'VPC', 'Limit Name': 'VPCs', 'Limit Amount': '5', 'Current Usage': '5' },
          'ERROR',
        ),
      { title: 'Service Limits of VPC VPCs: 5 of 5 in a region', resource: 'VPC VPCs' },
    ],
    ['what is all right', () => advisor('Service Limits', { Service: 'EBS' }, 'OK'), { status: 'resolved' }],
    [
      'root, signed in',
      () => signIn({ type: 'Root' }),
      { title: 'Root signed in to the console without MFA from 203.0.113.7', declaredSeverity: 'critical', once: true },
    ],
    [
      'a user who could not sign in',
      () =>
        signIn(
          { type: 'IAMUser', userName: 'ana' },
          {
            responseElements: { ConsoleLogin: 'Failure' },
            errorMessage: 'Failed authentication',
          },
        ),
      {
        ...{ title: 'ana failed to sign in to the console without MFA from 203.0.113.7', declaredSeverity: 'info' },
        reason: 'Failed authentication',
      },
    ],
    [
      'a user whose name nobody has',
      () => signIn({ userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' }, { responseElements: { ConsoleLogin: 'Failure' } }),
      { title: 'Somebody failed to sign in to the console without MFA from 203.0.113.7', resource: 'Somebody' },
    ],
    [
      'root, asked for MFA: nobody is in yet',
      () => signIn({ type: 'Root' }, { eventName: 'CheckMfa', responseElements: { CheckMfa: 'Success' } }),
      { title: 'Root was asked for MFA at sign-in from 203.0.113.7', declaredSeverity: 'info' },
    ],
    [
      'somebody who asks for a new password of root',
      () => signIn({ type: 'Root' }, { eventName: 'PasswordRecoveryRequested' }),
      { title: 'Root asked for a new password from 203.0.113.7', declaredSeverity: 'warning' },
    ],
    [
      'somebody who has got it',
      () => signIn({ type: 'Root' }, { eventName: 'PasswordRecoveryCompleted' }),
      { title: 'Root set a new password by recovery from 203.0.113.7', declaredSeverity: 'critical' },
    ],
    [
      'a role that a user takes, by the account of the user',
      () =>
        signIn(
          { type: 'IAMUser', userName: 'ana' },
          { eventName: 'SwitchRole', additionalEventData: { SwitchTo: 'arn:aws:iam::444455556666:role/Admin' } },
        ),
      { title: 'ana switched to the role Admin from 203.0.113.7', declaredSeverity: 'info' },
    ],
    [
      'a role that a user takes, by the account of the role',
      () =>
        signIn(
          { type: 'AssumedRole', arn: 'arn:aws:sts::444455556666:assumed-role/Admin/ana' },
          { eventName: 'SwitchRole', additionalEventData: { SwitchFrom: 'arn:aws:iam::111122223333:user/ana' } },
        ),
      { title: 'ana switched to the role Admin from 203.0.113.7', resource: 'ana' },
    ],
    [
      'what a sign-in may say that nobody has described',
      () => signIn({ type: 'Root' }, { eventName: 'MfaDeviceReset', responseElements: { MfaDeviceReset: 'Failure' } }),
      { title: 'Root failed at sign-in: mfa device reset from 203.0.113.7', declaredSeverity: 'warning' },
    ],
    [
      'a call by what names its subject',
      () => apiCall('DeleteBucket', { bucketName: 'invoices' }),
      { title: 'ana called DeleteBucket on invoices', resource: 'invoices' },
    ],
    [
      'a call by nothing else: it may be a secret',
      () => apiCall('RunInstances', { userData: 'c2VjcmV0' }, { errorCode: 'Client.UnauthorizedOperation' }),
      { title: 'ana was refused RunInstances: Client.UnauthorizedOperation', resource: 'ec2 (service)' },
    ],
    [
      'a call by no secret, however that is named',
      () => apiCall('PutSecret', { sessionId: 'abcdefgh' }),
      { title: 'ana called PutSecret', resource: 'ec2 (service)' },
    ],
    [
      'an instance that is taken away',
      () =>
        bridge('EC2 Spot Instance Interruption Warning', 'aws.ec2', {
          'instance-id': 'i-0a',
          'instance-action': 'stop',
        }),
      { title: 'EC2 Spot interruption: i-0a, stop in 2 min', resource: 'i-0a (instance)', declaredSeverity: 'info' },
    ],
    [
      'a task that ran out of memory',
      () =>
        task({
          stoppedReason: 'Essential container in task exited',
          ...{
            stopCode: 'EssentialContainerExited',
            containers: [{ name: 'app', exitCode: 137, reason: 'OutOfMemoryError' }],
          },
        }),
      {
        title: 'ECS task of checkout stopped: app: OutOfMemoryError: exit code 137',
        ...{
          reason: 'app: OutOfMemoryError: exit code 137',
          resource: 'checkout in live',
          declaredSeverity: 'warning',
        },
      },
    ],
    [
      'a task by the container that failed, not by those that stopped with it',
      () =>
        task({
          ...{ stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' },
          containers: [
            ...[
              { name: 'envoy', exitCode: 143 },
              { name: 'logs', exitCode: 137 },
              { name: 'init', exitCode: 0 },
            ],
            { name: 'app', exitCode: 1, reason: 'panic: db' },
          ],
        }),
      {
        title: 'ECS task of checkout stopped: app: panic: db: exit code 1',
        ...{ reason: 'app: panic: db: exit code 1\nlogs: exit code 137\nenvoy: exit code 143' },
        declaredSeverity: 'warning',
      },
    ],
    [
      'a task that could not start',
      () =>
        task({
          ...{ stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: not found' },
          containers: [{ name: 'app', lastStatus: 'STOPPED' }],
        }),
      { title: 'ECS task of checkout stopped: CannotPullContainerError: not found', declaredSeverity: 'warning' },
    ],
    [
      'a task that scaling stops: it ends as it is told to',
      () =>
        task({
          ...{ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated by (deployment d)' },
          containers: [
            { name: 'app', exitCode: 143 },
            { name: 'slow', exitCode: 137 },
          ],
        }),
      {
        title: 'ECS task of checkout stopped: Scaling activity initiated by (deployment d)',
        declaredSeverity: 'info',
      },
    ],
    [
      'a task that scaling stops, and that fails at it',
      () =>
        task({
          ...{ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated by (deployment d)' },
          containers: [{ name: 'app', exitCode: 1 }],
        }),
      { title: 'ECS task of checkout stopped: app: exit code 1', declaredSeverity: 'warning' },
    ],
    ...[
      'Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/shop/1)',
      'Task failed container health checks',
      'Amazon ECS found the task unhealthy',
    ].map((stoppedReason): [string, () => Alert, Partial<Alert>] => [
      `a task that the scheduler finds ill: ${stoppedReason}`,
      () =>
        task({
          ...{ stopCode: 'ServiceSchedulerInitiated', stoppedReason, containers: [{ name: 'app', exitCode: 0 }] },
        }),
      {
        title: `ECS task of checkout stopped: ${stoppedReason.replace(/arn:.*(?=shop)/, '')}`,
        ...{ reason: stoppedReason, declaredSeverity: 'warning' },
      },
    ]),
    [
      'a task of no service that has come to its end',
      () => task({ group: 'family:nightly', stopCode: 'EssentialContainerExited', containers: [{ exitCode: 0 }] }),
      { title: 'ECS task of nightly stopped', declaredSeverity: 'info' },
    ],
    [
      'a task of a service that should not come to its end',
      () => task({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 0 }] }),
      { declaredSeverity: 'warning' },
    ],
    [
      'a task that a person stops',
      () => task({ stopCode: 'UserInitiated', stoppedReason: 'it failed again', containers: [{ exitCode: 143 }] }),
      { declaredSeverity: 'info' },
    ],
    [
      'a task that was to stop',
      () => task({ stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity', containers: [] }),
      { declaredSeverity: 'info' },
    ],
    [
      'a state machine that failed',
      () => execution('FAILED', { error: 'BankTimeout', cause: '{"errorMessage":"No answer in 30 s"}' }),
      {
        ...{ title: 'billing failed: BankTimeout, No answer in 30 s', reason: 'BankTimeout: No answer in 30 s' },
        ...{ resource: 'billing (state machine)', declaredSeverity: 'error', status: 'firing' },
      },
    ],
    [
      'a state machine whose function names its error again',
      () =>
        execution('FAILED', { error: 'BankTimeout', cause: '{"errorType":"BankTimeout","errorMessage":"No answer"}' }),
      { title: 'billing failed: BankTimeout, No answer', reason: 'BankTimeout: No answer' },
    ],
    ['a state machine that took too long', () => execution('TIMED_OUT'), { title: 'billing timed out' }],
    [
      'a job that failed',
      () => job('FAILED', { statusReason: 'Essential container exited', container: { exitCode: 2, reason: 'Error' } }),
      { title: 'Batch job import failed: Essential container exited, Error, exit code 2', resource: 'import (job)' },
    ],
    [
      'a job of several containers, by the one that failed',
      () =>
        job('FAILED', {
          statusReason: 'Task failed',
          ecsProperties: {
            taskProperties: [
              {
                containers: [
                  { name: 'log', exitCode: 0 },
                  { name: 'main', exitCode: 2, reason: 'no disk' },
                ],
              },
            ],
          },
        }),
      { title: 'Batch job import failed: Task failed, main: no disk, exit code 2' },
    ],
    [
      'a job of EKS, by its last try',
      () =>
        job('FAILED', {
          eksProperties: { podProperties: { containers: [{ exitCode: 1 }] } },
          eksAttempts: [
            { containers: [{ exitCode: 1 }], statusReason: 'old' },
            { containers: [{ exitCode: 139, reason: 'Error' }], statusReason: 'Pod terminated' },
          ],
        }),
      { title: 'Batch job import failed: Pod terminated, Error, exit code 139' },
    ],
    [
      'a job of EKS that tells no tries',
      () => job('FAILED', { eksProperties: { podProperties: { containers: [{ exitCode: 1, reason: 'Error' }] } } }),
      { title: 'Batch job import failed: Error, exit code 1' },
    ],
    [
      'a canary that failed',
      () => canary('Failure', { message: 'Timed out' }),
      { title: 'Canary login failed: Timed out', declaredSeverity: 'critical', status: 'firing' },
    ],
    [
      'a database without room',
      () => rds('RDS-EVENT-0007', 'The allocated storage has been consumed'),
      { title: 'orders: The allocated storage has been consumed', declaredSeverity: 'critical', status: 'firing' },
    ],
    [
      'a database whose name begins that of another',
      () => rds('RDS-EVENT-0072', 'Started failover to DB instance: orders-2'),
      { title: 'orders: Started failover to DB instance: orders-2' },
    ],
    [
      'a database that names itself',
      () => rds('RDS-EVENT-0222', 'DB instance orders-2 of orders is low'),
      { title: 'DB instance orders-2 of orders is low' },
    ],
    [
      'a table that breaks rules',
      () => quality('FAILED', ORDERS),
      {
        ...{ title: 'Data quality of sales.orders failed: 6 of 10 rules broken', resource: 'sales.orders' },
        declaredSeverity: 'error',
      },
    ],
    [
      'a table that breaks rules, in the words of the documentation',
      () => quality('FAILED', ORDERS, { numRulesFailed: undefined, numRulesSucceeded: undefined, rulesFailed: 2 }),
      { title: 'Data quality of sales.orders failed: 2 of 2 rules broken' },
    ],
    [
      'what a job reads that breaks rules',
      () => quality('FAILED', { contextType: 'GLUE_JOB', jobName: 'etl', evaluationContext: 'input' }),
      { title: 'Data quality of etl: input failed: 6 of 10 rules broken' },
    ],
    [
      'an OpsItem',
      () => opsItem('Create', { severity: '1', status: 'Open' }),
      {
        ...{ title: 'OpsItem oi-1: Disk filling', resource: 'oi-1 (OpsItem)', reason: 'on i-0a' },
        ...{ declaredSeverity: 'critical', status: 'firing' },
      },
    ],
    ['an OpsItem that claims nothing', () => opsItem('Create', {}), { declaredSeverity: undefined, status: 'firing' }],
    [
      'a run that says why by a name of its own',
      () => bridge('DataSync Task Execution State Change', 'aws.datasync', { State: 'ERROR', ErrorDetail: 'no disk' }),
      { reason: 'no disk', declaredSeverity: 'error' },
    ],
    [
      'a Glue job that failed',
      () =>
        bridge('Glue Job State Change', 'aws.glue', {
          jobName: 'etl',
          state: 'FAILED',
          severity: 'ERROR',
          message: 'No space',
        }),
      { title: 'Glue job etl failed: No space', declaredSeverity: 'error' },
    ],
    [
      'a mail that came back',
      () =>
        publish({
          ...{ notificationType: 'Bounce', mail: { source: 'a@example.com', messageId: 'm' } },
          bounce: {
            ...{ bounceType: 'Permanent', feedbackId: 'f' },
            bouncedRecipients: [{ emailAddress: 'b@example.net', diagnosticCode: 'smtp; 550 5.1.1 unknown' }],
          },
        }),
      { title: 'SES permanent bounce: b@example.net', reason: '550 5.1.1 unknown', source: 'aws.ses' },
    ],
    [
      'a mail that a stranger’s server has refused: what that says is no headline',
      () => bounce('ana@example.net'),
      {
        title: 'SES permanent bounce: ana@example.net (5.1.1)',
        reason: '550 <!channel> @here URGENT call http://evil.example.com/?token=(hidden)',
      },
    ],
    [
      'a mail by its address, without a name that somebody gave it',
      () => bounce('"URGENT: call +1 900" <ana@example.net>'),
      { title: 'SES permanent bounce: ana@example.net (5.1.1)' },
    ],
    ['a mail without an address', () => bounce('@here'), { title: 'SES permanent bounce: ana@example.net (5.1.1)' }],
    [
      'a mail that came back, by EventBridge',
      () => bounce('ana@example.net', 'Email Bounced'),
      {
        ...{ title: 'SES permanent bounce: ana@example.net (5.1.1)', resource: 'shop.example (identity)', once: true },
        ...{ declaredSeverity: 'info', fingerprint: 'ses:f', changedAt: '2026-09-14T11:18:50.000Z' },
      },
    ],
    [
      'a mail that was complained of, by EventBridge',
      () =>
        mailed(
          'Complaint',
          'complaint',
          { complaintFeedbackType: 'call +1 900', complainedRecipients: [{ emailAddress: 'bob@example.net' }] },
          'Email Complaint Received',
        ),
      { title: 'SES complaint: bob@example.net', reason: 'call +1 900' },
    ],
    [
      'a mail that is late, by EventBridge',
      () =>
        mailed(
          'DeliveryDelay',
          'deliveryDelay',
          { delayType: 'MailboxFull', delayedRecipients: [{ emailAddress: 'bob@example.net', status: '4.2.2' }] },
          'Email Delivery Delayed',
        ),
      { title: 'SES delivery delay: bob@example.net (mailbox full, 4.2.2)' },
    ],
    [
      'a mail that SES did not send',
      () => mailed('Reject', 'reject', { reason: 'Bad content' }, 'Email Rejected'),
      { title: 'SES reject: ana@example.net (Bad content)', reason: 'Bad content' },
    ],
    [
      'a mail that could not be written',
      () => mailed('Rendering Failure', 'failure', { errorMessage: 'No attribute' }, 'Email Rendering Failed'),
      { title: 'SES rendering failure: ana@example.net (No attribute)' },
    ],
    [
      'a mail that came in: no word of what is in it',
      () => {
        const commonHeaders = { subject: 'URGENT: call +1 900' }
        const mail = { messageId: 'm', destination: ['help@example.com'], commonHeaders }
        return publish({
          notificationType: 'Received',
          mail,
          receipt: { recipients: ['help@example.com'] },
          content: 'x',
        })
      },
      { title: 'SES received: help@example.com', reason: undefined, description: undefined },
    ],
    [
      'what SES found about a tenant',
      () =>
        sender(
          'Advisor Recommendation Status Open',
          { data: 'The bounce rate exceeded 15.0%.', metadata: { impact: 'HIGH', type: 'BOUNCE' } },
          'tenant/acme/tn-1',
        ),
      {
        title: 'SES recommendation for acme (BOUNCE): The bounce rate exceeded 15.0%.',
        ...{ resource: 'acme', reason: 'The bounce rate exceeded 15.0%.', declaredSeverity: 'high' },
      },
    ],
    [
      'a tenant that may not send',
      () =>
        sender(
          'Sending Status Disabled',
          { data: { origin: 'AWS_MANAGED', record: { status: 'DISABLED', cause: 'High bounce rate.' } } },
          'tenant/acme/tn-1',
        ),
      { title: 'SES sending of acme is disabled: High bounce rate.', declaredSeverity: 'error', status: 'firing' },
    ],
    [
      'a mail that somebody complained of',
      () =>
        publish({
          ...{ eventType: 'Complaint', mail: { messageId: 'm' } },
          complaint: { complaintFeedbackType: 'abuse', complainedRecipients: [{ emailAddress: 'b@example.net' }] },
        }),
      { title: 'SES complaint: b@example.net (abuse)' },
    ],
    [
      'a function that failed: no word of what a customer sent',
      () =>
        publish({
          ...{
            version: '1.0',
            timestamp: '2026-09-14T11:18:00Z',
            requestPayload: { title: 'Invoice', status: 'paid' },
          },
          requestContext: {
            ...{ requestId: 'r', condition: 'RetriesExhausted', approximateInvokeCount: 3 },
            functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:mailer:$LATEST',
          },
          responsePayload: { errorType: 'SmtpTimeout', errorMessage: 'no answer', trace: ['at send'] },
        }),
      {
        ...{ title: 'Lambda mailer failed after 3 tries: SmtpTimeout: no answer', resource: 'mailer (function)' },
        ...{ once: true, declaredSeverity: 'error', description: 'at send' },
      },
    ],
    [
      'a function that failed, by EventBridge',
      () => bridge('Lambda Function Invocation Result - Failure', 'lambda', invocation('r')),
      {
        ...{ title: 'Lambda mailer failed after 3 tries: SmtpTimeout: no answer', resource: 'mailer (function)' },
        ...{ once: true, declaredSeverity: 'error', reason: 'SmtpTimeout: no answer', source: 'aws.lambda' },
      },
    ],
    [
      'an invocation that succeeded, by EventBridge',
      () =>
        bridge('Lambda Function Invocation Result - Success', 'lambda', {
          requestContext: { ...invocation('r').requestContext, condition: 'Success', approximateInvokeCount: 1 },
        }),
      { title: 'Lambda mailer succeeded', name: 'Lambda success', declaredSeverity: 'info' },
    ],
    [
      'records of a stream that could not be handled',
      () =>
        publish({
          requestContext: {
            ...{ requestId: 'r', condition: 'RetryAttemptsExhausted' },
            functionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:reader',
          },
          KinesisBatchInfo: { shardId: 's', batchSize: 7 },
        }),
      { title: 'Lambda reader failed on 7 records of a Kinesis stream: RetryAttemptsExhausted' },
    ],
    [
      'a build and the phase that it failed in',
      () =>
        bridge('CodeBuild Build State Change', 'aws.codebuild', {
          ...{ 'project-name': 'shop', 'build-status': 'FAILED', 'current-phase': 'COMPLETED' },
          'additional-information': {
            logs: { 'deep-link': 'https://console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logEvent:x' },
            phases: [
              { 'phase-type': 'INSTALL', 'phase-status': 'SUCCEEDED', 'phase-context': [': '] },
              { 'phase-type': 'BUILD', 'phase-status': 'FAILED', 'phase-context': ['npm test: exit status 1'] },
            ],
          },
        }),
      { title: 'Build of shop failed in BUILD', reason: 'npm test: exit status 1' },
    ],
  ])('%s', (_, read, expected) => {
    expect(read()).toMatchObject(expected)
  })

  test('and nothing of what a customer sent', () => {
    for (const alert of [
      bridge('Lambda Function Invocation Result - Failure', 'lambda', invocation('r')),
      publish(invocation('r')),
    ]) {
      expect(JSON.stringify(alert)).not.toMatch(/Pay now|4111/)
    }
  })

  test.each<[string, object, string, string]>([
    [
      'its own',
      { logConfiguration: { options: { 'awslogs-group': '/live/batch' } } },
      '$252Flive$252Fbatch',
      'eu-west-1',
    ],
    [
      'its own in another region',
      { logConfiguration: { options: { 'awslogs-group': 'b', 'awslogs-region': 'us-east-1' } } },
      'b',
      'us-east-1',
    ],
    ['that of Batch', {}, '$252Faws$252Fbatch$252Fjob', 'eu-west-1'],
  ])('a job leads to its log in a group: %s', (_, more, group, region) => {
    const container = { exitCode: 1, logStreamName: 'import/default/a1', ...more }
    expect(job('FAILED', { container }).links.logs).toBe(
      `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}/log-events/import$252Fdefault$252Fa1`,
    )
  })

  test('and of which class, where the shipped rules ask for it', () => {
    expect(signIn({ type: 'Root' }).details.class).toBe('security breach')
    expect(canary('Failure').details.class).toBe('system down')
    expect(rds('RDS-EVENT-0007', 'x').details.class).toBe('resource limits')
  })
})

function warehouse(what: string) {
  return {
    'Event Source': 'cluster',
    SourceId: 'w',
    'Event ID': '#REDSHIFT-EVENT-1',
    'Event Message': `Cluster w: ${what}`,
  }
}
function migration(id: string) {
  const link = 'https://console.aws.amazon.com/dms/v2/home?region=eu-west-1#taskDetails/t'
  return { SourceId: 't', 'Identifier Link': link, 'Event ID': `x#${id}`, 'Event Message': id }
}

test.each<[string, Alert]>([
  [
    'Inspector',
    bridge('Inspector2 Finding', 'aws.inspector2', { title: 'CVE-1', severity: 'HIGH', epss: { score: 1 } }),
  ],
  ['Macie', bridge('Macie Finding', 'aws.macie', { title: 'Keys', severity: { description: 'High', score: 3 } })],
  [
    'Security Hub',
    bridge('Security Hub Findings - Imported', 'aws.securityhub', {
      findings: [{ Title: 'Public', Severity: { Label: 'HIGH' } }],
    }),
  ],
  [
    'DevOps Guru',
    bridge('DevOps Guru New Insight Open', 'aws.devops-guru', { insightId: 'i', insightSeverity: 'high' }),
  ],
])('a message says how severe %s finds it, among the first facts', (_, { details }) => {
  expect(Object.entries(details).slice(0, 2)).toContainEqual(['severity', expect.stringMatching(/^high$/i)])
})

describe('an event says that it is over', () => {
  test.each<[string, Alert, Alert]>([
    [
      'of a service that is steady again',
      service('SERVICE_TASK_PLACEMENT_FAILURE', 'ERROR'),
      service('SERVICE_STEADY_STATE', 'INFO'),
    ],
    [
      'of a set of its tasks that is',
      service('SERVICE_TASK_START_IMPAIRED', 'WARN'),
      service('TASKSET_STEADY_STATE', 'INFO'),
    ],
    ['of a deployment', service('SERVICE_DEPLOYMENT_FAILED', 'ERROR'), service('SERVICE_DEPLOYMENT_COMPLETED', 'INFO')],
    ['of a state machine', execution('FAILED'), execution('SUCCEEDED')],
    ['of a job', job('FAILED'), job('SUCCEEDED')],
    ['of a canary', canary('Failure'), canary('Successful')],
    ['of a failover', rds('RDS-EVENT-0073', 'Started failover'), rds('RDS-EVENT-0071', 'Completed failover')],
    ['of a failover within a zone', rds('RDS-EVENT-0072', 'Started'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a failover that had failed', rds('RDS-EVENT-0069', 'Failed'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a storage that was full', rds('RDS-EVENT-0221', 'Full'), rds('RDS-EVENT-0218', 'Finished autoscaling')],
    ['of a restart', rds('RDS-EVENT-0004', 'DB instance shutdown'), rds('RDS-EVENT-0006', 'DB instance restarted')],
    [
      'of what SES recommends',
      sender('Advisor Recommendation Status Open', { data: { type: 'DKIM', description: 'x', impact: 'HIGH' } }),
      sender('Advisor Recommendation Status Resolved', { data: { type: 'DKIM', description: 'x', impact: 'HIGH' } }),
    ],
    [
      'of what SES found about a tenant',
      sender('Advisor Recommendation Status Open', { data: 'x', metadata: { type: 'BOUNCE' } }, 'tenant/acme/1'),
      sender('Advisor Recommendation Status Closed', { data: 'y', metadata: { type: 'BOUNCE' } }, 'tenant/acme/1'),
    ],
    [
      'of mails that may not be sent',
      sender('Sending Status Disabled', {}, 'configuration-set/live'),
      sender('Sending Status Enabled', {}, 'configuration-set/live'),
    ],
    ['of a table', quality('FAILED', ORDERS), quality('SUCCEEDED', ORDERS)],
    ['of an OpsItem', opsItem('Create', { status: 'Open' }), opsItem('Update', { status: 'Resolved' })],
    [
      'of an item of a check',
      advisor('A', { Reason: 'x' }, 'ERROR', 'arn:aws:iam::111122223333:user/ana'),
      advisor('A', { Reason: 'y' }, 'OK', 'arn:aws:iam::111122223333:user/ana'),
    ],
    [
      'of an insight',
      publish({ MessageType: 'NEW_INSIGHT', InsightId: 'i', InsightSeverity: 'high', InsightDescription: 'Slow' }),
      publish({ MessageType: 'CLOSED_INSIGHT', InsightId: 'i', InsightSeverity: 'high', InsightDescription: 'Slow' }),
    ],
  ])('%s', (_, begun, over) => {
    expect([begun.status, over.status]).toEqual(['firing', 'resolved'])
    expect([begun.once, over.fingerprint]).toEqual([undefined, begun.fingerprint])
  })

  test.each<[string, object, object]>([
    ['a warehouse', warehouse('resize started'), warehouse('resize was completed')],
    ['a warehouse that was restored', warehouse('restore was initiated'), warehouse('restore finished')],
    ['a cache', { 'ElastiCache:NodeReplacementScheduled': 'c' }, { 'ElastiCache:CacheNodeReplaceComplete': 'c' }],
    [
      'a cache that could not grow',
      { 'ElastiCache:AddCacheNodeFailed': 'c' },
      { 'ElastiCache:AddCacheNodeComplete': 'c' },
    ],
    ['a task of DMS', migration('DMS-EVENT-0078'), migration('DMS-EVENT-0069')],
    ['a task of DMS that paused', migration('DMS-EVENT-0092'), migration('DMS-EVENT-0093')],
    ['a replication instance without room', migration('DMS-EVENT-0007'), migration('DMS-EVENT-0017')],
    [
      'a group that could not start an instance',
      { AutoScalingGroupName: 'g', Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR' },
      { AutoScalingGroupName: 'g', Event: 'autoscaling:EC2_INSTANCE_LAUNCH' },
    ],
  ])('of %s, by its topic', (_, begun, over) => {
    const alerts = [publish(begun), publish(over)]
    expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved'])
    expect(alerts[0]?.fingerprint).toBe(alerts[1]?.fingerprint)
  })

  test('and is not that of another', () => {
    const items = ['ana', 'bob'].map((name) => advisor('A', {}, 'ERROR', `arn:aws:iam::111122223333:user/${name}`))
    const keys = ['AKIA1', 'AKIA2'].map((id) => advisor('Exposed Access Keys', { 'Access Key ID': id }, 'ERROR'))
    const runs = ['r', 's'].map((id) => bridge('Lambda Function Invocation Result - Failure', 'lambda', invocation(id)))
    const mails = ['1', '2'].map((id) => bounce(`${id}@example.net`, 'Email Bounced', id))
    const databases = ['CLUSTER', 'DB_INSTANCE'].map((SourceType) =>
      bridge('RDS DB Event', 'aws.rds', { SourceType, SourceIdentifier: 'orders', EventID: 'RDS-EVENT-0049' }),
    )
    const byArn = ['cluster', 'db'].map((kind) =>
      bridge('RDS DB Event', 'aws.rds', {
        ...{ SourceIdentifier: 'orders', EventID: 'RDS-EVENT-0049' },
        SourceArn: `arn:aws:rds:eu-west-1:111122223333:${kind}:orders`,
      }),
    )
    const byTopic = ['db-cluster', 'db-instance'].map((kind) =>
      publish({ 'Event Source': kind, 'Source ID': 'orders', 'Event ID': '#RDS-EVENT-0049', 'Event Message': 'over' }),
    )
    const tables = ['orders', 'users'].map((tableName) => quality('FAILED', { ...ORDERS, tableName }))
    for (const [one, other] of [items, keys, runs, mails, databases, byArn, byTopic, tables]) {
      expect(one?.fingerprint).not.toBe(other?.fingerprint)
    }
  })

  test('a refresh that is cancelled, or rolled back in vain, is no end of one that failed', () => {
    const [failed, cancelled, vain, over] = ['Failed', 'Cancelled', 'Rollback Failed', 'Succeeded'].map((how) =>
      bridge(`EC2 Auto Scaling Instance Refresh ${how}`, 'aws.autoscaling', { AutoScalingGroupName: 'web' }),
    )
    expect(failed).toMatchObject({ status: 'firing', declaredSeverity: 'error' })
    expect(cancelled).toMatchObject({ status: 'firing', once: true, declaredSeverity: 'info' })
    expect(vain).toMatchObject({ status: 'firing', declaredSeverity: 'error', fingerprint: failed?.fingerprint })
    expect(over).toMatchObject({ status: 'resolved', fingerprint: failed?.fingerprint })
  })

  test.each([
    ...['SERVICE_DESIRED_COUNT_UPDATED', 'TASKS_STOPPED', 'CAPACITY_PROVIDER_STEADY_STATE'],
    ...['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SOMETHING_NEW'],
  ])('but %s is no end of what hinders a service', (name) => {
    const [failure, news] = [service('SERVICE_TASK_PLACEMENT_FAILURE', 'ERROR'), service(name, 'INFO')]
    expect(news).toMatchObject({ status: 'firing', once: true, declaredSeverity: 'info' })
    expect(news.fingerprint).not.toBe(failure.fingerprint)
  })
})
