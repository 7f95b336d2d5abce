import { alertSchema, KINDS, STATUSES } from '../../schemas/alert.ts'
import {
  type Condition,
  type Config,
  fieldsOf,
  LABEL_FIELDS,
  MAX_NESTING,
  NUMBER_FIELDS,
  type Pattern,
  PLAIN_FIELDS,
  TIME_FIELDS,
  VALUE_FIELD,
  type When,
} from '../../schemas/config.ts'
import { readComparison } from '../decide/comparison.ts'
import { patternTexts, setName, textMatcher } from '../decide/pattern.ts'
import { regexOf } from '../decide/regex.ts'
import { allowed, meant, nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'
import { regexProblem } from './regex-problem.ts'
import { type Scope, unknownValue, valueNamed } from './value-scope.ts'

type Path = Problem['path']

/** What a `when` may refer to: sets and, in a rule, the values that rules before it have set. */
interface Known {
  sets: Config['sets']
  scope?: Scope | undefined
}

/** Problems in a `when`: unknown fields, patterns that are invalid or could never match. */
export function whenProblems(when: When, path: Path, sets: Config['sets'], scope?: Scope): Problem[] {
  return problemsIn(when, path, { sets, scope }, 0)
}

/** Values in a `when` that is asked before any rule. */
export function valuesNamedIn(when: When, path: Path): Problem[] {
  return whenProblems(when, path, {}).filter(({ message }) => message === NO_RULES_YET)
}

function problemsIn(when: When, path: Path, known: Known, depth: number): Problem[] {
  if (!Array.isArray(when)) return conditionProblems(when, path, known, depth)
  return when.flatMap((condition, index) => conditionProblems(condition, [...path, index], known, depth))
}

function conditionProblems(condition: Condition, path: Path, known: Known, depth: number): Problem[] {
  if (depth > MAX_NESTING) {
    const message = `all, any and not are nested more than ${MAX_NESTING} deep. Split it into several rules`
    return [{ path, message }]
  }
  const inner = (['all', 'any', 'not'] as const).flatMap((key) => {
    const when = condition[key]
    return when === undefined ? [] : problemsIn(when, [...path, key], known, depth + 1)
  })
  const lines = fieldsOf(condition).flatMap(([field, pattern]) => {
    const unknown = fieldProblems(field, [...path, field], { inWhen: true, scope: known.scope })
    return unknown.length > 0 ? unknown : patternProblems(field, pattern, [...path, field], known.sets)
  })
  return [...inner, ...lines]
}

const NO_RULES_YET = 'values are set by rules, and none has been evaluated here. Name a field of the alert'

const THRESHOLD = Object.keys(alertSchema.shape.threshold.unwrap().shape)
const LINKS = Object.keys(alertSchema.shape.links.shape)

/** Is this a field of alerts? A `when` has some of its own, too, and with a scope it may be a value that rules set. */
export function fieldProblems(
  field: string,
  path: Path,
  { inWhen = false, scope }: { inWhen?: boolean; scope?: Scope | undefined } = {},
): Problem[] {
  const value = valueNamed(field)
  if (value !== undefined) return scope ? unknownValue(value, path, scope) : [{ path, message: NO_RULES_YET }]
  const [head, ...rest] = field.split('.')
  const label = rest.join('.')
  if (LABEL_FIELDS.some((known) => known === head)) {
    if (label === '') return [{ path, message: `"${head}" needs a label, as in "${head}.${exampleOf(head ?? '')}"` }]
    const closed = head === 'threshold' ? THRESHOLD : head === 'links' ? LINKS : undefined
    if (!closed || closed.includes(label)) return []
    return [{ code: 'unknown-field', path, message: `${head} has no "${label}". ${allowed(label, closed)}` }]
  }
  const more = inWhen ? [...TIME_FIELDS, 'all', 'any', 'not'] : []
  if ([...PLAIN_FIELDS, ...(inWhen ? TIME_FIELDS : [])].some((known) => known === field)) return []
  const values = [...(scope?.setters.keys() ?? [])].map((name) => `${VALUE_FIELD}${name}`)
  const fields = [...PLAIN_FIELDS, ...LABEL_FIELDS.map((known) => `${known}.…`), ...values, ...more]
  const likely = values.includes(`${VALUE_FIELD}${field}`)
    ? meant(`${VALUE_FIELD}${field}`)
    : likelyLabel(field, fields)
  const message = `unknown field "${field}". ${likely}${allowed(field, fields)}`
  return [{ code: 'unknown-field', path, message }]
}

/** `tags.team`, for `tag.team`, `Tags.team` or `team`; nothing if a field has a similar name. */
function likelyLabel(field: string, fields: readonly string[]): string {
  const [head = '', ...rest] = field.split('.')
  if (rest.length > 0) {
    const holder = /^labels?$/i.test(head)
      ? 'tags'
      : LABEL_FIELDS.find((known) => known === head.toLowerCase() || known === `${head.toLowerCase()}s`)
    return meant(holder && [holder, ...rest].join('.'))
  }
  if (field === 'severity') return `${meant('declaredSeverity')}A rule sets the severity itself. `
  return nearestOf(field, fields) === undefined ? meant(`tags.${field}`) : ''
}

function exampleOf(field: string): string {
  return { threshold: 'value', links: 'runbook', dimensions: 'FunctionName' }[field] ?? 'team'
}

function patternProblems(field: string, pattern: Pattern, path: Path, sets: Config['sets'] = {}): Problem[] {
  return patternTexts(pattern).flatMap((text) => {
    const name = setName(text)
    if (name === undefined) return valueProblems(field, text, path)
    if (!Object.hasOwn(sets, name)) {
      const message = `unknown set "${name}". ${allowed(name, Object.keys(sets))} To match a text that starts with $, write "/^\\\\$${name}$/"`
      return [{ code: 'undefined-set', path, message }]
    }
    return (sets[name] ?? []).flatMap((one, index) => valueProblems(field, one, ['sets', name, index]))
  })
}

/** Fields with a closed list of values: a misspelt one would silently never match. */
export const CLOSED_FIELDS: Record<string, readonly string[]> = {
  kind: KINDS,
  status: STATUSES,
  previousStatus: STATUSES,
}
const DURATION_FIELDS = ['firingFor', 'threshold.periodSeconds']

function valueProblems(field: string, text: string, path: Path): Problem[] {
  const message = valueProblem(field, text)
  return message === undefined ? [] : [{ path, message }]
}

function valueProblem(field: string, text: string): string | undefined {
  const regex = regexProblem(text)
  if (regex !== undefined) return regex
  const comparison = comparisonProblem(field, text)
  if (comparison !== undefined) return comparison
  if (field === 'account' && /^\d+$/.test(text) && text.length !== 12) {
    return `found ${text}: an account id has 12 digits`
  }
  const values = CLOSED_FIELDS[field]
  if (!values || values.some(textMatcher(text).matches)) return undefined
  return `no alert has the ${field} "${text}". ${allowed(text, values)}`
}

function comparisonProblem(field: string, text: string): string | undefined {
  const comparison = readComparison(text)
  if (field === 'firingFor' && !comparison?.isDuration) {
    return `found "${text}": compare firingFor with a duration, as in "> 10m" (>, >=, < or <=; s, m, h or d)`
  }
  if (comparison?.isDuration && !DURATION_FIELDS.includes(field)) {
    return `found "${text}": only ${DURATION_FIELDS.join(' and ')} accept durations. Compare ${field} with a number, as in "> 10"`
  }
  if (comparison) return undefined
  const [, sign, number] = /^=([<>])\s*(.*)$/s.exec(text) ?? []
  if (sign !== undefined) return `found "${text}": the sign comes first, as in "${sign}= ${number}"`
  const equals = /^(!=|==?)\s*(.*)$/s.exec(text)
  if (equals) {
    const value = equals[2]
    return `found "${text}": for equality write the value itself, "${value}"; for inequality, { not: "${value}" }`
  }
  if (/^[<>]=?\s*\S/.test(text)) {
    return `found "${text}": a comparison is >, >=, < or <= and a number, as in ">= 99"${DURATION_FIELDS.includes(field) ? ', or a duration, as in "> 10m"' : ''}. To match a text that starts like this, use a regex, ${regexOf(text)}`
  }
  const isExact = textMatcher(text).exact !== undefined
  if (NUMBER_FIELDS.includes(field) && isExact && String(Number(text)) !== text) {
    const number = Number.isNaN(Number(text)) ? 'a number' : `the number ${Number(text)}`
    return `expected ${number} or a comparison, as in ">= 99", got "${text}"`
  }
  return undefined
}
