import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { named } from '../shared/check/finding.ts'
import { errorsIn, findingsOf } from '../shared/check/findings.ts'
import { type HasTime, timeFor } from '../shared/check/time.ts'
import { firing } from './alert-samples.ts'
import { someConfig } from './some-config.ts'

/** Rules against recorded alerts, what there was no time for, and what is left out on request. */

const NOW = new Date('2026-10-14T10:00:00Z')

describe('recorded alerts', () => {
  const alert = (more: Partial<Alert>): Alert => ({ ...firing.alert, ...more })
  const said = (when: object, ...alerts: Alert[]) =>
    findingsOf(someConfig([{ when }], JSON.stringify(when).includes('$') ? { sets: { some: ['a', 'b'] } } : {}), {
      now: NOW,
      alerts,
    })
      .findings.filter(({ code }) => code === 'never-recorded')
      .map(({ path, message, fix }) => [path.join('.'), message, fix])
  const [a, b] = [alert({ name: 'a', metric: 'Errors', tags: {} }), alert({ name: 'b', metric: 'Faults', tags: {} })]

  test.each<[object, string[][]]>([
    [{ name: 'a' }, []],
    [
      { name: ['a', 'c'] },
      [['rules.0.when.name', '"c" matches no name of 2 recorded alerts', 'Did you mean "a"? They have "a" and "b"']],
    ],
    [
      { metric: ['Error', 'Fault'], name: '$some' },
      [
        [
          'rules.0.when.metric',
          '"Error" and "Fault" match no metric of 2 recorded alerts',
          'Did you mean "Errors"? They have "Errors" and "Faults"',
        ],
      ],
    ],
    [
      { 'tags.team': 'x' },
      [['rules.0.when.tags.team', '"x" matches no tags.team of 2 recorded alerts', 'None of them has a tags.team']],
    ],
    [{ name: { not: 'c' } }, []],
    [{ name: 'a', not: { metric: 'c' } }, []],
    [
      { name: 'a', any: [{ metric: 'c' }, { metric: 'Errors' }] },
      [['rules.0.when.any.0.metric', '"c" matches no metric of 2 recorded alerts', 'They have "Errors" and "Faults"']],
    ],
    [
      { name: 'a', firingFor: '> 10m' },
      [
        [
          'rules.0.name',
          'this rule matches none of 2 recorded alerts, although each of its patterns matches some of them',
          'Check whether its lines belong together',
        ],
      ],
    ],
    [
      { name: 'a', metric: 'Faults' },
      [
        [
          'rules.0.name',
          'this rule matches none of 2 recorded alerts, although each of its patterns matches some of them',
          'Check whether its lines belong together',
        ],
      ],
    ],
  ])('held against %j', (when, lines) => {
    expect(said(when, a, b)).toEqual(lines)
  })

  test('of which there is one, or none', () => {
    expect(said({ name: 'c' }, a)).toEqual([
      ['rules.0.when.name', '"c" matches no name of 1 recorded alert', 'Did you mean "a"? They have "a"'],
    ])
    expect(said({ name: 'c' })).toEqual([])
  })
})

