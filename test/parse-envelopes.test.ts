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
/** As `levels` more topics and queues deliver it, the last of them a queue. */
const through = (levels: number, message: unknown): unknown =>
  levels === 0 ? message : sqsEvent(text(sns(text(through(levels - 1, message)))))
/** As a pipe, or a function of somebody's, puts it on a bus. */
const piped = (detail: unknown, more: object = {}) => ({
  ...{ version: '0', id: '1', 'detail-type': 'Event from aws:sqs', source: 'Pipe alarms-to-bus' },
  ...{ account: '444455556666', time: '2026-09-14T11:18:56Z', region: 'eu-central-1', resources: [], detail, ...more },
})
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
    ['after a byte order mark and blanks', `\ufeff\n ${text(alarm)}`],
    ['in an SNS event', snsEvent(text(alarm))],
    ['in one record of an SNS event', snsEvent(text(alarm)).Records[0]],
    ['in an SNS notification', sns(text(alarm))],
    ['in a notification whose message starts with a space', sns(` ${text(alarm)}`)],
    ['in a notification whose message is an object', sns(alarm)],
    ['in a notification cut down to its message', { Message: text(alarm) }],
    ['in {"Message": {…}}', { Message: alarm }],
    ['in an SQS event, from SNS', sqsEvent(text(sns(text(alarm))))],
    ['in one record of an SQS event', sqsRecord(text(sns(text(alarm))))],
    ['in an SQS event, delivered raw', sqsEvent(text(alarm))],
    ['from EventBridge', bridge],
    ['from EventBridge through SNS and SQS', sqsEvent(text(sns(text(bridge))))],
    ['in a whole Lambda event that was published', sns(text(snsEvent(text(alarm))))],
    ['in a list of events', [sns(text(alarm))]],
    ['in a list of actions', [{ alarmData: { alarmName: 'disk-full' } }]],
    ['in four envelopes', through(2, alarm)],
    ['in seven envelopes, of which the first is EventBridge', through(3, bridge)],
    ['in four topics', sns(text(sns(text(sns(text(sns(text(alarm))))))))],
    ['in four queues', sqsEvent(text(sqsEvent(text(sqsEvent(text(sqsEvent(text(alarm))))))))],
    ['from a queue through a pipe', piped(sqsRecord(text(alarm)))],
    ['from a topic through a queue and a pipe', piped(sqsRecord(text(sns(text(alarm)))))],
    ['from a pipe that forwards its body', piped(sns(text(alarm)))],
    ['from a pipe that forwards the message', piped(alarm)],
    ["in a whole event of a queue in somebody's event", piped(sqsEvent(text(alarm)), { source: 'aws.pipes' })],
    ["in a whole event of a topic in somebody's event", piped(snsEvent(text(alarm)))],
    ["in one record of a topic in somebody's event", piped(snsEvent(text(alarm)).Records[0])],
    ["as EventBridge's event in somebody's event", piped(piped(bridge.detail, bridge))],
    ['from a pipe through a topic and a queue', sqsEvent(text(sns(text(piped(sqsRecord(text(sns(text(alarm)))))))))],
    [
      'as a Lambda alarm action',
      { alarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:disk-full', alarmData: {} },
    ],
  ])('%s', (_, input) => {
    expect(parse(input)).toMatchObject([{ name: 'disk-full', status: 'firing', source: 'aws.cloudwatch' }])
  })
})

test('a list of somebody’s objects is one message', () => {
  const list = [{ id: 'a', detail: { text: 'disk full' } }]
  expect(parse(sns(text(list)))).toMatchObject([{ kind: 'message', details: { 'detail.text': 'disk full' } }])
})

test('a message with some of a queue’s keys keeps all of them', () => {
  expect(parse(sns(text({ body: 'disk full', messageId: '7' })))).toMatchObject([
    { title: 'disk full', details: { messageId: '7' } },
  ])
})

