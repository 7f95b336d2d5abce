import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { changeIdOf, identityOf } from '../shared/alert/identity.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { heartbeatEvent } from '../shared/observe/heartbeat.ts'
import { parse } from '../shared/parse/parse.ts'
import { anyCharacter } from './any-character.ts'

const TOPIC = 'arn:aws:sns:eu-west-1:999999999999:alarms'
const TIME = '2026-10-05T07:14:09.000Z'
const LATER = '2026-10-05T08:00:00.000Z'

/** As SNS delivers it. */
function publish(message: unknown, more: object = {}): Alert {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  return first(parse({ Type: 'Notification', TopicArn: TOPIC, Timestamp: TIME, Message, ...more }))
}

/** As EventBridge delivers it. */
function bridge(type: string, source: string, detail: object, more: object = {}): Alert {
  return first(parse(bridged(type, source, detail, more)))
}

function bridged(type: string, source: string, detail: object, more: object = {}) {
  const account = '111122223333'
  return { 'detail-type': type, source, account, region: 'eu-west-1', time: TIME, resources: [], detail, ...more }
}

function first([alert, ...others]: Alert[]): Alert {
  if (!alert || others.length > 0) throw new Error(`${others.length + 1} alerts`)
  return alert
}

const at = (Timestamp: string) => ({ Timestamp })

const BUDGET =
  'AWS Budget Notification\n\nBudget Name: all\nAlert Type: ACTUAL\nACTUAL Amount: $12\nAlert Threshold: > $10'

describe('a one-time event', () => {
  test.each<[string, Alert]>([
    ['plain text', publish('Disk full')],
    ['JSON of somebody', publish({ app: 'orders', status: 'failed' })],
    ['a subscription', first(parse({ Type: 'SubscriptionConfirmation', TopicArn: TOPIC, Token: 'x', Message: 'x' }))],
    [
      'a pipeline',
      bridge('CodePipeline Pipeline Execution State Change', 'aws.codepipeline', { pipeline: 'p', state: 'FAILED' }),
    ],
    ['a stack', publish("StackName='s'\nStackId='s'\nResourceStatus='CREATE_FAILED'")],
    ['a deployment of CodeDeploy', publish({ deploymentId: 'd-1', applicationName: 'a', status: 'FAILED' })],
    [
      'a build',
      bridge('CodeBuild Build State Change', 'aws.codebuild', { 'project-name': 'p', 'build-status': 'FAILED' }),
    ],
    ['a backup', bridge('Backup Job State Change', 'aws.backup', { state: 'FAILED', backupJobId: 'j' })],
    ['a backup, in plain text', publish('An AWS Backup job failed. BackupJob ID : j')],
    [
      'a change of an alarm',
      bridge('CloudWatch Alarm Configuration Change', 'aws.cloudwatch', { alarmName: 'a', operation: 'update' }),
    ],
    ['a budget', publish(BUDGET)],
    ['a budget, as JSON', publish({ budgetName: 'all' })],
    ['a cost anomaly', bridge('Anomaly Detected', 'aws.ce', { anomalyId: 'a', impact: { totalImpact: 5 } })],
    ['Spot', bridge('EC2 Spot Instance Interruption Warning', 'aws.ec2', { 'instance-id': 'i-0a' })],
    ['a sign-in', bridge('AWS Console Sign In via CloudTrail', 'aws.signin', { userIdentity: { type: 'Root' } })],
    ['a task that stopped', bridge('ECS Task State Change', 'aws.ecs', { lastStatus: 'STOPPED', group: 'service:a' })],
    ['S3', publish({ Records: [{ eventSource: 'aws:s3', eventName: 'ObjectRemoved:Delete' }] })],
    ['Auto Scaling', publish({ AutoScalingGroupName: 'g', Event: 'autoscaling:TEST_NOTIFICATION' })],
    ['RDS', publish({ 'Event Source': 'db-instance', 'Source ID': 'db', 'Event Message': 'Failover started' })],
    ['ElastiCache', publish({ 'ElastiCache:CacheClusterParametersChanged': 'c' })],
    ['a change that AWS Config saw', publish({ messageType: 'ConfigurationItemChangeNotification', resourceId: 'r' })],
    ['Elastic Beanstalk', publish('Message: New version deployed\nEnvironment: e\nNotificationProcessId: 1')],
    ['our own event without an id or a status', publish({ title: 'Report is ready', source: 'report' })],
    ['our own event of a deployment', publish({ title: 'Deployed', source: 'ci', id: 'orders', class: 'deployment' })],
  ])('%s', (_, alert) => {
    expect(alert).toMatchObject({ status: 'firing', once: true })
    expect(identityOf(alert)).toMatch(/@[\w-]{16}$/)
    expect(identityOf(alert).startsWith(`${alert.fingerprint}@`)).toBe(true)
  })
})

