import { randomUUID } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { Template } from '../cli/doctor/read/names.ts'
import { stageOf } from '../cli/doctor/read/template.ts'
import type { LambdaFunction, Stage, Subscription, Topic } from '../cli/doctor/stage.ts'
import type { HttpAnswer, Request } from '../local/stand-ins/exchange.ts'
import { type AppConfigStandIn, startAppConfig } from '../local/stand-ins/index.ts'
import { type StandIn, startStandIn } from '../local/stand-ins/stand-in.ts'
import type { LastReconcile } from '../shared/store/last-reconcile.ts'
import { STRATEGIES } from './deployed-stage.ts'

/*
 * A stage in AWS, for the doctor: its stack's template, and the responses of AWS's APIs about it. Tests change `is`,
 * and so the responses.
 */

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
export type Json = any
export type Resources = Record<string, Json>

export interface StageInAws {
  /** Of its stack. */
  template: Template
  /** The current resources. The template does not change. */
  is: Stage
  /** Lines in the log of tick: ms since 1970, and text. */
  tickLines: [number, string][]
  /** What the last comparison with CloudWatch came to. */
  lastReconcile: LastReconcile | null
  /** When a heartbeat arrived, ms since 1970. */
  beats: number[]
  /**
   * The maximum page size of lists: with a small one, several pages are read. Log lines always have a page size of
   * one.
   */
  pageSize: number
  /** How far AWS's clock is ahead of this machine's. ms */
  aheadMs: number
  appConfig: AppConfigStandIn
  standIn: StandIn
  /** Each answers `AccessDenied`, by its right's name; or another code. */
  refuse(right: string, code?: string): void
  close(): Promise<void>
}

const PLACE = { partition: 'aws', region: 'eu-central-1', account: '111122223333' }
const MINUTE = 60_000

/** Healthy in every way. */
export async function startStage(template: Template): Promise<StageInAws> {
  const physical = physicalIds(template)
  const stage = wellStage(stageOf(template, { name: 'prod', place: PLACE, physical, now: Date.now() }))
  const appConfig = await deployedRules(template)
  const refused = new Map<string, string>()
  const aws: Omit<StageInAws, 'standIn' | 'close'> = {
    template,
    is: stage,
    tickLines: [
      [Date.now() - 2 * MINUTE, '{"type":"platform.report","record":{"status":"success"}}'],
      [Date.now() - MINUTE, '{"level":"INFO","DueLateMs":0}'],
    ],
    lastReconcile: { at: new Date(Date.now() - 3 * MINUTE).toISOString(), readTo: {}, found: 0, left: [], refused: [] },
    beats: [Date.now() - 8 * MINUTE, Date.now() - 3 * MINUTE],
    pageSize: 100,
    aheadMs: 0,
    appConfig,
    refuse: (right, code = 'AccessDenied') => void refused.set(right, code),
  }
  const answer = (request: Request): HttpAnswer => {
    const { right, input, isXml } = callOf(request)
    const code = refused.get(right)
    const found = code ? failed(code) : answerTo(aws, template, physical, right, input)
    return withDate(formed(right, found, isXml), aws.aheadMs)
  }
  const standIn = await startStandIn({
    answer,
    capture: (request) => ({ path: callOf(request).right, body: undefined }),
  })
  return Object.assign(aws, {
    standIn,
    close: async () => {
      await Promise.all([standIn.close(), appConfig.close()])
    },
  })
}

/** As CloudFormation and the services name things that the template does not. */
function physicalIds({ Resources }: Template): Record<string, string> {
  const ids: Record<string, string> = {}
  for (const [id, { Type }] of Object.entries(Resources)) {
    if (Type === 'AWS::Lambda::EventSourceMapping' || Type === 'AWS::KMS::Key') ids[id] = randomUUID()
    if (Type === 'AWS::IAM::Role' || Type === 'AWS::DynamoDB::Table')
      ids[id] = `alert-router-prod-${id}-${randomUUID().slice(0, 8)}`
  }
  return ids
}

