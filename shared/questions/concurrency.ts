import type { Answer } from './answer.ts'
import type { LambdaLimits, Point } from './ask.ts'
import { byDay, courseOf, daily, reached, SOON_DAYS } from './daily.ts'
import { figure } from './figure.ts'
import { functionsOf } from './hourly.ts'
import { type Context, type Question, question } from './question.ts'
import { shell } from './shell.ts'

/** Above this share of a limit, a busy day meets it. */
const MOST_USED = 0.8
/** The peak is that of two weeks: of longer ago, it says little about the next. */
const PEAK_DAYS = 14
/** Of its limit, a concurrency that is asked for leaves so much free. */
const WANTED = 0.6

/** Of Lambda (Service Quotas, Concurrent executions). */
export const CONCURRENT_EXECUTIONS = 'L-B99A9384'

/** How many invocations run at once, of the account and of functions with a limit of their own. */
export function concurrency(context: Context): Question[] {
  const names = functionsOf(context)
  const limits = { kind: 'lambda-limits', functions: names.map((name) => functionOf(context, name)) } as const
  const account = (metric: string) => byDay(context.now, { namespace: 'AWS/Lambda', metric, dimensions: {} }, 'Maximum')
  return [
    question({
      id: 'concurrency',
      title: 'Concurrency of the account',
      asks: {
        limits,
        all: account('ConcurrentExecutions'),
        unreserved: account('UnreservedConcurrentExecutions'),
      },
      answer: ({ limits: found, all, unreserved }) => ofAccount(found, all, unreserved, context.now),
    }),
    ...names.map((name) =>
      question({
        id: `concurrency ${name}`,
        title: `Concurrency of ${name}`,
        asks: { limits, used: daily(context, `${name}.ConcurrentExecutions`, 'Maximum') },
        answer: ({ limits: found, used }) => ofFunction(functionOf(context, name), found, used, context.now),
      }),
    ),
  ]
}

/** A command that asks for more of a quota: AWS decides. */
export function moreOf(serviceCode: string, code: string, wanted: number): string {
  return shell('aws service-quotas request-service-quota-increase', {
    ...{ 'service-code': serviceCode, 'quota-code': code, 'desired-value': String(wanted) },
  })
}

function functionOf({ platform }: Context, name: string): string {
  const service = platform.services[name]
  return service?.type === 'lambda' ? service.function : name
}

const peakOf = (points: Point[]) => Math.max(0, ...points.slice(-PEAK_DAYS).map(([, value]) => value))
const shareOf = (peak: number, limit: number) =>
  `${figure(peak, 'Count')} of ${figure(limit, 'Count')} (${Math.round((100 * peak) / limit)} %)`

type Judged = Omit<Answer, 'id' | 'title' | 'source'>

function ofAccount(limits: LambdaLimits, all: Point[], unreserved: Point[], now: Date): Judged {
  const bound = `at most ${100 * MOST_USED} %, and not full within ${SOON_DAYS} days`
  if (all.length === 0) return { verdict: 'no data', says: 'no function has run', bound }
  if (limits.all === 0) return { verdict: 'no data', says: 'Lambda names no limit', bound }
  const parts = [
    { peak: peakOf(all), limit: limits.all, points: all, what: 'at the peak' },
    ...(limits.unreserved > 0 && limits.unreserved < limits.all
      ? [
          {
            peak: peakOf(unreserved),
            limit: limits.unreserved,
            points: unreserved,
            what: 'of what no function reserves',
          },
        ]
      : []),
  ].map((part) => ({
    ...part,
    course: courseOf(part.points, 'Count', now, { value: part.limit, is: 'at most' }),
  }))
  const isBad = parts.some(({ peak, limit, course }) => peak > MOST_USED * limit || course.isSoon)
  const [whole] = parts
  const need = Math.max(...parts.map(({ peak, limit }) => peak / WANTED + limits.all - limit))
  const wanted = Math.max(limits.all + 100, Math.ceil(need / 100) * 100)
  return {
    verdict: isBad ? 'bad' : 'good',
    says: parts.map(({ peak, limit, what }) => `${shareOf(peak, limit)} ${what}`).join('; '),
    bound,
    compared: parts.flatMap(({ course, what }) => [
      `${course.moves}${parts.length > 1 ? ` (${what})` : ''}`,
      ...[reached('full', course.until, now)].filter((text) => text !== ''),
    ]),
    ...(isBad && {
      todo: 'Ask for a higher limit of concurrent executions, before a busy day throttles every function',
      proposals: [
        {
          command: moreOf('lambda', CONCURRENT_EXECUTIONS, wanted),
          effect: `AWS decides about a limit of ${figure(wanted, 'Count')} in place of ${figure(limits.all, 'Count')}, in this region`,
          risk: 'none for what runs. More at once may be too much for the databases behind it',
          back: 'withdraw the request in the Service Quotas console, or leave the limit unused',
        },
      ],
    }),
    ...(whole && { line: whole.course.line }),
  }
}

function ofFunction(name: string, { reserved }: LambdaLimits, used: Point[], now: Date): Judged {
  const limit = reserved[name]
  if (limit === 0)
    return { verdict: 'bad', says: 'switched off: 0 are reserved', todo: `Decide whether ${name} should run again` }
  if (used.length === 0) return { verdict: 'no data', says: 'not invoked' }
  const peak = peakOf(used)
  const course = courseOf(used, 'Count', now, limit === undefined ? undefined : { value: limit, is: 'at most' })
  const compared = [course.moves]
  if (limit === undefined) {
    return {
      ...{
        verdict: 'shown',
        says: `${figure(peak, 'Count')} at the peak, nothing reserved`,
        compared,
        line: course.line,
      },
    }
  }
  const isBad = peak > MOST_USED * limit || course.isSoon
  const wanted = Math.ceil(peak / WANTED / 10) * 10
  const reserve = (most: number) =>
    shell('aws lambda put-function-concurrency', {
      'function-name': name,
      'reserved-concurrent-executions': String(most),
    })
  return {
    verdict: isBad ? 'bad' : 'good',
    says: `${shareOf(peak, limit)} of what it has reserved`,
    bound: `at most ${100 * MOST_USED} %, and not full within ${SOON_DAYS} days`,
    compared: [...compared, ...[reached('full', course.until, now)].filter((text) => text !== '')],
    line: course.line,
    ...(isBad && {
      todo: `Reserve more for ${name}: a busy day throttles it`,
      proposals: [
        {
          command: reserve(wanted),
          effect: `${name} may run ${figure(wanted, 'Count')} times at once in place of ${figure(limit, 'Count')}`,
          risk: `the other functions have ${figure(wanted - limit, 'Count')} fewer to share`,
          back: reserve(limit),
        },
      ],
    }),
  }
}
