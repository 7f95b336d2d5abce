import { type CostExplorerClient, GetCostForecastCommand } from '@aws-sdk/client-cost-explorer'
import type { Forecast } from '../questions/ask.ts'

/** What the days to come will cost, as AWS expects, 80 % sure. Costs a cent. */
export async function askForecast(
  client: CostExplorerClient,
  { from, to }: { from: string; to: string },
  abortSignal: AbortSignal,
): Promise<Forecast> {
  const command = new GetCostForecastCommand({
    TimePeriod: { Start: from, End: to },
    Granularity: 'DAILY',
    // Spelled otherwise than in GetCostAndUsage.
    Metric: 'UNBLENDED_COST',
    PredictionIntervalLevel: 80,
  })
  const { Total, ForecastResultsByTime = [] } = await client.send(command, { abortSignal })
  const sum = (of: 'PredictionIntervalLowerBound' | 'PredictionIntervalUpperBound') =>
    ForecastResultsByTime.reduce((all, day) => all + Number(day[of]), 0)
  return {
    mean: Number(Total?.Amount),
    least: sum('PredictionIntervalLowerBound'),
    most: sum('PredictionIntervalUpperBound'),
  }
}
