import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import type { Notification } from '../schemas/notification.ts'
import { clientOptions, environment, inTime } from './aws.ts'

const client = inTime(new SNSClient(clientOptions))

/** SNS: at most 10 entries and 256 KiB a batch (and a message). */
const BATCH_ENTRIES = 10
const BATCH_BYTES = 256 * 1_024

/**
 * Hands notifications to SNS, which fans them out to each channel's queue.
 * @throws {Error} when one was not taken: the caller must try all again; those taken already are sent once all the same.
 */
export async function publish(notifications: Notification[]): Promise<void> {
  for (const batch of batches(notifications)) {
    const { Failed = [] } = await client.send(
      new PublishBatchCommand({
        TopicArn: environment('NOTIFICATIONS_TOPIC_ARN'),
        PublishBatchRequestEntries: batch.map(({ type, message }, index) => ({
          Id: String(index),
          Message: message,
          MessageAttributes: { channelType: { DataType: 'String', StringValue: type } },
        })),
      }),
    )
    // A 200 can hold failed entries.
    if (Failed.length > 0) {
      const reasons = Failed.map(({ Code, Message }) => `${Code}: ${Message}`).join('; ')
      throw new Error(`SNS took ${batch.length - Failed.length} of ${batch.length} notifications: ${reasons}`)
    }
  }
}

/** Puts an event onto the alarms topic. When this returns, it is safe there. */
export async function publishEvent(event: string): Promise<void> {
  await client.send(new PublishCommand({ TopicArn: environment('ALARMS_TOPIC_ARN'), Message: event }))
}

interface Entry {
  type: string
  message: string
}

function* batches(notifications: Notification[]): Generator<Entry[]> {
  let batch: Entry[] = []
  let bytes = 0
  for (const notification of notifications) {
    const entry = { type: notification.type, message: JSON.stringify(notification) }
    // Attributes count too.
    const size = Buffer.byteLength(entry.message) + 64
    if (batch.length > 0 && (batch.length === BATCH_ENTRIES || bytes + size > BATCH_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(entry)
    bytes += size
  }
  if (batch.length > 0) yield batch
}
