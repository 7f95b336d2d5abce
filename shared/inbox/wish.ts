import { createHash } from 'node:crypto'
import { MAX_WHY } from '../../schemas/silence.ts'
import type { Order } from '../../schemas/wake.ts'
import { clean, oneLine, shorten } from '../channels/outside-text.ts'
import type { ANSWERED_VIA } from '../observe/metrics.ts'

/** What a person wants, once, of an alert. Plain data. */
export interface Wish {
  /** Of the event: the same one may arrive again, and nothing is done twice. */
  id: string
  about: About
  does: Does
  /** The person's name, as the sender gives it. */
  by: string
  via: (typeof ANSWERED_VIA)[number]
  /** When (ISO 8601), by the sender's clock if it says so: a repetition is the same to the letter. */
  at: string
}

/** An alert by its key, and the firing that the person saw; or an incident of PagerDuty's, and its dedup key if it says so. */
export type About = { alert: string; since?: string } | { incident: string; key?: string }

export type Does =
  | { acknowledge: true; until?: string }
  | { unacknowledge: true }
  | { resolve: true }
  /** The alert of the wish is silenced, this firing and others, until then. */
  | { silence: true; until: string; why: string }
  | { note: string }

/** The order to `route` that fulfils it for one of its alerts. */
export function orderOf({ id, does, by, via, at }: Wish, alert: string): Order {
  if ('resolve' in does) return { resolve: alert, by: `${by}, ${VIA[via]}` }
  if ('silence' in does) {
    const { until, why } = does
    return { silenceAlert: alert, id: silenceIdOf(id, alert), until, why, by, via, at }
  }
  if ('note' in does) return { note: alert, text: does.note, by, via, at }
  if ('unacknowledge' in does) return { unacknowledge: alert, by, via, at }
  return { acknowledge: alert, by, via, at, ...(does.until !== undefined && { until: does.until }) }
}

/** The same event makes the same silence, however often it arrives. */
function silenceIdOf(id: string, alert: string): string {
  return createHash('sha256').update(`${id} ${alert}`).digest('hex').slice(0, 12)
}

const VIA: Record<Wish['via'], string> = { slack: 'in Slack', pagerduty: 'in PagerDuty', email: 'by email' }

/** The present form of such an order takes a name, and no more. */
const MAX_NAME = 100
const MAX_NOTE = 1_000
const MAX_ID = 200

/** The first of some values that is a name; printable, on one line, and no longer than one line has room for. */
export function nameIn(values: unknown[], otherwise: string): string {
  for (const value of values) {
    const name = typeof value === 'string' ? oneLine(value) : ''
    if (name !== '') return shorten(name, MAX_NAME)
  }
  return otherwise
}

/** A sender's id of something, as a part of a key of the table. */
export function idIn(id: string): string {
  return id.slice(0, MAX_ID).toWellFormed()
}

export function noteIn(text: string): string {
  return shorten(clean(text), MAX_NOTE)
}

export function whyIn(text: string): string {
  return shorten(oneLine(text), MAX_WHY)
}

/** A time as our own are written; `undefined` if it is none. */
export function timeIn(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const ms = typeof value === 'number' ? value : Date.parse(value)
  return Math.abs(ms) < MAX_MS ? new Date(ms).toISOString() : undefined
}

/** Of a Date; NaN is not less. */
const MAX_MS = 8.64e15
