import { describe, expect, test } from 'vitest'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { changeIdOf } from '../shared/alert/identity.ts'
import { type AlertState, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { changeOf, config, type Kind, timeOf } from './life.ts'
import { held, mark, overtaken, owing, received, recipient } from './recipients.ts'

/** What a firing, or lost data, means for an alert and its recipients. It is minute 30. */
const NOW = new Date(timeOf(30))
const firingAt = (since: number, at = since) => ({
  ...{ since: timeOf(since), at: timeOf(at), severity: 'critical' as const, rule: 'default' },
})
const lostAt = (minute: number) => ({ at: timeOf(minute), severity: 'warning' as const, rule: 'no data' })
const ended = (minute: number, since?: number) => ({
  at: timeOf(minute),
  ...(since !== undefined && { since: timeOf(since) }),
})
const stateOf = (more: Partial<AlertState>): AlertState => ({
  ...newState(changeOf('firing', 1)),
  ...{ version: 3, seen: ['other'] },
  ...more,
})
const comes = (before: AlertState | undefined, alert: Alert, by: Config = config, now = NOW) =>
  nextByChange(before, { alert, change: 'now' }, by, now)
const withChat = (more: Partial<Recipient>) => ({ recipients: { chat: recipient('chat', more) } })
const owedNow = (...waiting: Owed[]) => ({ ...owing(...waiting), lookAt: timeOf(32) })

test('an unknown alert that fires is owed to all that the rules name', () => {
  const alert = changeOf('firing', 10)
  const now = owedNow({ change: 'now', at: timeOf(10), status: 'firing' })
  const decided = {
    ...{ severity: 'critical', rule: 'default', channels: ['pager', 'critical'] },
    because: ['no rule matches: the default severity is critical'],
  }
  expect(comes(undefined, alert)).toEqual({
    state: {
      ...newState(alert),
      seen: [changeIdOf(alert)],
      firing: firingAt(10),
      recipients: { pager: recipient('pager', now), critical: recipient('critical', now) },
    },
    ...{ wake: ['pager', 'critical'], outcome: 'sent', decision: { ...decided, held: [] }, decided, firing: undefined },
  })
})

describe('what is firing by then', () => {
  type Episode = Pick<AlertState, 'firing' | 'noData' | 'ended'>
  const WARNING = { severity: 'warning' as const, rule: 'warning' }
  test.each<[string, Episode, [AlertStatus, number, Kind?], Episode]>([
    ['fires', {}, ['firing', 10], { firing: firingAt(10) }],
    ['fires again, and still', { firing: firingAt(5) }, ['firing', 10], { firing: firingAt(5, 10) }],
    [
      'fires as something else, from now on',
      { firing: firingAt(5) },
      ['firing', 10, 'warning'],
      { firing: { ...firingAt(5, 10), ...WARNING } },
    ],
    [
      'fires as something else, of the same moment',
      { firing: firingAt(10) },
      ['firing', 10, 'warning'],
      { firing: { ...firingAt(10), ...WARNING } },
    ],
    [
      'fired as something else before',
      { firing: firingAt(12) },
      ['firing', 10, 'warning'],
      { firing: firingAt(10, 12) },
    ],
    [
      'fired as something else in between',
      { firing: firingAt(5, 12) },
      ['firing', 10, 'warning'],
      { firing: firingAt(5, 12) },
    ],
    ['fires after an end', { ended: ended(9, 5) }, ['firing', 10], { firing: firingAt(10), ended: ended(9, 5) }],
    ['fires, and its data is lost', { noData: lostAt(5) }, ['firing', 10], { firing: firingAt(10), noData: lostAt(5) }],
    ['lost its data', {}, ['insufficient-data', 10], { noData: lostAt(10) }],
    [
      'lost its data, and fires',
      { firing: firingAt(5) },
      ['insufficient-data', 10],
      { firing: firingAt(5), noData: lostAt(10) },
    ],
    [
      'lost its data as it fired',
      { firing: firingAt(10) },
      ['insufficient-data', 10],
      { firing: firingAt(10), noData: lostAt(10) },
    ],
    ['lost its data again', { noData: lostAt(5) }, ['insufficient-data', 10], { noData: lostAt(10) }],
    [
      'lost its data before',
      { noData: { ...lostAt(12), rule: 'newer' } },
      ['insufficient-data', 10],
      { noData: { ...lostAt(12), rule: 'newer' } },
    ],
    [
      'lost its data at that moment',
      { noData: { ...lostAt(10), rule: 'first' } },
      ['insufficient-data', 10],
      { noData: { ...lostAt(10), rule: 'first' } },
    ],
  ])('%s', (_, before, [status, minute, kind], after) => {
    const { firing, noData, ended } = comes(stateOf(before), changeOf(status, minute, kind)).state
    expect({ firing, noData, ended }).toEqual(after)
  })

  test('lost data before a newer firing is stale: nothing is written', () => {
    const before = stateOf({ firing: firingAt(12) })
    const { decided, ...next } = comes(before, changeOf('insufficient-data', 10))
    expect(next.state).toBe(before)
    expect(next).toMatchObject({ wake: [], outcome: 'stale', decision: { channels: [], held: [] } })
    expect(next.decision.because).toEqual([...decided.because, 'stale: superseded by a newer firing'])
  })

  test('what its rules say is kept for the resolve', () => {
    const extras = {
      runbook: 'https://wiki.example.com/x',
      groupBy: ['name'],
      title: 'a',
      text: 'b',
      labels: { team: 'x' },
    }
    const all = { ...config, rules: [{ name: 'all', when: { name: '*' }, severity: 'warning' as const, ...extras }] }
    const alert = { ...changeOf('firing', 10), links: {} }
    const { state } = comes(undefined, alert, all)
    expect(state.firing).toEqual({ ...firingAt(10), severity: 'warning', rule: 'all', ...extras })
  })
})

describe('when it fires again after lost data', () => {
  const LOST = mark('insufficient-data', 9)
  const fires = (chat: Partial<Recipient>, more: Partial<AlertState> = {}) =>
    comes(stateOf({ noData: lostAt(9), ...withChat(chat), ...more }), changeOf('firing', 10)).state.recipients.chat

  test.each<[string, Partial<Recipient>, Partial<Recipient>]>([
    ['a loss that waits is not sent', owing(LOST), { log: [overtaken(LOST, 10)] }],
    ['a loss that is held is not sent', owing(held(LOST)), { log: [overtaken(LOST, 10)] }],
    ['a later loss is', owing(mark('insufficient-data', 11)), owing(mark('insufficient-data', 11))],
    ['a loss as it fires is', owing(mark('insufficient-data', 10)), owing(mark('insufficient-data', 10))],
    [
      'a resolve is, though not the loss behind it',
      owing(mark('resolved', 8), LOST),
      { ...owing(mark('resolved', 8)), log: [overtaken(LOST, 10)] },
    ],
    ['a loss is, if it may have been received', { ...owing(LOST), maybe: true }, { ...owing(LOST), maybe: true }],
    [
      'a loss is, if it counts a missed episode',
      { ...owing(LOST), missed: { count: 1, since: timeOf(1) } },
      { ...owing(LOST), missed: { count: 1, since: timeOf(1) } },
    ],
  ])('%s', (_, before, after) => {
    expect(fires(before)).toEqual(recipient('chat', after))
  })

  test('a loss is sent to a recipient of an older firing, too', () => {
    expect(fires(owing(LOST), { firing: firingAt(5) })).toEqual(recipient('chat', owing(LOST)))
  })

  test('a loss is replaced where the rules send the firing', () => {
    const { state } = comes(stateOf({ noData: lostAt(9), ...withChat(owing(LOST)) }), changeOf('firing', 10, 'warning'))
    const now = { ...mark('firing', 10), change: 'now' }
    expect(state.recipients.chat).toEqual(recipient('chat', { ...owedNow(now), log: [overtaken(LOST)] }))
  })
})

describe('who is owed it', () => {
  const NIGHT = new Date(Date.UTC(2026, 10, 3, 23))
  const MORNING = new Date(Date.UTC(2026, 10, 4, 6)).toISOString()
  const ofNow = (status: AlertStatus = 'firing'): Owed => ({ ...mark(status, 10), change: 'now' })
  const quiet = changeOf('firing', 10, 'quiet')

  test('a channel that is silent by then is owed it later', () => {
    const { state, ...next } = comes(undefined, quiet, config, NIGHT)
    const why = 'within from 22:00 to 06:00'
    expect(state.recipients).toEqual({ quiet: recipient('quiet', owing({ ...ofNow(), until: MORNING, why })) })
    expect([next.outcome, next.wake, next.decision.channels]).toEqual(['held', [], []])
    expect(next.decision.held).toEqual([{ channel: 'quiet', until: MORNING, why }])
  })

  test('nobody, if the rules name no channel', () => {
    const none = { ...config, severities: { ...config.severities, critical: { channels: [] } } }
    const { state, ...next } = comes(undefined, changeOf('firing', 10), none)
    expect([state.recipients, state.firing]).toEqual([{}, firingAt(10)])
    expect(next).toMatchObject({ outcome: 'nobody', wake: [], decision: { channels: [], held: [] } })
    expect(next.decision.because).toEqual([...next.decided.because, 'the rules name no channel for it'])
  })

  test('a held recipient, as a firing goes to others; lost data does not', () => {
    const before = stateOf({
      firing: firingAt(5),
      recipients: { chat: recipient('chat', owing(held(mark('firing', 5)))) },
    })
    const next = comes(before, changeOf('firing', 10))
    expect(next.decision.channels).toEqual(['pager', 'critical', 'chat'])
    expect(next.state.recipients.chat?.owed).toEqual(ofNow())
    const quiet = stateOf({ ...before, recipients: { quiet: recipient('quiet', owing(held(mark('firing', 5)))) } })
    expect(comes(quiet, changeOf('insufficient-data', 10)).decision.channels).toEqual(['chat'])
    const both = comes(before, changeOf('firing', 10, 'warning'))
    expect(both.decision.channels).toEqual(['chat'])
  })

  test('not who is owed it at once', () => {
    const before = stateOf({ firing: firingAt(5), ...withChat(owing(mark('firing', 5))) })
    expect(comes(before, changeOf('firing', 10)).decision.channels).toEqual(['pager', 'critical'])
  })

  test.each<[string, Partial<Recipient>, string[]]>([
    ['some have received something newer: the others', { notified: received('firing', 12) }, ['critical']],
    ['none has: all', { notified: received('firing', 4) }, ['pager', 'critical']],
  ])('%s', (_, pager, channels) => {
    const before = stateOf({ firing: firingAt(4), recipients: { pager: recipient('pager', pager) } })
    const next = comes(before, changeOf('firing', 10))
    expect([next.outcome, next.wake, next.decision.channels]).toEqual(['sent', channels, channels])
  })

  test('all have received something newer: it is stale, and nothing is written', () => {
    const newer = { notified: received('firing', 12) }
    const recipients = { pager: recipient('pager', newer), critical: recipient('critical', newer) }
    const before = stateOf({ firing: firingAt(5, 12), recipients })
    const next = comes(before, changeOf('firing', 10))
    expect(next.state).toBe(before)
    expect(next).toMatchObject({ outcome: 'stale', wake: [], decision: { channels: [], held: [] } })
    expect(next.decision.because).toEqual([
      ...next.decided.because,
      'stale: superseded: every recipient has a newer change',
    ])
  })

  test('non-production is owed as something that never pages', () => {
    const all = { ...config, nonProduction: { when: { name: '*' }, highest: 'warning' as const } }
    const { state } = comes(undefined, changeOf('firing', 10), all)
    expect(state.recipients.chat?.owed).toEqual({ ...ofNow(), neverPages: true })
    expect(comes(undefined, changeOf('firing', 10)).state.recipients.critical?.owed).toEqual(ofNow())
  })
})
