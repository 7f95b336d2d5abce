import type { INBOX_REFUSED_BECAUSE } from '../observe/metrics.ts'

/** What a browser or a sender is answered. */
export interface Response {
  statusCode: number
  headers: Record<string, string>
  body: string
}

/** A request that is not for us: what its sender is answered, and as what it is counted. */
export interface Refusal {
  because: (typeof INBOX_REFUSED_BECAUSE)[number]
  response: Response
}

/** What arrived at the function's URL, decoded. */
export interface Request {
  method: string
  path: string
  /** By their names in lower case. */
  headers: Record<string, string>
  query: string
  /** As it was sent, to the byte: that is what is signed. */
  body: Buffer
}

/** PagerDuty drops what is larger (PagerDuty, Webhooks: Behavior); our messages in Slack are far smaller. */
const MAX_BODY_BYTES = 256 * 1024
/** A link with the longest key of an alert has some 3,000. */
const MAX_PATH = 6_000

/** On every answer: nobody stores it, shows it in a frame, finds it in a search, or learns the address from the next page. */
const ALWAYS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}
/** Nothing is loaded, run or framed. */
export const NOTHING_ALLOWED = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** An answer in plain text, or without any. */
export function text(statusCode: number, body = '', headers: Record<string, string> = {}): Response {
  const type = { 'content-type': 'text/plain; charset=utf-8', 'content-security-policy': NOTHING_ALLOWED }
  return { statusCode, headers: { ...ALWAYS, ...type, ...headers }, body: body && `${body}\n` }
}

/** A page. `policy`: what it may do, as a Content-Security-Policy. */
export function page(statusCode: number, body: string, policy: string): Response {
  const type = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
  return { statusCode, headers: { ...ALWAYS, ...type }, body }
}

export function json(statusCode: number, body: object): Response {
  return { ...text(statusCode, '', { 'content-type': 'application/json' }), body: JSON.stringify(body) }
}

export function refuse(
  because: Refusal['because'],
  statusCode: number,
  why: string,
  headers: Record<string, string> = {},
): Refusal {
  return { because, response: text(statusCode, why, headers) }
}

export function isRefusal(one: object): one is Refusal {
  return 'because' in one
}

/** The request in an event of a function's URL (payload 2.0), whatever the event is. Pure. */
export function requestIn(event: unknown): Request | Refusal {
  const { rawPath, rawQueryString, headers, requestContext, body, isBase64Encoded } = fields(event)
  const method = fields(fields(requestContext).http).method
  if (typeof rawPath !== 'string' || typeof method !== 'string') return refuse('strange', 400, 'Not a request.')
  if (rawPath.length > MAX_PATH) return refuse('size', 414, 'The address is too long.')
  const sent = typeof body === 'string' ? body : ''
  const encoding = isBase64Encoded === true ? 'base64' : 'utf8'
  if (Buffer.byteLength(sent, encoding) > MAX_BODY_BYTES) return refuse('size', 413, 'At most 256 KB.')
  return {
    method: method.toUpperCase(),
    path: rawPath,
    headers: Object.fromEntries(
      Object.entries(fields(headers)).flatMap(([name, value]) =>
        typeof value === 'string' ? [[name.toLowerCase(), value]] : [],
      ),
    ),
    query: typeof rawQueryString === 'string' ? rawQueryString.slice(0, MAX_PATH) : '',
    // A form is encoded (Slack's requests are forms), JSON is not: either is what was signed.
    body: Buffer.from(sent, encoding),
  }
}

/** The fields of what should be an object; none if it is something else. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** The same, of a JSON text. */
export function fieldsIn(body: string): Record<string, unknown> {
  try {
    return fields(JSON.parse(body))
  } catch {
    return {}
  }
}
