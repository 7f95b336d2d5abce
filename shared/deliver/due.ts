import { orderText } from '../../schemas/wake.ts'
import type { Due, Pass } from '../store/pass.ts'

/*
 * When something that is due is looked at, and what the message says that asks for it. Pure.
 *
 * An entry of the index is told about a minute before its time, by a message that comes at it; and, for as long as it stays as
 * it is, again half a minute after its time, 1, 2, 4 … 64 minutes, and each hour after that. Each of these moments falls to
 * exactly one pass over the index.
 */

const MINUTE_MS = 60_000

/** How far ahead of its time an entry is told about: as often as the passes come. The message is delayed till then. */
export const AHEAD_MS = MINUTE_MS

/** By then most of a storm has been looked at; and what came into the index too late for the first message has not. */
const SOON_MS = 30_000

/** From here on the ages grow no more: an hour from one to the next. */
const DOUBLING_MS = 64 * MINUTE_MS
const HOUR_MS = 60 * MINUTE_MS

/** What is put into the alarms' queue, and how many seconds later it comes. */
export interface Delayed {
  body: string
  delayS: number
}

/**
 * Is an entry told about by a run, when another was at `lastRunAt` (`undefined`: there was none)? That is so when one of the
 * entry's moments falls between what that run looked ahead to and what this one does.
 */
export function isTurn(dueAt: Date, lastRunAt: Date | undefined, now: Date): boolean {
  const age = (at: Date) => at.getTime() - dueAt.getTime()
  const moment = lastMoment(age(now))
  return moment !== undefined && (lastRunAt === undefined || moment > age(lastRunAt))
}

/** The last of an entry's moments up to an age, which is counted from its time; `undefined`: there was none yet. */
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

/** The messages about an entry that are due by a pass: that its time has come, or has been for long. */
export function dueMessages({ pk, dueAt }: Due, pass: Pass, now: Date): Delayed[] {
  const due = new Date(dueAt)
  if (!isTurn(due, pass.since === undefined ? undefined : new Date(pass.since), new Date(pass.at))) return []
  return [{ body: orderText({ due: pk, at: dueAt }), delayS: secondsUntil(due, now) }]
}

/** SQS counts in whole seconds; none is too early. */
function secondsUntil(due: Date, now: Date): number {
  return Math.min(AHEAD_MS / 1_000, Math.max(0, Math.ceil((due.getTime() - now.getTime()) / 1_000)))
}

/** After a change of the rules, how many entries a second are looked at again, and for how long they are spread. */
const RULES_PER_SECOND = 50
const RULES_SPREAD_S = 300

/** The message that tells an entry of other rules. `n`: how many entries came before it, so that a storm comes by and by. */
export function rulesMessage({ pk, dueAt }: Due, rules: string, n: number): Delayed {
  const delayS = Math.floor(n / RULES_PER_SECOND) % RULES_SPREAD_S
  return { body: orderText({ due: pk, at: dueAt, rules }), delayS }
}
