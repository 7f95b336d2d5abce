import { QueryCommand } from '@aws-sdk/client-dynamodb'
import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { CHANNEL_QUEUES } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { key, table } from '../shared/aws/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { heartbeatEvent } from '../shared/heartbeat.ts'
import { parse } from '../shared/parse/parse.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The monthly maintenance is on Sunday 6 December 2026, from 01:00 to 05:00 UTC: 02:00 to 06:00 in Berlin. */
const SOURCE = {
  timezone: 'Europe/Berlin',
  windows: {
    'office-hours': { on: 'weekdays', from: '09:00', to: '17:30' },
    nights: { from: '22:00', to: '06:00' },
    'patch-day': { on: 'first sunday', from: '02:00', for: '4h' },
    freeze: { from: '2026-12-24', for: '4d' },
  },
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights' },
    mail: { type: 'email', addresses: ['a@example.com'] },
  },
  severities: {
    critical: { channels: ['pager', 'chat'] },
    warning: { channels: ['chat', 'quiet'] },
    info: { channels: ['mail'], active: 'office-hours' },
  },
  maintenance: [
    { name: 'monthly maintenance', window: 'patch-day', covers: { name: 'prod-*' } },
    { name: 'freeze', window: 'freeze' },
  ],
  rules: [
    { name: 'no data', when: { status: 'insufficient-data' }, severity: 'warning', channels: ['chat'] },
    { name: 'in the day', when: { name: '*-batch*' }, severity: 'critical', active: 'office-hours' },
    { name: 'warnings', when: { name: ['*-warning*', '*-batch*'] }, severity: 'warning' },
    { name: 'news', when: { name: '*-news*' }, severity: 'info' },
  ],
  default: { severity: 'critical' },
}
const config: Config = checkConfig(structuredClone(SOURCE))

let engine: Engine
let handler: Handler
let sqs: SQSClient
let run = 0
/** Makes the names of a test its own. */
let name: (prefix: string) => string

beforeAll(async () => {
  engine = await startLocalEngine(config)
  handler = await loadHandler('route')
  sqs = new SQSClient({})
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterAll(async () => {
  vi.useRealTimers()
  await engine.stop()
})
beforeEach(async () => {
  const mine = ++run
  name = (prefix) => `${prefix}-${mine}`
  for (const queue of ['alarms', ...CHANNEL_QUEUES]) await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(queue) }))
})

const at = (time: string) => vi.setSystemTime(new Date(`2026-12-${time}Z`))
const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'request' } as Context

