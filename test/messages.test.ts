import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Severity } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { type Claimed, groupOf, incidentKey, messagesFor } from '../shared/deliver/messages.ts'
import { firing } from './alert-samples.ts'

/** How a batch of notifications for one channel becomes messages. */
interface Given {
  severity?: Severity
  account?: string
  isAlone?: boolean
  resolved?: boolean
  incident?: string
}

function claimed({ severity = 'warning', account, isAlone = false, resolved = false, incident }: Given, n: number) {
  const status = resolved ? ('resolved' as const) : ('firing' as const)
  const alert = { ...firing.alert, title: `alert-${n}`, account, status }
  const notification: Notification = { ...firing, id: `n${n}`, severity, alert }
  return { notification, token: 't', tries: 0, isAlone, incident } as Claimed
}

const batch = (size: number, of: Given = {}) => Array.from({ length: size }, (_, n) => claimed(of, n))

/** Names up to ten alerts in a message. */
const digesting = {
  render: ({ id }: Notification) => id,
  renderDigest: (notifications: Notification[]) =>
    Array.from({ length: Math.ceil(notifications.length / 10) }, (_, n) => {
      const part = notifications.slice(n * 10, n * 10 + 10)
      return { payload: part.map(({ id }) => id).join(), notifications: part }
    }),
}
const pager = {
  render: digesting.render,
  incidents: {
    has: ({ severity }: Notification) => severity !== 'info',
    keyOf: (alertKey: string) => alertKey,
    render: (_: Notification[], key: string) => key,
  },
}
const sizes = (messages: { carries: Claimed[] }[]) => messages.map(({ carries }) => carries.length)

test('every notification is in exactly one message, whatever the batch', () => {
  const given = fc.record({
    severity: fc.constantFrom<Severity>('critical', 'warning', 'info'),
    account: fc.constantFrom('1', '2', '3'),
    isAlone: fc.boolean(),
    resolved: fc.boolean(),
    incident: fc.constantFrom(undefined, 'x'),
  })
  const options = fc.record({
    groupBy: fc.constantFrom<string[] | undefined>(undefined, ['account']),
    freeSlots: fc.integer({ min: 0, max: 10 }),
  })
  const channels = [digesting, { render: digesting.render }, pager]
  fc.assert(
    fc.property(fc.array(given, { maxLength: 60 }), options, fc.constantFrom(...channels), (all, how, channel) => {
      const given = all.map(claimed)
      const carried = messagesFor(given, channel, how).flatMap(({ carries }) => carries)
      expect(carried.length).toBe(given.length)
      expect(new Set(carried)).toEqual(new Set(given))
    }),
  )
})

test('up to three are sent one by one', () => {
  expect(sizes(messagesFor(batch(3), digesting, { groupBy: undefined, freeSlots: 9 }))).toEqual([1, 1, 1])
})

test('more are sent in as few messages as can name them', () => {
  expect(sizes(messagesFor(batch(25), digesting, { groupBy: undefined, freeSlots: 9 }))).toEqual([10, 10, 5])
})

test('severities are never mixed', () => {
  const mixed = [...batch(5), ...batch(5, { severity: 'info' })]
  expect(sizes(messagesFor(mixed, digesting, { groupBy: undefined, freeSlots: 0 }))).toEqual([5, 5])
})

test.each([
  [9, [1, 1, 1, 1, 1, 5]],
  [3, [1, 1, 8]],
  [0, [10]],
])('critical alerts have their own messages while the channel accepts them: %i free', (freeSlots, expected) => {
  const critical = batch(10, { severity: 'critical' })
  expect(sizes(messagesFor(critical, digesting, { groupBy: undefined, freeSlots }))).toEqual(expected)
})

test('the same notifications make the same digest, and others another', () => {
  const idOf = (from: Claimed[]) => messagesFor(from, digesting, { groupBy: undefined, freeSlots: 0 })[0]?.id
  expect(idOf(batch(8))).toMatch(/^[\w-]{22}$/)
  expect(idOf(batch(8))).toBe(idOf(batch(8)))
  expect(idOf(batch(8))).not.toBe(idOf(batch(9)))
  expect(idOf(batch(8))).not.toBe(idOf(batch(9).slice(1)))
})

test('the remainder of a digest is sent alone', () => {
  const accounts = [...batch(9, { account: '1' }), claimed({ account: '2' }, 9)]
  const channel = { ...digesting, render: ({ id }: Notification) => `${id} alone` }
  const messages = messagesFor(accounts, channel, { groupBy: ['account'], freeSlots: 0 })
  expect(messages.map(({ content }) => content)).toEqual([
    { payload: 'n0,n1,n2,n3,n4,n5,n6,n7,n8' },
    { payload: 'n9 alone' },
  ])
  // The eleventh of a digest of ten has its own name in the channel, too.
  expect(messagesFor(batch(11), digesting, { groupBy: undefined, freeSlots: 0 })[1]?.id).toBe('n10')
})

