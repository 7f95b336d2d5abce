import {
  ListPipelineExecutions$,
  type ListPipelineExecutionsCommandInput,
  type ListPipelineExecutionsCommandOutput,
  ListPipelines$,
  type ListPipelinesCommandInput,
  type ListPipelinesCommandOutput,
} from '@aws-sdk/client-codepipeline'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const MOST_PIPELINES = 1_000
const MOST_RUNS = 100

/** What of CodePipeline is asked (CodePipeline API Reference). */
export const CODEPIPELINE: Operation[] = [
  operation<ListPipelinesCommandInput, ListPipelinesCommandOutput>('codePipeline', ListPipelines$, listPipelines, {
    bounds: { maxResults: [1, MOST_PIPELINES] },
  }),
  operation<ListPipelineExecutionsCommandInput, ListPipelineExecutionsCommandOutput>(
    'codePipeline',
    ListPipelineExecutions$,
    listRuns,
    { bounds: { maxResults: [1, MOST_RUNS] } },
  ),
]

const pipelinesIn = ({ data, region }: Asked) => data.pipelines?.(region) ?? []

function listPipelines(input: ListPipelinesCommandInput, asked: Asked): Omit<ListPipelinesCommandOutput, '$metadata'> {
  const { nextToken: token, maxResults: size = MOST_PIPELINES } = input
  const all = pipelinesIn(asked).map(({ runs: _, ...pipeline }) => pipeline)
  const { items, next } = page(all, { token, size, of: input }, asked)
  return { pipelines: items, nextToken: next }
}

/** The newest first. */
function listRuns(
  input: ListPipelineExecutionsCommandInput,
  asked: Asked,
): Omit<ListPipelineExecutionsCommandOutput, '$metadata'> {
  const { pipelineName, nextToken: token, maxResults: size = MOST_RUNS } = input
  const pipeline = pipelinesIn(asked).find(({ name }) => name === pipelineName)
  if (!pipeline) {
    throw new Refusal('PipelineNotFoundException', `Account does not have a pipeline with name '${pipelineName}'`)
  }
  const startOf = ({ startTime }: (typeof pipeline.runs)[number]) => startTime?.getTime() ?? 0
  const sorted = pipeline.runs.toSorted((one, other) => startOf(other) - startOf(one))
  const { items, next } = page(sorted, { token, size, of: input }, asked)
  return { pipelineExecutionSummaries: items, nextToken: next }
}
