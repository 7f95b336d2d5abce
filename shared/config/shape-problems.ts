import type * as z from 'zod'
import { LABEL_FIELDS, SEVERITIES } from '../../schemas/config.ts'
import { severityOfWord } from '../alert/severity-word.ts'
import { allowed, meant, nearestOf } from './allowed.ts'
import { formNamesAt, keysAllowedAt } from './allowed-keys.ts'
import { missing, type Problem, pathText } from './problem.ts'

/** What was checked, and against which schema. */
export interface Checked {
  schema: z.core.$ZodType
  data: unknown
}

/** Zod's issues with the shape of a file, as messages for the people who edit it. */
export function shapeProblems(issues: z.core.$ZodIssue[], checked: Checked): Problem[] {
  return withoutMisspelt(issues, checked.data).flatMap((issue) => problemsOf(issue, checked))
}

/** Drops a missing key if a sibling is its misspelling: that one is reported, with the suggestion. */
export function withoutMisspelt(issues: z.core.$ZodIssue[], data: unknown): z.core.$ZodIssue[] {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? [issue] : []))
  return issues.filter(({ path }) => {
    const missing = path.at(-1)
    const parent = path.slice(0, -1)
    if (typeof missing !== 'string' || valueAt(data, path) !== undefined) return true
    return !unknown.some(
      (one) =>
        pathText(one.path) === pathText(parent) && one.keys.some((key) => nearestOf(key, [missing]) !== undefined),
    )
  })
}

