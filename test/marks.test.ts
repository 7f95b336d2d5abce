import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import {
  isBeingNotified,
  type LogEntry,
  logged,
  type Mark,
  type Notified,
  newRecipient,
  newState,
  type Owed,
  type Recipient,
} from '../shared/decide/alert-state.ts'
import { isGone, nextDueAt } from '../shared/decide/due-at.ts'
import {
  allNotified,
  compareMarks,
  hasReceived,
  knowsNewer,
  knowsOfIt,
  latestOf,
  newest,
  receivedFiring,
} from '../shared/decide/marks.ts'
import { owing, waitingOf } from '../shared/decide/waiting.ts'
import { firing } from './alert-samples.ts'

/** What a recipient knows of an alert, and what it is owed, change by change. */
const iso = (minute: number) => new Date(Date.UTC(2026, 10, 3, 10, minute)).toISOString()
const at = (minute: number) => new Date(iso(minute))
const mark = (status: AlertStatus, minute: number, change = `${status} ${minute}`): Mark => ({
  change,
  at: iso(minute),
  status,
})
const sent = (status: AlertStatus, minute: number, more: Partial<Notified> = {}): Notified => ({
  ...mark(status, minute, more.change),
  notifiedAt: iso(30),
  ...more,
})
const fires = (minute: number, more: Partial<Notified> = {}) => sent('firing', minute, more)
const lost = (minute: number, more: Partial<Notified> = {}) => sent('insufficient-data', minute, more)
const ends = (minute: number, more: Partial<Notified> = {}) => sent('resolved', minute, more)
const one = (more: Partial<Recipient>): Recipient => ({ ...newRecipient('chat'), ...more })

describe('of two changes, the later is', () => {
  test.each([
    ['the one with the later time, whatever it says', ends(1), fires(2)],
    ['at one time, lost data before a firing', fires(1), lost(1)],
    ['at one time, the end before all', lost(1), ends(1)],
  ])('%s', (_, earlier, later) => {
    expect(compareMarks(earlier, later)).toBeLessThan(0)
    expect(compareMarks(later, earlier)).toBeGreaterThan(0)
    const orders: Partial<Recipient>[] = [
      { owed: earlier, notified: later },
      { notified: ends(0), passed: later, owed: earlier },
      { owed: later, passed: earlier },
    ]
    for (const order of orders) expect(latestOf(one(order))).toEqual(later)
  })

  test('none, of the same twice', () => {
    expect(compareMarks(fires(1), fires(1, { change: 'another' }))).toBe(0)
    expect(latestOf(one({}))).toBeUndefined()
  })
})

