import fc from 'fast-check'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { describe, expect, test } from 'vitest'
import type { Point } from '../shared/questions/ask.ts'
import { daysUntil, inDays, trendOf } from '../shared/questions/trend.ts'

const DAY_S = 86_400
/** The first day's beginning. */
const START_S = Date.parse('2026-10-01T00:00:00Z') / 1_000

const days = (values: number[]): Point[] => values.map((value, day) => [START_S + day * DAY_S, value])
const line = (count: number, from: number, perDay: number): number[] =>
  Array.from({ length: count }, (_, day) => from + perDay * day)
/** After so many days. */
const after = (count: number) => new Date((START_S + count * DAY_S) * 1_000)

/** From 0 to 1, the same for the same seed. */
function noise(seed: number): () => number {
  const generator = xoroshiro128plus(seed)
  // The first numbers of neighbouring seeds are alike.
  for (let skipped = 0; skipped < 50; skipped++) generator.next()
  return () => (generator.next() >>> 0) / 2 ** 32
}

const slope = fc.double({ min: 0.5, max: 1_000, noNaN: true }).chain((size) => fc.constantFrom(size, -size))
const base = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('a trend', () => {
  test('of a line is its slope, and sure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 14, max: 60 }), base, slope, (count, from, perDay) => {
        const trend = trendOf(days(line(count, from, perDay)))
        expect(trend?.perDay).toBeCloseTo(perDay, 4)
        expect(trend?.between[0]).toBeCloseTo(perDay, 4)
        expect(trend?.between[1]).toBeCloseTo(perDay, 4)
        expect(trend?.at(START_S + count * DAY_S)).toBeCloseTo(from + perDay * (count - 1), 2)
      }),
    )
  })

  test('is the same with a fifth of the days wrong, however wrong', () => {
    const wrong = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 60 }).chain((count) =>
          fc.record({
            count: fc.constant(count),
            at: fc.uniqueArray(fc.nat(count - 1), { maxLength: Math.floor(count / 5) }),
          }),
        ),
        fc.array(wrong, { minLength: 12, maxLength: 12 }),
        slope,
        ({ count, at }, outliers, perDay) => {
          const values = line(count, 1_000, perDay)
          for (const [index, day] of at.entries()) values[day] = outliers[index] ?? 0
          expect(trendOf(days(values))?.perDay).toBeCloseTo(perDay, 4)
        },
      ),
    )
  })

  test('is seen in noise as wide as two weeks of it', () => {
    const seen = Array.from({ length: 100 }, (_, seed) => {
      const random = noise(seed)
      return trendOf(days(line(35, 500, 4).map((value) => value + 56 * (random() - 0.5))))
    })
    expect(seen.filter((trend) => trend === undefined)).toEqual([])
    const right = seen.filter((trend) => trend && trend.between[0] <= 4 && 4 <= trend.between[1])
    expect(right.length).toBeGreaterThanOrEqual(90)
  })

  test.each([14, 35, 56])('is none in noise of %i days, but for the one in twenty that chance makes', (count) => {
    const found = Array.from({ length: 300 }, (_, seed) => {
      const random = noise(seed)
      return trendOf(days(Array.from({ length: count }, () => 100 * random())))
    }).filter((trend) => trend !== undefined)
    expect(found.length).toBeLessThanOrEqual(24)
  })

  test.each<[string, number[]]>([
    ['nothing', []],
    ['13 days', line(13, 0, 1)],
    ['the same each day', line(35, 7, 0)],
    ['the same week five times', Array.from({ length: 35 }, (_, day) => (day % 7 < 5 ? 820 : 410))],
  ])('is none in %s', (_what, values) => {
    expect(trendOf(days(values))).toBeUndefined()
  })
})

describe('the days until a limit is reached', () => {
  const until = (values: number[], value: number, is: 'at least' | 'at most') => {
    const trend = trendOf(days(values))
    return trend && daysUntil({ value, is }, trend, after(values.length))
  }

  test.each<[string, number[], number, 'at least' | 'at most', string | undefined]>([
    ['from below', line(20, 100, 5), 295, 'at most', 'in 20 days'],
    ['from above', line(20, 295, -5), 100, 'at least', 'in 20 days'],
    ['reached already', line(20, 100, 5), 150, 'at most', 'in 0 days'],
    ['moving away', line(20, 100, 5), 0, 'at least', undefined],
    ['sinking below a limit above', line(20, 100, -5), 200, 'at most', undefined],
  ])('%s', (_what, values, value, is, text) => {
    const found = until(values, value, is)
    expect(found && inDays(found)).toBe(text)
  })

  test('are a span, the earliest first, as the slope is not sure', () => {
    const random = noise(7)
    const found = until(
      line(35, 500, -10).map((value) => value + 100 * (random() - 0.5)),
      0,
      'at least',
    )
    const [earliest = 0, latest = 0] = found ?? []
    expect(earliest).toBeLessThan(16)
    expect(latest).toBeGreaterThan(16)
  })
})

test.each<[[number, number], string]>([
  [[17.4, 23.2], 'in 17 to 24 days'],
  [[19.9999, 20.0001], 'in 20 days'],
  [[1, 1], 'in 1 day'],
  [[400, 9_000], 'in 400 days at the earliest'],
  [[731.5, 9_000], 'not within two years'],
])('%j is %s', (span, text) => {
  expect(inDays(span)).toBe(text)
})
