import {
  FilterLogEvents$,
  type FilterLogEventsCommandInput,
  type FilterLogEventsCommandOutput,
  GetQueryResults$,
  type GetQueryResultsCommandInput,
  type GetQueryResultsCommandOutput,
  StartQuery$,
  type StartQueryCommandInput,
  type StartQueryCommandOutput,
  StopQuery$,
  type StopQueryCommandInput,
  type StopQueryCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import { filterOf } from './log-filter.ts'
import { groupOf, oldestOf } from './log-groups.ts'
import { type Insights, startInsights } from './log-queries.ts'
import { type Asked, type Operation, operation } from './operation.ts'
import { page } from './pages.ts'
import { Refusal } from './refusal.ts'

const MAX_EVENTS = 10_000

/** What of CloudWatch Logs is asked (CloudWatch Logs API Reference); queries run as long as the stand-in does. */
export function logsOperations(): Operation[] {
  const insights: Insights = startInsights()
  return [
    operation<StartQueryCommandInput, StartQueryCommandOutput>('logs', StartQuery$, insights.start, {
      bounds: { limit: [1, 100_000] },
    }),
    operation<GetQueryResultsCommandInput, GetQueryResultsCommandOutput>('logs', GetQueryResults$, insights.results),
    operation<StopQueryCommandInput, StopQueryCommandOutput>('logs', StopQuery$, insights.stop),
    operation<FilterLogEventsCommandInput, FilterLogEventsCommandOutput>('logs', FilterLogEvents$, filterLogEvents, {
      bounds: { limit: [1, MAX_EVENTS] },
    }),
  ]
}

/**
 * Times are in ms here. A page is so many lines that were read, of which those that match are given: it may be empty while a
 * token shows that there is more.
 */
function filterLogEvents(
  input: FilterLogEventsCommandInput,
  asked: Asked,
): Omit<FilterLogEventsCommandOutput, '$metadata'> {
  const { logGroupName, logGroupIdentifier, startTime = 0, endTime, filterPattern = '', logStreamNames } = input
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw new Refusal('InvalidParameterException', 'Exactly one of logGroupName and logGroupIdentifier is required')
  }
  if (endTime !== undefined && startTime > endTime) {
    throw new Refusal('InvalidParameterException', 'startTime must not be greater than endTime')
  }
  const group = groupOf(asked.data.logGroups, logGroupName ?? logGroupIdentifier ?? '')
  const matches = filterOf(filterPattern)
  const nowMs = asked.now.getTime()
  const from = Math.max(startTime, oldestOf(group, nowMs))
  const lines = group
    .lines(from, Math.min(endTime ?? nowMs, nowMs))
    .map((line, at) => ({ ...line, id: `${line.timestamp}${String(at).padStart(8, '0')}` }))
    .filter(({ stream }) => logStreamNames?.includes(stream) ?? true)
  const size = input.limit ?? MAX_EVENTS
  const all = asked.pageSize === undefined ? lines.filter(({ message }) => matches(message)) : lines
  const { items, next } = page(all, { token: input.nextToken, size, of: input }, asked)
  const events = items
    .filter(({ message }) => matches(message))
    .map(({ timestamp, message, stream, id }) => ({
      ...{ timestamp, message, logStreamName: stream, ingestionTime: timestamp, eventId: id },
    }))
  return { events, searchedLogStreams: [], nextToken: next }
}
