import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { type AlertState, type Notified, newState, type Recipient } from '../shared/decide/alert-state.ts'
import { placeOf } from '../shared/decide/place.ts'
import { withChannelsOf } from '../shared/decide/renamed.ts'
import { changeOf, timeOf } from './life.ts'
import { held, mark, overtaken, owing, received, recipient } from './recipients.ts'

/** Two of an alert's recipients have one channel by now: what that received, is owed, and what becomes of their incidents. */
const NOW = new Date(timeOf(30))
const [FIRES, LOST] = [mark('firing', 5), mark('insufficient-data', 6)]
const [ENDS, AGAIN] = [mark('resolved', 7), mark('firing', 12)]
const formerly = ['day', 'night']
const CHAT: Config['channels'] = { both: { type: 'slack', secret: 'chat', formerly } }
const PAGER: Config['channels'] = { both: { type: 'pagerduty', secret: 'pager', region: 'us', formerly } }
const stateOf = (recipients: AlertState['recipients']): AlertState => ({
  ...newState(changeOf('firing', 5)),
  recipients,
})
const now = (recipients: AlertState['recipients'], channels = CHAT) =>
  withChannelsOf(structuredClone(stateOf(recipients)), channels, NOW).recipients

describe('two names of a channel', () => {
  const bothWays = (a: Partial<Recipient>, b: Partial<Recipient>, channels: Config['channels']) =>
    [
      [a, b],
      [b, a],
    ].map(([day, night]) => {
      const { both } = now({ day: recipient('day', day), night: recipient('night', night) }, channels)
      const { lookAt: _lookAt, ...one } = both as Recipient
      return one
    })

  const at = (of: Config['channels'] | string) => ({ place: typeof of === 'string' ? of : placeOf(of.both) })
  const [fired, again, over] = (['firing', 'firing', 'resolved'] as const).map((status, n) =>
    received(status, [5, 12, 7][n] ?? 0, at(PAGER)),
  ) as [Notified, Notified, Notified]
  const inChat = (one: Notified) => ({ ...one, ...at(CHAT) })
  const elsewhere = (one: Notified, place = 'slack elsewhere') => ({ ...one, place })
  const lease = (token: string, minute: number) => ({ token, until: Date.parse(timeOf(minute)) })
  const missed = (count: number) => ({ missed: { count, since: timeOf(count) } })

  type Case = [what: string, one: Partial<Recipient>, other: Partial<Recipient>, both: Partial<Recipient>]
  const PAGED: Case[] = [
    ['know nothing', {}, {}, {}],
    [
      'are in the incident of the newer one, and leave the other',
      { notified: fired, incident: 'a' },
      { notified: again, incident: 'b', leaving: ['c'] },
      { notified: again, incident: 'b', leaving: ['c', 'a'] },
    ],
    [
      'leave an incident that the newer one is not in',
      { notified: fired, incident: 'a', leaving: ['d'] },
      { notified: again },
      { notified: again, leaving: ['d', 'a'] },
    ],
    [
      'leave an incident that the newer one may not be in',
      { notified: fired, incident: 'a' },
      { passed: AGAIN, maybe: true },
      { notified: fired, passed: AGAIN, maybe: true, leaving: ['a'] },
    ],
    [
      'leave no incident that they are in',
      { notified: fired, incident: 'a', leaving: ['b'] },
      { notified: again, incident: 'b', leaving: ['a'] },
      { notified: again, incident: 'b', leaving: ['a'] },
    ],
    [
      'stay in the incident of the one that knows of one',
      { notified: fired, incident: 'a' },
      { passed: AGAIN },
      { notified: fired, passed: AGAIN, incident: 'a' },
    ],
    [
      'leave the own incident of the older one',
      { notified: fired },
      { notified: again, incident: 'b' },
      { notified: again, incident: 'b', leaving: [''] },
    ],
    [
      'leave the own incident that the older one may have',
      { passed: FIRES, maybe: true },
      { notified: again, incident: 'b' },
      { notified: again, incident: 'b', leaving: [''], maybe: true },
    ],
    ['are in no incident twice', { notified: fired }, { notified: again }, { notified: again }],
    [
      'count what most of them missed',
      { notified: fired, ...missed(3) },
      { notified: again, ...missed(1) },
      { notified: again, ...missed(3) },
    ],
    [
      'count what the newer one missed',
      { notified: fired, ...missed(1) },
      { notified: again, ...missed(3) },
      { notified: again, ...missed(3) },
    ],
    [
      'count what the older one missed',
      { notified: fired, ...missed(1) },
      { notified: again },
      { notified: again, ...missed(1) },
    ],
    [
      'count what only the newer one missed',
      { notified: fired },
      { notified: again, ...missed(1) },
      { notified: again, ...missed(1) },
    ],
    [
      'have the longer claim',
      { notified: fired, lease: lease('a', 32) },
      { notified: again, lease: lease('b', 31) },
      { notified: again, lease: { ...lease('a', 32), isOfOne: true } },
    ],
    [
      'have the only claim',
      { notified: fired, lease: lease('a', 32) },
      { notified: again },
      { notified: again, lease: { ...lease('a', 32), isOfOne: true } },
    ],
    [
      'have a claim in doubt',
      { notified: fired, maybe: true },
      { notified: again, lease: lease('b', 31) },
      {
        notified: again,
        maybe: true,
        lease: { ...lease('b', 31), isOfOne: true, wasInDoubt: true },
      },
    ],
    [
      'are owed no firing that one received there',
      { ...owing(FIRES), incident: 'a' },
      { notified: fired, incident: 'a' },
      { notified: fired, incident: 'a' },
    ],
    [
      'are owed a resolve that closes an incident',
      { notified: fired, incident: 'a', ...owing(ENDS) },
      { notified: over },
      { notified: over, incident: 'a', ...owing(ENDS) },
    ],
    [
      'are owed a resolve with which an incident is left',
      { notified: fired, leaving: ['x'], ...owing(ENDS) },
      { notified: over },
      { notified: over, leaving: ['x'], ...owing(ENDS) },
    ],
    [
      'are owed an older resolve that closes an incident',
      { notified: fired, incident: 'a', ...owing(ENDS) },
      { notified: received('resolved', 14, at(PAGER)) },
      { notified: received('resolved', 14, at(PAGER)), incident: 'a', ...owing(ENDS) },
    ],
    [
      'are owed no older resolve when it fires again',
      { notified: fired, incident: 'a', ...owing(ENDS) },
      owing(AGAIN),
      { notified: fired, incident: 'a', ...owing(AGAIN), log: [overtaken(ENDS)] },
    ],
    [
      'are owed no older firing',
      { notified: again, incident: 'a' },
      owing(FIRES),
      { notified: again, incident: 'a', log: [overtaken(FIRES)] },
    ],
  ]
  test.each(PAGED)('of a pager %s', (_, one, other, both) => {
    for (const after of bothWays(one, other, PAGER)) expect(after).toEqual(recipient('both', both))
  })

  const CHATTED: Case[] = [
    ['are owed what either is owed', owing(FIRES, LOST), owing(held(AGAIN)), { ...owing(FIRES, LOST, held(AGAIN)) }],
    ['are owed as soon as one of them could be sent it', owing(FIRES, LOST), owing(held(LOST)), owing(FIRES, LOST)],
    [
      'are owed no older resolve',
      { notified: inChat(fired), ...owing(ENDS) },
      { notified: inChat(again) },
      { notified: inChat(again), log: [overtaken(ENDS)] },
    ],
    [
      'received what was sent there',
      { notified: inChat(over) },
      { notified: elsewhere(fired) },
      { notified: inChat(over) },
    ],
    [
      'received what was sent elsewhere since',
      { notified: inChat(over) },
      { notified: elsewhere(again) },
      { notified: elsewhere(again) },
    ],
    [
      'received the end there, though elsewhere, too',
      { notified: inChat(over) },
      { notified: elsewhere(over) },
      { notified: inChat(over) },
    ],
    [
      'received what was sent elsewhere first, and has not ended',
      { notified: elsewhere(fired) },
      { notified: elsewhere(again, 'slack x') },
      { notified: elsewhere(fired) },
    ],
    [
      'received the last end elsewhere',
      { notified: elsewhere(over) },
      { notified: elsewhere(received('resolved', 9), 'slack x') },
      { notified: elsewhere(received('resolved', 9), 'slack x') },
    ],
    [
      'have no doubt once it has ended',
      { notified: inChat(over) },
      { passed: FIRES, maybe: true },
      { notified: inChat(over) },
    ],
    [
      'have a doubt while something is owed',
      { notified: inChat(over) },
      { ...owing(AGAIN), maybe: true },
      { notified: inChat(over), ...owing(AGAIN), maybe: true },
    ],
    [
      'have a doubt while it fires',
      { notified: inChat(fired), maybe: true },
      {},
      { notified: inChat(fired), maybe: true },
    ],
  ]
  test.each(CHATTED)('of a chat %s', (_, one, other, both) => {
    for (const after of bothWays(one, other, CHAT)) expect(after).toEqual(recipient('both', both))
  })

  test('have one log, and say under which name', () => {
    const [day, night] = [{ log: [overtaken(FIRES)] }, { log: [overtaken(LOST)] }]
    const both = { ...recipient('both'), goneSince: timeOf(1), log: [overtaken(ENDS)] }
    expect(now({ both, day: recipient('day', day), night: recipient('night', night) })).toEqual({
      both: recipient('both', {
        log: [{ of: 'night', ...overtaken(LOST) }, { of: 'day', ...overtaken(FIRES) }, overtaken(ENDS)],
      }),
    })
  })
})
