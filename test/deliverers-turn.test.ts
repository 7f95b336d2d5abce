import { describe, expect, test } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import type { Note } from '../schemas/wake.ts'
import {
  type AlertState,
  type LogEntry,
  type Mark,
  type Notified,
  newRecipient,
  newState,
  type Recipient,
} from '../shared/decide/alert-state.ts'
import { type Failure, failed } from '../shared/decide/failure.ts'
import {
  type Claim,
  claimed,
  leftToAnother,
  look,
  markPassed,
  markReceived,
  markRedriven,
  notified,
} from '../shared/decide/turn.ts'
import { firing } from './alert-samples.ts'

/** What a deliverer leaves of one recipient, `pager`, by what was there before. */
const iso = (minute: number) => new Date(Date.UTC(2026, 10, 3, 10, minute)).toISOString()
const at = (minute: number) => new Date(iso(minute))
const mark = (status: AlertStatus, minute: number): Mark => ({ change: `${status} ${minute}`, at: iso(minute), status })
const sent = (status: AlertStatus, minute: number, more: Partial<Notified> = {}): Notified => ({
  ...mark(status, minute),
  notifiedAt: iso(20),
  ...more,
})
const FIRES = mark('firing', 1)
const ENDS = mark('resolved', 3)
const PLACE = 'pagerduty x7Yh'
const NOW = 10

const withPager = (pager: Partial<Recipient>, more: Partial<AlertState> = {}): AlertState => ({
  ...newState({ ...firing.alert, status: 'firing', changedAt: iso(1) }),
  ...more,
  recipients: { pager: { ...newRecipient('pager'), ...pager } },
})
const lease = { token: 'ours', until: at(11).getTime() }
const theirs = { ...lease, token: 'theirs' }
const BASE = newRecipient('pager')

describe('a deliverer', () => {
  test.each<[string, Partial<Recipient>, string]>([
    ['sends nothing when nothing is owed', {}, 'nothing: up to date: nothing is owed'],
    ['sends nothing that is held', { owed: { ...FIRES, until: iso(30) } }, `nothing: held until ${iso(30)}`],
    ['sends nothing that another invocation has claimed', { owed: FIRES, lease }, 'busy'],
    ['sends what another has not sent when its claim expires', { owed: FIRES, lease: { ...lease, until: 0 } }, 'send'],
    [
      'leaves a dead letter',
      { owed: FIRES, dead: { at: iso(2), reason: 'no' } },
      'nothing: dead letter: waiting for a redrive',
    ],
    ['waits for the next attempt', { owed: FIRES, nextTryAt: iso(11) }, `nothing: backoff: next attempt at ${iso(11)}`],
    ['tries two seconds early, as clocks differ', { owed: FIRES, nextTryAt: `${iso(10).slice(0, 17)}02.000Z` }, 'send'],
    [
      'attempts nothing three seconds early',
      { owed: FIRES, nextTryAt: `${iso(10).slice(0, 17)}02.001Z` },
      'nothing: backoff: next attempt at 2026-11-03T10:10:02.001Z',
    ],
  ])('%s', (_, pager, expected) => {
    const found = look(withPager(pager), 'pager', at(NOW))
    expect(found.kind === 'nothing' ? `nothing: ${found.why}` : found.kind).toBe(expected)
  })

  test('sends nothing for an unknown alert or recipient', () => {
    expect(look(undefined, 'pager', at(NOW)).kind).toBe('nothing')
    expect(look(withPager({ owed: FIRES }), 'chat', at(NOW)).kind).toBe('nothing')
  })

  test('sends a redriven dead letter, but not while another invocation does', () => {
    const dead = { at: iso(2), reason: 'no' }
    expect(look(withPager({ owed: FIRES, dead, nextTryAt: iso(30) }), 'pager', at(NOW), true).kind).toBe('send')
    expect(look(withPager({ owed: FIRES, dead, lease }), 'pager', at(NOW), true).kind).toBe('busy')
  })

  test.each<[string, Partial<Recipient>, boolean]>([
    ['what fires', { owed: FIRES }, false],
    [
      'the end alone, to who knows that it fires',
      { owed: { ...ENDS, missed: true }, notified: sent('firing', 1) },
      false,
    ],
    [
      'the end alone, to who knows that data is lost',
      { owed: { ...ENDS, missed: true }, notified: sent('insufficient-data', 1) },
      false,
    ],
    ['the end, to who was never notified', { owed: ENDS }, false],
    ['the whole, to who knows nothing', { owed: { ...ENDS, missed: true } }, true],
    [
      'the whole, to a recipient of a resolve',
      { owed: { ...ENDS, missed: true }, notified: sent('resolved', 2) },
      true,
    ],
    [
      'the whole, to a recipient of something later',
      { owed: { ...ENDS, missed: true }, notified: sent('firing', 4) },
      true,
    ],
    ['the whole, to a recipient of the previous resolve', { owed: ENDS, notified: sent('resolved', 0) }, true],
    [
      'the resolve, to a possible recipient of the firing',
      { owed: ENDS, notified: sent('resolved', 0), maybe: true },
      false,
    ],
    ['the resolve, to a recipient of the firing', { owed: ENDS, notified: sent('firing', 1) }, false],
    ['a firing, to a recipient of a resolve', { owed: FIRES, notified: sent('resolved', 0) }, false],
  ])('sends %s', (_, pager, isWhole) => {
    const found = look(withPager(pager), 'pager', at(NOW))
    const { missed: _missed, ...owed } = pager.owed ?? { ...FIRES, missed: undefined }
    expect(found).toEqual({
      kind: 'send',
      one: { ...BASE, ...pager },
      owed: isWhole ? { ...owed, missed: true } : owed,
    })
  })
})

