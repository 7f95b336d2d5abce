import type { SQSRecord } from 'aws-lambda'
import type { ChannelType } from '../../schemas/channel.ts'
import { receive, remove } from '../aws/queue.ts'
import { log } from '../observe/log.ts'
import { FEW } from './messages.ts'

/*
 * Lambda gives a function a message as soon as there is one, and at most ten at once: a batch that waits for company would
 * delay an alert that comes alone. When a batch shows that many come at once, the function reads on: what waits is sent in
 * few messages.
 */

/** The time of an invocation for each of its messages, several times of what one takes: 500 in half a minute. */
const EACH_MS = 60
/** Receives at a time; SQS gives ten messages in each at most. */
const AT_ONCE = 5

/**
 * What waits in the queue beside a batch. Nothing after a batch of few, or where it cannot be read: then it has its own batch.
 * Never throws.
 */
export async function readOn(queue: ChannelType, batch: SQSRecord[], remainingMs: () => number): Promise<SQSRecord[]> {
  const further: SQSRecord[] = []
  const hasRoom = () => (batch.length + further.length) * EACH_MS < remainingMs()
  while (batch.length > FEW && hasRoom()) {
    const answers = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => receive(queue)))
    const some = answers.map((one) => (one.status === 'fulfilled' ? one.value : []))
    further.push(...some.flat())
    for (const one of answers)
      if (one.status === 'rejected')
        log.warn('queue.read_failed', 'cannot read what else waits', { reason: String(one.reason) })
    if (some.some(({ length }) => length === 0)) break
  }
  return unique(batch, further)
}

/** SQS may give a message twice: its last receipt counts, and those of the batch are Lambda's to delete. */
function unique(batch: SQSRecord[], further: SQSRecord[]): SQSRecord[] {
  const own = new Set(batch.map(({ messageId }) => messageId))
  const byId = new Map(further.map((record) => [record.messageId, record]))
  return [...byId.values()].filter(({ messageId }) => !own.has(messageId))
}

/** Takes handled messages out of the queue. One that cannot be deleted returns, and nothing is owed. Never throws. */
export async function removeRead(queue: ChannelType, handled: SQSRecord[]): Promise<void> {
  await remove(queue, handled).catch((error) =>
    log.warn('queue.delete_failed', 'handled messages are still in the queue, and return', { reason: String(error) }),
  )
}
