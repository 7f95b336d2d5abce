import { describe, expect, test } from 'vitest'
import {
  both,
  type Interval,
  includes,
  intervalOf,
  intervalOutside,
  isEmpty,
  numbersIn,
} from '../shared/conditions/interval.ts'
import { samplesOf, samplesOfAll } from '../shared/conditions/sample.ts'
import { areDisjoint, covers, isAny, readText } from '../shared/conditions/text.ts'

/** What can be proved of texts in patterns, and values that match them. */

describe('numbers', () => {
  const comparisons = ['>', '>=', '<', '<='].flatMap((operator) => [1, 2, 3].map((limit) => `${operator} ${limit}`))
  const GRID = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]
  const intervals = comparisons.map((text) => {
    const { comparison } = readText(text)
    if (!comparison) throw new Error('not a comparison')
    return { text, comparison, interval: intervalOf(comparison) }
  })
  const inside = ({ min, max, isOpenBelow, isOpenAbove }: Interval) =>
    GRID.filter((n) => (isOpenBelow ? n > min : n >= min) && (isOpenAbove ? n < max : n <= max))
  const matching = (...texts: string[]) => GRID.filter((n) => texts.every((text) => readText(text).matches(`${n}`)))

  test.each(intervals)('$text: which numbers it holds, and which not', ({ text, comparison, interval }) => {
    expect(inside(interval)).toEqual(matching(text))
    expect(inside(intervalOutside(comparison))).toEqual(GRID.filter((n) => !matching(text).includes(n)))
    expect(isEmpty(interval)).toBe(false)
  })

  test.each(intervals)(
    '$text with each other one: what both hold, and whether one holds the other',
    ({ text, interval }) => {
      for (const other of intervals) {
        const together = matching(text, other.text)
        expect([other.text, inside(both(interval, other.interval))]).toEqual([other.text, together])
        expect(isEmpty(both(interval, other.interval))).toBe(together.length === 0)
        const isWithin = matching(other.text).every((n) => matching(text).includes(n))
        expect([other.text, includes(interval, other.interval)]).toEqual([other.text, isWithin])
        expect(covers(readText(text), readText(other.text))).toBe(isWithin)
        expect(areDisjoint(readText(text), readText(other.text))).toBe(together.length === 0)
        for (const third of intervals) {
          const two = both(other.interval, third.interval)
          if (isEmpty(two)) continue
          expect(includes(interval, two)).toBe(inside(two).every((n) => matching(text).includes(n)))
        }
      }
    },
  )

  test('nothing is within everything', () => {
    const none = both(intervalOf({ operator: '>', limit: 3 }), intervalOf({ operator: '<', limit: 1 }))
    expect(includes(intervalOf({ operator: '>', limit: 9 }), none)).toBe(true)
    expect(numbersIn(none)).toEqual([])
  })

  test.each<[Interval, number[]]>([
    [intervalOf({ operator: '>', limit: 5 }), [6, 7, 8, 9]],
    [intervalOf({ operator: '>=', limit: 5 }), [5, 6, 7, 8, 9]],
    [intervalOf({ operator: '<', limit: 5 }), [4, 3, 2, 1, 0]],
    [intervalOf({ operator: '<=', limit: 0.5 }), [0.5, 0, -1, -2, -3, 0]],
    [intervalOf({ operator: '>', limit: -2.5 }), [-2, -1, 0, 1, 0]],
    [{ min: 1, max: 2, isOpenBelow: true, isOpenAbove: true }, [1.2, 1.4, 1.6, 1.8]],
    [{ min: 1, max: 2, isOpenBelow: false, isOpenAbove: false }, [1, 2, 2, 1, 1.2, 1.4, 1.6, 1.8]],
  ])('%j holds some that are easy to read', (interval, numbers) => {
    expect(numbersIn(interval)).toEqual(numbers)
  })
})

test.each([
  ['*', true],
  ['**', true],
  ['*a', false],
  ['a*', false],
  ['?', false],
  ['a', false],
  ['', false],
  ['> 1', false],
  ['/a*/', true],
  ['/a|/', true],
  ['/.*/', true],
  ['/a/', false],
  ['/^/', false],
  ['/$/', false],
  ['/\\b/', false],
  ['/\\B/', false],
  ['/\\A/', false],
  ['/\\d*/', true],
])('%j matches everything: %j', (text, is) => {
  expect(isAny(readText(text))).toBe(is)
})

let reads = 0

