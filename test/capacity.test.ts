import { describe, expect, test } from 'vitest'
import type { Answer } from '../shared/questions/answer.ts'
import type { Ask, DayOfCost, Forecast, LambdaLimits, Point, Quotas, QuotaUse } from '../shared/questions/ask.ts'
import { concurrency } from '../shared/questions/concurrency.ts'
import { monthlyCost } from '../shared/questions/month-cost.ts'
import { quotas } from '../shared/questions/quotas.ts'
import { databases, storage } from '../shared/questions/storage.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

const DAY_S = 86_400
/** The last complete day of UTC before the report. */
const LAST_S = Date.parse('2026-11-25T00:00:00Z') / 1_000

/** A value for each of so many days, the last at the end. */
const byDay = (count: number, value: (daysBack: number) => number): Point[] =>
  Array.from({ length: count }, (_, at): Point => [LAST_S - (count - 1 - at) * DAY_S, value(count - 1 - at)])

const metrics = (of: Record<string, Point[]>, other: (ask: Ask) => ReturnType<typeof found> = () => found([])) => {
  return (ask: Ask) => (ask.kind === 'metric' ? found<'metric'>(of[ask.series.metric] ?? []) : other(ask))
}

const GB = 1e9

describe('the free storage of a database', () => {
  const free = (points: Point[]) =>
    answer(storage(CONTEXT), 'course warehouse.FreeStorageSpace', metrics({ FreeStorageSpace: points }))
  /** Full so many days after the last one, at 10 GB a day. */
  const fullIn = (days: number, count = 35) => free(byDay(count, (back) => (days + back) * 10 * GB))

  test.each<[string, Answer, Answer['verdict'], RegExp]>([
    ['full in three weeks', fullIn(20), 'bad', /^200 GB free: full in 19 to 20 days, from 2026-12-15 on$/],
    ['within the bound', fullIn(46), 'bad', /full in 45 to 46 days, from 2027-01-10 on$/],
    ['after the bound', fullIn(47), 'good', /full in 46 to 47 days, from 2027-01-11 on$/],
    ['full', fullIn(0), 'bad', /^0 bytes free: full$/],
    ['full in ten years', free(byDay(35, (back) => 1_000 * GB + back * 0.2 * GB)), 'good', /^1 TB free$/],
    ['more each day', free(byDay(35, (back) => (500 - back) * GB)), 'good', /^500 GB free$/],
    ['the same each day', free(byDay(35, () => 500 * GB)), 'good', /^500 GB free$/],
    ['no two weeks of days', fullIn(20, 13), 'shown', /^200 GB free$/],
    ['two weeks of days', fullIn(20, 14), 'bad', /full in 19 to 20 days/],
    ['never published', free([]), 'no data', /^nothing was published$/],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says: expect.stringMatching(says) })
    expect(answered.todo === undefined).toBe(verdict !== 'bad')
  })

  test('says how it moves, and how sure that is', () => {
    expect(fullIn(20).compared).toEqual(['falls by 10 GB a day, over 35 days; the figure is of 2026-11-25'])
    expect(free(byDay(35, () => 5 * GB)).compared?.[0]).toMatch(/^no trend in 35 days/)
    expect(free(byDay(9, (back) => back * GB)).compared?.[0]).toMatch(/^no trend yet: 9 of 14 days/)
    const unsure = free(byDay(35, (back) => (300 + 10 * back + ((back * 7) % 5) * 12) * GB))
    expect(unsure.compared?.[0]).toMatch(/^falls by 9\.\d+ GB to 10\.\d+ GB a day/)
    expect(unsure.says).toMatch(/full in \d+ to \d+ days/)
  })

  test('is asked by complete days of UTC', () => {
    expect(fullIn(20).source).toMatchObject({ from: '2026-10-01T00:00:00.000Z', to: '2026-11-26T00:00:00.000Z' })
  })
})

test('a bucket is never full: it says what it would be in a year', () => {
  const size = (points: Point[]) => answer(storage(CONTEXT), 'size lake', metrics({ BucketSizeBytes: points }))
  expect(size(byDay(35, (back) => (1_000 - back) * GB))).toMatchObject({
    ...{ verdict: 'shown', says: '1 TB' },
    compared: ['rises by 1 GB a day, over 35 days', 'at this pace 1.37 TB in a year'],
  })
  expect(size([]).verdict).toBe('no data')
})

