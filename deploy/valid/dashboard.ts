import * as z from 'zod'
import { PLAIN_STATISTICS, statisticProblems } from './alarm.ts'
import { readMath } from './math.ts'
import { queryProblems } from './query.ts'

/*
 * What PutDashboard refuses, or draws empty (CloudWatch API Reference, Dashboard Body Structure and Syntax; User Guide,
 * CloudWatch quotas).
 */

const MAX_WIDGETS = 500
const MAX_LINES = 2_500
const MAX_LINES_OF_WIDGET = 500
const COLUMNS = 24
const MAX_DIMENSIONS = 30
/** Of a bucket, S3 publishes a point a day; a shorter period draws nothing. */
const DAILY = ['BucketSizeBytes', 'NumberOfObjects']

const integer = (least: number, most: number) => z.int().min(least).max(most)
const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'write a colour as #rrggbb')
const period = z.number().refine((value) => [1, 5, 10, 30].includes(value) || (value > 0 && value % 60 === 0), {
  message: 'use 1, 5, 10, 30 or a multiple of 60 seconds',
})
const statistic = z.string().superRefine((value, context) => {
  if (PLAIN_STATISTICS.includes(value)) return
  for (const message of statisticProblems(value)) context.addIssue({ code: 'custom', message })
})

const axis = z.looseObject({ min: z.number().optional(), max: z.number().optional() })
const lineOptions = z.strictObject({
  ...{ id: z.string().optional(), label: z.string().optional(), visible: z.boolean().optional() },
  ...{ region: z.string().optional(), accountId: z.string().optional(), expression: z.string().optional() },
  ...{ stat: statistic.optional(), period: period.optional(), color: colour.optional() },
  yAxis: z.enum(['left', 'right']).optional(),
})
const level = z.looseObject({ value: z.number(), color: colour.optional() })
const annotations = z.looseObject({
  alarms: z.array(z.string()).min(1).max(1).optional(),
  horizontal: z.array(z.union([level, z.tuple([level, level])])).optional(),
})

const metricWidget = z.looseObject({
  region: z.string(),
  metrics: z.array(z.array(z.unknown()).min(1)).min(1).max(MAX_LINES_OF_WIDGET).optional(),
  annotations: annotations.optional(),
  view: z.enum(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table']).optional(),
  stacked: z.boolean().optional(),
  stat: statistic.optional(),
  period: period.optional(),
  yAxis: z.looseObject({ left: axis.optional(), right: axis.optional() }).optional(),
})
const place = {
  ...{ x: integer(0, COLUMNS - 1).optional(), y: z.int().min(0).optional() },
  ...{ width: integer(1, COLUMNS).optional(), height: integer(1, 1000).optional() },
}
const widget = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('metric'), ...place, properties: metricWidget }),
  z.looseObject({ type: z.literal('text'), ...place, properties: z.looseObject({ markdown: z.string() }) }),
  z.looseObject({
    ...{ type: z.literal('alarm'), ...place },
    properties: z.looseObject({ alarms: z.array(z.string()).min(1).max(100) }),
  }),
  z.looseObject({
    ...{ type: z.literal('log'), ...place },
    properties: z.looseObject({ region: z.string(), query: z.string(), view: z.string().optional() }),
  }),
])
const body = z.looseObject({ widgets: z.array(widget).max(MAX_WIDGETS) })
type Widget = z.infer<typeof widget>
type MetricWidget = z.infer<typeof metricWidget>

/** What is wrong with a dashboard's body, a text of JSON. */
export function dashboardProblems(text: string): string[] {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    return [`DashboardBody is not JSON: ${(error as Error).message}`]
  }
  const read = body.safeParse(data)
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  const { widgets } = read.data
  const lines = widgets.reduce((sum, one) => sum + linesIn(one), 0)
  return [
    ...widgets.flatMap((one, index) => widgetProblems(one).map((what) => `widgets.${index}${titled(one)}: ${what}`)),
    ...(lines > MAX_LINES ? [`draws ${lines} lines: at most ${MAX_LINES}`] : []),
  ]
}

function linesIn(one: Widget): number {
  return one.type === 'metric' ? (one.properties.metrics?.length ?? 0) : 0
}

function titled({ properties: { title } }: Widget): string {
  return typeof title === 'string' ? ` ("${title}")` : ''
}

