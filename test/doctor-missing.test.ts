import { beforeAll, describe, test } from 'vitest'
import { type FaultInTemplate, isFoundInTemplate, shippedService } from './doctor-faults.ts'
import { dropAll } from './doctor-parts.ts'

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    ['no heartbeat', (r) => delete r.HeartbeatRule, 'rule-missing', 'alert-router-prod-heartbeat'],
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
    ['no queue at all', (r) => dropAll(r, 'AWS::SQS::Queue'), 'queue-missing', '12 SQS queues of stage prod'],
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
      '8 Lambda functions of stage prod',
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
      '25 CloudWatch alarms of stage prod',
    ],
    ['no archive', (r) => delete r.ArchiveSubscription, 'archive-missing', 'alert-router-prod-alarms'],
    ['no stream for the archive', (r) => delete r.ArchiveStream, 'archive-missing', 'alert-router-prod-alarms'],
    [
      'an email channel with one address less than the rules have',
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
  ])('%s', isFoundInTemplate)
})