test("an alert's own rule groups it, before the channel does", () => {
  const own = batch(8).map((one, n) => {
    const alert = { ...one.notification.alert, region: `r-${n % 2}` }
    return { ...one, notification: { ...one.notification, alert, groupBy: ['region'] } }
  })
  expect(sizes(messagesFor(own, digesting, { groupBy: ['account'], freeSlots: 0 }))).toEqual([4, 4])
})

describe('shared incidents', () => {
  test('without groupBy each alert has its own', () => {
    const messages = messagesFor(batch(4), pager, { groupBy: undefined, freeSlots: 0 })
    expect(messages.map(({ content }) => content)).toEqual(['n0', 'n1', 'n2', 'n3'].map((payload) => ({ payload })))
  })

  const prod = { stage: 'prod', region: 'eu-west-1' }
  const sharing = (size: number, account: string) =>
    batch(size, { account }).map((one) => ({ ...one, incident: incidentKey(one.notification, ['account'], prod) }))

  test('with it, those with the same values share one', () => {
    const messages = messagesFor([...sharing(3, '1'), ...sharing(2, '2')], pager, {
      groupBy: ['account'],
      freeSlots: 0,
    })
    const key = (account: string) => `alert-router prod eu-west-1 ${firing.channel}: warning, account ${account}`
    expect(messages.map(({ content }) => content)).toEqual([{ incident: key('1') }, { incident: key('2') }])
    expect(sizes(messages)).toEqual([3, 2])
  })

  test('two channels, two stages or two regions never share one, though they have one integration key', () => {
    const places = [prod, { ...prod, stage: 'dev' }, { ...prod, region: 'eu-central-1' }]
    const keys = ['pager-x', 'pager-y'].flatMap((channel) =>
      places.map((place) => incidentKey({ ...firing, channel }, ['account'], place)),
    )
    expect(new Set(keys).size).toBe(6)
  })

  test('an alert that is not an incident, such as a finished deployment, shares none', () => {
    const messages = messagesFor(batch(2, { severity: 'info' }), pager, { groupBy: ['account'], freeSlots: 0 })
    expect(sizes(messages)).toEqual([1, 1])
  })

  test('a resolve closes what its trigger opened, whatever the config is now', () => {
    const [own, shared] = [claimed({ resolved: true }, 0), claimed({ resolved: true, incident: 'was' }, 1)]
    const messages = messagesFor([own, shared], pager, { groupBy: ['account'], freeSlots: 0 })
    expect(messages.map(({ content }) => content)).toEqual([{ payload: 'n0' }, { incident: 'was' }])
  })

  test('a key that would be too long for PagerDuty is still unique', () => {
    const of = (end: string) => ({ ...firing, alert: { ...firing.alert, description: 'x'.repeat(5_000) + end } })
    const long = { stage: 's'.repeat(100), region: 'eu-central-1' }
    for (const keyOf of [
      (end: string) => groupOf(of(end), ['description']),
      (end: string) => incidentKey(of(end), ['description'], long) ?? '',
    ]) {
      expect(keyOf('a').length).toBeLessThanOrEqual(255)
      expect(keyOf('a')).not.toBe(keyOf('b'))
    }
  })

  test('a group is named in two hundred characters, with the unchanged words if they fit', () => {
    const named = (length: number) => {
      const description = 'x'.repeat(length - 'warning, description '.length)
      return groupOf({ ...firing, severity: 'warning', alert: { ...firing.alert, description } }, ['description'])
    }
    expect(named(200)).toMatch(/^warning, description x+$/)
    expect(named(201)).toMatch(/^warning, description x+#[\w-]{22}$/)
    expect(named(5_000)).toHaveLength(203)
    expect(groupOf({ ...firing, severity: 'warning' })).toBe('warning')
  })

  test('without groupBy there is no key, and one of 250 characters stays as it is', () => {
    expect(incidentKey(firing, undefined, prod)).toBeUndefined()
    const keyOf = (stage: string) => incidentKey(firing, [], { ...prod, stage }) ?? ''
    const stage = 's'.repeat(250 - keyOf('').length)
    expect(keyOf(stage)).not.toContain('#')
    expect(keyOf(`${stage}s`)).toMatch(/#[\w-]{22}$/)
  })
})
