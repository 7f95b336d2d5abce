import type { Platform } from '../schemas/platform.ts'
import { allow, arnOf, takesRoles } from './policy.ts'
import { RECONCILE } from './reconcile-times.ts'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const SCHEDULE = '${self:service}-${sls:stage}-reconcile'
const OPEN = '${AlertTable.Arn}/index/open'
const ROUTE =
  'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${self:service}-${sls:stage}-route'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** The function that compares CloudWatch's alarms with the table, of this account and of those of the file. */
export function reconcile(platform: Platform | undefined): Record<string, object> {
  return {
    reconcile: {
      handler: 'functions/reconcile.handler',
      description: 'Every five minutes, finds the alarms of CloudWatch whose message did not arrive',
      recursiveLoop: 'Terminate',
      // Seconds, mostly. What differs is read again a minute and a half later. Less than the time between two runs.
      timeout: RECONCILE.timeoutS,
      environment: {
        PLATFORM_FILE: 'config/platform.json',
        ALARMS_TOPIC_ARN: { Ref: 'AlarmsTopic' },
        // By name: as a reference it would be a circle, because what CloudWatch may invoke depends on the function.
        ROUTE_FUNCTION_ARN: { 'Fn::Sub': ROUTE },
        ALARMS_QUEUE_URL: { Ref: 'AlarmsQueue' },
        GRACE_S: RECONCILE.graceS,
      },
      package: { patterns: ['config/platform.json'] },
      // Without retries: the next run finds what this one has left.
      maximumRetryAttempts: 0,
      maximumEventAge: 60,
      events: [
        {
          schedule: {
            name: SCHEDULE,
            description: 'Compares CloudWatch with what alert-router knows',
            rate: [`rate(${RECONCILE.minutes} minutes)`],
          },
        },
      ],
      iamRoleStatements: [
        // Composite alarms are listed to those alone that may see all alarms (CloudWatch API Reference, DescribeAlarms).
        allow(READ, '*'),
        allow(['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'], arnOf('AlertTable')),
        allow('dynamodb:Query', { 'Fn::Sub': OPEN }),
        allow('sqs:SendMessage', arnOf('AlarmsQueue')),
        ...takesRoles(platform),
      ],
    },
  }
}

/** What it asks; in another account, its role must allow the same. */
export const READ = [
  'cloudwatch:DescribeAlarms',
  'cloudwatch:DescribeAlarmContributors',
  'cloudwatch:DescribeAlarmHistory',
  'cloudwatch:GetAlarmMuteRule',
  'cloudwatch:ListAlarmMuteRules',
  'cloudwatch:ListTagsForResource',
  'events:ListRules',
  'events:ListTargetsByRule',
]
