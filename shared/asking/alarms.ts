import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
import type { FiringAlarm } from '../questions/ask.ts'

/** Every alarm that fires, of all types: the default lists metric alarms alone. */
export async function askAlarms(client: CloudWatchClient, abortSignal: AbortSignal): Promise<FiringAlarm[]> {
  const pages = paginateDescribeAlarms(
    { client, pageSize: 100 },
    { StateValue: 'ALARM', AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] },
    { abortSignal },
  )
  const firing: FiringAlarm[] = []
  for await (const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } of pages) {
    // The windows of a burn rate have no actions: the alarm that combines them is listed.
    const listed = [...MetricAlarms, ...CompositeAlarms, ...LogAlarms].filter(
      ({ AlarmActions }) => AlarmActions?.length,
    )
    firing.push(
      ...listed.map(({ AlarmName = '', StateTransitionedTimestamp: since, AlarmDescription: what }) => ({
        name: AlarmName,
        ...(since && { since: since.toISOString() }),
        ...(what !== undefined && { what: what.split('\n')[0] ?? '' }),
      })),
    )
  }
  return firing
}
