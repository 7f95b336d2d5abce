import type { AlarmChange, AlarmMessage } from '../../schemas/alarm.ts'
import type { AlertStatus } from '../../schemas/alert.ts'
import { asList, asObject, asText, type Json } from '../../schemas/loose.ts'
import { arnText, parseArn } from './arn.ts'
import type { Draft } from './draft.ts'
import { labels } from './facts.ts'
import { type Metric, metricOf } from './metrics.ts'
import { reasonDataOf, type ThresholdFacts } from './threshold.ts'
import { isoTime } from './time.ts'

/*
 * The facts of every kind of alarm, from each form: a topic's message, an event, or a Lambda action's payload.
 */

export function originOf(event: Json): Origin {
  return {
    arn: asList(event.resources)
      .map(asText)
      .find((arn) => parseArn(arn)?.service === 'cloudwatch'),
    account: asText(event.account),
    region: asText(event.region),
    time: event.time,
  }
}

/** The facts of every kind of alarm, in every envelope. */
export interface AlarmFacts {
  name?: string
  arn?: string
  account?: string
  region?: string
  state?: string
  previousState?: string
  reason?: string
  reasonData?: Json
  changedAt?: string
  description?: string
  metrics: Metric[]
  threshold: Omit<ThresholdFacts, 'isAnomaly' | 'reason' | 'reasonData'> & { metricId?: string }
  rule?: string
  children: NonNullable<Draft['children']>
  contributor?: { id: string; attributes: Record<string, string> }
  tags: Record<string, string>
  details: Record<string, string | undefined>
  /** Where a log alarm's query may be found. */
  logSource: unknown[]
}

export function factsOfMessage(message: AlarmMessage, raw: Json): AlarmFacts {
  const trigger = message.Trigger
  const reasonData = reasonDataOf(message.NewStateReasonData)
  const single = trigger && (trigger.MetricName || trigger.Namespace) ? [metricOf(trigger)] : []
  return {
    name: message.AlarmName,
    arn: message.AlarmArn,
    account: message.AWSAccountId,
    region: message.Region,
    state: message.NewStateValue,
    previousState: message.OldStateValue,
    reason: message.NewStateReason,
    reasonData,
    changedAt: isoTime(message.StateChangeTime),
    description: message.AlarmDescription,
    metrics: trigger && trigger.Metrics.length > 0 ? trigger.Metrics.map(metricOf) : single,
    threshold: {
      comparison: trigger?.ComparisonOperator,
      value: trigger?.Threshold,
      unit: trigger?.Unit,
      statistic: trigger?.Statistic ?? trigger?.ExtendedStatistic,
      periodSeconds: trigger?.Period,
      evaluationPeriods: trigger?.EvaluationPeriods ?? trigger?.QueryResultsToEvaluate,
      datapointsToAlarm: trigger?.DatapointsToAlarm ?? trigger?.QueryResultsToAlarm,
      missingData: trigger?.TreatMissingData,
      metricId: trigger?.ThresholdMetricId,
    },
    rule: message.AlarmRule,
    children: childrenOf(message.TriggeringChildren, reasonData),
    contributor: contributorOf(message.AlarmContributorId, message.AlarmContributorAttributes),
    tags: labels(message.AlarmTags),
    details: {
      alarmTagsStatus: message.AlarmTagsStatus,
      actionExecutedAfterMuteWindow: message.ActionExecutedAfterMuteWindow === 'true' ? 'true' : undefined,
    },
    logSource: [raw.Trigger, raw.NewStateReasonData],
  }
}

interface Origin {
  arn?: string
  account?: string
  region?: string
  time: unknown
}

export function factsOfChange(change: AlarmChange, raw: Json, origin: Origin): AlarmFacts {
  const { state, previousState, configuration, muteDetail } = change
  const reasonData = reasonDataOf(state?.reasonData)
  const contributor = asObject(change.alarmContributor)
  return {
    name: change.alarmName,
    arn: origin.arn,
    account: origin.account,
    region: origin.region,
    state: state?.value,
    previousState: previousState?.value,
    reason: state?.reason,
    reasonData,
    changedAt: isoTime(state?.timestamp) ?? isoTime(origin.time),
    description: configuration?.description,
    metrics: configuration?.metrics.map(metricOf) ?? [],
    threshold: {
      comparison: configuration?.comparisonOperator,
      value: configuration?.threshold,
      evaluationPeriods: configuration?.evaluationPeriods ?? configuration?.queryResultsToEvaluate,
      datapointsToAlarm: configuration?.datapointsToAlarm ?? configuration?.queryResultsToAlarm,
      missingData: configuration?.treatMissingData,
      metricId: configuration?.thresholdMetricId,
    },
    rule: configuration?.alarmRule,
    children: childrenOf([], reasonData),
    contributor: contributorOf(
      asText(contributor?.id) ?? asText(contributor?.contributorId) ?? change.alarmContributorId,
      contributor?.attributes ?? contributor?.contributorAttributes ?? change.alarmContributorAttributes,
    ),
    tags: labels(change.alarmTags),
    details: {
      alarmTagsStatus: change.alarmTagsStatus,
      actionsSuppressedBy: state?.actionsSuppressedBy,
      actionsSuppressedReason: state?.actionsSuppressedReason,
      actionsSuppressor: configuration?.actionsSuppressor,
      mutedBy: muteDetail?.mutedByArn,
      muteWindowStart: muteDetail?.muteWindowStart,
      muteWindowEnd: muteDetail?.muteWindowEnd,
    },
    logSource: [raw.configuration, state?.reasonData],
  }
}

const STATUSES: Record<string, AlertStatus> = {
  ALARM: 'firing',
  OK: 'resolved',
  INSUFFICIENT_DATA: 'insufficient-data',
}

export function statusOf(state: string | undefined): AlertStatus | undefined {
  const key = state?.trim().toUpperCase().replace(' ', '_') ?? ''
  return Object.hasOwn(STATUSES, key) ? STATUSES[key] : undefined
}

function childrenOf(triggering: unknown[], reasonData: Json | undefined): NonNullable<Draft['children']> {
  const given = triggering.length > 0 ? triggering : asList(reasonData?.triggeringAlarms)
  return given.flatMap((item) => {
    const child = asObject(item)
    const arn = arnText(asText(child?.Arn) ?? asText(child?.arn))
    const state = asObject(child?.State) ?? asObject(child?.state)
    const name = parseArn(arn)?.resource.replace(/^alarm:/, '') ?? asText(child?.Name) ?? asText(child?.name)
    return name === undefined ? [] : [{ name, arn, status: statusOf(asText(state?.Value) ?? asText(state?.value)) }]
  })
}

function contributorOf(id: string | undefined, attributes: unknown): AlarmFacts['contributor'] {
  return id === undefined ? undefined : { id, attributes: labels(attributes) }
}
