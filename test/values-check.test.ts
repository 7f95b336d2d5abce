import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { readConfigTexts } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { firing } from './alert-samples.ts'
import { problemsOf } from './config-problems.ts'
import { someConfig } from './some-config.ts'

/** What is wrong with the values that rules set, and with texts that use them. */
const text = (rule: string, more = '') => `
channels: { slack-orders: { type: slack, secret: x } }
severities: { critical: { channels: [slack-orders] }, warning: { channels: [slack-orders] }, info: { channels: [slack-orders] } }
default: { severity: info }
${more}
rules:
  - { name: sets, when: { name: x }, set: { team: "{tags.team}" }, continue: true }
  - { name: r, when: { name: x }, severity: info, ${rule} }
  - { name: late, when: { name: x }, set: { late: "{tags.team}" }, continue: true }
`
const TABLE = 'tables: { teams: { "111122223333": orders } }'

describe('a text with values', () => {
  test.each([
    ['an unknown field', 'set: { a: "{tag.team}" }', '', 'unknown field "tag.team". Did you mean "tags.team"?'],
    [
      'an unknown value',
      'set: { a: "{taem}" }',
      '',
      'no rule sets a value "taem", and alerts have no such field. Did you mean "team"?',
    ],
    ['a likely label', 'labels: { a: "{stage}" }', '', 'Did you mean "tags.stage"?'],
    [
      'a value that is set later',
      'set: { a: "{late}" }',
      '',
      'the value "late" is set only later, by rule "late". Move that rule above this one',
    ],
    ['its own value', 'set: { a: "x", b: "{a}" }', '', 'the value "a" is set only later, by rule "r"'],
    [
      'an unknown table',
      'set: { a: "{account | taems}" }',
      TABLE,
      'found "{account | taems}": unknown table "taems". Did you mean "teams"? Allowed: teams.',
    ],
    ['no table', 'set: { a: "{account | teams}" }', '', 'unknown table "teams". Allowed: (none defined).'],
    [
      'an expression without a group',
      'set: { a: "{name:/^[a-z]+/}" }',
      '',
      '"/^[a-z]+/" has no group: put the part that is the value in parentheses',
    ],
    ['a broken expression', 'set: { a: "{name:/^([a-z+/}" }', '', 'is not a valid regular expression'],
    ['lookaround', 'set: { a: "{name:/(?=x)(y)/}" }', '', 'uses lookaround'],
    [
      'a brace too many',
      'labels: { a: "{{tags.team}}" }',
      '',
      'only templates (title, text) have two braces. Here write {tags.team}',
    ],
    ['a brace too few', 'set: { a: "{tags.team" }', '', 'found "{tags.team": a value is written as {tags.team}'],
    ['a slash in the expression', 'set: { a: "{name:/a/(b)/}" }', '', 'a slash in the expression as \\/'],
    [
      'a name that is a field',
      'set: { name: x }',
      '',
      '"name" already means something in rules. Use another name for the value',
    ],
    ['a name that is none', 'set: { "my team": x }', '', 'the name of a value starts with a letter'],
    [
      'a channel that there can’t be',
      'channels: ["slak-{team}"]',
      '',
      'no channel has a name like "slak-{team}", whatever the alert.',
    ],
    [
      'an unknown field in a channel',
      'channels: { add: ["slack-{taem}"] }',
      '',
      'rules[1].channels.add[0] (rule "r"): no rule sets a value "taem"',
    ],
    ['an unknown label in a severity', 'severity: "{tag.x}", otherwise: info', '', 'unknown field "tag.x"'],
    ['an unknown value in groupBy', 'groupBy: [values.taem]', '', 'no rule sets a value "taem"'],
    [
      'an unknown value in a template',
      'title: "{{values.taem}}"',
      '',
      'no rule sets the value "taem". Did you mean "team"? Allowed: team, late.',
    ],
    ['a value without `values`', 'groupBy: [team]', '', 'unknown field "team". Did you mean "values.team"?'],
    [
      'a table that nothing uses',
      'set: { a: x }',
      TABLE,
      'tables.teams: unused. Refer to it in a rule, as in set: { team: "{account | teams}" }, or remove it',
    ],
    [
      'values before rules',
      '',
      'nonProduction: { highest: info, when: { values.team: x } }',
      'values are set by rules, and none has been evaluated here',
    ],
  ])('%s', (_, rule, more, message) => {
    const found = problemsOf(
      rule.startsWith('severity') ? text(rule, more).replace('severity: info, severity', 'severity') : text(rule, more),
    )
    expect(found).toContain(message)
  })

  test.each([
    ['a later value in groupBy: by then every rule has been evaluated', 'groupBy: [values.late]', ''],
    ['a later value in a template', 'title: "{{values.late}}"', ''],
    ['its own value in its channels', 'set: { own: "{tags.team}" }, channels: ["slack-{own}"]', ''],
    ['a value as in a `when`', 'channels: ["slack-{values.team}"]', ''],
    ['a value in a label', 'labels: { a: "{team}" }', ''],
    ['a table of a part', 'set: { a: "{name:/(.*)/ | teams}" }', TABLE],
  ])('%s is fine', (_, rule, more) => {
    expect(problemsOf(text(rule, more))).toBe('no problem')
  })

  test('a value in a `when` must be set before', () => {
    const of = (name: string) =>
      problemsOf(
        text('channels: [slack-orders]').replace(
          '{ name: r, when: { name: x }',
          `{ name: r, when: { values.${name}: x }`,
        ),
      )
    expect(of('team')).toBe('no problem')
    expect(of('late')).toContain('the value "late" is set only later')
    expect(of('taem')).toContain('no rule sets a value "taem"')
  })

  test('there are at most 50 values', () => {
    const many = Array.from({ length: 49 }, (_, index) => `v${index}: x`).join(', ')
    expect(problemsOf(text(`set: { ${many} }`))).toContain('rules set 51 different values, at most 50')
  })
})

