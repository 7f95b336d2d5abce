import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { type Notification, notificationSchema } from '../schemas/notification.ts'
import { orderSchema, readWake, type Wake } from '../schemas/wake.ts'
import { textAttributes } from '../shared/aws/queue.ts'
import { parse } from '../shared/parse/parse.ts'
import { deadLettersOf, QUEUES, type QueueName } from './topology.ts'

/** A dead letter: an undelivered message. */
export interface DeadLetter {
  id: string
  /** Its source queue, which a redrive returns it to. */
  queue: QueueName
  /** Why it failed, if our own code moved it; SQS gives no reason. */
  reason: string
  /** Its subject, in one line. */
  about: string
  /** The alert and recipient of a wake-up, in a channel's queue. */
  wake?: Wake
  /** The notification in it, if the previous version of the router sent it. */
  notification?: Notification
  /** The id of the message that failed; the dead letter has a new one. */
  messageId: string
  /** When it was first sent, ISO 8601. */
  sentAt: string
  body: string
  receiptHandle: string
}

/** Dead letters are hidden from other readers while a command reads them; reading a full queue takes some seconds. */
const LOOK_S = 60

/** All dead letters of a router, oldest first. They stay in their queues, hidden for a minute or until `release`. */
export async function readDeadLetters(
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
      letters.push(...Messages.map((message) => deadLetterOf(message, queue)))
    }
  }
  return letters.sort((a, b) => a.sentAt.localeCompare(b.sentAt))
}

function deadLetterOf(message: Message, queue: QueueName): DeadLetter {
  const body = message.Body ?? ''
  const attribute = (name: string) => message.MessageAttributes?.[name]?.StringValue
  const { wake, notification } = queue === 'alarms' ? {} : contentOf(body)
  return {
    id: message.MessageId ?? '',
    queue,
    reason: attribute('reason') ?? 'every attempt failed; see the log of its function',
    about: attribute('about') ?? about(body, queue, { wake, notification }),
    ...(wake && { wake }),
    ...(notification && { notification }),
    messageId: attribute('messageId') ?? message.MessageId ?? '',
    sentAt: new Date(Number(attribute('sentAt') ?? message.Attributes?.SentTimestamp ?? 0)).toISOString(),
    body,
    receiptHandle: message.ReceiptHandle ?? '',
  }
}

function contentOf(body: string): Pick<DeadLetter, 'wake' | 'notification'> {
  try {
    const content = JSON.parse(body)
    const wake = readWake(content)
    const notification = wake ? undefined : notificationSchema.safeParse(content).data
    return { ...(wake && { wake }), ...(notification && { notification }) }
  } catch {
    return {}
  }
}

function about(
  body: string,
  queue: QueueName,
  { wake, notification }: { wake: Wake | undefined; notification: Notification | undefined },
): string {
  if (wake) return `${wake.fingerprint} → ${wake.recipient}`
  if (notification) return `${notification.alert.title} (${notification.alert.status}) → ${notification.channel}`
  try {
    if (queue === 'alarms') return describeOrder(body) ?? describeAlerts(body)
  } catch {
    // It is shown unchanged.
  }
  return body.replace(/\s+/g, ' ').slice(0, 80)
}

function describeAlerts(body: unknown): string {
  return parse(body)
    .map(({ title, status }) => `${title} (${status})`)
    .join(', ')
}

/** Whether it needs action by a person: an incident that the router can't close. */
export function isForPerson({ queue, body }: DeadLetter): boolean {
  return queue === 'alarms' && /^\{"close":/.test(body)
}

/** The router's messages to itself. */
function describeOrder(body: string): string | undefined {
  const order = orderSchema.safeParse(JSON.parse(body)).data
  if (!order) return undefined
  if ('due' in order) return `${order.due}: due at ${order.at}`
  if ('notified' in order)
    return `${order.notified.fingerprint} → ${order.notified.recipient}: sent at ${order.notified.notifiedAt}`
  if ('close' in order) return `${order.close} → ${order.channel}`
  if ('ended' in order) return `${order.ended}: resolved, found in CloudWatch`
  if ('found' in order) return `${order.found.map(describeAlerts).join(', ')}: found in CloudWatch`
  if ('send' in order) return `a text for ${order.send}, by ${order.by}`
  if ('acknowledge' in order) return `${order.acknowledge}: acknowledged, by ${order.by}`
  if ('unacknowledge' in order) return `${order.unacknowledge}: not acknowledged any more, by ${order.by}`
  if ('note' in order) return `${order.note}: a note, by ${order.by}`
  if ('silence' in order) return `${order.silence.about}: silenced until ${order.silence.until}, by ${order.silence.by}`
  if ('silenceAlert' in order) return `${order.silenceAlert}: silenced until ${order.until}, by ${order.by}`
  if ('extendSilence' in order) return `silence ${order.extendSilence}: until ${order.until}, by ${order.by}`
  if ('expireSilence' in order) return `silence ${order.expireSilence}: ended, by ${order.by}`
  if ('takeOver' in order) return `${order.takeOver} is to send, by ${order.by}`
  if ('beat' in order)
    return `${order.beat.region} ${order.beat.isActive ? 'sends' : 'stands by'}, as of ${order.beat.at}`
  return `${order.resolve}: resolved by hand, by ${order.by}`
}

/**
 * Sends a dead letter to its source queue, then deletes it here, so it is always in at least one queue. `wake`: the
 * recipient, if it has another name now.
 */
export async function redrive(
  sqs: SQSClient,
  prefix: string,
  letter: DeadLetter,
  { wake = letter.wake, now = new Date() }: { wake?: Wake | undefined; now?: Date } = {},
): Promise<void> {
  const QueueUrl = await urlOf(sqs, prefix, letter.queue)
  const isSame = wake === letter.wake
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: isSame ? letter.body : JSON.stringify(wake),
      MessageAttributes: textAttributes({
        // As a copy: it keeps its original id and time (shared/route/route.ts).
        messageId: letter.messageId,
        sentAt: String(Date.parse(letter.sentAt)),
        // A person requested the attempt (shared/deliver/claim.ts).
        redriven: letter.queue === 'alarms' ? undefined : now.toISOString(),
      }),
    }),
  )
  await discard(sqs, prefix, letter)
}

/** Deletes a dead letter. */
export async function discard(sqs: SQSClient, prefix: string, { queue, receiptHandle }: DeadLetter): Promise<void> {
  const QueueUrl = await urlOf(sqs, prefix, deadLettersOf(queue))
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receiptHandle }))
}

/** Makes received dead letters visible again. */
export async function release(sqs: SQSClient, prefix: string, letters: DeadLetter[]): Promise<void> {
  for (const { queue, receiptHandle } of letters) {
    const QueueUrl = await urlOf(sqs, prefix, deadLettersOf(queue))
    await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }))
  }
}

/** A queue of a router, by its name there. */
export async function urlOf(sqs: SQSClient, prefix: string, queue: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: `${prefix}-${queue}` }))
  const endpoint = process.env.AWS_ENDPOINT_URL_SQS
  if (!endpoint || !QueueUrl) return QueueUrl ?? ''
  // An emulator's own URLs may have a host that does not resolve: only the account and the name matter.
  return [endpoint, ...QueueUrl.split('/').slice(-2)].join('/')
}
