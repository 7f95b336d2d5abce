import { setTimeout as sleep } from 'node:timers/promises'
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { clientOptions, environment, inTime } from '../aws/client.ts'
import { log } from '../observe/log.ts'
import type { Delayed } from './due.ts'

const client = inTime(new SQSClient(clientOptions))

/** The most that SQS takes in one call. */
const BATCH = 10
const TRIES = 3
const PAUSE_MS = 100

/**
 * Puts messages into the alarms' queue, each with its delay. When this returns, SQS has stored them.
 * @throws {Error} when some were not accepted: the caller must send all of them again; duplicates do no harm.
 */
export async function sendAll(messages: Delayed[]): Promise<void> {
  for (let from = 0; from < messages.length; from += BATCH) await sendBatch(messages.slice(from, from + BATCH))
}

async function sendBatch(batch: Delayed[]): Promise<void> {
  let left = batch
  for (let tries = 1; ; tries++) {
    const { Failed = [] } = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: environment('ALARMS_QUEUE_URL'),
        Entries: left.map(({ body, delayS }, index) => ({
          Id: String(index),
          MessageBody: body,
          DelaySeconds: delayS,
        })),
      }),
    )
    // A response with status 200 can contain failed entries.
    if (Failed.length === 0) return
    const sent = left
    const again = Failed.filter(({ SenderFault }) => !SenderFault)
    // These would fail every time, and block all that follow them.
    for (const { Id, Code, Message, SenderFault } of Failed) {
      if (SenderFault)
        log.error('queue.entry_rejected', 'SQS rejected a message; dropped', {
          body: sent[Number(Id)]?.body,
          reason: `${Code}: ${Message}`,
        })
    }
    left = again.flatMap(({ Id }) => sent[Number(Id)] ?? [])
    if (left.length === 0) return
    if (tries === TRIES) {
      const [{ Code, Message } = {}] = again
      throw new Error(`SQS did not accept ${left.length} of ${batch.length} messages: ${Code}: ${Message}`)
    }
    await sleep(PAUSE_MS)
  }
}
