import { expect, test } from 'vitest'
import type { When } from '../schemas/config.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { someConfig } from './some-config.ts'

/** Rules of different severity that some alert matches: which, and how serious that is. */

const NOW = new Date('2026-10-14T10:00:00Z')

type Found = [level: string, rule: string, message: string, also: string, example: Record<string, string>]

test.each<[what: string, rules: [severity: string, When, object?][], Found[]]>([
  [
    'the milder first',
    [
      ['info', { metric: 'E' }],
      ['critical', { name: 'a*' }],
    ],
    [['warning', 'r0', 'info here critical by rule "r1" below', 'r1', { metric: 'E', name: 'a' }]],
  ],
  [
    'the milder first, by one',
    [
      ['warning', { metric: 'E' }],
      ['critical', { name: 'a*' }],
    ],
    [['warning', 'r0', 'warning here critical by rule "r1" below', 'r1', { metric: 'E', name: 'a' }]],
  ],
  [
    'the more severe first',
    [
      ['critical', { metric: 'E' }],
      ['warning', { name: 'a*' }],
    ],
    [['note', 'r0', 'critical here warning by rule "r1" below', 'r1', { metric: 'E', name: 'a' }]],
  ],
  [
    'the more severe first, of one field',
    [
      ['critical', { name: '*b' }],
      ['warning', { name: 'a*' }],
    ],
    [['warning', 'r0', 'critical here warning by rule "r1" below', 'r1', { name: 'ab' }]],
  ],
  [
    'the more severe first, of one field that one leaves out',
    [
      ['critical', { metric: 'E', name: { not: 'b' } }],
      ['warning', { name: 'a*' }],
    ],
    [['note', 'r0', 'critical here warning by rule "r1" below', 'r1', { metric: 'E', name: 'a' }]],
  ],
  [
    'the more severe first, of the same kinds',
    [
      ['critical', { metric: 'E', kind: 'alarm' }],
      ['warning', { name: 'a*', kind: ['alarm', 'event'] }],
    ],
    [['note', 'r0', 'critical here warning by rule "r1" below', 'r1', { metric: 'E', kind: 'alarm', name: 'a' }]],
  ],
  [
    'the same severity',
    [
      ['warning', { metric: 'E' }],
      ['warning', { name: 'a*' }],
    ],
    [],
  ],
  [
    'values that never meet',
    [
      ['info', { name: 'a*' }],
      ['critical', { name: 'b*' }],
    ],
    [],
  ],
  [
    'the exception first',
    [
      ['info', { name: 'ab' }],
      ['critical', { name: 'a*' }],
    ],
    [],
  ],
  [
    'the exception last',
    [
      ['info', { name: 'a*' }],
      ['critical', { name: 'ab' }],
    ],
    [],
  ],
  [
    'one that goes on',
    [
      ['info', { metric: 'E' }, { continue: true }],
      ['critical', { name: 'a*' }],
    ],
    [],
  ],
  [
    'one that goes on, below',
    [
      ['info', { metric: 'E' }],
      ['critical', { name: 'a*' }, { continue: true }],
    ],
    [],
  ],
  [
    'at times',
    [
      ['info', { metric: 'E' }, { active: 'office' }],
      ['critical', { name: 'a*' }],
    ],
    [],
  ],
  [
    'at times, below',
    [
      ['info', { metric: 'E' }],
      ['critical', { name: 'a*' }, { mute: 'office' }],
    ],
    [],
  ],
  [
    'a severity that the sender says',
    [
      ['{declaredSeverity}', { metric: 'E' }, { otherwise: 'info' }],
      ['critical', { name: 'a*' }],
    ],
    [],
  ],
  [
    'several below',
    [
      ['info', { metric: 'E' }],
      ['warning', { name: 'a*' }],
      ['critical', { name: 'b*' }],
      ['critical', { name: 'c*' }],
      ['info', { name: 'd*' }],
    ],
    [
      [
        'warning',
        'r0',
        'info here critical by rules "r2" and "r3" below, and warning by rule "r1" below',
        'r1,r2,r3',
        { metric: 'E', name: 'b' },
      ],
    ],
  ],
  [
    'both warnings and notes',
    [
      ['warning', { metric: 'E', name: '*z' }],
      ['info', { name: 'a*' }],
      ['info', { region: 'eu-west-1' }],
      ['critical', { source: 'x' }],
    ],
    [
      [
        'warning',
        'r0',
        'warning here critical by rule "r3" below, and info by rule "r1" below',
        'r1,r3',
        { metric: 'E', name: 'z', source: 'x' },
      ],
      ['note', 'r0', 'warning here info by rule "r2" below', 'r2', { metric: 'E', name: 'z', region: 'eu-west-1' }],
      ['warning', 'r1', 'info here critical by rule "r3" below', 'r3', { name: 'a', source: 'x' }],
    ],
  ],
  [
    'one takes what they share',
    [
      ['warning', { metric: 'E', name: 'a*' }],
      ['info', { metric: 'E' }],
      ['critical', { name: 'a*' }],
    ],
    [],
  ],
  [
    'the exception first, to one of two alternatives',
    [
      ['info', { name: 'ab' }],
      ['critical', [{ metric: 'E' }, { name: 'a*' }]],
    ],
    [],
  ],
  [
    'children, of which an alert may have several',
    [
      ['info', { children: 'x' }],
      ['critical', { children: 'y' }],
    ],
    [['warning', 'r0', 'info here critical by rule "r1" below', 'r1', { children: 'x\ny' }]],
  ],
  [
    'alternatives, one of which is the exception',
    [
      ['info', [{ name: 'ab' }, { metric: 'E' }]],
      ['critical', { name: 'a*' }],
    ],
    [['warning', 'r0', 'info here critical by rule "r1" below', 'r1', { metric: 'E', name: 'a' }]],
  ],
  [
    'alternatives that lead to a note and a warning',
    [
      ['critical', [{ metric: 'E' }, { name: '*b' }]],
      ['info', { name: 'a*' }],
    ],
    [['warning', 'r0', 'critical here info by rule "r1" below', 'r1', { name: 'ab' }]],
  ],
  [
    'lists of values of which some are the same',
    [
      ['info', { metric: ['E', 'F'], 'tags.a': 'x' }],
      ['critical', { metric: ['F', 'G'], 'tags.b': 'y' }],
    ],
    [['warning', 'r0', 'info here critical by rule "r1" below', 'r1', { metric: 'F', 'tags.a': 'x', 'tags.b': 'y' }]],
  ],
  [
    'services by name',
    [
      ['info', { name: 's1', metric: 'E' }],
      ['info', { name: 's2', metric: 'E' }],
      ['critical', { name: ['s2', 's1'], region: 'eu-west-1' }],
      ['critical', { name: 's3', region: 'eu-west-1' }],
    ],
    [
      [
        'warning',
        'r0',
        'info here critical by rule "r2" below',
        'r2',
        { name: 's1', metric: 'E', region: 'eu-west-1' },
      ],
      [
        'warning',
        'r1',
        'info here critical by rule "r2" below',
        'r2',
        { name: 's2', metric: 'E', region: 'eu-west-1' },
      ],
    ],
  ],
])('%s', (_, rules, found) => {
  const config = someConfig(rules.map(([severity, when, more]) => ({ severity, when, ...more })))
  const { findings } = findingsOf(config, { now: NOW })
  expect(
    findings
      .filter(({ code }) => code === 'overlapping-rules')
      .map(({ level = 'warning', path, message, also = [], example }) => [
        ...[level, `r${path[1]}`, message.replace('some alerts get ', '').replace('that would be ', '')],
        ...[also.map((one) => `r${one[1]}`).join(), example],
      ]),
  ).toEqual(found)
})

test('a rule with a finding that is left out on request is named in no other', () => {
  const config = someConfig([
    { severity: 'info', when: { metric: 'E' } },
    { severity: 'critical', when: { name: 'a*' } },
  ])
  const found = (leftOut: number) =>
    findingsOf(config, { now: NOW, isSuppressed: (path) => path[1] === leftOut }).findings.filter(
      ({ code }) => code === 'overlapping-rules',
    )
  expect([0, 1, 2].map((index) => found(index).length)).toEqual([0, 0, 1])
})
