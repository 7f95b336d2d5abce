import { describe } from 'vitest'
import {
  all,
  BY_THE_CLOCK,
  type Check,
  DEAD_LETTERS,
  differs,
  isHeld,
  isOnMore,
  type Json,
  statementsOn,
  type Template,
  target,
  VALIDATOR,
} from './stack.ts'

/** Alarms on the functions' own metrics. */
const OWN_METRIC_ALARMS = [
  'HeartbeatAlarm',
  'HeartbeatLatencyAlarm',
  'ConfigStaleAlarm',
  'DueLateAlarm',
  'UnconfirmedAlarm',
  'EvidenceDroppedAlarm',
  'EvidenceErrorsAlarm',
  'NoTickAlarm',
  'WaitingAlarm',
  'LostMessagesAlarm',
  'NoReconcileAlarm',
]

/** What ends the heartbeat's way has none: it is missing then. Nor has a type that no channel of the rules has. */
const WATCHED = DEAD_LETTERS.filter((id) => !['SinkDeadLetters', 'SlackAppDeadLetters'].includes(id))
/** Reconcile has an alarm on runs that are missing, and what follows an alert its own (template-evidence.test.ts). */
const WITHOUT = [
  VALIDATOR,
  'EvidenceLambdaFunction',
  'DeliverDashsinkLambdaFunction',
  'ReconcileLambdaFunction',
  'DeliverDashslackDashappLambdaFunction',
]

/** Alarms on missing data. */
const MISSING_ALARMS = ['HeartbeatAlarm', 'NoTickAlarm', 'NoReconcileAlarm']

function heartbeatAlarm(t: Template) {
  const { MetricName, Dimensions, Statistic, ComparisonOperator, Threshold, TreatMissingData, ...alarm } =
    t.Resources.HeartbeatAlarm?.Properties ?? {}
  return {
    of: [MetricName, Dimensions, Statistic],
    when: [ComparisonOperator, Threshold, TreatMissingData],
    seconds: alarm.Period * alarm.EvaluationPeriods,
  }
}

function latencyAlarm(t: Template) {
  const { MetricName, Dimensions, Statistic, ComparisonOperator, Threshold } =
    t.Resources.HeartbeatLatencyAlarm?.Properties ?? {}
  return { of: [MetricName, Dimensions, Statistic], when: [ComparisonOperator, Threshold] }
}

