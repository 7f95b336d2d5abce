import { readFileSync } from 'node:fs'
import type { AlarmHistoryItem, CompositeAlarm, LogAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { Rule, Target } from '@aws-sdk/client-eventbridge'
import type { KeyMetadata } from '@aws-sdk/client-kms'
import type { Subscription } from '@aws-sdk/client-sns'
import type { AwsData } from '../local/stand-ins/aws/data.ts'
import type { EstateData } from '../local/stand-ins/aws/estate-data.ts'
import { SOME_AWS } from './some-aws.ts'

/** The sample's own form: what the CLI prints, all in one. */
interface Sample {
  MetricAlarms: MetricAlarm[]
  CompositeAlarms: CompositeAlarm[]
  LogAlarms: LogAlarm[]
  AlarmHistoryItems: AlarmHistoryItem[]
  AlarmMuteRules: EstateData['muteRules']
  ResourceTagMappingList: EstateData['tagged']
  Topics: {
    TopicArn: string
    Attributes?: Record<string, string>
    Subscriptions?: Subscription[]
    Key?: { KeyMetadata: KeyMetadata; Policy: string }
  }[]
  EventRules: (Rule & { Targets: Target[] })[]
}

const TIME = /(Timestamp|Date)$/

/** Times as the SDK gives them. */
export const SAMPLE: Sample = JSON.parse(readFileSync('demo/estate.json', 'utf8'), (key, value) =>
  TIME.test(key) && typeof value === 'string' ? new Date(value) : value,
)

const OTHER_BUCKET = { ResourceARN: 'arn:aws:s3:::lake', Tags: [{ Key: 'team', Value: 'data' }] }

/** The sample as an account: what the stand-in answers with. */
export const SAMPLE_ACCOUNT: AwsData = {
  ...SOME_AWS,
  account: '123456789012',
  metricAlarms: SAMPLE.MetricAlarms,
  compositeAlarms: SAMPLE.CompositeAlarms,
  alarmHistory: SAMPLE.AlarmHistoryItems,
  estate: {
    logAlarms: SAMPLE.LogAlarms,
    muteRules: SAMPLE.AlarmMuteRules,
    tagged: [OTHER_BUCKET, ...SAMPLE.ResourceTagMappingList],
    topics: SAMPLE.Topics.flatMap(({ Attributes, Subscriptions = [] }) =>
      Attributes ? [{ attributes: Attributes, subscriptions: Subscriptions }] : [],
    ),
    keys: SAMPLE.Topics.flatMap(({ Key }) =>
      Key ? [{ metadata: Key.KeyMetadata, policy: Key.Policy, aliases: ['alias/alerts'] }] : [],
    ),
    eventRules: SAMPLE.EventRules.map(({ Targets, ...rule }) => ({ rule, targets: Targets })),
  },
}
