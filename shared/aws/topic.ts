import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import type { AlertStatus } from '../../schemas/alert.ts'
import type { Wake } from '../../schemas/wake.ts'
import { clientOptions, environment, inTime } from './client.ts'
import { together } from './together.ts'

const client = inTime(new SNSClient(clientOptions))

/** SNS: at most 10 entries a batch; a wake-up has some 200 bytes, of the 256 KiB that a batch may have. */
const BATCH_ENTRIES = 10

/** Whom to wake, and for what. Subscriptions filter by the status; a wake-up does not say it. */
export interface Woken {
  wake: Wake
  status: AlertStatus
}

const textOf = (StringValue: string) => ({ DataType: 'String', StringValue })

/**
 * Publishes wake-ups to SNS, which fans them out to each channel's queue. Those of one batch are published together.
 * @throws {Error} when one was not accepted: the caller must retry all of them; a wake-up may be sent twice.
 */
export async function publish(wakes: Woken[]): Promise<void> {
  await Promise.all(wakes.map(publishOne))
}

const publishOne = together(async (wakes: Woken[]) => {
  const batches = []
  for (let from = 0; from < wakes.length; from += BATCH_ENTRIES) batches.push(wakes.slice(from, from + BATCH_ENTRIES))
  return (await Promise.all(batches.map(publishBatch))).flat()
})

async function publishBatch(batch: Woken[]): Promise<(undefined | Error)[]> {
  const { Failed = [] } = await client.send(
    new PublishBatchCommand({
      TopicArn: environment('NOTIFICATIONS_TOPIC_ARN'),
      PublishBatchRequestEntries: batch.map(({ wake, status }, index) => ({
        Id: String(index),
        Message: JSON.stringify(wake),
        MessageAttributes: { channelType: textOf(wake.type), status: textOf(status) },
      })),
    }),
  )
  // A 200 can hold failed entries.
  const failed = new Map(Failed.map(({ Id, Code, Message }) => [Id, `${Code}: ${Message}`]))
  return batch.map((_, index) => {
    const reason = failed.get(String(index))
    return reason === undefined ? undefined : new Error(`SNS did not accept a wake-up: ${reason}`)
  })
}

/** Publishes an event to the alarms topic. When this returns, SNS has stored it. */
export async function publishEvent(event: string): Promise<void> {
  await client.send(new PublishCommand({ TopicArn: environment('ALARMS_TOPIC_ARN'), Message: event }))
}
