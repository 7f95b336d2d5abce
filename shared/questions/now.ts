import { mean, sum } from 'simple-statistics'
import type { Kpi } from '../../schemas/platform.ts'
import { seriesOf } from '../platform/series.ts'
import type { Point } from './ask.ts'
import { mayFail } from './errors.ts'
import { against, duration, type FigureUnit, figure } from './figure.ts'
import { boundOf, judged, unitOf } from './figures.ts'
import { functionsOf, metricAsk } from './hourly.ts'
import { localTime } from './local-time.ts'
import { type Context, type Question, question } from './question.ts'
import { DAY_MS, earlier, type Span, shown } from './spans.ts'

/*
 * Metrics over minutes or hours: during an incident, or after it.
 */

const STEP_S = 300

/** The same time of day, before the span: of one of days, so many days before. */
function before(span: Span): { span: Span; text: string } {
  const days = Math.ceil((Date.parse(span.to) - Date.parse(span.from)) / DAY_MS)
  return {
    span: earlier(span, days * DAY_MS),
    text: days === 1 ? 'the same time of the day before' : `the ${days} days before`,
  }
}

/** Older than this at the end of its span, a value says nothing about now: whoever measures has stopped. */
const STALE_S = { availability: 300, figure: 3_600 }

const timeOf = (seconds: number, timezone: string) => localTime(new Date(seconds * 1_000).toISOString(), timezone)
const isStale = (last: number, to: string, mostS: number) => Date.parse(to) / 1_000 - last > mostS

/** What the probe measured: how it is now; of an ended span (`hasEnded`), whether anything failed in it. */
export function availability(context: Context, span: Span, hasEnded = false): Question[] {
  const { timezone } = context.platform
  return Object.entries(context.platform.metrics).flatMap(([name, { from }]) => {
    if (from?.by !== 'probe') return []
    const asked = metricAsk(context, name, 'Average', 60, span)
    return question({
      id: `availability ${name}`,
      title: `${from.services.join(', ')}: answered`,
      asks: { answered: asked },
      answer: ({ answered }) => {
        const [last, value] = answered.at(-1) ?? []
        if (last === undefined || value === undefined)
          return { verdict: 'no data', says: `the probe has measured nothing ${shown(span, timezone)}` }
        const failed = answered.filter(([, one]) => one < 100)
        const at = `${figure(value, 'Percent')} at ${timeOf(last, timezone)}`
        const line = { unit: 'Percent', points: answered, periodS: asked.periodS } as const
        if (!hasEnded && isStale(last, span.to, Math.max(STALE_S.availability, 2 * asked.periodS)))
          return { verdict: 'no data', says: `${at}, and nothing since: the probe does not measure`, line }
        const isBad = hasEnded ? failed.length > 0 : value < 100
        const lasted = `not all of them in ${duration(failed.length * asked.periodS)} of ${duration(answered.length * asked.periodS)}`
        return {
          verdict: isBad ? 'bad' : 'good',
          says: hasEnded && isBad ? lasted : at,
          bound: 'all of them',
          ...(failed.length > 0 && { compared: [hasEnded ? at : lasted] }),
          ...(isBad && { todo: 'Find out which did not answer: the log of the function "probe" names it' }),
          line,
        }
      },
    })
  })
}

/** Errors of each function, beside the same time of the day before. */
export function errorsNow(context: Context, span: Span): Question[] {
  return functionsOf(context).map((name) => {
    const ask = (metric: string, of: Span) => metricAsk(context, `${name}.${metric}`, 'Sum', STEP_S, of)
    const compared = before(span)
    const asked = ask('Errors', span)
    return question({
      id: `errors now ${name}`,
      title: `Errors of ${name}`,
      asks: {
        ...{ errors: asked, runs: ask('Invocations', span), throttles: ask('Throttles', span) },
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
          compared: against(compared.text, rate, was, (share) => figure(share, 'Percent')),
          ...(isBad && { todo: `Look into the errors of ${name}: the patterns below, and what changed` }),
          line: { unit: 'Count', points: errors, periodS: asked.periodS },
        }
      },
    })
  })
}

