import type { DayOfCost } from './ask.ts'
import { against, change, figure } from './figure.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_S, DAYS_OF_COST, isCompleteDay, utcDay } from './spans.ts'

/** So much more than on the same weekday is worth a look, if it is an anomaly's worth of dollars too. */
const MORE = 1.25
const SERVICES_SHOWN = 5

/** What the last complete day cost, beside the day before and the same weekday; and the day after it, as an estimate. */
export function dailyCost({ platform, now }: Context): Question[] {
  return [
    question({
      id: 'cost',
      title: 'Cost of the last complete day',
      asks: { days: costAsk({ now }) },
      answer: ({ days }) => costOf(days, now, platform.cost?.anomalyAbove ?? 100),
    }),
  ]
}

export const costAsk = ({ now }: Pick<Context, 'now'>) =>
  ({ kind: 'costs', from: utcDay(now, DAYS_OF_COST), to: utcDay(now) }) as const

export const totalOf = ({ services }: DayOfCost) => Object.values(services).reduce((sum, cost) => sum + cost, 0)

function costOf(days: DayOfCost[], now: Date, worthALook: number) {
  const sorted = days.toSorted((one, other) => (one.day < other.day ? -1 : 1))
  const last = sorted.filter(({ day }) => isCompleteDay(day, now)).at(-1)
  if (!last) return { verdict: 'no data' as const, says: 'Cost Explorer has no complete day yet' }
  const earlier = (daysBefore: number) => sorted.find(({ day }) => day === utcDay(new Date(last.day), daysBefore))
  const [before, weekday] = [earlier(1), earlier(7)]
  const estimate = sorted.find(({ day }) => day > last.day)
  const total = totalOf(last)
  const isMore = weekday !== undefined && total > MORE * totalOf(weekday) && total - totalOf(weekday) >= worthALook
  const risen = isMore ? risenMost(last, weekday) : undefined
  const text = (dollars: number) => figure(dollars, 'USD')
  return {
    verdict: isMore ? ('bad' as const) : weekday ? ('good' as const) : ('shown' as const),
    says: `${figure(total, 'USD')} on ${last.day}`,
    bound: `at most ${Math.round(100 * (MORE - 1))} % above the same weekday`,
    compared: [
      ...against('the day before', total, before && totalOf(before), text),
      ...against('the same weekday', total, weekday && totalOf(weekday), text),
      ...(estimate ? [`${estimate.day}, as far as AWS knows: ${figure(totalOf(estimate), 'USD')}`] : []),
    ],
    ...(risen && {
      todo: `Find out why ${risen.service} costs ${figure(risen.by, 'USD')} more than on the same weekday`,
    }),
    table: tableOf(last, weekday),
    line: {
      unit: 'USD' as const,
      periodS: DAY_S,
      points: sorted.map((one): [number, number] => [Date.parse(one.day) / 1_000, totalOf(one)]),
    },
    ...(last.isEstimate && { source: { incomplete: 'AWS calls each day an estimate until it closes the month' } }),
  }
}

export function risenMost(day: DayOfCost, before: DayOfCost): { service: string; by: number } | undefined {
  const rises = Object.entries(day.services).map(([service, cost]) => ({
    service,
    by: cost - (before.services[service] ?? 0),
  }))
  return rises.toSorted((one, other) => other.by - one.by)[0]
}

function tableOf(day: DayOfCost, weekday: DayOfCost | undefined) {
  const rows = Object.entries(day.services)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, SERVICES_SHOWN)
    .map(([service, cost]) => [service, figure(cost, 'USD'), change(cost, weekday?.services[service] ?? 0) ?? 'new'])
  return { head: ['service', day.day, 'against the same weekday'], rows }
}
