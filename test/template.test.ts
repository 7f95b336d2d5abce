import { beforeAll, describe, expect, test } from 'vitest'
import { emailTopics } from '../deploy/email-topics.ts'
import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { readConfig } from '../shared/config/read.ts'
import {
  all,
  asList,
  BY_THE_CLOCK,
  type Check,
  DEAD_LETTERS,
  differs,
  isHeld,
  type Json,
  packagedTemplate,
  roleStatements,
  statementFor,
  type Template,
  target,
  VALIDATOR,
} from './stack.ts'

const config = readConfig('config')

/** The resources that a resource refers to, by Ref, Fn::GetAtt, Fn::Sub or DependsOn. */
function needs(value: Json): Set<string> {
  const found = new Set<string>()
  JSON.stringify(value, (key, part) => {
    if (key === 'Ref' || key === 'DependsOn') for (const id of asList(part)) found.add(id)
    if (key === 'Fn::GetAtt') found.add(asList(part)[0])
    if (key === 'Fn::Sub') for (const [, id] of String(part).matchAll(/\$\{(\w+)/g)) found.add(id ?? '')
    return part
  })
  return found
}

let template: Template

beforeAll(async () => {
  template = await packagedTemplate()
}, 120_000)

describe.each<Check>([
  {
    name: 'each type of channel gets its own notifications, as they were published; route gets every alarm',
    problems: (t) => {
      const functionOf = new Map(
        all(t, 'AWS::Lambda::EventSourceMapping').map(([, m]) => [
          target(m.EventSourceArn),
          t.Resources[target(m.FunctionName)]?.Properties.FunctionName,
        ]),
      )
      const subscriptions = all(t, 'AWS::SNS::Subscription').filter(([, s]) => s.Protocol === 'sqs')
      const found = subscriptions.map(([, s]) => [
        target(s.TopicArn),
        functionOf.get(target(s.Endpoint)),
        s.FilterPolicyScope,
        s.FilterPolicy,
        s.RawMessageDelivery,
      ])
      const expected = [
        ['AlarmsTopic', 'alert-router-prod-route', undefined, undefined, undefined],
        ...CHANNEL_TYPES.map((type) => [
          'NotificationsTopic',
          `alert-router-prod-deliver-${type}`,
          'MessageAttributes',
          { channelType: [type] },
          true,
        ]),
        [
          ...['NotificationsTopic', 'alert-router-prod-evidence', 'MessageAttributes'],
          { channelType: CHANNEL_TYPES.filter((type) => type !== 'sink'), status: ['firing'] },
          true,
        ],
      ]
      return differs('subscriptions', found, expected)
    },
    notices: [
      (r) => {
        r.SlackSubscription.Properties.FilterPolicyScope = 'MessageBody'
      },
      (r) => {
        r.SlackSubscription.Properties.FilterPolicy = { channelType: ['Slack'] }
      },
      (r) => {
        r.SlackSubscription.Properties.RawMessageDelivery = undefined
      },
      (r) => {
        r.SlackSubscription.Properties.Endpoint = r.EmailSubscription.Properties.Endpoint
      },
      (r) => {
        r.AlarmsSubscription.Properties.FilterPolicy = { channelType: ['slack'] }
      },
    ],
  },
  {
    name: "the email topics' subscriptions are the config's addresses",
    problems: (t) => {
      const found = all(t, 'AWS::SNS::Subscription')
        .filter(([, s]) => s.Protocol === 'email')
        .map(([, s]) => `${t.Resources[target(s.TopicArn)]?.Properties.TopicName} ${s.Endpoint}`)
      const expected = Object.entries(config.channels).flatMap(([name, c]) =>
        c.type === 'email' ? c.addresses.map((address) => `alert-router-prod-email-${name} ${address}`) : [],
      )
      const operator = 'alert-router-prod-operator platform-team@example.com'
      return differs('addresses', found.sort(), [...expected, operator].sort())
    },
    notices: [
      (r) => {
        r.EmailTopicemail.Properties.TopicName = 'alert-router-prod-email'
      },
      (r) => {
        for (const s of Object.values(r)) if (s.Properties?.Protocol === 'email') s.Properties.Endpoint += 'x'
      },
    ],
  },
  {
    name: "an alarm's Lambda action may invoke route, which puts it onto the topic; what it fails on is kept",
    problems: (t) => [
      ...differs(
        "route's topic",
        target(t.Resources.RouteLambdaFunction?.Properties.Environment.Variables.ALARMS_TOPIC_ARN),
        'AlarmsTopic',
      ),
      ...differs(
        'the topics that route may publish to',
        asList(statementFor(t.Resources.RouteIamRoleLambdaExecution, 'sns:Publish').Resource).map(target),
        ['NotificationsTopic', 'AlarmsTopic'],
      ),
      ...differs(
        'permissions',
        all(t, 'AWS::Lambda::Permission').flatMap(([, p]) =>
          [VALIDATOR, ...BY_THE_CLOCK].includes(target(p.FunctionName))
            ? []
            : [[target(p.FunctionName), p.Action, p.Principal, p.SourceAccount]],
        ),
        [
          [
            'RouteLambdaFunction',
            'lambda:InvokeFunction',
            'lambda.alarms.cloudwatch.amazonaws.com',
            { Ref: 'AWS::AccountId' },
          ],
        ],
      ),
      ...differs(
        'retries',
        all(t, 'AWS::Lambda::EventInvokeConfig').flatMap(([, c]) =>
          BY_THE_CLOCK.includes(target(c.FunctionName)) ? [] : [[target(c.FunctionName), c.MaximumRetryAttempts]],
        ),
        [['RouteLambdaFunction', 2]],
      ),
      ...differs(
        'dead letters',
        target(t.Resources.RouteLambdaFunction?.Properties.DeadLetterConfig?.TargetArn),
        'AlarmsDeadLetters',
      ),
      ...(roleStatements(t, 'RouteIamRoleLambdaExecution').some(
        (s) =>
          asList(s.Action).includes('sqs:SendMessage') && asList(s.Resource).map(target).includes('AlarmsDeadLetters'),
      )
        ? []
        : ['route may not send to the dead letters']),
    ],
    notices: [
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'sns:Publish').Resource.pop()
      },
      (r) => {
        r.RouteLambdaFunction.Properties.Environment.Variables.ALARMS_TOPIC_ARN = { Ref: 'NotificationsTopic' }
      },
      (r) => {
        r.AlarmsMayInvokeRoute.Properties.SourceAccount = undefined
      },
      (r) => {
        r.RouteLambdaEvConf = { Type: 'none' }
      },
      (r) => {
        r.RouteLambdaFunction.Properties.DeadLetterConfig = undefined
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'sqs:SendMessage').Resource = []
      },
    ],
  },
  {
    name: 'the table has its keys and its expiry, and outlives the stack in prod',
    problems: (t) => {
      const { Properties: p, DeletionPolicy, UpdateReplacePolicy } = t.Resources.AlertTable
      return [
        ...differs(
          'keys',
          p.KeySchema.map((k: Json) => `${k.AttributeName} ${k.KeyType}`),
          ['pk HASH', 'sk RANGE'],
        ),
        ...differs('expiry', p.TimeToLiveSpecification, { AttributeName: 'expiresAt', Enabled: true }),
        ...differs(
          'kept',
          [
            DeletionPolicy,
            UpdateReplacePolicy,
            p.DeletionProtectionEnabled,
            p.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled,
          ],
          ['Retain', 'Retain', true, true],
        ),
      ]
    },
    notices: [
      (r) => {
        r.AlertTable.Properties.TimeToLiveSpecification.AttributeName = 'ttl'
      },
      (r) => {
        r.AlertTable.DeletionPolicy = 'Delete'
      },
      (r) => {
        r.AlertTable.Properties.KeySchema.pop()
      },
    ],
  },
  {
    name: 'no two resources wait for each other',
    problems: (t) => {
      const done = new Set<string>()
      const visit = (id: string, path: string[]): string[] => {
        if (path.includes(id)) return [[...path.slice(path.indexOf(id)), id].join(' → ')]
        if (done.has(id)) return []
        const found = [...needs(t.Resources[id])].flatMap((next) =>
          next in t.Resources ? visit(next, [...path, id]) : [],
        )
        done.add(id)
        return found
      }
      return Object.keys(t.Resources).flatMap((id) => visit(id, []))
    },
    notices: [
      (r) => {
        r.SlackErrorsAlarm.Properties.Dimensions[0].Value = { Ref: 'DeliverDashslackLambdaFunction' }
      },
      (r) => {
        r.ConfigApplication.DependsOn = 'RouteLambdaFunction'
      },
    ],
  },
])('in the stack, $name', isHeld)

test('the outputs say where to point alarms, and where dead letters are', () => {
  const names = Object.keys(template.Outputs)
  for (const name of [
    'AlarmsTopicArn',
    'RouteFunctionArn',
    'AlertTableName',
    ...DEAD_LETTERS.map((id) => `${id}Url`),
  ]) {
    expect(names).toContain(name)
  }
})

test('another order of addresses keeps their subscriptions, which need no new confirmation', () => {
  const withAddresses = (addresses: string[]) =>
    emailTopics({ ...config, channels: { team: { type: 'email', addresses } } })
  const [one, other] = [
    ['a@example.com', 'b@example.com'],
    ['b@example.com', 'a@example.com', 'b@example.com'],
  ].map(withAddresses)
  expect(other?.Resources).toEqual(one?.Resources)
})
