import type { AlarmContributor, GetAlarmMuteRuleCommandOutput, LogAlarm } from '@aws-sdk/client-cloudwatch'
import type { Rule, Target } from '@aws-sdk/client-eventbridge'
import type { KeyMetadata } from '@aws-sdk/client-kms'
import type { ResourceTagMapping } from '@aws-sdk/client-resource-groups-tagging-api'
import type { Subscription } from '@aws-sdk/client-sns'

/** What stands around the alarms of an account, besides metric and composite ones. */
export interface EstateData {
  logAlarms: LogAlarm[]
  muteRules: Omit<GetAlarmMuteRuleCommandOutput, '$metadata'>[]
  /** Also of other resources than alarms. */
  tagged: ResourceTagMapping[]
  topics: { attributes: Record<string, string>; subscriptions: Subscription[] }[]
  keys: { metadata: KeyMetadata; policy: string; aliases: string[] }[]
  /** Of the default bus. */
  eventRules: { rule: Rule; targets: Target[] }[]
  /** By the alarm's name: those of its time series that fire. */
  contributors?: Record<string, AlarmContributor[]>
}

export const NO_ESTATE: EstateData = { logAlarms: [], muteRules: [], tagged: [], topics: [], keys: [], eventRules: [] }
