import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { hold } from '../shared/decide/hold.ts'
import { isNotice, withNotices } from '../shared/decide/maintenance.ts'
import { heartbeatEvent, isHeartbeat } from '../shared/observe/heartbeat.ts'
import { parse } from '../shared/parse/parse.ts'

const topic = 'arn:aws:sns:eu-west-1:111122223333:alarms'
const now = new Date('2026-10-01T00:00:00Z')

function publish(message: unknown, more: object = {}) {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  const [alert] = parse(
    { Type: 'Notification', TopicArn: topic, Timestamp: '2026-09-14T11:18:52.500Z', Message, ...more },
    { now },
  )
  return alertSchema.parse(alert)
}

function bridge(type: string, source: string, detail: object, more: object = {}) {
  return parse({
    version: '0',
    id: '1',
    'detail-type': type,
    source,
    account: '111122223333',
    time: '2026-09-14T11:18:52Z',
    region: 'eu-west-1',
    resources: [],
    detail,
    ...more,
  })
}

describe('our own event', () => {
  test('is told whole', () => {
    const alert = publish({
      title: 'Nightly report is ready',
      severity: 'INFO',
      source: 'billing-report',
      id: 'report-2026-09-14',
      class: 'usage report',
      environment: 'prod',
      resource: 'billing',
      region: 'Europe (Ireland)',
      description: '1,204 orders',
      runbook: 'https://wiki.example.com/report',
      links: { console: 'https://console.example.com', report: 'https://reports.example.com/1' },
      tags: { team: 'billing' },
      details: { orders: 1204, password: 'hunter2' },
      time: '2026-09-14T02:00:00Z',
      sevrity: 'typo',
    })
    expect(alert).toMatchObject({
      kind: 'event',
      fingerprint: 'event:billing-report:report-2026-09-14',
      status: 'firing',
      title: 'Nightly report is ready',
      declaredSeverity: 'info',
      source: 'billing-report',
      changedAt: '2026-09-14T02:00:00.000Z',
      resource: 'billing',
      region: 'eu-west-1',
      description: '1,204 orders',
      tags: { team: 'billing', environment: 'prod' },
      details: {
        class: 'usage report',
        environment: 'prod',
        orders: '1204',
        password: '(hidden)',
        sevrity: 'typo',
        report: 'https://reports.example.com/1',
      },
      links: { console: 'https://console.example.com', runbook: 'https://wiki.example.com/report' },
    })
  })

  test.each([
    ['resolved', 'resolved'],
    ['OK', 'resolved'],
    ['alarm', 'firing'],
    ['firing', 'firing'],
    [undefined, 'firing'],
    ['whatever', 'firing'],
  ])('with status %s is %s', (status, expected) => {
    const alert = publish({ title: 'x', source: 's', id: 'i', status })
    expect(alert).toMatchObject({ status: expected, fingerprint: 'event:s:i' })
  })

  test.each([
    ['Deployment of orders complete', {}, 'succeeded'],
    ['Deployment of orders failed', {}, 'failed'],
    ['orders', { state: 'SUCCESS' }, 'succeeded'],
    ['orders', { status: 'failed' }, 'failed'],
    ['orders', { state: 'SUCCESS', status: 'failed' }, 'succeeded'],
  ])('of a deployment: %s %j', (title, more, state) => {
    expect(publish({ title, source: 'ci', class: 'Deployment', ...more })).toMatchObject({
      kind: 'deployment',
      details: { state },
    })
  })

  test('may be the detail of a custom EventBridge event', () => {
    const [alert] = bridge('Report', 'com.example.billing', { title: 'Ready', severity: 'info' })
    expect(alert).toMatchObject({
      kind: 'event',
      title: 'Ready',
      source: 'com.example.billing',
      account: '111122223333',
    })
  })

  test.each<[string, object, object, boolean]>([
    ['the same title', {}, {}, true],
    ['the same title of the same thing', { resource: 'db-1' }, { resource: 'db-1' }, true],
    ['the same title of two things', { resource: 'db-1' }, { resource: 'db-2' }, false],
    ['the same title in two environments', { environment: 'prod' }, { environment: 'dev' }, false],
    ['the same id, whatever it is about', { id: 'disk', resource: 'db-1' }, { id: 'disk', resource: 'db-2' }, true],
  ])('ends another of %s, and no other', (_, begun, over, isOne) => {
    const event = { title: 'Disk full', source: 'nagios', severity: 'critical' }
    const [fired, ended] = [
      publish({ ...event, ...begun, status: 'firing' }),
      publish({ ...event, ...over, status: 'ok' }),
    ]
    expect([fired.status, ended.status]).toEqual(['firing', 'resolved'])
    expect(fired.fingerprint === ended.fingerprint).toBe(isOne)
  })

  describe('of two accounts, by one name', () => {
    const [A, B, ROUTER] = ['111111111111', '222222222222', '999999999999']
    const event = (more: object = {}) => ({ title: 'Export is late', source: 'export', id: 'nightly', ...more })
    const onTopicOf = (account: string, message: object) => ({
      Type: 'Notification',
      TopicArn: `arn:aws:sns:eu-west-1:${account}:alarms`,
      Message: JSON.stringify(message),
    })
    const inQueue = (body: object) => ({
      Records: [
        {
          eventSource: 'aws:sqs',
          messageId: '1',
          eventSourceARN: `arn:aws:sqs:eu-west-1:${ROUTER}:alarms`,
          body: JSON.stringify(body),
        },
      ],
    })
    const onBusOf = (account: string, detail: object) => ({
      'detail-type': 'Export',
      source: 'com.example',
      account,
      region: 'eu-west-1',
      detail,
    })
    const fingerprint = (input: object) => parse(input, { now })[0]?.fingerprint

    test.each<[string, (account: string, more?: object) => object]>([
      ['that the events say', (account, more) => inQueue(onTopicOf(ROUTER, event({ account, ...more })))],
      ['that EventBridge tells', (account, more) => onBusOf(account, event(more))],
      [
        'that EventBridge tells, through a topic',
        (account, more) => inQueue(onTopicOf(ROUTER, onBusOf(account, event(more)))),
      ],
      ['whose topic it is', (account, more) => inQueue(onTopicOf(account, event(more)))],
      [
        'whose topic it is, passed on by another',
        (account, more) => inQueue(onTopicOf(ROUTER, onTopicOf(account, event(more)))),
      ],
    ])('%s: each closes its own alone', (_, from) => {
      const end = { status: 'resolved', time: '2026-09-14T12:00:00Z' }
      expect(fingerprint(from(A, end))).toBe(fingerprint(from(A)))
      expect(fingerprint(from(B, end))).toBe(fingerprint(from(B)))
      expect(fingerprint(from(A))).not.toBe(fingerprint(from(B)))
    })

    test.each<[string, object]>([
      ['bare', event()],
      ['on the topic of the router', inQueue(onTopicOf(ROUTER, event()))],
      ['on a topic, and nothing tells whose queue it is', onTopicOf(A, event())],
      ['in the queue', inQueue(event())],
    ])('an event that says none, %s, goes by its source and id', (_, input) => {
      expect(fingerprint(input)).toBe('event:export:nightly')
    })

    test('a pattern for the events of a source matches those of all accounts', () => {
      expect(fingerprint(event({ account: A }))).toBe(`event:export:nightly#${A}`)
    })

    test.each<[string, (message: object) => object]>([
      ['on the topic of the stack', (message) => inQueue(onTopicOf(ROUTER, message))],
      ['on the topic of another account', (message) => inQueue(onTopicOf(A, message))],
      ['on a bus', (message) => onBusOf(ROUTER, message)],
      ['with an account', (message) => ({ ...message, account: ROUTER })],
    ])('what the router tells of itself, %s, is known by its fingerprint', (_, wrap) => {
      const [beat] = parse(wrap(heartbeatEvent('2026-09-14T12:00:00Z')))
      expect(beat && isHeartbeat(beat)).toBe(true)
    })

    const notice = { title: 'x', source: 'alert-router.maintenance', id: 'patching', severity: 'critical' }
    test('what the router tells of a maintenance comes from its own queue', () => {
      const [alert] = parse(inQueue(notice))
      expect(alert && isNotice(alert)).toBe(true)
      expect(alert?.fingerprint).toBe('event:alert-router.maintenance:patching')
    })

    test.each<[string, object]>([
      ['the topic of the stack', inQueue(onTopicOf(ROUTER, notice))],
      ['the topic of another account', inQueue(onTopicOf(A, notice))],
      ['a bus, through a topic', inQueue(onTopicOf(ROUTER, onBusOf(ROUTER, notice)))],
      ['a topic, in an envelope that names none', inQueue(onTopicOf(ROUTER, { Message: JSON.stringify(notice) }))],
      ['a topic, as if it were in the queue', inQueue(onTopicOf(ROUTER, inQueue(notice)))],
    ])('who calls himself the router’s maintenance on %s is told as anybody is', (_, input) => {
      const [alert] = parse(input)
      expect(alert).toMatchObject({ source: 'alert-router.maintenance', declaredSeverity: 'critical' })
      expect(alert && isNotice(alert)).toBe(false)
      const config = {
        ...readConfig('config/alerts.yml'),
        maintenance: [{ name: 'patching', window: { on: 'sunday' } }],
      }
      expect(decide(alert as Alert, withNotices(config))).toMatchObject({ severity: 'critical' })
      const onSunday = new Date('2026-10-04T12:00:00Z')
      const { held } = hold(alert as Alert, decide(alert as Alert, config), config, onSunday)
      expect(held.map(({ why }) => why)).toContain('within patching')
    })
  })
})

