import type { AlertState, Others } from './alert-state.ts'
import { asBefore } from './once-a-config.ts'
import type { Silenced } from './silence.ts'
import type { Hold } from './windows.ts'

/*
 * What other alerts say about one: that it need not be sent while another fires (inhibit.ts). It is read before the alert is
 * decided, and decided with. Pure.
 */

/** A config, and what others say about one alert; `undefined`: nothing can be said by these rules, or nobody has asked. */
export function withOthers(config: Silenced, others: Others | undefined): Silenced {
  return others === undefined ? config : asBefore<Silenced>({ ...config, others }, config)
}

/** Usually a change of the others ends it. In case that was missed, it is evaluated again after this time. */
const AGAIN_MS = 10 * 60_000

/** Whether others hold it. The end is not known. */
export function holdOfOthers({ others }: Pick<Silenced, 'others'>, at: Date): Hold | undefined {
  if (!others?.mutedBy) return undefined
  const { inhibition, title } = others.mutedBy
  return {
    until: new Date(at.getTime() + AGAIN_MS),
    why: `inhibited by "${inhibition}" while "${title}" fires`,
    isOpen: true,
  }
}

/** It is muted from now on, or is not any more. */
export function withMuted(state: AlertState, { others }: Pick<Silenced, 'others'>): void {
  if (others?.mutedBy) state.mutedBy = others.mutedBy
  else delete state.mutedBy
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
