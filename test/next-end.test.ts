import { describe, expect, test } from 'vitest'
import { byHandAs, changeIdOf } from '../shared/alert/identity.ts'
import { type AlertState, newState, type Owed, type Recipient } from '../shared/decide/alert-state.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { keyOfChange } from '../shared/store/changes.ts'
import { changeOf, config, timeOf } from './life.ts'
import { dead, held, mark, overtaken, owing, received, recipient, whole } from './recipients.ts'

/** What the end of an alert means for its recipients. It fired in minute 5, ends in minute 10, and it is minute 30. */
const NOW = new Date(timeOf(30))
const ALERT = changeOf('resolved', 10)
const END = mark('resolved', 10, 'end')
const [FIRES, NO_DATA, AGAIN] = [mark('firing', 5), mark('insufficient-data', 6), mark('firing', 12)]
const EARLIER = mark('resolved', 7)
const FIRING = { since: timeOf(5), at: timeOf(5), severity: 'critical' as const, rule: 'default' }
const LOST = { at: timeOf(6), severity: 'warning' as const, rule: 'no data' }
const RESOLVE: Owed = { ...END, since: timeOf(5) }

const stateOf = (more: Partial<AlertState>): AlertState => ({
  ...newState(changeOf('firing', 5)),
  ...{ version: 3, seen: ['other'], firing: FIRING },
  ...more,
})
const withChat = (more: Partial<Recipient>) => ({ recipients: { chat: recipient('chat', more) } })
const ends = (before: AlertState) => nextByChange(before, { alert: ALERT, change: 'end' }, config, NOW)

/** What it is owed now, and somebody looks after two minutes whether it was sent. */
const owedNow = (...waiting: Owed[]) => ({ ...owing(...waiting), lookAt: timeOf(32) })
const wholeOf = (fired: string, since = 5) => owedNow({ ...whole(RESOLVE), since: timeOf(since), fired })
const past = { passed: END }

describe('a recipient is owed the end', () => {
  const fired = { notified: received('firing', 5) }
  test.each<[string, Partial<Recipient>, Partial<Recipient>]>([
    ['of what it received', fired, owedNow(RESOLVE)],
    ['of what it received an end of before', { notified: received('firing', 5), passed: EARLIER }, owedNow(RESOLVE)],
    [
      'in place of lost data that it is owed',
      { ...fired, ...owing(NO_DATA) },
      { ...owedNow(RESOLVE), log: [overtaken(NO_DATA)] },
    ],
    ['of what it may have received', { notified: received('resolved', 4), maybe: true }, owedNow(RESOLVE)],
    [
      'of what it may have received, after one it need not',
      { passed: mark('firing', 4), maybe: true },
      owedNow(RESOLVE),
    ],
    ['before what is held for later', { ...fired, ...owing(held(AGAIN)) }, owedNow(RESOLVE, held(AGAIN))],
    [
      'again, when the one before was refused',
      { ...fired, ...owing(dead(EARLIER)) },
      { ...owedNow(RESOLVE), log: [overtaken(EARLIER)] },
    ],
    [
      'again, when it received a firing after the one before',
      { notified: received('firing', 8), ...owing(EARLIER) },
      { ...owedNow(RESOLVE), log: [overtaken(EARLIER)] },
    ],
    ['as a whole, if it was owed the firing', owing(FIRES), { ...wholeOf('firing 5'), log: [overtaken(FIRES)] }],
    [
      'as a whole, if an attempt to send the firing may have reached it',
      { ...owing(FIRES), maybe: true },
      { ...wholeOf('firing 5'), log: [overtaken(FIRES)] },
    ],
    [
      'as a whole, if it was owed lost data',
      owing(NO_DATA),
      { ...wholeOf('insufficient-data 6'), log: [overtaken(NO_DATA)] },
    ],
    [
      'as a whole, by what could be sent',
      owing(NO_DATA, held(FIRES)),
      { ...wholeOf('insufficient-data 6'), log: [overtaken(NO_DATA), overtaken(FIRES)] },
    ],
    [
      'as a whole, if it may have received what is held',
      { ...owing(held(FIRES)), maybe: true },
      { ...wholeOf('firing 5'), log: [overtaken(FIRES)] },
    ],
    [
      'as a whole, if it missed others before what is held',
      { ...owing(held(FIRES)), missed: { count: 1, since: timeOf(1) } },
      { ...wholeOf('firing 5'), log: [overtaken(FIRES)] },
    ],
    [
      'as a whole, if it was owed one and the firing after it',
      owing(EARLIER, mark('firing', 8)),
      { ...wholeOf('resolved 7'), log: [overtaken(EARLIER), overtaken(mark('firing', 8))] },
    ],
    [
      'as a whole, in place of one that was refused',
      owing(dead({ ...whole(EARLIER), since: timeOf(2), fired: 'x' })),
      { ...wholeOf('x', 2), log: [overtaken(EARLIER)] },
    ],
    [
      'as a whole, before later lost data',
      owing(FIRES, mark('insufficient-data', 12)),
      {
        ...owing({ ...whole(RESOLVE), fired: 'firing 5' }, mark('insufficient-data', 12)),
        lookAt: timeOf(32),
        log: [overtaken(FIRES)],
      },
    ],
  ])('%s', (_, before, after) => {
    const state = stateOf(withChat(before))
    const { firing: _firing, ...rest } = state
    const { owed: _owed, more: _more, dead: _dead, ...kept } = before
    const next = ends(state)
    expect(next.state).toEqual({
      ...rest,
      ...{ status: 'resolved', changedAt: timeOf(10), seen: ['other', changeIdOf(ALERT)] },
      ended: { at: timeOf(10), since: timeOf(5) },
      ...withChat({ ...kept, ...after }),
    })
    expect([next.outcome, next.wake]).toEqual(['sent', ['chat']])
    expect(next.decision).toMatchObject({ channels: ['chat'], held: [] })
  })
})

