import { CHANNEL_TYPES, type ChannelType } from '../schemas/channel.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { FACTS } from '../shared/channels/types.ts'
import { allow, arnOf, readsRules, readsSecrets, SECRET_PREFIX, secretArn, usesKey } from './policy.ts'
import { sesEnvironment, sesRights } from './ses-rights.ts'

/*
 * For each type of channel: the function that delivers, the queue that feeds it, its dead letters and its subscription.
 * All of it follows from the type's facts (shared/channels/<type>/facts.ts). queues.yml explains the queues' settings,
 * serverless.yml the functions'.
 */

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
const PREFIX = '${self:service}-${sls:stage}'
const LIVE_CONFIG = '${alerts:liveConfigPlace}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless

/** The name of the function that delivers to a type of channel. */
export function delivererOf<Type extends ChannelType>(type: Type): `deliver-${Type}` {
  return `deliver-${type}`
}

/** The prefix of its resources' ids: `Slack`, `SlackApp`. */
export function idOf(type: ChannelType): string {
  return type.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase())
}

/** A queue's visibility timeout, seconds: 6 times its function's timeout (AWS's advice). */
export function visibilityTimeoutS(type: ChannelType): number {
  return 6 * FACTS[type].queue.timeoutS
}

/** Messages for an invocation: the most that Lambda gives at once, without waiting for more. */
export const BATCH_SIZE = 10

/** The maximum of SQS: deliverers count attempts themselves. */
export const MAX_RECEIVES = 1_000

/** What a stage has beside what each one has. */
interface Parts {
  /** Whether people answer (inbox.ts). */
  hasInbox?: boolean
  /** From which addresses SES sends (ses.ts). */
  senders?: string[]
}

/** The functions of all types, by name, in the form of serverless.yml. */
export function deliverers(parts: Parts = {}): Record<string, object> {
  return Object.fromEntries(CHANNEL_TYPES.map((type) => [delivererOf(type), functionFor(type, parts)]))
}

function functionFor(type: ChannelType, { hasInbox = false, senders = [] }: Parts): object {
  const id = idOf(type)
  const { vendor, addressedBy, opensIncidents, queue } = FACTS[type]
  const bySes = type === 'email' ? senders : []
  const hasLinks = hasInbox && bySes.length > 0
  return {
    handler: `functions/${delivererOf(type)}.handler`,
    description: addressedBy === 'nothing' ? "Ends the heartbeat's path" : `Sends notifications to ${vendor}`,
    recursiveLoop: 'Terminate',
    timeout: queue.timeoutS,
    environment: {
      ...(addressedBy !== 'nothing' && { LIVE_CONFIG }),
      ...environmentBy[addressedBy],
      // Events say by which dedup key an incident is opened, so that answers find their alert.
      // And only then buttons are of use.
      ...(hasInbox && (opensIncidents || addressedBy === 'token') && { INBOX: 'on' }),
      ...sesEnvironment(bySes),
      // Where a button to acknowledge leads.
      ...(hasLinks && { INBOX_URL: { 'Fn::GetAtt': ['InboxLambdaFunctionUrl', 'FunctionUrl'] }, SECRET_PREFIX }),
      [`${queueVariable(type)}_QUEUE_URL`]: { Ref: `${id}Queue` },
      // Orders for `route`: deliveries to record later, and fallbacks that are owed something.
      ALARMS_QUEUE_URL: { Ref: 'AlarmsQueue' },
      [`${queueVariable(type)}_DEAD_LETTERS_URL`]: { Ref: `${id}DeadLetters` },
    },
    events: [
      {
        sqs: {
          arn: arnOf(`${id}Queue`),
          batchSize: BATCH_SIZE,
          functionResponseType: 'ReportBatchItemFailures',
          // The minimum of Lambda; together they keep a target's pace (shared/deliver/pace.ts).
          maximumConcurrency: 2,
        },
      },
    ],
    iamRoleStatements: [
      ...(addressedBy === 'nothing' ? [] : [readsRules]),
      allow(
        ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem'].map((one) => `dynamodb:${one}`),
        arnOf('AlertTable'),
      ),
      ...rightsBy[addressedBy],
      ...sesRights(bySes),
      ...(hasLinks ? [allow('secretsmanager:GetSecretValue', secretArn('inbox-links'))] : []),
      // Delays a single message.
      allow('sqs:ChangeMessageVisibility', arnOf(`${id}Queue`)),
      allow('sqs:SendMessage', [arnOf(`${id}DeadLetters`), arnOf('AlarmsQueue')]),
    ],
  }
}

