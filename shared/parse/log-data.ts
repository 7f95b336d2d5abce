import { gunzipSync } from 'node:zlib'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { type Draft, type Envelope, hash } from './draft.ts'
import { jsonIn, withoutUrlSecrets } from './facts.ts'
import { consolePage, encode } from './links.ts'
import { firstLine } from './text.ts'
import { isoTime } from './time.ts'

/*
 * What a subscription of CloudWatch Logs sends: lines of a log group, packed (base64 of gzip) as a Lambda is given them, or as
 * somebody hands them on, packed or not.
 */

/** CloudWatch Logs packs at most 1 MB; what unpacks to more is none of it. */
const MOST_BYTES = 8_000_000
/** `H4sI`: how gzip looks in base64. */
const PACKED = /^H4sI[A-Za-z0-9+/]+={0,2}$/

/** Lines of a log, in an object; `undefined`: it is another message. */
export function logData(message: Json, envelope: Envelope): Draft[] | undefined {
  const packed = asText(asObject(message.awslogs)?.data)
  const data = packed === undefined ? message : unpack(packed)
  return data && linesOf(data, envelope)
}

/** Lines of a log, packed in a text. */
export function logText(text: string, envelope: Envelope): Draft[] | undefined {
  const trimmed = text.trim()
  const data = PACKED.test(trimmed) ? unpack(trimmed) : undefined
  return data && linesOf(data, envelope)
}

function unpack(packed: string): Json | undefined {
  try {
    return asObject(JSON.parse(gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MOST_BYTES }).toString()))
  } catch {
    return undefined
  }
}

const LEVEL = /\b(fatal|critical|error|err|warn(?:ing)?|info|debug)\b/i

function linesOf(data: Json, { region }: Envelope): Draft[] | undefined {
  const group = asText(data.logGroup)
  const events = asList(data.logEvents).map(asObject)
  if (group === undefined || asText(data.messageType) === undefined) return undefined
  // Whether the subscription works is asked by a message without lines of anybody's.
  if (data.messageType === 'CONTROL_MESSAGE') return []
  const lines = events.map((event) => asText(event?.message) ?? '')
  const [first = ''] = [lines.find((line) => /\b(?:fatal|critical|error|exception)\b/i.test(line)), lines[0]].filter(
    Boolean,
  )
  const said = saidIn(first)
  const at = events.map((event) => isoTime(event?.timestamp)).find((time) => time !== undefined)
  const stream = asText(data.logStream)
  const level = LEVEL.exec(first)?.[1]?.toLowerCase()
  return [
    {
      kind: 'message',
      fingerprint: `logs:${asText(data.owner) ?? ''}:${region ?? ''}:${group}:${hash(...events.map((event) => asText(event?.id)))}`,
      name: group,
      title: firstLine(said) ?? `Lines of ${group}`,
      description: withoutUrlSecrets(lines.slice(0, 50).join('\n')),
      reason: lines.length > 1 ? `${lines.length} lines` : undefined,
      changedAt: at,
      source: 'aws.logs',
      account: asText(data.owner),
      resource: group,
      declaredSeverity: level?.replace(/^err$/, 'error'),
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

/** A structured line says what it has to say in a field. */
function saidIn(line: string): string {
  const json = asObject(jsonIn(line))
  return withoutUrlSecrets(asText(json?.msg) ?? asText(json?.message) ?? asText(json?.error) ?? line)
}

/** The console's page of these lines, from a minute before them on. */
function linesPage(region: string | undefined, group: string, stream: string | undefined, at: string | undefined) {
  const twice = (text: string) => encode(encode(text)).replaceAll('%', '$')
  const start = at === undefined ? '' : `$3Fstart$3D${Date.parse(at) - 60_000}`
  const events = stream === undefined ? '' : `/log-events/${twice(stream)}${start}`
  return consolePage(region, `/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${twice(group)}${events}`)
}
