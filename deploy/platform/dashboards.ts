import type { Kpi, Platform, Service } from '../../schemas/platform.ts'
import { burnPairs } from '../../shared/platform/burn.ts'
import { type Series, seriesOf } from '../../shared/platform/series.ts'
import type { TemplateResource } from '../email-topics.ts'
import { sumOf } from './alarms.ts'
import { idOf, PREFIX } from './names.ts'

/** CloudWatch draws on a grid of 24 columns. */
const COLUMNS = 24
const HEIGHT = 6
const DAY_S = 86_400
/** CloudFormation fills it in (Fn::Sub). */
const REGION = `\${AWS::Region}`

/** Green: as it should be. Red: not so. One meaning each, on every page. */
const COLOUR = { good: '#2ca02c', bad: '#d62728' } as const

interface Widget {
  type: 'metric' | 'alarm' | 'text'
  properties: Record<string, unknown>
}

/** A band or a line that says what is good. */
type Mark = object | [object, object]

/**
 * Both dashboards: of what the platform runs on, and of what it is for. Each starts with the state of its alarms, and has a
 * second page where one is full. One that would show nothing is left out.
 */
export function dashboards(
  platform: Platform,
  alarms: Record<string, TemplateResource>,
): Record<string, TemplateResource> {
  const states = alarmStates('Alarms', alarms)
  return {
    ...pagesOf('infrastructure', [
      ...states,
      ...inRows(Object.entries(platform.services).flatMap(([name, service]) => ofService(platform, name, service))),
    ]),
    ...pagesOf('business', [
      ...states,
      ...inRows(Object.entries(platform.objectives).flatMap(([name]) => ofObjective(platform, name))),
      ...inRows(Object.values(platform.kpis).flatMap((kpi) => ofKpi(platform, kpi))),
    ]),
  }
}

/** A dashboard has so many widgets at most, and they so many lines (CloudWatch User Guide, CloudWatch quotas). */
const MOST = { widgets: 500, lines: 2_500 }

function pagesOf(name: string, rows: Widget[][]): Record<string, TemplateResource> {
  const pages: Widget[][][] = []
  for (const row of rows) {
    const page = pages.at(-1)
    if (page && fits([...page, row])) page.push(row)
    else pages.push([row])
  }
  return Object.fromEntries(
    pages.map((page, at) => {
      const named = at === 0 ? name : `${name}-${at + 1}`
      return [idOf(named, 'Dashboard'), dashboard(named, page)]
    }),
  )
}

function fits(page: Widget[][]): boolean {
  const widgets = page.flat()
  const lines = widgets.flatMap(({ properties: { metrics } }) => (Array.isArray(metrics) ? metrics : []))
  return widgets.length <= MOST.widgets && lines.length <= MOST.lines
}

function dashboard(name: string, rows: Widget[][]): TemplateResource {
  const widgets = rows.flatMap((row, index) =>
    row.map(({ type, properties }, place) => ({
      type,
      x: place * Math.floor(COLUMNS / row.length),
      y: index * HEIGHT,
      width: Math.floor(COLUMNS / row.length),
      height: HEIGHT,
      properties,
    })),
  )
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      DashboardName: `${PREFIX}-${name}`,
      DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) },
    },
  }
}

const IN_A_ROW = 3

function inRows(widgets: Widget[]): Widget[][] {
  return Array.from({ length: Math.ceil(widgets.length / IN_A_ROW) }, (_, row) =>
    widgets.slice(row * IN_A_ROW, (row + 1) * IN_A_ROW),
  )
}

/** A widget shows so many alarms at most (CloudWatch API Reference, Dashboard Body Structure). */
const MAX_ALARMS = 100

/** A row of those that notify: the windows of a burn rate are left out. No row, where none does. */
function alarmStates(title: string, alarms: Record<string, TemplateResource>): Widget[][] {
  const notifying = Object.entries(alarms).filter(([, { Properties }]) => 'AlarmActions' in Properties)
  const shown = notifying.slice(0, MAX_ALARMS).map(([id]) => `\${${id}.Arn}`)
  return shown.length === 0 ? [] : [[{ type: 'alarm', properties: { title, alarms: shown } }]]
}

