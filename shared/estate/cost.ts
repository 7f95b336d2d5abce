import { type EstateAlarm, metricsOf } from './alarm.ts'
import { PRICES } from './prices.ts'

/** What alarms of one kind cost a month. */
export interface CostLine {
  what: string
  alarms: number
  /** That are paid. */
  metrics: number
  /** US dollars; absent where the price depends on what AWS finds when it evaluates them. */
  usd?: number
}

export interface Costs {
  lines: CostLine[]
  /** US dollars, before what is free. */
  total: number
  /** US dollars of it that are free once in an account. */
  free: number
  /** Their price is not known from here. */
  unpriced: number
}

type Priced = { what: string; metrics: number; usd?: number }

/** A whole month of them, by the list price. Pure. */
export function costsOf(alarms: EstateAlarm[]): Costs {
  const priced = alarms.map(priceOf)
  const lines = [...Map.groupBy(priced, ({ what }) => what)].map(([what, those]): CostLine => {
    const usd = those.reduce<number | undefined>(
      (sum, one) => (sum === undefined || one.usd === undefined ? undefined : sum + one.usd),
      0,
    )
    const metrics = those.reduce((sum, one) => sum + one.metrics, 0)
    return { what, alarms: those.length, metrics, ...(usd !== undefined && { usd: cents(usd) }) }
  })
  const direct = lines.find(({ what }) => what === STANDARD)?.metrics ?? 0
  return {
    lines: lines.sort((one, other) => (other.usd ?? 0) - (one.usd ?? 0) || one.what.localeCompare(other.what)),
    total: cents(lines.reduce((sum, { usd = 0 }) => sum + usd, 0)),
    free: cents(Math.min(direct, PRICES.freeMetrics) * PRICES.standard),
    unpriced: lines.reduce((sum, { usd, alarms: count }) => sum + (usd === undefined ? count : 0), 0),
  }
}

const cents = (usd: number) => Math.round(usd * 100) / 100

const STANDARD = 'metric alarms'

function priceOf(alarm: EstateAlarm): Priced {
  if (alarm.type === 'composite') return { what: 'composite alarms', metrics: 0, usd: PRICES.composite }
  // A log alarm pays what its query reads, and one of PromQL what it finds.
  if (alarm.type === 'log') return { what: 'log alarms', metrics: 0 }
  const metrics = metricsOf(alarm)
  const expressions = metrics.flatMap(({ expression }) => expression ?? [])
  if (metrics.length === 0) return { what: 'alarms of other kinds', metrics: 0 }
  if (expressions.some((one) => /^\s*SELECT\b/i.test(one))) return { what: 'Metrics Insights alarms', metrics: 0 }
  const isAnomaly = expressions.some((one) => one.includes('ANOMALY_DETECTION_BAND'))
  const read = Math.max(1, metrics.filter(({ expression }) => expression === undefined).length)
  const paid = isAnomaly ? read * PRICES.anomalyMetrics : read
  const isQuick = metrics.some(({ periodS = 60 }) => periodS < 60)
  const kind = isAnomaly ? 'anomaly alarms' : STANDARD
  return isQuick
    ? { what: `${kind} of less than a minute`, metrics: paid, usd: paid * PRICES.highResolution }
    : { what: kind, metrics: paid, usd: paid * PRICES.standard }
}
