import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import type { LogRows } from '../questions/ask.ts'
import { RefusedError } from './refused.ts'

/** Between two looks at a query that runs: Logs allows ten a second in a region (CloudWatch Logs quotas). */
const POLL_MS = 500
/** To stop a query that nobody waits for. */
const STOP_MS = 2_000
/** A query that has ended without its result. */
const FAILED = ['Failed', 'Cancelled', 'Timeout', 'Unknown']

interface LogsAsked {
  query: string
  groups: string[]
  from: string
  to: string
  mostBytes?: number
}

/**
 * Starts a query, waits for its result, and stops it when nobody waits any more: what it reads is paid. A group that does
 * not exist hides nothing of the others.
 * @throws {RefusedError} when none exists.
 */
export async function askLogs(
  client: CloudWatchLogsClient,
  asked: LogsAsked,
  abortSignal: AbortSignal,
): Promise<LogRows> {
  const missing: string[] = []
  for (;;) {
    const groups = asked.groups.filter((group) => !missing.includes(group))
    if (groups.length === 0) throw new RefusedError({ needs: 'a log group that exists', why: missing.join(', ') })
    try {
      return { ...(await rowsOf(client, { ...asked, groups }, abortSignal)), missing }
    } catch (error) {
      const { name, message } = error as Error
      const gone = name === 'ResourceNotFoundException' && groups.find((group) => message.includes(`'${group}'`))
      if (!gone) throw error
      missing.push(gone)
    }
  }
}

async function rowsOf(
  client: CloudWatchLogsClient,
  { query, groups, from, to, mostBytes = Number.POSITIVE_INFINITY }: LogsAsked,
  abortSignal: AbortSignal,
): Promise<Omit<LogRows, 'missing'>> {
  const start = new StartQueryCommand({
    queryString: query,
    logGroupNames: groups,
    // Seconds, both included (CloudWatch Logs API Reference, StartQuery).
    startTime: Date.parse(from) / 1_000,
    endTime: Date.parse(to) / 1_000 - 1,
  })
  const queryId = await started(client, start, abortSignal)
  try {
    for (;;) {
      const {
        status = 'Unknown',
        results = [],
        statistics,
      } = await client.send(new GetQueryResultsCommand({ queryId }), { abortSignal })
      // While it runs, its rows are not all of it.
      const { bytesScanned: bytes = 0 } = statistics ?? {}
      if (status === 'Complete') return { rows: results.map(rowOf), bytes }
      if (bytes > mostBytes) {
        await stop(client, queryId)
        return { rows: results.map(rowOf), bytes, isCut: true }
      }
      if (FAILED.includes(status)) throw new Error(`the query has ended as ${status}`)
      await sleep(POLL_MS, undefined, { signal: abortSignal })
    }
  } catch (error) {
    if (abortSignal.aborted) await stop(client, queryId)
    throw error
  }
}

/**
 * A start that is aborted may have begun a query that nobody can stop: its answer is waited for a little longer, and what
 * it has begun is stopped.
 */
async function started(
  client: CloudWatchLogsClient,
  start: StartQueryCommand,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  abortSignal.throwIfAborted()
  const late = new AbortController()
  const answer = client.send(start, { abortSignal: late.signal })
  const waits = new AbortController()
  const isLate = once(abortSignal, 'abort', { signal: waits.signal }).then(
    () => true,
    () => false,
  )
  try {
    const first = await Promise.race([answer, isLate])
    if (typeof first === 'object') return first.queryId
    const timer = setTimeout(() => late.abort(), STOP_MS)
    const { queryId } = await answer.finally(() => clearTimeout(timer))
    await stop(client, queryId)
    throw abortSignal.reason
  } catch (error) {
    throw abortSignal.aborted ? abortSignal.reason : error
  } finally {
    waits.abort()
  }
}

/** It ends without it, too: a Logs that does not answer holds up nobody. */
async function stop(client: CloudWatchLogsClient, queryId: string | undefined): Promise<void> {
  const abortSignal = AbortSignal.timeout(STOP_MS)
  await client.send(new StopQueryCommand({ queryId }), { abortSignal }).catch(() => undefined)
}

function rowOf(fields: { field?: string; value?: string }[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ field, value }) => (field === undefined || field === '@ptr' ? [] : [[field, value ?? '']])),
  )
}
