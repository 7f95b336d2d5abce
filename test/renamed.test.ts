import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { type AlertState, newRecipient, type Recipient } from '../shared/decide/alert-state.ts'
import { recipientNow } from '../shared/decide/channel-now.ts'
import { nextDueAt } from '../shared/decide/due-at.ts'
import { failed } from '../shared/decide/failure.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { nextByTime } from '../shared/decide/next-by-time.ts'
import { placeOf } from '../shared/decide/place.ts'
import { isBusyByOtherName, knownByOtherName } from '../shared/decide/renamed.ts'
import { claimed, markReceived, notified } from '../shared/decide/turn.ts'
import { firing } from './alert-samples.ts'

/** A channel is renamed while it is being notified of an alert. */
const named = (now: string, formerly: string): Config =>
  checkConfig({
    channels: { [now]: { type: 'slack', secret: 'chat', formerly: [formerly] } },
    severities: { critical: { channels: [now] }, warning: { channels: [now] }, info: { channels: [now] } },
    default: { severity: 'warning' },
    rules: [],
  })
const CHAT = named('chat', 'talk')
const TALK = named('talk', 'chat')
const PAGER: Config['channels'] = { talk: { type: 'pagerduty', secret: 'pager', region: 'us', formerly: ['chat'] } }
const JOINED = { incident: 'of talk' }
const at = (second: number) => new Date(Date.UTC(2026, 10, 3, 10, 0, second))
const alert: Alert = { ...firing.alert, status: 'firing', changedAt: at(0).toISOString() }
const claim = { token: 'ours', leaseMs: 7_000, incident: undefined, isRedriven: false }

const begun = (): AlertState =>
  claimed(nextByChange(undefined, { alert, change: 'change#1' }, CHAT, at(0)).state, 'chat', claim, at(1))
const renamed = (state: AlertState, now = at(2)) => nextByTime(state, new Map(), TALK, now).state

test('a delivery under the old name is recorded under the new one', () => {
  const change = { change: 'change#1', changedAt: alert.changedAt, status: 'firing' as const }
  const note = {
    fingerprint: alert.fingerprint,
    recipient: 'chat',
    notifiedAt: at(3).toISOString(),
    token: 'ours',
    ...change,
  }
  const { talk } = notified(renamed(begun()), note).recipients
  expect(talk).toMatchObject({ notified: { change: 'change#1' } })
  expect(talk).not.toHaveProperty('owed')
  expect(talk).not.toHaveProperty('lease')
})

test('a failed attempt counts, and the next one is at its time', () => {
  const state = renamed(begun())
  const owed = state.recipients.talk?.owed
  if (!owed) throw new Error('nothing is owed')
  const how = { owed, kind: 'failed' as const, reason: 'no', waitMs: 60_000, isUncertain: false, isShown: true }
  const after = failed(state, 'chat', { token: 'ours', ...how }, at(3))
  expect(Object.keys(after.recipients)).toEqual(['talk'])
  expect(after.recipients.talk).toMatchObject({ tries: 1, nextTryAt: at(63).toISOString() })
})

test('a recipient that waits for its next attempt is not evaluated before', () => {
  const waiting = begun()
  const one = waiting.recipients.chat
  if (!one) throw new Error('nobody is notified')
  one.nextTryAt = at(40).toISOString()
  expect(renamed(waiting).recipients.talk?.lookAt).toBe(at(40).toISOString())
})

test.each([
  ['its own', begun(), 'chat', 'chat'],
  ['its new one', renamed(begun()), 'chat', 'talk'],
  ['none, of another channel', renamed(begun()), 'other', 'other'],
])('a wake-up finds its recipient by %s name', (_which, state, name, found) => {
  const wake = { recipient: name, channel: name }
  expect([CHAT, TALK].map(({ channels }) => recipientNow(state, wake, channels))).toEqual([found, found])
})

