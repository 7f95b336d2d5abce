import { beforeAll, describe, test } from 'vitest'
import type { Stage } from '../cli/doctor/stage.ts'
import {
  type FaultInAws,
  type FaultInTemplate,
  isFoundInAws,
  isFoundInTemplate,
  shippedService,
} from './doctor-faults.ts'
import { change, dropAll, lambda, queue, statement, topic } from './doctor-parts.ts'
import type { Json } from './doctor-stage.ts'

function drop(resource: Json, sid: string): void {
  const { PolicyDocument } = resource.Properties
  PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Sid }: Json) => Sid !== sid)
}

function setKey(is: Stage, state: string): void {
  for (const key of is.keys) key.state = state
}

/** Removes the statements about a principal from a policy. */
function dropWho(one: { policy?: Json } | undefined, who: string): void {
  if (!one) throw new Error('there is none')
  const Statement = one.policy.Statement.filter((each: Json) => !JSON.stringify(each.Principal).includes(who))
  one.policy = { ...one.policy, Statement }
}

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    [
      'a key that is disabled',
      (r) => {
        r.Key.Properties.Enabled = false
      },
      'key-unusable',
      'alert-router-prod-Key',
    ],
    [
      'a key that CloudWatch may not use',
      (r) => {
        statement(r.Key.Properties.KeyPolicy, 'ServicesMayPublish').Principal.Service = ['budgets.amazonaws.com']
      },
      'key-not-allowed',
      'alert-router-prod-Key',
    ],
    [
      'a key with a condition that EventBridge never meets',
      (r) => {
        statement(r.Key.Properties.KeyPolicy, 'EventBridgeMayPublish').Condition = {
          StringEquals: { 'aws:SourceAccount': '111122223333' },
        }
      },
      'key-not-allowed',
      'alert-router-prod-Key',
    ],
    [
      'a key that the roles may not use',
      (r) => {
        r.Key.Properties.KeyPolicy.Statement = r.Key.Properties.KeyPolicy.Statement.filter(
          ({ Principal }: Json) => Principal.Service,
        )
      },
      'key-not-allowed',
      'alert-router-prod-Key',
    ],
    [
      "AWS's own key",
      (r) => {
        r.OperatorTopic.Properties.KmsMasterKeyId = 'alias/aws/sns'
      },
      'key-not-allowed',
      'alert-router-prod-operator',
    ],
    [
      "a queue with AWS's own key",
      (r) => {
        r.SlackQueue.Properties.KmsMasterKeyId = 'alias/aws/sqs'
      },
      'key-not-allowed',
      'alert-router-prod-slack',
    ],
    [
      'a topic that EventBridge may not publish to',
      (r) => drop(r.AlarmsTopicPolicy, 'EventBridgeMayPublish'),
      'publisher-not-allowed',
      'alert-router-prod-alarms',
    ],
    [
      'a topic without a policy',
      (r) => delete r.AlarmsTopicPolicy,
      'publisher-not-allowed',
      'alert-router-prod-alarms',
    ],
    [
      'an operator topic for another account',
      (r) => {
        r.OperatorTopicPolicy.Properties.PolicyDocument.Statement[0].Condition.StringEquals['aws:SourceAccount'] =
          '999999999999'
      },
      'publisher-not-allowed',
      'alert-router-prod-operator',
    ],
    [
      'a topic that denies route',
      (r) => {
        r.NotificationsTopicPolicy.Properties.PolicyDocument.Statement[0].Condition.ArnNotEquals['aws:PrincipalArn'] = {
          'Fn::GetAtt': ['TickIamRoleLambdaExecution', 'Arn'],
        }
      },
      'publisher-not-allowed',
      'alert-router-prod-notifications',
    ],
    [
      'a queue that its topic may not send to',
      (r) => {
        r.ChannelQueuesPolicy.Properties.Queues = r.ChannelQueuesPolicy.Properties.Queues.filter(
          ({ Ref }: Json) => Ref !== 'EmailQueue',
        )
      },
      'queue-refuses-topic',
      'alert-router-prod-email',
    ],
    ['no role', (r) => delete r.RouteIamRoleLambdaExecution, 'role-missing', 'alert-router-prod-route'],
    ['no role at all', (r) => dropAll(r, 'AWS::IAM::Role'), 'role-missing', '10 functions of stage prod'],
    [
      'a role without policies',
      (r) => {
        r.TickIamRoleLambdaExecution.Properties.Policies = []
      },
      'role-lacks-right',
      'alert-router-prod-tick',
    ],
    ...(
      [
        ['Route', 'sqs:ReceiveMessage', 'route'],
        ['Route', 'dynamodb:PutItem', 'route'],
        ['Route', 'sns:Publish', 'route'],
        ['Route', 'kms:Decrypt', 'route'],
        ['Route', 'sqs:SendMessage', 'route'],
        ['DeliverDashpagerduty', 'secretsmanager:GetSecretValue', 'deliver-pagerduty'],
        ['DeliverDashslack', 'sqs:ChangeMessageVisibility', 'deliver-slack'],
        ['DeliverDashemail', 'sns:GetTopicAttributes', 'deliver-email'],
        ['DeliverDashemail', 'kms:GenerateDataKey*', 'deliver-email'],
        ['DeliverDashsink', 'sqs:SendMessage', 'deliver-sink'],
        ['Tick', 'dynamodb:Query', 'tick'],
        ['Tick', 'appconfig:GetLatestConfiguration', 'tick'],
        ['Tick', 'logs:PutLogEvents', 'tick'],
      ] as const
    ).map(
      ([role, action, name]): FaultInTemplate => [
        `${name} without ${action}`,
        (r) => {
          const { PolicyDocument } = r[`${role}IamRoleLambdaExecution`].Properties.Policies[0]
          for (const one of PolicyDocument.Statement)
            one.Action = [one.Action].flat().filter((each: string) => each !== action)
        },
        'role-lacks-right',
        `alert-router-prod-${name}`,
      ],
    ),
    [
      'a right on another table',
      (r) => {
        for (const one of r.RouteIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement)
          if (one.Action.includes('dynamodb:PutItem'))
            one.Resource = 'arn:aws:dynamodb:eu-central-1:111122223333:table/a'
      },
      'role-lacks-right',
      'alert-router-prod-route',
    ],
    [
      'a role that denies',
      (r) => {
        r.RouteIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement.push({
          Effect: 'Deny',
          Action: 'sns:*',
          Resource: '*',
        })
      },
      'role-lacks-right',
      'alert-router-prod-route',
    ],
    [
      'a role that may have more permissions elsewhere',
      (r) => {
        const { Properties } = r.TickIamRoleLambdaExecution
        Object.assign(Properties, { Policies: [], ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] })
      },
      'policy-unclear',
      'alert-router-prod-tick',
    ],
    [
      'a role that Lambda may not assume',
      (r) => {
        r.RouteIamRoleLambdaExecution.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service =
          'ec2.amazonaws.com'
      },
      'role-not-for-lambda',
      'alert-router-prod-route',
    ],
    [
      'alarms that may not invoke',
      (r) => delete r.AlarmsMayInvokeRoute,
      'alarms-may-not-invoke',
      'alert-router-prod-route',
    ],
    [
      'a validator that AppConfig may not invoke',
      (r) => delete r.ConfigMayBeValidated,
      'rules-not-validated',
      'alert-router-prod-validate-config',
    ],
  ])('%s', isFoundInTemplate)
})

