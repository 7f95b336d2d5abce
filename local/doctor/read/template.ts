import { gunzipSync } from 'node:zlib'
import type { Config } from '../../../schemas/config.ts'
import { versionOf } from '../../../shared/config/version.ts'
import type { Policy } from '../policy.ts'
import type {
  Alarm,
  Key,
  LambdaFunction,
  Mapping,
  Place,
  Queue,
  Schedule,
  Stage,
  Subscription,
  Table,
  Topic,
} from '../stage.ts'
import { type Json, type Names, namesOf, type Template } from './names.ts'

/**
 * What a template says that there is, or will be. `physical`: what AWS has named the resources, by their ids in the template;
 * where that is not known, a name that stands for it.
 */
export function stageOf(
  template: Template,
  known: { name: string; place: Place; physical?: Record<string, string>; now: number },
): Stage {
  const names = namesOf(template, known)
  const { deployed } = rulesIn(names)
  return {
    source: 'template',
    name: known.name,
    place: known.place,
    now: known.now,
    topics: topicsIn(names),
    keys: keysIn(names),
    queues: queuesIn(names),
    functions: functionsIn(names),
    mappings: mappingsIn(names),
    schedules: schedulesIn(names),
    alarms: alarmsIn(names),
    tables: tablesIn(names),
    rules: { deployed, live: deployed },
    gone: [],
    unread: [],
  }
}

/** The rules that a template was packaged with, and their version. */
export function rulesIn(names: Names): { deployed: string | null; config?: Config } {
  const [found] = names.all('AWS::AppConfig::HostedConfigurationVersion')
  if (!found) return { deployed: null }
  const document = String(gunzipSync(Buffer.from(String(found.is.Content ?? ''), 'base64')))
  return { deployed: versionOf(document), config: JSON.parse(document) as Config }
}

function topicsIn(names: Names): Topic[] {
  const policies = policiesIn(names, 'AWS::SNS::TopicPolicy', 'Topics')
  const subscriptions = names.all('AWS::SNS::Subscription')
  return names.all('AWS::SNS::Topic').map(({ id, ref, is }) => ({
    id,
    name: ref.slice(ref.lastIndexOf(':') + 1),
    arn: ref,
    key: textOf(is.KmsMasterKeyId) ?? null,
    policy: policies.get(ref) ?? null,
    subscriptions: subscriptions.filter((one) => one.is.TopicArn === ref).map((one) => subscriptionOf(one.is)),
  }))
}

function subscriptionOf(is: Json): Subscription {
  return {
    protocol: String(is.Protocol),
    endpoint: String(is.Endpoint),
    state: 'unknown',
    filterPolicy: (is.FilterPolicy as Record<string, unknown>) ?? null,
    filterScope: textOf(is.FilterPolicyScope) ?? 'MessageAttributes',
    isRaw: is.RawMessageDelivery === true,
  }
}

function keysIn(names: Names): Key[] {
  return names.all('AWS::KMS::Key').map(({ id, ref, is }) => ({
    id,
    name: ref,
    arn: names.arn(id),
    state: is.Enabled === false ? 'Disabled' : 'Enabled',
    policy: is.KeyPolicy as Policy,
  }))
}

function queuesIn(names: Names): Queue[] {
  const policies = policiesIn(names, 'AWS::SQS::QueuePolicy', 'Queues')
  return names.all('AWS::SQS::Queue').map(({ id, ref, is }) => ({
    id,
    name: ref.slice(ref.lastIndexOf('/') + 1),
    arn: names.arn(id),
    url: ref,
    key: textOf(is.KmsMasterKeyId) ?? null,
    policy: policies.get(ref) ?? null,
    deadLetters: textOf((is.RedrivePolicy as Json | undefined)?.deadLetterTargetArn) ?? null,
  }))
}

/** By what they are of: a resource has one policy. */
function policiesIn(names: Names, type: string, of: string): Map<string, Policy> {
  return new Map(
    names.all(type).flatMap(({ is }) => (is[of] as string[]).map((ref) => [ref, is.PolicyDocument as Policy] as const)),
  )
}

function functionsIn(names: Names): LambdaFunction[] {
  const permissions = names.all('AWS::Lambda::Permission')
  return names.all('AWS::Lambda::Function').map(({ id, ref, is }) => {
    const arn = names.arn(id)
    const mine = permissions.filter((one) => [ref, arn].includes(String(one.is.FunctionName)))
    return {
      id,
      name: ref,
      arn,
      role: String(is.Role),
      reservedConcurrency: (is.ReservedConcurrentExecutions as number | undefined) ?? null,
      policy: mine.length > 0 ? { Statement: mine.map((one) => invocation(one.is, arn)) } : null,
    }
  })
}

/** As Lambda writes a permission into the function's policy. */
function invocation(is: Json, arn: string) {
  const { SourceArn, SourceAccount } = is
  return {
    Effect: 'Allow',
    Principal: { Service: String(is.Principal) },
    Action: String(is.Action),
    Resource: arn,
    Condition: {
      ...(SourceArn !== undefined ? { ArnLike: { 'AWS:SourceArn': SourceArn } } : {}),
      ...(SourceAccount !== undefined ? { StringEquals: { 'AWS:SourceAccount': SourceAccount } } : {}),
    },
  }
}

function mappingsIn(names: Names): Mapping[] {
  return names.all('AWS::Lambda::EventSourceMapping').map(({ id, ref, is }) => ({
    id,
    name: ref,
    queue: String(is.EventSourceArn),
    function: String(is.FunctionName).replace(/^.*:function:/, ''),
    state: is.Enabled === false ? 'Disabled' : 'Enabled',
    maximumConcurrency: (is.ScalingConfig as { MaximumConcurrency?: number } | undefined)?.MaximumConcurrency,
  }))
}

function schedulesIn(names: Names): Schedule[] {
  return names.all('AWS::Events::Rule').map(({ id, ref, is }) => ({
    id,
    name: ref,
    arn: names.arn(id),
    isEnabled: is.State !== 'DISABLED',
    targets: ((is.Targets ?? []) as Json[]).map(({ Arn }) => String(Arn)),
  }))
}

function alarmsIn(names: Names): Alarm[] {
  return [...names.all('AWS::CloudWatch::Alarm'), ...names.all('AWS::CloudWatch::CompositeAlarm')].map(
    ({ id, ref, is }) => ({
      id,
      name: ref,
      arn: names.arn(id),
      description: textOf(is.AlarmDescription) ?? '',
      actionsEnabled: is.ActionsEnabled !== false,
      actions: ((is.AlarmActions ?? []) as unknown[]).map(String),
    }),
  )
}

function tablesIn(names: Names): Table[] {
  return names.all('AWS::DynamoDB::Table').map(({ id, ref, is }) => ({
    id,
    name: ref,
    indexes: ((is.GlobalSecondaryIndexes ?? []) as Json[]).map(({ IndexName }) => ({ name: String(IndexName) })),
  }))
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}
