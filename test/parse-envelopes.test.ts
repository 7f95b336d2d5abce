import { describe, expect, test } from 'vitest'
import { parse } from '../shared/parse/parse.ts'
import { RefusedEvent } from '../shared/parse/refused.ts'

const alarm = { AlarmName: 'disk-full', NewStateValue: 'ALARM' }
const topic = 'arn:aws:sns:eu-west-1:111122223333:alarms'

const sns = (Message: unknown, more: object = {}) => ({
  Type: 'Notification',
  MessageId: '1',
  TopicArn: topic,
  Subject: null,
  Message,
  Timestamp: '2026-09-14T11:18:52.500Z',
  ...more,
})
const snsEvent = (...messages: unknown[]) => ({
  Records: messages.map((message) => ({ EventSource: 'aws:sns', EventVersion: '1.0', Sns: sns(message) })),
})
const sqsRecord = (body: unknown) => ({
  messageId: 'm',
  body,
  eventSource: 'aws:sqs',
  awsRegion: 'eu-west-1',
  attributes: { SentTimestamp: '1789384735000' },
})
const sqsEvent = (...bodies: unknown[]) => ({ Records: bodies.map(sqsRecord) })
const text = (value: unknown) => JSON.stringify(value)
const bridge = {
  'detail-type': 'CloudWatch Alarm State Change',
  source: 'aws.cloudwatch',
  detail: { alarmName: 'disk-full', state: { value: 'ALARM' } },
}

