import type { Config, Pattern } from '../../schemas/config.ts'
import { readComparison } from './comparison.ts'
import { type NativeRegex, nativeRegex } from './native-regex.ts'
import { compileRegex, readRegex } from './regex.ts'

/** One text of a pattern, compiled. */
export interface Matcher {
  form: 'exact' | 'glob' | 'number' | 'regex'
  /** The exact value, if it has no other form: what an index can hold. */
  exact?: string
  /** What all values that it matches begin with, if that is known. */
  prefix?: string
  matches(value: string): boolean
}

/** The texts in a pattern, without their `not`, as written. */
export function patternTexts(pattern: Pattern): string[] {
  const inner = isNot(pattern) ? pattern.not : pattern
  return typeof inner === 'string' ? [inner] : inner
}

/** Is this `{ not: … }`? */
export function isNot(pattern: Pattern): pattern is { not: string | string[] } {
  return typeof pattern === 'object' && !Array.isArray(pattern)
}

/** The set that a text refers to, as in `$production`. */
export function setName(text: string): string | undefined {
  return /^\$([A-Za-z][\w-]*)$/.exec(text)?.[1]
}

/** Texts with their sets expanded. An undefined set is empty. */
export function expanded(texts: string[], sets: Config['sets'] = {}): string[] {
  return texts.flatMap((text) => {
    const name = setName(text)
    if (name === undefined) return text
    return Object.hasOwn(sets, name) ? (sets[name] ?? []) : []
  })
}

/** The texts in a pattern, with sets expanded. */
export function matchersOf(pattern: Pattern, sets: Config['sets'] = {}): Matcher[] {
  return expanded(patternTexts(pattern), sets).map(textMatcher)
}

/**
 * Parses one text of a pattern by its form: `/…/flags` is a regular expression, `>= 99` a comparison, a text with `*`
 * or `?` a glob (`*` any run of characters, `?` any one), anything else the exact value. Globs and exact texts are
 * case-sensitive. A regular expression is compiled on first use: most alerts need few of them.
 */
export function textMatcher(text: string): Matcher {
  const regex = readRegex(text)
  if (regex) {
    let native: NativeRegex | null | undefined
    return {
      form: 'regex',
      matches: (value) => {
        if (native === undefined) native = nativeRegex(regex) ?? null
        if (native !== null && value.length <= native.mostCharacters) return native.regex.test(value)
        return compileRegex(regex).test(value)
      },
    }
  }
  const comparison = readComparison(text)
  if (comparison) return { form: 'number', matches: comparison.matches }
  if (/[*?]/.test(text)) {
    const prefix = globBeginning(text)
    return { form: 'glob', ...(prefix !== '' && { prefix }), matches: (value) => globMatches(text, value) }
  }
  return { form: 'exact', exact: text, matches: (value) => value === text }
}

/** What every value begins with that a glob matches; may be empty. */
export function globBeginning(glob: string): string {
  return /^[^*?]+/.exec(glob)?.[0] ?? ''
}

/**
 * Matches the whole text against a glob. It backtracks at most to the last `*`, so its time is bounded by the product
 * of the two lengths; as a regular expression the same glob could take exponential time.
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
    } else if (glob[g] === '?' || glob[g] === value[v]) {
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
