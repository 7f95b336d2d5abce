import type { DayOfCost, Forecast } from './ask.ts'
import { risenMost, totalOf } from './cost.ts'
import { change, figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_MS, utcDay } from './spans.ts'

/** Before this one: so many are kept (Cost Management User Guide, Analyzing your costs with Cost Explorer). */
const MONTHS = 13
/** On average. */
const MONTH_S = 30.4375 * 86_400

/** The first of a month, so many months later: `2026-11-01`. */
function firstOf(now: Date, later = 0): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later, 1)).toISOString().slice(0, 10)
}

const daysIn = (month: string): number => (Date.parse(firstOf(new Date(month), 1)) - Date.parse(month)) / DAY_MS

const monthsOf = (now: Date) => ({ kind: 'costs', by: 'month', from: firstOf(now, -MONTHS), to: utcDay(now) }) as const
const forecastOf = (now: Date, months: number) =>
  ({ kind: 'forecast', from: utcDay(now), to: firstOf(now, months) }) as const

/** What each month cost, and what this one and the next will, beside the budget. */
export function monthlyCost({ platform, now }: Context): Question[] {
  const budget = platform.cost?.budget
  return [
    question({
      id: 'cost months',
      title: 'Cost of each month',
      asks: { months: monthsOf(now) },
      answer: ({ months: found }) =>
        courseOf(
          found.filter(({ day }) => day < firstOf(now)),
          budget,
        ),
    }),
    question({
      ...THIS_MONTH,
      asks: { months: monthsOf(now), rest: forecastOf(now, 1), both: forecastOf(now, 2) },
      answer: ({ months: found, rest, both }) => {
        const next = `${firstOf(now, 1).slice(0, 7)}: ${figure(both.mean - rest.mean, 'USD')} expected`
        return { ...expected(found, rest, now, budget), compared: [next] }
      },
    }),
  ]
}

const THIS_MONTH = { id: 'cost budget', title: 'Cost of this month, by AWS’s forecast' }

/** What this month will have cost at its end, beside the budget. */
export function costOfThisMonth({ platform, now }: Context): Question[] {
  return [
    question({
      ...THIS_MONTH,
      asks: { months: monthsOf(now), rest: forecastOf(now, 1) },
      answer: ({ months: found, rest }) => expected(found, rest, now, platform.cost?.budget),
    }),
  ]
}

/** Of complete months: by the day, as months have other lengths. */
function courseOf(months: DayOfCost[], budget: number | undefined) {
  const sorted = months.toSorted((one, other) => (one.day < other.day ? -1 : 1))
  const last = sorted.at(-1)
  if (!last) return { verdict: 'no data' as const, says: 'Cost Explorer has no complete month yet' }
  const perDay = (month: DayOfCost) => totalOf(month) / daysIn(month.day)
  const comparison = (what: string, before: DayOfCost | undefined) =>
    before
      ? [`${change(perDay(last), perDay(before)) ?? 'new'} a day against ${what} (${figure(totalOf(before), 'USD')})`]
      : []
  const earlier = (count: number) => sorted.find(({ day }) => day === firstOf(new Date(last.day), -count))
  const year = earlier(12)
  return {
    verdict: 'shown' as const,
    says: `${figure(totalOf(last), 'USD')} in ${last.day.slice(0, 7)}`,
    compared: [...comparison('the month before', earlier(1)), ...comparison('the same month a year ago', year)],
    line: {
      unit: 'USD' as const,
      periodS: MONTH_S,
      points: sorted.map((one): [number, number] => [Date.parse(one.day) / 1_000, totalOf(one)]),
      ...(budget !== undefined && { bound: { value: budget, is: 'at most' as const } }),
    },
  }
}

function expected(months: DayOfCost[], rest: Forecast, now: Date, budget: number | undefined) {
  const current = months.find(({ day }) => day === firstOf(now))
  const spent = current ? totalOf(current) : 0
  const [end, least, most] = [spent + rest.mean, spent + rest.least, spent + rest.most]
  const isOver = budget !== undefined && end > budget
  const before = months.find(({ day }) => day === firstOf(now, -1))
  const risen = isOver && current && before ? risenMost(current, scaled(before, current, now)) : undefined
  const what =
    budget !== undefined && spent > budget
      ? 'The budget is used up'
      : `The month will cost ${figure(end - (budget ?? 0), 'USD')} more than its budget`
  const why = risen && risen.by > 0 ? `: ${risen.service} has risen most since last month` : ''
  return {
    verdict: budget === undefined ? ('shown' as const) : isOver ? ('bad' as const) : ('good' as const),
    says: `${figure(end, 'USD')} (between ${figure(least, 'USD')} and ${figure(most, 'USD')}), of which ${figure(spent, 'USD')} are spent`,
    ...(budget !== undefined && { bound: `at most its budget of ${figure(budget, 'USD')}` }),
    ...(isOver && { todo: `${what}${why}. Save, or raise it` }),
    source: { incomplete: 'a forecast; and AWS may still add to the last days' },
  }
}

/** What an earlier month had cost in as many days as have passed. */
function scaled(before: DayOfCost, { day }: DayOfCost, now: Date): DayOfCost {
  const passed = (Date.parse(utcDay(now)) - Date.parse(day)) / DAY_MS
  const share = passed / daysIn(before.day)
  const services = Object.entries(before.services).map(([service, dollars]) => [service, dollars * share])
  return { ...before, services: Object.fromEntries(services) }
}
