import { mean, median, sum } from 'simple-statistics'
import type { Kpi } from '../../schemas/platform.ts'
import { durationMs } from '../decide/duration.ts'
import { seriesOf } from '../platform/series.ts'
import type { DayOfCost, Point } from './ask.ts'
import { totalOf } from './cost.ts'
import { mayFail } from './errors.ts'
import { against, change, duration, type FigureUnit, figure } from './figure.ts'
import { beside, boundOf, judged, unitOf } from './figures.ts'
import { functionsOf, hourly } from './hourly.ts'
import { type Context, type Question, question } from './question.ts'
import { HOUR_S, isCompleteDay, lastDays, utcDay } from './spans.ts'

/** So many times as much as in the span before is worse. */
const WORSE = 1.5
/** Fewer errors than this are not compared: one more is twice as many. */
const FEW = 20

/** Of the span, and of the one before it. */
function halves(points: Point[], { now, days }: Context): [now: number[], before: number[]] {
  const middle = Date.parse(lastDays(now, days).from) / 1_000
  const values = (isIn: (time: number) => boolean) => points.filter(([time]) => isIn(time)).map(([, value]) => value)
  return [values((time) => time >= middle), values((time) => time < middle)]
}

function spanOf({ days }: Context): string {
  if (days === 1) return 'the day before'
  return days === 7 ? 'the week before' : `the ${days} days before`
}

/** How often functions fail and how long they take, beside the span before. */
export function functionsThisWeek(context: Context): Question[] {
  return functionsOf(context).map((name) => {
    const ask = (metric: string, statistic: string) => hourly(context, `${name}.${metric}`, statistic, 2 * context.days)
    return question({
      id: `week ${name}`,
      title: name,
      asks: { errors: ask('Errors', 'Sum'), runs: ask('Invocations', 'Sum'), p95: ask('Duration', 'p95') },
      answer: ({ errors, runs, p95 }) => {
        const [now = 0, before = 0] = halves(runs, context).map(sum)
        const [failed = 0, failedBefore = 0] = halves(errors, context).map(sum)
        if (now === 0) return { verdict: 'no data', says: 'not invoked' }
        const rate = (100 * failed) / now
        const rateBefore = before === 0 ? undefined : (100 * failedBefore) / before
        const [slow, slowBefore] = halves(p95, context).map((values) =>
          values.length > 0 ? median(values) : undefined,
        )
        const most = mayFail(context.platform, name)
        const isOver = most !== undefined && rate > most
        const isWorse = failed >= FEW && rateBefore !== undefined && rate > WORSE * rateBefore
        const isSlower = slow !== undefined && slowBefore !== undefined && slow > WORSE * slowBefore
        const text = {
          percent: (value: number) => figure(value, 'Percent'),
          ms: (value: number) => figure(value, 'Milliseconds'),
          count: (value: number) => figure(value, 'Count'),
        }
        return {
          verdict: isOver || isWorse || isSlower ? 'bad' : 'good',
          says: `${text.percent(rate)} errors${slow === undefined ? '' : `, p95 ${text.ms(slow)} in a usual hour`}`,
          bound: `${most === undefined ? '' : `at most ${text.percent(most)} errors, and `}at most ${Math.round(100 * (WORSE - 1))} % more than ${spanOf(context)}`,
          compared: [
            ...against(spanOf(context), rate, rateBefore, text.percent).map((one) => `errors: ${one}`),
            ...(slow === undefined
              ? []
              : against(spanOf(context), slow, slowBefore, text.ms).map((one) => `p95: ${one}`)),
            ...against(spanOf(context), now, before || undefined, text.count).map((one) => `invocations: ${one}`),
          ],
          ...((isOver || isWorse || isSlower) && {
            todo: `Find out why ${name} ${isWorse || isSlower ? `${isWorse ? 'fails more often' : 'is slower'} than in ${spanOf(context)}` : 'fails more often than its objective allows'}`,
          }),
          line: { unit: 'Milliseconds', points: p95, periodS: HOUR_S },
        }
      },
    })
  })
}

/** The figures of the file over the span, beside the one before it. */
export function figuresThisWeek(context: Context): Question[] {
  return Object.entries(context.platform.kpis).flatMap(([name, kpi]) => {
    if (kpi.metric === undefined) return []
    const [series] = seriesOf(context.platform, kpi.metric)
    // What has one value a day is a matter of the daily check, and of cost.
    if (!series || series.everyS === 86_400) return []
    const statistic = kpi.statistic ?? series.statistic
    return [
      question({
        id: `week figure ${name}`,
        title: kpi.what,
        asks: { values: hourly(context, kpi.metric, statistic, 2 * context.days) },
        answer: ({ values }) => compared(kpi, statistic, unitOf(series), values, context),
      }),
    ]
  })
}

