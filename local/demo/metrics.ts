import type { Platform } from '../../schemas/platform.ts'
import { refsOf, type Series, seriesOf } from '../../shared/platform/series.ts'
import type { MetricLine } from '../stand-ins/aws/data.ts'
import type { CostOf } from './cost.ts'
import { type Course, errorShare, errorsOf, invocations, type Level, OF_AWS, OTHERWISE, OWN, steady } from './levels.ts'
import { noiseOf } from './noise.ts'
import { routerMetrics } from './router.ts'
import type { Services } from './services.ts'

const DAY_MS = 86_400_000
/** In a minute, at the peak of a working day. */
const PER_MINUTE = 120

/** Every metric that the platform's file names, those of the account, and those by which quotas are used. */
export function metricsOf(
  platform: Platform,
  services: Services,
  course: Course,
  seed: number,
  costOf: CostOf,
): MetricLine[] {
  const named = refsOf(platform).flatMap((ref) => {
    const own = { ...course, noise: noiseOf(seed, ref) }
    return seriesOf(platform, ref).map((series) =>
      lineOf(series, levelOf(platform, services, series, own, seed, costOf)),
    )
  })
  return [...named, ...ofAccount(platform, services, course, seed), ...routerMetrics()].map((line) =>
    within(line, course),
  )
}

function lineOf({ namespace, metric, dimensions, unit, everyS }: Series, at: Level): MetricLine {
  return { namespace, metric, dimensions, unit, everyS, at }
}

/** There is nothing before the demo begins. */
function within(line: MetricLine, { times }: Course): MetricLine {
  return { ...line, at: (time) => (time < times.since ? undefined : line.at(time)) }
}

function levelOf(
  platform: Platform,
  services: Services,
  series: Series,
  course: Course,
  seed: number,
  costOf: CostOf,
): Level {
  if (series.from?.by === 'daily-report') return daily(platform, series.from.per, course, seed, costOf)
  if (series.service === undefined) return (OWN[series.ref] ?? OTHERWISE)(course)
  if (series.namespace === 'AWS/Lambda' && (series.metric === 'Invocations' || series.metric === 'Errors')) {
    return ofFunction(series.service, series.metric, services, course, seed)
  }
  return (OF_AWS[`${series.namespace} ${series.metric}`] ?? OTHERWISE)(course)
}

/** A function has errors among its own invocations, whichever of the two is asked for. */
export function ofFunction(
  name: string,
  metric: 'Invocations' | 'Errors',
  { processor }: Services,
  course: Course,
  seed: number,
): Level {
  const count = invocations({ ...course, noise: noiseOf(seed, `${name} invocations`) }, PER_MINUTE)
  if (metric === 'Invocations') return (time) => ({ values: [1], counts: [count(time)] })
  return errorsOf(count, errorShare(course, name === processor?.name), noiseOf(seed, `${name} errors`))
}

/** What the daily report publishes once a day's cost is settled; by the sum of a metric, if it has one. */
function daily(platform: Platform, per: string | undefined, course: Course, seed: number, costOf: CostOf): Level {
  const [series] = seriesOf(platform, per ?? '')
  const level = series && OWN[series.ref]?.({ ...course, noise: noiseOf(seed, series.ref) })
  return (time) => {
    if (time + 2 * DAY_MS > course.times.now) return undefined
    const cost = costOf(new Date(time).toISOString().slice(0, 10)).reduce((sum, { amount }) => sum + amount, 0)
    if (per === undefined) return { values: [cost] }
    const total = level ? sumOf(level, time, time + DAY_MS) : 0
    return total === 0 ? undefined : { values: [cost / total] }
  }
}

function sumOf(level: Level, from: number, to: number): number {
  let sum = 0
  for (let time = from; time < to; time += 60_000) {
    const { values, counts } = level(time) ?? { values: [] }
    for (const [at, value] of values.entries()) sum += value * (counts?.[at] ?? 1)
  }
  return sum
}

/** Lambda's metrics of all functions together, and what AWS/Usage counts. */
function ofAccount(platform: Platform, services: Services, course: Course, seed: number): MetricLine[] {
  const functions = Object.entries(platform.services).flatMap(([name, { type }]) => (type === 'lambda' ? [name] : []))
  const all = (metric: 'Invocations' | 'Errors'): Level => {
    const levels = functions.map((name) => ofFunction(name, metric, services, course, seed))
    return (time) => {
      const samples = levels.flatMap((level) => level(time) ?? [])
      return {
        values: samples.flatMap(({ values }) => values),
        counts: samples.flatMap(({ values, counts }) => values.map((_, at) => counts?.[at] ?? 1)),
      }
    }
  }
  const line = (metric: string, at: Level): MetricLine => ({
    ...{ namespace: 'AWS/Lambda', metric, dimensions: {}, unit: 'Count', everyS: 60, at },
  })
  const running = (most: number) => steady((time) => Math.round(most * course.activity(time)))
  return [
    ...[line('Invocations', all('Invocations')), line('Errors', all('Errors'))],
    // The first function has some reserved for itself, and uses 120 of them.
    ...[line('ConcurrentExecutions', running(820)), line('UnreservedConcurrentExecutions', running(700))],
    line(
      'Throttles',
      steady(() => 0),
    ),
    {
      ...{ namespace: 'AWS/Usage', metric: 'ResourceCount', dimensions: FARGATE_USAGE, unit: 'None', everyS: 300 },
      at: steady(() => 148),
    },
  ]
}

/** By these, AWS/Usage counts the vCPUs of Fargate (CloudWatch User Guide, AWS usage metrics). */
export const FARGATE_USAGE = { Service: 'Fargate', Type: 'Resource', Resource: 'vCPU', Class: 'Standard/OnDemand' }
