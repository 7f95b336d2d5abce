import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import {
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Decision } from '../shared/decide/decision.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { type Claimed, claim, markFailed, recordChange } from '../shared/state.ts'
import { firing } from './alert-samples.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The delivering handlers on the local engine: what they make of duplicates, refusals, and secrets that change. */
const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat', ...fast },
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
    // One for each behaviour that outlives a message: a target that rests, a circuit that is open.
    'chat-asked-to-wait': { type: 'slack', secret: 'asked', ...fast },
    'chat-slow': { type: 'slack', secret: 'slow', perMinute: 1 },
    'chat-by-account': { type: 'slack', secret: 'by-account', groupBy: ['account'], ...fast },
    'chat-at-its-own-pace': { type: 'slack', secret: 'own-pace' },
    'pager-by-namespace': { type: 'pagerduty', secret: 'by-namespace', groupBy: ['namespace'], ...fast },
    'pager-joining': { type: 'pagerduty', secret: 'joining', groupBy: ['namespace'], ...fast },
    'pager-down': { type: 'pagerduty', secret: 'down', fallback: 'chat', ...fast },
    'pager-down-again': { type: 'pagerduty', secret: 'down-again', fallback: 'chat', patience: '1h', ...fast },
    'chat-in-words': { type: 'slack', secret: 'in-words', title: 'chat: {{name}}', text: 'of chat', ...fast },
    'pager-in-words': {
      type: 'pagerduty',
      secret: 'pager-in-words',
      groupBy: ['region'],
      title: 'pager: {{name}}',
      text: 'of pager',
      fallback: 'chat-in-words',
      ...fast,
    },
    'pager-refuses': { type: 'pagerduty', secret: 'refuses', fallback: 'chat', ...fast },
  },
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
beforeEach(async () => {
  for (const url of [process.env.SLACK_QUEUE_URL, process.env.PAGERDUTY_QUEUE_URL]) {
    await sqs.send(new PurgeQueueCommand({ QueueUrl: url }))
  }
  engine.slack.requests.length = 0
})

let count = 0
/** A notification that has not been sent before. */
function notification(channel = 'chat', change: Partial<Alert> = {}): Notification {
  const alert = { ...firing.alert, fingerprint: `alarm-${++count}`, ...change }
  const type = channel.startsWith('pager') ? 'pagerduty' : 'slack'
  return { ...firing, channel, type, alert, id: notificationId(alert, channel) }
}

/** The same alert's end. */
function resolveOf(trigger: Notification): Notification {
  const alert = { ...trigger.alert, status: 'resolved' as const, changedAt: '2026-09-14T12:00:00.000Z' }
  return { ...trigger, alert, id: notificationId(alert, trigger.channel) }
}

/** Sends one through its queue to the handler, as often as said; gives how many are to come again. */
function deliver(one: Notification, copies = 1): Promise<number> {
  return deliverBatch(Array.from({ length: copies }, () => one))
}

/** Sends notifications of one type in one batch. */
async function deliverBatch(batch: Notification[], { remainingMs = 30_000 } = {}): Promise<number> {
  const type = batch[0]?.type ?? ''
  const queueUrl = process.env[`${type.toUpperCase()}_QUEUE_URL`]
  const records = await Promise.all(
    batch.map(async (one) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(one) }))
      return receive(queueUrl)
    }),
  )
  const context = { getRemainingTimeInMillis: () => remainingMs, awsRequestId: 'test' } as Context
  const answer = await handlers[type]?.({ Records: records.filter((record) => record !== undefined) }, context)
  return answer?.batchItemFailures.length ?? -1
}

async function receive(queueUrl: string | undefined): Promise<SQSEvent['Records'][number] | undefined> {
  const { Messages: [message] = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageSystemAttributeNames: ['All'] }),
  )
  return (
    message &&
    ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
    } as unknown as SQSEvent['Records'][number])
  )
}

