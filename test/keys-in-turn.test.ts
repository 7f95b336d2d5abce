import { createHash } from 'node:crypto'
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type PagerDutyStandIn, startPagerDuty } from '../local/stand-ins/pagerduty.ts'
import type { Wake } from '../schemas/wake.ts'
import { keyFor } from '../shared/channels/pagerduty/keys.ts'
import { checkConfig } from '../shared/config/check.ts'
import { deliverersFor } from './deliverers.ts'
import { certificateOfRun } from './local-engine.ts'

/** A PagerDuty channel with several integration keys, each with the pace that PagerDuty gives a key. */
const keyOf = (name: string) => createHash('md5').update(name).digest('hex')
const KEYS = ['a', 'b', 'c'].map(keyOf)
const SECRET = `${KEYS.join('\r\n')}\n\n`
const inTurn = (dedupKey: string, text = SECRET) => keyFor(text, dedupKey, 'pager').target

describe('the key of an incident', () => {
  const dedupKeys = Array.from({ length: 300 }, (_, n) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${n}`)

  test('is always the same, in whatever order the keys are, and each has its part', () => {
    const of = (text: string) => dedupKeys.map((one) => inTurn(one, text))
    expect(of(KEYS.toReversed().join('\n'))).toEqual(of(SECRET))
    const counts = Map.groupBy(of(SECRET), (key) => key)
    expect([...counts.keys()].sort()).toEqual(KEYS.toSorted())
    for (const some of counts.values()) expect(some.length).toBeGreaterThan(60)
  })

  test('stays, or is the one that was added', () => {
    const added = keyOf('d')
    const after = dedupKeys.map((one) => inTurn(one, `${SECRET}${added}`))
    const moved = after.filter((key, n) => key !== inTurn(dedupKeys[n] ?? ''))
    expect(new Set(moved)).toEqual(new Set([added]))
    expect(moved.length).toBeLessThan(120)
  })

  test('stays, when another one was removed', () => {
    const [gone = ''] = KEYS
    const kept = dedupKeys.filter((one) => inTurn(one) !== gone)
    expect(kept.map((one) => inTurn(one, KEYS.slice(1).join('\n')))).toEqual(kept.map((one) => inTurn(one)))
  })

  test('that is alone is as it was stored, and has no lane', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), fc.string(), (text, about) => {
        fc.pre(!text.includes('\n') && text === text.trim())
        expect(keyFor(text, about, 'pager')).toEqual({ target: text })
      }),
    )
    expect(keyFor(`${KEYS[0]}\n${KEYS[0]}`, 'x', 'pager')).toEqual({ target: KEYS[0] })
  })

  test.each([
    ['a line that is no key', `${SECRET}hunter2`, 'line 5 is not an integration key'],
    ['a key and a half', `${KEYS[0]}\n${KEYS[1]?.slice(1)}`, 'line 2 is not'],
    ['too many', Array.from({ length: 11 }, (_, n) => keyOf(`${n}`)).join('\n'), 'has 11 keys'],
  ])('is none, with %s: that says where, and nothing of what is there', (_, text, says) => {
    const refused = () => keyFor(text, 'x', 'pager')
    expect(refused).toThrow(says)
    expect(refused).toThrow('the secret "pager"')
    for (const line of text.split(/\s+/).filter(Boolean)) expect(refused).not.toThrow(line)
  })
})

const channels = {
  pager: { type: 'pagerduty', secret: 'three' },
  refused: { type: 'pagerduty', secret: 'three' },
  alone: { type: 'pagerduty', secret: 'alone' },
  wrong: { type: 'pagerduty', secret: 'wrong' },
  group: { type: 'pagerduty', secret: 'three', groupBy: ['namespace'], perMinute: 60_000 },
}
const to = { channels: ['pager'] }
const severities = { critical: to, warning: to, info: to }
const by = deliverersFor(checkConfig({ channels, severities, default: { severity: 'warning' }, rules: [] }))

let pagerduty: PagerDutyStandIn
/** The key of each event, in the order in which they came. */
const used: string[] = []
beforeAll(async () => {
  // It limits each key, as PagerDuty does.
  const forwardTo = (key: string) => void used.push(key)
  pagerduty = await startPagerDuty({ tls: await certificateOfRun(), isLimited: true, forwardTo })
  vi.stubEnv('PAGERDUTY_SERVER', pagerduty.host)
  by.engine.secrets.set('alert-router-local/three', SECRET)
  by.engine.secrets.set('alert-router-local/alone', KEYS[0] ?? '')
  by.engine.secrets.set('alert-router-local/wrong', `${KEYS[0]}\nhunter2`)
})
afterAll(() => pagerduty.close())
beforeEach(() => {
  used.length = 0
  pagerduty.requests.length = 0
})
afterEach(() => pagerduty.answerBy())

const owed = (channel: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => by.owed(channel, { namespace: `Shop/${channel}` })))
const states = (wakes: Wake[]) =>
  wakes.map(({ fingerprint }) => pagerduty.incidents().find(({ dedupKey }) => dedupKey === fingerprint)?.state)

async function tableItems(): Promise<string[]> {
  const { Items = [] } = await new DynamoDBClient({
    endpoint: process.env.AWS_ENDPOINT_URL_DYNAMODB,
  }).send(new ScanCommand({ TableName: process.env.TABLE_NAME }))
  return Items.map((item) => JSON.stringify(item))
}

/** No more time than for those that need not wait. */
const atOnce = { remainingMs: 4_000 }
/** What a key takes at once (shared/channels/pagerduty/facts.ts). */
const BURST = 10

test('each key has a pace of its own: three take three bursts, and none is asked for more', async () => {
  const wakes = await owed('pager', 36)
  const counts = KEYS.map((key) => wakes.filter(({ fingerprint }) => inTurn(fingerprint) === key).length)
  const sent = counts.map((count) => Math.min(BURST, count))
  const total = sent.reduce((a, b) => a + b)
  expect(total).toBeGreaterThan(2 * BURST)
  expect(await by.deliver(wakes, atOnce)).toBe(wakes.length - total)
  expect(KEYS.map((key) => used.filter((one) => one === key).length)).toEqual(sent)
  expect(pagerduty.requests.map(({ status }) => status)).not.toContain(429)
  const items = await tableItems()
  expect(items.filter((item) => item.includes('"target#pager#'))).toHaveLength(3)
  expect(items.filter((item) => KEYS.some((key) => item.includes(key)))).toEqual([])
})

test('an incident is resolved by the key that opened it', async () => {
  vi.setSystemTime(Date.now() + 60_000)
  const wakes = await owed('pager', 9)
  expect(await by.deliver(wakes)).toBe(0)
  expect(new Set(states(wakes))).toEqual(new Set(['open']))
  vi.setSystemTime(Date.now() + 60_000)
  const opened = [...used].sort()
  used.length = 0
  expect(await by.deliver((await Promise.all(wakes.map((one) => by.over(one)))).flat())).toBe(0)
  expect(new Set(states(wakes))).toEqual(new Set(['resolved']))
  expect([...used].sort()).toEqual(opened)
})

test('a shared incident has one key, whichever of its alerts comes and goes', async () => {
  vi.setSystemTime(Date.now() + 60_000)
  const [a, b, c] = (await owed('group', 3)) as [Wake, Wake, Wake]
  await by.deliver([a, b])
  vi.setSystemTime(Date.now() + 60_000)
  await by.deliver(c)
  for (const one of [a, c, b]) await by.deliver(await by.over(one))
  expect(new Set(used).size).toBe(1)
  const incidents = pagerduty.incidents().filter(({ dedupKey }) => dedupKey.includes('Shop/group'))
  expect(incidents.map(({ state }) => state)).toEqual(['resolved'])
})

test('a key that PagerDuty asks to wait is left alone, and the others are not', async () => {
  vi.setSystemTime(Date.now() + 60_000)
  const [first] = KEYS
  const isFirst = (dedupKey: unknown) => inTurn(String(dedupKey)) === first
  pagerduty.answerBy(({ body }) => (isFirst((body as { dedup_key: string }).dedup_key) ? { status: 429 } : undefined))
  const wakes = await owed('refused', 12)
  const own = wakes.filter(({ fingerprint }) => isFirst(fingerprint))
  const [one, ...more] = own
  const others = wakes.filter((wake) => !own.includes(wake))
  expect(await by.deliver(one as Wake, atOnce)).toBe(1)
  expect(await by.deliver([...others, ...more], atOnce)).toBe(more.length)
  expect(more.length).toBeGreaterThan(0)
  // Only the first was called for its key.
  expect(pagerduty.requests.filter(({ status }) => status === 429)).toHaveLength(1)
  expect(new Set(states(others))).toEqual(new Set(['open']))
})

test('one key has the pace of its channel, under its name', async () => {
  vi.setSystemTime(Date.now() + 60_000)
  const wakes = await owed('alone', 12)
  expect(await by.deliver(wakes, atOnce)).toBe(12 - BURST)
  expect(used).toEqual(Array.from({ length: BURST }, () => KEYS[0]))
  const items = (await tableItems()).filter((item) => item.includes('"target#alone'))
  expect(items).toEqual([expect.stringContaining('"target#alone"')])
})

test('a wrong line of the secret is named, not shown', async () => {
  const [wake] = (await owed('wrong', 1)) as [Wake]
  expect(await by.deliver(wake)).toBe(1)
  const { log } = await by.known(wake)
  expect(log[0]?.reason).toContain('line 2 is not an integration key')
  expect(JSON.stringify(log)).not.toMatch(new RegExp(`hunter2|${KEYS[0]}`))
  expect(used).toEqual([])
})
