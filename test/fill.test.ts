import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { type Filling, fill, globOf, isFixed, NO_VALUES, readFilling } from '../shared/decide/fill.ts'
import { firing } from './alert-samples.ts'

/** Texts of rules with values of the alert in them. Each is read once: here each time is the first. */
let times = 0
const read = (text: string): Filling => {
  const end = ` #${times++}`
  const parts = readFilling(text + end)
  const last = parts.at(-1)
  if (typeof last !== 'string' || !last.endsWith(end)) throw new Error(`not read to its end: ${JSON.stringify(parts)}`)
  return [...parts.slice(0, -1), last.slice(0, -end.length)].filter((part) => part !== '')
}

describe('a text is read as its parts', () => {
  test.each<[string, Filling]>([
    ['orders', ['orders']],
    ['{team}', [{ written: '{team}', field: 'team' }]],
    ['{ team }', [{ written: '{ team }', field: 'team' }]],
    ['{values.team}', [{ written: '{values.team}', field: 'team' }]],
    ['{tags.values.team}', [{ written: '{tags.values.team}', field: 'tags.values.team' }]],
    ['slack-{tags.team}', ['slack-', { written: '{tags.team}', field: 'tags.team' }]],
    ['{tags.team}-slack', [{ written: '{tags.team}', field: 'tags.team' }, '-slack']],
    ['a{x}b{y}c', ['a', { written: '{x}', field: 'x' }, 'b', { written: '{y}', field: 'y' }, 'c']],
    [
      '{x}{y}',
      [
        { written: '{x}', field: 'x' },
        { written: '{y}', field: 'y' },
      ],
    ],
    ['{tags.aws:stack name}', [{ written: '{tags.aws:stack name}', field: 'tags.aws:stack name' }]],
    ['{name:/^(a)/}', [{ written: '{name:/^(a)/}', field: 'name', regex: '/^(a)/' }]],
    ['{name:/(a{2,3}|})/i}', [{ written: '{name:/(a{2,3}|})/i}', field: 'name', regex: '/(a{2,3}|})/i' }]],
    ['{name:/(a)\\//}', [{ written: '{name:/(a)\\//}', field: 'name', regex: '/(a)\\//' }]],
    ['{account | teams}', [{ written: '{account | teams}', field: 'account', table: 'teams' }]],
    ['{account|teams}', [{ written: '{account|teams}', field: 'account', table: 'teams' }]],
    ['{name:/(a)/ | t}', [{ written: '{name:/(a)/ | t}', field: 'name', regex: '/(a)/', table: 't' }]],
    ['{', ['{']],
    ['{}', ['{}']],
    ['{a', ['{a']],
    ['a}', ['a}']],
    ['{a{b}', ['{a', { written: '{b}', field: 'b' }]],
    ['{account | my teams}', ['{account | my teams}']],
  ])('%s', (text, parts) => expect(read(text)).toEqual(parts))

  test('an empty one has none', () => expect(readFilling('')).toEqual([]))
})

test('what it may become, as a glob', () => {
  expect(globOf('slack-{team}-{x}')).toBe('slack-*-*')
  expect(globOf('a*b?c{team}')).toBe('a?b?c*')
  expect([isFixed('orders'), isFixed('{team}')]).toEqual([true, false])
})

describe('what it is for an alert', () => {
  const alert: Alert = {
    ...firing.alert,
    name: 'orders-db',
    tags: { team: 'payments', empty: '', long: 'x'.repeat(300) },
  }
  const values = new Map([['set', { value: 'orders', rule: 'r', from: '' }]])
  const tables = { t: { orders: 'o', payments: 'p' } }
  const of = (text: string) => fill(text, { alert, values, tables })

  test.each([
    ['', '', ''],
    ['orders', 'orders', ''],
    ['{tags.team}', 'payments', 'tags.team'],
    ['{set}', 'orders', 'set'],
    ['{set}/{tags.team}', 'orders/payments', 'set and tags.team'],
    ['{name:/^([a-z]+)/}', 'orders', 'name, by /^([a-z]+)/'],
    ['{name:/^([a-z]+)/ | t}', 'o', 'name, by /^([a-z]+)/, by table t'],
    ['{set | t}', 'o', 'set, by table t'],
  ])('%j: %j, from %j', (text, value, from) => expect(of(text)).toEqual({ value, from }))

  test.each([
    ['{tags.owner}', 'tags.owner is missing'],
    ['{tags.empty}', 'tags.empty is missing'],
    ['{unset}', 'unset is missing'],
    ['{notes}', 'notes is missing'],
    ['{name:/^([0-9]+)/}', 'name "orders-db" does not match /^([0-9]+)/'],
    ['{name:/^(x*)orders/}', 'name "orders-db" does not match /^(x*)orders/'],
    ['{tags.long:/^([0-9]+)/}', `tags.long "${'x'.repeat(40)}" does not match /^([0-9]+)/`],
    ['{tags.long}', 'tags.long has 300 characters, at most 200'],
    ['{tags.long | t}', 'tags.long has 300 characters, at most 200'],
    ['{name | t}', 'table t has no "orders-db"'],
    ['{tags.long:/^(x{50})/ | t}', `table t has no "${'x'.repeat(40)}"`],
    ['{name | constructor}', 'table constructor has no "orders-db"'],
    ['{name | none}', 'table none has no "orders-db"'],
    [`${'{tags.team}'.repeat(30)}`, `${'{tags.team}'.repeat(30).slice(0, 60)} has 240 characters, at most 200`],
  ])('%s: none, as %s', (text, why) => expect(of(text)).toEqual({ why }))

  test('a table has no entries of its own kind', () => {
    expect(
      fill('{tags.x | t}', { alert: { ...alert, tags: { x: 'constructor' } }, values: NO_VALUES, tables }),
    ).toEqual({
      why: 'table t has no "constructor"',
    })
    expect(fill('{name | t}', { alert, values: NO_VALUES, tables: undefined })).toEqual({
      why: 'table t has no "orders-db"',
    })
  })
})
