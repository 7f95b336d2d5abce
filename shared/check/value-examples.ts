import { type Config, fieldsOf, VALUE_FIELD, type When } from '../../schemas/config.ts'
import {
  type Conjunction,
  type Literal,
  literalOf,
  matchesText,
  textsOf,
  withLiterals,
} from '../conditions/conjunction.ts'
import type { Example } from '../conditions/example.ts'
import { samplesOf } from '../conditions/sample.ts'
import { isOfAlert, readFilling } from '../decide/fill.ts'
import type { AnalysedConfig, AnalysedRule } from './analysed.ts'
import { exampleReaching } from './reach.ts'
import type { HasTime } from './time.ts'

/** The most ways in which a rule's values may have been set that are tried. */
const MAX_WAYS = 40

/** Does it ask for a value that rules before it set? */
export function asksForValues(when: When): boolean {
  return [when].flat().some((condition) => {
    const { all = [], any = [], not } = condition
    const isValue = fieldsOf(condition).some(([field]) => field.startsWith(VALUE_FIELD))
    return isValue || [...all, ...any].some(asksForValues) || (not !== undefined && asksForValues(not))
  })
}

/** An alert that reaches a rule which asks for values: one for which a rule before it sets them. */
export function exampleByValues(one: AnalysedRule, analysed: AnalysedConfig, hasTime: HasTime): Example | undefined {
  // Whether its values are as it asks, is known once the rules before it have been evaluated.
  const asked = { rule: one.rule, matches: () => true }
  let ways = 0
  for (const conjunction of one.conjunctions ?? []) {
    for (const way of waysTo(conjunction, one, analysed)) {
      if (ways++ >= MAX_WAYS || !hasTime()) return undefined
      const example = exampleReaching(asked, [way], analysed, hasTime)
      if (example) return example
    }
  }
  return undefined
}

/** The conjunction, with what the alert must be for its first value to be set as it asks. */
function* waysTo(
  conjunction: Conjunction,
  one: AnalysedRule,
  { config, rules }: AnalysedConfig,
): Generator<Conjunction> {
  const asked = conjunction.literals.find(({ field, wanted }) => wanted && field.startsWith(VALUE_FIELD))
  if (!asked) {
    yield conjunction
    return
  }
  const name = asked.field.slice(VALUE_FIELD.length).replace(/ #-?\d+$/, '')
  for (const { rule, conjunctions = [] } of rules.slice(0, one.index).reverse()) {
    const text = rule.set && Object.hasOwn(rule.set, name) ? rule.set[name] : undefined
    if (text === undefined || !rule.continue) continue
    for (const setter of conjunctions) {
      const both = withLiterals(conjunction, setter.literals)
      for (const more of fieldsFor(text, asked, config)) yield withLiterals(both, more)
    }
  }
}

/** What the field of a text's only slot may be, so that the text is what is asked. */
function fieldsFor(text: string, asked: Literal, { tables }: Config): Literal[][] {
  const [slot, ...others] = readFilling(text)
  if (typeof slot !== 'object' || others.length > 0 || !isOfAlert(slot.field)) return [[]]
  const entries = Object.entries(tables?.[slot.table ?? ''] ?? {})
  const wanted = textsOf(asked).flatMap(samplesOf).slice(0, 5)
  const keys = entries.flatMap(([key, value]) => (matchesText(asked, value) ? key : []))
  const parts = slot.table === undefined ? wanted : keys.slice(0, 5)
  // A field of which only a part is taken may be that part, or what the rule that sets it asks for.
  return [...parts.map((part) => [literalOf(slot.field, part)]), []]
}
