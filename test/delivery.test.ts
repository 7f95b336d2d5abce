import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { describe, expect, test, vi } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import type { Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { firing } from './alert-samples.ts'
import { deliverersFor } from './deliverers.ts'
import { owe } from './owed.ts'

/** The delivering handlers on the local engine: how they handle duplicates, refusals, and secrets that change. */
const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', ...fast },
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
    // One for each behaviour that outlives a message: a target that rests.
    'chat-asked-to-wait': { type: 'slack', secret: 'asked', ...fast },
    'chat-slow': { type: 'slack', secret: 'slow', perMinute: 1 },
    'chat-in-words': { type: 'slack', secret: 'in-words', title: 'chat: {{name}}', text: 'of chat', ...fast },
  },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)

const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const slack = () => by.engine.slack.requests

test('an owed change is sent', async () => {
  expect(await by.deliver(await by.owed())).toBe(0)
  expect(slack()).toMatchObject([{ status: 200, path: 'chat' }])
})

test('a duplicate wake-up sends nothing', async () => {
  const one = await by.owed()
  await by.deliver(one)
  expect(await by.deliver(one)).toBe(0)
  expect(slack()).toHaveLength(1)
})

test('of two concurrent wake-ups one sends, and the other is retried later', async () => {
  const one = await by.owed()
  expect(await by.deliver([one, one])).toBe(1)
  expect(slack()).toHaveLength(1)
})

test('an error of the vendor: it is retried, and then sent', async () => {
  const one = await by.owed()
  by.engine.slack.answerNext({ status: 500 })
  expect(await by.deliver(one)).toBe(1)
  expect(await by.known(one)).toMatchObject({ tries: 1, maybe: true })
  later(2_000)
  expect(await by.deliver(one)).toBe(0)
  expect(slack().map((request) => request.status)).toEqual([500, 200])
  const { log, notified } = await by.known(one)
  expect(log.map(({ outcome }) => outcome)).toEqual(['failed', 'delivered'])
  expect(notified?.status).toBe('firing')
})

test('a channel that asks to wait is called by nobody, and the wait is not a failed attempt', async () => {
  by.engine.slack.answerNext({ status: 429, headers: { 'retry-after': '600' } })
  const [first, second] = [await by.owed('chat-asked-to-wait'), await by.owed('chat-asked-to-wait')]
  // Neither is in flight meanwhile: the clock wakes both.
  expect(await by.deliver(first)).toBe(0)
  expect(await by.deliver(second)).toBe(0)
  expect(slack()).toHaveLength(1)
  expect(await by.known(first)).toMatchObject({ tries: 0, waits: 1, log: [{ outcome: 'waits' }] })
  expect(await by.known(second)).toMatchObject({ tries: 0, waits: 1, log: [] })
  const { Attributes } = await by.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: process.env.SLACK_QUEUE_URL, AttributeNames: ['All'] }),
  )
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0')
})

test('a channel is sent no more than its pace allows: other messages wait in the queue, not in the function', async () => {
  const [first, second] = [await by.owed('chat-slow'), await by.owed('chat-slow')]
  expect(await by.deliver(first)).toBe(0)
  expect(await by.deliver(second)).toBe(1)
  expect(slack()).toHaveLength(1)
  expect(await by.known(second)).toMatchObject({ tries: 0, waits: 1 })
})

test('a function with no time left to record a delivery sends nothing', async () => {
  const one = await by.owed()
  expect(await by.deliver(one, { remainingMs: 3_500 })).toBe(1)
  expect(slack()).toEqual([])
  expect(await by.known(one)).toMatchObject({ tries: 0, waits: 1 })
})

test('a message that can never succeed is a dead letter at once, with the reason, and is not retried', async () => {
  by.engine.slack.answerNext({ status: 400, body: 'invalid_blocks' })
  const one = await by.owed()
  expect(await by.deliver(one)).toBe(0)
  expect(await by.deliver(one)).toBe(0)
  expect(slack()).toHaveLength(1)
  expect(await by.deadLetters('slack')).toEqual([expect.stringMatching(/^chat: .*400.*invalid_blocks/)])
})

