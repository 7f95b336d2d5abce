import { type CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation'
import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import type { ChangedStack, Changes } from '../questions/ask.ts'

/** Of 50 events each. CloudTrail allows two such calls a second in a region (CloudTrail quotas). */
const MOST_PAGES = 4

/** Who changed what in this region, the newest first. Of very many, the newest. */
export async function askChanges(
  client: CloudTrailClient,
  { from, to }: { from: string; to: string },
  abortSignal: AbortSignal,
): Promise<Changes> {
  const events: Changes['events'] = []
  let token: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const command = new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }],
      StartTime: new Date(from),
      EndTime: new Date(to),
      ...(token !== undefined && { NextToken: token }),
    })
    const { Events = [], NextToken } = await client.send(command, { abortSignal })
    events.push(
      ...Events.map(({ EventTime, Username: by = 'unknown', EventName: what = '', Resources = [] }) => ({
        at: EventTime?.toISOString() ?? '',
        ...{ by, what, of: [...new Set(Resources.map(({ ResourceName }) => ResourceName ?? ''))].join(', ') },
      })),
    )
    token = NextToken
    if (token === undefined) break
  }
  return { events, hasMore: token !== undefined }
}

/** The stacks that were created or updated since then, the newest first. */
export async function askStacks(
  client: CloudFormationClient,
  { since }: { since: string },
  abortSignal: AbortSignal,
): Promise<ChangedStack[]> {
  const changed: ChangedStack[] = []
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {}, { abortSignal })) {
    for (const { StackName: name = '', StackStatus: status = '', LastUpdatedTime, CreationTime } of Stacks) {
      const at = (LastUpdatedTime ?? CreationTime)?.toISOString() ?? ''
      if (at >= since) changed.push({ name, status, at })
    }
  }
  return changed.sort((one, other) => (one.at < other.at ? 1 : -1))
}
