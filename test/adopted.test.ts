import { describe, expect, test } from 'vitest'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import { carriedAs, carriedBy } from '../shared/alert/identity.ts'
import { nextByNotification } from '../shared/decide/adopted.ts'
import { type AlertState, newRecipient, newState, type Recipient } from '../shared/decide/alert-state.ts'
import { firing } from './alert-samples.ts'
import { timeOf } from './life.ts'
import { mark, received, recipient } from './recipients.ts'

/** A notification that the version before this one had sent comes to its channel now. */
const NOW = new Date(timeOf(30))
const alertAt = (status: AlertStatus, minute: number): Alert => ({ ...firing.alert, status, changedAt: timeOf(minute) })
const TO = { recipient: 'chat', channel: 'chat', severity: 'critical' as const, rule: 'databases' }
const BEFORE: AlertState = { ...newState(alertAt('firing', 5)), version: 3 }
const withChat = (chat: Partial<Recipient>, more: Partial<AlertState> = {}): AlertState => ({
  ...BEFORE,
  ...more,
  recipients: { chat: recipient('chat', chat) },
})
const CARRIED = `change#${carriedAs('n1')}#0`
const comes = (before: AlertState | undefined, status: AlertStatus, minute: number, to: object = {}) => {
  const change = `${status} ${minute}`
  return nextByNotification(before, { alert: alertAt(status, minute), change }, { ...TO, ...to }, NOW)
}

test('the key of a change says which notification carried it', () => {
  expect(carriedBy(`change#x#${carriedAs('n1')}#0`)).toBe('n1')
  expect([carriedBy('change#x#message#0'), carriedBy(undefined)]).toEqual([undefined, undefined])
})

test('nothing is known of the alert: its channel is owed what it says, and it fires', () => {
  const { recipients, ...state } = comes(undefined, 'firing', 5)
  expect(recipients).toMatchObject({ chat: { channel: 'chat', owed: mark('firing', 5) } })
  expect(recipients.chat).not.toHaveProperty('maybe')
  expect(recipients.chat).not.toHaveProperty('fallbackFor')
  const now = { since: timeOf(5), at: timeOf(5), severity: 'critical', rule: 'databases' }
  expect({ ...state, recipients: {} }).toEqual({ ...newState(alertAt('firing', 5)), firing: now })
})

test("it goes in another channel's place, as it did", () => {
  const fallbackFor = { channel: 'pager', reason: 'down' }
  const { recipients } = comes(undefined, 'firing', 5, { recipient: 'mail for pager', channel: 'mail', fallbackFor })
  expect(recipients).toMatchObject({ 'mail for pager': { channel: 'mail', fallbackFor, owed: mark('firing', 5) } })
})

describe('a channel is not owed again', () => {
  test.each<[string, AlertState]>([
    ['the last notification it received', withChat({ notified: received('firing', 5) })],
    [
      'the last notification, received before it had its own name',
      withChat({ notified: received('firing', 5, { change: 'other' }) }),
    ],
    ['what it is owed', withChat({ owed: mark('firing', 5) })],
    ['a change it does not need', withChat({ passed: mark('firing', 5) })],
    ['what is older than it knows', withChat({ notified: received('firing', 6) })],
    ['a resolved episode', withChat({ notified: received('resolved', 6) })],
  ])('%s', (_, before) => {
    expect(comes(before, 'firing', 5)).toBe(before)
  })
})

test('a channel is not owed again what the same notification said, or a resolve from before its data was lost', () => {
  const same = withChat({ notified: received('firing', 5, { change: CARRIED }) })
  expect(nextByNotification(same, { alert: alertAt('firing', 5), change: CARRIED }, TO, NOW)).toBe(same)
  const lost = withChat({ notified: received('insufficient-data', 8) })
  expect(comes(lost, 'resolved', 5)).toBe(lost)
})

