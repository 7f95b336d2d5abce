import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { findingsIn } from '../cli/doctor/findings.ts'
import { readDeployed } from '../cli/doctor/read/aws.ts'
import { Calls } from '../cli/doctor/read/calls.ts'
import type { Template } from '../cli/doctor/read/names.ts'
import { stageOf } from '../cli/doctor/read/template.ts'
import type { Alarm, LambdaFunction, Queue, Schedule, Stage, Subscription, Topic } from '../cli/doctor/stage.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { named as command, here } from './command.ts'
import { rulesDocument, type StageInAws, startStage } from './doctor-stage.ts'
import { packagedService } from './package-service.ts'

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
type Json = any
type Resources = Record<string, Json>

let template: Template & { Resources: Resources }
/** Where the package is that `template` is of. */
let folder: string
/** The version of the rules in config/. */
let rulesHere: string
beforeAll(async () => {
  const packaged = await packagedService()
  folder = packaged.folder
  template = JSON.parse(packaged.template)
  rulesHere = versionOf(documentOf(readConfig(CONFIG_FOLDER)))
}, 120_000)

/** As `withRulesHere`, which reads them each time. */
const withRules = (stage: Stage): Stage => ({ ...stage, rules: stage.rules && { ...stage.rules, here: rulesHere } })

const MINUTE = 60_000
/** A version of rules that are neither here nor deployed. */
const OTHER = 'aaaaaaaaaaaa'
/** A machine may be busy. */
const PATIENCE = { tryMs: 20_000, callMs: 50_000 }
const PLACE = { partition: 'aws', region: 'eu-central-1', account: '111122223333' }

/** Kinds, each once, in the order of the alphabet. */
function kinds(findings: { id: string }[]): string[] {
  return [...new Set(findings.map(({ id }) => id))].sort()
}

