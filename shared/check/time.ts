import type { AnalysedRule } from './analysed.ts'

/**
 * Whether there is time left: called before each step that may take long. Once false, it stays false. The time that an
 * analysis takes depends on the rules' patterns, so it needs a limit.
 */
export type HasTime = () => boolean

/** No limit. */
export const unlimited: HasTime = () => true

/** A limit of `ms` from now. */
export function timeFor(ms: number, clock: () => number = () => performance.now()): HasTime {
  const end = clock() + ms
  return () => clock() < end
}

/** Checks the rules while there is time: the findings, and the rules left, which were not (fully) checked. */
export function checkInTime<Found>(
  rules: readonly AnalysedRule[],
  hasTime: HasTime,
  look: (rule: AnalysedRule) => Found[],
): { found: Found[]; left: AnalysedRule[] } {
  const found: Found[] = []
  for (const [at, rule] of rules.entries()) {
    found.push(...look(rule))
    // Findings for the rule at which time ran out are certain, but may be incomplete.
    if (!hasTime()) return { found, left: rules.slice(at) }
  }
  return { found, left: [] }
}
