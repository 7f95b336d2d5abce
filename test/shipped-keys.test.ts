import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type * as z from 'zod'
import { configSchema } from '../schemas/config.ts'
import { platformSchema } from '../schemas/platform.ts'
import { teamSchema } from '../schemas/team.ts'
import { keysAllowedAt } from '../shared/config/allowed-keys.ts'
import { checkConfig } from '../shared/config/check.ts'

/*
 * Every key that a config may have is in the shipped files, in use or in a comment, where a user would look for it. A key of
 * the schema that is not there fails here: show it in that part of the file.
 */

/** Conditions and windows have their own places. */
const ELSEWHERE = ['when', 'covers', 'mutes', 'scope', 'active', 'mute', 'window']

/** The keys at a path of a schema, and those within them. */
function keysBelow(schema: z.ZodType, path: PropertyKey[]): string[] {
  const keys = keysAllowedAt(schema, path, undefined)
  const below = (key: string) => [...keysBelow(schema, [...path, key]), ...keysBelow(schema, [...path, key, 0])]
  return [...new Set(keys.flatMap((key) => (ELSEWHERE.includes(key) ? key : [key, ...below(key)])))]
}

/** As a key of YAML, `hold: 5m`, or at the start of a line of a comment, before what it means: `#   hold   3m: …`. */
function isShown(key: string, text: string): boolean {
  return new RegExp(`(^|[\\s{#])${key}:(\\s|$)|^ *#   ([\\w]+, )?${key}(, | {2,})`, 'm').test(text)
}

/** From a line that starts so to the next one that starts otherwise. */
function part(file: string, from: string, to: string): string {
  const text = readFileSync(file, 'utf8')
  const [start, end] = [text.indexOf(`\n${from}`), text.indexOf(`\n${to}`)]
  expect(start, `${file} has no line "${from}"`).toBeGreaterThan(-1)
  expect(end, `${file} has no line "${to}" after "${from}"`).toBeGreaterThan(start)
  return text.slice(start, end)
}

const RULES = 'config/alerts.yml'

describe.each<[string, () => string[], () => string]>([
  ['the file', () => keysAllowedAt(configSchema, [], undefined), () => readFileSync(RULES, 'utf8')],
  [
    'a channel',
    () => keysBelow(configSchema, ['channels', 'x']),
    () => part(RULES, '# ── channels', '# ── severities'),
  ],
  [
    'a severity',
    () => keysBelow(configSchema, ['severities', 'critical']),
    () => part(RULES, '# ── severities', '# An alert that no rule matches'),
  ],
  ['a window', () => keysBelow(configSchema, ['windows', 'x']), () => part(RULES, '# ── time', '# ── non-production')],
  [
    'a maintenance',
    () => keysBelow(configSchema, ['maintenance', 0]),
    () => part(RULES, '# ── time', '# ── non-production'),
  ],
  [
    'an inhibition',
    () => keysBelow(configSchema, ['inhibit', 0]),
    () => part(RULES, '# ── time', '# ── non-production'),
  ],
  [
    'nonProduction',
    () => keysBelow(configSchema, ['nonProduction']),
    () => part(RULES, '# ── non-production', '# ── rules'),
  ],
  [
    'default',
    () => keysBelow(configSchema, ['default']),
    () => part(RULES, '# An alert that no rule matches', '# ── time'),
  ],
  [
    'a rule',
    () => keysBelow(configSchema, ['rules', 0]),
    () => `${part(RULES, '# ── what a rule matches', '# ── channels')}${part(RULES, '# ── rules', '  # ── critical')}`,
  ],
  [
    'the file of a team',
    () => keysAllowedAt(teamSchema, [], undefined),
    () => readFileSync('config/team.yml.example', 'utf8'),
  ],
])('config/ shows of %s', (_what, keys, text) => {
  test('each key', () => {
    expect(keys().length).toBeGreaterThan(1)
    const missing = keys().filter((key) => !isShown(key, text()))
    expect(missing).toEqual([])
  })
})

describe('config/platform.yml shows', () => {
  const text = readFileSync('config/platform.yml', 'utf8')
  const named = ['services', 'metrics', 'objectives', 'kpis', 'alarms', 'backups', 'accounts']
  test.each(keysAllowedAt(platformSchema, [], undefined))('each key of %s', (key) => {
    const path = named.includes(key) ? [key, 'x'] : [key]
    const keys = [key, ...keysBelow(platformSchema, path)]
    expect(keys.filter((one) => !isShown(one, text))).toEqual([])
  })
})

test('what config/alerts.yml shows of time, sets and tables is valid in it', () => {
  const shown = part(RULES, '# ── time', '# ── non-production').split('\n\n')[0] ?? ''
  const example = shown.slice(shown.indexOf('# timezone:')).replace(/^# /gm, '')
  const config = parse(`${readFileSync(RULES, 'utf8')}\n${example}`)
  // A table that nothing uses is an error.
  const uses = { name: 'x', when: { name: 'x' }, labels: { team: '{account | teams}' }, continue: true }
  const { windows, maintenance } = checkConfig({ ...config, rules: [uses, ...config.rules] })
  expect([windows, maintenance].every((one) => one !== undefined)).toBe(true)
})

test('a key is shown in use or in a comment, and not by a word of a sentence', () => {
  const shown = [
    'hold: 5m',
    '  critical: { hold: 5m }',
    '#   hold         3m: sent',
    '  # hold: 5m',
    '#   title, hold  both',
  ]
  for (const text of shown) expect(isShown('hold', text), text).toBe(true)
  for (const text of ['#   remind  those on hold', '# hold', '  threshold: 5', '#   holder  5m: x']) {
    expect(isShown('hold', text), text).toBe(false)
  }
})
