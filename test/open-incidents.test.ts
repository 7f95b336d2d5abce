import { describe, expect, test } from 'vitest'
import { type AlertState, newRecipient, newState, type Recipient } from '../shared/decide/alert-state.ts'
import {
  describeOpen,
  givenToPerson,
  incidentAt,
  leftOpen,
  sharedOf,
  withOpen,
  withoutOpen,
} from '../shared/decide/left-open.ts'
import { isOfType, mayHaveIncidents, placeOf } from '../shared/decide/place.ts'
import { firing } from './alert-samples.ts'

/** The incidents that an alert has open, and what becomes of those that nothing closes any more. */
const TIME = '2026-11-03T10:00:00.000Z'
const [HERE, THERE] = ['pagerduty here', 'pagerduty there']
const end = { change: 'end', at: TIME, status: 'resolved' as const }
const sent = (place?: string) => ({ ...end, status: 'firing' as const, notifiedAt: TIME, ...(place && { place }) })
const dead = (place?: string) => ({ at: TIME, reason: 'no', ...(place && { place }) })
const stateOf = (recipients: Record<string, Partial<Recipient>>, more: Partial<AlertState> = {}): AlertState => ({
  ...newState({ ...firing.alert, status: 'resolved' }),
  open: { [HERE]: 'pager', [`${HERE} shared key`]: 'pager' },
  ...more,
  recipients: Object.fromEntries(
    Object.entries(recipients).map(([name, one]) => [name, { ...newRecipient(name), ...one }]),
  ),
})

describe('a place', () => {
  test('is where a channel leads, whatever its name; addresses count in any order', () => {
    const slack = { type: 'slack' as const, secret: 'chat' }
    const email = (...addresses: string[]) => ({ type: 'email' as const, addresses })
    expect(placeOf(slack)).toMatch(/^slack [\w-]{4}$/)
    expect(placeOf({ ...slack, secret: 'other' })).not.toBe(placeOf(slack))
    expect(placeOf(email('a@x.com', 'b@x.com'))).toBe(placeOf(email('b@x.com', 'a@x.com')))
    expect(placeOf(email('a@x.com'))).not.toBe(placeOf(email('b@x.com')))
    expect(placeOf(undefined)).toBeUndefined()
  })

  test.each([
    [HERE, true, true],
    ['slack x7Yh', false, false],
    [undefined, true, true],
    ['carrier-pigeon x7Yh', true, false],
  ])('%s: may have incidents %s, is of PagerDuty %s', (place, may, isPagerduty) => {
    expect([mayHaveIncidents(place), isOfType(place, 'pagerduty')]).toEqual([may, isPagerduty])
  })
})

test.each([
  ['of its own', undefined, undefined],
  ['that is shared', 'a key of\nseveral words', 'a key of\nseveral words'],
])('an incident %s', (_, key, shared) => {
  const incident = incidentAt(HERE, key)
  expect(sharedOf(incident)).toBe(shared)
  const open = withOpen(stateOf({}, { open: { [THERE]: 'other' } }), incident, 'pager')
  expect(open.open).toEqual({ [THERE]: 'other', [incident]: 'pager' })
  expect(withoutOpen(open, [incident]).open).toEqual({ [THERE]: 'other' })
  expect(withoutOpen(open, [incident, THERE])).not.toHaveProperty('open')
})

describe('an incident is left open', () => {
  const both = [HERE, `${HERE} shared key`]
  const now = { since: TIME, at: TIME, severity: 'critical' as const, rule: 'x' }
  test.each<[string, AlertState, string[]]>([
    ['when nothing is owed', stateOf({ pager: { notified: sent(HERE) } }), both],
    ['when there is nobody', stateOf({}), both],
    ['unless there is none', stateOf({}, { open: undefined }), []],
    ['unless it fires still', stateOf({}, { firing: now }), []],
    ['unless it has lost its data', stateOf({}, { noData: now }), []],
    ['unless it happened once', stateOf({}, { once: true }), []],
    ['unless its end is owed where it fired', stateOf({ pager: { owed: end, notified: sent(HERE) } }), []],
    [
      'unless its end is owed at another place of that type',
      stateOf({ pager: { owed: end, notified: sent(THERE) } }),
      [],
    ],
    ['unless its end is owed at an unknown place', stateOf({ pager: { owed: end, notified: sent() } }), []],
    ['unless its end is owed to a recipient that was not notified', stateOf({ pager: { owed: end } }), []],
    ['if its end is owed in a chat', stateOf({ chat: { owed: end, notified: sent('slack x') } }), both],
    [
      'if one is owed it, of two',
      stateOf({ chat: { notified: sent('slack x') }, pager: { owed: end, notified: sent(HERE) } }),
      [],
    ],
    [
      'if its end was refused elsewhere',
      stateOf({ pager: { owed: end, dead: dead(THERE), notified: sent(HERE) } }),
      both,
    ],
    ['but a person knows of the end that was refused here', stateOf({ pager: { owed: end, dead: dead(HERE) } }), []],
    [
      'but a person knows of what was refused here, with more owed',
      stateOf({ chat: { owed: end, notified: sent('slack x'), more: [{ ...end, dead: dead(HERE) }] } }),
      [],
    ],
  ])('%s', (_, state, left) => {
    expect(leftOpen(state)).toEqual(left)
  })
})

describe('what a person is given', () => {
  const entry = (change: string, channel: string, incident: string) => ({
    ...{ at: TIME, change, status: 'resolved', outcome: 'left open' },
    reason: describeOpen(channel, incident),
  })
  const given = (state: AlertState, ...incidents: string[]) => givenToPerson(state, incidents, new Date(TIME))

  test('is no longer open, and is in the history of its channel', () => {
    const state = stateOf({ chat: {}, call: { channel: 'pager', notified: sent(HERE) } })
    const after = given(state, HERE)
    expect(after.open).toEqual({ [`${HERE} shared key`]: 'pager' })
    expect(after.recipients.call?.log).toEqual([entry('end', 'pager', HERE)])
    expect(after.recipients.chat).toEqual(state.recipients.chat)
    expect(given(state, HERE, `${HERE} shared key`).recipients.call?.log).toHaveLength(2)
  })

  test('is in the history of another recipient if its channel is gone', () => {
    const log = [{ at: TIME, change: 'c', status: 'firing' as const, outcome: 'delivered' as const }]
    const after = given(stateOf({ mail: { log }, chat: {} }), HERE)
    expect(after.recipients.mail?.log).toEqual([...log, entry('c', 'pager', HERE)])
    expect(given(stateOf({ mail: {} }), THERE).recipients.mail?.log).toEqual([entry('', '', THERE)])
  })

  test('is no longer open, even without any recipient', () => {
    expect(given(stateOf({}), HERE)).toEqual(stateOf({}, { open: { [`${HERE} shared key`]: 'pager' } }))
  })

  test('says which incident it is', () => {
    expect(describeOpen('pager', HERE)).toMatch(/^channel "pager" may have left an incident open .* by hand$/)
    expect(describeOpen('pager', `${HERE} key`)).toMatch(
      /the shared incident "key" .* unless other alerts in it still fire$/,
    )
  })
})
