import type { AlarmHistoryItem, MetricAlarm, SetAlarmStateCommandInput, StateValue } from '@aws-sdk/client-cloudwatch'
import { estateIn } from '../../../shared/estate/dump.ts'
import { messageOf } from '../../../shared/estate/message.ts'
import { NO_ESTATE } from './estate-data.ts'
import type { Asked } from './operation.ts'
import { Refusal } from './refusal.ts'

/** Of metric, composite and log alarms, what is needed here. */
type Alarm = Pick<
  MetricAlarm,
  'AlarmName' | 'AlarmArn' | 'StateValue' | 'StateReason' | 'ActionsEnabled' | 'AlarmActions' | 'OKActions'
> &
  Pick<MetricAlarm, 'InsufficientDataActions'>

/** What an alarm's action sends to a topic. */
export type Publish = (topicArn: string, message: string, subject: string) => void

interface Set {
  state: StateValue
  reason: string
  at: number
  /** As it was read until it is seen. */
  before: Pick<Alarm, 'StateValue' | 'StateReason'>
}

/** "Metric alarms return to their actual state quickly, often within seconds" (CloudWatch API Reference, SetAlarmState). */
export const EVALUATED_AFTER_MS = 10_000
/** Nobody promises that DescribeAlarms shows it at once. */
export const SEEN_AFTER_MS = 1_000
const STATES: readonly string[] = ['INSUFFICIENT_DATA', 'ALARM', 'OK']
const MAX_REASON = 1_023
const MAX_REASON_DATA = 4_000

/**
 * The states that were set for a test. A metric or log alarm is evaluated a while later, and returns to its own state; a
 * composite only when one of its children changes. Each change runs the actions of the new state.
 */
export class AlarmStates {
  /** What DescribeAlarmHistory has of them. */
  readonly history: AlarmHistoryItem[] = []
  readonly #sets = new Map<string, Set>()
  readonly #publish: Publish

  constructor(publish: Publish = () => {}) {
    this.#publish = publish
  }

  set(input: SetAlarmStateCommandInput, asked: Asked): Record<string, never> {
    const { AlarmName = '', StateReason = '' } = input
    const state = checked(input)
    this.evaluate(asked)
    const { compositeAlarms, metricAlarms, estate = NO_ESTATE } = asked.data
    const composite = compositeAlarms.find((one) => one.AlarmName === AlarmName)
    const alarm = composite ?? [...metricAlarms, ...estate.logAlarms].find((one) => one.AlarmName === AlarmName)
    if (composite && asked.isNarrow) {
      const user = `User: arn:aws:sts::${asked.data.account}:assumed-role/alert-router/reports`
      const why = `is not authorized to perform: cloudwatch:SetAlarmState on resource: ${composite.AlarmArn}`
      throw new Refusal('AccessDenied', `${user} ${why}`, 403)
    }
    if (!alarm) throw new Refusal('ResourceNotFound', `Alarm with name ${AlarmName} does not exist`, 404)
    this.#change(alarm as Alarm, state, StateReason, asked)
    return {}
  }

  /** An alarm as DescribeAlarms shows it now. */
  shown<Of extends Alarm>(alarm: Of, { now }: Asked): Of {
    const set = this.#sets.get(alarm.AlarmName ?? '')
    if (!set) return alarm
    if (now.getTime() < set.at + SEEN_AFTER_MS) return { ...alarm, ...set.before }
    return { ...alarm, StateValue: set.state, StateReason: set.reason }
  }

  /** Alarms that were set return to their own state, once they are evaluated. */
  evaluate(asked: Asked): void {
    const { metricAlarms, estate = NO_ESTATE } = asked.data
    for (const alarm of [...metricAlarms, ...estate.logAlarms]) {
      const set = this.#sets.get(alarm.AlarmName ?? '')
      if (!set || asked.now.getTime() < set.at + EVALUATED_AFTER_MS) continue
      this.#change(alarm as Alarm, alarm.StateValue ?? 'OK', alarm.StateReason ?? 'Threshold Crossed', asked)
      this.#sets.delete(alarm.AlarmName ?? '')
    }
  }