test('an event without a region is of its topic’s', () => {
  expect(parse(sns(text({ 'detail-type': 'Thing', source: 'shop', detail: {} })))).toMatchObject([
    { region: 'eu-west-1' },
  ])
})

test('many records give many alerts, in order', () => {
  const alerts = parse(sqsEvent(...['a', 'b', 'c'].map((AlarmName) => text(sns(text({ ...alarm, AlarmName }))))))
  expect(alerts.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
})

test('an alarm that a pipe puts on a bus has one identity for its firing and its resolve', () => {
  const ok = { ...alarm, NewStateValue: 'OK' }
  const [fired, over] = [alarm, ok].flatMap((message) => parse(piped(sqsRecord(text(sns(text(message)))))))
  expect([fired?.status, over?.status]).toEqual(['firing', 'resolved'])
  expect(over?.fingerprint).toBe(fired?.fingerprint)
})

describe('an event with a detail', () => {
  test('supplies account, region and time if its content has none', () => {
    expect(parse(piped({ eventSource: 'aws:sqs', body: 'Disk full' }))).toMatchObject([
      {
        ...{ title: 'Disk full', account: '444455556666', region: 'eu-central-1' },
        changedAt: '2026-09-14T11:18:56.000Z',
      },
    ])
    expect(parse(piped(sqsRecord(text(sns(text(alarm))))))).toMatchObject([
      { account: '111122223333', region: 'eu-west-1', changedAt: '2026-09-14T11:18:52.500Z' },
    ])
  })

  test('supplies the account of its content', () => {
    const own = { title: 'Late', source: 'export', id: 'late' }
    const queue = {
      ...sqsRecord(text(piped(sqsRecord(text(own))))),
      eventSourceARN: 'arn:aws:sqs:eu-west-1:999999999999:q',
    }
    expect(parse(queue)).toMatchObject([{ fingerprint: 'event:export:late#444455556666' }])
  })

  test.each<[string, object]>([
    ['a body that is its own', { messageId: '7', body: 'Hello', severity: 'critical' }],
    ['a message that is its own', { Message: 'Hello', name: 'x' }],
    ['records that are its own', { Records: [{ id: 1 }], name: 'x' }],
    ['no records', { Records: [], name: 'x' }],
    ['a type that is its own', { Type: 'Notification', name: 'x' }],
    ['a record without a body', { eventSource: 'aws:sqs', name: 'x' }],
    ['a record with broken JSON', { eventSource: 'aws:sqs', body: '{"a":', name: 'x' }],
    ['an event type in it', { 'detail-type': 'x', name: 'x' }],
    ['a message of a chat', { messageId: '7', receiptHandle: 'r', body: 'Hello', from: 'Bob' }],
    ['a dead letter that it reports', { receiptHandle: 'r', body: '{"order":1}', error: 'poison' }],
    ['the event that it reports', { 'detail-type': 'Order Placed', source: 'shop', detail: {}, error: 'no route' }],
    ['the event that it reports, and its account', { 'detail-type': 'x', source: 'shop', account: '1', detail: {} }],
    ['an event with a detail that is a text', { ...piped('x'), error: 'no route' }],
    ['a type and a message', { Type: 'Notification', Message: 'Hello' }],
    ['a topic and a message', { TopicArn: topic, Message: 'Hello' }],
    ['records, one of them its own', { Records: [sqsRecord('Hello'), { id: 1 }] }],
    ['records of files', { Records: [{ eventSource: 'aws:s3', eventName: 'Put' }] }],
  ])('with %s the event itself is the alert', (_, detail) => {
    const event = piped(detail, { 'detail-type': 'Order Failed', source: 'shop' })
    expect(parse(event)).toMatchObject([{ kind: 'aws-event', name: 'Order Failed', source: 'shop' }])
  })
})

describe('a custom message that contains an event is shown as that message', () => {
  test.each<[string, object]>([
    ['a message', { messageId: 'm', receiptHandle: 'r', body: '{"order":1}' }],
    ['a record of a queue', sqsRecord('{"order":1}')],
    ['a message and its topic', { Message: 'Hello', TopicArn: topic }],
    ['a message that is JSON', { Message: { order: 1 } }],
  ])('%s', (_, more) => {
    const message = { ...more, error: 'No such order', severity: 'critical' }
    for (const input of [message, sns(text(message)), sqsEvent(text(message))]) {
      expect(parse(input)).toMatchObject([
        { kind: 'message', declaredSeverity: 'critical', description: expect.stringContaining('No such order') },
      ])
    }
  })
})

describe('our own event is read as such, whatever else is in it', () => {
  test.each<[string, object]>([
    ['the message that it reports', { messageId: 'm', receiptHandle: 'r', body: '{"order":1}' }],
    ['a record of a queue', sqsRecord('{"order":1}')],
    ['a notification', sns('Hello')],
    ['a message and its topic', { Message: 'Hello', TopicArn: topic }],
    ['records', { Records: [sqsRecord('Hello')] }],
  ])('%s', (_, more) => {
    const own = { ...more, title: 'Poison message found', severity: 'critical', source: 'shop' }
    for (const input of [
      own,
      sns(text(own)),
      sqsEvent(text(own)),
      piped(own),
      sns(text([own])),
      piped(sqsRecord(text(own))),
    ]) {
      expect(parse(input)).toMatchObject([
        { kind: 'event', title: 'Poison message found', declaredSeverity: 'critical', source: 'shop' },
      ])
    }
  })
})

test.each<[string, object]>([
  ['the event that it reports', { 'detail-type': 'inner', detail: { a: 1 } }],
  ['a whole event', piped({ a: 1 })],
])('our own event in the detail of another is read as our own event, with %s in it', (_, more) => {
  const own = { ...more, title: 'Poison message found', severity: 'critical', source: 'shop' }
  expect(parse(piped(own))).toMatchObject([
    { kind: 'event', title: 'Poison message found', declaredSeverity: 'critical', source: 'shop' },
  ])
})

test('a message with a body and an id is not an envelope: all of it is shown', () => {
  const chat = { messageId: '7', from: 'Bob', body: 'The shop is down' }
  expect(parse(sns(text(chat)))).toMatchObject([{ kind: 'message', title: 'The shop is down', details: chat }])
})

describe('several events in one message are several alerts, in order', () => {
  const own = (title: string) => ({ title, severity: 'critical', source: 'shop' })
  const group = { receiver: 'sns', alerts: [{ status: 'firing', labels: { alertname: 'c' } }] }
  const lines = (...events: unknown[]) => events.map(text).join('\n')
  test.each<[string, unknown]>([
    ['a list', [own('a'), own('b'), own('c')]],
    ['a list of different ones', [own('a'), { ...alarm, AlarmName: 'b' }, group]],
    ['lines', lines(own('a'), own('b'), own('c'))],
    ['Windows lines, with an empty one', `${lines(own('a'), own('b')).replace('\n', '\r\n\r\n')}\n${text(own('c'))}\n`],
    ['lines of different ones', lines(own('a'), { ...alarm, AlarmName: 'b' }, group)],
    ['lines of envelopes', lines(sns(text(own('a'))), piped(sqsRecord(text(own('b')))), sns(text(group)))],
  ])('%s', (_, message) => {
    const body = typeof message === 'string' ? message : text(message)
    for (const input of [message, snsEvent(body), sqsEvent(body), sqsEvent(text(sns(body))), piped(sqsRecord(body))]) {
      expect(parse(input).map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    }
  })

  test('each has its own severity', () => {
    const message = text([own('a'), { ...own('b'), severity: 'info' }])
    expect(parse(sns(message)).map(({ declaredSeverity }) => declaredSeverity)).toEqual(['critical', 'info'])
  })

  test.each<[string, string]>([
    ['one is not an event', text([own('a'), { title: 'b' }])],
    ['one is a text', text([own('a'), 'b'])],
    ['none is an event', text([{ a: 1 }, { b: 2 }])],
    ['a line is not an event', lines(own('a'), { level: 'info' })],
    ['a line is a text', `${text(own('a'))}\nand more`],
    ['a line is a list', lines(own('a'), [own('b')])],
    ['they are in something else', text({ events: [own('a'), own('b')] })],
    ['they are chat messages', lines({ messageId: '1', body: 'a' }, { messageId: '2', body: 'b' })],
    ['they are a list of chat messages', text([{ messageId: '1', body: 'a', from: 'x' }])],
    ['they have only a type', lines({ 'detail-type': 'a', n: 1 }, { 'detail-type': 'b', n: 2 })],
    ['they have only a topic', lines({ TopicArn: topic, n: 1 }, { TopicArn: topic, n: 2 })],
    ['they name alarms', lines({ AlarmName: 'a', owner: 'x' }, { AlarmName: 'b', owner: 'y' })],
    ['they have records of their own', lines({ Records: [] }, { Records: [{ id: 1 }] })],
    ['one is a chat message', lines(own('a'), { messageId: '2', body: 'b' })],
  ])('but if %s it is one message', (_, message) => {
    expect(parse(sns(message))).toMatchObject([{ kind: 'message' }])
  })

  test('one event on several lines is one alert', () => {
    expect(parse(sns(JSON.stringify(own('a'), null, 2)))).toMatchObject([{ name: 'a' }])
  })
})

describe('a subject is the title of a message', () => {
  const titles = (Subject: unknown) =>
    ['Lag is 900 s\non orders', { alert: 'Lag is 900 s' }].map(
      (message) => parse(sns(text(message), { Subject }))[0]?.title,
    )

  test.each([
    'Lag on orders',
    'Alarm: lag',
    'Message of the night',
    'Аларм',
    'Lambda alarm',
    'ALARM notification',
    'CloudWatch alarm',
    'EventBridge event',
    'AWS Lambda',
    'Message event',
    'No events',
    'The alarm message',
  ])('if it is informative: %s', (Subject) => {
    expect(titles(Subject)).toEqual([Subject, Subject])
  })

  test.each([
    'AWS Notification Message',
    'aws notification message',
    'AWS Notification',
    'Notification',
    '[Alert]',
    'New alert!',
    'Alerts',
    'Amazon SNS notification',
    'SNS Message',
    'New messages',
    'None',
    'No subject',
    '(no subject)',
    '...',
  ])('but not if any message may have it: %s', (Subject) => {
    expect(titles(Subject)).toEqual(['Lag is 900 s', 'Lag is 900 s'])
  })

  test('it is used if there is nothing else', () => {
    expect(parse(sns('', { Subject: 'AWS Notification Message' }))[0]?.title).toBe('AWS Notification Message')
    expect(parse(sns('{}', { Subject: 'AWS Notification Message' }))[0]?.title).toBe('AWS Notification Message')
  })
})

test('envelopes supply what the message lacks', () => {
  const [alert] = parse(sqsEvent(text(sns(text(alarm)))))
  expect(alert).toMatchObject({
    account: '111122223333',
    region: 'eu-west-1',
    changedAt: '2026-09-14T11:18:52.500Z',
    fingerprint: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:disk-full',
  })
})

test('the time of a raw delivery is when SQS received it', () => {
  expect(parse(sqsEvent('hello'))[0]).toMatchObject({ title: 'hello', changedAt: '2026-09-14T11:18:55.000Z' })
})

describe('rejected, with the path and how to fix it', () => {
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
    ['{"AlarmName": "x"', 'event', /is invalid JSON/],
    ['[1, 2', 'event', /is invalid JSON/],
    [{ Records: [] }, 'Records', /empty list/],
    [{ Records: {} }, 'Records', /object; a list/],
    [{ Records: [7] }, 'Records[0]', /number/],
    [{ Records: [{}] }, 'Records[0]', /neither/],
    [sqsEvent(42), 'Records[0].body', /number/],
    [sqsEvent(undefined), 'Records[0].body', /missing/],
    [sqsEvent(''), 'Records[0].body', /empty text/],
    [sqsEvent('fine', '{"a":'), 'Records[1].body', /is invalid JSON/],
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

  test('a rejection quotes nothing of the input', () => {
    expect(() => parse('{"password": "hunter2hunter2" oops')).toThrow(/^(?!.*hunter2)/s)
  })
})

describe('never rejected: anything published in a valid envelope', () => {
  test.each<[string, unknown, string]>([
    ['plain text', 'The disk is full', 'The disk is full'],
    ['broken JSON', '{"AlarmName": "x', '{"AlarmName": "x'],
    ['a number', '42', '42'],
    ['null', 'null', 'null'],
    ['nothing', '', ''],
    ['an empty object', '{}', ''],
    ['an envelope without required fields', text({ Records: [] }), ''],
  ])('%s', (_, message, shown) => {
    const [alert, ...more] = parse(snsEvent(message))
    expect(more).toEqual([])
    expect(alert).toMatchObject({ kind: 'message', source: 'alarms', description: shown || undefined })
    expect(alert?.title).not.toBe('')
  })
})

describe('envelopes nested too deeply are shown unopened', () => {
  test.each<[string, (inner: unknown) => unknown, number]>([
    ['of SNS', (inner) => ({ Message: inner }), 50],
    ['of SNS, as texts', (inner) => ({ Message: text(inner) }), 12],
    ['of SQS, as texts', (inner) => sqsRecord(text(inner)), 12],
    ['of events', (inner) => piped(inner), 50],
    ['of records of queues', (inner) => ({ messageId: 'm', receiptHandle: 'r', body: text(inner) }), 12],
    ['of pipes, as texts', (inner) => piped(sqsRecord(text(inner))), 12],
    ['of lists', (inner) => [{ TopicArn: topic, Message: inner }], 50],
    ['of texts', (inner) => text(inner), 12],
  ])('%s', (_, wrap, levels) => {
    let input: unknown = alarm
    for (let level = 0; level < levels; level++) input = wrap(input)
    const alerts = parse(input)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]?.kind).not.toBe('metric-alarm')
  })
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
      expect(alert?.description).toContain('The router never follows')
      expect(text(alert)).not.toMatch(/TOKEN-|https?:/)
    }
  },
)

