import { closest, distance } from 'fastest-levenshtein'
import type * as z from 'zod'
import { KINDS, STATUSES } from '../../schemas/alert.ts'
import {
  type Condition,
  type Config,
  configSchema,
  LABEL_FIELDS,
  type Pattern,
  PLAIN_FIELDS,
  type When,
} from '../../schemas/config.ts'
import { type Matcher, patternTexts, textMatcher } from '../decide/pattern.ts'

/** One thing wrong with a config: where in it, and what to do. */
export interface Problem {
  /** `['rules', 3, 'severity']` */
  path: (string | number)[]
  /** What was found, what is allowed, how to mend it. */
  message: string
}

/** A config that can't be used. Its message lists every problem, each with its path. */
export class ConfigError extends Error {
  readonly problems: Problem[]

  constructor(problems: Problem[], message = problems.map((p) => `${pathText(p.path)}: ${p.message}`).join('\n')) {
    super(message)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Checks that data is a config whose every name leads somewhere.
 * Pure, and knows no file: `readConfig` adds the lines.
 * @throws {ConfigError} with all problems, not only the first.
 */
export function checkConfig(data: unknown): Config {
  // Once at each start: compiling the checks to code would cost more than it saves.
  const result = configSchema.safeParse(data, { jitless: true })
  if (!result.success) throw new ConfigError(result.error.issues.flatMap((issue) => problemsOf(issue, data)))
  const problems = [
    ...channelProblems(result.data),
    ...ruleProblems(result.data),
    ...nonProductionProblems(result.data),
  ]
  if (problems.length > 0) throw new ConfigError(problems)
  return result.data
}

/** `rules[3].severity` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}

function channelProblems(config: Config): Problem[] {
  const defined = Object.keys(config.channels)
  const lists: [Problem['path'], string[] | undefined][] = [
    ...Object.entries(config.severities).map(([name, severity]): [Problem['path'], string[]] => [
      ['severities', name, 'channels'],
      severity.channels,
    ]),
    [['default', 'channels'], config.default.channels],
    ...config.rules.map((rule, index): [Problem['path'], string[] | undefined] =>
      rule.channels && 'add' in rule.channels
        ? [['rules', index, 'channels', 'add'], rule.channels.add]
        : [['rules', index, 'channels'], rule.channels as string[] | undefined],
    ),
  ]
  return lists.flatMap(([path, names]) =>
    (names ?? []).flatMap((name, index) =>
      defined.includes(name)
        ? []
        : [{ path: [...path, index], message: `no channel is called "${name}". ${allowed(name, defined)}` }],
    ),
  )
}

function ruleProblems(config: Config): Problem[] {
  const problems: Problem[] = []
  const names = new Map<string, number>()
  config.rules.forEach((rule, index) => {
    const earlier = names.get(rule.name)
    if (earlier !== undefined) {
      problems.push({
        path: ['rules', index, 'name'],
        message: `"${rule.name}" is the name of rule ${earlier + 1} too. Give each rule a name of its own: alerts are explained by it`,
      })
    }
    if (rule.name === 'default') {
      problems.push({
        path: ['rules', index, 'name'],
        message: '"default" is what an alert that no rule matched is explained by. Use another name',
      })
    }
    names.set(rule.name, index)
    problems.push(...whenProblems(rule.when, ['rules', index, 'when']))
  })
  if (config.nonProduction) problems.push(...whenProblems(config.nonProduction.when, ['nonProduction', 'when']))
  return problems
}

/** What may not page must still reach somebody. */
function nonProductionProblems({ nonProduction, severities, channels }: Config): Problem[] {
  if (!nonProduction) return []
  const { highest } = nonProduction
  if (severities[highest].channels.some((name) => channels[name] && channels[name].type !== 'pagerduty')) return []
  return [
    {
      path: ['nonProduction', 'highest'],
      message: `"${highest}" sends to PagerDuty alone, and non-production never pages: its alerts would reach nobody. Give severities.${highest}.channels a Slack or email channel too`,
    },
  ]
}

function whenProblems(when: When, path: Problem['path']): Problem[] {
  if (!Array.isArray(when)) return conditionProblems(when, path)
  return when.flatMap((condition, index) => conditionProblems(condition, [...path, index]))
}

function conditionProblems(condition: Condition, path: Problem['path']): Problem[] {
  return Object.entries(condition).flatMap(([field, pattern]) => [
    ...fieldProblems(field, [...path, field]),
    ...patternProblems(field, pattern, [...path, field]),
  ])
}

function fieldProblems(field: string, path: Problem['path']): Problem[] {
  const [head, ...label] = field.split('.')
  const isLabel = LABEL_FIELDS.some((known) => known === head)
  if (isLabel && label.join('.') !== '') return []
  if (isLabel) return [{ path, message: `"${field}" holds labels: name one, as in "${field}.team"` }]
  if (PLAIN_FIELDS.some((known) => known === field)) return []
  const fields = [...PLAIN_FIELDS, ...LABEL_FIELDS.map((known) => `${known}.…`)]
  return [{ path, message: `an alert has no field "${field}". ${allowed(field, fields)}` }]
}

/** Fields with a closed list of values: a misspelt one would never match, silently. */
const CLOSED_FIELDS: Record<string, readonly string[]> = { kind: KINDS, status: STATUSES, previousStatus: STATUSES }

function patternProblems(field: string, pattern: Pattern, path: Problem['path']): Problem[] {
  return patternTexts(pattern).flatMap((text) => {
    let matcher: Matcher
    try {
      matcher = textMatcher(text)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return [{ path, message: `"${text}" is not a regular expression: ${why}. A regex is written /…/ or /…/i` }]
    }
    // YAML reads 012345678901 as a number, and drops its zero: it would never match, silently.
    if (field === 'account' && /^\d+$/.test(text) && text.length !== 12) {
      return [{ path, message: `found ${text}: an account's id has 12 digits. One that starts with 0 needs quotes` }]
    }
    const values = CLOSED_FIELDS[field]
    if (!values || values.some((value) => matcher.matches(value))) return []
    return [{ path, message: `no alert has the ${field} "${text}". ${allowed(text, values)}` }]
  })
}

/** What is allowed, and what the user may have meant. */
function allowed(found: string, names: readonly string[]): string {
  const list = `Allowed: ${names.join(', ') || '(none defined)'}.`
  if (names.length === 0) return list
  const nearest = closest(found, [...names])
  return distance(found, nearest) <= Math.max(2, found.length / 3) ? `Did you mean "${nearest}"? ${list}` : list
}

function problemsOf(issue: z.core.$ZodIssue, data: unknown): Problem[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)))
  // Someone may have put the secret itself where its name belongs: it must not be shown.
  const found = path.at(-1) === 'secret' ? '(not shown)' : valueAt(data, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `"${key}" is not known here. ${allowed(key, keysAllowedAt(path, found))}`,
      }))
    case 'invalid_value':
      return [{ path, message: `found ${show(found)}. ${allowed(String(found), issue.values.map(String))}` }]
    case 'invalid_type':
      return [
        {
          path,
          message:
            found === undefined
              ? `is missing: it must be ${nameOf(issue.expected)}`
              : `found ${show(found)}, where ${nameOf(issue.expected)} is needed`,
        },
      ]
    case 'invalid_union': {
      if (issue.discriminator) {
        const types = ['pagerduty', 'slack', 'email']
        const type = (found as Record<string, unknown> | undefined)?.[issue.discriminator] ?? found
        return [{ path, message: `found ${show(type)} as type of channel. ${allowed(String(type), types)}` }]
      }
      return unionProblems(issue, path, found, data)
    }
    case 'invalid_key':
      return [{ path, message: issue.issues.map((i) => i.message).join('; ') }]
    case 'too_small':
      return [{ path, message: `found ${show(found)}: at least ${issue.minimum} is needed` }]
    case 'too_big':
      return [{ path, message: `found ${show(found)}: at most ${issue.maximum} is allowed` }]
    default:
      return [{ path, message: found === undefined ? issue.message : `found ${show(found)}: ${issue.message}` }]
  }
}

