import type { AlarmHistoryItem, MetricAlarm, StateValue } from '@aws-sdk/client-cloudwatch'

/** Metric alarms that change, and what CloudWatch says of them at any time. */
export interface LivingAlarms {
  metricAlarms: MetricAlarm[]
  alarmHistory: AlarmHistoryItem[]
  /** Creates it in the state OK, or changes what is configured. */
  put(alarm: Partial<MetricAlarm> & { AlarmName: string }, at: Date): void
  /**
   * Sets its state. @returns what CloudWatch sends to each of its actions of that state; none where it runs none.
   * `fails`: the topic refuses it, which the alarm's history alone says. `isMuted`: a mute rule keeps it quiet.
   */
  change(
    name: string,
    state: StateValue,
    at: Date,
    options?: { reason?: string; fails?: boolean; isMuted?: boolean },
  ): Sent[]
  remove(name: string, at: Date): void
}

interface Sent {
  action: string
  message: string
}

/** Of one account in one region. */
export function livingAlarms({ account, region }: { account: string; region: string }): LivingAlarms {
  const metricAlarms: MetricAlarm[] = []
  const alarmHistory: AlarmHistoryItem[] = []
  const find = (name: string) => metricAlarms.find(({ AlarmName }) => AlarmName === name)
  const record = (
    AlarmName: string,
    Timestamp: Date,
    HistoryItemType: AlarmHistoryItem['HistoryItemType'],
    [HistorySummary, data]: [string, object],
  ) =>
    alarmHistory.push({
      ...{ AlarmName, AlarmType: 'MetricAlarm', Timestamp, HistoryItemType, HistorySummary },
      HistoryData: JSON.stringify(data),
    })

  function put({ AlarmName, ...given }: Parameters<LivingAlarms['put']>[0], at: Date): void {
    const there = find(AlarmName)
    if (there) {
      Object.assign(there, given, { AlarmConfigurationUpdatedTimestamp: at })
      return
    }
    metricAlarms.push({ ...created(AlarmName, at, { account, region }), ...given })
    record(AlarmName, at, 'ConfigurationUpdate', [`Alarm "${AlarmName}" created`, { version: '1.0', type: 'Create' }])
  }

  function change(
    name: string,
    state: StateValue,
    at: Date,
    { reason = REASON[state], fails = false, isMuted = false } = {},
  ): Sent[] {
    const alarm = find(name)
    if (!alarm || alarm.StateValue === state) return []
    const before = alarm.StateValue
    Object.assign(alarm, {
      ...{ StateValue: state, StateReason: reason, StateUpdatedTimestamp: at, StateTransitionedTimestamp: at },
    })
    const change = {
      version: '1.0',
      oldState: { stateValue: before },
      newState: { stateValue: state, stateReason: reason },
    }
    record(name, at, 'StateUpdate', [`Alarm updated from ${before} to ${state}`, change])
    if (!alarm.ActionsEnabled || isMuted) return []
    const message = JSON.stringify(messageOf(alarm, { before, at, account, region }))
    return actionsOf(alarm, state).map((action) => {
      const stateUpdateTimestamp = at.getTime()
      const published = { publishedMessage: JSON.stringify({ default: message }) }
      const data = {
        ...{ actionState: fails ? 'Failed' : 'Succeeded', stateUpdateTimestamp, notificationResource: action },
        ...published,
        error: fails ? `CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: ${action}` : null,
      }
      const summary = `${fails ? 'Failed to execute' : 'Successfully executed'} action ${action}`
      record(name, new Date(at.getTime() + 40), 'Action', [summary, data])
      return { action, message }
    })
  }

  function remove(name: string, at: Date): void {
    const index = metricAlarms.findIndex(({ AlarmName }) => AlarmName === name)
    if (index === -1) return
    metricAlarms.splice(index, 1)
    record(name, at, 'ConfigurationUpdate', [`Alarm "${name}" deleted`, { version: '1.0', type: 'Delete' }])
  }

  return { metricAlarms, alarmHistory, put, change, remove }
}

const REASON: Record<StateValue, string> = {
  ALARM: 'Threshold Crossed: 1 datapoint [7.0] was greater than the threshold (5.0).',
  OK: 'Threshold Crossed: 1 datapoint [1.0] was not greater than the threshold (5.0).',
  INSUFFICIENT_DATA: 'Insufficient Data: 1 datapoint was unknown.',
}

function created(AlarmName: string, at: Date, { account, region }: { account: string; region: string }): MetricAlarm {
  return {
    ...{ AlarmName, AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${AlarmName}`, ActionsEnabled: true },
    ...{ AlarmActions: [], OKActions: [], InsufficientDataActions: [] },
    ...{ MetricName: 'Errors', Namespace: 'AWS/Lambda', Statistic: 'Sum', Period: 60, EvaluationPeriods: 1 },
    ...{ Dimensions: [{ Name: 'FunctionName', Value: AlarmName }], Threshold: 5 },
    ComparisonOperator: 'GreaterThanThreshold',
    ...{ StateValue: 'OK', StateReason: REASON.OK, StateUpdatedTimestamp: at, StateTransitionedTimestamp: at },
    AlarmConfigurationUpdatedTimestamp: at,
  }
}

function actionsOf({ AlarmActions, OKActions, InsufficientDataActions }: MetricAlarm, state: StateValue): string[] {
  const of = { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions }
  return of[state] ?? []
}

/** As CloudWatch publishes it (CloudWatch User Guide, Alarm events and SNS notifications). */
function messageOf(
  alarm: MetricAlarm,
  { before, at, account, region }: { before: string | undefined; at: Date; account: string; region: string },
): object {
  return {
    ...{ AlarmName: alarm.AlarmName, AlarmDescription: alarm.AlarmDescription ?? null, AWSAccountId: account },
    ...{ NewStateValue: alarm.StateValue, NewStateReason: alarm.StateReason, OldStateValue: before },
    StateChangeTime: at.toISOString().replace('Z', '+0000'),
    ...{ Region: region, AlarmArn: alarm.AlarmArn },
    ...{ OKActions: alarm.OKActions, AlarmActions: alarm.AlarmActions },
    InsufficientDataActions: alarm.InsufficientDataActions,
    Trigger: {
      ...{ MetricName: alarm.MetricName, Namespace: alarm.Namespace, StatisticType: 'Statistic', Statistic: 'SUM' },
      Unit: null,
      Dimensions: alarm.Dimensions?.map(({ Name, Value }) => ({ value: Value, name: Name })),
      ...{ Period: alarm.Period, EvaluationPeriods: alarm.EvaluationPeriods, Threshold: alarm.Threshold },
      ComparisonOperator: alarm.ComparisonOperator,
      TreatMissingData: alarm.TreatMissingData ?? 'missing',
    },
  }
}
