import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Rule, When } from '../schemas/config.ts'
import type { Path } from '../shared/check/finding.ts'
import { findingsOf } from '../shared/check/findings.ts'
import { compileRules, compileWhen, type Subject } from '../shared/decide/rules.ts'
import { anyAlert, anyRules, randomConfig, SETS } from './any-rules.ts'
import { FUZZ_RUNS, FUZZ_TIMEOUT_MS } from './fuzz-runs.ts'

/*
 * Random configs and random alerts: what the check claims of a rule is held against what the rules do.
 */

/** Of fewer, how many are left undecided says nothing. */
const CONFIGS = Math.max(50, FUZZ_RUNS / 20)
const ALERTS = 5_000

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
  'no alert reaches a rule reported as dead, and the example reaches a rule reported as reachable',
  () => {
    const alerts = fc.sample(anyAlert, { numRuns: ALERTS, seed: 7 })
    const some1000 = alerts.slice(0, 1_000)
    const seen = { dead: 0, reachable: 0, undecided: 0, unreached: 0, branches: 0, redundant: 0 }
    fc.assert(
      fc.property(anyRules, (some) => {
        const config = randomConfig(some)
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
          // How many are left undecided needs no more than an estimate.
          const tried = verdict === 'dead' ? alerts : some1000
          const reaching = tried.find((subject) => matches(subject) && reaches(subject, rule))
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
    // Most rules that no alert reaches are reported.
    expect(seen.dead / (seen.dead + seen.unreached)).toBeGreaterThan(0.7)
  },
  FUZZ_TIMEOUT_MS,
)
