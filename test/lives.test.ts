import { type MessageAttributeValue, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, test } from 'vitest'
import { Living, SOURCE } from './living.ts'
import { arnOf } from './router-by-hand.ts'

/** An alert's life, by the real functions: who gets what, in whatever order its changes arrive. */
const life = new Living()

/** Puts an order on the alarms' queue, as a command does. */
async function orders(order: object, MessageAttributes: Record<string, MessageAttributeValue> = {}): Promise<void> {
  const sqs = new SQSClient({})
  const MessageBody = JSON.stringify({ ...order, Records: [] })
  await sqs.send(new SendMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL, MessageBody, MessageAttributes }))
  sqs.destroy()
}

test('fires and resolves: each channel gets both, once', async () => {
  await life.come('ALARM 10:00')
  expect(life.incidents()).toMatchObject([{ state: 'open' }])
  await life.come('OK 10:05')
  expect(life.incidents()).toMatchObject([{ state: 'resolved', triggers: 1 }])
  expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL', 'chat-critical: RESOLVED'])
  await life.passUntil('10:20')
  expect(life.sentToSlack()).toHaveLength(2)
  expect((await life.state())?.recipients.pager?.owed).toBeUndefined()
})

describe('in whatever order changes arrive', () => {
  test('an ALARM routed after a loss of data is sent to all, and so is its resolve', async () => {
    life.at('10:01')
    await life.come('INSUFFICIENT_DATA 10:01', 'ALARM 10:00')
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    expect(life.sentToSlack()).toEqual(['chat: NO', 'chat-critical: CRITICAL'])
    await life.come('OK 10:10')
    expect(await life.end()).toEqual({
      incidents: ['resolved'],
      slack: ['chat: NO', 'chat-critical: CRITICAL', 'chat: RESOLVED', 'chat-critical: RESOLVED'],
    })
  })

  test('an ALARM routed after its OK opens nothing, and is one message about the whole', async () => {
    life.at('10:02')
    await life.come('OK 10:01')
    expect(life.sentToSlack()).toEqual([])
    await life.come('ALARM 10:00')
    expect(await life.end()).toEqual({ incidents: [], slack: ['chat-critical: RESOLVED'] })
    const text = JSON.stringify(life.router.engine.slack.requests.at(-1)?.body)
    expect(text).toContain('Fired 10:00:00 to 10:01:00 UTC; delivery was delayed.')
    await life.come('ALARM 10:00')
    expect((await life.end('12:00')).slack).toHaveLength(1)
  })

  test('a late ALARM, while another one is open, is sent to those that have not received it', async () => {
    life.at('10:03')
    await life.come('OK 10:01')
    await life.router.come(life.change('ALARM', '10:02', { reason: 'a warning now' }))
    await life.router.work()
    expect(life.sentToSlack()).toEqual(['chat: WARNING'])
    life.at('10:30')
    await life.come('ALARM 10:00')
    expect(life.sentToSlack()).toEqual(['chat: WARNING', 'chat-critical: RESOLVED'])
    life.at('10:40')
    await life.come('OK 10:40')
    expect(await life.end()).toEqual({
      incidents: [],
      slack: ['chat: WARNING', 'chat-critical: RESOLVED', 'chat: RESOLVED'],
    })
  })

  test('a late ALARM, when a newer one has ended too, is sent to those that have not received it', async () => {
    life.at('10:06')
    await life.come('OK 10:01')
    await life.router.come(life.change('ALARM', '10:02', { reason: 'a warning now' }))
    await life.router.work()
    await life.come('OK 10:05')
    life.at('10:30')
    await life.come('ALARM 10:00')
    expect(await life.end()).toEqual({
      incidents: [],
      slack: ['chat: WARNING', 'chat: RESOLVED', 'chat-critical: RESOLVED'],
    })
  })

  test('an older ALARM is owed to recipients without a newer change', async () => {
    await life.router.come(life.change('ALARM', '10:05', { reason: 'a warning now' }))
    await life.router.work()
    await life.come('ALARM 10:00')
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    await life.come('OK 10:10')
    expect((await life.end()).incidents).toEqual(['resolved'])
  })

  test('of two changes at the same time, the resolve wins', async () => {
    await life.router.come(life.change('OK', '10:00'), life.change('ALARM', '10:00'))
    await life.router.work('alarms')
    await life.router.work()
    expect((await life.end()).incidents.filter((state) => state === 'open')).toEqual([])
  })

  test('a critical and a warning firing, routed concurrently: every recipient gets the resolve', async () => {
    const warning = life.change('ALARM', '10:00:05', { reason: 'a warning now' })
    await life.router.come(life.change('ALARM', '10:00'), warning)
    await life.router.work()
    await life.come('OK 10:10')
    expect((await life.end()).incidents).toEqual(['resolved'])
  })

  test('a firing and a loss of data, routed concurrently: the pager gets the resolve', async () => {
    await life.router.come(life.change('ALARM', '10:00'), life.change('INSUFFICIENT_DATA', '10:00:05'))
    await life.router.work()
    await life.come('OK 10:10')
    expect((await life.end()).incidents).toEqual(['resolved'])
  })

  test('an ALARM and its OK, routed concurrently: nobody is left with an open incident', async () => {
    await life.router.come(life.change('OK', '10:00:05'), life.change('ALARM', '10:00'))
    await life.router.work()
    expect((await life.end()).incidents).toEqual([])
  })
})

