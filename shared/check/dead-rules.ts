import type { Condition, When } from '../../schemas/config.ts'
import { type Conjunction, conjunctionsOf, contradictionIn, type Literal, textsOf } from '../conditions/conjunction.ts'
import type { Example } from '../conditions/example.ts'
import { compileWhen } from '../decide/rules.ts'
import { type AnalysedConfig, type AnalysedRule, hasTimes, inTime } from './analysed.ts'
import { Cover } from './cover.ts'
import { type Finding, named, type Path } from './finding.ts'
import { type Compiled, exampleReaching, isFoundAlone } from './reach.ts'
import { checkInTime, type HasTime } from './time.ts'
import { asksForValues, exampleByValues } from './value-examples.ts'

/**
 * The result for a rule: an alert reaches it (at some time at least), no alert does, neither could be proved, or it was not
 * analysed because time was up.
 */
export interface Verdict {
  rule: string
  verdict: 'reachable' | 'dead' | 'not decided' | 'not analysed'
  /** Fields of an alert that reaches it. */
  example?: Record<string, string>
}

/** Rules and branches that no alert reaches. Each one found is certainly dead; there may be others. */
export function deadRules(analysed: AnalysedConfig, hasTime: HasTime): { findings: Finding[]; verdicts: Verdict[] } {
  const verdicts: Verdict[] = []
  const before = new Cover(hasTime)
  const { found, left } = checkInTime(analysed.rules, hasTime, (one): Finding[] => {
    const example = asksForValues(one.rule.when)
      ? exampleByValues(one, analysed, hasTime)
      : exampleReaching(one, one.conjunctions ?? [], analysed, hasTime)
    const dead = deadRule(one, example, before, analysed)
    const atSomeTime = example ?? (dead ? undefined : exampleAtSomeTime(one, analysed, hasTime))
    verdicts.push({
      rule: one.rule.name,
      verdict: dead ? 'dead' : atSomeTime ? 'reachable' : 'not decided',
      ...(atSomeTime && { example: atSomeTime.fields }),
    })
    const findings = dead ? [dead] : deadBranches(one, before, analysed, hasTime)
    // Later rules never see what it matches, unless it continues.
    if (!one.rule.continue) before.add(one.index, inTime(one.conjunctions ?? [], one))
    return findings
  })
  const looked = verdicts.slice(0, analysed.rules.length - left.length)
  return { findings: found, verdicts: [...looked, ...left.map((one) => verdictAsTimeIsUp(one, verdicts))] }
}

function verdictAsTimeIsUp({ index, rule }: AnalysedRule, verdicts: Verdict[]): Verdict {
  const known = verdicts[index]
  return known && known.verdict !== 'not decided' ? known : { rule: rule.name, verdict: 'not analysed' }
}

/** An alert that reaches the rule while no rule with other times is active. */
function exampleAtSomeTime(one: AnalysedRule, analysed: AnalysedConfig, hasTime: HasTime): Example | undefined {
  if (!analysed.rules.slice(0, one.index).some(({ rule }) => hasTimes(rule))) return undefined
  const { byName, compiledFor } = analysed
  return exampleReaching(one, one.conjunctions ?? [], { byName, compiled: compiledFor(one.rule) }, hasTime)
}

function deadRule(
  one: AnalysedRule,
  example: Example | undefined,
  before: Cover,
  analysed: AnalysedConfig,
): Finding | undefined {
  const { index, rule, conjunctions } = one
  if (!conjunctions || example) return undefined
  const path = ['rules', index, 'name']
  if (conjunctions.length === 0) return contradiction('contradictory-rule', 'this rule', path, rule.when, analysed)
  const shadows = coveredBy(inTime(conjunctions, one), before)
  // Covered by none: the rule is never active, which the check of its windows reports.
  return shadows && shadows.size > 0 ? shadowed('shadowed-rule', 'this rule', path, shadows, analysed) : undefined
}

/** The rules that match everything that these conjunctions match. */
function coveredBy(conjunctions: Conjunction[], before: Cover): Set<number> | undefined {
  const all = new Set<number>()
  for (const conjunction of conjunctions) {
    const rules = before.of(conjunction)
    if (!rules) return undefined
    for (const rule of rules) all.add(rule)
  }
  return all
}

function contradiction(
  code: Finding['code'],
  what: string,
  path: Path,
  when: When,
  { config }: AnalysedConfig,
): Finding {
  const literals = contradictionIn(when, config.sets)
  const field = literals[0]?.field
  const texts = literals.map(describe)
  const why =
    field === undefined
      ? 'its lines contradict each other'
      : texts.length > 1
        ? `no ${field} ${texts.join(' and ')} at once`
        : `no alert has a ${field} that ${texts.join()}`
  return {
    code,
    path,
    message: `${what} can never match: ${why}`,
    fix:
      literals.length > 1
        ? 'Every line of a condition must match: remove one of these, or put them in a list of conditions, any of which may match'
        : 'Remove it, or correct the pattern',
  }
}

