import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FINDINGS } from '../shared/check/finding.ts'
import { errorsIn, findingsOf } from '../shared/check/findings.ts'
import { type HasTime, timeFor } from '../shared/check/time.ts'
import { checkConfig } from '../shared/config/check.ts'
import { checkPushed } from '../shared/live-config/check-pushed.ts'
import { versionOf } from '../shared/live-config/version.ts'
import { anyRules, randomConfig } from './any-rules.ts'

const NOW = new Date('2026-11-03T10:00:00Z')

/** Time for so many steps: no test waits, and each run is the same. */
function steps(count: number): HasTime {
  let left = count
  return () => left-- > 0
}

const SEVERITY = ['critical', 'warning', 'info']

function configWith(rules: { when: unknown; severity?: string; name?: string }[]) {
  return checkConfig({
    channels: { pager: { type: 'pagerduty', secret: 'pager' }, email: { type: 'email', addresses: ['a@example.com'] } },
    severities: {
      critical: { channels: ['pager'] },
      warning: { channels: ['email'] },
      info: { channels: ['email'] },
    },
    default: { severity: 'warning' },
    nonProduction: { when: { name: '/(^|-)(dev|test)(-|$)/' }, highest: 'warning' },
    rules: rules.map((rule, index) => ({ name: `r${index}`, severity: SEVERITY[index % 3], ...rule })),
  })
}

const times = <Item>(count: number, item: (n: number) => Item) => Array.from({ length: count }, (_, n) => item(n))

