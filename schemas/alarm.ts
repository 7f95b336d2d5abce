import * as z from 'zod'
import { anything, list, number, shape, text } from './loose.ts'

/**
 * A CloudWatch alarm's message as its SNS action publishes it. Only AlarmName and NewStateValue are in every one. Math,
 * Metrics Insights and anomaly alarms have `Trigger.Metrics` instead of the single metric's fields; a composite has no
 * Trigger.
 */
export const alarmMessageSchema = z.object({
  AlarmName: text,
  AlarmDescription: text,
  AWSAccountId: text,
  AlarmArn: text,
  /** A display name, in several spellings. */
  Region: text,
  NewStateValue: text,
  OldStateValue: text,
  NewStateReason: text,
  /** A JSON text, or an object. */
  NewStateReasonData: anything,
  StateChangeTime: anything,
  AlarmRule: text,
  TriggeringChildren: list,
  AlarmContributorId: text,
  AlarmContributorAttributes: anything,
  AlarmTags: anything,
  AlarmTagsStatus: text,
  ActionExecutedAfterMuteWindow: text,
  Trigger: shape(
    z.object({
      MetricName: text,
      Namespace: text,
      Statistic: text,
      ExtendedStatistic: text,
      Unit: text,
      Dimensions: anything,
      Period: number,
      EvaluationPeriods: number,
      DatapointsToAlarm: number,
      QueryResultsToEvaluate: number,
      QueryResultsToAlarm: number,
      ComparisonOperator: text,
      Threshold: number,
      ThresholdMetricId: text,
      TreatMissingData: text,
      Metrics: list,
    }),
  ),
})
export type AlarmMessage = z.infer<typeof alarmMessageSchema>

const state = shape(
  z.object({
    value: text,
    reason: text,
    /** A JSON text, or an object. */
    reasonData: anything,
    timestamp: anything,
    actionsSuppressedBy: text,
    actionsSuppressedReason: text,
  }),
)

/** EventBridge's `detail`, and a Lambda alarm action's `alarmData`. Any part may be missing. */
export const alarmChangeSchema = z.object({
  alarmName: text,
  state,
  previousState: state,
  configuration: shape(
    z.object({
      description: text,
      metrics: list,
      alarmRule: text,
      actionsSuppressor: text,
      evaluationPeriods: number,
      datapointsToAlarm: number,
      queryResultsToEvaluate: number,
      queryResultsToAlarm: number,
      threshold: number,
      comparisonOperator: text,
      thresholdMetricId: text,
      treatMissingData: text,
    }),
  ),
  /** `{id, attributes}` */
  alarmContributor: anything,
  alarmContributorId: text,
  alarmContributorAttributes: anything,
  muteDetail: shape(z.object({ mutedByArn: text, muteWindowStart: text, muteWindowEnd: text })),
  alarmTags: anything,
  alarmTagsStatus: text,
})
export type AlarmChange = z.infer<typeof alarmChangeSchema>