test('a channel that received a newer firing, and the loss of data, is not owed the older firing', () => {
  const notified = received('insufficient-data', 8, { firedAt: timeOf(6) })
  expect(comes(withChat({ notified }), 'firing', 5).recipients.chat).toEqual(recipient('chat', { notified }))
})

describe('a channel is owed', () => {
  test.each<[string, AlertState]>([
    ['a firing, followed by a notification of lost data', withChat({ notified: received('insufficient-data', 6) })],
    [
      'another of the same moment, which had its own notification',
      withChat({ notified: received('firing', 5, { change: CARRIED }) }),
    ],
    ['a change it may not need', withChat({ passed: mark('firing', 5), maybe: true })],
    ['what is newer than it knows', withChat({ notified: received('firing', 4) })],
  ])('%s', (_, before) => {
    const { recipients } = comes(before, 'firing', 5)
    expect(recipients.chat?.owed).toEqual(mark('firing', 5))
  })

  test('the resolve of an ended episode that it may not have received', () => {
    const missed = (at: number) => ({ ...mark('resolved', at, 'firing 5'), since: timeOf(5), missed: true })
    expect(comes({ ...BEFORE, ended: { at: timeOf(8) } }, 'firing', 5).recipients.chat).toMatchObject({
      owed: missed(8),
      maybe: true,
    })
    const known = (since: number) => ({ ...BEFORE, ended: { at: timeOf(8), since: timeOf(since) } })
    expect(comes(known(6), 'firing', 5).recipients.chat?.owed).toEqual(missed(6))
    expect(comes(known(5), 'firing', 5).recipients.chat?.owed).toEqual(missed(8))
    expect(comes({ ...BEFORE, ended: { at: timeOf(5) } }, 'firing', 5).recipients.chat?.owed).toEqual(missed(5))
  })

  test.each<[string, AlertState, AlertStatus]>([
    ['what fires after an end', { ...BEFORE, ended: { at: timeOf(4) } }, 'firing'],
    ['an end', { ...BEFORE, ended: { at: timeOf(8) } }, 'resolved'],
    ['what happens once', { ...BEFORE, once: true, ended: { at: timeOf(8) } }, 'firing'],
  ])('%s as it is', (_, before, status) => {
    const { chat } = comes(before, status, 5).recipients
    expect(chat?.owed).toEqual(mark(status, 5))
    expect(chat).not.toHaveProperty('maybe')
  })
})