describe('offline', () => {
  const findingsOffline = (changed: Template) =>
    findingsIn(withRules(stageOf(changed, { name: 'prod', place: PLACE, now: Date.now() })))

  test('finds nothing in the template as it is shipped', () => {
    expect(findingsOffline(template)).toEqual([])
  })

  type Fault = [what: string, plant: (resources: Resources) => void, id: string, about: string]
  const FAULTS: Fault[] = [
    [
      'a queue without a subscription',
      (r) => delete r.SlackSubscription,
      'queue-not-subscribed',
      'alert-router-prod-slack',
    ],
    [
      'a queue that is subscribed to another topic',
      (r) => {
        r.AlarmsSubscription.Properties.TopicArn = { Ref: 'OperatorTopic' }
      },
      'queue-not-subscribed',
      'alert-router-prod-alarms',
    ],
    [
      'a filter for another channel',
      (r) => {
        r.EmailSubscription.Properties.FilterPolicy = { channelType: ['mail'] }
      },
      'filter-drops',
      'alert-router-prod-email',
    ],
    [
      'a filter on what CloudWatch does not send',
      (r) => {
        r.AlarmsSubscription.Properties.FilterPolicy = { severity: [{ exists: true }] }
      },
      'filter-drops',
      'alert-router-prod-alarms',
    ],
    [
      'a filter on the body',
      (r) => {
        r.PagerdutySubscription.Properties.FilterPolicyScope = 'MessageBody'
      },
      'filter-drops',
      'alert-router-prod-pagerduty',
    ],
    [
      'an email channel without addresses',
      (r) => {
        for (const id of Object.keys(r)) if (/^EmailTopicemailAddress/.test(id)) delete r[id]
      },
      'email-reaches-nobody',
      'alert-router-prod-email-email',
    ],
    ['no operator', (r) => delete r.OperatorSubscription, 'email-reaches-nobody', 'alert-router-prod-operator'],
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
      'a topic that keeps route out',
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
    [
      'a queue that no function reads',
      (r) => delete r.DeliverDashslackEventSourceMappingSQSSlackQueue,
      'queue-not-read',
      'alert-router-prod-slack',
    ],
    [
      'a mapping that is disabled',
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue.Properties.Enabled = false
      },
      'mapping-disabled',
      'alert-router-prod-route',
    ],
    [
      'a function that may not run',
      (r) => {
        r.TickLambdaFunction.Properties.ReservedConcurrentExecutions = 0
      },
      'function-stopped',
      'alert-router-prod-tick',
    ],
    [
      'a function with too small a reserve',
      (r) => {
        r.RouteLambdaFunction.Properties.ReservedConcurrentExecutions = 2
      },
      'concurrency-short',
      'alert-router-prod-route',
    ],
    [
      'a clock that stands still',
      (r) => {
        r.TickEventsRuleSchedule1.Properties.State = 'DISABLED'
      },
      'rule-disabled',
      'alert-router-prod-tick',
    ],
    [
      'a heartbeat without a target',
      (r) => {
        r.HeartbeatRule.Properties.Targets = []
      },
      'rule-without-target',
      'alert-router-prod-heartbeat',
    ],
    ['no heartbeat', (r) => delete r.HeartbeatRule, 'rule-missing', 'alert-router-prod-heartbeat'],
    [
      'a clock that may not invoke',
      (r) => delete r.TickLambdaPermissionEventsRuleSchedule1,
      'rule-may-not-invoke',
      'alert-router-prod-tick',
    ],
    [
      'an alarm whose actions are off',
      (r) => {
        r.HeartbeatAlarm.Properties.ActionsEnabled = false
      },
      'alarm-disabled',
      'alert-router-prod-no-heartbeat',
    ],
    [
      'an alarm without an action',
      (r) => delete r.SlackAgeAlarm.Properties.AlarmActions,
      'alarm-without-action',
      'alert-router-prod-slack-oldest-message',
    ],
    [
      'a queue without dead letters',
      (r) => delete r.AlarmsQueue.Properties.RedrivePolicy,
      'no-dead-letters',
      'alert-router-prod-alarms',
    ],
    [
      'a table without its index',
      (r) => {
        r.AlertTable.Properties.GlobalSecondaryIndexes = []
      },
      'index-not-active',
      'alert-router-prod-AlertTable',
    ],
    [
      'a policy that grows too large',
      (r) => {
        statement(r.AlarmsTopicPolicy.Properties.PolicyDocument, 'ListedAccountsMayPublish').Principal.AWS =
          accounts(2_400)
      },
      'policy-too-large',
      'alert-router-prod-alarms',
    ],
    [
      'too many filters',
      (r) => {
        for (let n = 0; n < 200; n++)
          r[`Own${n}`] = {
            ...r.SlackSubscription,
            Properties: {
              ...r.SlackSubscription.Properties,
              Endpoint: `arn:aws:sqs:eu-central-1:111122223333:own-${n}`,
              FilterPolicy: { channelType: [{ exists: false }, 'a'] },
            },
          }
      },
      'too-many-filters',
      'alert-router-prod-notifications',
    ],
    ['no rules to compare pushes with', (r) => delete r.DeployedConfig, 'rules-absent', 'rules of stage prod'],
    // ── What has to be there, and is not
    ['no alarms topic', (r) => delete r.AlarmsTopic, 'topic-missing', 'alert-router-prod-alarms'],
    ['no notifications topic', (r) => delete r.NotificationsTopic, 'topic-missing', 'alert-router-prod-notifications'],
    ['no operator topic', (r) => delete r.OperatorTopic, 'topic-missing', 'alert-router-prod-operator'],
    [
      'no topic of an email channel',
      (r) => delete r.EmailTopicemailDashsecurity,
      'topic-missing',
      'alert-router-prod-email-email-security',
    ],
    ['no topic at all', (r) => dropAll(r, 'AWS::SNS::Topic'), 'topic-missing', '5 SNS topics of stage prod'],
    ['no alarms queue', (r) => delete r.AlarmsQueue, 'queue-missing', 'alert-router-prod-alarms'],
    ['no queue of a channel', (r) => delete r.PagerdutyQueue, 'queue-missing', 'alert-router-prod-pagerduty'],
    ['no queue at all', (r) => dropAll(r, 'AWS::SQS::Queue'), 'queue-missing', '10 SQS queues of stage prod'],
    ['no route', (r) => delete r.RouteLambdaFunction, 'function-missing', 'alert-router-prod-route'],
    [
      'no deliverer',
      (r) => delete r.DeliverDashslackLambdaFunction,
      'function-missing',
      'alert-router-prod-deliver-slack',
    ],
    ['no clock', (r) => delete r.TickLambdaFunction, 'function-missing', 'alert-router-prod-tick'],
    [
      'no function at all',
      (r) => dropAll(r, 'AWS::Lambda::Function'),
      'function-missing',
      '7 Lambda functions of stage prod',
    ],
    ['no rule for the clock', (r) => delete r.TickEventsRuleSchedule1, 'rule-missing', 'alert-router-prod-tick'],
    ['no table', (r) => delete r.AlertTable, 'table-missing', 'AlertTable of stage prod'],
    ['no key', (r) => delete r.Key, 'key-missing', 'Key of stage prod'],
    ['no alarm on silence', (r) => delete r.HeartbeatAlarm, 'alarm-missing', 'alert-router-prod-no-heartbeat'],
    [
      'no alarm on dead letters',
      (r) => delete r.SlackDeadLettersAlarm,
      'alarm-missing',
      'alert-router-prod-slack-dead-letters',
    ],
    [
      'no alarm at all',
      (r) => dropAll(r, 'AWS::CloudWatch::Alarm'),
      'alarm-missing',
      '38 CloudWatch alarms of stage prod',
    ],
    ['no archive', (r) => delete r.ArchiveSubscription, 'archive-missing', 'alert-router-prod-alarms'],
    ['no stream for the archive', (r) => delete r.ArchiveStream, 'archive-missing', 'alert-router-prod-alarms'],
    [
      'one address of an email channel less than the rules have',
      (r) => {
        const [id = ''] = Object.keys(r).filter((one) => /^EmailTopicemailAddress/.test(one))
        delete r[id]
      },
      'address-missing',
      'alert-router-prod-email-email',
    ],
    ['no way to roll rules out', (r) => delete r.ConfigRollout, 'app-config-missing', 'rules of stage prod'],
    ['no environment for rules', (r) => delete r.ConfigEnvironment, 'app-config-missing', 'rules of stage prod'],
    [
      'no alarm that stops a roll-out',
      (r) => delete r.ConfigEnvironment.Properties.Monitors,
      'rollout-unwatched',
      'rules of stage prod',
    ],
    // ── What functions and services may do
    ['no role', (r) => delete r.RouteIamRoleLambdaExecution, 'role-missing', 'alert-router-prod-route'],
    ['no role at all', (r) => dropAll(r, 'AWS::IAM::Role'), 'role-missing', '7 functions of stage prod'],
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
      ([role, action, name]): Fault => [
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
      'a role that may have more elsewhere',
      (r) => {
        const { Properties } = r.TickIamRoleLambdaExecution
        Object.assign(Properties, { Policies: [], ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] })
      },
      'policy-unclear',
      'alert-router-prod-tick',
    ],
    [
      'a role that Lambda may not take on',
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
      'rules that AppConfig may not have checked',
      (r) => delete r.ConfigMayBeValidated,
      'rules-not-validated',
      'alert-router-prod-validate-config',
    ],
    ...['Notifications', 'Operator'].map(
      (id): Fault => [
        `no policy of the topic ${id}`,
        (r) => delete r[`${id}TopicPolicy`],
        'topic-without-policy',
        `alert-router-prod-${id.toLowerCase()}`,
      ],
    ),
    [
      'no policy of an email topic',
      (r) => delete r.EmailTopicemailPolicy,
      'topic-without-policy',
      'alert-router-prod-email-email',
    ],
    // ── What is there, and set so that it does not deliver
    ['no environment', set('RouteLambdaFunction', 'Environment', {}), 'environment-missing', 'alert-router-prod-route'],
    [
      'an environment without the table',
      (r) => delete r.DeliverDashemailLambdaFunction.Properties.Environment.Variables.TABLE_NAME,
      'environment-missing',
      'alert-router-prod-deliver-email',
    ],
    [
      'an environment without the namespace of metrics',
      (r) => delete r.DeliverDashsinkLambdaFunction.Properties.Environment.Variables.METRICS_NAMESPACE,
      'environment-missing',
      'alert-router-prod-deliver-sink',
    ],
    ['a function of a second', set('TickLambdaFunction', 'Timeout', 1), 'timeout-too-short', 'alert-router-prod-tick'],
    [
      'a function without a timeout of its own',
      (r) => delete r.DeliverDashslackLambdaFunction.Properties.Timeout,
      'timeout-too-short',
      'alert-router-prod-deliver-slack',
    ],
    [
      'route without dead letters',
      (r) => delete r.RouteLambdaFunction.Properties.DeadLetterConfig,
      'no-dead-letters',
      'alert-router-prod-route',
    ],
    [
      'a mapping that filters',
      set('RouteEventSourceMappingSQSAlarmsQueue', 'FilterCriteria', { Filters: [{ Pattern: '{"body":["a"]}' }] }),
      'mapping-filters',
      'alert-router-prod-route',
    ],
    [
      'a mapping that does not ask for failures',
      (r) => delete r.DeliverDashemailEventSourceMappingSQSEmailQueue.Properties.FunctionResponseTypes,
      'failures-not-reported',
      'alert-router-prod-deliver-email',
    ],
    [
      'a mapping that waits for company',
      set('RouteEventSourceMappingSQSAlarmsQueue', 'MaximumBatchingWindowInSeconds', 300),
      'mapping-waits',
      'alert-router-prod-route',
    ],
    [
      'a mapping for another function',
      set('DeliverDashslackEventSourceMappingSQSSlackQueue', 'FunctionName', {
        'Fn::GetAtt': ['DeliverDashemailLambdaFunction', 'Arn'],
      }),
      'queue-not-read',
      'alert-router-prod-slack',
    ],
    [
      'a message hidden for a second',
      set('SlackQueue', 'VisibilityTimeout', 1),
      'visibility-too-short',
      'alert-router-prod-slack',
    ],
    [
      'a message kept for a minute',
      set('EmailQueue', 'MessageRetentionPeriod', 60),
      'retention-too-short',
      'alert-router-prod-email',
    ],
    [
      'dead letters kept no longer than others',
      (r) => delete r.SlackDeadLetters.Properties.MessageRetentionPeriod,
      'retention-too-short',
      'alert-router-prod-slack-dead-letters',
    ],
    ['a queue that holds back', set('AlarmsQueue', 'DelaySeconds', 900), 'queue-delays', 'alert-router-prod-alarms'],
    ...['Alarms', 'Sink'].map(
      (id): Fault => [
        `one receive in the queue ${id}`,
        (r) => {
          r[`${id}Queue`].Properties.RedrivePolicy.maxReceiveCount = 1
        },
        'few-receives',
        `alert-router-prod-${id.toLowerCase()}`,
      ],
    ),
    [
      'a queue subscribed as an address',
      set('AlarmsSubscription', 'Protocol', 'email'),
      'queue-not-subscribed',
      'alert-router-prod-alarms',
    ],
    [
      'an address subscribed as a queue',
      set('OperatorSubscription', 'Protocol', 'sqs'),
      'email-reaches-nobody',
      'alert-router-prod-operator',
    ],
    [
      'alarms without an envelope',
      set('AlarmsSubscription', 'RawMessageDelivery', true),
      'raw-delivery',
      'alert-router-prod-alarms',
    ],
    [
      'notifications in an envelope',
      set('SlackSubscription', 'RawMessageDelivery', false),
      'raw-delivery',
      'alert-router-prod-slack',
    ],
    [
      'a queue that gets what is for others',
      (r) => delete r.SinkSubscription.Properties.FilterPolicy,
      'filter-missing',
      'alert-router-prod-sink',
    ],
    [
      'a subscription without dead letters',
      (r) => delete r.EmailSubscription.Properties.RedrivePolicy,
      'no-dead-letters',
      'alert-router-prod-email',
    ],
    [
      'a heartbeat a day',
      set('HeartbeatRule', 'ScheduleExpression', 'rate(1 day)'),
      'rule-too-rare',
      'alert-router-prod-heartbeat',
    ],
    [
      'a clock that ticks each hour',
      set('TickEventsRuleSchedule1', 'ScheduleExpression', 'rate(1 hour)'),
      'rule-too-rare',
      'alert-router-prod-tick',
    ],
    [
      'a clock that is set by cron',
      set('TickEventsRuleSchedule1', 'ScheduleExpression', 'cron(* * * * ? *)'),
      'rule-rate-unclear',
      'alert-router-prod-tick',
    ],
    [
      'a clock that starts another function',
      set('TickEventsRuleSchedule1', 'Targets', [
        { Id: 'a', Arn: 'arn:aws:lambda:eu-central-1:111122223333:function:a' },
      ]),
      'rule-without-target',
      'alert-router-prod-tick',
    ],
    [
      'silence that counts as good',
      set('HeartbeatAlarm', 'TreatMissingData', 'notBreaching'),
      'alarm-deaf-to-silence',
      'alert-router-prod-no-heartbeat',
    ],
    [
      'silence that counts as nothing',
      (r) => delete r.NoTickAlarm.Properties.TreatMissingData,
      'alarm-deaf-to-silence',
      'alert-router-prod-no-tick',
    ],
    [
      'an alarm on the router that goes through the router',
      set('HeartbeatAlarm', 'AlarmActions', [{ Ref: 'AlarmsTopic' }]),
      'alarm-through-router',
      'alert-router-prod-no-heartbeat',
    ],
    [
      'an index with other keys',
      (r) => {
        r.AlertTable.Properties.GlobalSecondaryIndexes[0].KeySchema[0].AttributeName = 'pk'
      },
      'table-keys',
      'alert-router-prod-AlertTable',
    ],
    [
      'a table with other keys',
      (r) => r.AlertTable.Properties.KeySchema.pop(),
      'table-keys',
      'alert-router-prod-AlertTable',
    ],
    [
      'a topic without a key',
      (r) => delete r.AlarmsTopic.Properties.KmsMasterKeyId,
      'topic-not-encrypted',
      'alert-router-prod-alarms',
    ],
    [
      'an operator topic that needs the key',
      set('OperatorTopic', 'KmsMasterKeyId', { Ref: 'Key' }),
      'operator-needs-key',
      'alert-router-prod-operator',
    ],
  ]

  test.each(FAULTS)('%s', (_what, plant, id, about) => {
    const changed = structuredClone(template)
    plant(changed.Resources)
    const findings = findingsOffline(changed)
    expect(kinds(findings)).toEqual([id])
    expect(findings[0]?.about).toBe(about)
    expect(findings[0]?.fix.at(-1)).toBe('npx alert-router package --stage prod --region eu-central-1')
  })

  test('a template in which anything is another value is judged, whatever it is', () => {
    const paths = pathsIn(template.Resources, [])
    const value = fc.constantFrom(null, '', 0, 'x', {}, [], [null])
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, (path, planted) => {
        const changed = structuredClone(template)
        const last = path.at(-1) as string
        const parent = path.slice(0, -1).reduce((at: Json, key) => at[key], changed.Resources)
        parent[last] = planted
        expect(() => findingsIn(stageOf(changed, { name: 'prod', place: PLACE, now: Date.now() }))).not.toThrow()
      }),
      { numRuns: 150 },
    )
  })

  test('a package is older than the rules beside it', () => {
    const stage = stageOf(template, { name: 'prod', place: PLACE, now: Date.now() })
    const rules = { deployed: 'aaa', live: 'aaa', here: 'bbb' }
    expect(findingsIn({ ...stage, rules })).toMatchObject([
      {
        id: 'package-outdated',
        what: expect.stringMatching(/aaa.*bbb/),
        fix: ['npx alert-router package --stage prod --region eu-central-1'],
      },
    ])
  })
})

