import type {
  ForecastResult,
  GetCostForecastCommandInput,
  GetCostForecastCommandOutput,
} from '@aws-sdk/client-cost-explorer'
import { matchesCost } from './cost-filter.ts'
import { dayAfter, daysOf, monthsBefore, periodsOf, today } from './days.ts'
import type { Asked } from './operation.ts'
import { Refusal } from './refusal.ts'

/** Spelled otherwise than in GetCostAndUsage. */
const METRICS = ['AMORTIZED_COST', 'BLENDED_COST', 'NET_AMORTIZED_COST', 'NET_UNBLENDED_COST', 'UNBLENDED_COST']
/** By granularity, in months from today. */
const FURTHEST: Record<string, number> = { DAILY: 3, MONTHLY: 18 }
/** With fewer days of history there is no forecast. */
const LEAST_DAYS = 14

/** What Cost Explorer refuses of a forecast (API Reference, GetCostForecast). @throws {Refusal} */
export function refuseForecast({ TimePeriod, Metric, Granularity }: GetCostForecastCommandInput, now: Date): void {
  const { Start = '', End = '' } = TimePeriod ?? {}
  const invalid = (message: string) => new Refusal('ValidationException', message)
  const furthest = FURTHEST[Granularity ?? '']
  if (furthest === undefined) throw invalid('Granularity should be one of DAILY, MONTHLY')
  if (!METRICS.includes(Metric ?? '')) throw invalid(`Metric should be one of ${METRICS.join(', ')}: found ${Metric}`)
  if (Start < today(now)) throw invalid('Start date should not be in the past')
  if (Start > today(now)) throw invalid('Start date should be equal to or no later than the current date')
  if (End <= Start) throw invalid('End date should be after start date')
  if (End > monthsBefore(today(now), -furthest)) {
    throw invalid(`A ${Granularity} forecast goes at most ${furthest} months into the future`)
  }
}

/** The mean of the last four weeks for each day. @returns nothing with too short a history. */
export function forecast(
  { TimePeriod, Granularity, Filter }: GetCostForecastCommandInput,
  { data, now }: Asked,
): Omit<GetCostForecastCommandOutput, '$metadata'> | undefined {
  const yesterday = dayAfter(today(now), -1)
  const before = daysOf(dayAfter(yesterday, -28), yesterday).filter((day) => data.costSince && day >= data.costSince)
  if (before.length < LEAST_DAYS) return undefined
  const costs = before.map((day) =>
    data.costOf(day).reduce((sum, line) => sum + (matchesCost(Filter, line) ? line.amount : 0), 0),
  )
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length
  const { Start = '', End = '' } = TimePeriod ?? {}
  const ForecastResultsByTime = periodsOf(Start, End, Granularity ?? '').map((period): ForecastResult => {
    const amount = mean * daysOf(period.Start, period.End).length
    return {
      TimePeriod: period,
      MeanValue: String(amount),
      PredictionIntervalLowerBound: String(amount * 0.9),
      PredictionIntervalUpperBound: String(amount * 1.1),
    }
  })
  return { Total: { Amount: String(mean * daysOf(Start, End).length), Unit: 'USD' }, ForecastResultsByTime }
}
