import { expect, test } from 'vitest'
import { platformStack } from '../deploy/platform/platform.ts'
import { watch } from '../deploy/watch.ts'
import type { Platform, ReportTime } from '../schemas/platform.ts'
import { seriesOf } from '../shared/platform/series.ts'
import { dayAsks } from '../shared/questions/day-values.ts'
import { REPORTS, type Report } from '../shared/questions/reports.ts'
import { sectionOf } from './doc-pages.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

/*
 * docs/cost.md on what watching a platform costs, by what the template has.
 */

/** List prices of us-east-1 (Amazon CloudWatch pricing). US dollars a month. */
const PRICE = { alarmMetric: 0.1, composite: 0.5, metric: 0.3, dashboard: 3 }
/** Of an account: so many dashboards, with so many metrics each. */
const FREE = { dashboards: 3, metrics: 50 }
/** The router has one itself. */
const OWN_DASHBOARDS = 1

const of = (platform: Platform, type: string): Json[] =>
  Object.values(platformStack(platform).Resources)
    .filter(({ Type }) => Type === `AWS::CloudWatch::${type}`)
    .map(({ Properties }) => Properties)

/** An alarm costs as much as the metrics that it reads. */
const metricsRead = ({ Metrics }: Json): number =>
  Metrics ? Metrics.filter(({ MetricStat }: Json) => MetricStat).length : 1

/** The platform's own, by how often they have a value: CloudWatch bills the hours in which they do. */
function ownMetrics(platform: Platform, isDaily: boolean): number {
  const series = Object.keys(platform.metrics).flatMap((name) => seriesOf(platform, name))
  return series.filter(({ everyS }) => (everyS === 86_400) === isDaily).length
}

function dashboards(platform: Platform): number {
  const all = of(platform, 'Dashboard')
  for (const { DashboardBody } of all) {
    const { widgets } = JSON.parse(DashboardBody['Fn::Sub'])
    const lines = widgets.flatMap(({ properties }: Json) => properties.metrics ?? [])
    expect(lines.length).toBeLessThanOrEqual(FREE.metrics)
  }
  return Math.max(0, OWN_DASHBOARDS + all.length - FREE.dashboards) * PRICE.dashboard
}

const costOf = (platform: Platform): number[] => [
  of(platform, 'Alarm').reduce((sum, alarm) => sum + metricsRead(alarm), 0) * PRICE.alarmMetric,
  of(platform, 'CompositeAlarm').length * PRICE.composite,
  ownMetrics(platform, false) * PRICE.metric,
  (ownMetrics(platform, true) * PRICE.metric) / 24,
  dashboards(platform),
]

/** Runs of 0.3 s with half a gigabyte, their requests, and 0.9 KB of logs each. */
const RUNS = 30 * 24 * 60
const PROBE = RUNS * (0.3 * 0.5 * 0.0000133334 + 0.2 / 1e6 + (0.9 / 1e6) * 0.5)

/** The columns of the table, from top to bottom. */
function columns(): number[][] {
  const rows = sectionOf('docs/cost.md', 'Watching a platform')
    .split('\n')
    .map((line) => line.split('|').slice(2, -1))
    .filter((cells) => /\d\.\d\d/.test(cells[0] ?? ''))
    .map((cells) => cells.map((cell) => Number(/\d+\.\d\d/.exec(cell)?.[0])))
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? Number.NaN))
}

/** Rounded up. */
const inCents = (dollars: number) => Math.ceil(Number((dollars * 100).toFixed(6))) / 100

const only = (name: string): Platform => {
  const platform = shippedPlatform()
  const { [name]: objective } = platform.objectives
  if (!objective) throw new Error(`no objective ${name}`)
  return { ...platform, objectives: { [name]: objective } }
}

test.each([
  ['availability alone', 0, only('availability')],
  ['errors alone', 1, only('errors')],
  ['both', 2, shippedPlatform()],
])('docs/cost.md: %s', (_what, column, platform) => {
  const parts = [...costOf(platform), PROBE].map(inCents)
  const total = Number(parts.reduce((sum, part) => sum + part, 0).toFixed(2))
  expect(columns()[column]).toEqual([...parts, total])
})

/** In a month of 30.4375 days. */
const TIMES = { 'every day': 30.4375, weekdays: 21.75, 'first of the month': 1 }
const timesOf = ({ on }: ReportTime): number => (on in TIMES ? TIMES[on as keyof typeof TIMES] : 4.35)

/** What the scheduled reports ask, each once. */
function asksOf(platform: Platform): { times: number; kinds: string[] }[] {
  const context = { platform, rules: SHIPPED_RULES, now: new Date('2026-11-27T06:30:00Z'), days: 7, routerMetrics: 'r' }
  return Object.entries(platform.reports).flatMap(([name, time]) => {
    const report = (REPORTS as Record<string, Report>)[name]
    if (!report) return []
    const questions = report.sections.flatMap((section) => section.questions(context))
    const asks = [...questions.flatMap((one) => Object.values(one.asks)), ...(name === 'daily' ? dayAsks(context) : [])]
    const distinct = new Map(asks.map((ask) => [JSON.stringify(ask), ask.kind]))
    return [{ times: timesOf(time), kinds: [...distinct.values()] }]
  })
}

test('docs/cost.md: reports at their times', () => {
  const reports = asksOf(shippedPlatform())
  const asked = (...of: string[]) =>
    reports.reduce((sum, { times, kinds }) => sum + times * kinds.filter((kind) => of.includes(kind)).length, 0)
  const runs = reports.reduce((sum, { times }) => sum + times, 0)
  const alarms = Object.keys(watch({}, { hasReports: true }).Resources).filter((id) => id.startsWith('Report')).length
  const parts = [
    asked('costs', 'forecast') * 0.01,
    (asked('metric') * 0.01) / 1_000,
    runs * 10 * 0.5 * 0.0000133334,
    alarms * PRICE.alarmMetric,
  ].map(inCents)
  const total = Number(parts.reduce((sum, part) => sum + part, 0).toFixed(2))
  const section = sectionOf('docs/cost.md', 'Reports at their times')
  expect([...section.matchAll(/\| \**(\d\.\d\d)\** \|$/gm)].map(([, dollars]) => Number(dollars))).toEqual([
    ...parts,
    total,
  ])
})

test('with one objective it is less than $8 a month', () => {
  for (const column of columns().slice(0, 2)) expect(column.at(-1)).toBeLessThan(8)
})

test('a function more in a ratio adds $1.60', () => {
  const platform = only('errors')
  const { errors } = platform.objectives
  const ratio = { ...errors?.ratio, of: ['data-processor'] }
  const fewer = { ...platform, objectives: { errors: { ...errors, ratio } } } as Platform
  const alarms = (one: Platform) => costOf(one)[0] ?? 0
  expect(alarms(platform) - alarms(fewer)).toBeCloseTo(1.6)
  expect(sectionOf('docs/cost.md', 'Watching a platform').replaceAll('\n', ' ')).toContain('eight windows: $1.60')
})
