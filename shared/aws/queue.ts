import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import type { ChannelType } from '../../schemas/channel.ts'
import { type Order, orderText } from '../../schemas/wake.ts'
import { clientOptions, environment, inTime } from './client.ts'
import { queueVariable } from './queue-variable.ts'

const client = inTime(new SQSClient(clientOptions))

/** The queues that feed the functions. Their URLs are in the environment: SLACK_QUEUE_URL, … (queue-variable.ts). */
type QueueName = 'alarms' | ChannelType
/** And one whose messages become no dead letters. */
type AnyQueue = QueueName | 'evidence'

/**
 * Puts a message that can't succeed into the dead-letter queue at once, with the reason as an attribute; the alarm on
 * that queue notifies a person. When this returns, SQS has stored it, and the original may be acknowledged.
 */
export async function deadLetter(
  queue: QueueName,
  { messageId, body, reason, about }: { messageId: string; body: string; reason: string; about?: string },
): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: environment(`${queueVariable(queue)}_DEAD_LETTERS_URL`),
      MessageBody: body,
      // It gets a new id in its new queue; logs and history know this one.
      MessageAttributes: textAttributes({
        reason: reason.slice(0, 1_000) || 'unknown',
        messageId,
        about: about?.slice(0, 500),
      }),
    }),
  )
}

/** Sends an order to `route`, for what could not be written to the table. When this returns, SQS has stored it. */
export async function order(what: Order): Promise<void> {
  const MessageBody = orderText(what)
  await client.send(new SendMessageCommand({ QueueUrl: environment('ALARMS_QUEUE_URL'), MessageBody }))
}

/** The clients of other regions' queues, by region. */
const elsewhere = new Map<string, SQSClient>()

/** The attribute of an order that the other of two regions has handed on. */
export const FORWARDED = 'forwarded'

/** Sends an order to `route` of the other of two regions (deploy/pair.ts). When this returns, SQS there has stored it. */
export async function orderElsewhere(
  region: string,
  what: Order,
  { attributes = {}, maxAttempts = clientOptions.maxAttempts as number } = {},
): Promise<void> {
  const there = elsewhere.get(region) ?? inTime(new SQSClient({ ...clientOptions, region, maxAttempts }))
  elsewhere.set(region, there)
  await there.send(
    new SendMessageCommand({
      QueueUrl: environment('OTHER_ALARMS_QUEUE_URL'),
      MessageBody: orderText(what),
      MessageAttributes: textAttributes(attributes),
    }),
  )
}

/** The message attributes for the texts that are defined. */
export function textAttributes(texts: Record<string, string | undefined>): Record<string, MessageAttributeValue> {
  const there = Object.entries(texts).filter(([, text]) => text !== undefined)
  return Object.fromEntries(there.map(([name, text]) => [name, { DataType: 'String', StringValue: text }]))
}

/** SQS allows 12 hours from the first receive; this leaves room. */
const MAX_WAIT_S = 11 * 3_600

/** Delays the next receive of one message, without blocking any other. */
export async function waitBeforeRetry(queue: AnyQueue, receiptHandle: string, waitMs: number): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: environment(`${queueVariable(queue)}_QUEUE_URL`),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(MAX_WAIT_S, Math.max(1, Math.ceil(waitMs / 1_000))),
    }),
  )
}

/** The most messages that SQS gives, or deletes, in one call. */
export const AT_ONCE = 10

/** Up to ten messages of a queue, hidden from others as its visibility timeout says; those that are there now. */
export async function receive(queue: ChannelType): Promise<SQSRecord[]> {
  const { Messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: environment(`${queueVariable(queue)}_QUEUE_URL`),
      MaxNumberOfMessages: AT_ONCE,
      WaitTimeSeconds: 0,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    }),
  )
  return Messages.map(recordOf)
}

/** A message in the form in which Lambda gives it to a function, as far as functions read it. */
export function recordOf(message: Message): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {})
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: (message.Attributes ?? {}) as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(
      attributes.map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType as 'String', stringValue: StringValue ?? '' },
      ]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  }
}

/** Takes messages out of a queue. @throws {Error} when SQS keeps some. */
export async function remove(queue: ChannelType, records: SQSRecord[]): Promise<void> {
  const QueueUrl = environment(`${queueVariable(queue)}_QUEUE_URL`)
  for (let from = 0; from < records.length; from += AT_ONCE) {
    const Entries = records
      .slice(from, from + AT_ONCE)
      .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }))
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    const [first] = Failed
    if (first)
      throw new Error(`SQS keeps ${Failed.length} of ${Entries.length} messages: ${first.Code}: ${first.Message}`)
  }
}
