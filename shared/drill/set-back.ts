import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch'
import { drillInReason, drillReason } from '../parse/drill.ts'

/*
 * A drill sets the alarm back to OK that it has set to ALARM, and no other: to set OK over a real ALARM would hide it.
 */

export interface Described {
  alarm: MetricAlarm
  kind: 'metric' | 'composite' | 'log'
}

/** @returns `undefined` when there is none of that name. */
export async function describeAlarm(client: CloudWatchClient, name: string): Promise<Described | undefined> {
  const {
    MetricAlarms = [],
    CompositeAlarms = [],
    LogAlarms = [],
  } = await client.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] }),
  )
  const [alarm] = [...MetricAlarms, ...CompositeAlarms, ...LogAlarms] as MetricAlarm[]
  const kind = CompositeAlarms.length > 0 ? 'composite' : LogAlarms.length > 0 ? 'log' : 'metric'
  return alarm && { alarm, kind }
}

/** Which of a composite's children are in ALARM. */
export async function firingChildren(client: CloudWatchClient, name: string): Promise<string[]> {
  const firing: string[] = []
  for await (const page of paginateDescribeAlarms({ client }, { ChildrenOfAlarmName: name })) {
    const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [] } = page
    for (const { AlarmName = '', StateValue } of [...MetricAlarms, ...CompositeAlarms, ...LogAlarms]) {
      if (StateValue === 'ALARM') firing.push(AlarmName)
    }
  }
  return firing
}

export async function setState(
  client: CloudWatchClient,
  name: string,
  { state, id, words }: { state: 'ALARM' | 'OK'; id: string; words: string },
): Promise<void> {
  const StateReason = drillReason(id, words).slice(0, 1_023)
  await client.send(new SetAlarmStateCommand({ AlarmName: name, StateValue: state, StateReason }))
}

/** What a drill has set. */
export interface SetAlarm {
  name: string
  id: string
  by: string
  /** Its reason before that, while DescribeAlarms may still show it. */
  before?: { reason: string | undefined; isShown(): boolean; wait(): Promise<void> }
}

export interface SetBack {
  /** CloudWatch sends that it is OK. */
  isSet: boolean
  /** What is really in ALARM, and CloudWatch sends nothing about: the alarm itself, or a composite's children. */
  firing: string[]
}

const NOTHING: SetBack = { isSet: false, firing: [] }

/** Sets an alarm back to OK, if it is still as the drill has set it. */
export async function setBack(client: CloudWatchClient, set: SetAlarm): Promise<SetBack> {
  const { name, id, by, before } = set
  const now = await describeAlarm(client, name)
  if (!now) return NOTHING
  const { StateValue: state, StateReason: reason } = now.alarm
  const isOld = before !== undefined && state === 'OK' && reason === before.reason
  if (isOld && before.isShown()) {
    await before.wait()
    return setBack(client, set)
  }
  const isOurs = state === 'ALARM' && drillInReason(reason) === id
  if (!isOurs && !isOld) return state === 'ALARM' ? { isSet: false, firing: [name] } : NOTHING
  await setState(client, name, { state: 'OK', id, words: `ended, by ${by}` })
  return { isSet: isOurs, firing: now.kind === 'composite' ? await firingChildren(client, name) : [] }
}
