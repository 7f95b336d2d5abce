import { orderText } from '../../schemas/wake.ts'
import type { Due, Pass } from '../store/pass.ts'

/*
 * When a due entry is evaluated, and the message that asks for it. Pure.
 *
 * An entry of the index is announced about a minute before its time, by a message that arrives at its time. While the
 * entry stays as it is, it is announced again half a minute after its time, after 1, 2, 4 … 64 minutes, and then every
 * hour. Each of these moments belongs to exactly one pass over the index.
 */

const MINUTE_MS = 60_000

/** How far ahead of its time an entry is announced: one interval between passes. The message is delayed until then. */
export const AHEAD_MS = MINUTE_MS

/**
 * After this most of a storm has been evaluated, but not an entry that entered the index too late for its first message.
 */
const SOON_MS = 30_000

/** From here on the interval stays at one hour. */
const DOUBLING_MS = 64 * MINUTE_MS
const HOUR_MS = 60 * MINUTE_MS

/** A message for the alarms' queue, and its delay in seconds. */
export interface Delayed {
  body: string
  delayS: number
}

/**
 * Does this run announce an entry, when the last run was at `lastRunAt` (`undefined`: none)? It does if one of the
 * entry's moments lies between how far that run looked ahead and how far this one does.
 */
export function isTurn(dueAt: Date, lastRunAt: Date | undefined, now: Date): boolean {
  const age = (at: Date) => at.getTime() - dueAt.getTime()
  const moment = lastMoment(age(now))
  return moment !== undefined && (lastRunAt === undefined || moment > age(lastRunAt))
}

/** The last of an entry's moments up to an age, counted from its time; `undefined`: none yet. */
function lastMoment(ageMs: number): number | undefined {
  if (ageMs < -AHEAD_MS) return undefined
  if (ageMs < SOON_MS) return -AHEAD_MS
  if (ageMs < MINUTE_MS) return SOON_MS
  // Stryker disable next-line EqualityOperator: doubling gives the same at that very age
  if (ageMs >= DOUBLING_MS) return DOUBLING_MS + HOUR_MS * Math.floor((ageMs - DOUBLING_MS) / HOUR_MS)
  let moment = MINUTE_MS
  while (moment * 2 <= ageMs) moment *= 2
  return moment
}

/** The messages about an entry in one pass: its time has come, or came long ago. */
export function dueMessages({ pk, dueAt }: Due, pass: Pass, now: Date): Delayed[] {
  const due = new Date(dueAt)
  if (!isTurn(due, pass.since === undefined ? undefined : new Date(pass.since), new Date(pass.at))) return []
  return [{ body: orderText({ due: pk, at: dueAt }), delayS: secondsUntil(due, now) }]
}

/** SQS counts in whole seconds; this never rounds down. */
function secondsUntil(due: Date, now: Date): number {
  return Math.min(AHEAD_MS / 1_000, Math.max(0, Math.ceil((due.getTime() - now.getTime()) / 1_000)))
}

/**
 * After a change of the rules, or of a silence's end: how many entries are re-evaluated per second, and over how many
 * seconds they are spread.
 */
const RULES_PER_SECOND = 50
const RULES_SPREAD_S = 300

/** Does a pass have everything re-evaluated, whatever is due? */
export function isOfAll({ rules, moved }: Pass): boolean {
  return rules !== undefined || moved !== undefined
}

/**
 * The message that has an entry re-evaluated: by new rules, or because a silence ends earlier or later. `n`: how many entries
 * came before it, so that a storm is spread.
 */
export function againMessage({ pk, dueAt }: Due, { rules }: Pass, n: number): Delayed {
  const delayS = Math.floor(n / RULES_PER_SECOND) % RULES_SPREAD_S
  return { body: orderText({ due: pk, at: dueAt, ...(rules !== undefined && { rules }) }), delayS }
}
