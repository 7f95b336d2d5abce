import * as z from 'zod'
import { anything, text } from './loose.ts'

/** A message's envelope: only the essential can fail validation. Everything else may be missing. */

const textOrObject = z.custom<string | object>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
)

/** A record that SQS passes to a Lambda. `body` may be an object if someone has parsed it already. */
export const sqsRecordSchema = z.object({
  body: textOrObject,
  messageId: text,
  eventSourceARN: text,
  awsRegion: text,
  attributes: anything,
})

/** An SNS notification: over HTTP(S), in an SQS body, or as `Sns` in a Lambda's record. */
export const snsNotificationSchema = z.object({
  Message: textOrObject,
  TopicArn: text,
  Subject: text,
  Timestamp: anything,
  MessageId: text,
  MessageAttributes: anything,
})
