import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PLAIN_FIELDS } from '../schemas/config.ts'
import { decide } from '../shared/decide/decide.ts'
import { treeOf } from '../shared/explain/tree.ts'
import { anyAlert, anyRules, randomConfig } from './any-rules.ts'
import { rules } from './command.ts'

const FILE = join(mkdtempSync(join(tmpdir(), 'tree-')), 'alerts.yml')
writeFileSync(
  FILE,
  `channels:
  pager: { type: pagerduty, secret: pager, fallback: chat }
  chat: { type: slack, secret: chat }
  orders: { type: slack, secret: orders }
  mail: { type: email, addresses: [a@example.com] }
severities:
  critical: { channels: [pager, chat] }
  warning: { channels: [chat] }
  info: { channels: [mail], active: day }
default: { severity: warning }
windows: { day: { from: "09:00", to: "17:00" } }
nonProduction: { highest: warning, when: { tags.env: dev } }
rules:
  - { name: of orders, when: { tags.team: orders }, channels: { add: [orders] }, continue: true }
  - { name: of web, when: { tags.team: web }, severity: info, channels: [mail] }
  - { name: down, when: { metric: Up, not: { region: us-east-1 } }, severity: critical }
  - { name: by day, when: { metric: Cost }, severity: info, active: day }
  - { name: as it says, when: { tags.severity: "*" }, severity: "{tags.severity}", otherwise: warning }
`,
)
const tree = (...sets: string[]) => rules(['tree', '--config', FILE, ...sets.flatMap((one) => ['--set', one])])

async function notified(...sets: string[]) {
  const { stdout } = await rules(['tree', '--config', FILE, '--json', ...sets.flatMap((one) => ['--set', one])])
  return JSON.parse(stdout)
}

describe('who receives what', () => {
  test('of all alerts: each rule by its severity, and each channel', async () => {
    const { code, stdout } = await tree()
    expect(code).toBe(0)
    expect(stdout).toContain('First; later rules are also evaluated\n    1  of orders  + orders\n')
    expect(stdout).toContain('critical → pager, chat\n    3  down\n')
    expect(stdout).toContain('info → mail (active: day)\n    2  of web\n    4  by day  (active: day)\n')
    expect(stdout).toContain('{tags.severity}, otherwise warning → as that severity\n    5  as it says\n')
    expect(stdout).toContain('where no rule matches: warning → chat\n')
    expect(stdout).toMatch(
      / {2}chat +critical: down; warning: default; \{tags\.severity\}: as it says; fallback of pager\n/,
    )
  })

  test.each<[string, string[], Record<string, string[]>]>([
    [
      'a team',
      ['tags.team=orders'],
      { down: ['pager', 'chat', 'orders'], 'by day': ['mail', 'orders'], default: ['chat', 'orders'] },
    ],
    ['a team with a rule for everything', ['tags.team=web'], { 'of web': ['mail'] }],
    [
      'a team that no rule names',
      ['tags.team=ops'],
      { down: ['pager', 'chat'], 'by day': ['mail'], default: ['chat'] },
    ],
    ['a metric', ['metric=Up', 'region=eu-west-1'], { 'of web': ['mail'], down: ['pager', 'chat'] }],
    ['what is excluded', ['metric=Up', 'region=us-east-1'], { 'of web': ['mail'], default: ['chat'] }],
    ['non-production', ['tags.env=dev', 'metric=Up', 'region=x', 'tags.team=orders'], { down: ['chat', 'orders'] }],
    ['what it says itself', ['tags.severity=P1', 'tags.team=ops', 'metric=X'], { 'as it says': ['pager', 'chat'] }],
  ])('of %s', async (_, sets, expected) => {
    const { rules: branches, default: byDefault } = await notified(...sets)
    const deciding = branches.filter(
      ({ continues, severity }: Record<string, string>) => !continues && !/^\{/.test(severity ?? ''),
    )
    const found = Object.fromEntries(
      deciding.map(({ rule, channels }: { rule: string; channels: string[] }) => [rule, channels]),
    )
    expect({ ...found, ...(byDefault && { default: byDefault.channels }) }).toEqual(expected)
  })

  test('says of non-production that it does not page, and how many rules are never reached', async () => {
    expect((await tree('tags.env=dev')).stdout).toContain(
      'This is non-production: at most warning, and never PagerDuty.',
    )
    expect((await tree('tags.team=web')).stdout).toContain('3 later rules are never reached.')
  })

  test.each(['60', '80', '100'])('in %s columns', async (columns) => {
    const { stdout } = await rules(['tree'], { env: { COLUMNS: columns } })
    expect(stdout.split('\n').filter((line) => line.length > Number(columns))).toEqual([])
  })
})

describe('an alert in place of an event', () => {
  const explain = (...args: string[]) => rules(['explain', '--config', FILE, ...args])

  test('is decided as an alarm that has these fields, and fires now', async () => {
    const { code, stdout } = await explain('--set', 'tags.team=orders', '--set', 'metric=Up')
    expect(code).toBe(0)
    expect(stdout).toContain('→ critical, by rule "down", to pager, chat, orders\n')
  })

  test('may be of another time, and resolve', async () => {
    const args = ['--set', 'status=resolved', '--set', 'metric=Up', '--at', '2026-11-03T10:00Z']
    const { stdout } = await explain(...args, '--firing-since', '2026-11-03T09:00Z')
    expect(stdout).toContain('Resolved at 2026-11-03 10:00:00 UTC')
    expect(stdout).toContain('resolves the firing since 2026-11-03T09:00:00.000Z')
  })

  test.each<[string, string[], string]>([
    ['a field that no alert has', ['metirc=x'], 'unknown field "metirc". Did you mean "metric"?'],
    ['a label without its name', ['tags=x'], '"tags" needs a label'],
    ['a value that its field can’t have', ['status=fireing'], 'Did you mean "firing"?'],
    ['a text where a number is needed', ['threshold.value=many'], '"many" is not a number'],
    ['no value', ['metric'], 'write FIELD=VALUE, as in --set tags.team=orders'],
    ['nothing', ['metric='], 'leave it out'],
    ['a label with an empty name', ['tags.=x'], '"tags" needs a label, as in "tags.team"'],
    ['a dimension with an empty name', ['dimensions.=x'], 'as in "dimensions.FunctionName"'],
    ['how long it fires', ['firingFor=10m'], '--firing-since'],
    ['one field twice', ['metric=A', 'metric=B'], 'metric is already set to "A"'],
  ])('refuses %s', async (_, sets, message) => {
    const { code, stderr } = await tree(...sets)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
    expect((await explain(...sets.flatMap((one) => ['--set', one]))).code).toBe(2)
  })

  test('a tree does not suggest an option that it lacks for how long an alert fires', async () => {
    expect((await tree('firingFor=10m')).stderr).toContain('npx alert-router rules explain --firing-since TIME')
  })

  const NAMED = join(mkdtempSync(join(tmpdir(), 'rules-')), 'alerts.yml')
  writeFileSync(
    NAMED,
    `channels: { chat: { type: slack, secret: chat } }
severities: { critical: { channels: [chat] }, warning: { channels: [chat] }, info: { channels: [chat] } }
default: { severity: info }
rules:
  - { name: alarms, when: { name: ["*-alarm", "/alarm/i", "an*"] }, severity: critical }
`,
  )

  test.each<[string, string[], string]>([
    [
      'a tag alone',
      ['tags.team=orders'],
      '"(unnamed)" is a placeholder, because --set gives no name, title or resource.',
    ],
    ['a resource', ['resource=orders'], '"(unnamed)" is a placeholder, because --set gives no name or title.'],
  ])('uses a placeholder name, and says so: %s', async (_, sets, note) => {
    const { stdout } = await rules(['explain', '--config', NAMED, ...sets.flatMap((one) => ['--set', one])])
    expect(stdout).toContain('→ info, by the default')
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      `${note} Rules that match on these may decide differently: add --set name=…`,
    )
  })

  test.each([['name=orders-alarm'], ['title=orders-alarm']])('with %s has no placeholder', async (set) => {
    const { stdout } = await rules(['explain', '--config', NAMED, '--set', set])
    expect(stdout).toContain('→ critical, by rule "alarms"')
    expect(stdout).not.toContain('made up')
  })

  test('an additional event is rejected', async () => {
    expect((await explain('samples/usage-report.json', '--set', 'metric=Up')).code).toBe(2)
  })
})

