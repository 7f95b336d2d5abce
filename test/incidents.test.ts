import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Wake } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { changeAlert } from '../shared/store/alerts.ts'
import { joinIncident, leaveIncident, membersOf } from '../shared/store/incidents.ts'
import { deliverersFor } from './deliverers.ts'

/** Incidents that alerts share in PagerDuty, by the delivering handler on the local engine. */
const fast = { perMinute: 60_000 }
const config = checkConfig({
  channels: {
    'pager-by-namespace': { type: 'pagerduty', secret: 'by-namespace', groupBy: ['namespace'], ...fast },
    'pager-joining': { type: 'pagerduty', secret: 'joining', groupBy: ['namespace'], ...fast },
    // Two of one integration key.
    'pager-x': { type: 'pagerduty', secret: 'one-key', groupBy: ['namespace'], ...fast },
    'pager-y': { type: 'pagerduty', secret: 'one-key', groupBy: ['namespace'], ...fast },
    'pager-in-words': {
      type: 'pagerduty',
      secret: 'in-words',
      groupBy: ['region'],
      title: 'pager: {{name}}',
      text: 'of pager',
      ...fast,
    },
    pager: { type: 'pagerduty', secret: 'pager', ...fast },
  },
  severities: { critical: { channels: ['pager'] }, warning: { channels: ['pager'] }, info: { channels: ['pager'] } },
  default: { severity: 'warning' },
  rules: [],
})
const by = deliverersFor(config)
const KEY = '0123456789abcdef0123456789abcdef'
beforeAll(() => {
  by.engine.secrets.set('alert-router-local/joining', KEY)
})

const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
const incidents = (part: string) => by.engine.pagerduty.incidents().filter(({ dedupKey }) => dedupKey.includes(part))
const open = (part: string) => incidents(part).filter(({ state }) => state !== 'resolved')
const calls = () => by.engine.pagerduty.requests.length
const of = (namespace: string, channel = 'pager-by-namespace') => by.owed(channel, { namespace })
const resolve = async (one: Wake) => by.deliver(await by.over(one))

test('alerts share one incident, which is open as long as one of them fires', async () => {
  const [a, b] = [await of('Shop/Orders'), await of('Shop/Orders')]
  await by.deliver([a, b, await of('Shop/Stock')])
  expect(open('Shop/Orders')).toMatchObject([{ triggers: 1 }])
  expect(open('Shop/Stock')).toHaveLength(1)
  await resolve(a)
  expect(open('Shop/Orders')).toHaveLength(1)
  expect((await by.known(a)).notified?.status).toBe('resolved')
  await resolve(b)
  expect(open('Shop/Orders')).toEqual([])
})

test('a new alert after the end opens a new incident', async () => {
  const [a, b] = [await of('Shop/Carts'), await of('Shop/Carts')]
  await by.deliver(a)
  await resolve(a)
  await by.deliver(b)
  expect(open('Shop/Carts')).toHaveLength(1)
})

test('an alert that PagerDuty never accepted keeps nothing open either', async () => {
  const [first, second] = [await of('Shop/Refused'), await of('Shop/Refused')]
  by.engine.pagerduty.answerNext({ status: 500 })
  expect(await by.deliver(first)).toBe(1)
  later(5_000)
  await resolve(first)
  await by.deliver(first)
  expect(open('Shop/Refused')).toEqual([])
  await by.deliver(second)
  await resolve(second)
  expect(open('Shop/Refused')).toEqual([])
})

test('a repeated resolve closes nothing that was opened since', async () => {
  const [a, b] = [await of('Shop/Users'), await of('Shop/Users')]
  await by.deliver(a)
  const over = await by.over(a)
  await by.deliver(over)
  await by.deliver(b)
  await by.deliver(over)
  expect(open('Shop/Users')).toHaveLength(1)
})

test('two channels with one integration key never close each other’s incidents', async () => {
  const [x, y] = [await of('Shop/Twice', 'pager-x'), await of('Shop/Twice', 'pager-y')]
  await by.deliver([x, y])
  await resolve(x)
  expect(open('Shop/Twice')).toMatchObject([{ dedupKey: expect.stringContaining('pager-y') }])
  await resolve(y)
  expect(open('Shop/Twice')).toEqual([])
})

test('use the channel’s own templates, and history has the text for each alert', async () => {
  const one = await by.owed('pager-in-words')
  await by.deliver(one)
  expect(by.engine.pagerduty.incidents().map(({ summary }) => summary)).toContain('pager: orders-db-cpu-high')
  expect((await by.known(one)).log.at(-1)?.said).toBe('trigger, warning: pager: orders-db-cpu-high')
})

test('is not left because of an older decision, before its alert joined it again', async () => {
  const [one, other] = [await of('Shop/Rejoined'), await of('Shop/Rejoined')]
  await by.deliver(one)
  const { incident = '' } = await by.known(one)
  await joinIncident(incident, one.fingerprint, 7)
  await leaveIncident(incident, one.fingerprint, 6)
  await by.deliver(other)
  await resolve(other)
  expect(open('Shop/Rejoined')).toHaveLength(1)
  await leaveIncident(incident, one.fingerprint, 7)
  expect(await membersOf(incident, 5)).toBe(0)
})

test('thousands of alerts may share one', async () => {
  const [one, other] = [await of('Shop/Huge'), await of('Shop/Huge')]
  await by.deliver(one)
  const { incident = '' } = await by.known(one)
  // As so many others would have.
  const many = Array.from({ length: 2_500 }, (_, n) => `another-${n}`)
  for (let from = 0; from < many.length; from += 100) {
    await Promise.all(many.slice(from, from + 100).map((alert) => joinIncident(incident, alert, 1)))
  }
  later(20_000)
  expect(await by.deliver(other)).toBe(0)
  expect(JSON.stringify(by.engine.pagerduty.requests.at(-1)?.body)).toContain('1000 alerts: ')
  await resolve(other)
  await resolve(one)
  expect(open('Shop/Huge')).toHaveLength(1)
})