const topicArns = `arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:${PREFIX}-email-`

const ofSecrets = { SECRET_PREFIX }
const environmentBy = {
  key: ofSecrets,
  URL: ofSecrets,
  token: ofSecrets,
  topic: { EMAIL_TOPIC_ARN_PREFIX: { 'Fn::Sub': topicArns } },
  nothing: {},
}

const rightsBy = {
  key: [readsSecrets],
  URL: [readsSecrets],
  token: [readsSecrets],
  topic: [
    // Checks whether the topic has confirmed subscribers.
    allow(['sns:GetTopicAttributes', 'sns:Publish'], { 'Fn::Sub': `${topicArns}*` }),
    usesKey,
  ],
  nothing: [],
}

/** The queues of all types, who may send to them, and that `route` is deployed after the deliverers it wakes. */
export function channelQueues() {
  return {
    Resources: {
      ...Object.assign({}, ...CHANNEL_TYPES.map(queueFor)),
      ChannelQueuesPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: CHANNEL_TYPES.map(idOf).flatMap((id) => [{ Ref: `${id}Queue` }, { Ref: `${id}DeadLetters` }]),
          PolicyDocument: onlyNotificationsTopicSends,
        },
      },
    },
    // A new deliverer understands an old `route`, but not the other way round: a deployment changes deliverers first.
    extensions: {
      RouteLambdaFunction: {
        DependsOn: CHANNEL_TYPES.map((type) => `DeliverDash${type.replaceAll('-', 'Dash')}LambdaFunction`),
      },
    },
    Outputs: Object.fromEntries(
      CHANNEL_TYPES.map(idOf).flatMap((id) => [
        [`${id}QueueUrl`, { Value: { Ref: `${id}Queue` } }],
        [`${id}DeadLettersUrl`, { Value: { Ref: `${id}DeadLetters` } }],
      ]),
    ),
  }
}

function queueFor(type: ChannelType): Record<string, object> {
  const id = idOf(type)
  const deadLetters = arnOf(`${id}DeadLetters`)
  return {
    [`${id}Queue`]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: `${PREFIX}-${type}`,
        SqsManagedSseEnabled: true,
        VisibilityTimeout: visibilityTimeoutS(type),
        MessageRetentionPeriod: FACTS[type].queue.retentionS,
        RedrivePolicy: { deadLetterTargetArn: deadLetters, maxReceiveCount: MAX_RECEIVES },
      },
    },
    [`${id}DeadLetters`]: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: `${PREFIX}-${type}-dead-letters`,
        SqsManagedSseEnabled: true,
        // 14 days, the maximum.
        MessageRetentionPeriod: 1_209_600,
      },
    },
    [`${id}Subscription`]: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'NotificationsTopic' },
        Protocol: 'sqs',
        Endpoint: arnOf(`${id}Queue`),
        RawMessageDelivery: true,
        FilterPolicyScope: 'MessageAttributes',
        FilterPolicy: { channelType: [type] },
        RedrivePolicy: { deadLetterTargetArn: deadLetters },
      },
    },
  }
}

/** In a queue's policy, the resource * is the queue that has the policy. */
export const onlyNotificationsTopicSends = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'NotificationsTopicMaySend',
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'NotificationsTopic' } } },
    },
    {
      Sid: 'TlsOnly',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
}
