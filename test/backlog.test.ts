import { DeleteMessageBatchCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import type { Context, SQSRecord } from 'aws-lambda'
import { expect, test, vi } from 'vitest'
import { depth } from '../local/router.ts'
import type { Wake } from '../schemas/wake.ts'
import { recordOf } from '../shared/aws/queue.ts'
import { checkConfig } from '../shared/config/check.ts'
import { deliverersFor } from './deliverers.ts'
import { loadHandler } from './local-engine.ts'

/** What a deliverer does with the messages that wait in its queue beside its batch. */
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', perMinute: 60_000 },
    page: { type: 'pagerduty', secret: 'page', perMinute: 60_000 },
  },
  severities: { critical: { channels: ['page'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)

const queueOf = (type: 'slack' | 'pagerduty') =>
  process.env[type === 'slack' ? 'SLACK_QUEUE_URL' : 'PAGERDUTY_QUEUE_URL'] ?? ''

async function waiting(channel: string, count: number): Promise<Wake[]> {
  const wakes = []
  for (let n = 0; n < count; n++) {
    const wake = await by.owed(channel, { title: `waiting-${n}` }, { severity: 'warning' })
    const QueueUrl = queueOf(channel === 'chat' ? 'slack' : 'pagerduty')
    await by.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(wake) }))
    wakes.push(wake)
  }
  return wakes
}

/** An invocation with a batch of so many, after which Lambda deletes what has not failed. @returns how many have. */
async function invoked(
  type: 'slack' | 'pagerduty',
  size: number,
  { remainingMs = 30_000, meanwhile = () => {} } = {},
): Promise<number> {
  const QueueUrl = queueOf(type)
  const { Messages = [] } = await by.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: size,
      MessageSystemAttributeNames: ['All'],
      VisibilityTimeout: 180,
    }),
  )
  const Records: SQSRecord[] = Messages.map(recordOf)
  meanwhile()
  const handler = await loadHandler(`deliver-${type}`)
  const answer = await handler({ Records }, { getRemainingTimeInMillis: () => remainingMs } as Context)
  const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  // Else Lambda would take the whole batch as failed.
  expect([...failed].every((id) => Records.some(({ messageId }) => messageId === id))).toBe(true)
  const done = Records.filter(({ messageId }) => !failed.has(messageId))
  const Entries = done.map(({ receiptHandle: ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }))
  if (Entries.length > 0) await by.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  return failed.size
}

const requests = () => by.engine.slack.requests
const left = (type: 'slack' | 'pagerduty') => depth(by.sqs, queueOf(type))
const unsent = async (wakes: Wake[]) =>
  (await Promise.all(wakes.map(by.known))).filter(({ notified }) => notified === undefined).length

test('a batch of many is sent with all that waits in the queue, in one message', async () => {
  const wakes = await waiting('chat', 45)
  expect(await invoked('slack', 10)).toBe(0)
  expect(requests()).toHaveLength(1)
  expect(await unsent(wakes)).toBe(0)
  expect(await left('slack')).toBe(0)
})

test('a batch of few is sent as it is, and so is each of a channel whose messages are about one alert', async () => {
  const wakes = await waiting('chat', 8)
  await invoked('slack', 3)
  expect(requests()).toHaveLength(3)
  expect([await unsent(wakes), await left('slack')]).toEqual([5, 5])
  await waiting('page', 14)
  await invoked('pagerduty', 10)
  expect(await left('pagerduty')).toBe(4)
})

test('what its channel does not accept stays in the queue, whoever received it', async () => {
  const wakes = await waiting('chat', 30)
  by.engine.slack.answerNext({ status: 500, body: 'out of order' })
  expect(await invoked('slack', 10)).toBe(10)
  expect([await unsent(wakes), await left('slack')]).toEqual([30, 30])
})

test('no more is read than an invocation has time for', async () => {
  await waiting('chat', 120)
  await invoked('slack', 10, { remainingMs: 4_000 })
  expect(await left('slack')).toBe(10)
})

test('when the queue cannot be read, the batch is sent, and the rest stays there', async () => {
  const wakes = await waiting('chat', 20)
  const url = queueOf('slack')
  await invoked('slack', 10, { meanwhile: () => vi.stubEnv('SLACK_QUEUE_URL', `${url}-gone`) })
  vi.unstubAllEnvs()
  expect([await unsent(wakes), await left('slack')]).toEqual([10, 10])
})
