import { type Condition, type Config, fieldsOf, type Pattern, type When } from '../../schemas/config.ts'
import { readText } from '../check/text.ts'
import { isNot, patternTexts, setName } from '../decide/pattern.ts'
import { compileWhen, type Subject, valuesOf } from '../decide/rules.ts'

/** A line of a `when`, and what it saw. */
export interface Line {
  /** `any[1].name` */
  at: string
  /** What the alert holds there; of a `not` with conditions, nothing. */
  found: string[]
  /** In words: `glob "billing-*"`. */
  wanted: string
  matches: boolean
}

/** How a `when` went: its conditions, of which any may match, each with its lines up to the first that failed. */
export interface Trace {
  matches: boolean
  alternatives: Line[][]
}

/** Tries a `when` line by line. Each line is asked as the rules ask it. */
export function trace(when: When, subject: Subject, sets: Config['sets'], at = ''): Trace {
  const conditions = [when].flat()
  const alternatives = conditions.map((condition, index) => {
    return linesOf(
      condition,
      subject,
      sets,
      Array.isArray(when) && when.length > 1 ? `${at === '' ? 'when' : at}[${index}]` : at,
    )
  })
  return { matches: alternatives.some(isWhole), alternatives }
}

/** Did every line of an alternative match? */
export function isWhole(lines: Line[]): boolean {
  return lines.every(({ matches }) => matches)
}

function linesOf(condition: Condition, subject: Subject, sets: Config['sets'], at: string): Line[] {
  const lines: Line[] = []
  for (const step of steps(condition, subject, sets, at)) {
    lines.push(...step)
    if (!isWhole(step)) break
  }
  return lines
}

/** In the order in which they are asked. */
function* steps(condition: Condition, subject: Subject, sets: Config['sets'], at: string): Generator<Line[]> {
  const below = (key: string) => (at === '' ? key : `${at}.${key}`)
  for (const [field, pattern] of fieldsOf(condition)) {
    yield [
      {
        at: below(field),
        found: valuesOf(subject, field),
        wanted: patternInWords(pattern, sets),
        matches: compileWhen({ [field]: pattern }, sets)(subject),
      },
    ]
  }
  for (const [index, inner] of (condition.all ?? []).entries()) {
    yield linesOf(inner, subject, sets, below(`all[${index}]`))
  }
  if (condition.any) yield furthest(trace(condition.any, subject, sets, below('any')))
  if (condition.not) {
    const matches = !compileWhen(condition.not, sets)(subject)
    const inside = trace(condition.not, subject, sets, below('not'))
    // What it must not match did: those lines tell what was seen.
    if (matches) yield [{ at: below('not'), found: [], wanted: 'none of its conditions', matches }]
    else
      yield furthest(inside)
        .map((line) => ({ ...line, wanted: `not ${line.wanted}`, matches: false }))
        .slice(0, 1)
  }
}

/** Of several alternatives, the one that matched; else the one that got furthest. */
export function furthest({ alternatives }: Trace): Line[] {
  const whole = alternatives.find(isWhole)
  if (whole) return whole
  return alternatives.reduce((best, lines) => (matched(lines) > matched(best) ? lines : best), alternatives[0] ?? [])
}

function matched(lines: Line[]): number {
  return lines.filter(({ matches }) => matches).length
}

/** How many texts of a list are told. */
const MOST_TEXTS = 4

function patternInWords(pattern: Pattern, sets: Config['sets']): string {
  const texts = patternTexts(pattern)
  const words = texts.slice(0, MOST_TEXTS).map((text) => textInWords(text, sets))
  const left = texts.length - words.length
  const list = [...words, ...(left > 0 ? [`${left} more`] : [])].join(', ')
  return `${isNot(pattern) ? 'not ' : ''}${texts.length > 1 ? 'any of ' : ''}${list}`
}

function textInWords(text: string, sets: Config['sets']): string {
  const set = setName(text)
  if (set !== undefined) {
    const values = sets?.[set] ?? []
    return `${text} (${values.slice(0, MOST_TEXTS).join(', ')}${values.length > MOST_TEXTS ? ', …' : ''})`
  }
  const { form } = readText(text)
  if (form === 'glob') return `glob "${text}"`
  return form === 'exact' ? `"${text}"` : text
}
