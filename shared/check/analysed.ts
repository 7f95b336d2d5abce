import { type Config, type Rule, SEVERITIES, type Severity } from '../../schemas/config.ts'
import { type CompiledRules, compileRules, compileWhen, type Subject } from '../decide/rules.ts'
import { type Conjunction, conjunctionsOf } from './conjunction.ts'

/** A rule, and what can be reasoned about of it. */
export interface AnalysedRule {
  index: number
  rule: Rule
  /** `undefined`: too many, and nothing is claimed of it. None: nothing matches. */
  conjunctions: Conjunction[] | undefined
  matches(subject: Subject): boolean
}

/** A config whose rules are taken apart, once for all that looks at them. */
export interface AnalysedConfig {
  config: Config
  rules: AnalysedRule[]
  /** As if every rule held at all times. */
  timeless: Config
  compiled: CompiledRules
}

export function analyse(config: Config): AnalysedConfig {
  const rules = config.rules.map((rule, index) => ({
    index,
    rule,
    conjunctions: conjunctionsOf(rule.when, config.sets),
    matches: compileWhen(rule.when, config.sets),
  }))
  const timeless = { ...config, rules: config.rules.map(({ active: _active, mute: _mute, ...rule }) => rule) }
  return { config, rules, timeless, compiled: compileRules(timeless) }
}

export function hasTimes({ active, mute }: Rule): boolean {
  return active !== undefined || mute !== undefined
}

/** The severity that a rule gives whatever it matches, where it gives one. */
export function fixedSeverity({ severity }: Rule): Severity | undefined {
  return SEVERITIES.find((known) => known === severity)
}
