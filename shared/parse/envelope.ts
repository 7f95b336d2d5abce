import { snsNotificationSchema } from '../../schemas/envelope.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { isAlarm } from './alarm.ts'
import { isOwnEvent } from './own-event.ts'
import { isPrometheus } from './prometheus.ts'

/*
 * By what an envelope is known: that of SNS, of SQS, of EventBridge. All else is somebody's own.
 */

/** A list of events, and not just a list in somebody's message. */
export function isRecognised(item: unknown): boolean {
  const object = asObject(item)
  if (!object) return false
  return isOwnEvent(object) || isAlarm(object) || isPrometheus(object) || isWholeEnvelope(object)
}

/**
 * An envelope for certain, as AWS writes it. Other people's messages have some of its fields, too (`body` and `messageId` of a
 * chat): opened as an envelope, such a message would lose all the others.
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

/** A record alone, as it came: with keys of somebody's own (`error`, `severity`) it is their message about it. */
export function isBareRecord(record: Json): boolean {
  return isSqsRecord(record) && Object.keys(record).every((key) => RECORD_KEYS.has(key))
}

export function sourceOf(record: Json): string | undefined {
  return asText(record.eventSource) ?? asText(record.EventSource)
}

/** Has a pipe or a function put its input on the bus unchanged? Where that is not certain, the event is the sender's. */
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
 * What SNS sends; also what is left of it when a person has cut it down to its Message, but with nothing of their own beside.
 */
export function isNotification(object: Json): boolean {
  if (object.Type === 'Notification') return true
  return Object.hasOwn(object, 'Message') && Object.keys(object).every((key) => NOTIFICATION_KEYS.has(key))
}

export function isSubscriptionNotice(object: Json): boolean {
  return object.Type === 'SubscriptionConfirmation' || object.Type === 'UnsubscribeConfirmation'
}
