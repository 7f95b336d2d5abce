import { QUERIES } from '../platform/queries.ts'
import { logGroupOf } from '../platform/series.ts'
import type { Point } from './ask.ts'
import { against, figure } from './figure.ts'
import { functionsOf, hourly } from './hourly.ts'
import { ofAllLogs } from './lines.ts'
import { type Context, type Question, question } from './question.ts'
import { HOUR_S, isInDay, lastDays } from './spans.ts'

/** So many times as slow as the day before and as on the same weekday is worse. */
const SLOWER = 1.5

/** How long each function takes: for half of its invocations, for one in twenty, and for one in a hundred. */
export function durations(context: Context): Question[] {
  return functionsOf(context).map((name) => {
    const of = (statistic: string) => hourly(context, `${name}.Duration`, statistic, 8)
    return question({
      id: `duration ${name}`,
      title: `Duration of ${name}`,
      asks: { p50: of('p50'), p95: of('p95'), p99: of('p99') },
      answer: ({ p50, p95, p99 }) => {
        const worst = (points: Point[], daysBefore: number) =>
          Math.max(...points.filter(([time]) => isInDay(context.now, daysBefore)(time)).map(([, ms]) => ms))
        const today = worst(p95, 0)
        if (!Number.isFinite(today)) return { verdict: 'no data', says: 'not invoked' }
        const [before, weekday] = [worst(p95, 1), worst(p95, 7)]
        const isSlower = [before, weekday].every((ms) => Number.isFinite(ms) && today > SLOWER * ms)
        const text = (ms: number) => figure(ms, 'Milliseconds')
        return {
          verdict: isSlower ? 'bad' : 'shown',
          says: `p50 ${text(worst(p50, 0))}, p95 ${text(today)}, p99 ${text(worst(p99, 0))} (each of the worst hour)`,
          compared: [
            ...against('the day before', today, before, text),
            ...against('the same weekday', today, weekday, text),
          ].map((one) => `p95: ${one}`),
          ...(isSlower && { todo: `Find out why ${name} is slower than usual` }),
          line: { unit: 'Milliseconds', points: p95, periodS: HOUR_S },
        }
      },
    })
  })
}

/** Invocations that Lambda refused, as too many ran: neither errors nor invocations count them. */
export function throttles(context: Context): Question[] {
  return functionsOf(context).map((name) =>
    question({
      id: `throttles ${name}`,
      title: `Throttled invocations of ${name}`,
      asks: { throttled: hourly(context, `${name}.Throttles`, 'Sum', 1) },
      answer: ({ throttled }) => {
        if (throttled.length === 0) return { verdict: 'no data', says: 'not invoked' }
        const all = throttled.reduce((sum, [, value]) => sum + value, 0)
        return {
          verdict: all > 0 ? 'bad' : 'good',
          says: all === 0 ? 'none' : figure(all, 'Count'),
          bound: 'none',
          ...(all > 0 && { todo: 'Raise its reserved concurrency, or the quota of the account' }),
        }
      },
    }),
  )
}

/** The lines that Lambda writes at the end of each invocation. */
const REPORT_LINES = `filter @type = "REPORT"
| stats count(*) as runs, count(@initDuration) as cold, max(@maxMemoryUsed) as used, max(@memorySize) as size`

const MB = 1_000_000
/** With less to spare, the next larger input fails. */
const MOST_USED = 0.9

/** How much of its memory each function has used, and how many of its starts were cold. */
export function memory(context: Context): Question[] {
  return functionsOf(context).map((name) =>
    question({
      id: `memory ${name}`,
      title: `Memory of ${name}`,
      asks: {
        lines: {
          kind: 'logs',
          query: REPORT_LINES,
          groups: [logGroupOf(context.platform, name) ?? ''],
          ...lastDays(context.now, 1),
        },
      },
      answer: ({ lines: { rows } }) => {
        const { runs = 0, cold = 0, used = 0, size = 0 } = numbers(rows[0])
        if (runs === 0 || size === 0) return { verdict: 'no data', says: 'not invoked' }
        const isFull = used > MOST_USED * size
        return {
          verdict: isFull ? 'bad' : 'good',
          says: `${Math.round(used / MB)} of ${Math.round(size / MB)} MB at most; ${figure((100 * cold) / runs, 'Percent')} cold starts (${figure(cold, 'Count')} of ${figure(runs, 'Count')})`,
          bound: `at most ${100 * MOST_USED} % of its memory`,
          ...(isFull && { todo: `Give ${name} more memory: a larger input would end it` }),
        }
      },
    }),
  )
}

const numbers = (row: Record<string, string> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, Number(value)]))

/** How long each pipeline takes, by what the services log. */
export function pipelines({ platform, now }: Context): Question[] {
  return ofAllLogs(platform, (groups) => [
    question({
      id: 'pipelines',
      title: 'Latency by pipeline',
      asks: { lines: { kind: 'logs', query: QUERIES.performance, groups, ...lastDays(now, 1) } },
      answer: ({ lines: { rows } }) => {
        if (rows.length === 0) return { verdict: 'no data', says: 'no line says "processing completed"' }
        const text = (seconds: string | undefined) => figure(Number(seconds), 'Seconds')
        const [slowest] = rows
        return {
          verdict: 'shown',
          says: `the slowest is ${slowest?.pipeline}: p95 ${text(slowest?.p95)}`,
          table: {
            head: ['pipeline', 'environment', 'average', 'p95', 'longest', 'shortest'],
            rows: rows.map((row) => [
              row.pipeline ?? '',
              row.environment ?? '',
              text(row.average),
              text(row.p95),
              text(row.longest),
              text(row.shortest),
            ]),
          },
        }
      },
    }),
  ])
}

/** What containers and databases use of what they have. */
export function utilization(context: Context): Question[] {
  const { platform } = context
  const refs = Object.entries(platform.services).flatMap(([name, { type }]) => {
    if (type === 'ecs') return [`${name}.CPUUtilization`, `${name}.MemoryUtilization`]
    return type === 'rds' ? [`${name}.CPUUtilization`] : []
  })
  return refs.map((ref) => {
    const [low, high] = Object.values(platform.kpis).find(({ metric: of }) => of === ref)?.between ?? [70, 80]
    const [name = '', what = ''] = ref.split('.')
    return question({
      id: `utilization ${ref}`,
      title: `${what.startsWith('CPU') ? 'CPU' : 'Memory'} of ${name}`,
      asks: { used: hourly(context, ref, 'Average', 7) },
      answer: ({ used }) => {
        if (used.length === 0) return { verdict: 'no data', says: 'nothing was published' }
        const average = used.reduce((sum, [, value]) => sum + value, 0) / used.length
        const isOver = average > high
        return {
          verdict: isOver ? 'bad' : average < low ? 'shown' : 'good',
          says: `${figure(average, 'Percent')} on average, ${figure(Math.max(...used.map(([, value]) => value)), 'Percent')} in the worst hour of a week`,
          bound: `${low} % to ${high} %`,
          ...(isOver && { todo: `Give ${name} more room` }),
          ...(average < low && { compared: ['less than it is sized for: it could be smaller'] }),
          line: { unit: 'Percent', points: used, periodS: HOUR_S, bound: { value: high, is: 'at most' } },
        }
      },
    })
  })
}
