import { describe, expect, test } from 'vitest'
import { firingAlarms } from '../shared/questions/alarms.ts'
import { type Answer, headline } from '../shared/questions/answer.ts'
import type { Ask, Backups, DayOfCost, MetricAsk, Outcome, Point } from '../shared/questions/ask.ts'
import { backups } from '../shared/questions/backups.ts'
import { dailyCost } from '../shared/questions/cost.ts'
import { errorRates } from '../shared/questions/errors.ts'
import { figures } from '../shared/questions/figures.ts'
import { objectives } from '../shared/questions/objectives.ts'
import { answerTo, inEachAccount, type Question, question } from '../shared/questions/question.ts'
import { routerHealth } from '../shared/questions/router.ts'
import { security } from '../shared/questions/security.ts'
import { answer, CONTEXT, found } from './some-answers.ts'

const HOUR_S = 3_600
const DAY_S = 86_400
const END_S = Date.parse('2026-11-26T06:00:00Z') / 1_000

/** One value for each period of so many hours back. */
function points(hours: number, value: (hoursBack: number) => number | undefined, periodS = HOUR_S): Point[] {
  return Array.from({ length: Math.floor((hours * HOUR_S) / periodS) }, (_, at) => at + 1)
    .reverse()
    .flatMap((back): Point[] => {
      const found = value((back * periodS) / HOUR_S)
      return found === undefined ? [] : [[END_S - back * periodS, found]]
    })
}

const metrics = (of: Record<string, Point[]>) => (ask: Ask) =>
  found<'metric'>(
    ask.kind === 'metric' ? (of[`${ask.series.metric} ${ask.statistic}`] ?? of[ask.series.metric] ?? []) : [],
  )

describe('errors of a function', () => {
  const errors = (failing: (hoursBack: number) => number) =>
    answer(
      errorRates(CONTEXT),
      'errors data-processor',
      metrics({ Errors: points(192, failing), Invocations: points(192, () => 10_000) }),
    )

  test.each<[string, (hoursBack: number) => number, Answer['verdict'], string, string[]]>([
    [
      'few',
      () => 5,
      'good',
      '0.05 % (120 of 240,000)',
      ['the same against the day before (0.05 %)', 'the same against the same weekday (0.05 %)'],
    ],
    [
      'more than the objective allows',
      (back) => (back <= 24 ? 21 : 5),
      'bad',
      '0.21 % (504 of 240,000)',
      ['+320 % against the day before (0.05 %)', '+320 % against the same weekday (0.05 %)'],
    ],
    [
      'twice as many as usual, though allowed',
      (back) => (back <= 24 ? 8 : 2),
      'bad',
      '0.08 % (192 of 240,000)',
      ['+300 % against the day before (0.02 %)', '+300 % against the same weekday (0.02 %)'],
    ],
    [
      'as bad as on the same weekday',
      (back) => (back <= 24 || back > 168 ? 8 : 2),
      'good',
      '0.08 % (192 of 240,000)',
      ['+300 % against the day before (0.02 %)', 'the same against the same weekday (0.08 %)'],
    ],
    [
      'none',
      () => 0,
      'good',
      '0 % (0 of 240,000)',
      ['the same against the day before (0 %)', 'the same against the same weekday (0 %)'],
    ],
  ])('%s', (_what, failing, verdict, says, compared) => {
    expect(errors(failing)).toMatchObject({ verdict, says, compared, bound: 'at most 0.1 %' })
  })

  test('a function that nobody invoked has no data: no rate of 0', () => {
    const none = answer(errorRates(CONTEXT), 'errors data-processor', metrics({}))
    expect([none.verdict, none.says]).toEqual(['no data', 'not invoked'])
  })

  test('the figure says what was asked, for which time, and when', () => {
    expect(errors(() => 0).source).toEqual({
      query:
        'GetMetricData AWS/Lambda Errors FunctionName=data-processor Sum of 3600 s; GetMetricData AWS/Lambda Invocations FunctionName=data-processor Sum of 3600 s',
      from: '2026-11-18T06:00:00.000Z',
      to: '2026-11-26T06:00:00.000Z',
      asOf: '2026-11-26T06:30:00.000Z',
    })
  })
})