describe('what a channel’s name may become', () => {
  const slack = { type: 'slack', secret: 'x' }
  const channels = { slack, 'slack-orders': slack, pager: { type: 'pagerduty', secret: 'pager', fallback: 'slack' } }
  const found = (rules: object[], more: object = {}) =>
    findingsOf(
      someConfig(
        rules.map((rule) => ({ when: { name: '*' }, ...rule })),
        { channels, ...more },
      ),
      {
        now: new Date('2026-11-27T12:00:00Z'),
      },
    ).findings.filter(({ code }) => code === 'no-such-channel' || code === 'unused-channel')
  const missing = (rules: object[], more: object = {}) =>
    found(rules, more).flatMap(({ code, message }) => (code === 'no-such-channel' ? message.split(',')[0] : []))
  const BY_VALUE = { channels: ['slack-{team}'] }
  const sets = (text: string, more: object = {}) => ({
    severity: undefined,
    set: { team: text },
    continue: true,
    ...more,
  })

  test.each<[string, object[], object, string[]]>([
    ['a text', [sets('web'), BY_VALUE], {}, ['"slack-{team}" may be "slack-web"']],
    ['a text that is a channel', [sets('orders'), BY_VALUE], {}, []],
    [
      'each of a table',
      [sets('{account | teams}'), BY_VALUE],
      { tables: { teams: { '111111111111': 'orders', '222222222222': 'web', '333333333333': 'shop' } } },
      ['"slack-{team}" may be "slack-web" and "slack-shop"'],
    ],
    [
      'those of a table for the accounts of the rule',
      [sets('{account | teams}', { when: { account: ['111111111111', '222222222222'] } }), BY_VALUE],
      { tables: { teams: { '111111111111': 'orders', '222222222222': 'web', '333333333333': 'shop' } } },
      ['"slack-{team}" may be "slack-web"'],
    ],
    [
      'what `when` lists by a set',
      [{ when: { 'tags.team': '$teams' }, channels: ['slack-{tags.team}'] }],
      { sets: { teams: ['orders', 'web'] } },
      ['"slack-{tags.team}" may be "slack-web"'],
    ],
    [
      'a part of what `when` lists',
      [{ when: { name: ['orders-db', 'web-db'] }, channels: { add: ['slack-{name:/^([a-z]+)/}'] } }],
      {},
      ['"slack-{name:/^([a-z]+)/}" may be "slack-web"'],
    ],
    ['what `when` asks of the value', [sets('web'), { when: { 'values.team': 'orders' }, ...BY_VALUE }], {}, []],
    [
      'what both rules leave over',
      [
        sets('{tags.team}', { when: { 'tags.team': ['orders', 'web'] } }),
        { when: { 'tags.team': 'orders' }, ...BY_VALUE },
      ],
      {},
      [],
    ],
    [
      'what is known, beside what is not',
      [sets('{tags.team}'), sets('web'), BY_VALUE],
      {},
      ['"slack-{team}" may be "slack-web"'],
    ],
    ['nothing that is not known', [sets('{tags.team}'), BY_VALUE], {}, []],
  ])('is checked: %s', (_, rules, more, expected) => {
    expect(missing(rules, more)).toEqual(expected)
  })

  test('says what happens, and how to fix it', () => {
    expect(found([sets('web'), BY_VALUE])).toMatchObject([
      {
        path: ['rules', 1, 'channels', 0],
        message:
          '"slack-{team}" may be "slack-web", and there is no such channel: such alerts go to the channels of their severity',
        fix: 'Define it, or correct the value',
      },
    ])
  })

  test('is used', () => {
    expect(found([{ channels: ['slack-{tags.team}'] }]).map(({ code }) => code)).toEqual([])
    expect(found([{}]).map(({ code, path }) => [code, path.at(-1)])).toEqual([['unused-channel', 'slack-orders']])
  })
})

