import {
  type DateInterval,
  GetCostAndUsage$,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  GetCostForecast$,
  type GetCostForecastCommandInput,
  type GetCostForecastCommandOutput,
  type GroupDefinition,
  type MetricValue,
  type ResultByTime,
} from '@aws-sdk/client-cost-explorer'
import { matchesCost } from './cost-filter.ts'
import { forecast, refuseForecast } from './cost-forecast.ts'
import type { CostLine } from './data.ts'
import { daysOf, monthsBefore, type Period, periodsOf, today } from './days.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const GRANULARITIES = ['DAILY', 'MONTHLY', 'HOURLY']
const METRICS = ['AmortizedCost', 'BlendedCost', 'NetAmortizedCost', 'NetUnblendedCost', 'UnblendedCost']
const QUANTITIES = ['UsageQuantity', 'NormalizedUsageAmount']
const MAX_GROUPS = 2
/** Of history, unless more is opted in to (Cost Explorer User Guide, Multi-year data). */
const HISTORY_MONTHS = 14
/** Every day of a month is an estimate until AWS closes the month, some days after its end. */
const CLOSED_AFTER_MS = 5 * 86_400_000
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** What of Cost Explorer is asked (Billing and Cost Management API Reference). */
export const COST_EXPLORER: Operation[] = [
  operation<GetCostAndUsageCommandInput, GetCostAndUsageCommandOutput>('costExplorer', GetCostAndUsage$, costAndUsage, {
    off: notYet,
  }),
  operation<GetCostForecastCommandInput, GetCostForecastCommandOutput>('costExplorer', GetCostForecast$, costForecast, {
    bounds: { PredictionIntervalLevel: [51, 99] },
    off: notYet,
  }),
]

function notYet(): never {
  throw new Refusal('DataUnavailableException', 'Data is not available. Please try to adjust the time period.')
}

function costAndUsage(
  input: GetCostAndUsageCommandInput,
  asked: Asked,
): Omit<GetCostAndUsageCommandOutput, '$metadata'> {
  const { TimePeriod, Granularity = '', Metrics = [], GroupBy = [] } = input
  refuseCosts(input)
  refuseDays(TimePeriod, asked.now)
  const { Start = '', End = '' } = TimePeriod ?? {}
  const periods = periodsOf(Start, End, Granularity)
  const { items, next } = page(periods, { token: input.NextPageToken, size: periods.length, of: input }, asked)
  return {
    ResultsByTime: items.map((period) => resultOf(period, Metrics, input, asked)),
    ...(GroupBy.length > 0 ? { GroupDefinitions: GroupBy } : {}),
    DimensionValueAttributes: [],
    NextPageToken: next,
  }
}

function invalid(message: string): Refusal {
  return new Refusal('ValidationException', message)
}

function refuseCosts({ Granularity, Metrics = [], GroupBy = [] }: GetCostAndUsageCommandInput): void {
  if (!GRANULARITIES.includes(Granularity ?? ''))
    throw invalid(`Granularity should be one of ${GRANULARITIES.join(', ')}`)
  if (Granularity === 'HOURLY') throw invalid('Hourly data is not enabled for this account')
  const known = [...METRICS, ...QUANTITIES]
  const unknown = Metrics.find((metric) => !known.includes(metric))
  if (unknown !== undefined) throw invalid(`Metrics must be one or more of ${known.join(', ')}: found ${unknown}`)
  if (Metrics.length === 0) throw invalid('Metrics must not be empty')
  if (GroupBy.length > MAX_GROUPS) throw invalid(`Up to ${MAX_GROUPS} different groups are allowed`)
  const key = GroupBy.find(({ Type, Key = '' }) => Type !== 'TAG' && !Object.hasOwn(DIMENSIONS, Key))
  if (key) throw invalid(`Group Definition dimension is invalid: ${key.Key}`)
}

function refuseDays({ Start = '', End = '' }: Partial<DateInterval> = {}, now: Date): void {
  for (const day of [Start, End]) {
    if (!DAY.test(day) || Number.isNaN(Date.parse(day))) {
      throw invalid(`Time period format is invalid: ${day}. Use yyyy-MM-dd`)
    }
  }
  if (Start >= End) throw invalid('Start date (and hour) should be before end date (and hour)')
  const oldest = monthsBefore(today(now), HISTORY_MONTHS)
  if (Start < oldest) {
    throw invalid(`You haven't enabled historical data beyond ${HISTORY_MONTHS} months`)
  }
  if (Start > today(now)) throw invalid('Start date (and hour) should not be in the future')
}

function resultOf(period: Period, metrics: string[], input: GetCostAndUsageCommandInput, asked: Asked): ResultByTime {
  const days = daysOf(period.Start, period.End).filter((day) => day <= today(asked.now))
  const lines = days.flatMap((day) => asked.data.costOf(day)).filter((line) => matchesCost(input.Filter, line))
  const groups = input.GroupBy ?? []
  return {
    TimePeriod: { Start: period.Start, End: period.End },
    Total: groups.length > 0 ? {} : amountsOf(lines, metrics),
    Groups: groups.length > 0 ? groupsOf(lines, groups, metrics) : [],
    Estimated: Date.parse(period.End) > closedUntil(asked.now),
  }
}

function closedUntil(now: Date): number {
  const lastClosed = new Date(now.getTime() - CLOSED_AFTER_MS)
  return Date.UTC(lastClosed.getUTCFullYear(), lastClosed.getUTCMonth(), 1)
}

function groupsOf(lines: CostLine[], by: GroupDefinition[], metrics: string[]): NonNullable<ResultByTime['Groups']> {
  const keysOf = (line: CostLine) => by.map((group) => keyOf(line, group))
  const grouped = Map.groupBy(lines, (line) => JSON.stringify(keysOf(line)))
  return [...grouped].map(([keys, of]) => ({ Keys: JSON.parse(keys), Metrics: amountsOf(of, metrics) }))
}

const DIMENSIONS: Record<string, (line: CostLine) => string> = {
  SERVICE: ({ service }) => service,
  USAGE_TYPE: ({ usageType }) => usageType,
  REGION: ({ region }) => region,
  RECORD_TYPE: () => 'Usage',
}

/** A tag's key carries its name, as in `team$data`; without the tag it ends in `$`. */
function keyOf(line: CostLine, { Type, Key = '' }: GroupDefinition): string {
  return Type === 'TAG' ? `${Key}$${line.tags[Key] ?? ''}` : (DIMENSIONS[Key]?.(line) ?? '')
}

function amountsOf(lines: CostLine[], metrics: string[]): Record<string, MetricValue> {
  const of = (metric: string): MetricValue =>
    QUANTITIES.includes(metric)
      ? { Amount: text(lines.reduce((sum, { quantity }) => sum + quantity, 0)), Unit: 'N/A' }
      : { Amount: text(lines.reduce((sum, { amount }) => sum + amount, 0)), Unit: 'USD' }
  return Object.fromEntries(metrics.map((metric) => [metric, of(metric)]))
}

/** As Cost Explorer writes amounts: a text with up to ten decimals. */
function text(amount: number): string {
  return String(Number(amount.toFixed(10)))
}

function costForecast(
  input: GetCostForecastCommandInput,
  asked: Asked,
): Omit<GetCostForecastCommandOutput, '$metadata'> {
  refuseForecast(input, asked.now)
  const answer = forecast(input, asked)
  return answer ?? notYet()
}
