import {
  DeleteMessageCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSRecord } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Config, Rule } from '../schemas/config.ts'
import type { Wake } from '../schemas/wake.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import type { Recipient } from '../shared/decide/alert-state.ts'
import { readAlert } from '../shared/store/alerts.ts'
import { readChange } from '../shared/store/changes.ts'
import { firing } from './alert-samples.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'
import { oweAll } from './owed.ts'

type Type = 'slack' | 'slack-app' | 'pagerduty' | 'email'

/** The delivering handlers on the local engine, with a table in which channels are owed alerts. */
export interface Deliverers {
  engine: Engine
  sqs: SQSClient
  /** A channel is owed a new alert: the wake-up for it. */
  owed(channel?: string, change?: Partial<Alert>, rule?: Partial<Rule>): Promise<Wake>
  /** The alert has resolved: the wake-ups for its recipients. */
  over(wake: Wake): Promise<Wake[]>
  /** Wake-ups of one type in one batch, through their queue; returns how many must be retried. */
  deliver(wakes: Wake | Wake[], how?: { remainingMs?: number }): Promise<number>
  /**
   * The waiting messages of a queue, up to that many in one batch; after those that the deliverers have handed to
   * `route`.
   */
  deliverWaiting(type: Type, most?: number): Promise<void>
  /** The state of a recipient. */
  known(wake: Pick<Wake, 'fingerprint' | 'recipient'>): Promise<Recipient>
  /** The reasons of those in a queue, and takes them out. */
  deadLetters(type: Type): Promise<string[]>
  /** Empties the queues. */
  clean(): Promise<void>
}

let count = 0

/** Deliverers for all tests of a file, which turn the clock as they like; each begins with empty queues. */
export function deliverersFor(config: Config, options: { hasEvidence?: boolean } = {}): Deliverers {
  const by = {} as Deliverers
  beforeAll(async () => {
    Object.assign(by, await startDeliverers(config, options))
    vi.useFakeTimers({ toFake: ['Date'] })
  })
  afterAll(async () => {
    vi.useRealTimers()
    await by.engine.stop()
  })
  beforeEach(() => by.clean())
  return by
}

export async function startDeliverers(config: Config, options: { hasEvidence?: boolean } = {}): Promise<Deliverers> {
  const engine = await startLocalEngine(config, options)
  const handlers: Record<Type, Handler> = {
    slack: await loadHandler('deliver-slack'),
    'slack-app': await loadHandler('deliver-slack-app'),
    pagerduty: await loadHandler('deliver-pagerduty'),
    email: await loadHandler('deliver-email'),
  }
  const route = await loadHandler('route')
  const sqs = new SQSClient({})

  async function handle(type: Type, records: (SQSRecord | undefined)[], remainingMs = 30_000): Promise<number> {
    const Records = records.filter((record) => record !== undefined)
    const context = { getRemainingTimeInMillis: () => remainingMs, awsRequestId: 'test' } as Context
    const answer = await handlers[type]({ Records }, context)
    return answer?.batchItemFailures.length ?? -1
  }

  return {
    engine,
    sqs,
    async owed(channel = 'chat', change = {}, { severity = 'warning', ...more } = {}) {
      const alert = { ...firing.alert, fingerprint: `alarm-${++count}`, ...change }
      const rule = { name: 'x', when: { name: '*' }, severity, channels: [channel], ...more } as Rule
      const [wake] = await oweAll(alert, { ...config, rules: [rule] })
      if (!wake) throw new Error(`nobody is owed ${alert.fingerprint}`)
      return wake
    },
    async over({ fingerprint, change }) {
      const kept = await readChange(fingerprint, change)
      if (!kept) throw new Error('no such change')
      const alert = { ...kept.alert, status: 'resolved' as const, changedAt: '2026-09-14T12:00:00.000Z' }
      return oweAll(alert, config)
    },
    async deliver(wakes, { remainingMs } = {}) {
      const all = [wakes].flat()
      const type = all[0]?.type as Type
      const records = []
      // Those that were there before, and return, are left out.
      await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(type) }))
      for (const wake of all) {
        await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(type), MessageBody: JSON.stringify(wake) }))
        records.push(await receive(sqs, type))
      }
      return handle(type, records, remainingMs)
    },
    async deliverWaiting(type, most = 100) {
      const orders = await receiveAll(sqs, 'alarms', most)
      const context = { getRemainingTimeInMillis: () => 15_000, awsRequestId: 'test' } as Context
      if (orders.length > 0) await route({ Records: orders }, context)
      const records = await receiveAll(sqs, type, most)
      if (records.length > 0) await handle(type, records)
    },
    async known({ fingerprint, recipient }) {
      const one = (await readAlert(fingerprint))?.recipients[recipient]
      if (!one) throw new Error(`${recipient} is unknown`)
      return one
    },
    deadLetters: (type) => takeDeadLetters(sqs, type),
    async clean() {
      for (const type of ['slack', 'slack-app', 'pagerduty', 'email', 'alarms', 'inbox']) {
        await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(type) }))
      }
      engine.slack.requests.length = 0
    },
  }
}

const urlOf = (type: string) => process.env[`${queueVariable(type)}_QUEUE_URL`]

async function receive(sqs: SQSClient, type: string): Promise<SQSRecord | undefined> {
  const { Messages: [message] = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: urlOf(type), MessageSystemAttributeNames: ['All'] }),
  )
  const { MessageId: messageId, ReceiptHandle: receiptHandle, Body: body, Attributes: attributes } = message ?? {}
  return message && ({ messageId, receiptHandle, body, attributes } as unknown as SQSRecord)
}

async function receiveAll(sqs: SQSClient, type: string, most: number): Promise<SQSRecord[]> {
  const records: SQSRecord[] = []
  while (records.length < most) {
    const record = await receive(sqs, type)
    if (!record) break
    records.push({ ...record, eventSource: 'aws:sqs' })
  }
  return records
}

async function takeDeadLetters(sqs: SQSClient, type: Type): Promise<string[]> {
  const QueueUrl = process.env[`${queueVariable(type)}_DEAD_LETTERS_URL`]
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  )
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  return Messages.map((message) => message.MessageAttributes?.reason?.StringValue ?? '')
}