describe('messages nobody described', () => {
  test('text: the subject or the first line is the title', () => {
    expect(publish('Disk full\non db-1')).toMatchObject({
      kind: 'message',
      title: 'Disk full',
      description: 'Disk full\non db-1',
    })
    expect(publish('Disk full', { Subject: 'db-1' })).toMatchObject({ title: 'db-1', source: 'alarms' })
  })

  test('the same message twice is one alert, another one is another', () => {
    expect(publish('a')).toEqual(publish('a'))
    expect(publish('a').fingerprint).not.toBe(publish('b').fingerprint)
  })

  test('JSON becomes lines that a person reads', () => {
    const alert = publish({
      app: { name: 'orders', hosts: ['a', 'b'] },
      summary: 'Queue is full',
      n: 0,
      none: null,
      empty: '',
    })
    expect(alert).toMatchObject({
      title: 'Queue is full',
      description: 'app.name: orders\napp.hosts: a, b\nsummary: Queue is full\nn: 0',
      details: { 'app.name': 'orders', n: '0' },
    })
  })

  test('secrets are hidden, wherever they are repeated', () => {
    const alert = publish({
      message: 'approve',
      token: 's3cr3t-value',
      link: 'https://example.com/approve/s3cr3t-value?ok=1',
      nested: { apiKey: 'abcdefgh', Authorization: 'Bearer xyz', secretName: 'slack-critical' },
      url: 'https://example.com/?X-Amz-Signature=0123abcd&a=1',
    })
    expect(JSON.stringify(alert)).not.toMatch(/s3cr3t|abcdefgh|Bearer|0123abcd/)
    expect(alert.details).toMatchObject({ token: '(hidden)', 'nested.secretName': 'slack-critical' })
  })

  test('S3 and others that speak in records', () => {
    const record = {
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-09-14T08:00:00.000Z',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'uploads' }, object: { key: 'a/b.csv' } },
    }
    expect(publish({ Records: [record] })).toMatchObject({
      kind: 'aws-event',
      title: 'S3 ObjectCreated:Put: uploads/a/b.csv',
      changedAt: '2026-09-14T08:00:00.000Z',
    })
  })
})

