import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { type ComputeOptimizerClient, GetLambdaFunctionRecommendationsCommand } from '@aws-sdk/client-compute-optimizer'
import { type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda'
import type { FunctionSize, LambdaFunction, MetricAsk } from '../questions/ask.ts'
import { askMetrics } from './metrics.ts'
import { RefusedError } from './refused.ts'

const DAY_S = 86_400

export async function askFunctions(client: LambdaClient, abortSignal: AbortSignal): Promise<LambdaFunction[]> {
  const found: LambdaFunction[] = []
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}, { abortSignal })) {
    for (const { FunctionName: name = '', FunctionArn: arn = '', Runtime: runtime, LastModified } of Functions) {
      found.push({
        ...{ name, arn },
        ...(runtime !== undefined && { runtime }),
        // `2026-11-27T06:00:00.000+0000`: without the colon that a date needs.
        ...(LastModified !== undefined && { modified: LastModified.replace(/\+0000$/, 'Z') }),
      })
    }
  }
  return found
}

/** Every function, with how often it was invoked. */
export async function askInvocations(
  lambda: LambdaClient,
  cloudWatch: CloudWatchClient,
  { from, to }: { from: string; to: string },
  signal: AbortSignal,
): Promise<(LambdaFunction & { invocations: number })[]> {
  const functions = await askFunctions(lambda, signal)
  const asks = functions.map(({ name }): MetricAsk => {
    const series = { namespace: 'AWS/Lambda', metric: 'Invocations', dimensions: { FunctionName: name } }
    return { kind: 'metric', series, statistic: 'Sum', periodS: DAY_S, from, to }
  })
  const outcomes = await askMetrics(cloudWatch, asks, () => new Date(to), signal)
  return functions.map((one, at) => {
    const outcome = outcomes.get(asks[at] as MetricAsk)
    if (outcome && 'refused' in outcome) throw new RefusedError(outcome.refused)
    return { ...one, invocations: (outcome?.data ?? []).reduce((sum, [, value]) => sum + value, 0) }
  })
}

/** What Compute Optimizer says of the memory of functions. */
export async function askFunctionSizes(
  client: ComputeOptimizerClient,
  abortSignal: AbortSignal,
): Promise<FunctionSize[]> {
  const found: FunctionSize[] = []
  let nextToken: string | undefined
  do {
    const page = await client.send(
      new GetLambdaFunctionRecommendationsCommand({ maxResults: 100, ...(nextToken !== undefined && { nextToken }) }),
      { abortSignal },
    )
    for (const one of page.lambdaFunctionRecommendations ?? []) {
      const [best] = (one.memorySizeRecommendationOptions ?? []).toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
      const saving = best?.savingsOpportunity
      found.push({
        arn: one.functionArn ?? '',
        memory: one.currentMemorySize ?? 0,
        days: one.lookbackPeriodInDays ?? 0,
        ...(best?.memorySize !== undefined && one.finding === 'NotOptimized' && { better: best.memorySize }),
        ...(saving?.estimatedMonthlySavings?.value !== undefined && { dollars: saving.estimatedMonthlySavings.value }),
        ...(saving?.savingsOpportunityPercentage !== undefined && { percent: saving.savingsOpportunityPercentage }),
      })
    }
    nextToken = page.nextToken
  } while (nextToken !== undefined)
  return found
}
