import { describe, expect, test } from 'vitest'
import type { AlertState, Owed } from '../shared/decide/alert-state.ts'
import { nextDueAt } from '../shared/decide/due-at.ts'
import { type Failure, failed } from '../shared/decide/failure.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { claimed, look, markRedriven, notified } from '../shared/decide/turn.ts'
import { changeOf, config, timeOf } from './life.ts'

/** How a delivery changes one recipient. */
const at = (minute: number) => new Date(timeOf(minute))
const claim = (token: string, isRedriven = false) => ({ token, leaseMs: 60_000, incident: undefined, isRedriven })

function fires(): { state: AlertState; owed: Owed } {
  const { state } = nextByChange(undefined, { alert: changeOf('firing', 0), change: 'c' }, config, at(0))
  const owed = state.recipients.pager?.owed
  if (!owed) throw new Error('nobody is owed it')
  return { state, owed }
}
const one = (state: AlertState) => state.recipients.pager
const yes = (owed: Owed, token: string, minute: number) => ({
  ...{ fingerprint: 'x', recipient: 'pager', change: owed.change, changedAt: owed.at, status: owed.status },
  ...{ notifiedAt: timeOf(minute), token },
})
const no = (owed: Owed, token: string, more: Partial<Failure> = {}): Failure => ({
  ...{ token, owed, kind: 'failed', reason: 'answered 503', waitMs: 1_000, isUncertain: false, isShown: true },
  ...more,
})

/** The pager refuses it for good, and its fallback is notified. */
const refused = (before: AlertState, owed: Owed, token: string, minute: number) =>
  failed(
    claimed(before, 'pager', claim(token, true), at(minute)),
    'pager',
    no(owed, token, { kind: 'dead-lettered', fallbackTo: 'chat' }),
    at(minute),
  )

describe('a claim', () => {
  test('keeps others off until it expires; then another invocation takes over', () => {
    const { state } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    expect(look(mine, 'pager', at(0)).kind).toBe('busy')
    expect(look(mine, 'pager', at(2)).kind).toBe('send')
  })

  test('that has expired: a late acceptance still counts, and the other’s claim stays', () => {
    const { state, owed } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    const others = claimed(mine, 'pager', claim('other'), at(2))
    const late = notified(others, yes(owed, 'mine', 2))
    expect(one(late)).toMatchObject({ notified: { status: 'firing' }, lease: { token: 'other' }, maybe: true })
    expect(look(late, 'pager', at(2)).kind).toBe('nothing')
  })

  test('an attempt that left an incident, and then had to wait, does not leave it again', () => {
    const { state, owed } = fires()
    const place = 'pagerduty x7Yh'
    const before = { ...state, open: { [`${place} old`]: 'pager' } }
    Object.assign(before.recipients.pager as object, { leaving: ['old', 'older'] })
    const mine = claimed(before, 'pager', claim('mine'), at(0))
    const after = failed(mine, 'pager', no(owed, 'mine', { kind: 'waits', place, left: ['old'] }), at(0))
    expect(one(after)?.leaving).toEqual(['older'])
    expect(after.open).toBeUndefined()
  })

  test('a late acceptance of a resolve takes nothing from a newer firing that may have arrived', () => {
    const place = 'pagerduty x7Yh'
    const opens = (token: string) => ({ ...claim(token), opensAt: place })
    const { state, owed } = fires()
    const known = notified(claimed(state, 'pager', opens('a'), at(0)), { ...yes(owed, 'a', 0), place })
    const over = nextByChange(known, { alert: changeOf('resolved', 1), change: 'end' }, config, at(1)).state
    const ending = claimed(over, 'pager', opens('b'), at(1))
    const end = one(over)?.owed as Owed
    const again = nextByChange(ending, { alert: changeOf('firing', 5), change: 'again' }, config, at(5)).state
    const newer = one(again)?.owed as Owed
    const tried = failed(
      claimed(again, 'pager', opens('c'), at(5)),
      'pager',
      no(newer, 'c', { isUncertain: true, place }),
      at(5),
    )
    const late = notified(tried, { ...yes(end, 'b', 1), place })
    expect(one(late)).toMatchObject({ maybe: true, owed: { change: 'again' }, notified: { change: 'end' } })
    expect(late.open).toEqual({ [place]: 'pager' })
  })

  test('whose function died is followed up', () => {
    const { state } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    expect(nextDueAt(mine)).toBeDefined()
    expect(Date.parse(nextDueAt(mine) ?? '')).toBeLessThanOrEqual(Date.parse(timeOf(4)))
  })
})

