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
const canary = (type: string, more: object = {}) =>
  bridge(`Synthetics Canary TestRun ${type}`, 'aws.synthetics', { 'canary-name': 'login', ...more })
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
      { title: 'SES permanent bounce: b@example.net (550 5.1.1 unknown)', source: 'aws.ses' },
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

describe('an event says that it is over', () => {
  test.each<[string, Alert, Alert]>([
    ['of a state machine', execution('FAILED'), execution('SUCCEEDED')],
    ['of a job', job('FAILED'), job('SUCCEEDED')],
    ['of a canary', canary('Failure'), canary('Successful')],
    ['of a failover', rds('RDS-EVENT-0073', 'Started failover'), rds('RDS-EVENT-0071', 'Completed failover')],
    ['of a failover within a zone', rds('RDS-EVENT-0072', 'Started'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a failover that had failed', rds('RDS-EVENT-0069', 'Failed'), rds('RDS-EVENT-0071', 'Completed')],
    ['of a storage that was full', rds('RDS-EVENT-0221', 'Full'), rds('RDS-EVENT-0218', 'Finished autoscaling')],
    ['of a restart', rds('RDS-EVENT-0004', 'DB instance shutdown'), rds('RDS-EVENT-0006', 'DB instance restarted')],
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
    for (const [one, other] of [items, keys]) expect(one?.fingerprint).not.toBe(other?.fingerprint)
  })
})
