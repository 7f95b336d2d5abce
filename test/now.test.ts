import { describe, expect, test } from 'vitest'
import type { Ask, ChangedStack, Changes, HealthEvent, LogRows, Outcome, Point } from '../shared/questions/ask.ts'
import { awsHealth, changesIn, stacksIn } from '../shared/questions/changes.ts'
import { dataLogs, errorPatterns } from '../shared/questions/lines.ts'
import { availability, durationsNow, errorsNow, figuresNow } from '../shared/questions/now.ts'
import type { Span } from '../shared/questions/spans.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

/*
 * What is asked during an incident: Thursday, from 06:30 to 07:30 in Berlin.
 */

const SPAN: Span = { from: '2026-11-26T05:30:00.000Z', to: '2026-11-26T06:30:00.000Z' }
const START_S = Date.parse(SPAN.from) / 1_000
const END_S = Date.parse(SPAN.to) / 1_000
/** The last two minutes. */
const [BEFORE_S, LAST_S] = [END_S - 120, END_S - 60]
const DAY_S = 86_400

/** One value in each five minutes of a span. */
const each = (value: number, from = START_S): Point[] =>
  Array.from({ length: 12 }, (_, at): Point => [from + at * 300, value])

/** By the metric, and whether it is of the span or of what it is compared with. */
const metrics =
  (now: Record<string, Point[]>, before: Record<string, Point[]> = {}) =>
  (ask: Ask): Outcome => {
    if (ask.kind !== 'metric') throw new Error(`asked for ${ask.kind}`)
    return found<'metric'>((ask.from === SPAN.from ? now : before)[ask.series.metric] ?? [])
  }

describe('errors of a function', () => {
  const asked = (now: Record<string, Point[]>, before?: Record<string, Point[]>, span = SPAN) =>
    answer(errorsNow(CONTEXT, span), 'errors now data-processor', metrics(now, before))
  const runs = each(1_000)

  test.each<[string, number, string]>([
    ['as many as the objective allows', 1, 'good'],
    ['more', 2, 'bad'],
  ])('%s', (_what, errors, verdict) => {
    expect(asked({ Invocations: runs, Errors: each(errors) }).verdict).toBe(verdict)
  })

  test('stand beside the same time of the day before', () => {
    const before = { Invocations: each(1_000, START_S - DAY_S), Errors: each(10, START_S - DAY_S) }
    const answered = asked({ Invocations: runs, Errors: each(20), Throttles: each(1) }, before)
    expect(answered.says).toBe('2 % (240 of 12,000), 12 throttled')
    expect(answered.compared).toEqual(['+100 % against the same time of the day before (1 %)'])
  })

  test('over days, beside as many days before', () => {
    const span = { from: SPAN.from, to: '2026-11-28T05:30:00.000Z' }
    const asks = errorsNow(CONTEXT, span)[0]?.asks as Record<string, { from: string; to: string }>
    expect([asks.runsBefore?.from, asks.runsBefore?.to]).toEqual(['2026-11-24T05:30:00.000Z', SPAN.from])
  })

  test('without an objective, twice as many as before are too many', () => {
    const platform = { ...CONTEXT.platform, objectives: {} }
    const of = (errors: number) =>
      answer(
        errorsNow({ ...CONTEXT, platform }, SPAN),
        'errors now data-processor',
        metrics({ Invocations: runs, Errors: each(errors) }, { Invocations: runs, Errors: each(10) }),
      ).verdict
    expect([of(20), of(21)]).toEqual(['good', 'bad'])
  })

  test('not invoked: no data', () => {
    expect(asked({}).verdict).toBe('no data')
  })
})

test.each([
  [150, 'good'],
  [151, 'bad'],
])('a p95 of %i ms, after 100 ms the day before: %s', (ms, verdict) => {
  const asked = answer(
    durationsNow(CONTEXT, SPAN),
    'duration now data-processor',
    metrics({ Duration: each(ms) }, { Duration: each(100) }),
  )
  expect(asked.verdict).toBe(verdict)
})

