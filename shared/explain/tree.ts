import type { Alert } from '../../schemas/alert.ts'
import { type Condition, type Config, fieldsOf, type Rule, type When } from '../../schemas/config.ts'
import { ALWAYS_THERE } from '../conditions/conjunction.ts'
import { writtenIn } from '../decide/channels-by-field.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { slotsIn } from '../decide/fill.ts'
import { compileLine, rulesOf } from '../decide/rules.ts'

/*
 * Routing for alerts of which only some fields are known: which rules they may reach, and where each rule sends them.
 */

/** Whether it matches. `maybe`: that depends on unknown fields. */
export type Answer = 'yes' | 'no' | 'maybe'

/** A rule that may win, or that adds to the decision of others. */
export interface Branch {
  rule: string
  /** Its position, from 1. */
  position: number
  matches: 'yes' | 'maybe'
  /** Later rules are evaluated too. */
  continues: boolean
  /** A severity, or the field that holds it (`{tags.severity}`). Absent if a rule with `continue` gives none. */
  severity?: string
  /** The severity if that field holds none. */
  otherwise?: string
  /** The channels. With `continue`, or a severity read from a field: only those that this rule adds or names. */
  channels: string[]
  /** Its channels replace the severity's. */
  instead: boolean
  /** It notifies nobody, for this reason. */
  nobody?: string
  /** The windows that limit when it is active, as written. */
  times?: string
}

/** The routing of such alerts. */
export interface Tree {
  /** Whether severity is capped, and nobody is paged. */
  nonProduction: Answer
  branches: Branch[]
  /** Rules that no such alert reaches, because an earlier one always matches. */
  neverReached: number
  /** The decision when no rule matches; absent if one always does. */
  byDefault?: Decision
}

/** Pure. `known` are the fields of `alert` that are known. */
export function treeOf(config: Config, alert: Alert, known: ReadonlySet<string>): Tree {
  const asks = (when: When) => answer(when, { alert, known, sets: config.sets })
  // Unknown fields do not make it production.
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
  return {
    nonProduction,
    branches,
    neverReached: 0,
    byDefault: decided([], going, { config, alert, known, isLowered }),
  }
}

interface Asked {
  config: Config
  alert: Alert
  known: ReadonlySet<string>
  isLowered: boolean
}

/** `going`: earlier rules with `continue` that certainly match. */
function branchOf(rule: Rule, going: Rule[], asked: Asked): Omit<Branch, 'position' | 'matches'> {
  const { severity, otherwise, channels, notify } = rule
  const times = timesOf(rule)
  const common = {
    rule: rule.name,
    continues: rule.continue === true,
    ...(times !== undefined && { times }),
    ...(notify && { nobody: notify.nobody }),
  }
  const instead = Array.isArray(channels) || notify !== undefined
  const own = writtenIn(channels)
  if (rule.continue || isOpen(severity ?? '', asked.known)) {
    return { ...common, ...(severity && { severity }), ...(otherwise && { otherwise }), channels: own, instead }
  }
  const decision = decided([rule], going, asked)
  const { nobody } = decision
  return {
    ...common,
    severity: decision.severity,
    channels: decision.channels,
    instead,
    ...(nobody && { nobody: nobody.reason }),
  }
}

const EVERYTHING: When = { fingerprint: '*' }

/** The router's decision if exactly these rules match. */
function decided(rules: Rule[], going: Rule[], { config, alert, known, isLowered }: Asked): Decision {
  const all = [...going, ...rules]
  const always = all.map(({ active: _active, mute: _mute, ...rule }) => ({
    ...rule,
    when: EVERYTHING,
    channels: withoutOpen(rule.channels, known),
  }))
  const nonProduction = config.nonProduction && isLowered && { ...config.nonProduction, when: EVERYTHING }
  const decision = decide(alert, { ...config, rules: always, nonProduction: nonProduction || undefined })
  const open = decision.nobody ? [] : openOfLast(all, known)
  return { ...decision, channels: [...new Set([...decision.channels, ...open])] }
}

/** Does it depend on something that is not known? Then the name of a channel is shown as it is written. */
function isOpen(text: string, known: ReadonlySet<string>): boolean {
  return slotsIn(text).some(({ field }) => !known.has(field))
}

function withoutOpen(channels: Rule['channels'], known: ReadonlySet<string>): Rule['channels'] {
  const isKnown = (name: string) => !isOpen(name, known)
  return Array.isArray(channels) ? channels.filter(isKnown) : channels && { add: channels.add.filter(isKnown) }
}

/** The names that depend on it: of the last list, and all that are added. */
function openOfLast(rules: Rule[], known: ReadonlySet<string>): string[] {
  const list = rules.findLast(({ channels }) => Array.isArray(channels))
  const used = rules.filter((rule) => rule === list || !Array.isArray(rule.channels))
  return used.flatMap(({ channels }) => writtenIn(channels)).filter((name) => isOpen(name, known))
}

/** The windows that limit when it is active, as written: `active: office-hours`. */
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