describe('values that nobody sets, or nobody uses', () => {
  const NOW = new Date('2026-11-27T12:00:00Z')
  const sets = (text: string, more: object = {}) => ({
    ...{ when: { name: '*' }, severity: undefined, set: { team: text }, continue: true },
    ...more,
  })
  const asks = (when: unknown) => ({ when, severity: 'info' })
  const found = (code: string, rules: object[], more: object = {}) =>
    findingsOf(someConfig(rules, more), { now: NOW })
      .findings.filter((one) => one.code === code)
      .map(({ path, message, fix }) => `${path.join('.')}: ${message}. ${fix}`)
  const tables = { teams: { '111111111111': 'orders', '222222222222': 'web' } }
  const TEAMS = sets('{account | teams}')

  test.each<[string, object[], string[]]>([
    ['what a table has', [TEAMS, asks({ 'values.team': 'orders' })], []],
    [
      'what a table lacks',
      [TEAMS, asks({ 'values.team': 'ordres' })],
      [
        'rules.1.when.values.team: no rule above sets the value team to "ordres". Did you mean "orders"? They set "orders" and "web"',
      ],
    ],
    [
      'what one of two sets',
      [TEAMS, sets('shop'), asks({ 'values.team': ['shop', 'web', 'x'] })],
      ['rules.2.when.values.team: no rule above sets the value team to "x". They set "orders", "web" and "shop"'],
    ],
    ['anything, by one of two', [sets('{tags.team}'), TEAMS, asks({ 'values.team': 'x' })], []],
    ['anything, with a text around it', [TEAMS, sets('x-{tags.team}'), asks({ 'values.team': 'y' })], []],
    ['a pattern that something fits', [TEAMS, asks({ 'values.team': 'ord*' })], []],
    ['what must not be', [TEAMS, asks({ 'values.team': { not: 'x' } }), asks({ not: { 'values.team': 'x' } })], []],
    [
      'within other conditions',
      [TEAMS, asks([{ name: 'a', any: [{ 'values.team': 'x' }] }, { name: 'b' }])],
      ['rules.1.when.0.any.0.values.team: no rule above sets the value team to "x". They set "orders" and "web"'],
    ],
    [
      'what only a later rule sets again',
      [TEAMS, asks({ 'values.team': 'shop' }), sets('shop')],
      ['rules.1.when.values.team: no rule above sets the value team to "shop". They set "orders" and "web"'],
    ],
    [
      'what its own rule sets',
      [TEAMS, { ...asks({ 'values.team': 'shop' }), set: { team: 'shop' } }],
      ['rules.1.when.values.team: no rule above sets the value team to "shop". They set "orders" and "web"'],
    ],
    [
      'what a rule sets that ends there',
      [
        TEAMS,
        sets('shop', { severity: 'info', when: { name: 'x' }, continue: undefined }),
        sets('a'),
        asks({ 'values.team': 'shop' }),
      ],
      ['rules.3.when.values.team: no rule above sets the value team to "shop". They set "orders", "web" and "a"'],
    ],
  ])('a rule that asks for %s', (_, rules, expected) => {
    expect(found('value-never-set', rules, { tables })).toEqual(expected)
  })

  test.each<[string, object, object?]>([
    ['a `when`', { when: { any: [{ 'values.team': '*' }] } }],
    ['another value', { set: { x: '{team}' }, labels: { x: '{x}' } }],
    ['a channel', { channels: ['sla{team}'] }],
    ['a label', { labels: { owner: '{team}' } }],
    ['a severity', { severity: '{team}', otherwise: 'info' }],
    ['a rule’s groups', { groupBy: ['values.team'] }],
    ['a title', { title: '{{values.team}}' }],
    ['a section of a text', { text: '{{#values.team}}x{{/values.team}}' }],
    ['a channel’s text', {}, { text: 'of {{ values.team }}' }],
    ['a channel’s groups', {}, { groupBy: ['values.team'] }],
  ])('a value is used by %s', (_, rule, channel = {}) => {
    const slack = { type: 'slack', secret: 'slack', ...channel }
    const pager = { type: 'pagerduty', secret: 'pager', fallback: 'slack' }
    expect(
      found('unused-value', [sets('ck'), { when: { name: '*' }, ...rule }], { channels: { pager, slack } }),
    ).toEqual([])
  })

  test('one that is only set, is not, and is named once', () => {
    const rules = [sets('a'), sets('b'), sets('c', { set: { other: 'c' } }), asks({ 'values.other': 'c' })]
    expect(found('unused-value', rules)).toEqual([
      'rules.0.set.team: nothing uses the value team: it is only shown. Use it, as in channels: ["slack-{team}"] or when: { values.team: … }, or remove it',
    ])
  })
})