/** Delivers what waits in a queue, as the router put it there, up to so many messages in one batch. */
async function deliverWaiting(type: 'slack' | 'pagerduty', most = 100): Promise<void> {
  const records = []
  while (records.length < most) {
    const record = await receive(process.env[`${type.toUpperCase()}_QUEUE_URL`])
    if (!record) break
    records.push(record)
  }
  const context = { getRemainingTimeInMillis: () => 30_000, awsRequestId: 'test' } as Context
  if (records.length > 0) await handlers[type]?.({ Records: records }, context)
}

/** What the table says of a notification. */
async function known({ alert, id }: Notification) {
  const table = new DynamoDBClient({})
  const sk = `delivery#${alert.changedAt}#${id}`
  const { Item = {} } = await table.send(
    new GetItemCommand({ TableName: process.env.TABLE_NAME, Key: { pk: { S: alert.fingerprint }, sk: { S: sk } } }),
  )
  table.destroy()
  return {
    status: Item.status?.S,
    tries: Item.tries?.L?.map(({ M }) => M?.outcome?.S) ?? [],
    attempts: Number(Item.attempts?.N ?? 0),
    waits: Number(Item.waits?.N ?? 0),
    digestOf: Number(Item.digestOf?.N ?? 0),
    said: Item.said?.S,
    error: Item.error?.S,
    fallbackTo: Item.fallbackTo?.S,
  }
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

test('an error of the vendor: it comes again, and then is sent', async () => {
  const one = notification()
  engine.slack.answerNext({ status: 500 })
  expect(await deliver(one)).toBe(1)
  expect(await deliver(one)).toBe(0)
  expect(engine.slack.requests.map((request) => request.status)).toEqual([500, 200])
  expect(await known(one)).toMatchObject({ status: 'delivered', tries: ['failed', 'delivered'], attempts: 2 })
})

test('a channel that asks to wait is left alone by all, and the wait is no failed try', async () => {
  engine.slack.answerNext({ status: 429, headers: { 'retry-after': '600' } })
  const [first, second] = [notification('chat-asked-to-wait'), notification('chat-asked-to-wait')]
  expect(await deliver(first)).toBe(1)
  expect(await deliver(second)).toBe(1)
  expect(engine.slack.requests).toHaveLength(1)
  expect(await known(first)).toMatchObject({ status: 'waiting', tries: ['waits'], attempts: 0, waits: 1 })
  expect(await known(second)).toMatchObject({ status: 'waiting', tries: [], attempts: 0, waits: 1 })
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: process.env.SLACK_QUEUE_URL, AttributeNames: ['All'] }),
  )
  expect(Attributes?.ApproximateNumberOfMessages).toBe('0')
})

test('a channel is sent no more than its pace allows: the rest waits in the queue, not in the function', async () => {
  const [first, second] = [notification('chat-slow'), notification('chat-slow')]
  expect(await deliver(first)).toBe(0)
  expect(await deliver(second)).toBe(1)
  expect(engine.slack.requests).toHaveLength(1)
  expect(await known(second)).toMatchObject({ status: 'waiting', attempts: 0 })
})

test('a function with no time left to mark what it would send sends nothing', async () => {
  const one = notification()
  expect(await deliverBatch([one], { remainingMs: 3_500 })).toBe(1)
  expect(engine.slack.requests).toEqual([])
  expect(await known(one)).toMatchObject({ status: 'waiting', attempts: 0 })
})

test('what can never succeed is a dead letter at once, with the reason, and is not tried again', async () => {
  engine.slack.answerNext({ status: 400, body: 'invalid_blocks' })
  expect(await deliver(notification())).toBe(0)
  expect(engine.slack.requests).toHaveLength(1)
  expect(await deadLetters('SLACK')).toEqual([expect.stringMatching(/^chat: .*400.*invalid_blocks/)])
})