describe('a claim', () => {
  const claim: Claim = { token: 'ours', leaseMs: 60_000, incident: undefined, isRedriven: false }
  const after = (pager: Partial<Recipient>, more: Partial<Claim> = {}, state: Partial<AlertState> = {}) =>
    claimed(withPager(pager, state), 'pager', { ...claim, ...more }, at(NOW))
  const mine = { lease, maybe: true as const, lookAt: iso(13) }

  test.each<[string, Partial<Recipient>, Partial<Claim>, Partial<Recipient>]>([
    ['is checked two minutes after it expires', { owed: FIRES }, {}, mine],
    ['leaves a later look', { owed: FIRES, lookAt: iso(14) }, {}, { ...mine, lookAt: iso(14) }],
    ['moves a check that would be too early', { owed: FIRES, lookAt: '2026-11-03T10:11:30.000Z' }, {}, mine],
    [
      'knows what may have arrived before',
      { owed: FIRES, maybe: true },
      {},
      { ...mine, lease: { ...lease, wasInDoubt: true } },
    ],
    [
      'of a channel that is unknown: its patience runs',
      { owed: FIRES },
      { isUnknown: true },
      { ...mine, goneSince: iso(NOW) },
    ],
    [
      'of a channel that has been unknown',
      { owed: FIRES, goneSince: iso(2) },
      { isUnknown: true },
      { ...mine, goneSince: iso(2) },
    ],
    ['joins an incident', { owed: FIRES }, { incident: 'x' }, { ...mine, incident: 'x' }],
    ['stays in its incident', { owed: FIRES, incident: 'x' }, { incident: 'x' }, { ...mine, incident: 'x' }],
    [
      'leaves one incident for another',
      { owed: FIRES, incident: 'x' },
      { incident: 'y' },
      { ...mine, incident: 'y', leaving: ['x'] },
    ],
    [
      'leaves an incident for its own',
      { owed: FIRES, incident: 'x' },
      {},
      { ...mine, incident: undefined, leaving: ['x'] },
    ],
    [
      'leaves its own, where that is open',
      { owed: FIRES, notified: sent('firing', 0) },
      { incident: 'x' },
      { ...mine, incident: 'x', leaving: [''] },
    ],
    [
      'leaves its own, where that may be open',
      { owed: FIRES, maybe: true },
      { incident: 'x' },
      { ...mine, lease: { ...lease, wasInDoubt: true }, incident: 'x', leaving: [''] },
    ],
    [
      'leaves none of its own that has ended',
      { owed: FIRES, notified: sent('resolved', 0) },
      { incident: 'x' },
      { ...mine, incident: 'x' },
    ],
    [
      'need not leave one that it returns to',
      { owed: FIRES, incident: 'y', leaving: ['x', 'z'] },
      { incident: 'x' },
      { ...mine, incident: 'x', leaving: ['z', 'y'] },
    ],
    [
      'has nothing to leave when it returns to the only one',
      { owed: FIRES, incident: '', leaving: ['x'] },
      { incident: 'x' },
      { ...mine, incident: 'x', leaving: [''] },
    ],
    ['of an end stays where it is', { owed: ENDS, incident: 'x' }, { incident: 'y' }, { ...mine, incident: 'x' }],
    [
      'of an end leaves all, where its type is back',
      { owed: ENDS, incident: 'x' },
      { isBack: true },
      { ...mine, incident: undefined, leaving: ['x'] },
    ],
    [
      'of an end leaves all, where it is of a type without incidents',
      { owed: ENDS, incident: 'x' },
      { hasNone: true },
      { ...mine, incident: undefined, leaving: ['x'] },
    ],
    [
      'of an end leaves nothing, where there is nothing',
      { owed: ENDS, notified: sent('firing', 1) },
      { hasNone: true },
      mine,
    ],
  ])('%s', (_, pager, how, expected) => {
    expect(after(pager, how).recipients.pager).toEqual({ ...BASE, ...pager, ...expected })
  })

  test('of a redriven dead letter counts attempts from zero', () => {
    const tried = { tries: 9, failingSince: iso(1), nextTryAt: iso(30) }
    const dead = { at: iso(2), reason: 'no' }
    expect(after({ owed: FIRES, dead, ...tried }, { isRedriven: true }).recipients.pager).toEqual({
      ...BASE,
      owed: FIRES,
      ...mine,
    })
    expect(after({ owed: FIRES, ...tried }, { isRedriven: true }).recipients.pager).toMatchObject(tried)
    expect(after({ owed: FIRES, dead, ...tried }).recipients.pager).toMatchObject({ dead, ...tried })
  })

  test.each<[string, Partial<Recipient>, Partial<Claim>, Partial<AlertState>, object | undefined, string | undefined]>([
    ['opens an incident', { owed: FIRES }, { opensAt: PLACE }, {}, { [PLACE]: 'pager' }, PLACE],
    [
      'opens a shared one',
      { owed: FIRES },
      { opensAt: PLACE, incident: 'x' },
      {},
      { [`${PLACE} x`]: 'pager' },
      `${PLACE} x`,
    ],
    [
      'opens none that is open',
      { owed: FIRES },
      { opensAt: PLACE },
      { open: { [PLACE]: 'pager' } },
      { [PLACE]: 'pager' },
      undefined,
    ],
    [
      'opens another beside it',
      { owed: FIRES },
      { opensAt: PLACE, incident: 'x' },
      { open: { [PLACE]: 'old' } },
      { [PLACE]: 'old', [`${PLACE} x`]: 'pager' },
      `${PLACE} x`,
    ],
    ['opens none by an end', { owed: ENDS }, { opensAt: PLACE }, {}, undefined, undefined],
    ['opens none for what happens once', { owed: FIRES }, { opensAt: PLACE }, { once: true }, undefined, undefined],
    ['opens none in a chat', { owed: FIRES }, {}, {}, undefined, undefined],
  ])('%s', (_, pager, how, state, open, opens) => {
    const next = after(pager, how, state)
    expect([next.open, next.recipients.pager?.lease?.opens]).toEqual([open, opens])
  })

  test('of an unknown recipient is kept anyway', () => {
    const { recipients } = claimed({ ...withPager({}), recipients: {} }, 'pager', claim, at(NOW))
    expect(recipients.pager).toMatchObject({ channel: 'pager', ...mine })
  })
})

