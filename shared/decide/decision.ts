import type { Severity } from '../../schemas/config.ts'
import type { Extras } from './extras.ts'

/** Where an alert is sent, and why. */
export interface Decision extends Extras {
  severity: Severity
  /** The rule that set the severity, or `default`. */
  rule: string
  /** Channel names, each once, in the config's order. */
  channels: string[]
  /** Why, one step per line, for a person. */
  because: string[]
  /** Non-production: it never pages, not by a fallback either. */
  neverPages?: true
  /** Nobody is notified, because a rule says so. */
  nobody?: Nobody
}

/** The rule that says that nobody is notified, and its reason. */
export interface Nobody {
  rule: string
  reason: string
}

/** The same as a step of `because`. */
export function describeNobody({ rule, reason }: Nobody): string {
  return `rule "${rule}" notifies nobody: ${reason}`
}

/** A known firing: a resolve follows it. */
export interface Firing extends Extras {
  /** ISO 8601 */
  since: string
  severity: Severity
  rule: string
  /** Every channel that was notified, or is owed it. */
  channels: string[]
}

/** A channel that is notified later. */
export interface Held {
  channel: string
  /** ISO 8601 */
  until: string
  /** `within nights`, `outside office-hours` */
  why: string
  /** Its end is not known: it is evaluated again at `until`. */
  isOpen?: true
}

/** A decision at a moment: who is notified now, and who later. */
export interface Timed extends Decision {
  held: Held[]
}

/** All recipients, now or later. */
export function recipientsOf({ channels, held }: Timed): string[] {
  return [...channels, ...held.map(({ channel }) => channel)]
}
