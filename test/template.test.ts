import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { LONGEST_BUFFER_MS, PREFIX } from '../cli/archive/s3.ts'
import { checkRules } from '../cli/package/check-rules.ts'
import AlertsPlugin from '../cli/package/plugin.ts'
import { dashboard } from '../deploy/dashboard.ts'
import { emailTopics } from '../deploy/email-topics.ts'
import { pushedConfigJsonSchema } from '../deploy/live-config.ts'
import { FOLLOW_AN_ALERT } from '../deploy/saved-query.ts'
import { CHANNEL_TYPES } from '../schemas/channel.ts'
import { SEVERITIES } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { METRICS, SUPPRESSED_BECAUSE } from '../shared/observe/metrics.ts'
import { here } from './command.ts'
import {
  type Copy,
  copyOfRules,
  copyOfService,
  HOME,
  type Packaged,
  packagedService,
  packageHere,
  STACK,
} from './package-service.ts'
import { unzip } from './unzip.ts'

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
type Json = any
type Template = { Resources: Record<string, Json>; Outputs: Record<string, Json> }

const config = readConfig('config')
const FUNCTIONS = [
  'route',
  'deliver-pagerduty',
  'deliver-slack',
  'deliver-email',
  'deliver-sink',
  'tick',
  'validate-config',
]
const scratch = mkdtempSync(join(tmpdir(), 'template-'))
let template: Template
let packaged: Packaged

beforeAll(async () => {
  packaged = await packagedService()
  template = JSON.parse(packaged.template)
}, 120_000)
afterAll(() => rmSync(scratch, { recursive: true }))

describe('packaging', () => {
  test('works without an account, and says what it made and where', () => {
    for (const name of FUNCTIONS) expect(packaged.output).toMatch(new RegExp(`${name}\\.zip +\\d+ KB`))
    expect(packaged.output).toContain(STACK)
  })

  test.each(FUNCTIONS)('%s.zip holds its bundle and the checked rules, and nothing else', (name) => {
    const files = unzip(join(packaged.folder, `.serverless/${name}.zip`))
    expect([...files.keys()].sort()).toEqual(['config/alerts.json', `functions/${name}.js`])
    expect(JSON.parse(String(files.get('config/alerts.json')))).toEqual(JSON.parse(JSON.stringify(config)))
    expect(String(files.get(`functions/${name}.js`))).toContain('module.exports={handler})')
  })

  test('no handler has a third parameter: Node 24 on Lambda takes it for a callback, and refuses to start', () => {
    const bundles = FUNCTIONS.map((name) => {
      const root = join(scratch, name)
      for (const [path, content] of unzip(join(packaged.folder, `.serverless/${name}.zip`))) {
        mkdirSync(dirname(join(root, path)), { recursive: true })
        writeFileSync(join(root, path), content)
      }
      // On Lambda nothing around it says that it is a module.
      writeFileSync(join(root, 'package.json'), '{}')
      return { root, bundle: join(root, `functions/${name}.js`) }
    })
    const look = `for (const { root, bundle } of ${JSON.stringify(bundles)}) {
      process.env.LAMBDA_TASK_ROOT = root
      console.log(require(bundle).handler.length)
    }`
    const env = { PATH: process.env.PATH, AWS_REGION: 'eu-central-1', CONFIG_FILE: 'config/alerts.json' }
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', look], { encoding: 'utf8', env })
    expect(stderr).toBe('')
    const lengths = stdout.trim().split('\n').map(Number)
    expect(lengths).toHaveLength(FUNCTIONS.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(2)
  })

  test('the bundle of deliver-slack is no larger than 450 KB', () => {
    const bundle = unzip(join(packaged.folder, '.serverless/deliver-slack.zip')).get('functions/deliver-slack.js')
    expect(bundle?.length).toBeLessThanOrEqual(450_000)
  })

  test.each([
    [
      'a channel that does not exist',
      'default: { severity: info, channels: [pager] }',
      /^config\/alerts\.yml:\d+:\d+: default/,
    ],
    ['what is no YAML', 'default: [', /^config\/alerts\.yml:\d+:\d+: this is not YAML/],
  ])('says where in the rules there is %s, without a stack', async (_what, line, message) => {
    const copy = copyOfRules()
    const rules = join(copy.folder, 'config/alerts.yml')
    writeFileSync(rules, readFileSync(rules, 'utf8').replace(/^default:.*$/m, line))
    const { status, output } = await packageHere(copy.folder)
    copy.remove()
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at /m)
    expect(status).toBe(1)
  })

  test("says it of a team's rules too", async () => {
    const copy = copyOfRules()
    writeFileSync(join(copy.folder, 'config/orders.yml'), 'scope: { tags.team: orders }\nrules: [{ name: all }]\n')
    const { status, output } = await packageHere(copy.folder)
    copy.remove()
    expect(output).toMatch(/^config\/orders\.yml:2:\d+: rules\[0\]\.when \(rule "all"\): /)
    expect(status).toBe(1)
  })

  test('says what was checked, and how to deploy it to where it was packaged for', () => {
    expect(packaged.output).toMatch(/^Rules checked: no errors, no warnings, \d+ cases as expected\.$/m)
    expect(packaged.output).toContain('npx alert-router deploy --stage prod --region eu-central-1\n')
  })

  const shadowed = (text: string) =>
    text.replace(/^rules:\n/m, (line) => `${line}  - { name: everything, when: { name: "*" }, severity: info }\n`)

  /** With an older package beside a file that is spoilt. */
  function spoiltCopy(copy: Copy, file: string, spoil: (text: string) => string) {
    const spoilt = join(copy.folder, file)
    writeFileSync(spoilt, spoil(readFileSync(spoilt, 'utf8')))
    mkdirSync(join(copy.folder, '.serverless'))
    writeFileSync(join(copy.folder, STACK), '{}')
    return copy
  }

  test.each<[what: string, file: string, spoil: (text: string) => string, message: RegExp]>([
    [
      'an error, as "rules check" says it',
      'config/alerts.yml',
      shadowed,
      /error shadowed-rule {2}config\/alerts\.yml:\d+:\d+[\s\S]*Nothing was packaged: the rules have \d+ errors/,
    ],
    [
      'a case that fails',
      'config/tests/alerts.yml',
      (text) => `${text}\n- name: never so\n  alert: { metric: Errors }\n  expect: { rule: no such rule }\n`,
      /✗ never so {2}\(config\/tests\/alerts\.yml:\d+\)[\s\S]*Nothing was packaged: 1 of \d+ cases fail/,
    ],
  ])('refuses rules with %s, and leaves no older package behind', async (_what, file, spoil, message) => {
    const copy = spoiltCopy(copyOfRules(), file, spoil)
    const { status, output } = await packageHere(copy.folder, '--stage', 'prod')
    const isLeft = existsSync(join(copy.folder, STACK))
    copy.remove()
    expect(output).toMatch(message)
    expect(output).not.toMatch(/^ +at /m)
    expect({ status, isLeft }).toEqual({ status: 1, isLeft: false })
  })

  test('refuses them where serverless packages by itself, as it does to deploy', () => {
    const copy = spoiltCopy(copyOfService(), 'config/alerts.yml', shadowed)
    const args = ['node_modules/serverless/bin/serverless.js', 'package', '--stage', 'prod']
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const env = { PATH, NODE_COMPILE_CACHE, HOME }
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy.folder, encoding: 'utf8', env })
    const isLeft = existsSync(join(copy.folder, STACK))
    copy.remove()
    expect(stdout + stderr).toContain('error shadowed-rule')
    expect({ status, isLeft }).toEqual({ status: 1, isLeft: false })
  })

  test('counts warnings, and takes rules without cases', async () => {
    const copy = copyOfRules()
    const rules = join(copy.folder, 'config/alerts.yml')
    rmSync(join(copy.folder, 'config/tests'), { recursive: true })
    const unused = '  nobody: { type: email, addresses: [a@example.com] }\n'
    writeFileSync(
      rules,
      readFileSync(rules, 'utf8').replace(/^channels:\n/m, (line) => line + unused),
    )
    const look = async () => {
      process.stdout.write(JSON.stringify(checkRules(readConfig('config'), 'config', { withWarnings: true })))
      return 0
    }
    const { stdout, stderr } = await here(look, [], { cwd: copy.folder })
    copy.remove()
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ warnings: 1, cases: 0, notLookedAt: [] })
  })

  test('names the option or the stage that it does not know', async () => {
    expect((await packageHere('.', '--stge', 'prod')).output).toContain('Unknown option "--stge"')
    expect(await packageHere('.', '--stage', 'pro d')).toMatchObject({
      status: 2,
      output: expect.stringContaining('pro d'),
    })
  })
})

