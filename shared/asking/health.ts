import { type HealthClient, paginateDescribeEvents } from '@aws-sdk/client-health'
import type { HealthEvent } from '../questions/ask.ts'

/** What AWS itself has trouble with, or has had since then, in the account's regions. */
export async function askHealth(
  client: HealthClient,
  { since }: { since: string },
  abortSignal: AbortSignal,
): Promise<HealthEvent[]> {
  const filter = { eventTypeCategories: ['issue' as const], lastUpdatedTimes: [{ from: new Date(since) }] }
  const found: HealthEvent[] = []
  for await (const { events = [] } of paginateDescribeEvents({ client }, { filter }, { abortSignal })) {
    for (const { service = '', region = '', eventTypeCode: what = '', statusCode, startTime, endTime } of events) {
      found.push({
        ...{ service, region, what, isOpen: statusCode === 'open' },
        ...(startTime && { from: startTime.toISOString() }),
        ...(endTime && { to: endTime.toISOString() }),
      })
    }
  }
  return found
}
