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

/** Do the rules ask what other alerts do: whether one explains it, or how many fire? */
export function asksOthers(config: Config): boolean {
  return Boolean(config.inhibit?.length) || countsAnything(config).isSo
}

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

/**
 * The most that began within the time of each other, it among them. `fired`: those that began within the time before it, and
 * after it; of many, the nearest.
 */
export function mostWith(
  fired: Fired[],
  own: string,
  { within }: Pick<NonNullable<Decision['count']>, 'within'>,
): number {
  const [ownMs, withinMs] = [Date.parse(own), durationMs(within)]
  const near = fired.map(({ at }) => Date.parse(at)).filter((at) => Math.abs(at - ownMs) <= withinMs)
  const times = near.sort((a, b) => a - b)
  let [most, end] = [0, 0]
  for (const [begin, from] of times.entries()) {
    if (from > ownMs) break
    while ((times[end] ?? Number.POSITIVE_INFINITY) <= from + withinMs) end++
    most = Math.max(most, end - begin)
  }
  return most
}
