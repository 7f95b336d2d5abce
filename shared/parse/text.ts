import { withoutKnownSecrets, withoutSecrets } from './secrets.ts'

/** Makes text from outside safe to keep: bounded, well-formed, without secrets, and without invisible characters. */

const LINE_BREAKS = /\r\n?|[\u0085\u2028\u2029]/g
/** Control characters except tab and line feed, soft hyphens, direction marks and overrides, zero-width and tag characters. */
const UNSEEN =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]/gu
const ONLY_PLAIN = /^[\n\t\x20-\x7e]*$/

/** A text of several lines, at most `limit` UTF-16 units. */
export function block(text: string, limit: number): string {
  return cut(withoutSecrets(clean(text)).trim(), limit)
}

/** A text on one line, at most `limit` UTF-16 units. */
export function line(text: string, limit: number): string {
  return cut(withoutSecrets(clean(text)).replace(/\s+/g, ' ').trim(), limit)
}

/** A name or a label, on one line. Rules and people look it up, so only what is certainly a secret is hidden. */
export function nameLine(text: string, limit: number): string {
  return cut(withoutKnownSecrets(clean(text)).replace(/\s+/g, ' ').trim(), limit)
}

/** Removes invisible characters. Spaces and line breaks stay. */
export function clean(text: string): string {
  if (ONLY_PLAIN.test(text)) return text
  return text.toWellFormed().replace(LINE_BREAKS, '\n').replace(UNSEEN, '')
}

/** Cuts a text that is too long, and says at its end how much was removed. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  const room = limit - `… (${text.length} more characters)`.length
  const end = isHighSurrogate(text.charCodeAt(room - 1)) ? room - 1 : room
  return `${text.slice(0, end)}… (${text.length - end} more characters)`
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

/** The first line that is not empty. */
export function firstLine(text: string): string | undefined {
  return text.trim().split(/[\r\n]/, 1)[0] || undefined
}