describe('availability', () => {
  const asked = (points: Point[]) =>
    answer(availability(CONTEXT, SPAN), 'availability availability', metrics({ SystemAvailability: points }))

  test.each<[string, Point[], string, string]>([
    ['all answer', [[LAST_S, 100]], 'good', '100 % at Thu 2026-11-26 07:29'],
    [
      'one does not',
      [
        [BEFORE_S, 100],
        [LAST_S, 50],
      ],
      'bad',
      '50 % at Thu 2026-11-26 07:29',
    ],
    [
      'all answer again',
      [
        [BEFORE_S, 50],
        [LAST_S, 100],
      ],
      'good',
      '100 % at Thu 2026-11-26 07:29',
    ],
  ])('%s', (_what, points, verdict, says) => {
    expect(asked(points)).toMatchObject({ verdict, says })
  })

  test('says for how long not all have answered', () => {
    expect(
      asked([
        [BEFORE_S, 50],
        [LAST_S, 100],
      ]).compared,
    ).toEqual(['not all of them in 60 s of 2 min'])
  })

  test('a probe that has stopped says nothing about now', () => {
    expect(asked([[START_S, 100]])).toMatchObject({
      verdict: 'no data',
      says: '100 % at Thu 2026-11-26 06:30, and nothing since: the probe does not measure',
    })
  })

  test('of an incident that has ended, what failed counts, not how it ended', () => {
    const points: Point[] = [
      [BEFORE_S, 50],
      [LAST_S, 100],
    ]
    const over = availability(CONTEXT, SPAN, true)
    expect(answer(over, 'availability availability', metrics({ SystemAvailability: points }))).toMatchObject({
      verdict: 'bad',
      says: 'not all of them in 60 s of 2 min',
    })
  })

  test.each([
    ['of today', SPAN.from, 60],
    ['of three weeks ago', '2026-11-05T05:30:00.000Z', 300],
    ['of three months ago', '2026-08-26T05:30:00.000Z', 3_600],
  ])('%s, it is asked as finely as CloudWatch has it', (_what, from, periodS) => {
    const [one] = availability(CONTEXT, { from, to: SPAN.to })
    expect(one?.asks.answered).toMatchObject({ periodS })
  })

  test('nothing measured is not down, and not up', () => {
    expect(asked([])).toMatchObject({
      verdict: 'no data',
      says: expect.stringContaining('the probe has measured nothing'),
    })
  })
})

describe('a figure', () => {
  const asked = (points: Point[]) =>
    answer(figuresNow(CONTEXT, SPAN), 'figure now data-quality', metrics({ DataQualityScore: points }))

  test('says when it was last good', () => {
    expect(
      asked([
        [END_S - 1_800, 97],
        [END_S - 900, 94],
      ]),
    ).toMatchObject({
      verdict: 'bad',
      says: '94 % at Thu 2026-11-26 07:15',
      compared: ['last good at Thu 2026-11-26 07:00'],
      todo: 'Data quality: find out what changed before Thu 2026-11-26 07:00',
    })
  })

  test('or that it was not, as far back as was asked', () => {
    expect(asked([[END_S - 900, 94]]).compared).toEqual(['not good from Thu 2026-11-26 06:30 to Thu 2026-11-26 07:30'])
  })

  test('one value a day says nothing about an hour: it is not asked', () => {
    const ids = figuresNow(CONTEXT, SPAN).map(({ id }) => id)
    expect(ids).not.toContain('figure now cost-per-record')
    expect(ids).toContain('figure now batch-latency')
  })
})

describe('lines of logs', () => {
  const rows = (...all: Record<string, string>[]): Outcome =>
    found<'logs'>({ rows: all, bytes: 0, missing: [] } satisfies LogRows)

  test('errors are shown by what they have in common', () => {
    const pattern = { '@pattern': 'timed out after <*> ms', '@sampleCount': '3', '@ratio': '0.75' }
    expect(answer(errorPatterns(CONTEXT, SPAN), 'error patterns', () => rows(pattern))).toMatchObject({
      verdict: 'shown',
      says: 'one pattern',
      table: { rows: [['3', '75 %', 'timed out after <*> ms']] },
    })
    expect(answer(errorPatterns(CONTEXT, SPAN), 'error patterns', () => rows()).verdict).toBe('good')
  })

  test('each group is asked once, and services without a log are not', () => {
    const groups = ['/aws/lambda/data-processor', '/aws/lambda/data-validator', '/ecs/platform/streaming']
    expect(errorPatterns(CONTEXT, SPAN)[0]?.asks.lines).toMatchObject({ groups })
    const platform = { ...CONTEXT.platform, services: {} }
    expect([...errorPatterns({ ...CONTEXT, platform }, SPAN), ...dataLogs({ ...CONTEXT, platform }, SPAN)]).toEqual([])
  })
})

