import { createHash } from 'node:crypto'
import { AwsError } from './error.ts'

/*
 * An SQS message: its allowed content, and the attributes that SQS returns.
 */

export interface Attribute {
  DataType: string
  StringValue?: string
}

export type Attributes = Record<string, Attribute>

/** The functions that a message has passed through, and how often each: the content of Lambda's trace header. */
export type Lineage = Record<string, number>

/** A message, as a queue stores it. */
export interface Message {
  id: string
  body: string
  attributes: Attributes
  sentAt: number
  visibleAt: number
  firstReceivedAt?: number
  lastReceivedAt?: number
  receives: number
  /** The handle of its last receive. */
  handle?: string
  lineage: Lineage
}

/** The characters of XML 1.0, to which SQS restricts a body. */
const FORBIDDEN = /[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u

/** What SQS returns about a message besides its body. */
export function systemAttributes({ sentAt, firstReceivedAt, receives, lineage }: Message): Record<string, string> {
  return {
    SenderId: 'AIDASIMULATED',
    SentTimestamp: String(sentAt),
    ApproximateReceiveCount: String(receives),
    ApproximateFirstReceiveTimestamp: String(firstReceivedAt ?? sentAt),
    ...(Object.keys(lineage).length > 0 && {
      AWSTraceHeader: `Root=1-00000000-000000000000000000000000;Lineage=${lineageText(lineage)}`,
    }),
  }
}

function lineageText(lineage: Lineage): string {
  return Object.entries(lineage)
    .map(([name, times]) => `${createHash('md5').update(name).digest('hex').slice(0, 8)}:${times}`)
    .join('|')
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message)
}

/** A message's text. @throws {AwsError} for characters that SQS rejects. */
export function checkBody(body: string): void {
  if (!FORBIDDEN.test(body)) return
  throw new AwsError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF and #xE000 to #xFFFD.',
  )
}

/** @throws {AwsError} */
export function checkAttributes(attributes: Attributes): void {
  if (Object.keys(attributes).length > 10)
    throw invalid('Number of message attributes [> 10] exceeds the allowed maximum [10].')
  for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
    if (!/^[\w.-]{1,256}$/.test(name)) throw invalid(`Message (user) attribute name '${name}' is invalid.`)
    if (!/^(String|Number|Binary)(\.|$)/.test(DataType ?? ''))
      throw invalid(`The message attribute '${name}' has an invalid message attribute type.`)
    if (/^(String|Number)/.test(DataType) && !StringValue) {
      throw invalid(`Message (user) attribute '${name}' must contain a non-empty value of type 'String'.`)
    }
    checkBody(StringValue ?? '')
  }
}

/** What counts towards the maximum size of a message. */
export function sizeOf(body: string, attributes: Attributes): number {
  const ofAttributes = Object.entries(attributes).map(
    ([name, { DataType, StringValue = '' }]) =>
      Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue),
  )
  return ofAttributes.reduce((sum, bytes) => sum + bytes, Buffer.byteLength(body))
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** By name: each name, type and value with its length before it (SQS Developer Guide, message attributes). */
export function md5OfAttributes(attributes: Attributes): string {
  const hash = createHash('md5')
  const add = (text: string) => {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    hash.update(length).update(bytes)
  }
  for (const [name, { DataType, StringValue = '' }] of Object.entries(attributes).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    add(name)
    add(DataType)
    hash.update(Buffer.from([1]))
    add(StringValue)
  }
  return hash.digest('hex')
}
