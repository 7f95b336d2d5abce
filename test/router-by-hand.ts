import { BatchWriteItemCommand, DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import {
  DeleteMessageCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda'
import { vi } from 'vitest'
import { emulated } from '../local/emulated.ts'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import { type AwsProxies, startAwsProxies } from '../local/faults/aws-proxies.ts'
import { BATCH_SIZE, deadLettersOf, FUNCTION_OF, QUEUES, type QueueName } from '../local/topology.ts'
import type { Config } from '../schemas/config.ts'
import type { AlertState } from '../shared/decide/alert-state.ts'
import { isTurn } from '../shared/deliver/due.ts'
import { DUE_INDEX } from '../shared/store/due-index.ts'
import { loadHandler, startLocalEngine } from './local-engine.ts'
import { DELAY, waitsInTestTime } from './test-time.ts'

/** A message that is on its way in the router, and from when on it may be received. */
interface Waiting {
  queue: QueueName
  record: SQSRecord
  at: number
}

/**
 * The real handlers on the local engine, stepped by hand: time is what the test says, and a message is handled when the test
 * lets it be. The emulator only carries messages; how long one waits before it comes again is counted here, in the test's
 * time.
 */
export interface RouterByHand {
  engine: Engine
  /** Stand before SNS and the table, so that these can fail: only where it was started so. */
  readonly aws: AwsProxies
  /** A function's handler, and another container's of the same function. */
  handler(queue: QueueName): Handler
  anotherContainer(queue: QueueName): Promise<Handler>
  /** An event comes into the alarms' queue, in SNS's envelope, sent now. */
  come(...events: (object | string)[]): Promise<void>
  /** The same message once more, as it came. */
  comeAgain(times?: number): Promise<void>
  /** Lets all that may be handled now be handled, until nothing is left that may. `queues`: only these. */
  work(...queues: QueueName[]): Promise<void>
  /** The clock's function runs. */
  tick(): Promise<void>
  /** Lets time pass, with a tick and work in each minute in which something is to be done. */
  passUntil(time: string): Promise<void>
  /** Takes what waits in a queue, in place of its function. */
  take(queue: QueueName): Promise<SQSRecord[]>
  /** Messages that wait in a queue, those for later among them. */
  waiting(queue: QueueName): number
  /** Messages of a queue get lost. */
  lose(queue: QueueName): Promise<number>
  /** What the dead letters of a queue say. */
  deadLetters(queue: QueueName): Promise<{ reason: string; record: SQSRecord }[]>
  redrive(queue: QueueName): Promise<number>
  state(fingerprint: string): Promise<AlertState | undefined>
  changes(
    fingerprint: string,
  ): Promise<{ outcome: string | undefined; because: string[]; channels: string[]; held: string[] }[]>
  /** The subjects of the emails that came since. */
  emails(): Promise<string[]>
  /** Nothing is known, and nothing on its way: for a test whose time is before that of others. */
  startAnew(): Promise<void>
  /** From now on the functions have these rules. */
  push(config: Config): Promise<void>
  stop(): Promise<void>
}

export const contextOf = (ms: number) => ({ getRemainingTimeInMillis: () => ms, awsRequestId: 'test' }) as Context

/**
 * With Date faked: `vi.setSystemTime` is the clock.
 * @param awsMayFail whether `aws` is there: each call of SNS and the table goes through it, which takes time
 */
export async function startRouterByHand(config: Config, { awsMayFail = false } = {}): Promise<RouterByHand> {
  const engine = await startLocalEngine(config)
  const proxies = awsMayFail ? await startAwsProxies(engine) : undefined
  Object.assign(process.env, proxies?.environment)
  const waitOf = waitsInTestTime()
  // Before the handlers are loaded: some of them take the clock as it is then.
  vi.useFakeTimers({ toFake: ['Date'] })
  const handlers = Object.fromEntries(
    await Promise.all(QUEUES.map(async (queue) => [queue, await loadHandler(FUNCTION_OF[queue])] as const)),
  ) as Record<QueueName, Handler>
  const tickHandler = (await import('../functions/tick.ts')).handler as (
    event: unknown,
    context: Context,
  ) => Promise<unknown>
  const sqs = new SQSClient({})
  // Not through what fails for the functions.
  const table = new DynamoDBClient(emulated(engine.environment, 'DYNAMODB'))
  const waiting: Waiting[] = []
  let last: Waiting[] = []
  let sent = 0
  let tickedAt: Date | undefined

  const urlOf = (queue: string) => process.env[`${queue.toUpperCase()}_QUEUE_URL`]

  /** Takes what the functions have sent out of the emulator. */
  async function gather(queue: QueueName): Promise<void> {
    while (engine.hasMessage(queue)) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: urlOf(queue),
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
          VisibilityTimeout: 600,
        }),
      )
      if (Messages.length === 0) return
      for (const message of Messages) {
        const delayS = Number(message.MessageAttributes?.[DELAY]?.StringValue ?? 0)
        waiting.push({ queue, at: Date.now() + delayS * 1_000, record: recordOf(message, queue) })
      }
    }
  }

  function recordOf(message: Message, queue: QueueName): SQSRecord {
    const attributes = message.MessageAttributes ?? {}
    return {
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      // What this clock says: the emulator has its own.
      attributes: { SentTimestamp: String(Date.now()) },
      messageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, { StringValue }]) => [
          name,
          { stringValue: StringValue, dataType: 'String' },
        ]),
      ),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${queue}`,
      awsRegion: 'eu-west-1',
    } as unknown as SQSRecord
  }

  async function handle(batch: Waiting[], queue: QueueName): Promise<void> {
    const event = { Records: batch.map(({ record }) => record) } as SQSEvent
    const answer = await handlers[queue](event, contextOf(queue === 'alarms' ? 15_000 : 30_000))
    const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    for (const one of batch) {
      if (failed.has(one.record.messageId)) {
        waiting.push({ ...one, at: Date.now() + (waitOf(one.record.receiptHandle) ?? AGAIN_MS) })
      } else await remove(one)
    }
  }

  /** A copy is gone already. */
  async function remove({ queue, record }: Waiting): Promise<void> {
    const command = new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: record.receiptHandle })
    await sqs.send(command).catch(() => {})
  }

  async function step(queues: readonly QueueName[]): Promise<boolean> {
    let isDone = true
    for (const queue of queues) {
      await gather(queue)
      const batch = waiting.filter((one) => one.queue === queue && one.at <= Date.now()).slice(0, BATCH_SIZE[queue])
      if (batch.length === 0) continue
      for (const one of batch) waiting.splice(waiting.indexOf(one), 1)
      if (queue === 'alarms') last = batch
      await handle(batch, queue)
      isDone = false
    }
    return isDone
  }

  /** The first minute from now on in which anything is to be done. */
  async function nextMinute(end: number): Promise<number> {
    // After other rules, all that is under way is told of them by the next tick.
    if (!tickedAt) return Math.min(end, Date.now() + 60_000)
    const { Items = [] } = await table.send(
      new ScanCommand({ TableName: process.env.TABLE_NAME, IndexName: DUE_INDEX, ConsistentRead: false }),
    )
    for (let at = Date.now() + 60_000; at < end; at += 60_000) {
      if (waiting.some((one) => one.at <= at)) return at
      if (Items.some(({ dueAt }) => isTurn(new Date(dueAt?.S ?? ''), tickedAt, new Date(at)))) return at
    }
    return end
  }

  const router: RouterByHand = {
    engine,
    get aws() {
      if (!proxies) throw new Error('started without awsMayFail')
      return proxies
    },
    handler: (queue) => handlers[queue],
    async anotherContainer(queue) {
      vi.resetModules()
      return loadHandler(FUNCTION_OF[queue])
    },
    async come(...events) {
      for (const event of events) {
        const envelope = {
          Type: 'Notification',
          MessageId: `message-${sent++}`,
          TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
          Timestamp: new Date().toISOString(),
          Message: typeof event === 'string' ? event : JSON.stringify(event),
        }
        await sqs.send(new SendMessageCommand({ QueueUrl: urlOf('alarms'), MessageBody: JSON.stringify(envelope) }))
      }
    },
    async comeAgain(times = 1) {
      for (let n = 0; n < times; n++) waiting.push(...last.map((one) => ({ ...one, at: Date.now() })))
    },
    async work(...only) {
      const queues = only.length > 0 ? only : QUEUES
      for (let round = 0; round < 50; round++) if (await step(queues)) return
      throw new Error('the router does not come to rest')
    },
    async passUntil(time) {
      const end = Date.parse(time)
      while (Date.now() < end) {
        vi.setSystemTime(await nextMinute(end))
        await router.tick()
        await router.work()
      }
    },
    async tick() {
      tickedAt = new Date()
      await tickHandler({ time: new Date().toISOString() }, contextOf(50_000))
    },
    async take(queue) {
      await gather(queue)
      const taken = waiting.filter((one) => one.queue === queue)
      for (const one of taken) {
        waiting.splice(waiting.indexOf(one), 1)
        // The emulator would give it again when its own time is over.
        await remove(one)
      }
      return taken.map(({ record }) => record)
    },
    waiting: (queue) => waiting.filter((one) => one.queue === queue).length,
    async lose(queue) {
      return (await router.take(queue)).length
    },
    async deadLetters(queue) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: process.env[`${queue.toUpperCase()}_DEAD_LETTERS_URL`],
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          VisibilityTimeout: 0,
        }),
      )
      return Messages.map((message) => {
        const record = recordOf(message, queue)
        return { record, reason: record.messageAttributes?.reason?.stringValue ?? '' }
      })
    },
    async redrive(queue) {
      const letters = await router.deadLetters(queue)
      for (const { record } of letters) {
        await sqs.send(
          new DeleteMessageCommand({
            QueueUrl: process.env[`${queue.toUpperCase()}_DEAD_LETTERS_URL`],
            ReceiptHandle: record.receiptHandle,
          }),
        )
        waiting.push({ queue, record, at: Date.now() })
      }
      return letters.length
    },
    async state(fingerprint) {
      const items = await query(fingerprint, 'state.2')
      const [item] = items
      return item && (await import('../shared/store/alerts.ts')).stateIn(item)
    },
    async changes(fingerprint) {
      const items = await query(fingerprint, 'change#')
      return items.map(({ outcome, because, channels, held }) => ({
        outcome: outcome?.S,
        held: held?.L?.map(({ M }) => `${M?.channel?.S} ${M?.until?.S}`) ?? [],
        because: because?.L?.map(({ S = '' }) => S) ?? [],
        channels: channels?.L?.map(({ S = '' }) => S) ?? [],
      }))
    },
    async emails() {
      const QueueUrl = urlOf('inbox')
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
      return Messages.map(({ Body = '{}' }) => JSON.parse(Body).Subject)
    },
    async startAnew() {
      for (const queue of QUEUES) {
        await router.lose(queue)
        if (!engine.hasMessage(deadLettersOf(queue))) continue
        await sqs.send(new PurgeQueueCommand({ QueueUrl: process.env[`${queue.toUpperCase()}_DEAD_LETTERS_URL`] }))
      }
      const name = process.env.TABLE_NAME ?? ''
      const { Items = [] } = await table.send(new ScanCommand({ TableName: name }))
      const deletions = Items.map(({ pk, sk }) => ({
        DeleteRequest: { Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } } },
      }))
      // So many at once at the most (DynamoDB, BatchWriteItem).
      while (deletions.length > 0) {
        await table.send(new BatchWriteItemCommand({ RequestItems: { [name]: deletions.splice(0, 25) } }))
      }
      tickedAt = undefined
    },
    async push(changed) {
      const { writeFileSync, utimesSync } = await import('node:fs')
      const file = process.env.CONFIG_FILE ?? ''
      writeFileSync(file, JSON.stringify(changed))
      // The file is looked at when its time has changed, at most each second.
      utimesSync(file, new Date(), new Date(Date.now() + 1))
      vi.setSystemTime(Date.now() + 5_000)
      tickedAt = undefined
    },
    async stop() {
      vi.useRealTimers()
      sqs.destroy()
      table.destroy()
      await Promise.all([proxies?.sns.close(), proxies?.table.close()])
      await engine.stop()
    },
  }
  return router

  async function query(pk: string, sk: string) {
    const { Items = [] } = await table.send(
      new QueryCommand({
        TableName: process.env.TABLE_NAME,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
        ConsistentRead: true,
      }),
    )
    return Items
  }
}

/** What failed and did not say when it is to come again. */
const AGAIN_MS = 15_000

/** As EventBridge tells it. */
export function alarmChange(
  alarm: string,
  value: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA',
  time: string,
  more: object = {},
) {
  return {
    'detail-type': 'CloudWatch Alarm State Change',
    source: 'aws.cloudwatch',
    account: '123456789012',
    region: 'eu-west-1',
    time: new Date(time).toISOString(),
    resources: [arnOf(alarm)],
    detail: {
      alarmName: alarm,
      state: { value, reason: 'x', timestamp: new Date(time).toISOString().replace('Z', '+0000'), ...more },
      configuration: {},
    },
  }
}

export const arnOf = (alarm: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${alarm}`