function wellStage(stage: Stage): Stage {
  return {
    ...stage,
    stackStatus: 'UPDATE_COMPLETE',
    createdAt: Date.UTC(2026, 0, 1),
    topics: stage.topics.map((topic) => ({
      ...topic,
      subscriptions: topic.subscriptions?.map((one) => confirmed(topic, one)),
    })),
    queues: stage.queues.map((queue) => ({ ...queue, waiting: 0 })),
    functions: stage.functions.map((one) => ({ ...one, state: 'Active', lastUpdate: 'Successful' })),
    alarms: stage.alarms.map((alarm) => ({
      ...alarm,
      state: 'OK',
      because: 'as it should be',
      changedAt: Date.UTC(2026, 0, 1),
    })),
    tables: stage.tables.map((table) => ({
      ...table,
      status: 'ACTIVE',
      indexes: table.indexes.map((index) => ({ ...index, status: 'ACTIVE' })),
    })),
    secrets: ['pagerduty', 'slack-critical', 'slack-warning'].map((name) => ({
      name: `alert-router/prod/${name}`,
      channels: [name],
      state: 'present',
    })),
    unreservedConcurrency: 1_000,
  }
}

function confirmed(topic: Topic, one: Subscription): Subscription {
  return { ...one, state: 'confirmed', arn: `${topic.arn}:${randomUUID()}` }
}

async function deployedRules(template: Template): Promise<AppConfigStandIn> {
  const appConfig = await startAppConfig({
    application: 'alert-router-prod',
    environment: 'prod',
    profiles: ['rules', 'deployed'],
    strategies: STRATEGIES,
  })
  appConfig.store('deployed', packagedRules(template))
  return appConfig
}

function packagedRules({ Resources }: Template): string {
  const found = Object.values(Resources).find(({ Type }) => Type === 'AWS::AppConfig::HostedConfigurationVersion')
  return String(found?.Properties?.Content)
}

/** The rules that the template was packaged with, as a document. */
export function rulesDocument(template: Template): string {
  return String(gunzipSync(Buffer.from(packagedRules(template), 'base64')))
}

// ── Requests and their responses ───────

type Input = Record<string, unknown>
interface Call {
  /** As in a policy: sns:GetTopicAttributes. */
  right: string
  input: Input
  isXml: boolean
}

const SERVICE_OF: Record<string, string> = {
  AmazonSQS: 'sqs',
  TrentService: 'kms',
  AWSEvents: 'events',
  GraniteServiceVersion20100801: 'cloudwatch',
  Logs_20140328: 'logs',
  DynamoDB_20120810: 'dynamodb',
  secretsmanager: 'secretsmanager',
}
const QUERY_SERVICES: Record<string, string> = { '2010-03-31': 'sns', '2010-05-15': 'cloudformation' }
const BY_PATH: [RegExp, string, string][] = [
  [/^\/2015-03-31\/functions\/([^/]+)\/configuration/, 'lambda:GetFunctionConfiguration', 'FunctionName'],
  [/^\/2019-09-30\/functions\/([^/]+)\/concurrency/, 'lambda:GetFunctionConcurrency', 'FunctionName'],
  [/^\/2015-03-31\/functions\/([^/]+)\/policy/, 'lambda:GetPolicy', 'FunctionName'],
  [/^\/2015-03-31\/event-source-mappings\/([^/]+)/, 'lambda:GetEventSourceMapping', 'UUID'],
  [/^\/2016-08-19\/account-settings()/, 'lambda:GetAccountSettings', 'none'],
  [/^\/v2\/email\/account()/, 'ses:GetAccount', 'none'],
  [/^\/v2\/email\/identities\/([^/]+)/, 'ses:GetEmailIdentity', 'EmailIdentity'],
]

function callOf({ headers, path, bytes, json }: Request): Call {
  const target = headers['x-amz-target']
  if (typeof target === 'string') {
    const [service = '', action] = target.split('.')
    return { right: `${SERVICE_OF[service]}:${action}`, input: json as Input, isXml: false }
  }
  for (const [pattern, right, name] of BY_PATH) {
    const [, value] = pattern.exec(path) ?? []
    if (value !== undefined) return { right, input: { [name]: decodeURIComponent(value) }, isXml: false }
  }
  const form = Object.fromEntries(new URLSearchParams(String(bytes)))
  return { right: `${QUERY_SERVICES[form.Version ?? '']}:${form.Action}`, input: form, isXml: true }
}

/** An error response of the API. */
class Failed {
  readonly code: string
  constructor(code: string) {
    this.code = code
  }
}
const failed = (code: string) => new Failed(code)
const notFound = (service: string) =>
  failed(
    { sns: 'NotFound', sqs: 'QueueDoesNotExist', kms: 'NotFoundException', ses: 'NotFoundException' }[service] ??
      'ResourceNotFoundException',
  )

