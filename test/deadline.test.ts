import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSRecord } from 'aws-lambda'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { type AwsProxies, startAwsProxies } from '../local/faults/aws-proxies.ts'
import { orderSchema, type Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readAlert } from '../shared/store/alerts.ts'
import { firing } from './alert-samples.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'
import { owe } from './owed.ts'

/** The handlers, when a service of AWS takes a call and never answers. */
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', perMinute: 60_000 },
    'chat-unread': { type: 'slack', secret: 'unread', perMinute: 60_000 },
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
let engine: Engine
let aws: AwsProxies
let route: Handler
let slack: Handler
let sqs: SQSClient

beforeAll(async () => {
  engine = await startLocalEngine(config)
  aws = await startAwsProxies(engine)
  Object.assign(process.env, aws.environment)
  route = await loadHandler('route')
  slack = await loadHandler('deliver-slack')
  sqs = new SQSClient({})
})
afterAll(async () => {
  await Promise.all([aws.sns.close(), aws.table.close()])
  await engine.stop()
})
afterEach(() => {
  for (const one of [aws.sns, aws.table, engine.secrets]) one.answerBy()
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

let count = 0
/** A wake-up for a channel that is owed an alert. */
function owed(channel = 'chat'): Promise<Wake> {
  return owe(
    { ...firing.alert, fingerprint: `hang-${++count}` },
    { ...config, default: { severity: 'warning', channels: [channel] } },
  )
}

const record = (body: string, more: Partial<SQSRecord> = {}) =>
  ({ messageId: `m-${++count}`, receiptHandle: 'unknown', body, eventSource: 'aws:sqs', ...more }) as SQSRecord
const alarm = () => record(JSON.stringify({ title: `hangs ${++count}`, severity: 'warning' }))

/** As Lambda does: the time that is left grows less. */
function timed(ms: number): Context {
  const end = performance.now() + ms
  return { getRemainingTimeInMillis: () => Math.max(0, end - performance.now()) } as Context
}

const hangs = 'hang' as const
const notified = (channel?: string) => async () => record(JSON.stringify(await owed(channel)))

test.each<[string, { hang: () => void; of: () => Handler; one: () => SQSRecord | Promise<SQSRecord> }]>([
  ['DynamoDB, for route', { hang: () => aws.table.answerBy(() => hangs), of: () => route, one: alarm }],
  ['SNS, for route', { hang: () => aws.sns.answerBy(() => hangs), of: () => route, one: alarm }],
  ['SQS, for route', { hang: queueHangs, of: () => route, one: () => record('{"broken":') }],
  ['DynamoDB, for a channel', { hang: () => aws.table.answerBy(() => hangs), of: () => slack, one: notified() }],
  [
    'Secrets Manager',
    { hang: () => engine.secrets.answerBy(() => hangs), of: () => slack, one: notified('chat-unread') },
  ],
])('%s hangs: before its time ends, the function reports what must be retried', async (_, { hang, of, one }) => {
  const hanging = await one()
  hang()
  const context = timed(900)
  const answer = await of()({ Records: [hanging] }, context)
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: hanging.messageId }] })
  expect(context.getRemainingTimeInMillis()).toBeGreaterThan(0)
})

/** A proxy in front of SNS stands for one in front of any service. */
function queueHangs(): void {
  vi.stubEnv('ALARMS_DEAD_LETTERS_URL', `${aws.sns.url}/000000000000/dead-letters`)
  aws.sns.answerBy(() => hangs)
}

test('DynamoDB hangs after a channel has accepted: the delivery is recorded later, and not sent again', async () => {
  const one = await owed()
  const sent = engine.slack.requests.length
  const isSent = () => engine.slack.requests.length > sent
  aws.table.answerBy(() => (isSent() ? hangs : undefined))
  // So that the function's time ends soon.
  const context = { getRemainingTimeInMillis: () => (isSent() ? 1_700 : 30_000) } as Context
  expect(await slack({ Records: [record(JSON.stringify(one))] }, context)).toEqual({ batchItemFailures: [] })

  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL }))
  const order = orderSchema.parse(JSON.parse(Messages[0]?.Body ?? '{}'))
  expect(order).toMatchObject({ notified: { fingerprint: one.fingerprint, recipient: 'chat', status: 'firing' } })

  aws.table.answerBy()
  expect(await route({ Records: [record(Messages[0]?.Body ?? '')] }, timed(30_000))).toEqual({ batchItemFailures: [] })
  const { chat } = (await readAlert(one.fingerprint))?.recipients ?? {}
  expect(chat).toMatchObject({ notified: { notifiedAt: 'notified' in order && order.notified.notifiedAt } })
  expect(chat?.owed).toBeUndefined()
  // When its claim would have expired, its wake-up has nothing to send.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
  expect(await slack({ Records: [record(JSON.stringify(one))] }, timed(30_000))).toEqual({ batchItemFailures: [] })
  expect(engine.slack.requests).toHaveLength(sent + 1)
})

test('neither the table nor the queue answers after a channel has accepted: the message is retried', async () => {
  const one = record(JSON.stringify(await owed()))
  const sent = engine.slack.requests.length
  vi.stubEnv('ALARMS_QUEUE_URL', `${aws.sns.url}/000000000000/alarms`)
  const isSent = () => engine.slack.requests.length > sent
  for (const service of [aws.table, aws.sns]) service.answerBy(() => (isSent() ? hangs : undefined))
  // A second for all of it, though enough to begin to send.
  const left = [1_000, 30_000, 30_000, 30_000, 30_000]
  const context = { getRemainingTimeInMillis: () => left.shift() ?? 1_600 } as Context
  expect(await slack({ Records: [one] }, context)).toEqual({ batchItemFailures: [{ itemIdentifier: one.messageId }] })
})
