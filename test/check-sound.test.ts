import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Alert, KINDS } from '../schemas/alert.ts'
import type { Condition, Config, Pattern, Rule, When } from '../schemas/config.ts'
import type { Path } from '../shared/check/finding.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { checkConfig } from '../shared/config/check.ts'
import { compileRules, compileWhen, type Subject } from '../shared/decide/rules.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'

/*
 * Random configs and random alerts: what the check claims of a rule is held against what the rules do. Values are few
 * and near each other, so that rules shadow and contradict each other often.
 */

const CONFIGS = FUZZ_RUNS / 10
const ALERTS = 10_000

const SETS = { pair: ['a', 'b'], mixed: ['c', 'a*', '> 1'] }

const word = fc.constantFrom(
  ...['a', 'b', 'ab', 'ba', '2', 'a*', '*b', '*a*', '?', '??', '?b', '*', '**'],
  ...['/a/', '/^B$/i', '/b$/', '/./', '/.*/', '/a|b/', '/[ab]/', '/^a/m', '$pair', '$mixed'],
  ...['> 1', '<= 1', '>= 2', '< 2', '> 2'],
)
const number = fc.constantFrom('> 1', '<= 1', '>= 2', '< 2', '> 2', '2', '1', '*')
const duration = fc.constantFrom('> 1s', '<= 1s', '>= 2s', '< 1m', '> 2s')
const kind = fc.constantFrom('metric-alarm', 'event', '*alarm', '/event|budget/', '*')
const status = fc.constantFrom('firing', 'resolved', 'insufficient-data', '*ed', '*', '/i/')
const VALUES: Record<string, fc.Arbitrary<string>> = {
  name: word,
  metric: word,
  children: word,
  'tags.team': word,
  'threshold.value': number,
  firingFor: duration,
  kind,
  status,
  previousStatus: status,
}

const line = fc.constantFrom(...Object.keys(VALUES)).chain((field) => {
  const value = VALUES[field] as fc.Arbitrary<string>
  const list = fc.array(value, { minLength: 1, maxLength: 3 })
  const pattern: fc.Arbitrary<Pattern> = fc.oneof(value, list, fc.record({ not: fc.oneof(value, list) }))
  return pattern.map((one): Condition => ({ [field]: one }))
})
const lines = fc.array(line, { minLength: 1, maxLength: 2 }).map((all): Condition => Object.assign({}, ...all))
const { condition } = fc.letrec<{ condition: Condition }>((tie) => {
  const some = fc.array(tie('condition'), { minLength: 1, maxLength: 3 })
  return {
    condition: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'nesting' },
      { weight: 3, arbitrary: lines },
      { weight: 1, arbitrary: fc.tuple(lines, fc.record({ any: some })).map(([own, more]) => ({ ...own, ...more })) },
      { weight: 1, arbitrary: fc.record({ all: some, not: tie('condition') }) },
      { weight: 1, arbitrary: fc.record({ not: fc.oneof(tie('condition'), some) }) },
      { weight: 1, arbitrary: fc.record({ any: some }) },
    ),
  } as never
})
const when: fc.Arbitrary<When> = fc.oneof(condition, fc.array(condition, { minLength: 1, maxLength: 3 }))
const times = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constantFrom({ active: 'day' }, { mute: 'day' }, { active: 'evening' }) },
)
const rules = fc.array(fc.tuple(when, fc.boolean(), times), { minLength: 2, maxLength: 12 }).map((all) =>
  all.map(([one, goesOn, more], index) => ({
    ...{ name: `rule ${index}`, when: one, severity: index % 2 ? 'warning' : 'info', ...more },
    ...(goesOn && index % 3 === 0 && { continue: true }),
  })),
)

const value = fc.constantFrom('a', 'b', 'ab', 'ba', 'x', 'aab', '2', '1', '1.5', '', 'A', 'B', 'b\na', 'c')
const alert: fc.Arbitrary<Subject> = fc
  .record({
    name: value,
    metric: fc.option(value),
    team: fc.option(value),
    children: fc.array(value, { maxLength: 3 }),
    threshold: fc.option(fc.constantFrom(0, 1, 1.5, 2, 3)),
    kind: fc.oneof(fc.constantFrom('metric-alarm', 'event', 'budget'), fc.constantFrom(...KINDS)),
    status: fc.constantFrom('firing', 'resolved', 'insufficient-data'),
    previousStatus: fc.option(fc.constantFrom('firing', 'resolved', 'insufficient-data')),
    since: fc.option(fc.constantFrom(0, 0.5, 1, 1.5, 2, 3, 60, 90)),
    hour: fc.constantFrom(3, 10, 19),
  })
  .map(({ team, threshold, children, since, hour, metric, previousStatus, ...own }) => {
    const changedAt = `2026-11-03T${String(hour).padStart(2, '0')}:00:00.000Z`
    const fields = {
      ...{
        fingerprint: 'a',
        title: 'a',
        source: 'a',
        resource: 'a',
        changedAt,
        dimensions: {},
        details: {},
        links: {},
      },
      ...{ ...own, metric: metric ?? undefined, previousStatus: previousStatus ?? undefined },
      ...{ tags: team === null ? {} : { team }, children: children.map((name) => ({ name })) },
      ...(threshold !== null && { threshold: { value: threshold } }),
    }
    const firingSince = since === null ? undefined : new Date(Date.parse(changedAt) - since * 1_000).toISOString()
    return { alert: fields as Alert, firingSince }
  })

