import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { HEARTBEAT } from '../shared/observe/heartbeat.ts'
import type { Metric } from '../shared/observe/metrics.ts'
import { NAMESPACE } from './dashboard.ts'
import { delivererOf, idOf } from './deliverers.ts'
import type { TemplatePart } from './email-topics.ts'

/** A queue and the function that it feeds; `id` begins the ids of what watches them. */
interface Watched {
  id: string
  queue: string
  functionName: string
}

const WATCHED: Watched[] = [
  { id: 'Alarms', queue: 'alarms', functionName: 'route' },
  ...CHANNEL_TYPES.map((type) => ({ id: idOf(type), queue: type, functionName: delivererOf(type) })),
]

/** So long, seconds, nothing waits in a queue while all is well, and no heartbeat is on its way. */
const MAX_WAIT_S = 900

/** What is due is looked at within a minute or two. */
const MAX_DUE_MS = 300_000
/**
 * What comes again does so within a quarter of an hour (backoffMs, shared/deliver/next-step.ts). An alarm on tries that fail
 * goes on for twice as long after the last one: else it would end, and begin anew, with each.
 */
const TRIES_MINUTES = 30
/** Shows how many executions at a time the account has, and keeps for functions. */
const CONCURRENCY = 'aws lambda get-account-settings'
/** `tick` runs each minute. */
const NO_TICK_MINUTES = 5

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
const OPERATOR = '${param:operator}'
const ON_STAGE = '--stage ${sls:stage}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless

/**
 * Who watches the watchman: alarms on the router's own queues, functions and heartbeat, straight from CloudWatch to an
 * email topic of the operator's. Nothing of the router is on that way, so that it works when the router does not: not its key
 * either, without which CloudWatch drops what it can't encrypt, and notes that in an alarm's history alone (SNS Developer
 * Guide, Key management). What the topic carries are names of alarms.
 */
export function watch(): TemplatePart {
  const part: TemplatePart = {
    Resources: {
      OperatorTopic: {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: `${PREFIX}-operator` },
      },
      OperatorTopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'OperatorTopic' }], PolicyDocument: onlyCloudWatchPublishes() },
      },
      OperatorSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'OperatorTopic' }, Protocol: 'email', Endpoint: OPERATOR },
      },
      HeartbeatAlarm: alarm('no-heartbeat', {
        why: `No heartbeat came through the router for ten minutes: alerts may not be delivered. The dashboard ${PREFIX} shows where it ends; then: ${logsOf('route')}`,
        metric: [NAMESPACE, 'Delivered' satisfies Metric, 'Sum'],
        of: { Channel: HEARTBEAT.channel },
        missingFor: { periods: 2, periodS: HEARTBEAT.minutes * 60 },
      }),
      ConfigStaleAlarm: alarm('stale-rules', {
        why: `Functions cannot load the rules that were pushed last: the last good rules stay active. Why: ${logsOf('route')}`,
        metric: [NAMESPACE, 'ConfigStale' satisfies Metric, 'Sum'],
        of: {},
        // One poll in vain is nobody's business. The heartbeat makes at least two in this time.
        above: 1,
        periodS: 2 * HEARTBEAT.minutes * 60,
      }),
      HeartbeatLatencyAlarm: alarm('late-heartbeat', {
        why: `A heartbeat took more than a quarter of an hour to come through the router: messages arrive faster than they are processed, and alerts are as late. The dashboard ${PREFIX} shows which queue; then: ${logsOf('route')}`,
        metric: [NAMESPACE, 'LatencyMs' satisfies Metric, 'Maximum'],
        of: { Channel: HEARTBEAT.channel },
        above: MAX_WAIT_S * 1_000,
      }),
      DueLateAlarm: alarm('late', {
        why: `An alert should have been looked at five minutes ago and was not: someone may not know of it. Why: ${logsOf('route')}`,
        metric: [NAMESPACE, 'DueLateMs' satisfies Metric, 'Maximum'],
        of: {},
        above: MAX_DUE_MS,
      }),
      UnconfirmedAlarm: alarm('email-to-nobody', {
        why: `An email channel has no confirmed address: its alerts are tried again, and go to its fallback, if it has one. Which channel: ${logsOf('deliver-email')}. How to confirm: docs/channels/email.md.`,
        metric: [NAMESPACE, 'Unconfirmed' satisfies Metric, 'Sum'],
        of: {},
        above: 0,
        forMinutes: TRIES_MINUTES,
      }),
      NoTickAlarm: alarm('no-tick', {
        why: `The clock has stopped: held alerts are not sent when their time comes, and maintenances are not announced. Why: ${logsOf('tick')}`,
        metric: [NAMESPACE, 'DueLateMs' satisfies Metric, 'SampleCount'],
        of: {},
        missingFor: { periods: NO_TICK_MINUTES, periodS: 60 },
      }),
    },
    Outputs: {
      OperatorTopicArn: {
        Description: 'Told when the router itself is in trouble; its address must confirm once',
        Value: { Ref: 'OperatorTopic' },
      },
    },
  }
  for (const one of WATCHED) {
    Object.assign(part.Resources, queueAlarms(one), functionAlarms(one.id, one.functionName))
  }
  Object.assign(part.Resources, functionAlarms('Tick', 'tick'))
  return part
}

/** The command that shows what a function says. */
function logsOf(functionName: string): string {
  return `npx serverless logs -f ${functionName} ${ON_STAGE}`
}

