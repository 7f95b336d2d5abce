import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import type { Config, Inhibition } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import { alarmsInRule } from '../parse/alarm-rule.ts'
import { memoizeByConfig } from './once-a-config.ts'
import { setName } from './pattern.ts'
import { RuleIndex } from './rule-index.ts'
import { compileWhen } from './rules.ts'
import { mayBeSilenced } from './silence.ts'

/*
 * Inhibitions: while one alert fires, others need not be sent. Whatever mutes and whatever is muted by it belong to a group:
 * the inhibition, and the values that both have in its fields. An alert is in a group by its own fields alone, so that
 * neither has to search for the other. Pure.
 */

/** A group that an alert is in, on either side. */
export interface Group {
  /** The inhibition's name. */
  inhibition: string
  /** Short, and another one once the inhibition is edited. */
  id: string
}

/** The groups whose alerts it mutes while it fires. What has no end mutes nothing, and neither does a drill. */
export function mutes(alert: Alert, config: Config): Group[] {
  if (alert.once) return []
  return found(alert, inhibitionsOf(config).sources, ({ inhibition, hash }) =>
    (inhibition.children ? childrenOf(alert) : [[]]).flatMap((child) => groupOf(alert, inhibition, hash, child)),
  )
}

/** The groups whose firings mute it. */
export function mutedIn(alert: Alert, config: Config): Group[] {
  return found(alert, inhibitionsOf(config).targets, ({ inhibition, hash }) =>
    groupOf(alert, inhibition, hash, inhibition.children ? [alert.account ?? '', alert.region ?? '', alert.name] : []),
  )
}

interface Compiled {
  inhibition: Inhibition
  hash: string
}

interface Side {
  index: RuleIndex
  all: Compiled[]
  matches: ReturnType<typeof compileWhen>[]
}

const inhibitionsOf = /* @__PURE__ */ memoizeByConfig((config: Config) => {
  const { inhibit = [], sets } = config
  const all = inhibit.map((inhibition) => ({
    inhibition,
    hash: hashOf([inhibition.name, asWritten(inhibition, sets)]),
  }))
  const side = (whenOf: (inhibition: Inhibition) => Inhibition['when']): Side => {
    const index = new RuleIndex()
    for (const [position, one] of inhibit.entries()) index.add(whenOf(one), sets, position)
    return { index, all, matches: inhibit.map((one) => compileWhen(whenOf(one), sets)) }
  }
  return { sources: side(({ when }) => when), targets: side(({ mutes = ANYTHING }) => mutes) }
})

/** Whatever decides which alerts mute by it: an edit of that ends what they muted. */
function asWritten({ when, equal, children }: Inhibition, sets: Config['sets'] = {}): string {
  return JSON.stringify([when, equal, children], (_key, value) => {
    const name = typeof value === 'string' ? setName(value) : undefined
    return name === undefined ? value : sets[name]
  })
}

/** Of a composite alarm, whatever is among its children. */
const ANYTHING = { name: '*' }

function found(alert: Alert, { index, all, matches }: Side, groupsOf: (one: Compiled) => Group[]): Group[] {
  if (all.length === 0 || alert.status === 'resolved' || !mayBeSilenced(alert)) return []
  const groups: Group[] = []
  for (const position of index.candidates(alert)) {
    const one = all[position]
    if (one && matches[position]?.({ alert })) groups.push(...groupsOf(one))
  }
  return groups
}

/** None, if the alert lacks one of the values: two alerts that both lack it have nothing in common. */
function groupOf(alert: Alert, { name, equal = [] }: Inhibition, hash: string, child: string[]): Group[] {
  const values = equal.map((field) => fieldValues(alert, field))
  if (values.some((one) => one.length === 0)) return []
  const own = JSON.stringify([...values, ...child])
  return [{ inhibition: name, id: `${hash} ${own.length > LONGEST_OWN ? hashOf(own) : own}` }]
}

/** In the key of an item, which has at most 2 KB. */
const LONGEST_OWN = 300

/** CloudWatch's own limit of a composite alarm's children. */
const MOST_CHILDREN = 100

/** The alarms that a composite is made of, each by its account, region and name: they are where it is. */
function childrenOf({ children, alarmRule, account = '', region = '' }: Alert): string[][] {
  // It fires by some of them, and mutes all.
  const names = new Set([...children.map(({ name }) => name), ...alarmsInRule(alarmRule)])
  return [...names].slice(0, MOST_CHILDREN).map((name) => [account, region, name])
}

function hashOf(data: unknown): string {
  return createHash('sha256').update(JSON.stringify(data)).digest('base64url').slice(0, 22)
}