describe('an alert that can end', () => {
  const ended = { status: 'resolved', source: 's', title: 'x' }
  test.each<[string, Alert]>([
    ['an alarm', publish({ AlarmName: 'a', NewStateValue: 'ALARM' })],
    ['an alarm that lost its data', publish({ AlarmName: 'a', NewStateValue: 'INSUFFICIENT_DATA' })],
    ['a composite', publish({ AlarmName: 'a', NewStateValue: 'ALARM', AlarmRule: 'ALARM(b)' })],
    [
      'an alarm by EventBridge',
      bridge('CloudWatch Alarm State Change', 'aws.cloudwatch', { alarmName: 'a', state: { value: 'ALARM' } }),
    ],
    ['a finding', bridge('GuardDuty Finding', 'aws.guardduty', { id: 'f', type: 't' })],
    [
      'a finding of Security Hub',
      bridge('Security Hub Findings - Imported', 'aws.securityhub', { findings: [{ Id: 'f' }] }),
    ],
    [
      'a Config rule',
      publish({
        messageType: 'ComplianceChangeNotification',
        configRuleName: 'r',
        resourceId: 'i',
        newEvaluationResult: { complianceType: 'NON_COMPLIANT' },
      }),
    ],
    [
      'AWS Health',
      bridge('AWS Health Event', 'aws.health', { eventArn: 'arn:aws:health:::event/x', statusCode: 'open' }),
    ],
    ['what is unhealthy', bridge('EMR Instance Unhealthy', 'aws.emr', {})],
    ['what is healthy again', bridge('EMR Instance Healthy', 'aws.emr', {})],
    ['a status of health', bridge('Environment Status', 'aws.x', { currentStatus: 'unhealthy' })],
    [
      'the health of an environment',
      publish(
        'Message: Environment health has transitioned from Ok to Degraded.\nEnvironment: e\nNotificationProcessId: 1',
      ),
    ],
    ['our own event with an id', publish({ title: 'x', source: 's', id: 'i' })],
    ['our own event that fires', publish({ title: 'x', source: 's', status: 'firing' })],
    ['our own event with a word for its status', publish({ title: 'x', source: 's', status: 'started' })],
    ['our own event that has ended', publish(ended)],
    ['our own event that has lost its data', publish({ ...ended, status: 'insufficient_data' })],
    [
      'a deployment that failed, and will be resolved',
      publish({ title: 'x', source: 'ci', class: 'deployment', status: 'failed' }),
    ],
    ['a heartbeat', publish(heartbeatEvent(TIME))],
    ['an event that claims to be the router’s', first(parse({ title: 'x', source: 'alert-router.maintenance' }))],
  ])('%s', (_, alert) => {
    expect(alert.once).toBeUndefined()
    expect(identityOf(alert)).toBe(alert.fingerprint)
  })
})

