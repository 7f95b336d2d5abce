import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { analyse } from '../shared/check/analysed.ts'
import { Cover } from '../shared/check/cover.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { Meetings } from '../shared/check/meeting.ts'
import { isFoundAlone } from '../shared/check/reach.ts'
import { type Conjunction, conjunctionsOf } from '../shared/conditions/conjunction.ts'
import { compileWhen } from '../shared/decide/rules.ts'
import { firing } from './alert-samples.ts'
import { someConfig } from './some-config.ts'

/** How the check stays quick with thousands of rules: which of them it compares, and how far it searches. */

const NOW = new Date('2026-10-14T10:00:00Z')

function one(when: When): Conjunction {
  const [conjunction, ...others] = conjunctionsOf(when, {}) ?? []
  if (!conjunction || others.length > 0) throw new Error('not one conjunction')
  return conjunction
}

const many = (count: number, start: string) => Array.from({ length: count }, (_, n) => `${start}${n}`)

test('a rule is compared with those below that may match the same', () => {
  const { rules } = analyse(
    someConfig(
      [
        { name: 's1', metric: 'E' },
        { name: 's2', metric: 'E' },
        { name: 's1', metric: 'F' },
        { metric: 'E' },
        { 'tags.x': '*' },
        { name: ['s1', 's2'], metric: 'E' },
        { name: 's3', metric: 'G' },
        [{ name: 's3' }, { region: 'eu-west-1' }],
      ].map((when) => ({ when })),
    ),
  )
  const meetings = new Meetings(rules)
  expect(rules.map((rule) => meetings.below(rule).map(({ index }) => index))).toEqual([
    ...[[3, 4, 5, 7], [3, 4, 5, 7], [4, 7], [4, 5, 7], [5, 6, 7], [7], [7], []],
  ])
  const [first] = rules
  expect(first && new Meetings(rules.toReversed()).below(first).map(({ index }) => index)).toEqual([3, 4, 5, 7])
})

test('rules that name what values begin with meet those whose values may begin so, too', () => {
  const names = ['a', 'b', 'aa', 'ab', 'ba', 'bb', 'aab', 'aba', 'abb', 'baa']
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'a', 'b', '*', '?'), minLength: 1, maxLength: 3 })
  const pattern = fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }), fc.record({ not: text }))
  const when = fc
    .record({ name: pattern, metric: pattern }, { requiredKeys: [] })
    .filter((one) => Object.keys(one).length > 0)
  const subjects = names.flatMap((name) => names.map((metric) => ({ alert: { ...firing.alert, name, metric } })))
  fc.assert(
    fc.property(fc.array(fc.oneof(when, fc.tuple(when, when)), { minLength: 2, maxLength: 6 }), (whens) => {
      const { rules } = analyse(someConfig(whens.map((one) => ({ when: one as When }))))
      const meetings = new Meetings(rules)
      const matched = rules.map(({ matches }) => new Set(subjects.filter((subject) => matches(subject))))
      for (const [n, rule] of rules.entries()) {
        const below = meetings.below(rule).map(({ index }) => index)
        const both = matched.flatMap((other, index) => (index > n && !matched[n]?.isDisjointFrom(other) ? index : []))
        expect(below).toEqual(expect.arrayContaining(both))
      }
    }),
  )
})