const valuesOf = (points: Point[]) => points.map(([, value]) => value)
const total = (points: Point[]) => sum(valuesOf(points))

/** How long each function takes now, beside the same time of the day before. */
export function durationsNow(context: Context, span: Span): Question[] {
  return functionsOf(context).map((name) => {
    const ask = (of: Span) => metricAsk(context, `${name}.Duration`, 'p95', STEP_S, of)
    const compared = before(span)
    const asked = ask(span)
    return question({
      id: `duration now ${name}`,
      title: `Duration of ${name}`,
      asks: { now: asked, ago: ask(compared.span) },
      answer: ({ now, ago }) => {
        if (now.length === 0) return { verdict: 'no data', says: 'not invoked' }
        const [usual, was] = [mean(valuesOf(now)), ago.length > 0 ? mean(valuesOf(ago)) : undefined]
        const text = (ms: number) => figure(ms, 'Milliseconds')
        return {
          verdict: was !== undefined && usual > 1.5 * was ? 'bad' : 'good',
          says: `p95 ${text(usual)} on average, ${text(Math.max(...valuesOf(now)))} at most`,
          bound: `at most 50 % more than ${compared.text}`,
          compared: against(compared.text, usual, was, text),
          ...(was !== undefined &&
            usual > 1.5 * was && { todo: `Find out why ${name} is slower than ${compared.text}` }),
          line: { unit: 'Milliseconds', points: now, periodS: asked.periodS },
        }
      },
    })
  })
}

const QUARTER_S = 900

/** Each figure that is a metric, by the quarter of an hour: whether it is good, and since when it is not. */
export function figuresNow(context: Context, span: Span): Question[] {
  const { platform } = context
  return Object.entries(platform.kpis).flatMap(([name, kpi]) => {
    if (kpi.metric === undefined) return []
    const [series] = seriesOf(platform, kpi.metric)
    const statistic = kpi.statistic ?? series?.statistic
    // Neither what has one value a day, nor a sum over longer than that, says anything about a quarter of an hour.
    if (!series || statistic === undefined || series.everyS === DAY_MS / 1_000 || statistic === 'Sum') return []
    const asked = metricAsk(context, kpi.metric, statistic, QUARTER_S, span)
    return question({
      id: `figure now ${name}`,
      title: kpi.what,
      asks: { values: asked },
      answer: ({ values }) => figureNow(kpi, unitOf(series), values, asked.periodS, span, platform.timezone),
    })
  })
}

function figureNow(kpi: Kpi, unit: FigureUnit, values: Point[], periodS: number, span: Span, timezone: string) {
  const [at, value] = values.at(-1) ?? []
  if (at === undefined || value === undefined) return { verdict: 'no data' as const, says: 'nothing was published' }
  const line = { unit, points: values, periodS }
  const says = `${figure(value, unit)} at ${timeOf(at, timezone)}`
  if (isStale(at, span.to, Math.max(STALE_S.figure, 2 * periodS)))
    return { verdict: 'no data' as const, says: `${says}, and nothing since`, ...boundOf(kpi, unit), line }
  const { isGood, isTodo } = judged(kpi, value)
  const isBad = isGood === false && isTodo
  const lastGood = values.findLast(([, one]) => judged(kpi, one).isGood !== false)?.[0]
  const since = lastGood === undefined ? localTime(span.from, timezone) : timeOf(lastGood, timezone)
  return {
    verdict: isBad ? ('bad' as const) : isGood ? ('good' as const) : ('shown' as const),
    says,
    ...boundOf(kpi, unit),
    ...(isBad && {
      compared: [lastGood === undefined ? `not good ${shown(span, timezone)}` : `last good at ${since}`],
      todo: `${kpi.what}: find out what changed before ${since}`,
    }),
    line,
  }
}
