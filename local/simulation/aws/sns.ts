import { AwsError, checkBatch } from './error.ts'
import type { FailsEntry } from './sqs.ts'
import { type Attributes, checkAttributes, type Lineage, sizeOf } from './sqs-messages.ts'

/** A message published to a topic. */
export interface Publication {
  topic: string
  messageId: string
  message: string
  subject?: string
  attributes: Attributes
  lineage: Lineage
}

interface Entry {
  Id?: string
  Message?: string
  Subject?: string
  MessageAttributes?: Attributes
}

const MAX_BYTES = 256 * 1_024

/**
 * SNS, as far as the router uses it (SNS API Reference, protocol awsQuery). Subscribers receive each accepted
 * message.
 */
export class Sns {
  readonly topics = new Set<string>()
  onPublished: (publication: Publication) => void = () => {}
  #made = 0
  readonly #prefix: string

  /** `prefix`: of its messages' ids, which differ between regions. */
  constructor(prefix = 'n') {
    this.#prefix = prefix
  }

  /** @throws {AwsError} */
  call(operation: string, input: Record<string, unknown>, lineage: Lineage, fails: FailsEntry = () => false): object {
    const topic =
      String(input.TopicArn ?? '')
        .split(':')
        .at(-1) ?? ''
    if (!this.topics.has(topic)) throw new AwsError('NotFound', 'Topic does not exist', { status: 404 })
    if (operation === 'Publish') return this.#publish(topic, input, lineage)
    if (operation === 'PublishBatch') return this.#publishBatch(topic, input, lineage, fails)
    // In the form of the response's XML map. All readers have confirmed.
    if (operation === 'GetTopicAttributes')
      return { Attributes: { entry: { key: 'SubscriptionsConfirmed', value: '1' } } }
    throw new AwsError('InvalidAction', `the model of SNS has no ${operation}`)
  }

  #publish(
    topic: string,
    { Message, Subject, MessageAttributes = {} }: Entry,
    lineage: Lineage,
  ): { MessageId: string } {
    if (!Message) throw invalid('Empty message')
    checkSubject(Subject)
    checkAttributes(MessageAttributes)
    if (sizeOf(Message, MessageAttributes) > MAX_BYTES) throw invalid('Message too long')
    const messageId = `${this.#prefix}${++this.#made}`
    this.onPublished({ topic, messageId, message: Message, subject: Subject, attributes: MessageAttributes, lineage })
    return { MessageId: messageId }
  }

  #publishBatch(topic: string, input: Record<string, unknown>, lineage: Lineage, fails: FailsEntry): object {
    const entries = (input.PublishBatchRequestEntries ?? []) as Entry[]
    checkBatch(entries)
    const bytes = entries.reduce((sum, one) => sum + sizeOf(one.Message ?? '', one.MessageAttributes ?? {}), 0)
    if (bytes > MAX_BYTES)
      throw new AwsError(
        'BatchRequestTooLong',
        'The length of all the batch messages put together is more than the limit.',
      )
    const Successful: object[] = []
    const Failed: object[] = []
    for (const [index, entry] of entries.entries()) {
      try {
        if (fails(index)) throw new AwsError('InternalError', 'An internal error has occurred.', { status: 500 })
        Successful.push({ Id: entry.Id, ...this.#publish(topic, entry, lineage) })
      } catch (error) {
        if (!(error instanceof AwsError)) throw error
        Failed.push({ Id: entry.Id, Code: error.code, Message: error.message, SenderFault: error.status < 500 })
      }
    }
    return { Successful, Failed }
  }
}

/** ASCII, one line, at most 100 characters, and no blank at its start (SNS API Reference, Publish). */
function checkSubject(subject: string | undefined): void {
  if (subject === undefined || /^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(subject)) return
  throw invalid('Subject')
}

function invalid(what: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${what}`)
}