describe('no data', () => {
  test('without an ALARM before it: its resolve goes to its recipients, and to nobody else', async () => {
    await life.come('INSUFFICIENT_DATA 10:00', 'OK 10:05')
    expect(await life.end()).toEqual({ incidents: [], slack: ['chat: NO', 'chat: RESOLVED'] })
  })
})

describe('a firing that has lost its data since', () => {
  const notified = () => life.sentToSlack().map((one) => one.replace(/^chat: /, ''))

  test('in one channel: both are sent, though the first could not be at first', async () => {
    life.called('api-warning-lost')
    life.slackAnswers(503)
    await life.come('ALARM 10:00', 'INSUFFICIENT_DATA 10:01')
    life.slackAnswers()
    await life.passUntil('10:20')
    expect(notified()).toEqual(['WARNING', 'NO'])
    await life.come('OK 10:30')
    await life.passUntil('10:40')
    expect(notified()).toEqual(['WARNING', 'NO', 'RESOLVED'])
  })

  test('is sent even if the loss of data was sent first, but an older one is not', async () => {
    life.called('api-warning-late')
    life.at('10:02')
    await life.come('INSUFFICIENT_DATA 10:02')
    await life.router.come(life.change('ALARM', '10:01'))
    await life.router.work()
    expect(notified()).toEqual(['NO', 'WARNING'])
    await life.router.come(life.change('ALARM', '10:00'))
    await life.router.work()
    await life.passUntil('10:30')
    expect(notified()).toEqual(['NO', 'WARNING'])
  })

  test('is sent at once, even if its loss of data must wait for the morning', async () => {
    const { mute: _nights, ...quiet } = SOURCE.channels.quiet
    await life.push({
      ...SOURCE,
      channels: { ...SOURCE.channels, quiet },
      severities: {
        ...SOURCE.severities,
        critical: { channels: ['quiet'] },
        info: { channels: ['quiet'], mute: 'nights' },
      },
      rules: [{ name: 'no data', when: { status: 'insufficient-data' }, severity: 'info' }],
    })
    life.at('22:30')
    life.slackAnswers(503)
    await life.come('ALARM 22:30', 'INSUFFICIENT_DATA 22:31')
    life.slackAnswers()
    await life.passUntil('22:50')
    expect(life.sentToSlack()).toEqual(['quiet: CRITICAL'])
    await life.passUntil('30:10')
    expect(life.sentToSlack()).toEqual(['quiet: CRITICAL', 'quiet: NO'])
    await life.push(SOURCE)
  })
})

describe('an impossible time', () => {
  const event = (status: string, time: string) => ({
    title: `future ${life.alarm}`,
    source: 'us',
    id: `future-${life.alarm}`,
    severity: 'critical',
    status,
    time: life.iso(time),
  })

  test('a day ahead silences nothing: its resolve and the next firing are sent', async () => {
    await life.router.come(event('firing', '34:00'))
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'open' }])
    life.at('10:10')
    await life.router.come(event('resolved', '10:10'))
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'resolved' }])
    life.at('10:20')
    await life.router.come(event('firing', '10:20'))
    await life.router.work()
    expect(life.incidents()).toMatchObject([{ state: 'resolved' }, { state: 'open' }])
  })
})

test('a person resolves an alert that fires by a clock that is a little ahead', async () => {
  await life.router.come(life.change('ALARM', '10:03'))
  await life.router.work()
  expect(life.incidents()).toMatchObject([{ state: 'open' }])
  await orders({ resolve: arnOf(life.alarm), by: 'ana' })
  expect(await life.end()).toEqual({
    incidents: ['resolved'],
    slack: ['chat-critical: CRITICAL', 'chat-critical: RESOLVED'],
  })
})

