import type { Config } from '../schemas/config.ts'
import type { Json } from '../schemas/loose.ts'
import { readConfig } from '../shared/config/read.ts'
import { type AlarmType, alarmOf, type EstateAlarm } from '../shared/estate/alarm.ts'
import type { Estate, MuteRule, Topic } from '../shared/estate/estate.ts'
import type { Finding, KindId } from '../shared/estate/finding.ts'
import { judgeEstate } from '../shared/estate/judge.ts'
import type { Policy, Statement } from '../shared/estate/policy.ts'

export const AT = '2026-11-27T06:00:00.000Z'
export const daysBefore = (days: number) => new Date(Date.parse(AT) - days * 86_400_000).toISOString()

export const sns = (name: string) => `arn:aws:sns:eu-west-1:123456789012:${name}`
export const OURS = sns('alert-router-prod-alarms')
export const alarmArn = (name: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`

export const SHIPPED = readConfig('config/alerts.yml')

/** One with which nothing is wrong, but for what `over` says of it. */
export function metricAlarm(over: Json = {}): EstateAlarm {
  const name = String(over.AlarmName ?? 'orders-errors')
  return alarmOf('metric', {
    ...{ AlarmName: name, AlarmArn: alarmArn(name), AlarmDescription: 'Runbook: https://wiki.example.com/orders' },
    ...{ ActionsEnabled: true, OKActions: [OURS], AlarmActions: [OURS], InsufficientDataActions: [] },
    ...{ StateValue: 'OK', StateReason: 'Threshold Crossed: 1 datapoint was not greater than the threshold (5.0).' },
    ...{ StateUpdatedTimestamp: daysBefore(1), StateTransitionedTimestamp: daysBefore(100) },
    ...{ MetricName: 'Errors', Namespace: 'AWS/Lambda', Statistic: 'Sum', Period: 60, EvaluationPeriods: 3 },
    ...{ Dimensions: [{ Name: 'FunctionName', Value: name }], Threshold: 5 },
    ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'missing' },
    ...over,
  })
}

export function otherAlarm(type: Exclude<AlarmType, 'metric'>, over: Json): EstateAlarm {
  const name = String(over.AlarmName ?? type)
  return alarmOf(type, {
    ...{ AlarmName: name, AlarmArn: alarmArn(name), AlarmDescription: 'Runbook: https://wiki.example.com/orders' },
    ...{ OKActions: [OURS], AlarmActions: [OURS], StateValue: 'OK', StateTransitionedTimestamp: daysBefore(100) },
    ...over,
  })
}

export const composite = (AlarmRule: string, over: Json = {}) => otherAlarm('composite', { AlarmRule, ...over })

export const CLOUDWATCH = { Service: 'cloudwatch.amazonaws.com' }

/** A topic with a reader, where CloudWatch may publish. */
export const topic = (over: Partial<Topic> = {}): { data: Topic } => ({
  data: { isThere: true, confirmed: 1, pending: 0, endpoints: [], policy: letting({ Principal: CLOUDWATCH }), ...over },
})

/** The policy of a topic. */
export const letting = (...statements: Partial<Statement>[]): Policy => ({
  Statement: statements.map((one) => ({ ...{ Effect: 'Allow', Action: 'sns:Publish', Resource: '*' }, ...one })),
})

export const muted = (expression: string, durationS: number, over: Partial<MuteRule> = {}): MuteRule => ({
  ...{ name: 'mute', alarms: ['orders-errors'], expression, durationS, timezone: 'UTC', ...over },
})

/** An account that has said everything, and has no more than these alarms. */
export function estate(alarms: EstateAlarm[], over: Partial<Estate> = {}): Estate {
  const owned = alarms.map(({ arn = '' }) => [arn, { team: 'orders' }] as const)
  return {
    ...{ from: { kind: 'account' }, at: AT, alarms, composites: { data: 'seen' }, router: { stage: 'prod' } },
    ...{
      history: { data: { changes: [], actions: [], since: daysBefore(7) } },
      muteRules: { data: [] },
      eventRules: { data: [] },
    },
    tags: { data: Object.fromEntries(owned) },
    topics: { [OURS]: topic() },
    ...over,
  }
}

/** What is wrong with one of them, or with any. */
export function findingsIn(of: Estate, { config = SHIPPED, name }: { config?: Config; name?: string } = {}): Finding[] {
  return judgeEstate(of, config).findings.filter(({ alarm }) => name === undefined || alarm.name === name)
}

export const idsIn = (of: Estate, how?: Parameters<typeof findingsIn>[1]): KindId[] =>
  findingsIn(of, how).map(({ id }) => id)
