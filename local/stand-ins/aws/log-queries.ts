import type {
  GetQueryResultsCommandInput,
  GetQueryResultsCommandOutput,
  QueryStatus,
  StartQueryCommandInput,
  StartQueryCommandOutput,
  StopQueryCommandInput,
  StopQueryCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import { queryProblems } from '../../../deploy/valid/query.ts'
import type { LogGroup, QueryResult } from './data.ts'
import { groupOf, oldestOf } from './log-groups.ts'
import type { Asked } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const MAX_GROUPS = 50
/** At once, in a region, with those of dashboards (CloudWatch Logs quotas). */
const MAX_RUNNING = 100
const PAGE = 10_000
const DEFAULT_LIMIT = 10_000

/** How a query goes on, each time that its results are asked for. */
const COURSE = ['Scheduled', 'Running', 'Complete'] as const satisfies QueryStatus[]

interface Query {
  result: QueryResult
  groups: number
  /** In `COURSE`. */
  step: number
  isCancelled: boolean
}

/** The queries of Logs Insights that were started. */
export interface Insights {
  start(input: StartQueryCommandInput, asked: Asked): Omit<StartQueryCommandOutput, '$metadata'>
  results(input: GetQueryResultsCommandInput, asked: Asked): Omit<GetQueryResultsCommandOutput, '$metadata'>
  stop(input: StopQueryCommandInput): Omit<StopQueryCommandOutput, '$metadata'>
}

export function startInsights(): Insights {
  const queries = new Map<string, Query>()
  const byId = (id: string | undefined): Query => {
    const query = queries.get(id ?? '')
    if (query) return query
    throw new Refusal('ResourceNotFoundException', `Query ${id} does not exist`)
  }
  return {
    start(input, asked) {
      const running = [...queries.values()].filter((query) => !isEnded(query)).length
      if (running >= MAX_RUNNING) throw new Refusal('LimitExceededException', 'Concurrent query limit exceeded')
      const { groups, result } = begun(input, asked)
      const queryId = crypto.randomUUID()
      queries.set(queryId, { result, groups: groups.length, step: 0, isCancelled: false })
      return { queryId }
    },
    results(input, asked) {
      const query = byId(input.queryId)
      const answer = resultsOf(query, input, asked)
      if (!isEnded(query)) query.step++
      return answer
    },
    stop({ queryId }) {
      const query = byId(queryId)
      if (isEnded(query)) throw new Refusal('InvalidParameterException', `Query ${queryId} is in an ended status`)
      query.isCancelled = true
      return { success: true }
    },
  }
}

/** Its last status was asked for, or somebody stopped it. */
function isEnded({ step, isCancelled }: Query): boolean {
  return isCancelled || step >= COURSE.length - 1
}

function begun(input: StartQueryCommandInput, asked: Asked): { groups: LogGroup[]; result: QueryResult } {
  const { startTime = 0, endTime = 0, queryString = '', limit = DEFAULT_LIMIT } = input
  if (endTime < startTime) {
    throw new Refusal('InvalidParameterException', 'Query start time must not be after its end time')
  }
  refuseQuery(queryString)
  const groups = groupsOf(input, asked)
  const nowMs = asked.now.getTime()
  if (groups.every((group) => endTime * 1_000 < oldestOf(group, nowMs))) {
    throw malformed(
      'end date and time is either before the log groups creation time or exceeds the log groups log retention settings',
      queryString,
    )
  }
  const from = Math.max(startTime * 1_000, Math.min(...groups.map((group) => oldestOf(group, nowMs))))
  const to = Math.min(endTime * 1_000, nowMs)
  const result = asked.data.query({ query: queryString, groups: groups.map(({ name }) => name), from, to })
  if (!result) throw new Refusal('InvalidParameterException', `the stand-in has no answer to the query ${queryString}`)
  return { groups, result: { ...result, rows: result.rows.slice(0, limit) } }
}

function refuseQuery(query: string): void {
  const [problem] = queryProblems(query)
  if (problem !== undefined) throw malformed(problem, query)
}

function malformed(message: string, query: string): Refusal {
  const location = { startCharOffset: 0, endCharOffset: query.length }
  return new Refusal('MalformedQueryException', message, 400, { queryCompileError: { location, message } })
}

function groupsOf(input: StartQueryCommandInput, { data }: Asked): LogGroup[] {
  const { logGroupName, logGroupNames, logGroupIdentifiers } = input
  const given = [logGroupName && [logGroupName], logGroupNames, logGroupIdentifiers].filter(
    (names) => names !== undefined,
  )
  const [names = []] = given
  if (given.length !== 1 || names.length === 0) {
    throw new Refusal(
      'InvalidParameterException',
      'Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified',
    )
  }
  if (names.length > MAX_GROUPS) {
    throw new Refusal('InvalidParameterException', `A query can search at most ${MAX_GROUPS} log groups`)
  }
  return [...names].map((name) => groupOf(data.logGroups, name))
}

function resultsOf(
  query: Query,
  input: GetQueryResultsCommandInput,
  asked: Asked,
): Omit<GetQueryResultsCommandOutput, '$metadata'> {
  const { rows, scanned, bytes } = query.result
  const status = query.isCancelled ? 'Cancelled' : (COURSE[query.step] ?? 'Complete')
  // While it runs, there are the rows of what was read until now.
  const share = status === 'Complete' ? 1 : status === 'Scheduled' ? 0 : 0.5
  const there = rows.slice(0, Math.floor(rows.length * share))
  const { items, next } = page(there, { token: input.nextToken, size: input.maxItems ?? PAGE, of: input }, asked)
  const results = items.map((row, at) => [
    ...Object.entries(row).map(([field, value]) => ({ field, value })),
    { field: '@ptr', value: `${input.queryId}/${at}` },
  ])
  const statistics = {
    ...{ recordsMatched: there.length, recordsScanned: scanned * share, bytesScanned: bytes * share },
    ...{ logGroupsScanned: query.groups, resultCount: there.length },
  }
  return { queryLanguage: 'CWLI', status, results, statistics, nextToken: status === 'Complete' ? next : undefined }
}