describe('while rules are rolled out, one channel is owed under both of its names', () => {
  const older = { change: 'change#1', at: at(0).toISOString(), status: 'firing' as const }
  const newer = { change: 'change#2', at: at(1).toISOString(), status: 'firing' as const }
  const lost = { ...newer, status: 'insufficient-data' as const }
  const notifiedAt = at(2).toISOString()
  const chat = (more: Partial<Recipient>): Recipient => ({ ...newRecipient('chat'), ...more })
  const talk: Recipient = { ...newRecipient('talk'), owed: older }
  const other: Recipient = { ...newRecipient('mail'), notified: { ...newer, notifiedAt } }

  test.each([
    [
      'a newer change was sent under its other name',
      { chat: chat({ notified: { ...newer, notifiedAt } }), talk },
      true,
    ],
    ['what is newer is owed by its other name', { chat: chat({ owed: newer }), talk }, true],
    [
      'it received a later loss of data under its other name',
      { chat: chat({ notified: { ...lost, notifiedAt } }), talk },
      false,
    ],
    [
      'it received the resolve under its other name',
      { chat: chat({ notified: { ...newer, status: 'resolved', notifiedAt } }), talk },
      true,
    ],
    ['it knows nothing by its other name', { chat: chat({}), talk }, false],
    ['it has no other name here', { talk }, false],
    ['a newer change was sent to another channel', { mail: other, talk }, false],
  ])('%s', (_what, recipients, isKnown) => {
    const state = { ...begun(), recipients }
    const before = structuredClone(state)
    expect(knownByOtherName(state, 'talk', older, TALK.channels, at(3)) !== undefined).toBe(isKnown)
    expect(state).toEqual(before)
  })

  test.each([
    ['where it leads to now', TALK.channels, placeOf(TALK.channels.talk), {}, true],
    ['elsewhere', TALK.channels, 'slack elsewhere', {}, false],
    ['nobody knows where', TALK.channels, undefined, {}, false],
    ['at its present target, with an incident of its own', PAGER, placeOf(PAGER.talk), JOINED, false],
    ['where it leads to now, and its incident was elsewhere', TALK.channels, placeOf(TALK.channels.talk), JOINED, true],
  ])('a resolve that was sent under its other name %s', (_where, channels, place, more, isKnown) => {
    const end = { ...newer, status: 'resolved' as const }
    const notified = { ...end, notifiedAt, ...(place && { place }) }
    const recipients = { chat: chat({ notified }), talk: { ...talk, owed: end, ...more } }
    expect(knownByOtherName({ ...begun(), recipients }, 'talk', end, channels, at(3)) !== undefined).toBe(isKnown)
  })

  test.each([
    [
      'its other name is being notified',
      { chat: chat({ lease: { token: 'theirs', until: at(9).getTime() } }), talk },
      true,
    ],
    [
      'its other name was, for too long',
      { chat: chat({ lease: { token: 'x', until: at(2).getTime() } }), talk },
      false,
    ],
    ['another channel is', { mail: { ...other, lease: { token: 'x', until: at(9).getTime() } }, talk }, false],
  ])('whether it waits, as %s', (_what, recipients, isBusy) => {
    expect(isBusyByOtherName({ ...begun(), recipients }, 'talk', TALK.channels, at(3))).toBe(isBusy)
  })

  test('it is not sent that again; what it may have received from a deliverer that died stays', () => {
    const died = { ...talk, maybe: true as const, lease: { token: 'theirs', until: at(2).getTime() } }
    const state = { ...begun(), recipients: { chat: chat({ notified: { ...newer, notifiedAt } }), talk: died } }
    const known = knownByOtherName(state, 'talk', older, TALK.channels, at(3))
    const { talk: after, chat: same } = markReceived(state, 'talk', known ?? {}, at(3)).recipients
    expect(after).not.toHaveProperty('owed')
    expect(after).not.toHaveProperty('lease')
    expect(after?.maybe).toBe(true)
    expect(after?.log).toMatchObject([{ change: 'change#1', outcome: 'overtaken' }])
    expect(same).toEqual(state.recipients.chat)
  })

  test('the resolve counts under that name, too: older rules do not send it a later one', () => {
    const end = { ...newer, status: 'resolved' as const }
    const place = placeOf(TALK.channels.talk) as string
    const recipients = {
      chat: chat({ notified: { ...end, notifiedAt, place } }),
      talk: { ...talk, notified: { ...older, notifiedAt, place }, owed: end, maybe: true as const },
    }
    const state = { ...begun(), recipients }
    const known = knownByOtherName(state, 'talk', end, TALK.channels, at(3))
    const after = markReceived(state, 'talk', known ?? {}, at(3))
    const over = { ...alert, status: 'resolved' as const, changedAt: at(8).toISOString() }
    expect(nextByChange(after, { alert: over, change: 'change#9' }, CHAT, at(9)).wake).toEqual([])
  })
})

