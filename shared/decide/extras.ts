import type { Rule } from '../../schemas/config.ts'

/** The keys of a rule that an alert carries besides its severity and channels. */
export const EXTRAS = ['groupBy', 'runbook', 'labels', 'evidence', 'title', 'text'] as const satisfies (keyof Rule)[]
export type Extra = (typeof EXTRAS)[number]

/** What rules set for an alert besides severity and channels. `runbook` is for an alert without its own. */
export interface Extras extends Partial<Pick<Rule, Extra>> {
  /** The values that rules set, by name. */
  values?: Record<string, string>
  /** What its readers should know of the decision: a channel that there is not. */
  notes?: string[]
}

const ALL = [...EXTRAS, 'values', 'notes'] as const

/** Picks these from anything that has them. A resolve carries the same as its firing, so that its group is found again. */
export function extrasOf(from: Extras): Extras {
  return Object.fromEntries(ALL.flatMap((extra) => (from[extra] === undefined ? [] : [[extra, from[extra]]])))
}
