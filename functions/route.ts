import middy from '@middy/core'
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { within } from '../shared/aws/deadline.ts'
import { publishEvent } from '../shared/aws/topic.ts'
import { handleBatch } from '../shared/deliver/batch.ts'
import { routeRecord } from '../shared/route/route.ts'

/**
 * SQS invokes it with a batch of what SNS delivered: events, from which it decides who is notified. A CloudWatch
 * alarm's Lambda action invokes it directly: it publishes that event to the alarms topic, as the alarm itself could
 * have done, so that it is kept, retried and archived like all others.
 */
export const handler = middy<SQSEvent, SQSBatchResponse | undefined>().handler((event, context) =>
  within(context.getRemainingTimeInMillis(), async () => {
    if (isFromQueue(event)) return handleBatch('alarms', event, context, routeRecord)
    await publishEvent(JSON.stringify(event ?? null))
  }),
)

function isFromQueue(event: { Records?: SQSRecord[] } | null): boolean {
  return event?.Records?.[0]?.eventSource === 'aws:sqs'
}
