import { type Condition, type Config, fieldsOf, type Pattern, type When } from '../../schemas/config.ts'
import type { Line } from '../../schemas/trace.ts'
import { isNot, patternTexts, setName, textMatcher } from '../decide/pattern.ts'
import { compileLine, compileWhen, type Subject, valuesOf } from '../decide/rules.ts'

/** The evaluation of a `when`: its alternative conditions, each with its lines up to the first that failed. */
export type Trace = Line[][]

type Tracer<Result> = (subject: Subject) => Result

/**
 * Compiles a tracer that evaluates a `when` line by line, with the rules' own matchers. Its texts are made once, here.
 */
export function compileTrace(when: When, sets: Config['sets'], at = ''): Tracer<Trace> {
  const conditions = [when].flat()
  const several = conditions.length > 1
  const tracers = conditions.map((condition, index) =>
    linesOf(condition, sets, several ? `${at === '' ? 'when' : at}[${index}]` : at),
  )
  return (subject) => tracers.map((trace) => trace(subject))
}

/** Whether every line of an alternative matched. */
export function isWhole(lines: Line[]): boolean {
  return lines.every(({ matches }) => matches)
}

/** The alternative that matched, or else the one that got furthest. */
export function furthest(alternatives: Trace): Line[] {
  const whole = alternatives.find(isWhole)
  if (whole) return whole
  return alternatives.reduce((best, lines) => (matched(lines) > matched(best) ? lines : best), alternatives[0] ?? [])
}

function matched(lines: Line[]): number {
  return lines.filter(({ matches }) => matches).length
}

/** In evaluation order. */
function linesOf(condition: Condition, sets: Config['sets'], at: string): Tracer<Line[]> {
  const below = (key: string) => (at === '' ? key : `${at}.${key}`)
  const parts = [
    ...fieldsOf(condition).map(([field, pattern]) => lineOf(field, pattern, sets, below(field))),
    ...(condition.all ?? []).map((inner, index) => linesOf(inner, sets, below(`all[${index}]`))),
  ]
  if (condition.any) {
    const trace = compileTrace(condition.any, sets, below('any'))
    parts.push((subject) => furthest(trace(subject)))
  }
  if (condition.not) parts.push(notOf(condition.not, sets, below('not')))
  return (subject) => {
    const shown: Line[] = []
    for (const part of parts) {
      const lines = part(subject)
      shown.push(...lines)
      if (!isWhole(lines)) break
    }
    return shown
  }
}

function lineOf(field: string, pattern: Pattern, sets: Config['sets'], at: string): Tracer<Line[]> {
  const { matches, names } = compileLine(field, pattern, sets)
  const wanted = describePattern(pattern, sets)
  return (subject) => {
    const values = valuesOf(subject, field)
    // Of many values only the first are shown.
    const named = values.length > 1 ? values.filter(names) : []
    const found = named.length > 0 ? [...named, ...values.filter((value) => !named.includes(value))] : values
    return [{ at, found, wanted, matches: matches(subject) }]
  }
}

function notOf(when: When, sets: Config['sets'], at: string): Tracer<Line[]> {
  const excluded = compileWhen(when, sets)
  const trace = compileTrace(when, sets, at)
  return (subject) => {
    if (!excluded(subject)) return [{ at, found: [], wanted: 'none of its conditions', matches: true }]
    // The excluded condition matched: its first line shows the value.
    const [first = { at, found: [], wanted: 'all' }] = furthest(trace(subject))
    return [{ ...first, wanted: `not ${first.wanted}`, matches: false }]
  }
}

/** The most texts shown of a list. */
const MAX_TEXTS = 4

function describePattern(pattern: Pattern, sets: Config['sets']): string {
  const texts = patternTexts(pattern)
  const words = texts.slice(0, MAX_TEXTS).map((text) => describeText(text, sets))
  const left = texts.length - words.length
  const list = [...words, ...(left > 0 ? [`${left} more`] : [])].join(', ')
  return `${isNot(pattern) ? 'not ' : ''}${texts.length > 1 ? 'any of ' : ''}${list}`
}

function describeText(text: string, sets: Config['sets']): string {
  const set = setName(text)
  if (set !== undefined) {
    const values = sets?.[set] ?? []
    return `${text} (${values.slice(0, MAX_TEXTS).join(', ')}${values.length > MAX_TEXTS ? ', …' : ''})`
  }
  const { form } = textMatcher(text)
  if (form === 'glob') return `glob "${text}"`
  return form === 'exact' ? `"${text}"` : text
}
