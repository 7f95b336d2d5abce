import type { Alert } from '../../schemas/alert.ts'
import type { Case } from '../../schemas/case.ts'
import { NUMBER_FIELDS } from '../../schemas/config.ts'
import { severityWord } from '../../shared/alert/severity-word.ts'
import { alertOf, NO_NAME } from '../../shared/cases/alert-of.ts'
import { setField } from '../../shared/conditions/example.ts'
import { allowed } from '../../shared/config/allowed.ts'
import { CLOSED_FIELDS, fieldProblems } from '../../shared/config/when-problems.ts'
import { UsageError } from '../command.ts'

/** Fields of an alert from the command line, by their names in a `when`: `tags.team` → `orders`. */
export type Fields = Map<string, string>

/**
 * Parses `--set FIELD=VALUE`. `firingFor`: the hint for that field, which can't be set this way.
 * @throws {UsageError} for an unknown field, or an invalid value.
 */
export function readFields(given: string[], firingFor: string): Fields {
  const fields: Fields = new Map()
  for (const one of given) {
    const equals = one.indexOf('=')
    if (equals < 1) throw new UsageError(`--set ${one}: write FIELD=VALUE, as in --set tags.team=orders`)
    const [field, value] = [one.slice(0, equals).trim(), one.slice(equals + 1)]
    const problem = field === 'firingFor' ? firingFor : problemOf(field, value)
    if (problem !== undefined) throw new UsageError(`--set ${one}: ${problem}`)
    if (fields.has(field)) throw new UsageError(`--set ${one}: ${field} is already set to "${fields.get(field)}"`)
    fields.set(field, field === 'declaredSeverity' ? severityWord(value) : value)
  }
  return fields
}

function problemOf(field: string, value: string): string | undefined {
  const [problem] = fieldProblems(field, [])
  if (problem) return problem.message
  if (value === '') return 'an empty field is the same as a missing one: leave it out'
  if (CLOSED_FIELDS[field] && !CLOSED_FIELDS[field].includes(value)) return allowed(value, CLOSED_FIELDS[field])
  return NUMBER_FIELDS.includes(field) && !Number.isFinite(Number(value)) ? `"${value}" is not a number` : undefined
}

/** A note that the name of the alarm is invented, because rules may match on it; `undefined` if `--set` gives one. */
export function madeUp(fields: Fields): string | undefined {
  if (fields.has('name') || fields.has('title')) return undefined
  const what = fields.has('resource') ? 'name or title' : 'name, title or resource'
  return `"${NO_NAME}" is a placeholder, because --set gives no ${what}. Rules that match on these may decide differently: add --set name=….`
}

/** An alert with these fields; otherwise an alarm that fires at that time. */
export function alertWith(fields: Fields, at: Date): Alert {
  const alert: Record<string, unknown> = {}
  for (const [field, value] of fields) {
    if (field === 'children') alert.children = [{ name: value }]
    else setField(alert, field, value)
  }
  return alertOf({ alert: alert as Case['alert'], at: at.toISOString() }) as Alert
}