describe('what earlier rules match', () => {
  const entries: When[] = [
    { name: ['a', 'b'], metric: 'm' },
    { metric: 'm', kind: 'alarm' },
    { status: 'firing' },
    { name: 'x*' },
    { name: 'a', region: 'r' },
    [{ name: 'c' }, { name: 'a' }],
    { metric: { not: 'm' } },
    { children: 'a' },
  ]
  const cover = new Cover()
  // Any order will do.
  for (const [rule, when] of [...entries.entries()].reverse()) cover.add(rule, conjunctionsOf(when, {}) ?? [])

  test.each<[When, number[], number[] | undefined]>([
    [{ name: 'a' }, [0, 2, 3, 4, 5, 6, 7], [5]],
    [{ name: 'c' }, [2, 3, 5, 6, 7], [5]],
    [{ name: { not: 'a' } }, [2, 3, 6, 7], undefined],
    [{ metric: 'm', name: ['a', 'z'] }, [0, 1, 2, 3, 4, 5, 6, 7], undefined],
    [{ region: 'r' }, [2, 3, 6, 7], undefined],
    [{ children: 'a' }, [2, 3, 6, 7], [7]],
    [{ metric: 'm', kind: 'alarm' }, [1, 2, 3, 6, 7], [1]],
    [{ name: 'b' }, [0, 2, 3, 6, 7], [0, 6]],
    [{}, [2, 3, 6, 7], undefined],
  ])('is looked for where %j may be', (when, candidates, rules) => {
    expect(cover.candidates(one(when)).map(({ rule }) => rule)).toEqual(candidates)
    const found = cover.of(one(when))
    expect(found && [...found].sort()).toEqual(rules)
  })

  test.each<[When[], When, number[] | undefined]>([
    [
      [
        { name: 'a', metric: 'b' },
        { name: 'a', metric: { not: 'b' } },
      ],
      { name: 'a' },
      [0, 1],
    ],
    [
      [
        { name: 'a', metric: 'b' },
        { name: 'a', metric: { not: 'c' } },
      ],
      { name: 'a' },
      undefined,
    ],
    [[{ name: 'a', metric: 'b' }, { name: { not: 'a' } }, { metric: { not: 'b' } }], {}, [0, 1, 2]],
    [
      [
        { name: 'a', metric: 'b', region: 'c' },
        { name: { not: 'a' } },
        { metric: { not: 'b' } },
        { region: { not: 'c' } },
      ],
      {},
      [0, 1, 2, 3],
    ],
    [[{ name: 'a', metric: 'b', region: 'c' }, { name: { not: 'a' } }, { metric: { not: 'b' } }], {}, undefined],
    [
      [
        { name: 'a', metric: 'x' },
        { name: { not: 'a' }, metric: 'x' },
      ],
      { region: 'c' },
      undefined,
    ],
    [[{ name: 'z' }, { name: 'a' }], { name: ['a', 'z'] }, [0, 1]],
    [[{ name: 'a' }, { name: 'a' }], { name: 'a' }, [0]],
    [[], { name: 'a' }, undefined],
    [
      [
        { name: 'b*' },
        { name: 'c*' },
        { name: 'd*' },
        { name: 'a*', metric: 'm' },
        { name: 'a*', metric: { not: 'm' } },
      ],
      { name: 'ab' },
      [3, 4],
    ],
  ])('of %j together cover %j', (whens, when, rules) => {
    const some = new Cover()
    for (const [rule, each] of whens.entries()) some.add(rule, conjunctionsOf(each, {}) ?? [])
    const found = some.of(one(when))
    expect(found && [...found].sort()).toEqual(rules)
  })

  test('is found in one of many that may match the same', () => {
    const some = new Cover()
    for (const [rule, name] of many(201, 'a').entries()) some.add(rule, [one({ name: `${name}*` })])
    expect(some.of(one({ name: 'a7x' }))).toEqual(new Set([7]))
  })

  test('is given up when time is up', () => {
    let left = 2
    const some = new Cover(() => left-- > 0)
    for (const [rule, name] of many(5, 'a').entries()) some.add(rule, [one({ name, metric: 'x' })])
    expect(some.of(one({ name: 'a4', metric: 'x', region: 'r' }))).toEqual(new Set([4]))
    left = 0
    expect(some.of(one({ name: 'a4', metric: 'x' }))).toBeUndefined()
    left = 1
    expect(some.of(one({ name: 'a4', metric: 'x' }))).toBeUndefined()
  })

  test('is not split into more cases than there is time for', () => {
    const halves = (count: number) => {
      const some = new Cover()
      // Of each tag, both halves, each with one more line, so that no proof is short.
      for (const [rule, label] of many(count, 't').entries()) {
        some.add(rule, [one({ [`tags.${label}`]: 'x', name: `n${rule}` })])
      }
      some.add(count, [one({ name: { not: many(count, 'n') } })])
      return some.of(one({ region: 'r' }))
    }
    expect(halves(2)).toBeUndefined()
    expect(halves(100)).toBeUndefined()
  })
})

describe('an alert that reaches a rule is looked for around those above', () => {
  const names = [...many(14, 'a'), 'z']
  test.each<[string, When[], object | undefined]>([
    ['by what they match', [{ name: 'a*' }, { name: names }], { name: 'z' }],
    ['by what they leave out', [{ name: { not: 'z' } }, { name: names }], { name: 'z' }],
    ['by one of several conditions', [[{ metric: 'x' }, { name: 'a*' }], { name: names }], { name: 'z' }],
    [
      'by the line that is not the same',
      [
        { metric: 'm', name: 'a*' },
        { metric: 'm', name: names },
      ],
      { metric: 'm', name: 'z' },
    ],
    [
      'by any of the lines',
      [
        { kind: 'metric-alarm', name: 'a*' },
        { name: many(14, 'a'), kind: '*' },
      ],
      { name: 'a0', kind: 'math-alarm' },
    ],
    [
      'of several rules',
      [{ name: 'a*' }, { metric: 'm*' }, { name: names, metric: [...many(14, 'm'), 'q'] }],
      { name: 'z', metric: 'q' },
    ],
    ['by another child', [{ children: 'a*' }, { children: names }], { children: 'z' }],
    ['not at all where they take everything', [{ name: '/^[a-z]\\d*$/' }, { name: '/^[a-z]\\d+$/' }], undefined],
    [
      'not further than so far',
      [...many(50, 'b').map((metric) => ({ metric })), { metric: [...many(50, 'b'), 'z'] }],
      { metric: 'z' },
    ],
  ])('%s', (_, whens, example) => {
    const { rules } = findingsOf(someConfig(whens.map((when) => ({ when }))), { now: NOW })
    expect(rules.at(-1)?.example).toEqual(example)
  })
})

test.each<[When, When[], boolean]>([
  [{ name: 'a' }, [], true],
  [{ name: 'a' }, [{ name: 'a' }], false],
  [{ name: ['a', 'b'] }, [{ name: 'a' }], true],
  [{ name: ['a', 'b'] }, [{ name: 'a' }, { name: 'b' }], false],
  [[{ name: 'a' }, { name: 'b' }], [{ name: 'a' }], true],
  [{ name: many(14, 'a') }, [{ name: many(12, 'a') }], false],
  [{ name: many(14, 'a') }, [{ name: many(11, 'a') }], true],
])('an alert that %j matches, and none of %j', (when, others, isFound) => {
  const compiled = (each: When) => ({ conjunctions: conjunctionsOf(each, {}), matches: compileWhen(each, {}) })
  expect(isFoundAlone(compiled(when), others.map(compiled))).toBe(isFound)
  expect(isFoundAlone({ conjunctions: undefined, matches: () => true }, [])).toBe(false)
})