describe('what could not be asked', () => {
  test.each<[string, Outcome, string]>([
    [
      'denied',
      { refused: { needs: 'ce:GetCostAndUsage', why: 'this role may not' } },
      'needs ce:GetCostAndUsage (this role may not)',
    ],
    ['throttled', { refused: { why: 'AWS has throttled ce:GetCostAndUsage' } }, 'AWS has throttled ce:GetCostAndUsage'],
  ])('%s is not checked: neither good nor 0', (_what, outcome, says) => {
    expect(answer(dailyCost(CONTEXT), 'cost', () => outcome)).toMatchObject({ verdict: 'not checked', says })
  })

  test('the same permission is named once, for a question with several asks', () => {
    const denied: Outcome = { refused: { needs: 'cloudwatch:GetMetricData', why: 'this role may not' } }
    expect(answer(objectives(CONTEXT), 'objective errors', () => denied).says).toBe(
      'needs cloudwatch:GetMetricData (this role may not)',
    )
  })
})

describe('objectives', () => {
  const availability = (percent: (hoursBack: number) => number | undefined) =>
    answer(objectives(CONTEXT), 'objective availability', metrics({ SystemAvailability: points(720, percent) }))

  test.each<[string, (hoursBack: number) => number | undefined, Answer['verdict'], string]>([
    ['no failure', () => 100, 'good', '100 % in 30 days: 100 % of the budget is left'],
    [
      'half an hour out',
      (back) => (back === 50 ? 50 : 100),
      'good',
      '99.9306 % in 30 days: 31 % of the budget is left',
    ],
    ['two hours out', (back) => (back < 3 ? 0 : 100), 'bad', '99.722 % in 30 days: the budget is used up 2.78 times'],
    ['nothing measured', () => undefined, 'no data', 'nothing was measured in 30 days'],
  ])('%s', (_what, percent, verdict, says) => {
    expect(availability(percent)).toMatchObject({ verdict, says, bound: 'at least 99.9 %' })
  })

  test('hours without data are left out, and said', () => {
    expect(availability((back) => (back > 48 ? undefined : 100)).source.incomplete).toBe(
      '28 days of 30 days have no data, and are left out',
    )
  })

  test('a ratio counts all its services together', () => {
    const of = metrics({ Errors: points(720, () => 1), Invocations: points(720, () => 2_000) })
    expect(answer(objectives(CONTEXT), 'objective errors', of)).toMatchObject({
      verdict: 'good',
      says: '99.95 % in 30 days: 50 % of the budget is left',
    })
  })
})

describe('figures', () => {
  test.each<[string, string, Record<string, Point[]>, Answer['verdict'], string]>([
    [
      'data-quality',
      'an average counts each hour by its values',
      {
        'DataQualityScore Average': points(24, (back) => (back === 1 ? 50 : 98)),
        'DataQualityScore SampleCount': points(24, (back) => (back === 1 ? 1 : 100)),
      },
      'good',
      '97.98 %',
    ],
    ['data-quality', 'below its bound', { DataQualityScore: points(24, () => 93.2) }, 'bad', '93.2 %'],
    [
      'streaming-latency',
      'a percentile is that of the worst hour',
      { StreamingLatency: points(24, (back) => (back === 9 ? 42 : 11)) },
      'bad',
      '42 s (p95 of the worst hour)',
    ],
    ['time-to-insight', 'hours and minutes', { TimeToInsight: points(24, () => 13_500) }, 'good', '3 h 45 min'],
    [
      'container-cpu',
      'below the best range: no work for today',
      { CPUUtilization: points(24, () => 41) },
      'shown',
      '41 %',
    ],
    ['database-cpu', 'above it', { CPUUtilization: points(24, () => 88) }, 'bad', '88 %'],
    [
      'cost-per-record',
      'the last day counts',
      { CostPerRecord: points(72, (back) => (back === 24 ? 0.0004 : 0.01), DAY_S) },
      'good',
      '$0.0004 on 2026-11-25',
    ],
    [
      'data-quality',
      'silent for half of its time, it is no figure of now',
      { DataQualityScore: points(24, (back) => (back > 13 ? 99 : undefined)) },
      'no data',
      '99 %, and nothing since, for 13 h',
    ],
    [
      'data-quality',
      'silent for less, it is',
      { DataQualityScore: points(24, (back) => (back > 12 ? 99 : undefined)) },
      'good',
      '99 %',
    ],
    [
      'cost-per-record',
      'a day of a week ago is no figure of now',
      { CostPerRecord: points(168, (back) => (back > 144 ? 0.0004 : undefined), DAY_S) },
      'no data',
      '$0.0004, and nothing since, for 6 days',
    ],
    ['adoption', 'a figure without a bound is only shown', { ActiveUsers: points(24, () => 132) }, 'shown', '132'],
    ['adoption', 'nothing published is no data', {}, 'no data', 'nobody has published Platform/Business ActiveUsers'],
  ])('%s: %s', (name, _what, data, verdict, says) => {
    expect(answer(figures(CONTEXT), `figure ${name}`, metrics(data))).toMatchObject({ verdict, says })
  })
})