describe('two channels become one', () => {
  const BOTH = checkConfig({
    channels: { both: { type: 'pagerduty', secret: 'pager', formerly: ['day', 'night'] } },
    severities: { critical: { channels: ['both'] }, warning: { channels: ['both'] }, info: { channels: ['both'] } },
    default: { severity: 'critical' },
    rules: [],
  })
  const knows = {
    change: 'change#1',
    at: at(0).toISOString(),
    status: 'firing' as const,
    notifiedAt: at(1).toISOString(),
  }
  const one = (channel: string, more: Partial<Recipient>) => ({ ...newRecipient(channel), ...more })
  const asOne = (day: Partial<Recipient>, night: Partial<Recipient>): AlertState =>
    nextByTime({ ...begun(), recipients: { day: one('day', day), night: one('night', night) } }, new Map(), BOTH, at(9))
      .state

  test('it leaves the incidents of both', () => {
    const { both } = asOne(
      { notified: knows, incident: 'of day' },
      { notified: knows, incident: 'of night' },
    ).recipients
    expect([both?.incident, ...(both?.leaving ?? [])].sort()).toEqual(['of day', 'of night'])
  })

  test('it leaves the incident of one at the resolve, though the other received a later one', () => {
    const { notifiedAt } = knows
    const end = { change: 'change#2', at: at(2).toISOString(), status: 'resolved' as const }
    const later = { change: 'change#4', at: at(4).toISOString(), status: 'resolved' as const }
    const notified = { ...later, notifiedAt, place: placeOf(BOTH.channels.both) }
    const due = { notified: knows, incident: 'of night', owed: end }
    for (const { both } of [asOne({ notified }, due), asOne(due, { notified })].map(({ recipients }) => recipients)) {
      expect(both?.owed).toEqual(end)
      expect([both?.incident, ...(both?.leaving ?? [])]).toEqual(['of night'])
    }
  })

  test('it gets the resolve of what one of them had received, and the other not yet', () => {
    const held = { change: 'change#2', at: at(2).toISOString(), status: 'firing' as const, until: at(99).toISOString() }
    const over = { ...alert, status: 'resolved' as const, changedAt: at(8).toISOString() }
    const end = nextByChange(
      asOne({ notified: knows }, { owed: held }),
      { alert: over, change: 'change#3' },
      BOTH,
      at(9),
    )
    expect(end.wake).toEqual(['both'])
    expect(end.state.recipients.both?.owed).toMatchObject({ status: 'resolved' })
  })

  test('it gets what only one of them had received: other people may read it', () => {
    const { notifiedAt, ...owed } = knows
    expect(asOne({ owed }, { notified: knows }).recipients.both?.owed).toMatchObject(owed)
    expect(asOne({ notified: knows }, { owed }).recipients.both?.owed).toMatchObject(owed)
  })

  test('it gets what either was owed', () => {
    const { notifiedAt, ...fires } = knows
    const lost = { ...fires, change: 'change#2', at: at(2).toISOString(), status: 'insufficient-data' as const }
    for (const { both } of [asOne({ owed: fires }, { owed: lost }), asOne({ owed: lost }, { owed: fires })].map(
      ({ recipients }) => recipients,
    ))
      expect([both?.owed?.change, both?.more?.map(({ change }) => change)]).toEqual(['change#1', ['change#2']])
  })

  describe('that led to two targets', () => {
    const { notifiedAt, ...fires } = knows
    const end = { change: 'change#3', at: at(3).toISOString(), status: 'resolved' as const }
    const worse = { change: 'change#2', at: at(2).toISOString(), status: 'firing' as const }
    const here = placeOf(BOTH.channels.both)
    const [A, B] = [
      { notifiedAt, place: here },
      { notifiedAt, place: 'pagerduty elsewhere' },
    ]
    const C = { notifiedAt, place: 'pagerduty yet-another' }
    const bothOf = (one: Partial<Recipient>, other: Partial<Recipient>) =>
      [asOne(one, other), asOne(other, one)].map(({ recipients }) => recipients.both)

    test.each<[string, Partial<Recipient>, Partial<Recipient>, string | undefined]>([
      [
        'the resolve, sent there',
        { notified: { ...end, ...A } },
        { notified: { ...fires, ...B }, owed: end },
        undefined,
      ],
      [
        'the resolve, received elsewhere',
        { notified: { ...end, ...B } },
        { notified: { ...fires, ...A }, owed: end },
        'change#3',
      ],
      [
        'the resolve of both, received elsewhere',
        { notified: { ...end, ...B } },
        { notified: { ...fires, ...C }, owed: end },
        'change#3',
      ],
      ['the firing, sent there', { notified: { ...fires, ...A } }, { owed: fires }, undefined],
      ['the firing, sent elsewhere', { notified: { ...fires, ...B } }, { owed: fires }, 'change#1'],
      ['a change older than the one sent elsewhere', { notified: { ...worse, ...B } }, { owed: fires }, 'change#1'],
      ['a change older than the one sent there', { notified: { ...worse, ...A } }, { owed: fires }, undefined],
    ])('it is owed what was not sent to its present target: %s', (_what, one, other, owed) => {
      for (const both of bothOf(one, other)) expect(both?.owed?.change).toBe(owed)
    })

    test('a log entry says what became of a change that was superseded by a newer one', () => {
      const lost = { change: 'change#3', at: at(3).toISOString(), status: 'insufficient-data' as const }
      for (const both of bothOf({ notified: { ...lost, firedAt: worse.at, ...A } }, { owed: fires }))
        expect(both?.log).toMatchObject([{ change: fires.change, outcome: 'overtaken' }])
      for (const both of bothOf({ notified: { ...fires, ...A } }, { owed: fires })) expect(both?.log).toEqual([])
    })

    test('its resolve is sent there as a resolve', () => {
      for (const both of bothOf({ notified: { ...end, ...B } }, { notified: { ...fires, ...A }, owed: end }))
        expect(both?.notified).toMatchObject(fires)
    })

    test('it gets only the resolve of what was sent to the other target', () => {
      const over = { ...alert, status: 'resolved' as const, changedAt: at(8).toISOString() }
      const state = asOne({ notified: { ...fires, ...B } }, {})
      const { both } = nextByChange(state, { alert: over, change: 'change#4' }, BOTH, at(9)).state.recipients
      expect(both?.owed).toMatchObject({ status: 'resolved' })
    })
  })

  test.each(['firing', 'insufficient-data', 'resolved'] as const)(
    '%s: sending to one failed, and the other is still owed it',
    (status) => {
      const owed = { change: 'change#2', at: at(2).toISOString(), status }
      const inVain = { owed, dead: { at: at(5).toISOString(), reason: 'no' } }
      const busy = { owed, maybe: true as const, lease: { token: 'ours', until: at(60).getTime() } }
      for (const state of [asOne(inVain, busy), asOne(busy, inVain)]) {
        expect(state.recipients.both).toMatchObject({ owed, lease: { token: 'ours' } })
        expect(state.recipients.both).not.toHaveProperty('dead')
        expect(nextDueAt(state)).toBeDefined()
      }
    },
  )
})

