import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { type AlertState, newRecipient, type Recipient } from '../shared/decide/alert-state.ts'
import { failed } from '../shared/decide/failure.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { nextByTime } from '../shared/decide/next-by-time.ts'
import { placeOf } from '../shared/decide/place.ts'
import { claimed, notified } from '../shared/decide/turn.ts'
import { firing } from './alert-samples.ts'

/** Two names of an alert's recipients become one channel: whatever either was owed, received or was doing counts. */
const at = (second: number) => new Date(Date.UTC(2026, 10, 3, 10, 0, second))
const iso = (second: number) => at(second).toISOString()
const alert: Alert = { ...firing.alert, status: 'firing', changedAt: iso(0) }
const over = (second: number): Alert => ({ ...alert, status: 'resolved', changedAt: iso(second) })
const rules = (channels: Record<string, object>, names = Object.keys(channels)) =>
  checkConfig({
    channels,
    severities: { critical: { channels: names }, warning: { channels: names }, info: { channels: names } },
    default: { severity: 'critical' },
    rules: [],
  })
const PAGER = rules({ both: { type: 'pagerduty', secret: 'pager', formerly: ['day', 'night'] } })
const CHAT = rules({ both: { type: 'slack', secret: 'chat', formerly: ['day', 'night'] } })
const [pager, chat] = [PAGER, CHAT].map(({ channels }) => placeOf(channels.both)) as [string, string]

const fires = { change: 'change#1', at: iso(0), status: 'firing' as const }
const lost = { change: 'change#2', at: iso(2), status: 'insufficient-data' as const }
const end = { change: 'change#3', at: iso(3), status: 'resolved' as const }
const again = { change: 'change#4', at: iso(4), status: 'firing' as const }
const notifiedAt = iso(5)
const claim = { token: 'ours', leaseMs: 60_000, incident: undefined, isRedriven: false }

const named = (channel: string, more: Partial<Recipient>): Recipient => ({ ...newRecipient(channel), ...more, channel })
const stateOf = (recipients: AlertState['recipients']): AlertState => ({
  ...nextByChange(undefined, { alert, change: 'change#1' }, CHAT, at(0)).state,
  recipients,
})
/** The state seen by rules with one name. */
const looked = (recipients: AlertState['recipients'], config = PAGER) =>
  nextByTime(stateOf(recipients), new Map([['change#1', alert]]), config, at(9)).state
/** Whichever of the names comes first. */
const bothWays = (one: Partial<Recipient>, other: Partial<Recipient>) =>
  [
    [one, other],
    [other, one],
  ].map(([day = {}, night = {}]) => ({ day: named('day', day), night: named('night', night) }))
const asOne = (one: Partial<Recipient>, other: Partial<Recipient>, config = PAGER) =>
  bothWays(one, other).map((recipients) => looked(recipients, config))
const sending = (more: Partial<Recipient>, incident?: string) =>
  claimed(stateOf({ x: named('x', more) }), 'x', { ...claim, incident }, at(6)).recipients.x as Recipient
const yes = (mark: { change: string; at: string; status: Alert['status'] }, recipient: string, token: string) => ({
  ...{ fingerprint: 'x', recipient, token, change: mark.change, changedAt: mark.at, status: mark.status, notifiedAt },
})
const no = { kind: 'failed' as const, reason: 'no', waitMs: 1_000, isUncertain: false, isShown: true }

test('a name that is missing from the rules for a short time is not removed', () => {
  const known = { ...fires, notifiedAt, place: pager }
  const recipients = {
    day: named('day', { notified: known }),
    both: named('both', { notified: known, goneSince: iso(-3_600) }),
  }
  expect(looked(recipients).recipients.both?.notified).toMatchObject(fires)
})

test('a refusal by one leaves open whether the other was notified', () => {
  for (const state of asOne({ owed: fires, maybe: true }, sending({ owed: fires }))) {
    const after = failed(state, 'night', { ...no, token: 'ours', owed: fires }, at(10))
    expect(after.recipients.both).toMatchObject({ owed: fires, maybe: true })
  }
})

test.each(['day', 'night'])('a late note that %s was notified counts', (name) => {
  const lapsed = (token: string) => ({ owed: fires, maybe: true as const, lease: { token, until: at(5).getTime() } })
  for (const state of asOne(lapsed('of one'), lapsed('of the other'), CHAT))
    for (const token of ['of one', 'of the other']) {
      const { both } = notified(state, yes(fires, name, token), CHAT.channels).recipients
      expect(both?.notified).toMatchObject(fires)
      expect(both).not.toHaveProperty('owed')
    }
})

test('an episode that one of them missed is counted with what the other is sent', () => {
  const missed = { ...end, since: iso(0), missed: true as const, fired: 'change#1' }
  for (const { recipients } of asOne({ owed: missed }, { owed: again }, CHAT))
    expect(recipients.both).toMatchObject({ owed: again, missed: { count: 1, since: iso(0) } })
})

test('a change that one could be sent is sent as part of the whole at the resolve, although the other had to wait', () => {
  const held = { ...fires, until: iso(99), why: 'nights' }
  for (const recipients of bothWays({ owed: fires }, { owed: held })) {
    const next = nextByChange(stateOf(recipients), { alert: over(20), change: 'change#9' }, CHAT, at(21))
    expect(next.wake).toEqual(['both'])
  }
})

