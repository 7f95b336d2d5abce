import { type Conjunction, isListed, type Literal } from '../conditions/conjunction.ts'
import type { AnalysedRule } from './analysed.ts'

/**
 * Which rules may match the same alert, for rules that name exact values: of ten thousand that each name a service, those of
 * the same service. Each conjunction is indexed by its rarest values.
 */
export class Meetings {
  readonly #byField = new Map<string, Map<string, AnalysedRule[]>>()
  readonly #rest: AnalysedRule[] = []

  constructor(rules: readonly AnalysedRule[]) {
    const counts = countsOf(rules)
    for (const rule of rules) {
      for (const conjunction of rule.conjunctions ?? []) this.#add(rule, rarest(conjunction, counts))
    }
  }

  #add(rule: AnalysedRule, listed: Literal | undefined): void {
    if (!listed) {
      this.#rest.push(rule)
      return
    }
    const values = this.#byField.get(listed.field) ?? new Map<string, AnalysedRule[]>()
    this.#byField.set(listed.field, values)
    for (const value of listed.exacts) {
      const rules = values.get(value)
      if (rules) rules.push(rule)
      else values.set(value, [rule])
    }
  }

  /** The later rules that may match the same alert, in order. Includes every rule that does. */
  below({ index, conjunctions = [] }: AnalysedRule): AnalysedRule[] {
    const found = new Set(this.#rest)
    for (const [field, values] of this.#byField) {
      for (const conjunction of conjunctions) {
        const own = conjunction.byField.get(field)?.find(isListed)
        const lists = own ? [...own.exacts].map((value) => values.get(value) ?? []) : values.values()
        for (const rules of lists) for (const rule of rules) found.add(rule)
      }
    }
    return [...found].filter((rule) => rule.index > index).sort((a, b) => a.index - b.index)
  }
}

function keyOf(field: string, value: string): string {
  return `${field}\n${value}`
}

function countsOf(rules: readonly AnalysedRule[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { conjunctions = [] } of rules) {
    for (const { field, exacts } of conjunctions.flatMap(({ literals }) => literals.filter(isListed))) {
      for (const value of exacts) counts.set(keyOf(field, value), (counts.get(keyOf(field, value)) ?? 0) + 1)
    }
  }
  return counts
}

function rarest({ literals }: Conjunction, counts: Map<string, number>): Literal | undefined {
  const shared = ({ field, exacts }: Literal) => {
    return [...exacts].reduce((sum, value) => sum + (counts.get(keyOf(field, value)) ?? 0), 0)
  }
  return literals
    .filter(isListed)
    .map((literal) => ({ literal, by: shared(literal) }))
    .sort((a, b) => a.by - b.by)[0]?.literal
}