type Found = Record<string, unknown> | Failed
type Aws = Omit<StageInAws, 'standIn' | 'close'>

function answerTo(aws: Aws, template: Template, physical: Record<string, string>, right: string, input: Input): Found {
  if (right.startsWith('cloudformation:')) return ofStack(aws, template, physical, right, input)
  if (right.startsWith('sns:')) return ofTopic(aws, right, input)
  if (right.startsWith('lambda:')) return ofLambda(aws.is, right, input)
  if (right.startsWith('cloudwatch:')) return ofCloudWatch(aws, right, input)
  return (OTHERS[right]?.(aws, input) ?? failed(`UnknownOperation ${right}`)) as Found
}

const OTHERS: Record<string, (aws: Aws, input: Input) => Found> = {
  'sqs:GetQueueAttributes': ({ is }, input) => {
    const queue = is.queues.find(({ url }) => url === input.QueueUrl)
    if (!queue) return notFound('sqs')
    const { arn, policy, deadLetters, key, waiting, settings } = queue
    const Attributes = {
      QueueArn: arn,
      ApproximateNumberOfMessages: String(waiting),
      ...(policy ? { Policy: JSON.stringify(policy) } : {}),
      ...(deadLetters
        ? {
            RedrivePolicy: JSON.stringify({
              deadLetterTargetArn: deadLetters,
              maxReceiveCount: settings?.maxReceiveCount,
            }),
          }
        : {}),
      ...(key ? { KmsMasterKeyId: key } : {}),
      VisibilityTimeout: String(settings?.visibilityS),
      MessageRetentionPeriod: String(settings?.retentionS),
      DelaySeconds: String(settings?.delayS),
    }
    return { Attributes }
  },
  'kms:DescribeKey': ({ is }, input) => {
    const key = is.keys.find(({ name, arn }) => [name, arn].includes(String(input.KeyId)))
    return key ? { KeyMetadata: { KeyId: key.name, Arn: key.arn, KeyState: key.state } } : notFound('kms')
  },
  'kms:GetKeyPolicy': ({ is }, input) => {
    const key = is.keys.find(({ name, arn }) => [name, arn].includes(String(input.KeyId)))
    return key ? { Policy: JSON.stringify(key.policy) } : notFound('kms')
  },
  'events:DescribeRule': ({ is }, input) => {
    const rule = is.schedules.find(({ name }) => name === input.Name)
    return rule
      ? {
          Name: rule.name,
          Arn: rule.arn,
          State: rule.isEnabled ? 'ENABLED' : 'DISABLED',
          ScheduleExpression: rule.expression ?? '',
        }
      : notFound('events')
  },
  'events:ListTargetsByRule': ({ is }, input) => {
    const rule = is.schedules.find(({ name }) => name === input.Rule)
    return rule ? { Targets: rule.targets?.map((Arn, index) => ({ Id: `target-${index}`, Arn })) } : notFound('events')
  },
  'dynamodb:DescribeTable': ({ is }, input) => {
    const table = is.tables.find(({ name }) => name === input.TableName)
    if (!table) return notFound('dynamodb')
    const GlobalSecondaryIndexes = table.indexes.map(({ name, status, keys }) => ({
      IndexName: name,
      IndexStatus: status,
      KeySchema: keySchema(keys),
    }))
    const KeySchema = keySchema(table.keys)
    return { Table: { TableName: table.name, TableStatus: table.status, KeySchema, GlobalSecondaryIndexes } }
  },
  'dynamodb:GetItem': ({ is, lastReconcile }, input) => {
    if (!is.tables.some(({ name }) => name === input.TableName)) return notFound('dynamodb')
    return lastReconcile === null ? {} : { Item: { doc: { S: JSON.stringify(lastReconcile) } } }
  },
  'secretsmanager:DescribeSecret': ({ is }, input) => {
    const secret = is.secrets?.find(({ name }) => name === input.SecretId)
    if (!secret || secret.state === 'absent') return notFound('secretsmanager')
    return {
      Name: secret.name,
      ...(secret.state === 'empty' ? {} : { VersionIdsToStages: { [randomUUID()]: ['AWSCURRENT'] } }),
      ...(secret.state === 'pending deletion' ? { DeletedDate: 1_790_000_000 } : {}),
    }
  },
  'secretsmanager:GetSecretValue': () => ({ SecretString: ' \n' }),
  'ses:GetAccount': ({ is }) => ({
    ProductionAccessEnabled: !is.email?.account?.isInSandbox,
    SendingEnabled: is.email?.account?.maySend,
  }),
  'ses:GetEmailIdentity': ({ is }, input) => {
    const state = is.email?.identities[String(input.EmailIdentity)] ?? 'absent'
    return state === 'absent' ? notFound('ses') : { VerifiedForSendingStatus: state === 'verified' }
  },
  'logs:FilterLogEvents': ({ tickLines }, input) => {
    const events = tickLines
      .filter(([at]) => at >= Number(input.startTime))
      .map(([timestamp, message]) => ({ timestamp, message }))
    return page('events', 'nextToken', events, input.nextToken, 1)
  },
}