const logOf = (outcome: LogEntry['outcome'], { change, status }: Pick<Mark, 'change' | 'status'> = FIRES) => ({
  ...{ change, status, outcome },
})

describe('a channel that has accepted', () => {
  const note = (of: Mark, more: Partial<Note> = {}): Note => ({
    ...{ fingerprint: 'x', recipient: 'pager', token: 'ours', notifiedAt: iso(20) },
    ...{ change: of.change, changedAt: of.at, status: of.status },
    ...more,
  })
  const after = (pager: Partial<Recipient>, of: Mark, more: Partial<Note> = {}, state: Partial<AlertState> = {}) =>
    notified(withPager(pager, state), note(of, more))
  const entry = (of = FIRES, more: object = {}) => ({
    ...{ at: iso(20), ...logOf('delivered', of), ...more },
  })
  const sending = { owed: FIRES, lease, maybe: true as const, tries: 2, failingSince: iso(2), lookAt: iso(13) }

  test.each<[string, Partial<Recipient>, Partial<Recipient>]>([
    ['is up to date, and owed nothing', sending, { notified: sent('firing', 1) }],
    [
      'forgets what it had missed',
      { ...sending, missed: { count: 2, since: iso(0) } },
      { notified: sent('firing', 1) },
    ],
    [
      'has left what it had to leave',
      { ...sending, incident: 'y', leaving: ['x'] },
      { notified: sent('firing', 1), incident: 'y' },
    ],
    [
      'is owed what came meanwhile',
      { ...sending, owed: ENDS },
      { owed: ENDS, notified: sent('firing', 1), tries: 2, failingSince: iso(2), lookAt: iso(13) },
    ],
    ['is owed the next', { ...sending, more: [ENDS] }, { owed: ENDS, notified: sent('firing', 1), lookAt: iso(22) }],
    [
      "leaves another's claim",
      { ...sending, lease: theirs, incident: 'y', leaving: ['x'] },
      { notified: sent('firing', 1), lease: theirs, maybe: true, incident: 'y', leaving: ['x'] },
    ],
    ['without a claim', { owed: FIRES, maybe: true }, { notified: sent('firing', 1) }],
    [
      'keeps what it has by its other name',
      { ...sending, lease: { ...lease, isOfOne: true }, incident: 'y', leaving: ['x'] },
      { notified: sent('firing', 1), incident: 'y', leaving: ['x'] },
    ],
    [
      'keeps what may have arrived by its other name',
      { ...sending, owed: ENDS, lease: { ...lease, isOfOne: true } },
      { owed: ENDS, notified: sent('firing', 1), maybe: true, tries: 2, failingSince: iso(2), lookAt: iso(13) },
    ],
  ])('%s', (_, pager, expected) => {
    expect(after(pager, FIRES).recipients.pager).toEqual({ ...BASE, log: [entry()], ...expected })
  })

  test('leaves a log entry of the delivery', () => {
    const more = { said: 'words', digest: { id: 'd', of: 4 }, incident: 'x', missed: true as const }
    expect(after(sending, FIRES, more).recipients.pager?.log).toEqual([entry(FIRES, more)])
    expect(after(sending, FIRES, { place: PLACE }).recipients.pager?.notified).toEqual(
      sent('firing', 1, { place: PLACE }),
    )
  })

  test('is found by its claim if it has another name now', () => {
    const state = { ...withPager({}), recipients: { call: { ...newRecipient('call'), ...sending } } }
    expect(notified(state, note(FIRES)).recipients.call?.notified).toEqual(sent('firing', 1))
    expect(notified(state, note(FIRES, { token: 'unknown' }))).toBe(state)
  })

  test('has received the firing of a whole episode, though its data is lost', () => {
    const lost = sent('insufficient-data', 0)
    expect(
      after({ ...sending, notified: lost }, mark('insufficient-data', 1), { missed: true }).recipients.pager?.notified
        ?.firedAt,
    ).toBe(iso(1))
    expect(
      after({ ...sending, notified: lost }, mark('insufficient-data', 1)).recipients.pager?.notified,
    ).not.toHaveProperty('firedAt')
  })

  const ending = { ...sending, owed: ENDS, notified: sent('firing', 1), incident: 'y' }
  test.each<[string, Partial<Recipient>, Mark, Partial<Note>, string[]]>([
    ['the end closes its own', ending, ENDS, { place: PLACE }, ['x', 'y']],
    ['the end closes a shared one', ending, ENDS, { place: PLACE, incident: 'y' }, ['', 'x']],
    ['the end closes what it left, too', { ...ending, leaving: ['x'] }, ENDS, { place: PLACE, incident: 'y' }, ['']],
    ['a firing closes what it left', { ...sending, leaving: ['x'] }, FIRES, { place: PLACE, incident: 'y' }, ['', 'y']],
    ['a firing closes nothing else', sending, FIRES, { place: PLACE }, ['', 'x', 'y']],
    ['elsewhere nothing is closed', ending, ENDS, { place: 'pagerduty other' }, ['', 'x', 'y']],
    ['in a chat nothing is closed', ending, ENDS, {}, ['', 'x', 'y']],
    [
      "by another's claim nothing is left",
      { ...ending, lease: theirs, leaving: ['x'] },
      ENDS,
      { place: PLACE },
      ['', 'x', 'y'],
    ],
    [
      'by one of two names only its own is closed',
      { ...ending, lease: { ...lease, isOfOne: true }, leaving: ['x'] },
      ENDS,
      { place: PLACE },
      ['x', 'y'],
    ],
  ])('of incidents: %s', (_, pager, of, more, left) => {
    const open = Object.fromEntries(['', 'x', 'y'].map((key) => [key ? `${PLACE} ${key}` : PLACE, 'pager']))
    const { open: still = {} } = after(pager, of, more, { open })
    expect(Object.keys(still).map((key) => key.slice(PLACE.length + 1))).toEqual(left)
  })

  test.each<[string, Partial<Recipient>, boolean]>([
    ['nothing newer has been sent', { notified: sent('firing', 1) }, true],
    ['something newer has been sent', { notified: sent('firing', 5) }, false],
    ['something newer was attempted, and may have arrived', { owed: mark('firing', 5), maybe: true, tries: 1 }, false],
    [
      'something newer was kept waiting, and may have arrived',
      { owed: mark('firing', 5), maybe: true, waits: 1 },
      false,
    ],
    ['something newer was not attempted', { owed: mark('firing', 5), maybe: true }, true],
    ['something newer was attempted, and has not arrived', { owed: mark('firing', 5), tries: 1 }, true],
    ['it was attempted again', { owed: ENDS, maybe: true, tries: 1 }, true],
    ['something older was attempted', { owed: mark('firing', 2), maybe: true, tries: 1 }, true],
  ])('late word of an end closes its incident, if %s', (_, pager, isClosed) => {
    const next = after(pager, ENDS, { place: PLACE }, { open: { [PLACE]: 'pager' } })
    expect(next.open === undefined).toBe(isClosed)
  })

  test.each<[string, Mark[], Partial<Recipient>, Mark[]]>([
    [
      'a resolve that has arrived since is the whole',
      [mark('resolved', 7)],
      {},
      [{ ...mark('resolved', 7), missed: true } as Mark],
    ],
    [
      'a resolve whose firing is sent before it is a resolve',
      [mark('firing', 5), mark('resolved', 7)],
      {},
      [mark('firing', 5), mark('resolved', 7)],
    ],
    [
      'a resolve before which lost data is sent is a resolve',
      [mark('insufficient-data', 5), mark('resolved', 7)],
      {},
      [mark('insufficient-data', 5), mark('resolved', 7)],
    ],
    [
      'an end after which it fires is the whole',
      [mark('resolved', 7), mark('firing', 8)],
      {},
      [{ ...mark('resolved', 7), missed: true } as Mark, mark('firing', 8)],
    ],
    ['an end from before is an end', [mark('resolved', 2)], {}, [mark('resolved', 2)]],
    ['another end of its moment is an end', [{ ...ENDS, change: 'other' }], {}, [{ ...ENDS, change: 'other' }]],
    ['what fires since is a firing', [mark('firing', 5)], {}, [mark('firing', 5)]],
    ["an end is an end, by another's claim", [mark('resolved', 7)], { lease: theirs }, [mark('resolved', 7)]],
  ])('after an end, %s', (_, later, more, expected) => {
    const waiting = [ENDS, ...later].sort((a, b) => (a.at < b.at ? -1 : 1))
    const [owed, ...others] = waiting
    const pager = { ...ending, owed, more: others, ...more }
    const { pager: next } = after(pager, ENDS).recipients
    expect([next?.owed, ...(next?.more ?? [])]).toEqual(expected)
  })

  test.each<[string, Partial<Recipient>, boolean]>([
    ['one that has an incident', { incident: 'y' }, true],
    ['one that has to leave one', { incident: undefined, leaving: ['x'] }, true],
    ['one that has neither', { incident: undefined }, false],
  ])('of a resolve under one of two names is still owed it under the other: %s', (_, more, isOwed) => {
    const { pager: next } = after({ ...ending, lease: { ...lease, isOfOne: true }, ...more }, ENDS).recipients
    expect(next?.owed).toEqual(isOwed ? ENDS : undefined)
  })

  test('of a resolve leaves its incidents, under both names', () => {
    expect(after({ ...ending, leaving: ['x'] }, ENDS).recipients.pager).toEqual({
      ...BASE,
      log: [entry(ENDS)],
      notified: sent('resolved', 3),
    })
    const pager = { ...ending, lease: { ...lease, isOfOne: true as const }, leaving: ['x'] }
    expect(after(pager, ENDS).recipients.pager).toMatchObject({
      owed: ENDS,
      incident: 'y',
      leaving: ['x'],
      maybe: true,
    })
  })
})

