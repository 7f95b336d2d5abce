import { RE2JSSyntaxException } from 're2js'
import { compileRegex, readRegex } from '../decide/regex.ts'

/** A pattern of this size takes up to 0.4 s on the longest text of an alert. Shipped rules stay below 150. */
const MAX_INSTRUCTIONS = 1_000

/** The problem with a regular expression, and how to fix it. Compiles it. */
export function regexProblem(text: string): string | undefined {
  const regex = readRegex(text)
  if (!regex) return undefined
  const [unknown] = regex.flags.match(/[^ims]/) ?? []
  if (unknown !== undefined || new Set(regex.flags).size < regex.flags.length) {
    return `"${text}" is a regular expression with the flags "${regex.flags}". Allowed, each once: i (any case), s (. matches line breaks), m (^ and $ match at each line). To match a text with slashes, write /^${text.replaceAll('/', '\\/')}$/`
  }
  try {
    const size = compileRegex(regex).re2().numberOfInstructions()
    if (size > MAX_INSTRUCTIONS)
      return `"${text}" is too large (${size} steps, at most ${MAX_INSTRUCTIONS}). ${SMALLER}`
    return undefined
  } catch (error) {
    return `"${text}" ${describe(error)}`
  }
}

const SMALLER =
  'Use smaller repeat counts (nested {n} multiply), use * or + where the number does not matter, or split it into a list'

/** RE2 names the offending part between backquotes. */
function describe(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) {
    return `is not a valid regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
  const [, part = ''] = /: `(.*)`$/s.exec(error.message) ?? []
  if (/^\(\?<?[=!]/.test(part)) {
    return `uses lookaround ("${part.slice(0, 4)}"), which RE2 does not support. Use one line of \`when\` for what must match, and another with { not: … } for what must not`
  }
  if (/^\\([1-9]|k$)/.test(part)) {
    return `uses a backreference ("${part}"), which RE2 does not support. Write out the alternatives`
  }
  if (/^\{\d/.test(part)) {
    return `has too large a repeat count ("${part}"): at most 1000. ${SMALLER}`
  }
  const why = /^\\u/.test(part)
    ? 'write the character itself, or \\x{e9}'
    : `${error.error}${part === '' ? '' : ` at "${part}"`}`
  return `is not a valid regular expression: ${why}. Write /…/ or /…/i, in RE2 syntax; escape a literal special character with \\`
}
