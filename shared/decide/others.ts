import type { Alert, AlertStatus } from '../../schemas/alert.ts'
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

/** Usually a change of the others ends it. In case that was missed, it is evaluated again, less and less often. */
const AGAIN_MS = 10 * 60_000
const MOST_AGAIN_MS = 60 * 60_000

function againAt(since: string, at: Date): Date {
  const lastsMs = at.getTime() - Date.parse(since)
  return new Date(at.getTime() + Math.min(MOST_AGAIN_MS, Math.max(AGAIN_MS, lastsMs / 4)))
}

/** Whether others hold it. The end is not known. */
export function holdOfOthers(
  { others = {} }: Pick<Silenced, 'others'>,
  { count }: Pick<Decision, 'count'>,
  { since, at, once }: { since: string; at: Date; once: boolean },
): Hold | undefined {
  const { mutedBy, counted } = others
  if (mutedBy) {
    const why = `inhibited by "${mutedBy.inhibition}" while "${mutedBy.title}" fires`
    return { until: againAt(since, at), why, isOpen: true }
  }
  if (!count || counted?.isEnough) return undefined
  const { atLeast, within, by } = count
  const like = by ? ` with the same ${by.join(', ')}` : ''
  const why = `sent once ${atLeast} fire within ${within}${like}: ${counted?.found ?? 1} so far`
  const lastAt = Date.parse(since) + durationMs(within)
  // None that comes later counts with it.
  if (lastAt > at.getTime()) return { until: new Date(lastAt), why, isOpen: true }
  // What arrives late may be one of several that do.
  if (once) return { until: new Date(at.getTime() + durationMs(within)), why, isOpen: true, isOver: true }
  return { until: new Date(at.getTime() + NEVER_MS), why, isOpen: true }
}

/** By its time alone, it is not sent any more. New rules may say otherwise, and those evaluate it. */
const NEVER_MS = 30 * 86_400_000

/** What others say of it is kept with it. `status`: of the change that they were asked about. */
export function withWhatOthersSay(
  state: AlertState,
  { others = {} }: Pick<Silenced, 'others'>,
  status: AlertStatus = 'firing',
): void {
  const { firing, noData, once } = state
  const goesOn = firing || noData || once
  // An older end says nothing of what has begun since.
  if (goesOn && status === 'resolved') return
  const { mutedBy, counted } = goesOn ? others : {}
  // Firings are counted: one that has lost its data since waits as before.
  const countedIn = firing && !firing.counted && status === 'insufficient-data' ? countGroupsOf(state) : []
  if (counted && !counted.isEnough) countedIn.push(counted.group)
  if (mutedBy) state.mutedBy = mutedBy
  else delete state.mutedBy
  if (counted?.isEnough && firing) firing.counted = true
  const groups = [...(mutedBy ? [mutedBy.group] : []), ...countedIn]
  if (groups.length > 0) state.waitsIn = groups
  else delete state.waitsIn
}

const countGroupsOf = ({ waitsIn = [], mutedBy }: AlertState) => waitsIn.filter((group) => group !== mutedBy?.group)

/** When the episode began that an alert's change belongs to (ISO 8601), as far as is known. */
export function beganAt(
  { changedAt }: Pick<Alert, 'changedAt'>,
  state: Pick<AlertState, 'firing'> | undefined,
): string {
  const since = state?.firing?.since
  return since !== undefined && since < changedAt ? since : changedAt
}

/** Of the changes of one alert, the one that others are asked about: the newest firing, as firings are counted. */
export function askedAbout(alerts: Alert[]): Alert | undefined {
  const firings = alerts.filter(({ status }) => status === 'firing')
  return (firings.length > 0 ? firings : alerts).toSorted((a, b) => b.changedAt.localeCompare(a.changedAt))[0]
}

/** Is it one of those that fire, and mute a group? */
export function isSource({ firing }: Pick<AlertState, 'firing'>, group: string): boolean {
  return firing?.mutes?.includes(group) === true
}

/** Does it fire already, and nothing mutes it? */
export function isFree(state: Pick<AlertState, 'firing' | 'mutedBy'> | undefined): boolean {
  return state?.firing !== undefined && state.mutedBy === undefined
}

/** How many alerts may mute each other in a row. */
export const MOST_IN_A_ROW = 8

/**
 * Does a source mute an alert? Of alerts that mute each other, directly or through others, the one stays that fires and is not
 * muted; if each is, the first by its key is sent: all of them decide so, each on its own.
 * @param row the source, what mutes it, what mutes that, and so on; one more than `MOST_IN_A_ROW` is too many.
 */
export function doesMute(row: AlertState[], target: string, isFree: boolean): boolean {
  for (const [at, one] of row.slice(0, MOST_IN_A_ROW).entries()) {
    if (one.fingerprint === target) return false
    if (one.mutedBy?.source === target) {
      return !isFree && row.slice(0, at + 1).some(({ fingerprint }) => fingerprint < target)
    }
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
