import { describe, expect, test } from 'vitest'
import type { Pattern, When } from '../schemas/config.ts'
import {
  conjunctionsOf,
  contradictionIn,
  excludes,
  implies,
  type Literal,
  literalOf,
  textsOf,
} from '../shared/conditions/conjunction.ts'

/** What can be said of a `when` without any alert: its alternatives, and what each of them demands or rules out. */

const SETS = { team: ['a', 'b'], wide: ['x*', '> 3'] }

/** `name=a|b*`, or `!name=…` for what must not match. */
function shown(literal: Literal): string {
  const texts = textsOf(literal).map(({ text }) => text)
  return `${literal.wanted ? '' : '!'}${literal.field}=${texts.join('|')}`
}

function alternatives(when: When): string[] | undefined {
  return conjunctionsOf(when, SETS)?.map(({ literals }) => literals.map(shown).join(' & '))
}

const any = (count: number, field = 'name') => Array.from({ length: count }, (_, n) => ({ [field]: `v${n}` }))

describe('the alternatives', () => {
  test.each<[When, string[]]>([
    [{}, ['']],
    [{ name: 'a' }, ['name=a']],
    [{ name: ['a', 'b*'], metric: { not: ['x', '/y/'] } }, ['name=a|b* & !metric=x|/y/']],
    [
      [{ name: 'a' }, { metric: 'b' }],
      ['name=a', 'metric=b'],
    ],
    [{ name: '$team' }, ['name=a|b']],
    [{ name: ['$wide', 'y'] }, ['name=y|x*|> 3']],
    [{ name: { not: '$team' } }, ['!name=a|b']],
    [{ any: [{ name: 'a' }, { name: 'b' }], region: 'r' }, ['region=r & name=a', 'region=r & name=b']],
    [{ all: [{ name: 'a' }, { metric: 'm' }] }, ['name=a & metric=m']],
    [{ not: { name: 'a', metric: 'b' } }, ['!name=a', '!metric=b']],
    [{ not: [{ name: 'a' }, { metric: 'b' }] }, ['!name=a & !metric=b']],
    [{ not: { any: [{ name: 'a' }, { metric: 'b' }] } }, ['!name=a & !metric=b']],
    [{ not: { all: [{ name: 'a' }, { metric: { not: 'b' } }] } }, ['!name=a', 'metric=b']],
    [{ not: { not: { name: 'a', metric: 'b' } } }, ['name=a & metric=b']],
    [{ not: { not: [{ name: 'a' }, { metric: 'b' }] } }, ['name=a', 'metric=b']],
    [
      {
        all: [{ any: [{ name: 'a' }, { name: 'b' }] }, { any: [{ name: 'b' }, { name: 'c' }] }],
      },
      ['name=b & name=b'],
    ],
    [{ metric: { not: '*' } }, ['!metric=*']],
  ])('of %j', (when, alternatives_) => {
    expect(alternatives(when)).toEqual(alternatives_)
    expect(contradictionIn(when, SETS).map(shown)).toEqual(
      JSON.stringify(alternatives_).includes('b & name=b') ? ['name=a', 'name=b'] : [],
    )
  })

  test.each<[When, string[]]>([
    [{ name: '$none' }, ['name=']],
    [{ name: 'a', all: [{ name: 'b' }] }, ['name=a', 'name=b']],
    [{ kind: 'alarm', all: [{ kind: { not: '*alarm' } }] }, ['kind=alarm', '!kind=*alarm']],
    [{ kind: 'a-kind-that-is-none' }, ['kind=a-kind-that-is-none']],
    [
      { previousStatus: { not: '*' }, all: [{ previousStatus: 'firing' }] },
      ['!previousStatus=*', 'previousStatus=firing'],
    ],
    [{ name: { not: '*' } }, ['!name=*']],
    [{ metric: 'm', all: [{ 'tags.n': '> 5' }, { 'tags.n': { not: '> 4' } }] }, ['tags.n=> 5', '!tags.n=> 4']],
    [{ all: [{ name: 'a*' }, { name: 'b*' }] }, ['name=a*', 'name=b*']],
    [{ 'tags.n': '> 5', all: [{ 'tags.n': { not: ['> 7', '<= 7'] } }] }, ['tags.n=> 5', '!tags.n=> 7|<= 7']],
    [{ 'tags.n': '> 5', all: [{ 'tags.n': { not: ['> 7', '7*', '<= 7'] } }] }, ['tags.n=> 5', '!tags.n=> 7|7*|<= 7']],
    [{ all: [{ children: 'ab' }, { children: { not: 'a*' } }] }, ['children=ab', '!children=a*']],
    [[{ name: { not: '*' } }, { metric: 'x', all: [{ metric: 'y' }] }], ['!name=*']],
  ])('of %j there are none, as it contradicts itself', (when, literals) => {
    expect(alternatives(when)).toEqual([])
    expect(contradictionIn(when, SETS).map(shown)).toEqual(literals)
  })

  test('are not analysed where there are too many', () => {
    expect(alternatives(any(128))).toHaveLength(128)
    expect(alternatives(any(129))).toBeUndefined()
    expect(alternatives({ any: any(128) })).toHaveLength(128)
    expect(alternatives({ any: any(129) })).toBeUndefined()
    expect(alternatives({ not: { all: any(129, 'name') } })).toBeUndefined()
    expect(alternatives({ all: [{ any: any(16) }, { any: any(8, 'metric') }] })).toHaveLength(128)
    expect(alternatives({ all: [{ any: any(16) }, { any: any(9, 'metric') }] })).toBeUndefined()
    expect(alternatives([{ all: [{ any: any(16) }, { any: any(9, 'metric') }] }, { name: 'a' }])).toBeUndefined()
    expect(alternatives({ name: 'a', any: any(129) })).toBeUndefined()
    // Those that contradict themselves do not count.
    expect(alternatives({ all: [{ any: any(64) }, { any: any(64) }] })).toHaveLength(64)
    expect(alternatives({ all: [{ any: any(65) }, { any: any(64) }] })).toBeUndefined()
    expect(contradictionIn({ all: [{ any: any(65) }, { any: any(64) }] }, SETS)).toEqual([])
  })
})