describe('are they one alert, and one change of it?', () => {
  const page = (entity: string, more: object = {}) =>
    bridge('AWS Health Event', 'aws.health', {
      eventArn: 'arn:aws:health:eu-west-1::event/EKS/X/1',
      eventTypeCode: 'AWS_EKS_PLANNED_LIFECYCLE_EVENT',
      lastUpdatedTime: 'Mon, 05 Oct 2026 07:00:00 GMT',
      affectedEntities: [{ entityValue: entity }],
      ...more,
    })
  const item = (user: string) =>
    bridge('Trusted Advisor Check Item Refresh Notification', 'aws.trustedadvisor', {
      'check-name': 'IAM Access Key Rotation',
      'check-item-detail': { 'IAM User': user },
      status: 'ERROR',
    })
  const alarm = { AlarmName: 'a', AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a' }
  const alarmBySns = (more: object = {}, sent: object = {}) =>
    publish({ ...alarm, NewStateValue: 'ALARM', NewStateReason: 'r', StateChangeTime: TIME, ...more }, sent)
  const alarmByBus = bridge(
    'CloudWatch Alarm State Change',
    'aws.cloudwatch',
    { alarmName: 'a', state: { value: 'ALARM', reason: 'r', timestamp: TIME }, configuration: {} },
    { resources: [alarm.AlarmArn] },
  )
  const own = { title: 'Nightly export is late', severity: 'warning', source: 'export', id: 'nightly', time: TIME }

  const node = { alertname: 'KubeNodeNotReady', node: 'ip-10-0-1-5' }
  const nodeBy = (externalURL: string, entry: object = {}) =>
    publish({
      externalURL,
      alerts: [{ status: 'firing', labels: node, startsAt: TIME, fingerprint: 'abcd1234abcd1234', ...entry }],
    })
  const [eu, us] = ['https://am.eu.example.com', 'https://am.us.example.com']

  const ONE = 'one alert, one change'
  const TWO_CHANGES = 'one alert, two changes'
  const TWO = 'two alerts'
  test.each<[string, Alert, Alert, string]>([
    ['two pages of AWS Health at one time', page('shop'), page('reports'), TWO_CHANGES],
    ['the same page twice', page('shop'), page('shop'), ONE],
    ['a closed AWS Health event', page('shop'), page('shop', { statusCode: 'closed' }), TWO_CHANGES],
    ['two items of Trusted Advisor in one second', item('deploy-a'), item('deploy-b'), TWO],
    ['the same item redelivered', item('deploy-a'), item('deploy-a'), ONE],
    ['the same text redelivered', publish('Disk full'), publish('Disk full'), ONE],
    ['the same text sent again', publish('Disk full'), publish('Disk full', at(LATER)), TWO],
    ['two texts at one time', publish('Disk full'), publish('Disk fuller'), TWO],
    ['two passed thresholds of one budget', publish(BUDGET), publish(BUDGET.replace('> $10', '> $11')), TWO],
    ['an alarm by SNS and by EventBridge', alarmBySns(), alarmByBus, ONE],
    ['an alarm by two topics', alarmBySns(), { ...alarmBySns(), account: '222222222222' }, ONE],
    ['an alarm that fires again', alarmBySns(), alarmBySns({ StateChangeTime: LATER }, at(LATER)), TWO_CHANGES],
    ['a resolved alarm', alarmBySns(), alarmBySns({ NewStateValue: 'OK' }), TWO_CHANGES],
    ['an alarm and its contributor', alarmBySns(), alarmBySns({ AlarmContributorId: 'c' }), TWO],
    ['our own event, by two topics', publish(own), publish(own, { TopicArn: `${TOPIC}-2` }), ONE],
    ['the same labels from two Alertmanagers', nodeBy(eu), nodeBy(us), TWO],
    ['the same labels from two replicas of one', nodeBy(eu), nodeBy(eu), ONE],
    ['its resolve, from the other replica', nodeBy(eu), nodeBy(eu, { status: 'resolved', endsAt: LATER }), TWO_CHANGES],
    ['two replicas without an external URL', nodeBy('http://am-0:9093'), nodeBy('http://am-1:9093'), ONE],
    ['the resolve from another Alertmanager', nodeBy(eu), nodeBy(us, { status: 'resolved', endsAt: LATER }), TWO],
    [
      'an AWS event by a rule and through a topic',
      bridge('Something Happened', 'aws.some', { name: 'n' }),
      publish(bridged('Something Happened', 'aws.some', { name: 'n' }), at('2026-10-05T07:14:10.000Z')),
      ONE,
    ],
    [
      'our own event, more severe at the same time',
      publish(own),
      publish({ ...own, severity: 'critical' }),
      TWO_CHANGES,
    ],
    ['our own event, with other details', publish(own), publish({ ...own, details: { rows: 1 } }), TWO_CHANGES],
    [
      'our own event, with another runbook',
      publish(own),
      publish({ ...own, runbook: 'https://example.com/r' }),
      TWO_CHANGES,
    ],
    [
      'details in another order',
      publish({ ...own, details: { a: 1, b: 2 } }),
      publish({ ...own, details: { b: 2, a: 1 } }),
      ONE,
    ],
    [
      'our own event without an id, twice at different times',
      publish({ ...own, id: undefined }),
      publish({ ...own, id: undefined, time: LATER }, at(LATER)),
      TWO,
    ],
  ])('%s', (_, a, b, expected) => {
    const isOne = identityOf(a) === identityOf(b)
    const found = !isOne ? TWO : changeIdOf(a) === changeIdOf(b) ? ONE : TWO_CHANGES
    expect(found).toBe(expected)
  })

  test('it is the same after a queue', () => {
    for (const alert of [publish('x'), alarmBySns(), page('shop'), item('a')]) {
      const after: Alert = JSON.parse(JSON.stringify(alert))
      expect([identityOf(after), changeIdOf(after)]).toEqual([identityOf(alert), changeIdOf(alert)])
      expect(changeIdOf(alert)).toMatch(/^[\w-]{10}$/)
    }
  })

  test('the identity is a key of the table, of 2,048 bytes at most, whatever was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 5_000 }), (text) => {
        expect(
          Buffer.byteLength(identityOf(publish({ title: `x${text}`, source: text, severity: 'info' }))),
        ).toBeLessThan(2_048)
      }),
    )
  })
})

