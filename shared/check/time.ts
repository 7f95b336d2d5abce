import type { AnalysedRule } from './analysed.ts'

/**
 * Is there time left? It is asked before each step that may take long, and once it says no, it says so ever after. How long
 * a look at rules takes depends on their patterns, and nobody should wait for its end.
 */
export type HasTime = () => boolean

/** Time for as long as it takes. */
export const unlimited: HasTime = () => true

/** Time for so many ms from now. */
export function timeFor(ms: number, clock: () => number = () => performance.now()): HasTime {
  const end = clock() + ms
  return () => clock() < end
}

/** What is found of each rule while there is time, and the rules that are then left, not looked at or not to the end. */
export function lookThrough<Found>(
  rules: readonly AnalysedRule[],
  hasTime: HasTime,
  look: (rule: AnalysedRule) => Found[],
): { found: Found[]; left: AnalysedRule[] } {
  const found: Found[] = []
  for (const [at, rule] of rules.entries()) {
    found.push(...look(rule))
    // What is found of a rule while the time runs out is certain, and may not be all.
    if (!hasTime()) return { found, left: rules.slice(at) }
  }
  return { found, left: [] }
}
