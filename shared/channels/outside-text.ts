import { LIMITS } from '../../schemas/alert.ts'

/**
 * Cleans text from outside before a channel shows it.
 * Each channel adds its own escaping after this.
 */

const LINE_BREAKS = /\r\n?|[\u0085\u2028\u2029]/g
/** Control characters, marks that reverse the reading direction, and code points that are not characters. */
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g

/** Printable, well-formed text. Line breaks stay, all written `\n`. */
export function clean(text: string): string {
  return text.toWellFormed().replace(LINE_BREAKS, '\n').replace(UNPRINTABLE, '').trim()
}

/** `clean`, on one line. */
export function oneLine(text: string): string {
  return clean(text).replace(/\s+/g, ' ')
}

/** At most `max` UTF-16 units (at least 1), cut between characters; a cut text ends in `…`. */
export function shorten(text: string, max: number): string {
  return text.length <= max ? text : cutAfter(text, max - 1)
}

/** The characters within the first `units` UTF-16 units, and `…`. */
export function cutAfter(text: string, units: number): string {
  return `${text.slice(0, characterStart(text, units)).trimEnd()}…`
}

/** The last place at or before `index` where one character ends and another begins. */
function characterStart(text: string, index: number): number {
  // Some texts stack hundreds of accents on one letter: cut inside those.
  const furthest = Math.max(0, index - 32)
  for (let at = index; at >= furthest; at--) if (at === 0 || !isInsideCharacter(text, at)) return at
  return isLowSurrogate(text, index) ? index - 1 : index
}

function isInsideCharacter(text: string, at: number): boolean {
  const following = String.fromCodePoint(text.codePointAt(at) ?? 0)
  return isLowSurrogate(text, at) || JOINED.test(following) || text[at - 1] === '\u200d'
}

const JOINED = /^[\p{M}\p{Emoji_Modifier}\u200d]$/u

function isLowSurrogate(text: string, at: number): boolean {
  const unit = text.charCodeAt(at)
  return unit >= 0xdc00 && unit <= 0xdfff
}

/** The non-empty key → value pairs, one line each; at most as many as an alert keeps. */
export function factLines(facts: Record<string, string>): [label: string, value: string][] {
  return Object.entries(facts)
    .map(([label, value]): [string, string] => [oneLine(label), oneLine(value)])
    .filter(([label, value]) => label !== '' && value !== '')
    .slice(0, LIMITS.facts)
}