/** As EventBridge tells it. */
function change(alarm: string, value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA', time: string) {
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: `2026-12-${time}:00Z`,
    resources: [arnOf(alarm)],
    detail: {
      alarmName: alarm,
      state: { value, reason: 'x', timestamp: `2026-12-${time}:00.000+0000` },
      configuration: {},
    },
  }
}
const arnOf = (alarm: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`

const urlOf = (queue: string) => process.env[`${queue.toUpperCase()}_QUEUE_URL`]

async function receive(queue: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: urlOf(queue),
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  )
  return Messages
}

const remove = (queue: string, ReceiptHandle: string | undefined) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle }))

/** What lies in a queue, and takes it out. */
async function take(queue: string): Promise<string[]> {
  const messages = await receive(queue)
  for (const { ReceiptHandle } of messages) await remove(queue, ReceiptHandle)
  return messages.map(({ Body = '' }) => Body)
}

/** An event comes into the alarms' queue. */
async function come(...events: object[]): Promise<void> {
  for (const event of events) {
    await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('alarms'), MessageBody: JSON.stringify(event) }))
  }
}

/** Does with what is visible in the alarms' queue what Lambda does: routes it, and removes what is done. */
async function work(): Promise<void> {
  for (;;) {
    const messages = await receive('alarms')
    if (messages.length === 0) return
    for (const { MessageId, ReceiptHandle, Body, Attributes, MessageAttributes = {} } of messages) {
      // Each time that it comes counts, and the queue's redrive policy has had enough of what often does.
      expect(Attributes?.ApproximateReceiveCount).toBe('1')
      const messageAttributes = Object.fromEntries(
        Object.entries(MessageAttributes).map(([key, { StringValue }]) => [key, { stringValue: StringValue }]),
      )
      // What this clock says: the emulator has its own.
      const attributes = { SentTimestamp: String(Date.now()) }
      const record = { messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes, messageAttributes }
      const answer = await handler({ Records: [{ ...record, eventSource: 'aws:sqs' }] } as unknown as SQSEvent, context)
      if (answer?.batchItemFailures.length === 0) await remove('alarms', ReceiptHandle)
    }
  }
}

/** Lets time pass, in steps of ten minutes, up to a moment. */
async function passUntil(time: string): Promise<void> {
  const end = Date.parse(`2026-12-${time}Z`)
  for (let now = Date.now(); now < end; now += 600_000) {
    vi.setSystemTime(now)
    await work()
  }
  vi.setSystemTime(end)
  await work()
}

/** Which channels are told, and that it fires or is over. */
async function told(): Promise<string[]> {
  const bodies = await Promise.all(CHANNEL_QUEUES.map(take))
  const notifications = bodies.flat().map((body) => JSON.parse(body) as Notification)
  return notifications.map(({ channel, alert }) => `${channel} ${alert.status}`).sort()
}

/** What the table keeps of an alarm's changes. */
async function history(alarm: string) {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: process.env.TABLE_NAME,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': key(arnOf(alarm), '').pk, ':sk': { S: 'change#' } },
    }),
  )
  return Items.map(({ outcome, channels, held, because }) => ({
    outcome: outcome?.S,
    channels: channels?.L?.map(({ S }) => S),
    held: (held?.L ?? []).map(({ M }) => `${M?.channel?.S} ${M?.until?.S}`),
    because: because?.L?.map(({ S }) => S),
  }))
}

describe('what a maintenance covers', () => {
  test('is told at its end, and not before', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'))
    await work()
    expect(await told()).toEqual([])
    expect(await history(alarm)).toMatchObject([
      {
        outcome: 'held',
        channels: [],
        held: ['pager 2026-12-06T05:00:00.000Z', 'chat 2026-12-06T05:00:00.000Z'],
        because: [
          'no rule matches: the default severity is critical',
          'within monthly maintenance: pager is told at 2026-12-06T05:00Z',
          'within monthly maintenance: chat is told at 2026-12-06T05:00Z',
        ],
      },
    ])

    await passUntil('06T04:59')
    expect(await told()).toEqual([])
    await passUntil('06T05:00')
    expect(await told()).toEqual(['chat firing', 'pager firing'])
    const [sent, ...others] = await history(alarm)
    expect(others).toEqual([])
    expect(sent).toMatchObject({ outcome: 'sent', channels: ['pager', 'chat'], held: [] })
    expect(sent?.because?.at(-1)).toBe('it came before, and was held for pager, chat')

    at('06T20:00')
    await come(change(alarm, 'OK', '06T06:00'))
    await work()
    expect(await told()).toEqual(['chat resolved', 'pager resolved'])
  })

  test('and is resolved meanwhile is told to nobody, neither that it fired nor that it is over', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'), change(alarm, 'OK', '06T02:30'))
    await work()
    await passUntil('06T05:00')
    expect(await told()).toEqual([])
    const changes = await history(alarm)
    expect(changes.map(({ outcome }) => outcome)).toEqual(['held', 'held'])
    expect(changes[1]?.because?.at(-1)).toContain('nobody has been told that it fired')

    await come(change(alarm, 'ALARM', '06T07:00'))
    await work()
    expect(await told()).toEqual(['chat firing', 'pager firing'])
  })

  test('and fired before it is told, within it, that it is over', async () => {
    const alarm = name('prod-db')
    at('06T00:30')
    await come(change(alarm, 'ALARM', '06T00:30'))
    await work()
    expect(await told()).toEqual(['chat firing', 'pager firing'])
    at('06T02:00')
    await come(change(alarm, 'OK', '06T02:00'))
    await work()
    expect(await told()).toEqual(['chat resolved', 'pager resolved'])
  })

  test('is told once, though two messages told of it', async () => {
    const alarm = name('prod-db')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T01:59'), change(alarm, 'ALARM', '06T01:59'))
    await work()
    await passUntil('06T05:00')
    expect(await told()).toEqual(['chat firing', 'pager firing'])
  })

  test('goes to all who wait for it, when a newer change comes first', async () => {
    const alarm = name('prod-warning')
    at('06T02:00')
    await come(change(alarm, 'ALARM', '06T02:00'))
    await work()
    // At night, one of the two is muted still.
    await passUntil('06T04:50')
    await come(change(alarm, 'INSUFFICIENT_DATA', '06T04:50'))
    await work()
    expect(await told()).toEqual([])
    await passUntil('06T05:01')
    expect(await told()).toEqual(['chat insufficient-data', 'quiet insufficient-data'])
  })

  test('may be held for days, and its message is never old', async () => {
    at('24T12:00')
    await come(change(name('any-db'), 'ALARM', '24T12:00'))
    await passUntil('27T22:59')
    expect(await told()).toEqual([])
    await passUntil('27T23:00')
    expect(await told()).toEqual(['chat firing', 'pager firing'])
  })

  test('and tells no time of its own has that at which it first came', async () => {
    at('06T02:00')
    await come({ title: name('prod-thing'), message: 'has happened' })
    await work()
    await passUntil('06T05:00')
    const [body = '{}', ...others] = await take('slack')
    expect(others).toEqual([])
    expect((JSON.parse(body) as Notification).alert.changedAt).toBe('2026-12-06T02:00:00.000Z')
  })

  test('waits in the queue too when CloudWatch invokes the function directly', async () => {
    at('06T02:00')
    const { detail, resources, time, region, account } = change(name('prod-db'), 'ALARM', '06T02:00')
    const action = {
      source: 'aws.cloudwatch',
      alarmArn: resources[0],
      accountId: account,
      time,
      region,
      alarmData: detail,
    }
    await handler(action as unknown as SQSEvent, context)
    await work()
    expect(await told()).toEqual([])
    await passUntil('06T05:00')
    expect(await told()).toEqual(['chat firing', 'pager firing'])
  })

  test('is all that it covers: another alert is told at once', async () => {
    at('06T02:00')
    await come(change(name('dev-db'), 'ALARM', '06T02:00'))
    await work()
    expect(await told()).toEqual(['chat firing', 'pager firing'])
  })
})

describe('outside its times', () => {
  test('a channel is told later, the others now, and each once', async () => {
    const alarm = name('db-warning')
    at('08T23:00')
    await come(change(alarm, 'ALARM', '08T23:00'))
    await work()
    expect(await told()).toEqual(['chat firing'])
    expect(await history(alarm)).toMatchObject([
      { outcome: 'sent', channels: ['chat'], held: ['quiet 2026-12-09T05:00:00.000Z'] },
    ])
    await passUntil('09T05:00')
    expect(await told()).toEqual(['quiet firing'])
    await come(change(alarm, 'OK', '09T06:00'))
    await work()
    expect(await told()).toEqual(['chat resolved', 'quiet resolved'])
  })

  test('a channel that was not told that it fires is not told that it is over', async () => {
    const alarm = name('db-warning')
    at('08T23:00')
    await come(change(alarm, 'ALARM', '08T23:00'), change(alarm, 'OK', '08T23:30'))
    await work()
    await passUntil('09T05:00')
    expect(await told()).toEqual(['chat firing', 'chat resolved'])
  })

  test('a severity is told later', async () => {
    at('05T12:00')
    await come(change(name('db-news'), 'ALARM', '05T12:00'))
    await work()
    expect(await told()).toEqual([])
    at('07T08:00')
    await work()
    expect(await told()).toEqual(['mail firing'])
  })

  test.each([
    ['08T12:00', 'in the day', 'critical'],
    ['08T20:00', 'warnings', 'warning'],
  ])('a rule does not match, and a later one decides: %s', (time, rule, severity) => {
    const [alert] = parse(change('db-batch', 'ALARM', '08T12:00'))
    if (!alert) throw new Error('no alert')
    const decision = decide(alert, config, undefined, new Date(`2026-12-${time}Z`))
    expect(decision).toMatchObject({ rule, severity })
    const skipped = 'rule "in the day" would match, and holds at other times only: it is outside office-hours'
    expect(decision.because.includes(skipped)).toBe(rule === 'warnings')
  })
})

describe('a notice', () => {
  const beat = (time: string) => come(heartbeatEvent(`2026-12-${time}:00.000Z`))

  /** What is told of it, and to whom. */
  async function announced(): Promise<string[]> {
    await work()
    const bodies = await Promise.all(CHANNEL_QUEUES.filter((queue) => queue !== 'sink').map(take))
    return bodies.flat().map((body) => {
      const { channel, severity, alert } = JSON.parse(body) as Notification
      return `${channel} ${severity}: ${alert.title}, ${alert.status} at ${alert.changedAt}`
    })
  }

  test('tells as info when a maintenance begins and is over, once, and is not held by it', async () => {
    // On a Thursday: info is told in office hours.
    at('24T08:00')
    await beat('23T22:55')
    expect(await announced()).toEqual([])
    await beat('23T23:00')
    const began = ['mail info: Maintenance began: freeze, firing at 2026-12-23T23:00:00.000Z']
    expect(await announced()).toEqual(began)
    await beat('23T23:00')
    await beat('23T23:05')
    expect(await announced()).toEqual([])

    at('28T08:00')
    await beat('27T22:58')
    // One is missing: what happened since the last is told all the same.
    await beat('27T23:13')
    expect(await announced()).toEqual(['mail info: Maintenance is over: freeze, resolved at 2026-12-27T23:00:00.000Z'])
  })
})

describe('a config', () => {
  const problems = (change: (config: typeof SOURCE) => unknown): string => {
    const changed = structuredClone(SOURCE)
    change(changed)
    try {
      checkConfig(changed)
      return 'none'
    } catch (error) {
      return String(error)
    }
  }

  test.each<[string, (config: typeof SOURCE) => unknown, string[]]>([
    [
      'names a window that there is not',
      (c) => Object.assign(c.severities.info, { active: 'ofice-hours' }),
      ['severities.info.active: no window is called "ofice-hours". Did you mean "office-hours"?'],
    ],
    [
      'has a key in a window that is misspelt',
      (c) => Object.assign(c.windows.nights, { untl: '06:00' }),
      ['windows.nights.untl: "untl" is not known here.', 'Allowed: on, from, to, for, timezone.'],
    ],
    [
      'has a time in an unnamed window that is none',
      (c) => Object.assign(c.channels.quiet, { mute: { from: '22:00', to: '6:00' } }),
      ['channels.quiet.mute.to: found "6:00": a time of day is HH:MM'],
    ],
    [
      'has a key in an unnamed window that is misspelt',
      (c) => Object.assign(c.rules[1] ?? {}, { mute: { form: '22:00', for: '6h' } }),
      ['rules[1].mute.form: "form" is not known here. Did you mean "for"? Allowed: on, from, to, for, timezone.'],
    ],
    [
      'has a number where a window is needed',
      (c) => Object.assign(c.rules[1] ?? {}, { active: 9 }),
      ['rules[1].active: found 9, where the name of a window, a list of names, or a window is needed'],
    ],
    [
      'covers by a field that alerts have not',
      (c) => Object.assign(c.maintenance[0] ?? {}, { covers: { nmae: 'x' } }),
      ['maintenance[0].covers.nmae: an alert has no field "nmae". Did you mean "name"?'],
    ],
    [
      'has two maintenances of one name',
      (c) => Object.assign(c.maintenance[1] ?? {}, { name: 'monthly maintenance' }),
      ['maintenance[1].name: "monthly maintenance" is the name of another'],
    ],
    ['is good', () => undefined, ['none']],
  ])('%s', (_, change, messages) => {
    for (const message of messages) expect(problems(change)).toContain(message)
  })
})
