import { ListSubscriptionsByTopicCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns'
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { INBOX, queueArn, topicArn } from '../local/topology.ts'
import type { Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { type Deliverers, startDeliverers } from './deliverers.ts'
import { written } from './emf.ts'

/*
 * SNS takes what is published to a topic without a confirmed subscriber, and gives it to nobody. Who unsubscribes, or never
 * confirmed, is missed: by the deliverer of email, on the local engine.
 */
const fast = { perMinute: 60_000 }
const mail = (name: string) => ({ type: 'email', addresses: [`${name}@example.com`], fallback: 'chat', ...fast })
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', ...fast },
    // One for each test: the cached answer about a topic outlives a test.
    ...Object.fromEntries(['heard', 'deaf', 'late', 'leaving', 'storm'].map((name) => [name, mail(name)])),
  },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
let by: Deliverers
let sns: SNSClient
beforeAll(async () => {
  by = await startDeliverers(config)
  sns = new SNSClient({})
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterAll(async () => {
  vi.useRealTimers()
  sns.destroy()
  await by.engine.stop()
})
beforeEach(() => by.clean())

const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const topicOf = (channel: string) => topicArn(`email-${channel}`)

async function unsubscribeAll(channel: string): Promise<void> {
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicOf(channel) }))
  for (const { SubscriptionArn } of Subscriptions) await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
}

const subscribe = (channel: string) =>
  sns.send(new SubscribeCommand({ TopicArn: topicOf(channel), Protocol: 'sqs', Endpoint: queueArn(INBOX) }))

/** The subjects of the emails that arrived. */
async function arrived(): Promise<string[]> {
  const { Messages = [] } = await by.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: process.env.INBOX_QUEUE_URL, MaxNumberOfMessages: 10 }),
  )
  return Messages.map(({ Body = '' }) => JSON.parse(Body).Subject)
}

/** Delivers, and returns how often the metric counted that nobody had confirmed. */
async function unconfirmed(wake: Wake): Promise<number> {
  const { metrics } = await written(() => by.deliver(wake))
  return metrics.flatMap(({ metric, value }) => (metric === 'Unconfirmed' ? value : [])).reduce((a, b) => a + b, 0)
}

test('an email to a confirmed subscriber is delivered as before', async () => {
  const one = await by.owed('heard', { title: 'heard of' })
  expect(await unconfirmed(one)).toBe(0)
  expect(await arrived()).toEqual([expect.stringContaining('heard of')])
  expect((await by.known(one)).notified).toBeDefined()
})

test('an email without a confirmed address is not published: it is counted, says what to do, and is retried', async () => {
  await unsubscribeAll('deaf')
  const one = await by.owed('deaf')
  expect(await unconfirmed(one)).toBe(1)
  const { notified, tries, log } = await by.known(one)
  expect({ notified, tries }).toEqual({ notified: undefined, tries: 1 })
  expect(log.at(-1)).toMatchObject({
    outcome: 'failed',
    reason: expect.stringMatching(/no confirmed subscription/),
  })
  expect(log.at(-1)?.reason).toMatch(/channel deaf.*Confirm from the mail that AWS sent/)
  expect(log.at(-1)?.reason).not.toContain('arn:')
})

test('after some attempts the fallback is sent it once, with the reason', async () => {
  await unsubscribeAll('storm')
  const one = await by.owed('storm')
  for (let n = 0; n < 6; n++) {
    await by.deliver(one)
    later(20_000)
  }
  expect((await by.known(one)).fallbackTo).toBe('chat for storm')
  await by.deliverWaiting('slack')
  expect(by.engine.slack.requests.map(({ body }) => JSON.stringify(body))).toEqual([
    expect.stringMatching(/delivery to storm failed/),
  ])
})

test('an address that confirms late is sent it within minutes', async () => {
  await unsubscribeAll('late')
  const one = await by.owed('late', { title: 'late for it' })
  await by.deliver(one)
  await subscribe('late')
  later(61_000)
  await by.deliver(one)
  expect(await arrived()).toEqual([expect.stringContaining('late for it')])
})

test('an unsubscribe is noticed within five minutes; until then the answer is cached', async () => {
  await by.deliver(await by.owed('leaving'))
  await unsubscribeAll('leaving')
  later(4 * 60_000)
  expect(await unconfirmed(await by.owed('leaving'))).toBe(0)
  later(61_000)
  expect(await unconfirmed(await by.owed('leaving'))).toBe(1)
})
