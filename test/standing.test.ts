import { describe, expect, test } from 'vitest'
import {
  type Beat,
  type Beats,
  LEASE_MS,
  newer,
  nextBeat,
  SETTLE_MS,
  SILENT_MS,
  standingOf,
  takeOver,
} from '../shared/decide/standing.ts'

/*
 * Which of two regions sends. `home` and `second` are the two; times are seconds.
 */

const HOME = { here: 'home', other: 'second', home: 'home' }
const SECOND = { here: 'second', other: 'home', home: 'home' }
const at = (s: number) => new Date(Date.UTC(2026, 0, 1) + s * 1_000)
const text = (s: number) => at(s).toISOString()

function beat(region: 'home' | 'second', atS: number, of: Partial<Beat> & { sinceS?: number } = {}): Beat {
  const { sinceS = 0, ...rest } = of
  return {
    region,
    term: 1,
    isActive: region === 'home',
    since: text(sinceS),
    at: text(atS),
    seenAt: text(atS),
    ...rest,
  }
}

/** Both regions, from a start on: each says what it has to, once a minute, unless it is away; and reads the other's last. */
class Two {
  readonly beats: { home?: Beat; second?: Beat } = {}

  minute(s: number, { away = [] }: { away?: ('home' | 'second')[] } = {}): this {
    for (const [pair, offsetS] of [
      [HOME, 0],
      [SECOND, 20],
    ] as const) {
      const here = pair.here as 'home' | 'second'
      if (!away.includes(here)) this.beats[here] = nextBeat(pair, this.#seenBy(here), at(s + offsetS)).beat
    }
    return this
  }

  minutes(fromS: number, toS: number, how: { away?: ('home' | 'second')[] } = {}): this {
    for (let s = fromS; s < toS; s += 60) this.minute(s, how)
    return this
  }

  standings(s: number): string[] {
    return [standingOf(HOME, this.#seenBy('home'), at(s)), standingOf(SECOND, this.#seenBy('second'), at(s))]
  }

  take(here: 'home' | 'second', s: number): this {
    this.beats[here] = takeOver(here === 'home' ? HOME : SECOND, this.#seenBy(here), at(s)).beat
    return this
  }

  #seenBy(here: 'home' | 'second'): Beats {
    const { home, second } = this.beats
    return here === 'home' ? { own: home, other: second } : { own: second, other: home }
  }
}

describe('two regions', () => {
  test('before either has said anything, the home sends', () => {
    expect(new Two().standings(0)).toEqual(['active', 'waiting'])
  })

  test('the home sends, and the second stands by', () => {
    expect(new Two().minutes(0, 600).standings(590)).toEqual(['active', 'standby'])
  })

  test('the home alone goes on, however long it was away', () => {
    const two = new Two().minute(0, { away: ['second'] }).minute(3_600, { away: ['second'] })
    expect(two.standings(3_600)).toEqual(['active', 'standby'])
    expect(two.beats.home?.term).toBe(1)
  })

  test('a second whose home has never said anything sends nothing', () => {
    const two = new Two().minutes(0, 3_600, { away: ['home'] })
    expect(two.standings(3_600)[1]).toBe('waiting')
  })

  test('two missed beats change nothing', () => {
    const two = new Two().minutes(0, 300).minutes(300, 420, { away: ['home'] })
    expect(two.standings(419)).toEqual(['active', 'standby'])
    expect(two.minutes(420, 600).standings(599)).toEqual(['active', 'standby'])
  })

  test('a region that was away longer than its lease sends nothing any more', () => {
    const two = new Two().minutes(0, 300).minutes(300, 420, { away: ['home'] })
    const lastS = 240
    expect(two.standings(lastS + LEASE_MS / 1_000)[0]).toBe('active')
    expect(two.standings(lastS + LEASE_MS / 1_000 + 1)[0]).toBe('waiting')
  })

  test('the second takes over after four minutes of silence, and sends a minute after that', () => {
    const two = new Two().minutes(0, 300)
    const silentFromS = 240
    two.minutes(300, silentFromS + SILENT_MS / 1_000, { away: ['home'] })
    expect(two.beats.second?.isActive).toBe(false)
    two.minutes(silentFromS + SILENT_MS / 1_000, 720, { away: ['home'] })
    expect(two.beats.second).toMatchObject({ isActive: true, term: 2 })
    const claimedS = (Date.parse(two.beats.second?.since ?? '') - at(0).getTime()) / 1_000
    expect(two.standings(claimedS + SETTLE_MS / 1_000 - 1)).toEqual(['standby', 'waiting'])
    expect(two.standings(claimedS + SETTLE_MS / 1_000)).toEqual(['standby', 'active'])
  })

  test('the home comes back: it sees that the other sends, and stands by', () => {
    const two = new Two()
      .minutes(0, 300)
      .minutes(300, 1_800, { away: ['home'] })
      .minutes(1_800, 2_400)
    expect(two.standings(2_399)).toEqual(['standby', 'active'])
    expect(two.beats.home).toMatchObject({ isActive: false, term: 2 })
  })

  test('the home comes back and reads nothing new of the other: it waits as long as anybody', () => {
    const two = new Two().minutes(0, 300, {}).minutes(300, 600, { away: ['home'] })
    const before = two.beats.second as Beat
    const back = nextBeat(HOME, { own: two.beats.home, other: { ...before, isActive: false, term: 1 } }, at(900))
    expect(back).toMatchObject({ beat: { isActive: false }, became: 'standby' })
    expect(back.beat.seenAt).toBe(text(900))
  })

  test('both were away: one of them sends, and no other', () => {
    const two = new Two()
      .minutes(0, 300)
      .minutes(300, 3_600, { away: ['home', 'second'] })
      .minutes(3_600, 4_500)
    expect(two.standings(4_499).filter((one) => one === 'active')).toHaveLength(1)
  })

  test('both claim in the same moment: the home holds, and the other stops when it reads that', () => {
    const [home, second] = [beat('home', 100, { term: 3 }), beat('second', 100, { term: 3, isActive: true })]
    expect(standingOf(HOME, { own: home, other: second }, at(101))).toBe('active')
    expect(standingOf(SECOND, { own: second, other: home }, at(101))).toBe('standby')
    expect(nextBeat(SECOND, { own: second, other: home }, at(101)).became).toBe('standby')
  })

  test('a person has the second send: the home stops at once, the second begins a minute later', () => {
    const two = new Two().minutes(0, 600).take('second', 600)
    expect(two.standings(601)).toEqual(['standby', 'waiting'])
    expect(two.standings(600 + SETTLE_MS / 1_000)).toEqual(['standby', 'active'])
    expect(two.minutes(600, 1_200).standings(1_199)).toEqual(['standby', 'active'])
  })

  test('apart, each sends; together again, the one that claimed later does', () => {
    const [home, second] = [beat('home', 600), beat('second', 600, { term: 2, isActive: true })]
    const unseen = { home: beat('home', 240), second: beat('second', 240) }
    expect(standingOf(HOME, { own: home, other: unseen.second }, at(601))).toBe('active')
    expect(standingOf(SECOND, { own: second, other: unseen.home }, at(601))).toBe('active')
    expect(standingOf(HOME, { own: home, other: second }, at(601))).toBe('standby')
    expect(standingOf(SECOND, { own: second, other: home }, at(601))).toBe('active')
  })
})

describe('to the moment', () => {
  const active = beat('second', 0, { term: 2, isActive: true })

  test('the first claim of the home needs no minute: nobody else can have sent', () => {
    const { beat: own, became } = nextBeat(HOME, { own: undefined, other: undefined }, at(0))
    expect(became).toBe('active')
    expect(standingOf(HOME, { own, other: beat('second', 0) }, at(0))).toBe('active')
  })

  test('the one that stands by no longer counts on the other after four minutes', () => {
    const beats = { own: beat('home', 239, { isActive: false, term: 2 }), other: active }
    expect(standingOf(HOME, beats, at(239))).toBe('standby')
    expect(standingOf(HOME, beats, at(240))).toBe('waiting')
  })

  test('it claims when the four minutes are over, and not a moment before', () => {
    const beats = { own: beat('home', 200, { isActive: false, term: 2, seenAt: text(0) }), other: active }
    expect(nextBeat(HOME, beats, new Date(at(240).getTime() - 1)).beat.isActive).toBe(false)
    expect(nextBeat(HOME, beats, at(240))).toMatchObject({ beat: { isActive: true, term: 3 }, became: 'active' })
  })

  test('a region whose last beat is as old as its lease goes on', () => {
    const beats = { own: beat('home', 0), other: beat('second', 0) }
    expect(nextBeat(HOME, beats, new Date(at(0).getTime() + LEASE_MS)).beat.isActive).toBe(true)
    expect(nextBeat(HOME, beats, new Date(at(0).getTime() + LEASE_MS + 1)).beat.isActive).toBe(false)
  })

  test('it remembers since when it stands by', () => {
    const own = beat('second', 60, { sinceS: 30 })
    expect(nextBeat(SECOND, { own, other: beat('home', 100) }, at(120)).beat.since).toBe(text(30))
    const stopped = nextBeat(HOME, { own: beat('home', 60), other: { ...active, at: text(100) } }, at(120))
    expect(stopped.beat.since).toBe(text(120))
  })

  test('a second that has claimed acts, though it has never heard of the home', () => {
    expect(standingOf(SECOND, { own: { ...active, at: text(90) }, other: undefined }, at(100))).toBe('active')
  })

  test('a region that has just stopped does not claim again because the news of the other claim is old', () => {
    const beats = { own: beat('home', 290), other: active }
    expect(nextBeat(HOME, beats, at(300)).beat).toMatchObject({ isActive: false, seenAt: text(290) })
  })

  test('the other clock may be ahead: nothing is known of what is to come', () => {
    const own = beat('second', 60)
    expect(nextBeat(SECOND, { own, other: beat('home', 900) }, at(120)).beat.seenAt).toBe(text(120))
  })
})

test('of a beat in the table and one in a message, the newer is believed', () => {
  const [old, late] = [beat('home', 60), beat('home', 120)]
  expect(newer(old, late)).toBe(late)
  expect(newer(late, old)).toBe(late)
  expect(newer(undefined, old)).toBe(old)
  expect(newer(old, undefined)).toBe(old)
})

test('a region that acts has stopped before the other one begins', () => {
  // An invocation that began within the lease ends within half a minute.
  expect(LEASE_MS + 30_000).toBeLessThan(SILENT_MS)
  expect(SETTLE_MS).toBeGreaterThan(30_000)
})
