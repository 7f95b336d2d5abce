import type { Answer } from '../network.ts'
import { AwsError } from './error.ts'

/** A parsed request of an SDK. */
export interface Request {
  service: 'dynamodb' | 'sqs' | 'sns' | 'secrets' | 'appconfig' | 'cloudwatch' | 'events' | 'ses'
  operation: string
  input: Record<string, unknown>
}

/** The parts of an SDK's HTTP request that are used. */
export interface HttpRequest {
  method: string
  hostname: string
  path: string
  query?: Record<string, string>
  headers: Record<string, string>
  body?: unknown
}

const SERVICES = {
  DynamoDB_20120810: 'dynamodb',
  AmazonSQS: 'sqs',
  secretsmanager: 'secrets',
  GraniteServiceVersion20100801: 'cloudwatch',
  AWSEvents: 'events',
} as const

/** Parses a request by its service's protocol: awsJson, awsQuery, or the restJson of AppConfigData and SES. */
export function readRequest(request: HttpRequest): Request {
  const target = request.headers['x-amz-target']
  if (target !== undefined) {
    const [prefix, operation = ''] = target.split('.')
    return { service: SERVICES[prefix as keyof typeof SERVICES], operation, input: JSON.parse(textOf(request.body)) }
  }
  if (request.hostname.startsWith('sns.')) return readQuery(textOf(request.body))
  if (request.path === '/v2/email/outbound-emails') {
    return { service: 'ses', operation: 'SendEmail', input: JSON.parse(textOf(request.body)) }
  }
  if (request.path === '/configurationsessions') {
    return { service: 'appconfig', operation: 'StartConfigurationSession', input: JSON.parse(textOf(request.body)) }
  }
  return { service: 'appconfig', operation: 'GetLatestConfiguration', input: { ...request.query } }
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : Buffer.from((body ?? []) as Uint8Array).toString()
}

/** `Entries.member.1.Id=0`: nested by its dots, from 1. */
function readQuery(text: string): Request {
  const root: Record<string, unknown> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const parts = name.split('.')
    const last = parts.pop() ?? ''
    let inside = root
    for (const part of parts) {
      inside[part] ??= {}
      inside = inside[part] as Record<string, unknown>
    }
    inside[last] = value
  }
  const { Action, Version: _, ...input } = root
  return { service: 'sns', operation: String(Action), input: unnumbered(input) as Record<string, unknown> }
}

/** Lists are `member.1…`, maps `entry.1.Name` and `entry.1.Value`. */
function unnumbered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { member, entry, ...rest } = value as Record<string, Record<string, unknown>>
  if (member) return Object.values(member).map(unnumbered)
  if (entry) {
    const pairs = Object.values(entry) as { Name: string; Value: unknown }[]
    return Object.fromEntries(pairs.map(({ Name, Value }) => [Name, unnumbered(Value)]))
  }
  return Object.fromEntries(Object.entries(rest).map(([name, inside]) => [name, unnumbered(inside)]))
}

/** A response in its service's protocol. */
function writeAnswer({ service, operation }: Request, output: object): Answer {
  if (service === 'sns') {
    const xml = `<${operation}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${operation}Result>${xmlOf(output)}</${operation}Result></${operation}Response>`
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: xml }
  }
  if (operation === 'GetLatestConfiguration') {
    const { token, intervalS, document } = output as { token: string; intervalS: number; document: string }
    const headers = {
      'next-poll-configuration-token': token,
      'next-poll-interval-in-seconds': String(intervalS),
      'content-type': 'application/json',
    }
    return { status: 200, headers, body: document }
  }
  const status = operation === 'StartConfigurationSession' ? 201 : 200
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(output) }
}

function xmlOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${xmlOf(one)}</member>`).join('')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([name, inside]) => `<${name}>${xmlOf(inside)}</${name}>`)
      .join('')
  }
  return String(value ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
}

/** An error response in its service's protocol. */
export function writeError({ service }: Pick<Request, 'service'>, { code, message, status, more }: AwsError): Answer {
  if (service === 'sns') {
    const type = status < 500 ? 'Sender' : 'Receiver'
    const error = xmlOf({ Error: { Type: type, Code: code, Message: message }, RequestId: '0' })
    return { status, headers: { 'content-type': 'text/xml' }, body: `<ErrorResponse>${error}</ErrorResponse>` }
  }
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': code }
  return { status, headers, body: JSON.stringify({ __type: code, message, Message: message, ...more }) }
}

/** The response to a request: success or error. */
export function answerTo(request: Request, act: (request: Request) => object): Answer {
  try {
    return writeAnswer(request, act(request))
  } catch (error) {
    if (error instanceof AwsError) return writeError(request, error)
    throw error
  }
}
