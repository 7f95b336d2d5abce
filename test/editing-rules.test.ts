import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema, ruleSchema, SEVERITIES } from '../schemas/config.ts'
import { editorSchemas, jsonSchemaOf } from '../shared/config/json-schema.ts'
import { readConfigText } from '../shared/config/read.ts'
import { SHIPPED_PLATFORM } from './some-platform.ts'
import { startYamlEditor } from './yaml-editor.ts'

const RULES = readFileSync('config/alerts.yml', 'utf8')
const TEAM = readFileSync('config/team.yml.example', 'utf8')
const CASES = readFileSync('config/tests/alerts.yml', 'utf8')
/** Every form of a case. */
const STORY = `${CASES}
- name: a story
  alerts: { cpu: { name: orders-cpu, account: 123456789012 }, disk: { metric: Disk } }
  starts: 2026-11-27 23:00
  ends: 2h
  story:
    - at 0m: [cpu firing, disk firing with tags.team orders]
    - expect at 0m: slack-warning cpu firing
    - expect between 0m and 1h: nothing else
`
/** Every possible key, besides the shipped rules. */
const MORE = `
timezone: Europe/Berlin
windows:
  nights: { from: "22:00", to: "06:00" }
  gala: { from: 2026-12-05T20:00, for: 4h, timezone: UTC }
maintenance:
  - name: monthly
    window: { on: [first sunday, 15], from: "02:00", for: 4h }
    covers: [{ tags.team: orders }, { name: "*" }]
sets: { production: ["111122223333", 444455556666], teams: [/^orders/i] }
rules:
  - name: all of it
    when:
      any: [{ tags.team: [orders, $teams] }, { children: "orders-*", not: [{ account: $production }] }]
      all: [{ threshold.value: ">= 99" }, { firingFor: "> 10m" }, { threshold.periodSeconds: 300 }]
      details.anything at all: { not: [a, 1, true] }
      links.runbook: "*"
      kind: [metric-alarm, "*-alarm"]
    severity: "{tags.severity}"
    otherwise: warning
    channels: { add: [email] }
    groupBy: [tags.team, dimensions.FunctionName]
    runbook: https://wiki.example.com/runbooks/orders
    labels: { owner: orders, tier: 1 }
    continue: true
    active: [nights, gala]
    mute: nights
`

let editor: Awaited<ReturnType<typeof startYamlEditor>>
beforeAll(async () => {
  editor = await startYamlEditor()
})
afterAll(() => editor.close())

let opened = 0
/** The shipped rules with one change, as another file beside them. */
function edited(from: string, to: string, text = RULES) {
  if (!text.includes(from)) throw new Error(`there is no ${from}`)
  return editor.open(`config/edited-${++opened}.yml`, text.replace(from, to))
}

/** The cursor's place, `|`, in the rules with that inserted; and the completions there. */
async function offeredAt(from: string, to: string): Promise<string[]> {
  const before = RULES.slice(0, RULES.indexOf(from)) + to.slice(0, to.indexOf('|'))
  const lines = before.split('\n')
  return edited(from, to.replace('|', '')).offered({ line: lines.length - 1, character: lines.at(-1)?.length ?? 0 })
}

async function shownOver(line: string, word: string): Promise<string> {
  const number = RULES.split('\n').indexOf(line)
  return edited('', '').shown({ line: number, character: line.indexOf(word) + 1 })
}

test.each(Object.entries(editorSchemas()))('%s is made of the schemas as they are', (file, now) => {
  const committed = JSON.parse(readFileSync(file, 'utf8'))
  expect(committed, `${file} is out of date. Make it: npm run schema`).toEqual(JSON.parse(JSON.stringify(now)))
})

test('each key of what is watched has a description', () => {
  expect(undescribed(editorSchemas()['schemas/platform.schema.json'])).toEqual([])
})

test('each key of a case has a description, but the fields of an alert', () => {
  const keys = undescribed(editorSchemas()['schemas/cases.schema.json'])
  expect(keys.filter((key) => !/^items\.(properties\.)?alerts?\./.test(key))).toEqual([])
})

