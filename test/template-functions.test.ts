import { describe } from 'vitest'
import {
  all,
  asList,
  BY_THE_CLOCK,
  type Check,
  DEAD_LETTERS,
  differs,
  FUNCTIONS,
  functionRoles,
  isHeld,
  roleStatements,
  target,
  VALIDATOR,
} from './stack.ts'

describe.each<Check>([
  {
    name: 'every function runs on Node 24 and arm64, in a role of its own',
    problems: (t) => {
      const functions = all(t, 'AWS::Lambda::Function')
      const roles = functionRoles(t).map(([id]) => id)
      return [
        ...differs(
          'functions',
          functions.map(([, f]) => f.FunctionName).sort(),
          FUNCTIONS.map((f) => `alert-router-prod-${f}`).sort(),
        ),
        ...functions.flatMap(([id, f]) => differs(id, [f.Runtime, f.Architectures], ['nodejs24.x', ['arm64']])),
        // The one more is AppConfig's.
        ...differs(
          'roles in use',
          [...functions.map(([, f]) => target(f.Role)), 'ConfigMonitorRole'].sort(),
          roles.sort(),
        ),
      ]
    },
    notices: [
      (r) => {
        r.RouteLambdaFunction.Properties.Runtime = 'nodejs22.x'
      },
      (r) => {
        r.RouteLambdaFunction.Properties.Architectures = undefined
      },
      (r) => {
        r.RouteLambdaFunction.Properties.Role = r.DeliverDashslackLambdaFunction.Properties.Role
      },
      (r) => {
        r.IamRoleLambdaExecution = r.RouteIamRoleLambdaExecution
      },
    ],
  },
  {
    name: 'every function logs to a group that keeps 90 days in prod',
    problems: (t) => {
      const groups = new Map(all(t, 'AWS::Logs::LogGroup').map(([, g]) => [g.LogGroupName, g.RetentionInDays]))
      return all(t, 'AWS::Lambda::Function').flatMap(([id, f]) => [
        ...differs(id, groups.get(`/aws/lambda/${f.FunctionName}`), 90),
        // docs/cost.md counts no line of Lambda's own.
        ...differs(`${id}: of Lambda itself`, f.LoggingConfig.SystemLogLevel, 'WARN'),
      ])
    },
    notices: [
      (r) => {
        r.RouteLambdaFunction.Properties.LoggingConfig.SystemLogLevel = 'INFO'
      },
      (r) => {
        r.RouteLogGroup.Properties.RetentionInDays = undefined
      },
      (r) => {
        r.RouteLogGroup.Properties.LogGroupName = '/aws/lambda/other'
      },
    ],
  },
  {
    name: 'no function makes its log group: a late line would re-create it after a removal',
    problems: (t) =>
      functionRoles(t).flatMap(([id, p]) =>
        JSON.stringify(p.Policies ?? []).includes('logs:CreateLogGroup') ? [`${id} may make log groups`] : [],
      ),
    notices: [
      (r) => {
        r.DeliverDashslackIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement.push({
          Action: 'logs:CreateLogGroup',
          Resource: '*',
        })
      },
    ],
  },
  {
    name: 'every queue that feeds a function reports single failures and is bounded; where alerts are merged it waits 5 s',
    problems: (t) => {
      const mappings = all(t, 'AWS::Lambda::EventSourceMapping')
      return [
        ...differs(
          'fed functions',
          mappings.map(([, m]) => target(m.FunctionName)).sort(),
          all(t, 'AWS::Lambda::Function')
            .map(([id]) => id)
            .filter((id) => ![VALIDATOR, ...BY_THE_CLOCK].includes(id))
            .sort(),
        ),
        ...mappings.flatMap(([id, m]) => [
          ...differs(id, m.FunctionResponseTypes, ['ReportBatchItemFailures']),
          ...(m.ScalingConfig?.MaximumConcurrency >= 2 ? [] : [`${id}: no MaximumConcurrency of 2 or more`]),
        ]),
        // A window holds alarms back; without one, Lambda gives ten at most.
        ...differs(
          'batches',
          mappings.map(([, m]) => [target(m.EventSourceArn), m.BatchSize, m.MaximumBatchingWindowInSeconds ?? 0]),
          [
            ['AlarmsQueue', 10, 0],
            ['PagerdutyQueue', 10, 0],
            ['SlackQueue', 10, 0],
            ['SlackAppQueue', 10, 0],
            ['EmailQueue', 10, 0],
            ['SinkQueue', 10, 0],
            ['EvidenceQueue', 1, 0],
          ],
        ),
      ]
    },
    notices: [
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue.Properties.FunctionResponseTypes = undefined
      },
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue.Properties.ScalingConfig = undefined
      },
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue.Properties.MaximumBatchingWindowInSeconds = 5
      },
      (r) => {
        r.DeliverDashslackEventSourceMappingSQSSlackQueue.Properties.MaximumBatchingWindowInSeconds = 5
      },
      (r) => {
        r.DeliverDashemailEventSourceMappingSQSEmailQueue.Properties.BatchSize = 100
      },
      (r) => {
        r.RouteEventSourceMappingSQSAlarmsQueue = { Type: 'none' }
      },
    ],
  },
  {
    name: "a queue's visibility timeout is at least 6 times its function's timeout, and its window",
    problems: (t) =>
      all(t, 'AWS::Lambda::EventSourceMapping').flatMap(([, m]) => {
        const queue = t.Resources[target(m.EventSourceArn)]?.Properties
        const timeout = t.Resources[target(m.FunctionName)]?.Properties.Timeout
        return queue?.VisibilityTimeout >= 6 * timeout + (m.MaximumBatchingWindowInSeconds ?? 0)
          ? []
          : [`${queue?.QueueName}: ${queue?.VisibilityTimeout} s for ${timeout} s`]
      }),
    notices: [
      (r) => {
        r.SlackQueue.Properties.VisibilityTimeout -= 1
      },
      (r) => {
        r.SlackQueue.Properties.VisibilityTimeout = undefined
      },
      (r) => {
        r.DeliverDashslackLambdaFunction.Properties.Timeout += 1
      },
    ],
  },
  {
    name: 'what fails goes to the dead letters of its own queue, which keep it longest',
    problems: (t) => {
      // What follows an alert is dropped (template-evidence.test.ts).
      const ofAlerts = (queue: string) => queue !== 'EvidenceQueue'
      const fed = all(t, 'AWS::Lambda::EventSourceMapping')
        .map(([, m]) => target(m.EventSourceArn))
        .filter(ofAlerts)
      const deadLettersOf = (queue: string) => queue.replace(/Queue$/, 'DeadLetters')
      return [
        ...differs('fed queues', fed.map(deadLettersOf).sort(), [...DEAD_LETTERS].sort()),
        ...fed.flatMap((queue) =>
          differs(
            queue,
            target(t.Resources[queue].Properties.RedrivePolicy?.deadLetterTargetArn),
            deadLettersOf(queue),
          ),
        ),
        // Deliverers count attempts themselves; a wait is not one. SQS takes 1,000 at most.
        ...fed.flatMap((queue) =>
          differs(
            queue,
            t.Resources[queue].Properties.RedrivePolicy?.maxReceiveCount,
            queue === 'AlarmsQueue' ? 100 : 1_000,
          ),
        ),
        ...DEAD_LETTERS.flatMap((id) =>
          differs(
            id,
            [t.Resources[id]?.Type, t.Resources[id]?.Properties.MessageRetentionPeriod],
            ['AWS::SQS::Queue', 14 * 86_400],
          ),
        ),
        ...all(t, 'AWS::SNS::Subscription')
          .filter(([, s]) => s.Protocol === 'sqs' && ofAlerts(target(s.Endpoint)))
          .flatMap(([id, s]) =>
            differs(id, target(s.RedrivePolicy?.deadLetterTargetArn), deadLettersOf(target(s.Endpoint))),
          ),
      ]
    },
    notices: [
      (r) => {
        r.SlackQueue.Properties.RedrivePolicy = undefined
      },
      (r) => {
        r.SlackQueue.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0] = 'Gone'
      },
      (r) => {
        r.SlackQueue.Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0] = 'EmailDeadLetters'
      },
      (r) => {
        r.SlackQueue.Properties.RedrivePolicy.maxReceiveCount = 30
      },
      (r) => {
        r.AlarmsQueue.Properties.RedrivePolicy.maxReceiveCount = 1
      },
      (r) => {
        r.SlackDeadLetters.Properties.MessageRetentionPeriod = undefined
      },
      (r) => {
        r.SlackSubscription.Properties.RedrivePolicy = undefined
      },
      (r) => {
        r.SlackDeadLetters.Type = 'AWS::SNS::Topic'
      },
    ],
  },
  {
    name: 'a function knows where each queue is that it writes to',
    problems: (t) => {
      const functionOf = new Map(
        all(t, 'AWS::Lambda::Function').map(([, f]) => [target(f.Role), f.Environment.Variables]),
      )
      return functionRoles(t).flatMap(([id]) => {
        const written = roleStatements(t, id)
          .filter((s) => asList(s.Action).some((a) => ['sqs:SendMessage', 'sqs:ChangeMessageVisibility'].includes(a)))
          .flatMap((s) => asList(s.Resource).map(target))
        const known = Object.entries(functionOf.get(id) ?? {}).flatMap(([name, value]) =>
          name.endsWith('_URL') ? [`${name} ${target(value)}`] : [],
        )
        // SLACK_DEAD_LETTERS_URL is SlackDeadLetters.
        const nameOf = (queue: string) => `${queue.replace(/\B([A-Z])/g, '_$1').toUpperCase()}_URL ${queue}`
        return differs(id, known.sort(), [...new Set(written)].map(nameOf).sort())
      })
    },
    notices: [
      (r) => {
        r.DeliverDashslackLambdaFunction.Properties.Environment.Variables.ALARMS_QUEUE_URL = undefined
      },
      (r) => {
        r.DeliverDashslackLambdaFunction.Properties.Environment.Variables.SLACK_QUEUE_URL.Ref = 'EmailQueue'
      },
      (r) => {
        r.DeliverDashsinkLambdaFunction.Properties.Environment.Variables.SINK_DEAD_LETTERS_URL = undefined
      },
    ],
  },
])('in the stack, $name', isHeld)