/** The `when` implies the line, rules it out, or neither. */
const IMPLIED: [When, string, Pattern, 'implied' | 'ruled out' | 'open'][] = [
  [{ name: 'a' }, 'name', ['a', 'b'], 'implied'],
  [{ name: ['a', 'b'] }, 'name', 'a', 'open'],
  [{ name: ['a', 'b'] }, 'name', ['c', 'd'], 'ruled out'],
  [{ name: ['a', 'b'] }, 'name', { not: 'c' }, 'implied'],
  [{ name: ['a', 'b'] }, 'name', { not: ['a', 'b', 'c'] }, 'ruled out'],
  [{ name: 'ab' }, 'name', 'a*', 'implied'],
  [{ name: 'a' }, 'metric', 'a', 'open'],
  [{ name: 'a' }, 'metric', { not: 'a' }, 'open'],
  [{ name: 'a' }, 'title', '*', 'implied'],
  [{ name: 'a' }, 'title', { not: '*' }, 'ruled out'],
  [{ name: 'a' }, 'metric', '*', 'open'],
  [{ metric: 'a*' }, 'metric', '*', 'implied'],
  [{ metric: { not: '*' } }, 'metric', 'a', 'ruled out'],
  [{ metric: { not: '*' } }, 'metric', 'a*', 'ruled out'],
  [{ metric: '*', all: [{ metric: { not: '?' } }] }, 'metric', 'ab', 'open'],
  [{ name: Array.from({ length: 100 }, (_, n) => `v${n}`), all: [{ name: ['v1*', 'x*'] }] }, 'name', 'v1?', 'open'],
  [
    { name: Array.from({ length: 100 }, (_, n) => `v${n}`), all: [{ name: ['v1*', 'x*'] }] },
    'name',
    ['v1', 'v1?'],
    'implied',
  ],
  [{ name: ['a', 'b*'], all: [{ name: ['a*', 'c*'] }] }, 'name', 'a', 'implied'],
  [{ name: ['d', 'b*'], all: [{ name: ['a*', 'b*'] }] }, 'name', 'b*', 'implied'],
  [{ metric: { not: '*' } }, 'metric', { not: 'a' }, 'implied'],
  [{ name: 'ab*' }, 'name', 'a*', 'implied'],
  [{ name: 'a*' }, 'name', 'ab*', 'open'],
  [{ name: 'a*' }, 'name', 'b*', 'ruled out'],
  [{ name: 'a*' }, 'name', { not: 'b*' }, 'implied'],
  [{ name: 'a*' }, 'name', { not: ['b*', 'c'] }, 'implied'],
  [{ name: 'a*' }, 'name', { not: ['b*', 'ab'] }, 'open'],
  [{ name: 'a*' }, 'name', { not: ['ab*', 'c'] }, 'open'],
  [{ name: { not: 'a*' } }, 'name', 'ab', 'ruled out'],
  [{ name: { not: 'a*' } }, 'name', { not: 'ab*' }, 'implied'],
  [{ name: { not: 'a*' } }, 'name', { not: ['ab', 'c'] }, 'open'],
  [{ name: { not: ['a*', '> 3'] } }, 'name', { not: ['ab', '5', '4'] }, 'implied'],
  [{ name: { not: 'a' } }, 'name', 'b', 'open'],
  [{ all: [{ name: '*a*' }, { name: '*b' }] }, 'name', '*b*', 'implied'],
  [{ all: [{ name: 'a*' }, { name: { not: 'ab*' } }] }, 'name', 'abc*', 'ruled out'],
  [{ all: [{ name: ['a*', 'b*'] }, { name: { not: 'b*' } }] }, 'name', 'a*', 'implied'],
  [{ name: ['a*', 'b*'] }, 'name', ['a*', 'b*', 'c'], 'implied'],
  [{ name: ['a*', 'b*'] }, 'name', 'a*', 'open'],
  [{ name: ['ab', 'a*'], all: [{ name: ['*b', 'ac'] }] }, 'name', 'a*', 'implied'],
  [{ 'tags.n': '> 5' }, 'tags.n', '>= 5', 'implied'],
  [{ 'tags.n': '> 5' }, 'tags.n', '<= 5', 'ruled out'],
  [{ 'tags.n': '> 5' }, 'tags.n', { not: '< 5' }, 'implied'],
  [{ 'tags.n': '> 5' }, 'tags.n', '< 7', 'open'],
  [{ all: [{ 'tags.n': '> 5' }, { 'tags.n': '< 7' }] }, 'tags.n', '< 8', 'implied'],
  [{ all: [{ 'tags.n': '> 5' }, { 'tags.n': { not: '> 7' } }] }, 'tags.n', '<= 7', 'implied'],
  [{ all: [{ 'tags.n': '> 5' }, { 'tags.n': { not: '> 7' } }] }, 'tags.n', '> 7', 'ruled out'],
  [{ all: [{ 'tags.n': '> 5' }, { 'tags.n': { not: '> 7' } }] }, 'tags.n', { not: '> 8' }, 'implied'],
  [{ 'tags.n': '> 5', all: [{ 'tags.n': { not: ['x*', '> 7', 'y*'] } }] }, 'tags.n', '<= 7', 'implied'],
  [{ 'tags.n': '> 5', all: [{ 'tags.n': '*' }, { 'tags.n': { not: '> 7' } }] }, 'tags.n', '<= 7', 'implied'],
  [{ 'tags.n': '> 5' }, 'tags.n', 'x*', 'ruled out'],
  [{ 'tags.n': '> 5' }, 'tags.n', { not: ['x*', '3'] }, 'implied'],
  [{ name: '/a/' }, 'name', '/a/', 'implied'],
  [{ name: '/a/' }, 'name', '/b/', 'open'],
  [{ name: '/a/' }, 'name', { not: '/a/' }, 'ruled out'],
  [{ kind: '*alarm' }, 'kind', { not: 'event' }, 'implied'],
  [{ kind: '*-alarm' }, 'kind', '*alarm', 'implied'],
  [{ kind: '*alarm' }, 'kind', 'event', 'ruled out'],
  [{ status: { not: 'firing' } }, 'status', ['resolved', 'insufficient-data'], 'implied'],
  [{ previousStatus: { not: 'firing' } }, 'previousStatus', ['resolved', 'insufficient-data'], 'open'],
  [{ previousStatus: { not: 'firing' } }, 'previousStatus', '*', 'open'],
  [{ previousStatus: '*' }, 'previousStatus', ['firing', 'resolved', 'insufficient-data'], 'implied'],
  [{ children: 'ab' }, 'children', 'a*', 'implied'],
  [{ children: ['ab', 'b'] }, 'children', 'a*', 'open'],
  [{ children: ['ab', 'b'] }, 'children', ['a*', 'b'], 'implied'],
  [{ all: [{ children: ['ab', 'b'] }, { children: { not: 'b' } }] }, 'children', 'a*', 'implied'],
  [{ children: 'a' }, 'children', 'b', 'open'],
  [{ children: 'a' }, 'children', { not: 'b' }, 'open'],
  [{ children: { not: 'a*' } }, 'children', { not: ['ab', 'ac*'] }, 'implied'],
  [{ children: { not: 'a*' } }, 'children', { not: ['ab', 'b'] }, 'open'],
  [{ children: { not: 'a*' } }, 'children', ['ab', 'ac'], 'ruled out'],
  [{ children: { not: 'a*' } }, 'children', ['ab', 'b'], 'open'],
  [{ children: { not: 'a' } }, 'children', 'a', 'ruled out'],
  [{ children: { not: 'b' } }, 'children', 'a', 'open'],
]

