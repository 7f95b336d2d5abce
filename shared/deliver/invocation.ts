import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda'
import type { ChannelType } from '../../schemas/channel.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { log } from '../observe/log.ts'
import { measureWaiting } from '../observe/waiting.ts'
import { DeferredError } from './deferred.ts'
import type { Claimed } from './messages.ts'

/** The part of the function's time that is reserved for after a call: to write the table and answer SQS. */
const RESERVE_MS = 3_000
const MAX_CALL_MS = 10_000
/** With less time than this nothing is sent: the message is retried. */
const MIN_CALL_MS = 1_000
/** A digest: where its message is, and the wake-up of one of its alerts. */
export interface Watched {
  /** The channel's name. */
  channel: string
  posted: PostedMessage
  record: SQSRecord
}

/** One invocation: its records, which of them must be retried, and the time left. */
export class Invocation {
  readonly #context: Context
  readonly #queue: ChannelType
  readonly #records = new Map<Claimed, SQSRecord>()
  readonly #again = new Map<string, SQSRecord>()
  readonly #waitingSince: string[] = []
  /** Digests to look at, by their ids. */
  readonly digests = new Map<string, Watched>()

  constructor(context: Context, queue: ChannelType) {
    this.#context = context
    this.#queue = queue
  }

  add(claimed: Claimed, record: SQSRecord): void {
    this.#records.set(claimed, record)
  }

  recordOf(claimed: Claimed): SQSRecord {
    const record = this.#records.get(claimed)
    if (!record) throw new Error('a notification without its record')
    return record
  }

  retryLater(record: SQSRecord): void {
    this.#again.set(record.messageId, record)
  }

  /** It was not delivered, and is retried; a wake-up that came just now may be about what has waited for hours. */
  waits({ failingSince }: Claimed): void {
    if (failingSince !== undefined) this.#waitingSince.push(failingSince)
  }

  isRetried({ messageId }: SQSRecord): boolean {
    return this.#again.has(messageId)
  }

  /** Runs what settles a notification. When that fails, its outcome is unknown and its message is retried. */
  async runOrRetry(claimed: Claimed, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.retryLater(this.recordOf(claimed))
      log.warn('message.retry', 'retry scheduled', { ...lineOf(claimed), reason: String(error) })
    }
  }

  remainingMs(): number {
    return this.#context.getRemainingTimeInMillis()
  }

  /** How long a message may wait for its slot, so that its call and what follows it still fit. */
  waitableMs(): number {
    const forCalls = Math.max(0, this.remainingMs() - RESERVE_MS)
    return forCalls - Math.min(MAX_CALL_MS, forCalls / 2)
  }

  /** How long a call may take now. @throws {DeferredError} */
  callMs(): number {
    const timeoutMs = Math.min(MAX_CALL_MS, this.remainingMs() - RESERVE_MS)
    // If it were sent but not recorded, it would be sent again.
    if (timeoutMs < MIN_CALL_MS)
      throw new DeferredError('not attempted: too little time left in this invocation', 1_000)
    return timeoutMs
  }

  /** What Lambda must not delete of its batch. */
  answer(batch: SQSRecord[]): SQSBatchResponse {
    measureWaiting(this.#queue, [...this.#again.values()], this.#waitingSince)
    const retried = batch.filter((record) => this.isRetried(record))
    return { batchItemFailures: retried.map(({ messageId }) => ({ itemIdentifier: messageId })) }
  }
}

/** In every log line about a notification, so that one query follows an alert through all functions. */
export function lineOf({
  fingerprint,
  recipient,
  notification,
}: Pick<Claimed, 'fingerprint' | 'recipient' | 'notification'>) {
  return { fingerprint, recipient, notificationId: notification.id, channel: notification.channel }
}
