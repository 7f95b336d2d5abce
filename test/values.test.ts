import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { titleOf } from '../shared/channels/template.ts'
import { decide } from '../shared/decide/decide.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { notificationsOf } from '../shared/decide/notifications.ts'
import { groupOf } from '../shared/deliver/messages.ts'
import { explanationOf } from '../shared/explain/explanation.ts'
import { firing } from './alert-samples.ts'
import { someConfig } from './some-config.ts'

/** Rules take values from an alert, name them, and use them. */
const tables = { teams: { '123456789012': 'orders', '999999999999': 'billing' }, short: { orders: 'ord' } }
const alert: Alert = {
  ...firing.alert,
  name: 'orders-db-cpu',
  account: '123456789012',
  tags: { team: 'payments' },
  links: {},
}
const all = { name: '*' }
const configOf = (rules: object[]) =>
  someConfig([...rules.map((rule) => ({ when: all, severity: undefined, continue: true, ...rule })), { when: all }], {
    tables: Object.fromEntries(
      Object.entries(tables).filter(([name]) => new RegExp(`\\| *${name}`).test(JSON.stringify(rules))),
    ),
  })
const decided = (rules: object[], of: Partial<Alert> = {}) => decide({ ...alert, ...of }, configOf(rules))
const valuesOf = (rules: object[], of: Partial<Alert> = {}) => decided(rules, of).values

