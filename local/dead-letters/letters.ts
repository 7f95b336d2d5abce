import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { textAttributes } from '../../shared/aws/queue.ts'
import { parse } from '../../shared/parse/parse.ts'
import { deadLettersOf, QUEUES, type QueueName } from '../topology.ts'

/** A message that reached nobody. */
export interface DeadLetter {
  id: string
  /** The queue that it came from, and goes back to. */
  queue: QueueName
  /** Why it is here, where our own code put it; SQS gives no reason when it gives up. */
  reason: string
  /** What it is about, in a line. */
  about: string
  /** The id of the message that failed: here it has a new one. */
  messageId: string
  /** When it was first sent, ISO 8601. */
  sentAt: string
  body: string
  receiptHandle: string
}

/** While one looks at letters they are out of sight for others; a look at a full queue takes some seconds. */
const LOOK_S = 60

/**
 * All letters of a router's dead-letter queues, oldest first. They stay there, out of sight for a minute or until
 * `release`.
 */
export async function readLetters(
  sqs: SQSClient,
  prefix: string,
  queues: readonly QueueName[] = QUEUES,
): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = []
  for (const queue of queues) {
    const QueueUrl = await urlOf(sqs, prefix, deadLettersOf(queue))
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: LOOK_S,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      )
      if (Messages.length === 0) break
      letters.push(...Messages.map((message) => letterOf(message, queue)))
    }
  }
  return letters.sort((a, b) => a.sentAt.localeCompare(b.sentAt))
}

function letterOf(message: Message, queue: QueueName): DeadLetter {
  const body = message.Body ?? ''
  return {
    id: message.MessageId ?? '',
    queue,
    reason: message.MessageAttributes?.reason?.StringValue ?? 'it failed each time; the log of its function says why',
    about: about(body, queue),
    messageId: message.MessageAttributes?.messageId?.StringValue ?? message.MessageId ?? '',
    sentAt: new Date(
      Number(message.MessageAttributes?.sentAt?.StringValue ?? message.Attributes?.SentTimestamp ?? 0),
    ).toISOString(),
    body,
    receiptHandle: message.ReceiptHandle ?? '',
  }
}

function about(body: string, queue: QueueName): string {
  try {
    if (queue !== 'alarms') {
      const { alert, channel } = JSON.parse(body)
      return `${alert.title} (${alert.status}) → ${channel}`
    }
    return parse(body)
      .map(({ title, status }) => `${title} (${status})`)
      .join(', ')
  } catch {
    return body.replace(/\s+/g, ' ').slice(0, 80)
  }
}

/** Puts a letter back into the queue that it came from, then takes it out of here: it is never in neither. */
export async function redrive(sqs: SQSClient, prefix: string, letter: DeadLetter): Promise<void> {
  const QueueUrl = await urlOf(sqs, prefix, letter.queue)
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: letter.body,
      // As a copy of its own: it goes by the id and the time that it had (functions/route.ts).
      MessageAttributes: textAttributes({
        messageId: letter.messageId,
        sentAt: String(Date.parse(letter.sentAt)),
        // Else it would wait for a person (shared/deliver/claim.ts).
        redriven: 'true',
      }),
    }),
  )
  await discard(sqs, prefix, letter)
}

/** Takes a letter out for good. */
export async function discard(sqs: SQSClient, prefix: string, { queue, receiptHandle }: DeadLetter): Promise<void> {
  const QueueUrl = await urlOf(sqs, prefix, deadLettersOf(queue))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }))
}

/** Lets others see letters that were looked at. */
export async function release(sqs: SQSClient, prefix: string, letters: DeadLetter[]): Promise<void> {
  for (const { queue, receiptHandle } of letters) {
    const QueueUrl = await urlOf(sqs, prefix, deadLettersOf(queue))
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }))
  }
}

async function urlOf(sqs: SQSClient, prefix: string, queue: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}-${queue}` }))
  const endpoint = process.env.AWS_ENDPOINT_URL_SQS
  if (!endpoint || !QueueUrl) return QueueUrl ?? ''
  // An emulator's own URLs may have a host that does not resolve: the account and the name are what counts.
  return [endpoint, ...QueueUrl.split('/').slice(-2)].join('/')
}