function configOf(some: unknown[]): Config {
  const uses = [{ name: 'uses', when: { name: ['$pair', '$mixed'], kind: 'subscription' }, severity: 'info' }]
  return checkConfig({
    channels: { email: { type: 'email', addresses: ['a@example.com'] } },
    severities: {
      critical: { channels: ['email'] },
      warning: { channels: ['email'] },
      info: { channels: ['email'] },
    },
    windows: { day: { from: '09:00', to: '17:00' }, evening: { from: '18:00', to: '20:00' } },
    default: { severity: 'warning' },
    sets: SETS,
    rules: [...some, ...uses],
  })
}

/** The condition at a path within a rule, and the rule as if it were the only one of its list. */
function onlyBranch(rule: Rule, [, , ...path]: Path): When {
  const pick = (at: unknown, [step, ...rest]: Path): unknown => {
    if (step === undefined) return at
    const inner = pick((at as Record<string | number, unknown>)[step], rest)
    if (!Array.isArray(at)) return { ...(at as object), [step]: inner }
    // Of any, this one; of all, this one in its place.
    return { isList: true, inner, at: step, of: at }
  }
  const settle = (one: unknown, key?: string | number): unknown => {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one
    if ('isList' in one) {
      const { inner, at, of } = one as unknown as { inner: unknown; at: number; of: unknown[] }
      return key === 'all' ? of.with(at, settle(inner)) : [settle(inner)]
    }
    return Object.fromEntries(Object.entries(one).map(([name, inside]) => [name, settle(inside, name)]))
  }
  return (settle(pick({ when: rule.when }, path)) as { when: When }).when
}

test(
  'what is called dead, no alert reaches; what is called reachable, its example does',
  () => {
    const alerts = fc.sample(alert, { numRuns: ALERTS, seed: 7 })
    const seen = { dead: 0, reachable: 0, undecided: 0, unreached: 0, branches: 0, redundant: 0 }
    fc.assert(
      fc.property(rules, (some) => {
        const config = configOf(some)
        const compiled = compileRules(config)
        const { findings, rules: verdicts } = findingsOf(config, { now: new Date('2026-11-03T10:00:00Z') })
        const reaches = (subject: Subject, name: string) => {
          return compiled.matching(subject, new Date(subject.alert.changedAt)).some((rule) => rule.name === name)
        }
        for (const { rule, verdict } of verdicts) {
          if (verdict === 'reachable') seen.reachable++
          if (verdict === 'dead') seen.dead++
          if (verdict === 'reachable') continue
          const matches = compileWhen(config.rules.find(({ name }) => name === rule)?.when ?? {}, SETS)
          const reaching = alerts.find((subject) => matches(subject) && reaches(subject, rule))
          if (verdict === 'dead') expect(reaching, `${rule} is called dead`).toBeUndefined()
          else if (reaching) seen.undecided++
          else seen.unreached++
        }
        for (const { code, path, also } of findings) {
          const rule = path[0] === 'rules' ? config.rules[Number(path[1])] : undefined
          if (!rule) continue
          if (code === 'dead-branch') {
            seen.branches++
            const matches = compileWhen(onlyBranch(rule, path), SETS)
            expect(alerts.find((subject) => matches(subject) && reaches(subject, rule.name))).toBeUndefined()
          }
          if (code === 'redundant-branch') {
            seen.redundant++
            const matches = compileWhen(onlyBranch(rule, path), SETS)
            const others = (also ?? []).map((other) => compileWhen(onlyBranch(rule, other), SETS))
            expect(alerts.find((subject) => matches(subject) && !others.some((one) => one(subject)))).toBeUndefined()
          }
        }
      }),
      { numRuns: CONFIGS },
    )
    // The property would hold of a check that finds nothing.
    expect(seen.dead).toBeGreaterThan(CONFIGS / 2)
    expect(seen.branches).toBeGreaterThan(10)
    expect(seen.redundant).toBeGreaterThan(10)
    // Of the rules that no alert reaches, nearly all are told.
    expect(seen.dead / (seen.dead + seen.unreached)).toBeGreaterThan(0.7)
  },
  FUZZ_TIMEOUT_MS,
)
