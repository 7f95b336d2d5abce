import { describe, expect, test } from 'vitest'
import type { Ask, DayOfCost, Outcome, Point } from '../shared/questions/ask.ts'
import { dailyCost } from '../shared/questions/cost.ts'
import { dayAsks, dayValues } from '../shared/questions/day-values.ts'
import type { Context } from '../shared/questions/question.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'

/*
 * What the daily report publishes: the cost of each day, and the cost of a record.
 */

const CONTEXT: Context = {
  platform: shippedPlatform(),
  rules: SHIPPED_RULES,
  now: new Date('2026-11-27T06:30:00Z'),
  days: 7,
  routerMetrics: 'alert-router/prod',
}

const day = (date: string, ...costs: number[]): DayOfCost => ({
  day: date,
  isEstimate: true,
  services: Object.fromEntries(costs.map((cost, at) => [`service ${at}`, cost])),
})
const DAYS = [day('2026-11-24', 100, 20), day('2026-11-25', 200, 40), day('2026-11-26', 1)]
const RECORDS: Point[] = [
  [Date.parse('2026-11-24') / 1_000, 1_000],
  [Date.parse('2026-11-25') / 1_000, 2_000],
]

const found = (data: unknown) => ({ data, asOf: '2026-11-27T06:30:00Z' }) as Outcome
const REFUSED: Outcome = { refused: { why: 'this role may not' } }

const published = (costs: Outcome, records: Outcome, context = CONTEXT) =>
  dayValues(context, ({ kind }: Ask) => (kind === 'costs' ? costs : records)).map(
    ({ metric, value, at }) => `${metric} ${value} ${at.toISOString()}`,
  )

test('each complete day, with its own time: one without a run has its value by the next', () => {
  expect(published(found(DAYS), found(RECORDS))).toEqual([
    'DailyCost 120 2026-11-24T23:59:00.000Z',
    'DailyCost 240 2026-11-25T23:59:00.000Z',
    'CostPerRecord 0.12 2026-11-24T23:59:00.000Z',
    'CostPerRecord 0.12 2026-11-25T23:59:00.000Z',
  ])
})

describe('what is not known is not published', () => {
  test.each<[string, Outcome, Outcome, string[]]>([
    ['costs are refused', REFUSED, found(RECORDS), []],
    ['records are refused', found(DAYS), REFUSED, ['DailyCost', 'DailyCost']],
    ['a day without records', found(DAYS), found(RECORDS.slice(1)), ['DailyCost', 'DailyCost', 'CostPerRecord']],
    ['a day of 0 records', found(DAYS.slice(0, 1)), found([[Date.parse('2026-11-24') / 1_000, 0]]), ['DailyCost']],
    ['a day of which Cost Explorer has nothing', found([day('2026-11-24')]), found(RECORDS), []],
  ])('%s', (_what, costs, records, metrics) => {
    expect(published(costs, records).map((text) => text.split(' ')[0])).toEqual(metrics)
  })
})

test('its costs are those of the daily report: they are asked once', () => {
  const [costs, ...others] = dayAsks(CONTEXT)
  expect(dailyCost(CONTEXT)[0]?.asks.days).toEqual(costs)
  expect(others).toMatchObject([
    {
      ...{ kind: 'metric', statistic: 'Sum', periodS: 86_400 },
      ...{ from: '2026-11-17T00:00:00.000Z', to: '2026-11-27T00:00:00.000Z' },
    },
  ])
})

test('CloudWatch takes what it is given: no older than two weeks', () => {
  const { from } = dayAsks(CONTEXT)[0] as { from: string }
  expect((CONTEXT.now.getTime() - Date.parse(from)) / 86_400_000).toBeLessThan(14)
})

test('a file without such metrics asks nothing and publishes nothing', () => {
  const context = { ...CONTEXT, platform: { ...CONTEXT.platform, metrics: {} } }
  expect([dayAsks(context), published(found(DAYS), found(RECORDS), context)]).toEqual([[], []])
})
