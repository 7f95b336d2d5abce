import type { AlarmHistoryItem, CompositeAlarm, MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch'
import { alarms as templates } from '../../deploy/platform/alarms.ts'
import { burnRateAlarms } from '../../deploy/platform/burn-rate.ts'
import { PREFIX } from '../../deploy/platform/names.ts'
import type { Platform } from '../../schemas/platform.ts'
import type { AwsData } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import type { Place } from './place.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STAGE = 'alert-router-prod'
const FLAPS = 48

type Alarms = Pick<AwsData, 'metricAlarms' | 'compositeAlarms' | 'alarmHistory'>

/** The stack's alarms, of which some fire; one that has for nine days, and one that flaps. */
export function alarmsOf(platform: Platform, times: FaultTimes, place: Place): Alarms {
  const firing = firingSince(times)
  const inState = (name: string, properties: object) => stateOf(name, properties, firing[name], times, place)
  const own = [...Object.values(templates(platform)), ...Object.values(burnRateAlarms(platform))].map(
    ({ Type, Properties }) => {
      const { Tags: _tags, ...properties } = Properties as { AlarmName: string; Tags?: unknown }
      const name = properties.AlarmName.replace(`${PREFIX}-`, '')
      return { isComposite: Type === 'AWS::CloudWatch::CompositeAlarm', alarm: inState(name, properties) }
    },
  )
  const others = [
    inState('nightly-export', { MetricName: 'Errors', Namespace: 'AWS/Lambda', Threshold: 0 }),
    inState('streaming-cpu', { MetricName: 'CPUUtilization', Namespace: 'AWS/ECS', Threshold: 79 }),
  ]
  return {
    metricAlarms: [...own.flatMap(({ isComposite, alarm }) => (isComposite ? [] : [alarm])), ...others],
    compositeAlarms: own.flatMap(({ isComposite, alarm }): CompositeAlarm[] => (isComposite ? [ruleIn(alarm)] : [])),
    alarmHistory: historyOf(times, place),
  }
}

/** Since when an alarm fires, by its name without the stage. */
function firingSince({ now, errors }: FaultTimes): Record<string, number> {
  return {
    'nightly-export': now - 9 * DAY_MS,
    'error-rate': now - 24 * HOUR_MS,
    'errors-burns-fast': now - 40 * HOUR_MS,
    'errors-burns-slowly': errors + 22 * HOUR_MS,
  }
}

function stateOf(
  name: string,
  properties: object,
  firingMs: number | undefined,
  times: FaultTimes,
  place: Place,
): MetricAlarm {
  const changed = new Date(firingMs ?? times.since)
  return {
    ...properties,
    AlarmName: `${STAGE}-${name}`,
    AlarmArn: place.arn('cloudwatch', `alarm:${STAGE}-${name}`),
    ActionsEnabled: true,
    AlarmActions: [place.arn('sns', `${STAGE}-alarms`)],
    OKActions: [place.arn('sns', `${STAGE}-alarms`)],
    StateValue: firingMs === undefined ? 'OK' : 'ALARM',
    StateReason: firingMs === undefined ? 'Threshold not crossed' : 'Threshold crossed',
    StateUpdatedTimestamp: changed,
    StateTransitionedTimestamp: changed,
    AlarmConfigurationUpdatedTimestamp: new Date(times.since),
  }
}

/** The rule with its alarms' names in place of the template's ids. */
function ruleIn(alarm: CompositeAlarm): CompositeAlarm {
  const rule = (alarm.AlarmRule as { 'Fn::Sub'?: string } | undefined)?.['Fn::Sub'] ?? ''
  return { ...alarm, AlarmRule: rule.replace(/\$\{(\w+)\}/g, '$1') }
}

function historyOf(times: FaultTimes, place: Place): AlarmHistoryItem[] {
  const { now, outage } = times
  const fired = Object.entries(firingSince(times)).map(([name, since]) => change(name, since, 'ALARM', place))
  const outages = [
    change('system-availability', outage.from + 10 * 60_000, 'ALARM', place),
    change('system-availability', outage.to + 10 * 60_000, 'OK', place),
    change('availability-burns-fast', outage.from + 3 * 60_000, 'ALARM', place),
    change('availability-burns-fast', outage.to + 40 * 60_000, 'OK', place),
  ]
  // Every hour, and back after twenty minutes.
  const flaps = Array.from({ length: FLAPS }, (_, at) => now - (at + 1) * HOUR_MS).flatMap((time) => [
    change('streaming-cpu', time, 'ALARM', place),
    change('streaming-cpu', time + 20 * 60_000, 'OK', place),
  ])
  return [...fired, ...outages, ...flaps]
}

function change(name: string, time: number, to: StateValue, { account, region }: Place): AlarmHistoryItem {
  const from = to === 'ALARM' ? 'OK' : 'ALARM'
  const state = (stateValue: StateValue) => ({ stateValue, stateReason: `Threshold ${stateValue}` })
  return {
    AlarmName: `${STAGE}-${name}`,
    AlarmType: name.includes('-burns-') ? 'CompositeAlarm' : 'MetricAlarm',
    Timestamp: new Date(time),
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${from} to ${to}`,
    HistoryData: JSON.stringify({
      ...{ version: '1.0', type: 'Update', accountId: account, region },
      ...{ oldState: state(from), newState: state(to) },
    }),
  }
}