describe('a channel that has not accepted', () => {
  const failure: Failure = {
    ...{ token: 'ours', owed: FIRES, kind: 'failed', reason: 'down', waitMs: 60_000 },
    ...{ isUncertain: false, isShown: true },
  }
  const sending = { owed: FIRES, lease, maybe: true as const }
  const after = (pager: Partial<Recipient>, more: Partial<Failure> = {}, state: Partial<AlertState> = {}) =>
    failed(withPager(pager, state), 'pager', { ...failure, ...more }, at(NOW))
  const entry = (outcome: LogEntry['outcome'], reason = 'down') => ({ at: iso(NOW), ...logOf(outcome), reason })
  const again = { failingSince: iso(NOW), nextTryAt: iso(11), lookAt: iso(13) }

  test.each<[string, Partial<Recipient>, Partial<Failure>, Partial<Recipient>]>([
    ['is retried', sending, {}, { owed: FIRES, tries: 1, ...again, log: [entry('failed')] }],
    ['has to wait', sending, { kind: 'waits' }, { owed: FIRES, waits: 1, ...again, log: [entry('waits')] }],
    [
      'is retried by the clock, at that very time',
      sending,
      { isForClock: true },
      { owed: FIRES, tries: 1, ...again, lookAt: iso(11), log: [entry('failed')] },
    ],
    ['is not always shown', sending, { isShown: false }, { owed: FIRES, tries: 1, ...again, log: [] }],
    [
      'has failed since the first time, and is checked again',
      { ...sending, tries: 4, waits: 3, failingSince: iso(2), looks: 2 },
      {},
      { owed: FIRES, tries: 5, waits: 3, ...again, failingSince: iso(2), log: [entry('failed')] },
    ],
    [
      'may know of it, where that is not certain',
      sending,
      { isUncertain: true },
      { owed: FIRES, tries: 1, ...again, maybe: true, log: [entry('failed')] },
    ],
    [
      'may know of it, where it was not certain before',
      { ...sending, lease: { ...lease, wasInDoubt: true } },
      {},
      { owed: FIRES, tries: 1, ...again, maybe: true, log: [entry('failed')] },
    ],
    [
      'keeps what it has to leave, but for what it has left',
      { ...sending, leaving: ['x', 'y'] },
      { left: ['x'] },
      { owed: FIRES, tries: 1, ...again, leaving: ['y'], log: [entry('failed')] },
    ],
    [
      'has nothing more to leave',
      { ...sending, leaving: ['x'] },
      { left: ['x'] },
      { owed: FIRES, tries: 1, ...again, log: [entry('failed')] },
    ],
    [
      'is sent alone',
      sending,
      { isAlone: true },
      { owed: FIRES, tries: 1, ...again, isAlone: true, log: [entry('failed')] },
    ],
    [
      'has joined, and waits',
      sending,
      { hasJoined: true },
      { owed: FIRES, tries: 1, ...again, joinedAt: iso(NOW), log: [entry('failed')] },
    ],
    [
      'has joined before',
      { ...sending, joinedAt: iso(4) },
      { hasJoined: true },
      { owed: FIRES, tries: 1, ...again, joinedAt: iso(4), log: [entry('failed')] },
    ],
    [
      'keeps what it has to leave, if it has left nothing',
      { ...sending, leaving: ['x'] },
      {},
      { owed: FIRES, tries: 1, ...again, leaving: ['x'], log: [entry('failed')] },
    ],
    [
      'is retried, though nobody claims it any more',
      { owed: FIRES },
      {},
      { owed: FIRES, tries: 1, ...again, log: [entry('failed')] },
    ],
    ['is owed nothing any more', {}, {}, { log: [entry('failed')] }],
    [
      "leaves another's claim",
      { ...sending, lease: theirs, leaving: ['x'] },
      { left: ['x'] },
      { owed: FIRES, tries: 1, ...again, lease: theirs, maybe: true, leaving: ['x'], log: [entry('failed')] },
    ],
    [
      'is now owed another change, which is attempted at its time',
      { ...sending, owed: ENDS, tries: 2 },
      {},
      { owed: ENDS, tries: 2, log: [entry('failed')] },
    ],
    [
      'is a dead letter',
      { ...sending, tries: 4, failingSince: iso(2), looks: 1 },
      { kind: 'dead-lettered', place: PLACE },
      { owed: FIRES, dead: { at: iso(NOW), reason: 'down', place: PLACE }, log: [entry('dead-lettered')] },
    ],
    [
      'is a dead letter, nowhere',
      sending,
      { kind: 'dead-lettered' },
      { owed: FIRES, dead: { at: iso(NOW), reason: 'down' }, log: [entry('dead-lettered')] },
    ],
    [
      'is a dead letter, behind what must be sent',
      { ...sending, more: [ENDS] },
      { kind: 'dead-lettered' },
      {
        owed: ENDS,
        more: [{ ...FIRES, dead: { at: iso(NOW), reason: 'down' } }],
        lookAt: iso(12),
        log: [entry('dead-lettered')],
      },
    ],
  ])('%s', (_, pager, how, expected) => {
    expect(after(pager, how).recipients.pager).toEqual({ ...BASE, ...expected })
  })

  test('keeps a thousand characters of the reason', () => {
    const reason = 'x'.repeat(3_000)
    const { pager } = after(sending, { reason, kind: 'dead-lettered' }).recipients
    expect([pager?.dead?.reason.length, pager?.log[0]?.reason?.length]).toEqual([1_000, 1_000])
  })

  test('a dead letter of a resolve is obsolete once something newer is owed', () => {
    const dead = { at: iso(NOW), reason: 'down' }
    const over = (more: object, missed?: true) => {
      const owed = { ...ENDS, ...(missed && { missed }) }
      return after({ ...sending, owed, ...more }, { owed, kind: 'dead-lettered' }).recipients.pager
    }
    const later = mark('firing', 5)
    expect(over({ more: [later] })).toMatchObject({
      owed: later,
      log: [{ outcome: 'dead-lettered' }, { at: iso(NOW), ...logOf('overtaken', ENDS) }],
    })
    expect(over({ more: [later] })).not.toHaveProperty('more')
    expect(over({ more: [later] }, true)?.more).toEqual([{ ...ENDS, missed: true, dead }])
    expect(over({ more: [mark('firing', 2)] })?.more).toEqual([{ ...ENDS, dead }])
    expect(over({})).toMatchObject({ owed: ENDS, dead })
  })

  test.each<[string, object, Partial<Failure>, string[]]>([
    ['its own, that it was to open, is not open', { opens: PLACE }, {}, ['x', 'y']],
    ['a shared one, that it was to open, may be', { opens: `${PLACE} y` }, {}, ['', 'x', 'y']],
    ['its own may be open if the outcome is uncertain', { opens: PLACE }, { isUncertain: true }, ['', 'x', 'y']],
    ['its own may be open, where it was in doubt', { opens: PLACE, wasInDoubt: true }, {}, ['', 'x', 'y']],
    ['what it has left is closed', {}, { place: PLACE, left: ['x'] }, ['', 'y']],
    ['what it has left nowhere is not', {}, { left: ['x'] }, ['', 'x', 'y']],
    ["another's claim leaves all", { token: 'theirs', opens: PLACE }, { place: PLACE, left: ['x'] }, ['', 'x', 'y']],
  ])('of incidents: %s', (_, more, how, left) => {
    const open = Object.fromEntries(['', 'x', 'y'].map((key) => [key ? `${PLACE} ${key}` : PLACE, 'pager']))
    const { open: still = {} } = after({ ...sending, lease: { ...lease, ...more } }, how, { open })
    expect(Object.keys(still).map((key) => key.slice(PLACE.length + 1))).toEqual(left)
  })

  test('is found by its claim if it has another name now; nothing changes if it is gone', () => {
    const state = { ...withPager({}), recipients: { call: { ...newRecipient('call'), ...sending } } }
    expect(failed(state, 'pager', failure, at(NOW)).recipients.call?.tries).toBe(1)
    expect(failed(state, 'pager', { ...failure, token: 'unknown' }, at(NOW))).toBe(state)
  })

  describe('hands it to its fallback', () => {
    const fallbackFor = { channel: 'pager', reason: 'down' }
    const handed = (pager: Partial<Recipient>, more: Partial<Failure> = {}, mail?: Partial<Recipient>) => {
      const state = withPager(pager)
      if (mail) state.recipients['mail for pager'] = { ...newRecipient('mail'), fallbackFor, ...mail }
      return failed(state, 'pager', { ...failure, fallbackTo: 'mail', ...more }, at(NOW)).recipients
    }

    test('once, immediately, and history shows it', () => {
      const { pager, 'mail for pager': mail } = handed(sending)
      expect(mail).toEqual({ ...newRecipient('mail'), fallbackFor, owed: FIRES, lookAt: iso(NOW) })
      expect(pager).toMatchObject({ fallbackTo: 'mail for pager', owed: { ...FIRES, given: true }, tries: 1 })
      expect(pager?.log).toEqual([entry('failed'), entry('fallback', 'mail')])
    })

    test.each<[string, Partial<Recipient>, Partial<Failure>, object[]]>([
      [
        'that it fires and that data is lost',
        { ...sending, more: [mark('insufficient-data', 2)] },
        {},
        [FIRES, mark('insufficient-data', 2)],
      ],
      ['nothing that is held', { ...sending, more: [{ ...mark('firing', 4), until: iso(40) }] }, {}, [FIRES]],
      ['no resolve, which it gets on its own', { ...sending, more: [ENDS] }, {}, [FIRES]],
      [
        'a whole in place of the firing before it',
        { ...sending, more: [{ ...ENDS, since: iso(2), missed: true }] },
        {},
        [{ ...ENDS, since: iso(2), missed: true }],
      ],
      ['the resolve that was attempted', { ...sending, owed: ENDS }, { owed: ENDS }, [ENDS]],
      [
        'the whole that was attempted',
        { ...sending, owed: ENDS },
        { owed: { ...ENDS, missed: true } },
        [{ ...ENDS, missed: true }],
      ],
      [
        'nothing of non-production beside what pages',
        { ...sending, more: [{ ...mark('insufficient-data', 2), neverPages: true }] },
        {},
        [FIRES],
      ],
      [
        'all of non-production beside such',
        {
          ...sending,
          owed: { ...FIRES, neverPages: true },
          more: [{ ...mark('insufficient-data', 2), neverPages: true }],
        },
        {},
        [
          { ...FIRES, neverPages: true },
          { ...mark('insufficient-data', 2), neverPages: true },
        ],
      ],
      [
        'nothing that it was given',
        { ...sending, owed: { ...FIRES, given: true }, more: [mark('insufficient-data', 2)] },
        {},
        [mark('insufficient-data', 2)],
      ],
    ])('%s', (_, pager, how, expected) => {
      const { 'mail for pager': mail } = handed(pager, how)
      expect([mail?.owed, ...(mail?.more ?? [])]).toEqual(expected)
    })

    test.each<[string, Partial<Recipient>]>([
      ['knows it', { notified: sent('firing', 1) }],
      ['is owed it', { owed: FIRES }],
    ])('unless that one %s', (_, mail) => {
      const { pager, 'mail for pager': after } = handed(sending, {}, mail)
      expect(after).toEqual({ ...newRecipient('mail'), fallbackFor, ...mail })
      expect(pager).toMatchObject({ fallbackTo: 'mail for pager', log: [entry('failed')] })
    })

    test('what has arrived since that one was notified, too', () => {
      const state = withPager({ ...sending, fallbackTo: 'mail for pager' })
      state.recipients['mail for pager'] = { ...newRecipient('mail'), fallbackFor, notified: sent('firing', 0) }
      const { 'mail for pager': mail } = failed(state, 'pager', failure, at(NOW)).recipients
      expect(mail?.owed).toEqual(FIRES)
    })

    test('and keeps 500 characters of the reason', () => {
      const { 'mail for pager': mail } = handed(sending, { reason: 'x'.repeat(900) })
      expect(mail?.fallbackFor?.reason).toHaveLength(500)
    })
  })
})

