import { BATCH_SIZE } from '../../deploy/deliverers.ts'
import { FUNCTION_OF, type QueueName, queueArn, TIMEOUT_S } from '../topology.ts'
import type { Queue, Sqs } from './aws/sqs.ts'
import { type Lineage, type Message, systemAttributes } from './aws/sqs-messages.ts'
import type { Lambda, Outcome, Parts } from './lambda.ts'

/** After this many passes through one function, Lambda treats a message as a loop and stops it. */
const LOOP = 16

/** Lambda's polling of a queue: receives batches, invokes, deletes what succeeded; SQS redelivers the rest. */
export class EventSource {
  /** Messages that looped until Lambda stopped them. */
  readonly loops: Message[] = []
  readonly #queue: Queue
  readonly #name: QueueName
  readonly #sqs: Sqs
  readonly #lambda: Lambda
  readonly #parts: Parts
  readonly #most: number
  #busy = 0

  constructor(name: QueueName, queue: Queue, most: number, sqs: Sqs, lambda: Lambda, parts: Parts) {
    this.#name = name
    this.#queue = queue
    this.#most = most
    this.#sqs = sqs
    this.#lambda = lambda
    this.#parts = parts
    queue.onVisible = (at) => void parts.clock.plan(at + parts.random.between(1, 300), () => this.#poll())
  }

  /** Polls again, after its region was lost. */
  wake(): void {
    this.#poll()
  }

  #poll(): void {
    if (this.#busy >= this.#most || this.#parts.isDown?.()) return
    const first = this.#receive()
    if (first.length === 0) return
    this.#busy++
    this.#invoke(first)
  }

  #receive(): Message[] {
    const { spells } = this.#parts
    const names = ['sqs', `sqs:${this.#name}`]
    return this.#sqs.receive(this.#queue, BATCH_SIZE, {
      shuffled: spells.on(names, ['shuffled']) !== undefined,
      staysVisible: () => spells.on(names, ['again']) !== undefined,
    })
  }

  #invoke(batch: Message[]): void {
    const name = FUNCTION_OF[this.#name]
    const messages = batch.filter((message) => !this.#isLoop(message, name))
    if (messages.length === 0) {
      this.#free()
      return
    }
    const lineage: Lineage = {}
    for (const message of messages) {
      for (const [passed, times] of Object.entries(message.lineage))
        lineage[passed] = Math.max(lineage[passed] ?? 0, times)
    }
    const event = { Records: messages.map((message) => recordOf(message, this.#name)) }
    this.#lambda.invoke(name, event, TIMEOUT_S[this.#name] * 1_000, lineage, (outcome) =>
      this.#ended(messages, outcome),
    )
  }

  #isLoop(message: Message, name: string): boolean {
    if ((message.lineage[name] ?? 0) < LOOP) return false
    this.loops.push(message)
    this.#parts.report(undefined, `${name} has received message ${message.id} ${LOOP} times: Lambda stops the loop`)
    this.#sqs.toDeadLetters(this.#queue, message)
    return true
  }

  #ended(messages: Message[], outcome: Outcome): void {
    const done = doneOf(messages, outcome)
    const { clock, random, spells } = this.#parts
    // Deletes can fail too: then processed messages are redelivered.
    clock.after(random.between(1, 50), () => {
      for (const message of done) {
        if (spells.on(['sqs', `sqs:${this.#name}`], ['refused', 'reset'])) continue
        const now = this.#queue.messages.get(message.id)
        // If a message was received twice, either receive may delete it.
        if (now) this.#queue.messages.delete(message.id)
      }
      this.#free()
    })
  }

  #free(): void {
    this.#busy--
    this.#poll()
  }
}

/** Which messages Lambda deletes: all except the failed ones, and none if the response is invalid. */
function doneOf(messages: Message[], outcome: Outcome): Message[] {
  if (typeof outcome === 'string' || 'threw' in outcome) return []
  const { batchItemFailures = [] } = (outcome.answer ?? {}) as { batchItemFailures?: { itemIdentifier?: string }[] }
  const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)
  // An id that is not in the batch fails the whole batch.
  if (failed.some((id) => !messages.some((message) => message.id === id))) return []
  return messages.filter(({ id }) => !failed.includes(id))
}

function recordOf(message: Message, queue: QueueName) {
  return {
    messageId: message.id,
    receiptHandle: message.handle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue }]) => [
        name,
        { dataType: DataType, stringValue: StringValue },
      ]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn(queue),
    awsRegion: 'us-east-1',
  }
}