describe('figures of more than one line, and of money', () => {
  const { platform } = CONTEXT
  const figure = (metrics: object, kpis: object, data: (ask: MetricAsk) => Point[]) => {
    const own = { ...platform, metrics, kpis, services: platform.services } as typeof platform
    const lake = own.services.lake
    const services =
      lake?.type === 's3' ? { ...own.services, lake: { ...lake, storage: ['StandardStorage', 'GlacierStorage'] } } : {}
    const context = { ...CONTEXT, platform: { ...own, services } }
    return answer(figures(context), 'figure one', (ask) => found<'metric'>(ask.kind === 'metric' ? data(ask) : []))
  }
  const size = { one: { what: 'Size', metric: 'lake.BucketSizeBytes', over: '1d', atMost: 3e9 } }

  test.each<[string, Record<string, Point[]>, Answer['verdict'], string]>([
    [
      'all of them',
      { StandardStorage: points(48, () => 2e9, DAY_S), GlacierStorage: points(48, () => 1e9, DAY_S) },
      'good',
      '3 GB on 2026-11-25',
    ],
    [
      'all of them, above the bound',
      { StandardStorage: points(48, () => 2e9, DAY_S), GlacierStorage: points(48, () => 1.1e9, DAY_S) },
      'bad',
      '3.1 GB on 2026-11-25',
    ],
    [
      'one has nothing',
      { StandardStorage: points(48, () => 2e9, DAY_S), GlacierStorage: [] },
      'good',
      '2 GB on 2026-11-25',
    ],
  ])('a bucket with two storage types is as large as %s', (_what, types, verdict, says) => {
    const data = ({ series }: MetricAsk) => types[series.dimensions.StorageType ?? ''] ?? []
    expect(figure({}, size, data)).toMatchObject({ verdict, says })
  })

  test.each([
    ['CostlyQueries', 'Count', { by: 'emf', service: 'streaming' }, '170'],
    ['CostPerRecord', 'None', { by: 'emf', service: 'streaming' }, '170'],
    ['Spent', 'None', { by: 'daily-report', per: 'records' }, '$170 on 2026-11-25'],
  ])('%s (%s) by %j: %s', (metric, unit, from, says) => {
    const metrics = { money: { namespace: 'A', metric, unit, statistic: 'Maximum', dimensions: {}, from } }
    const kpis = { one: { what: 'One', metric: 'money', over: '1d', shown: true } }
    const data = ({ periodS }: MetricAsk) => points(24, () => 170, periodS)
    expect(figure(metrics, kpis, data).says).toBe(says)
  })
})

describe('alarms that fire', () => {
  test('none is good', () => {
    expect(answer(firingAlarms(CONTEXT), 'alarms', () => found<'alarms'>([]))).toMatchObject({
      verdict: 'good',
      says: 'none',
    })
  })

  test('the longest first; what has fired for more than a week is furniture', () => {
    const alarms = [
      { name: 'orders-errors', since: '2026-11-26T05:30:00.000Z', hasActions: true },
      { name: 'old-disk', since: '2026-11-17T06:30:00.000Z', hasActions: false },
    ]
    expect(answer(firingAlarms(CONTEXT), 'alarms', () => found<'alarms'>(alarms))).toMatchObject({
      verdict: 'bad',
      says: '2',
      todo: 'Look into the alarms that fire; 1 for more than a week: fix them or their thresholds',
      table: {
        rows: [
          ['old-disk (has no action)', 'Tue 2026-11-17 07:30', '9 days'],
          ['orders-errors', 'Thu 2026-11-26 06:30', '60 min'],
        ],
      },
    })
  })
})