test('its fallback gets the resolve once, under whichever name it was notified', () => {
  const instead = { channel: 'mail', fallbackFor: { channel: 'chat', reason: 'no' } }
  const state = { ...begun(), recipients: { 'mail for chat': { ...newRecipient('mail'), ...instead } } }
  const talk = checkConfig({
    channels: { talk: { type: 'slack', secret: 'chat', formerly: ['chat'] }, mail: { type: 'slack', secret: 'mail' } },
    severities: { critical: { channels: ['talk'] }, warning: { channels: ['mail'] }, info: { channels: ['talk'] } },
    default: { severity: 'critical' },
    rules: [],
  })
  const { recipients } = nextByTime(state, new Map(), talk, at(9)).state
  expect(recipients).toMatchObject({ 'mail for talk': { channel: 'mail', fallbackFor: { channel: 'talk' } } })
  expect(Object.keys(recipients)).toEqual(['mail for talk'])
})

describe('a fallback', () => {
  const PAGER = (name: string, stand: string, formerly: { pager?: string[]; chat?: string[] } = {}) =>
    checkConfig({
      channels: {
        [name]: { type: 'pagerduty', secret: 'pager', fallback: stand, formerly: formerly.pager },
        [stand]: { type: 'slack', secret: stand, formerly: formerly.chat },
      },
      severities: { critical: { channels: [name] }, warning: { channels: [name] }, info: { channels: [name] } },
      default: { severity: 'critical' },
      rules: [],
    })
  const owed = { change: 'change#1', at: at(0).toISOString(), status: 'firing' as const }
  const standIn = (main: string): Recipient => ({
    ...newRecipient('chat'),
    fallbackFor: { channel: main, reason: 'no' },
    notified: { ...owed, notifiedAt: at(2).toISOString() },
  })
  const down = (more: Partial<Recipient> = {}): Recipient => ({
    ...newRecipient('pager'),
    owed: { ...owed, given: true },
    fallbackTo: 'chat for pager',
    failingSince: at(0).toISOString(),
    ...more,
  })
  const state: AlertState = { ...begun(), recipients: { pager: down(), 'chat for pager': standIn('pager') } }

  test.each([
    ['pager', 'talk', { chat: ['chat'] }, 'talk for pager'],
    ['alarmist', 'chat', { pager: ['pager'] }, 'chat for alarmist'],
    ['alarmist', 'talk', { pager: ['pager'], chat: ['chat'] }, 'talk for alarmist'],
  ])('still belongs to its channel when the two are renamed to %s and %s', (main, stand, formerly, found) => {
    const { recipients } = nextByTime(state, new Map(), PAGER(main, stand, formerly), at(9)).state
    expect(recipients[main]?.fallbackTo).toBe(found)
    expect(recipients[found]?.notified).toMatchObject({ change: 'change#1' })
    const wake = { recipient: 'chat for pager', channel: 'chat' }
    const { channels } = PAGER(main, stand, formerly)
    expect(recipientNow({ ...state, recipients }, wake, channels)).toBe(found)
  })

  test('that is removed from the rules makes room for another', () => {
    const gone = { ...standIn('pager'), goneSince: at(-3_600).toISOString(), owed }
    const before = { ...state, recipients: { pager: down(), 'chat for pager': gone } }
    const { pager } = nextByTime(before, new Map(), PAGER('pager', 'mail'), at(9)).state.recipients
    expect(pager).not.toHaveProperty('fallbackTo')
    expect(pager?.owed).not.toHaveProperty('given')
  })
})

