import { type CloudWatchClient, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch'
import { drillInReason } from '../parse/drill.ts'
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
      const { oldState, newState, isDrill } = statesIn(HistoryData)
      if (!isDrill) changes.push({ name, at: Timestamp?.toISOString() ?? '', from: oldState, to: newState })
    }
  }
  return changes
}

function statesIn(data: string): { oldState: string; newState: string; isDrill: boolean } {
  const { oldState, newState } = JSON.parse(data) as Record<
    string,
    { stateValue?: string; stateReason?: string } | undefined
  >
  return {
    oldState: oldState?.stateValue ?? 'unknown',
    newState: newState?.stateValue ?? 'unknown',
    // What a drill set, and its end, whoever ended it. A real firing after it is none.
    isDrill: isOfDrill(newState) || (isOfDrill(oldState) && newState?.stateValue !== 'ALARM'),
  }
}

const isOfDrill = (state: { stateReason?: string } | undefined) => drillInReason(state?.stateReason) !== undefined
