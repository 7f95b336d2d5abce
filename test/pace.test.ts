import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { table } from '../shared/aws/table.ts'
import { checkConfig } from '../shared/config/check.ts'
import { paceOf, pauseTarget, reserveSlots, slotsFrom } from '../shared/deliver/pace.ts'
import { startLocalEngine } from './local-engine.ts'

/** How often a channel is sent something, by all functions together. */
const NOW = Date.UTC(2026, 10, 3, 10)
const slack = paceOf('slack', undefined)

test.each([
  ['slack', 60],
  ['pagerduty', 120],
] as const)('%s: never more than %i in any minute', (type, most) => {
  const pace = paceOf(type, undefined)
  const { slots } = slotsFrom(0, 500, pace, NOW)
  for (const from of slots) {
    // Slack allows short bursts above its one a second.
    const burst = type === 'slack' ? pace.burst : 0
    expect(slots.filter((slot) => slot >= from && slot < from + 60_000).length).toBeLessThanOrEqual(most + burst)
  }
})

test('slots are in order, none lies in the past, and reserving in parts gives the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -100_000, max: 100_000 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      (ahead, count, first) => {
        const whole = slotsFrom(NOW + ahead, count, slack, NOW)
        expect(whole.slots.toSorted((a, b) => a - b)).toEqual(whole.slots)
        expect(Math.min(...whole.slots)).toBeGreaterThanOrEqual(NOW)
        const part = slotsFrom(NOW + ahead, Math.min(first, count), slack, NOW)
        const rest = slotsFrom(part.freeAt, count - part.slots.length, slack, NOW)
        expect([...part.slots, ...rest.slots]).toEqual(whole.slots)
      },
    ),
  )
})

test('a channel with a higher limit is sent more', () => {
  const pace = paceOf('pagerduty', 1_100)
  expect(pace).toEqual({ intervalMs: 60_000 / 1_100, burst: 100 })
})

describe('functions that reserve at the same time', () => {
  beforeAll(async () => {
    const engine = await startLocalEngine(
      checkConfig({
        channels: { chat: { type: 'slack', secret: 'chat' } },
        severities: {
          critical: { channels: ['chat'] },
          warning: { channels: ['chat'] },
          info: { channels: ['chat'] },
        },
        default: { severity: 'info' },
        rules: [],
      }),
    )
    return () => engine.stop()
  })

  test('share the target: no two get the same slot', async () => {
    const reserved = await Promise.all(Array.from({ length: 6 }, () => reserveSlots('shared', 2, slack, 60_000, NOW)))
    const slots = reserved.flatMap(({ slots }) => slots).toSorted((a, b) => a - b)
    expect(slots).toEqual(slotsFrom(0, 12, slack, NOW).slots)
  })

  test('get none that is too late for them, and learn when to ask again', async () => {
    const { slots, nextAt } = await reserveSlots('late', 20, slack, 2_000, NOW)
    expect(slots).toHaveLength(7)
    expect(nextAt).toBe(NOW + 3_000)
  })

  test('get none while the channel has asked to wait', async () => {
    await pauseTarget('asked', slack, NOW + 60_000, NOW)
    expect(await reserveSlots('asked', 1, slack, 10_000, NOW)).toEqual({ slots: [], nextAt: NOW + 60_000 })
    const after = await reserveSlots('asked', 1, slack, 10_000, NOW + 60_000)
    expect(after.slots).toEqual([NOW + 60_000])
  })

  test('pay one write each, whether the target rests or is busy; whoever does not know that it is, one more', async () => {
    const calls = vi.spyOn(table, 'send')
    const callsOf = async (of: string, now: number) => {
      calls.mockClear()
      await reserveSlots(of, 1, slack, 60_000, now)
      return calls.mock.calls.map(([command]) => command.constructor.name)
    }
    const write = 'UpdateItemCommand'
    expect(await callsOf('quiet', NOW)).toEqual([write])
    expect(await callsOf('quiet', NOW + 100)).toEqual([write])
    expect(await callsOf('quiet', NOW + 60_000)).toEqual([write])
    // As if another function had sent there meanwhile.
    await pauseTarget('quiet', slack, NOW + 90_000, NOW)
    const [first, ...others] = await callsOf('quiet', NOW + 60_200)
    expect(first).toBe(write)
    expect(others.filter((one) => one === write)).toHaveLength(1)
    calls.mockRestore()
  })
})