describe('the analysis of rules', () => {
  const sets = (value: string) => ({ when: { name: '*' }, set: { team: value }, severity: undefined, continue: true })
  const asks = (team: string, more: object = {}) => ({ when: { 'values.team': team }, severity: 'info', ...more })
  const codes = (...rules: object[]) =>
    findingsOf(someConfig(rules), { now: new Date('2026-11-27T12:00:00Z') })
      .findings.filter(({ path }) => path[0] === 'rules')
      .map(({ code, path }) => `${code} ${path[1]}`)

  test('finds an alert for a rule that asks for a value, by a rule that sets it', () => {
    const tables = { teams: { '111111111111': 'orders', '222222222222': 'web' } }
    const config = someConfig(
      [
        { ...sets('{account | teams}'), when: { account: '*' } },
        asks('web'),
        { ...sets('{tags.team}'), set: { other: '{tags.team}' } },
        { when: { 'values.other': 'shop' } },
        { when: { 'values.other': '/^x/', region: 'eu-west-1' } },
      ],
      { tables },
    )
    const { rules } = findingsOf(config, { now: new Date('2026-11-27T12:00:00Z') })
    expect(rules.filter(({ rule }) => ['r1', 'r3', 'r4'].includes(rule))).toEqual([
      { rule: 'r1', verdict: 'reachable', example: expect.objectContaining({ account: '222222222222' }) },
      { rule: 'r3', verdict: 'reachable', example: expect.objectContaining({ 'tags.team': 'shop' }) },
      { rule: 'r4', verdict: 'reachable', example: expect.objectContaining({ region: 'eu-west-1' }) },
    ])
  })

  test('finds a rule that asks for the same value again', () => {
    expect(codes(sets('a'), asks('a'), asks('a', { severity: 'warning' }))).toEqual(['shadowed-rule 2'])
  })

  test('claims nothing once the value may have been set again', () => {
    expect(codes(sets('a'), asks('a'), sets('b'), asks('a', { severity: 'warning' }))).toEqual([])
  })

  test('finds what one rule can’t ask for', () => {
    expect(codes(sets('a'), { when: { 'values.team': 'a', not: { 'values.team': 'a' } } })).toEqual([
      'contradictory-rule 1',
    ])
  })
})

