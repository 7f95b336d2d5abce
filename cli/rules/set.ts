import type { Alert } from '../../schemas/alert.ts'
import type { Case } from '../../schemas/case.ts'
import { NUMBER_FIELDS } from '../../schemas/config.ts'
import { severityWord } from '../../shared/alert/severity-word.ts'
import { alertOf, NO_NAME } from '../../shared/cases/run.ts'
import { setField } from '../../shared/conditions/example.ts'
import { allowed } from '../../shared/config/allowed.ts'
import { CLOSED_FIELDS, fieldProblems } from '../../shared/config/when-problems.ts'
import { UsageError } from '../command.ts'

/** Fields of an alert that stand on the command line, by their names in a `when`: `tags.team` → `orders`. */
export type Fields = Map<string, string>

/**
 * Reads what `--set FIELD=VALUE` gives. `firingFor`: what to say of that field, which is not set this way.
 * @throws {UsageError} for a field that no alert has, or a value that the field can't hold.
 */
export function readFields(given: string[], firingFor: string): Fields {
  const fields: Fields = new Map()
  for (const one of given) {
    const equals = one.indexOf('=')
    if (equals < 1) throw new UsageError(`--set ${one}: write FIELD=VALUE, as in --set tags.team=orders`)
    const [field, value] = [one.slice(0, equals).trim(), one.slice(equals + 1)]
    const problem = field === 'firingFor' ? firingFor : problemOf(field, value)
    if (problem !== undefined) throw new UsageError(`--set ${one}: ${problem}`)
    if (fields.has(field)) throw new UsageError(`--set ${one}: ${field} is set already, to "${fields.get(field)}"`)
    fields.set(field, field === 'declaredSeverity' ? severityWord(value) : value)
  }
  return fields
}

function problemOf(field: string, value: string): string | undefined {
  const [problem] = fieldProblems(field, [])
  if (problem) return problem.message
  if (value === '') return 'a field that is empty is one that is not there: leave it out'
  if (CLOSED_FIELDS[field] && !CLOSED_FIELDS[field].includes(value)) return allowed(value, CLOSED_FIELDS[field])
  return NUMBER_FIELDS.includes(field) && !Number.isFinite(Number(value)) ? `"${value}" is not a number` : undefined
}

/** Says that the name of the alarm is made up, as rules may go by it; `undefined` where `--set` gives one. */
export function madeUp(fields: Fields): string | undefined {
  if (fields.has('name') || fields.has('title')) return undefined
  const what = fields.has('resource') ? 'name or title' : 'name, title or resource'
  return `"${NO_NAME}" is made up, as --set says no ${what}. Rules that go by one may decide otherwise: add --set name=….`
}

/** An alert with these fields; in all others it is an alarm that fires at that time. */
export function alertWith(fields: Fields, at: Date): Alert {
  const alert: Record<string, unknown> = {}
  for (const [field, value] of fields) {
    if (field === 'children') alert.children = [{ name: value }]
    else setField(alert, field, value)
  }
  return alertOf({ alert: alert as Case['alert'], at: at.toISOString() }) as Alert
}