/** Where a key has none: `from.oneOf.0.by`. A choice of forms lists only the values of the key that decides. */
function undescribed(node: unknown, path: string[] = []): string[] {
  if (typeof node !== 'object' || node === null) return []
  const { properties = {}, oneOf } = node as { properties?: Record<string, object>; oneOf?: unknown }
  const keys = oneOf === undefined ? Object.entries(properties) : []
  return [
    ...keys.filter(([, property]) => !('description' in property)).map(([key]) => [...path, key].join('.')),
    ...Object.entries(node).flatMap(([key, below]) => undescribed(below, [...path, key])),
  ]
}

test('the checks of a pushed config fit into a schema that AppConfig accepts', () => {
  const schema = JSON.stringify(jsonSchemaOf(configSchema, 'draft-4'))
  expect(schema.length).toBeLessThan(32_768)
  expect(schema).not.toMatch(/"(const|propertyNames|if|examples|markdownDescription|patternErrorMessage)"/)
  expect(schema).toContain('"threshold.observed"')
})

// At once: the server waits a fifth of a second after each change.
describe.concurrent("in an editor with YAML's language server", () => {
  test.each([
    ['the shipped rules', 'config/alerts.yml', RULES],
    ["the example of a team's rules", 'config/orders.yml', TEAM],
    ['what is watched', 'config/platform.yml', SHIPPED_PLATFORM],
    ['the shipped cases', 'config/tests/alerts.yml', CASES],
    ['a story', 'config/tests/story.yml', STORY],
  ])('nothing is underlined in %s', async (_what, file, text) => {
    expect(text).toMatch(/^# yaml-language-server: \$schema=/)
    expect(await editor.open(file, text).underlined()).toEqual([])
  })

  test('nothing is underlined in a config with every possible key', async () => {
    const all = `${RULES.slice(0, RULES.indexOf('\nrules:'))}${MORE}`
    readConfigText(all, 'all.yml')
    expect(await editor.open('config/all.yml', all).underlined()).toEqual([])
  })

  test.each<[string, [string, string], string, RegExp]>([
    ['a misspelt key', ['runbook: https', 'runbok: https'], 'runbok', /runbok is not allowed/],
    [
      'a wrong severity',
      ['severity: "{tags.severity}"', 'severity: critcal'],
      'critcal',
      /"critical", "warning", "info"/,
    ],
    [
      'a field that no alert has',
      ['$teams] }, { children', '$teams] }, { childern'],
      'childern',
      /childern is not allowed/,
    ],
    [
      'a label that a threshold does not have',
      ['[{ threshold.value:', '[{ threshold.valeu:'],
      'threshold.valeu',
      /not allowed/,
    ],
    ['an invalid time', ['"22:00"', '"25:00"'], '"25:00"', /a time of day is HH:MM/],
    ['a name of a channel', ['email: {', 'e_mail: {'], 'e_mail', /a channel name has only lower case letters/],
    [
      'a type of channel',
      ['email: { type: email', 'email: { type: emial'],
      'emial',
      /"pagerduty", "slack", "slack-app", "email"/,
    ],
    [
      'a secret in place of its name',
      ['secret: slack-critical', 'secret: "https://hooks"'],
      '"https://hooks"',
      /never the secret itself/,
    ],
  ])('%s is underlined, with what is allowed', async (_what, [from, to], text, message) => {
    const all = `${RULES.slice(0, RULES.indexOf('\nrules:'))}${MORE}`
    const underlined = await edited(from, to, all).underlined()
    expect(underlined[0]).toMatchObject({ text, message: expect.stringMatching(message) })
  })

  test("keys for all teams are underlined in a team's file", async () => {
    expect(await editor.open('config/severe.yml', `${TEAM}\ndefault: { severity: info }\n`).underlined()).toMatchObject(
      [{ text: 'default' }],
    )
  })

  test.each<[string, [string, string], string, RegExp]>([
    ['a misspelt key of an alarm', ['silentFor: 15m', 'silntFor: 15m'], 'silntFor', /silntFor is not allowed/],
    ['a type of service', ['type: rds', 'type: rdb'], 'rdb', /"lambda", "ecs", "rds", "s3", "queue", "http"/],
    ['a publisher', ['from: { by: emf', 'from: { by: emv'], 'emv', /"probe", "log", "daily-report", "emf"/],
    ['a report', ['weekly:', 'weakly:'], 'weakly', /weakly is not allowed|"weekly"/],
    ['a percentile', ['statistic: p95', 'statistic: 95th'], '95th', /a percentile, as in p95/],
  ])('of what is watched, %s is underlined, with what is allowed', async (_what, [from, to], text, message) => {
    const underlined = await edited(from, to, SHIPPED_PLATFORM).underlined()
    expect(underlined[0]).toMatchObject({ text, message: expect.stringMatching(message) })
  })

  test.each<[string, [string, string], string, RegExp]>([
    ['a misspelt key', ['severity: critical', 'severty: critical'], 'severty', /severty is not allowed/],
    ['a severity', ['severity: critical', 'severity: critcal'], 'critcal', /"critical", "warning", "info"/],
    ['a field of an alert', ['metric: Disk', 'metrik: Disk'], 'metrik', /metrik is not allowed/],
    ['a line of a story', ['- expect at 0m', '- expects at 0m'], 'expects at 0m', /not allowed/],
  ])('of a case, %s is underlined, with what is allowed', async (_what, [from, to], text, message) => {
    expect(STORY).toContain(from)
    const file = editor.open(`config/tests/edited-${++opened}.yml`, STORY.replace(from, to))
    expect((await file.underlined())[0]).toMatchObject({ text, message: expect.stringMatching(message) })
  })

  test('over a line of a story it shows what may be in it', async () => {
    const line = STORY.split('\n').findIndex((one) => one.includes('- expect at 0m'))
    const file = editor.open('config/tests/shown.yml', STORY)
    expect(await file.shown({ line, character: 10 })).toContain('with "for slack-critical" (as its fallback)')
  })

  test('the keys of an alarm are offered within one, with what they are', async () => {
    const at = SHIPPED_PLATFORM.indexOf('    silentFor')
    const text = `${SHIPPED_PLATFORM.slice(0, at)}    \n${SHIPPED_PLATFORM.slice(at)}`
    const line = SHIPPED_PLATFORM.slice(0, at).split('\n').length - 1
    const file = editor.open('config/offered.yml', text)
    expect(await file.offered({ line, character: 4 })).toEqual(expect.arrayContaining(['missing', 'datapoints']))
    expect(await file.shown({ line: line + 1, character: 6 })).toContain('a second alarm says that nobody publishes')
  })

  test('the keys of a rule are offered within one', async () => {
    expect((await offeredAt('rules:\n', 'rules:\n  - |\n')).toSorted()).toEqual(
      expect.arrayContaining(Object.keys(ruleSchema.shape)),
    )
  })

  test('the fields of an alert are offered in a `when`', async () => {
    const offered = await offeredAt('rules:\n', 'rules:\n  - name: new\n    when:\n      |\n')
    for (const field of ['name', 'account', 'status', 'firingFor', 'threshold.value', 'links.runbook', 'any']) {
      expect(offered).toContain(field)
    }
  })

  test.each([
    ['severities', 'rules:\n  - name: new\n    severity: |\n', [...SEVERITIES]],
    ['kinds of alert', 'rules:\n  - name: new\n    when:\n      kind: |\n', ['metric-alarm', 'health', 'budget']],
  ])('the %s are offered', async (_what, to, expected) => {
    expect(await offeredAt('rules:\n', to)).toEqual(expect.arrayContaining(expected))
  })

  test.each([
    ['  - name: no data', 'name', 'Names the rule in reasons'],
    ['    when: { status: insufficient-data }', 'when', 'a glob `"orders-*"`'],
    ['    when: { status: insufficient-data }', 'status', 'Its status now'],
    ['rules:', 'rules', 'the first that matches decides'],
    ['    patience: 5m', 'patience', 'before the fallback receives'],
    ['  highest: warning', 'highest', 'lowered to'],
  ])('over %s it shows what %s is', async (line, word, words) => {
    expect(await shownOver(line, word)).toContain(words)
  })
})
