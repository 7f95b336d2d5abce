import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { type AlertState, newState, type Recipient } from '../shared/decide/alert-state.ts'
import { placeOf } from '../shared/decide/place.ts'
import { isBusyByOtherName, knownByOtherName, withChannelsOf, withoutStandIn } from '../shared/decide/renamed.ts'
import { changeOf, timeOf } from './life.ts'
import { dead, held, mark, overtaken, owing, received, recipient } from './recipients.ts'

/** What is left of recipients whose channels have other names by now. It is minute 30. */
const NOW = new Date(timeOf(30))
const [FIRES, LOST] = [mark('firing', 5), mark('insufficient-data', 6)]
const [ENDS, AGAIN] = [mark('resolved', 7), mark('firing', 12)]
const CHAT: Config['channels'] = { both: { type: 'slack', secret: 'chat', formerly: ['day', 'night'] } }
const stateOf = (recipients: AlertState['recipients']): AlertState => ({
  ...newState(changeOf('firing', 5)),
  recipients,
})
const now = (recipients: AlertState['recipients'], channels = CHAT) =>
  withChannelsOf(structuredClone(stateOf(recipients)), channels, NOW).recipients

describe('a renamed recipient', () => {
  const LOG = [overtaken(FIRES)]
  const ofDay = { log: [{ of: 'day', ...overtaken(FIRES) }] }
  test.each<[string, Partial<Recipient>, Partial<Recipient>]>([
    [
      'keeps what it received, and its log',
      { notified: received('firing', 5), log: LOG },
      { notified: received('firing', 5), ...ofDay },
    ],
    ['is due now, if it is owed something', owing(FIRES), { ...owing(FIRES), lookAt: timeOf(30) }],
    [
      'is due now, if its next attempt is due',
      { ...owing(FIRES), nextTryAt: timeOf(29), lookAt: timeOf(40) },
      { ...owing(FIRES), nextTryAt: timeOf(29), lookAt: timeOf(30) },
    ],
    [
      'is due when its next attempt is due',
      { ...owing(FIRES), nextTryAt: timeOf(31) },
      { ...owing(FIRES), nextTryAt: timeOf(31), lookAt: timeOf(31) },
    ],
    ['is held as before', owing(held(FIRES)), owing(held(FIRES))],
    ['is a dead letter as before', owing(dead(FIRES)), owing(dead(FIRES))],
    ['is missing no more', { goneSince: timeOf(29) }, {}],
  ])('%s', (_, before, after) => {
    expect(now({ day: recipient('day', before) })).toStrictEqual({ both: recipient('both', after) })
  })

  test('is left alone where nothing was renamed', () => {
    const both = recipient('both', { ...owing(FIRES), log: LOG })
    expect(now({ both: { ...both, goneSince: timeOf(29) } })).toStrictEqual({ both })
  })

  test.each([
    ['counts as missing from now on', undefined, timeOf(30)],
    ['counts as missing since it was first', timeOf(29), timeOf(29)],
    ['counts as missing for long', timeOf(1), timeOf(1)],
  ])('that has no name now %s', (_, before, goneSince) => {
    const x = recipient('x', before ? { goneSince: before } : {})
    expect(now({ x })).toStrictEqual({ x: { ...x, goneSince } })
  })

  test('that has no name now, for long, has that of the channel that leads where it was notified', () => {
    const one = { ...owing(ENDS, held(AGAIN)), notified: received('firing', 5, { place: placeOf(CHAT.both) }) }
    const gone = (of: typeof ENDS) => ({
      ...{ of: 'x', at: timeOf(30), change: of.change, status: of.status, outcome: 'gone' as const },
      reason: 'the rules name no channel "x" any more',
    })
    expect(now({ x: recipient('x', { ...one, goneSince: timeOf(1), log: LOG }) })).toStrictEqual({
      both: recipient('both', {
        ...one,
        lookAt: timeOf(30),
        log: [{ of: 'x', ...overtaken(FIRES) }, gone(ENDS), gone(AGAIN)],
      }),
    })
  })
})

