import { type Config, LABEL_FIELDS, PLAIN_FIELDS, VALUE_FIELD } from '../../schemas/config.ts'
import { allowed, meant, nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'

type Path = Problem['path']

/** The values that rules set: by name, the first rule that does. */
export function settersOf({ rules }: Pick<Config, 'rules'>): Map<string, number> {
  const setters = new Map<string, number>()
  for (const [index, { set = {} }] of rules.entries()) {
    for (const name of Object.keys(set)) if (!setters.has(name)) setters.set(name, index)
  }
  return setters
}

/** The values that a text of a rule may use. */
export interface Scope {
  config: Config
  setters: Map<string, number>
  /** Rules before this one. */
  before: number
}

/** A value that no rule sets, or only a later one. */
export function unknownValue(name: string, path: Path, { config, setters, before }: Scope): Problem[] {
  const setter = setters.get(name)
  if (setter !== undefined && setter < before) return []
  if (setter !== undefined) {
    const message = `the value "${name}" is set only later, by rule "${config.rules[setter]?.name}". Move that rule above this one`
    return [{ code: 'unknown-field', path, message }]
  }
  const names = [...setters.keys()]
  const fields = [...PLAIN_FIELDS, ...LABEL_FIELDS.map((known) => `${known}.…`)]
  const label = nearestOf(name, [...fields, ...names]) === undefined ? meant(`tags.${name}`) : ''
  const message = `no rule sets a value "${name}", and alerts have no such field. ${label}${allowed(name, [...names, ...fields])}`
  return [{ code: 'unknown-field', path, message }]
}

/** The value that a field of a `when`, of `groupBy` or of a template names. */
export function valueNamed(field: string): string | undefined {
  return field.startsWith(VALUE_FIELD) ? field.slice(VALUE_FIELD.length) : undefined
}