test('a channel that the rules do not name waits for a roll-out of rules that do; then it is a dead letter that says so', async () => {
  const one = notification('gone')
  expect(await deliver(one)).toBe(1)
  expect(await known(one)).toMatchObject({ status: 'failed', error: 'the rules name no slack channel "gone" yet' })
  expect(await deadLetters('SLACK')).toEqual([])

  const other = notification('gone')
  const hourAgo = new Date(Date.now() - 3_600_000)
  await markFailed((await claim(other, 1_000, hourAgo)) as Claimed, 'the rules name no channel', {}, hourAgo)
  expect(await deliver(other)).toBe(0)
  expect(await deadLetters('SLACK')).toEqual([expect.stringContaining('the rules name no slack channel "gone"')])
})

test('what is no notification is a dead letter that says so', async () => {
  expect(await deliver({ type: 'slack', id: 'x' } as Notification)).toBe(0)
  expect(await deadLetters('SLACK')).toEqual([expect.stringContaining('is no notification')])
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
    await recordChange({
      alert,
      decision,
      configVersion: 'v',
      outcome: 'sent',
      firing: undefined,
      messageId: 'm',
      position: 0,
    })
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
    await deliver(resolveOf(trigger))
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

describe('a storm', () => {
  const storm = (channel: string, size: number, change: (n: number) => Partial<Alert> = () => ({})) =>
    Array.from({ length: size }, (_, n) => notification(channel, { title: `storm-${n}`, ...change(n) }))
  const text = (request: unknown) => JSON.stringify(request)

  test('few alerts are told one by one', async () => {
    expect(await deliverBatch(storm('chat', 3))).toBe(0)
    expect(engine.slack.requests).toHaveLength(3)
  })

  test('many become a digest that names each, and each alert knows it', async () => {
    const alerts = storm('chat', 30).map((one) => ({ ...one, severity: 'warning' as const }))
    expect(await deliverBatch(alerts)).toBe(0)
    expect(engine.slack.requests.length).toBeLessThan(4)
    for (const { alert } of alerts) {
      expect(engine.slack.requests.some(({ body }) => text(body).includes(alert.title))).toBe(true)
    }
    const digested = await Promise.all(alerts.map(known))
    expect(digested.every(({ status, digestOf }) => status === 'delivered' && digestOf > 1)).toBe(true)
    const sent = engine.slack.requests.map(({ body }) => (body as { text: string }).text)
    expect(digested.every(({ said = '' }) => sent.includes(said))).toBe(true)
    engine.slack.requests.length = 0
    expect(await deliverBatch(alerts)).toBe(0)
    expect(engine.slack.requests).toEqual([])
  })

  test('what groupBy tells apart is in digests of its own', async () => {
    const accounts = ['111111111111', '222222222222']
    const alerts = storm('chat-by-account', 10, (n) => ({ account: accounts[n % 2] as string })).map((one) => ({
      ...one,
      severity: 'info' as const,
    }))
    await deliverBatch(alerts)
    expect(engine.slack.requests).toHaveLength(2)
  })

  test('the first critical ones have messages of their own, until the pace has no room for them', async () => {
    const critical = storm('chat-at-its-own-pace', 20).map((one) => ({ ...one, severity: 'critical' as const }))
    await deliverBatch(critical)
    const alone = (await Promise.all(critical.map(known))).filter(({ digestOf }) => digestOf === 0)
    expect(alone).toHaveLength(4)
    expect(engine.slack.requests).toHaveLength(5)
  })

  test('a digest that Slack refuses is taken apart, so that one broken alert does not take the rest along', async () => {
    const alerts = storm('chat', 5).map((one) => ({ ...one, severity: 'warning' as const }))
    engine.slack.answerNext({ status: 400, body: 'invalid_blocks' })
    expect(await deliverBatch(alerts)).toBe(5)
    expect(await deliverBatch(alerts)).toBe(0)
    expect(engine.slack.requests.map(({ status }) => status)).toEqual([400, 200, 200, 200, 200, 200])
  })
})

describe('PagerDuty alerts with groupBy', () => {
  const open = () => engine.pagerduty.incidents().filter(({ state }) => state !== 'resolved')
  const incident = (namespace: string) => open().filter(({ dedupKey }) => dedupKey.includes(namespace))
  const of = (namespace: string) => notification('pager-by-namespace', { namespace })

  test('share one incident, which is open as long as one of them fires', async () => {
    const [a, b] = [of('Shop/Orders'), of('Shop/Orders')]
    await deliverBatch([a, b, of('Shop/Stock')])
    expect(incident('Shop/Orders')).toMatchObject([{ triggers: 1 }])
    expect(incident('Shop/Stock')).toHaveLength(1)
    await deliver(resolveOf(a))
    expect(incident('Shop/Orders')).toHaveLength(1)
    await deliver(resolveOf(b))
    expect(incident('Shop/Orders')).toEqual([])
    expect(await known(resolveOf(a))).toMatchObject({ status: 'delivered' })
  })

  test('a new alert after the end opens a new one', async () => {
    const [a, b] = [of('Shop/Carts'), of('Shop/Carts')]
    await deliver(a)
    await deliver(resolveOf(a))
    await deliver(b)
    expect(incident('Shop/Carts')).toHaveLength(1)
  })

  test('one that PagerDuty never took keeps nothing open either', async () => {
    const [first, second] = [of('Shop/Refused'), of('Shop/Other')]
    engine.pagerduty.answerNext({ status: 500 })
    expect(await deliver(first)).toBe(1)
    await deliver(resolveOf(first))
    await deliver(first)
    expect(incident('Shop/Refused')).toEqual([])
    await deliver(second)
    expect(incident('Shop/Other')).toHaveLength(1)
  })

  test('a resolve that comes again closes nothing that has opened since', async () => {
    const [a, b] = [of('Shop/Users'), of('Shop/Users')]
    await deliver(a)
    await deliver(resolveOf(a))
    await deliver(b)
    await deliver(resolveOf(a))
    expect(incident('Shop/Users')).toHaveLength(1)
  })
})

describe('a channel with words of its own', () => {
  const told = () => engine.slack.requests.map(({ body }) => body)

  test('uses them, where the rule brings none', async () => {
    await deliver(notification('chat-in-words'))
    await deliver({ ...notification('chat-in-words'), title: 'rule: {{name}}' })
    expect(told()).toMatchObject([{ text: 'chat: orders-db-cpu-high' }, { text: 'rule: orders-db-cpu-high' }])
    expect(JSON.stringify(told())).toContain('of chat')
  })

  test('uses them for an incident that alerts share, and what was said is known of each', async () => {
    const one = notification('pager-in-words')
    await deliver(one)
    expect(engine.pagerduty.incidents().map(({ summary }) => summary)).toContain('pager: orders-db-cpu-high')
    expect((await known(one)).said).toBe('trigger, critical: pager: orders-db-cpu-high')
  })

  test('keeps them to itself: its fallback has its own', async () => {
    engine.pagerduty.answerNext({ status: 400, body: { status: 'invalid event', message: 'no' } })
    await deliver(notification('pager-in-words', { region: 'us-west-2' }))
    await deliverWaiting('slack')
    expect(told()).toMatchObject([{ text: '(not taken by pager-in-words) chat: orders-db-cpu-high' }])
    expect(JSON.stringify(told())).not.toContain('of pager')
  })
})

describe('a channel with a fallback', () => {
  const told = () => engine.slack.requests.map(({ body }) => JSON.stringify(body))

  test('that has failed several times in a row is not called for a while; its alerts go to the fallback, once, and say why', async () => {
    const alerts = Array.from({ length: 6 }, () => notification('pager-down'))
    engine.pagerduty.answerBy(() => ({ status: 503 }))
    for (const one of alerts) await deliver(one)
    const last = alerts.at(-1) as Notification
    const calls = engine.pagerduty.requests.length
    await deliver(last)
    expect(engine.pagerduty.requests).toHaveLength(calls)
    engine.pagerduty.answerBy()
    expect(await known(last)).toMatchObject({ status: 'waiting', fallbackTo: 'chat' })
    await deliverWaiting('slack')
    expect(told()).toEqual([expect.stringContaining('pager-down')])
  })

  test('that refuses an alert for good: the fallback is told, and the alert is a dead letter', async () => {
    engine.pagerduty.answerNext({ status: 400, body: { status: 'invalid event', message: 'no' } })
    const one = notification('pager-refuses')
    expect(await deliver(one)).toBe(0)
    expect(await known(one)).toMatchObject({ status: 'dead-lettered', fallbackTo: 'chat' })
    await deliverWaiting('slack')
    expect(told()).toEqual([expect.stringContaining('pager-refuses')])
  })

  test('within its patience nobody else is told', async () => {
    engine.pagerduty.answerNext({ status: 500 })
    const one = notification('pager-down-again')
    await deliver(one)
    expect(await known(one)).toMatchObject({ status: 'failed', fallbackTo: undefined })
  })

  test('whoever was told by the fallback that it fires is told that it is over', async () => {
    engine.pagerduty.answerNext({ status: 400, body: { status: 'invalid event', message: 'no' } })
    const one = notification('pager-refuses')
    await deliver(one)
    await deliverWaiting('slack')
    await deliver(resolveOf(one))
    await deliverWaiting('slack')
    expect(told()).toHaveLength(2)
    expect(told()[1]).toContain('Resolved')
  })
})

describe('an alert that joins a shared incident of which people have just been told', () => {
  // At the end of this file: time does not go back for what has been recorded.
  const KEY = '0123456789abcdef0123456789abcdef'
  beforeAll(() => {
    engine.secrets.set('alert-router-local/joining', KEY)
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterAll(() => void vi.useRealTimers())
  const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
  const calls = () => engine.pagerduty.requests.length
  const of = (namespace: string) => notification('pager-joining', { namespace })
  const open = (namespace: string) =>
    engine.pagerduty.incidents().filter(({ state, dedupKey }) => state !== 'resolved' && dedupKey.includes(namespace))

  test('waits, and the call that comes next speaks for all who have', async () => {
    const [first, second, third] = [of('Shop/Storm'), of('Shop/Storm'), of('Shop/Storm')]
    await deliver(first)
    const before = calls()
    expect(await deliverBatch([second, third])).toBe(2)
    expect(calls()).toBe(before)
    expect(await known(second)).toMatchObject({ status: 'waiting', attempts: 0 })
    later(20_000)
    await deliverWaiting('pagerduty', 1)
    await deliverWaiting('pagerduty', 1)
    expect(calls()).toBe(before + 1)
    expect(open('Shop/Storm')).toMatchObject([{ triggers: 2 }])
    expect(JSON.stringify(engine.pagerduty.requests.at(-1)?.body)).toContain('3 alerts: ')
    for (const one of [second, third]) expect(await known(one)).toMatchObject({ status: 'delivered' })
  })

  test('opens it again, when it was over by then', async () => {
    const [first, second] = [of('Shop/Over'), of('Shop/Over')]
    await deliver(first)
    expect(await deliver(second)).toBe(1)
    // As a person does, of whom our side does not hear.
    const [shared] = open('Shop/Over')
    await fetch(`https://${engine.pagerduty.host}/v2/enqueue`, {
      method: 'POST',
      body: JSON.stringify({
        routing_key: KEY,
        event_action: 'resolve',
        dedup_key: shared?.dedupKey,
      }),
    })
    expect(open('Shop/Over')).toEqual([])
    later(20_000)
    await deliverWaiting('pagerduty')
    expect(open('Shop/Over')).toHaveLength(1)
  })

  test('and is over before that, keeps nothing open', async () => {
    const [first, second] = [of('Shop/Brief'), of('Shop/Brief')]
    await deliver(first)
    expect(await deliver(second)).toBe(1)
    await deliver(resolveOf(second))
    later(20_000)
    await deliverWaiting('pagerduty')
    expect(await known(second)).toMatchObject({ status: 'superseded' })
    await deliver(resolveOf(first))
    expect(open('Shop/Brief')).toEqual([])
  })
})
