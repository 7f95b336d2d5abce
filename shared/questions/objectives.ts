import type { Objective } from '../../schemas/platform.ts'
import { budgetOf } from '../platform/burn.ts'
import type { MetricAsk, Point } from './ask.ts'
import { duration, figure } from './figure.ts'
import { hourly } from './hourly.ts'
import { type Context, type Question, question } from './question.ts'
import { HOUR_S } from './spans.ts'

/** With fewer, there is no figure of a month. */
const LEAST_HOURS = 24

/** How much of each objective's budget is left. */
export function objectives(context: Context): Question[] {
  return Object.entries(context.platform.objectives).map(([name, objective]) => {
    const asks = asksOf(context, objective)
    return question({
      id: `objective ${name}`,
      title: objective.what,
      asks,
      answer: (found) => spent(objective, goodOf(objective, found)),
    })
  })
}

export function asksOf(context: Context, { percent, ratio, over }: Objective): Record<string, MetricAsk> {
  const ask = (ref: string, statistic: string) => hourly(context, ref, statistic, Number.parseInt(over, 10))
  if (percent !== undefined) return { good: ask(percent, 'Average') }
  const each = (ratio?.of ?? []).flatMap((service) => [
    [`bad ${service}`, ask(`${service}.${ratio?.bad}`, 'Sum')] as const,
    [`total ${service}`, ask(`${service}.${ratio?.total}`, 'Sum')] as const,
  ])
  return Object.fromEntries(each)
}

/** What share was good, in percent; of hours with data alone. */
function goodOf({ percent }: Objective, found: Record<string, Point[]>): { good: number; hours: number } | undefined {
  if (percent !== undefined) {
    const points = found.good ?? []
    if (points.length === 0) return undefined
    return { good: points.reduce((sum, [, value]) => sum + value, 0) / points.length, hours: points.length }
  }
  const sum = (prefix: string) =>
    Object.entries(found)
      .filter(([name]) => name.startsWith(prefix))
      .reduce((all, [, points]) => all + points.reduce((of, [, value]) => of + value, 0), 0)
  const total = sum('total ')
  if (total === 0) return undefined
  const hours = new Set(
    Object.entries(found).flatMap(([name, points]) => (name.startsWith('total ') ? points.map(([time]) => time) : [])),
  )
  return { good: 100 - (100 * sum('bad ')) / total, hours: hours.size }
}

function spent({ goal, over }: Objective, measured: { good: number; hours: number } | undefined) {
  const days = Number.parseInt(over, 10)
  if (!measured)
    return { verdict: 'no data' as const, says: `nothing was measured in ${days} days`, bound: `at least ${goal} %` }
  const { good, hours } = measured
  const left = 1 - (100 - good) / budgetOf(goal)
  const missing = days * 24 - hours
  // An hour says nothing about a month.
  if (hours < LEAST_HOURS) {
    const says = `${figure(good, 'Percent')} in the ${hours} h that were measured: too few to say`
    return { verdict: 'no data' as const, says, bound: `at least ${goal} %` }
  }
  return {
    verdict: left >= 0 ? ('good' as const) : ('bad' as const),
    says: `${figure(good, 'Percent')} in ${days} days: ${left >= 0 ? `${Math.round(100 * left)} % of the budget is left` : `the budget is used up ${figure(1 - left, 'Count')} times`}`,
    bound: `at least ${goal} %`,
    ...(left < 0 && { todo: 'The budget is used up: fix what fails before anything new is deployed' }),
    ...(missing > 0 && {
      source: { incomplete: `${duration(missing * HOUR_S)} of ${days} days have no data, and are left out` },
    }),
  }
}