test('in several accounts, each has its own answer, by its name', () => {
  const accounts = { shop: { role: 'arn:aws:iam::222222222222:role/reads' } }
  const context = { ...CONTEXT, platform: { ...CONTEXT.platform, accounts } }
  const asked = inEachAccount(firingAlarms)(context)
  expect(asked.map(({ title, asks }) => [title, Object.values(asks)])).toEqual([
    ['Alarms that fire', [{ kind: 'alarms' }]],
    ['Alarms that fire, in shop', [{ kind: 'alarms', account: 'shop' }]],
  ])
})

describe('cost', () => {
  // Cost Explorer calls every day an estimate until the month is closed.
  const day = (date: string, lambda: number): DayOfCost => ({
    day: date,
    isEstimate: true,
    services: { 'AWS Lambda': lambda, 'Amazon S3': 40 },
  })
  const cost = (days: DayOfCost[]) => answer(dailyCost(CONTEXT), 'cost', () => found<'costs'>(days))

  test('the last complete day, not the one after it, beside the day before and the same weekday', () => {
    const answered = cost([
      day('2026-11-17', 100),
      day('2026-11-23', 110),
      day('2026-11-24', 102),
      day('2026-11-25', 30),
    ])
    expect(answered).toMatchObject({
      verdict: 'good',
      says: '$142 on 2026-11-24',
      compared: [
        '-5 % against the day before ($150)',
        '+1 % against the same weekday ($140)',
        '2026-11-25, as far as AWS knows: $70.00',
      ],
      source: { incomplete: 'AWS calls each day an estimate until it closes the month' },
    })
  })

  test('much more than on the same weekday: the service that rose', () => {
    const answered = cost([day('2026-11-17', 100), day('2026-11-23', 110), day('2026-11-24', 290)])
    expect(answered).toMatchObject({
      verdict: 'bad',
      todo: 'Find out why AWS Lambda costs $190 more than on the same weekday',
    })
    expect(answered.table?.rows).toEqual([
      ['AWS Lambda', '$290', '+190 %'],
      ['Amazon S3', '$40.00', 'the same'],
    ])
  })

  test('a few dollars more are not worth a look', () => {
    expect(cost([day('2026-11-17', 10), day('2026-11-24', 60)]).verdict).toBe('good')
  })

  test('no day that has ended for a day: no data', () => {
    expect(cost([day('2026-11-25', 30)]).verdict).toBe('no data')
  })

  test.each(['2028-03-01T06:30:00Z', '2026-03-29T03:30:00Z', '2026-10-25T03:30:00Z'])(
    'days are UTC’s, at %s too',
    (at) => {
      const [asked] = dailyCost({ ...CONTEXT, now: new Date(at) })
      const { from = '', to = '' } = (asked?.asks.days ?? {}) as { from?: string; to?: string }
      expect([to, (Date.parse(to) - Date.parse(from)) / 86_400_000]).toEqual([at.slice(0, 10), 10])
    },
  )
})