test("AWS's validator has nothing to say at WARN", () => {
  // `package` asks it; that it is heard when it has: many-channels.test.ts.
  expect(packaged.output).toContain('template valid')
})

// ── What the validator does not see. Each check gives the problems it found, and comes with changes that it must notice.

interface Check {
  name: string
  problems: (template: Template) => string[]
  notices: ((resources: Record<string, Json>) => void)[]
}

/** One kind of resource: [logical id, properties]. */
function all({ Resources }: Template, type: string): [string, Json][] {
  return Object.entries(Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [id, resource.Properties])
}

/** The logical id that `{ Ref }` or `{ Fn::GetAtt }` leads to. */
function target(value: Json): string {
  return value?.Ref ?? value?.['Fn::GetAtt']?.[0] ?? `nothing (${JSON.stringify(value)})`
}

function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : [value]
}

/** What should be equal and is not, in words; nothing when it is. */
function differs(what: string, found: unknown, expected: unknown): string[] {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  return a === b ? [] : [`${what}: ${a}, not ${b}`]
}

/** Roles of functions; Firehose and SNS have one each too (see the archive). */
function functionRoles(template: Template): [string, Json][] {
  return all(template, 'AWS::IAM::Role').filter(([id]) => !id.startsWith('Archive'))
}

/** Policies of topics, queues, the bucket and the key: [what they protect, statements]. */
function resourcePolicies(template: Template): [string, Json[]][] {
  return [
    ...all(template, 'AWS::SNS::TopicPolicy').flatMap(([, p]) =>
      p.Topics.map((t: Json) => [target(t), p.PolicyDocument]),
    ),
    ...all(template, 'AWS::SQS::QueuePolicy').flatMap(([, p]) =>
      p.Queues.map((q: Json) => [target(q), p.PolicyDocument]),
    ),
    ...all(template, 'AWS::S3::BucketPolicy').map(([, p]) => [target(p.Bucket), p.PolicyDocument]),
    ...all(template, 'AWS::KMS::Key').map(([id, p]) => [id, p.KeyPolicy]),
  ].map(([id, document]) => [id, document.Statement])
}

function statementsOn(template: Template, id: string): Json[] {
  return resourcePolicies(template).flatMap(([protectedId, statements]) => (protectedId === id ? statements : []))
}

function roleStatements(template: Template, roleId: string): Json[] {
  return (
    template.Resources[roleId]?.Properties.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement) ?? []
  )
}

const DEAD_LETTERS = [
  'AlarmsDeadLetters',
  'PagerdutyDeadLetters',
  'SlackDeadLetters',
  'EmailDeadLetters',
  'SinkDeadLetters',
]
/** AppConfig calls it, and no queue: when it fails, it has refused rules. */
const VALIDATOR = 'ValidateDashconfigLambdaFunction'
/** EventBridge calls it each minute, and no queue (template-due.test.ts). */
const CLOCK = 'TickLambdaFunction'
const OWN_ACCOUNT = [{ Ref: 'AWS::AccountId' }]