function queueAlarms({ id, queue: short, functionName }: Watched) {
  const queue = { QueueName: { 'Fn::GetAtt': [`${id}Queue`, 'QueueName'] } }
  const deadLetters = { QueueName: { 'Fn::GetAtt': [`${id}DeadLetters`, 'QueueName'] } }
  const logs = logsOf(functionName)
  const look = `What and why: ${commandLine(`dead-letters list ${ON_STAGE}`)}`
  return {
    [`${id}DeadLettersAlarm`]: alarm(`${id}-dead-letters`, {
      why: `Undelivered alerts. ${look}. Fix the cause, then: ${commandLine(`dead-letters redrive --all ${ON_STAGE}`)}`,
      metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum'],
      of: deadLetters,
      above: 0,
    }),
    [`${id}MoreDeadLettersAlarm`]: alarmOnMore(`${id}-more-dead-letters`, {
      why: `Another undelivered alert, beside those that were there already. ${look}. This alarm ends after a minute, whatever becomes of it.`,
      of: deadLetters,
    }),
    [`${id}WaitingAlarm`]: alarm(`${id}-waiting`, {
      why:
        short === 'alarms'
          ? `An event has been tried again and again for a quarter of an hour: it is not routed yet. Why: ${logs}`
          : `A channel has not taken an alert for a quarter of an hour. Which and why: ${logs}, and ${commandLine(`history ALARM ${ON_STAGE}`)}`,
      metric: [NAMESPACE, 'WaitingMs' satisfies Metric, 'Maximum'],
      of: { Queue: short },
      above: MAX_WAIT_S * 1_000,
      forMinutes: TRIES_MINUTES,
    }),
    // Of what has been received a few times this metric knows nothing (shared/observe/waiting.ts).
    [`${id}AgeAlarm`]: alarm(`${id}-oldest-message`, {
      why: `A message has been waiting for a quarter of an hour for the function that handles it: that does not run. Why: ${logs}, and ${CONCURRENCY}`,
      metric: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum'],
      of: queue,
      above: MAX_WAIT_S,
    }),
  }
}

function functionAlarms(name: string, functionName: string) {
  // By its name: a roll-out of rules depends on these alarms, and the functions on the rules.
  const of = { FunctionName: `${PREFIX}-${functionName}` }
  return {
    [`${name}ErrorsAlarm`]: alarm(`${name}-errors`, {
      why: `The function failed as a whole: it does not start, ran out of time, or crashed. Where: ${logsOf(functionName)}`,
      metric: ['AWS/Lambda', 'Errors', 'Sum'],
      of,
      above: 0,
    }),
    [`${name}ThrottlesAlarm`]: alarm(`${name}-throttles`, {
      why: `Lambda did not run the function: the account's concurrency is used up. Messages wait meanwhile. How much it has: ${CONCURRENCY}`,
      metric: ['AWS/Lambda', 'Throttles', 'Sum'],
      of,
      above: 0,
    }),
  }
}

interface Alarm {
  why: string
  metric: [namespace: string, name: string, statistic: string]
  of: Record<string, unknown>
}
/**
 * Too much of it in a minute, or in another period; `forMinutes`: in any of so many minutes. Or none of it for some periods.
 */
type Bound =
  | { above: number; periodS?: number; forMinutes?: number }
  | { missingFor: { periods: number; periodS: number } }

function alarm(name: string, watched: Alarm & Bound) {
  const [Namespace, MetricName, Statistic] = watched.metric
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...named(name, watched.why),
      Namespace,
      MetricName,
      Dimensions: dimensionsOf(watched.of),
      Statistic,
      ...when(watched),
      AlarmActions: [{ Ref: 'OperatorTopic' }],
      OKActions: [{ Ref: 'OperatorTopic' }],
    },
  }
}

/**
 * Goes off each time that letters are added to those that lie there. An alarm on how many there are goes off once, and says
 * nothing of what is added while it lasts (CloudWatch User Guide, Alarm actions). Those that somebody looks at are out of
 * sight for a minute and come back: they count all the while. That it ends tells nothing.
 */
function alarmOnMore(name: string, { why, of }: Pick<Alarm, 'why' | 'of'>) {
  const count = (MetricName: string) => ({
    Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: dimensionsOf(of) },
    Period: 60,
    Stat: 'Maximum',
  })
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      ...named(name, why),
      Metrics: [
        { Id: 'visible', MetricStat: count('ApproximateNumberOfMessagesVisible'), ReturnData: false },
        { Id: 'looked', MetricStat: count('ApproximateNumberOfMessagesNotVisible'), ReturnData: false },
        { Id: 'count', Expression: 'visible + looked', ReturnData: false },
        // Only where there were some before: of the first, the other alarm tells.
        { Id: 'more', Expression: 'IF(count > DIFF(count), DIFF(count), 0)', ReturnData: true },
      ],
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'OperatorTopic' }],
    },
  }
}

function named(name: string, why: string) {
  return { AlarmName: `${PREFIX}-${name.toLowerCase()}`, AlarmDescription: why }
}

function dimensionsOf(of: Alarm['of']) {
  return Object.entries(of).map(([Name, Value]) => ({ Name, Value }))
}

function when(bound: Bound) {
  if ('above' in bound) {
    return {
      Period: bound.periodS ?? 60,
      EvaluationPeriods: bound.forMinutes ?? 1,
      // One of them is enough.
      ...(bound.forMinutes !== undefined && { DatapointsToAlarm: 1 }),
      Threshold: bound.above,
      ComparisonOperator: 'GreaterThanThreshold',
      // A queue or function that nobody uses reports nothing.
      TreatMissingData: 'notBreaching',
    }
  }
  return {
    Period: bound.missingFor.periodS,
    EvaluationPeriods: bound.missingFor.periods,
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  }
}

function onlyCloudWatchPublishes(): object {
  const topic = { Ref: 'OperatorTopic' }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'CloudWatchMayPublish',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topic,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  }
}