describe('a team’s file', () => {
  const FOR_ALL = `
channels: { chat: { type: slack, secret: chat } }
severities: { critical: { channels: [chat] }, warning: { channels: [chat] }, info: { channels: [chat] } }
default: { severity: info }
tables: { teams: { "111122223333": orders } }
rules:
  - { name: of all, when: { values.team: orders }, severity: warning, labels: { owner: "{account | teams}" } }
`
  const read = (team: string) => {
    const texts = [
      { path: 'alerts.yml', text: FOR_ALL },
      { path: 'orders.yml', text: `scope: { tags.team: orders }\n${team}` },
    ]
    try {
      return readConfigTexts(texts)
    } catch (error) {
      return (error as Error).message
    }
  }
  const SETS = 'rules: [{ name: sets, when: { name: x }, set: { team: "{tags.team}" }, continue: true }]'

  test('sets values for the rules after it, within its scope', () => {
    const config = read(`${SETS}`) as Config
    const of = (team: string) => decide({ ...firing.alert, name: 'x', tags: { team } }, config).rule
    expect([of('orders'), of('web')]).toEqual(['of all', 'default'])
  })

  test('has tables, and uses those of all', () => {
    const tables = 'tables: { mine: { orders: o } }'
    const set = 'set: { team: "{tags.team | mine}", ofAll: "{account | teams}" }'
    expect(read(`${tables}\n${SETS.replace(/set: \{.*" \}/, set)}`)).toMatchObject({
      tables: { mine: {}, teams: {} },
    })
  })

  test('notifies nobody of its own alerts', () => {
    const rule = '{ name: quiet, when: { name: x }, severity: info, notify: { nobody: harmless } }'
    const config = read(SETS.replace(/\]$/, `, ${rule}]`)) as Config
    const of = (team: string) => decide({ ...firing.alert, name: 'x', tags: { team } }, config).channels
    expect([of('orders'), of('web')]).toEqual([[], ['chat']])
  })

  test('can’t have a table of the same name', () => {
    expect(read(`tables: { teams: { a: b } }\n${SETS}`)).toContain(
      'orders.yml:2:11: tables.teams: "teams" is also a table in alerts.yml. Use a unique name: all files may use it',
    )
  })

  test('can’t have a value in its scope', () => {
    const texts = [
      { path: 'alerts.yml', text: FOR_ALL },
      { path: 'orders.yml', text: `scope: { values.team: orders }\n${SETS}` },
    ]
    expect(() => readConfigTexts(texts)).toThrow(
      'orders.yml:1:10: scope.values.team: values are set by rules, and none has been evaluated here. Name a field of the alert',
    )
  })
})
