/* What a line writes in other characters than it means: `\u0040` in JSON, `%40` in a URL. */

/** At any depth of JSON in JSON. */
const UNICODE = /(\\{1,9})u([0-9a-f]{4})/gi
const SLASH = /\\{1,9}\//g

/** With JSON's escapes of printable characters read: `bob\u0040example.com`, `https:\/\/x`. JSON stays JSON. */
export function withoutUnicodeEscapes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(SLASH, '/').replace(UNICODE, (_, slashes: string, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    if (character === '"') return `${slashes}"`
    if (character === '\\') return slashes + slashes
    if (character === '\n') return `${slashes}n`
    return character === '\t' || character === '\r' ? ' ' : character
  })
}

/** A run with at least one percent code of a printable ASCII character. */
const CODED = /[^\s"'<>\\]*%[2-7][0-9a-f][^\s"'<>\\]*/gi
const CODE = /%(?:25)?([2-7][0-9a-f])/gi
/** These would end the text around it, or the run. */
const KEPT_CODED = /["'<>\\ ]/g

/** Changes what stands in percent codes: `%22bob%40example.com%22`. Where nothing is changed, the codes stay. */
export function withPercentCodesRead(text: string, change: (text: string) => string): string {
  if (!text.includes('%')) return text
  return text.replace(CODED, (run) => {
    const read = run.replace(CODE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    const changed = change(read)
    return changed === read ? run : changed.replace(KEPT_CODED, codeOf)
  })
}

const codeOf = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
