import {
  type CodePipelineClient,
  ListPipelineExecutionsCommand,
  type PipelineSummary,
  paginateListPipelines,
} from '@aws-sdk/client-codepipeline'
import type { PipelineRuns } from '../questions/ask.ts'

/** CodePipeline lists runs of one pipeline at a time, and a few calls a second. */
const MOST = 10
/** Of each. More in an hour is a loop, and shows as one. */
const RUNS = 5

/** What ran since then: of so many pipelines, those that were changed last. */
export async function askPipelines(
  client: CodePipelineClient,
  { since }: { since: string },
  abortSignal: AbortSignal,
): Promise<PipelineRuns> {
  const all: PipelineSummary[] = []
  for await (const { pipelines = [] } of paginateListPipelines({ client }, {}, { abortSignal })) all.push(...pipelines)
  const changedAt = ({ updated, created }: PipelineSummary) => (updated ?? created)?.getTime() ?? 0
  const asked = all.toSorted((one, other) => changedAt(other) - changedAt(one)).slice(0, MOST)
  const runs = await Promise.all(asked.map(({ name = '' }) => runsOf(client, name, since, abortSignal)))
  return {
    runs: runs.flat().sort((one, other) => (one.at < other.at ? 1 : -1)),
    asked: asked.length,
    all: all.length,
  }
}

async function runsOf(
  client: CodePipelineClient,
  pipelineName: string,
  since: string,
  abortSignal: AbortSignal,
): Promise<PipelineRuns['runs']> {
  const command = new ListPipelineExecutionsCommand({ pipelineName, maxResults: RUNS })
  const { pipelineExecutionSummaries = [] } = await client.send(command, { abortSignal })
  return pipelineExecutionSummaries.flatMap(({ status = 'unknown', startTime, lastUpdateTime, trigger }) => {
    const at = (lastUpdateTime ?? startTime)?.toISOString() ?? ''
    const by = trigger?.triggerDetail ?? trigger?.triggerType
    return at < since ? [] : [{ pipeline: pipelineName, status, at, ...(by !== undefined && { by }) }]
  })
}