describe('a channel that is removed from the rules', () => {
  const fires = { change: 'change#1', at: at(0).toISOString(), status: 'firing' as const }
  const lost = { change: 'change#2', at: at(1).toISOString(), status: 'insufficient-data' as const }
  const end = { change: 'change#2', at: at(1).toISOString(), status: 'resolved' as const }
  const notifiedAt = at(2).toISOString()
  const alerts = new Map([1, 2].map((n) => [`change#${n}`, alert]))
  const gone = (more: Partial<Recipient>): Recipient => ({
    ...newRecipient('talk'),
    goneSince: at(-3_600).toISOString(),
    ...more,
  })
  const chat = (more: Partial<Recipient>): Recipient => ({ ...newRecipient('chat'), ...more })
  const after = (recipients: AlertState['recipients']) =>
    nextByTime({ ...begun(), recipients }, alerts, WITHOUT_TALK, at(9))
  const WITHOUT_TALK = checkConfig({
    channels: { chat: { type: 'slack', secret: 'chat' } },
    severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
    default: { severity: 'warning' },
    rules: [],
  })

  test.each<[string, Partial<Recipient>, Partial<Recipient>]>([
    ['that it fires', { owed: fires }, { notified: { ...fires, notifiedAt } }],
    [
      'that it fires, before its data was lost',
      { owed: fires },
      { notified: { ...lost, notifiedAt, firedAt: fires.at } },
    ],
    ['that its data is lost', { owed: lost }, { notified: { ...lost, notifiedAt, firedAt: fires.at } }],
    ['the end', { owed: { ...end, missed: true, fired: 'change#1' } }, { notified: { ...end, notifiedAt } }],
    [
      'one of two at one moment',
      { owed: fires },
      { notified: { ...fires, change: 'other', notifiedAt, also: ['change#1'] } },
    ],
  ])('hands nothing to a channel that has already received %s', (_what, owes, knows) => {
    const { state, wake } = after({ talk: gone(owes), chat: chat(knows) })
    expect(state.recipients.chat).not.toHaveProperty('owed')
    expect(wake).toEqual([])
  })

  test.each([
    ['the same target: its resolve is sent there', placeOf(WITHOUT_TALK.channels.chat), ['chat'], end],
    ['another target: nobody else received the firing', 'slack elsewhere', [], undefined],
    ['an unknown place', undefined, [], undefined],
  ])('was notified at %s', (_where, place, wake, owed) => {
    const knows = { notified: { ...fires, notifiedAt, ...(place !== undefined && { place }) }, owed: end }
    const next = after({ talk: gone(knows) })
    expect(next.wake).toEqual(wake)
    expect(next.state.recipients.chat?.owed).toEqual(owed)
    const log = Object.values(next.state.recipients).flatMap((one) => one.log)
    expect(log).toMatchObject([{ change: end.change, outcome: 'gone' }])
  })

  test('gets nothing twice through the channel with the same target', () => {
    const notified = { ...end, notifiedAt, place: placeOf(WITHOUT_TALK.channels.chat) }
    const { state, wake } = after({
      talk: gone({ owed: end, notified: { ...notified, ...fires } }),
      chat: chat({ notified }),
    })
    expect(wake).toEqual([])
    expect(Object.keys(state.recipients)).toEqual(['chat'])
    expect(state.recipients.chat).not.toHaveProperty('owed')
  })

  test('hands nothing twice to a channel that is owed it', () => {
    const { chat: one } = after({ talk: gone({ owed: fires }), chat: chat({ owed: fires }) }).state.recipients
    expect([one?.owed, one?.more]).toEqual([fires, undefined])
  })

  test.each<[string, Partial<Recipient>, boolean]>([
    ['was notified as its fallback', { notified: { ...fires, notifiedAt } }, false],
    ['is owed it in its place', { owed: fires }, false],
    ['could not be notified in its place', { owed: fires, dead: { at: notifiedAt, reason: 'no' } }, true],
    [
      'received an older change as its fallback',
      { notified: { ...fires, at: at(-9).toISOString(), notifiedAt } },
      true,
    ],
  ])('hands the fallback of the present rules what that has not received: it %s', (_what, knows, isOwed) => {
    const standIn = { ...chat(knows), fallbackFor: { channel: 'talk', reason: 'no' } }
    const { state, wake } = after({ talk: gone({ owed: { ...fires, given: true } }), 'chat for talk': standIn })
    expect(wake.includes('chat')).toBe(isOwed)
    expect(state.recipients.chat?.owed).toEqual(isOwed ? fires : undefined)
  })

  test('hands others what they have not received', () => {
    const { state, wake } = after({ talk: gone({ owed: fires }), chat: chat({}) })
    expect(state.recipients.chat?.owed).toMatchObject(fires)
    expect(wake).toEqual(['chat'])
  })

  test('leaves a log entry if the alert has no other recipient', () => {
    const { recipients } = after({ talk: gone({ owed: end, notified: { ...fires, notifiedAt } }) }).state
    expect(recipients.talk?.log).toMatchObject([{ change: 'change#2', status: 'resolved', outcome: 'gone' }])
    expect(recipients.talk).not.toHaveProperty('owed')
    expect(recipients.talk).not.toHaveProperty('notified')
    const again = after(recipients)
    expect(again.state.recipients).toEqual(recipients)
    expect(nextDueAt(again.state)).toBeUndefined()
  })
})