describe('what a database uses', () => {
  test.each<[string, string, Point[], Answer['verdict'], RegExp]>([
    ['CPUUtilization', 'steady', byDay(35, () => 80), 'good', /^80 % on average$/],
    ['CPUUtilization', 'over', byDay(35, () => 80.1), 'bad', /^80.1 % on average: above 80 %$/],
    ['CPUUtilization', 'over soon', byDay(35, (back) => 75 - back * 0.2), 'bad', /^75 % on average: above 80 % in 24/],
    [
      'CPUUtilization',
      'over later',
      byDay(35, (back) => 70 - back * 0.1),
      'good',
      /^70 % on average: above 80 % in 99/,
    ],
    ['FreeableMemory', 'none left', byDay(35, (back) => back * GB), 'bad', /^0 bytes free: none left$/],
    ['DatabaseConnections', 'rising', byDay(35, (back) => 900 - back), 'shown', /^900 at the peak$/],
  ])('%s %s', (metric, _what, points, verdict, says) => {
    expect(answer(databases(CONTEXT), `course warehouse.${metric}`, metrics({ [metric]: points }))).toMatchObject({
      verdict,
      says: expect.stringMatching(says),
    })
  })
})

describe('the concurrency of the account', () => {
  const LIMITS: LambdaLimits = { all: 1_000, unreserved: 1_000, reserved: {} }
  const account = (all: Point[], limits = LIMITS, unreserved = all) =>
    answer(
      concurrency(CONTEXT),
      'concurrency',
      metrics({ ConcurrentExecutions: all, UnreservedConcurrentExecutions: unreserved }, () =>
        found<'lambda-limits'>(limits),
      ),
    )
  const steady = (value: number) => byDay(35, () => value)

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['room', account(steady(800)), 'good', '800 of 1,000 (80 %) at the peak'],
    ['little room', account(steady(801)), 'bad', '801 of 1,000 (80 %) at the peak'],
    [
      'room for all, but not for those that share',
      account(steady(700), { ...LIMITS, unreserved: 400 }, steady(330)),
      'bad',
      '700 of 1,000 (70 %) at the peak; 330 of 400 (83 %) of what no function reserves',
    ],
    ['full soon', account(byDay(35, (back) => 600 - 10 * back)), 'bad', '600 of 1,000 (60 %) at the peak'],
    ['full later', account(byDay(35, (back) => 500 - 5 * back)), 'good', '500 of 1,000 (50 %) at the peak'],
    [
      'a peak of long ago',
      account(byDay(35, (back) => (back === 14 ? 990 : 300))),
      'good',
      '300 of 1,000 (30 %) at the peak',
    ],
    [
      'a peak of two weeks',
      account(byDay(35, (back) => (back === 13 ? 990 : 300))),
      'bad',
      '990 of 1,000 (99 %) at the peak',
    ],
    ['nothing ran', account([]), 'no data', 'no function has run'],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('proposes a higher limit, and changes none', () => {
    expect(account(steady(820)).proposals).toEqual([
      {
        command:
          'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1400',
        effect: 'AWS decides about a limit of 1,400 in place of 1,000, in this region',
        risk: expect.any(String),
        back: expect.any(String),
      },
    ])
    expect(account(steady(100)).proposals).toBeUndefined()
  })

  const reserved = (used: Point[], most?: number) =>
    answer(
      concurrency(CONTEXT),
      'concurrency data-processor',
      metrics({ ConcurrentExecutions: used }, () =>
        found<'lambda-limits'>({ ...LIMITS, reserved: most === undefined ? {} : { 'data-processor': most } }),
      ),
    )

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['none of its own', reserved(steady(50)), 'shown', '50 at the peak, nothing reserved'],
    ['room', reserved(steady(80), 100), 'good', '80 of 100 (80 %) of what it has reserved'],
    ['little room', reserved(steady(81), 100), 'bad', '81 of 100 (81 %) of what it has reserved'],
    ['switched off', reserved([], 0), 'bad', 'switched off: 0 are reserved'],
    ['not invoked', reserved([], 100), 'no data', 'not invoked'],
  ])('a function with %s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('the way back is the reservation as it was', () => {
    expect(reserved(steady(90), 100).proposals).toMatchObject([
      {
        command:
          'aws lambda put-function-concurrency --function-name data-processor --reserved-concurrent-executions 150',
        back: 'aws lambda put-function-concurrency --function-name data-processor --reserved-concurrent-executions 100',
      },
    ])
  })
})