describe('a wrong clock', () => {
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
  ])('of %s: the time of receipt is used', (_, message) => {
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

  test('does not make later changes stale', () => {
    const event = (status: string, time: string) => ({ title: 'x', id: 'x', source: 's', status, time })
    const [firing = ''] = changedAt(publish(event('firing', ahead)))
    const [resolved = ''] = changedAt(publish(event('resolved', '2026-09-14T11:18:59Z'), '2026-09-14T11:19:00Z'))
    expect(resolved > firing).toBe(true)
  })

  test('in an envelope', () => {
    expect(changedAt(publish('down!', ahead))).toEqual([now.toISOString()])
    expect(changedAt(publish({ title: 'x', source: 's', time: ahead }, ahead))).toEqual([now.toISOString()])
    expect(changedAt(queued(publish({ title: 'x', source: 's', time: ahead }, ahead)))).toEqual([received])
    expect(changedAt(queued(publish('down!', ahead)))).toEqual([received])
  })

  test('an event read again later, as from the archive, keeps its time', () => {
    const again = { now: new Date('2027-01-01T00:00:00Z') }
    expect(changedAt(publish({ title: 'x', source: 's', time: ahead }), again)).toEqual([received])
  })

  test('an event newer than the given time is accepted if it was received after that', () => {
    const at = new Date('2026-09-14T02:00:00Z')
    const event = { title: 'x', source: 's', time: '2026-09-14T11:00:00.000Z' }
    expect(changedAt(event, { now: at, received: now })).toEqual([event.time])
  })
})
