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

/** A rule, and what can be reasoned about of it. */
export interface AnalysedRule {
  index: number
  rule: Rule
  /** `undefined`: too many, and nothing is claimed of it. None: nothing matches. As if it held at all times. */
  conjunctions: Conjunction[] | undefined
  /** When it holds: any of these, each of which says of windows that they are open, or not. */
  times: Literal[][]
  matches(subject: Subject): boolean
}

/** A config whose rules are taken apart, once for all that looks at them. */
export interface AnalysedConfig {
  config: Config
  rules: AnalysedRule[]
  byName: ReadonlyMap<string, AnalysedRule>
  /** As if every rule held at all times. */
  timeless: Config
  /** `timeless`, compiled. */
  compiled: CompiledRules
  /** As if only those with no times held, and those with the very times of this rule. */
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

/** The same conjunctions, at the times that a rule holds. */
export function inTime(conjunctions: Conjunction[], { times }: Pick<AnalysedRule, 'times'>): Conjunction[] {
  return times.flatMap((literals) =>
    literals.length === 0 ? conjunctions : conjunctions.map((one) => withLiterals(one, literals)),
  )
}

/** Of a window nothing is known but whether it is open: two of them may always be so, or never, together. */
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

/** The severity that a rule gives whatever it matches, where it gives one. */
export function fixedSeverity({ severity }: Rule): Severity | undefined {
  return SEVERITIES.find((known) => known === severity)
}
