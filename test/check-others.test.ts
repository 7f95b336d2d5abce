import { expect, test } from 'vitest'
import { findingsOf } from '../shared/check/findings.ts'
import { ConfigError } from '../shared/config/check.ts'
import { someConfig } from './some-config.ts'

/** What the check says of inhibitions and counts. */

const NOW = new Date('2026-10-14T10:00:00Z')

const codesOf = (more: object, rules: object[] = []) =>
  findingsOf(someConfig(rules, more), { now: NOW })
    .findings.filter(({ code }) => /inhibit|count/.test(code))
    .map(({ code, path, also = [] }) => [code, path.join('.'), ...also.map((one) => one.join('.'))].join(' '))

const mute = (name: string, when: unknown, mutes: unknown, more = {}) => ({ name, when, mutes, ...more })

test.each<[string, object[], object[], string[]]>([
  ['two that are apart', [mute('a', { name: '*-down' }, { name: '*-latency' })], [], []],
  [
    'one that mutes what it mutes by',
    [mute('a', { 'tags.tier': 'db' }, { 'tags.env': 'prod' })],
    [],
    ['inhibits-its-source inhibit.0.mutes'],
  ],
  ['one that leaves that out', [mute('a', { name: '*-down' }, { name: '*', not: { name: '*-down' } })], [], []],
  [
    'two that mute each other',
    [mute('a', { name: 'a-*' }, { name: 'b-*' }), mute('b', { name: 'b-*' }, { name: 'a-*' })],
    [],
    ['inhibits-in-a-circle inhibit.0 inhibit.1'],
  ],
  [
    'three in a circle, and one beside it',
    [
      mute('x', { name: 'x-*' }, { name: 'a-*' }),
      mute('a', { name: 'a-*' }, { name: 'b-*' }),
      mute('b', { name: 'b-*' }, { name: 'c-*' }),
      mute('c', { name: 'c-*' }, { name: 'a-*' }),
    ],
    [],
    ['inhibits-in-a-circle inhibit.1 inhibit.2 inhibit.3'],
  ],
  ['a row', [mute('a', { name: 'a-*' }, { name: 'b-*' }), mute('b', { name: 'b-*' }, { name: 'c-*' })], [], []],
  ['composites', [{ name: 'a', when: { kind: 'composite-alarm' }, children: true }], [], []],
  [
    'a critical alert by one for information',
    [mute('a', { name: 'note-*' }, { name: 'api-*' })],
    [
      { when: { name: 'note-*' }, severity: 'info' },
      { when: { name: 'api-*', 'tags.tier': 'gold' }, severity: 'critical' },
    ],
    ['critical-inhibited-by-info inhibit.0'],
  ],
  [
    'a critical alert by one that nobody is notified of',
    [mute('a', { name: 'note-*' }, { name: 'api-*' })],
    [
      { when: { name: 'note-*' }, severity: 'critical', notify: { nobody: 'only for this' } },
      { when: { name: 'api-*' }, severity: 'critical' },
    ],
    ['critical-inhibited-by-info inhibit.0'],
  ],
  [
    'a critical alert by one that may be critical',
    [mute('a', { name: 'note-*' }, { name: 'api-*' })],
    [
      { when: { name: 'note-*', 'tags.tier': 'gold' }, severity: 'critical' },
      { when: { name: 'note-*' }, severity: 'info' },
      { when: { name: 'api-*' }, severity: 'critical' },
    ],
    [],
  ],
])('inhibitions: %s', (_, inhibit, rules, expected) => {
  expect(codesOf({ inhibit }, rules)).toEqual(expected)
})

test.each<[string, object, object, string[]]>([
  ['of a warning', {}, { count: { atLeast: 3, within: '10m' } }, []],
  [
    'of what is critical',
    {},
    { severity: 'critical', count: { atLeast: 3, within: '10m' } },
    ['counts-critical rules.0.count'],
  ],
  ['that a rule switches off', {}, { severity: 'critical', count: 'none' }, []],
])('a count %s', (_, more, rule, expected) => {
  expect(codesOf(more, [{ when: { name: 'a' }, ...rule }])).toEqual(expected)
})

const problemsOf = (more: object, rules: object[] = []): string[] => {
  try {
    someConfig(rules, more)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
}

test.each<[string, object, object, RegExp]>([
  [
    'one that mutes nothing',
    { inhibit: [{ name: 'a', when: { name: 'b' } }] },
    {},
    /^inhibit\.0: mutes nothing: say what/,
  ],
  [
    'two of one name',
    { inhibit: [mute('a', { name: 'a' }, { name: 'b' }), mute('a', { name: 'c' }, { name: 'd' })] },
    {},
    /^inhibit\.1\.name: "a" is also the name of another inhibition/,
  ],
  [
    'an unknown field',
    { inhibit: [mute('a', { nmae: 'a' }, { name: 'b' })] },
    {},
    /^inhibit\.0\.when\.nmae: unknown field "nmae"\. Did you mean "name"/,
  ],
  [
    'an unknown field in equal',
    { inhibit: [mute('a', { name: 'a' }, { name: 'b' }, { equal: ['regoin'] })] },
    {},
    /^inhibit\.0\.equal\.0: unknown field "regoin"/,
  ],
  [
    'a value, which no rule has set by then',
    { inhibit: [mute('a', { 'values.team': 'a' }, { name: 'b' })] },
    {},
    /^inhibit\.0\.when\.values\.team: values are set by rules/,
  ],
  [
    'how long it fires, which nobody knows by then',
    { inhibit: [mute('a', { firingFor: '> 10m' }, { name: 'b' })] },
    {},
    /^inhibit\.0\.when\.firingFor: an alert mutes/,
  ],
  ['a count of one', {}, { count: { atLeast: 1, within: '10m' } }, /^rules\.0\.count\.atLeast: /],
  [
    'a count of days',
    {},
    { count: { atLeast: 3, within: '2d' } },
    /^rules\.0\.count\.within: found 2d\. Allowed: at most 24h/,
  ],
  [
    'a count by a field that there is not',
    {},
    { count: { atLeast: 3, within: '1h', by: ['tags'] } },
    /^rules\.0\.count\.by\.0: "tags" needs a label/,
  ],
])('refuses %s', (_, more, rule, expected) => {
  const [first = '', ...others] = problemsOf(more, [{ when: { name: 'x' }, ...rule }])
  expect(first).toMatch(expected)
  expect(others).toEqual([])
})

test('a team mutes its own alerts alone', async () => {
  const { mergeFiles } = await import('../shared/config/merge.ts')
  const { data } = mergeFiles([
    { path: 'alerts.yml', data: { rules: [], inhibit: [mute('all', { name: 'a' }, { name: 'b' })] } },
    {
      path: 'shop.yml',
      data: {
        scope: { 'tags.team': 'shop' },
        rules: [],
        inhibit: [
          mute('own', { name: 'c' }, { name: 'd' }),
          { name: 'composites', when: { kind: 'composite-alarm' }, children: true },
        ],
      },
    },
  ])
  const { inhibit } = data as { inhibit: { name: string; mutes: unknown }[] }
  expect(inhibit.map(({ name, mutes }) => [name, mutes])).toEqual([
    ['own', { all: [{ 'tags.team': 'shop' }, { name: 'd' }] }],
    ['composites', { 'tags.team': 'shop' }],
    ['all', { name: 'b' }],
  ])
})
