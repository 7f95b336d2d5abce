import {
  type Config,
  LABEL_FIELDS,
  PLAIN_FIELDS,
  type Rule,
  severityField,
  TEMPLATE_FIELDS,
  TIME_FIELDS,
} from '../../schemas/config.ts'
import { alike, writtenIn } from '../decide/channels-by-field.ts'
import { isFixed, isOfAlert, readFilling, type Slot, slotsIn } from '../decide/fill.ts'
import { compileRegex, readRegex } from '../decide/regex.ts'
import { fillable } from '../decide/values.ts'
import { allowed, nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'
import { regexProblem } from './regex-problem.ts'
import { type Scope, settersOf, unknownValue } from './value-scope.ts'
import { fieldProblems } from './when-problems.ts'

type Path = Problem['path']

/** Names that mean something else where a value is named. */
const TAKEN: readonly string[] = [
  ...PLAIN_FIELDS,
  ...TIME_FIELDS,
  ...TEMPLATE_FIELDS,
  ...LABEL_FIELDS,
  ...['labels', 'values', 'all', 'any', 'not'],
]

/** Each alert keeps its values. */
const MOST_VALUES = 50

/** Problems with the values that rules set, the tables, and each text that names one. */
export function valueProblems(config: Config): Problem[] {
  const setters = settersOf(config)
  const problems = config.rules.flatMap((rule, index) => ruleProblems(rule, index, config, setters))
  const [tooMany] = [...setters].slice(MOST_VALUES)
  return [
    ...problems,
    ...(tooMany
      ? [
          {
            path: ['rules', tooMany[1], 'set', tooMany[0]],
            message: `rules set ${setters.size} different values, at most ${MOST_VALUES}. Use one name for what is alike`,
          },
        ]
      : []),
    ...unusedTables(config),
  ]
}

function ruleProblems(rule: Rule, index: number, config: Config, setters: Map<string, number>): Problem[] {
  const path = ['rules', index]
  const earlier = { config, setters, before: index }
  // A rule may use what it sets itself.
  const own = { config, setters, before: index + 1 }
  const channels = Array.isArray(rule.channels) ? [...path, 'channels'] : [...path, 'channels', 'add']
  return [
    ...Object.entries(rule.set ?? {}).flatMap(([name, text]) => [
      ...nameProblems(name, [...path, 'set', name]),
      ...textProblems(text, [...path, 'set', name], earlier),
    ]),
    ...writtenIn(rule.channels).flatMap((name, at) => channelProblems(name, [...channels, at], own)),
    ...Object.entries(rule.labels ?? {}).flatMap(([label, text]) =>
      textProblems(text, [...path, 'labels', label], own),
    ),
    ...(severityField(rule.severity ?? '') === undefined
      ? []
      : severityProblems(rule.severity ?? '', [...path, 'severity'], own)),
  ]
}

function nameProblems(name: string, path: Path): Problem[] {
  if (!TAKEN.includes(name)) return []
  return [{ path, message: `"${name}" already means something in rules. Use another name for the value` }]
}

function severityProblems(severity: string, path: Path, scope: Scope): Problem[] {
  const [slot, ...others] = readFilling(severity)
  if (typeof slot === 'object' && others.length === 0) return slotProblems(slot, path, scope)
  return textProblems(severity, path, scope)
}

/** A name with slots must be able to become a channel; which it is, depends on the alert. */
function channelProblems(written: string, path: Path, scope: Scope): Problem[] {
  const problems = textProblems(written, path, scope)
  const { channels } = scope.config
  if (problems.length > 0 || isFixed(written) || alike(written, channels).length > 0) return problems
  const message = `no channel has a name like "${written}", whatever the alert. ${allowed(written, Object.keys(channels))}`
  return [{ code: 'undefined-channel', path, message }]
}

function textProblems(text: string, path: Path, scope: Scope): Problem[] {
  const brace = readFilling(text).find((part) => typeof part === 'string' && /[{}]/.test(part))
  if (brace !== undefined) return [{ path, message: `found "${text}": ${braceProblem(text)}` }]
  return slotsIn(text).flatMap((slot) => slotProblems(slot, path, scope))
}

function braceProblem(text: string): string {
  const [, field] = /\{\{\s*([\w.-]+)\s*\}\}/.exec(text) ?? []
  if (field !== undefined) return `only templates (title, text) have two braces. Here write {${field}}`
  return 'a value is written as {tags.team}, a part of it as {name:/^([a-z]+)-/} (a slash in the expression as \\/), and what a table has for it as {account | teams}'
}

function slotProblems({ written, field, regex, table }: Slot, path: Path, scope: Scope): Problem[] {
  const { tables = {} } = scope.config
  // An expression that is not written as one.
  if (field.includes(':/')) return [{ path, message: `found "${written}": ${braceProblem(written)}` }]
  const ofRegex = regex === undefined ? undefined : partProblem(regex)
  return [
    ...(isOfAlert(field) ? fieldProblems(field, path) : unknownValue(field, path, scope)),
    ...(ofRegex === undefined ? [] : [{ path, message: ofRegex }]),
    ...(table === undefined || Object.hasOwn(tables, table)
      ? []
      : [
          {
            code: 'undefined-table',
            path,
            message: `found "${written}": unknown table "${table}". ${allowed(table, Object.keys(tables))}`,
          },
        ]),
  ]
}

function partProblem(regex: string): string | undefined {
  const problem = regexProblem(regex)
  if (problem !== undefined) return problem
  const read = readRegex(regex)
  if (read && compileRegex(read).groupCount() > 0) return undefined
  return `"${regex}" has no group: put the part that is the value in parentheses, as in /^([a-z]+)-/`
}

/** An unused table is most often a misspelt one. */
function unusedTables({ tables = {}, rules }: Config): Problem[] {
  const texts = rules.flatMap(fillable)
  const used = texts.flatMap((text) => slotsIn(text).flatMap(({ table }) => table ?? []))
  return Object.keys(tables)
    .filter(
      (name) =>
        !used.includes(name) &&
        nearestOf(
          name,
          used.filter((one) => !Object.hasOwn(tables, one)),
        ) === undefined,
    )
    .map((name) => ({
      code: 'unused-table',
      path: ['tables', name],
      message: `unused. Refer to it in a rule, as in set: { team: "{account | ${name}}" }, or remove it`,
    }))
}