function describe(literal: Literal): string {
  const texts = textsOf(literal).map(({ text }) => text)
  return `is ${literal.wanted ? '' : 'not '}${texts.length > 1 ? 'one of ' : ''}${named(texts)}`
}

function shadowed(
  code: Finding['code'],
  what: string,
  path: Path,
  shadows: Set<number>,
  { config }: AnalysedConfig,
): Finding {
  const rules = [...shadows].sort((a, b) => a - b)
  const names = rules.map((index) => config.rules[index]?.name ?? '')
  const [one, verb] = names.length === 1 ? [`rule ${named(names)}`, 'has'] : [`rules ${named(names)}`, 'together have']
  return {
    code,
    path,
    message: `${what} can never match: ${one} above ${verb} already matched every alert that it would match`,
    fix: `Move it above ${names.length === 1 ? 'that rule' : 'those rules'}, narrow ${names.length === 1 ? 'that one' : 'those'} (or give ${names.length === 1 ? 'it' : 'them'} continue: true), or remove this one`,
    also: rules.map((index) => ['rules', index, 'name']),
  }
}

// ── branches ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One of several alternative conditions, and the rule's `when` with only that one. */
interface Branch {
  path: Path
  when: When
}

function deadBranches(one: AnalysedRule, before: Cover, analysed: AnalysedConfig, hasTime: HasTime): Finding[] {
  const { index, rule, conjunctions } = one
  if (!conjunctions) return []
  const { config } = analysed
  const findings: Finding[] = []
  for (const group of branchGroups(rule.when, ['rules', index, 'when'])) {
    const branches = group.map((branch) => ({
      ...branch,
      conjunctions: conjunctionsOf(branch.when, config.sets),
      matches: compileWhen(branch.when, config.sets),
    }))
    const alive: typeof branches = []
    for (const branch of branches) {
      if (!branch.conjunctions || findings.some(({ path }) => path.every((step, at) => branch.path[at] === step))) {
        alive.push(branch)
      } else if (branch.conjunctions.length === 0) {
        findings.push(contradiction('dead-branch', 'this condition', branch.path, branch.when, analysed))
      } else {
        const isReached = exampleReaching({ ...branch, rule }, branch.conjunctions, analysed, hasTime) !== undefined
        const shadows = isReached ? undefined : coveredBy(inTime(branch.conjunctions, one), before)
        if (shadows && shadows.size > 0)
          findings.push(shadowed('dead-branch', 'this condition', branch.path, shadows, analysed))
        else alive.push(branch)
      }
    }
    findings.push(...redundant(alive, hasTime))
  }
  return findings
}

/** Conditions that match only what the others in their list also match. Of two equal ones, the later. */
function redundant(branches: (Branch & Compiled)[], hasTime: HasTime): Finding[] {
  const left = [...branches]
  return branches.toReversed().flatMap((branch): Finding[] => {
    const others = left.filter((other) => other !== branch)
    if (isFoundAlone(branch, others)) return []
    const cover = new Cover(hasTime)
    for (const [at, { conjunctions }] of others.entries()) cover.add(at, conjunctions ?? [])
    const by = branch.conjunctions && coveredBy(branch.conjunctions, cover)
    if (!by || by.size === 0) return []
    left.splice(left.indexOf(branch), 1)
    const also = [...by].sort((a, b) => a - b).flatMap((at) => (others[at] ? [others[at].path] : []))
    return [
      {
        code: 'redundant-branch',
        path: branch.path,
        message: `this condition is redundant: ${also.length === 1 ? 'another' : 'others'} in the same list ${also.length === 1 ? 'matches' : 'match'} every alert that it matches`,
        fix: 'Remove it, or narrow the other',
        also,
      },
    ]
  })
}

/** Every list of alternatives, with the rule's `when` as if each condition were the only one. */
function branchGroups(when: When, path: Path): Branch[][] {
  if (!Array.isArray(when)) return branchGroupsOf(when, path)
  const own = when.length > 1 ? [when.map((condition, at): Branch => ({ path: [...path, at], when: [condition] }))] : []
  const inner = when.flatMap((condition, at) => branchGroupsOf(condition, [...path, at]))
  return [...own, ...inner]
}

function branchGroupsOf(condition: Condition, path: Path): Branch[][] {
  const { any = [], all = [] } = condition
  const own =
    any.length > 1 ? [any.map((one, at) => ({ path: [...path, 'any', at], when: { ...condition, any: [one] } }))] : []
  const inAny = any.flatMap((one, at) =>
    branchGroupsOf(one, [...path, 'any', at]).map((group) =>
      group.map((branch) => ({ ...branch, when: { ...condition, any: [branch.when].flat() } })),
    ),
  )
  const inAll = all.flatMap((one, at) =>
    branchGroupsOf(one, [...path, 'all', at]).map((group) =>
      group.map((branch) => ({ ...branch, when: { ...condition, all: all.with(at, branch.when as Condition) } })),
    ),
  )
  return [...own, ...inAny, ...inAll]
}
