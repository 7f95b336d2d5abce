import type { Config, Rule } from '../../schemas/config.ts'

/** What happens while it fires: of a rule, a severity, or the file. */
export const WHILE_FIRING = [
  'hold',
  'count',
  'remind',
  'escalate',
  'response',
  'flapping',
] as const satisfies (keyof Rule & keyof Config)[]
type WhileFiring = (typeof WHILE_FIRING)[number]

/** The keys of a rule that an alert carries besides its severity and channels. */
export const EXTRAS = ['groupBy', 'runbook', 'labels', 'evidence', 'title', 'text', ...WHILE_FIRING] as const
export type Extra = (typeof EXTRAS)[number]

/** Without the word that switches it off. */
type On<Value> = Exclude<Value, 'none'>

/** What rules set for an alert besides severity and channels. `runbook` is for an alert without its own. */
export type Extras = Partial<Pick<Rule, Exclude<Extra, WhileFiring>>> & {
  [Key in WhileFiring]?: On<Rule[Key]>
} & {
  /** Whose count it is: `rule "disk"`, `severity critical`, `the file`. Each counts its own. */
  count?: { of: string }
  /** The values that rules set, by name. */
  values?: Record<string, string>
  /** What its readers should know of the decision: a channel that there is not. */
  notes?: string[]
}

const ALL = [...EXTRAS, 'values', 'notes'] as const

/** Without what happens while it fires: what a message shows, or is grouped by. */
export function withoutPlan<Of extends Partial<Record<WhileFiring, unknown>>>(of: Of): Omit<Of, WhileFiring> {
  const { hold: _hold, count: _count, remind: _remind, escalate: _to, response: _by, flapping: _flapping, ...rest } = of
  return rest
}

/** Picks these from anything that has them. A resolve carries the same as its firing, so that its group is found again. */
export function extrasOf(from: Extras): Extras {
  return Object.fromEntries(ALL.flatMap((extra) => (from[extra] === undefined ? [] : [[extra, from[extra]]])))
}
