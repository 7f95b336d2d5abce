import type { SQSRecord } from 'aws-lambda'
import { measure } from './metrics.ts'

/**
 * Of what comes again to a queue, as one invocation leaves it: how long the oldest has waited. SQS's own metric of a queue's
 * oldest message leaves out what has been received more than three times (SQS Developer Guide, Available CloudWatch metrics
 * for Amazon SQS), and so all that is tried again for long.
 */
export function measureWaiting(queue: string, again: SQSRecord[], now = Date.now()): void {
  const sentAt = again.map(({ attributes }) => Number(attributes?.SentTimestamp)).filter(Number.isFinite)
  if (sentAt.length > 0) measure({ WaitingMs: Math.max(0, now - Math.min(...sentAt)) }, { Queue: queue })
}
