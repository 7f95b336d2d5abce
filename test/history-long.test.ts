import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import type { Change } from '../shared/history/alert-history.ts'
import { changesIn } from '../shared/history/changes.ts'
import { readAlertHistory, type Which } from '../shared/history/find.ts'
import type { Item } from '../shared/history/items.ts'
import { Logs } from '../shared/history/logs.ts'
import { firing } from './alert-samples.ts'
import { Life } from './kept-life.ts'
import { startLocalEngine } from './local-engine.ts'

const START = Date.parse('2026-09-01T00:00:00.000Z')
const timeOf = (n: number) => new Date(START + n * 60_000).toISOString()
const keyOf = (n: number) => `change#${timeOf(n)}#message-${n}#0`

/** The n-th change, with the outcome of the previous one. */
function itemOf(n: number): Item {
  const alert: Alert = { ...firing.alert, changedAt: timeOf(n), status: n % 2 === 0 ? 'firing' : 'resolved' }
  const before = { change: keyOf(n - 1), status: 'firing', outcome: 'delivered', at: timeOf(n - 1) }
  const L = ['pager', 'chat'].map((S) => ({ S }))
  return {
    ...{ pk: { S: alert.fingerprint }, sk: { S: keyOf(n) }, alert: { S: JSON.stringify(alert) } },
    ...{
      severity: { S: 'critical' },
      rule: { S: 'default' },
      because: { L: [] },
      extras: { S: '{}' },
      channels: { L },
    },
    ...{ outcome: { S: 'sent' }, messageId: { S: `message-${n}` }, recordedAt: { S: timeOf(n) } },
    earlier: { S: JSON.stringify(n === 0 ? {} : { pager: [before], chat: [before] }) },
  }
}

describe('20,000 changes of one alert', () => {
  const COUNT = 20_000
  let looks = 0
  let most = 0
  const notified: Change[] = []

  beforeAll(async () => {
    let given = 0
    function* items() {
      for (; given < COUNT; given++) {
        yield new Proxy(itemOf(given), {
          get(item, name: string) {
            looks++
            return item[name]
          },
        })
      }
    }
    const logs = new Logs()
    const sources = { state: undefined, logs, earlierDeliveries: () => expect.fail('none of these is of that form') }
    for await (const change of changesIn(items(), sources)) {
      notified.push(change)
      if (given < COUNT) most = Math.max(most, given - notified.length, logs.size)
    }
  })

  test('are shown in order, each with its outcome', () => {
    expect(notified.map(({ alert }) => alert.changedAt)).toEqual(Array.from({ length: COUNT }, (_, n) => timeOf(n)))
    const statuses = notified.map(({ deliveries }) => deliveries.map(({ status }) => status).join())
    expect(new Set(statuses.slice(0, -1))).toEqual(new Set(['delivered,delivered']))
    expect(statuses.at(-1)).toBe('unknown,unknown')
  })

  test('each cost the same: a fixed number of reads per item', () => expect(looks / COUNT).toBeLessThan(40))

  test('are not all in memory at once', () => expect(most).toBeLessThan(1_100))
})

describe('it reads from the table', () => {
  const COUNT = 60
  let engine: Engine
  let read = 0
  const client = new DynamoDBClient({})
  const config = checkConfig({
    channels: { chat: { type: 'slack', secret: 'chat' } },
    severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
    default: { severity: 'critical' },
    rules: [],
  })

  beforeAll(async () => {
    engine = await startLocalEngine(config)
    const life = Life.of(firing.alert, config)
    for (let n = 0; n < COUNT; n++) {
      const at = new Date(timeOf(n))
      await life.comes({ ...firing.alert, changedAt: timeOf(n), status: n % 2 === 0 ? 'firing' : 'resolved' }, at)
      await life.notified('chat', at)
    }
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args)
        read += (result.output as { Items?: unknown[] }).Items?.length ?? 0
        return result
      },
      { step: 'initialize' },
    )
  })
  afterAll(() => engine.stop())

  async function changes(which: Which) {
    read = 0
    const history = await readAlertHistory(client, process.env.TABLE_NAME ?? '', firing.alert.fingerprint, which)
    const notified: Change[] = []
    for await (const change of history?.changes ?? []) notified.push(change)
    expect(notified.flatMap(({ deliveries }) => deliveries.map(({ status }) => status))).toEqual(
      notified.map(() => 'delivered'),
    )
    return {
      times: notified.map(({ alert }) => alert.changedAt),
      hasEarlier: history?.hasEarlier,
      unsent: history?.unsent,
      read,
    }
  }

  test('only the end, without a time', async () => {
    const { times, hasEarlier, read } = await changes({ last: 10 })
    expect([times, hasEarlier]).toEqual([Array.from({ length: 10 }, (_, n) => timeOf(50 + n)), true])
    // With its state.
    expect(read).toBeLessThanOrEqual(26)
  })

  test('only the changes since a time', async () => {
    const { times, read } = await changes({ since: timeOf(55) })
    expect(times).toEqual([55, 56, 57, 58, 59].map(timeOf))
    expect(read).toBeLessThanOrEqual(7)
  })

  test('the last changes since a time; earlier ones are only counted', async () => {
    const { times, unsent, read } = await changes({ since: timeOf(5), last: 3 })
    expect([times, unsent]).toEqual([[57, 58, 59].map(timeOf), 52])
    expect(read).toBeLessThanOrEqual(COUNT)
    expect(await changes({ since: timeOf(57), last: 3 })).toMatchObject({ hasEarlier: false, unsent: undefined })
  })

  test('all, on request', async () => {
    expect((await changes({ since: timeOf(0) })).times).toHaveLength(COUNT)
    expect((await changes({})).times).toHaveLength(COUNT)
    expect(await changes({ last: 100 })).toMatchObject({ hasEarlier: false, times: { length: COUNT } })
  })
})
