import type * as z from 'zod'
import { KINDS, STATUSES } from '../../schemas/alert.ts'
import { type Case, caseSchema } from '../../schemas/case.ts'
import { NUMBER_FIELDS, SEVERITIES } from '../../schemas/config.ts'
import { allowed } from '../config/allowed.ts'
import { ConfigError, type Problem } from '../config/check.ts'
import { missing } from '../config/problem.ts'
import { regexProblem } from '../config/regex-problem.ts'
import type { Written } from '../config/yaml.ts'

const FORM = 'a list of cases, each with name, event or alert, and expect'

/**
 * Checks that data is a list of cases. Pure: `readYaml` adds file and line to the problems.
 * @throws {ConfigError} with all problems.
 */
export function checkCases(data: unknown): Case[] {
  // A file with only comments.
  if (data === null || data === undefined) return []
  const problems: Problem[] = []
  if (!Array.isArray(data)) throw new ConfigError([{ path: [], message: `a file of cases holds ${FORM}` }])
  const cases = data.flatMap((one: unknown, index) => {
    const result = caseSchema.safeParse(one)
    if (result.success) {
      problems.push(...contentProblems(result.data, index))
      return result.data
    }
    problems.push(...result.error.issues.flatMap((issue) => problemsOf(issue, one, index)))
    return []
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return cases
}

const NUMBERS = ['once', 'repeats', ...NUMBER_FIELDS].map((field) => `alert.${field}`)

/**
 * A case's values are read as written, as in the rules: `1.10`, not 1.1. In an event, a number written as in JSON stays a
 * number.
 */
export function isTextInCase([, ...path]: Problem['path'], { source, value, isJson }: Written): boolean {
  if (path[0] !== 'event' || path.length === 1) return !NUMBERS.includes(path.join('.'))
  return typeof value === 'number' && String(value) !== source && !isJson
}

function contentProblems({ event, alert, expect }: Case, index: number): Problem[] {
  const given = [event, alert].filter((one) => one !== undefined).length
  return [
    ...(given === 1
      ? []
      : [
          {
            path: [index],
            message: `${given === 0 ? 'has no event' : 'has an event and an alert'}: give event (a file, or the event itself) or alert (some of its fields)`,
          },
        ]),
    ...(Object.keys(expect).length > 0
      ? []
      : [
          { path: [index, 'expect'], message: 'expects nothing: name severity, rule, values, channels, later or text' },
        ]),
    ...Object.entries(expect.text ?? {}).flatMap(([channel, wanted]) =>
      [wanted].flat().flatMap((text) => {
        const message = regexProblem(text)
        return message === undefined ? [] : [{ path: [index, 'expect', 'text', channel], message }]
      }),
    ),
  ]
}

/** The allowed values by key. */
const VALUES: Record<string, readonly string[]> = { severity: SEVERITIES, kind: KINDS, status: STATUSES }

function problemsOf(issue: z.core.$ZodIssue, one: unknown, index: number): Problem[] {
  const path = [index, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))]
  const key = String(path.at(-1))
  const found = issue.path.reduce<unknown>((value, step) => (value as Record<PropertyKey, unknown>)?.[step], one)
  if (issue.code === 'unrecognized_keys') {
    const shape = caseSchema.shape
    const known =
      key === 'expect'
        ? Object.keys(shape.expect.shape)
        : key === 'alert'
          ? Object.keys(shape.alert.unwrap().shape)
          : Object.keys(shape)
    return issue.keys.map((name) => ({
      path: [...path, name],
      message: `unknown key "${name}". ${allowed(name, known)}`,
    }))
  }
  if (found === undefined) return [{ path, message: `${missing(path)}: a case has name, event or alert, and expect` }]
  const values = VALUES[key]
  if (issue.code === 'invalid_value' && values) {
    return [{ path, message: `found ${JSON.stringify(found)}. ${allowed(String(found), values)}` }]
  }
  if (key === 'at') return [{ path, message: `found ${JSON.stringify(found)}: write it as "2026-11-03T10:00:00Z"` }]
  return [{ path, message: `found ${JSON.stringify(found).slice(0, 60)}: ${issue.message}` }]
}
