import type { Config } from '../../schemas/config.ts'
import { durationMs } from '../decide/duration.ts'
import { plansIn } from './escalation-problems.ts'
import type { Problem } from './problem.ts'
import { settersOf } from './value-scope.ts'
import { fieldProblems } from './when-problems.ts'

/** What is counted is kept for a few days. */
const LONGEST_MS = 24 * 60 * 60_000

/** A count's time and fields. */
export function countProblems(config: Config): Problem[] {
  const scope = { config, setters: settersOf(config), before: Number.POSITIVE_INFINITY }
  return plansIn(config).flatMap(({ path, plan: { count } }): Problem[] => {
    if (count === undefined || count === 'none') return []
    const { within, by = [] } = count
    const ofFields = by.flatMap((field, index) => fieldProblems(field, [...path, 'count', 'by', index], { scope }))
    if (durationMs(within) <= LONGEST_MS) return ofFields
    return [{ path: [...path, 'count', 'within'], message: `found ${within}. Allowed: at most 24h` }, ...ofFields]
  })
}
