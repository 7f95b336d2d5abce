import { expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { checked, someConfig } from './some-config.ts'

/** Which conditions of a rule an alert can reach, or that others in their list have already. */

const NOW = new Date('2026-10-14T10:00:00Z')

test.each<[what: string, rules: [When, object?][], said: string[]]>([
  [
    'a branch that an earlier rule takes',
    [[{ 'tags.team': 'orders' }], [[{ 'tags.team': 'orders', metric: 'E' }, { metric: 'E' }]]],
    ['r0 reachable {"tags.team":"orders"}', 'r1 reachable {"metric":"E"}', 'dead-branch rules.1.when.0 < rules.0.name'],
  ],
  [
    'a branch inside any',
    [[{ name: 'a' }], [{ region: 'eu-west-1', any: [{ name: 'a' }, { name: 'b' }] }]],
    [
      'r0 reachable {"name":"a"}',
      'r1 reachable {"region":"eu-west-1","name":"b"}',
      'dead-branch rules.1.when.any.0 < rules.0.name',
    ],
  ],
  [
    'a branch inside any inside any',
    [[{ name: 'a' }], [{ any: [{ name: 'z' }, { region: 'eu-west-1', any: [{ name: 'a' }, { name: 'b' }] }] }]],
    ['r0 reachable {"name":"a"}', 'r1 reachable {"name":"z"}', 'dead-branch rules.1.when.any.1.any.0 < rules.0.name'],
  ],
  [
    'a branch inside any inside all',
    [[{ name: 'a' }], [{ all: [{ region: 'eu-west-1' }, { any: [{ name: 'a' }, { name: 'b' }] }] }]],
    [
      'r0 reachable {"name":"a"}',
      'r1 reachable {"region":"eu-west-1","name":"b"}',
      'dead-branch rules.1.when.all.1.any.0 < rules.0.name',
    ],
  ],
  [
    'a branch inside a list inside any',
    [[{ name: 'a' }], [[{ metric: 'm' }, { any: [{ name: 'a' }, { name: 'b' }] }]]],
    ['r0 reachable {"name":"a"}', 'r1 reachable {"metric":"m"}', 'dead-branch rules.1.when.1.any.0 < rules.0.name'],
  ],
  [
    'a branch that contradicts its rule',
    [[{ metric: 'm', any: [{ metric: 'n' }, { name: 'b' }] }]],
    ['r0 reachable {"metric":"m","name":"b"}', 'dead-branch rules.0.when.any.0'],
  ],
  [
    'a branch in a branch that is dead already',
    [[{ name: 'a' }], [[{ name: 'a', any: [{ metric: 'm' }, { metric: 'n' }] }, { name: 'b' }]]],
    ['r0 reachable {"name":"a"}', 'r1 reachable {"name":"b"}', 'dead-branch rules.1.when.0 < rules.0.name'],
  ],
  [
    'branches in a branch that contradicts itself',
    [[[{ name: 'a', all: [{ name: 'b' }], any: [{ metric: 'm' }, { metric: 'n' }] }, { name: 'c' }]]],
    ['r0 reachable {"name":"c"}', 'dead-branch rules.0.when.0'],
  ],
  [
    'a branch that another has',
    [[[{ name: 'a*' }, { name: 'ab' }]]],
    ['r0 reachable {"name":"a"}', 'redundant-branch rules.0.when.1 < rules.0.when.0'],
  ],
  [
    'a branch that two others have',
    [
      [
        [
          { name: 'a', metric: 'm' },
          { name: 'a', metric: { not: 'm' } },
          { name: 'a', region: 'eu-west-1' },
        ],
      ],
    ],
    ['r0 reachable {"name":"a","metric":"m"}', 'redundant-branch rules.0.when.2 < rules.0.when.0, rules.0.when.1'],
  ],
  [
    'two equal branches',
    [[[{ name: 'a' }, { name: 'a' }, { name: 'b' }]]],
    ['r0 reachable {"name":"a"}', 'redundant-branch rules.0.when.1 < rules.0.when.0'],
  ],
  [
    'three equal branches',
    [[{ any: [{ name: 'a' }, { name: 'a' }, { name: 'a' }] }]],
    [
      'r0 reachable {"name":"a"}',
      'redundant-branch rules.0.when.any.2 < rules.0.when.any.0',
      'redundant-branch rules.0.when.any.1 < rules.0.when.any.0',
    ],
  ],
  ['branches that only overlap', [[[{ name: 'a*' }, { name: '*b' }]]], ['r0 reachable {"name":"a"}']],
  [
    'a single alternative',
    [[[{ name: 'a' }]], [{ any: [{ name: 'b' }] }]],
    ['r0 reachable {"name":"a"}', 'r1 reachable {"name":"b"}'],
  ],
  [
    'a dead branch of a rule that is partly at other times',
    [[{ name: 'a' }, { active: 'office' }], [[{ name: 'a' }, { name: 'b' }]]],
    ['r0 reachable {"name":"a"}', 'r1 reachable {"name":"b"}'],
  ],
])('%s', (_, rules, said) => {
  expect(checked(rules, NOW)).toEqual(said)
})

test.each<[string, When, string[]]>([
  [
    'another',
    [{ name: 'a*' }, { name: 'ab' }],
    ['this condition is redundant: another in the same list matches every alert that it matches'],
  ],
  [
    'others',
    [
      { name: 'a', metric: 'm' },
      { name: 'a', metric: { not: 'm' } },
      { name: 'a', region: 'eu-west-1' },
    ],
    ['this condition is redundant: others in the same list match every alert that it matches'],
  ],
])('what is redundant for %s says so', (_, when, messages) => {
  const { findings } = findingsOf(someConfig([{ when }]), { now: NOW })
  expect(findings.flatMap(({ code, message }) => (code === 'redundant-branch' ? [message] : []))).toEqual(messages)
})
