import type { Config } from '../../schemas/config.ts'
import type { Beat, Beats } from '../../shared/decide/standing.ts'
import type { Policy } from '../../shared/estate/policy.ts'
import type { Pair } from '../../shared/observe/regions.ts'
import type { LastReconcile } from '../../shared/store/last-reconcile.ts'

/*
 * A stage, as the doctor sees it: a plain description of its resources, read from a packaged template or from AWS.
 * `undefined` is unknown: a template does not have it, or it could not be read. `null` is known to be absent.
 */

export interface Stage {
  source: 'template' | 'aws'
  /** As in `--stage`: prod. */
  name: string
  place: Place
  /** CloudFormation's status of the stack, as in UPDATE_COMPLETE. */
  stackStatus?: string
  /** When the stack was created, ms since 1970. */
  createdAt?: number
  topics: Topic[]
  keys: Key[]
  queues: Queue[]
  functions: LambdaFunction[]
  mappings: Mapping[]
  schedules: Schedule[]
  alarms: Alarm[]
  tables: Table[]
  /** From the stack's template: those in AWS are not read. */
  roles: Role[]
  /** What pushed rules need, from the stack's template. */
  appConfig: AppConfigParts
  /** Those of the active rules. */
  channels?: Config['channels']
  /** Those that the channels of the rules use. */
  secrets?: Secret[]
  /** Of channels that SES sends; absent without any. */
  email?: Email
  rules?: Rules
  /** The unreserved concurrency of the account. */
  unreservedConcurrency?: number
  /** When the last heartbeat came through (ms since 1970), of those within `HEARTBEAT_LOOKBACK_MS`. */
  lastHeartbeatAt?: number | null
  tickLog?: TickLog
  /** What the last comparison with CloudWatch came to; `null`: there was none. */
  lastReconcile?: LastReconcile | null
  /** The two regions, if there are two. */
  pair?: Pair
  /** What both have said last of who sends; `replicated`: what the table alone has of the other. */
  beats?: Beats & { replicated: Beat | undefined }
  /** How far this machine's clock is ahead of AWS's. Negative: behind. */
  clockAheadMs?: number
  /** By AWS's clock, ms since 1970. */
  now: number
  /** Resources of the stack that AWS does not find. */
  gone: Gone[]
  unread: Unread[]
  /** The stage that the stack's template describes. Absent for a packaged template. */
  expected?: Stage
}

export interface Place {
  partition: string
  region: string
  account: string
}

/** A resource of CloudFormation. */
interface Resource {
  /** Its id in the template. */
  id: string
  name: string
}

export interface Topic extends Resource {
  arn: string
  /** An id or ARN of a key, or `alias/…`; `null`: not encrypted. */
  key?: string | null
  /** `null`: SNS's default policy. */
  policy?: Policy | null
  subscriptions?: Subscription[]
}

export interface Subscription {
  /** Absent while it is not confirmed, and in a template. */
  arn?: string
  protocol: string
  /** An address, or an ARN. */
  endpoint: string
  state: 'confirmed' | 'pending' | 'deleted' | 'unknown'
  filterPolicy?: Record<string, unknown> | null
  filterScope?: string
  isRaw?: boolean
  /** The ARN of the queue for messages that SNS can't deliver. */
  deadLetters?: string | null
}

export interface Key extends Resource {
  arn: string
  /** KMS's name, as in Enabled. */
  state?: string
  policy?: Policy
}

export interface Queue extends Resource {
  arn: string
  url: string
  key?: string | null
  policy?: Policy | null
  /** The ARN of its dead-letter queue. */
  deadLetters?: string | null
  /** Messages that can be received now. */
  waiting?: number
  settings?: QueueSettings
}

export interface QueueSettings {
  /** How long a received message is hidden, seconds. */
  visibilityS: number
  /** How long a message is kept, seconds. */
  retentionS: number
  /** How long a new message is delayed, seconds. */
  delayS: number
  /** The number of receives before a message becomes a dead letter; absent without a dead-letter queue. */
  maxReceiveCount?: number
}