/** Of everything in it. */
function pathsIn(value: Json, path: string[]): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.keys(value).flatMap((key) => [[...path, key], ...pathsIn(value[key], [...path, key])])
}
function dropAll(resources: Resources, type: string): void {
  for (const [id, { Type }] of Object.entries(resources)) if (Type === type) delete resources[id]
}
/** Sets a property of a resource. */
function set(id: string, property: string, value: Json): (resources: Resources) => void {
  return (resources) => {
    resources[id].Properties[property] = value
  }
}
function change<Of extends object>(one: Of | undefined, changes: Partial<Of>): void {
  if (!one) throw new Error('there is none')
  Object.assign(one, changes)
}
function statement(policy: Json, sid: string): Json {
  return policy.Statement.find(({ Sid }: Json) => Sid === sid)
}
function drop(resource: Json, sid: string): void {
  const { PolicyDocument } = resource.Properties
  PolicyDocument.Statement = PolicyDocument.Statement.filter(({ Sid }: Json) => Sid !== sid)
}
/** So many, this one's first. */
function accounts(count: number): string[] {
  return ['111122223333', ...Array.from({ length: count - 1 }, (_, n) => String(200_000_000_000 + n))]
}

describe('of a stage in AWS', () => {
  let aws: StageInAws
  beforeEach(async () => {
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
    aws = await startStage(template)
    vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await aws.close()
  })

  async function look({ withSecretValues = false } = {}) {
    const stage = withRules(await readDeployed({ stage: 'prod', withSecretValues, patience: PATIENCE }))
    return { stage, findings: findingsIn(stage) }
  }

  test.each([100, 1])('finds nothing when all is well, and reads what there is: in pages of %i', async (pageSize) => {
    aws.pageSize = pageSize
    const { stage, findings } = await look()
    expect(findings).toEqual([])
    const { topics, queues, keys, functions, mappings, schedules, tables, secrets } = aws.is
    expect(stage).toMatchObject({ topics, queues, keys, functions, mappings, schedules, tables, secrets })
    expect(stage.alarms).toEqual(aws.is.alarms)
    expect(stage.lastHeartbeatAt).toBe(Math.max(...aws.beats))
  })

  const FAULTS: [
    what: string,
    plant: (aws: StageInAws) => void,
    id: string,
    about: string | RegExp,
    fix: string | RegExp,
  ][] = [
    [
      'a queue’s subscription was deleted',
      ({ is }) => {
        topic(is, 'notifications').subscriptions = to(is, 'notifications').filter(
          ({ endpoint }) => !endpoint.endsWith('-slack'),
        )
      },
      'queue-not-subscribed',
      'alert-router-prod-slack',
      /^aws sns subscribe .*-slack --attributes '.*channelType.*' --region eu-central-1$/,
    ],
    [
      'nobody has confirmed an email channel',
      ({ is }) => {
        for (const one of to(is, 'email-email')) one.state = 'pending'
      },
      'email-reaches-nobody',
      'alert-router-prod-email-email',
      /^aws sns subscribe .* --protocol email --notification-endpoint platform-team@example.com --region/,
    ],
    [
      'the operator has unsubscribed',
      ({ is }) => {
        for (const one of to(is, 'operator')) one.state = 'deleted'
      },
      'email-reaches-nobody',
      'alert-router-prod-operator',
      /^aws sns subscribe /,
    ],
    [
      'one address has not confirmed',
      ({ is }) => {
        ;(to(is, 'email-email')[1] as Subscription).state = 'pending'
      },
      'subscription-pending',
      'alert-router-prod-email-email',
      /oncall@example.com/,
    ],
    [
      'one address is gone',
      ({ is }) => {
        to(is, 'email-email').pop()
      },
      'subscription-deleted',
      'alert-router-prod-email-email',
      /^aws sns subscribe /,
    ],
    [
      'the archive’s subscription is gone',
      ({ is }) => {
        topic(is, 'alarms').subscriptions = to(is, 'alarms').filter(({ protocol }) => protocol !== 'firehose')
      },
      'subscription-deleted',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
    [
      'a filter was changed',
      ({ is }) => {
        subscribed(is, 'notifications', 'pagerduty').filterPolicy = { channelType: ['pager'] }
      },
      'filter-drops',
      'alert-router-prod-pagerduty',
      /FilterPolicy --attribute-value '\{"channelType":\["pagerduty"\]\}'/,
    ],
    [
      'a filter was put onto emails',
      ({ is }) => {
        for (const one of to(is, 'operator')) one.filterPolicy = { team: ['a'] }
      },
      'filter-drops',
      'platform-team@example.com',
      /--attribute-value '\{\}'/,
    ],
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
      'the key is to be deleted',
      ({ is }) => {
        setKey(is, 'PendingDeletion')
      },
      'key-unusable',
      /./,
      /^aws kms cancel-key-deletion/,
    ],
    [
      'the key keeps EventBridge out',
      ({ is }) => {
        dropWho(is.keys[0], 'events.amazonaws.com')
      },
      'key-not-allowed',
      /./,
      /^aws kms put-key-policy .*events\.amazonaws\.com/,
    ],
    [
      'a topic has another key, that lets nobody',
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
      'the alarms topic keeps CloudWatch out',
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
      'an alarm’s actions are off',
      ({ is }) => {
        alarm(is, 'no-heartbeat').actionsEnabled = false
      },
      'alarm-disabled',
      'alert-router-prod-no-heartbeat',
      'aws cloudwatch enable-alarm-actions --alarm-names alert-router-prod-no-heartbeat --region eu-central-1',
    ],
    [
      'an alarm lost its action',
      ({ is }) => {
        alarm(is, 'late').actions = []
      },
      'alarm-without-action',
      'alert-router-prod-late',
      /REVERT_DRIFT/,
    ],
    [
      'an alarm fires',
      ({ is }) => {
        alarm(is, 'slack-errors').state = 'ALARM'
      },
      'alarm-firing',
      'alert-router-prod-slack-errors',
      /describe-alarm-history/,
    ],
    [
      'an alarm has no data',
      ({ is }) => {
        alarm(is, 'stale-rules').state = 'INSUFFICIENT_DATA'
      },
      'alarm-blind',
      'alert-router-prod-stale-rules',
      /describe-alarms/,
    ],
    [
      'an alarm was deleted',
      ({ is }) => {
        is.alarms.pop()
      },
      'resource-gone',
      'alert-router-prod-tick-throttles',
      /REVERT_DRIFT/,
    ],
    [
      'the account may run few functions',
      ({ is }) => {
        is.unreservedConcurrency = 10
      },
      'concurrency-short',
      /111122223333/,
      /^aws service-quotas /,
    ],
    [
      'a mapping is disabled',
      ({ is }) => {
        mappingOf(is, 'deliver-slack').state = 'Disabled'
      },
      'mapping-disabled',
      'alert-router-prod-deliver-slack',
      /^aws lambda update-event-source-mapping --uuid [0-9a-f-]{36} --enabled/,
    ],
    [
      'the clock is disabled',
      ({ is }) => {
        schedule(is, 'tick').isEnabled = false
      },
      'rule-disabled',
      'alert-router-prod-tick',
      'aws events enable-rule --name alert-router-prod-tick --region eu-central-1',
    ],
    [
      'the heartbeat is disabled',
      ({ is }) => {
        schedule(is, 'heartbeat').isEnabled = false
      },
      'rule-disabled',
      'alert-router-prod-heartbeat',
      /enable-rule/,
    ],
    [
      'the heartbeat has no target',
      ({ is }) => {
        schedule(is, 'heartbeat').targets = []
      },
      'rule-without-target',
      'alert-router-prod-heartbeat',
      /REVERT_DRIFT/,
    ],
    [
      'the clock may not invoke',
      ({ is }) => {
        lambda(is, 'tick').policy = null
      },
      'rule-may-not-invoke',
      'alert-router-prod-tick',
      /^aws lambda add-permission /,
    ],
    [
      'a secret is absent',
      ({ is }) => {
        setSecret(is, 'absent')
      },
      'secret-absent',
      'alert-router/prod/pagerduty',
      /^aws secretsmanager create-secret --name alert-router\/prod\/pagerduty /,
    ],
    [
      'a secret is empty',
      ({ is }) => {
        setSecret(is, 'empty')
      },
      'secret-empty',
      'alert-router/prod/pagerduty',
      /put-secret-value/,
    ],
    [
      'a secret is to be deleted',
      ({ is }) => {
        setSecret(is, 'pending deletion')
      },
      'secret-deleted',
      'alert-router/prod/pagerduty',
      /restore-secret/,
    ],
    [
      'a function has failed',
      ({ is }) => {
        Object.assign(lambda(is, 'route'), { state: 'Failed', reason: 'InvalidRuntime' })
      },
      'function-failed',
      'alert-router-prod-route',
      'npx alert-router deploy --stage prod --region eu-central-1',
    ],
    [
      'a function was not updated',
      ({ is }) => {
        lambda(is, 'route').lastUpdate = 'Failed'
      },
      'function-failed',
      'alert-router-prod-route',
      /npx alert-router deploy/,
    ],
    [
      'a function is stopped',
      ({ is }) => {
        lambda(is, 'deliver-email').reservedConcurrency = 0
      },
      'function-stopped',
      'alert-router-prod-deliver-email',
      /delete-function-concurrency/,
    ],
    [
      'the table is not active',
      ({ is }) => {
        for (const one of is.tables) one.status = 'ARCHIVED'
      },
      'table-not-active',
      /AlertTable/,
      /dynamodb/,
    ],
    [
      'the index is being made',
      ({ is }) => {
        for (const { indexes } of is.tables) for (const one of indexes) one.status = 'CREATING'
      },
      'index-not-active',
      /AlertTable/,
      /dynamodb/,
    ],
    [
      'dead letters wait',
      ({ is }) => {
        queue(is, 'pagerduty-dead-letters').waiting = 3
      },
      'dead-letters-waiting',
      'alert-router-prod-pagerduty-dead-letters',
      /npx alert-router dead-letters list --stage prod/,
    ],
    [
      'a queue lost its dead letters',
      ({ is }) => {
        queue(is, 'slack').deadLetters = null
      },
      'no-dead-letters',
      'alert-router-prod-slack',
      /REVERT_DRIFT/,
    ],
    [
      'no heartbeat for long',
      (one) => {
        one.beats = [Date.now() - 50 * MINUTE]
      },
      'heartbeat-stopped',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'no heartbeat at all',
      (one) => {
        one.beats = []
      },
      'heartbeat-stopped',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'a heartbeat is late',
      (one) => {
        one.beats = [Date.now() - 15 * MINUTE]
      },
      'heartbeat-late',
      'alert-router-prod-heartbeat',
      /logs tail/,
    ],
    [
      'tick is silent',
      (one) => {
        one.tickLines = []
      },
      'tick-silent',
      'alert-router-prod-tick',
      /logs tail .*-tick /,
    ],
    [
      'tick fails',
      (one) => {
        one.tickLines.push([
          Date.now() - MINUTE,
          '{"level":"ERROR","message":{"event":"not done, left to the next run","reason":"Error: no"}}',
        ])
      },
      'tick-failed',
      'alert-router-prod-tick',
      /logs tail/,
    ],
    [
      'tick runs out of time',
      (one) => {
        one.tickLines.push([Date.now() - MINUTE, '{"type":"platform.report","record":{"status":"timeout"}}'])
      },
      'tick-failed',
      'alert-router-prod-tick',
      /logs tail/,
    ],
    [
      'the last deployment was rolled back',
      ({ is }) => {
        is.stackStatus = 'UPDATE_ROLLBACK_COMPLETE'
      },
      'stack-rolled-back',
      'alert-router-prod',
      /npx alert-router deploy/,
    ],
    [
      'a push was rolled back',
      (one) => {
        push(one, OTHER)
        Object.assign(one.appConfig.deployments[0] as object, { rolledBackAt: Date.now() })
      },
      'rules-rolled-back',
      'rules of stage prod',
      /rules push --stage prod/,
    ],
    [
      'a push was stored only',
      ({ appConfig }) => {
        appConfig.store('rules', '{}')
      },
      'rules-not-rolled-out',
      'rules of stage prod',
      /rules push/,
    ],
    [
      'other rules are live than those here',
      (one) => {
        push(one, OTHER)
      },
      'rules-outdated',
      'rules of stage prod',
      /rules push/,
    ],
    [
      'a queue hides messages too shortly',
      ({ is }) => change(queue(is, 'slack').settings, { visibilityS: 1 }),
      'visibility-too-short',
      'alert-router-prod-slack',
      /REVERT_DRIFT/,
    ],
    [
      'a queue keeps messages too shortly',
      ({ is }) => change(queue(is, 'alarms').settings, { retentionS: 60 }),
      'retention-too-short',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
    [
      'a queue holds messages back',
      ({ is }) => change(queue(is, 'alarms').settings, { delayS: 900 }),
      'queue-delays',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
    [
      'a message has one try',
      ({ is }) => change(queue(is, 'pagerduty').settings, { maxReceiveCount: 1 }),
      'few-receives',
      'alert-router-prod-pagerduty',
      /REVERT_DRIFT/,
    ],
    [
      'a function has a second',
      ({ is }) => change(lambda(is, 'route'), { timeoutS: 1 }),
      'timeout-too-short',
      'alert-router-prod-route',
      /REVERT_DRIFT/,
    ],
    [
      'a function lost its environment',
      ({ is }) => change(lambda(is, 'tick'), { environment: [] }),
      'environment-missing',
      'alert-router-prod-tick',
      /REVERT_DRIFT/,
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
    [
      'a mapping filters',
      ({ is }) => change(mappingOf(is, 'route'), { hasFilter: true }),
      'mapping-filters',
      'alert-router-prod-route',
      /^aws lambda update-event-source-mapping --uuid [0-9a-f-]{36} --filter-criteria '\{\}'/,
    ],
    [
      'a mapping does not ask for failures',
      ({ is }) => change(mappingOf(is, 'route'), { reportsFailures: false }),
      'failures-not-reported',
      'alert-router-prod-route',
      /--function-response-types ReportBatchItemFailures/,
    ],
    [
      'a mapping waits',
      ({ is }) => change(mappingOf(is, 'route'), { windowS: 300 }),
      'mapping-waits',
      'alert-router-prod-route',
      /--maximum-batching-window-in-seconds 0/,
    ],
    [
      'a subscription is no longer raw',
      ({ is }) => change(subscribed(is, 'notifications', 'slack'), { isRaw: false }),
      'raw-delivery',
      'alert-router-prod-slack',
      /RawMessageDelivery --attribute-value true/,
    ],
    [
      'a subscription lost its filter',
      ({ is }) => change(subscribed(is, 'notifications', 'slack'), { filterPolicy: null }),
      'filter-missing',
      'alert-router-prod-slack',
      /FilterPolicy --attribute-value '\{"channelType":\["slack"\]\}'/,
    ],
    [
      'a subscription lost its dead letters',
      ({ is }) => change(subscribed(is, 'alarms', 'alarms'), { deadLetters: null }),
      'no-dead-letters',
      'alert-router-prod-alarms',
      /RedrivePolicy --attribute-value .*alarms-dead-letters/,
    ],
    [
      'the heartbeat is rare',
      ({ is }) => change(schedule(is, 'heartbeat'), { expression: 'rate(1 day)' }),
      'rule-too-rare',
      'alert-router-prod-heartbeat',
      /REVERT_DRIFT/,
    ],
    [
      'the clock goes by events',
      ({ is }) => change(schedule(is, 'tick'), { expression: null }),
      'rule-too-rare',
      'alert-router-prod-tick',
      /REVERT_DRIFT/,
    ],
    [
      'silence counts as good',
      ({ is }) => change(alarm(is, 'no-heartbeat'), { missingData: 'notBreaching' }),
      'alarm-deaf-to-silence',
      'alert-router-prod-no-heartbeat',
      /REVERT_DRIFT/,
    ],
    [
      'the operator topic has the key of the router',
      ({ is }) => change(topic(is, 'operator'), { key: topic(is, 'alarms').key ?? null }),
      'operator-needs-key',
      'alert-router-prod-operator',
      /REVERT_DRIFT/,
    ],
    [
      'a topic lost its key',
      ({ is }) => change(topic(is, 'alarms'), { key: null }),
      'topic-not-encrypted',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
  ]

  test.each(FAULTS)('%s', async (_what, plant, id, about, fix) => {
    plant(aws)
    const { findings } = await look()
    expect(kinds(findings)).toEqual([id])
    const [found] = findings
    expect(found?.about).toMatch(typeof about === 'string' ? new RegExp(`^${about}$`) : about)
    expect(found?.fix[0]).toMatch(typeof fix === 'string' ? new RegExp(`^${fix}$`) : fix)
  })

  test("AWS's clock is another than this machine's", async () => {
    aws.aheadMs = -20 * MINUTE
    for (const line of aws.tickLines) line[0] += aws.aheadMs
    aws.beats = aws.beats.map((at) => at + aws.aheadMs)
    const { findings } = await look()
    expect(findings).toMatchObject([{ id: 'clock-off', what: "It is 20 minutes ahead of AWS's." }])
  })

  test('what was pushed before a deployment is no fault where the rules here are those that were deployed', async () => {
    push(aws, OTHER, 'before')
    const { stage, findings } = await look()
    expect(findings).toEqual([])
    const rules = stage.rules && { ...stage.rules, here: 'mine' }
    expect(findingsIn({ ...stage, rules })).toMatchObject([
      { id: 'rules-outdated', what: expect.stringContaining(`Version ${OTHER}, pushed before a deployment`) },
    ])
  })

  test('a blank secret is seen when the secrets may be read', async () => {
    const { findings } = await look({ withSecretValues: true })
    expect(kinds(findings)).toEqual(['secret-empty'])
    expect(findings).toHaveLength(3)
  })

  test('what the template itself has wrong is corrected there, and deployed', async () => {
    await aws.close()
    const changed = structuredClone(template)
    changed.Resources.HeartbeatAlarm.Properties.ActionsEnabled = false
    aws = await startStage(changed)
    vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
    const { findings } = await look()
    expect(findings).toMatchObject([
      {
        id: 'alarm-disabled',
        fix: [/HeartbeatAlarm/, 'npx alert-router deploy --stage prod --region eu-central-1'].map((one) =>
          typeof one === 'string' ? one : expect.stringMatching(one),
        ),
      },
    ])
  })

  test('what the template of the stack lacks is missing, and not gone', async () => {
    await aws.close()
    const changed = structuredClone(template)
    delete changed.Resources.NoTickAlarm
    delete changed.Resources.HeartbeatRule
    changed.Resources.TickIamRoleLambdaExecution.Properties.Policies = []
    aws = await startStage(changed)
    vi.stubEnv('AWS_ENDPOINT_URL', aws.standIn.url)
    vi.stubEnv('AWS_ENDPOINT_URL_APPCONFIG', aws.appConfig.url)
    const { findings } = await look()
    expect(kinds(findings)).toEqual(['alarm-missing', 'role-lacks-right', 'rule-missing'])
    for (const { fix } of findings)
      expect(fix.at(-1)).toBe('npx alert-router deploy --stage prod --region eu-central-1')
  })

  test('a stack that was just made need not have had a heartbeat', async () => {
    Object.assign(aws, { beats: [], tickLines: [] })
    aws.is.createdAt = Date.now() - 5 * MINUTE
    expect((await look()).findings).toEqual([])
  })

  const RIGHTS = [
    'sns:GetTopicAttributes',
    'sns:ListSubscriptionsByTopic',
    'sns:GetSubscriptionAttributes',
    'sqs:GetQueueAttributes',
    'kms:DescribeKey',
    'kms:GetKeyPolicy',
    'lambda:GetFunctionConfiguration',
    'lambda:GetFunctionConcurrency',
    'lambda:GetPolicy',
    'lambda:GetEventSourceMapping',
    'lambda:GetAccountSettings',
    'events:DescribeRule',
    'events:ListTargetsByRule',
    'cloudwatch:DescribeAlarms',
    'cloudwatch:GetMetricData',
    'logs:FilterLogEvents',
    'dynamodb:DescribeTable',
    'secretsmanager:DescribeSecret',
  ]
  test.each(RIGHTS)(
    'without the right %s, it says what it could not read, and takes nothing for broken or well',
    async (right) => {
      aws.refuse(right)
      const { findings } = await look()
      expect(kinds(findings)).toEqual(['unread'])
      expect(findings[0]).toMatchObject({ severity: 'unknown', what: 'It could not be read: access denied.' })
      expect(findings[0]?.fix[0]).toContain(right)
    },
  )

  test('what was deleted is named, with what depends on it', async () => {
    aws.is.queues = aws.is.queues.filter(({ name }) => name !== 'alert-router-prod-slack')
    aws.is.topics = aws.is.topics.filter(({ name }) => name !== 'alert-router-prod-operator')
    aws.is.schedules = aws.is.schedules.filter(({ name }) => name !== 'alert-router-prod-tick')
    aws.is.mappings = []
    aws.is.tables = []
    aws.is.keys = []
    const { findings } = await look()
    expect(kinds(findings)).toEqual(['resource-gone'])
    expect(findings.map(({ about }) => about)).toEqual(
      expect.arrayContaining(['alert-router-prod-slack', 'alert-router-prod-operator', 'alert-router-prod-tick']),
    )
    expect(findings).toHaveLength(10)
  })

  test('a policy that depends on what is not known here is said to be unclear', async () => {
    const { policy } = topic(aws.is, 'alarms')
    statement(policy, 'ServicesMayPublish').Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }
    const { findings } = await look()
    expect(findings).toMatchObject([{ id: 'policy-unclear', severity: 'unknown', about: 'alert-router-prod-alarms' }])
  })

  test('README lists each right that it needs', () => {
    const readme = readFileSync('README.md', 'utf8')
    for (const right of ['cloudformation:GetTemplate', ...RIGHTS]) expect(readme).toContain(right)
  })

  test('what is throttled is said as such', async () => {
    aws.refuse('kms:DescribeKey', 'ThrottlingException')
    const { findings } = await look()
    expect(findings).toMatchObject([{ id: 'unread', what: 'It could not be read: throttled.' }])
  })

  test('a service that gives no answer is not asked again and again', async () => {
    aws.standIn.answerBy(({ path }) => (path.startsWith('sqs:') ? 'reset' : undefined))
    const { findings } = await look()
    expect(kinds(findings)).toEqual(['unread'])
    expect(findings).toHaveLength(aws.is.queues.length)
    expect(findings.map(({ what }) => what).filter((what) => what.endsWith('no answer.'))).toHaveLength(1)
    expect(findings.at(-1)?.what).toContain('not asked, for sqs gave no answer before')
  })

  test('a filter on what somebody else has subscribed is theirs', async () => {
    const arn = 'arn:aws:sns:eu-central-1:111122223333:alert-router-prod-alarms:other'
    const endpoint = 'arn:aws:sqs:eu-central-1:111122223333:other'
    to(aws.is, 'alarms').push({ arn, protocol: 'sqs', endpoint, state: 'confirmed', filterPolicy: { team: ['a'] } })
    expect((await look()).findings).toEqual([])
  })

  describe('the command', () => {
    test('prints nothing found, and exits with 0', async () => {
      const { code, out } = await run('--stage', 'prod', '--region', 'eu-central-1')
      expect(out).toBe(
        `Stage prod in eu-central-1, account 111122223333: 5 topics, 10 queues, 7 functions, 2 EventBridge rules, ${aws.is.alarms.length} alarms, 1 table, 3 secrets\n\nNothing found that would keep an alert from arriving.\n`,
      )
      expect(code).toBe(0)
    })

    test('prints each finding with what it keeps from arriving and what to run, and exits with 1', async () => {
      mappingOf(aws.is, 'deliver-slack').state = 'Disabled'
      aws.refuse('lambda:GetAccountSettings')
      const { code, out } = await run('--stage', 'prod')
      expect(out).toContain('error  mapping-disabled  alert-router-prod-deliver-slack\n')
      expect(out).toMatch(
        /^ {2}Keeps from arriving: every alert to Slack\n {2}→ aws lambda update-event-source-mapping/m,
      )
      expect(out).toMatch(
        /^unknown {2}unread {2}Lambda's limits of this account\n {2}It could not be read: access denied\./m,
      )
      expect(out).toContain('1 error, 1 not known, because it could not be read or judged.')
      expect(code).toBe(1)
    })

    test('prints one JSON object with --json', async () => {
      schedule(aws.is, 'tick').isEnabled = false
      const { code, out } = await run('--stage', 'prod', '--json')
      expect(JSON.parse(out)).toMatchObject({
        stage: 'prod',
        region: 'eu-central-1',
        source: 'aws',
        findings: [{ id: 'rule-disabled' }],
      })
      expect(code).toBe(1)
    })

    test('a stage that is not there is said without a stack trace', async () => {
      const { code, err } = await run('--stage', 'absent')
      expect(err).toMatch(/^There is no such stack here/)
      expect(err).not.toMatch(/^ +at /m)
      expect(code).toBe(1)
    })
  })
})

test('a call that AWS never answers ends when its time is over', async () => {
  const calls = new Calls({ tryMs: 1, callMs: 1 })
  const given: AbortSignal[] = []
  const answer = await calls.ask('queue a', 'sqs:GetQueueAttributes', ({ abortSignal }) => {
    given.push(abortSignal)
    return new Promise(() => {})
  })
  expect(answer).toBeUndefined()
  expect(given).toMatchObject([{ aborted: true }])
  expect(calls.unread).toEqual([{ what: 'queue a', why: 'no answer', right: 'sqs:GetQueueAttributes' }])
})

describe('the command, wrongly used or offline', () => {
  test.each([
    [['--stag', 'prod'], /Unknown option "--stag"\. Did you mean "--stage"\?/],
    [[], /Name a stage, as in --stage prod, or say --offline/],
    [['prod'], /"prod"/],
    [['--stage', 'a b'], /letters, digits and dashes/],
    [['--stage', 'prod', '--region', 'Frankfurt'], /as in eu-west-1/],
    [['--offline', '--secrets'], /--secrets/],
  ])('%j is refused with exit code 2', async (args, message) => {
    const { code, err } = await run(...args)
    expect(err).toMatch(message)
    expect(code).toBe(2)
  })

  test('--offline reads the package in this folder, and says how to make one where there is none', async () => {
    const place = mkdtempSync(join(tmpdir(), 'doctor-'))
    try {
      const offline = (...args: string[]) => runIn(place, '--offline', ...args)
      cpSync('config', join(place, 'config'), { recursive: true })
      symlinkSync(resolve('samples'), join(place, 'samples'))
      expect(await offline()).toMatchObject({
        code: 2,
        err: expect.stringContaining('npx alert-router package --stage prod'),
      })
      cpSync(join(folder, '.serverless'), join(place, '.serverless'), { recursive: true })
      expect(await offline()).toMatchObject({ code: 0, out: expect.stringContaining('Nothing found') })
      expect(await offline('--stage', 'dev')).toMatchObject({
        code: 2,
        err: expect.stringContaining('of stage prod, not dev'),
      })
      expect(await offline('--region', 'eu-central-1')).toMatchObject({
        code: 0,
        out: expect.stringContaining('stage prod for eu-central-1'),
      })
      expect(await offline('--region', 'eu-west-1')).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /was made for eu-central-1, not eu-west-1\. Make that with "npx alert-router package --stage prod --region eu-west-1"/,
        ),
      })
      const rules = join(place, 'config/alerts.yml')
      writeFileSync(rules, readFileSync(rules, 'utf8').replace('name: no data', 'name: blind'))
      expect(await offline()).toMatchObject({ code: 1, out: expect.stringContaining('package-outdated') })
    } finally {
      rmSync(place, { recursive: true, force: true })
    }
  })
})

