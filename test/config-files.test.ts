import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alertSchema } from '../schemas/alert.ts'
import type { Config, When } from '../schemas/config.ts'
import { ConfigError } from '../shared/config/check.ts'
import { readConfig, readConfigTexts } from '../shared/config/read.ts'
import { commonTo } from '../shared/config/scope-problems.ts'
import { decide } from '../shared/decide/decide.ts'
import { compileWhen } from '../shared/decide/rules.ts'

const FOR_ALL = `channels:
  pager: { type: pagerduty, secret: pager }
  slack: { type: slack, secret: slack }
severities:
  critical: { channels: [pager, slack] }
  warning: { channels: [slack] }
  info: { channels: [slack] }
default: { severity: warning }
sets: { prod: ["111122223333"] }
rules:
  - name: errors
    when: { metric: Errors, account: $prod }
    severity: critical
`
const ORDERS = `scope: { tags.team: orders }
channels:
  slack-orders: { type: slack, secret: slack-orders }
rules:
  - name: orders are quiet
    when: { name: "*" }
    severity: info
    channels: [slack-orders]
`
const PAYMENTS = `scope: [{ tags.team: payments }, { tags.team: billing }]
rules:
  - name: payments
    when: [{ metric: Errors }, { metric: Faults }]
    channels: { add: [slack-orders] }
    continue: true
`

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The problems in texts; the first is alerts.yml. */
function problemsOf(...teams: string[]): string {
  const names = ['orders.yml', 'payments.yml', 'search.yml']
  try {
    readConfigTexts([
      { path: 'alerts.yml', text: FOR_ALL },
      ...teams.map((text, index) => ({ path: names[index] ?? '', text })),
    ])
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no problem'
}

function alertWith(fields: object) {
  return alertSchema.parse({
    fingerprint: 'f',
    kind: 'metric-alarm',
    status: 'firing',
    name: 'some-alarm',
    title: 'Some alarm',
    changedAt: '2026-11-03T10:00:00.000Z',
    source: 'aws.cloudwatch',
    account: '111122223333',
    dimensions: {},
    tags: {},
    resource: 'r',
    children: [],
    details: {},
    links: {},
    ...fields,
  })
}

describe('a folder of rules', () => {
  const config = readConfig(
    folderWith({
      'alerts.yml': FOR_ALL,
      'payments.yml': PAYMENTS,
      'orders.yml': ORDERS,
      'tests/cases.yml': '- no: rules',
      'search.yml.example': 'no: rules',
      '.orders.yml': 'what an editor keeps',
      'README.md': '# no rules',
    }),
  )

  test.each<[string, object, Partial<ReturnType<typeof decide>>]>([
    [
      "a team's rules decide over its alerts, before those of alerts.yml",
      { tags: { team: 'orders' }, metric: 'Errors' },
      { rule: 'orders are quiet', severity: 'info', channels: ['slack-orders'] },
    ],
    [
      'but not over an alert out of its scope, whatever they say',
      { tags: { team: 'search' }, metric: 'Errors' },
      { rule: 'errors', severity: 'critical', channels: ['pager', 'slack'] },
    ],
    [
      'a rule that continues adds to alerts.yml, with another team’s channel if wanted',
      { tags: { team: 'billing' }, metric: 'Errors' },
      { rule: 'errors', severity: 'critical', channels: ['pager', 'slack', 'slack-orders'] },
    ],
    [
      'in each part of a scope, and for each of several conditions',
      { tags: { team: 'payments' }, metric: 'Faults' },
      { rule: 'default', channels: ['slack', 'slack-orders'] },
    ],
    ['and only for these', { tags: { team: 'payments' }, metric: 'Latency' }, { rule: 'default', channels: ['slack'] }],
  ])('%s', (_what, fields, expected) => {
    expect(decide(alertWith(fields), config)).toMatchObject(expected)
  })

  test("is merged in the order of the files' names, with the rules for all teams last", () => {
    expect(config.rules.map(({ name }) => name)).toEqual(['orders are quiet', 'payments', 'errors'])
  })

  test('survives being packaged', () => {
    const json = join(folderWith({ 'alerts.json': JSON.stringify(config) }), 'alerts.json')
    expect(readConfig(json)).toEqual(config)
  })

  test('may be alerts.yml alone, which may also be read as a single file', () => {
    const folder = folderWith({ 'alerts.yml': FOR_ALL, 'orders.yml': ORDERS })
    expect(readConfig(join(folder, 'alerts.yml')).rules).toHaveLength(1)
    expect(readConfig(folderWith({ 'alerts.yml': FOR_ALL })).rules).toHaveLength(1)
  })

  test('with the shipped example of a team beside the shipped rules is good', () => {
    const folder = folderWith({})
    copyFileSync('config/alerts.yml', join(folder, 'alerts.yml'))
    copyFileSync('config/team.yml.example', join(folder, 'orders.yml'))
    const withTeam = readConfig(folder)
    const shipped = readConfig('config/alerts.yml')
    const fields = { name: 'orders-batch-7', metric: 'Duration' }
    expect(decide(alertWith({ ...fields, tags: { team: 'orders' } }), withTeam)).toMatchObject({
      rule: 'orders batch is late',
    })
    expect(decide(alertWith(fields), withTeam)).toEqual(decide(alertWith(fields), shipped))
  })
})

test("a team's maintenance covers matching alerts within its scope, or the whole scope", () => {
  const covers = (team: string) => {
    const { maintenance = [], sets } = readConfigTexts([
      { path: 'alerts.yml', text: FOR_ALL },
      { path: 'orders.yml', text: `${ORDERS}maintenance:\n  - { name: release, window: { on: sunday }${team} }\n` },
    ])
    return (fields: object) => compileWhen(maintenance[0]?.covers as When, sets)({ alert: alertWith(fields) })
  }
  const all = covers('')
  expect([all({ tags: { team: 'orders' } }), all({ tags: { team: 'search' } })]).toEqual([true, false])
  const some = covers(', covers: { name: "batch-*" }')
  const batch = { name: 'batch-1' }
  expect(some({ ...batch, tags: { team: 'orders' } })).toBe(true)
  expect(some({ ...batch, tags: { team: 'search' } })).toBe(false)
  expect(some({ tags: { team: 'orders' } })).toBe(false)
})

describe('a problem is reported with its file and line', () => {
  test.each<[string, string[], string[]]>([
    [
      "in a team's rule",
      [ORDERS.replace('name: "*"', 'nmae: "*"')],
      ['orders.yml:6:13: rules[0].when.nmae (rule "orders are quiet"): unknown field "nmae"'],
    ],
    [
      "in a condition of a list, below `any`, in the second team's file",
      [ORDERS, PAYMENTS.replace('{ metric: Faults }', '{ any: [{ metrci: Faults }] }')],
      ['payments.yml:4:42: rules[0].when[1].any[0].metrci (rule "payments"): unknown field "metrci"'],
    ],
    [
      'in a scope, once, though it goes for every rule',
      [
        ORDERS,
        `${PAYMENTS.replace('tags.team: billing', 'tag.team: billing')}  - { name: more, when: { metric: a }, severity: info }\n`,
      ],
      ['payments.yml:1:36: scope[1].tag.team: unknown field "tag.team"'],
    ],
    [
      "in a team's channel, set and window",
      [`${ORDERS.replace('type: slack', 'type: slak')}sets: { 1a: [x] }\nwindows: { night: { from: "25:00" } }\n`],
      [
        'orders.yml:3:19: channels.slack-orders',
        '"slack"',
        'orders.yml:9:9: sets.1a',
        'orders.yml:10:21: windows.night.from',
      ],
    ],
    [
      'in what a maintenance covers',
      [`${ORDERS}maintenance:\n  - { name: release, window: { on: sunday }, covers: { nmae: x } }\n`],
      ['orders.yml:10:56: maintenance[0].covers.nmae: unknown field "nmae"'],
    ],
    [
      'in the rules for all teams, with a team beside them',
      [ORDERS.replace('slack-orders:', 'errors:').replace('[slack-orders]', '[slack-order]')],
      ['orders.yml:8:16: rules[0].channels[0] (rule "orders are quiet"): unknown channel "slack-order"'],
    ],
    ['a set that nothing uses', [`${ORDERS}sets: { other: [a] }\n`], ['orders.yml:9:9: sets.other: unused']],
    ['no YAML', [`${ORDERS}sets: [`], ['orders.yml:9:8: YAML syntax error', 'sets: [']],
    [
      'a scope that is missing',
      [ORDERS.slice(ORDERS.indexOf('channels'))],
      ['orders.yml:1:1: scope: "scope" is missing: expected a condition', 'as in scope: { tags.team: orders }'],
    ],
    ['a scope that is empty', [ORDERS.replace('{ tags.team: orders }', '{}')], ['orders.yml:1:1: scope: ', 'is empty']],
    ['an invalid scope', [ORDERS.replace('{ tags.team: orders }', 'orders')], ['a condition (field: pattern)']],
    ['an empty file', [''], ['orders.yml:1:1: the file is empty']],
    [
      'what is for all teams',
      [`${ORDERS}severities: { info: { channels: [slack] } }\n`],
      ['orders.yml:9:1: severities: "severities" applies to all teams and belongs in alerts.yml. Allowed in'],
    ],
    [
      'a key that is misspelt',
      [`${ORDERS}chanels: {}\n`],
      ['orders.yml:9:1: chanels: unknown key "chanels" in a team\'s file. Did you mean "channels"?'],
    ],
    [
      'a channel, a set or a window that another file has too, with both files',
      [
        `${ORDERS}windows: { night: { from: "22:00", to: "06:00" } }\n`,
        `${PAYMENTS}channels: { slack-orders: { type: slack, secret: s } }\nsets: { prod: [a] }\nwindows: { night: { on: sunday } }\n`,
      ],
      [
        'payments.yml:7:13: channels.slack-orders: "slack-orders" is also a channel in orders.yml',
        'payments.yml:8:9: sets.prod: "prod" is also a set in alerts.yml',
        'payments.yml:9:12: windows.night: "night" is also a window in orders.yml',
      ],
    ],
    [
      'an old name of a channel that is a channel’s name, or an old name, in another file',
      [
        ORDERS.replace('secret: slack-orders }', 'secret: slack-orders, formerly: [slack, chat] }'),
        `${PAYMENTS}channels: { slack-payments: { type: slack, secret: s, formerly: [chat] } }\n`,
      ],
      [
        'orders.yml:3:65: channels.slack-orders.formerly[0]: "slack" is still the name of a channel',
        'payments.yml:7:66: channels.slack-payments.formerly[0]: "chat" is also a former name of "slack-orders"',
      ],
    ],
    [
      'a channel by the old name that it had in another file',
      [
        ORDERS.replace('slack-orders: {', 'orders-chat: { formerly: [slack-orders],').replace(
          '[slack-orders]\n',
          '[orders-chat]\n',
        ),
        PAYMENTS,
      ],
      [
        'payments.yml:5:23: rules[0].channels.add[0] (rule "payments"): unknown channel "slack-orders". It was renamed to "orders-chat"',
      ],
    ],
    [
      'a rule that another file has too, with both files',
      [ORDERS.replace('orders are quiet', 'errors')],
      ['orders.yml:5:5: rules[0].name (rule "errors"): "errors" is also a rule in alerts.yml'],
    ],
    [
      'a rule that the same file has twice',
      [`${ORDERS}  - { name: orders are quiet, when: { metric: a }, severity: info }\n`],
      [
        'orders.yml:9:7: rules[1].name (rule "orders are quiet"): "orders are quiet" is also the name of an earlier rule',
      ],
    ],
    [
      'scopes that have an alert in common, with that alert',
      [ORDERS, PAYMENTS.replace('tags.team: billing', 'account: "111122223333"')],
      [
        'payments.yml:1:1: scope: an alert with account "111122223333" and tags.team "orders" is also in the scope of orders.yml',
        'Exclude the other team\'s alerts here; add to this scope: tags.team: { not: "orders" }',
      ],
    ],
  ])('%s', (_what, teams, messages) => {
    const found = problemsOf(...teams)
    for (const message of messages) expect(found).toContain(message)
    const places = (texts: string[]) => texts.filter((text) => /^[a-z]+\.yml:/.test(text)).length
    expect(places(found.split('\n'))).toBe(places(messages) || 1)
  })

  test("a single team's file, a folder without alerts.yml, a file that would not be read", () => {
    const folder = folderWith({ 'orders.yml': ORDERS })
    expect(() => readConfig(join(folder, 'orders.yml'))).toThrow(
      `orders.yml:1:1: scope: only a team's file has a scope`,
    )
    expect(() => readConfig(join(folder, 'orders.yml'))).toThrow(`use the folder, ${folder}`)
    expect(() => readConfig(folder)).toThrow(`${folder}: no alerts.yml in this folder`)
    expect(() => readConfig(folderWith({ 'alerts.yml': FOR_ALL, 'orders.yaml': ORDERS }))).toThrow(
      "orders.yaml: not read: a team's file must end in .yml",
    )
  })
})

describe('whether two scopes overlap', () => {
  const SETS: Config['sets'] = { ours: ['a', 'b'], theirs: ['c'] }
  test.each<[string, When, When, ReturnType<typeof commonTo>]>([
    ['other values of one field', { account: '1' }, { account: '2' }, 'nothing'],
    ['a value of both lists', { account: ['1', '2'] }, { account: ['2', '3'] }, { account: '2' }],
    ['two fields', { account: '1' }, { region: 'r' }, { account: '1', region: 'r' }],
    ['a value and what leaves it out', { account: '1' }, { account: { not: ['1', '2'] } }, 'nothing'],
    ['two that leave something out', { account: { not: '1' } }, { account: { not: '2' } }, {}],
    ['sets', { account: '$ours' }, { account: '$theirs' }, 'nothing'],
    ['a value of a set', { account: '$ours' }, { account: ['b', 'z'] }, { account: 'b' }],
    ['a glob and a value in it', { name: 'orders-*' }, { name: 'orders-api' }, { name: 'orders-api' }],
    ['a glob and a value out of it', { name: 'orders-*' }, { name: 'search-api' }, 'nothing'],
    ['a glob within another', { name: 'orders-*' }, { name: 'orders-api-*' }, { name: 'orders-api-x' }],
    ['a regular expression and a value', { name: '/^orders/' }, { name: 'search' }, 'nothing'],
    ['two regular expressions', { name: '/^a/' }, { name: '/^b/' }, 'unknown'],
    [
      'regular expressions, and another field that differs',
      { name: '/^a/', region: 'r' },
      { name: '/^b/', region: 's' },
      'nothing',
    ],
    ['all kinds of one sort', { kind: '*alarm' }, { kind: ['health', 'budget'] }, 'nothing'],
    [
      'a condition of each list',
      [{ region: 'r' }, { region: 's' }],
      [{ region: 't' }, { region: 's' }],
      { region: 's' },
    ],
    ['any within', { any: [{ region: 'r' }, { region: 's' }] }, { region: 's' }, { region: 's' }],
    ['all within', { all: [{ region: 'r' }, { account: '1' }] }, { account: '2' }, 'nothing'],
    ['not within', { not: { region: 'r' } }, { region: 's' }, { region: 's' }],
    ['a label that only one leaves out', { not: { 'tags.team': 'a' } }, { 'tags.team': 'b' }, { 'tags.team': 'b' }],
    ['a label that one leaves out and one wants', { not: { 'tags.team': 'a' } }, { 'tags.team': 'a' }, 'nothing'],
    ['not of several lines', { not: { region: 'r', account: '1' } }, { region: 'r' }, { region: 'r' }],
    ['nots that together leave nothing', { name: { not: 'a*' } }, { name: 'ab*' }, 'nothing'],
    ['what begins so and what ends so', { name: 'orders-*' }, { name: '*-api' }, { name: 'orders-api' }],
    ['what begins so, ends so and has a length', { name: '??*' }, { name: '*q' }, { name: 'xq' }],
    ['what begins with what the other ends with', { name: 'abc*' }, { name: '*bcd' }, { name: 'abcd' }],
    ['what is in the middle', { name: '*-prod-*' }, { name: 'orders-*-api' }, { name: 'orders-prod-api' }],
    ['a text of other length', { name: '????' }, { name: 'a*b*c*' }, { name: 'axbc' }],
    ['globs, but for one value', { name: 'a*' }, { name: '*b', not: { name: 'ab' } }, { name: 'axb' }],
    ['globs that begin otherwise', { name: 'a*c' }, { name: 'b*' }, 'nothing'],
    ['globs of other lengths', { name: '??' }, { name: 'a*b*c' }, 'nothing'],
    ['three globs', { all: [{ name: 'a*' }, { name: '*b*' }] }, { name: '*c' }, { name: 'abc' }],
    ['numbers between', { 'tags.size': '>= 5' }, { 'tags.size': '<= 100' }, { 'tags.size': '5' }],
    ['numbers that do not meet', { 'tags.size': '> 5' }, { 'tags.size': '<= 5' }, 'nothing'],
    ['durations', { firingFor: '> 10m' }, { firingFor: '< 1h' }, { firingFor: '601' }],
    ['not within, and a field that differs', { account: '1', not: { region: 'r' } }, { account: '2' }, 'nothing'],
    ['children of which one leaves one out', { children: 'a' }, { children: 'b', not: { children: 'a' } }, 'nothing'],
  ])('%s', (_what, one, other, expected) => {
    expect(commonTo(one, other, SETS)).toEqual(expected)
    expect(commonTo(other, one, SETS)).toEqual(expected)
  })

  test('different children, because an alert may have both', () => {
    expect(commonTo({ children: 'a' }, { children: 'b' }, SETS)).toEqual({ children: 'a\nb' })
    const found = problemsOf(
      ORDERS.replace('tags.team: orders', 'children: a'),
      PAYMENTS.replace('{ tags.team: payments }, ', '').replace('tags.team: billing', 'children: b'),
    )
    expect(found).toContain('an alert with children "b" and children "a" is also in the scope of orders.yml')
  })

  const scopesOf = (orders: string, payments: string) =>
    problemsOf(
      ORDERS.replace('{ tags.team: orders }', orders),
      PAYMENTS.replace('[{ tags.team: payments }, { tags.team: billing }]', payments),
    )

  test.each<[string, string, string, string]>([
    ['globs that meet', '{ name: "orders-*" }', '{ name: "*-pay" }', 'this scope… name: { not: "orders-*" }'],
    [
      'a regular expression',
      '{ name: /^orders-/ }',
      '{ name: [orders-x, pay] }',
      'this scope… name: { not: "/^orders-/" }',
    ],
    ['fields that differ', '{ account: [a, b] }', '{ name: "*-pay" }', 'this scope… account: { not: ["a", "b"] }'],
    [
      'one within the other',
      '{ name: "orders-*" }',
      '{ name: "orders-api-*" }',
      'orders.yml… name: { not: "orders-api-*" }',
    ],
    ['one that leaves something out', '{ name: { not: "pay-*" } }', '{ region: r }', 'this scope… name: "pay-*"'],
    ['the same but for a line', '{ tags.team: o }', '{ tags.team: o, region: r }', 'orders.yml… region: { not: "r" }'],
    ['numbers', '{ tags.size: "> 5" }', '{ tags.size: "< 10" }', 'this scope… tags.size: { not: "> 5" }'],
  ])('the suggested line removes the overlap: %s', (_, orders, payments, expected) => {
    const found = scopesOf(orders, payments)
    const [, where, line] = /add to (?:the scope of )?(this scope|orders\.yml): (.*)$/.exec(found) ?? []
    expect(`${where}… ${line}`).toBe(expected)
    const fixed = (scope: string) => `{ all: [${scope}, { ${line} }] }`
    expect(where === 'this scope' ? scopesOf(orders, fixed(payments)) : scopesOf(fixed(orders), payments)).toBe(
      'no problem',
    )
  })

  test('one of two equal scopes must be removed', () => {
    expect(scopesOf('{ tags.team: [a, b] }', '{ tags.team: [b, a] }')).toContain('Both scopes are the same')
  })

  test.each([
    ['with a regular expression', ['a', 'b', 'ab', 'a*', '*b', '?', '/b/', '$ours'], false],
    ['and always, of globs and values', ['a', 'ab', 'a*', '*b', '??*', '*q', '*b*', '$ours'], true],
    ['and always, of numbers and values', ['a', '2', '> 1', '<= 3', '>= 2', '< 2', '*', '$ours'], true],
  ])('is never reported wrongly: %s', (_, values, isAlwaysReported) => {
    const value = fc.constantFrom(...values)
    const pattern = fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 2 }))
    const field = fc.constantFrom('name', 'account', 'tags.team')
    const line = fc.dictionary(field, fc.oneof(pattern, fc.record({ not: pattern })), { minKeys: 1, maxKeys: 2 })
    const { when } = fc.letrec((tie) => ({
      when: fc.oneof({ depthSize: 'small' }, line, fc.array(tie('condition'), { minLength: 1, maxLength: 2 })),
      condition: fc.oneof(
        { depthSize: 'small' },
        line,
        fc.record({ all: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }) }),
        fc.record({ any: fc.array(tie('condition'), { minLength: 1, maxLength: 2 }) }),
        fc.tuple(line, tie('when')).map(([fields, not]) => ({ ...fields, not })),
      ),
    })) as { when: fc.Arbitrary<When> }
    const text = fc.constantFrom('a', 'b', 'c', 'ab', 'abb', 'x', '1', '2', '3', '12', 'bq', 'aq')
    const some = fc.record({ name: text, account: text, team: text }, { requiredKeys: ['name'] })
    const alert = ({ name = 'some', account, team }: { name?: string; account?: string; team?: string }) =>
      alertWith({ name, account, tags: team === undefined ? {} : { team } })
    fc.assert(
      fc.property(when, when, fc.array(some, { minLength: 20, maxLength: 20 }), (one, other, alerts) => {
        const common = commonTo(one, other, SETS)
        const matches = (fields: Parameters<typeof alert>[0]) =>
          [one, other].every((scope) => compileWhen(scope, SETS)({ alert: alert(fields) }))
        if (common === 'nothing') expect(alerts.filter(matches)).toEqual([])
        else if (common !== 'unknown') {
          const { name, account, 'tags.team': team } = common
          expect(matches({ name, account, team })).toBe(true)
        } else if (isAlwaysReported) expect(alerts.filter(matches)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })
})