test.each([
  ['10:20', 'resolved'],
  // The person has not seen that it ended, and fires again.
  ['10:40', 'open'],
])(
  'a resolve by hand that waits in the queue is about what fired when it was sent: fires since %s',
  async (since, state) => {
    life.at('10:20')
    if (since === '10:20') await life.come('ALARM 10:20')
    else for (const change of ['ALARM 10:00', 'OK 10:30', 'ALARM 10:40'] as const) await life.come(change)
    // As a dead letter that is redriven.
    const sentAt = String(Date.parse(life.iso('10:20')))
    await orders({ resolve: arnOf(life.alarm), by: 'ana' }, { sentAt: { DataType: 'String', StringValue: sentAt } })
    await life.router.work()
    expect(life.incidents().at(-1)).toMatchObject({ state })
  },
)

test('an alarm that is deleted while it fires is resolved', async () => {
  await life.come('ALARM 10:00')
  life.at('10:10')
  await life.router.come({
    'detail-type': 'CloudWatch Alarm Configuration Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: life.iso('10:10'),
    resources: [arnOf(life.alarm)],
    detail: { operation: 'delete', alarmName: life.alarm, configuration: {} },
  })
  await life.router.work()
  const own = life.incidents().filter(({ dedupKey }) => dedupKey === arnOf(life.alarm))
  expect(own).toMatchObject([{ state: 'resolved', triggers: 1 }])
})

describe('events', () => {
  test('with one source and id from two accounts are two alerts: the resolve of one closes nothing of the other', async () => {
    const of = (account: string, status: string, time: string) => ({
      version: '0',
      id: `${account} ${time}`,
      'detail-type': 'Ours',
      source: 'shop.orders',
      account,
      region: 'eu-west-1',
      time: life.iso(time),
      resources: [],
      detail: {
        title: life.alarm,
        source: 'orders',
        id: life.alarm,
        severity: 'critical',
        status,
        time: life.iso(time),
      },
    })
    await life.router.come(of('111111111111', 'firing', '10:00'), of('222222222222', 'firing', '10:00'))
    await life.router.work()
    const before = life.incidents().length
    expect(before).toBe(2)
    life.at('10:05')
    await life.router.come(of('222222222222', 'resolved', '10:05'))
    await life.router.work()
    expect(
      life
        .incidents()
        .map(({ state }) => state)
        .sort(),
    ).toEqual(['open', 'resolved'])
  })

  test('a title of 700 characters of three bytes each is sent: its key fits the table', async () => {
    await life.router.come({ title: `${life.alarm} ${'漢'.repeat(700)}`, severity: 'critical' })
    await life.router.work()
    expect(life.sentToSlack()).toEqual(['chat-critical: CRITICAL'])
    expect(await life.router.deadLetters('alarms')).toEqual([])
  })

  /** Of an event of AWS Health. */
  const page = (n: number) => ({
    'detail-type': 'AWS Health Event',
    source: 'aws.health',
    account: '123456789012',
    region: 'eu-west-1',
    time: life.iso('10:00'),
    resources: [],
    detail: {
      eventArn: `arn:aws:health:eu-west-1::event/EC2/X/${life.alarm}`,
      service: 'EC2',
      eventTypeCode: 'AWS_EC2_INSTANCE_STORE_DRIVE_PERFORMANCE_DEGRADED',
      eventTypeCategory: 'issue',
      statusCode: 'open',
      startTime: life.iso('10:00'),
      eventDescription: [{ language: 'en_US', latestDescription: 'A description.' }],
      affectedEntities: [{ entityValue: `i-${life.alarm}-page-${n}` }],
      page: String(n),
      totalPages: '2',
    },
  })
  const sentToPager = () => {
    const taken = life.router.engine.slack.requests.filter(({ status }) => status === 200)
    return [...JSON.stringify(taken.map(({ body }) => body)).matchAll(/page-(\d+)/g)].map(([, n]) => Number(n))
  }

  test('both pages of one AWS Health event are sent', async () => {
    await life.router.come(page(1), page(2))
    await life.router.work()
    await life.passUntil('10:05')
    expect(life.sentToSlack()).toHaveLength(2)
    expect(new Set(sentToPager())).toEqual(new Set([1, 2]))
  })

  test('a page that Slack refuses for good blocks none of the others, and is sent when a person redrives it', async () => {
    life.router.engine.slack.answerBy(({ body }) =>
      JSON.stringify(body).includes('page-1') ? { status: 400, body: 'invalid_blocks' } : undefined,
    )
    await life.router.come(page(1), page(2), page(3))
    await life.router.work()
    await life.passUntil('10:10')
    expect(new Set(sentToPager())).toEqual(new Set([2, 3]))
    expect(await life.router.deadLetters('slack')).toHaveLength(1)
    life.slackAnswers()
    await life.router.redrive('slack')
    await life.router.work()
    await life.passUntil('10:20')
    expect([...new Set(sentToPager())].sort()).toEqual([1, 2, 3])
    expect(await life.router.deadLetters('slack')).toEqual([])
  })
})