describe('a fallback', () => {
  const instead = (channel: string, of: string, more: Partial<Recipient> = {}) =>
    recipient(channel, { fallbackFor: { channel: of, reason: 'x' }, ...more })
  const given = owing({ ...FIRES, given: true }, { ...LOST, given: true })
  const slack = (name: string, ...formerly: string[]): Config['channels'] => ({
    [name]: { type: 'slack', secret: name, formerly },
  })

  test.each<[string, Config['channels'], string, Recipient]>([
    ['has its new name', { ...slack('pager'), ...slack('talk', 'chat') }, 'talk for pager', instead('talk', 'pager')],
    [
      'has the new name of its channel',
      { ...slack('pd', 'pager'), ...slack('chat') },
      'chat for pd',
      instead('chat', 'pd'),
    ],
    ['of a missing channel keeps its name', slack('chat'), 'chat for pager', instead('chat', 'pager')],
  ])('%s', (_, channels, name, after) => {
    const recipients = now(
      { pager: recipient('pager', { fallbackTo: 'chat for pager' }), 'chat for pager': instead('chat', 'pager') },
      channels,
    )
    expect(recipients[name]).toStrictEqual(after)
    expect(Object.values(recipients).flatMap(({ fallbackTo }) => fallbackTo ?? [])).toEqual([name])
  })

  test('that is its own channel by now is none, and others may get another', () => {
    const before = {
      x: recipient('x', { fallbackTo: 'chat for pager', ...given }),
      'chat for pager': instead('chat', 'pager'),
    }
    expect(now(before, { ...slack('chat', 'pager'), ...slack('x') })).toEqual({
      x: recipient('x', owing(FIRES, LOST)),
      chat: recipient('chat'),
    })
  })

  test.each<[string, string, Recipient, boolean]>([
    ['had it', 'pager', recipient('pager', { ...given, fallbackTo: 'chat for pager' }), true],
    ['had it under another name', 'x', recipient('x', { ...given, fallbackTo: 'chat for pager' }), true],
    ['has handed over what is not owed first', 'pager', recipient('pager', given), true],
    ['is owed one thing', 'pager', recipient('pager', owing({ ...FIRES, given: true })), true],
    ['has another', 'pager', recipient('pager', { ...given, fallbackTo: 'mail for pager' }), false],
    ['is another channel', 'x', recipient('x', given), false],
    ['is its fallback', 'pager for x', instead('pager', 'x', given), false],
  ])('that is removed makes room for another where a recipient %s', (_, name, one, isFree) => {
    const { fallbackTo: _fallbackTo, ...rest } = one
    const state = stateOf({ empty: recipient('empty'), pager: recipient('pager'), [name]: structuredClone(one) })
    withoutStandIn(state, 'chat for pager', 'pager')
    const after = one.more ? owing(FIRES, LOST) : owing(FIRES)
    expect(state.recipients[name]).toEqual(isFree ? { ...rest, ...after } : one)
    expect(state.recipients.empty).toEqual(recipient('empty'))
  })
})

describe('by its other names', () => {
  const both = recipient('both', owing(FIRES))
  const lease = { token: 't', until: NOW.getTime() + 1 }
  const x = recipient('x')

  test.each<[string, AlertState['recipients'], typeof FIRES, Partial<Recipient> | undefined]>([
    [
      'it received what is newer',
      { day: recipient('day', { notified: received('firing', 12) }), both, x },
      FIRES,
      { notified: received('firing', 12) },
    ],
    ['it is owed as much', { day: recipient('day'), both, x }, FIRES, undefined],
    ['it is owed it, too, and this one is not', { day: recipient('day'), both, x }, LOST, owing(FIRES)],
    ['it has none here', { both, x }, LOST, undefined],
    ['nobody knows it', { day: recipient('day') }, FIRES, undefined],
  ])('%s', (_, recipients, of, expected) => {
    const state = stateOf(recipients)
    const found = knownByOtherName(state, 'both', of, CHAT, NOW)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject({ ...recipient('both', expected), log: expect.anything() })
    expect(state).toEqual(stateOf(recipients))
  })

  test.each<[string, AlertState['recipients'], boolean]>([
    ['is being notified', { day: recipient('day', { lease }), both, x }, true],
    ['is not', { day: recipient('day'), both, x: recipient('x', { lease }) }, false],
    ['is not, though by this one', { day: recipient('day'), both: { ...both, lease } }, false],
  ])('it %s', (_, recipients, isBusy) => {
    expect(isBusyByOtherName(stateOf(recipients), 'both', CHAT, NOW)).toBe(isBusy)
  })
})
