import type { SQSRecord } from 'aws-lambda'
import { measure } from './metrics.ts'

/**
 * Measures how long the oldest of what one invocation leaves to be retried has waited: of its messages, and of the alerts that
 * wait `since` some time (ISO 8601), with a message or in the table. SQS's own metric of
 * a queue's oldest message leaves out messages received more than three times (SQS Developer Guide, Available
 * CloudWatch metrics for Amazon SQS): everything that has been retried for long.
 */
export function measureWaiting(queue: string, again: SQSRecord[], since: string[] = [], now = Date.now()): void {
  const sentAt = again.map(({ attributes }) => Number(attributes?.SentTimestamp))
  const times = [...sentAt, ...since.map(Date.parse)].filter(Number.isFinite)
  if (times.length > 0) measure({ WaitingMs: Math.max(0, now - Math.min(...times)) }, {}, { about: { Queue: queue } })
}
