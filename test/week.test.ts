import { describe, expect, test } from 'vitest'
import type { Ask, DayOfCost, Outcome, Point } from '../shared/questions/ask.ts'
import { costThisWeek, figuresThisWeek, functionsThisWeek } from '../shared/questions/week.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

/*
 * A week beside the week before.
 */

const HOUR_S = 3_600
const END_S = Date.parse('2026-11-26T06:00:00Z') / 1_000
const WEEK_H = 7 * 24

/** Hour by hour over two weeks. */
const hours = (before: number, now: number): Point[] =>
  Array.from({ length: 2 * WEEK_H }, (_, at): Point => [END_S - (2 * WEEK_H - at) * HOUR_S, at < WEEK_H ? before : now])

const metrics =
  (of: Record<string, Point[]>) =>
  (ask: Ask): Outcome =>
    found<'metric'>(ask.kind === 'metric' ? (of[ask.series.metric] ?? []) : [])

describe('a function', () => {
  const asked = (of: Record<string, Point[]>) => answer(functionsThisWeek(CONTEXT), 'week data-processor', metrics(of))
  const runs = hours(10_000, 10_000)

  test.each<[string, Record<string, Point[]>, string, string | undefined]>([
    ['as before', { Errors: hours(1, 1), Duration: hours(100, 100) }, 'good', undefined],
    ['50 % more errors', { Errors: hours(2, 3), Duration: hours(100, 100) }, 'good', undefined],
    [
      'more than that',
      { Errors: hours(2, 4), Duration: hours(100, 100) },
      'bad',
      'Find out why data-processor fails more often than in the week before',
    ],
    [
      'slower by more than half',
      { Errors: hours(1, 1), Duration: hours(100, 151) },
      'bad',
      'Find out why data-processor is slower than in the week before',
    ],
    [
      'as many as before, and more than its objective allows',
      { Errors: hours(20, 20), Duration: hours(100, 100) },
      'bad',
      'Find out why data-processor fails more often than its objective allows',
    ],
    ['few errors are not compared', { Errors: [[END_S - HOUR_S, 19]], Duration: hours(100, 100) }, 'good', undefined],
  ])('%s', (_what, of, verdict, todo) => {
    const answered = asked({ Invocations: runs, ...of })
    expect([answered.verdict, answered.todo]).toEqual([verdict, todo])
  })

  test('says how it was before', () => {
    const answered = asked({ Invocations: runs, Errors: hours(2, 4), Duration: hours(100, 120) })
    expect(answered.says).toBe('0.04 % errors, p95 120 ms in a usual hour')
    expect(answered.compared).toEqual([
      'errors: +100 % against the week before (0.02 %)',
      'p95: +20 % against the week before (100 ms)',
      'invocations: the same against the week before (1,680,000)',
    ])
  })

  test('new this week: there is nothing to compare it with', () => {
    const since = hours(0, 1_000).filter(([time]) => time >= END_S - WEEK_H * HOUR_S)
    expect(asked({ Invocations: since, Errors: [], Duration: [] })).toMatchObject({ verdict: 'good', compared: [] })
  })

  test('not invoked: no data', () => {
    expect(asked({}).verdict).toBe('no data')
  })
})

describe('a figure', () => {
  const asked = (points: Point[]) =>
    answer(figuresThisWeek(CONTEXT), 'week figure data-quality', metrics({ DataQualityScore: points }))

  test.each<[string, Point[], object]>([
    ['good', hours(97, 95), { verdict: 'good', says: '95 % on average (Average of each hour)' }],
    [
      'bad',
      hours(97, 94.9),
      { verdict: 'bad', compared: expect.arrayContaining(['outside its bound in 168 of 168 hours']) },
    ],
    ['without data', [], { verdict: 'no data', bound: 'at least 95 %' }],
  ])('%s', (_what, points, wanted) => {
    expect(asked(points)).toMatchObject(wanted)
  })
})

describe('cost', () => {
  const day = (date: string, dollars: number): DayOfCost => ({
    ...{ day: date, isEstimate: true },
    services: { 'AWS Lambda': dollars, 'Amazon S3': 40 },
  })
  /** The 14 complete days until the 24th. */
  const days = (before: number, now: number) =>
    Array.from({ length: 14 }, (_, at) => day(`2026-11-${11 + at}`, at < 7 ? before : now))
  const asked = (costs: DayOfCost[]) => answer(costThisWeek(CONTEXT), 'week cost', () => found<'costs'>(costs))

  test('of seven complete days, by service, beside those before', () => {
    expect(asked([...days(60, 70), day('2026-11-25', 5)])).toMatchObject({
      verdict: 'good',
      says: '$770 from 2026-11-18 to 2026-11-24',
      compared: ['+10 % against the week before ($700)', 'AWS Lambda has risen most: by $70.00'],
      table: {
        rows: [
          ['AWS Lambda', '$490', '+17 %'],
          ['Amazon S3', '$280', 'the same'],
        ],
      },
    })
  })

  test.each([
    [199.9, 'good'],
    [200, 'bad'],
  ])('from 100 to %f dollars a day: %s', (now, verdict) => {
    expect(asked(days(100, now)).verdict).toBe(verdict)
  })

  test('less than seven complete days: no data', () => {
    expect(asked(days(1, 1).slice(8)).verdict).toBe('no data')
  })
})
