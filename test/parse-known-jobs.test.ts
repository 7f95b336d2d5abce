import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { bridge, canary, execution, invocation, job, publish } from './known-events.ts'

const task = (more: object) =>
  bridge('ECS Task State Change', 'aws.ecs', {
    clusterArn: 'arn:aws:ecs:eu-west-1:111122223333:cluster/live',
    taskArn: 'arn:aws:ecs:eu-west-1:111122223333:task/live/0a1b',
    ...{ group: 'service:checkout', lastStatus: 'STOPPED', ...more },
  })

describe('an event says who and what happened', () => {
  test.each<[string, () => Alert, Partial<Alert>]>([
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
      'a task that scaling stops: it ends as requested',
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
      'an EKS job without its attempts',
      () => job('FAILED', { eksProperties: { podProperties: { containers: [{ exitCode: 1, reason: 'Error' }] } } }),
      { title: 'Batch job import failed: Error, exit code 1' },
    ],
    [
      'a canary that failed',
      () => canary('Failure', { message: 'Timed out' }),
      { title: 'Canary login failed: Timed out', declaredSeverity: 'critical', status: 'firing' },
    ],
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

  test('and nothing that a customer sent', () => {
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
  ])('a job links to its log: %s', (_, more, group, region) => {
    const container = { exitCode: 1, logStreamName: 'import/default/a1', ...more }
    expect(job('FAILED', { container }).links.logs).toBe(
      `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}/log-events/import$252Fdefault$252Fa1`,
    )
  })
})
