import type { Alert } from '../../schemas/alert.ts'
import type { EvidencePart } from '../../schemas/evidence.ts'
import type { Platform } from '../../schemas/platform.ts'
import type { Ask, Outcome, Refused } from '../questions/ask.ts'

/** What is known before anything is asked. */
export interface Known {
  alert: Alert
  severity: string
  now: Date
  stage: string
  /** What the stage watches; nothing, perhaps. */
  platform: Platform | undefined
  runbook: string | undefined
  lastTime: LastTime
}

/** The firings of this alert before this one, in the time that was read; or why that is not known. */
export type LastTime = { refused: Refused } | { days: number; episodes: Episode[]; hasEarlier: boolean }

/** From its firing to its end. */
export interface Episode {
  from: string
  to?: string
  /** Who resolved it, if somebody did by hand. */
  by?: string
}

/** What one would ask first of an alert, as data: the asks, and what their outcomes say. */
export interface FirstQuestion {
  title: string
  asks: Ask[]
  says(outcomeOf: <Of extends Ask>(ask: Of) => Outcome<Of['kind']>): Omit<EvidencePart, 'title'>
}

/** No function may wait longer for an answer. */
export const DEADLINE_S = 20

/** Why there is no answer, and what would bring it. */
export function missing({ needs, why }: Refused): string {
  const late = /^no answer in time to (.*)$/.exec(why)
  if (late) return `no answer within ${DEADLINE_S} s: ${late[1]}`
  return needs === undefined ? `not known: ${why}` : `not known: needs ${needs} (${why})`
}

/** `09:14 UTC`; with its date when it is not of the same day. */
export function clock(at: string, now: Date): string {
  const [day = '', time = ''] = at.split('T')
  const isToday = now.toISOString().startsWith(day)
  return `${isToday ? '' : `${day} `}${time.slice(0, 5)} UTC`
}