describe('a change that arrives by SNS and EventBridge, with different texts', () => {
  const page = (kind: Alert['kind'], words: object): Alert => ({
    ...bridge('x', 'x', {}),
    kind,
    name: 'a',
    title: 'a',
    ...words,
  })
  test.each<[Alert['kind'], boolean]>([
    ['metric-alarm', true],
    ['composite-alarm', true],
    ['alarm', true],
    ['health', false],
  ])('of a %s is one change, if that has one state at a time: %s', (kind, isOne) => {
    const [one, other] = [page(kind, { reason: 'by SNS' }), page(kind, { reason: 'by EventBridge' })]
    expect(changeIdOf(one) === changeIdOf(other)).toBe(isOne)
  })
})

test('what the table and the queues have of an earlier version is found by the same ids', () => {
  const details = { a: null, b: ['x', { d: '1', c: '2' }] } as unknown as Alert['details']
  const alert: Alert = {
    ...{ fingerprint: 'event:x', kind: 'event', status: 'firing', title: 'Disk full', changedAt: TIME, source: 'x' },
    ...{
      name: 'x',
      resource: 'x',
      dimensions: {},
      tags: {},
      children: [],
      details,
      links: { runbook: 'https://x.example.com' },
      once: true,
    },
  }
  expect([identityOf(alert), changeIdOf(alert), notificationId(alert, 'chat')]).toEqual([
    'event:x@goxegxrs8tGKF6eb',
    'goxegxrs8t',
    'rIQI-UxfRX72xYSlmi1ipR',
  ])
})
