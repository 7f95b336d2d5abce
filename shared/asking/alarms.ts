import { type CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
import { drillInReason } from '../parse/drill.ts'
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
    const listed = [...MetricAlarms, ...CompositeAlarms, ...LogAlarms].filter(
      (one) => !isBurnWindow(one) && !isDrill(one),
    )
    firing.push(
      ...listed.map(({ AlarmName = '', StateTransitionedTimestamp: since, AlarmActions: actions = [] }) => ({
        name: AlarmName,
        ...(since && { since: since.toISOString() }),
        hasActions: actions.length > 0,
      })),
    )
  }
  return firing
}

/** Of the stack's burn rates (deploy/platform/burn-rate.ts): the alarm that combines two of them is listed. */
const isBurnWindow = ({ AlarmName = '', AlarmActions = [] }: { AlarmName?: string; AlarmActions?: string[] }) =>
  AlarmActions.length === 0 && /-burn-[\d.]+x-\d+[mhd]$/.test(AlarmName)

/** It is set to ALARM by a drill: nothing is wrong. */
const isDrill = ({ StateReason }: { StateReason?: string }) => drillInReason(StateReason) !== undefined
