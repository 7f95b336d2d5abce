import { KINDS, STATUSES } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, type Pattern, type When } from '../../schemas/config.ts'
import { isNot, matchersOf, patternTexts } from '../decide/pattern.ts'
import type { FileProblem } from './merge.ts'

/** Teams' scopes that have alerts in common: the rules of one would take what is the other's. */
export function scopeProblems(files: readonly { path: string; data: unknown }[], sets: Config['sets']): FileProblem[] {
  const scopes = files.map(({ data }) => (data as { scope?: When } | null)?.scope)
  return scopes.flatMap((scope, file) =>
    scopes.slice(0, file).flatMap((other, earlier): FileProblem[] => {
      const common = scope && other ? commonTo(scope, other, sets) : 'nothing'
      if (typeof common === 'string') return []
      return [{ file, path: ['scope'], message: inWords(common, files[earlier]?.path) }]
    }),
  )
}

/** Fields with the value that an alert would have; those that it would not have are left out. */
type Fields = Record<string, string>

/**
 * An alert that both match; `unknown` where that can't be told: of two regular expressions, say, or below a `not`.
 * Where it is told, it is so.
 */
export function commonTo(one: When, other: When, sets: Config['sets']): Fields | 'nothing' | 'unknown' {
  let isUnknown = false
  for (const a of alternativesOf(one)) {
    for (const b of alternativesOf(other)) {
      const common = fieldsFor({ lines: [...a.lines, ...b.lines], isAll: a.isAll && b.isAll }, sets)
      if (typeof common === 'object') return common
      isUnknown ||= common === 'unknown'
    }
  }
  return isUnknown ? 'unknown' : 'nothing'
}

/** Lines that must all match; `isAll` when nothing else must. */
interface Alternative {
  lines: [field: string, pattern: Pattern][]
  isAll: boolean
}

/** More are not looked at: they multiply. */
const MAX_ALTERNATIVES = 500

/** A condition without `all` and `any`: each of these is one way to match. */
function alternativesOf(when: When): Alternative[] {
  if (Array.isArray(when)) return when.flatMap(alternativesOf)
  const { all = [], any, not } = when as Condition
  let alternatives: Alternative[] = [{ lines: fieldsOf(when), isAll: not === undefined }]
  for (const inner of [...all, ...(any ? [any] : [])]) {
    const more = alternativesOf(inner)
    alternatives =
      alternatives.length * more.length > MAX_ALTERNATIVES
        ? alternatives.map(({ lines }) => ({ lines, isAll: false }))
        : alternatives.flatMap((a) => more.map((b) => ({ lines: [...a.lines, ...b.lines], isAll: a.isAll && b.isAll })))
  }
  return alternatives
}

function fieldsFor({ lines, isAll }: Alternative, sets: Config['sets']): Fields | 'nothing' | 'unknown' {
  const fields: Fields = {}
  let isKnown = isAll
  for (const [field, same] of Map.groupBy(lines, ([name]) => name)) {
    const value = valueFor(
      field,
      same.map(([, pattern]) => pattern),
      sets,
    )
    if (value === 'none') return 'nothing'
    if (value === 'unknown') isKnown = false
    else if (value.text !== undefined) fields[field] = value.text
  }
  return isKnown ? fields : 'unknown'
}

const CLOSED_FIELDS: Record<string, readonly string[]> = { kind: KINDS, status: STATUSES, previousStatus: STATUSES }

/** A value of a field that all patterns match; without text, one that is none of theirs. */
function valueFor(field: string, patterns: Pattern[], sets: Config['sets']): { text?: string } | 'none' | 'unknown' {
  const lines = patterns.map((pattern) => {
    const matchers = matchersOf(pattern, sets)
    const wanted = !isNot(pattern)
    const texts = wanted ? matchers.map(({ exact }) => exact) : []
    return { wanted, texts, matches: (value: string) => matchers.some(({ matches }) => matches(value)) === wanted }
  })
  const wanted = lines.filter((line) => line.wanted)
  const closed = CLOSED_FIELDS[field]
  // An alert may do without the field, or hold something else in it.
  if (wanted.length === 0 && !closed) return {}
  const exact = wanted.map(({ texts }) => texts).find((texts) => texts.every((text) => text !== undefined))
  const shortest = patterns.flatMap(patternTexts).map((text) => text.replaceAll('*', '').replaceAll('?', 'x'))
  const candidates = closed ?? exact ?? [...wanted.flatMap(({ texts }) => texts), ...shortest]
  const text = candidates.find((value) => value !== undefined && lines.every(({ matches }) => matches(value)))
  if (text !== undefined) return { text }
  // A composite has several children: one may match one line, another the other.
  return (closed || exact) && field !== 'children' ? 'none' : 'unknown'
}

function inWords(common: Fields, other = ''): string {
  const values = Object.entries(common).map(([field, value]) => `${field} "${value}"`)
  const [field, value] = Object.entries(common).at(-1) ?? ['tags.team', 'orders']
  const alert = values.length > 0 ? `an alert with ${values.join(' and ')}` : 'an alert that neither names'
  return `${alert} is in the scope of ${other} too, and can be one team's alone. Add a line to one of them that leaves out what is the other's, as in ${field}: { not: "${value}" }`
}
