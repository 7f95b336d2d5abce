import { describe } from 'vitest'
import {
  all,
  asList,
  type Check,
  differs,
  functionRoles,
  isHeld,
  type Json,
  on,
  resourcePolicies,
  roleStatements,
  statementFor,
  statementsOn,
  type Template,
  target,
} from './stack.ts'

/** AWS services that may publish for the listed accounts: alarms, the budget, and cost anomalies. */
const publishers = ['cloudwatch.amazonaws.com', 'budgets.amazonaws.com', 'costalerts.amazonaws.com']

const OWN_ACCOUNT = [{ Ref: 'AWS::AccountId' }]

/** A topic's name, or a prefix of it. */
function isOf(arn: Json, { Resources }: Template, topic: string): boolean {
  const [beginning = '', isOpen] = on(arn).split(':').at(-1)?.split('*') ?? []
  return isOpen === undefined ? target(arn) === topic : Resources[topic].Properties.TopicName.startsWith(beginning)
}

/** Every `*` and `?` in a policy, with its reason. */
const WILDCARDS: Record<string, string> = {
  'kms:GenerateDataKey*': 'with and without plain text; the name in the documents of SNS',
  'kms:*': "the key's policy: lets the policies of this account decide, as AWS writes it",
  'sqs:*': 'in a Deny: nothing without TLS',
  's3:*': 'in a Deny: nothing without TLS',
  '*': "in a key's or a queue's policy: this key, this queue",
}

const READ_ALL = ['ConfigMonitorRole', 'ReconcileIamRoleLambdaExecution', 'EvidenceIamRoleLambdaExecution']

const WILDCARD_ARNS = [
  // The streams of the function's own log group.
  /^arn:\$\{AWS::Partition\}:logs:\$\{AWS::Region\}:\$\{AWS::AccountId\}:log-group:\/aws\/lambda\/alert-router-prod-[a-z-]+:\*:\*$/,
  // The stage's own secrets, and its channels' email topics, however many they are.
  /^arn:\$\{AWS::Partition\}:secretsmanager:[^*?]+:secret:alert-router\/prod\/\*$/,
  /^arn:\$\{AWS::Partition\}:sns:[^*?]+:alert-router-prod-email-\*$/,
  // The objects in the archive's bucket.
  /^\$\{ArchiveBucket\.Arn\}\/\*$/,
]

