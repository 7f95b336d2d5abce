import type * as z from 'zod'
import { KINDS, STATUSES } from '../../schemas/alert.ts'
import { type Case, caseSchema, type Expected } from '../../schemas/case.ts'
import { NUMBER_FIELDS, SEVERITIES } from '../../schemas/config.ts'
import { allowed } from '../config/allowed.ts'
import { ConfigError, type Problem } from '../config/check.ts'
import { missing } from '../config/problem.ts'
import { regexProblem } from '../config/regex-problem.ts'
import type { Written } from '../config/yaml.ts'
import { readStory } from './story.ts'

const FORM = 'a list of cases, each with name, event or alert, and expect or story'

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
      for (const problem of contentProblems(result.data, index)) problems.push(problem)
      return result.data
    }
    for (const issue of result.error.issues) for (const problem of problemsOf(issue, one, index)) problems.push(problem)
    return []
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return cases
}

const NUMBERS = ['once', 'repeats', ...NUMBER_FIELDS]

/**
 * A case's values are read as written, as in the rules: `1.10`, not 1.1. In an event, a number written as in JSON stays a
 * number.
 */
export function isTextInCase([, ...path]: Problem['path'], { source, value, isJson }: Written): boolean {
  const [key, ...within] = path
  if (key === 'alert' || key === 'alerts') return !NUMBERS.includes(within.slice(key === 'alerts' ? 1 : 0).join('.'))
  if (key !== 'event' || path.length === 1) return true
  return typeof value === 'number' && String(value) !== source && !isJson
}

function contentProblems(one: Case, index: number): Problem[] {
  const { expect, story } = one
  const form = [...inputProblems(one), ...formProblems(one), ...(expect ? expectProblems(expect) : [])]
  const ofStory = story ? readStory(one).problems : []
  return [...form, ...ofStory].map(({ path, message }) => ({ path: [index, ...path], message }))
}

function inputProblems({ event, alert, alerts, story }: Case): Problem[] {
  const given = [event, alert, alerts].filter((one) => one !== undefined).length
  if (alerts && !story) return [{ path: ['alerts'], message: 'only a story has several alerts: give event or alert' }]
  if (given === 1) return []
  const found = given === 0 ? 'has no event' : `has ${event && alert ? 'an event and an alert' : 'alerts in two ways'}`
  const more = story ? ', or alerts (several, by name)' : ''
  const message = `${found}: give event (a file, or the event itself) or alert (some of its fields)${more}`
  return [{ path: [], message }]
}

/** A case is a decision or a story; each has keys of its own. */
function formProblems({ expect, story, at, starts, ends }: Case): Problem[] {
  if (!story && !expect) return [{ path: [], message: `${missing(['expect'])}: a case has expect, or a story` }]
  if (story) {
    return [
      ...(expect ? [{ path: ['expect'], message: 'in a story, what is expected are lines: "expect at 5m: …"' }] : []),
      ...(at === undefined ? [] : [{ path: ['at'], message: 'a story says when it begins by starts' }]),
    ]
  }
  return Object.entries({ starts, ends }).flatMap(([key, value]) =>
    value === undefined ? [] : [{ path: [key], message: 'only a story has it: give at' }],
  )
}

function expectProblems(expect: Expected): Problem[] {
  return [
    ...(Object.keys(expect).length > 0
      ? []
      : [{ path: ['expect'], message: 'expects nothing: name severity, rule, values, channels, later or text' }]),
    ...Object.entries(expect.text ?? {}).flatMap(([channel, wanted]) =>
      [wanted].flat().flatMap((text) => {
        const message = regexProblem(text)
        return message === undefined ? [] : [{ path: ['expect', 'text', channel], message }]
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
    const known = keysAt(issue.path)
    return issue.keys.map((name) => ({
      path: [...path, name],
      message: `unknown key "${name}". ${allowed(name, known)}`,
    }))
  }
  if (issue.path[0] === 'story') return [{ path, message: `found ${JSON.stringify(found).slice(0, 60)}: ${LINE}` }]
  if (found === undefined)
    return [{ path, message: `${missing(path)}: a case has name, event or alert, and expect or story` }]
  const values = VALUES[key]
  if (issue.code === 'invalid_value' && values) {
    return [{ path, message: `found ${JSON.stringify(found)}. ${allowed(String(found), values)}` }]
  }
  if (key === 'at') return [{ path, message: `found ${JSON.stringify(found)}: write it as "2026-11-03T10:00:00Z"` }]
  return [{ path, message: `found ${JSON.stringify(found).slice(0, 60)}: ${issue.message}` }]
}

const LINE = 'a story is a list of lines such as "- at 5m: firing" and "- expect at 5m: slack-warning firing"'

/** The keys that are allowed at a path within a case. */
function keysAt([first, ...others]: PropertyKey[]): string[] {
  const { shape } = caseSchema
  if (first === 'expect') return Object.keys(shape.expect.unwrap().shape)
  const isAlert = (first === 'alert' && others.length === 0) || (first === 'alerts' && others.length === 1)
  return Object.keys(isAlert ? shape.alert.unwrap().shape : shape)
}
