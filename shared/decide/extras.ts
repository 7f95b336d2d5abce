import type { Rule } from '../../schemas/config.ts'

/** The keys of a rule that an alert carries beside its severity and channels. */
export const EXTRAS = ['groupBy', 'runbook', 'labels', 'title', 'text'] as const satisfies (keyof Rule)[]
export type Extra = (typeof EXTRAS)[number]

/** What rules give an alert beside its severity and channels. `runbook` is for an alert that names none itself. */
export type Extras = Partial<Pick<Rule, Extra>>

/** These of anything that has them. A resolve carries the same as its firing, so that alerts sent together are found again. */
export function extrasOf(from: Extras): Extras {
  return Object.fromEntries(EXTRAS.flatMap((extra) => (from[extra] === undefined ? [] : [[extra, from[extra]]])))
}