test.each([
  ['no JSON', '{', /can't be read: .*\. Make it again with "npx alert-router package --stage prod"/],
  ['nothing', '', /can't be read/],
  ['null', 'null', /is not a CloudFormation template: it has no Resources/],
  ['a list', '[]', /it has no Resources/],
  ['an object without resources', '{}', /it has no Resources/],
  ['resources that are null', '{"Resources":null}', /it has no Resources/],
  ['no resource', '{"Resources":{}}', /it has no Resources/],
  ['a resource that is null', '{"Resources":{"A":null}}', /the resource "A" has no Type/],
  [
    'resources of another stack',
    '{"Resources":{"A":{"Type":"AWS::SNS::Topic"}}}',
    /has no function that names its stage/,
  ],
])('a template that is %s is said to be none, with exit code 2', async (_what, text, message) => {
  const place = mkdtempSync(join(tmpdir(), 'doctor-'))
  try {
    mkdirSync(join(place, '.serverless'))
    writeFileSync(join(place, '.serverless/cloudformation-template-update-stack.json'), text)
    const { code, err } = await runIn(place, '--offline')
    expect(err).toMatch(message)
    expect(err).toContain('.serverless/cloudformation-template-update-stack.json')
    expect(err).not.toMatch(/TypeError|^ +at /m)
    expect(code).toBe(2)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
})

function run(...args: string[]) {
  return runIn('.', ...args)
}

async function runIn(cwd: string, ...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const { code, stdout, stderr } = await here(command('doctor'), args, { cwd })
  return { code, out: stdout, err: stderr }
}

// ── Parts of a stage, by their names without the prefix

const named = <Of extends { name: string }>(all: Of[], name: string): Of => {
  const found = all.find((one) => one.name === `alert-router-prod-${name}`)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}
const topic = (is: Stage, name: string): Topic => named(is.topics, name)
const to = (is: Stage, name: string): Subscription[] => topic(is, name).subscriptions ?? []
const queue = (is: Stage, name: string): Queue => named(is.queues, name)
const alarm = (is: Stage, name: string): Alarm => named(is.alarms, name)
const schedule = (is: Stage, name: string): Schedule => named(is.schedules, name)
const lambda = (is: Stage, name: string): LambdaFunction => named(is.functions, name)

function subscribed(is: Stage, topicName: string, queueName: string): Subscription {
  const { arn } = queue(is, queueName)
  return to(is, topicName).find(({ endpoint }) => endpoint === arn) as Subscription
}

function mappingOf(is: Stage, name: string) {
  const found = is.mappings.find((one) => one.function === `alert-router-prod-${name}`)
  if (!found) throw new Error(`no queue feeds ${name}`)
  return found
}

function setKey(is: Stage, state: string): void {
  for (const key of is.keys) key.state = state
}

function setSecret(is: Stage, state: 'absent' | 'empty' | 'pending deletion'): void {
  const [first] = is.secrets ?? []
  if (first) first.state = state
}

/** Takes out of a policy what names somebody. */
function dropWho(one: { policy?: Json } | undefined, who: string): void {
  if (!one) throw new Error('there is none')
  const Statement = one.policy.Statement.filter((each: Json) => !JSON.stringify(each.Principal).includes(who))
  one.policy = { ...one.policy, Statement }
}

/** Rolls out rules of that version, made for those that are deployed or for others. */
function push({ appConfig }: StageInAws, version: string, base = versionOf(rulesDocument(template))): void {
  const content = JSON.stringify({ version, base, config: JSON.parse(rulesDocument(template)), cases: [] })
  const stored = appConfig.store('rules', content)
  stored.label = `${version}-${stored.number}`
  const { number } = stored
  appConfig.deployments.push({
    number: appConfig.deployments.length + 1,
    profile: 'rules',
    version: number,
    startedAt: 0,
  })
}
