import type { Alert } from '../../schemas/alert.ts'
import { type Condition, type Config, LABEL_FIELDS, type Rule, type When } from '../../schemas/config.ts'
import { fieldValues } from './field.ts'
import { isNot, type Matcher, patternTexts, textMatcher } from './pattern.ts'

type Predicate = (alert: Alert) => boolean

/** A config's rules, ready to be asked. */
export interface CompiledRules {
  /** The first rule, in the config's order, that matches. */
  firstMatch(alert: Alert): Rule | undefined
  isNonProduction: Predicate
}

/**
 * Compiles a config's rules so that asking costs about the same for ten rules and for ten thousand: each rule with
 * an exact value on some field waits in an index under that value, and is looked at only by alerts that have it.
 */
export function compileRules(config: Config): CompiledRules {
  const predicates = config.rules.map((rule) => compileWhen(rule.when))
  const index = new RuleIndex()
  config.rules.forEach((rule, position) => {
    for (const condition of conditionsOf(rule.when)) index.add(condition, position)
  })
  return {
    firstMatch(alert) {
      for (const position of index.candidates(alert)) {
        if (predicates[position]?.(alert)) return config.rules[position]
      }
      return undefined
    },
    isNonProduction: config.nonProduction ? compileWhen(config.nonProduction.when) : () => false,
  }
}

function conditionsOf(when: When): Condition[] {
  return Array.isArray(when) ? when : [when]
}

function compileWhen(when: When): Predicate {
  const conditions = conditionsOf(when).map(compileCondition)
  return (alert) => conditions.some((matches) => matches(alert))
}

function compileCondition(condition: Condition): Predicate {
  const clauses = Object.entries(condition).map(([field, pattern]): Predicate => {
    const matchers = patternTexts(pattern).map(textMatcher)
    const wanted = !isNot(pattern)
    return (alert) => {
      const values = fieldValues(alert, field)
      return matchers.some((matcher) => values.some((value) => matcher.matches(value))) === wanted
    }
  })
  return (alert) => clauses.every((matches) => matches(alert))
}

/** Fields that tell alerts apart best come first: a rule waits under the first of them that it names exactly. */
const SELECTIVE_FIELDS = ['fingerprint', 'name', 'title', 'resource', 'metric', 'account', 'namespace', 'source']
const FEW_VALUES = ['kind', 'status', 'previousStatus', 'declaredSeverity', 'region']

class RuleIndex {
  /** field → exact value → positions of rules, ascending */
  readonly #byValue = new Map<string, Map<string, number[]>>()
  /** Rules that name nothing exactly: every alert looks at them. */
  readonly #rest: number[] = []

  add(condition: Condition, position: number): void {
    const place = indexPlace(condition)
    if (!place) {
      if (this.#rest.at(-1) !== position) this.#rest.push(position)
      return
    }
    const values = this.#byValue.get(place.field) ?? new Map<string, number[]>()
    this.#byValue.set(place.field, values)
    for (const value of place.values) {
      const positions = values.get(value)
      if (!positions) values.set(value, [position])
      else if (positions.at(-1) !== position) positions.push(position)
    }
  }

  /** Positions of the rules that may match, ascending. */
  *candidates(alert: Alert): Generator<number> {
    const lists = [this.#rest, ...this.#hits(alert)].map((positions) => ({ positions, next: 0 }))
    for (;;) {
      let lowest = Number.POSITIVE_INFINITY
      for (const list of lists) lowest = Math.min(lowest, list.positions[list.next] ?? lowest)
      if (lowest === Number.POSITIVE_INFINITY) return
      for (const list of lists) if (list.positions[list.next] === lowest) list.next++
      yield lowest
    }
  }

  *#hits(alert: Alert): Generator<number[]> {
    for (const field of SELECTIVE_FIELDS) yield* this.#lookUp(field, alert)
    for (const group of LABEL_FIELDS) {
      for (const label of Object.keys(alert[group] ?? {})) yield* this.#lookUp(`${group}.${label}`, alert)
    }
  }

  *#lookUp(field: string, alert: Alert): Generator<number[]> {
    const values = this.#byValue.get(field)
    if (!values) return
    for (const value of fieldValues(alert, field)) {
      const positions = values.get(value)
      if (positions) yield positions
    }
  }
}

function indexPlace(condition: Condition): { field: string; values: string[] } | undefined {
  const places = Object.entries(condition).flatMap(([field, pattern]) => {
    if (isNot(pattern) || FEW_VALUES.includes(field)) return []
    if (!field.includes('.') && !SELECTIVE_FIELDS.includes(field)) return []
    const matchers: Matcher[] = patternTexts(pattern).map(textMatcher)
    const values = matchers.flatMap((matcher) => matcher.exact ?? [])
    return values.length === matchers.length ? [{ field, values }] : []
  })
  const rank = (field: string) => {
    const position = SELECTIVE_FIELDS.indexOf(field)
    return position < 0 ? SELECTIVE_FIELDS.length : position
  }
  return places.sort((a, b) => rank(a.field) - rank(b.field))[0]
}
