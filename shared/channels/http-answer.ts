import { ChannelError, type Destination } from './channel.ts'

/**
 * Whether to retry after an HTTP status. PagerDuty and Slack agree: 429 and 5xx are temporary; 401, 403 and 404 mean that the
 * key or URL is not valid (any more); anything else is about the request.
 */
export function retryAfterStatus(status: number): ChannelError['retry'] {
  if (status === 408 || status === 425 || status === 429 || status >= 500) return 'later'
  if (status === 401 || status === 403 || status === 404) return 'secret'
  return 'never'
}

/** `Retry-After` in milliseconds: seconds or an HTTP date. `undefined` if it is missing or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000)
  // Date.parse would also read "-5" or "soon 1" as a date.
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const IN_WORDS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection reset',
  ENOTFOUND: 'no such host',
}

/**
 * Why there was no response, without any secret: error messages of HTTP clients contain the URL and parts of the body, so only
 * the error's code is shown, or else the name of its cause (`TimeoutError`).
 */
export function describeFailure(error: unknown): string {
  let name = 'unknown failure'
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code))
      return Object.hasOwn(IN_WORDS, code) ? `${IN_WORDS[code]} (${code})` : code
    if (/^\w+$/.test(at.name)) name = at.name
  }
  return name
}

/** The vendor's text without the secret, which it might repeat. */
export function withoutSecret(words: string, secret: string, replacement: string): string {
  return secret === '' ? words : words.replaceAll(secret, replacement)
}

/** There was no response: the request may have taken effect, or not. */
export function noAnswer(
  vendor: string,
  error: unknown,
  { channel, timeoutMs }: Pick<Destination, 'channel' | 'timeoutMs'>,
): ChannelError {
  const why = describeFailure(error)
  const said = why === 'TimeoutError' ? `did not answer within ${timeoutMs} ms` : `could not be reached: ${why}`
  return new ChannelError(`${vendor} (channel ${channel}) ${said}`, { retry: 'later' })
}
