import type { Platform } from '../schemas/platform.ts'
import { FIRST_ASKERS } from '../shared/asking/first-asked.ts'
import { GET_METRICS } from '../shared/asking/metrics.ts'
import { onlyNotificationsTopicSends } from './deliverers.ts'
import { EVIDENCE, EVIDENCE_FILTER } from './evidence-queue.ts'
import { allow, arnOf, readsRules, readsSecrets, SECRET_PREFIX, takesRoles, usesKey } from './policy.ts'
import { sesEnvironment, sesRights } from './ses-rights.ts'
import { evidenceAlarms } from './watch.ts'

/*
 * What follows an alert: a function with a queue of its own, beside those of the deliverers. It is sent the same wake-ups,
 * those of firings, and nothing of the alert's own path knows of it: without it, or while it fails, every alert is delivered
 * as before.
 *
 * No dead letters: what could not be made in time is not worth an operator's morning. Its role may write no item of an
 * alert, and no pace of a channel: only its own (shared/follow-up/claims.ts).
 */

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const PREFIX = '${self:service}-${sls:stage}'
const LIVE_CONFIG = '${alerts:liveConfigPlace}'
const TOPICS = `arn:\${AWS::Partition}:sns:\${AWS::Region}:\${AWS::AccountId}:${PREFIX}-email-`
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** As serverless-iam-roles-per-function names it. */
export const EVIDENCE_ROLE = 'EvidenceIamRoleLambdaExecution'

/** Beside what all functions have. Their alerts may be of any resource of the account: what it reads is not named. */
const READS = [
  ...new Set([GET_METRICS, ...Object.values(FIRST_ASKERS).flatMap(({ actions }) => actions.split(', '))]),
].sort()

/** The function, in the form of serverless.yml. `senders`: from which addresses SES sends. */
export function evidence(platform: Platform | undefined, senders: string[] = []): Record<string, object> {
  return {
    evidence: {
      handler: 'functions/evidence.handler',
      description: 'Follows an alert that is out with what one would ask first',
      recursiveLoop: 'Terminate',
      timeout: EVIDENCE.timeoutS,
      environment: {
        LIVE_CONFIG,
        PLATFORM_FILE: 'config/platform.json',
        ACCOUNT_ID: { Ref: 'AWS::AccountId' },
        EVIDENCE_QUEUE_URL: { Ref: 'EvidenceQueue' },
        SECRET_PREFIX,
        EMAIL_TOPIC_ARN_PREFIX: { 'Fn::Sub': TOPICS },
        ...sesEnvironment(senders),
      },
      package: { patterns: ['config/platform.json'] },
      events: [
        {
          sqs: {
            arn: arnOf('EvidenceQueue'),
            batchSize: EVIDENCE.batchSize,
            functionResponseType: 'ReportBatchItemFailures',
            // The minimum of Lambda, and enough: at most so many alerts are asked about at once, also in a storm.
            maximumConcurrency: 2,
          },
        },
      ],
      iamRoleStatements: [
        readsRules,
        allow(READS, '*'),
        ...takesRoles(platform),
        allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'], arnOf('AlertTable')),
        allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], arnOf('AlertTable'), {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['evidence#*', 'target#evidence *'] },
        }),
        readsSecrets,
        allow(['sns:GetTopicAttributes', 'sns:Publish'], { 'Fn::Sub': `${TOPICS}*` }),
        usesKey,
        ...sesRights(senders),
        allow('sqs:ChangeMessageVisibility', arnOf('EvidenceQueue')),
      ],
    },
  }
}

/** Its queue, which is subscribed as those of the deliverers are; and its alarms. */
export function evidenceResources(): { Resources: Record<string, object> } {
  return {
    Resources: {
      EvidenceQueue: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: `${PREFIX}-${EVIDENCE.queue}`,
          SqsManagedSseEnabled: true,
          DelaySeconds: EVIDENCE.delayS,
          VisibilityTimeout: 6 * EVIDENCE.timeoutS,
          MessageRetentionPeriod: EVIDENCE.retentionS,
        },
      },
      EvidenceSubscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'NotificationsTopic' },
          Protocol: 'sqs',
          Endpoint: arnOf('EvidenceQueue'),
          RawMessageDelivery: true,
          FilterPolicyScope: 'MessageAttributes',
          FilterPolicy: EVIDENCE_FILTER,
        },
      },
      EvidenceQueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'EvidenceQueue' }], PolicyDocument: onlyNotificationsTopicSends },
      },
      ...evidenceAlarms(),
    },
  }
}
