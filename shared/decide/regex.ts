import { RE2JS } from 're2js'

/** A regular expression in a rule's form, `/source/flags`; `undefined` if the text is not one. */
export function readRegex(text: string): { source: string; flags: string } | undefined {
  const [, source, flags = ''] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? []
  return source === undefined ? undefined : { source, flags }
}

/** The regular expression, in a rule's form, that matches this text and no other. */
export function regexOf(text: string): string {
  return `/^${text.replace(/[/\\^$.*+?()[\]{}|]/g, '\\$&')}$/`
}

const compiled = new Map<string, RE2JS>()

/**
 * Compiles with RE2, whose time is bounded by the product of the pattern's size and the text's: with JavaScript's own
 * regular expressions a short text can take years. Takes about 0.5 ms, once per expression.
 * @throws {Error} for what RE2 can't compile; `regexProblem` explains it.
 */
export function compileRegex({ source, flags }: { source: string; flags: string }): RE2JS {
  const key = `${flags}/${source}`
  const known = compiled.get(key)
  if (known) return known
  // Those allowed behind the second slash. Here, so that RE2 is not loaded before it is needed.
  const ofFlag: Record<string, number> = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL }
  const regex = RE2JS.compile(
    source,
    [...flags].reduce((sum, flag) => sum | (ofFlag[flag] ?? 0), 0),
  )
  // Rules come and go: the cache must not grow without bound.
  // Stryker disable next-line EqualityOperator: one more or less
  if (compiled.size >= 5_000) compiled.clear()
  compiled.set(key, regex)
  return regex
}