describe('backups', () => {
  const ARN = 'arn:aws:rds:eu-west-1:123456789012:db:platform-warehouse'
  const backup = (of: Partial<Backups>) =>
    answer(backups(CONTEXT), 'backup warehouse', () =>
      found<'backups'>({ resources: [], failed: [], restored: [], ...of }),
    )
  const fresh = { resources: [{ arn: ARN, lastAt: '2026-11-25T20:30:00.000Z' }] }
  const proved = { restored: [{ arn: ARN, at: '2026-11-01T06:30:00.000Z' }] }

  test.each<[string, Partial<Backups>, Answer['verdict'], string | undefined]>([
    ['fresh and proved', { ...fresh, ...proved }, 'good', undefined],
    ['none', proved, 'bad', 'Back up db:platform-warehouse: AWS Backup knows no backup of it'],
    [
      'old',
      { resources: [{ arn: ARN, lastAt: '2026-11-24T14:30:00.000Z' }], ...proved },
      'bad',
      'Back it up: the last one is 40 h old',
    ],
    [
      'failed since',
      { ...fresh, ...proved, failed: [{ arn: ARN, at: '2026-11-26T01:00:00.000Z', state: 'FAILED' }] },
      'bad',
      'Find out why a backup failed',
    ],
    [
      'failed, and backed up at that moment or later',
      { ...fresh, ...proved, failed: [{ arn: ARN, at: '2026-11-25T20:30:00.000Z', state: 'FAILED' }] },
      'good',
      undefined,
    ],
    [
      'failed a second after it',
      { ...fresh, ...proved, failed: [{ arn: ARN, at: '2026-11-25T20:30:01.000Z', state: 'FAILED' }] },
      'bad',
      'Find out why a backup failed',
    ],
    [
      'failed, nobody knows when',
      { ...fresh, ...proved, failed: [{ arn: ARN, at: 'unknown', state: 'FAILED' }] },
      'bad',
      'Find out why a backup failed',
    ],
    ['never restored', fresh, 'bad', 'Restore it once, to a copy: nobody knows whether it works'],
    [
      'another’s restore proves nothing',
      {
        ...fresh,
        restored: [{ arn: `${ARN}-2`.replace('db:platform-warehouse-2', 'db:other'), at: '2026-11-01T06:30:00.000Z' }],
      },
      'bad',
      'Restore it once, to a copy: nobody knows whether it works',
    ],
  ])('%s', (_what, of, verdict, todo) => {
    const answered = backup(of)
    expect([answered.verdict, answered.todo]).toEqual([verdict, todo])
  })

  test('a job that failed before the last good backup is shown as history', () => {
    const failed = [
      { arn: ARN, at: '2026-10-30T02:00:00.000Z', state: 'FAILED', why: 'no space' },
      { arn: ARN, at: '2026-11-26T01:00:00.000Z', state: 'EXPIRED' },
    ]
    expect(backup({ ...fresh, ...proved, failed })).toMatchObject({
      todo: 'Find out why a backup failed',
      table: {
        head: ['failed', 'state', 'why', 'since then'],
        rows: [
          [expect.any(String), 'FAILED', 'no space', 'backed up'],
          [expect.any(String), 'EXPIRED', '', ''],
        ],
      },
    })
  })

  test.each<[resource: string, arn: string, isIt: boolean]>([
    ['db:platform-warehouse', ARN, true],
    ['platform-warehouse', ARN, true],
    [':platform-warehouse', ARN, true],
    [ARN, ARN, true],
    ['db:platform-warehouse', `${ARN}-test`, false],
    ['warehouse', ARN, false],
    ['b:platform-warehouse', ARN, false],
    ['table/orders', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders', true],
    ['table/', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders', true],
    ['orders', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders-orders', false],
    ['orders', 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders-2/orders', true],
    ['a-bucket', 'arn:aws:s3:::a-bucket', true],
    ['a-bucket', 'arn:aws:s3:::not-a-bucket', false],
  ])('%s is the resource %s: %s', (resource, arn, isIt) => {
    const { platform } = CONTEXT
    const wanted = { resource, maxAge: '26h', restoredWithin: '90d' }
    const context = { ...CONTEXT, platform: { ...platform, backups: { warehouse: wanted } } }
    const of = { resources: [{ arn, lastAt: '2026-11-25T20:30:00.000Z' }], failed: [], restored: [] }
    const { says } = answer(backups(context), 'backup warehouse', () => found<'backups'>(of))
    expect(says !== 'AWS Backup has none').toBe(isIt)
  })

  test('a name of several resources is no backup of any', () => {
    const other = ARN.replace('eu-west-1', 'us-east-1')
    const resources = [ARN, other, `${ARN}-test`].map((arn) => ({ arn, lastAt: '2026-11-25T20:30:00.000Z' }))
    expect(backup({ resources, ...proved })).toMatchObject({
      verdict: 'bad',
      todo: 'Write more of the ARN, under backups: db:platform-warehouse stands for 2 resources',
      table: { rows: [[ARN], [other]] },
    })
  })
})

describe('security', () => {
  test('each service is a question: one that is off hides nothing of the other', () => {
    const outcome = (ask: Ask): Outcome =>
      ask.kind === 'guardduty'
        ? { refused: { needs: 'GuardDuty to be switched on', why: 'GuardDutyOff' } }
        : found<'security-hub'>({ count: 1, examples: ['S3 bucket is public'] })
    expect(answer(security(CONTEXT), 'findings GuardDuty', outcome).verdict).toBe('not checked')
    expect(answer(security(CONTEXT), 'findings Security Hub', outcome)).toMatchObject({
      verdict: 'bad',
      says: '1',
      todo: 'Look into the findings: S3 bucket is public',
    })
  })
})

describe('the router itself', () => {
  const router = (beats: number, late = 0, refused = 0) =>
    answer(
      routerHealth(CONTEXT),
      'router',
      metrics({
        LatencyMs: points((beats * 300) / HOUR_S, () => 1, 300),
        DueLateMs: points(24, () => (Number.isNaN(late) ? undefined : late)),
        Refused: refused === 0 ? [] : points(1, () => refused),
      }),
    )

  test.each<[string, Answer, Answer['verdict'], RegExp]>([
    ['well', router(287), 'good', /^1 of 288 heartbeats missing, at most 0 ms late, 0 messages refused$/],
    ['heartbeats missing', router(280), 'bad', /^8 of 288/],
    ['late', router(288, 400_000), 'bad', /at most 6 min 40 s late/],
    ['messages refused', router(288, 0, 2), 'bad', /2 messages refused$/],
    ['no heartbeat at all', router(0), 'bad', /^no heartbeat in a day$/],
    ['a clock that stands still', router(288, Number.NaN), 'bad', /^its clock has not run in a day$/],
  ])('%s', (_what, answered, verdict, says) => {
    expect(answered).toMatchObject({ verdict, says: expect.stringMatching(says) })
  })
})

test.each<[Answer['verdict'][], string]>([
  [['good', 'shown'], 'Nothing to do.'],
  [[], 'Nothing was asked: config/platform.yml names nothing that this is about.'],
  [['bad', 'good', 'bad'], '2 to do.'],
  [['good', 'not checked'], 'Nothing to do among what was checked, 1 not checked.'],
  [['bad', 'not checked', 'no data'], '1 to do, 1 not checked, 1 without data.'],
])('the headline of %j: %s', (verdicts, text) => {
  const answers = verdicts.map(
    (verdict): Answer => ({ id: verdict, title: verdict, verdict, says: '', source: { query: '', asOf: '' } }),
  )
  expect(headline(answers)).toBe(text)
})

describe('a command that is proposed', () => {
  const proposal = { command: 'aws ssm send-command', effect: 'e', risk: 'r', back: 'restore a snapshot' }
  const one = question({
    id: 'a',
    title: 'a',
    asks: { alarms: { kind: 'alarms' } },
    answer: () => ({ verdict: 'bad', says: 'a', proposals: [proposal, { ...proposal, command: 'npm update' }] }),
  })
  const context = { ...CONTEXT, region: 'eu-west-1' }
  const commands = (of: Question) =>
    answerTo(of, () => found<'alarms'>([]), context).proposals?.map(({ command, back }) => [command, back])

  test('names the region of its stage', () => {
    expect(commands(one)).toEqual([
      ['aws ssm send-command --region eu-west-1', 'restore a snapshot'],
      ['npm update', 'restore a snapshot'],
    ])
  })

  test('of another account, names that account’s profile, and its region', () => {
    const accounts = { shop: { role: 'arn:aws:iam::222222222222:role/reads', region: 'us-east-2' } }
    const [, shop] = inEachAccount(() => [one])({ ...context, platform: { ...CONTEXT.platform, accounts } })
    expect(shop && commands(shop)?.[0]).toEqual([
      'aws ssm send-command --region us-east-2 --profile shop',
      'restore a snapshot',
    ])
  })
})
