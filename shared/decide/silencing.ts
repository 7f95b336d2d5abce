import { MAX_SILENCE_DAYS, type NewSilence, type Silence, type SilenceChange } from '../../schemas/silence.ts'
import { isInForce, type Silences } from './in-force.ts'

/*
 * What people do with silences: each of these returns the silences after it, or why it changes nothing. An order may arrive
 * twice, late, and after a later one. Pure.
 */

export type Silenceable = { silences: Silence[]; silence: Silence } | { refused: string }

const DAY_MS = 86_400_000
/** Clocks differ a little. */
const AHEAD_MS = 60_000
/** What has ended stays for so long, so that its end can still be announced by its name. */
const ENDED_MS = DAY_MS
/** An alert's history keeps what was said of each decision; here, the last few changes are enough. */
const MOST_CHANGES = 20

/** A time said by a clock that may be ahead. */
const notAhead = (at: string, now: Date) => new Date(Math.min(Date.parse(at), now.getTime())).toISOString()

export function add(silences: Silences, asked: NewSilence, now: Date): Silenceable {
  const { critical, ...rest } = asked
  if (silences.some(({ id }) => id === asked.id)) return { refused: 'it is there already' }
  const refused = whyNotUntil(asked.until, now)
  if (refused !== undefined) return { refused }
  const at = notAhead(asked.at, now)
  const silence: Silence = { ...rest, at, ...(critical && { critical: at }) }
  return { silences: [...present(silences, now), silence], silence }
}

/** A later end. */
export function extend(silences: Silences, id: string, change: SilenceChange, now: Date): Silenceable {
  const found = findOpen(silences, id, change, now)
  if ('refused' in found) return found
  if (Date.parse(change.until) <= Date.parse(found.until)) {
    return { refused: `it lasts until ${found.until} already` }
  }
  const refused = whyNotUntil(change.until, now)
  const at = notAhead(change.at, now)
  return refused === undefined ? replaced(silences, found, { ...change, at }, now) : { refused }
}

/** It ends now. */
export function expire(silences: Silences, id: string, said: Omit<SilenceChange, 'until'>, now: Date): Silenceable {
  const found = findOpen(silences, id, said, now)
  if ('refused' in found) return found
  const at = notAhead(said.at, now)
  return replaced(silences, found, { ...said, at, until: at }, now)
}

/** It turned out that these hold alerts that are critical: that is announced. */
export function criticalSince(silences: Silences, ids: string[], now: Date): Silence[] | undefined {
  const isNews = ({ id, critical }: Silence) => critical === undefined && ids.includes(id)
  if (!silences.some(isNews)) return undefined
  return silences.map((one) => (isNews(one) ? { ...one, critical: now.toISOString() } : one))
}

function findOpen(silences: Silences, id: string, { at }: { at: string }, now: Date): Silence | { refused: string } {
  const found = silences.find((one) => one.id === id)
  if (!found) return { refused: 'no such silence' }
  if (!isInForce(found, now)) return { refused: `it ended at ${found.until}` }
  const last = found.changes?.at(-1)?.at ?? found.at
  return Date.parse(at) <= Date.parse(last) ? { refused: 'somebody has changed it since' } : found
}

function replaced(silences: Silences, found: Silence, change: SilenceChange, now: Date): Silenceable {
  const changes = [...(found.changes ?? []), change].slice(-MOST_CHANGES)
  const silence = { ...found, until: change.until, changes }
  return { silences: present(silences, now).map((one) => (one.id === found.id ? silence : one)), silence }
}

/** Why a silence may not last until then. */
export function whyNotUntil(until: string, now: Date): string | undefined {
  const lastsMs = Date.parse(until) - now.getTime()
  if (lastsMs <= 0) return 'its end has passed'
  return lastsMs > MAX_SILENCE_DAYS * DAY_MS + AHEAD_MS
    ? `it would last longer than ${MAX_SILENCE_DAYS} days`
    : undefined
}

function present(silences: Silences, now: Date): Silence[] {
  return silences.filter(({ until }) => Date.parse(until) > now.getTime() - ENDED_MS)
}