export interface LambdaFunction extends Resource {
  arn: string
  role: string
  /** Lambda's name, as in Active; `reason` for other states. */
  state?: string
  lastUpdate?: string
  reason?: string
  reservedConcurrency?: number | null
  timeoutS?: number
  /** The ARN of the queue for failed asynchronous events. */
  deadLetters?: string | null
  /** Names of the environment variables that have a value. */
  environment?: string[]
  /** Who may invoke it besides the account's own roles. */
  policy?: Policy | null
}

/** How a queue feeds a function. */
export interface Mapping extends Resource {
  queue: string
  function: string
  /** Lambda's name, as in Enabled. */
  state: string
  maximumConcurrency?: number
  /** Whether it has a filter. There should be none, so what it matches is not checked. */
  hasFilter?: boolean
  /** Whether the function reports which messages of a batch failed (ReportBatchItemFailures). */
  reportsFailures?: boolean
  /** How long an incomplete batch waits for more messages, seconds. */
  windowS?: number
}

/** An EventBridge rule. */
export interface Schedule extends Resource {
  arn: string
  isEnabled: boolean
  /** As in rate(1 minute); `null`: triggered by events. */
  expression?: string | null
  /** ARNs. */
  targets?: string[]
}

export interface Alarm extends Resource {
  arn: string
  description: string
  actionsEnabled: boolean
  /** ARNs. */
  actions: string[]
  /** How missing data is treated, as CloudWatch names it: breaching, … */
  missingData?: string
  /** CloudWatch's name, as in OK. */
  state?: string
  because?: string
  changedAt?: number
}

export interface Table extends Resource {
  status?: string
  /** As in pk HASH, sk RANGE. */
  keys?: string
  indexes: { name: string; status?: string; keys?: string }[]
  /** Its replicas in other regions. */
  replicas?: { region: string; status?: string }[]
}

export interface Role extends Resource {
  arn: string
  policy: Policy
  /** Who may assume it. */
  trust: Policy
  /** Whether it has policies that are not in the template, or a permissions boundary. */
  hasMore: boolean
}

export interface AppConfigParts {
  /** As in profile rules. */
  parts: string[]
  /** The ARN that functions read the active rules from. */
  live?: string
  /** The alarms that stop a roll-out; ARNs. */
  monitors: string[]
}

export interface Secret {
  /** In full: alert-router/prod/pagerduty. */
  name: string
  channels: string[]
  state: 'present' | 'absent' | 'empty' | 'pending deletion'
}

/** What SES may send, in the stage's region. */
export interface Email {
  account?: { isInSandbox: boolean; maySend: boolean }
  /** Addresses and domains by which senders may be verified, in the sandbox recipients, too. */
  identities: Record<string, Identity>
}

export type Identity = 'verified' | 'pending' | 'absent'

/** Versions of the rules (shared/live-config/version.ts). */
export interface Rules {
  /** The one that the stack was deployed with; `null`: AppConfig does not have it. */
  deployed: string | null
  /** The one that the functions use. */
  live: string | null
  /** The one in `config/` here. */
  here?: string
  /** Pushed, but not used: a deployment has changed the rules since. */
  passedOver?: string
  newestRollout?: 'going on' | 'complete' | 'rolled back'
  /** Pushed, but never rolled out. */
  isStoredOnly?: boolean
}

export interface TickLog {
  /** When it last wrote a log line (ms since 1970), within `TICK_LOOKBACK_MS`. */
  lastAt: number | null
  /** Its log messages of level ERROR, newest last. */
  errors: string[]
}

export interface Gone {
  type: string
  id: string
  name: string
}

/** Resources that could not be read, and so may be unhealthy. */
export interface Unread {
  what: string
  why: string
  /** The permission for reading it; absent for files on this machine. */
  right?: string
}

export const HEARTBEAT_LOOKBACK_MS = 3 * 3_600_000
export const TICK_LOOKBACK_MS = 15 * 60_000
