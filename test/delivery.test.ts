import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Decision } from '../shared/decide/decide.ts'
import { notificationId } from '../shared/notify.ts'
import { recordChange } from '../shared/state.ts'
import { firing } from './alert-samples.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The delivering handlers on the local engine: what they make of duplicates, refusals, and secrets that change. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' }, pager: { type: 'pagerduty', secret: 'pager' } },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
let engine: Engine
let sqs: SQSClient
const handlers: Record<string, Handler> = {}

beforeAll(async () => {
  engine = await startLocalEngine(config)
  for (const type of ['slack', 'pagerduty']) handlers[type] = await loadHandler(`deliver-${type}`)
  sqs = new SQSClient({})
})
afterAll(() => engine.stop())
beforeEach(() => {
  engine.slack.requests.length = 0
})

let count = 0
/** A notification that has not been sent before. */
function notification(channel: 'chat' | 'pager' | 'gone' = 'chat'): Notification {
  const alert = { ...firing.alert, fingerprint: `alarm-${++count}` }
  const type = channel === 'pager' ? 'pagerduty' : 'slack'
  return { ...firing, channel, type, alert, id: notificationId(alert, channel) }
}

/** Sends copies through the queue to the handler; says how many of them are to come again. */
async function deliver(one: Notification, copies = 1): Promise<number> {
  const queueUrl = process.env[`${one.type.toUpperCase()}_QUEUE_URL`]
  const records: SQSEvent['Records'] = []
  for (let copy = 0; copy < copies; copy++) {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(one) }))
    const { Messages: [message] = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageSystemAttributeNames: ['All'] }),
    )
    records.push({
      messageId: message?.MessageId,
      receiptHandle: message?.ReceiptHandle,
      body: message?.Body,
      attributes: message?.Attributes,
    } as unknown as SQSEvent['Records'][number])
  }
  const context = { getRemainingTimeInMillis: () => 30_000, awsRequestId: 'test' } as Context
  const answer = await handlers[one.type]?.({ Records: records }, context)
  return answer?.batchItemFailures.length ?? -1
}

async function deadLetters(type: string): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: process.env[`${type}_DEAD_LETTERS_URL`],
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      VisibilityTimeout: 3_600,
    }),
  )
  return Messages.map((message) => message.MessageAttributes?.reason?.StringValue ?? '')
}

test('a notification is sent', async () => {
  expect(await deliver(notification())).toBe(0)
  expect(engine.slack.requests).toMatchObject([{ status: 200, path: 'chat' }])
})

test('a copy that comes later is not sent again', async () => {
  const one = notification()
  await deliver(one)
  expect(await deliver(one)).toBe(0)
  expect(engine.slack.requests).toHaveLength(1)
})

test('of two copies at the same time one is sent, and the other comes again later', async () => {
  expect(await deliver(notification(), 2)).toBe(1)
  expect(engine.slack.requests).toHaveLength(1)
})

test.each([
  [500, 'an error of the vendor'],
  [429, 'a request to wait'],
])('%i, %s: it comes again, and then is sent', async (status) => {
  const one = notification()
  engine.slack.answerNext({ status })
  expect(await deliver(one)).toBe(1)
  expect(await deliver(one)).toBe(0)
  expect(engine.slack.requests.map((request) => request.status)).toEqual([status, 200])
})

test('a message that is asked to wait is out of sight meanwhile', async () => {
  engine.slack.answerNext({ status: 429, headers: { 'retry-after': '600' } })
  await deliver(notification())
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: process.env.SLACK_QUEUE_URL, AttributeNames: ['All'] }),
  )
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0')
})

test('what can never succeed is a dead letter at once, with the reason, and is not tried again', async () => {
  engine.slack.answerNext({ status: 400, body: 'invalid_blocks' })
  expect(await deliver(notification())).toBe(0)
  expect(engine.slack.requests).toHaveLength(1)
  expect(await deadLetters('SLACK')).toEqual([expect.stringMatching(/^chat: .*400.*invalid_blocks/)])
})

test('a channel that is no longer in the config is a dead letter that says so', async () => {
  expect(await deliver(notification('gone'))).toBe(0)
  expect(await deadLetters('SLACK')).toEqual([expect.stringContaining('no slack channel "gone" any more')])
})

test('a webhook that was revoked and replaced: the new secret is fetched, and the message is sent', async () => {
  await deliver(notification())
  const secret = 'alert-router-local/chat'
  engine.secrets.set(secret, `${engine.slack.url}/services/new/router/replaced`)
  engine.slack.answerBy((request) => (request.path === 'chat' ? { status: 404, body: 'no_service' } : undefined))
  expect(await deliver(notification())).toBe(0)
  engine.slack.answerBy()
  expect(engine.slack.requests.map(({ path, status }) => [path, status])).toEqual([
    ['chat', 200],
    ['chat', 404],
    ['replaced', 200],
  ])
})

test('a webhook that was revoked and not replaced: a dead letter for a person, without the secret in it', async () => {
  engine.slack.answerNext({ status: 404, body: 'no_service' })
  expect(await deliver(notification())).toBe(0)
  const [reason] = await deadLetters('SLACK')
  expect(reason).toContain('no_service')
  expect(reason).not.toContain('/services/')
})

describe('a notification that had to wait while its alert went on', () => {
  /** What the router has recorded meanwhile. */
  async function recorded(alert: Alert): Promise<void> {
    const decision: Decision = { severity: 'critical', rule: 'x', channels: [], because: [] }
    await recordChange({ alert, decision, outcome: 'sent', firing: undefined, messageId: 'm', position: 0 })
  }
  const later = '2026-09-14T12:00:00.000Z'

  test.each<[AlertStatus, AlertStatus, number]>([
    ['firing', 'resolved', 0],
    ['resolved', 'firing', 0],
    ['insufficient-data', 'resolved', 0],
    ['firing', 'insufficient-data', 1],
    ['firing', 'firing', 1],
  ])('one that says %s, when it is %s by now, is sent %i times', async (said, isNow, times) => {
    const one = notification()
    one.alert.status = said
    await recorded({ ...one.alert, status: isNow, changedAt: later })
    expect(await deliver(one)).toBe(0)
    expect(engine.slack.requests).toHaveLength(times)
  })

  test('a late copy of what was delivered stays delivered', async () => {
    const one = notification()
    await deliver(one)
    await recorded({ ...one.alert, status: 'resolved', changedAt: later })
    expect(await deliver(one)).toBe(0)
    expect(engine.slack.requests).toHaveLength(1)
  })

  test('a trigger does not follow its resolve, though the router has not recorded the resolve yet', async () => {
    const trigger = notification('pager')
    const resolve = { ...trigger, alert: { ...trigger.alert, status: 'resolved' as const, changedAt: later } }
    await deliver({ ...resolve, id: notificationId(resolve.alert, 'pager') })
    expect(await deliver(trigger)).toBe(0)
    expect(engine.pagerduty.incidents().filter(({ state }) => state === 'open')).toEqual([])
  })

  test('what is still true is sent', async () => {
    const one = notification()
    await recorded(one.alert)
    await deliver(one)
    expect(engine.slack.requests).toHaveLength(1)
  })
})

test('PagerDuty gets one incident, however often the trigger comes', async () => {
  const one = notification('pager')
  await deliver(one)
  await deliver(one)
  const [incident] = engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey === one.alert.fingerprint)
  expect(incident).toMatchObject({ state: 'open', triggers: 1 })
})