function keySchema(keys = '') {
  return keys.split(', ').map((one) => {
    const [AttributeName, KeyType] = one.split(' ')
    return { AttributeName, KeyType }
  })
}

function ofStack(
  { is, pageSize }: Aws,
  template: Template,
  physical: Record<string, string>,
  right: string,
  input: Input,
): Found {
  if (input.StackName !== 'alert-router-prod') return failed('ValidationError')
  if (right === 'cloudformation:GetTemplate') return { TemplateBody: JSON.stringify(template) }
  if (right === 'cloudformation:DescribeStacks') {
    const StackId = `arn:aws:cloudformation:${PLACE.region}:${PLACE.account}:stack/alert-router-prod/${randomUUID()}`
    const CreationTime = new Date(is.createdAt ?? 0).toISOString()
    return { Stacks: [{ StackId, StackName: 'alert-router-prod', StackStatus: is.stackStatus, CreationTime }] }
  }
  const summaries = Object.entries(physical).map(([LogicalResourceId, PhysicalResourceId]) => ({
    LogicalResourceId,
    PhysicalResourceId,
    ResourceStatus: 'CREATE_COMPLETE',
  }))
  // Resources of an earlier template are listed for a while.
  const deleted = Object.keys(physical).map((LogicalResourceId) => ({
    LogicalResourceId,
    PhysicalResourceId: 'deleted',
    ResourceStatus: 'DELETE_COMPLETE',
  }))
  summaries.push(...deleted)
  return page('StackResourceSummaries', 'NextToken', summaries, input.NextToken, pageSize)
}

function ofTopic({ is, pageSize }: Aws, right: string, input: Input): Found {
  if (right === 'sns:GetSubscriptionAttributes') {
    const all = is.topics.flatMap(({ subscriptions = [] }) => subscriptions)
    const one = all.find(({ arn }) => arn === input.SubscriptionArn)
    if (!one) return notFound('sns')
    const filter = one.filterPolicy
      ? { FilterPolicy: JSON.stringify(one.filterPolicy), FilterPolicyScope: one.filterScope ?? 'MessageAttributes' }
      : {}
    const redrive = one.deadLetters ? { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: one.deadLetters }) } : {}
    const RawMessageDelivery = String(one.isRaw)
    return { Attributes: entries({ Endpoint: one.endpoint, RawMessageDelivery, ...filter, ...redrive }) }
  }
  const topic = is.topics.find(({ arn }) => arn === input.TopicArn)
  if (!topic) return notFound('sns')
  if (right === 'sns:GetTopicAttributes') {
    const key = topic.key ? { KmsMasterKeyId: topic.key } : {}
    return { Attributes: entries({ TopicArn: topic.arn, Policy: JSON.stringify(topic.policy), ...key }) }
  }
  const subscriptions = (topic.subscriptions ?? []).map(({ arn, protocol, endpoint, state }) => ({
    SubscriptionArn: state === 'pending' ? 'PendingConfirmation' : state === 'deleted' ? 'Deleted' : arn,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topic.arn,
  }))
  return page('Subscriptions', 'NextToken', subscriptions, input.NextToken, pageSize)
}

function ofLambda(is: Stage, right: string, input: Input): Found {
  if (right === 'lambda:GetAccountSettings') {
    return { AccountLimit: { UnreservedConcurrentExecutions: is.unreservedConcurrency } }
  }
  if (right === 'lambda:GetEventSourceMapping') {
    const mapping = is.mappings.find(({ name }) => name === input.UUID)
    if (!mapping) return notFound('lambda')
    const FunctionArn = is.functions.find(({ name }) => name === mapping.function)?.arn
    const ScalingConfig = { MaximumConcurrency: mapping.maximumConcurrency }
    return {
      UUID: mapping.name,
      State: mapping.state,
      EventSourceArn: mapping.queue,
      FunctionArn,
      ScalingConfig,
      FilterCriteria: mapping.hasFilter ? { Filters: [{ Pattern: '{}' }] } : undefined,
      FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
      MaximumBatchingWindowInSeconds: mapping.windowS,
    }
  }
  const one = is.functions.find(({ name }) => name === input.FunctionName)
  return one ? ofFunction(one, right) : notFound('lambda')
}

