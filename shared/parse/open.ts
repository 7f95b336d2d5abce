import type { z } from 'zod'
import { snsNotificationSchema, sqsRecordSchema } from '../../schemas/envelope.ts'
import { asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnAccount, arnText, parseArn } from './arn.ts'
import type { Envelope } from './draft.ts'
import { DRILL_ATTRIBUTE, drillIn } from './drill.ts'
import {
  isBareRecord,
  isForwarded,
  isNotification,
  isRecognised,
  isSnsRecord,
  isSqsRecord,
  isSubscriptionNotice,
  sourceOf,
} from './envelope.ts'
import { isOwnEvent } from './own-event.ts'
import { RefusedEvent } from './refused.ts'
import { regionCode } from './region.ts'
import { isAhead, isoTime } from './time.ts'

/** A message without its envelopes, and the facts from them. */
export interface OpenedMessage {
  content: string | Json | unknown[]
  envelope: Envelope
}

/** The most nested envelopes opened, as text or not; deeper content is shown as it is. */
const MAX_ENVELOPES = 8

/**
 * Opens every envelope around the messages in an input: SQS and SNS events, notifications, and texts of them, nested in
 * any order.
 *
 * @throws {RefusedEvent} for an input that is not an event, and for an envelope without its required fields. Errors
 * *inside* an SNS message are never refused: it is still a message, and somebody must see it.
 */
export function open(input: unknown, envelope: Envelope): OpenedMessage[] {
  return openValue(input, '', envelope, 0)
}

function openValue(value: unknown, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  if (typeof value === 'string') return openText(value, path, envelope, depth)
  if (Array.isArray(value)) return openList(value, path, envelope, depth)
  const object = asObject(value)
  if (object) return openObject(object, path, envelope, depth)
  throw refused(path, `is ${nameOf(value)}, not an event. Send the event as Lambda, SNS or EventBridge delivers it`)
}

function openText(text: string, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  const trimmed = text.replace(/^[\s\ufeff]+/, '')
  const first = trimmed[0]
  if (first === undefined) {
    throw refused(path, 'is an empty text. Send an event as JSON, or a non-empty message')
  }
  if (first === '{' || first === '[') {
    return openValue(eventLines(trimmed) ?? parseJson(trimmed, path), path, envelope, depth)
  }
  if (first === '"' && depth < MAX_ENVELOPES) {
    const inner = stringIn(trimmed)
    if (inner !== undefined) return openText(inner, path, envelope, depth + 1)
  }
  if (path === '' && isScalarJson(trimmed)) {
    throw refused(
      path,
      'is a single JSON value, not an event. Send the event as Lambda, SNS or EventBridge delivers it',
    )
  }
  return [{ content: text, envelope }]
}

function openList(list: unknown[], path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  if (list.length === 0) throw refused(path, 'is an empty list. Send at least one event in it')
  if (depth < MAX_ENVELOPES && list.every(isRecognised)) {
    return list.flatMap((item, index) => openValue(item, `${path}[${index}]`, envelope, depth + 1))
  }
  return [{ content: list, envelope }]
}

/** Events, one per line; `undefined`: it is another text. */
function eventLines(text: string): unknown[] | undefined {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '')
  if (lines.length < 2) return undefined
  try {
    const events = lines.map((line): unknown => JSON.parse(line))
    return events.every(isRecognised) ? events : undefined
  } catch {
    return undefined
  }
}

function openObject(object: Json, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  if (depth >= MAX_ENVELOPES || isOwnEvent(object)) return [{ content: object, envelope }]
  if (Object.hasOwn(object, 'Records')) return openRecords(object.Records, join(path, 'Records'), envelope, depth + 1)
  if (isSnsRecord(object)) return openSnsRecord(object, path, envelope, depth + 1)
  if (isBareRecord(object)) return openSqsRecord(object, path, envelope, depth + 1)
  if (isSubscriptionNotice(object)) return [{ content: object, envelope: snsFacts(object, envelope) }]
  if (isNotification(object)) return openNotification(object, path, envelope, depth + 1)
  const detail = asObject(object.detail)
  if (detail && isForwarded(object, detail)) return openForwarded(object, detail, path, envelope, depth + 1)
  if (Object.keys(object).length === 0) {
    throw refused(path, 'is an empty object. Send the event as Lambda, SNS or EventBridge delivers it')
  }
  return [{ content: object, envelope }]
}

function openRecords(records: unknown, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  if (!Array.isArray(records)) {
    throw refused(path, `is ${nameOf(records)}; a list of records is expected, as SQS and SNS send it to a Lambda`)
  }
  if (records.length === 0) throw refused(path, 'is an empty list; at least one record is expected')
  return records.flatMap((record, index) => openRecord(record, `${path}[${index}]`, envelope, depth))
}

function openRecord(given: unknown, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  const record = asObject(given)
  if (!record)
    throw refused(path, `is ${nameOf(given)}; a record with "Sns" (from SNS) or "body" (from SQS) is expected`)
  if (isSnsRecord(record)) return openSnsRecord(record, path, envelope, depth)
  if (isSqsRecord(record) || Object.hasOwn(record, 'body')) return openSqsRecord(record, path, envelope, depth)
  // S3, SES and others send records too: those are messages.
  if (sourceOf(record)) return [{ content: { Records: [record] }, envelope }]
  throw refused(path, 'has neither "Sns" (from SNS) nor "body" (from SQS) nor "eventSource". Send the whole record')
}

