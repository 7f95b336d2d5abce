import { gunzipSync } from 'node:zlib'
import { TABLE } from '../../../local/topology.ts'
import type { Config } from '../../../schemas/config.ts'
import type { Policy, Statement } from '../../../shared/estate/policy.ts'
import { versionOf } from '../../../shared/live-config/version.ts'
import type { Pair } from '../../../shared/observe/regions.ts'
import type {
  Alarm,
  AppConfigParts,
  Key,
  LambdaFunction,
  Mapping,
  Place,
  Queue,
  QueueSettings,
  Role,
  Schedule,
  Stage,
  Subscription,
  Table,
  Topic,
} from '../stage.ts'
import { type Json, type Names, namesOf, type Template } from './names.ts'

/**
 * The stage that a template describes. `physical`: AWS's names of the resources, by their ids in the template; if
 * unknown, a placeholder.
 */
export function stageOf(
  template: Template,
  known: { name: string; place: Place; physical?: Record<string, string>; now: number },
): Stage {
  const names = namesOf(template, known)
  const { deployed, config } = rulesIn(names)
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
    ...pairOf(names, known.place),
    roles: rolesIn(names),
    appConfig: appConfigIn(names, known.place),
    channels: config?.channels,
    rules: { deployed, live: deployed },
    gone: [],
    unread: [],
  }
}

/** The rules that a template was packaged with, and their version. */
export function rulesIn(names: Names): { deployed: string | null; config?: Config } {
  const [found] = names.all('AWS::AppConfig::HostedConfigurationVersion')
  if (!found) return { deployed: null }
  try {
    const document = String(gunzipSync(Buffer.from(String(found.is.Content ?? ''), 'base64')))
    return { deployed: versionOf(document), config: JSON.parse(document) as Config }
  } catch {
    // `package` did not write it: it can't be parsed.
    return { deployed: null }
  }
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
    deadLetters: textOf((is.RedrivePolicy as Json | undefined)?.deadLetterTargetArn) ?? null,
  }
}

function keysIn(names: Names): Key[] {
  return names.all('AWS::KMS::Key').map(({ id, ref, is }) => ({
    id,
    name: ref,
    arn: names.arn(id),
    state: is.Enabled === false ? 'Disabled' : 'Enabled',
    policy: policyOf(is.KeyPolicy),
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
    settings: queueSettings({ ...is, ...(is.RedrivePolicy as Json | undefined) }),
  }))
}

/** SQS's defaults (SQS API Reference, CreateQueue). */
const QUEUE_DEFAULTS = { visibilityS: 30, retentionS: 345_600, delayS: 0 }

/** From attributes by their SQS names, together with those of the redrive policy. */
export function queueSettings(is: Json): QueueSettings {
  return {
    visibilityS: numberOf(is.VisibilityTimeout) ?? QUEUE_DEFAULTS.visibilityS,
    retentionS: numberOf(is.MessageRetentionPeriod) ?? QUEUE_DEFAULTS.retentionS,
    delayS: numberOf(is.DelaySeconds) ?? QUEUE_DEFAULTS.delayS,
    maxReceiveCount: numberOf(is.maxReceiveCount),
  }
}

/** By their resource: a resource has one policy. */
function policiesIn(names: Names, type: string, of: string): Map<string, Policy> {
  return new Map(
    names.all(type).flatMap(({ is }) => list(is[of]).map((ref) => [String(ref), policyOf(is.PolicyDocument)] as const)),
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
      timeoutS: numberOf(is.Timeout) ?? 3,
      deadLetters: textOf((is.DeadLetterConfig as Json | undefined)?.TargetArn) ?? null,
      environment: namesWithValue((is.Environment as Json | undefined)?.Variables),
      reservedConcurrency: (is.ReservedConcurrentExecutions as number | undefined) ?? null,
      policy: mine.length > 0 ? { Statement: mine.map((one) => invocation(one.is, arn)) } : null,
    }
  })
}

export function namesWithValue(variables: unknown): string[] {
  return Object.entries((variables ?? {}) as Json).flatMap(([name, value]) => (value ? [name] : []))
}

/** In the form in which Lambda writes a permission into the function's policy. */
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
    ...mappingSettings(is),
  }))
}

/** With CloudFormation's names, which are Lambda's. */
export function mappingSettings(is: {
  FilterCriteria?: { Filters?: unknown }
  FunctionResponseTypes?: unknown
  MaximumBatchingWindowInSeconds?: unknown
}) {
  return {
    hasFilter: list(is.FilterCriteria?.Filters).length > 0,
    reportsFailures: list(is.FunctionResponseTypes).includes('ReportBatchItemFailures'),
    windowS: numberOf(is.MaximumBatchingWindowInSeconds) ?? 0,
  }
}

