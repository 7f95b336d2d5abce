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

/** Teams' scopes that have alerts in common: the rules of one would take what is the other's. */
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

/** Fields with the value that an alert would have; those that it would not have are left out. */
type Fields = Record<string, string>

/** An alert that two scopes have in common, and what in each of them it matches. */
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
 * An alert that both match; `unknown` where none was found and it can't be told that there is none: of two regular
 * expressions, say. Where it is told, it is so.
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
  // Of its children, each by itself.
  const fields = Object.entries(common).flatMap(([field, value]): [string, string][] =>
    field === SEVERAL ? value.split('\n').map((child) => [field, child]) : [[field, value]],
  )
  const values = fields.map(([field, value]) => `${field} "${value}"`)
  const alert = values.length > 0 ? `an alert with ${values.join(' and ')}` : 'an alert that neither names'
  return `${alert} is in the scope of ${other} too, and can be one team's alone. ${fix(both, other)}`
}

/**
 * What leaves out all that the other's own pattern takes, not only that one alert: of the other scope, unless this one lies
 * within it; then the other has to leave out this one.
 */
function fix({ one, other }: Omit<Common, 'fields'>, file: string): string {
  const here = other.literals.find((literal) => !implies(one, literal))
  if (here) return `Add a line to this scope that leaves out what is the other's: ${leavingOut(here)}`
  const there = one.literals.find((literal) => !implies(other, literal))
  if (there) return `Add a line to the scope of ${file} that leaves out what is in this one: ${leavingOut(there)}`
  return 'Both say the same: name these alerts in one of them'
}

function leavingOut(literal: Literal): string {
  const texts = textsOf(literal).map(({ text }) => JSON.stringify(text))
  const pattern = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return `${literal.field}: ${literal.wanted ? `{ not: ${pattern} }` : pattern}`
}
