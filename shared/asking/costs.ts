import { type CostExplorerClient, GetCostAndUsageCommand, type ResultByTime } from '@aws-sdk/client-cost-explorer'
import type { CostsAsk, DayOfCost } from '../questions/ask.ts'

/**
 * What each day or month cost, by service; `to` is exclusive. Unblended: what was paid, not an average over the organization
 * (Cost Explorer, cost datasets). Each page costs a cent.
 */
export async function askCosts(
  client: CostExplorerClient,
  { from, to, by }: CostsAsk,
  abortSignal: AbortSignal,
): Promise<DayOfCost[]> {
  const days: ResultByTime[] = []
  let token: string | undefined
  do {
    const command = new GetCostAndUsageCommand({
      TimePeriod: { Start: from, End: to },
      Granularity: by === 'month' ? 'MONTHLY' : 'DAILY',
      Metrics: ['UnblendedCost'],
      GroupBy: [{ Type: 'DIMENSION', Key: 'SERVICE' }],
      ...(token !== undefined && { NextPageToken: token }),
    })
    const page = await client.send(command, { abortSignal })
    // A day on which nothing is known to have been used is no day that cost nothing.
    days.push(...(page.ResultsByTime ?? []).filter(({ Groups = [] }) => Groups.length > 0))
    token = page.NextPageToken
  } while (token !== undefined)
  return days.map(({ TimePeriod, Estimated = false, Groups = [] }) => ({
    day: TimePeriod?.Start ?? '',
    isEstimate: Estimated,
    services: Object.fromEntries(
      Groups.map(({ Keys = [], Metrics }) => [Keys[0] ?? '', Number(Metrics?.UnblendedCost?.Amount)]),
    ),
  }))
}
