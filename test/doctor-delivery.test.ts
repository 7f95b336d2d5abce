import { beforeAll, describe, test } from 'vitest'
import {
  type FaultInAws,
  type FaultInTemplate,
  isFoundInAws,
  isFoundInTemplate,
  shippedService,
} from './doctor-faults.ts'
import { alarm, change, lambda, mappingOf, queue, schedule, set, subscribed, topic } from './doctor-parts.ts'

beforeAll(shippedService, 120_000)

describe('offline', () => {
  test.each<FaultInTemplate>([
    [
      'a queue without dead letters',
      (r) => delete r.AlarmsQueue.Properties.RedrivePolicy,
      'no-dead-letters',
      'alert-router-prod-alarms',
    ],
    ...['Notifications', 'Operator'].map(
      (id): FaultInTemplate => [
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
      'a mapping with a batch window',
      set('RouteEventSourceMappingSQSAlarmsQueue', 'MaximumBatchingWindowInSeconds', 300),
      'mapping-waits',
      'alert-router-prod-route',
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
    ['a queue that delays', set('AlarmsQueue', 'DelaySeconds', 900), 'queue-delays', 'alert-router-prod-alarms'],
    ...['Alarms', 'Sink'].map(
      (id): FaultInTemplate => [
        `one receive in the queue ${id}`,
        (r) => {
          r[`${id}Queue`].Properties.RedrivePolicy.maxReceiveCount = 1
        },
        'few-receives',
        `alert-router-prod-${id.toLowerCase()}`,
      ],
    ),
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
      'a queue that receives messages for others',
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
      'a tick rule that runs every hour',
      set('TickEventsRuleSchedule1', 'ScheduleExpression', 'rate(1 hour)'),
      'rule-too-rare',
      'alert-router-prod-tick',
    ],
    [
      'a tick rule with a cron schedule',
      set('TickEventsRuleSchedule1', 'ScheduleExpression', 'cron(* * * * ? *)'),
      'rule-rate-unclear',
      'alert-router-prod-tick',
    ],
    [
      'missing data treated as not breaching',
      set('HeartbeatAlarm', 'TreatMissingData', 'notBreaching'),
      'alarm-deaf-to-silence',
      'alert-router-prod-no-heartbeat',
    ],
    [
      'missing data treated as missing',
      (r) => delete r.NoTickAlarm.Properties.TreatMissingData,
      'alarm-deaf-to-silence',
      'alert-router-prod-no-tick',
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
  ])('%s', isFoundInTemplate)
})

describe('of a stage in AWS', () => {
  test.each<FaultInAws>([
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
      'a queue delays messages',
      ({ is }) => change(queue(is, 'alarms').settings, { delayS: 900 }),
      'queue-delays',
      'alert-router-prod-alarms',
      /REVERT_DRIFT/,
    ],
    [
      'a message has one attempt',
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
      'the tick rule is triggered by events',
      ({ is }) => change(schedule(is, 'tick'), { expression: null }),
      'rule-too-rare',
      'alert-router-prod-tick',
      /REVERT_DRIFT/,
    ],
    [
      'missing data is treated as not breaching',
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
  ])('%s', isFoundInAws)
})