describe('of a stage in AWS', () => {
  test.each<FaultInAws>([
    [
      'the key is disabled',
      ({ is }) => {
        setKey(is, 'Disabled')
      },
      'key-unusable',
      /./,
      /^aws kms enable-key --key-id arn:aws:kms:/,
    ],
    [
      'the key is scheduled for deletion',
      ({ is }) => {
        setKey(is, 'PendingDeletion')
      },
      'key-unusable',
      /./,
      /^aws kms cancel-key-deletion/,
    ],
    [
      'the key denies EventBridge',
      ({ is }) => {
        dropWho(is.keys[0], 'events.amazonaws.com')
      },
      'key-not-allowed',
      /./,
      /^aws kms put-key-policy .*events\.amazonaws\.com/,
    ],
    [
      'a topic has another key that allows nobody',
      ({ is }) => {
        is.keys.push({
          id: '',
          name: 'other',
          arn: 'arn:aws:kms:eu-central-1:111122223333:key/other',
          state: 'Enabled',
          policy: { Statement: [] },
        })
        topic(is, 'operator').key = 'other'
      },
      'key-not-allowed',
      'other',
      /./,
    ],
    [
      'the alarms topic denies CloudWatch',
      ({ is }) => {
        dropWho(topic(is, 'alarms'), 'cloudwatch.amazonaws.com')
      },
      'publisher-not-allowed',
      'alert-router-prod-alarms',
      /^aws sns set-topic-attributes .*--attribute-name Policy/,
    ],
    [
      'a queue’s policy is gone',
      ({ is }) => {
        queue(is, 'alarms').policy = null
      },
      'queue-refuses-topic',
      'alert-router-prod-alarms',
      /^aws sqs set-queue-attributes /,
    ],
    [
      'a function has another role',
      ({ is }) => change(lambda(is, 'tick'), { role: 'arn:aws:iam::111122223333:role/other' }),
      'role-unknown',
      'alert-router-prod-tick',
      /REVERT_DRIFT/,
    ],
    [
      'AppConfig may not call the validator',
      ({ is }) => change(lambda(is, 'validate-config'), { policy: null }),
      'rules-not-validated',
      'alert-router-prod-validate-config',
      /REVERT_DRIFT/,
    ],
  ])('%s', isFoundInAws)
})