function openSqsRecord(given: Json, path: string, outer: Envelope, depth: number): OpenedMessage[] {
  const record = essentials(sqsRecordSchema, given, path, 'the text of the message, as SQS delivers it')
  const envelope = {
    ...outer,
    ...defined({
      at: sentAt(asObject(record.attributes)?.SentTimestamp, outer),
      account: arnAccount(record.eventSourceARN),
      region: regionCode(record.awsRegion) ?? regionCode(parseArn(record.eventSourceARN)?.region),
      attributes: sqsAttributes(given.messageAttributes),
    }),
  }
  return openValue(record.body, join(path, 'body'), envelope, depth)
}

/** The router sets these on a dead letter: why it is one, and that a person has redriven it. They are not the sender's. */
const OURS = ['reason', 'about', 'messageId', 'sentAt', 'redriven']

/** An SQS record's attributes: the sender's, also with SNS raw delivery. If there are none, those of the outer envelope. */
function sqsAttributes(given: unknown): Envelope['attributes'] {
  const theirs = Object.entries(asObject(given) ?? {}).filter(([name]) => !OURS.includes(name))
  return theirs.length === 0 ? undefined : textsIn(theirs, 'dataType', 'stringValue')
}

function textsIn(attributes: [string, unknown][], typeKey: string, valueKey: string): Record<string, string> {
  const texts = attributes.flatMap(([name, given]): [string, string][] => {
    const attribute = asObject(given)
    const text = attribute?.[typeKey] === 'Binary' ? undefined : asText(attribute?.[valueKey])
    return text === undefined ? [] : [[name, text]]
  })
  return Object.fromEntries(texts)
}

function openSnsRecord(record: Json, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  const inner = join(path, 'Sns')
  const notification = asObject(record.Sns)
  if (!notification) {
    throw refused(inner, `is ${nameOf(record.Sns)}; the notification is expected, an object with "Message"`)
  }
  if (isSubscriptionNotice(notification)) return [{ content: notification, envelope: snsFacts(notification, envelope) }]
  return openNotification(notification, inner, envelope, depth)
}

/** An invalid detail is not refused: then the event around it is the message. */
function openForwarded(event: Json, detail: Json, path: string, outer: Envelope, depth: number): OpenedMessage[] {
  const account = asText(event.account)
  const envelope = {
    ...outer,
    ...defined({
      at: sentAt(event.time, outer),
      account,
      sender: senderIn(account, outer),
      region: regionCode(asText(event.region)),
    }),
  }
  try {
    return openObject(detail, join(path, 'detail'), envelope, depth)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
    return [{ content: event, envelope: outer }]
  }
}

function openNotification(given: Json, path: string, outer: Envelope, depth: number): OpenedMessage[] {
  const notification = essentials(snsNotificationSchema, given, path, 'the text that was published, as SNS delivers it')
  return openMessage(notification.Message, join(path, 'Message'), snsFacts(given, outer), depth)
}

function snsFacts(notification: Json, outer: Envelope): Envelope {
  const topic = arnText(asText(notification.TopicArn))
  const account = arnAccount(topic)
  const attributes = asObject(notification.MessageAttributes)
  const { [DRILL_ATTRIBUTE]: mark, ...texts } = textsIn(Object.entries(attributes ?? {}), 'Type', 'Value')
  const drill = outer.topic === undefined ? drillIn(mark) : undefined
  return {
    ...outer,
    ...defined({
      topic,
      subject: asText(notification.Subject),
      at: sentAt(notification.Timestamp, outer),
      account,
      sender: senderIn(account, outer),
      region: regionCode(parseArn(topic)?.region),
      // The router's own mark is no fact of the sender.
      attributes:
        attributes && (drill === undefined && mark !== undefined ? { ...texts, [DRILL_ATTRIBUTE]: mark } : texts),
      drill,
    }),
  }
}

/** A topic in the queue's account may have any publisher; a topic in another account identifies the sender. */
function senderIn(account: string | undefined, outer: Envelope): string | undefined {
  return outer.account === undefined || account === outer.account ? undefined : account
}

/** When it was sent; if the sender's clock is wrong, the time of the outer envelope. */
function sentAt(given: unknown, { at, received }: Envelope): string | undefined {
  const time = isoTime(given)
  return time === undefined || isAhead(time, at ?? received) ? undefined : time
}

/** Everything published is a message: invalid JSON is a text, and an invalid envelope is JSON. */
function openMessage(message: string | object, path: string, envelope: Envelope, depth: number): OpenedMessage[] {
  try {
    return openValue(message, path, envelope, depth)
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error
  }
  if (typeof message !== 'string') return [{ content: message as Json | unknown[], envelope }]
  try {
    return [{ content: JSON.parse(message), envelope }]
  } catch {
    return [{ content: message, envelope }]
  }
}

function essentials<S extends z.ZodType>(schema: S, given: Json, path: string, expected: string): z.infer<S> {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const key = String(result.error.issues[0]?.path[0] ?? '')
  throw refused(join(path, key), `is ${nameOf(given[key])}; ${expected} is expected`)
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The parser's message quotes the text, which may contain a secret.
    const where = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
    const at = where === undefined ? `somewhere in its ${text.length} characters` : `at character ${where}`
    throw refused(path, `is invalid JSON ${at}. Fix it, or send a plain text that does not start with { or [`)
  }
}

function stringIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function isScalarJson(text: string): boolean {
  return /^(?:null|true|false|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*$/i.test(text)
}

function refused(path: string, problem: string): RefusedEvent {
  return new RefusedEvent(path || 'event', problem)
}

function join(path: string, key: string): string {
  return path ? `${path}.${key}` : key
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function defined<T extends object>(facts: T): Partial<T> {
  const summary: Partial<T> = {}
  for (const key in facts) if (facts[key] !== undefined) summary[key] = facts[key]
  return summary
}