describe('what is not analysed', () => {
  const steps = (count: number): HasTime => {
    let left = count
    return () => left-- > 0
  }
  const rules = [{ when: { name: 'a' } }, { when: { name: 'a', metric: 'x' } }, { when: { name: 'b' } }]

  test('errors are found without the rest, for as long as there is time', () => {
    const config = someConfig([...rules, { when: { name: 'c' }, active: 'office', mute: 'office' }])
    const whole = errorsIn(config, { now: NOW, hasTime: () => true })
    expect(whole.errors.map(({ code, path }) => [code, path.join('.')])).toEqual([
      ['never-active', 'rules.3.active'],
      ['shadowed-rule', 'rules.1.name'],
    ])
    expect(whole.timeWasUp).toEqual([])
    expect(errorsIn(config, { now: NOW, hasTime: () => false }).timeWasUp).toEqual([
      'whether an alert reaches each rule: time was up at rule "r0", with 4 rules left',
    ])
  })

  test('each check says where its time was up', () => {
    const config = someConfig(rules)
    const texts = (count: number) =>
      findingsOf(config, { now: NOW, alerts: [firing.alert], startTime: () => steps(count) }).timeWasUp
    expect(texts(0)).toEqual(
      [
        ...['whether an alert reaches each rule', 'which rules overlap'],
        ...['which rules are for non-production', 'which rules match recorded events'],
      ].map((what) => `${what}: time was up at rule "r0", with 3 rules left`),
    )
    expect(texts(2).at(-1)).toBe('which rules match recorded events: time was up at rule "r2", with 1 rule left')
    expect(texts(3).at(-1)).not.toMatch(/^which rules match/)
    expect(texts(1_000)).toEqual([])
  })

  test('verdicts that were found in time are kept', () => {
    const config = someConfig(rules)
    for (let count = 0; count < 40; count++) {
      const { rules: verdicts, timeWasUp } = findingsOf(config, { now: NOW, startTime: () => steps(count) })
      const known = verdicts.map(({ verdict }) => verdict)
      const left = known.filter((verdict) => verdict === 'not analysed').length
      const whole = ['reachable', 'dead', 'reachable']
      for (const [at, verdict] of known.entries()) expect([whole[at], 'not analysed']).toContain(verdict)
      expect(timeWasUp.some((text) => text.startsWith('whether'))).toBe(left > 0)
      if (count === 0) expect(verdicts).toEqual(['r0', 'r1', 'r2'].map((rule) => ({ rule, verdict: 'not analysed' })))
    }
  })

  test('a verdict is kept though time is up right after it', () => {
    const { rules: verdicts } = findingsOf(someConfig([{ when: { name: 'a' } }]), {
      now: NOW,
      startTime: () => steps(2),
    })
    expect(verdicts).toEqual([{ rule: 'r0', verdict: 'reachable', example: { name: 'a' } }])
  })

  test('a rule with too many combinations is named, with its conditions', () => {
    const any = (n: number) => ({ any: ['x', 'y', 'z'].map((v) => ({ [`tags.${v}${n}`]: v })) })
    const all = [1, 2, 3, 4, 5, 6].map(any)
    const config = someConfig([{ when: { all } }, { when: [{ all }, { name: 'b' }] }, { when: { name: 'c' } }])
    const { findings, tooComplex, rules: verdicts } = findingsOf(config, { now: NOW })
    expect(tooComplex).toEqual(['r0', 'r1'])
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['not decided', 'not decided', 'reachable'])
    expect(findings.filter(({ path }) => path[0] === 'rules')).toEqual([])
  })

  test('nothing is claimed beside a rule with too many combinations, or a nonProduction with them', () => {
    const any = (n: number) => ({ any: ['x', 'y', 'z'].map((v) => ({ [`tags.${v}${n}`]: v })) })
    const all = [1, 2, 3, 4, 5, 6].map(any)
    const taken = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`tags.x${n}`, 'x']))
    const config = someConfig(
      [
        { when: { name: 'z' }, active: 'office' },
        { when: { all }, severity: 'critical' },
        { when: { metric: 'E*' }, severity: 'info' },
        { when: taken },
      ],
      {
        channels: {
          pager: { type: 'pagerduty', secret: 'pager' },
          slack: { type: 'slack', secret: 'slack', fallback: 'pager' },
          other: { type: 'slack', secret: 'other', fallback: 'pager' },
        },
      },
    )
    const found = (more: object) =>
      findingsOf({ ...config, ...more }, { now: NOW }).findings.flatMap(({ code, path }) =>
        code.startsWith('unused') ? [] : [`${code} ${path.join('.')}`],
      )
    expect(found({})).toEqual(['non-production-fallback channels.slack.fallback'])
    expect(found({ nonProduction: { highest: 'warning', when: { all } } })).toEqual([])
  })

  test('a rule that never matches, by too many combinations to say why, is a contradiction', () => {
    const any = (n: number) => ({ any: ['x', 'y', 'z'].map((v) => ({ [`tags.${v}${n}`]: v })) })
    const all = [{ name: 'a' }, { name: 'b' }, ...[1, 2, 3, 4, 5].map(any)]
    const { findings } = findingsOf(someConfig([{ when: { all } }]), { now: NOW })
    expect(findings.filter(({ code }) => code === 'contradictory-rule').map(({ message }) => message)).toEqual([
      'this rule can never match: its lines contradict each other',
    ])
  })

  test('time goes by a clock', () => {
    let now = 1_000
    const hasTime = timeFor(500, () => now)
    const at = (ms: number) => {
      now = ms
      return hasTime()
    }
    expect([at(1_000), at(1_499), at(1_500), at(1_501)]).toEqual([true, true, false, false])
    expect([timeFor(60_000)(), timeFor(0)()]).toEqual([true, false])
  })
})

test('what is meant is left out, but for errors; a file of its own may come first', () => {
  const rules = [
    { when: { metric: 'E' }, severity: 'info' },
    { when: { name: 'a*' }, severity: 'critical' },
  ]
  const dead = { when: { metric: 'E', name: 'b' }, severity: 'info' }
  const levels = (how: object) =>
    findingsOf(someConfig([...rules, dead]), { now: NOW, ...how })
      .findings.filter(({ code }) => code !== 'unused-window')
      .map(({ code, level }) => [code, level])
  expect(levels({})).toEqual([
    ['shadowed-rule', undefined],
    ['overlapping-rules', undefined],
  ])
  expect(levels({ isSuppressed: () => true })).toEqual([['shadowed-rule', undefined]])
  const only = (path: unknown[], code: string) => path.join() === 'rules,0' && code === 'overlapping-rules'
  expect(levels({ isSuppressed: only })).toEqual([['shadowed-rule', undefined]])
  expect(levels({ placeOf: ([, index]: unknown[]) => ({ file: `${index}.yml` }) })).toEqual([
    ['shadowed-rule', undefined],
    ['overlapping-rules', 'note'],
  ])
})

test.each<[string[], string]>([
  [[], ''],
  [['a'], '"a"'],
  [['a', 'b'], '"a" and "b"'],
  [['a', 'b', 'c', 'd'], '"a", "b", "c" and "d"'],
  [['a', 'b', 'c', 'd', 'e'], '"a", "b", "c" and 2 more'],
])('%j are named', (names, text) => {
  expect(named(names)).toBe(text)
})
