import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda'
import { BATCH_SIZE } from '../deploy/deliverers.ts'
import type { Engine } from '../local/engine.ts'
import type { Handler } from '../local/event-source.ts'
import type { QueueName } from '../local/topology.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { isTurn } from '../shared/deliver/due.ts'
import { DUE_INDEX } from '../shared/store/due-index.ts'
import { DELAY } from './test-time.ts'

/*
 * The messages of a router that is stepped by hand: what is on its way, and from when on. How long one waits before it comes
 * again is counted here, in the test's time.
 */

/** A message that is on its way in the router, and from when on it may be received. */
export interface Waiting {
  queue: QueueName
  record: SQSRecord
  at: number
}

export interface Hand {
  engine: Engine
  handlers: Record<QueueName, Handler>
  sqs: SQSClient
  /** Bypasses the failures that the functions get. */
  table: DynamoDBClient
  /** How long a failed message must wait (ms), by its receipt handle. */
  waitOf(receiptHandle: string): number | undefined
  waiting: Waiting[]
  /** The message that `route` handled last. */
  last: Waiting[]
  /** Without it, the next tick has every open entry re-evaluated by new rules. */
  tickedAt: Date | undefined
}

/** Failed messages without a retry time. */
const AGAIN_MS = 15_000

export const contextOf = (ms: number) => ({ getRemainingTimeInMillis: () => ms, awsRequestId: 'test' }) as Context

export const urlOf = (queue: string) => process.env[`${queueVariable(queue)}_QUEUE_URL`]
export const deadLettersUrlOf = (queue: string) => process.env[`${queueVariable(queue)}_DEAD_LETTERS_URL`]

/** Takes the functions' messages out of the emulator. */
export async function gather({ engine, sqs, waiting }: Hand, queue: QueueName): Promise<void> {
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

export function recordOf(message: Message, queue: QueueName): SQSRecord {
  const attributes = message.MessageAttributes ?? {}
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    // By this clock: the emulator has its own.
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

async function handle(hand: Hand, batch: Waiting[], queue: QueueName): Promise<void> {
  const event = { Records: batch.map(({ record }) => record) } as SQSEvent
  const answer = await hand.handlers[queue](event, contextOf(queue === 'alarms' ? 15_000 : 30_000))
  const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  for (const one of batch) {
    if (failed.has(one.record.messageId)) {
      hand.waiting.push({ ...one, at: Date.now() + (hand.waitOf(one.record.receiptHandle) ?? AGAIN_MS) })
    } else await remove(hand, one)
  }
}

/** A copy is gone already. */
export async function remove({ sqs }: Hand, { queue, record }: Waiting): Promise<void> {
  const command = new DeleteMessageCommand({ QueueUrl: urlOf(queue), ReceiptHandle: record.receiptHandle })
  await sqs.send(command).catch(() => {})
}

/** A batch of each queue is handled. Whether there was nothing to be. */
export async function step(hand: Hand, queues: readonly QueueName[]): Promise<boolean> {
  const { waiting } = hand
  let isDone = true
  for (const queue of queues) {
    await gather(hand, queue)
    const batch = waiting.filter((one) => one.queue === queue && one.at <= Date.now()).slice(0, BATCH_SIZE)
    if (batch.length === 0) continue
    for (const one of batch) waiting.splice(waiting.indexOf(one), 1)
    if (queue === 'alarms') hand.last = batch
    await handle(hand, batch, queue)
    isDone = false
  }
  return isDone
}

/** The first minute from now on in which anything is to be done. */
export async function nextMinute({ table, waiting, tickedAt }: Hand, end: number): Promise<number> {
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
