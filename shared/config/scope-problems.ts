import type { Config, When } from '../../schemas/config.ts'
import { type Conjunction, conjunctionsOf, excludes, SEVERAL, withLiterals } from '../check/conjunction.ts'
import { examplesOf } from '../check/example.ts'
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
      return [{ file, path: ['scope'], message: inWords(common, files[earlier]?.path) }]
    }),
  )
}

/** Fields with the value that an alert would have; those that it would not have are left out. */
type Fields = Record<string, string>

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
  return commonAlert(analysed(one, sets), analysed(other, sets))
}

function commonAlert(one: Scope, other: Scope): Fields | 'nothing' | 'unknown' {
  if (!one.conjunctions || !other.conjunctions) return 'unknown'
  let isUnknown = false
  for (const a of one.conjunctions) {
    for (const b of other.conjunctions) {
      if (excludes(a, b.literals)) continue
      for (const { fields, subject } of examplesOf(withLiterals(a, b.literals))) {
        if (one.matches(subject) && other.matches(subject)) return fields
      }
      isUnknown = true
    }
  }
  return isUnknown ? 'unknown' : 'nothing'
}

function inWords(common: Fields, other = ''): string {
  // Of its children, each by itself.
  const fields = Object.entries(common).flatMap(([field, value]): [string, string][] =>
    field === SEVERAL ? value.split('\n').map((child) => [field, child]) : [[field, value]],
  )
  const values = fields.map(([field, value]) => `${field} "${value}"`)
  const [field, value] = fields.at(-1) ?? ['tags.team', 'orders']
  const alert = values.length > 0 ? `an alert with ${values.join(' and ')}` : 'an alert that neither names'
  return `${alert} is in the scope of ${other} too, and can be one team's alone. Add a line to one of them that leaves out what is the other's, as in ${field}: { not: "${value}" }`
}