function ofFunction(one: LambdaFunction, right: string): Found {
  const { name, arn, role, state, lastUpdate, reason, reservedConcurrency, policy } = one
  const { timeoutS, environment = [], deadLetters } = one
  if (right === 'lambda:GetPolicy') return policy ? { Policy: JSON.stringify(policy) } : notFound('lambda')
  if (right === 'lambda:GetFunctionConcurrency') {
    return reservedConcurrency === null ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
  }
  return {
    FunctionName: name,
    FunctionArn: arn,
    Role: role,
    State: state,
    LastUpdateStatus: lastUpdate,
    StateReason: reason,
    Timeout: timeoutS,
    Environment: { Variables: Object.fromEntries(environment.map((variable) => [variable, 'a value'])) },
    DeadLetterConfig: deadLetters ? { TargetArn: deadLetters } : undefined,
  }
}

function ofCloudWatch({ is, beats, pageSize }: Aws, right: string, input: Input): Found {
  if (right === 'cloudwatch:GetMetricData') {
    const Timestamps = beats.map((at) => at / 1_000)
    return { MetricDataResults: [{ Id: 'heartbeat', Timestamps, Values: beats.map(() => 1), StatusCode: 'Complete' }] }
  }
  const alarms = is.alarms
    .filter(({ name }) => (input.AlarmNames as string[]).includes(name))
    .map(({ name, arn, actionsEnabled, actions, state, because, changedAt, missingData }) => ({
      AlarmName: name,
      AlarmArn: arn,
      ActionsEnabled: actionsEnabled,
      AlarmActions: actions,
      TreatMissingData: missingData,
      StateValue: state,
      StateReason: because,
      StateUpdatedTimestamp: (changedAt ?? 0) / 1_000,
    }))
  return page('MetricAlarms', 'NextToken', alarms, input.NextToken, pageSize)
}

function page(name: string, token: string, all: object[], from: unknown, size: number): Found {
  const start = Number(from ?? 0)
  const end = start + size
  return { [name]: all.slice(start, end), ...(end < all.length ? { [token]: String(end) } : {}) }
}

/** How the query protocol writes a map. */
function entries(map: Record<string, string | undefined>) {
  const known = Object.entries(map).filter(([, value]) => value !== undefined)
  return { entry: known.map(([key, value]) => ({ key, value })) }
}

function formed(right: string, found: Found, isXml: boolean): HttpAnswer {
  const isFailed = found instanceof Failed
  const status = isFailed ? 400 : 200
  if (!isXml) {
    const type = { 'x-amzn-errortype': isFailed ? found.code : '' }
    const body = isFailed ? { __type: found.code, message: `The stand-in says ${found.code}.` } : found
    return { status, headers: isFailed ? type : {}, body }
  }
  const action = right.slice(right.indexOf(':') + 1)
  const message =
    isFailed && found.code === 'ValidationError' ? 'Stack with id X does not exist' : 'The stand-in says no.'
  const body = isFailed
    ? { ErrorResponse: { Error: { Type: 'Sender', Code: found.code, Message: message }, RequestId: 'r' } }
    : { [`${action}Response`]: { [`${action}Result`]: found, ResponseMetadata: { RequestId: 'r' } } }
  return { status, headers: { 'content-type': 'text/xml' }, body: xml(body) }
}

function xml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return escaped(String(value))
  return Object.entries(value)
    .map(([name, one]) => {
      if (one === undefined) return ''
      if (!Array.isArray(one)) return `<${name}>${xml(one)}</${name}>`
      if (name === 'entry') return one.map((each) => `<entry>${xml(each)}</entry>`).join('')
      return `<${name}>${one.map((each) => `<member>${xml(each)}</member>`).join('')}</${name}>`
    })
    .join('')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function withDate(answer: HttpAnswer, aheadMs: number): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, date: new Date(Date.now() + aheadMs).toUTCString() } }
}