describe('a value', () => {
  test.each<[string, string, string | undefined]>([
    ['a field', '{tags.team}', 'payments'],
    ['a label with a colon', '{tags.aws:cloudformation:stack-name}', undefined],
    ['a part of a field', '{name:/^([a-z]+)-/}', 'orders'],
    ['the first group alone', '{name:/^([a-z]+)-([a-z]+)/}', 'orders'],
    ['braces in the expression', '{name:/^([a-z]{2,4})/}', 'orde'],
    ['a slash in the expression', '{description:/([a-z]+):\\/\\//}', 'https'],
    ['any case', '{name:/^(ORD)/i}', 'ord'],
    ['what a table has for it', '{account | teams}', 'orders'],
    ['what a table has for a part of it', '{name:/^([a-z]+)/|short}', 'ord'],
    ['a text', 'orders', 'orders'],
    ['a text around it', 'team-{tags.team}!', 'team-payments!'],
    ['two', '{tags.team}/{account | teams}', 'payments/orders'],
    ['a field that it lacks', '{tags.owner}', undefined],
    ['an expression that does not match', '{name:/^([0-9]+)-/}', undefined],
    ['a group that takes no part', '{name:/^(x)?orders/}', undefined],
    ['an entry that the table lacks', '{tags.team | teams}', undefined],
    ['one of two that it lacks', '{tags.team}/{tags.owner}', undefined],
  ])('may be %s', (_, text, expected) => {
    const of = { description: 'https://wiki' }
    expect(valuesOf([{ set: { it: text } }], of)?.it).toBe(expected)
  })

  test('is the first of several children that has it', () => {
    const children = ['db', 'web-1', 'web-2'].map((name) => ({ name }))
    expect(valuesOf([{ set: { a: '{children}', b: '{children:/-(\\d)/}' } }], { children })).toEqual({
      a: 'db',
      b: '1',
    })
  })

  test('has at most 200 characters: a longer one is none', () => {
    const long = 'x'.repeat(201)
    expect(valuesOf([{ set: { it: '{tags.team}' } }], { tags: { team: long } })).toBeUndefined()
    expect(valuesOf([{ set: { it: '{tags.team}' } }], { tags: { team: long.slice(1) } })?.it).toHaveLength(200)
    expect(valuesOf([{ set: { it: '{tags.team}{tags.team}' } }], { tags: { team: long.slice(1) } })).toBeUndefined()
  })

  test('takes time in proportion to the text, whatever the expression', () => {
    const began = performance.now()
    expect(
      valuesOf([{ set: { it: '{description:/^((a+)+)+$/}' } }], { description: `${'a'.repeat(8_000)}!` }),
    ).toBeUndefined()
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  test('of another rule may be used', () => {
    expect(valuesOf([{ set: { team: '{account | teams}' } }, { set: { short: '{team | short}' } }])?.short).toBe('ord')
  })

  test('of the same rule may not: the rules before it have set another', () => {
    expect(valuesOf([{ set: { a: '1' } }, { set: { a: '2', b: '{a}' } }])).toEqual({ a: '2', b: '1' })
  })
})

describe('with several rules that set it', () => {
  const byAccount = { name: 'by account', set: { team: '{account | teams}' } }
  const byTag = { name: 'by tag', set: { team: '{tags.team}' } }

  test('the last wins', () => {
    expect(valuesOf([byAccount, byTag])?.team).toBe('payments')
    expect(valuesOf([byTag, byAccount])?.team).toBe('orders')
  })

  test('one without a value leaves it as it was, and says why', () => {
    const { values, because } = decided([byAccount, byTag], { tags: {} })
    expect(values).toEqual({ team: 'orders' })
    expect(because).toContain('rule "by account" sets team = orders, from account, by table teams')
    expect(because).toContain('rule "by tag" sets no team: tags.team is missing')
  })

  test('a text comes from nowhere else', () => {
    expect(decided([{ set: { team: 'orders' } }]).because).toContain('rule "r0" sets team = orders')
  })

  test('each step says what it overrides', () => {
    expect(decided([byAccount, byTag]).because).toContain(
      'rule "by tag" sets team = payments, from tags.team, overriding rule "by account"',
    )
  })
})

describe('later rules', () => {
  const set = { set: { team: '{account | teams}' } }
  const pages = { name: 'pages', severity: 'critical', continue: undefined }
  test.each<[string, object, boolean]>([
    ['that ask for it', { 'values.team': 'orders' }, true],
    ['that ask for one of several', { 'values.team': ['billing', 'orders'] }, true],
    ['that ask for another', { 'values.team': 'billing' }, false],
    ['that ask for another, and something exact', { 'values.team': 'billing', account: '123456789012' }, false],
    ['that ask for it, and something exact', { 'values.team': 'orders', account: '123456789012' }, true],
    ['that exclude it', { 'values.team': { not: 'orders' } }, false],
    ['that ask for it within', { all: [{ 'values.team': 'o*' }], not: { 'values.team': '/^b/' } }, true],
  ])('%s', (_, when, matches) => {
    expect(decided([set, { ...pages, when }]).severity).toBe(matches ? 'critical' : 'warning')
  })

  test('see what was set before them, and not after', () => {
    const rules = [
      { set: { team: 'a' } },
      { name: 'sees a', when: { 'values.team': 'a' }, set: { seen: 'a' } },
      { set: { team: 'b' } },
      { name: 'sees b', when: { 'values.team': 'b' }, set: { seen: '{seen}b' } },
    ]
    expect(valuesOf(rules)).toEqual({ team: 'b', seen: 'ab' })
  })

  test('an explanation shows each what it saw', () => {
    const config = configOf([
      { set: { team: 'a' } },
      { name: 'second', when: { 'values.team': 'a' }, set: { team: 'b' } },
    ])
    const { steps } = explanationOf(alert, config, new Date(alert.changedAt))
    const second = steps.find(({ rule }) => rule === 'second')
    expect(second?.alternatives[0]).toEqual([{ at: 'values.team', found: ['a'], wanted: '"a"', matches: true }])
  })
})

describe('values are used', () => {
  const config = configOf([
    { name: 'team of the account', set: { team: '{account | teams}' } },
    {
      labels: { owner: 'team {team}', tag: '{tags.owner}' },
      groupBy: ['values.team'],
      title: '{{values.team}}: {{name}}',
    },
  ])
  const decision = decide(alert, config)
  const [notification] = notificationsOf(alert, decision, config, undefined)
  if (!notification) throw new Error('nobody is notified')

  test('in labels, and a label without one is left out', () => {
    expect(decision.labels).toEqual({ owner: 'team orders' })
    expect(decision.because).toContain('rule "r1" sets no label tag: tags.owner is missing')
  })

  test('in no label, where no label has one', () => {
    const none = decided([{ labels: { tag: '{tags.owner}' } }])
    expect(none.labels).toBeUndefined()
    expect(none.because).toContain('rule "r0" sets no label tag: tags.owner is missing')
  })

  test('in templates', () => expect(titleOf(notification)).toBe('orders: orders-db-cpu'))

  test('to group by', () => {
    expect(groupOf(notification, notification.groupBy)).toBe('warning, values.team orders')
    expect(groupOf({ ...notification, values: {} }, notification.groupBy)).toBe('warning, values.team none')
  })

  test('for the severity', () => {
    const severity = { severity: '{team | short}', otherwise: 'info', continue: undefined }
    const rule = { set: { team: '{account | teams}' } }
    const of = (short: object) =>
      decide(alert, { ...configOf([rule, severity]), tables: { ...tables, short } } as Config)
    expect(of({ orders: 'sev1' })).toMatchObject({ severity: 'critical' })
    expect(of({ orders: 'sev1' }).because).toContain(
      'rule "r1" also matches: critical, from team, by table short "sev1"',
    )
    expect(of({ billing: 'sev1' }).because).toContain(
      'rule "r1" also matches: info, because table short has no "orders"',
    )
  })

  test('and each is explained, with its rule and where it comes from', () => {
    const { parts } = explanationOf(alert, config, new Date(alert.changedAt))
    expect(parts).toContainEqual({
      ...{ part: 'value', value: 'team=orders' },
      by: 'rule "team of the account", from account, by table teams',
    })
  })
})

test('a resolve has the values of its firing, whatever it says itself', () => {
  const config = configOf([{ set: { team: '{tags.team}' }, labels: { owner: '{team}' }, groupBy: ['values.team'] }])
  const { state } = nextByChange(undefined, { alert, change: 'c1' }, config, new Date(alert.changedAt))
  const over: Alert = { ...alert, status: 'resolved', changedAt: '2026-09-14T12:00:00.000Z', tags: { team: 'other' } }
  const { decision } = nextByChange(state, { alert: over, change: 'c2' }, config, new Date(over.changedAt))
  expect(decision).toMatchObject({
    values: { team: 'payments' },
    labels: { owner: 'payments' },
    groupBy: ['values.team'],
  })
})
