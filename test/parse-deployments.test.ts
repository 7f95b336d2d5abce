import { describe, expect, test } from 'vitest'
import { bridge, publish } from './events.ts'

describe('deployments', () => {
  const pipeline = (type: string, detail: object) =>
    bridge(`CodePipeline ${type} Execution State Change`, 'aws.codepipeline', { pipeline: 'orders', ...detail })[0]

  test.each([
    ['STARTED', 'started'],
    ['SUCCEEDED', 'succeeded'],
    ['FAILED', 'failed'],
    ['CANCELED', 'stopped'],
    ['SUPERSEDED', 'stopped'],
    ['RESUMED', 'in-progress'],
    ['InProgress', 'in-progress'],
    ['TimedOut', 'failed'],
  ])('a pipeline in state %s', (state, normal) => {
    expect(pipeline('Pipeline', { state })).toMatchObject({
      kind: 'deployment',
      fingerprint: 'arn:aws:codepipeline:eu-west-1:111122223333:orders',
      details: { state: normal, rawState: state },
    })
  })

  test('a pipeline that goes on says so', () => {
    expect(pipeline('Pipeline', { state: 'RESUMED' })?.title).toBe('Pipeline orders is in progress')
  })

  test('an event of CodePipeline without a pipeline is shown', () => {
    const [alert] = bridge('CodePipeline Notice', 'aws.codepipeline', { text: 'down' })
    expect(alert).toMatchObject({ kind: 'aws-event', title: 'CodePipeline Notice' })
  })

  test('a stage and an action are separate from their pipeline', () => {
    const alerts = [
      pipeline('Pipeline', {}),
      pipeline('Stage', { stage: 'A' }),
      pipeline('Action', { stage: 'A', action: 'B' }),
    ]
    expect(new Set(alerts.map((alert) => alert?.fingerprint)).size).toBe(3)
    expect(alerts[2]?.title).toContain('orders, stage A, action B')
  })

  test('from a notification of the developer tools', () => {
    expect(
      publish({
        account: '111122223333',
        detailType: 'CodePipeline Pipeline Execution State Change',
        region: 'eu-west-1',
        source: 'aws.codepipeline',
        time: '2026-09-14T11:00:00Z',
        detail: { pipeline: 'orders', state: 'FAILED' },
        resources: ['arn:aws:codepipeline:eu-west-1:111122223333:orders'],
      }),
    ).toMatchObject({ kind: 'deployment', title: 'Pipeline orders failed' })
  })

  test('a pending approval: its token is left out', () => {
    const alert = publish({
      region: 'eu-west-1',
      approval: {
        pipelineName: 'orders',
        stageName: 'Production',
        token: '1a2b3c4d-token',
        approvalReviewLink: 'https://example.com/approve/1a2b3c4d-token',
      },
    })
    expect(alert).toMatchObject({ kind: 'deployment', title: 'Pipeline orders, stage Production waits for approval' })
    expect(JSON.stringify(alert)).not.toContain('1a2b3c4d')
  })

  const stackId = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
  test.each([
    ['CREATE_COMPLETE', 'succeeded'],
    ['UPDATE_IN_PROGRESS', 'in-progress'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'in-progress'],
    ['CREATE_FAILED', 'failed'],
    ['UPDATE_ROLLBACK_COMPLETE', 'failed'],
    ['DELETE_COMPLETE', 'succeeded'],
  ])('a stack in state %s, from SNS and from EventBridge', (status, state) => {
    const lines = `StackId='${stackId}'\nTimestamp='2026-09-14T11:18:52.000Z'\nLogicalResourceId='orders'\nResourceStatus='${status}'\nResourceStatusReason='User Initiated'\nResourceType='AWS::CloudFormation::Stack'\nStackName='orders'\n`
    const [event] = bridge('CloudFormation Stack Status Change', 'aws.cloudformation', {
      'stack-id': stackId,
      'status-details': { status, 'status-reason': 'User Initiated' },
    })
    for (const alert of [publish(lines), event]) {
      expect(alert).toMatchObject({
        kind: 'deployment',
        fingerprint: stackId,
        name: 'orders',
        region: 'eu-west-1',
        reason: 'User Initiated',
        details: { state, rawState: status },
        changedAt: '2026-09-14T11:18:52.000Z',
      })
    }
  })

  test('CodeDeploy, from SNS and from EventBridge', () => {
    const sns = publish({
      region: 'eu-west-1',
      accountId: '111122223333',
      applicationName: 'orders',
      deploymentId: 'd-1',
      deploymentGroupName: 'blue',
      status: 'FAILED',
      errorInformation: '{"ErrorCode":"HEALTH","ErrorMessage":"too few healthy"}',
    })
    const [event] = bridge('CodeDeploy Deployment State-change Notification', 'aws.codedeploy', {
      application: 'orders',
      deploymentId: 'd-1',
      deploymentGroup: 'blue',
      state: 'FAILURE',
    })
    expect(sns).toMatchObject({ title: 'Deployment of orders to blue failed', details: { state: 'failed' } })
    expect(sns.reason).toContain('too few healthy')
    expect(event).toMatchObject({ fingerprint: sns.fingerprint, details: { state: 'failed', rawState: 'FAILURE' } })
  })
})

describe('backups', () => {
  const volume = 'arn:aws:ec2:eu-west-1:111122223333:volume/vol-1'
  test('from EventBridge and from SNS', () => {
    const [event] = bridge('Backup Job State Change', 'aws.backup', {
      backupJobId: 'j',
      state: 'FAILED',
      resourceArn: volume,
    })
    const sns = publish(`An AWS Backup job failed. Resource ARN : ${volume}. BackupJob ID : j`)
    for (const alert of [event, sns]) {
      expect(alert).toMatchObject({
        kind: 'backup',
        fingerprint: `backup:backup-job:${volume}`,
        title: 'Backup Job of vol-1 (volume) failed',
        resource: 'vol-1 (volume)',
        details: { state: 'failed' },
      })
    }
    expect(publish(`An AWS Backup job was completed successfully. Resource ARN : ${volume}`).details.state).toBe(
      'succeeded',
    )
  })
})