describe('service quotas', () => {
  const use = (used: number, over: Partial<QuotaUse> = {}): QuotaUse => ({
    ...{ service: 'AWS Fargate', serviceCode: 'fargate', code: 'L-1', name: 'vCPUs', limit: 200, used },
    ...{ isAdjustable: true, isRate: false, ...over },
  })
  const asked = (of: Partial<Quotas>) =>
    answer(quotas(CONTEXT), 'quotas', () => found<'quotas'>({ used: [], unknown: 3, ...of }))

  test.each<[string, Answer, Answer['verdict'], string]>([
    ['at the bound', asked({ used: [use(140)] }), 'good', "0 of 1 above 70 %, the fullest at 70 %; 3 can't be judged"],
    ['above it', asked({ used: [use(141), use(10)] }), 'bad', "1 of 2 above 70 %; 3 can't be judged"],
    ['none that can be judged', asked({}), 'no data', 'none of 3 can be judged'],
    [
      'concurrent executions, which have their own question',
      asked({ used: [use(199, { serviceCode: 'lambda', code: 'L-B99A9384' })] }),
      'no data',
      'none of 3 can be judged',
    ],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says })
  })

  test('those that AWS raises are proposed; of others, less has to be used', () => {
    const answered = asked({ used: [use(148), use(49, { name: 'VPCs', limit: 50, isAdjustable: false })] })
    expect(answered.todo).toBe('Ask for more: vCPUs (74 %). Use less, as AWS gives no more: VPCs (98 %)')
    expect(answered.proposals?.map(({ command }) => command)).toEqual([
      'aws service-quotas request-service-quota-increase --service-code fargate --quota-code L-1 --desired-value 300',
    ])
  })

  test('a rate of calls says over what time it was counted', () => {
    expect(asked({ used: [use(50, { isRate: true })] }).table?.rows[0]?.[2]).toBe('50 over 5 min')
  })
})

describe('the cost of this month', () => {
  const month = (day: string, dollars: number): DayOfCost => ({
    ...{ day, isEstimate: false },
    services: { 'AWS Lambda': dollars / 2, 'Amazon S3': dollars / 2 },
  })
  /** Of five days to the end of November, and of December with them. */
  const forecast = (perDay: number, days: number): Forecast => ({
    ...{ mean: perDay * days, least: 0.9 * perDay * days, most: 1.1 * perDay * days },
  })
  const asked = (months: DayOfCost[], perDay: number) =>
    answer(monthlyCost(CONTEXT), 'cost budget', (ask) => {
      if (ask.kind === 'costs') return found<'costs'>(months)
      return found<'forecast'>(forecast(perDay, ask.kind === 'forecast' && ask.to === '2026-12-01' ? 5 : 36))
    })

  test.each<[string, number, number, Answer['verdict'], string]>([
    ['as much as the budget', 4_000, 200, 'good', '$5,000 (between $4,900 and $5,100), of which $4,000 are spent'],
    ['a dollar more', 4_001, 200, 'bad', '$5,001 (between $4,901 and $5,101), of which $4,001 are spent'],
  ])('%s', (_what, soFar, perDay, verdict, says) => {
    expect(asked([month('2026-11-01', soFar)], perDay)).toMatchObject({ verdict, says })
  })

  test('what is to come is not spent; what is spent is', () => {
    const months = (dollars: number) => [month('2026-10-01', 3_100), month('2026-11-01', dollars)]
    expect(asked(months(4_500), 200).todo).toBe(
      'The month will cost $500 more than its budget: AWS Lambda has risen most since last month. Save, or raise it',
    )
    expect(asked(months(5_500), 200).todo).toMatch(/^The budget is used up: /)
    expect(asked(months(4_000), 200).compared).toEqual(['2026-12: $6,200 expected'])
  })

  test('on the first of a month, nothing is spent yet', () => {
    const context = { ...CONTEXT, now: new Date('2026-12-01T08:00:00Z') }
    const [, budget] = monthlyCost(context)
    expect(budget?.asks).toMatchObject({
      months: { from: '2025-11-01', to: '2026-12-01' },
      rest: { from: '2026-12-01', to: '2027-01-01' },
      both: { from: '2026-12-01', to: '2027-02-01' },
    })
  })

  test('each month is compared by the day: February is not cheaper for being short', () => {
    const context = { ...CONTEXT, now: new Date('2027-03-10T08:00:00Z') }
    const months = [month('2026-02-01', 1_400), month('2027-01-01', 3_100), month('2027-02-01', 2_800)]
    expect(answer(monthlyCost(context), 'cost months', () => found<'costs'>(months))).toMatchObject({
      ...{ verdict: 'shown', says: '$2,800 in 2027-02' },
      compared: [
        'the same a day against the month before ($3,100)',
        '+100 % a day against the same month a year ago ($1,400)',
      ],
    })
  })
})