test('a text is read for what it is the first time, too', () => {
  reads++
  const isAnyText = (text: string) => isAny(readText(text))
  const all = [`${'*'.repeat(reads + 2)}`, `/(new${reads})?/`]
  const some = [
    `new${reads}*`,
    `*new${reads}`,
    `new${reads}`,
    `/new${reads}/`,
    `/^(new${reads})?/`,
    `/(new${reads})?$/`,
  ]
  expect([...all, ...some, `> ${reads}.5`].filter(isAnyText)).toEqual(all)
  const { isAny: _known, ...empty } = readText('')
  expect(isAny(empty)).toBe(false)
  expect(readText(`> ${reads}.25`)).toMatchObject({ form: 'number', comparison: { operator: '>' } })
  expect(readText(`first${reads}`)).toMatchObject({ text: `first${reads}`, form: 'exact' })
  expect('comparison' in readText(`first${reads}*`)).toBe(false)
})

/** The first covers the second; the first and the second have no value in common. */
const PAIRS: [outer: string, inner: string, covers: boolean, areDisjoint: boolean][] = [
  ['a', 'a', true, false],
  ['a', 'b', false, true],
  ['*', 'a', true, false],
  ['a*', 'ab', true, false],
  ['a*', 'b', false, true],
  ['ab', 'a*', false, false],
  ['b', 'a*', false, true],
  ['/a/', 'xay', true, false],
  ['/a/', 'xy', false, true],
  ['xay', '/a/', false, false],
  ['xy', '/a/', false, true],
  ['> 5', '7', true, false],
  ['> 5', '3', false, true],
  ['> 5', 'x', false, true],
  ['7', '> 5', false, false],
  ['*', '> 5', true, false],
  ['> 5', '*', false, false],
  ['> 5', '7*', false, false],
  ['a', 'a*', false, false],
  ['a*', '> 5', false, true],
  ['> 5', 'a*', false, true],
  ['1*', '> 5', false, false],
  ['> 5', '1?', false, false],
  ['> 5', '-1*', false, false],
  ['> 5', '+1.5E*', false, false],
  ['> 5', '/a/', false, false],
  ['/a/', '> 5', false, false],
  ['/a/', '/a/', true, false],
  ['/a/', '/b/', false, false],
  ['/x*/', '/b/', true, false],
  ['/a/', '*a*', true, false],
  ['/a/', 'xay?', true, false],
  ['/a/', 'b*', false, false],
  ['/a|b/', 'b*', true, false],
  ['/ab/', 'a*b', false, false],
  ['/^a/', 'a*', false, false],
  ['/a$/', '*a', false, false],
  ['/\\ba/', 'a*', false, false],
  ['*a*', '/a/', false, false],
  ['/./', '?', false, false],
  ['/./', '*', false, false],
  ['*', '?', true, false],
  ['?', '*', false, false],
  ['?', '?', true, false],
  ['?', 'a?', false, true],
  ['??', '?*', false, false],
  ['?*', '??', true, false],
  // Which it does, but that is not seen.
  ['*?', '?*', false, false],
  ['a?', 'ab*', false, false],
  ['a*', 'ab*', true, false],
  ['ab*', 'a*', false, false],
  ['*b', 'a*b', true, false],
  ['a*b', 'a*', false, false],
  ['a*', '*a', false, false],
  ['a*', 'b*', false, true],
  ['*a', '*b', false, true],
  ['a*b*c', 'a*b?c', true, false],
  ['a*b', 'a?', false, false],
  ['*x*', '?', false, false],
  ['a?c', 'abc*', false, false],
  ['a?c', 'a*d', false, true],
  ['a**', 'a*', true, false],
  ['a*a', 'a?', false, false],
  ['a*a', 'a', false, true],
  ['**a', '*ba', true, false],
  ['a?*a?', 'a?', false, true],
  ['a??za?', 'a?', false, true],
]

test.each(PAIRS)('%j covers %j: %j; they are disjoint: %j', (outer, inner, isCovering, isDisjoint) => {
  expect(covers(readText(outer), readText(inner))).toBe(isCovering)
  expect(areDisjoint(readText(outer), readText(inner))).toBe(isDisjoint)
  expect(areDisjoint(readText(inner), readText(outer))).toBe(isDisjoint)
})

test('of globs that are too long nothing is claimed', () => {
  const long = `${'x'.repeat(500_000)}?`
  expect(covers(readText('?*'), readText(long))).toBe(false)
  expect(areDisjoint(readText('y*'), readText(long))).toBe(false)
  expect(covers(readText('?*'), readText(long.slice(-999)))).toBe(true)
  expect(areDisjoint(readText('y*'), readText(long.slice(-999)))).toBe(true)
})

