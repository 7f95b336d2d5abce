import type { Pattern } from '../../schemas/config.ts'

/** One text of a pattern, ready to match. */
export interface Matcher {
  /** The exact value that it stands for, where it is neither a glob nor a regex: what an index can hold. */
  exact?: string
  matches(value: string): boolean
}

/** The texts in a pattern, without their `not`. */
export function patternTexts(pattern: Pattern): string[] {
  const inner = isNot(pattern) ? pattern.not : pattern
  return typeof inner === 'string' ? [inner] : inner
}

/** Is this `{ not: … }`? */
export function isNot(pattern: Pattern): pattern is { not: string | string[] } {
  return typeof pattern === 'object' && !Array.isArray(pattern)
}

/**
 * Reads one text of a pattern by its form: `/…/flags` is a regular expression, a text with `*` or `?` a glob
 * (`*` any run of characters, `?` any one), anything else the exact value. Globs and exact texts mind the case.
 * @throws {SyntaxError} where a regular expression is none.
 */
export function textMatcher(text: string): Matcher {
  const regex = /^\/(.+)\/([a-z]*)$/s.exec(text)
  if (regex) {
    const compiled = new RegExp(regex[1] ?? '', (regex[2] ?? '').replace(/[gy]/g, ''))
    return { matches: (value) => compiled.test(value) }
  }
  if (/[*?]/.test(text)) return { matches: (value) => globMatches(text, value) }
  return { exact: text, matches: (value) => value === text }
}

/**
 * Whole-text glob match. It goes back at most to the last `*`, so its time is bounded by the product of the two
 * lengths; the same glob as a regular expression could take exponential time.
 */
export function globMatches(glob: string, value: string): boolean {
  let g = 0
  let v = 0
  let star = -1
  let resume = 0
  while (v < value.length) {
    if (glob[g] === '*') {
      star = g++
      resume = v
    } else if (g < glob.length && (glob[g] === '?' || glob[g] === value[v])) {
      g++
      v++
    } else if (star >= 0) {
      g = star + 1
      v = ++resume
    } else {
      return false
    }
  }
  while (glob[g] === '*') g++
  return g === glob.length
}
