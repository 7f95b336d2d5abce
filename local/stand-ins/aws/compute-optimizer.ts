import {
  GetLambdaFunctionRecommendations$,
  type GetLambdaFunctionRecommendationsCommandInput,
  type GetLambdaFunctionRecommendationsCommandOutput,
  type LambdaFunctionRecommendation,
  type LambdaFunctionRecommendationFilter,
} from '@aws-sdk/client-compute-optimizer'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

/** What of Compute Optimizer is asked (Compute Optimizer API Reference). An account has to opt in to it. */
export const COMPUTE_OPTIMIZER: Operation[] = [
  operation<GetLambdaFunctionRecommendationsCommandInput, GetLambdaFunctionRecommendationsCommandOutput>(
    'computeOptimizer',
    GetLambdaFunctionRecommendations$,
    recommendations,
    {
      bounds: { maxResults: [0, 1_000] },
      off() {
        throw new Refusal('OptInRequiredException', 'Account is not opted in to AWS Compute Optimizer.', 403)
      },
    },
  ),
]

function recommendations(
  input: GetLambdaFunctionRecommendationsCommandInput,
  asked: Asked,
): Omit<GetLambdaFunctionRecommendationsCommandOutput, '$metadata'> {
  const { functionArns, filters = [] } = input
  const found = asked.data.functionRecommendations.filter(
    (one) =>
      (functionArns?.some((arn) => one.functionArn?.startsWith(arn)) ?? true) &&
      filters.every((filter) => meets(one, filter)),
  )
  const { items, next } = page(found, { token: input.nextToken, size: input.maxResults || 100, of: input }, asked)
  return { lambdaFunctionRecommendations: items, nextToken: next }
}

function meets(
  { finding, findingReasonCodes = [] }: LambdaFunctionRecommendation,
  { name, values = [] }: LambdaFunctionRecommendationFilter,
): boolean {
  if (name === 'Finding') return values.includes(finding ?? '')
  if (name === 'FindingReasonCode') return findingReasonCodes.some((code) => values.includes(code))
  throw new Refusal('InvalidParameterValueException', `Filter name ${name} is invalid`)
}