describe('a resolve that is sent after its alert has fired and ended again', () => {
  const change = (status: 'firing' | 'resolved', minute: number) => ({
    alert: changeOf(status, minute),
    change: `c${minute}`,
  })
  /** It received the firing, and is being sent the resolve; meanwhile these arrive. */
  function afterEndAnd(...later: ['firing' | 'resolved', number][]) {
    const { state, owed } = fires()
    const knows = notified(claimed(state, 'critical', claim('a'), at(0)), {
      ...yes(owed, 'a', 0),
      recipient: 'critical',
    })
    const ended = nextByChange(knows, change('resolved', 1), config, at(1)).state
    const end = ended.recipients.critical?.owed as Owed
    const since = later.reduce(
      (before, [status, minute]) => nextByChange(before, change(status, minute), config, at(minute)).state,
      claimed(ended, 'critical', claim('b'), at(1)),
    )
    return notified(since, { ...yes(end, 'b', 6), recipient: 'critical' }).recipients.critical
  }

  test('leaves one message about the whole, because the firing was not sent', () => {
    const owed = { change: 'c3', status: 'resolved', since: timeOf(2), missed: true }
    expect(afterEndAnd(['firing', 2], ['resolved', 3])?.owed).toMatchObject(owed)
  })

  test('leaves the firing, if it fires', () => {
    expect(afterEndAnd(['firing', 2])?.owed).toMatchObject({ change: 'c2', status: 'firing' })
  })
})

