import { type Config, type Rule, SEVERITIES, type Severity } from '../../schemas/config.ts'
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
  const rules = config.rules.map((rule, index) => ({
    index,
    rule,
    conjunctions: conjunctionsOf(rule.when, config.sets),
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

/** The severity that a rule gives to everything it matches, if it gives one. */
export function fixedSeverity({ severity }: Rule): Severity | undefined {
  return SEVERITIES.find((known) => known === severity)
}