function compared(kpi: Kpi, statistic: string, unit: FigureUnit, values: Point[], context: Context) {
  const text = (value: number) => figure(value, unit)
  const [now, before] = halves(values, context)
  if (now.length === 0) return { verdict: 'no data' as const, says: 'nothing was published', ...boundOf(kpi, unit) }
  // A bound of a day is none of a week.
  const overH = durationMs(kpi.over) / 3_600_000
  const usual = (hours: number[]) => (statistic === 'Sum' ? (sum(hours) * overH) / (24 * context.days) : mean(hours))
  const hoursOut = now.filter((value) => judged(kpi, value).isGood === false).length
  const { isGood, isTodo } = judged(kpi, usual(now))
  const isBad = isGood === false && isTodo
  return {
    verdict: isBad ? ('bad' as const) : isGood ? ('good' as const) : ('shown' as const),
    says: `${text(usual(now))} ${statistic === 'Sum' ? `in ${duration(overH * 3_600)}, on average` : `on average (${statistic} of each hour)`}`,
    ...boundOf(kpi, unit),
    compared: [
      ...against(spanOf(context), usual(now), before.length > 0 ? usual(before) : undefined, text),
      ...(hoursOut > 0 && statistic !== 'Sum' ? [`outside its bound in ${hoursOut} of ${now.length} hours`] : []),
    ],
    ...(isBad && { todo: `${kpi.what}: find out why it was ${beside(usual(now), kpi, unit)} on average` }),
    line: { unit, points: values, periodS: HOUR_S },
  }
}

const whole = (days: DayOfCost[], now: Date): DayOfCost[] =>
  days.filter(({ day }) => isCompleteDay(day, now)).toSorted((one, other) => (one.day < other.day ? -1 : 1))

const SERVICES_SHOWN = 8

/** What the last complete days cost by service, beside those before. */
export function costThisWeek(context: Context): Question[] {
  const { now, days } = context
  return [
    question({
      id: 'week cost',
      title: days === 1 ? 'Cost of a day' : `Cost of ${days} days`,
      asks: { costs: { kind: 'costs', from: utcDay(now, 2 * days + 2), to: utcDay(now) } },
      answer: ({ costs }) => costOf(whole(costs, now), context),
    }),
  ]
}

function costOf(costs: DayOfCost[], context: Context) {
  const { days, platform } = context
  const [now, before] = [costs.slice(-days), costs.slice(-2 * days, -days)]
  if (now.length < days) return { verdict: 'no data' as const, says: `Cost Explorer has no ${days} complete days yet` }
  const [total, totalBefore] = [sum(now.map(totalOf)), before.length === days ? sum(before.map(totalOf)) : undefined]
  const worthALook = days * (platform.cost?.anomalyAbove ?? 100)
  const services = byService(now)
  const was = byService(before)
  const risen = [...services].map(([service, cost]) => ({ service, by: cost - (was.get(service) ?? 0) }))
  const most = risen.toSorted((one, other) => other.by - one.by)[0]
  const isMore = totalBefore !== undefined && total - totalBefore >= worthALook
  const text = (value: number) => figure(value, 'USD')
  return {
    verdict: isMore ? ('bad' as const) : ('good' as const),
    says: `${text(total)} from ${now[0]?.day} to ${now.at(-1)?.day}`,
    bound: `less than ${text(worthALook)} above ${spanOf(context)}`,
    compared: [
      ...against(spanOf(context), total, totalBefore, text),
      ...(most && totalBefore !== undefined && most.by >= 1
        ? [`${most.service} has risen most: by ${text(most.by)}`]
        : []),
    ],
    ...(isMore &&
      most && { todo: `Find out why ${most.service} costs ${text(most.by)} more than in ${spanOf(context)}` }),
    table: {
      head: ['service', `${days} days`, `against ${spanOf(context)}`],
      rows: [...services]
        .toSorted(([, one], [, other]) => other - one)
        .slice(0, SERVICES_SHOWN)
        .map(([service, cost]) => [service, text(cost), change(cost, was.get(service) ?? 0) ?? 'new']),
    },
    line: {
      unit: 'USD' as const,
      periodS: 86_400,
      points: [...before, ...now].map((one): Point => [Date.parse(one.day) / 1_000, totalOf(one)]),
    },
    source: { incomplete: 'the last days, of which AWS may not know all yet, are left out' },
  }
}

function byService(days: DayOfCost[]): Map<string, number> {
  const all = days.flatMap(({ services }) => Object.entries(services))
  return new Map(
    [...Map.groupBy(all, ([service]) => service)].map(([service, of]) => [service, sum(of.map(([, cost]) => cost))]),
  )
}
