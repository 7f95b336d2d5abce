import type { Platform } from '../../schemas/platform.ts'
import type { Line } from './answer.ts'
import { courseOf, daily, dailyOf, reached, SOON_DAYS, summed } from './daily.ts'
import { type FigureUnit, figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_S } from './spans.ts'
import { LEAST_DAYS } from './trend.ts'

const named = ({ services }: Platform, type: string): string[] =>
  Object.entries(services).flatMap(([name, service]) => (service.type === type ? [name] : []))

/** How each bucket grows, and when each database's storage is full. */
export function storage(context: Context): Question[] {
  return [...named(context.platform, 's3').map((name) => bucket(context, name)), ...freeStorage(context)]
}

/** A bucket is never full: its size costs. */
function bucket(context: Context, name: string): Question {
  const types = dailyOf(context, `${name}.BucketSizeBytes`, 'Average')
  return question({
    id: `size ${name}`,
    title: `Size of ${name}`,
    asks: Object.fromEntries(types.map((ask, at) => [`type ${at}`, ask])),
    answer: (found) => {
      const points = summed(Object.values(found))
      const size = points.at(-1)?.[1]
      if (size === undefined) return { verdict: 'no data', says: 'S3 has published no size' }
      const { trend, moves, line } = courseOf(points, 'Bytes', context.now)
      const inAYear = trend && size + 365 * trend.perDay
      return {
        verdict: 'shown',
        says: figure(size, 'Bytes'),
        compared: [
          moves,
          ...(inAYear === undefined || inAYear < 0 ? [] : [`at this pace ${figure(inAYear, 'Bytes')} in a year`]),
        ],
        line,
      }
    },
  })
}

function freeStorage(context: Context): Question[] {
  return named(context.platform, 'rds').map((name) =>
    limited(context, {
      ...{ ref: `${name}.FreeStorageSpace`, statistic: 'Minimum', unit: 'Bytes', limit: { value: 0, is: 'at least' } },
      title: `Free storage of ${name}`,
      ...{ is: 'free', end: 'full' },
      todo: `Give ${name} more storage, or find out what grows`,
    }),
  )
}

/** What databases and containers use of what they have, and when that is all. */
export function databases(context: Context): Question[] {
  const { platform } = context
  const busy = (ref: string, what: string, name: string): Limited => {
    const [, high] = Object.values(platform.kpis).find(({ metric }) => metric === ref)?.between ?? [70, 80]
    return {
      ...{ ref, statistic: 'Average', unit: 'Percent', limit: { value: high, is: 'at most' } },
      ...{ title: `${what} of ${name}`, is: 'on average', end: `above ${high} %`, todo: `Give ${name} more room` },
    }
  }
  const rds = named(platform, 'rds').flatMap((name): Limited[] => [
    busy(`${name}.CPUUtilization`, 'CPU', name),
    {
      ...{ ref: `${name}.FreeableMemory`, statistic: 'Minimum', unit: 'Bytes', limit: { value: 0, is: 'at least' } },
      ...{ title: `Free memory of ${name}`, is: 'free', end: 'none left', todo: `Give ${name} more memory` },
    },
    {
      ...{ ref: `${name}.DatabaseConnections`, statistic: 'Maximum', unit: 'Count' },
      ...{ title: `Connections of ${name}`, is: 'at the peak', end: '', todo: '' },
    },
  ])
  const ecs = named(platform, 'ecs').flatMap((name) => [
    busy(`${name}.CPUUtilization`, 'CPU', name),
    busy(`${name}.MemoryUtilization`, 'Memory', name),
  ])
  return [...rds, ...ecs].map((one) => limited(context, one))
}

interface Limited {
  ref: string
  statistic: string
  unit: FigureUnit
  limit?: NonNullable<Line['bound']>
  title: string
  /** After the figure of the last day: `198 GB free`. */
  is: string
  /** What happens at the limit: `full`. */
  end: string
  todo: string
}

function limited(context: Context, { ref, statistic, unit, limit, title, is, end, todo }: Limited): Question {
  return question({
    id: `course ${ref}`,
    title,
    asks: { used: daily(context, ref, statistic) },
    answer: ({ used }) => {
      const last = used.at(-1)
      if (!last) return { verdict: 'no data', says: 'nothing was published' }
      const { until, isSoon, moves, line } = courseOf(used, unit, context.now, limit)
      const isMet = limit !== undefined && isBeyond(last[1], limit)
      const isBad = isSoon || isMet
      const isJudged = limit !== undefined && (isBad || used.length >= LEAST_DAYS)
      const when = isMet ? '' : reached(end, until, context.now)
      return {
        verdict: isBad ? 'bad' : isJudged ? 'good' : 'shown',
        says: `${figure(last[1], unit)} ${is}${isMet ? `: ${end}` : when === '' ? '' : `: ${when}`}`,
        ...(limit && { bound: `not ${end} within ${SOON_DAYS} days` }),
        compared: [`${moves}; the figure is of ${new Date(last[0] * 1_000).toISOString().slice(0, 10)}`],
        ...(isBad && { todo: when === '' ? todo : `${todo}: ${when}` }),
        line: { ...line, periodS: DAY_S },
      }
    },
  })
}

/** What is above its range, or has nothing left. */
function isBeyond(value: number, { value: limit, is }: NonNullable<Line['bound']>): boolean {
  return is === 'at most' ? value > limit : value <= limit
}
