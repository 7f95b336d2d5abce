import { snsNotificationSchema } from '../../schemas/envelope.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { isAlarm } from './alarm.ts'
import { isOwnEvent } from './own-event.ts'
import { isPrometheus } from './prometheus.ts'

/*
 * How the envelopes of SNS, SQS and EventBridge are recognised. Anything else is the sender's own message.
 */

/** Is it an item of a list of events, and not of a list in somebody's message? */
export function isRecognised(item: unknown): boolean {
  const object = asObject(item)
  if (!object) return false
  return isOwnEvent(object) || isAlarm(object) || isPrometheus(object) || isWholeEnvelope(object)
}

/**
 * Certainly an envelope, as AWS writes it. Other messages have some of its fields, too (a chat's `body` and `messageId`):
 * opened as an envelope, such a message would lose all the others.
 */
function isWholeEnvelope(object: Json): boolean {
  const records = asList(object.Records).map(asObject)
  return (
    isWholeRecord(object) ||
    (object.Type === 'Notification' && Object.hasOwn(object, 'TopicArn')) ||
    isWholeEvent(object) ||
    (records.length > 0 && records.every((record) => record !== undefined && isWholeRecord(record)))
  )
}

function isWholeRecord(record: Json): boolean {
  return sourceOf(record) === 'aws:sns' || (sourceOf(record) === 'aws:sqs' && isBareRecord(record))
}

function isWholeEvent(event: Json): boolean {
  return (
    (Object.hasOwn(event, 'version') || Object.hasOwn(event, 'id')) &&
    ['source', 'account', 'detail-type'].every((key) => asText(event[key]) !== undefined) &&
    asObject(event.detail) !== undefined
  )
}

export function isSnsRecord(record: Json): boolean {
  return Object.hasOwn(record, 'Sns') || sourceOf(record) === 'aws:sns'
}

export function isSqsRecord(record: Json): boolean {
  return (
    sourceOf(record) === 'aws:sqs' || ['body', 'messageId', 'receiptHandle'].every((key) => Object.hasOwn(record, key))
  )
}

const RECORD_KEYS: ReadonlySet<string> = new Set([
  ...['messageId', 'receiptHandle', 'body', 'attributes', 'messageAttributes', 'md5OfBody', 'md5OfMessageAttributes'],
  ...['eventSource', 'eventSourceARN', 'awsRegion'],
])

/** A record alone, unchanged: with added keys (`error`, `severity`) it is somebody's message about the record. */
export function isBareRecord(record: Json): boolean {
  return isSqsRecord(record) && Object.keys(record).every((key) => RECORD_KEYS.has(key))
}

export function sourceOf(record: Json): string | undefined {
  return asText(record.eventSource) ?? asText(record.EventSource)
}

/** Did a pipe or a function put its input on the bus unchanged? If that is not certain, the event is the sender's own. */
export function isForwarded(event: Json, detail: Json): boolean {
  return Object.hasOwn(event, 'detail-type') && !isOwnEvent(detail) && isWholeEnvelope(detail)
}

const NOTIFICATION_KEYS = new Set([
  ...Object.keys(snsNotificationSchema.shape),
  ...[
    'Type',
    'SequenceNumber',
    'SignatureVersion',
    'Signature',
    'SigningCertURL',
    'SigningCertUrl',
    'UnsubscribeURL',
    'UnsubscribeUrl',
  ],
])

/**
 * An SNS notification, possibly cut down by a person to its Message, but with no keys added.
 */
export function isNotification(object: Json): boolean {
  if (object.Type === 'Notification') return true
  return Object.hasOwn(object, 'Message') && Object.keys(object).every((key) => NOTIFICATION_KEYS.has(key))
}

export function isSubscriptionNotice(object: Json): boolean {
  return object.Type === 'SubscriptionConfirmation' || object.Type === 'UnsubscribeConfirmation'
}