test('a comparison keeps what it compares with, other texts have nothing of it', () => {
  expect(readText('>= 10m')).toMatchObject({ form: 'number', comparison: { operator: '>=', limit: 600 } })
  expect('comparison' in readText('a*')).toBe(false)
})

test.each<[string, string[]]>([
  ['a', ['a']],
  ['> 5', ['6', '7', '8', '9']],
  ['a*', ['a', 'ax', 'a-1']],
  ['*-a', ['x-a', '-a', '-1-a']],
  ['orders-*', ['orders-x', 'orders-', 'orders--1']],
  ['a_**', ['a_x', 'a_', 'a_xx', 'a_-1-1']],
  ['**.a', ['x.a', '.a', 'xx.a', '-1-1.a']],
  ['*.orders', ['x.orders', '.orders', '-1.orders']],
  ['orders?*', ['ordersx', 'ordersxx', 'ordersx-1']],
  ['*', ['x', '-1', '']],
  ['?', ['x']],
  ['a-*-b*', ['a--b', 'a-x-bx', 'a--1-b-1']],
  ['*_*', ['x_x', '_', '-1_-1']],
  ['o*/*', ['o/x', 'o/', 'ox/x', 'o-1/-1']],
  ['/a/', ['a']],
  ['/^a|b$/', ['a', 'b']],
  ['/a+b*c?/', ['a']],
  ['/(a|b)c/', ['ac', 'bc']],
  ['/x{3}/', ['xxx']],
  ['/x{2,}y{1,3}/', ['xxy']],
  ['/x{100}/', ['x'.repeat(100)]],
  ['/x{200}/', []],
  ['/[a-c]z/', ['az']],
  ['/[^x]/', ['-']],
  ['/[^x-]/', ['1']],
  ['/[^x1-]/', [' ']],
  ['/[^x1 -]/', []],
  ['/\\d+/', ['0']],
  ['/\\bfoo\\b/', ['foo', ' foo ']],
  ['/a.c/', ['axc']],
  ['/\\w\\W\\s\\S\\D\\d/', ['x- xx0']],
  ['/a\\.b/', ['a.b']],
  ['/(?:a|b)+?/', ['a', 'b']],
  ['/(?P<n>a)(?<m>b)/', ['ab']],
  ['/(?i-s:ab)/', ['ab']],
  ['/(ab)(?:c)/', ['abc']],
  ['/(?P<name>a)/', ['a']],
  ['/[]x]a/', [']a']],
  ['/a|b|c|d|e/', ['a', 'b', 'c', 'd']],
  ['/[\\d]x/', ['0x']],
  ['/[]]a/', [']a']],
  ['/\\Aab\\z/', ['ab']],
  ['/a\\Bb/', ['ab']],
  ['/a(b(c|d))?e/', ['ae']],
  ['/a{0}b/', ['b']],
  ['/err/i', ['err']],
  ['/x*?y??z+?/', ['z']],
])('%j is matched by %j', (text, samples) => {
  expect(samplesOf(readText(text))).toEqual(samples)
})

test.each<[string[], string[]]>([
  [
    ['a*', '*b'],
    ['ab', 'axb', 'a1b'],
  ],
  [['a*', 'b*'], []],
  [['a?', '?b'], ['ab']],
  [['a*', '/b/'], []],
  [['a*', '*b', '/[a-z]1/'], []],
  [['a*'], ['a', 'ax', 'a-1']],
  [
    ['*', 'a*'],
    ['a', 'ax', 'a-1', 'a1'],
  ],
  [
    ['a*b', 'ab*'],
    ['ab', 'abxb', 'ab1b'],
  ],
  [['*x*', '?'], ['x']],
  [['a*', 'ab'], ['ab']],
  [
    ['**a', 'a**'],
    ['a', 'axxa', 'a11a'],
  ],
  [
    ['a-*', '*-b', '*c*'],
    ['a-c-b', 'a-xcx-b', 'a-1c1-b'],
  ],
  [
    ['> 5', '> 7'],
    ['8', '9', '10', '11'],
  ],
  [['a?c', '?bc', 'ab?'], ['abc']],
  [
    ['*', '**'],
    ['x', '-1', '', 'xx', '-1-1', '11'],
  ],
])('all of %j are matched by %j', (texts, samples) => {
  expect(samplesOfAll(texts.map(readText))).toEqual(samples)
})