describe.each<Check>([
  {
    name: 'the router is watched, past every part of it: dead letters, waiting messages, errors, throttles, heartbeat',
    problems: (t) => {
      const alarms = all(t, 'AWS::CloudWatch::Alarm')
      const watched = alarms
        .filter(([id]) => !OWN_METRIC_ALARMS.includes(id) && !isOnMore(id))
        .map(([, a]) => [a.MetricName, a.Dimensions[0].Value])
        .map(([metric, of]) => `${metric} ${typeof of === 'string' ? of : target(of)}`)
      const functions = all(t, 'AWS::Lambda::Function').flatMap(([id, f]) =>
        WITHOUT.includes(id) ? [] : [f.FunctionName],
      )
      const queues = WATCHED.map((id) => id.replace('DeadLetters', 'Queue'))
      const expected = [
        ...WATCHED.map((id) => `ApproximateNumberOfMessagesVisible ${id}`),
        // The heartbeat waits in the first queue.
        ...queues.filter((id) => id !== 'AlarmsQueue').map((id) => `ApproximateAgeOfOldestMessage ${id}`),
        ...functions.map((name) => `Errors ${name}`),
        // The account's concurrency is that of all.
        ...['route', 'tick'].map((name) => `Throttles alert-router-prod-${name}`),
      ]
      return [
        ...differs('watched', watched.sort(), expected.sort()),
        ...alarms.flatMap(([id, a]) =>
          isOnMore(id)
            ? differs(id, [...a.AlarmActions].map(target), ['OperatorTopic'])
            : differs(id, [...a.AlarmActions, ...a.OKActions].map(target), ['OperatorTopic', 'OperatorTopic']),
        ),
        ...alarms.flatMap(([id, a]) =>
          MISSING_ALARMS.includes(id)
            ? []
            : differs(id, [a.Threshold >= 0, a.TreatMissingData], [true, 'notBreaching']),
        ),
        ...differs('no heartbeat for ten minutes', heartbeatAlarm(t), {
          of: ['LatencyMs', [{ Name: 'Channel', Value: 'heartbeat' }], 'SampleCount'],
          when: ['LessThanThreshold', 1, 'breaching'],
          seconds: 2 * 300,
        }),
        ...differs(
          'stale rules',
          all(t, 'AWS::CloudWatch::Alarm').flatMap(([id, a]) =>
            id === 'ConfigStaleAlarm' ? [[a.MetricName, a.Dimensions, a.Statistic, a.Threshold, a.Period]] : [],
          ),
          // Two failed polls within two heartbeats.
          [['ConfigStale', [], 'Sum', 1, 600]],
        ),
        ...differs('a heartbeat that takes too long', latencyAlarm(t), {
          of: ['LatencyMs', [{ Name: 'Channel', Value: 'heartbeat' }], 'Maximum'],
          when: ['GreaterThanThreshold', 900_000],
        }),
      ]
    },
    notices: [
      (r) => {
        r.SlackDeadLettersAlarm = { Type: 'none' }
      },
      (r) => {
        r.SlackDeadLettersAlarm.Properties.Dimensions = r.EmailDeadLettersAlarm.Properties.Dimensions
      },
      (r) => {
        r.SlackDeadLettersAlarm.Properties.AlarmActions = []
      },
      (r) => {
        r.HeartbeatAlarm.Properties.AlarmActions = [{ Ref: 'AlarmsTopic' }]
      },
      (r) => {
        r.HeartbeatAlarm.Properties.TreatMissingData = 'notBreaching'
      },
      (r) => {
        r.HeartbeatAlarm.Properties.EvaluationPeriods = 12
      },
      (r) => {
        r.HeartbeatLatencyAlarm.Properties.Dimensions[0].Value = 'email'
      },
      (r) => {
        r.HeartbeatAlarm.Properties.Dimensions = []
      },
      (r) => {
        r.HeartbeatAlarm = { Type: 'none' }
      },
      (r) => {
        r.ConfigStaleAlarm = { Type: 'none' }
      },
      (r) => {
        r.ConfigStaleAlarm.Properties.Threshold = 10
      },
    ],
  },
  {
    name: 'each dead letter raises an alarm, beside others too',
    problems: (t) => {
      const expressions = (a: Json) =>
        (a?.Metrics ?? []).map(
          (m: Json) =>
            m.Expression ?? [m.MetricStat.Metric.MetricName, target(m.MetricStat.Metric.Dimensions[0].Value)],
        )
      return WATCHED.flatMap((id) => {
        const alarm = t.Resources[id.replace('DeadLetters', 'MoreDeadLettersAlarm')]?.Properties
        return [
          ...differs(id, expressions(alarm), [
            ['ApproximateNumberOfMessagesVisible', id],
            ['ApproximateNumberOfMessagesNotVisible', id],
            'visible + looked',
            'IF(count > DIFF(count), DIFF(count), 0)',
          ]),
          ...differs(
            `${id} goes off`,
            [alarm?.ComparisonOperator, alarm?.Threshold, alarm?.EvaluationPeriods, alarm?.TreatMissingData],
            ['GreaterThanThreshold', 0, 1, 'notBreaching'],
          ),
        ]
      })
    },
    notices: [
      (r) => {
        r.SlackMoreDeadLettersAlarm = { Type: 'none' }
      },
      (r) => {
        r.SlackMoreDeadLettersAlarm.Properties.Metrics = r.EmailMoreDeadLettersAlarm.Properties.Metrics
      },
      (r) => {
        r.SlackMoreDeadLettersAlarm.Properties.Metrics[3].Expression = 'count'
      },
    ],
  },
  {
    name: 'retries of a quarter of an hour raise an alarm, and so do emails without a reader',
    problems: (t) => {
      const of = (id: string) => {
        const a = t.Resources[id]?.Properties
        // Between two tries lies up to a quarter of an hour: one in twice that is enough.
        return [a?.MetricName, a?.Dimensions, a?.Statistic, a?.Threshold, a?.EvaluationPeriods, a?.DatapointsToAlarm]
      }
      return [
        ...differs('waiting', of('WaitingAlarm'), ['WaitingMs', [], 'Maximum', 900_000, 30, 1]),
        ...differs('nobody confirmed', of('UnconfirmedAlarm'), ['Unconfirmed', [], 'Sum', 0, 30, 1]),
      ]
    },
    notices: [
      (r) => {
        r.WaitingAlarm = { Type: 'none' }
      },
      (r) => {
        r.WaitingAlarm.Properties.Threshold = 900
      },
      (r) => {
        r.WaitingAlarm.Properties.EvaluationPeriods = 1
      },
      (r) => {
        r.UnconfirmedAlarm.Properties.Threshold = 10
      },
    ],
  },
  {
    name: 'a heartbeat is sent to the alarms topic every five minutes, by EventBridge, with its own time',
    problems: (t) => {
      const ofClock = (r: Json) => BY_THE_CLOCK.includes(target(r.Targets[0].Arn))
      const rules = all(t, 'AWS::Events::Rule')
        .flatMap(([, r]) => (ofClock(r) ? [] : [r]))
        .map((r) => [
          r.ScheduleExpression,
          r.State,
          r.Targets.map((to: Json) => [target(to.Arn), to.RoleArn, to.InputTransformer?.InputPathsMap]),
          r.Targets.map((to: Json) => JSON.parse(to.InputTransformer?.InputTemplate ?? '{}').time),
        ])
      return differs('rules', rules, [
        ['rate(5 minutes)', undefined, [['AlarmsTopic', undefined, { time: '$.time' }]], ['<time>']],
      ])
    },
    notices: [
      (r) => {
        r.HeartbeatRule.Properties.ScheduleExpression = 'rate(5 hours)'
      },
      (r) => {
        r.HeartbeatRule.Properties.State = 'DISABLED'
      },
      (r) => {
        r.HeartbeatRule.Properties.Targets[0].Arn.Ref = 'NotificationsTopic'
      },
      (r) => {
        r.HeartbeatRule.Properties.Targets[0].InputTransformer = undefined
      },
    ],
  },
  {
    name: 'the operator is notified, whatever happens to the router’s key and of who may publish',
    problems: (t) =>
      all(t, 'AWS::CloudWatch::Alarm').flatMap(([id, p]) => [
        ...differs(`${id}: who is notified`, p.AlarmActions, [{ Ref: 'OperatorTopic' }]),
        ...differs(`${id}: by a topic with a key`, t.Resources.OperatorTopic?.Properties.KmsMasterKeyId, undefined),
      ]),
    notices: [
      (r) => {
        r.OperatorTopic.Properties.KmsMasterKeyId = { Ref: 'Key' }
      },
      (r) => {
        r.NoTickAlarm.Properties.AlarmActions = [{ Ref: 'AlarmsTopic' }]
      },
    ],
  },
  {
    name: 'only this account’s CloudWatch may notify the operator',
    problems: (t) =>
      differs(
        'allowed',
        statementsOn(t, 'OperatorTopic')
          .filter((s) => s.Effect === 'Allow')
          .map((s) => [s.Principal, s.Action, s.Condition]),
        [
          [
            { Service: 'cloudwatch.amazonaws.com' },
            'sns:Publish',
            { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          ],
        ],
      ),
    notices: [
      (r) => {
        r.OperatorTopicPolicy.Properties.PolicyDocument.Statement[0].Condition = undefined
      },
      (r) => {
        r.OperatorTopicPolicy.Properties.PolicyDocument.Statement[0].Principal = '*'
      },
    ],
  },
])('in the stack, $name', isHeld)