describe('a change that is not sent', () => {
  test('because it ended before, is marked as passed', () => {
    const pager = { owed: ENDS, lease, maybe: true as const, failingSince: iso(2), tries: 3, more: [mark('firing', 5)] }
    expect(markPassed(withPager(pager), 'pager', at(NOW)).recipients.pager).toEqual({
      ...BASE,
      ...{ owed: mark('firing', 5), lookAt: iso(12), passed: ENDS },
      log: [{ at: iso(NOW), ...logOf('overtaken', ENDS), missed: true }],
    })
    const nothing = withPager({})
    expect(markPassed(nothing, 'pager', at(NOW))).toBe(nothing)
    expect(markPassed(nothing, 'gone', at(NOW))).toBe(nothing)
  })

  test('because another name has received it, is not owed; what that one may have received stays uncertain', () => {
    const pager = { owed: FIRES, maybe: true as const, incident: 'x' }
    const log = [{ at: iso(NOW), ...logOf('overtaken') }]
    const known = (by: Parameters<typeof markReceived>[2]) =>
      markReceived(withPager(pager), 'pager', by, at(NOW)).recipients.pager
    expect(known({ notified: sent('firing', 2) })).toEqual({
      ...BASE,
      incident: 'x',
      notified: sent('firing', 2),
      log,
    })
    expect(known({ maybe: true })).toEqual({ ...BASE, incident: 'x', maybe: true, log })
    const notified = sent('firing', 2)
    const after = (state: AlertState) => markReceived(state, 'pager', { notified }, at(NOW)).recipients
    expect(after(withPager({}))).toEqual({ pager: { ...BASE, notified } })
    expect(after({ ...withPager({}), recipients: {} })).toEqual({ pager: { ...BASE, notified } })
  })

  test('by this deliverer, is left to another, which is woken at once', () => {
    const pager = { owed: FIRES, nextTryAt: iso(30), lookAt: iso(32), dead: { at: iso(2), reason: 'no' } }
    expect(leftToAnother(withPager(pager), 'pager', at(NOW)).recipients.pager).toEqual({
      ...BASE,
      owed: FIRES,
      lookAt: iso(NOW),
    })
  })
})

