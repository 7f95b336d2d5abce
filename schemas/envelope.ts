import * as z from 'zod'
import { anything, text } from './loose.ts'

/** What carries a message: only what is essential can fail. Everything else is a fact that may be missing. */

const textOrObject = z.custom<string | object>(
  (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
)

/** A record that SQS hands to a Lambda. `body` may be an object where someone has parsed it already. */
export const sqsRecordSchema = z.object({
  body: textOrObject,
  messageId: text,
  eventSourceARN: text,
  awsRegion: text,
  attributes: anything,
})

/** What SNS sends: to HTTP(S), into an SQS body, or as `Sns` in a Lambda's record. */
export const snsNotificationSchema = z.object({
  Message: textOrObject,
  TopicArn: text,
  Subject: text,
  Timestamp: anything,
  MessageId: text,
  MessageAttributes: anything,
})