test.each([
  ['something else of the same moment', { ...fires, change: 'other' }],
  ['that its data is lost since', lost],
])('what one of them received is not sent to it again, though the other received %s', (_what, newer) => {
  const receiving = (mark: typeof newer | typeof fires) => ({ notified: { ...mark, notifiedAt, place: chat } })
  for (const { recipients } of asOne(receiving(fires), receiving(newer), CHAT)) {
    const talk = named('talk', { owed: fires, goneSince: iso(-3_600) })
    expect(looked({ talk, ...recipients }, CHAT).recipients.both).not.toHaveProperty('owed')
  }
})

test('the own incident that one of them may have opened is left, too', () => {
  const shared = { notified: { ...fires, notifiedAt, place: pager }, incident: 'shared' }
  for (const state of asOne(shared, { owed: again, maybe: true })) {
    const { both } = claimed(state, 'both', { ...claim, incident: 'another' }, at(20)).recipients
    expect(both?.leaving?.toSorted()).toEqual(['', 'shared'])
  }
})

test('a resolve that one of them is being sent still closes the incident of the other', () => {
  const known = { notified: { ...fires, notifiedAt, place: pager }, owed: end }
  const busy = sending({ ...known, incident: 'of one' }, 'of one')
  for (const state of asOne(busy, { ...known, incident: 'of the other' })) {
    const { both } = notified(state, { ...yes(end, 'day', 'ours'), incident: 'of one' }, PAGER.channels).recipients
    expect(both?.owed).toMatchObject(end)
    expect(both).not.toHaveProperty('lease')
    expect([both?.incident, ...(both?.leaving ?? [])]).toContain('of the other')
  }
})

test('an uncertain firing of one, which has ended by the other, leaves no resolve of a firing that it never received', () => {
  const knows = { notified: { ...end, notifiedAt, place: chat } }
  const doubts = { notified: { ...fires, notifiedAt, place: chat }, owed: end, maybe: true as const }
  for (const state of asOne(knows, doubts, CHAT))
    expect(nextByChange(state, { alert: over(30), change: 'change#5' }, CHAT, at(31)).wake).toEqual([])
})

describe('a channel becomes one with its fallback', () => {
  const ONE = rules({ chat: { type: 'slack', secret: 'chat', formerly: ['pager'] } })
  const down = named('pager', { owed: { ...fires, given: true }, fallbackTo: 'chat for pager', tries: 3 })
  const fallbackFor = { channel: 'pager', reason: 'no' }

  test('that was notified, and gets the resolve once', () => {
    const standIn = named('chat', { fallbackFor, notified: { ...fires, notifiedAt, place: chat } })
    const state = looked({ pager: down, 'chat for pager': standIn }, ONE)
    expect(Object.keys(state.recipients)).toEqual(['chat'])
    expect(state.recipients.chat).not.toHaveProperty('owed')
    expect(nextByChange(state, { alert: over(20), change: 'change#9' }, ONE, at(21)).wake).toEqual(['chat'])
  })

  test('that is owed it, and gets it once', () => {
    const { chat } = looked(
      { pager: down, 'chat for pager': named('chat', { fallbackFor, owed: fires }) },
      ONE,
    ).recipients
    expect([chat?.owed, chat?.more]).toEqual([fires, undefined])
    for (const part of ['fallbackFor', 'fallbackTo']) expect(chat).not.toHaveProperty(part)
  })
})

test('the replacement of a removed channel has its own fallback', () => {
  const HEIR = rules(
    { chat: { type: 'slack', secret: 'chat', fallback: 'mail' }, mail: { type: 'slack', secret: 'mail' } },
    ['chat'],
  )
  const gone = named('pager', { owed: { ...fires, given: true }, goneSince: iso(-3_600), fallbackTo: 'x for pager' })
  const state = claimed(looked({ pager: gone }, HEIR), 'chat', claim, at(10))
  const failure = { ...no, token: 'ours', owed: fires, fallbackTo: 'mail' }
  const after = failed(state, 'chat', { ...failure, kind: 'dead-lettered', waitMs: 0 }, at(11))
  expect(after.recipients['mail for chat']?.owed).toMatchObject(fires)
})

test('waiting changes are given to another fallback when the one that was to get them is removed', () => {
  const NEW = rules(
    { pager: { type: 'pagerduty', secret: 'p', fallback: 'mail' }, mail: { type: 'slack', secret: 'mail' } },
    ['pager'],
  )
  const down = named('pager', {
    owed: { ...fires, given: true },
    more: [{ ...lost, given: true }],
    fallbackTo: 'chat for pager',
  })
  const standIn = named('chat', {
    fallbackFor: { channel: 'pager', reason: 'no' },
    notified: { ...fires, notifiedAt },
    owed: lost,
    goneSince: iso(-3_600),
  })
  const notifiedOne = notified(stateOf({ pager: down, 'chat for pager': standIn }), yes(fires, 'pager', 'x'))
  const state = claimed(nextByTime(notifiedOne, new Map(), NEW, at(9)).state, 'pager', claim, at(10))
  const after = failed(
    state,
    'pager',
    { ...no, token: 'ours', owed: lost, fallbackTo: 'mail', kind: 'dead-lettered', waitMs: 0 },
    at(11),
  )
  expect(after.recipients['mail for pager']?.owed).toMatchObject(lost)
})
