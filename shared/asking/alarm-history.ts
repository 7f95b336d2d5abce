import { type CloudWatchClient, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch'
import type { AlarmChange } from '../questions/ask.ts'

/** When alarms changed their state, the oldest first: as far back as CloudWatch keeps it. */
export async function askAlarmHistory(
  client: CloudWatchClient,
  { from, to, alarm }: { from: string; to: string; alarm?: string },
  abortSignal: AbortSignal,
): Promise<AlarmChange[]> {
  const pages = paginateDescribeAlarmHistory(
    { client, pageSize: 100 },
    {
      ...(alarm !== undefined && { AlarmName: alarm }),
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(from),
      EndDate: new Date(to),
      ScanBy: 'TimestampAscending',
    },
    { abortSignal },
  )
  const changes: AlarmChange[] = []
  for await (const { AlarmHistoryItems = [] } of pages) {
    for (const { AlarmName: name = '', Timestamp, HistoryData = '{}' } of AlarmHistoryItems) {
      const { oldState, newState } = statesIn(HistoryData)
      changes.push({ name, at: Timestamp?.toISOString() ?? '', from: oldState, to: newState })
    }
  }
  return changes
}

function statesIn(data: string): { oldState: string; newState: string } {
  const { oldState, newState } = JSON.parse(data) as Record<string, { stateValue?: string } | undefined>
  return { oldState: oldState?.stateValue ?? 'unknown', newState: newState?.stateValue ?? 'unknown' }
}