/**
 * A value that fits none of several forms. The form that the user meant is the one that got deepest;
 * where none got anywhere, all forms are named.
 */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  path: Problem['path'],
  found: unknown,
  data: unknown,
): Problem[] {
  const deeper = issue.errors
    .flat()
    .filter((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys' || inner.code === 'custom')
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }) as z.core.$ZodIssue)
  if (deeper.length > 0) {
    const problems = deeper.flatMap((inner) => problemsOf(inner, data))
    const depth = Math.max(...problems.map((p) => p.path.length))
    const seen = new Set<string>()
    return problems.filter((p) => {
      const key = `${pathText(p.path)}: ${p.message}`
      return p.path.length === depth && !seen.has(key) && seen.add(key)
    })
  }
  const last = path.at(-1)
  const form =
    last === 'when'
      ? 'a condition (field: pattern), or a list of conditions of which any may match'
      : last === 'channels'
        ? 'a list of channels, or { add: [channels] }'
        : 'a text, a list of texts, or { not: … } of either'
  return [{ path, message: `found ${show(found)}, where ${form} is needed` }]
}

function keysAllowedAt(path: Problem['path'], found: unknown): string[] {
  const last = path.at(-1)
  const first = path[0]
  if (path.length === 0) return Object.keys(configSchema.shape)
  if (first === 'rules' && path.length === 2) return ['name', 'when', 'severity', 'channels']
  if (last === 'nonProduction') return ['when', 'highest']
  if (last === 'default') return ['severity', 'channels']
  if (last === 'severities') return ['critical', 'warning', 'info']
  if (first === 'severities') return ['channels']
  if (first === 'channels') {
    const type = (found as { type?: unknown } | undefined)?.type
    if (type === 'email') return ['type', 'addresses']
    return type === 'pagerduty' ? ['type', 'secret', 'region'] : ['type', 'secret']
  }
  return last === 'channels' ? ['add'] : ['not']
}

function valueAt(data: unknown, path: Problem['path']): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], data)
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const TYPE_NAMES: Record<string, string> = {
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
  string: 'a text',
}

function nameOf(type: string): string {
  return TYPE_NAMES[type] ?? `a ${type}`
}
