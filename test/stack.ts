import { beforeAll, expect, test } from 'vitest'
import { packagedService } from './package-service.ts'

/*
 * The stack as it is packaged, and checks of what its validator does not see. Each check gives the problems it found, and comes
 * with changes that it must notice.
 */

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
export type Json = any

export type Template = { Resources: Record<string, Json>; Outputs: Record<string, Json> }

export interface Check {
  name: string
  problems: (template: Template) => string[]
  notices: ((resources: Record<string, Json>) => void)[]
}

let template: Promise<Template> | undefined

/** As it is packaged. */
export function packagedTemplate(): Promise<Template> {
  template ??= packagedService().then((packaged) => JSON.parse(packaged.template))
  return template
}

/** The tests of a check. */
export function isHeld({ problems, notices }: Check): void {
  let template: Template
  beforeAll(async () => {
    template = await packagedTemplate()
  }, 120_000)

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
}

export const FUNCTIONS = [
  'route',
  'deliver-pagerduty',
  'deliver-slack',
  'deliver-slack-app',
  'deliver-email',
  'deliver-sink',
  'evidence',
  'tick',
  'reconcile',
  'validate-config',
]

/** One kind of resource: [logical id, properties]. */
export function all({ Resources }: Template, type: string): [string, Json][] {
  return Object.entries(Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [id, resource.Properties])
}

/** The logical id that `{ Ref }` or `{ Fn::GetAtt }` leads to. */
export function target(value: Json): string {
  return value?.Ref ?? value?.['Fn::GetAtt']?.[0] ?? `nothing (${JSON.stringify(value)})`
}

export function asList(value: Json): Json[] {
  return Array.isArray(value) ? value : [value]
}

/** Differences between what should be equal, as text; nothing if it is. */
export function differs(what: string, found: unknown, expected: unknown): string[] {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)]
  return a === b ? [] : [`${what}: ${a}, not ${b}`]
}

/** Roles of functions; Firehose and SNS have one each too (see the archive). */
export function functionRoles(template: Template): [string, Json][] {
  return all(template, 'AWS::IAM::Role').filter(([id]) => !id.startsWith('Archive'))
}

/** Policies of topics, queues, the bucket and the key: [what they protect, statements]. */
export function resourcePolicies(template: Template): [string, Json[]][] {
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

export function statementsOn(template: Template, id: string): Json[] {
  return resourcePolicies(template).flatMap(([protectedId, statements]) => (protectedId === id ? statements : []))
}

export function roleStatements(template: Template, roleId: string): Json[] {
  return (
    template.Resources[roleId]?.Properties.Policies.flatMap((policy: Json) => policy.PolicyDocument.Statement) ?? []
  )
}

export const DEAD_LETTERS = [
  'AlarmsDeadLetters',
  'PagerdutyDeadLetters',
  'SlackDeadLetters',
  'SlackAppDeadLetters',
  'EmailDeadLetters',
  'SinkDeadLetters',
]

/** AppConfig calls it, and no queue: when it fails, it has refused rules. */
export const VALIDATOR = 'ValidateDashconfigLambdaFunction'

/** EventBridge calls it each minute, and no queue (template-due.test.ts). */
export const CLOCK = 'TickLambdaFunction'

/** Those that a schedule of EventBridge calls. */
export const BY_THE_CLOCK = [CLOCK, 'ReconcileLambdaFunction']

export function on(resource: Json): string {
  return resource?.['Fn::Sub'] ?? target(resource)
}

/** The statement of a role that allows an action: to change it. */
export function statementFor(role: Json, action: string): Json {
  return role.Properties.Policies[0].PolicyDocument.Statement.find((s: Json) => asList(s.Action).includes(action))
}

/** Alarms on dead letters that are added to others: the combination of two metrics. */
export const isOnMore = (id: string) => id.endsWith('MoreDeadLettersAlarm')
