import type { TemplatePart } from './email-topics.ts'

/** Each queue, the function that it feeds, and where what fails in it ends, by their ids in the template. */
const PARTS = ['Alarms', 'Pagerduty', 'Slack', 'Email'] as const
const FUNCTION_OF: Record<(typeof PARTS)[number], string> = {
  Alarms: 'RouteLambdaFunction',
  Pagerduty: 'DeliverDashpagerdutyLambdaFunction',
  Slack: 'DeliverDashslackLambdaFunction',
  Email: 'DeliverDashemailLambdaFunction',
}

/**
 * A queue's oldest message is no older than this while all is well. What waits for a channel to recover is older: then
 * the operator hears of the channel.
 */
const OLDEST_MESSAGE_S = 900

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
const OPERATOR = '${param:operator}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless

/**
 * Who watches the watchman: alarms on the router's own queues and functions, straight from CloudWatch to an email topic
 * of the operator's. Nothing of the router is on that way, so that it works when the router does not.
 */
export function watch(): TemplatePart {
  const part: TemplatePart = {
    Resources: {
      OperatorTopic: {
        Type: 'AWS::SNS::Topic',
        Properties: { TopicName: `${PREFIX}-operator`, KmsMasterKeyId: { Ref: 'Key' } },
      },
      OperatorTopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: { Topics: [{ Ref: 'OperatorTopic' }], PolicyDocument: onlyCloudWatchPublishes() },
      },
      OperatorSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'OperatorTopic' }, Protocol: 'email', Endpoint: OPERATOR },
      },
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
    const fn = { FunctionName: { Ref: FUNCTION_OF[name] } }
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
      [`${name}ErrorsAlarm`]: alarm(`${name}-errors`, {
        why: 'The function failed as a whole: it does not start, ran out of time, or crashed. Its log says where.',
        metric: ['AWS/Lambda', 'Errors', 'Sum'],
        of: fn,
        above: 0,
      }),
      [`${name}ThrottlesAlarm`]: alarm(`${name}-throttles`, {
        why: "Lambda did not run the function: the account's concurrency is used up. Messages wait meanwhile.",
        metric: ['AWS/Lambda', 'Throttles', 'Sum'],
        of: fn,
        above: 0,
      }),
    })
  }
  return part
}

interface Watched {
  why: string
  metric: [namespace: string, name: string, statistic: string]
  of: Record<string, unknown>
  above: number
}

function alarm(name: string, { why, metric: [Namespace, MetricName, Statistic], of, above }: Watched) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: `${PREFIX}-${name.toLowerCase()}`,
      AlarmDescription: why,
      Namespace,
      MetricName,
      Dimensions: Object.entries(of).map(([Name, Value]) => ({ Name, Value })),
      Statistic,
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: above,
      ComparisonOperator: 'GreaterThanThreshold',
      // A queue or function that nobody uses reports nothing.
      TreatMissingData: 'notBreaching',
      AlarmActions: [{ Ref: 'OperatorTopic' }],
      OKActions: [{ Ref: 'OperatorTopic' }],
    },
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
