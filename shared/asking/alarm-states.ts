import {
  type AlarmContributor,
  type CloudWatchClient,
  DescribeAlarmContributorsCommand,
  type DescribeAlarmsCommandInput,
  ListTagsForResourceCommand,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch'
import { asList, type Json } from '../../schemas/loose.ts'
import type { EstateAlarm } from '../estate/alarm.ts'
import { estateIn, taggedOf } from '../estate/dump.ts'
import { type Contributor, type HistoryItem, historyItemOf } from '../estate/past.ts'

/*
 * What CloudWatch says of its alarms now, in as few calls as possible: it is asked every five minutes, and everybody in
 * the account shares its rates (CloudWatch User Guide, CloudWatch service quotas).
 */

const ALL_TYPES = ['MetricAlarm' as const, 'CompositeAlarm' as const, 'LogAlarm' as const]
/** The most that DescribeAlarms takes (CloudWatch API Reference). */
const MOST_NAMES = 100
/** Of 100 items: a storm of a thousand alarms. */
const HISTORY_PAGES = 40

/** All that fire. */
export const askFiring = (client: CloudWatchClient, abortSignal: AbortSignal): Promise<EstateAlarm[]> =>
  askAlarms(client, { StateValue: 'ALARM' }, abortSignal)

/** Those of these names that exist. */
export async function askNamed(
  client: CloudWatchClient,
  names: string[],
  abortSignal: AbortSignal,
): Promise<EstateAlarm[]> {
  const found: EstateAlarm[] = []
  for (let from = 0; from < names.length; from += MOST_NAMES) {
    const AlarmNames = names.slice(from, from + MOST_NAMES)
    found.push(...(await askAlarms(client, { AlarmNames }, abortSignal)))
  }
  return found
}

async function askAlarms(
  client: CloudWatchClient,
  filter: Partial<DescribeAlarmsCommandInput>,
  abortSignal: AbortSignal,
): Promise<EstateAlarm[]> {
  const pages: unknown[] = [{ MetricAlarms: [] }]
  const input = { AlarmTypes: ALL_TYPES, ...filter }
  for await (const page of paginateDescribeAlarms({ client, pageSize: 100 }, input, { abortSignal })) {
    pages.push(asPrinted(page))
  }
  return estateIn(pages)?.alarms ?? []
}

/** Times as text. */
const asPrinted = (answer: object): Json => JSON.parse(JSON.stringify(answer))

/** @returns the newest, and whether there are more of that time than were read. */
export async function askHistory(
  client: CloudWatchClient,
  { from, to }: { from: Date; to: Date },
  abortSignal: AbortSignal,
): Promise<{ items: HistoryItem[]; hasMore: boolean }> {
  const input = { AlarmTypes: ALL_TYPES, StartDate: from, EndDate: to, ScanBy: 'TimestampDescending' as const }
  const items: HistoryItem[] = []
  let pages = 0
  const all = paginateDescribeAlarmHistory({ client, pageSize: 100 }, input, { abortSignal })
  for await (const { AlarmHistoryItems = [], NextToken } of all) {
    items.push(...AlarmHistoryItems.flatMap((item) => historyItemOf(asPrinted(item)) ?? []))
    if (++pages === HISTORY_PAGES && NextToken !== undefined) return { items, hasMore: true }
  }
  return { items, hasMore: false }
}

/** Those that fire. */
export async function askContributors(
  client: CloudWatchClient,
  AlarmName: string,
  abortSignal: AbortSignal,
): Promise<Contributor[]> {
  const found: Contributor[] = []
  let NextToken: string | undefined
  do {
    const answer = await client.send(new DescribeAlarmContributorsCommand({ AlarmName, NextToken }), { abortSignal })
    found.push(...(answer.AlarmContributors ?? []).map(contributorOf))
    NextToken = answer.NextToken
  } while (NextToken !== undefined)
  return found
}

function contributorOf({ ContributorId = '', ContributorAttributes = {}, ...one }: AlarmContributor): Contributor {
  const at = one.StateTransitionedTimestamp?.toISOString()
  return {
    ...{ id: ContributorId, attributes: ContributorAttributes },
    ...(one.StateReason !== undefined && { reason: one.StateReason }),
    ...(at !== undefined && { at }),
  }
}

/** Of one alarm. */
export async function askAlarmTags(
  client: CloudWatchClient,
  arn: string,
  abortSignal: AbortSignal,
): Promise<Record<string, string>> {
  const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }), { abortSignal })
  return taggedOf({ ResourceARN: arn, Tags: asList(Tags) })[1]
}
