import type { Alert } from '../../schemas/alert.ts'
import {
  type Condition,
  type Config,
  fieldsOf,
  type Pattern,
  type Rule,
  VALUE_FIELD,
  type When,
} from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { NO_VALUES, type Values } from './fill.ts'
import { memoizeByConfig } from './once-a-config.ts'
import { isNot, matchersOf } from './pattern.ts'
import { RuleIndex } from './rule-index.ts'
import { valuesAfter } from './values.ts'
import { timesCompiler, whyOff, windowCompiler } from './windows.ts'

/**
 * What rules are evaluated with: an alert, since when it has been firing (ISO 8601), if known, and what the rules before
 * have set.
 */
export interface Subject {
  alert: Alert
  firingSince?: string | undefined
  values?: Values
}

type Predicate = (subject: Subject) => boolean

/** A config's rules, compiled. */
export interface CompiledRules {
  /**
   * The rules that match at a moment (by default that of the change), in the config's order: each that continues, and
   * the first that does not. Calls `onSkipped` for those that would match at another time.
   */
  matching(subject: Subject, at?: Date, onSkipped?: (rule: Rule, why: string) => void): Rule[]
  isNonProduction: Predicate
}

/**
 * Compiles a config's rules so that evaluation costs about the same for ten rules and for ten thousand: a rule with an
 * exact value on some field is indexed under that value, and evaluated only for alerts that have it.
 */
export function compileRules(config: Config): CompiledRules {
  const { rules, sets, nonProduction } = config
  const times = rules.map(timesCompiler(windowCompiler(config)))
  const predicates = rules.map((rule) => compileWhen(rule.when, sets))
  const index = new RuleIndex()
  for (const [position, rule] of rules.entries()) index.add(rule.when, sets, position)
  return {
    matching({ alert, firingSince }, at = new Date(alert.changedAt), onSkipped) {
      const matching: Rule[] = []
      let subject: Subject = { alert, firingSince, values: NO_VALUES }
      for (const position of index.candidates(alert)) {
        const rule = rules[position]
        if (!rule || !predicates[position]?.(subject)) continue
        const why = whyOff(times[position], at)
        if (why !== undefined) {
          onSkipped?.(rule, why)
          continue
        }
        matching.push(rule)
        if (!rule.continue) break
        if (rule.set) subject = { ...subject, values: valuesAfter(rule, subject, config.tables) }
      }
      return matching
    },
    isNonProduction: nonProduction ? compileWhen(nonProduction.when, sets) : () => false,
  }
}

/** As `compileRules`, once per config. */
export const rulesOf = /* @__PURE__ */ memoizeByConfig(compileRules)

/** Does a `when` match: a condition, or any of a list? */
export function compileWhen(when: When, sets?: Config['sets']): Predicate {
  if (!Array.isArray(when)) return compileCondition(when, sets)
  const conditions = when.map((condition) => compileCondition(condition, sets))
  return (subject) => conditions.some((matches) => matches(subject))
}

function compileCondition(condition: Condition, sets: Config['sets']): Predicate {
  const lines = fieldsOf(condition).map(([field, pattern]) => compileLine(field, pattern, sets).matches)
  for (const inner of condition.all ?? []) lines.push(compileCondition(inner, sets))
  if (condition.any) lines.push(compileWhen(condition.any, sets))
  if (condition.not) {
    const excluded = compileWhen(condition.not, sets)
    lines.push((subject) => !excluded(subject))
  }
  return (subject) => lines.every((matches) => matches(subject))
}

/** A field and its pattern, compiled. `names`: does the pattern name this value, with or without `not`? */
export function compileLine(
  field: string,
  pattern: Pattern,
  sets: Config['sets'],
): { matches: Predicate; names(value: string): boolean } {
  const matchers = matchersOf(pattern, sets)
  const wanted = !isNot(pattern)
  const names = (value: string) => matchers.some((matcher) => matcher.matches(value))
  return { names, matches: (subject) => valuesOf(subject, field).some(names) === wanted }
}

/** A subject's values of a field that a rule names. */
export function valuesOf(subject: Subject, field: string): string[] {
  if (field.startsWith(VALUE_FIELD)) return valueNamed(subject, field.slice(VALUE_FIELD.length))
  return field === 'firingFor' ? secondsFiring(subject) : fieldValues(subject.alert, field)
}

function valueNamed({ values = NO_VALUES }: Subject, name: string): string[] {
  const found = values.get(name)
  return found ? [found.value] : []
}

/** An alert that we have not seen firing started with this change; the duration is unknown if it is not firing. */
function secondsFiring({ alert, firingSince }: Subject): string[] {
  const since = firingSince ?? (alert.status === 'firing' ? alert.changedAt : undefined)
  if (since === undefined) return []
  return [String((Date.parse(alert.changedAt) - Date.parse(since)) / 1_000)]
}