describe('findings', () => {
  test.each([
    [9.1, 'critical'],
    [8, 'high'],
    [5, 'medium'],
    [2, 'low'],
    [0, 'informational'],
  ])('GuardDuty severity %d is %s', (severity, label) => {
    const arn = 'arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f'
    const [alert] = bridge('GuardDuty Finding', 'aws.guardduty', {
      id: 'f',
      arn,
      accountId: '111122223333',
      type: 'Recon:EC2/PortProbeUnprotectedPort',
      title: 'A port is probed',
      severity,
      resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-0abc' } },
      updatedAt: '2026-09-14T11:00:00.123Z',
    })
    expect(alert).toMatchObject({
      kind: 'finding',
      fingerprint: arn,
      declaredSeverity: label,
      title: 'A port is probed',
      resource: 'i-0abc (Instance)',
      changedAt: '2026-09-14T11:00:00.123Z',
      details: { type: 'Recon:EC2/PortProbeUnprotectedPort' },
    })
  })

  test('Security Hub: an alert each, resolved when it passes, or a person archives, suppresses or resolves it', () => {
    const finding = (Id: string, more: object) => ({ Id: `arn:aws:securityhub:x:y:${Id}`, Title: Id, ...more })
    const alerts = bridge('Security Hub Findings - Imported', 'aws.securityhub', {
      findings: [
        finding('a', { Severity: { Label: 'HIGH' }, Resources: [{ Type: 'AwsS3Bucket', Id: 'arn:aws:s3:::logs' }] }),
        finding('b', { Severity: { Normalized: 40 }, RecordState: 'ARCHIVED' }),
        finding('c', { Compliance: { Status: 'PASSED' } }),
        finding('d', { Workflow: { Status: 'SUPPRESSED' } }),
        finding('e', { Workflow: { Status: 'RESOLVED' } }),
        finding('f', { Workflow: { Status: 'NOTIFIED' } }),
      ],
    })
    expect(alerts).toMatchObject([
      { title: 'a', status: 'firing', declaredSeverity: 'high', resource: 'logs' },
      { title: 'b', status: 'resolved', declaredSeverity: 'medium' },
      { title: 'c', status: 'resolved' },
      { title: 'd', status: 'resolved' },
      { title: 'e', status: 'resolved' },
      { title: 'f', status: 'firing' },
    ])
  })

  test('Security Hub, by OCSF: of the account and region that it was found in', () => {
    const cloud = { account: { uid: '444455556666' }, region: 'eu-north-1' }
    const finding = (more: object) => ({ cloud, finding_info: { uid: 'u', title: 'Root has keys' }, ...more })
    const alerts = bridge('Findings Imported V2', 'aws.securityhub', {
      findings: [
        finding({ severity: 'Critical', status: 'New', activity_name: 'Create' }),
        finding({ status: 'Suppressed' }),
        finding({ status: 'New', activity_name: 'Close' }),
        finding({ cloud: undefined }),
      ],
    })
    const [, , , elsewhere] = alerts
    expect(alerts).toMatchObject([
      { title: 'Root has keys', account: '444455556666', region: 'eu-north-1', status: 'firing' },
      { status: 'resolved' },
      { status: 'resolved', account: '444455556666' },
      {},
    ])
    expect([elsewhere?.account, elsewhere?.region]).toEqual(['111122223333', 'eu-west-1'])
  })

  test('Config: a rule that is broken, and kept again', () => {
    const [broken, kept] = ['NON_COMPLIANT', 'COMPLIANT'].flatMap((complianceType) =>
      bridge('Config Rules Compliance Change', 'aws.config', {
        configRuleName: 'no-public-buckets',
        resourceId: 'logs',
        resourceType: 'AWS::S3::Bucket',
        newEvaluationResult: { complianceType },
      }),
    )
    expect(broken).toMatchObject({ kind: 'finding', status: 'firing', resource: 'logs (AWS::S3::Bucket)' })
    expect(kept).toMatchObject({ status: 'resolved', fingerprint: broken?.fingerprint })
  })
})