  #change(alarm: Alarm, state: StateValue, reason: string, asked: Asked): void {
    const { AlarmName = '', StateValue: own = 'OK', StateReason: ownReason } = alarm
    const last = this.#sets.get(AlarmName)
    const before = last?.state ?? own
    const shown = { StateValue: before, StateReason: last?.reason ?? ownReason }
    this.#sets.set(AlarmName, { state, reason, at: asked.now.getTime(), before: shown })
    if (state === before) return
    this.history.push(historyOf(alarm, shown, { state, reason }, asked.now))
    if (alarm.ActionsEnabled === false || isMuted(AlarmName, asked)) return
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [] } = alarm
    const actions = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }[state]
    const message = JSON.stringify({
      ...describe(alarm, asked.now),
      ...{ NewStateValue: state, OldStateValue: before, NewStateReason: reason },
    })
    const subject = `${state}: "${AlarmName}" in ${asked.region}`.slice(0, 100)
    for (const arn of actions) if (/^arn:[^:]+:sns:/.test(arn)) this.#publish(arn, message, subject)
  }
}

function historyOf(
  alarm: Alarm,
  { StateValue, StateReason }: Set['before'],
  { state, reason }: Pick<Set, 'state' | 'reason'>,
  now: Date,
): AlarmHistoryItem {
  return {
    ...{ AlarmName: alarm.AlarmName, AlarmType: 'AlarmRule' in alarm ? 'CompositeAlarm' : 'MetricAlarm' },
    ...{ Timestamp: now, HistoryItemType: 'StateUpdate' },
    HistorySummary: `Alarm updated from ${StateValue} to ${state}`,
    HistoryData: JSON.stringify({
      version: '1.0',
      oldState: { stateValue: StateValue, stateReason: StateReason },
      newState: { stateValue: state, stateReason: reason },
    }),
  }
}

/** As CloudWatch publishes it. */
function describe(alarm: Alarm, now: Date): object {
  const printed = JSON.parse(JSON.stringify(alarm))
  const kind = 'AlarmRule' in alarm ? 'CompositeAlarms' : 'MetricAlarms'
  const [of] = estateIn([{ [kind]: [printed] }])?.alarms ?? []
  return of ? messageOf(of, {}, now) : {}
}

function isMuted(name: string, { data }: Asked): boolean {
  const { muteRules } = data.estate ?? NO_ESTATE
  return muteRules.some(({ Status, MuteTargets }) => Status === 'ACTIVE' && MuteTargets?.AlarmNames?.includes(name))
}

/** @throws {Refusal} for what the API does not take. */
function checked({ AlarmName = '', StateValue = 'OK', StateReason = '', StateReasonData }: SetAlarmStateCommandInput) {
  const at = (name: string, value: string, rule: string) =>
    new Refusal(
      'ValidationError',
      `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: ${rule}`,
    )
  if (AlarmName.length < 1) throw at('alarmName', AlarmName, 'Member must have length greater than or equal to 1')
  if (AlarmName.length > 255) throw at('alarmName', AlarmName, 'Member must have length less than or equal to 255')
  if (!STATES.includes(StateValue)) {
    throw at('stateValue', StateValue, `Member must satisfy enum value set: [${STATES.join(', ')}]`)
  }
  const long = (most: number) => `Member must have length less than or equal to ${most}`
  if (StateReason.length > MAX_REASON) throw at('stateReason', StateReason, long(MAX_REASON))
  if (StateReasonData !== undefined) {
    if (StateReasonData.length > MAX_REASON_DATA) throw at('stateReasonData', StateReasonData, long(MAX_REASON_DATA))
    if (!isJson(StateReasonData)) throw new Refusal('InvalidFormat', 'StateReasonData was not syntactically valid JSON')
  }
  return StateValue as StateValue
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