describe('everything that a channel was sent', () => {
  const order = { notifiedAt: iso(30) }
  test.each<[string, Notified, Notified, Partial<Notified>]>([
    ['is the newest of it', fires(1), ends(2), ends(2)],
    ['keeps, with lost data, the firing that it received', fires(1), lost(2), { ...lost(2), firedAt: iso(1) }],
    [
      'keeps the newest firing of several',
      lost(2, { firedAt: iso(1) }),
      lost(3, { firedAt: iso(0) }),
      { ...lost(3), firedAt: iso(1) },
    ],
    ['has no firing that nobody received', lost(1), lost(2), lost(2)],
    ['forgets the firing with the end', lost(1, { firedAt: iso(0) }), ends(2), ends(2)],
    [
      'has others of the same moment',
      fires(1, { change: 'a' }),
      fires(1, { change: 'b', also: ['c', 'b'] }),
      { ...fires(1, { change: 'b' }), also: ['a', 'c'] },
    ],
    ['has none of another moment', fires(1, { also: ['a'] }), fires(2), fires(2)],
    [
      'has the places that received it before',
      fires(1, { place: 'x', places: ['w'] }),
      fires(2, { place: 'y', places: ['v'] }),
      { ...fires(2, { place: 'y' }), places: ['w', 'x', 'v'] },
    ],
    ['has each place once', fires(1, { place: 'y', places: ['y', 'x'] }), fires(2, { place: 'y' }), { places: ['x'] }],
    ['has no place where none is known', fires(1), fires(2, { place: 'y' }), fires(2, { place: 'y' })],
    ['forgets places with the end', fires(1, { place: 'x' }), ends(2, { place: 'y' }), ends(2, { place: 'y' })],
    ['forgets places that received an earlier episode', ends(1, { place: 'x' }), fires(2), fires(2)],
  ])('%s', (_, older, newer, expected) => {
    const isOne = compareMarks(older, newer) === 0
    expect(allNotified(older, newer)).toEqual({
      ...newer,
      ...order,
      also: undefined,
      places: expected.places,
      ...expected,
    })
    if (!isOne) expect(allNotified(newer, older)).toEqual(allNotified(older, newer))
  })

  test('is bounded, and the newest stay', () => {
    const names = Array.from({ length: 80 }, (_, n) => `n${n}`)
    const all = allNotified(fires(1, { also: names.slice(0, 70) }), fires(1, { change: 'last', also: names.slice(70) }))
    expect(all.also).toHaveLength(50)
    expect(all.also?.at(-1)).toBe('n79')
    const places = allNotified(fires(1, { places: names }), fires(2)).places
    expect(places).toEqual(names.slice(-10))
  })

  test('is what it received first', () => {
    expect(allNotified(undefined, fires(1))).toEqual(fires(1))
    expect([receivedFiring(undefined), receivedFiring(ends(1)), receivedFiring(fires(1))]).toEqual([
      undefined,
      undefined,
      iso(1),
    ])
  })
})

test.each<[string, Partial<Recipient>, boolean]>([
  ['received the firing', { notified: fires(1) }, true],
  ['received the loss of data', { notified: lost(1) }, true],
  ['received the resolve', { notified: ends(1) }, false],
  ['received nothing', {}, false],
  ['may have received something, and is owed nothing', { maybe: true }, true],
  ['may have received it, and is still owed it', { maybe: true, owed: mark('firing', 1) }, false],
])('whether a recipient knows that something fires: %s', (_, recipient, knows) => {
  expect(knowsOfIt(one(recipient))).toBe(knows)
})

test.each<[string, Notified | undefined, Mark, boolean]>([
  ['nothing at all', undefined, mark('firing', 1), false],
  ['this', fires(1), mark('firing', 1), true],
  ['this, with another of its moment', fires(1, { also: ['x'] }), mark('firing', 1, 'x'), true],
  ['another of its moment', fires(1), mark('firing', 1, 'x'), false],
  ['another status', fires(1, { change: 'x' }), mark('resolved', 1, 'x'), false],
  ['another moment', fires(2, { change: 'x' }), mark('firing', 1, 'x'), false],
  ['that data is lost, after this', lost(2, { firedAt: iso(1) }), mark('firing', 1), true],
  ['that data is lost, after an earlier firing', lost(2, { firedAt: iso(0) }), mark('firing', 1), false],
  ['that data is lost, alone', lost(2), mark('firing', 1), false],
])('whether a recipient has received a change: it received %s', (_, last, change, has) => {
  expect(hasReceived(last, change)).toBe(has)
})

test.each<[string, Notified | undefined, boolean]>([
  ['nothing', undefined, false],
  ['a later firing', fires(2), true],
  ['this', fires(1), false],
  ['an earlier one', fires(0), false],
  ['an end, which is nothing that lasts', ends(2), false],
])('whether a recipient has received something newer: it received %s', (_, last, knows) => {
  expect(knowsNewer(one({ ...(last && { notified: last }) }), mark('firing', 1))).toBe(knows)
})