test('a late resolve of an alert that ended long ago closes nothing that has fired since', async () => {
  const one = await of('Shop/Late')
  await by.deliver(one)
  await changeAlert(one.fingerprint, async (state) => {
    const known = state?.recipients['pager-by-namespace']
    if (!state || !known?.notified) throw new Error('nobody was notified')
    const { change } = known.notified
    const owed = { change, at: '2026-01-01T00:00:00.000Z', status: 'resolved' as const, missed: true as const }
    const recipients = { ...state.recipients, 'pager-by-namespace': { ...known, owed } }
    return { state: { ...state, recipients }, result: undefined }
  })
  const before = calls()
  await by.deliver(one)
  expect([open('Shop/Late').length, calls()]).toEqual([1, before])
  await resolve(one)
  expect(open('Shop/Late')).toEqual([])
})

describe('a firing alert whose newest change belongs to another incident', () => {
  const at = (minute: number) => `2026-09-14T11:${String(20 + minute)}:00.000Z`
  const again = (one: Wake, channel: string, change: object) =>
    by.owed(channel, { fingerprint: one.fingerprint, changedAt: at(5), ...change })

  test('leaves the old one before it joins the new, and the last that leaves closes it', async () => {
    const one = await of('Shop/Old')
    await by.deliver(one)
    await by.deliver(await again(one, 'pager-by-namespace', { namespace: 'Shop/New' }))
    expect([open('Shop/Old'), open('Shop/New').length]).toEqual([[], 1])
    await resolve(await again(one, 'pager-by-namespace', { namespace: 'Shop/New', changedAt: at(6) }))
    expect([open('Shop/Old'), open('Shop/New')]).toEqual([[], []])
  })

  test('leaves the old one to the alerts that keep it open, and to later ones', async () => {
    const [one, other] = [await of('Shop/Stays'), await of('Shop/Stays')]
    await by.deliver([one, other])
    const moved = await again(one, 'pager-by-namespace', { namespace: 'Shop/Moved' })
    await by.deliver(moved)
    expect([open('Shop/Stays').length, open('Shop/Moved').length]).toEqual([1, 1])
    await resolve(other)
    expect([open('Shop/Stays').length, open('Shop/Moved').length]).toEqual([0, 1])
    await resolve(moved)
    expect(open('Shop/Moved')).toEqual([])
  })

  test('leaves its own when it now shares one', async () => {
    const own = await by.owed('pager')
    await by.deliver(own)
    expect(open(own.fingerprint)).toHaveLength(1)
    await by.deliver(
      await by.owed('pager', { fingerprint: own.fingerprint, changedAt: at(5) }, { groupBy: ['namespace'] }),
    )
    expect(incidents(own.fingerprint)).toMatchObject([{ state: 'resolved' }])
    expect(open('pager: warning')).toHaveLength(1)
  })
})

describe('an alert that joins an incident of which people have just been notified', () => {
  const joining = (namespace: string) => of(namespace, 'pager-joining')

  test('waits, and the next call includes all that have joined', async () => {
    const [first, second, third] = [
      await joining('Shop/Storm'),
      await joining('Shop/Storm'),
      await joining('Shop/Storm'),
    ]
    await by.deliver(first)
    const before = calls()
    expect(await by.deliver([second, third])).toBe(2)
    expect(calls()).toBe(before)
    expect(await by.known(second)).toMatchObject({ tries: 0, waits: 1 })
    later(20_000)
    await by.deliver(second)
    await by.deliver(third)
    expect(calls()).toBe(before + 1)
    expect(open('Shop/Storm')).toMatchObject([{ triggers: 2 }])
    expect(JSON.stringify(by.engine.pagerduty.requests.at(-1)?.body)).toContain('3 alerts: ')
    for (const one of [second, third]) expect((await by.known(one)).notified?.status).toBe('firing')
  })

  test('opens it again if it has been closed meanwhile', async () => {
    const [first, second] = [await joining('Shop/Over'), await joining('Shop/Over')]
    await by.deliver(first)
    expect(await by.deliver(second)).toBe(1)
    // As a person would, without our side knowing.
    const [shared] = open('Shop/Over')
    const event = { routing_key: KEY, event_action: 'resolve', dedup_key: shared?.dedupKey }
    await fetch(`https://${by.engine.pagerduty.host}/v2/enqueue`, { method: 'POST', body: JSON.stringify(event) })
    expect(open('Shop/Over')).toEqual([])
    later(20_000)
    await by.deliver(second)
    expect(open('Shop/Over')).toHaveLength(1)
  })

  test('and ends before that keeps nothing open', async () => {
    const [first, second] = [await joining('Shop/Brief'), await joining('Shop/Brief')]
    await by.deliver(first)
    expect(await by.deliver(second)).toBe(1)
    later(20_000)
    await resolve(second)
    await by.deliver(second)
    await resolve(first)
    expect(open('Shop/Brief')).toEqual([])
  })

  test('is not included in a call made before the table had its membership', async () => {
    const [first, second, third] = [await joining('Shop/Late'), await joining('Shop/Late'), await joining('Shop/Late')]
    await by.deliver(first)
    later(20_000)
    await by.deliver(second)
    const before = calls()
    // It arrives for the first time: the call of a moment ago did not include it.
    expect(await by.deliver(third)).toBe(1)
    later(20_000)
    await by.deliver(third)
    expect(calls()).toBe(before + 1)
  })
})
