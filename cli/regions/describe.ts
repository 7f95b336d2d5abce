import { type Beat, type Beats, LEASE_MS, standingOf } from '../../shared/decide/standing.ts'
import type { Pair } from '../../shared/observe/regions.ts'

/** Which of two regions sends at a time, as one of them knows it; `undefined`: none does. */
export function whoSends(pair: Pair, beats: Beats, now: Date): string | undefined {
  const { own, other } = beats
  if (standingOf(pair, beats, now) === 'active') return pair.here
  const there = { ...pair, here: pair.other, other: pair.here }
  return standingOf(there, { own: other, other: own }, now) === 'active' ? pair.other : undefined
}

/** What a region has said last, in a sentence. */
export function describeBeat(region: string, beat: Beat | undefined, now: number): string {
  if (!beat) return `${region} has never said whether it sends: its tick has not run since the second region is on.`
  const said = beat.isActive ? 'sends' : 'stands by'
  const ageS = Math.max(0, Math.round((now - Date.parse(beat.at)) / 1_000))
  const ago = ageS < 120 ? `${ageS} s` : `${Math.round(ageS / 60)} minutes`
  const silent = now - Date.parse(beat.at) > LEASE_MS ? ', and nothing since' : ''
  return `${region} said ${ago} ago that it ${said}${silent}.`
}