test.each<[string, AlertStatus, number, boolean]>([
  ['a later change', 'firing', 2, true],
  ['an end at the same time', 'resolved', 1, true],
  ['the same again, which may have other words', 'insufficient-data', 1, true],
  ['a firing at the same time', 'firing', 1, false],
  ['an earlier change', 'resolved', 0, false],
])('what an alert is now: %s', (_, status, minute, counts) => {
  const before = { ...newState(firing.alert), status: 'insufficient-data' as const, changedAt: iso(1), title: 'before' }
  const state = structuredClone(before)
  const change = { status, changedAt: iso(minute), title: 'after' }
  newest(state, { ...firing.alert, ...change })
  expect(state).toEqual(counts ? { ...before, ...change } : before)
})

describe('of what a recipient is owed', () => {
  const [held, later] = [
    { ...mark('firing', 1), until: iso(20) },
    { ...mark('firing', 2), until: iso(40) },
  ]
  const dead = { at: iso(5), reason: 'no' }
  test.each<[string, Owed[]]>([
    ['the older comes first', [mark('firing', 1), mark('resolved', 2)]],
    ['a change that may be sent comes before a held one', [mark('resolved', 3), held]],
    ['what is held for longer comes last', [mark('resolved', 3), held, later]],
  ])('%s', (_, inTurn) => {
    const orders = [inTurn, inTurn.toReversed()]
    for (const order of orders) expect(waitingOf(owing(one({}), order, at(9)))).toEqual(inTurn)
  })

  test('a dead letter comes after all, and is held up by nothing', () => {
    const letter = { ...mark('firing', 1), dead }
    expect(waitingOf(owing(one({}), [letter, later], at(9)))).toEqual([later, letter])
    expect(owing(one({}), [letter], at(9))).toMatchObject({ owed: mark('firing', 1), dead })
    expect(owing(one({}), [letter], at(9))).not.toHaveProperty('lookAt')
  })

  test('a change that may be sent is checked on after two minutes', () => {
    expect(owing(one({}), [mark('firing', 1)], at(9)).lookAt).toBe(iso(11))
    expect(owing(one({}), [held], at(9))).not.toHaveProperty('lookAt')
  })

  const tried = { tries: 3, waits: 2, nextTryAt: iso(12), lookAt: iso(13), looks: 1, fallbackTo: 'mail' }
  test.each<[string, Owed[]]>([
    ['another change', [mark('firing', 2)]],
    ['another change of that moment', [mark('firing', 1, 'x')]],
    ['the same change at another time', [{ ...mark('firing', 1), at: iso(2) }]],
    ['its end', [{ ...mark('firing', 1), status: 'resolved' }]],
    ['the same, held', [held]],
    ['nothing', []],
  ])('%s is tried from the beginning', (_, owed) => {
    const now = owing(one({ ...tried, owed: mark('firing', 1) }), owed, at(9))
    expect(now).toMatchObject({ tries: 0, waits: 0 })
    expect(now.lookAt).toBe(owed[0] && owed[0].until === undefined ? iso(11) : undefined)
    for (const gone of ['nextTryAt', 'looks', 'fallbackTo']) expect(now).not.toHaveProperty(gone)
  })

  test('the same change keeps its attempts', () => {
    const before = one({ ...tried, owed: mark('firing', 1) })
    expect(owing(before, [mark('firing', 1)], at(9))).toEqual(before)
    const both = owing(before, [mark('resolved', 2), mark('firing', 1)], at(9))
    expect(both).toEqual({ ...before, more: [mark('resolved', 2)] })
  })
})