describe('a redriven dead letter', () => {
  const dead = { at: iso(2), reason: 'no' }
  test('is sent alone if there are others', () => {
    const other = { ...mark('firing', 5), dead }
    const { pager } = markRedriven(
      withPager({ owed: FIRES, dead, more: [other] }),
      'pager',
      FIRES.change,
      at(NOW),
    ).recipients
    expect(pager).toMatchObject({ owed: FIRES, more: [other] })
    expect(pager).not.toHaveProperty('dead')
  })

  test('is sent in its turn, as first owed', () => {
    const pager = { owed: mark('firing', 5), more: [{ ...FIRES, dead, given: true as const }] }
    expect(markRedriven(withPager(pager), 'pager', FIRES.change, at(NOW)).recipients.pager).toEqual({
      ...BASE,
      ...{ owed: FIRES, more: [mark('firing', 5)], lookAt: iso(12) },
    })
  })

  test.each<[string, Partial<Recipient>, string, string]>([
    ['of somebody else', { owed: FIRES, dead }, 'chat', FIRES.change],
    ['of another change', { owed: FIRES, dead }, 'pager', 'other'],
    ['that does not exist', { owed: FIRES }, 'pager', FIRES.change],
  ])('is nothing, %s', (_, pager, name, change) => {
    const state = withPager(pager)
    expect(markRedriven(state, name, change, at(NOW))).toBe(state)
  })
})
