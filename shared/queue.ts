import {
  ChangeMessageVisibilityCommand,
  type MessageAttributeValue,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { ChannelType, Notification } from '../schemas/notification.ts'
import { clientOptions, environment, inTime } from './aws.ts'

const client = inTime(new SQSClient(clientOptions))

/** The queues that feed the functions. Their URLs are in the environment: SLACK_QUEUE_URL, SLACK_DEAD_LETTERS_URL, … */
type QueueName = 'alarms' | ChannelType

/**
 * Puts a message that can't succeed into the dead-letter queue at once, with the reason as an attribute; a person is
 * told by the alarm on that queue. When this returns, the message is safe there and may be acknowledged.
 */
export async function deadLetter(
  queue: QueueName,
  { messageId, body, reason }: { messageId: string; body: string; reason: string },
): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: environment(`${queue.toUpperCase()}_DEAD_LETTERS_URL`),
      MessageBody: body,
      // In its new queue it gets a new id; logs and history know this one.
      MessageAttributes: textAttributes({ reason: reason.slice(0, 1_000) || 'unknown', messageId }),
    }),
  )
}

/** Hands a notification to another channel's deliverer. When this returns, it is safe there. */
export async function enqueue(notification: Notification): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: environment(`${notification.type.toUpperCase()}_QUEUE_URL`),
      MessageBody: JSON.stringify(notification),
    }),
  )
}

/** SQS allows 15 minutes. Less, so that the alarm on the queue's oldest message never takes a delayed one for stuck. */
const LONGEST_DELAY_S = 600

/**
 * Puts an event into the alarms' queue, from where it is routed as if it had just come, or a copy of one, which comes
 * after `delayMs` (ten minutes at the most) and goes by the `messageId` of the first, and by when that was sent (`sentAt`, in
 * ms since 1970, as SQS gives it). When this returns, it is safe.
 */
export async function enqueueEvent(
  body: string,
  { delayMs = 0, ...first }: { delayMs?: number; messageId?: string; sentAt?: string | undefined } = {},
): Promise<void> {
  await client.send(
    new SendMessageCommand({
      QueueUrl: environment('ALARMS_QUEUE_URL'),
      MessageBody: body,
      DelaySeconds: Math.min(LONGEST_DELAY_S, Math.max(0, Math.ceil(delayMs / 1_000))),
      MessageAttributes: textAttributes(first),
    }),
  )
}

/** A message's attributes, of the texts that are there. */
export function textAttributes(texts: Record<string, string | undefined>): Record<string, MessageAttributeValue> {
  const there = Object.entries(texts).filter(([, text]) => text !== undefined)
  return Object.fromEntries(there.map(([name, text]) => [name, { DataType: 'String', StringValue: text }]))
}

/** SQS allows 12 hours from the first receive; this leaves room. */
const MAX_WAIT_S = 11 * 3_600

/** Lets one message wait before it is received again, without holding up any other. */
export async function waitBeforeRetry(queue: QueueName, receiptHandle: string, waitMs: number): Promise<void> {
  await client.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: environment(`${queue.toUpperCase()}_QUEUE_URL`),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: Math.min(MAX_WAIT_S, Math.max(1, Math.ceil(waitMs / 1_000))),
    }),
  )
}