function widgetProblems(one: Widget): string[] {
  const { x, y, width = 6 } = one
  const places = [
    ...((x === undefined) === (y === undefined) ? [] : ['give both x and y, or none']),
    ...(x !== undefined && x + width > COLUMNS ? [`ends at column ${x + width} of ${COLUMNS}: it would be moved`] : []),
  ]
  if (one.type === 'metric') return [...places, ...metricProblems(one.properties)]
  if (one.type === 'log') return [...places, ...logProblems(one.properties.query, one.properties.view)]
  return places
}

function logProblems(query: string, view = 'table'): string[] {
  if (!/^\s*SOURCE\s/.test(query)) return ["the query must begin with its log groups: SOURCE 'group' | …"]
  const drawn = ['timeSeries', 'bar'].includes(view) && !/\bbin\(/.test(query)
  return [
    ...queryProblems(query.replace(/^(\s*SOURCE\s[^|]*\|)+/, '')),
    ...(drawn ? [`view "${view}" needs stats … by bin(…)`] : []),
  ]
}

function metricProblems(properties: MetricWidget): string[] {
  const { metrics = [], annotations: marks, view = 'timeSeries', stacked, yAxis } = properties
  const hasBounds = yAxis?.left?.min !== undefined && yAxis.left.max !== undefined
  return [
    ...(metrics.length > 0 === (marks?.alarms !== undefined) ? ['give metrics, or one alarm in annotations'] : []),
    ...(view === 'gauge' && !hasBounds ? ['a gauge needs yAxis.left.min and max'] : []),
    ...(stacked && view !== 'timeSeries' ? ['only timeSeries can be stacked'] : []),
    ...(view === 'pie' && marks?.horizontal ? ['a pie has no horizontal annotations'] : []),
    ...lineProblems(properties),
  ]
}

function lineProblems({ metrics = [], period: usual = 300 }: MetricWidget): string[] {
  const ids = metrics.flatMap((line) => optionsOf(line)?.id ?? [])
  return metrics.flatMap((line, index) => {
    const options = lineOptions.safeParse(optionsOf(line) ?? {})
    if (!options.success) {
      return options.error.issues.map(({ path, message }) => `metrics.${index}.${path.join('.')}: ${message}`)
    }
    const { expression, period: own = usual } = options.data
    const problems =
      expression === undefined ? nameProblems(line, index, own) : mathProblems(expression, ids as string[])
    return problems.map((what) => `metrics.${index}: ${what}`)
  })
}

function optionsOf(line: unknown[]): Record<string, unknown> | undefined {
  const last = line.at(-1)
  return typeof last === 'object' && last !== null ? (last as Record<string, unknown>) : undefined
}

function mathProblems(expression: string, ids: string[]): string[] {
  return readMath(expression, (id) => (ids.includes(id) ? 'series' : undefined)).problems.map(
    (what) => `the expression ${what}`,
  )
}

/** `[namespace, metric, dimension, value, …]`; `.` repeats what stands above, `...` several of it. */
function nameProblems(line: unknown[], index: number, periodS: number): string[] {
  const names = line.filter((part) => typeof part === 'string')
  const repeats = names.some((name) => name === '.' || name === '...')
  if (names.length < line.length - (optionsOf(line) ? 1 : 0))
    return ['holds what is neither a text nor, at its end, options']
  if (repeats) return index === 0 ? ['the first line has nothing above it to repeat'] : []
  const dimensions = names.length - 2
  if (dimensions < 0) return ['needs a namespace and a metric']
  return [
    ...(dimensions % 2 === 0 ? [] : ['a dimension has no value']),
    ...(dimensions / 2 > MAX_DIMENSIONS ? [`has ${dimensions / 2} dimensions: at most ${MAX_DIMENSIONS}`] : []),
    ...emptyProblems(names, periodS),
  ]
}

/** Metrics that exist only with certain dimensions: without them the graph stays empty. */
function emptyProblems([namespace, metric = '', ...dimensions]: string[], periodS: number): string[] {
  const has = (name: string) => dimensions.some((part, at) => at % 2 === 0 && part === name)
  if (namespace === 'AWS/S3' && DAILY.includes(metric)) {
    return [
      ...(has('BucketName') && has('StorageType') ? [] : [`${metric} needs BucketName and StorageType`]),
      ...(periodS % 86_400 === 0 ? [] : [`${metric} has a point a day: use a period of 86400`]),
    ]
  }
  if (namespace === 'AWS/ECS' && !has('ClusterName')) return [`${metric} needs ClusterName`]
  return []
}
