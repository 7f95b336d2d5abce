import type { Config } from '../../schemas/config.ts'
import type { Policy } from './policy.ts'

/*
 * A stage, as the doctor sees it: a plain description of what is there, whether it was read from a packaged template or from
 * AWS. What is `undefined` is not known: a template does not say it, or it could not be read. What is `null` is known to be
 * absent.
 */

export interface Stage {
  source: 'template' | 'aws'
  /** As in `--stage`: prod. */
  name: string
  place: Place
  /** CloudFormation's word for the stack, as in UPDATE_COMPLETE. */
  stackStatus?: string
  /** When the stack was made, ms since 1970. */
  createdAt?: number
  topics: Topic[]
  keys: Key[]
  queues: Queue[]
  functions: LambdaFunction[]
  mappings: Mapping[]
  schedules: Schedule[]
  alarms: Alarm[]
  tables: Table[]
  /** As the stack's template has them: those in AWS are not read. */
  roles: Role[]
  /** What pushed rules need, as the stack's template has it. */
  appConfig: AppConfigParts
  /** Those of the rules that are followed. */
  channels?: Config['channels']
  /** Those that the channels of the rules name. */
  secrets?: Secret[]
  rules?: Rules
  /** How many functions of the account may run at once, those with a reserve of their own left out. */
  unreservedConcurrency?: number
  /** When the last heartbeat came through (ms since 1970), of those within `HEARTBEAT_LOOKBACK_MS`. */
  lastHeartbeatAt?: number | null
  tickLog?: TickLog
  /** How far this machine's clock is ahead of AWS's. Negative: behind. */
  clockAheadMs?: number
  /** By AWS's clock, ms since 1970. */
  now: number
  /** What the stack says that it has, and AWS does not find. */
  gone: Gone[]
  unread: Unread[]
  /** What the stack's template says that there should be. Of a template there is none: it is that itself. */
  expected?: Stage
}

export interface Place {
  partition: string
  region: string
  account: string
}

/** What CloudFormation made. */
interface Resource {
  /** Its id in the template. */
  id: string
  name: string
}

export interface Topic extends Resource {
  arn: string
  /** An id or ARN of a key, or `alias/…`; `null`: not encrypted. */
  key?: string | null
  /** `null`: that which SNS gives to a topic without one. */
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
  /** The ARN of the queue that gets what SNS can't hand over. */
  deadLetters?: string | null
}

export interface Key extends Resource {
  arn: string
  /** As KMS names it, as in Enabled. */
  state?: string
  policy?: Policy
}

export interface Queue extends Resource {
  arn: string
  url: string
  key?: string | null
  policy?: Policy | null
  /** The ARN of where its messages go in the end. */
  deadLetters?: string | null
  /** Messages that can be received now. */
  waiting?: number
  settings?: QueueSettings
}

export interface QueueSettings {
  /** For how long a message that was received is hidden, seconds. */
  visibilityS: number
  /** How long a message is kept, seconds. */
  retentionS: number
  /** How long a new message is held back, seconds. */
  delayS: number
  /** After how many receives a message goes to the dead letters; absent where there are none. */
  maxReceiveCount?: number
}

export interface LambdaFunction extends Resource {
  arn: string
  role: string
  /** As Lambda names it, as in Active; `reason` where it is another. */
  state?: string
  lastUpdate?: string
  reason?: string
  reservedConcurrency?: number | null
  timeoutS?: number
  /** The ARN of the queue that gets an event that it failed on, where no queue had brought it. */
  deadLetters?: string | null
  /** Names of the environment variables that have a value. */
  environment?: string[]
  /** Who may invoke it beside the account's own roles. */
  policy?: Policy | null
}

/** How a queue feeds a function. */
export interface Mapping extends Resource {
  queue: string
  function: string
  /** As Lambda names it, as in Enabled. */
  state: string
  maximumConcurrency?: number
  /** Does it drop messages? What a filter matches is not judged: there should be none. */
  hasFilter?: boolean
  /** Does Lambda ask which messages of a batch have failed (ReportBatchItemFailures)? */
  reportsFailures?: boolean
  /** For how long a batch that is not full waits for more, seconds. */
  windowS?: number
}

/** A rule of EventBridge. */
export interface Schedule extends Resource {
  arn: string
  isEnabled: boolean
  /** As in rate(1 minute); `null`: it goes by events. */
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
  /** How missing data is treated, in CloudWatch's words, as in breaching. */
  missingData?: string
  /** As CloudWatch names it, as in OK. */
  state?: string
  because?: string
  changedAt?: number
}

export interface Table extends Resource {
  status?: string
  /** As in pk HASH, sk RANGE. */
  keys?: string
  indexes: { name: string; status?: string; keys?: string }[]
}

export interface Role extends Resource {
  arn: string
  policy: Policy
  /** Who may assume it. */
  trust: Policy
  /** Does it have policies that are not in the template, or a boundary? */
  hasMore: boolean
}

export interface AppConfigParts {
  /** As in profile rules. */
  parts: string[]
  /** The ARN of what functions read the live rules from. */
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

/** Versions of the rules (shared/live-config/version.ts). */
export interface Rules {
  /** With which the stack was deployed; `null`: AppConfig does not have them. */
  deployed: string | null
  /** Which the functions follow. */
  live: string | null
  /** What `config/` holds here. */
  here?: string
  /** Pushed, but not followed: a deployment has changed the rules since. */
  passedOver?: string
  newestRollout?: 'going on' | 'complete' | 'rolled back'
  /** Pushed, but never rolled out. */
  isStoredOnly?: boolean
}

export interface TickLog {
  /** When it last wrote a line (ms since 1970), of those within `TICK_LOOKBACK_MS`. */
  lastAt: number | null
  /** What its lines of the level ERROR say, the newest last. */
  errors: string[]
}

export interface Gone {
  type: string
  id: string
  name: string
}

/** What could not be read, and so is not known to be well. */
export interface Unread {
  what: string
  why: string
  /** The right that reading it takes; absent for what is on this machine. */
  right?: string
}

export const HEARTBEAT_LOOKBACK_MS = 3 * 3_600_000
export const TICK_LOOKBACK_MS = 15 * 60_000