describe('the alert', () => {
  const now = (at: number) => ({ since: timeOf(1), at: timeOf(at), severity: 'info' as const, rule: 'known' })
  const began = { since: timeOf(5), at: timeOf(5), severity: 'critical', rule: 'databases' }
  test.each<[string, Partial<AlertState>, AlertStatus, object | undefined]>([
    ['fires', {}, 'firing', began],
    ['fires after an end', { ended: { at: timeOf(4) } }, 'firing', began],
    ['fires as it is known to', { firing: now(2) }, 'firing', now(2)],
    ['has ended since', { ended: { at: timeOf(8) } }, 'firing', undefined],
    ['ends at that moment', { ended: { at: timeOf(5) } }, 'firing', undefined],
    ['has lost its data, which is no firing', {}, 'insufficient-data', undefined],
    ['has ended', { firing: now(2) }, 'resolved', undefined],
    ['ends at that moment, by its resolve', { firing: now(5) }, 'resolved', undefined],
    ['fires again since', { firing: now(6) }, 'resolved', now(6)],
  ])('%s', (_, before, status, expected) => {
    expect(comes({ ...BEFORE, ...before }, status, 5).firing).toEqual(expected)
  })

  test.each<[string, Partial<AlertState>, AlertState['ended']]>([
    ['with its beginning', { firing: now(2) }, { at: timeOf(5), since: timeOf(1) }],
    ['with when its data was lost', { noData: { ...now(3) } }, { at: timeOf(5), since: timeOf(3) }],
    ['without a beginning, where none is known', {}, { at: timeOf(5) }],
    ['without a beginning that came after it', { firing: { ...now(7), since: timeOf(6) } }, { at: timeOf(5) }],
    [
      'with a beginning at that moment',
      { firing: { ...now(5), since: timeOf(5) } },
      { at: timeOf(5), since: timeOf(5) },
    ],
    ['in place of an earlier one', { ended: { at: timeOf(4) } }, { at: timeOf(5) }],
    [
      'unless a later one is known',
      { ended: { at: timeOf(8), since: timeOf(7) } },
      { at: timeOf(8), since: timeOf(7) },
    ],
    ['unless this one is known', { ended: { at: timeOf(5), since: timeOf(2) } }, { at: timeOf(5), since: timeOf(2) }],
  ])('has ended, %s', (_, before, ended) => {
    expect(comes({ ...BEFORE, ...before }, 'resolved', 5).ended).toEqual(ended)
  })

  test.each<[number, boolean]>([
    [4, false],
    [5, false],
    [6, true],
  ])('lacks its data at an end, if that was lost after it: in minute %i', (minute, stays) => {
    expect('noData' in comes({ ...BEFORE, noData: now(minute) }, 'resolved', 5)).toBe(stays)
  })

  test('is what its newest change says', () => {
    expect(comes(BEFORE, 'resolved', 9)).toMatchObject({ status: 'resolved', changedAt: timeOf(9) })
    expect(comes(BEFORE, 'resolved', 4)).toMatchObject({ status: 'firing', changedAt: timeOf(5) })
  })

  test('that was given is left as it was', () => {
    const before = withChat({ notified: received('firing', 4) }, { firing: now(2) })
    const copy = structuredClone(before)
    comes(before, 'resolved', 6)
    expect(before).toEqual(copy)
  })
})

describe('at a resolve, a fallback that was notified in place of its channel', () => {
  const fallbackFor = { channel: 'chat', reason: 'down' }
  const mail = (more: Partial<Recipient>): AlertState => ({
    ...BEFORE,
    recipients: { 'mail for chat': { ...newRecipient('mail'), fallbackFor, ...more } },
  })
  const ended = (more: Partial<Recipient>) => comes(mail(more), 'resolved', 6).recipients['mail for chat']

  test('is owed it, and is due at once', () => {
    expect(ended({ notified: received('firing', 5) })).toMatchObject({
      owed: mark('resolved', 6),
      lookAt: NOW.toISOString(),
    })
  })

  test('and who holds a dead letter of it, is owed it, too', () => {
    const dead = { at: timeOf(5), reason: 'no' }
    expect(ended({ notified: received('firing', 4), owed: mark('firing', 5), dead })).toMatchObject({
      owed: mark('resolved', 6),
    })
  })

  test('is owed one message about the whole, if it is still owed the firing', () => {
    const all = { ...mark('resolved', 6), missed: true }
    expect(ended({ owed: mark('firing', 5) })?.owed).toEqual({ ...all, since: timeOf(5) })
    expect(ended({ owed: { ...mark('firing', 5), since: timeOf(3) } })?.owed).toEqual({ ...all, since: timeOf(3) })
  })

  test.each<[string, Partial<Recipient>]>([
    ['received the resolve', { notified: received('resolved', 5) }],
    ['is owed this resolve', { notified: received('firing', 5), owed: mark('resolved', 6) }],
    ['knows nothing of it', {}],
    ['received something newer', { notified: received('firing', 7) }],
    ['received this resolve', { notified: received('resolved', 6) }],
    ['stands in for another', { notified: received('firing', 5), fallbackFor: { channel: 'pager', reason: 'down' } }],
    ['stands in for nobody', { notified: received('firing', 5), fallbackFor: undefined }],
  ])('is owed nothing, if it %s', (_, more) => {
    expect(ended(more)).toEqual(mail(more).recipients['mail for chat'])
  })
})
