import { beforeAll, describe, expect, test } from 'vitest'
import { reportText } from '../cli/report/terminal.ts'
import type { AwsStandIn } from '../local/stand-ins/aws.ts'
import { REPORTS } from '../shared/questions/reports.ts'
import { reportPage } from '../shared/reports/html.ts'
import { answersOf, notChecked, todosOf } from '../shared/reports/report.ts'
import { type Asked, askedReport, FRIDAY } from './asked-report.ts'

/** What the daily report sends. */
const OPERATIONS = [
  ...['GetMetricData', 'DescribeAlarms', 'GetCostAndUsage', 'ListProtectedResources', 'ListBackupJobs'],
  ...['ListRestoreJobs', 'ListDetectors', 'GetFindingsStatistics', 'GetFindings'],
]

const daily = (at: string, prepare?: (aws: AwsStandIn) => void, name: keyof typeof REPORTS = 'daily') =>
  askedReport(name, REPORTS[name], { at, ...(prepare && { prepare }) })

describe('the daily check of the demo', () => {
  let asked: Asked
  beforeAll(async () => {
    asked = await daily(FRIDAY)
  })

  test.each([
    ['errors', /^Look into the errors: more than its objective allows$/, 'Errors of data-processor'],
    ['outage', /^The budget is used up/, 'The platform answers'],
    ['quality', /^Data quality is 9\d.* %, and should be at least 95 %$/, 'Data quality'],
    ['evenings', /^Streaming latency is 3\d.* s, and should be at most 30 s$/, 'Streaming latency'],
    [
      'cost',
      /^Find out why AmazonCloudWatch costs \$\d+ more than on the same weekday$/,
      'Cost of the last complete day',
    ],
    [
      'failed backup, old backup, no restore',
      /^Back it up: the last one is 40 h old; find out why a backup failed; restore it once/,
      'Backup of warehouse',
    ],
    ['findings', /^Look into the findings: .*severity/, 'Security findings of high severity: GuardDuty'],
    ['critical finding', /^Look into the findings: /, 'Security findings of high severity: Security Hub'],
    ['old alarm', /^Look into the alarms that fire; 1 for more than a week/, 'Alarms that fire'],
  ])('%s: says what to do', (_fault, todo, title) => {
    expect(todosOf(asked.report)).toContainEqual(expect.objectContaining({ title, todo: expect.stringMatching(todo) }))
  })

  test('what is well is not a thing to do', () => {
    const good = answersOf(asked.report)
      .filter(({ verdict }) => verdict === 'good')
      .map(({ title }) => title)
    expect(good).toEqual(
      expect.arrayContaining([
        'Errors of data-validator',
        'Time to insight',
        'Batch processing latency',
        'The router itself',
      ]),
    )
    expect(asked.report.headline).toBe('10 to do.')
  })

  test('costs a cent: one request of Cost Explorer, and few of the others', () => {
    expect(['GetCostAndUsage', 'DescribeAlarms', 'GetMetricData'].map(asked.count)).toEqual([1, 1, 4])
  })

  test('as text, no line is wider than the terminal', () => {
    for (const width of [60, 100]) {
      const wide = reportText(asked.report, width)
        .split('\n')
        .filter((line) => line.length > width)
      expect(wide).toEqual([])
    }
  })

  test('as a page, it needs nothing from elsewhere, and shows each figure with its source', () => {
    const page = reportPage(asked.report)
    expect(page).not.toMatch(/<script|@import|src=|url\(|<link/)
    for (const { title } of answersOf(asked.report)) expect(page).toContain(title)
    expect(page.match(/<summary>Source<\/summary>/g)).toHaveLength(answersOf(asked.report).length)
    expect(page).toContain('GetMetricData AWS/Lambda Errors FunctionName=data-processor Sum of 3600 s')
  })
})

describe('the performance review of the demo', () => {
  test('names the function that has used nearly all of its memory', async () => {
    const { report } = await daily(FRIDAY, undefined, 'performance')
    expect(todosOf(report).map(({ title, todo }) => `${title}: ${todo}`)).toEqual([
      'Memory of data-processor: Give data-processor more memory: a larger input would end it',
    ])
    const titles = answersOf(report).map(({ title, says }) => `${title}: ${says}`)
    expect(titles).toContainEqual(
      expect.stringMatching(/^Memory of data-processor: 983 of 1024 MB at most; .* % cold starts/),
    )
    expect(titles).toContainEqual(
      expect.stringMatching(/^Duration of data-processor: p50 \d+ ms, p95 \d+ ms, p99 \d+ ms/),
    )
    expect(titles).toContainEqual(expect.stringMatching(/^Latency by pipeline: the slowest is \w+: p95 /))
  })

  test('without access to logs, the metrics are reported', async () => {
    const { report } = await daily(FRIDAY, (aws) => aws.mode('StartQuery', { isDenied: true }), 'performance')
    expect(notChecked(report).map(({ title, says }) => `${title}: ${says}`)).toEqual(
      ['Latency by pipeline', 'Memory of data-processor', 'Memory of data-validator'].map(
        (title) => `${title}: needs logs:StartQuery, logs:GetQueryResults, logs:StopQuery (this role may not)`,
      ),
    )
  })
})

test('text from outside moves no cursor of a terminal, and sets no title', () => {
  const odd = 'a\u001b]0;owned\u0007\u001b[2Jb\u009b31m'
  const source = { query: odd, asOf: FRIDAY }
  const table = { head: [odd], rows: [[odd]] }
  const answers = [
    { id: 'a', title: odd, verdict: 'bad' as const, says: odd, todo: odd, compared: [odd], table, source },
  ]
  const about = { name: 'daily', title: odd, stage: odd, at: FRIDAY, timezone: 'UTC', headline: odd }
  expect(reportText({ ...about, sections: [{ title: odd, answers }] }, 80)).not.toMatch(
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
  )
})

test('text of AWS is text on the page, too', () => {
  const odd = '<img onerror="x">'
  const source = { query: odd, asOf: FRIDAY, incomplete: odd }
  const table = { head: [odd], rows: [[odd]] }
  const of = { id: 'a', title: odd, says: odd, bound: odd, compared: [odd], todo: odd, table, source }
  const answers = (['bad', 'not checked'] as const).map((verdict) => ({ ...of, verdict }))
  const about = { name: 'daily', title: odd, stage: odd, at: FRIDAY, timezone: 'UTC', headline: odd }
  expect(reportPage({ ...about, sections: [{ title: odd, answers }] })).not.toContain('<img')
})

test('with every right denied, each question says what it needs, and none is good', async () => {
  const { report } = await daily(FRIDAY, (aws) => {
    for (const operation of OPERATIONS) aws.mode(operation, { isDenied: true })
  })
  expect(new Set(answersOf(report).map(({ verdict }) => verdict))).toEqual(new Set(['not checked']))
  expect(report.headline).toMatch(/^Nothing to do among what was checked, \d+ not checked\.$/)
  const text = reportText(report, 200)
  for (const right of [
    'cloudwatch:GetMetricData',
    'ce:GetCostAndUsage',
    'backup:ListBackupJobs',
    'guardduty:ListDetectors',
    'securityhub:GetFindings',
  ]) {
    expect(text).toContain(right)
  }
})

test('one right that is missing is one line: the rest is reported', async () => {
  const { report } = await daily(FRIDAY, (aws) => aws.mode('GetCostAndUsage', { isDenied: true }))
  expect(notChecked(report).map(({ title, says }) => `${title}: ${says}`)).toEqual([
    'Cost of the last complete day: needs ce:GetCostAndUsage (this role may not)',
  ])
  expect(report.headline).toBe('9 to do, 1 not checked.')
})

test('a new account has no data: nothing of it is good or 0', async () => {
  const { report } = await daily(FRIDAY, (aws) => {
    for (const operation of OPERATIONS) aws.mode(operation, { hasNoData: true })
  })
  const measured = answersOf(report).filter(({ id }) => /^(errors|objective|figure)/.test(id))
  expect(new Set(measured.map(({ verdict }) => verdict))).toEqual(new Set(['no data']))
})

test('throttled, it is tried again', async () => {
  const { report } = await daily(FRIDAY, (aws) => {
    for (const operation of OPERATIONS) aws.mode(operation, { throttled: 1 })
  })
  expect(notChecked(report)).toEqual([])
})

test.each([
  ['the 29th of February', '2028-02-29T06:30:00Z'],
  ['the night in which the clocks go forward', '2027-03-28T01:30:00Z'],
  ['the night in which they go back', '2027-10-31T01:30:00Z'],
  ['a Sunday', '2026-11-29T06:30:00Z'],
])('on %s it says the same in plain words', async (_what, at) => {
  const { report } = await daily(at)
  expect(notChecked(report)).toEqual([])
  expect(todosOf(report).map(({ title }) => title)).toEqual(
    expect.arrayContaining(['Errors of data-processor', 'Data quality', 'Backup of warehouse']),
  )
  expect(reportText(report, 100)).not.toMatch(/NaN|undefined|Invalid/)
})