test('when time is up, the errors found are certain, and the rest is reported as not checked', () => {
  fc.assert(
    fc.property(anyRules, fc.nat(400), (some, count) => {
      const config = randomConfig(some)
      const whole = findingsOf(config, { now: NOW })
      const part = findingsOf(config, { now: NOW, startTime: () => steps(count) })
      const [all, found] = [whole, part].map(({ findings }) =>
        findings.filter(({ code }) => FINDINGS[code] === 'error').map((one) => JSON.stringify(one)),
      )
      expect(all).toEqual(expect.arrayContaining(found ?? []))
      const left = part.rules.filter(({ verdict }) => verdict === 'not analysed')
      expect(part.timeWasUp.some((text) => text.startsWith('whether an alert reaches each rule'))).toBe(left.length > 0)
      for (const [index, { verdict }] of part.rules.entries()) {
        expect([whole.rules[index]?.verdict, 'not analysed']).toContain(verdict)
      }
      if (part.timeWasUp.length === 0) expect(part).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

describe('rules that would take minutes are analysed while there is time', () => {
  test.each<[string, (n: number) => unknown]>([
    ['20 regular expressions each', (n) => ({ any: times(20, (i) => ({ name: `/svc-${n}-${i}[a-z]+/` })) })],
    ['a list of 20 regular expressions', (n) => ({ name: times(20, (i) => `/svc-${n}-${i}[a-z]+/`) })],
    ['20 globs each', (n) => ({ any: times(20, (i) => ({ name: `*svc-${n}-${i}*x` })) })],
    [
      'eight by eight conditions',
      (n) => ({ all: times(2, (k) => ({ any: times(8, (i) => ({ [`tags.t${k}`]: `*v${n}${i}*` })) })) }),
    ],
  ])('50 rules of %s', (_, when) => {
    const config = configWith(times(50, (n) => ({ when: when(n) })))
    const { errors, timeWasUp } = errorsIn(config, { now: NOW, hasTime: steps(100) })
    expect(errors).toEqual([])
    expect(timeWasUp).toEqual([
      expect.stringMatching(
        /^whether an alert reaches each rule: time was up at rule "r\d+", with [1-4]?\d rules left$/,
      ),
    ])
    const { rules, timeWasUp: all } = findingsOf(config, { now: NOW, startTime: () => steps(100) })
    expect(rules[0]).toMatchObject({ verdict: 'reachable' })
    expect(rules.at(-1)).toEqual({ rule: 'r49', verdict: 'not analysed' })
    expect(all.map((text) => text.split(':')[0])).toContain('which rules overlap')
  })

  test('a mistake in the rules analysed before time is up is found', () => {
    const slow = times(50, (n) => ({ when: { any: times(20, (i) => ({ name: `/svc-${n}-${i}[a-z]+/` })) } }))
    const dead = [{ when: { metric: 'Errors' } }, { when: { metric: 'Errors', region: 'x' }, name: 'dead' }]
    const { errors } = errorsIn(configWith([...dead, ...slow]), { now: NOW, hasTime: steps(100) })
    expect(errors).toMatchObject([{ code: 'shadowed-rule', path: ['rules', 1, 'name'] }])
  })

  test('the time limit uses the given clock', () => {
    let now = 1_000
    const hasTime = timeFor(500, () => now)
    expect(hasTime()).toBe(true)
    now = 1_499
    expect(hasTime()).toBe(true)
    now = 1_500
    expect(hasTime()).toBe(false)
  })
})

describe('each of ten thousand rules is analysed', () => {
  const many = (severity: string) =>
    times(10_000, (n) => ({ when: { region: 'eu-west-1', name: `service-${n}` }, severity }))
  const last = [
    { when: { name: 'orders-*' }, severity: 'info', name: 'orders' },
    { when: { metric: 'DataLoss' }, severity: 'critical', name: 'loss' },
    { when: { name: 'service-9000', region: 'eu-west-1', metric: 'Errors' }, name: 'dead' },
  ]

  test('for rules that can never match, and for overlaps', () => {
    const { findings, rules, timeWasUp, enough } = findingsOf(configWith([...many('critical'), ...last]), { now: NOW })
    expect([timeWasUp, enough]).toEqual([[], []])
    expect(rules.filter(({ verdict }) => verdict !== 'reachable')).toEqual([{ rule: 'dead', verdict: 'dead' }])
    expect(findings).toContainEqual(expect.objectContaining({ code: 'shadowed-rule', path: ['rules', 10_002, 'name'] }))
    const overlaps = findings.filter(({ code, level }) => code === 'overlapping-rules' && level === undefined)
    expect(overlaps.map(({ path }) => path[1])).toEqual([10_000])
  }, 60_000)

  test('but for overlaps, of which nobody reads more than a hundred', () => {
    const { findings, timeWasUp, enough } = findingsOf(configWith([...many('info'), ...last]), { now: NOW })
    const overlaps = findings.filter(({ code }) => code === 'overlapping-rules')
    expect(overlaps.map(({ path }) => path[1])).toEqual(times(100, (n) => n))
    expect(timeWasUp).toEqual([])
    expect(enough).toEqual(['which rules overlap after 100 that do: from rule "r99" on, 9,903 rules'])
  })

  test('and of notes, of which the last says so', () => {
    const later = times(200, (n) => ({ when: { 'tags.team': `t${n}` }, severity: 'info' }))
    const config = configWith([...times(150, (n) => ({ when: { name: `a${n}` }, severity: 'critical' })), ...later])
    const { findings, enough } = findingsOf(config, { now: NOW })
    const notes = findings.filter(({ code, level }) => code === 'overlapping-rules' && level === 'note')
    expect([notes.length, enough]).toEqual([100, []])
    const isLast = notes.map(({ message }) => message.endsWith('such a note; of the rules below none is looked for'))
    expect(isLast.lastIndexOf(false)).toBe(98)
    expect(isLast.at(-1)).toBe(true)
  })

  test('of one rule, twenty are named at most', () => {
    const later = times(30, (n) => ({ when: { 'tags.team': `t${n}` }, severity: 'critical' }))
    const config = configWith([{ when: { name: 'a' }, severity: 'info' }, ...later])
    const { findings, enough } = findingsOf(config, { now: NOW })
    const [overlap, ...others] = findings.filter(({ code }) => code === 'overlapping-rules')
    expect([overlap?.also?.length, others, enough]).toEqual([20, [], []])
    expect(overlap?.message).toMatch(/by rules "r1", "r2", "r3" and 17 more below, and maybe more$/)
  })
})

test('AppConfig’s validator accepts rules that it has no time to analyse, and reports that', () => {
  const config = configWith([{ when: { metric: 'a' } }, { when: { metric: 'a', region: 'x' }, name: 'dead' }])
  const document = JSON.stringify({ version: versionOf(JSON.stringify(config)), base: '0123456789ab', config })
  expect(checkPushed(document).problems).toEqual([expect.stringContaining('(rule "dead"): this rule can never match')])
  expect(checkPushed(document, { now: NOW, hasTime: () => false })).toEqual({
    problems: [],
    timeWasUp: ['whether an alert reaches each rule: time was up at rule "r0", with 2 rules left'],
  })
})