describe.each<Check>([
  {
    name: 'everything that holds alerts is encrypted; the topics with the key that CloudWatch may use',
    problems: (t) => [
      ...all(t, 'AWS::SNS::Topic')
        .filter(([id]) => id !== 'OperatorTopic')
        .flatMap(([id, p]) => differs(id, p.KmsMasterKeyId, { Ref: 'Key' })),
      ...all(t, 'AWS::SQS::Queue').flatMap(([id, p]) => differs(id, p.SqsManagedSseEnabled, true)),
      ...all(t, 'AWS::DynamoDB::Table').flatMap(([id, p]) => differs(id, p.SSESpecification?.SSEEnabled, true)),
      ...all(t, 'AWS::KMS::Key').flatMap(([id, p]) => differs(id, p.EnableKeyRotation, true)),
    ],
    notices: [
      (r) => {
        r.AlarmsTopic.Properties.KmsMasterKeyId = 'alias/aws/sns'
      },
      (r) => {
        r.EmailTopicemail.Properties.KmsMasterKeyId = undefined
      },
      (r) => {
        r.SlackDeadLetters.Properties.SqsManagedSseEnabled = undefined
      },
      (r) => {
        r.AlertTable.Properties.SSESpecification = undefined
      },
      (r) => {
        r.Key.Properties.EnableKeyRotation = false
      },
    ],
  },
  {
    name: 'CloudWatch, EventBridge and the listed accounts may publish alarms and use the key for it, and nobody else',
    problems: (t) => {
      const allowed = (id: string) =>
        statementsOn(t, id)
          .filter((s) => s.Effect === 'Allow')
          .map((s) => [s.Principal, s.Action, s.Condition])
      const fromOwnAccount = { StringEquals: { 'aws:SourceAccount': OWN_ACCOUNT } }
      const use = ['kms:GenerateDataKey*', 'kms:Decrypt']
      const viaSns = { StringEquals: { 'kms:ViaService': { 'Fn::Sub': `sns.\${AWS::Region}.amazonaws.com` } } }
      return [
        ...differs('alarms topic', allowed('AlarmsTopic'), [
          [{ Service: publishers }, 'sns:Publish', fromOwnAccount],
          // With a condition, EventBridge's messages would be lost (topics.yml).
          [{ Service: 'events.amazonaws.com' }, 'sns:Publish', undefined],
          [{ AWS: OWN_ACCOUNT }, 'sns:Publish', undefined],
        ]),
        ...differs('key', allowed('Key'), [
          [{ AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` } }, 'kms:*', undefined],
          [{ Service: publishers }, use, fromOwnAccount],
          [{ Service: 'events.amazonaws.com' }, use, undefined],
          [{ AWS: OWN_ACCOUNT }, use, viaSns],
        ]),
      ]
    },
    notices: [
      (r) => {
        r.AlarmsTopicPolicy.Properties.PolicyDocument.Statement.push({
          Effect: 'Allow',
          Principal: '*',
          Action: 'sns:Publish',
        })
      },
      (r) => {
        r.AlarmsTopicPolicy.Properties.PolicyDocument.Statement[0].Condition = undefined
      },
      (r) => {
        r.AlarmsTopicPolicy.Properties.PolicyDocument.Statement[1].Condition = {
          StringEquals: { 'aws:SourceAccount': OWN_ACCOUNT },
        }
      },
      (r) => {
        r.AlarmsTopicPolicy = { Type: 'none' }
      },
      (r) => {
        r.Key.Properties.KeyPolicy.Statement[1].Principal.Service = ['sns.amazonaws.com']
      },
      (r) => {
        r.Key.Properties.KeyPolicy.Statement.splice(2, 1)
      },
    ],
  },
  {
    name: 'only route publishes notifications, only deliver-email emails, and what follows them',
    problems: (t) =>
      all(t, 'AWS::SNS::Topic')
        .filter(([id]) => !['AlarmsTopic', 'OperatorTopic'].includes(id))
        .flatMap(([id]) => {
          const roles =
            id === 'NotificationsTopic'
              ? ['RouteIamRoleLambdaExecution']
              : ['DeliverDashemailIamRoleLambdaExecution', 'EvidenceIamRoleLambdaExecution']
          const arns = roles.map((role) => ({ 'Fn::GetAtt': [role, 'Arn'] }))
          const others = { ArnNotEquals: { 'aws:PrincipalArn': arns.length === 1 ? arns[0] : arns } }
          const denied = statementsOn(t, id).some(
            (s) =>
              s.Effect === 'Deny' &&
              s.Principal === '*' &&
              s.Action === 'sns:Publish' &&
              differs('', s.Condition, others).length === 0,
          )
          const may = all(t, 'AWS::IAM::Role')
            .map(([roleId]) => roleId)
            .filter((roleId) =>
              roleStatements(t, roleId).some(
                (s) => asList(s.Action).includes('sns:Publish') && asList(s.Resource).some((arn) => isOf(arn, t, id)),
              ),
            )
          return [...(denied ? [] : [`${id}: others may publish`]), ...differs(`${id}: roles`, may, roles)]
        }),
    notices: [
      (r) => {
        r.NotificationsTopicPolicy = { Type: 'none' }
      },
      (r) => {
        r.EmailTopicemailPolicy.Properties.PolicyDocument.Statement[0].Effect = 'Allow'
      },
      (r) => {
        r.EmailTopicemailPolicy.Properties.PolicyDocument.Statement[0].Condition.ArnNotEquals['aws:PrincipalArn'] = '*'
      },
      (r) => {
        r.DeliverDashslackIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement.push({
          Action: 'sns:Publish',
          Resource: { Ref: 'NotificationsTopic' },
        })
      },
      (r) => {
        r.RouteIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement.push(
          statementFor(r.DeliverDashemailIamRoleLambdaExecution, 'sns:Publish'),
        )
      },
    ],
  },
  {
    name: 'a queue takes messages from the topic that it subscribes to, and nobody else',
    problems: (t) =>
      all(t, 'AWS::SQS::Queue').flatMap(([id]) => {
        const topic = id.startsWith('Alarms') ? 'AlarmsTopic' : 'NotificationsTopic'
        const allowed = statementsOn(t, id)
          .filter((s) => s.Effect === 'Allow')
          .map((s) => [s.Principal, s.Action, s.Condition])
        return differs(id, allowed, [
          [{ Service: 'sns.amazonaws.com' }, 'sqs:SendMessage', { ArnEquals: { 'aws:SourceArn': { Ref: topic } } }],
        ])
      }),
    notices: [
      (r) => {
        r.ChannelQueuesPolicy.Properties.Queues.pop()
      },
      (r) => {
        r.ChannelQueuesPolicy.Properties.PolicyDocument.Statement[0].Condition = undefined
      },
      (r) => {
        r.ChannelQueuesPolicy.Properties.PolicyDocument.Statement[0].Condition.ArnEquals['aws:SourceArn'] = {
          Ref: 'AlarmsTopic',
        }
      },
    ],
  },
  {
    name: 'nothing is sent to a topic, a queue or the bucket without TLS',
    problems: (t) =>
      [...[...all(t, 'AWS::SNS::Topic'), ...all(t, 'AWS::SQS::Queue')].map(([id]) => id), 'ArchiveBucket'].flatMap(
        (id) =>
          statementsOn(t, id).some(
            (s) =>
              s.Effect === 'Deny' &&
              s.Principal === '*' &&
              ['sns:Publish', 'sqs:*', 's3:*'].includes(s.Action) &&
              differs('', s.Condition, { Bool: { 'aws:SecureTransport': 'false' } }).length === 0,
          )
            ? []
            : [`${id}: no Deny without TLS`],
      ),
    notices: [
      (r) => {
        r.AlarmsTopicPolicy.Properties.PolicyDocument.Statement.pop()
      },
      (r) => {
        r.ChannelQueuesPolicy.Properties.PolicyDocument.Statement.pop()
      },
      (r) => {
        r.EmailTopicemailPolicy.Properties.PolicyDocument.Statement[1].Condition.Bool['aws:SecureTransport'] = 'true'
      },
      (r) => {
        r.ArchiveBucketPolicy.Properties.PolicyDocument.Statement.pop()
      },
    ],
  },
  {
    name: 'no policy has a wildcard beyond those with a reason',
    problems: (t) => {
      const own = resourcePolicies(t).flatMap(([id, statements]) => statements.map((s) => [id, s] as const))
      const roles = all(t, 'AWS::IAM::Role').flatMap(([id]) => roleStatements(t, id).map((s) => [id, s] as const))
      const text = (value: Json) => (typeof value === 'string' ? value : (value?.['Fn::Sub'] ?? ''))
      const wild = (s: Json) => [...asList(s.Action), ...asList(s.Resource)].map(text).filter((v) => /[*?]/.test(v))
      const fine = (v: string) => v in WILDCARDS || WILDCARD_ARNS.some((arn) => arn.test(v))
      return [
        ...own.flatMap(([id, s]) =>
          wild(s)
            .filter((v) => !fine(v) || (['sqs:*', 's3:*'].includes(v) && s.Effect !== 'Deny'))
            .map((v) => `${id}: ${v}`),
        ),
        // "This key" in the key's policy means everything in a role's. AppConfig requires it (live-config.ts), and CloudWatch
        // lists composite alarms to nobody else (reconcile.ts).
        ...roles.flatMap(([id, s]) =>
          wild(s)
            // An alert may be of any resource of the account (template-evidence.test.ts says what is read).
            .filter((v) => !(READ_ALL.includes(id) && v === '*'))
            .filter((v) => !fine(v) || ['*', 'kms:*', 'sqs:*', 's3:*'].includes(v))
            .map((v) => `${id}: ${v}`),
        ),
      ]
    },
    notices: [
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'dynamodb:PutItem').Resource = '*'
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'dynamodb:PutItem').Action.push('dynamodb:*')
      },
      (r) => {
        statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'secretsmanager:GetSecretValue').Resource = {
          'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:*`,
        }
      },
      (r) => {
        r.ChannelQueuesPolicy.Properties.PolicyDocument.Statement[1].Effect = 'Allow'
      },
      (r) => {
        r.AlarmsTopicPolicy.Properties.PolicyDocument.Statement[0].Action = 'sns:*'
      },
      (r) => {
        r.ArchiveBucketPolicy.Properties.PolicyDocument.Statement[0].Effect = 'Allow'
      },
      (r) => {
        statementFor(r.ArchiveStreamRole, 's3:PutObject').Action = 's3:*'
      },
    ],
  },
  {
    name: 'a function’s permissions on the table and the queues are exactly what it uses',
    problems: (t) => {
      const may = (service: string) =>
        functionRoles(t).map(([id]) => [
          id.replace('IamRoleLambdaExecution', ''),
          roleStatements(t, id).flatMap((s) => {
            const actions = asList(s.Action).filter((action) => action.startsWith(`${service}:`))
            return actions.length > 0 ? [`${actions.join(' ')}: ${asList(s.Resource).map(on).join(' ')}`] : []
          }),
        ])
      const receive = 'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes'
      const actions = ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']
      const deliver = `${actions.map((action) => `dynamodb:${action}`).join(' ')}: AlertTable`
      // To its dead letters and to `route`; never to the queue that feeds it.
      const deliverer = (name: string) => [
        `${receive}: ${name}Queue`,
        `sqs:ChangeMessageVisibility: ${name}Queue`,
        `sqs:SendMessage: ${name}DeadLetters AlarmsQueue`,
      ]
      return [
        ...differs('table', may('dynamodb'), [
          [
            'Route',
            ['dynamodb:BatchGetItem dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query: AlertTable'],
          ],
          ['DeliverDashpagerduty', [deliver]],
          ['DeliverDashslack', [deliver]],
          ['DeliverDashslackDashapp', [deliver]],
          ['DeliverDashemail', [deliver]],
          ['DeliverDashsink', [deliver]],
          [
            'Evidence',
            [
              'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:Query: AlertTable',
              'dynamodb:PutItem dynamodb:UpdateItem: AlertTable',
            ],
          ],
          [
            'Tick',
            [
              'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query: AlertTable',
              `dynamodb:Query: \${AlertTable.Arn}/index/due`,
            ],
          ],
          [
            'Reconcile',
            [
              'dynamodb:BatchGetItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query: AlertTable',
              `dynamodb:Query: \${AlertTable.Arn}/index/open`,
            ],
          ],
          ['ValidateDashconfig', []],
          ['ConfigMonitorRole', []],
        ]),
        ...differs('queues', may('sqs'), [
          ['Route', [`${receive}: AlarmsQueue`, 'sqs:SendMessage: AlarmsDeadLetters']],
          ['DeliverDashpagerduty', deliverer('Pagerduty')],
          ['DeliverDashslack', deliverer('Slack')],
          ['DeliverDashslackDashapp', deliverer('SlackApp')],
          ['DeliverDashemail', deliverer('Email')],
          ['DeliverDashsink', deliverer('Sink')],
          ['Evidence', [`${receive}: EvidenceQueue`, 'sqs:ChangeMessageVisibility: EvidenceQueue']],
          ['Tick', ['sqs:SendMessage: AlarmsQueue']],
          ['Reconcile', ['sqs:SendMessage: AlarmsQueue']],
          ['ValidateDashconfig', []],
          ['ConfigMonitorRole', []],
        ]),
      ]
    },
    notices: [
      (r) => {
        statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'dynamodb:UpdateItem').Action.pop()
      },
      (r) => {
        statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'dynamodb:UpdateItem').Action.push(
          'dynamodb:DeleteTable',
        )
      },
      (r) => {
        statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'sqs:SendMessage').Resource.pop()
      },
      (r) => {
        statementFor(r.DeliverDashsinkIamRoleLambdaExecution, 'sqs:SendMessage').Resource[1]['Fn::GetAtt'][0] =
          'SlackQueue'
      },
    ],
  },
  {
    name: 'the deliverers of PagerDuty and Slack, and what follows alerts, may read the secrets of their stage, and only these',
    problems: (t) => {
      const secrets = `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:alert-router/prod/*`
      const found = functionRoles(t).map(([id]) => [
        id,
        roleStatements(t, id)
          .filter((s) => asList(s.Action).some((a) => a.startsWith('secretsmanager:')))
          .map((s) => [asList(s.Action), s.Resource]),
      ])
      const read = [[['secretsmanager:GetSecretValue'], { 'Fn::Sub': secrets }]]
      return differs('secrets', found, [
        ['RouteIamRoleLambdaExecution', []],
        ['DeliverDashpagerdutyIamRoleLambdaExecution', read],
        ['DeliverDashslackIamRoleLambdaExecution', read],
        ['DeliverDashslackDashappIamRoleLambdaExecution', read],
        ['DeliverDashemailIamRoleLambdaExecution', []],
        ['DeliverDashsinkIamRoleLambdaExecution', []],
        ['EvidenceIamRoleLambdaExecution', read],
        ['TickIamRoleLambdaExecution', []],
        ['ReconcileIamRoleLambdaExecution', []],
        ['ValidateDashconfigIamRoleLambdaExecution', []],
        ['ConfigMonitorRole', []],
      ])
    },
    notices: [
      (r) => {
        const statement = statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'secretsmanager:GetSecretValue')
        statement.Resource = { 'Fn::Sub': statement.Resource['Fn::Sub'].replace('prod', 'dev') }
      },
      (r) => {
        const statement = statementFor(r.DeliverDashslackIamRoleLambdaExecution, 'secretsmanager:GetSecretValue')
        statement.Action.push('secretsmanager:ListSecrets')
      },
    ],
  },
])('in the stack, $name', isHeld)
