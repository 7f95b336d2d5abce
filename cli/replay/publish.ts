import { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { queueUrl } from '../../local/router.ts'
import type { Alert } from '../../schemas/alert.ts'
import { isEnvelope } from '../../shared/parse/published.ts'
import { alertsIn, type ReplayEvent } from './events.ts'
import { MAX_BYTES, whyNotSent } from './sendable.ts'

const MAX_ENTRIES = 10

/** An event, with the id it was published under, or the error. */
export type Published = { event: ReplayEvent; messageId: string } | { event: ReplayEvent; error: string }

/**
 * Puts events into waves, in the order of their changes: an alarm's second change is published when its first has
 * been routed and delivered, as on AWS, where they are minutes apart. Events of different alarms share a wave.
 */
export function wavesOf(events: ReplayEvent[]): ReplayEvent[][] {
  const seen = new Map<string, number>()
  const waves: ReplayEvent[][] = []
  const inTime = events
    .map((event) => ({ event, alerts: alertsOrNone(event) }))
    .sort((a, b) => (a.alerts[0]?.changedAt ?? '').localeCompare(b.alerts[0]?.changedAt ?? ''))
  for (const { event, alerts } of inTime) {
    const wave = alerts.reduce((last, { fingerprint }) => Math.max(last, seen.get(fingerprint) ?? 0), 0)
    for (const { fingerprint } of alerts) seen.set(fingerprint, wave + 1)
    const beside = waves[wave]
    if (beside) beside.push(event)
    else waves[wave] = [event]
  }
  return waves
}

/** In the event's own order; empty if it is rejected. */
function alertsOrNone(event: ReplayEvent): Alert[] {
  try {
    return alertsIn(event)
  } catch {
    return []
  }
}

/**
 * Publishes events to the alarms topic, as CloudWatch and EventBridge do. An event captured in an envelope of SNS or
 * SQS was published already: it is put into the queue unchanged, so that its own topic, account and time are shown,
 * and so is a broken envelope. Never throws: an event that can't be published gets an error.
 */
export async function publishEvents(events: ReplayEvent[], topicArn: string): Promise<Published[]> {
  const sns = new SNSClient({})
  const sqs = new SQSClient({})
  const published: Published[] = []
  let batch: ReplayEvent[] = []
  let bytes = 0
  const flush = async () => {
    if (batch.length > 0) published.push(...(await publishBatch(sns, topicArn, batch)))
    batch = []
    bytes = 0
  }
  for (const event of events) {
    const error = whyNotSent(event)
    if (error !== undefined) published.push({ event, error })
    else if (isEnvelope(event.text)) published.push(await enqueue(sqs, event))
    else {
      const size = Buffer.byteLength(event.text)
      if (batch.length === MAX_ENTRIES || bytes + size > MAX_BYTES) await flush()
      batch.push(event)
      bytes += size
    }
  }
  await flush()
  sns.destroy()
  sqs.destroy()
  return published
}

async function enqueue(sqs: SQSClient, event: ReplayEvent): Promise<Published> {
  try {
    const { MessageId = '' } = await sqs.send(
      new SendMessageCommand({ QueueUrl: queueUrl('alarms'), MessageBody: event.text }),
    )
    return { event, messageId: MessageId }
  } catch (error) {
    return { event, error: `SQS rejected it: ${(error as Error).message}` }
  }
}

/** A batch that fails as a whole is retried one by one, to find the event that fails. */
async function publishBatch(sns: SNSClient, topicArn: string, events: ReplayEvent[]): Promise<Published[]> {
  try {
    const { Successful = [], Failed = [] } = await sns.send(
      new PublishBatchCommand({
        TopicArn: topicArn,
        PublishBatchRequestEntries: events.map(({ text }, index) => ({ Id: String(index), Message: text })),
      }),
    )
    return events.map((event, index) => {
      const messageId = Successful.find((entry) => entry.Id === String(index))?.MessageId
      if (messageId) return { event, messageId }
      return { event, error: `SNS rejected it: ${Failed.find((entry) => entry.Id === String(index))?.Message}` }
    })
  } catch (error) {
    if (events.length === 1)
      return events.map((event) => ({ event, error: `SNS rejected it: ${(error as Error).message}` }))
    const each = await Promise.all(events.map((event) => publishBatch(sns, topicArn, [event])))
    return each.flat()
  }
}
