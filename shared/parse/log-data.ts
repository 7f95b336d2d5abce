import { gunzipSync } from 'node:zlib'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { parseArn } from './arn.ts'
import { type Draft, type Envelope, hash, topicName } from './draft.ts'
import { asLines, factsOf } from './facts.ts'
import { logGroupPage, logStreamPage } from './links.ts'
import { worstOf } from './log-line.ts'
import { regionCode } from './region.ts'
import { firstLine } from './text.ts'
import { isoTime } from './time.ts'

/*
 * What a CloudWatch Logs subscription sends: lines of a log group, packed (base64 of gzip) as Lambda receives them, or
 * forwarded by somebody, packed or not.
 */

/** CloudWatch Logs packs at most 1 MB; anything larger is not from it. */
const MAX_BYTES = 8_000_000
/** `H4sI`: the start of gzip in base64. */
const PACKED = /^H4sI[A-Za-z0-9+/]+={0,2}$/

/** Log lines in an object; `undefined`: it is another message. */
export function logData(message: Json, envelope: Envelope): Draft[] | undefined {
  const packed = asText(asObject(message.awslogs)?.data)
  if (packed !== undefined) return unpackedLines(packed, envelope)
  return linesOf(message, envelope) ?? streamed(message, envelope)
}

/** From a Kinesis stream in between, whose records may contain anything. */
function streamed(message: Json, envelope: Envelope): Draft[] | undefined {
  const record = asObject(asList(message.Records)[0])
  const packed = asText(asObject(record?.kinesis)?.data)
  const data = packed !== undefined && PACKED.test(packed) ? unpack(packed) : undefined
  const region = regionCode(asText(record?.awsRegion) ?? parseArn(asText(record?.eventSourceARN))?.region)
  return data && linesOf(data, { ...envelope, ...(region && { region }) })
}

/** Log lines packed in a text. */
export function logText(text: string, envelope: Envelope): Draft[] | undefined {
  const trimmed = text.trim()
  return PACKED.test(trimmed) ? unpackedLines(trimmed, envelope) : undefined
}

/** Lines that cannot be unpacked become an alert that says so, without the unreadable text. */
function unpackedLines(packed: string, envelope: Envelope): Draft[] {
  const data = unpack(packed)
  const lines = data && linesOf(data, envelope)
  if (lines) return lines
  const reason = data
    ? 'The message unpacks to JSON, but not to the format of CloudWatch Logs'
    : `The message cannot be unpacked: it is cut off, larger than ${MAX_BYTES / 1_000_000} MB, or not gzipped JSON`
  return [
    {
      kind: 'message',
      fingerprint: `logs:${hash(envelope.topic, packed)}`,
      name: 'Packed log lines',
      title: "Log lines that can't be read",
      reason,
      description: data && asLines(factsOf(data)),
      source: 'aws.logs',
      resource: topicName(envelope.topic),
      details: { characters: String(packed.length) },
    },
  ]
}

function unpack(packed: string): Json | undefined {
  try {
    return asObject(JSON.parse(gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_BYTES }).toString()))
  } catch {
    return undefined
  }
}

function linesOf(data: Json, envelope: Envelope): Draft[] | undefined {
  const group = asText(data.logGroup)
  const events = asList(data.logEvents).map(asObject)
  // CloudWatch Logs tests a subscription with a message of its own, which is of no group.
  if (data.messageType === 'CONTROL_MESSAGE' && Object.hasOwn(data, 'logGroup')) return []
  if (group === undefined || asText(data.messageType) === undefined) return undefined
  const lines = events.map((event) => asText(event?.message) ?? '')
  const { said = '', level } = worstOf(lines)
  const owner = asText(data.owner)
  const region = envelope.region ?? regionIn(lines, owner)
  const at = events.map((event) => isoTime(event?.timestamp)).find((time) => time !== undefined)
  const stream = asText(data.logStream)
  return [
    {
      kind: 'message',
      fingerprint: `logs:${owner ?? ''}:${region ?? ''}:${group}:${hash(...events.map((event, index) => asText(event?.id) ?? lines[index]))}`,
      name: group,
      title: firstLine(said) ?? `Lines of ${group}`,
      description: lines.slice(0, 50).join('\n'),
      reason: lines.length > 1 ? `${lines.length} lines` : undefined,
      changedAt: at,
      source: 'aws.logs',
      account: owner,
      region,
      resource: group,
      declaredSeverity: level,
      details: {
        logGroup: group,
        logStream: stream,
        filters: asList(data.subscriptionFilters).map(asText).filter(Boolean).join(', '),
        lines: String(lines.length),
      },
      links: { logs: linesPage(region, group, stream, at) },
    },
  ]
}

/** Lines without an envelope have no region. If all ARNs of their owner's account name the same region, it is used. */
function regionIn(lines: string[], owner: string | undefined): string | undefined {
  const regions = new Set<string>()
  for (const line of lines) {
    for (const [, region, account] of line.matchAll(ARN)) if (region && account === owner) regions.add(region)
  }
  const [region, other] = regions
  return other === undefined ? regionCode(region) : undefined
}

const ARN = /\barn:aws[a-z-]{0,15}:[a-z0-9-]{1,30}:([a-z0-9-]{1,25}):(\d{12}):/g

/** The console's page for these lines, starting a minute before them. */
function linesPage(region: string | undefined, group: string, stream: string | undefined, at: string | undefined) {
  if (stream === undefined) return logGroupPage(region, group)
  return logStreamPage(region, group, stream, at === undefined ? undefined : Date.parse(at) - 60_000)
}
