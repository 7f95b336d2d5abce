import type { Alert } from '../../schemas/alert.ts'
import type { EvidencePart } from '../../schemas/evidence.ts'
import { operatorOf } from '../parse/threshold.ts'
import type { AlarmMetric, MetricAsk, Point } from '../questions/ask.ts'
import { duration, type FigureUnit, figure } from '../questions/figure.ts'
import { HOUR_S } from '../questions/spans.ts'
import { clock, type FirstQuestion, type Known, missing } from './ask-first.ts'
import { redacted } from './redact.ts'
import { chartBars, chartLine, chartRows } from './text-chart.ts'

const SPAN_S = 3 * HOUR_S
/** Of an alarm with long periods, there are still some. */
const LEAST_PERIODS = 12

/** The metric of an alarm over three hours, with its threshold. */
export function metricOf(known: Known): FirstQuestion[] {
  const { alert } = known
  const own = ownMetric(known)
  if (own) {
    const says = (points: Point[]) => shownMetric({ points, ...own.facts }, own.ask, known)
    const question: FirstQuestion = {
      title: 'Metric',
      asks: [own.ask],
      says: (outcomeOf) => {
        const outcome = outcomeOf(own.ask)
        return 'data' in outcome ? says(outcome.data) : { says: missing(outcome.refused), lines: [] }
      },
    }
    return [question]
  }
  const alarm = alert.kind === 'composite-alarm' ? alert.children[0]?.name : alert.name
  if (!alert.kind.endsWith('-alarm') || alert.kind === 'prometheus-alarm' || alarm === undefined) return []
  const ask = { kind: 'alarm-metric' as const, alarm, ...spanOf(known, HOUR_S / 60) }
  const title = alarm === alert.name ? 'Metric' : `Metric of ${alarm}`
  return [
    {
      title,
      asks: [ask],
      says: (outcomeOf) => {
        const outcome = outcomeOf(ask)
        return 'data' in outcome ? shownMetric(outcome.data, ask, known) : { says: missing(outcome.refused), lines: [] }
      },
    },
  ]
}

/** What the alert itself says of its metric, if that is all that has to be known. */
function ownMetric(known: Known): { ask: MetricAsk; facts: Omit<AlarmMetric, 'points'> } | undefined {
  const { kind, namespace, metric, dimensions, threshold } = known.alert
  const { statistic, periodSeconds: periodS, value, operator } = threshold ?? {}
  if (kind !== 'metric-alarm' || !namespace || !metric || !statistic || !periodS) return undefined
  const series = { namespace, metric, dimensions }
  return {
    ask: { kind: 'metric', series, statistic, periodS, ...spanOf(known, periodS) },
    facts: {
      ...{ periodS, label: metric, statistic },
      ...(value !== undefined && { threshold: value }),
      ...(operator !== undefined && { comparison: operator }),
    },
  }
}

/** Whole periods, so that CloudWatch's are the alarm's. */
function spanOf({ now }: Known, periodS: number): { from: string; to: string } {
  const each = Math.max(60, periodS)
  const to = Math.ceil(now.getTime() / 1_000 / each) * each
  const lengthS = Math.max(SPAN_S, LEAST_PERIODS * periodS)
  return { from: new Date((to - lengthS) * 1_000).toISOString(), to: new Date(to * 1_000).toISOString() }
}

const BREACHES: Record<string, (value: number, threshold: number) => boolean> = {
  '>': (value, threshold) => value > threshold,
  '>=': (value, threshold) => value >= threshold,
  '<': (value, threshold) => value < threshold,
  '<=': (value, threshold) => value <= threshold,
}

function shownMetric(
  { points, periodS, label, statistic, threshold, comparison }: AlarmMetric,
  { from, to }: { from: string; to: string },
  { alert, now }: Known,
): Omit<EvidencePart, 'title'> {
  const lengthS = (Date.parse(to) - Date.parse(from)) / 1_000
  const name = redacted([statistic, label].filter(Boolean).join(' '))
  const over = `${name} of ${duration(periodS)}, over ${duration(lengthS)}`
  const last = points.at(-1)
  if (!last) return { says: `${over}: no data`, lines: [] }
  const unit = unitOf(alert)
  const shown = (value: number) => figure(value, unit)
  const sign = operatorOf(comparison) ?? ''
  const isLow = sign.startsWith('<')
  const worst = points.reduce((one, other) => ((isLow ? other[1] < one[1] : other[1] > one[1]) ? other : one))
  const breaches = BREACHES[sign]
  const beyond =
    threshold === undefined || !breaches
      ? []
      : [
          `threshold ${sign} ${shown(threshold)}`,
          `crossed in ${points.filter(([, value]) => breaches(value, threshold)).length} of ${points.length} periods`,
        ]
  const at = clock(new Date(worst[0] * 1_000).toISOString(), now)
  const drawn = { points, periodS, threshold, isLow, from: Date.parse(from) / 1_000, to: Date.parse(to) / 1_000 }
  return {
    says: [
      `${over}: now ${shown(last[1])}`,
      `${isLow ? 'lowest' : 'highest'} ${shown(worst[1])} at ${at}`,
      ...beyond,
    ].join(', '),
    lines: [],
    chart: { line: chartLine(drawn), rows: chartRows(drawn, shown), bars: chartBars(drawn) },
  }
}

const UNITS: FigureUnit[] = ['Percent', 'Seconds', 'Milliseconds', 'Bytes', 'Count']

function unitOf({ threshold }: Alert): FigureUnit {
  return UNITS.find((unit) => unit === threshold?.unit) ?? 'None'
}