const SENT = 'every recipient of the firing has the resolve, or is being sent it'
const NEVER = 'the firing was never sent, so no resolve is sent'

describe('a recipient is not owed the end', () => {
  test.each<[string, Partial<Recipient>, Partial<Recipient>, string]>([
    ['when it is owed an earlier one', owing(EARLIER), { ...owing(EARLIER), ...past }, SENT],
    [
      'when it is owed an earlier one, of what it received',
      { ...owing(EARLIER), notified: received('firing', 5) },
      { ...owing(EARLIER), ...past },
      SENT,
    ],
    ['when it is owed a whole', owing(whole(EARLIER)), { ...owing(whole(EARLIER)), ...past }, SENT],
    [
      'when it is owed an earlier one, and the firing since is held',
      owing(EARLIER, held(mark('firing', 8))),
      { ...owing(EARLIER), ...past, log: [overtaken(mark('firing', 8), 10)] },
      SENT,
    ],
    ['when the firing was held', owing(held(FIRES)), { log: [overtaken(FIRES, 10)] }, NEVER],
    [
      'when the firing was held, and the one before was sent, and its end',
      { notified: received('resolved', 4), ...owing(held(FIRES)) },
      { log: [overtaken(FIRES, 10)] },
      NEVER,
    ],
    ['when it received the end before', { notified: received('resolved', 7) }, {}, SENT],
    [
      'when it received a later firing',
      { notified: received('firing', 12), ...owing(FIRES) },
      { log: [overtaken(FIRES, 10)] },
      NEVER,
    ],
    ['when it received an end of that moment', { notified: received('resolved', 10) }, {}, SENT],
    [
      'when it need not be sent a later firing',
      { passed: AGAIN, ...owing(FIRES) },
      { log: [overtaken(FIRES, 10)] },
      NEVER,
    ],
    ['when it is owed a later firing', { notified: received('firing', 5), ...owing(AGAIN) }, owing(AGAIN), NEVER],
    ['when it is owed another of that moment', owing(mark('resolved', 10)), owing(mark('resolved', 10)), SENT],
    ['when it received nothing', {}, {}, NEVER],
  ])('%s', (_, before, after, why) => {
    const state = stateOf(withChat(before))
    const { owed: _owed, more: _more, dead: _dead, ...kept } = before
    const next = ends(state)
    expect(next.state.recipients).toEqual(withChat({ ...kept, ...after }).recipients)
    expect(next.state).toMatchObject({ status: 'resolved', ended: { at: timeOf(10), since: timeOf(5) } })
    expect([next.outcome, next.wake]).toEqual(['nobody', []])
    expect(next.decision).toMatchObject({ channels: [], held: [], because: [...next.decided.because, why] })
  })
})

describe('an end says that it was brief', () => {
  test.each([
    ['3m', NEVER],
    ['5m', NEVER],
    ['6m', 'it fired for less than 6m: nobody is notified'],
  ])('only if it was: after five minutes, by a hold of %s', (hold, why) => {
    const firing = { ...FIRING, hold }
    const { decision } = ends(stateOf({ firing, ...withChat(owing(held(FIRES))) }))
    expect(decision.because.at(-1)).toBe(why)
  })
})

