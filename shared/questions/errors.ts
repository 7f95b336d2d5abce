import type { Platform } from '../../schemas/platform.ts'
import { budgetOf } from '../platform/burn.ts'
import type { Point } from './ask.ts'
import { against, figure } from './figure.ts'
import { functionsOf, hourly } from './hourly.ts'
import { type Context, type Question, question } from './question.ts'
import { HOUR_S, isInDay } from './spans.ts'

/** Fewer errors than this are not compared: one more is twice as many. */
const FEW = 10
/** So many times as many as the day before and as on the same weekday is worse. */
const WORSE = 2

/** For each function, what share of its invocations failed in a day; beside it the day before, and the same weekday. */
export function errorRates(context: Context): Question[] {
  return functionsOf(context).map((name) => {
    const sum = (metric: string) => hourly(context, `${name}.${metric}`, 'Sum', 8)
    return question({
      id: `errors ${name}`,
      title: `Errors of ${name}`,
      asks: { errors: sum('Errors'), invocations: sum('Invocations') },
      answer: ({ errors, invocations }) => rated(errors, invocations, context.now, mayFail(context.platform, name)),
    })
  })
}

/** What an objective allows, in percent. */
export function mayFail({ objectives }: Platform, service: string): number | undefined {
  const goals = Object.values(objectives).flatMap(({ ratio, goal }) =>
    ratio?.of.includes(service) && ratio.bad === 'Errors' ? [goal] : [],
  )
  return goals.length === 0 ? undefined : budgetOf(Math.max(...goals))
}

function rated(errors: Point[], invocations: Point[], now: Date, most: number | undefined) {
  const of = (daysBefore: number) => {
    const isIn = isInDay(now, daysBefore)
    const sum = (points: Point[]) => points.reduce((all, [time, value]) => all + (isIn(time) ? value : 0), 0)
    return { failed: sum(errors), all: sum(invocations) }
  }
  const [today, before, weekday] = [of(0), of(1), of(7)]
  if (today.all === 0) return { verdict: 'no data' as const, says: 'not invoked' }
  const percent = ({ failed, all }: typeof today) => (all === 0 ? 0 : (100 * failed) / all)
  const rate = percent(today)
  const isWorse = today.failed >= FEW && [before, weekday].every((one) => one.all > 0 && rate > WORSE * percent(one))
  const isOver = most !== undefined && rate > most
  const text = (share: number) => figure(share, 'Percent')
  const compared = [
    ...against('the day before', rate, before.all === 0 ? undefined : percent(before), text),
    ...against('the same weekday', rate, weekday.all === 0 ? undefined : percent(weekday), text),
  ]
  const left = isOver ? `more than its objective allows` : `${WORSE} times as many as usual`
  return {
    verdict: isOver || isWorse ? ('bad' as const) : most === undefined ? ('shown' as const) : ('good' as const),
    says: `${figure(rate, 'Percent')} (${figure(today.failed, 'Count')} of ${figure(today.all, 'Count')})`,
    ...(most !== undefined && { bound: `at most ${figure(most, 'Percent')}` }),
    compared,
    ...((isOver || isWorse) && { todo: `Look into the errors: ${left}` }),
    line: {
      unit: 'Percent' as const,
      periodS: HOUR_S,
      points: byHour(errors, invocations),
      ...(most !== undefined && { bound: { value: most, is: 'at most' as const } }),
    },
  }
}

function byHour(errors: Point[], invocations: Point[]): Point[] {
  const failed = new Map(errors)
  return invocations.flatMap(([time, all]): Point[] =>
    all === 0 ? [] : [[time, (100 * (failed.get(time) ?? 0)) / all]],
  )
}
