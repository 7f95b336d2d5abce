import { RE2JSSyntaxException } from 're2js'
import { compileRegex, readRegex } from '../decide/regex.ts'

/** A pattern of this size takes up to 0.4 s on the longest text of an alert. The shipped rules' are below 150. */
const MAX_INSTRUCTIONS = 1_000

/** What is wrong with a text that is written as a regular expression, and how to mend it. Compiles it. */
export function regexProblem(text: string): string | undefined {
  const regex = readRegex(text)
  if (!regex) return undefined
  const [unknown] = regex.flags.match(/[^ims]/) ?? []
  if (unknown !== undefined || new Set(regex.flags).size < regex.flags.length) {
    return `"${text}" reads as a regular expression with the flags "${regex.flags}". Allowed, each once: i (any case), s (. is a line break too), m (^ and $ at each line). A text that merely has slashes is written /^${text.replaceAll('/', '\\/')}$/`
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
  'Repeat less often (a {n} inside another multiplies), use * or + where the number does not matter, or split it into a list'

/** RE2 says what it stumbled over between backquotes. */
function describe(error: unknown): string {
  if (!(error instanceof RE2JSSyntaxException)) {
    return `is not a regular expression: ${error instanceof Error ? error.message : String(error)}`
  }
  const [, part = ''] = /: `(.*)`$/s.exec(error.message) ?? []
  if (/^\(\?<?[=!]/.test(part)) {
    return `looks around ("${part.slice(0, 4)}"), which can't be done in bounded time. Say in one line of \`when\` what must be there, and in another with { not: … } what must not`
  }
  if (/^\\([1-9]|k$)/.test(part)) {
    return `refers back to a group ("${part}"), which can't be done in bounded time. Write out what may stand there`
  }
  if (/^\{\d/.test(part)) {
    return `repeats too often ("${part}"): at most 1000 times. ${SMALLER}`
  }
  const why = /^\\u/.test(part)
    ? 'a character is written as itself, or as \\x{e9}'
    : `${error.error}${part === '' ? '' : ` at "${part}"`}`
  return `is not a regular expression: ${why}. A regex is written /…/ or /…/i, in RE2's syntax; a special character that stands for itself has a \\ before it`
}