function problemsOf(issue: z.core.$ZodIssue, checked: Checked): Problem[] {
  const { schema, data } = checked
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  // Someone may have put the secret itself where its name belongs: never show it.
  const found = path.at(-1) === 'secret' ? '(not shown)' : valueAt(data, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key "${key}". ${allowed(key, keysAllowedAt(schema, path, data))}`,
      }))
    case 'invalid_value':
      if (found === undefined) return [{ path, message: `${missing(path)}. ${allowed('', issue.values.map(String))}` }]
      return [{ path, message: `found ${show(found)}. ${allowedOf(found, issue.values.map(String))}` }]
    case 'invalid_type':
      if (path.at(-1) === 'notify' || path.at(-2) === 'notify') return [{ path, message: notifyProblem(found) }]
      return [{ path, message: typeProblem(found, issue.expected, path) }]
    case 'invalid_format':
      return [{ path, message: `found ${show(found)}: ${FORMATS[issue.format] ?? issue.message}` }]
    case 'invalid_union': {
      if (issue.discriminator) {
        const types = formNamesAt(schema, isMap(found) ? path : path.slice(0, -1), issue.discriminator)
        const type = isMap(found) ? found[issue.discriminator] : found
        if (type === undefined) return [{ path, message: `"${issue.discriminator}" is missing. ${allowed('', types)}` }]
        const key =
          issue.discriminator === 'type' ? `${String(path[0]).replace(/s$/, '')} type` : `"${issue.discriminator}"`
        return [{ path, message: `unknown ${key} ${show(type)}. ${allowed(String(type), types)}` }]
      }
      return unionProblems(issue, path, found, checked)
    }
    case 'invalid_key':
      return [{ path, message: issue.issues.map((i) => i.message).join('; ') }]
    case 'too_small':
      return [{ path, message: `found ${show(found)}: must be at least ${issue.minimum}` }]
    case 'too_big':
      return [{ path, message: `found ${show(found)}: must be at most ${issue.maximum}` }]
    default: {
      const message = found === undefined || isMap(found) ? issue.message : `found ${show(found)}: ${issue.message}`
      return [{ path, message }]
    }
  }
}

const FORMATS: Record<string, string> = {
  url: 'expected a full URL, as in https://wiki.example.com/runbooks/orders',
  email: 'expected an email address, as in team@example.com',
}

function typeProblem(found: unknown, expected: string, path: Problem['path']): string {
  if (found === undefined) return `${missing(path)}: expected ${nameOf(expected)}`
  // YAML reads a file with only comments as null.
  if (found === null && path.length === 0) return 'the file is empty: expected a mapping (key: value)'
  return `expected ${nameOf(expected)}, got ${show(found)}`
}

/** Whoever hears of no alert wants to know why. */
function notifyProblem(found: unknown): string {
  return `found ${show(found)}: that nobody is notified needs a reason, as in notify: { nobody: "known, and harmless" }. Whom to notify is said by "channels"`
}

/** The allowed values; for severities also the one that a similar word means. */
function allowedOf(found: unknown, values: string[]): string {
  const severity = typeof found === 'string' ? severityOfWord(found) : undefined
  if (severity === undefined || !values.includes(severity)) return allowed(String(found), values)
  return `${meant(severity)}${allowed('', values)}`
}

/**
 * A value that matches none of several forms. The form that the user meant is the one that matched deepest; where none
 * matched at all, all forms are named.
 */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Problem['path'],
  found: unknown,
  checked: Checked,
): Problem[] {
  if (found === undefined) {
    const example = path.join() === 'scope' ? ', as in scope: { tags.team: orders }' : ''
    return [{ path, message: `${missing(path)}: expected ${formAt(path)}${example}` }]
  }
  if (isMap(found) && isPattern(path) && !Object.hasOwn(found, 'not')) {
    return [{ path, message: mapProblem(found, path) }]
  }
  const deeper = issue.errors
    .flat()
    .filter((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys' || inner.code === 'custom')
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as z.core.$ZodIssue)
  if (deeper.length > 0) {
    const problems = shapeProblems(deeper, checked)
    const depth = Math.max(...problems.map((p) => p.path.length))
    const seen = new Set<string>()
    return problems.filter((p) => {
      const key = `${pathText(p.path)}: ${p.message}`
      return p.path.length === depth && !seen.has(key) && seen.add(key)
    })
  }
  if (path.at(-1) === 'severity') {
    const message = `found ${show(found)}. ${allowedOf(found, [...SEVERITIES])} Or a field of the alert, as in "{tags.severity}"`
    return [{ path, message }]
  }
  const nothing = Array.isArray(found) ? found.indexOf(null) : -1
  if (nothing >= 0) {
    const message = `expected a text, got ${show(null)}. Write it, or remove the item`
    return [{ path: [...path, nothing], message }]
  }
  return [{ path, message: `expected ${formAt(path)}, got ${show(found)}` }]
}

/** Is this a line of a `when`: a field's pattern, and not a condition? */
function isPattern(path: Problem['path']): boolean {
  const last = path.at(-1)
  const isCondition =
    typeof last === 'number' || ['when', 'covers', 'scope', 'all', 'any', 'not'].includes(String(last))
  return isPartOfWhen(path) && !isCondition
}

function isPartOfWhen(path: Problem['path']): boolean {
  return path.includes('when') || path.includes('covers') || path[0] === 'scope'
}

/** Labels nested below their field, as they are in an alert. */
function mapProblem(found: Record<string, unknown>, path: Problem['path']): string {
  const field = String(path.at(-1))
  const [label, value] = Object.entries(found)[0] ?? ['team', 'orders']
  if (!LABEL_FIELDS.some((known) => known === field)) return `expected ${formAt(path)}, got ${show(found)}`
  return `write each label on its own line, as in ${field}.${label}: ${typeof value === 'string' ? value : '…'}`
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function formAt(path: Problem['path']): string {
  const last = path.at(-1)
  if (
    last === 'when' ||
    last === 'covers' ||
    (path.length === 1 && last === 'scope') ||
    (last === 'not' && isPartOfWhen(path))
  ) {
    return 'a condition (field: pattern), or a list of alternative conditions'
  }
  if (last === 'channels') return 'a list of channels, or { add: [channels] }'
  if (last === 'on') return 'days (weekdays, first sunday, …), or a list of them'
  if (last === 'active' || last === 'mute' || last === 'window')
    return 'the name of a window, a list of names, or a window'
  return isPartOfWhen(path) ? 'a text, a list of texts, or { not: … } of either' : 'a text'
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], data)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const TYPE_NAMES: Record<string, string> = {
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
}

function nameOf(type: string): string {
  return TYPE_NAMES[type] ?? `a ${type}`
}
