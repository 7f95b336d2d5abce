import type { Pair } from '../observe/regions.ts'

/*
 * Two regions with the same stack, of which one sends: which one that is. Each says of itself once a minute whether it is
 * the one (its beat), and knows what the other has said last. Nobody else writes a region's beat, so that two writes never
 * meet. Pure; docs/second-region.md explains it to people.
 *
 * A claim has a term. Of two claims the one with the higher term holds; of the same term, that of the home region. A region
 * acts on its claim only
 *
 *   - once the claim is `SETTLE_MS` old: by then the other has read it and stopped, or both have read both,
 *   - while its own last beat is no older than `LEASE_MS`: a region that was gone does not know what happened meanwhile,
 *   - while the other has no better claim.
 *
 * The other claims after `SILENT_MS` without a sign of a region that acts. That is later than the end of the lease and of
 * every invocation that began within it.
 */
/** How often a region says whether it sends: with each run of `tick`. */
export const BEAT_MS = 60_000
/** Two beats may be missed, and the third be some seconds late. */
export const LEASE_MS = 195_000
/** Longer than a lease, and an invocation that began within it. */
export const SILENT_MS = 240_000
/** Longer than an invocation that routes or delivers takes (30 s), and a replica lags. */
export const SETTLE_MS = 60_000

/** What a region has said of itself. Times are ISO 8601. */
export interface Beat {
  region: string
  /** Which claim it was. A region that stands by repeats the highest that it knows. */
  term: number
  /** Does it claim to be the one that sends? */
  isActive: boolean
  /** Since when it says so. */
  since: string
  at: string
  /** When it last knew of a region that sends. */
  seenAt: string
  /** The version of the rules that it decides by: for people, who want both to have the same. */
  rules?: string | undefined
}

/** The last beats that this region knows. */
export interface Beats {
  own: Beat | undefined
  other: Beat | undefined
}

/**
 * What a region may do. `active`: all. `standby`: the other one sends. `waiting`: it does not know that anybody does, and
 * must not yet do so itself: it leaves everything where it is.
 */
export type Standing = 'active' | 'standby' | 'waiting'

export function standingOf(pair: Pair, { own, other }: Beats, now: Date): Standing {
  // The other has never been there.
  if (!other && pair.here === pair.home) return 'active'
  if (own?.isActive && !outranks(other, own, pair)) {
    const isSettled = ageMs(own.since, now) >= SETTLE_MS
    return isSettled && ageMs(own.at, now) <= LEASE_MS ? 'active' : 'waiting'
  }
  return other?.isActive && ageMs(other.at, now) < SILENT_MS ? 'standby' : 'waiting'
}

/** What a region says next, and what it becomes by that, if that is news. */
export interface NextBeat {
  beat: Beat
  became?: 'active' | 'standby'
}

/** Once a minute. */
export function nextBeat(pair: Pair, beats: Beats, now: Date): NextBeat {
  const { own, other } = beats
  const isAway = !own || ageMs(own.at, now) > LEASE_MS
  // Alone, it cannot be in anybody's way.
  const isAlone = !other && pair.here === pair.home
  if (own?.isActive && (isAlone || (!isAway && !outranks(other, own, pair)))) return { beat: renewed(own, now) }
  if (isAlone) return { beat: claimOf(pair, beats, now, new Date(now.getTime() - SETTLE_MS)), became: 'active' }
  const seen = isAway ? now : new Date(own.seenAt)
  const seenAt = other?.isActive ? latest(seen, earliest(new Date(other.at), now)) : seen
  // Of a region that was never there, nobody takes over.
  if (other && now.getTime() - seenAt.getTime() >= SILENT_MS) return takeOver(pair, beats, now)
  const beat: Beat = {
    ...{ region: pair.here, term: topTerm(beats), isActive: false },
    since: own && !own.isActive ? own.since : now.toISOString(),
    ...{ at: now.toISOString(), seenAt: seenAt.toISOString() },
  }
  return { beat, ...(own?.isActive && { became: 'standby' as const }) }
}

/** It claims: as nobody seems to send, or as a person wants it. */
export function takeOver(pair: Pair, beats: Beats, now: Date): NextBeat {
  return { beat: claimOf(pair, beats, now, now), became: 'active' }
}

function claimOf({ here }: Pair, beats: Beats, now: Date, since: Date): Beat {
  const [at, began] = [now.toISOString(), since.toISOString()]
  return { region: here, term: topTerm(beats) + 1, isActive: true, since: began, at, seenAt: at }
}

function renewed(own: Beat, now: Date): Beat {
  return { ...own, at: now.toISOString(), seenAt: now.toISOString() }
}

/** Does a claim of the other hold against one of ours? */
function outranks(other: Beat | undefined, own: Beat, { home }: Pair): boolean {
  if (!other?.isActive) return false
  return other.term > own.term || (other.term === own.term && other.region === home)
}

function topTerm({ own, other }: Beats): number {
  return Math.max(own?.term ?? 0, other?.term ?? 0)
}

/** The newer of two beats of one region: a replica's, and one that came as a message. */
export function newer(one: Beat | undefined, another: Beat | undefined): Beat | undefined {
  if (!one || !another) return one ?? another
  // Stryker disable next-line EqualityOperator: of one time there is one
  return one.at >= another.at ? one : another
}

function ageMs(at: string, now: Date): number {
  return now.getTime() - Date.parse(at)
}

// Stryker disable next-line EqualityOperator: the same time is the same
const latest = (a: Date, b: Date): Date => (a > b ? a : b)
// Stryker disable next-line EqualityOperator: the same time is the same
const earliest = (a: Date, b: Date): Date => (a < b ? a : b)
