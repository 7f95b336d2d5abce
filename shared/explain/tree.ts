import type { Alert } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, type Rule, type When } from '../../schemas/config.ts'
import { ALWAYS_THERE } from '../conditions/conjunction.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { compileLine, rulesOf } from '../decide/rules.ts'

/*
 * Who gets what, of alerts of which only some fields are known: which rules they may come to, and where each of these sends
 * them.
 */

/** Does it match? `maybe`: fields that are not known decide. */
export type Answer = 'yes' | 'no' | 'maybe'

/** A rule that may decide, or adds to what others decide. */
export interface Branch {
  rule: string
  /** Where it stands, from 1. */
  position: number
  matches: 'yes' | 'maybe'
  /** Later rules are looked at too. */
  continues: boolean
  /** A severity, or the field that holds it (`{tags.severity}`). Absent where a rule that goes on gives none. */
  severity?: string
  /** The severity, where that field holds none. */
  otherwise?: string
  /** Who is told; of a severity that is read from a field, and of a rule that goes on, who is told beside others. */
  channels: string[]
  /** Its channels stand in place of the severity's. */
  instead: boolean
  /** The windows by which it matches at some times only, as they are written. */
  times?: string
}

/** Who gets what. */
export interface Tree {
  /** At the most so bad, and never paged. */
  nonProduction: Answer
  branches: Branch[]
  /** Rules that no such alert comes to, for one above has matched already. */
  neverReached: number
  /** What becomes of what no rule matches; absent where one always does. */
  byDefault?: Decision
}

/** Pure. `known` are the fields of `alert` that are known. */
export function treeOf(config: Config, alert: Alert, known: ReadonlySet<string>): Tree {
  const asks = (when: When) => answer(when, { alert, known, sets: config.sets })
  // What is not known does not make it production.
  const isKnown = rulesOf(config).isNonProduction({ alert })
  const nonProduction = isKnown ? 'yes' : config.nonProduction ? asks(config.nonProduction.when) : 'no'
  const isLowered = nonProduction === 'yes'
  const branches: Branch[] = []
  const going: Rule[] = []
  for (const [index, rule] of config.rules.entries()) {
    const matches = asks(rule.when)
    if (matches === 'no') continue
    branches.push({ ...branchOf(rule, going, { config, alert, known, isLowered }), position: index + 1, matches })
    if (matches === 'maybe' || timesOf(rule) !== undefined) continue
    if (!rule.continue) return { nonProduction, branches, neverReached: config.rules.length - index - 1 }
    going.push(rule)
  }
  return { nonProduction, branches, neverReached: 0, byDefault: decided([], going, { config, alert, isLowered }) }
}

interface Asked {
  config: Config
  alert: Alert
  known: ReadonlySet<string>
  isLowered: boolean
}

/** `going`: rules above that surely match, and go on. */
function branchOf(rule: Rule, going: Rule[], asked: Asked): Omit<Branch, 'position' | 'matches'> {
  const { severity, otherwise, channels } = rule
  const times = timesOf(rule)
  const common = { rule: rule.name, continues: rule.continue === true, ...(times !== undefined && { times }) }
  const instead = Array.isArray(channels)
  const own = channels === undefined ? [] : instead ? channels : channels.add
  const field = severity === undefined ? undefined : /^\{(.*)\}$/s.exec(severity)?.[1]
  const isOpen = field !== undefined && !asked.known.has(field)
  if (rule.continue || isOpen) {
    return { ...common, ...(severity && { severity }), ...(otherwise && { otherwise }), channels: own, instead }
  }
  const decision = decided([rule], going, asked)
  return { ...common, severity: decision.severity, channels: decision.channels, instead }
}

const EVERYTHING: When = { fingerprint: '*' }

/** What the router decides where these match, and no other. */
function decided(rules: Rule[], going: Rule[], { config, alert, isLowered }: Omit<Asked, 'known'>): Decision {
  const always = [...going, ...rules].map(({ active: _active, mute: _mute, ...rule }) => ({
    ...rule,
    when: EVERYTHING,
  }))
  const nonProduction = config.nonProduction && isLowered && { ...config.nonProduction, when: EVERYTHING }
  return decide(alert, { ...config, rules: always, nonProduction: nonProduction || undefined })
}

/** By which windows it is at some times only, as they are written: `active: office-hours`. */
export function timesOf({ active, mute }: Pick<Rule, 'active' | 'mute'>): string | undefined {
  const asText = (which: unknown) => (typeof which === 'string' ? which : JSON.stringify(which))
  const said = [
    ...(active === undefined ? [] : [`active: ${asText(active)}`]),
    ...(mute === undefined ? [] : [`mute: ${asText(mute)}`]),
  ]
  return said.length > 0 ? said.join(', ') : undefined
}

interface Known {
  alert: Alert
  known: ReadonlySet<string>
  sets: Config['sets']
}

function answer(when: When, about: Known): Answer {
  return Array.isArray(when) ? anyOf(when.map((one) => ofCondition(one, about))) : ofCondition(when, about)
}

function ofCondition(condition: Condition, about: Known): Answer {
  return allOf([
    ...fieldsOf(condition).map(([field, pattern]): Answer => {
      if (ALWAYS_THERE.has(field) && (pattern === '*' || pattern === '?*')) return 'yes'
      if (!about.known.has(field)) return 'maybe'
      return compileLine(field, pattern, about.sets).matches({ alert: about.alert }) ? 'yes' : 'no'
    }),
    ...(condition.all ?? []).map((one) => ofCondition(one, about)),
    ...(condition.any ? [answer(condition.any, about)] : []),
    ...(condition.not ? [opposite(answer(condition.not, about))] : []),
  ])
}

function allOf(answers: Answer[]): Answer {
  return answers.includes('no') ? 'no' : answers.includes('maybe') ? 'maybe' : 'yes'
}

function anyOf(answers: Answer[]): Answer {
  return answers.includes('yes') ? 'yes' : answers.includes('maybe') ? 'maybe' : 'no'
}

function opposite(one: Answer): Answer {
  return one === 'maybe' ? one : one === 'yes' ? 'no' : 'yes'
}