describe('AWS Health', () => {
  const detail = {
    eventArn: 'arn:aws:health:eu-west-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
    service: 'EC2',
    eventTypeCode: 'AWS_EC2_OPERATIONAL_ISSUE',
    eventTypeCategory: 'issue',
    startTime: 'Mon, 14 Sep 2026 10:00:00 GMT',
    eventDescription: [{ language: 'en_US', latestDescription: 'First line\\nsecond line' }],
    affectedEntities: [{ entityValue: 'i-0abc', tags: { team: 'orders' } }],
  }

  test.each([
    [{ statusCode: 'open' }, 'firing'],
    [{ statusCode: 'closed' }, 'resolved'],
    [{ endTime: 'Mon, 14 Sep 2026 11:00:00 GMT' }, 'resolved'],
    [{ endTime: 'Mon, 14 Sep 2026 23:00:00 GMT' }, 'firing'],
    [{ endTime: 'Mon, 14 Sep 2026 11:00:00 GMT', eventTypeCategory: 'scheduledChange' }, 'firing'],
  ])('%j is %s', (more, status) => {
    const [alert] = bridge('AWS Health Event', 'aws.health', { ...detail, ...more })
    expect(alert).toMatchObject({
      kind: 'health',
      status,
      fingerprint: detail.eventArn,
      title: 'AWS Health: EC2 operational issue',
      description: 'First line\nsecond line',
      resource: 'i-0abc',
      tags: { team: 'orders' },
      details: { service: 'EC2' },
    })
  })

  test('of no region names none, whatever region its topic is in', () => {
    const event = { 'detail-type': 'AWS Health Abuse Event', source: 'aws.health', region: 'global', detail }
    expect(publish(event).region).toBeUndefined()
  })
})

