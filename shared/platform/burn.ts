import type { Objective } from '../../schemas/platform.ts'

const HOUR_S = 3_600
const DAY_S = 24 * HOUR_S

/**
 * Two windows that must both burn the budget too fast. The long one says that it matters; the short one, that it still
 * goes on, so that the alarm ends soon after the trouble.
 */
export interface BurnPair {
  /** How many times faster than the goal allows. */
  burn: number
  longS: number
  shortS: number
  /** A page wakes somebody; a ticket can wait for the morning. */
  severity: 'critical' | 'warning'
  /** With this share of bad events, in percent, a window burns too fast. */
  percent: number
  /** In the long window, fewer events than this say nothing: one failure would be more than the threshold. */
  leastEvents: number
}

/**
 * How fast the budget may burn, over which windows, before somebody is notified (Google, The Site Reliability Workbook, chapter
 * 5, table 5-8: of 30 days' budget, 2, 5, 10 and 10 % are used by then).
 */
const WINDOWS = [
  { burn: 14.4, longS: HOUR_S, shortS: 300, severity: 'critical' },
  { burn: 6, longS: 6 * HOUR_S, shortS: 1_800, severity: 'critical' },
  { burn: 3, longS: DAY_S, shortS: 2 * HOUR_S, severity: 'warning' },
  { burn: 1, longS: 3 * DAY_S, shortS: 6 * HOUR_S, severity: 'warning' },
] as const

/** A budget that the longest window could use up is gone before its alarm fires. */
export const LEAST_PERIOD_DAYS = 4

/** The windows of an objective that can fire: more than everything can't be bad. */
export function burnPairs({ goal }: Pick<Objective, 'goal'>): BurnPair[] {
  const pairs = WINDOWS.map((window) => {
    const percent = rounded(window.burn * budgetOf(goal))
    return { ...window, percent, leastEvents: Math.ceil(rounded(100 / percent)) }
  })
  return pairs.filter(({ percent }) => percent < 100)
}

/** What may be bad, in percent. */
export const budgetOf = (goal: number): number => rounded(100 - goal)

/** Without the noise of binary fractions: 100 - 99.9 is 0.1. */
const rounded = (value: number): number => Number(value.toPrecision(10))

/**
 * After how long a steady share of bad events pages or makes a ticket, from the first bad event on.
 * @returns seconds, and which pair; nothing when no pair ever fires.
 */
export function firesAfter(pairs: BurnPair[], badPercent: number): { afterS: number; pair: BurnPair } | undefined {
  const times = pairs
    .filter(({ percent }) => badPercent >= percent)
    .map((pair) => ({ afterS: Math.ceil((pair.longS * pair.percent) / badPercent / 60) * 60, pair }))
  return times.sort((one, other) => one.afterS - other.afterS)[0]
}
