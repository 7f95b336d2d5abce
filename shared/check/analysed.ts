import {
  type Condition,
  type Config,
  fieldsOf,
  type Pattern,
  type Rule,
  SEVERITIES,
  type Severity,
  VALUE_FIELD,
  type When,
} from '../../schemas/config.ts'
import type { WhichWindows } from '../../schemas/windows.ts'
import {
  type Conjunction,
  conjunctionsOf,
  type Literal,
  opposite,
  TIME,
  withLiterals,
} from '../conditions/conjunction.ts'
import { type CompiledRules, compileRules, compileWhen, type Subject } from '../decide/rules.ts'

/** A rule, with its condition in a form that can be analysed. */
export interface AnalysedRule {
  index: number
  rule: Rule
  /** Ignoring its times. `undefined`: too many, so nothing is claimed about the rule. Empty: it matches nothing. */
  conjunctions: Conjunction[] | undefined
  /** When the rule is active: in any of these cases, each of which states which windows are open or closed. */
  times: Literal[][]
  matches(subject: Subject): boolean
}

/** A config with its rules analysed once for all checks. */
export interface AnalysedConfig {
  config: Config
  rules: AnalysedRule[]
  byName: ReadonlyMap<string, AnalysedRule>
  /** With every rule active at all times. */
  timeless: Config
  /** `timeless`, compiled. */
  compiled: CompiledRules
  /** With only the rules that have no times, or the same times as this rule. */
  compiledFor(rule: Rule): CompiledRules
}

export function analyse(config: Config): AnalysedConfig {
  const all = config.rules.map((rule) => ({ rule }))
  const rules = config.rules.map((rule, index) => ({
    index,
    rule,
    conjunctions: conjunctionsOf(withMoments(rule.when, index, all), config.sets),
    times: timesOf(rule),
    matches: compileWhen(rule.when, config.sets),
  }))
  const timeless = (some: Rule[]): Config => {
    return { ...config, rules: some.map(({ active: _active, mute: _mute, ...rule }) => rule) }
  }
  const byTimes = new Map<string, CompiledRules>()
  const compiledFor = (rule: Rule) => {
    const key = timesKey(rule)
    const compiled =
      byTimes.get(key) ?? compileRules(timeless(config.rules.filter((one) => !hasTimes(one) || timesKey(one) === key)))
    byTimes.set(key, compiled)
    return compiled
  }
  const always = timeless(config.rules)
  return {
    ...{ config, rules, byName: new Map(rules.map((one) => [one.rule.name, one])) },
    ...{ timeless: always, compiled: compileRules(always), compiledFor },
  }
}

/**
 * A value is another one once a later rule may have set it: `values.team #2` is what it is after rule 2. So nothing is
 * concluded from what one rule asks of it about another.
 */
function withMoments(when: When, index: number, rules: readonly { rule: Rule }[]): When {
  if (Array.isArray(when)) return when.map((one) => momentsIn(one, index, rules))
  return momentsIn(when, index, rules)
}

/** A value as a rule's `when` finds it, as a field. */
export function momentOf(name: string, index: number, rules: readonly { rule: Rule }[]): string {
  let setter = index - 1
  while (setter >= 0 && !Object.hasOwn(rules[setter]?.rule.set ?? {}, name)) setter--
  return `${VALUE_FIELD}${name} #${setter}`
}

function momentsIn(condition: Condition, index: number, rules: readonly { rule: Rule }[]): Condition {
  const { all, any, not } = condition
  const lines = fieldsOf(condition).map(([field, pattern]): [string, Pattern] => {
    if (!field.startsWith(VALUE_FIELD)) return [field, pattern]
    return [momentOf(field.slice(VALUE_FIELD.length), index, rules), pattern]
  })
  return {
    ...Object.fromEntries(lines),
    ...(all && { all: all.map((one) => momentsIn(one, index, rules)) }),
    ...(any && { any: any.map((one) => momentsIn(one, index, rules)) }),
    ...(not && { not: withMoments(not, index, rules) }),
  }
}

/** The conjunctions, limited to the times when the rule is active. */
export function inTime(conjunctions: Conjunction[], { times }: Pick<AnalysedRule, 'times'>): Conjunction[] {
  return times.flatMap((literals) =>
    literals.length === 0 ? conjunctions : conjunctions.map((one) => withLiterals(one, literals)),
  )
}

/** A window is only known to be open or closed: any two may always, or never, be open together. */
function timesOf({ active, mute }: Rule): Literal[][] {
  const closed = (mute === undefined ? [] : windowsIn(mute)).map((name) => opposite(isOpen(name)))
  return active === undefined ? [closed] : windowsIn(active).map((name) => [isOpen(name), ...closed])
}

function windowsIn(which: WhichWindows): string[] {
  return typeof which === 'object' && !Array.isArray(which) ? [JSON.stringify(which)] : [which].flat()
}

function isOpen(window: string): Literal {
  return { field: `${TIME}${window}`, wanted: true, exacts: new Set(['open']), others: [] }
}

function timesKey({ active, mute }: Rule): string {
  return JSON.stringify([active, mute])
}

export function hasTimes({ active, mute }: Rule): boolean {
  return active !== undefined || mute !== undefined
}

/** What a rule gives to everything it matches, the worst first. */
export const GIVEN = [...SEVERITIES, 'nobody'] as const
export type GivenBy = (typeof GIVEN)[number]

/** The severity that a rule gives to everything it matches, or that nobody is notified of it. */
export function givenBy(rule: Rule): GivenBy | undefined {
  return rule.notify ? 'nobody' : fixedSeverity(rule)
}

/** The severity that a rule gives to everything it matches, if it gives one. */
export function fixedSeverity({ severity }: Rule): Severity | undefined {
  return SEVERITIES.find((known) => known === severity)
}