describe('an alarm is found', () => {
  test.each<[string, unknown]>([
    ['bare', alarm],
    ['as a text', text(alarm)],
    ['as a text in a text', text(text(alarm))],
    ['behind a byte order mark and blanks', `\ufeff\n ${text(alarm)}`],
    ['in an SNS event', snsEvent(text(alarm))],
    ['in one record of an SNS event', snsEvent(text(alarm)).Records[0]],
    ['in an SNS notification', sns(text(alarm))],
    ['in a notification whose message starts with a space', sns(` ${text(alarm)}`)],
    ['in a notification whose message is an object', sns(alarm)],
    ['in what is left of a notification', { Message: text(alarm) }],
    ['in {"Message": {…}}', { Message: alarm }],
    ['in an SQS event, from SNS', sqsEvent(text(sns(text(alarm))))],
    ['in one record of an SQS event', sqsRecord(text(sns(text(alarm))))],
    ['in an SQS event, delivered raw', sqsEvent(text(alarm))],
    ['from EventBridge', bridge],
    ['from EventBridge by SNS by SQS', sqsEvent(text(sns(text(bridge))))],
    ['in a whole Lambda event that was published', sns(text(snsEvent(text(alarm))))],
    ['in a list of events', [sns(text(alarm))]],
    [
      'as a Lambda alarm action',
      { alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:disk-full', alarmData: {} },
    ],
  ])('%s', (_, input) => {
    expect(parse(input)).toMatchObject([{ name: 'disk-full', status: 'firing', source: 'aws.cloudwatch' }])
  })
})

test('many records give many alerts, in order', () => {
  const alerts = parse(sqsEvent(...['a', 'b', 'c'].map((AlarmName) => text(sns(text({ ...alarm, AlarmName }))))))
  expect(alerts.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})

test('envelopes tell what the message does not', () => {
  const [alert] = parse(sqsEvent(text(sns(text(alarm)))))
  expect(alert).toMatchObject({
    account: '111122223333',
    region: 'eu-west-1',
    changedAt: '2026-09-14T11:18:52.500Z',
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:disk-full',
  })
})

test('the time of a raw delivery is when SQS got it', () => {
  expect(parse(sqsEvent('hello'))[0]).toMatchObject({ title: 'hello', changedAt: '2026-09-14T11:18:55.000Z' })
})

describe('refused, with the path and what to do', () => {
  test.each<[unknown, string, RegExp]>([
    [null, 'event', /null/],
    [undefined, 'event', /missing/],
    [42, 'event', /number/],
    [true, 'event', /boolean/],
    ['', 'event', /empty text/],
    [' \n', 'event', /empty text/],
    ['null', 'event', /single JSON value/],
    [{}, 'event', /empty object/],
    [[], 'event', /empty list/],
    ['{"AlarmName": "x"', 'event', /starts like JSON/],
    ['[1, 2', 'event', /starts like JSON/],
    [{ Records: [] }, 'Records', /empty list/],
    [{ Records: {} }, 'Records', /object; a list/],
    [{ Records: [7] }, 'Records[0]', /number/],
    [{ Records: [{}] }, 'Records[0]', /neither/],
    [sqsEvent(42), 'Records[0].body', /number/],
    [sqsEvent(undefined), 'Records[0].body', /missing/],
    [sqsEvent(''), 'Records[0].body', /empty text/],
    [sqsEvent('fine', '{"a":'), 'Records[1].body', /starts like JSON/],
    [sqsEvent(text({ Type: 'Notification', TopicArn: topic })), 'Records[0].body.Message', /missing/],
    [snsEvent(undefined), 'Records[0].Sns.Message', /missing/],
    [snsEvent('fine', 42), 'Records[1].Sns.Message', /number/],
    [{ Records: [{ EventSource: 'aws:sns' }] }, 'Records[0].Sns', /missing/],
    [{ Type: 'Notification', TopicArn: topic, Message: null }, 'Message', /null/],
  ])('%j', (input, path, problem) => {
    let refusal: unknown
    try {
      parse(input)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(RefusedEvent)
    expect((refusal as RefusedEvent).path).toBe(path)
    expect((refusal as RefusedEvent).message).toMatch(problem)
  })

  test('a refusal quotes nothing of what it refuses', () => {
    expect(() => parse('{"password": "hunter2hunter2" oops')).toThrow(/^(?!.*hunter2)/s)
  })
})

describe('never refused: what somebody published in a good envelope', () => {
  test.each<[string, unknown, string]>([
    ['plain text', 'The disk is full', 'The disk is full'],
    ['broken JSON', '{"AlarmName": "x', '{"AlarmName": "x'],
    ['a number', '42', '42'],
    ['null', 'null', 'null'],
    ['nothing', '', ''],
    ['an empty object', '{}', ''],
    ['an envelope without essentials', text({ Records: [] }), ''],
  ])('%s', (_, message, shown) => {
    const [alert, ...more] = parse(snsEvent(message))
    expect(more).toEqual([])
    expect(alert).toMatchObject({ kind: 'message', source: 'alarms', description: shown || undefined })
    expect(alert?.title).not.toBe('')
  })
})

test('more envelopes than anybody needs are shown as they are', () => {
  let input: unknown = alarm
  for (let depth = 0; depth < 50; depth++) input = { Message: input }
  expect(parse(input)).toHaveLength(1)
})

test.each(['SubscriptionConfirmation', 'UnsubscribeConfirmation'])(
  '%s is shown and its secrets are not kept',
  (Type) => {
    const notice = {
      Type,
      MessageId: '1',
      Token: 'TOKEN-2336412f37fb687f5d51e6e2425dacbb',
      TopicArn: topic,
      Message: 'You have chosen to subscribe. Visit the SubscribeURL.',
      SubscribeURL:
        'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=TOKEN-2336412f37fb687f5d51e6e2425dacbb',
      Timestamp: '2026-09-14T11:18:52.500Z',
    }
    for (const input of [notice, sqsEvent(text(notice)), { Records: [{ EventSource: 'aws:sns', Sns: notice }] }]) {
      const [alert] = parse(input)
      expect(alert).toMatchObject({
        kind: 'subscription',
        resource: 'alarms (topic)',
        fingerprint: `subscription:${topic}`,
      })
      expect(alert?.description).toContain('never followed')
      expect(text(alert)).not.toMatch(/TOKEN-|https?:/)
    }
  },
)

describe('a clock that is wrong', () => {
  const received = '2026-09-14T11:18:52.500Z'
  const ahead = '2026-09-15T11:00:00.000Z'
  const publish = (message: unknown, Timestamp = received) => ({
    Type: 'Notification',
    TopicArn: topic,
    Timestamp,
    Message: typeof message === 'string' ? message : JSON.stringify(message),
  })
  const queued = (body: unknown) => ({
    Records: [
      {
        eventSource: 'aws:sqs',
        messageId: '1',
        body: JSON.stringify(body),
        attributes: { SentTimestamp: String(Date.parse(received)) },
      },
    ],
  })
  const bridge = (type: string, source: string, detail: object, time = ahead) => ({
    'detail-type': type,
    source,
    account: '111122223333',
    region: 'eu-west-1',
    time,
    resources: [],
    detail,
  })
  const now = new Date('2026-09-14T11:19:00Z')
  const changedAt = (event: unknown, more: object = { now }) => parse(event, more).map((alert) => alert.changedAt)

  test.each<[string, unknown]>([
    ['our own event', { title: 'x', source: 's', time: ahead }],
    ['an alarm', { AlarmName: 'x', NewStateValue: 'ALARM', StateChangeTime: ahead }],
    ['a Lambda alarm action', { alarmData: { alarmName: 'x', state: { value: 'ALARM', timestamp: ahead } } }],
    ['an alarm by EventBridge', bridge('CloudWatch Alarm State Change', 'aws.cloudwatch', { alarmName: 'x' })],
    ['any AWS event', bridge('Something Happened', 'aws.some', {})],
    ['AWS Health', bridge('AWS Health Event', 'aws.health', { lastUpdatedTime: ahead })],
    ['a finding', bridge('GuardDuty Finding', 'aws.guardduty', { updatedAt: ahead })],
    [
      'a Security Hub finding',
      bridge('Security Hub Findings - Imported', 'aws.securityhub', { findings: [{ Id: 'x', UpdatedAt: ahead }] }),
    ],
    ['a backup', bridge('Backup Job State Change', 'aws.backup', { completionDate: ahead })],
    ['a deployment', bridge('CodeDeploy Deployment', 'aws.codedeploy', { application: 'x', completeTime: ahead })],
    ['a stack, in plain text', `StackName='x'\nStackId='x'\nTimestamp='${ahead}'\nResourceStatus='CREATE_FAILED'`],
    ['S3', { Records: [{ eventSource: 'aws:s3', eventName: 'Put', eventTime: ahead }] }],
    ['Auto Scaling', { AutoScalingGroupName: 'x', Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR', Time: ahead }],
    ['RDS', { 'Event Message': 'x', 'Event Time': ahead }],
    ['AWS Config', { messageType: 'x', resourceId: 'x', notificationCreationTime: ahead }],
    ['Elastic Beanstalk', `Timestamp: ${ahead}\nEnvironment: x\nNotificationProcessId: 1`],
  ])('of %s: it came in when it came in', (_, message) => {
    expect(changedAt(publish(message))).toEqual([received])
    expect(changedAt(queued(message))).toEqual([received])
    expect(changedAt(message)).toEqual([now.toISOString()])
  })

  test.each([
    ['a little ahead', '2026-09-14T11:23:52.500Z', '2026-09-14T11:23:52.500Z'],
    ['a little more than that', '2026-09-14T11:23:52.501Z', received],
    ['years ahead', '9999-12-31T23:59:59.999Z', received],
    ['behind', '2026-09-01T00:00:00.000Z', '2026-09-01T00:00:00.000Z'],
  ])('that is %s', (_, time, expected) => {
    expect(changedAt(publish({ title: 'x', source: 's', time }))).toEqual([expected])
  })

  test('so what comes after it is newer: it silences nothing', () => {
    const event = (status: string, time: string) => ({ title: 'x', id: 'x', source: 's', status, time })
    const [firing = ''] = changedAt(publish(event('firing', ahead)))
    const [resolved = ''] = changedAt(publish(event('resolved', '2026-09-14T11:18:59Z'), '2026-09-14T11:19:00Z'))
    expect(resolved > firing).toBe(true)
  })

  test('of the envelope', () => {
    expect(changedAt(publish('down!', ahead))).toEqual([now.toISOString()])
    expect(changedAt(publish({ title: 'x', source: 's', time: ahead }, ahead))).toEqual([now.toISOString()])
    expect(changedAt(queued(publish({ title: 'x', source: 's', time: ahead }, ahead)))).toEqual([received])
    expect(changedAt(queued(publish('down!', ahead)))).toEqual([received])
  })

  test('what is read again later, as from the archive, has the time it had', () => {
    const again = { now: new Date('2027-01-01T00:00:00Z') }
    expect(changedAt(publish({ title: 'x', source: 's', time: ahead }), again)).toEqual([received])
  })

  test('an event of later than the time asked for is one, where it came in after that', () => {
    const at = new Date('2026-09-14T02:00:00Z')
    const event = { title: 'x', source: 's', time: '2026-09-14T11:00:00.000Z' }
    expect(changedAt(event, { now: at, received: now })).toEqual([event.time])
  })
})
