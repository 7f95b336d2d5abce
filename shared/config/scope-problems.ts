import type { Config, When } from '../../schemas/config.ts'
import {
  type Conjunction,
  conjunctionsOf,
  excludes,
  implies,
  type Literal,
  SEVERAL,
  textsOf,
  withLiterals,
} from '../conditions/conjunction.ts'
import { examplesOf } from '../conditions/example.ts'
import { compileWhen } from '../decide/rules.ts'
import type { FileProblem } from './merge.ts'

/** Teams' scopes that overlap: one team's rules would take the other's alerts. */
export function scopeProblems(files: readonly { path: string; data: unknown }[], sets: Config['sets']): FileProblem[] {
  const scopes = files.map(({ data }) => {
    const scope = (data as { scope?: When } | null)?.scope
    return scope && analysed(scope, sets)
  })
  return scopes.flatMap((scope, file) =>
    scopes.slice(0, file).flatMap((other, earlier): FileProblem[] => {
      const common = scope && other ? commonAlert(scope, other) : 'nothing'
      if (typeof common === 'string') return []
      return [{ file, path: ['scope'], message: describe(common, files[earlier]?.path) }]
    }),
  )
}

/** Fields with the values of an example alert; fields that it must not have are left out. */
type Fields = Record<string, string>

/** An alert in both scopes, and the part of each that it matches. */
interface Common {
  fields: Fields
  one: Conjunction
  other: Conjunction
}

interface Scope {
  /** `undefined`: too many. */
  conjunctions: Conjunction[] | undefined
  matches: ReturnType<typeof compileWhen>
}

function analysed(scope: When, sets: Config['sets']): Scope {
  return { conjunctions: conjunctionsOf(scope, sets), matches: compileWhen(scope, sets) }
}

/**
 * An alert that both match; `unknown` where none was found but there may be one: with two regular expressions, say. A
 * found one is certain.
 */
export function commonTo(one: When, other: When, sets: Config['sets']): Fields | 'nothing' | 'unknown' {
  const common = commonAlert(analysed(one, sets), analysed(other, sets))
  return typeof common === 'string' ? common : common.fields
}

function commonAlert(one: Scope, other: Scope): Common | 'nothing' | 'unknown' {
  if (!one.conjunctions || !other.conjunctions) return 'unknown'
  let isUnknown = false
  for (const a of one.conjunctions) {
    for (const b of other.conjunctions) {
      if (excludes(a, b.literals)) continue
      for (const { fields, subject } of examplesOf(withLiterals(a, b.literals))) {
        if (one.matches(subject) && other.matches(subject)) return { fields, one: a, other: b }
      }
      isUnknown = true
    }
  }
  return isUnknown ? 'unknown' : 'nothing'
}

function describe({ fields: common, ...both }: Common, other = ''): string {
  // One line for each of its children.
  const fields = Object.entries(common).flatMap(([field, value]): [string, string][] =>
    field === SEVERAL ? value.split('\n').map((child) => [field, child]) : [[field, value]],
  )
  const values = fields.map(([field, value]) => `${field} "${value}"`)
  const alert = values.length > 0 ? `an alert with ${values.join(' and ')}` : 'an alert that neither scope names'
  return `${alert} is also in the scope of ${other}; an alert belongs to one team. ${fix(both, other)}`
}

/**
 * The line that excludes everything the other's pattern matches, not only that one alert: excludes the other scope,
 * unless this one lies within it; then the other one must exclude this one.
 */
function fix({ one, other }: Omit<Common, 'fields'>, file: string): string {
  const here = other.literals.find((literal) => !implies(one, literal))
  if (here) return `Exclude the other team's alerts here; add to this scope: ${leavingOut(here)}`
  const there = one.literals.find((literal) => !implies(other, literal))
  if (there) return `Exclude this team's alerts there; add to the scope of ${file}: ${leavingOut(there)}`
  return 'Both scopes are the same: keep it in one of them'
}

function leavingOut(literal: Literal): string {
  const texts = textsOf(literal).map(({ text }) => JSON.stringify(text))
  const pattern = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return `${literal.field}: ${literal.wanted ? `{ not: ${pattern} }` : pattern}`
}
