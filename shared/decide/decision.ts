import type { Severity } from '../../schemas/config.ts'
import type { Extras } from './extras.ts'

/** Where an alert goes, and why. */
export interface Decision extends Extras {
  severity: Severity
  /** The name of the rule that gave the severity, or `default`. */
  rule: string
  /** Names of channels, each once, in the config's order of mention. */
  channels: string[]
  /** Why, one step a line, for a person. */
  because: string[]
  /** It is non-production: nobody is paged for it, by no way. */
  neverPages?: true
}

/** What is known of an alert that has been firing: a resolve follows it. */
export interface Firing extends Extras {
  /** ISO 8601 */
  since: string
  severity: Severity
  rule: string
  /** Every channel that has been told, or is to be. */
  channels: string[]
}

/** A channel that is told later. */
export interface Held {
  channel: string
  /** ISO 8601 */
  until: string
  /** `within nights`, `outside office-hours` */
  why: string
}

/** A decision at a moment: whom to tell now, and whom later. */
export interface Timed extends Decision {
  held: Held[]
}

/** All that are told, at once or later. */
export function recipientsOf({ channels, held }: Timed): string[] {
  return [...channels, ...held.map(({ channel }) => channel)]
}
