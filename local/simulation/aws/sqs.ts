import { REGION } from '../../topology.ts'
import type { Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { AwsError, checkBatch } from './error.ts'
import {
  type Attributes,
  checkAttributes,
  checkBody,
  invalid,
  type Lineage,
  type Message,
  md5,
  md5OfAttributes,
  sizeOf,
  systemAttributes,
} from './sqs-messages.ts'

export interface QueueOptions {
  visibilityTimeoutS: number
  retentionS: number
  deadLetters?: { queue: string; maxReceiveCount: number }
}

/** The entry of a batch's response for a failed message. */
interface Failed {
  Id: string
  Code: string
  Message: string
  SenderFault: boolean
}

type Input = Record<string, unknown>
/** Whether one valid entry of a batch fails. */
export type FailsEntry = (index: number) => boolean

const MAX_BYTES = 256 * 1_024
const MAX_DELAY_S = 900
const MAX_VISIBILITY_S = 43_200
/** One standard queue. Times are virtual. */
export class Queue {
  readonly name: string
  readonly options: QueueOptions
  readonly messages = new Map<string, Message>()
  /** Messages that expired. */
  readonly expired: Message[] = []
  /** Called with each time at which a message can be received. */
  onVisible: (at: number) => void = () => {}
  /** Called for each message that arrives. */
  onArrived: (message: Message) => void = () => {}

  constructor(name: string, options: QueueOptions) {
    this.name = name
    this.options = options
  }

  add(message: Message): void {
    this.messages.set(message.id, message)
    this.onArrived(message)
    this.onVisible(message.visibleAt)
  }

  visible(now: number): Message[] {
    return [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= now)
  }
}

/** SQS, as far as the router and its event sources use it (SQS API Reference, protocol awsJson1_0). */
export class Sqs {
  readonly queues = new Map<string, Queue>()
  readonly #clock: Clock
  readonly #random: Random
  #made = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  createQueue(name: string, options: QueueOptions): Queue {
    const queue = new Queue(name, options)
    this.queues.set(name, queue)
    return queue
  }

  /** @throws {AwsError} */
  call(operation: string, input: Input, lineage: Lineage, fails: FailsEntry = () => false): object {
    const queue = this.#queueOf(input)
    switch (operation) {
      case 'SendMessage':
        return this.#send(queue, input, lineage)
      case 'SendMessageBatch':
        return this.#sendBatch(queue, input, lineage, fails)
      case 'ReceiveMessage':
        return { Messages: this.#receiveFor(queue, input) }
      case 'DeleteMessage':
        return this.#delete(queue, input)
      case 'DeleteMessageBatch':
        return this.#batch(input, fails, (entry) => this.#delete(queue, entry))
      case 'ChangeMessageVisibility':
        return this.#changeVisibility(queue, input)
      case 'ChangeMessageVisibilityBatch':
        return this.#batch(input, fails, (entry) => this.#changeVisibility(queue, entry))
      case 'GetQueueUrl':
        return { QueueUrl: urlOf(queue.name) }
      default:
        throw new AwsError('UnknownOperationException', `the model of SQS has no ${operation}`)
    }
  }

  #queueOf({ QueueUrl, QueueName }: Input): Queue {
    const queue = this.queues.get(
      String(QueueName ?? QueueUrl)
        .split('/')
        .at(-1) ?? '',
    )
    if (!queue) throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
    return queue
  }

  /** A message with a new id. */
  message(body: string, attributes: Attributes, delayS: number, lineage: Lineage): Message {
    const { now } = this.#clock
    const id = `m${++this.#made}`
    return { id, body, attributes, sentAt: now, visibleAt: now + delayS * 1_000, receives: 0, lineage }
  }

  #send(queue: Queue, input: Input, lineage: Lineage): object {
    const {
      MessageBody: body,
      MessageAttributes: attributes = {},
      DelaySeconds: delayS = 0,
    } = input as {
      MessageBody?: string
      MessageAttributes?: Attributes
      DelaySeconds?: number
    }
    if (!body) throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.')
    checkBody(body)
    checkAttributes(attributes)
    if (sizeOf(body, attributes) > MAX_BYTES) {
      throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`)
    }
    checkRange('DelaySeconds', delayS, MAX_DELAY_S)
    const message = this.message(body, attributes, delayS, lineage)
    queue.add(message)
    const ofAttributes = Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(attributes) }
    return { MessageId: message.id, MD5OfMessageBody: md5(body), ...ofAttributes }
  }

  #sendBatch(queue: Queue, input: Input, lineage: Lineage, fails: FailsEntry): object {
    const entries = (input.Entries ?? []) as { MessageBody: string; MessageAttributes?: Attributes }[]
    checkBatch(entries as { Id?: unknown }[])
    const bytes = entries.reduce((sum, one) => sum + sizeOf(one.MessageBody ?? '', one.MessageAttributes ?? {}), 0)
    if (bytes > MAX_BYTES) {
      throw new AwsError('BatchRequestTooLong', `Batch requests cannot be longer than ${MAX_BYTES} bytes.`)
    }
    return this.#batch(input, fails, (entry) => this.#send(queue, entry, lineage))
  }

  #batch({ Entries = [] }: Input, fails: FailsEntry, work: (entry: Input) => object): object {
    const entries = Entries as Input[]
    checkBatch(entries)
    const Successful: object[] = []
    const Failed: Failed[] = []
    for (const [index, entry] of entries.entries()) {
      const Id = String(entry.Id)
      try {
        if (fails(index)) throw new AwsError('InternalError', 'An internal error has occurred.', { status: 500 })
        Successful.push({ Id, ...work(entry) })
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 })
      }
    }
    return { Successful, Failed }
  }

  #receiveFor(queue: Queue, input: Input): object[] {
    const { MaxNumberOfMessages: most = 1, VisibilityTimeout: timeoutS } = input as Record<string, number>
    checkRange('MaxNumberOfMessages', most, 10, 1)
    return this.receive(queue, most, { timeoutS }).map((message) => ({
      MessageId: message.id,
      ReceiptHandle: message.handle,
      Body: message.body,
      MD5OfBody: md5(message.body),
      Attributes: systemAttributes(message),
      ...(Object.keys(message.attributes).length > 0 && {
        MessageAttributes: message.attributes,
        MD5OfMessageAttributes: md5OfAttributes(message.attributes),
      }),
    }))
  }

  /**
   * Up to `most` messages, hidden for a while from other receivers; `staysVisible`: SQS delivers at least once, and
   * this one can be received again at once. A message that was received too often is moved to the dead-letter queue
   * instead.
   */
  receive(
    queue: Queue,
    most: number,
    { timeoutS = queue.options.visibilityTimeoutS, shuffled = false, staysVisible = () => false as boolean } = {},
  ): Message[] {
    const { now } = this.#clock
    this.#expire(queue)
    const visible = queue.visible(now)
    const received: Message[] = []
    while (visible.length > 0 && received.length < most) {
      const [message] = visible.splice(shuffled ? this.#random.int(visible.length) : 0, 1)
      if (!message || this.#isRedriven(queue, message)) continue
      message.receives++
      message.firstReceivedAt ??= now
      message.lastReceivedAt = now
      message.handle = `${message.id}/${message.receives}/${queue.name}`
      if (!staysVisible()) message.visibleAt = now + timeoutS * 1_000
      queue.onVisible(message.visibleAt)
      received.push({ ...message })
    }
    return received
  }

  #expire(queue: Queue): void {
    const before = this.#clock.now - queue.options.retentionS * 1_000
    for (const message of queue.messages.values()) {
      if (message.sentAt >= before) continue
      queue.messages.delete(message.id)
      queue.expired.push(message)
    }
  }

  #isRedriven(queue: Queue, message: Message): boolean {
    const { deadLetters } = queue.options
    if (!deadLetters || message.receives < deadLetters.maxReceiveCount) return false
    this.toDeadLetters(queue, message)
    return true
  }

  /** As SQS and Lambda move it: the message keeps its id, its attributes and its age. */
  toDeadLetters(queue: Queue, { id }: Pick<Message, 'id'>): void {
    const message = queue.messages.get(id)
    const target = this.queues.get(queue.options.deadLetters?.queue ?? '')
    queue.messages.delete(id)
    if (message && target) target.add({ ...message, visibleAt: this.#clock.now, receives: 0 })
  }

  /** For an old handle, AWS returns success, and may or may not delete the message: here it does not. */
  #delete(queue: Queue, { ReceiptHandle }: Input): object {
    const message = byHandle(queue, ReceiptHandle)
    if (message?.handle === ReceiptHandle) queue.messages.delete(message?.id ?? '')
    return {}
  }

  #changeVisibility(queue: Queue, { ReceiptHandle, VisibilityTimeout: timeoutS }: Input): object {
    const { now } = this.#clock
    if (timeoutS === undefined)
      throw new AwsError('MissingParameter', 'The request must contain the parameter VisibilityTimeout.')
    checkRange('VisibilityTimeout', timeoutS as number, MAX_VISIBILITY_S)
    const message = byHandle(queue, ReceiptHandle)
    if (!message || message.handle !== ReceiptHandle || message.visibleAt <= now) {
      throw new AwsError(
        'MessageNotInflight',
        'Message does not exist or is not available for visibility timeout change.',
      )
    }
    const until = now + (timeoutS as number) * 1_000
    if (until - (message.lastReceivedAt ?? now) > MAX_VISIBILITY_S * 1_000) {
      throw invalid(
        `Value ${timeoutS} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_S} seconds].`,
      )
    }
    message.visibleAt = until
    queue.onVisible(until)
    return {}
  }
}

/** A queue's URL. */
export const urlOf = (name: string) => `https://sqs.${REGION}.amazonaws.com/000000000000/${name}`

/** A handle identifies its message, whichever receive it is from. */
function byHandle(queue: Queue, handle: unknown): Message | undefined {
  const [id, times, name] = String(handle ?? '').split('/')
  if (!id || !times || name !== queue.name)
    throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`)
  return queue.messages.get(id)
}

function checkRange(name: string, value: number, most: number, least = 0): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw invalid(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`,
  )
}
