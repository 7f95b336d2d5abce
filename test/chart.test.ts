import { expect, test } from 'vitest'
import { chart } from '../shared/reports/chart.ts'

const DAY_S = 86_400
const MIDNIGHT = Date.parse('2026-11-24T00:00:00Z') / 1_000

const daysOn = (periodS: number, timezone: string): string[] => {
  const points: [number, number][] = [MIDNIGHT, MIDNIGHT + 2 * DAY_S].map((time) => [time, 1])
  const drawn = chart({ points, periodS, unit: 'Count' }, timezone, 'a graph')
  return [...drawn.matchAll(/>(\w{3} \d{4}-\d\d-\d\d)</g)].map(([, day = '']) => day)
}

const UTC_DAYS = ['Tue 2026-11-24', 'Thu 2026-11-26']
const DAYS_BEFORE = ['Mon 2026-11-23', 'Wed 2026-11-25']

test.each([
  ['days', DAY_S, 'Europe/Berlin', UTC_DAYS],
  ['days', DAY_S, 'America/St_Johns', UTC_DAYS],
  ['days', DAY_S, 'Pacific/Kiritimati', UTC_DAYS],
  ['months', 30 * DAY_S, 'America/St_Johns', UTC_DAYS],
  ['hours', 3_600, 'Europe/Berlin', UTC_DAYS],
  ['hours', 3_600, 'America/St_Johns', DAYS_BEFORE],
  ['almost a day', DAY_S - 1, 'America/St_Johns', DAYS_BEFORE],
])('a graph of %s (%i s) in %s begins and ends on %j', (_what, periodS, timezone, days) => {
  expect(daysOn(periodS, timezone)).toEqual(days)
})