describe('a change that its channel did not accept', () => {
  test('and that a person redrives is retried less and less often, and given up again', () => {
    const { state, owed } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    let back = failed(mine, 'pager', no(owed, 'mine', { kind: 'dead-lettered', waitMs: 0 }), at(0))
    for (const minute of [10, 20, 30]) {
      back = claimed(back, 'pager', claim(`at ${minute}`, true), at(minute))
      back = failed(back, 'pager', no(owed, `at ${minute}`), at(minute))
    }
    expect(one(back)).toMatchObject({ tries: 3, failingSince: timeOf(10) })
  })

  test('is a dead letter that a person may redrive after a week, with all its attempts', () => {
    const { state, owed } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    const dead = failed(mine, 'pager', no(owed, 'mine', { kind: 'dead-lettered', waitMs: 0 }), at(0))
    expect(look(dead, 'pager', at(10))).toEqual({ kind: 'nothing', why: 'dead letter: waiting for a redrive' })
    expect(nextDueAt({ ...dead, recipients: { pager: dead.recipients.pager as never } })).toBeUndefined()
    const weekLater = at(7 * 24 * 60)
    expect(look(dead, 'pager', weekLater, true).kind).toBe('send')
    const again = claimed(dead, 'pager', claim('again', true), weekLater)
    expect(one(again)).toMatchObject({ tries: 0 })
    expect(one(again)?.dead).toBeUndefined()
    expect(one(again)?.failingSince).toBeUndefined()
    // And one more failure does not give it up at once.
    const waits = failed(again, 'pager', no(owed, 'again', { kind: 'waits' }), weekLater)
    expect(one(waits)?.failingSince).toBe(weekLater.toISOString())
  })

  test('is no longer owed if it was sent meanwhile: a redrive says so, and sends nothing', () => {
    const { state, owed } = fires()
    const knows = notified(claimed(state, 'pager', claim('mine'), at(0)), yes(owed, 'mine', 1))
    const seen = look(knows, 'pager', at(2), true)
    expect(seen).toEqual({ kind: 'nothing', why: 'up to date: nothing is owed' })
  })

  test('may be put off for hours by 429s with texts of any length: its item stays small, and keeps the first and the last', () => {
    let { state, owed } = fires()
    for (let n = 0; n < 500; n++) {
      state = claimed(state, 'pager', claim(`t${n}`), at(n))
      const reason = `answered 429 (${n}): ${'x'.repeat(2_000)}`
      state = failed(state, 'pager', no(owed, `t${n}`, { kind: 'waits', reason }), at(n))
    }
    expect(JSON.stringify(state).length).toBeLessThan(40_000)
    const { log = [], waits } = one(state) ?? {}
    expect(waits).toBe(500)
    expect([log[0]?.reason, log.at(-1)?.reason]).toEqual([
      expect.stringContaining('(0)'),
      expect.stringContaining('(499)'),
    ])
  })

  test('may have arrived if its outcome is unknown: its resolve is sent for certain', () => {
    const { state, owed } = fires()
    const mine = claimed(state, 'pager', claim('mine'), at(0))
    expect(one(failed(mine, 'pager', no(owed, 'mine', { isUncertain: true }), at(0)))?.maybe).toBe(true)
    expect(one(failed(mine, 'pager', no(owed, 'mine'), at(0)))?.maybe).toBeUndefined()
    // Nor does a later refusal undo an earlier doubt.
    const doubt = failed(mine, 'pager', no(owed, 'mine', { isUncertain: true }), at(0))
    const again = claimed(doubt, 'pager', claim('again'), at(1))
    expect(one(failed(again, 'pager', no(owed, 'again'), at(1)))?.maybe).toBe(true)
  })

  test('goes to the fallback once', () => {
    const { state, owed } = fires()
    let next = state
    for (const token of ['a', 'b']) {
      next = claimed(next, 'pager', claim(token), at(20))
      next = failed(next, 'pager', no(owed, token, { fallbackTo: 'chat' }), at(20))
    }
    expect(Object.keys(next.recipients)).toContain('chat for pager')
    expect(next.recipients['chat for pager']).toMatchObject({
      owed: { status: 'firing' },
      fallbackFor: { channel: 'pager', reason: 'answered 503' },
    })
    const knows = notified(next, { ...yes(owed, 'f', 21), recipient: 'chat for pager' })
    const third = failed(
      claimed(knows, 'pager', claim('c'), at(22)),
      'pager',
      no(owed, 'c', { fallbackTo: 'chat' }),
      at(22),
    )
    expect(third.recipients['chat for pager']?.owed).toBeUndefined()
  })

  test('goes to the fallback once, though that received the loss of data since, and a person redrives it', () => {
    const { state, owed } = fires()
    const lost = { change: 'lost', at: timeOf(15), status: 'insufficient-data' as const }
    const knows = notified(
      notified(refused(state, owed, 'a', 20), { ...yes(owed, 'f', 21), recipient: 'chat for pager' }),
      {
        ...yes(lost, 'g', 22),
        recipient: 'chat for pager',
      },
    )
    expect(knows.recipients['chat for pager']?.notified?.status).toBe('insufficient-data')
    // What each was sent is kept with the changes: the state drops it when the next one arrives.
    for (const recipient of Object.values(knows.recipients)) recipient.log = []
    const again = refused(markRedriven(knows, 'pager', owed.change, at(30)), owed, 'b', 30)
    expect(again.recipients['chat for pager']).not.toHaveProperty('owed')
  })

  test('goes to the fallback once, though that received another change of the same moment since', () => {
    const { state, owed } = fires()
    const tied = { ...owed, change: 'tied' }
    const knows = notified(
      notified(refused(state, owed, 'a', 20), { ...yes(owed, 'f', 21), recipient: 'chat for pager' }),
      {
        ...yes(tied, 'g', 22),
        recipient: 'chat for pager',
      },
    )
    expect(knows.recipients['chat for pager']?.notified).toMatchObject({ change: 'tied', also: ['c'] })
    const again = refused(markRedriven(knows, 'pager', owed.change, at(30)), owed, 'b', 30)
    expect(again.recipients['chat for pager']).not.toHaveProperty('owed')
  })
})