describe('when an alert is checked on', () => {
  const state = (...recipients: Partial<Recipient>[]) => ({
    ...newState({ ...firing.alert, status: 'resolved', changedAt: iso(1) }),
    recipients: Object.fromEntries(recipients.map((recipient, n) => [`r${n}`, one(recipient)])),
  })
  const owed = mark('resolved', 1)
  const open = { open: { 'pagerduty x': 'pager' } }
  test.each<[string, Parameters<typeof nextDueAt>[0], string | undefined]>([
    ['never, when nothing is owed', state({ notified: ends(1) }), undefined],
    ['when it was owed, where nobody has said when', state({ owed }), iso(1)],
    ['at the time that was said', state({ owed, lookAt: iso(7) }), iso(7)],
    ['at the end of a hold', state({ owed: { ...owed, until: iso(9) }, lookAt: iso(7) }), iso(9)],
    ['never at a dead letter', state({ owed, dead: { at: iso(2), reason: 'no' } }), undefined],
    ['at the first of several', state({ owed, lookAt: iso(8) }, { owed, lookAt: iso(7) }), iso(7)],
    ['when a channel has been gone for long', state({ owed, lookAt: iso(50), goneSince: iso(7) }), iso(22)],
    ['never, when a channel is gone that is owed nothing', state({ goneSince: iso(7) }), undefined],
    ['when an incident is left', { ...state({}), ...open }, iso(1)],
    ['when an incident is left, after the last notification', { ...state({ notified: ends(1) }), ...open }, iso(30)],
    [
      'when an incident is left, after the lease of the current sender',
      { ...state({ notified: ends(1), lease: { token: 't', until: at(40).getTime() } }), ...open },
      iso(40),
    ],
  ])('%s', (_, alert, due) => {
    expect(nextDueAt(alert)).toBe(due)
  })

  test('a channel is gone after a quarter of an hour', () => {
    expect([isGone(one({}), at(90)), isGone(one({ goneSince: iso(0) }), at(14))]).toEqual([false, false])
    expect(isGone(one({ goneSince: iso(0) }), at(15))).toBe(true)
  })

  test('a claim ends at its time', () => {
    const lease = { token: 't', until: at(5).getTime() }
    expect([4, 5].map((minute) => isBeingNotified(one({ lease }), at(minute)))).toEqual([true, false])
    expect(isBeingNotified(one({}), at(1))).toBe(false)
  })
})

describe('what happened to an alert', () => {
  const entry = (n: number, more: Partial<LogEntry> = {}): LogEntry => ({
    ...{ at: iso(n), change: 'c', status: 'firing', outcome: 'failed', reason: 'no' },
    ...more,
  })
  test('is counted when it happens again', () => {
    const log = [entry(1), entry(2), entry(3)].reduce(logged, [])
    expect(log).toEqual([entry(1, { times: 3, last: iso(3) })])
  })

  test.each<Partial<LogEntry>>([{ change: 'd' }, { outcome: 'waits' }, { reason: 'other' }, { of: 'x' }])(
    'is another entry when it differs: %o',
    (more) => {
      expect([entry(1), entry(2, more)].reduce(logged, [])).toEqual([entry(1), entry(2, more)])
    },
  )

  test('is bounded: the first and the last stay', () => {
    const all = Array.from({ length: 17 }, (_, n) => entry(n, { change: `c${n}` }))
    expect(all.slice(0, 16).reduce(logged, [])).toEqual(all.slice(0, 16))
    expect(all.reduce(logged, [])).toEqual([...all.slice(0, 8), ...all.slice(9)])
  })
})

test('the result is the same in any order of notifications', () => {
  const any = fc.record({
    status: fc.constantFrom<AlertStatus>('firing', 'insufficient-data'),
    minute: fc.nat(5),
    place: fc.constantFrom(undefined, 'x', 'y'),
  })
  fc.assert(
    fc.property(fc.uniqueArray(any, { maxLength: 5, selector: ({ minute }) => minute }), (all) => {
      const marks = all.map(({ status, minute, place }) => sent(status, minute, { ...(place && { place }) }))
      const end = (of: Notified[]) => of.reduce<Notified | undefined>(allNotified, undefined)
      const [forward, backward] = [end(marks), end(marks.toReversed())]
      expect(new Set(backward?.places)).toEqual(new Set(forward?.places))
      expect({ ...backward, places: [] }).toEqual({ ...forward, places: [] })
    }),
  )
})