function on(resource: Json): string {
  return resource?.['Fn::Sub'] ?? target(resource)
}

/** A topic by itself, or by the beginning of its name. */
function isOf(arn: Json, { Resources }: Template, topic: string): boolean {
  const [beginning = '', isOpen] = on(arn).split(':').at(-1)?.split('*') ?? []
  return isOpen === undefined ? target(arn) === topic : Resources[topic].Properties.TopicName.startsWith(beginning)
}

/** The statement of a role that allows an action: to change it. */
function statementFor(role: Json, action: string): Json {
  return role.Properties.Policies[0].PolicyDocument.Statement.find((s: Json) => asList(s.Action).includes(action))
}

/** Alarms on what the functions measure themselves. */
const OWN_METRIC_ALARMS = [
  'HeartbeatAlarm',
  'HeartbeatLatencyAlarm',
  'ConfigStaleAlarm',
  'DueLateAlarm',
  'UnconfirmedAlarm',
  'NoTickAlarm',
]
/** Alarms on letters that are added to others: on what two metrics give together. */
const isOnMore = (id: string) => id.endsWith('MoreDeadLettersAlarm')
const isOnWaiting = (id: string) => id.endsWith('WaitingAlarm')
/** Alarms on what is missing. */
const MISSING_ALARMS = ['HeartbeatAlarm', 'NoTickAlarm']

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

/** As CloudFormation fills it in. */
function dashboardBody(t: Template): string {
  const [body = ''] = all(t, 'AWS::CloudWatch::Dashboard').map(([, d]) => d.DashboardBody['Fn::Sub'])
  return body.replaceAll(`\${AWS::Region}`, 'eu-central-1')
}

function changeBody(resources: Record<string, Json>, change: (body: string) => string): void {
  const { DashboardBody } = resources.Dashboard.Properties
  DashboardBody['Fn::Sub'] = change(DashboardBody['Fn::Sub'])
}

/** Every line of every graph: [namespace, metric, dimension, value], the last two where it has one. */
function lines(t: Template): (string | undefined)[][] {
  const { widgets } = JSON.parse(dashboardBody(t)) as { widgets: { properties: { metrics: Json[][] } }[] }
  return widgets.flatMap(({ properties }) =>
    properties.metrics.map((line) => line.filter((part) => typeof part === 'string')),
  )
}

