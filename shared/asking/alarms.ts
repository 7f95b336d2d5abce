import { type CloudWatchClient, type MetricAlarm, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch'
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
    const metric = MetricAlarms.filter(isReal).map((one) => ({ ...factsOf(one), ...metricOf(one) }))
    const composite = CompositeAlarms.filter(isReal).map((one) => ({
      ...factsOf(one),
      ...(one.AlarmRule && { rule: one.AlarmRule }),
    }))
    const logs = LogAlarms.filter(isReal).map(factsOf)
    firing.push(...[...metric, ...composite, ...logs].filter((one) => !isBurnWindow(one)))
  }
  return firing
}

type Listed = Pick<MetricAlarm, 'AlarmName' | 'StateTransitionedTimestamp' | 'AlarmActions'>

function factsOf({
  AlarmName = '',
  StateTransitionedTimestamp: since,
  AlarmActions: actions = [],
}: Listed): FiringAlarm {
  return { name: AlarmName, ...(since && { since: since.toISOString() }), hasActions: actions.length > 0 }
}

function metricOf({ Namespace, Dimensions = [] }: MetricAlarm): Pick<FiringAlarm, 'namespace' | 'dimensions'> {
  if (Namespace === undefined) return {}
  return {
    namespace: Namespace,
    dimensions: Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value])),
  }
}

/** Of the stack's burn rates (deploy/platform/burn-rate.ts): the alarm that combines two of them is listed. */
const isBurnWindow = ({ name, hasActions }: FiringAlarm) => !hasActions && /-burn-[\d.]+x-\d+[mhd]$/.test(name)

/** Not set to ALARM by a drill. */
const isReal = ({ StateReason }: { StateReason?: string | undefined }) => drillInReason(StateReason) === undefined
