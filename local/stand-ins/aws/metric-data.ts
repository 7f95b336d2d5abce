import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MetricDataQuery,
  MetricDataResult,
  MetricStat,
} from '@aws-sdk/client-cloudwatch'
import type { MetricLine, Sample } from './data.ts'
import { refuseQueries } from './metric-data-queries.ts'
import { evaluate, type Line } from './metric-math.ts'
import { searched } from './metric-search.ts'
import type { Asked } from './operation.ts'
import { page } from './pages.ts'
import { statisticOf } from './statistic.ts'

/** On one page. */
export const MAX_POINTS = 100_800
const DAY_S = 86_400
/** For how many days a point is kept by the minute, by five minutes, by the hour (CloudWatch API Reference, GetMetricData). */
const KEPT: [days: number, periodS: number][] = [
  [15, 60],
  [63, 300],
  [455, 3_600],
]

/** Metrics and math over them, in pages of points. */
export function getMetricData(
  input: GetMetricDataCommandInput,
  asked: Asked,
): Omit<GetMetricDataCommandOutput, '$metadata'> {
  const queries = input.MetricDataQueries ?? []
  refuseQueries(input)
  const span = spanOf(input, asked.now)
  const known = new Map<string, Line[]>()
  for (const { Id = '', MetricStat, Label } of queries) {
    if (MetricStat) known.set(Id, [lineOf(MetricStat, Label, span, asked)])
  }
  const search = (text: string, statistic: string, periodS: number) =>
    searched(asked.data.metrics, text).map((line) => measured(line, statistic, periodS, labelOf(line), span, asked.now))
  const results = queries.flatMap((query): Whole[] => {
    const lines = query.MetricStat
      ? (known.get(query.Id ?? '') ?? [])
      : evaluate(query, queries, { known, search, span })
    return query.ReturnData === false ? [] : lines.map((line) => ({ query, line }))
  })
  return paged(results, input, asked)
}

interface Whole {
  query: MetricDataQuery
  line: Line
}

/** What is asked, in ms since 1970. */
interface Span {
  from: number
  to: number
}

/** The start is rounded down, to what is kept of that age. */
function spanOf({ StartTime, EndTime }: GetMetricDataCommandInput, now: Date): Span {
  const start = StartTime?.getTime() ?? 0
  const ageS = (now.getTime() - start) / 1_000
  const [, grainS] = KEPT.find(([days]) => ageS <= days * DAY_S) ?? [0, 3_600]
  return { from: floorTo(start, grainS * 1_000), to: EndTime?.getTime() ?? 0 }
}

function floorTo(time: number, stepMs: number): number {
  return Math.floor(time / stepMs) * stepMs
}

function lineOf(
  { Metric, Period = 60, Stat = '', Unit }: MetricStat,
  label: string | undefined,
  span: Span,
  asked: Asked,
): Line {
  const line = asked.data.metrics.find(
    (one) =>
      one.namespace === Metric?.Namespace &&
      one.metric === Metric.MetricName &&
      isSame(one.dimensions, Metric.Dimensions ?? []) &&
      (Unit === undefined || one.unit === Unit),
  )
  const name = label ?? Metric?.MetricName ?? ''
  return line
    ? measured(line, Stat, Period, name, span, asked.now)
    : { label: name, periodS: Period, points: new Map() }
}

/** A metric with fewer dimensions is another metric. */
function isSame(dimensions: Record<string, string>, given: { Name?: string; Value?: string }[]): boolean {
  return (
    given.length === Object.keys(dimensions).length && given.every(({ Name = '', Value }) => dimensions[Name] === Value)
  )
}

function labelOf({ metric, dimensions }: MetricLine): string {
  return [...Object.values(dimensions), metric].join(' ')
}

/** The statistic of each period, from the samples that were published until now. */
function measured(line: MetricLine, statistic: string, periodS: number, label: string, span: Span, now: Date): Line {
  const points = new Map<number, number>()
  const periodMs = periodS * 1_000
  if (!line.failsAs) {
    for (let from = floorTo(span.from, Math.min(periodMs, 60_000)); from < span.to; from += periodMs) {
      if (!isKept(from, periodS, now)) continue
      const samples = samplesOf(line, from, Math.min(from + periodMs, span.to, now.getTime()))
      const value = statisticOf(statistic, samples)
      if (value !== undefined) points.set(from, value)
    }
  }
  return { label, periodS, points, failsAs: line.failsAs }
}

/** An older point is kept by longer periods only, and a shorter one gets nothing. */
function isKept(time: number, periodS: number, now: Date): boolean {
  const ageS = (now.getTime() - time) / 1_000
  const kept = KEPT.find(([days]) => ageS <= days * DAY_S)
  return kept !== undefined && (kept[1] === 60 || periodS % kept[1] === 0)
}

function samplesOf({ everyS, at }: MetricLine, from: number, to: number): Sample[] {
  const stepMs = everyS * 1_000
  const samples: Sample[] = []
  for (let time = Math.ceil(from / stepMs) * stepMs; time < to; time += stepMs) {
    const sample = at(time)
    if (sample) samples.push(sample)
  }
  return samples
}

/** Metrics are cut where a page is full, and say PartialData until they are complete; math is complete on the first page. */
function paged(
  results: Whole[],
  input: GetMetricDataCommandInput,
  asked: Asked,
): Omit<GetMetricDataCommandOutput, '$metadata'> {
  const isAscending = input.ScanBy === 'TimestampAscending'
  const sorted = results.map((whole) => ({
    ...whole,
    points: [...whole.line.points].sort(([a], [b]) => (isAscending ? a - b : b - a)),
  }))
  const cut = sorted.flatMap(({ query, points }, at) =>
    query.MetricStat ? points.map((point) => ({ at, point })) : [],
  )
  const size = input.MaxDatapoints ?? MAX_POINTS
  const { items, next } = page(cut, { token: input.NextToken, size, of: input }, asked)
  const lastOf = new Map(cut.map(({ at, point }) => [at, point]))
  const isFirst = input.NextToken === undefined
  const MetricDataResults = sorted.flatMap(({ query, line, points }, at): MetricDataResult[] => {
    if (!query.MetricStat) return isFirst ? [resultOf(query, line, points, 'Complete')] : []
    const here = items.filter((item) => item.at === at).map(({ point }) => point)
    if (line.failsAs) return isFirst ? [resultOf(query, line, [], line.failsAs)] : []
    const last = lastOf.get(at)
    const isComplete = last === undefined ? isFirst : here.includes(last)
    if (here.length === 0 && !isFirst) return []
    return [resultOf(query, line, here, isComplete ? 'Complete' : 'PartialData')]
  })
  return { MetricDataResults, NextToken: next, Messages: [] }
}

function resultOf(
  { Id, Label }: MetricDataQuery,
  line: Line,
  points: [number, number][],
  StatusCode: NonNullable<MetricDataResult['StatusCode']>,
): MetricDataResult {
  return {
    Id,
    Label: Label ?? line.label,
    Timestamps: points.map(([time]) => new Date(time)),
    Values: points.map(([, value]) => value),
    StatusCode,
  }
}