test('51 groups of logs are two queries, of 50 and of one', () => {
  const services = Object.fromEntries(
    Array.from({ length: 51 }, (_, at) => [
      `s${at}`,
      { type: 'lambda' as const, function: `s${at}`, owner: 'data', environment: 'production' },
    ]),
  )
  const asked = errorPatterns({ ...CONTEXT, platform: { ...CONTEXT.platform, services } }, SPAN)
  expect(asked).toMatchObject([
    { title: 'Errors in the logs, by pattern, part 1 of 2', asks: { lines: { groups: { length: 50 } } } },
    { title: 'Errors in the logs, by pattern, part 2 of 2', asks: { lines: { groups: { length: 1 } } } },
  ])
})

describe('changes', () => {
  const changes = (data: Changes, span = SPAN) =>
    answer(changesIn(CONTEXT, span), 'changes', () => found<'changes'>(data))
  const event = { at: '2026-11-26T06:00:00.000Z', by: 'ana', what: 'UpdateFunctionCode', of: 'data-processor' }

  test('who changed what, and that the last minutes may be missing', () => {
    const answered = changes({ events: [event], hasMore: false })
    expect(answered.table?.rows).toEqual([['Thu 2026-11-26 07:00', 'ana', 'UpdateFunctionCode', 'data-processor']])
    expect(answered.source.incomplete).toBe('CloudTrail shows changes up to 15 minutes late')
  })

  test('of a time that has passed, nothing is missing', () => {
    const yesterday = { from: '2026-11-25T05:30:00.000Z', to: '2026-11-25T06:30:00.000Z' }
    expect(changes({ events: [], hasMore: false }, yesterday).source.incomplete).toBeUndefined()
  })

  test('more than are listed: it says so', () => {
    expect(changes({ events: [event], hasMore: true }).source.incomplete).toBe(
      'CloudTrail has more changes than are shown',
    )
  })

  test.each<[string, string, string | undefined]>([
    ['UPDATE_COMPLETE', 'good', undefined],
    ['UPDATE_ROLLBACK_COMPLETE', 'bad', 'Look into the deployment of shop (UPDATE_ROLLBACK_COMPLETE)'],
    ['CREATE_FAILED', 'bad', 'Look into the deployment of shop (CREATE_FAILED)'],
  ])('a stack in %s: %s', (status, verdict, todo) => {
    const stack: ChangedStack = { name: 'shop', status, at: '2026-11-26T06:00:00.000Z' }
    const answered = answer(stacksIn(CONTEXT, SPAN), 'stacks', () => found<'stacks'>([stack]))
    expect([answered.verdict, answered.todo]).toEqual([verdict, todo])
  })

  test('a stack that was deployed after the span is not of it', () => {
    const stack: ChangedStack = { name: 'shop', status: 'CREATE_FAILED', at: '2026-11-26T06:31:00.000Z' }
    expect(answer(stacksIn(CONTEXT, SPAN), 'stacks', () => found<'stacks'>([stack])).verdict).toBe('good')
  })

  test.each([
    [true, 'bad', '1'],
    [false, 'good', 'none that is open'],
  ])('an issue of AWS, open: %s', (isOpen, verdict, says) => {
    const event: HealthEvent = { service: 'ECS', region: 'eu-west-1', what: 'AWS_ECS_OPERATIONAL_ISSUE', isOpen }
    const answered = answer(awsHealth(CONTEXT, SPAN), 'aws health', () => found<'health'>([event]))
    expect([answered.verdict, answered.says]).toEqual([verdict, says])
    expect(answered.table?.rows).toHaveLength(1)
  })
})