test('of any config and alert with known fields: the deciding rule is in the tree', () => {
  fc.assert(
    fc.property(
      anyRules,
      fc.array(anyAlert, { minLength: 3, maxLength: 5 }),
      fc.infiniteStream(fc.boolean()),
      (some, subjects, isKnown) => {
        const config = randomConfig(some)
        for (const { alert } of subjects) {
          const labels = ['tags', 'dimensions', 'details'] as const
          const fields = [
            ...PLAIN_FIELDS,
            ...labels.flatMap((of) => Object.keys(alert[of]).map((label) => `${of}.${label}`)),
          ]
          const known = new Set(
            fields.filter((field) => isKnown.next().value && (field.includes('.') || field in alert)),
          )
          const { rule } = decide(alert, config)
          const { branches, byDefault } = treeOf(config, alert, known)
          const names = [...branches.map((branch) => branch.rule), ...(byDefault ? ['default'] : [])]
          expect(names).toContain(rule)
        }
      },
    ),
    { numRuns: 200 },
  )
})

describe('channels by a value', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'tree-')), 'alerts.yml')
  writeFileSync(
    file,
    `channels:
  chat: { type: slack, secret: chat }
  slack-orders: { type: slack, secret: orders }
severities: { critical: { channels: [chat] }, warning: { channels: [chat] }, info: { channels: [chat] } }
default: { severity: warning }
rules:
  - { name: to the team, when: { tags.team: "*" }, channels: { add: ["slack-{tags.team}"] }, continue: true }
  - { name: quiet, when: { metric: Cost }, severity: info, notify: { nobody: harmless } }
  - { name: up, when: { metric: Up }, severity: critical, channels: ["slack-{tags.team}"] }
`,
  )
  const of = async (...sets: string[]) => {
    const { stdout } = await rules(['tree', '--config', file, ...sets.flatMap((one) => ['--set', one])])
    return stdout
  }

  test('are shown as they are written, and beside each channel that they may be', async () => {
    const text = await of()
    expect(text).toContain('1  to the team  + slack-{tags.team}')
    expect(text).toContain('3  up  → slack-{tags.team}')
    expect(text).toContain('2  quiet  → nobody: harmless')
    expect(text).toMatch(/slack-orders +critical: up; beside others: to the team/)
  })

  test('are named where the value is known', async () => {
    const text = await of('tags.team=orders')
    expect(text).toContain('3  up  → slack-orders')
    expect(text).toContain('where no rule matches: warning → chat, slack-orders')
  })

  test('are those of the severity, where there is none', async () => {
    expect(await of('tags.team=web')).toMatch(/critical → chat\n +3 {2}up\n/)
  })
})
