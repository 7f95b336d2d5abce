import { readFileSync } from 'node:fs'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { CHANNEL_QUEUES } from '../local/topology.ts'
import { type Wake, wakeSchema } from '../schemas/wake.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { readConfig } from '../shared/config/read.ts'
import type { AlertState, Owed } from '../shared/decide/alert-state.ts'
import { notified } from '../shared/decide/turn.ts'
import { changeAlert, readAlert } from '../shared/store/alerts.ts'
import { readChange } from '../shared/store/changes.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'

/** The routing handler on the local engine: whom it wakes, and what the table says they are owed. */
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
  at = (minute) => `2024-11-05T10:${String(minute).padStart(2, '0')}:00.000`
})
const fingerprint = () => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`

/** As SNS carries it into the queue. */
function message(state: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA', minute: number): string {
  const sample = JSON.parse(readFileSync('samples/data-loss-1-alarm.json', 'utf8'))
  const StateChangeTime = `${at(minute)}+0000`
  const Message = { ...sample, AlarmName: alarm, AlarmArn: fingerprint(), NewStateValue: state, StateChangeTime }
  return JSON.stringify({ Type: 'Notification', TopicArn: engine.alarmsTopicArn, Message: JSON.stringify(Message) })
}

/** The same change from EventBridge. */
function eventBridge(value: 'ALARM' | 'OK', minute: number): string {
  return JSON.stringify({
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: `${at(minute).slice(0, 19)}Z`,
    resources: [fingerprint()],
    detail: { alarmName: alarm, state: { value, reason: 'x', timestamp: `${at(minute)}+0000` }, configuration: {} },
  })
}

const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'request' } as Context

/** Routes messages in one batch; gives the ids of those that failed. */
let batches = 0
async function route(...bodies: string[]): Promise<string[]> {
  const batch = ++batches
  const Records = bodies.map((body, index) => ({ messageId: `m${batch}-${index}`, body, eventSource: 'aws:sqs' }))
  const answer = await handler({ Records } as unknown as SQSEvent, context)
  return answer?.batchItemFailures.map((failure) => failure.itemIdentifier) ?? []
}

/** The wake-ups that lie in the channels' queues, and takes them out. */
async function woken(): Promise<Wake[]> {
  const all = await Promise.all(CHANNEL_QUEUES.map((type) => take(process.env[`${queueVariable(type)}_QUEUE_URL`])))
  return all.flat().map(({ Body }) => wakeSchema.parse(JSON.parse(Body ?? '')))
}

async function take(url: string | undefined) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  )
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
  return Messages
}

const channels = (wakes: Wake[]) => wakes.map(({ channel }) => channel).sort()
const ALL = ['email', 'email-security', 'pagerduty', 'slack-critical']

async function known(): Promise<AlertState> {
  const state = await readAlert(fingerprint())
  if (!state) throw new Error('nothing is known')
  return state
}
/** What each is owed, and for a resolve since when it fired. */
async function owed(): Promise<string[]> {
  const asText = ({ status, since, missed }: Owed) => [status, missed && 'missed', since].filter(Boolean).join(' ')
  const { recipients } = await known()
  return Object.entries(recipients)
    .flatMap(([name, { owed }]) => (owed ? `${name}: ${asText(owed)}` : []))
    .sort()
}
const all = (owed: string) => ALL.map((channel) => `${channel}: ${owed}`).sort()

/** All that are woken know, as their channels say yes. */
async function deliverAll(): Promise<Wake[]> {
  const wakes = await woken()
  for (const { recipient } of wakes) {
    await changeAlert(fingerprint(), (state) => {
      const one = state?.recipients[recipient]?.owed
      if (!state || !one) return { state, result: undefined }
      const note = { change: one.change, changedAt: one.at, status: one.status, notifiedAt: one.at, token: '' }
      return { state: notified(state, { fingerprint: fingerprint(), recipient, ...note }), result: undefined }
    })
  }
  return wakes
}

describe('an alert’s life', () => {
  test('an alarm is owed to each of its channels, which are woken', async () => {
    expect(await route(message('ALARM', 0))).toEqual([])
    const wakes = await woken()
    expect(channels(wakes)).toEqual(ALL)
    expect(await owed()).toEqual(all('firing'))
    // The wake-up names the change that they get.
    const kept = await readChange(fingerprint(), wakes[0]?.change ?? '')
    expect(kept?.alert).toMatchObject({ name: alarm, status: 'firing', fingerprint: fingerprint() })
  })

  test('its OK goes to the same channels, with the start of the firing', async () => {
    await route(message('ALARM', 0))
    const alarmed = await deliverAll()
    await route(message('OK', 12))
    expect(channels(await woken())).toEqual(channels(alarmed))
    expect(await owed()).toEqual(all(`resolved ${at(0)}Z`))
  })

  test('through a time without data it keeps firing', async () => {
    await route(message('ALARM', 0))
    await deliverAll()
    await route(message('INSUFFICIENT_DATA', 5))
    expect(channels(await deliverAll())).toEqual(['slack-warning'])
    await route(message('OK', 12))
    expect(channels(await woken())).toEqual([...ALL, 'slack-warning'])
    expect(new Set((await owed()).map((one) => one.split(': ')[1]))).toEqual(new Set([`resolved ${at(0)}Z`]))
  })

  test.each([
    ['the same change again', () => message('ALARM', 0)],
    ['the same change by another envelope', () => eventBridge('ALARM', 0)],
  ])('%s is a duplicate or stale', async (_, again) => {
    await route(message('ALARM', 0))
    await deliverAll()
    const { version } = await known()
    await route(again())
    expect(await woken()).toEqual([])
    expect((await known()).version).toBe(version)
  })

  test('an OK of an unknown alert is sent to nobody', async () => {
    await route(message('OK', 12))
    expect(await woken()).toEqual([])
  })

  test('an ALARM that arrives after its own OK re-opens nothing: each channel gets one message about the whole', async () => {
    await route(message('OK', 12))
    await route(message('ALARM', 0))
    expect(channels(await woken())).toEqual(ALL)
    expect(await owed()).toEqual(all(`resolved missed ${at(0)}Z`))
    expect((await known()).status).toBe('resolved')
  })

  test('a new ALARM after an OK is new', async () => {
    await route(message('ALARM', 0))
    await deliverAll()
    await route(message('OK', 12))
    await deliverAll()
    await route(message('ALARM', 20))
    expect(await woken()).toHaveLength(4)
  })
})

describe('what can’t be routed', () => {
  test('a message that is not an event is a dead letter at once, with the reason, and the others of its batch are routed', async () => {
    expect(await route('{"broken":', message('ALARM', 0))).toEqual([])
    expect(await woken()).toHaveLength(4)
    const letters = await take(process.env.ALARMS_DEAD_LETTERS_URL)
    expect(letters.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.reason?.StringValue])).toEqual([
      ['{"broken":', expect.stringContaining('Records[0].body')],
    ])
  })

  test('when SQS accepts no dead letter, a message that is not an event is retried', async () => {
    vi.stubEnv('ALARMS_DEAD_LETTERS_URL', `${process.env.ALARMS_DEAD_LETTERS_URL}-gone`)
    expect(await route('{"broken":')).toHaveLength(1)
    vi.unstubAllEnvs()
    expect(await take(process.env.ALARMS_DEAD_LETTERS_URL)).toEqual([])
  })

  test('when SNS accepts nothing, the message is retried, and wakes all', async () => {
    const topic = process.env.NOTIFICATIONS_TOPIC_ARN
    vi.stubEnv('NOTIFICATIONS_TOPIC_ARN', `${topic}-gone`)
    const Records = [{ messageId: 'm', body: message('ALARM', 0), eventSource: 'aws:sqs' }] as SQSEvent['Records']
    expect((await handler({ Records }, context))?.batchItemFailures).toEqual([{ itemIdentifier: 'm' }])
    vi.unstubAllEnvs()
    expect((await handler({ Records }, context))?.batchItemFailures).toEqual([])
    expect(await woken()).toHaveLength(4)
  })
})

test('CloudWatch may invoke it directly: its events arrive through the topic, like all others', async () => {
  const event = readFileSync('samples/envelope-lambda-action.json', 'utf8')
  await handler(JSON.parse(event), context)
  expect(await woken()).toEqual([])
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL }))
  expect(Messages).toHaveLength(1)
  expect(await route(Messages[0]?.Body ?? '')).toEqual([])
  expect(channels(await woken())).toEqual(['slack-warning'])
})

test('Lambda retries an event that it can’t publish to the topic', async () => {
  vi.stubEnv('ALARMS_TOPIC_ARN', `${process.env.ALARMS_TOPIC_ARN}-gone`)
  await expect(handler({ alarmArn: 'x' } as unknown as SQSEvent, context)).rejects.toThrow('does not exist')
  vi.unstubAllEnvs()
})
