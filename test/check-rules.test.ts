import { expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { checked } from './some-config.ts'

/** Which rules an alert can reach, for each with such an alert or what takes all of them. */

const NOW = new Date('2026-10-14T10:00:00Z')

test.each<[what: string, rules: [When, object?][], said: string[]]>([
  [
    'the same value',
    [[{ metric: 'Errors' }], [{ metric: 'Errors', region: 'eu-west-1' }]],
    ['r0 reachable {"metric":"Errors"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'lists that have them together',
    [[{ metric: ['a', 'b'] }], [{ metric: ['c', 'd'] }], [{ metric: ['a', 'c'] }]],
    [
      'r0 reachable {"metric":"a"}',
      'r1 reachable {"metric":"c"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'what one leaves over',
    [[{ name: 'a*' }], [{ name: { not: 'a*' } }], [{ metric: 'Errors' }]],
    [
      'r0 reachable {"name":"a"}',
      'r1 reachable {"name":"x"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'numbers that meet',
    [[{ 'tags.n': '< 5' }], [{ 'tags.n': '>= 5' }], [{ 'tags.n': '> 1' }]],
    [
      'r0 reachable {"tags.n":"4"}',
      'r1 reachable {"tags.n":"5"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'each kind alone',
    [[{ kind: '*alarm' }], [{ kind: { not: '*alarm' } }], [{ region: 'us-east-1' }]],
    [
      'r0 reachable {"kind":"metric-alarm"}',
      'r1 reachable {"kind":"alarm-configuration"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'each kind in a list',
    [
      [{ kind: ['metric-alarm', 'math-alarm'] }],
      [{ kind: { not: ['metric-alarm', 'math-alarm'] } }],
      [{ region: 'us-east-1' }],
    ],
    [
      'r0 reachable {"kind":"metric-alarm"}',
      'r1 reachable {"kind":"insights-alarm"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'each status',
    [[{ status: 'firing' }], [{ status: ['resolved', 'insufficient-data'] }], [{ region: 'us-east-1' }]],
    [
      'r0 reachable {"status":"firing"}',
      'r1 reachable {"status":"resolved"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'what is not excluded',
    [[{ not: { name: 'a', metric: 'b' } }], [{ name: 'a', metric: 'c' }]],
    ['r0 reachable {"name":"x"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'nested alternatives',
    [[[{ name: 'a' }, { all: [{ any: [{ name: 'b' }, { name: 'c' }] }] }]], [{ name: ['a', 'b', 'c'] }]],
    ['r0 reachable {"name":"a"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'a rule that goes on takes nothing',
    [[{ metric: 'Errors' }, { continue: true }], [{ metric: 'Errors' }]],
    ['r0 reachable {"metric":"Errors"}', 'r1 reachable {"metric":"Errors"}'],
  ],
  ['what contradicts itself', [[{ name: 'a', all: [{ name: 'b' }] }]], ['r0 dead', 'contradictory-rule rules.0.name']],
  [
    'four lines, of three',
    [[{ name: 'a', metric: 'b', region: 'eu-west-1', source: 'd' }], [{ name: 'a' }]],
    ['r0 reachable {"name":"a","metric":"b","region":"eu-west-1","source":"d"}', 'r1 reachable {"name":"a"}'],
  ],
  [
    'two fields that split',
    [[{ name: 'a' }], [{ metric: 'b' }], [{ name: { not: 'a' }, metric: { not: 'b' } }], [{ region: 'eu-west-1' }]],
    [
      'r0 reachable {"name":"a"}',
      'r1 reachable {"metric":"b"}',
      'r2 reachable {"name":"x"}',
      'r3 dead',
      'shadowed-rule rules.3.name < rules.0.name, rules.1.name, rules.2.name',
    ],
  ],
  [
    'three fields that split',
    [
      [{ name: 'a', metric: 'b' }],
      [{ name: 'a', metric: { not: 'b' } }],
      [{ name: { not: 'a' }, region: 'eu-west-1' }],
      [{ region: 'eu-west-1' }],
    ],
    [
      'r0 reachable {"name":"a","metric":"b"}',
      'r1 reachable {"name":"a"}',
      'r2 reachable {"name":"x","region":"eu-west-1"}',
      'r3 dead',
      'shadowed-rule rules.3.name < rules.0.name, rules.1.name, rules.2.name',
    ],
  ],
  [
    'only undecided',
    [[{ name: '/^(a|b)+$/' }], [{ name: '/^[ab]+$/', metric: 'x' }]],
    ['r0 reachable {"name":"a"}', 'r1 not decided'],
  ],
  [
    'one that an example reaches around an earlier one',
    [[{ name: 'x*' }], [{ metric: 'Errors' }], [{ name: ['x1', 'y'] }]],
    ['r0 reachable {"name":"x"}', 'r1 reachable {"metric":"Errors"}', 'r2 reachable {"name":"y"}'],
  ],
  [
    'an example around two earlier ones',
    [[{ metric: ['x', 'something-else'] }], [{ metric: '1' }], [{ name: 'a' }], [{ name: 'a', region: 'eu-west-1' }]],
    [
      'r0 reachable {"metric":"x"}',
      'r1 reachable {"metric":"1"}',
      'r2 reachable {"name":"a"}',
      'r3 dead',
      'shadowed-rule rules.3.name < rules.2.name',
    ],
  ],
  [
    'an example in a part that two others leave',
    [[{ name: 'a', 'tags.x': '*' }], [{ name: 'a', region: '*' }], [{ name: 'a' }]],
    ['r0 reachable {"name":"a","tags.x":"x"}', 'r1 reachable {"name":"a","region":"x"}', 'r2 reachable {"name":"a"}'],
  ],
  [
    'what no alert was found for, after a rule that goes on',
    [[{ name: '/[^x1 -]/' }, { continue: true }], [{ name: '/[^x1 -]/' }]],
    ['r0 not decided', 'r1 not decided'],
  ],
  [
    'at all times, and muted at some',
    [[{ metric: 'E' }], [{ metric: 'E' }, { mute: 'office' }]],
    ['r0 reachable {"metric":"E"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'in one window, by its name and in a list',
    [
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { active: ['office'] }],
    ],
    ['r0 reachable {"metric":"E"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'in a window and outside it, by a glob',
    [[{ name: 'a*' }, { active: 'office' }], [{ name: 'a*' }, { mute: 'office' }], [{ name: 'ab' }]],
    [
      'r0 reachable {"name":"a"}',
      'r1 reachable {"name":"a"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'what earlier rules leave of one status',
    [[{ kind: 'metric-alarm', status: 'firing' }], [{ kind: { not: 'metric-alarm' } }], [{ region: 'eu-west-1' }]],
    [
      'r0 reachable {"kind":"metric-alarm","status":"firing"}',
      'r1 reachable {"kind":"math-alarm"}',
      'r2 reachable {"region":"eu-west-1","status":"resolved"}',
    ],
  ],
  [
    'what no alert was found for, and is never active',
    [[{ name: '/[^x1 -]/' }, { active: 'office', mute: 'office' }]],
    ['r0 not decided', 'never-active rules.0.active'],
  ],
  [
    'conditions that no alert was found for, and are never active',
    [[[{ name: '/[^x1 -]/' }, { name: 'x' }], { active: 'office', mute: 'office' }]],
    ['r0 reachable {"name":"x"}', 'never-active rules.0.active'],
  ],
  [
    'one within a window, one outside of it',
    [
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { mute: 'office' }],
      [{ metric: 'E', region: 'eu-west-1' }],
    ],
    [
      'r0 reachable {"metric":"E"}',
      'r1 reachable {"metric":"E"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'one within two windows, one outside of them',
    [
      [{ metric: 'E' }, { active: ['office', 'nights'] }],
      [{ metric: 'E' }, { mute: ['nights', 'office'] }],
      [{ metric: 'E', region: 'eu-west-1' }],
    ],
    [
      'r0 reachable {"metric":"E"}',
      'r1 reachable {"metric":"E"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'within, and outside of two',
    [
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { mute: ['office', 'nights'] }],
      [{ metric: 'E', region: 'eu-west-1' }],
    ],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"E"}', 'r2 reachable {"metric":"E","region":"eu-west-1"}'],
  ],
  [
    'windows without a name',
    [
      [{ metric: 'E' }, { active: { from: '08:00', to: '18:00' } }],
      [{ metric: 'E' }, { mute: { from: '08:00', to: '18:00' } }],
      [{ metric: 'E' }],
    ],
    [
      'r0 reachable {"metric":"E"}',
      'r1 reachable {"metric":"E"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name, rules.1.name',
    ],
  ],
  [
    'other windows without a name',
    [
      [{ metric: 'E' }, { active: { from: '08:00', to: '18:00' } }],
      [{ metric: 'E' }, { mute: { from: '08:00', to: '19:00' } }],
      [{ metric: 'E' }],
    ],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"E"}', 'r2 reachable {"metric":"E"}'],
  ],
  [
    'one in a window after one that is always',
    [[{ metric: 'E' }], [{ metric: 'E' }, { active: 'office' }]],
    ['r0 reachable {"metric":"E"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'one that is always after one in a window',
    [[{ metric: 'E' }, { active: 'office' }], [{ metric: 'E' }]],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"E"}'],
  ],
  [
    'one in a window after one in the same',
    [
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { active: 'office' }],
    ],
    ['r0 reachable {"metric":"E"}', 'r1 dead', 'shadowed-rule rules.1.name < rules.0.name'],
  ],
  [
    'one in a window after one in another',
    [
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { active: 'nights' }],
    ],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"E"}'],
  ],
  [
    'one in a window but muted in a part',
    [
      [{ metric: 'E' }, { active: 'office', mute: 'nights' }],
      [{ metric: 'E' }, { active: 'office' }],
      [{ metric: 'E' }, { active: 'office', mute: 'nights' }],
    ],
    [
      'r0 reachable {"metric":"E"}',
      'r1 reachable {"metric":"E"}',
      'r2 dead',
      'shadowed-rule rules.2.name < rules.0.name',
    ],
  ],
  [
    'one that is never active',
    [[{ metric: 'E' }, { active: 'office', mute: 'office' }], [{ metric: 'E' }]],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"E"}', 'never-active rules.0.active'],
  ],
  [
    'a rule between two with times',
    [[{ metric: 'E' }, { active: 'office' }], [{ metric: 'F' }], [{ metric: ['E', 'F'] }, { active: 'nights' }]],
    ['r0 reachable {"metric":"E"}', 'r1 reachable {"metric":"F"}', 'r2 reachable {"metric":"E"}'],
  ],
])('%s', (_, rules, said) => {
  expect(checked(rules, NOW)).toEqual(said)
})
