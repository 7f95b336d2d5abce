import type { Alert } from '../../schemas/alert.ts'
import type { AlertState, Others } from './alert-state.ts'
import type { Decision } from './decision.ts'
import { durationMs } from './duration.ts'
import { asBefore } from './once-a-config.ts'
import type { Silenced } from './silence.ts'
import type { Hold } from './windows.ts'

/*
 * What other alerts say about one: that it need not be sent while another fires (inhibit.ts), or before enough of them do
 * (count.ts). It is read before the alert is decided, and decided with. Pure.
 */

/** A config, and what others say about one alert; `undefined`: nothing can be said by these rules, or nobody has asked. */
export function withOthers(config: Silenced, others: Others | undefined): Silenced {
  return others === undefined ? config : asBefore<Silenced>({ ...config, others }, config)
}

/** Usually a change of the others ends it. In case that was missed, it is evaluated again after this time. */
const AGAIN_MS = 10 * 60_000

/** Whether others hold it. The end is not known. */
export function holdOfOthers(
  { others = {} }: Pick<Silenced, 'others'>,
  { count }: Pick<Decision, 'count'>,
  { since, at, once }: { since: string; at: Date; once: boolean },
): Hold | undefined {
  const { mutedBy, counted } = others
  if (mutedBy) {
    const why = `inhibited by "${mutedBy.inhibition}" while "${mutedBy.title}" fires`
    return { until: new Date(at.getTime() + AGAIN_MS), why, isOpen: true }
  }
  if (!count || counted?.isEnough) return undefined
  const { atLeast, within, by } = count
  const like = by ? ` with the same ${by.join(', ')}` : ''
  const why = `sent once ${atLeast} fire within ${within}${like}: ${counted?.found ?? 1} so far`
  const lastAt = Date.parse(since) + durationMs(within)
  // None that comes later counts with it.
  if (lastAt > at.getTime()) return { until: new Date(lastAt), why, isOpen: true }
  return { until: new Date(at.getTime() + NEVER_MS), why, isOpen: true, ...(once && { isOver: true }) }
}

/** By its time alone, it is not sent any more. New rules may say otherwise, and those evaluate it. */
const NEVER_MS = 30 * 86_400_000

/** What others say of it is kept with it. */
export function withWhatOthersSay(state: AlertState, { others = {} }: Pick<Silenced, 'others'>): void {
  const { mutedBy, counted } = others
  if (mutedBy) state.mutedBy = mutedBy
  else delete state.mutedBy
  if (counted?.isEnough && state.firing) state.firing.counted = true
  const groups = [...(mutedBy ? [mutedBy.group] : []), ...(counted && !counted.isEnough ? [counted.group] : [])]
  if (groups.length > 0) state.waitsIn = groups
  else delete state.waitsIn
}

/** When the episode began that an alert's change belongs to (ISO 8601), as far as is known. */
export function beganAt(
  { changedAt }: Pick<Alert, 'changedAt'>,
  state: Pick<AlertState, 'firing'> | undefined,
): string {
  const since = state?.firing?.since
  return since !== undefined && since < changedAt ? since : changedAt
}

/** Is it one of those that fire, and mute a group? */
export function isSource({ firing }: Pick<AlertState, 'firing'>, group: string): boolean {
  return firing?.mutes?.includes(group) === true
}

/** How many alerts may mute each other in a row. */
export const MOST_IN_A_ROW = 8

/**
 * Does a source mute an alert? Of alerts that mute each other, directly or through others, the first by its key is sent: all of
 * them decide so, each on its own.
 * @param row the source, what mutes it, what mutes that, and so on; one more than `MOST_IN_A_ROW` is too many.
 */
export function doesMute(row: AlertState[], target: string): boolean {
  for (const [at, one] of row.slice(0, MOST_IN_A_ROW).entries()) {
    if (one.fingerprint === target) return false
    if (one.mutedBy?.source === target) return row.slice(0, at + 1).some(({ fingerprint }) => fingerprint < target)
    const next = row[at + 1]
    // None, or one that has ended: what it muted is about to be sent.
    if (!next || !isSource(next, one.mutedBy?.group ?? '')) return true
  }
  return false
}

/** The groups that the first of two states of an alert mutes, and the second does not. */
export function freedBetween(before: AlertState | undefined, after: AlertState | undefined): Set<string> {
  return new Set(before?.firing?.mutes).difference(new Set(after?.firing?.mutes))
}