/** What we use of "Dashboard body structure and syntax" (CloudWatch API Reference), and nothing that it has not. */
const stat = z.union([
  z.enum(['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount']),
  z.string().regex(/^p(100|\d{1,2}(\.\d{1,10})?)$/),
])
const period = z.union([z.literal([1, 5, 10, 30]), z.int().positive().multipleOf(60)])
const axis = z.strictObject({
  label: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  showUnits: z.boolean().optional(),
})
const lineOptions = z.strictObject({
  label: z.string().optional(),
  stat: stat.optional(),
  yAxis: z.enum(['left', 'right']).optional(),
})
/** Namespace, metric, dimensions by name and value in turn (30 at the most), and at the end options. */
const line = z
  .tuple([z.string().regex(/^[A-Za-z0-9._/#:-]{1,255}$/), z.string().min(1).max(255)])
  .rest(z.union([z.string().min(1), lineOptions]))
  .refine((parts) => parts.findIndex((part) => typeof part === 'object') === parts.length - 1, 'options come last')
  .refine((parts) => parts.length % 2 === 1 && parts.length <= 2 + 60 + 1, 'a dimension has a name and a value')
const widget = z.strictObject({
  type: z.literal('metric'),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  width: z.int().min(1).max(24),
  height: z.int().min(1).max(1_000),
  properties: z.strictObject({
    title: z.string().min(1),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
    view: z.enum(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table']),
    stat,
    period,
    yAxis: z.strictObject({ left: axis.optional(), right: axis.optional() }),
    metrics: z.array(line).min(1).max(500),
  }),
})
type Widget = z.infer<typeof widget>
const dashboardSchema = z.strictObject({ widgets: z.array(widget).min(1).max(500) })

function overlap(a: Widget, b: Widget): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}
/** Every `*` and `?` in a policy, with its reason. */
const WILDCARDS: Record<string, string> = {
  'kms:GenerateDataKey*': 'with and without plain text; the name in the documents of SNS',
  'kms:*': "the key's policy: lets the policies of this account decide, as AWS writes it",
  'sqs:*': 'in a Deny: nothing without TLS',
  's3:*': 'in a Deny: nothing without TLS',
  '*': "in a key's or a queue's policy: this key, this queue",
}
const WILDCARD_ARNS = [
  // The streams of the function's own log group.
  /^arn:\$\{AWS::Partition\}:logs:\$\{AWS::Region\}:\$\{AWS::AccountId\}:log-group:\/aws\/lambda\/alert-router-prod-[a-z-]+:\*:\*$/,
  // The stage's own secrets, and its channels' email topics, however many they are.
  /^arn:\$\{AWS::Partition\}:secretsmanager:[^*?]+:secret:alert-router\/prod\/\*$/,
  /^arn:\$\{AWS::Partition\}:sns:[^*?]+:alert-router-prod-email-\*$/,
  // The objects in the archive's bucket.
  /^\$\{ArchiveBucket\.Arn\}\/\*$/,
]

const CHECKS: Check[] = [
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
      return all(t, 'AWS::Lambda::Function').flatMap(([id, f]) =>
        differs(id, groups.get(`/aws/lambda/${f.FunctionName}`), 90),
      )
    },
    notices: [
      (r) => {
        r.RouteLogGroup.Properties.RetentionInDays = undefined
      },
      (r) => {
        r.RouteLogGroup.Properties.LogGroupName = '/aws/lambda/other'
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
            .filter((id) => ![VALIDATOR, CLOCK].includes(id))
            .sort(),
        ),
        ...mappings.flatMap(([id, m]) => [
          ...differs(id, m.FunctionResponseTypes, ['ReportBatchItemFailures']),
          ...(m.ScalingConfig?.MaximumConcurrency >= 2 ? [] : [`${id}: no MaximumConcurrency of 2 or more`]),
        ]),
        // A window holds alarms back; without one, Lambda gives ten at the most.
        ...differs(
          'batches',
          mappings.map(([, m]) => [target(m.EventSourceArn), m.BatchSize, m.MaximumBatchingWindowInSeconds ?? 0]),
          [
            ['AlarmsQueue', 10, 0],
            ['PagerdutyQueue', 10, 0],
            ['SlackQueue', 100, 5],
            ['EmailQueue', 100, 5],
            ['SinkQueue', 10, 0],
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
        r.DeliverDashslackEventSourceMappingSQSSlackQueue.Properties.MaximumBatchingWindowInSeconds = undefined
      },
      (r) => {
        r.DeliverDashemailEventSourceMappingSQSEmailQueue.Properties.BatchSize = 10
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
      const fed = all(t, 'AWS::Lambda::EventSourceMapping').map(([, m]) => target(m.EventSourceArn))
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
        // The deliverers count tries themselves: waiting is none. SQS takes 1,000 at the most.
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
          .filter(([, s]) => s.Protocol === 'sqs')
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
    name: 'the router is watched, past every part of it: dead letters, waiting messages, errors, throttles, heartbeat',
    problems: (t) => {
      const alarms = all(t, 'AWS::CloudWatch::Alarm')
      const watched = alarms
        .filter(([id]) => !OWN_METRIC_ALARMS.includes(id) && !isOnMore(id) && !isOnWaiting(id))
        .map(([, a]) => [a.MetricName, a.Dimensions[0].Value])
        .map(([metric, of]) => `${metric} ${typeof of === 'string' ? of : target(of)}`)
      const functions = all(t, 'AWS::Lambda::Function').flatMap(([id, f]) => (id === VALIDATOR ? [] : [f.FunctionName]))
      const queues = DEAD_LETTERS.map((id) => id.replace('DeadLetters', 'Queue'))
      const expected = [
        ...DEAD_LETTERS.map((id) => `ApproximateNumberOfMessagesVisible ${id}`),
        ...queues.map((id) => `ApproximateAgeOfOldestMessage ${id}`),
        ...functions.flatMap((name) => [`Errors ${name}`, `Throttles ${name}`]),
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
          of: ['Delivered', [{ Name: 'Channel', Value: 'heartbeat' }], 'Sum'],
          when: ['LessThanThreshold', 1, 'breaching'],
          seconds: 2 * 300,
        }),
        ...differs(
          'stale rules',
          all(t, 'AWS::CloudWatch::Alarm').flatMap(([id, a]) =>
            id === 'ConfigStaleAlarm' ? [[a.MetricName, a.Dimensions, a.Statistic, a.Threshold, a.Period]] : [],
          ),
          // Two polls in vain within two heartbeats.
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
    name: 'each dead letter is told, beside others too',
    problems: (t) => {
      const expressions = (a: Json) =>
        (a?.Metrics ?? []).map(
          (m: Json) =>
            m.Expression ?? [m.MetricStat.Metric.MetricName, target(m.MetricStat.Metric.Dimensions[0].Value)],
        )
      return DEAD_LETTERS.flatMap((id) => {
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
    name: 'what a queue’s function tries again for a quarter of an hour is told, and emails that go to nobody',
    problems: (t) => {
      const of = (id: string) => {
        const a = t.Resources[id]?.Properties
        // Between two tries lies up to a quarter of an hour: one in twice that is enough.
        return [a?.MetricName, a?.Dimensions, a?.Statistic, a?.Threshold, a?.EvaluationPeriods, a?.DatapointsToAlarm]
      }
      return [
        ...DEAD_LETTERS.map((id) => id.replace('DeadLetters', '')).flatMap((name) =>
          differs(name, of(`${name}WaitingAlarm`), [
            'WaitingMs',
            [{ Name: 'Queue', Value: name.toLowerCase() }],
            'Maximum',
            900_000,
            30,
            1,
          ]),
        ),
        ...differs('nobody confirmed', of('UnconfirmedAlarm'), ['Unconfirmed', [], 'Sum', 0, 30, 1]),
      ]
    },
    notices: [
      (r) => {
        r.SlackWaitingAlarm = { Type: 'none' }
      },
      (r) => {
        r.SlackWaitingAlarm.Properties.Threshold = 900
      },
      (r) => {
        r.EmailWaitingAlarm.Properties.EvaluationPeriods = 1
      },
      (r) => {
        r.UnconfirmedAlarm.Properties.Threshold = 10
      },
    ],
  },
  {
    name: 'a heartbeat is sent to the alarms topic every five minutes, by EventBridge, with its own time',
    problems: (t) => {
      const ofTick = (r: Json) => target(r.Targets[0].Arn) === CLOCK
      const rules = all(t, 'AWS::Events::Rule')
        .flatMap(([, r]) => (ofTick(r) ? [] : [r]))
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
    name: 'the dashboard and the alarms name only metrics that the code emits, where it emits them',
    problems: (t) => {
      const emitted = Object.entries(METRICS).flatMap(([name, sets]) =>
        sets.map((dimensions) => [name, ...dimensions].join(' ')),
      )
      const namespaces = all(t, 'AWS::Lambda::Function').map(([, f]) => f.Environment.Variables.METRICS_NAMESPACE)
      const graphs = lines(t).filter(([namespace]) => !namespace?.startsWith('AWS/'))
      const alarms = all(t, 'AWS::CloudWatch::Alarm').filter(
        ([id, a]) => !isOnMore(id) && !a.Namespace.startsWith('AWS/'),
      )
      const named = [
        ...graphs.map(([, metric, dimension]) => [metric, dimension].filter(Boolean).join(' ')),
        ...alarms.map(([, a]) => [a.MetricName, ...a.Dimensions.map((d: Json) => d.Name)].join(' ')),
      ]
      return [
        ...differs(
          'namespaces',
          [
            ...new Set([
              ...namespaces,
              ...graphs.map(([namespace]) => namespace),
              ...alarms.map(([, a]) => a.Namespace),
            ]),
          ],
          ['alert-router/prod'],
        ),
        ...named.filter((metric) => !emitted.includes(metric)).map((metric) => `${metric}: nothing emits it`),
        // A metric that nobody looks at only costs.
        ...emitted.filter((metric) => !named.includes(metric)).map((metric) => `${metric}: nobody looks at it`),
      ]
    },
    notices: [
      (r) => {
        r.HeartbeatAlarm.Properties.MetricName = 'Arrived'
      },
      (r) => {
        r.HeartbeatAlarm.Properties.Namespace = 'alert-router'
      },
      (r) => {
        r.RouteLambdaFunction.Properties.Environment.Variables.METRICS_NAMESPACE = undefined
      },
      (r) => changeBody(r, (body) => body.replaceAll('"Retried"', '"Repeated"')),
      (r) => changeBody(r, (body) => body.replaceAll('"Severity"', '"Channel"')),
      (r) => changeBody(r, (body) => body.replaceAll('alert-router/prod', 'alert-router')),
    ],
  },
  {
    name: 'the dashboard shows every severity, channel and queue there is',
    problems: (t) => {
      const seen = (metric: string) => [
        ...new Set(lines(t).flatMap(([, name, , value]) => (name === metric ? [value] : []))),
      ]
      const channels = Object.keys(config.channels)
      const queues = all(t, 'AWS::SQS::Queue').map(([, q]) => q.QueueName)
      return [
        ...differs('severities', seen('Classified'), SEVERITIES),
        ...differs('Suppressed', seen('Suppressed'), [...SUPPRESSED_BECAUSE]),
        ...['Failed', 'Retried'].flatMap((metric) =>
          differs(metric, seen(metric).filter(Boolean), channels.map(String)),
        ),
        ...['Delivered', 'LatencyMs'].flatMap((metric) => differs(metric, seen(metric), ['heartbeat', ...channels])),
        ...differs(
          'queues',
          [...seen('ApproximateNumberOfMessagesVisible'), ...seen('ApproximateAgeOfOldestMessage')].sort(),
          queues.sort(),
        ),
      ]
    },
    notices: [
      (r) => changeBody(r, (body) => body.replaceAll('"slack-critical"', '"slack-other"')),
      (r) => changeBody(r, (body) => body.replaceAll('"warning"', '"info"')),
      (r) => changeBody(r, (body) => body.replaceAll('alert-router-prod-email', 'alert-router-prod-mail')),
      (r) => changeBody(r, (body) => body.replaceAll('"heartbeat"', '"beat"')),
    ],
  },
  {
    name: 'the dashboard is what CloudWatch documents',
    problems: (t) => {
      const body = dashboardSchema.safeParse(JSON.parse(dashboardBody(t)))
      if (!body.success) return [z.prettifyError(body.error)]
      return body.data.widgets.flatMap((one, index) => [
        ...(one.x + one.width <= 24 ? [] : [`widget ${index} is beyond the 24th column`]),
        ...body.data.widgets.slice(index + 1).flatMap((other) => (overlap(one, other) ? ['widgets overlap'] : [])),
      ])
    },
    notices: [
      (r) => changeBody(r, (body) => body.replace('"metric"', '"graph"')),
      (r) => changeBody(r, (body) => body.replace('"stat":"Sum"', '"stat":"Total"')),
      (r) => changeBody(r, (body) => body.replace('"stat":"p95"', '"stat":"p950"')),
      (r) => changeBody(r, (body) => body.replace('"region"', '"place"')),
      (r) => changeBody(r, (body) => body.replace('"x":8', '"x":7')),
      (r) => changeBody(r, (body) => body.replace('"width":8', '"width":25')),
      (r) => changeBody(r, (body) => body.replace('"period":300', '"period":301')),
      (r) => changeBody(r, (body) => body.replace('"Classified","Severity",', '"Classified",')),
    ],
  },
  {
    name: 'a saved query follows an alert through the logs of all functions',
    problems: (t) => {
      const groups = all(t, 'AWS::Lambda::Function').map(([, f]) => `/aws/lambda/${f.FunctionName}`)
      const queries = all(t, 'AWS::Logs::QueryDefinition').map(([, q]) => [
        q.QueryString,
        q.LogGroupNames.map((group: Json) => t.Resources[target(group)]?.Properties.LogGroupName).sort(),
      ])
      return differs('queries', queries, [[FOLLOW_AN_ALERT, groups.sort()]])
    },
    notices: [
      (r) => {
        r.FollowAnAlert.Properties.LogGroupNames.pop()
      },
      (r) => {
        r.FollowAnAlert.Properties.QueryString += '0'
      },
    ],
  },
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
          [{ Service: ['cloudwatch.amazonaws.com'] }, 'sns:Publish', fromOwnAccount],
          // With a condition, EventBridge's messages would be lost (topics.yml).
          [{ Service: 'events.amazonaws.com' }, 'sns:Publish', undefined],
          [{ AWS: OWN_ACCOUNT }, 'sns:Publish', undefined],
        ]),
        ...differs('key', allowed('Key'), [
          [{ AWS: { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:root` } }, 'kms:*', undefined],
          [{ Service: ['cloudwatch.amazonaws.com'] }, use, fromOwnAccount],
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
    name: 'only route publishes notifications, and only deliver-email publishes email',
    problems: (t) =>
      all(t, 'AWS::SNS::Topic')
        .filter(([id]) => !['AlarmsTopic', 'OperatorTopic'].includes(id))
        .flatMap(([id]) => {
          const role =
            id === 'NotificationsTopic' ? 'RouteIamRoleLambdaExecution' : 'DeliverDashemailIamRoleLambdaExecution'
          const others = { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': [role, 'Arn'] } } }
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
          return [...(denied ? [] : [`${id}: others may publish`]), ...differs(`${id}: roles`, may, [role])]
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
    name: 'the operator is told, whatever becomes of the router’s key and of who may publish',
    problems: (t) =>
      all(t, 'AWS::CloudWatch::Alarm').flatMap(([id, p]) => [
        ...differs(`${id}: who is told`, p.AlarmActions, [{ Ref: 'OperatorTopic' }]),
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
    name: 'no function makes its log group: a late line would make it anew after a removal',
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
    name: 'only this account’s CloudWatch tells the operator',
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
        // What stands for "this key" in the key's policy means everything in a role's. AppConfig asks for it (live-config.ts).
        ...roles.flatMap(([id, s]) =>
          wild(s)
            .filter((v) => !(id === 'ConfigMonitorRole' && v === '*'))
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
    name: 'a function may do with the table and the queues what it does, and no more',
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
          ['Route', ['dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query: AlertTable']],
          ['DeliverDashpagerduty', [deliver]],
          ['DeliverDashslack', [deliver]],
          ['DeliverDashemail', [deliver]],
          ['DeliverDashsink', [deliver]],
          ['Tick', ['dynamodb:GetItem dynamodb:PutItem: AlertTable', `dynamodb:Query: \${AlertTable.Arn}/index/due`]],
          ['ValidateDashconfig', []],
          ['ConfigMonitorRole', []],
        ]),
        ...differs('queues', may('sqs'), [
          ['Route', [`${receive}: AlarmsQueue`, 'sqs:SendMessage: AlarmsDeadLetters']],
          ['DeliverDashpagerduty', deliverer('Pagerduty')],
          ['DeliverDashslack', deliverer('Slack')],
          ['DeliverDashemail', deliverer('Email')],
          ['DeliverDashsink', deliverer('Sink')],
          ['Tick', ['sqs:SendMessage: AlarmsQueue']],
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
  {
    name: 'the deliverers of PagerDuty and Slack may read the secrets of their stage, and only these',
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
        ['DeliverDashemailIamRoleLambdaExecution', []],
        ['DeliverDashsinkIamRoleLambdaExecution', []],
        ['TickIamRoleLambdaExecution', []],
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
        'the topic that route is told',
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
          [VALIDATOR, CLOCK].includes(target(p.FunctionName))
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
          target(c.FunctionName) === CLOCK ? [] : [[target(c.FunctionName), c.MaximumRetryAttempts]],
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
    name: 'what the alarms topic gets is kept: compressed, encrypted, for 90 days, and for nobody else to see',
    problems: (t) => {
      const bucket = t.Resources.ArchiveBucket
      const { BucketEncryption, PublicAccessBlockConfiguration, OwnershipControls, LifecycleConfiguration } =
        bucket.Properties
      const stream = t.Resources.ArchiveStream.Properties
      const s3 = stream.ExtendedS3DestinationConfiguration
      const subscriptions = all(t, 'AWS::SNS::Subscription').filter(([, s]) => s.Protocol === 'firehose')
      return [
        ...differs(
          'subscriptions',
          // Raw, a message would have lost its time, and its line.
          subscriptions.map(([, s]) => [
            target(s.TopicArn),
            target(s.Endpoint),
            target(s.SubscriptionRoleArn),
            s.RawMessageDelivery ?? false,
            s.FilterPolicy ?? 'all',
          ]),
          [['AlarmsTopic', 'ArchiveStream', 'ArchiveSubscriptionRole', false, 'all']],
        ),
        ...differs(
          'stream',
          [target(s3.BucketARN), target(s3.RoleARN), s3.Prefix, s3.CompressionFormat],
          ['ArchiveBucket', 'ArchiveStreamRole', PREFIX, 'GZIP'],
        ),
        ...differs('key', stream.DeliveryStreamEncryptionConfigurationInput, { KeyType: 'AWS_OWNED_CMK' }),
        // How far back from a moment its object may be named.
        ...(s3.BufferingHints.IntervalInSeconds * 1_000 <= LONGEST_BUFFER_MS
          ? []
          : ['it waits longer than is looked back']),
        ...differs(
          'encryption',
          BucketEncryption.ServerSideEncryptionConfiguration.map(
            (c: Json) => c.ServerSideEncryptionByDefault.SSEAlgorithm,
          ),
          ['AES256'],
        ),
        ...differs('public access', Object.values(PublicAccessBlockConfiguration ?? {}), [true, true, true, true]),
        ...differs('ownership', OwnershipControls.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }]),
        ...differs(
          'expiry',
          LifecycleConfiguration.Rules.map((rule: Json) => [rule.Status, rule.Prefix ?? 'all', rule.ExpirationInDays]),
          [['Enabled', 'all', 90]],
        ),
        // CloudFormation can't delete one that is not empty.
        ...differs('kept', bucket.DeletionPolicy, 'RetainExceptOnCreate'),
        ...differs('name', bucket.Properties.BucketName ?? 'given', 'given'),
      ]
    },
    notices: [
      (r) => {
        r.ArchiveSubscription.Properties.RawMessageDelivery = true
      },
      (r) => {
        r.ArchiveSubscription.Properties.TopicArn = { Ref: 'NotificationsTopic' }
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.Prefix = 'events/'
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.CompressionFormat = undefined
      },
      (r) => {
        r.ArchiveStream.Properties.DeliveryStreamEncryptionConfigurationInput = undefined
      },
      (r) => {
        r.ArchiveStream.Properties.ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds = 7_200
      },
      (r) => {
        r.ArchiveBucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets = false
      },
      (r) => {
        r.ArchiveBucket.Properties.LifecycleConfiguration.Rules[0].Status = 'Disabled'
      },
      (r) => {
        r.ArchiveBucket.Properties.LifecycleConfiguration.Rules[0].ExpirationInDays = undefined
      },
      (r) => {
        r.ArchiveBucket.DeletionPolicy = 'Delete'
      },
    ],
  },
  {
    name: 'the archive is written by Firehose alone, and Firehose is given by SNS alone',
    problems: (t) =>
      ['ArchiveStreamRole', 'ArchiveSubscriptionRole'].flatMap((id) => {
        const [trust, ...others] = t.Resources[id].Properties.AssumeRolePolicyDocument.Statement
        const service = id === 'ArchiveStreamRole' ? 'firehose' : 'sns'
        return [
          ...differs(`${id} is assumed by`, [trust.Principal, others], [{ Service: `${service}.amazonaws.com` }, []]),
          ...differs(
            `${id} may`,
            roleStatements(t, id).map((s) => `${asList(s.Action).join(' ')}: ${on(s.Resource)}`),
            id === 'ArchiveStreamRole'
              ? [
                  's3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads: ArchiveBucket',
                  `s3:AbortMultipartUpload s3:GetObject s3:PutObject: \${ArchiveBucket.Arn}/*`,
                  `logs:PutLogEvents: arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${ArchiveLogGroup}:log-stream:\${ArchiveLogStream}`,
                ]
              : [
                  'firehose:DescribeDeliveryStream firehose:ListDeliveryStreams firehose:ListTagsForDeliveryStream firehose:PutRecord firehose:PutRecordBatch: ArchiveStream',
                ],
          ),
        ]
      }),
    notices: [
      (r) => {
        r.ArchiveStreamRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = '*'
      },
      (r) => {
        r.ArchiveSubscriptionRole.Properties.AssumeRolePolicyDocument.Statement.push({ Effect: 'Allow' })
      },
      (r) => {
        statementFor(r.ArchiveStreamRole, 's3:PutObject').Action.push('s3:DeleteObject')
      },
      (r) => {
        statementFor(r.ArchiveSubscriptionRole, 'firehose:PutRecord').Resource = { Ref: 'ArchiveBucket' }
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
    name: 'rules that are pushed are checked by their schema and by the validator, which AppConfig may invoke',
    problems: (t) => [
      ...differs(
        'profiles',
        all(t, 'AWS::AppConfig::ConfigurationProfile').map(([, p]) => [
          p.Name,
          p.LocationUri,
          p.Validators?.map((v: Json) => [v.Type, v.Type === 'LAMBDA' ? target(v.Content) : v.Content]),
        ]),
        [
          [
            'rules',
            'hosted',
            [
              ['JSON_SCHEMA', pushedConfigJsonSchema()],
              ['LAMBDA', VALIDATOR],
            ],
          ],
          ['deployed', 'hosted', undefined],
        ],
      ),
      ...differs(
        'permissions',
        all(t, 'AWS::Lambda::Permission').flatMap(([, p]) =>
          target(p.FunctionName) === VALIDATOR ? [[p.Action, p.Principal]] : [],
        ),
        [['lambda:InvokeFunction', 'appconfig.amazonaws.com']],
      ),
    ],
    notices: [
      (r) => {
        r.ConfigProfile.Properties.Validators.pop()
      },
      (r) => {
        r.ConfigProfile.Properties.Validators[1].Content = r.ConfigEnvironment.Properties.Monitors[0].AlarmArn
      },
      (r) => {
        r.ConfigProfile.Properties.Validators[0].Content = '{}'
      },
      (r) => {
        r.ConfigMayBeValidated.Properties.Principal = '*'
      },
      (r) => {
        r.ConfigMayBeValidated = { Type: 'none' }
      },
    ],
  },
  {
    name: 'rules that the functions have just asked for hold up no removal of the stack',
    problems: (t) =>
      ['AWS::AppConfig::Environment', 'AWS::AppConfig::ConfigurationProfile'].flatMap((type) =>
        all(t, type).flatMap(([id, p]) => differs(id, p.DeletionProtectionCheck, 'BYPASS')),
      ),
    notices: [
      (r) => {
        r.ConfigEnvironment.Properties.DeletionProtectionCheck = undefined
      },
      (r) => {
        r.ConfigProfile.Properties.DeletionProtectionCheck = 'ACCOUNT_DEFAULT'
      },
    ],
  },
  {
    name: "rules are rolled out by and by, and the router's own alarms bring back those before",
    problems: (t) => {
      const alarms = ['AlarmsErrors', 'PagerdutyErrors', 'SlackErrors', 'EmailErrors', 'ConfigStale'].map(
        (a) => `${a}Alarm`,
      )
      const role = t.Resources.ConfigMonitorRole?.Properties
      return [
        ...differs(
          'strategies',
          all(t, 'AWS::AppConfig::DeploymentStrategy').map(([, s]) => [
            s.Name,
            s.DeploymentDurationInMinutes,
            s.GrowthType,
            s.GrowthFactor,
            s.FinalBakeTimeInMinutes,
          ]),
          [
            ['alert-router-prod', 10, 'LINEAR', 20, 10],
            ['alert-router-prod-at-once', 0, 'LINEAR', 100, 0],
          ],
        ),
        ...differs(
          'monitors',
          all(t, 'AWS::AppConfig::Environment').map(([, e]) =>
            e.Monitors.map((m: Json) => [target(m.AlarmArn), target(m.AlarmRoleArn)]),
          ),
          [alarms.map((alarm) => [alarm, 'ConfigMonitorRole'])],
        ),
        ...differs('trust', role?.AssumeRolePolicyDocument.Statement, [
          { Effect: 'Allow', Principal: { Service: 'appconfig.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
        ...differs(
          'may',
          roleStatements(t, 'ConfigMonitorRole').map((s) => [s.Action, s.Resource]),
          [['cloudwatch:DescribeAlarms', '*']],
        ),
        // AppConfig takes missing data for a fault, and watches no alarm that does nothing.
        ...alarms.flatMap((id) => {
          const { TreatMissingData, AlarmActions, ActionsEnabled } = t.Resources[id]?.Properties ?? {}
          return differs(id, [TreatMissingData, AlarmActions?.length, ActionsEnabled], ['notBreaching', 1, undefined])
        }),
      ]
    },
    notices: [
      (r) => {
        r.ConfigRollout.Properties.FinalBakeTimeInMinutes = 0
      },
      (r) => {
        r.ConfigRollout.Properties.GrowthFactor = 100
      },
      (r) => {
        r.ConfigEnvironment.Properties.Monitors.pop()
      },
      (r) => {
        r.ConfigEnvironment.Properties.Monitors[0].AlarmRoleArn = undefined
      },
      (r) => {
        r.ConfigMonitorRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal = '*'
      },
      (r) => {
        r.ConfigMonitorRole.Properties.Policies[0].PolicyDocument.Statement[0].Action = 'cloudwatch:*'
      },
      (r) => {
        r.ConfigStaleAlarm.Properties.TreatMissingData = 'missing'
      },
    ],
  },
  {
    name: 'the functions that follow the rules know where they are, and may read these alone',
    problems: (t) => {
      const place = `\${ConfigApplication}/\${ConfigEnvironment}/\${ConfigProfile}`
      const arn =
        `arn:\${AWS::Partition}:appconfig:\${AWS::Region}:\${AWS::AccountId}:application/\${ConfigApplication}` +
        `/environment/\${ConfigEnvironment}/configuration/\${ConfigProfile}`
      const followers = ['route', 'deliver-pagerduty', 'deliver-slack', 'deliver-email', 'tick']
      const found = all(t, 'AWS::Lambda::Function').map(([, f]) => [
        f.FunctionName.replace('alert-router-prod-', ''),
        f.Environment.Variables.LIVE_CONFIG?.['Fn::Sub'],
        roleStatements(t, target(f.Role)).flatMap((s) => {
          const actions = asList(s.Action).filter((action) => action.startsWith('appconfig:'))
          return actions.length > 0 ? [[actions, s.Resource?.['Fn::Sub']]] : []
        }),
      ])
      const read = ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration']
      return differs(
        'functions',
        found,
        FUNCTIONS.map((name) => (followers.includes(name) ? [name, place, [[read, arn]]] : [name, undefined, []])),
      )
    },
    notices: [
      (r) => {
        r.RouteLambdaFunction.Properties.Environment.Variables.LIVE_CONFIG = undefined
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'appconfig:GetLatestConfiguration').Resource = '*'
      },
      (r) => {
        statementFor(r.RouteIamRoleLambdaExecution, 'appconfig:GetLatestConfiguration').Action.pop()
      },
      (r) => {
        statementFor(r.ValidateDashconfigIamRoleLambdaExecution, 'logs:PutLogEvents').Action.push(
          'appconfig:ListApplications',
        )
      },
    ],
  },
  {
    name: 'what it was deployed with is kept for a push to compare with',
    problems: (t) =>
      differs(
        'deployed',
        all(t, 'AWS::AppConfig::HostedConfigurationVersion').map(([, v]) => [
          target(v.ConfigurationProfileId),
          String(gunzipSync(Buffer.from(v.Content, 'base64'))),
        ]),
        [['DeployedConfigProfile', JSON.stringify(config)]],
      ),
    notices: [
      (r) => {
        r.DeployedConfig.Properties.ConfigurationProfileId.Ref = 'ConfigProfile'
      },
      (r) => {
        r.DeployedConfig = { Type: 'none' }
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
]

/** What a resource names, by Ref, Fn::GetAtt, Fn::Sub or DependsOn. */
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

describe.each(CHECKS)('in the stack, $name', ({ problems, notices }) => {
  test('is so', () => {
    expect(problems(template)).toEqual([])
  })

  test('would be noticed if it were not', () => {
    for (const change of notices) {
      const changed = structuredClone(template)
      change(changed.Resources)
      expect(problems(changed), String(change)).not.toEqual([])
    }
  })
})

test('the outputs tell where to point alarms, and where dead letters are', () => {
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

test('nothing is deployed while nobody of yours is told of the router’s own trouble', () => {
  const deploy = (operator?: string) => {
    const { Resources } = structuredClone(template)
    if (operator !== undefined) Resources.OperatorSubscription.Properties.Endpoint = operator
    const { hooks } = new AlertsPlugin({
      serviceDir: '.',
      classes: { Error },
      getProvider: () => ({ getStage: () => 'prod', getAwsSdkV3Config: async () => ({}) }),
      service: { service: 'alert-router', provider: { compiledCloudFormationTemplate: { Resources } } },
    })
    return hooks['before:deploy:deploy']
  }
  // As it is shipped.
  expect(deploy()).toThrow(/params\.default\.operator is platform-team@example\.com: set it in serverless\.yml/)
  expect(deploy('ops@orders.example')).not.toThrow()
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

test('a config without channels gives no topic and no graph without lines', () => {
  const none = { ...config, channels: {} }
  expect(emailTopics(none)).toEqual({ Resources: {}, Outputs: {} })
  const body = dashboard(none, ['alarms']).Resources.Dashboard?.Properties as Json
  expect(body.DashboardBody['Fn::Sub']).not.toContain('"metrics":[]')
})

test('a query for following an alert that the README shows is the one that is deployed', () => {
  const shown = readFileSync('README.md', 'utf8').match(/^fields @timestamp[^`]*/gm) ?? []
  for (const query of shown) expect(query.trim()).toBe(FOLLOW_AN_ALERT)
})
