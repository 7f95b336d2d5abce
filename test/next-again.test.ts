import { describe, expect, test } from 'vitest'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import { carriedAs, changeIdOf } from '../shared/alert/identity.ts'
import { type AlertState, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { firingOf, nextByChange } from '../shared/decide/next.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { changeOf, config, timeOf } from './life.ts'
import { dead, held, mark, owing, received, recipient, whole } from './recipients.ts'

/** Changes that arrive again, or late; one-time events; and what is left of removed channels. It is minute 30. */
const NOW = new Date(timeOf(30))
const FIRES = changeOf('firing', 10)
const firingAt = (since: number, at = since) => ({
  ...{ since: timeOf(since), at: timeOf(at), severity: 'critical' as const, rule: 'default' },
})
const LOST = { at: timeOf(6), severity: 'warning' as const, rule: 'no data' }
const stateOf = (more: Partial<AlertState> = {}): AlertState => ({ ...newState(FIRES), version: 3, ...more })
const comes = (before: AlertState | undefined, alert: Alert) =>
  nextByChange(before, { alert, change: 'now' }, config, NOW)
const ofNow = (status: AlertStatus = 'firing'): Owed => ({ ...mark(status, 10), change: 'now' })

describe('a change that arrives again', () => {
  const seen = [changeIdOf(changeOf('firing', 9)), changeIdOf(FIRES), 'other']
  const again = (recipients: AlertState['recipients']) => comes(stateOf({ seen, recipients }), FIRES)

  test('changes nothing', () => {
    const before = stateOf({ seen, firing: firingAt(10) })
    const { decided, firing, ...next } = comes(before, FIRES)
    expect(next.state).toBe(before)
    expect(next).toMatchObject({ wake: [], outcome: 'duplicate' })
    expect(next.decision).toEqual({
      ...decided,
      ...{ channels: [], held: [], because: [...decided.because, 'duplicate of an earlier change'] },
    })
    expect(decided.channels).toEqual(['pager', 'critical'])
    expect(firing).toEqual({ since: timeOf(10), severity: 'critical', rule: 'default', channels: [] })
  })

  test.each<[string, Partial<Recipient>, boolean]>([
    ['who is owed it, as it may not have been woken', owing(ofNow()), true],
    ['nobody who was attempted', { ...owing(ofNow()), tries: 1 }, false],
    ['nobody who had to wait', { ...owing(ofNow()), waits: 1 }, false],
    ['nobody who had to wait as often as it was attempted', { ...owing(ofNow()), tries: 1, waits: 1 }, false],
    ['nobody who is being notified', { ...owing(ofNow()), lease: { token: 't', until: 1 } }, false],
    ['nobody who is owed it later', owing(held(ofNow())), false],
    ['nobody to whom it is a dead letter', owing(dead(ofNow())), false],
    ['nobody who is owed another', owing(mark('firing', 9)), false],
    ['nobody who is owed nothing', { notified: received('firing', 9) }, false],
  ])('wakes %s', (_, chat, isWoken) => {
    expect(again({ chat: recipient('chat', chat) }).wake).toEqual(isWoken ? ['chat'] : [])
  })

  test('is known among the last 24', () => {
    const states = [comes(undefined, FIRES).state]
    for (let n = 1; n <= 24; n++) states.push(comes(states.at(-1), changeOf('firing', 10 + n)).state)
    expect(states.slice(-2).map((state) => comes(state, FIRES).outcome)).toEqual(['duplicate', 'stale'])
    expect(states.at(-1)?.seen).toHaveLength(24)
  })
})

describe('a sender that repeats what fires', () => {
  const repeats = { ...changeOf('firing', 10), repeats: true as const }
  test.each<[string, AlertState | undefined, Alert, string]>([
    ['is not heard twice', stateOf({ firing: firingAt(5) }), repeats, 'duplicate'],
    ['is not heard twice in one moment', stateOf({ firing: firingAt(10) }), repeats, 'duplicate'],
    ['is heard if it does not repeat', stateOf({ firing: firingAt(5) }), FIRES, 'sent'],
    ['is heard if it began earlier', stateOf({ firing: firingAt(11) }), repeats, 'sent'],
    ['is heard if nothing was firing', stateOf(), repeats, 'sent'],
    ['is heard if it is worse now', stateOf({ firing: { ...firingAt(5), severity: 'warning' } }), repeats, 'sent'],
    [
      'is heard if its data is lost',
      stateOf({ firing: { ...firingAt(5), severity: 'warning' } }),
      { ...repeats, status: 'insufficient-data' },
      'sent',
    ],
  ])('%s', (_, before, alert, outcome) => {
    expect(comes(before, alert).outcome).toBe(outcome)
  })

  test('changes nothing by that', () => {
    const before = stateOf({ firing: firingAt(5), recipients: { chat: recipient('chat', owing(ofNow())) } })
    const { decided, firing, ...next } = comes(before, repeats)
    expect(next.state).toBe(before)
    expect(next.wake).toEqual([])
    expect(next.decision).toEqual({
      ...decided,
      ...{ channels: [], held: [], because: [...decided.because, 'already firing: its sender repeats it'] },
    })
    expect(firing).toMatchObject({ since: timeOf(5) })
  })
})

describe('the message of a firing that was found in CloudWatch', () => {
  const found = (more: object) => comes(undefined, { ...FIRES, foundBy: 'reconcile' as const, ...more }).state
  const later = (seconds: number): Alert => ({
    ...FIRES,
    changedAt: new Date(Date.parse(timeOf(10)) + seconds * 1_000).toISOString(),
  })

  test.each<[what: string, more: object, secondsLater: number, outcome: string]>([
    ['has a time close to it', {}, 5, 'duplicate'],
    ['has another time: it is another firing', {}, 6, 'sent'],
    ['has any time, where CloudWatch did not say when', { changedAbout: true }, 600, 'duplicate'],
  ])('%s', (_what, more, seconds, outcome) => {
    expect(comes(found(more), later(seconds)).outcome).toBe(outcome)
  })

  test('says only of a firing that it is known', () => {
    const state = found({ changedAbout: true })
    expect(state.firing).toMatchObject({ found: 'about' })
    expect(found({}).firing).toMatchObject({ found: true })
    expect(comes(state, { ...later(60), status: 'insufficient-data' }).outcome).toBe('sent')
  })
})

describe('a change that arrives after its own end', () => {
  const ended = (minute: number, since?: number) => ({
    at: timeOf(minute),
    ...(since !== undefined && { since: timeOf(since) }),
  })
  const owed = (at: number): Partial<Recipient> => ({
    ...owing({ ...whole(mark('resolved', at, 'now')), since: timeOf(10) }),
    lookAt: timeOf(32),
  })
  test.each<[string, AlertState['ended'], AlertStatus, number, AlertState['ended']]>([
    ['is one message about the whole', ended(15), 'firing', 15, ended(15, 10)],
    ['is so at the moment of the end, too', ended(10), 'firing', 10, ended(10, 10)],
    ['is so for lost data, too', ended(15), 'insufficient-data', 15, ended(15, 10)],
    ['is a part of the episode that is known', ended(15, 5), 'firing', 15, ended(15, 5)],
    ['began that episode', ended(15, 10), 'firing', 15, ended(15, 10)],
    ['ended before the episode that is known began', ended(15, 12), 'firing', 12, ended(15, 12)],
  ])('%s', (_, before, status, at, after) => {
    const warning = changeOf(status, 10, 'warning')
    const { state, ...next } = comes(stateOf({ ended: before }), warning)
    expect(state).toEqual(
      stateOf({ ended: after, status, seen: [changeIdOf(warning)], recipients: { chat: recipient('chat', owed(at)) } }),
    )
    expect([next.outcome, next.wake]).toEqual(['sent', ['chat']])
    const because = [...next.decided.because, `it had ended at ${timeOf(at)}, before it arrived`]
    expect(next.decision).toEqual({ ...next.decided, channels: ['chat'], held: [], because })
  })

  test('is not sent to who has received something newer', () => {
    const chat = recipient('chat', { notified: received('resolved', 15) })
    const before = stateOf({ status: 'resolved', changedAt: timeOf(15), ended: ended(15, 10), recipients: { chat } })
    const { state, ...next } = comes(before, changeOf('firing', 10, 'warning'))
    expect(state).toEqual({ ...before, seen: [changeIdOf(FIRES)] })
    expect(next).toMatchObject({ outcome: 'nobody', wake: [], decision: { channels: [], held: [] } })
  })

  test('is not sent where it would be held', () => {
    const night = new Date(Date.UTC(2026, 10, 3, 23))
    const change = { alert: changeOf('firing', 10, 'quiet'), change: 'now' }
    const { state, outcome, decision } = nextByChange(stateOf({ ended: ended(15) }), change, config, night)
    expect([state.recipients, outcome, decision.channels, decision.held]).toEqual([{}, 'nobody', [], []])
  })

  test('is new after an older end', () => {
    expect(comes(stateOf({ ended: ended(9) }), FIRES).state.recipients.pager?.owed).toEqual(ofNow())
  })
})

test.each(['firing', 'resolved'] as const)('a one-time event has no end: %s', (status) => {
  const once = { ...changeOf(status, 10), once: true as const }
  const before = { ...newState(once), ended: { at: timeOf(15) } }
  const { state, wake } = comes(before, once)
  expect(state.recipients.pager?.owed).toEqual(ofNow(status))
  expect([state.firing, state.ended, wake]).toEqual([
    status === 'firing' ? firingAt(10) : undefined,
    before.ended,
    ['pager', 'critical'],
  ])
})

describe('what an earlier version had sent', () => {
  const carried = (channel: string) => `change#${carriedAs(notificationId(FIRES, channel))}#0`
  const had = { ...mark('firing', 10), change: carried('pager') }
  test.each<[string, Partial<Recipient>, string[]]>([
    ['is not sent again', { notified: { ...had, notifiedAt: timeOf(11) } }, ['critical']],
    ['is not owed twice', owing(had), ['critical']],
    ['is not owed twice, with others', owing({ ...had, change: 'other' }, had), ['critical']],
    ['is not owed after it was settled', { passed: had }, ['critical']],
    [
      'to another channel is sent to this one',
      { notified: { ...had, change: carried('chat'), notifiedAt: timeOf(11) } },
      ['pager', 'critical'],
    ],
    ['of another change is not this one', { passed: mark('firing', 10) }, ['pager', 'critical']],
  ])('%s', (_, pager, channels) => {
    const next = comes(stateOf({ recipients: { pager: recipient('pager', pager) } }), FIRES)
    expect([next.wake, next.decision.channels]).toEqual([channels, channels])
  })

  test('is not held again', () => {
    const quiet = changeOf('firing', 10, 'quiet')
    const change = `change#${carriedAs(notificationId(quiet, 'quiet'))}#0`
    const recipients = { quiet: recipient('quiet', { passed: { ...mark('firing', 10), change } }) }
    const night = new Date(Date.UTC(2026, 10, 3, 23))
    expect(nextByChange(stateOf({ recipients }), { alert: quiet, change: 'now' }, config, night)).toMatchObject({
      ...{ outcome: 'stale', decision: { held: [] } },
    })
  })
})

describe('a removed channel', () => {
  const gone = (more: Partial<Recipient> = {}) => recipient('gone', { goneSince: timeOf(25), ...more })
  const after = (one: Recipient, more: Partial<AlertState> = {}) =>
    comes(stateOf({ ...more, recipients: { gone: one } }), FIRES).state.recipients.gone

  test('is no part of a new episode', () => {
    expect(after(gone({ notified: received('resolved', 5) }))).toBeUndefined()
    expect(after(gone({ notified: received('resolved', 5), leaving: [] }))).toBeUndefined()
    expect(after(gone(), { firing: firingAt(5) })).toEqual(gone())
    expect(after(gone(), { noData: LOST })).toEqual(gone())
  })

  test.each<[string, Partial<Recipient>]>([
    ['is owed something', owing(mark('resolved', 5))],
    ['is being notified', { lease: { token: 't', until: 1 } }],
    ['received a firing', { notified: received('firing', 5) }],
    ['must leave incidents', { leaving: [''] }],
  ])('is one while it %s', (_, more) => {
    expect(after(gone(more))).toEqual(gone(more))
  })

  test('is one, if it is there', () => {
    const quiet = recipient('quiet', { notified: received('resolved', 5) })
    expect(comes(stateOf({ recipients: { quiet } }), FIRES).state.recipients.quiet).toEqual(quiet)
  })
})

describe('rules are evaluated with the firing', () => {
  const firing = firingAt(5, 8)
  const known = { since: timeOf(5), severity: 'critical', rule: 'default' }
  test.each<[string, Partial<AlertState>, AlertStatus | undefined, object | undefined]>([
    ['that is known', { firing, noData: LOST }, undefined, known],
    ['that is known, when it ends', { firing, noData: LOST }, 'resolved', known],
    ['none, when only the data is lost', { noData: LOST }, undefined, undefined],
    [
      'of lost data, when that ends',
      { noData: LOST },
      'resolved',
      { since: timeOf(6), severity: 'warning', rule: 'no data' },
    ],
    ['none, when it is not known', {}, 'resolved', undefined],
  ])('%s', (_, state, status, expected) => {
    expect(firingOf(stateOf(state), status)).toEqual(expected && { ...expected, channels: [] })
  })

  test.each<[string, Partial<Recipient>, string[]]>([
    ['received it', { notified: received('firing', 5) }, ['chat']],
    ['may have received it', { maybe: true }, ['chat']],
    ['is owed it', owing(mark('firing', 5)), ['chat']],
    ['is owed the loss of its data later', owing(held(mark('insufficient-data', 5))), ['chat']],
    ['is owed the end', owing(mark('resolved', 5)), []],
    ['received the end', { notified: received('resolved', 5) }, []],
    [
      'received it in place of another',
      { notified: received('firing', 5), fallbackFor: { channel: 'pager', reason: 'x' } },
      [],
    ],
  ])('and with a channel that %s: %o', (_, chat, channels) => {
    expect(firingOf(stateOf({ firing, recipients: { chat: recipient('chat', chat) } }))).toEqual({ ...known, channels })
  })
})
