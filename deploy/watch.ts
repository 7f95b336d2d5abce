import { HEARTBEAT } from '../shared/heartbeat.ts'
import type { Metric } from '../shared/metrics.ts'
import { NAMESPACE } from './dashboard.ts'
import type { TemplatePart } from './email-topics.ts'

/** Each queue, and where what fails in it ends, by their ids in the template; and the function that it feeds. */
const PARTS = ['Alarms', 'Pagerduty', 'Slack', 'Email', 'Sink'] as const
const FUNCTION_OF: Record<(typeof PARTS)[number], string> = {
  Alarms: 'route',
  Pagerduty: 'deliver-pagerduty',
  Slack: 'deliver-slack',
  Email: 'deliver-email',
  Sink: 'deliver-sink',
}

/**
 * A queue's oldest message is no older than this while all is well. What waits for a channel to recover is older: then
 * the operator hears of the channel.
 */
const OLDEST_MESSAGE_S = 900

/** What is due is looked at within a minute or two. */
const LONGEST_DUE_MS = 300_000
/** `tick` runs each minute. */
const NO_TICK_MINUTES = 5

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
const OPERATOR = '${param:operator}'
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
        why: 'No event came through the router for two periods: alerts may not either. Its queues, functions and their logs say where it ends.',
        metric: [NAMESPACE, 'Delivered' satisfies Metric, 'Sum'],
        of: { Channel: HEARTBEAT.channel },
        missingFor: { periods: 2, periodS: HEARTBEAT.minutes * 60 },
      }),
      ConfigStaleAlarm: alarm('stale-rules', {
        why: 'Functions can not read the live rules, or can not take them: those that held before hold on. Their logs say why.',
        metric: [NAMESPACE, 'ConfigStale' satisfies Metric, 'Sum'],
        of: {},
        // One poll in vain is nobody's business. The heartbeat makes at least two in this time.
        above: 1,
        periodS: 2 * HEARTBEAT.minutes * 60,
      }),
      HeartbeatLatencyAlarm: alarm('late-heartbeat', {
        why: 'An event took more than a quarter of an hour to come through the router: its queues are filled faster than they are worked off.',
        metric: [NAMESPACE, 'LatencyMs' satisfies Metric, 'Maximum'],
        of: { Channel: HEARTBEAT.channel },
        above: OLDEST_MESSAGE_S * 1_000,
      }),
      DueLateAlarm: alarm('late', {
        why: 'Something should have been looked at five minutes ago and was not: someone may not have been told of an alert. The logs of route say why.',
        metric: [NAMESPACE, 'DueLateMs' satisfies Metric, 'Maximum'],
        of: {},
        above: LONGEST_DUE_MS,
      }),
      NoTickAlarm: alarm('no-tick', {
        why: 'The clock stands still: what is held is told no more when its time has come, and no maintenance is told of. The log of tick says why.',
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
  for (const name of PARTS) {
    const queue = { QueueName: { 'Fn::GetAtt': [`${name}Queue`, 'QueueName'] } }
    const deadLetters = { QueueName: { 'Fn::GetAtt': [`${name}DeadLetters`, 'QueueName'] } }
    Object.assign(part.Resources, {
      [`${name}DeadLettersAlarm`]: alarm(`${name}-dead-letters`, {
        why: 'Alerts that reached nobody. Each message says why in its attribute "reason": mend that, then redrive the queue.',
        metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum'],
        of: deadLetters,
        above: 0,
      }),
      [`${name}AgeAlarm`]: alarm(`${name}-oldest-message`, {
        why: 'A message has been waiting for a quarter of an hour: what it should go to is down, or the function does not run.',
        metric: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum'],
        of: queue,
        above: OLDEST_MESSAGE_S,
      }),
      ...functionAlarms(name, FUNCTION_OF[name]),
    })
  }
  Object.assign(part.Resources, functionAlarms('Tick', 'tick'))
  return part
}

function functionAlarms(name: string, functionName: string) {
  // By its name: a roll-out of rules depends on these alarms, and the functions on the rules.
  const of = { FunctionName: `${PREFIX}-${functionName}` }
  return {
    [`${name}ErrorsAlarm`]: alarm(`${name}-errors`, {
      why: 'The function failed as a whole: it does not start, ran out of time, or crashed. Its log says where.',
      metric: ['AWS/Lambda', 'Errors', 'Sum'],
      of,
      above: 0,
    }),
    [`${name}ThrottlesAlarm`]: alarm(`${name}-throttles`, {
      why: "Lambda did not run the function: the account's concurrency is used up. Messages wait meanwhile.",
      metric: ['AWS/Lambda', 'Throttles', 'Sum'],
      of,
      above: 0,
    }),
  }
}

interface Watched {
  why: string
  metric: [namespace: string, name: string, statistic: string]
  of: Record<string, unknown>
}
/** Too much of it in a minute, or in another period, or none of it for some periods. */
type Bound = { above: number; periodS?: number } | { missingFor: { periods: number; periodS: number } }

function alarm(name: string, watched: Watched & Bound) {
  const [Namespace, MetricName, Statistic] = watched.metric
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${PREFIX}-${name.toLowerCase()}`,
      AlarmDescription: watched.why,
      Namespace,
      MetricName,
      Dimensions: Object.entries(watched.of).map(([Name, Value]) => ({ Name, Value })),
      Statistic,
      ...when(watched),
      AlarmActions: [{ Ref: 'OperatorTopic' }],
      OKActions: [{ Ref: 'OperatorTopic' }],
    },
  }
}

function when(bound: Bound) {
  if ('above' in bound) {
    return {
      Period: bound.periodS ?? 60,
      EvaluationPeriods: 1,
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
