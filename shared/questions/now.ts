import { mean, sum } from 'simple-statistics'
import { seriesOf } from '../platform/series.ts'
import type { Point } from './ask.ts'
import { mayFail } from './errors.ts'
import { change, duration, figure } from './figure.ts'
import { boundOf, judged, unitOf } from './figures.ts'
import { functionsOf, metricAsk } from './hourly.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { earlier, type Span, shown } from './spans.ts'

/*
 * Metrics over minutes or hours: during an incident, or after it.
 */

const STEP_S = 300
const DAY_MS = 86_400_000

/** The same time of day, before the span: of one of days, so many days before. */
function before(span: Span): { span: Span; text: string } {
  const days = Math.ceil((Date.parse(span.to) - Date.parse(span.from)) / DAY_MS)
  return {
    span: earlier(span, days * DAY_MS),
    text: days === 1 ? 'the same time of the day before' : `the ${days} days before`,
  }
}

/** What the probe measured. */
export function availability(context: Context, span: Span): Question[] {
  return Object.entries(context.platform.metrics).flatMap(([name, { from }]) =>
    from?.by !== 'probe'
      ? []
      : question({
          id: `availability ${name}`,
          title: `${from.services.join(', ')}: answered`,
          asks: { answered: metricAsk(context, name, 'Average', 60, span) },
          answer: ({ answered }) => {
            if (answered.length === 0)
              return {
                verdict: 'no data',
                says: `the probe has measured nothing ${shown(span, context.platform.timezone)}`,
              }
            const failed = answered.filter(([, value]) => value < 100)
            const [last, value] = answered.at(-1) ?? [0, 0]
            return {
              verdict: value < 100 ? 'bad' : 'good',
              says: `${figure(value, 'Percent')} at ${localTime(new Date(last * 1_000).toISOString(), context.platform.timezone)}`,
              bound: 'all of them',
              ...(failed.length > 0 && {
                compared: [`not all of them in ${duration(failed.length * 60)} of ${duration(answered.length * 60)}`],
              }),
              ...(value < 100 && { todo: 'Find out which does not answer: the log of the function "probe" names it' }),
              line: { unit: 'Percent', points: answered, periodS: 60 },
            }
          },
        }),
  )
}

/** Errors of each function, beside the same time of the day before. */
export function errorsNow(context: Context, span: Span): Question[] {
  return functionsOf(context).map((name) => {
    const ask = (metric: string, of: Span) => metricAsk(context, `${name}.${metric}`, 'Sum', STEP_S, of)
    const compared = before(span)
    return question({
      id: `errors now ${name}`,
      title: `Errors of ${name}`,
      asks: {
        ...{ errors: ask('Errors', span), runs: ask('Invocations', span), throttles: ask('Throttles', span) },
        ...{ errorsBefore: ask('Errors', compared.span), runsBefore: ask('Invocations', compared.span) },
      },
      answer: ({ errors, runs, throttles, errorsBefore, runsBefore }) => {
        const all = total(runs)
        if (all === 0) return { verdict: 'no data', says: 'not invoked' }
        const rate = (100 * total(errors)) / all
        const was = total(runsBefore) === 0 ? undefined : (100 * total(errorsBefore)) / total(runsBefore)
        const most = mayFail(context.platform, name)
        const isBad = most === undefined ? was !== undefined && rate > 2 * was && total(errors) > 0 : rate > most
        return {
          verdict: isBad ? 'bad' : 'good',
          says: `${figure(rate, 'Percent')} (${figure(total(errors), 'Count')} of ${figure(all, 'Count')}), ${figure(total(throttles), 'Count')} throttled`,
          bound:
            most === undefined ? `at most twice as many as ${compared.text}` : `at most ${figure(most, 'Percent')}`,
          ...(was !== undefined && {
            compared: [`${change(rate, was) ?? 'new'} against ${compared.text} (${figure(was, 'Percent')})`],
          }),
          ...(isBad && { todo: `Look into the errors of ${name}: the patterns below, and what changed` }),
          line: { unit: 'Count', points: errors, periodS: STEP_S },
        }
      },
    })
  })
}

const total = (points: Point[]) => (points.length === 0 ? 0 : sum(points.map(([, value]) => value)))

/** How long each function takes now, beside the same time of the day before. */
export function durationsNow(context: Context, span: Span): Question[] {
  return functionsOf(context).map((name) => {
    const ask = (of: Span) => metricAsk(context, `${name}.Duration`, 'p95', STEP_S, of)
    const compared = before(span)
    return question({
      id: `duration now ${name}`,
      title: `Duration of ${name}`,
      asks: { now: ask(span), ago: ask(compared.span) },
      answer: ({ now, ago }) => {
        if (now.length === 0) return { verdict: 'no data', says: 'not invoked' }
        const [usual, was] = [mean(valuesOf(now)), ago.length > 0 ? mean(valuesOf(ago)) : undefined]
        const text = (ms: number) => figure(ms, 'Milliseconds')
        return {
          verdict: was !== undefined && usual > 1.5 * was ? 'bad' : 'good',
          says: `p95 ${text(usual)} on average, ${text(Math.max(...valuesOf(now)))} at most`,
          bound: `at most 50 % more than ${compared.text}`,
          ...(was !== undefined && {
            compared: [`${change(usual, was) ?? 'new'} against ${compared.text} (${text(was)})`],
          }),
          ...(was !== undefined &&
            usual > 1.5 * was && { todo: `Find out why ${name} is slower than ${compared.text}` }),
          line: { unit: 'Milliseconds', points: now, periodS: STEP_S },
        }
      },
    })
  })
}

const valuesOf = (points: Point[]) => points.map(([, value]) => value)

/** Each figure that is a metric, by the quarter of an hour: whether it is good, and since when it is not. */
export function figuresNow(context: Context, span: Span): Question[] {
  const { platform } = context
  return Object.entries(platform.kpis).flatMap(([name, kpi]) => {
    if (kpi.metric === undefined) return []
    const [series] = seriesOf(platform, kpi.metric)
    // What has one value a day says nothing about the last hours.
    if (!series || series.everyS === DAY_MS / 1_000) return []
    const statistic = kpi.statistic ?? series.statistic
    const unit = unitOf(series)
    return question({
      id: `figure now ${name}`,
      title: kpi.what,
      asks: { values: metricAsk(context, kpi.metric, statistic, 900, span) },
      answer: ({ values }) => {
        const [at, value] = values.at(-1) ?? []
        if (at === undefined || value === undefined) return { verdict: 'no data', says: 'nothing was published' }
        const { isGood } = judged(kpi, value)
        const isBad = isGood === false
        const lastGood = values.findLast(([, one]) => judged(kpi, one).isGood !== false)?.[0]
        const time = (seconds: number) => localTime(new Date(seconds * 1_000).toISOString(), platform.timezone)
        return {
          verdict: isBad ? 'bad' : isGood ? 'good' : 'shown',
          says: `${figure(value, unit)} at ${time(at)}`,
          ...boundOf(kpi, unit),
          ...(isBad && {
            compared: [
              lastGood === undefined ? `not good ${shown(span, platform.timezone)}` : `last good at ${time(lastGood)}`,
            ],
            todo: `${kpi.what}: find out what changed before ${lastGood === undefined ? localTime(span.from, platform.timezone) : time(lastGood)}`,
          }),
          line: { unit, points: values, periodS: 900 },
        }
      },
    })
  })
}