function schedulesIn(names: Names): Schedule[] {
  return names.all('AWS::Events::Rule').map(({ id, ref, is }) => ({
    id,
    name: ref,
    arn: names.arn(id),
    isEnabled: is.State !== 'DISABLED',
    expression: textOf(is.ScheduleExpression) ?? null,
    targets: objects(is.Targets).map(({ Arn }) => String(Arn)),
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
      actions: list(is.AlarmActions).map(String),
      missingData: textOf(is.TreatMissingData),
    }),
  )
}

/** Which two regions there are, as its functions know it. */
function pairOf(names: Names, { region: here }: Place): { pair?: Pair } {
  const [home, second] = String(variableOf(names, 'REGIONS') ?? '').split(' ')
  if (!home || !second) return {}
  return { pair: { here, home, other: here === home ? second : home } }
}

function variableOf(names: Names, name: string): unknown {
  return names
    .all('AWS::Lambda::Function')
    .map(({ is }) => ((is.Environment as Json | undefined)?.Variables as Json | undefined)?.[name])
    .find((value) => value !== undefined)
}

function tablesIn(names: Names): Table[] {
  const all = [...names.all('AWS::DynamoDB::Table'), ...names.all('AWS::DynamoDB::GlobalTable')]
  // The second of two regions has a replica of the other's.
  const replica = variableOf(names, 'REGIONS') === undefined ? undefined : String(variableOf(names, 'TABLE_NAME'))
  if (all.length === 0 && replica !== undefined) return [{ id: '', name: replica, ...KEYS }]
  return all.map(({ id, ref, is }) => ({
    id,
    name: ref,
    keys: keysOf(is.KeySchema),
    indexes: objects(is.GlobalSecondaryIndexes).map(({ IndexName, KeySchema }) => ({
      name: String(IndexName),
      keys: keysOf(KeySchema),
    })),
  }))
}

/** As deploy/table.yml has them. */
const KEYS = {
  keys: keysOf(TABLE.KeySchema),
  indexes: TABLE.GlobalSecondaryIndexes.map(({ IndexName: name, KeySchema }) => ({ name, keys: keysOf(KeySchema) })),
}

/** As in pk HASH, sk RANGE. */
export function keysOf(schema: unknown): string {
  return objects(schema)
    .map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`)
    .join(', ')
}

/** With the policies that other resources of the template attach to them. */
function rolesIn(names: Names): Role[] {
  const attached = [...names.all('AWS::IAM::Policy'), ...names.all('AWS::IAM::ManagedPolicy')]
  return names.all('AWS::IAM::Role').map(({ id, ref, is }) => {
    const own = objects(is.Policies).map((one) => one.PolicyDocument)
    const others = attached.filter((one) => list(one.is.Roles).includes(ref)).map((one) => one.is.PolicyDocument)
    return {
      id,
      name: ref,
      arn: names.arn(id),
      policy: { Statement: [...own, ...others].flatMap((one) => policyOf(one).Statement) },
      trust: policyOf(is.AssumeRolePolicyDocument),
      hasMore: list(is.ManagedPolicyArns).length > 0 || is.PermissionsBoundary !== undefined,
    }
  })
}

function appConfigIn(names: Names, { partition, region, account }: Place): AppConfigParts {
  const named = (type: string, kind: string) =>
    names.all(`AWS::AppConfig::${type}`).map(({ is }) => `${kind} ${String(is.Name)}`)
  const environments = names.all('AWS::AppConfig::Environment')
  const [application] = names.all('AWS::AppConfig::Application')
  const [environment] = environments
  const profile = names.all('AWS::AppConfig::ConfigurationProfile').find(({ is }) => is.Name === 'rules')
  const live =
    application && environment && profile
      ? `application/${application.ref}/environment/${environment.ref}/configuration/${profile.ref}`
      : undefined
  return {
    parts: [
      ...named('Application', 'application'),
      ...named('Environment', 'environment'),
      ...named('ConfigurationProfile', 'profile'),
      ...named('DeploymentStrategy', 'strategy'),
    ],
    live: live && `arn:${partition}:appconfig:${region}:${account}:${live}`,
    monitors: environments.flatMap(({ is }) => objects(is.Monitors).map(({ AlarmArn }) => String(AlarmArn))),
  }
}

function policyOf(document: unknown): { Statement: Statement[] } {
  const { Statement, ...others } = (document ?? {}) as Json
  return { ...others, Statement: objects(Statement) as unknown as Statement[] }
}

/** CloudFormation accepts a single item in place of a list. */
function list(value: unknown): unknown[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => one !== undefined && one !== null)
}

function objects(value: unknown): Json[] {
  return list(value).filter((one): one is Json => typeof one === 'object')
}

function numberOf(value: unknown): number | undefined {
  const number = Number(value)
  return value === undefined || value === null || Number.isNaN(number) ? undefined : number
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}
