import type { SQSRecord } from 'aws-lambda'
import { measure } from './metrics.ts'

/**
 * Measures how long the oldest of the messages that one invocation leaves to be retried has waited. SQS's own metric of
 * a queue's oldest message leaves out messages received more than three times (SQS Developer Guide, Available
 * CloudWatch metrics for Amazon SQS): everything that has been retried for long.
 */
export function measureWaiting(queue: string, again: SQSRecord[], now = Date.now()): void {
  const sentAt = again.map(({ attributes }) => Number(attributes?.SentTimestamp)).filter(Number.isFinite)
  if (sentAt.length > 0) measure({ WaitingMs: Math.max(0, now - Math.min(...sentAt)) }, {}, { about: { Queue: queue } })
}