test('a channel that the rules do not name waits for a roll-out of rules that do; then it is a dead letter that says so', async () => {
  // Owed by a `route` that has newer rules than the deliverer.
  const channels = { ...config.channels, gone: { type: 'slack' as const, secret: 'gone' } }
  const newer = { ...config, channels, default: { severity: 'warning' as const, channels: ['gone'] } }
  const one = await owe({ ...firing.alert, fingerprint: 'of-a-channel-that-is-gone' }, newer)
  expect(await by.deliver(one)).toBe(1)
  expect((await by.known(one)).log).toMatchObject([{ reason: 'the rules name no slack channel "gone" yet' }])
  expect(await by.deadLetters('slack')).toEqual([])
  later(3_600_000)
  expect(await by.deliver(one)).toBe(0)
  expect(await by.deadLetters('slack')).toEqual([expect.stringContaining('the rules name no slack channel "gone"')])
})

test('a message that is not a wake-up is a dead letter that says so', async () => {
  expect(await by.deliver({ type: 'slack', fingerprint: 'x' } as Wake)).toBe(0)
  expect(await by.deadLetters('slack')).toEqual([expect.stringContaining('not a wake-up')])
})

test('a webhook that was revoked and replaced: the new secret is fetched, and the message is sent', async () => {
  await by.deliver(await by.owed())
  const { secrets, slack: standIn } = by.engine
  secrets.set('alert-router-local/chat', `${standIn.url}/services/new/router/replaced`)
  standIn.answerBy((request) => (request.path === 'chat' ? { status: 404, body: 'no_service' } : undefined))
  expect(await by.deliver(await by.owed())).toBe(0)
  standIn.answerBy()
  expect(slack().map(({ path, status }) => [path, status])).toEqual([
    ['chat', 200],
    ['chat', 404],
    ['replaced', 200],
  ])
})

test('a webhook that was revoked and not replaced: a dead letter for a person, without the secret in it', async () => {
  by.engine.slack.answerNext({ status: 404, body: 'no_service' })
  expect(await by.deliver(await by.owed())).toBe(0)
  const [reason] = await by.deadLetters('slack')
  expect(reason).toContain('no_service')
  expect(reason).not.toContain('/services/')
})

describe('a wake-up that had to wait while its alert went on', () => {
  const at = (minute: number) => `2026-09-14T12:${String(minute).padStart(2, '0')}:00.000Z`

  test.each<[AlertStatus, AlertStatus, string[]]>([
    // It started and ended: one message says both.
    ['firing', 'resolved', ['RESOLVED']],
    ['insufficient-data', 'resolved', ['RESOLVED']],
    // It returns at once for what is owed next.
    ['firing', 'insufficient-data', ['WARNING', 'NO']],
    ['firing', 'firing', ['WARNING']],
  ])('for %s, when it is now %s, sends the present state: %j', async (said, isNow, words) => {
    const one = await by.owed('chat', { status: said, changedAt: at(0) })
    const { fingerprint } = one
    const [now] =
      isNow === 'resolved'
        ? await by.over({ ...one })
        : [await by.owed('chat', { fingerprint, status: isNow, changedAt: at(5) })]
    expect(await by.deliver(one)).toBe(words.length - 1)
    expect(await by.deliver(now as Wake)).toBe(0)
    expect(slack().map(({ body }) => (body as { text: string }).text.split(/[: ]/)[0])).toEqual(words)
  })

  test('a trigger never follows its resolve: an episode that ended before it was sent opens nothing', async () => {
    const trigger = await by.owed('pager')
    const over = await by.over(trigger)
    expect(await by.deliver([...over, trigger])).toBe(0)
    expect(await by.deliver(trigger)).toBe(0)
    const { fingerprint } = trigger
    expect(by.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey === fingerprint)).toEqual([])
  })
})

test('PagerDuty gets one incident, however often the trigger is sent', async () => {
  const one = await by.owed('pager')
  await by.deliver(one)
  await by.deliver(one)
  const [incident] = by.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey === one.fingerprint)
  expect(incident).toMatchObject({ state: 'open', triggers: 1 })
})

test('a channel with its own templates uses them if the rule has none', async () => {
  await by.deliver(await by.owed('chat-in-words'))
  await by.deliver(await by.owed('chat-in-words', {}, { title: 'rule: {{name}}' }))
  const notified = slack().map(({ body }) => body)
  expect(notified).toMatchObject([{ text: 'chat: orders-db-cpu-high' }, { text: 'rule: orders-db-cpu-high' }])
  expect(JSON.stringify(notified)).toContain('of chat')
})
