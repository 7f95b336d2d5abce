import { createHash } from 'node:crypto'
import type { Alert } from '../../schemas/alert.ts'
import { type Config, VALUE_FIELD } from '../../schemas/config.ts'
import { fieldValues } from '../alert/field.ts'
import type { Decision } from './decision.ts'
import { durationMs } from './duration.ts'
import { memoizeByConfig } from './once-a-config.ts'

/*
 * An alert may be worth a message only if others like it fire, too. Firings are counted by when they began, in groups: whose
 * count it is, and the values in its fields. One counts if it is among enough that began within the time. Pure.
 */

/** Do the rules count anything? */
export const countsAnything = /* @__PURE__ */ memoizeByConfig((config: Config) => {
  const all = [config, ...Object.values(config.severities), ...config.rules]
  return { isSo: all.some(({ count }) => count !== undefined && count !== 'none') }
})

/** The group in which a decision's alert is counted. */
export function countedIn(
  alert: Alert,
  { count, values = {} }: Pick<Decision, 'count' | 'values'>,
): string | undefined {
  if (!count) return undefined
  const { of, atLeast, within, by } = count
  const valuesOf = (field: string) =>
    field.startsWith(VALUE_FIELD) ? values[field.slice(VALUE_FIELD.length)] : fieldValues(alert, field)
  const like = by ? by.map(valuesOf) : alert.fingerprint
  return createHash('sha256')
    .update(JSON.stringify([of, atLeast, within, by, like]))
    .digest('base64url')
    .slice(0, 22)
}

/** A firing that was counted: when it began (ISO 8601), and the key of its alert. */
export interface Fired {
  at: string
  alert: string
}

/** Are there enough about one of them? `fired`: at least those that began within the time of it, it among them. */
export function isEnough(fired: Fired[], own: string, { atLeast, within }: NonNullable<Decision['count']>): boolean {
  const times = fired.map(({ at }) => at).sort()
  return times.some((first, index) => {
    const last = times[index + atLeast - 1]
    if (last === undefined || first > own || last < own) return false
    return Date.parse(last) - Date.parse(first) <= durationMs(within)
  })
}