describe('money', () => {
  test("a budget's letter", () => {
    const letter = [
      'AWS Budget Notification July 05, 2026',
      'AWS Account 111122223333',
      '',
      'Budget Name: platform',
      'Budgeted Amount: $100.00',
      'Alert Type: ACTUAL',
      'Alert Threshold: > $80.00',
      'ACTUAL Amount: $91.45',
    ].join('\n')
    expect(publish(letter, { Subject: 'AWS Budgets: platform has exceeded your alert threshold' })).toMatchObject({
      kind: 'budget',
      fingerprint: 'budget:111122223333:platform',
      title: 'Budget platform: ACTUAL $91.45 (threshold > $80.00)',
      resource: 'platform (budget)',
      details: { amount: '$91.45', budgeted: '$100.00' },
    })
    expect(publish('AWS Budget Notification: over 80%').kind).toBe('budget')
  })

  test.each<[unknown, string]>([
    [184.37295018, '$184.37'],
    ['184.37295018', '$184.37'],
    [1001, '$1001'],
    [12.5, '$12.50'],
    [0.004, '$0.00'],
  ])('an anomaly of %s is told to the cent', (totalImpact, told) => {
    const [alert] = bridge('Anomaly Detected', 'aws.ce', { anomalyId: 'a', impact: { totalImpact } })
    expect(alert?.title).toBe(`Cost anomaly, ${told} more than expected`)
  })

  test('a budget and a cost anomaly as JSON', () => {
    expect(publish({ budgetName: 'platform', accountId: '111122223333' })).toMatchObject({
      kind: 'budget',
      fingerprint: 'budget:111122223333:platform',
    })
    expect(publish({ anomalyId: 'a1', impact: { totalImpact: 12.5 }, dimensionalValue: 'Amazon S3' })).toMatchObject({
      kind: 'budget',
      title: 'Cost anomaly: Amazon S3, $12.50 more than expected',
      resource: 'Amazon S3 (service)',
    })
  })
})

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
  ])('a pipeline in state %s', (state, normal) => {
    expect(pipeline('Pipeline', { state })).toMatchObject({
      kind: 'deployment',
      fingerprint: 'arn:aws:codepipeline:eu-west-1:111122223333:orders',
      details: { state: normal, rawState: state },
    })
  })

  test('a stage and an action are not their pipeline', () => {
    const alerts = [
      pipeline('Pipeline', {}),
      pipeline('Stage', { stage: 'A' }),
      pipeline('Action', { stage: 'A', action: 'B' }),
    ]
    expect(new Set(alerts.map((alert) => alert?.fingerprint)).size).toBe(3)
    expect(alerts[2]?.title).toContain('orders, stage A, action B')
  })

  test('as the developer tools notify of them', () => {
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

  test('an approval that waits: the token to give it is kept out', () => {
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
  ])('a stack in state %s, by SNS and by EventBridge', (status, state) => {
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

  test('CodeDeploy, by SNS and by EventBridge', () => {
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
  test('by EventBridge and by SNS', () => {
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

describe('other AWS services', () => {
  test('any EventBridge event: what, of what, and how it stands', () => {
    const [alert] = bridge('Some Job State Change', 'aws.some', {
      jobName: 'etl',
      state: 'FAILED',
      message: 'exit 1',
      severity: 'ERROR',
    })
    expect(alert).toMatchObject({
      kind: 'aws-event',
      title: 'Some Job: etl FAILED',
      resource: 'etl',
      reason: 'exit 1',
      declaredSeverity: 'error',
      details: { jobName: 'etl', state: 'FAILED' },
    })
  })

  const REASONS = ['failure message', 'failure reason', 'error message', 'status reason', 'state details', 'cause']
  const SPELLINGS: [string, (words: string[]) => string][] = [
    ['camelCase', (words) => words.map((word, n) => (n ? capital(word) : word)).join('')],
    ['PascalCase', (words) => words.map(capital).join('')],
    ['kebab-case', (words) => words.join('-')],
    ['snake_case', (words) => words.join('_')],
    ['UPPER_CASE', (words) => words.join('_').toUpperCase()],
  ]
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

  test.each(
    REASONS.flatMap((name) =>
      SPELLINGS.map(([spelling, spell]): [string, string, string] => [name, spelling, spell(name.split(' '))]),
    ),
  )('an event says why in its %s, in %s', (_, __, key) => {
    const [alert] = bridge('Some Job State Change', 'aws.some', { name: 'etl', status: 'FAILED', [key]: 'no disk' })
    expect(alert).toMatchObject({ reason: 'no disk', declaredSeverity: 'error', title: 'Some Job: etl FAILED' })
  })

  test.each<[string, object, object]>([
    ['an error that is an object', { error: { code: 'E1', message: 'disk gone' } }, { reason: 'E1: disk gone' }],
    ['a list of errors', { errors: [{ errorMessage: 'first' }, { errorMessage: 'second' }] }, { reason: 'first' }],
    ['an error that is JSON', { error: '{"errorType": "Timeout", "errorMessage": "3 s"}' }, { reason: 'Timeout: 3 s' }],
    [
      'a status that is an object',
      { name: 'n', status: { value: 'FAILED', reason: 'boom' } },
      { reason: 'boom', title: 'Thing: n FAILED', declaredSeverity: 'error' },
    ],
    ['a cause before what merely is said', { message: 'Job ended', failureReason: 'boom' }, { reason: 'boom' }],
    ['a code where nothing is said', { 'error-code': 'ACCESS_DENIED' }, { reason: 'ACCESS_DENIED' }],
    ['the same word twice', { error: { code: 'E1', errorCode: 'E1' } }, { reason: 'E1' }],
    [
      'a link without its secret',
      { message: 'see https://example.com/?token=abcdefgh' },
      { reason: 'see https://example.com/?token=(hidden)' },
    ],
    ['nothing of all that', { error: true, reason: 7, message: ['', {}] }, { reason: undefined }],
    ['a title of its own', { id: 'x1', title: 'Disk filling', status: 'Open' }, { title: 'Thing: x1: Disk filling' }],
    ['a level', { severity: '1' }, { declaredSeverity: 'sev1' }],
    ['a level that may be the gravest or the mildest', { severity: '5' }, { declaredSeverity: '5' }],
    ['a severity with a label', { Severity: { Label: 'HIGH' } }, { declaredSeverity: 'high' }],
    ['what went well', { status: 'COMPLETED' }, { declaredSeverity: 'info' }],
    [
      'names that stand side by side',
      { context: { databaseName: 'sales', tableName: 'orders', runId: 'r' }, ownerName: 'x' },
      { resource: 'sales/orders' },
    ],
    ['a name alone, where there is one', { name: 'etl', displayName: 'Nightly' }, { resource: 'etl' }],
    ['no secret for a name', { session_id: 'abcdefgh', jobId: 'j1' }, { resource: 'j1' }],
  ])('and what it has: %s', (_, detail, expected) => {
    expect(bridge('Thing Status Change', 'aws.thing', detail)[0]).toMatchObject(expected)
  })

  test.each<[string, object, object]>([
    ['its type says that', {}, { declaredSeverity: 'error', title: 'File Upload Failed: s-1 (server)' }],
    ['and its state once more', { 'status-code': 'FAILED' }, { title: 'File Upload Failed: s-1 (server)' }],
  ])('what failed is an error where %s', (_, detail, expected) => {
    const [alert] = bridge('File Upload Failed', 'aws.transfer', detail, {
      resources: ['arn:aws:transfer:eu-west-1:111122223333:server/s-1'],
    })
    expect(alert).toMatchObject(expected)
  })

  test.each(['boom: no disk', '{"message": "boom: no disk"}'])('a detail that is a text says why: %s', (detail) => {
    const [alert] = parse({ 'detail-type': 'Thing Failed', source: 'aws.thing', account: '111122223333', detail })
    expect(alert).toMatchObject({ title: 'Thing Failed', reason: 'boom: no disk' })
  })

  test.each<[string, string, object, string, object]>([
    ['an alarm of a channel', 'Channel Alert', { alarm_state: 'SET' }, 'Channel Alert', { alarm_state: 'CLEARED' }],
    ['an alarm in other words', 'Thing', { AlertStatus: 'Active' }, 'Thing', { AlertStatus: 'Inactive' }],
    ['an alarm as an object', 'Thing', { alarmState: { value: 'ALARM' } }, 'Thing', { alarmState: { value: 'OK' } }],
    ['an advice', 'Advice Status Open', {}, 'Advice Status Resolved', {}],
    ['an instance', 'Instance Unhealthy', {}, 'Instance Healthy', {}],
    ['a status', 'Thing Status', { status: 'OPEN' }, 'Thing Status', { status: 'RESOLVED' }],
    ['a status that closes', 'Thing Status', { status: 'open' }, 'Thing Status', { status: 'closed' }],
    ['a type that closes', 'Thing Open', {}, 'Thing Closed', {}],
    ['a status of now', 'Thing', { currentStatus: 'degraded' }, 'Thing', { currentStatus: 'healthy' }],
  ])('what ends takes back what began: %s', (_, beginType, begun, endType, ended) => {
    const common = { alert_type: 'No Video', alarm_id: 'a1', name: 'n' }
    const [before] = bridge(beginType, 'aws.thing', { ...common, ...begun })
    const [after] = bridge(endType, 'aws.thing', { ...common, ...ended })
    expect([before?.status, before?.once, after?.status, after?.once]).toEqual([
      'firing',
      undefined,
      'resolved',
      undefined,
    ])
    expect(after?.fingerprint).toBe(before?.fingerprint)
    expect(before?.title).toContain('n: No Video')
  })

  test.each([
    { alert_type: 'No Audio', alarm_id: 'a1' },
    { alert_type: 'No Video', alarm_id: 'a2' },
  ])('two alarms of one channel are two alerts: %s', (other) => {
    const resources = ['arn:aws:medialive:eu-west-1:111122223333:channel:7']
    const alarms = [{ alert_type: 'No Video', alarm_id: 'a1' }, other].flatMap((alarm) =>
      bridge('MediaLive Channel Alert', 'aws.medialive', { alarm_state: 'SET', ...alarm }, { resources }),
    )
    expect(alarms[0]?.title).toBe('MediaLive Channel Alert: 7 (channel): No Video SET')
    expect(alarms[0]?.fingerprint).not.toBe(alarms[1]?.fingerprint)
  })

  test('a state that is no alarm’s does not make a life of what may never end, nor end what never began', () => {
    for (const state of ['ACTIVE', 'OK', 'FAILED', 'set', 'triggered', 'raised', 'RECOVERED', 'cleared', 'normal']) {
      expect(bridge('Thing State Change', 'aws.thing', { state })[0]).toMatchObject({ status: 'firing', once: true })
    }
    for (const type of ['Cache Cleared', 'Payment Set', 'Alarm Raised']) {
      expect(bridge(type, 'aws.thing', {})[0]).toMatchObject({ status: 'firing', once: true })
    }
  })

  test('an event that says both that it begins and that it ends is told', () => {
    const detail = { state: 'Open', alarmState: 'normal' }
    expect(bridge('Thing', 'aws.thing', detail)[0]).toMatchObject({ status: 'firing', once: true })
  })

  test.each<[string, object]>([
    ['Payment Cleared', {}],
    ['Cache Cleared', {}],
    ['Ticket Resolved', {}],
    ['Store Open', {}],
    ['Deployment', { state: 'healthy' }],
    ['Deployment', { status: 'RECOVERED' }],
    ['Valve', { state: 'Open', alarmState: 'normal' }],
    ['Valve', { status: 'open' }],
    ['Valve', { status: 'closed' }],
    ['Circuit Breaker', { state: 'OPEN' }],
    ['Job', { state: 'triggered' }],
    ['Flag', { status: 'set' }],
    ['Flag', { alarm_state: 'CLEARED' }],
    ['Flag', { currentStatus: 'x' }],
  ])('what others than AWS say happens once, whatever their words: %s %j', (type, detail) => {
    for (const source of ['my.shop', 'awsome.shop', 'aws.partner/example.com/shop']) {
      const [alert] = bridge(type, source, detail)
      expect(alert).toMatchObject({ kind: 'aws-event', status: 'firing', once: true, name: type })
    }
  })

  test.each<[string, object, string | undefined]>([
    ['Disk usage high', { instanceId: 'i-1', state: 'running' }, undefined],
    ['Payment stuck', { status: 'pending', reason: 'No answer' }, undefined],
    ['Job finished', { status: 'FINISHED', errorMessage: '3 of 5 failed' }, undefined],
    ['Order', { status: 'failed' }, 'error'],
    ['Order Failed', { status: 'created' }, 'error'],
    ['Order', { status: 'created', severity: 'info' }, 'info'],
  ])('a state of others than AWS makes no event harmless: %s %j', (type, detail, severity) => {
    expect(bridge(type, 'my.shop', detail)[0]?.declaredSeverity).toBe(severity)
  })

  test.each<[string, object, string | undefined]>([
    ['status', { status: 'RESOLVED' }, undefined],
    ['state', { current_state: 'open', state: 'closed' }, undefined],
    ['state in other words', { alertState: 'Recovered' }, undefined],
    ['state as an alarm has it', { state: 'OK' }, undefined],
    ['state that is no end', { status: 'done' }, 'critical'],
    ['state that begins', { status: 'open' }, 'critical'],
    ['sentence', { message: 'The outage is not resolved' }, 'critical'],
  ])("what is over by somebody's own %s is told, and is as bad as nothing says: %j", (_, more, severity) => {
    const detail = { monitor: 'Disk', severity: 'critical', ...more }
    for (const alert of [publish(detail), bridge('Monitor', 'my.shop', detail)[0]]) {
      expect(alert).toMatchObject({ status: 'firing', once: true })
      expect(alert?.declaredSeverity).toBe(severity)
    }
  })

  test.each<[string, object]>([
    ['an Auto Scaling group', { AutoScalingGroupName: 'web', error: 'web is dead' }],
    ['a resource', { messageType: 'alert', resourceId: 'db-1', error: 'db-1 is dead' }],
  ])('a message of somebody else about %s is told as theirs', (_, message) => {
    expect(publish({ ...message, severity: 'critical' })).toMatchObject({
      kind: 'message',
      declaredSeverity: 'critical',
    })
  })

  test.each<[string, unknown, object, object]>([
    [
      'Auto Scaling',
      {
        AutoScalingGroupName: 'web',
        Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
        Description: 'Launching',
        Cause: 'why',
      },
      {},
      { title: 'Auto Scaling group web: Launching', source: 'aws.autoscaling', reason: 'why' },
    ],
    [
      'RDS',
      {
        'Event Source': 'db-instance',
        'Event Time': '2026-09-14 11:00:00.000',
        'Source ID': 'db-1',
        'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0006',
        'Event Message': 'DB instance restarted',
      },
      {},
      {
        title: 'db-1: DB instance restarted',
        resource: 'db-1 (db-instance)',
        source: 'aws.rds',
        name: 'RDS-EVENT-0006',
      },
    ],
    [
      'ElastiCache',
      { 'ElastiCache:CacheNodeReplaceComplete': 'cluster-1' },
      {},
      { title: 'ElastiCache cluster-1: cache node replace complete', resource: 'cluster-1 (cache)' },
    ],
    [
      'Elastic Beanstalk',
      'Timestamp: Mon Sep 14 11:00:00 UTC 2026\nMessage: Environment health has transitioned from Degraded to Ok.\n\nEnvironment: web\nNotificationProcessId: 1',
      { Subject: 'AWS Elastic Beanstalk Notification - Environment health has transitioned' },
      { status: 'resolved', resource: 'web (environment)', changedAt: '2026-09-14T11:00:00.000Z' },
    ],
  ])('%s by SNS', (_, message, envelope, expected) => {
    expect(publish(message, envelope)).toMatchObject({ kind: 'aws-event', ...expected })
  })
})
