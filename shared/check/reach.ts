import type { Config } from '../../schemas/config.ts'
import {
  type Conjunction,
  implies,
  isContradictory,
  type Literal,
  matchesText,
  opposite,
  withLiterals,
} from '../conditions/conjunction.ts'
import { type Example, examplesOf } from '../conditions/example.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { type Subject, valuesOf } from '../decide/rules.ts'
import type { AnalysedConfig, AnalysedRule } from './analysed.ts'
import { type HasTime, unlimited } from './time.ts'

/** The most conjunctions tried, and the most alerts of each. */
const MAX_STEPS = 40
const MAX_EXAMPLES = 12

/**
 * An alert that matches one of the conjunctions and reaches the rule, if one is found: then nothing must be proved. When an
 * earlier rule takes the alert, the search goes on with one that the earlier rule does not match.
 */
export function exampleReaching(
  { rule, matches }: Pick<AnalysedRule, 'rule' | 'matches'>,
  conjunctions: Conjunction[],
  { compiled, byName }: Pick<AnalysedConfig, 'compiled' | 'byName'>,
  hasTime: HasTime = unlimited,
): Example | undefined {
  let steps = 0

  function search(conjunction: Conjunction): Example | undefined {
    if (steps++ >= MAX_STEPS || !hasTime() || isContradictory(conjunction)) return undefined
    let taken: { by: AnalysedRule | undefined; subject: Subject } | undefined
    let tries = 0
    for (const example of examplesOf(conjunction)) {
      if (tries++ >= MAX_EXAMPLES || !hasTime()) break
      const { subject } = example
      if (!matches(subject)) continue
      const matching = compiled.matching(subject)
      if (matching.some(({ name }) => name === rule.name)) return example
      taken ??= { by: byName.get(matching.at(-1)?.name ?? ''), subject }
    }
    if (!taken) return undefined
    const { subject } = taken
    const taking = taken.by?.conjunctions?.find(({ literals }) => literals.every((literal) => holds(literal, subject)))
    for (const literal of taking?.literals ?? []) {
      if (implies(conjunction, literal)) continue
      const found = search(withLiterals(conjunction, [opposite(literal)]))
      if (found) return found
    }
    return undefined
  }

  for (const conjunction of conjunctions) {
    const found = search(conjunction)
    if (found) return found
  }
  return undefined
}

/** What the rules decide about an example. */
export function decisionOn({ subject: { alert, firingSince } }: Example, config: Config): Decision {
  const firing = firingSince ? { since: firingSince, severity: 'info' as const, rule: '', channels: [] } : undefined
  return decide(alert, config, firing)
}

/** A condition in two forms: to analyse and to evaluate. */
export interface Compiled {
  conjunctions: Conjunction[] | undefined
  matches: AnalysedRule['matches']
}

/** Whether an alert is found that only this condition matches, and none of the others. */
export function isFoundAlone({ conjunctions = [], matches }: Compiled, others: Compiled[]): boolean {
  const isAlone = ({ subject }: Example) => matches(subject) && !others.some((other) => other.matches(subject))
  return conjunctions.some((conjunction) => examplesOf(conjunction).take(MAX_EXAMPLES).some(isAlone))
}

function holds(literal: Literal, subject: Subject): boolean {
  return valuesOf(subject, literal.field).some((value) => matchesText(literal, value)) === literal.wanted
}