describe('by an end', () => {
  test.each<[by: string, messageId: string, byHand: true | undefined]>([
    ['a person', byHandAs(timeOf(10)), true],
    ['its sender', 'message-1', undefined],
  ])('of %s, who has ended it is known', (_by, messageId, byHand) => {
    const change = keyOfChange(ALERT, messageId, 0)
    const { state } = nextByChange(stateOf({}), { alert: ALERT, change }, config, NOW)
    expect(state.ended).toStrictEqual({ at: timeOf(10), since: timeOf(5), ...(byHand && { byHand }) })
  })

  const since = (from: number, at: number) => ({ ...FIRING, since: timeOf(from), at: timeOf(at) })
  const lostAt = (minute: number) => ({ ...LOST, at: timeOf(minute) })
  const ended = (minute: number, from?: number) => ({
    at: timeOf(minute),
    ...(from !== undefined && { since: timeOf(from) }),
  })
  type Episode = Pick<AlertState, 'firing' | 'noData' | 'ended'>

  test.each<[string, Episode, Episode]>([
    ['the firing has ended', { firing: since(5, 6) }, { ended: ended(10, 5) }],
    ['the firing of that moment, too', { firing: since(10, 10) }, { ended: ended(10, 10) }],
    ['a later firing goes on', { firing: since(12, 13) }, { firing: since(12, 13), ended: ended(10) }],
    [
      'a firing that was repeated later goes on from there',
      { firing: since(5, 12) },
      { firing: since(12, 12), ended: ended(10, 5) },
    ],
    [
      'a firing that was repeated later goes on from there, though it began as the one before ended',
      { firing: since(10, 12) },
      { firing: since(12, 12), ended: ended(10, 10) },
    ],
    ['a loss of data has ended', { noData: lostAt(6) }, { ended: ended(10, 6) }],
    ['a loss of data of that moment, too', { noData: lostAt(10) }, { ended: ended(10, 10) }],
    ['a later loss of data is not', { noData: lostAt(12) }, { noData: lostAt(12), ended: ended(10) }],
    ['both are over, since the first of them', { firing: since(7, 7), noData: lostAt(6) }, { ended: ended(10, 6) }],
    [
      'both are over, since the first of them, which is the firing',
      { firing: since(5, 5), noData: lostAt(6) },
      { ended: ended(10, 5) },
    ],
    ['the end before is forgotten', { firing: since(8, 8), ended: ended(7, 1) }, { ended: ended(10, 8) }],
    ['a later end is remembered', { firing: since(5, 5), ended: ended(12, 11) }, { ended: ended(12, 11) }],
    ['the end of that moment is remembered', { firing: since(5, 5), ended: ended(10, 2) }, { ended: ended(10, 2) }],
  ])('%s', (_, before, after) => {
    const { firing: _firing, ...none } = stateOf(withChat({ notified: received('firing', 5) }))
    const { firing, noData, ended } = ends({ ...none, ...before }).state
    expect({ firing, noData, ended }).toEqual(after)
    expect(ended).toStrictEqual(after.ended)
  })

  test.each([
    ['its firing', { firing: since(5, 5) }, timeOf(5)],
    ['its firing, though it was repeated later', { firing: since(5, 12) }, timeOf(5)],
    ['a firing of that moment', { firing: since(10, 12) }, timeOf(10)],
    ['nothing, if its firing is not known', { firing: since(12, 12) }, undefined],
    ['nothing, if only the data was lost', { firing: undefined, noData: lostAt(6) }, undefined],
  ])('a recipient reads since when: %s', (_, episode, from) => {
    const { recipients } = ends({ ...stateOf(withChat({ notified: received('firing', 5) })), ...episode }).state
    expect(recipients.chat?.owed).toEqual({ ...END, ...(from && { since: from }) })
    const missed = ends({ ...stateOf(withChat(owing(FIRES))), ...episode }).state.recipients.chat?.owed
    expect(missed).toEqual({ ...whole(END), since: from ?? timeOf(5), fired: 'firing 5' })
  })

  test('each recipient of the firing is notified, and each of their channels is named once', () => {
    const notified = received('firing', 5)
    const fallbackFor = { channel: 'pager', reason: 'down' }
    const recipients = {
      pager: recipient('pager', { notified }),
      chat: recipient('chat', { notified }),
      'chat for pager': recipient('chat', { notified, fallbackFor }),
      quiet: recipient('quiet', { notified: received('resolved', 4) }),
    }
    const { wake, outcome, decision } = ends(stateOf({ recipients }))
    expect([wake, outcome]).toEqual([['pager', 'chat', 'chat for pager'], 'sent'])
    expect(decision).toEqual({
      ...{ severity: 'critical', rule: 'default', channels: ['pager', 'chat'], held: [] },
      because: [`resolves the firing since ${timeOf(5)}: sent to the same channels`],
    })
  })

  test('one recipient that has the resolve is enough to say so', () => {
    const chat = recipient('chat', { notified: received('resolved', 7) })
    const { decision, decided } = ends(stateOf({ recipients: { chat, quiet: recipient('quiet') } }))
    expect(decision.because).toEqual([...decided.because, SENT])
  })

  test.each([[10], [12]])(
    'nothing is written when it had ended in minute %i by then, and nobody is owed it',
    (minute) => {
      const state = stateOf({ ...withChat({ notified: received('resolved', minute) }), ended: ended(minute) })
      const next = ends(state)
      expect(next.state).toBe(state)
      expect(next).toMatchObject({ wake: [], outcome: 'stale', decision: { channels: [], held: [] } })
      expect(next.decision.because).toEqual([...next.decided.because, `stale: already ended at ${timeOf(minute)}`])
    },
  )

  test('nobody is notified, and that is written, when it had ended earlier', () => {
    const { state, outcome } = ends(stateOf({ firing: undefined, ended: ended(7), ...withChat(owing(EARLIER)) }))
    expect([outcome, state.ended, state.recipients.chat?.passed]).toEqual(['nobody', ended(10), END])
  })
})
