import { expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { RuleIndex } from '../shared/decide/rule-index.ts'
import { firing } from './alert-samples.ts'

/** However many rules there are, an alert is compared with those alone that can match by the values that they name. */
const sets = { teams: ['payments', 'orders'], mixed: ['payments', 'ship*'] }
const alert = { ...firing.alert, name: 'orders-db', account: '123456789012', tags: { team: 'payments' } }

function isLookedAt(when: When): boolean {
  const index = new RuleIndex()
  index.add(when, sets, 0)
  return [...index.candidates(alert)].length > 0
}

test.each<[string, When, boolean]>([
  ['its name', { name: 'orders-db' }, true],
  ['another name', { name: 'orders-api' }, false],
  ['one of several names', { name: ['orders-api', 'orders-db'] }, true],
  ['other names', { name: ['orders-api', 'orders-web'] }, false],
  ['its tag', { 'tags.team': 'payments' }, true],
  ['another tag', { 'tags.team': 'shipping' }, false],
  ['a set with its tag', { 'tags.team': '$teams' }, true],
  ['a set of exact values and a pattern', { 'tags.team': '$mixed' }, true],
  ['a set of other values and a pattern', { 'tags.team': ['orders', 'ship*'] }, false],
  ['how its name begins', { name: 'orders-*' }, true],
  ['how its name begins, before any one character', { name: 'orders?db' }, true],
  ['how another name begins', { name: 'other-*' }, false],
  ['how another long name begins', { name: 'orders-db-of-the-other-*' }, false],
  ['how its tag begins', { 'tags.team': 'pay*' }, true],
  ['how another tag begins', { 'tags.team': 'ship*' }, false],
  ['how another name begins, and its account', { name: 'other-*', account: '123456789012' }, false],
  ['another name, and how its name begins', { name: 'orders-*', metric: 'Other' }, false],
  ['how its name ends, which is not indexed', { name: '*-api' }, true],
  ['how another fingerprint begins, which is not indexed', { fingerprint: 'other-*' }, true],
  ['an expression, which is not indexed', { name: '/^other/' }, true],
  ['a pattern beside an exact name', { name: ['orders-*', 'orders-api'] }, true],
  ['another pattern beside another name', { name: ['other-*', 'orders-api'] }, false],
  ['what it is not', { name: { not: 'orders-db' } }, true],
  ['a field of few values', { status: 'resolved' }, true],
  ['another name and a field of few values', { status: 'firing', name: 'orders-api' }, false],
  ['its account, and another name: the name is more selective', { account: '123456789012', name: 'orders-api' }, false],
  ['another name, and its tag: the name is more selective', { 'tags.team': 'payments', name: 'orders-api' }, false],
  ['another name beside a pattern for another field', { title: 'x*', name: 'orders-api' }, false],
  ['all of its tag and another name', { all: [{ 'tags.team': 'payments' }, { name: 'orders-api' }] }, false],
  ['any of two others', { any: [{ name: 'orders-api' }, { 'tags.team': 'shipping' }] }, false],
  ['any of another and its own', { any: [{ name: 'orders-api' }, { 'tags.team': 'payments' }] }, true],
  ['any of another and a pattern', { any: [{ name: 'orders-api' }, { title: '*x' }] }, true],
  ['one of two conditions', [{ name: 'orders-api' }, { name: 'orders-db' }], true],
  ['neither of two conditions', [{ name: 'orders-api' }, { 'tags.team': 'shipping' }], false],
])('a rule that names %s', (_, when, expected) => {
  expect(isLookedAt(when)).toBe(expected)
})

test('each rule that can match comes once, in the order of the rules', () => {
  const index = new RuleIndex()
  const conditions: When[] = [
    { title: '*x' },
    { name: ['orders-db', 'orders-*', 'orders-db'] },
    { name: 'other' },
    [{ name: 'orders-db' }, { 'tags.team': 'payments' }],
    { 'tags.team': 'payments' },
    { status: 'firing' },
  ]
  conditions.forEach((when, position) => {
    index.add(when, sets, position)
  })
  expect([...index.candidates(alert)]).toEqual([0, 1, 3, 4, 5])
  expect([...new RuleIndex().candidates(alert)]).toEqual([])
})