test.each(IMPLIED)('of %j the line %s: %j is implied, ruled out or open', (when, field, pattern, is) => {
  const [conjunction, ...others] = conjunctionsOf(when, SETS) ?? []
  if (!conjunction) throw new Error('it contradicts itself')
  expect(others).toEqual([])
  const literal = literalOf(field, pattern, SETS)
  const found = [implies(conjunction, literal), excludes(conjunction, [literal])]
  expect(found).toEqual([is === 'implied', is === 'ruled out'])
  // Of a line its opposite is ruled out; other fields add nothing.
  const metric = literalOf('region', 'x')
  expect(excludes(conjunction, [metric, literal])).toBe(is === 'ruled out')
  expect(excludes(conjunction, [])).toBe(false)
})

test('of more combinations than can be tried, the shortest list counts alone', () => {
  const globs = (count: number, start: string) => Array.from({ length: count }, (_, n) => `${start}${n}*`)
  const isImplied = (counts: [number, number], pattern: Pattern) => {
    const all = [{ name: globs(counts[0], 'a') }, { name: globs(counts[1], 'a') }]
    const [conjunction] = conjunctionsOf({ all }, {}) ?? []
    return conjunction && implies(conjunction, literalOf('name', pattern))
  }
  // A name that starts with a0 to a7 and with a0 to a3 starts with a0 to a3.
  expect(isImplied([8, 4], globs(4, 'a'))).toBe(true)
  expect(isImplied([8, 8], globs(8, 'a'))).toBe(true)
  expect(isImplied([4, 8], globs(4, 'a'))).toBe(true)
  expect(isImplied([9, 8], globs(8, 'a'))).toBe(true)
  expect(conjunctionsOf({ all: [{ name: globs(8, 'a') }, { name: globs(8, 'b') }] }, {})).toEqual([])
  expect(conjunctionsOf({ all: [{ name: globs(9, 'a') }, { name: globs(8, 'b') }] }, {})).toHaveLength(1)
})