function ofService(platform: Platform, name: string, { type }: Service): Widget[] {
  const line = (metric: string, options: object = {}) => seriesOf(platform, `${name}.${metric}`).map(lineOf(options))
  switch (type) {
    case 'lambda':
      return [
        graph(`${name}: duration, errors`, [
          ...['p50', 'p95', 'p99'].flatMap((stat) => line('Duration', { stat, label: `duration ${stat}` })),
          ...line('Errors', { stat: 'Sum', label: 'errors', yAxis: 'right', color: COLOUR.bad }),
        ]),
      ]
    case 'ecs':
      return [
        graph(
          `${name}: CPU and memory`,
          [...line('CPUUtilization', { label: 'CPU' }), ...line('MemoryUtilization', { label: 'memory' })],
          { marks: marksOf(platform, `${name}.CPUUtilization`), max: 100 },
        ),
      ]
    case 'rds':
      return [
        graph(
          `${name}: CPU, connections`,
          [
            ...line('CPUUtilization', { label: 'CPU' }),
            ...line('DatabaseConnections', { label: 'connections', yAxis: 'right' }),
          ],
          { marks: marksOf(platform, `${name}.CPUUtilization`), max: 100 },
        ),
        graph(`${name}: free storage`, line('FreeStorageSpace', { label: 'free storage' })),
      ]
    case 's3':
      return [graph(`${name}: size`, line('BucketSizeBytes'), { daily: true })]
    case 'queue':
      return [
        graph(`${name}: oldest message, waiting messages`, [
          ...line('ApproximateAgeOfOldestMessage', { label: 'age of the oldest (s)' }),
          ...line('ApproximateNumberOfMessagesVisible', { label: 'waiting', yAxis: 'right' }),
        ]),
      ]
    // The probe measures all of them together: the metric is an objective's.
    case 'http':
      return []
  }
}

/** What a bound of the file says about a metric, drawn. */
function marksOf({ kpis }: Platform, ref: string): Mark[] {
  return Object.values(kpis)
    .filter(({ metric }) => metric === ref)
    .flatMap(marksOfKpi)
}

function marksOfKpi({ atLeast, atMost, between }: Kpi): Mark[] {
  if (between) {
    const [low, high] = between
    return [[{ value: low, label: `good: ${low} to ${high}`, color: COLOUR.good }, { value: high }]]
  }
  if (atLeast !== undefined)
    return [{ value: atLeast, label: `at least ${atLeast}`, color: COLOUR.good, fill: 'above' }]
  return atMost === undefined ? [] : [{ value: atMost, label: `at most ${atMost}`, color: COLOUR.good, fill: 'below' }]
}

interface Look {
  marks?: Mark[]
  max?: number
  /** One value a day, over weeks. */
  daily?: boolean
  view?: 'timeSeries' | 'bar'
}

function graph(title: string, metrics: unknown[], { marks = [], max, daily, view = 'timeSeries' }: Look = {}): Widget {
  return {
    type: 'metric',
    properties: {
      title,
      view,
      region: REGION,
      period: daily ? DAY_S : 300,
      // Else a graph of the last hours has at most one point of what comes once a day.
      ...(daily && { setPeriodToTimeRange: false, start: '-P28D', end: 'P0D' }),
      yAxis: { left: { min: 0, ...(max !== undefined && { max }) } },
      ...(marks.length > 0 && { annotations: { horizontal: marks } }),
      metrics,
    },
  }
}

const lineOf =
  (options: object) =>
  ({ namespace, metric, dimensions, statistic }: Series) => [
    namespace,
    metric,
    ...Object.entries(dimensions).flat(),
    { stat: statistic, ...options },
  ]

/** What is good of it, with the goal; and how fast its budget burns, with what pages. */
function ofObjective(platform: Platform, name: string): Widget[] {
  const objective = platform.objectives[name]
  if (!objective) return []
  const { what, goal, percent, ratio } = objective
  const marks = [
    { value: goal, label: `goal ${goal} %`, color: COLOUR.good },
    ...burnPairs(objective)
      .slice(0, 1)
      .map((pair) => ({
        value: Number((100 - pair.percent).toPrecision(10)),
        label: 'pages, after an hour',
        color: COLOUR.bad,
      })),
  ]
  const title = `${what} (goal ${goal} %)`
  if (!ratio)
    return [graph(title, seriesOf(platform, percent ?? '').map(lineOf({ label: 'good (%)' })), { marks, max: 100 })]
  const parts = ratio.of.flatMap((service, at) =>
    [ratio.bad, ratio.total].flatMap((metric, kind) =>
      seriesOf(platform, `${service}.${metric}`).map(lineOf({ id: `${kind === 0 ? 'b' : 't'}${at}`, visible: false })),
    ),
  )
  const good = {
    expression: `100 - 100 * (${sumOf('b', ratio.of)}) / (${sumOf('t', ratio.of)})`,
    id: 'good',
    label: 'good (%)',
  }
  return [graph(title, [[good], ...parts], { marks, max: 100 })]
}

/** Each figure beside what is good. */
function ofKpi(platform: Platform, kpi: Kpi): Widget[] {
  const { what, metric, statistic, ask } = kpi
  if (ask !== undefined || metric === undefined) return [asked(what)]
  const series = seriesOf(platform, metric)
  const isDaily = series.some(({ everyS }) => everyS === DAY_S)
  const isVolume = series.some((one) => one.statistic === 'Sum')
  const lines = series.map(lineOf({ ...(statistic && { stat: statistic }) }))
  const look = { marks: marksOfKpi(kpi), daily: isDaily || isVolume, ...(isVolume && { view: 'bar' as const }) }
  return [graph(what, lines, look)]
}

/** Not a metric: a report asks it. */
function asked(what: string): Widget {
  return {
    type: 'text',
    properties: { markdown: `### ${what}\nNot a metric: the daily and the weekly report have it.` },
  }
}
