import { type Comparison, readComparison } from '../decide/comparison.ts'
import { type Matcher, textMatcher } from '../decide/pattern.ts'
import { both, includes, intervalOf, isEmpty } from './interval.ts'

/** One text of a pattern, in the form that `textMatcher` reads. */
export interface Text {
  text: string
  form: Matcher['form']
  matches(value: string): boolean
  /** For the form `number`. */
  comparison?: Comparison
  /** The cached result of `isAny`. */
  isAny?: boolean
}

const known = new Map<string, Text>()

export function readText(text: string): Text {
  let read = known.get(text)
  // Stryker disable next-line ConditionalExpression: the cache only saves time
  if (!read) {
    const { form, matches } = textMatcher(text)
    const comparison = readComparison(text)
    read = { text, form, matches, ...(comparison && { comparison }) }
    // Example values come here too: the cache must not grow without bound.
    // Stryker disable next-line all: the same
    if (known.size > 50_000) known.clear()
    // Stryker disable next-line CallExpression: the same
    known.set(text, read)
  }
  return read
}

/*
 * What can be proved about two texts. Each of these returns true only if it is certain: a regular expression is judged by
 * what it matches, and never parsed.
 */

/** Does every value match it? */
export function isAny(text: Text): boolean {
  text.isAny ??= matchesAny(text)
  return text.isAny
}

function matchesAny({ form, text, matches }: Text): boolean {
  if (form === 'glob') return /^\*+$/.test(text)
  // Without assertions, an expression that matches the empty text matches every text.
  return form === 'regex' && !hasAssertion(text) && matches('')
}

/** Does every value that matches `inner` match `outer`? */
export function covers(outer: Text, inner: Text): boolean {
  if (outer.text === inner.text || isAny(outer)) return true
  if (inner.form === 'exact') return outer.matches(inner.text)
  if (outer.comparison && inner.comparison) {
    return includes(intervalOf(outer.comparison), intervalOf(inner.comparison))
  }
  if (inner.form !== 'glob') return false
  if (outer.form === 'glob') return globCovers(outer.text, inner.text)
  return outer.form === 'regex' && matchesWithin(outer, inner.text)
}

/** Is there no value that matches both? */
export function areDisjoint(a: Text, b: Text): boolean {
  if (a.form === 'exact') return !b.matches(a.text)
  if (b.form === 'exact') return !a.matches(b.text)
  if (a.comparison && b.comparison) return isEmpty(both(intervalOf(a.comparison), intervalOf(b.comparison)))
  if (a.form === 'glob' && b.form === 'glob') return !globsMeet(a.text, b.text)
  const glob = a.form === 'glob' ? a : b
  const other = glob === a ? b : a
  // A number contains only these characters.
  return glob.form === 'glob' && other.form === 'number' && /[^\d+\-.e*?]/i.test(glob.text)
}

/** `^`, `$`, `\b`, …: whether they match depends on the surrounding text. `[^x]` is mistaken for one, which is safe. */
function hasAssertion(regex: string): boolean {
  return /[\^$]|\\[bBAzZ]/.test(regex)
}

/** A regular expression without assertions that matches part of a text matches the whole; if that part is empty, any text. */
function matchesWithin(regex: Text, glob: string): boolean {
  if (hasAssertion(regex.text)) return false
  return glob.split(/[*?]/).some((run) => run.isWellFormed() && regex.matches(run))
}

/** Comparing two globs takes as many steps as the product of their lengths. */
const MAX_STEPS = 1_000_000

/** Every `*` of the inner one must be matched by a `*` of the outer one, every `?` by a `?` or a `*`. */
function globCovers(outer: string, inner: string): boolean {
  return walk(outer, inner, (o, i, from) => {
    if (o === undefined) return i === undefined
    if (o === '*') return from(1, 0) || (i !== undefined && from(0, 1))
    return i !== undefined && i !== '*' && (o === '?' || o === i) && from(1, 1)
  })
}

function globsMeet(a: string, b: string): boolean {
  if (a.length * b.length > MAX_STEPS) return true
  return walk(a, b, (x, y, from) => {
    if (x === undefined && y === undefined) return true
    if (x === '*' && from(1, 0)) return true
    if (y === '*' && from(0, 1)) return true
    if (x === undefined || y === undefined) return false
    if (x === '*') return from(0, 1)
    if (y === '*') return from(1, 0)
    return (x === y || x === '?' || y === '?') && from(1, 1)
  })
}

type Step = (
  a: string | undefined,
  b: string | undefined,
  /** The answer from this many characters further on. */
  from: (inA: number, inB: number) => boolean,
) => boolean

/** Works from the ends to the starts, without recursion, so that no text is too long for the stack. */
function walk(a: string, b: string, step: Step): boolean {
  if (a.length * b.length > MAX_STEPS) return false
  const width = b.length + 1
  const answers = new Uint8Array((a.length + 1) * width)
  for (let i = a.length; i >= 0; i--) {
    for (let j = b.length; j >= 0; j--) {
      const from = (inA: number, inB: number) => answers[(i + inA) * width + j + inB] === 1
      answers[i * width + j] = step(a[i], b[j], from) ? 1 : 0
    }
  }
  return answers[0] === 1
}
