import { readFileSync } from 'node:fs'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { CHANNEL_QUEUES } from '../local/topology.ts'
import type { Notification } from '../schemas/notification.ts'
import { readConfig } from '../shared/config/read.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The routing handler on the local engine: what it puts into the channels' queues. */
let engine: Engine
let handler: Handler
let sqs: SQSClient

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  handler = await loadHandler('route')
  sqs = new SQSClient({})
})
afterAll(() => engine.stop())

let alarm: string
let at: (minute: number) => string
beforeEach(({ task }) => {
  alarm = `DataLoss ${task.name}`
  at = (minute) => `2026-11-03T10:${String(minute).padStart(2, '0')}:00.000`
})

/** As SNS carries it into the queue. */
function message(state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA', minute: number): string {
  const sample = JSON.parse(readFileSync('samples/data-loss-1-alarm.json', 'utf8'))
  const AlarmArn = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`
  const Message = { ...sample, AlarmName: alarm, AlarmArn, NewStateValue: state, StateChangeTime: `${at(minute)}+0000` }
  return JSON.stringify({ Type: 'Notification', TopicArn: engine.alarmsTopicArn, Message: JSON.stringify(Message) })
}

/** The same change as EventBridge tells it. */
function eventBridge(value: 'ALARM' | 'OK', minute: number): string {
  return JSON.stringify({
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: `${at(minute).slice(0, 19)}Z`,
    resources: [`arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`],
    detail: { alarmName: alarm, state: { value, reason: 'x', timestamp: `${at(minute)}+0000` }, configuration: {} },
  })
}

const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'request' } as Context

/** Routes messages in one batch; gives the ids of those that failed. */
async function route(...bodies: string[]): Promise<string[]> {
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body, eventSource: 'aws:sqs' }))
  const answer = await handler({ Records } as unknown as SQSEvent, context)
  return answer?.batchItemFailures.map((failure) => failure.itemIdentifier) ?? []
}

/** What lies in the channels' queues, and takes it out. */
async function sent(): Promise<Notification[]> {
  const all = await Promise.all(CHANNEL_QUEUES.map((type) => take(process.env[`${type.toUpperCase()}_QUEUE_URL`])))
  return all.flat().map(({ Body }) => JSON.parse(Body ?? ''))
}

async function take(url: string | undefined) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  )
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
  return Messages
}

const channels = (notifications: Notification[]) => notifications.map(({ channel }) => channel).sort()

describe('an alert’s life', () => {
  test('an alarm becomes one notification for each of its channels', async () => {
    expect(await route(message('ALARM', 0))).toEqual([])
    const notifications = await sent()
    expect(channels(notifications)).toEqual(['email', 'email-security', 'pagerduty', 'slack-critical'])
    expect(new Set(notifications.map(({ id }) => id)).size).toBe(4)
  })

  test('its OK goes to the same channels, and knows since when it fired', async () => {
    await route(message('ALARM', 0))
    const alarmed = await sent()
    await route(message('OK', 12))
    const resolved = await sent()
    expect(channels(resolved)).toEqual(channels(alarmed))
    for (const { firingSince } of resolved) expect(firingSince).toBe(`${at(0)}Z`)
  })

  test('through a time without data it goes on firing', async () => {
    await route(message('ALARM', 0))
    await route(message('INSUFFICIENT_DATA', 5))
    await sent()
    await route(message('OK', 12))
    const resolved = await sent()
    expect(channels(resolved)).toEqual(['email', 'email-security', 'pagerduty', 'slack-critical', 'slack-warning'])
    expect(resolved[0]?.firingSince).toBe(`${at(0)}Z`)
  })

  test('the same change again is not sent again', async () => {
    await route(message('ALARM', 0))
    await sent()
    await route(message('ALARM', 0))
    expect(await sent()).toEqual([])
  })

  test('the same change by another envelope is not sent again', async () => {
    await route(message('ALARM', 0))
    await sent()
    await route(eventBridge('ALARM', 0))
    expect(await sent()).toEqual([])
  })

  test('a late ALARM does not re-open what is resolved', async () => {
    await route(message('OK', 12))
    await sent()
    await route(message('ALARM', 0))
    expect(await sent()).toEqual([])
  })

  test('a new ALARM after an OK is news', async () => {
    await route(message('ALARM', 0))
    await route(message('OK', 12))
    await sent()
    await route(message('ALARM', 20))
    expect(await sent()).toHaveLength(4)
  })
})

describe('what can’t be routed', () => {
  test('no event at all is a dead letter at once, with the reason, and the others of its batch are routed', async () => {
    expect(await route('{"broken":', message('ALARM', 0))).toEqual([])
    expect(await sent()).toHaveLength(4)
    const letters = await take(process.env.ALARMS_DEAD_LETTERS_URL)
    expect(letters.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.reason?.StringValue])).toEqual([
      ['{"broken":', expect.stringContaining('Records[0].body')],
    ])
  })

  test('when SNS takes nothing, the message comes again, and is then sent: nothing was recorded before', async () => {
    const topic = process.env.NOTIFICATIONS_TOPIC_ARN
    process.env.NOTIFICATIONS_TOPIC_ARN = `${topic}-gone`
    expect(await route(message('ALARM', 0))).toEqual(['m0'])
    process.env.NOTIFICATIONS_TOPIC_ARN = topic
    expect(await route(message('ALARM', 0))).toEqual([])
    expect(await sent()).toHaveLength(4)
  })
})

test('CloudWatch may invoke it directly: what it sends comes by the topic, as all else', async () => {
  const event = readFileSync('samples/envelope-lambda-action.json', 'utf8')
  await handler(JSON.parse(event), context)
  expect(await sent()).toEqual([])
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL }))
  expect(Messages).toHaveLength(1)
  expect(await route(Messages[0]?.Body ?? '')).toEqual([])
  expect(channels(await sent())).toEqual(['slack-warning'])
})

test('what it can’t put onto the topic, Lambda tries again', async () => {
  vi.stubEnv('ALARMS_TOPIC_ARN', `${process.env.ALARMS_TOPIC_ARN}-gone`)
  await expect(handler({ alarmArn: 'x' } as unknown as SQSEvent, context)).rejects.toThrow('does not exist')
  vi.unstubAllEnvs()
})
