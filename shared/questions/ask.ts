import type { AlertStatus } from '../../schemas/alert.ts'
import type { Update } from '../../schemas/update.ts'
import type { Delivery } from '../history/alert-history.ts'
import type { OpenAlerts } from '../history/open-alerts.ts'
import type { Series } from '../platform/series.ts'

/** What a question wants to know, as data: asks that are alike are sent together, and none twice. */
export type Ask = AskOfOne & {
  /** Of the file's `accounts`; absent: the stage's own. */
  account?: string
}

type AskOfOne =
  | MetricAsk
  | { kind: 'alarms' }
  /** What an alarm watches, whatever it is made of: math, a query, a band. */
  | { kind: 'alarm-metric'; alarm: string; from: string; to: string }
  | CostsAsk
  /** Of the days from `from` (today) to `to` (exclusive), in UTC. */
  | { kind: 'forecast'; from: string; to: string }
  /** Of all alarms, or of one. */
  | { kind: 'alarm-history'; from: string; to: string; alarm?: string }
  /** What the router has recorded. */
  | { kind: 'alerts'; since: string }
  /** What the router knows of now: what fires, and what is silenced. */
  | { kind: 'open' }
  /** Who changed what. */
  | { kind: 'changes'; from: string; to: string }
  | { kind: 'stacks'; since: string }
  /** Runs of CodePipeline's pipelines. */
  | { kind: 'pipelines'; since: string }
  | { kind: 'health'; since: string }
  /** What was asked for an incident, and kept. */
  | { kind: 'kept'; alarm: string; from: string; to: string }
  /** When drills last arrived. */
  | { kind: 'drills' }
  | { kind: 'backups'; since: string }
  /** `mostBytes`: it is stopped once it has read so many, which are paid. */
  | { kind: 'logs'; query: string; groups: string[]; from: string; to: string; mostBytes?: number }
  | { kind: 'guardduty' }
  | { kind: 'security-hub' }
  | { kind: 'lambda-limits'; functions: string[] }
  | QuotasAsk
  /** Of the project where the report runs: newer versions, and known vulnerabilities. */
  | { kind: 'outdated' }
  | { kind: 'vulnerable' }
  | { kind: 'functions' }
  /** Of every function. */
  | { kind: 'invocations'; from: string; to: string }
  /** Compute Optimizer's. */
  | { kind: 'function-sizes' }
  /** Of a region; of the stack's own, when absent. */
  | { kind: 'certificates'; region?: string }
  /** Of the machines that Systems Manager manages. */
  | { kind: 'patches' }

/** The values of a metric, one for each period, from `from` (inclusive) to `to` (exclusive), in ISO 8601. */
export interface MetricAsk {
  kind: 'metric'
  account?: string
  series: Pick<Series, 'namespace' | 'metric' | 'dimensions'>
  statistic: string
  periodS: number
  from: string
  to: string
}

/** What each day cost, or each month; the first and the last month may be in part. Days in UTC, `to` is exclusive. */
export interface CostsAsk {
  kind: 'costs'
  from: string
  to: string
  by?: 'month'
}

/** The quotas of these services, and what of them was used most in that time. */
export interface QuotasAsk {
  kind: 'quotas'
  services: string[]
  from: string
  to: string
}

export interface Found {
  metric: Point[]
  alarms: FiringAlarm[]
  'alarm-metric': AlarmMetric
  costs: DayOfCost[]
  forecast: Forecast
  'alarm-history': AlarmChange[]
  alerts: RoutedAlert[]
  open: OpenAlerts
  changes: Changes
  stacks: ChangedStack[]
  pipelines: PipelineRuns
  health: HealthEvent[]
  kept: KeptPlaybook[]
  drills: ProvenDrill[]
  backups: Backups
  logs: LogRows
  guardduty: OpenFindings
  'security-hub': OpenFindings
  'lambda-limits': LambdaLimits
  quotas: Quotas
  outdated: Outdated[]
  vulnerable: Vulnerable[]
  functions: LambdaFunction[]
  invocations: (LambdaFunction & { invocations: number })[]
  'function-sizes': FunctionSize[]
  certificates: Certificates
  patches: PatchedInstance[]
}

/** When a period begins, in epoch seconds, and its value. Periods without data are absent. */
export type Point = [time: number, value: number]

export interface FiringAlarm {
  name: string
  /** ISO 8601; absent where AWS does not say. */
  since?: string
  /** Without, CloudWatch notifies nobody; an EventBridge rule may. */
  hasActions: boolean
  /** Of a metric alarm that watches one metric. */
  namespace?: string
  dimensions?: Record<string, string>
  /** Of a composite alarm. */
  rule?: string
}

/** The values that an alarm has compared with its threshold. */
export interface AlarmMetric {
  points: Point[]
  periodS: number
  /** `Errors`, or the label of an expression. */
  label: string
  statistic?: string
  threshold?: number
  /** As CloudWatch calls it: `GreaterThanThreshold`. */
  comparison?: string
}

/** In one channel. */
export interface ProvenDrill {
  /** A class; an alarm's name; or `send`. */
  subject: string
  channel: string
  /** ISO 8601; absent: it has never arrived. */
  provenAt?: string
  tookMs?: number
}

/** A day in UTC, or a month. */
export interface DayOfCost {
  /** `2026-11-25`; of a month, its first that was asked for. */
  day: string
  /** AWS may still change it: so it calls every day until it closes the month. */
  isEstimate: boolean
  /** US dollars, by service. */
  services: Record<string, number>
}

/** US dollars. */
export interface Forecast {
  mean: number
  /** AWS expects it to be within these. */
  least: number
  most: number
}

export interface AlarmChange {
  name: string
  /** ISO 8601 */
  at: string
  from: string
  to: string
}

/** An alert of the router's, with its changes in time, the oldest first. */
export interface RoutedAlert {
  fingerprint: string
  title: string
  /** Who sent it, where that is recorded. */
  source?: string
  changes: {
    at: string
    status: AlertStatus
    severity: string
    /** That set its severity. */
    rule: string
    /** All that matched, as far as that is recorded. */
    matched: string[]
    /** Of an end, where it is recorded. */
    firingSince?: string
    reason?: string
    /** The router decided nothing new: it had received it before, or newer. */
    isRepeated: boolean
    /** Whom it notified, or should have, in the words of `alert-router history`. */
    deliveries: { channel: string; outcome: Delivery['status']; at?: string; reason?: string }[]
    /** What it sent about the change later: reminders, escalations, acknowledgements. */
    updates?: { channel: string; is: Update['is']; at: string }[]
  }[]
}

/** Of CloudTrail: writes by people and by their tools. AWS shows them some minutes late. */
export interface Changes {
  events: { at: string; by: string; what: string; of: string }[]
  /** More than are listed. */
  hasMore: boolean
}

export interface ChangedStack {
  name: string
  status: string
  at: string
}

export interface PipelineRuns {
  /** The newest first. */
  runs: { pipeline: string; status: string; at: string; by?: string }[]
  /** So many of all were asked, those that were changed last. */
  asked: number
  all: number
}

/** A playbook that somebody has run. */
export interface KeptPlaybook {
  name: string
  at: string
  headline: string
  /** Of its page, in the archive bucket. */
  key: string
}

/** An issue of AWS's own. */
export interface HealthEvent {
  service: string
  region: string
  what: string
  isOpen: boolean
  from?: string
  to?: string
}

/** How many invocations may run at once. */
export interface LambdaLimits {
  /** Of the account, in this region. */
  all: number
  /** What of it no function has reserved. */
  unreserved: number
  /** By function: those that have reserved some. */
  reserved: Record<string, number>
}

export interface Quotas {
  used: QuotaUse[]
  /** Those of which nobody publishes how much is used. */
  unknown: number
}

/** A quota of a service, and what of it was used most. */
export interface QuotaUse {
  service: string
  serviceCode: string
  code: string
  name: string
  limit: number
  used: number
  isAdjustable: boolean
  /** A rate of calls, counted over five minutes: bursts were higher. */
  isRate: boolean
}

/** A dependency with a newer version. */
export interface Outdated {
  name: string
  /** That is installed; what would be, where it is not. */
  current: string
  isInstalled: boolean
  /** The newest that its range allows. */
  wanted: string
  latest: string
  /** Its range is one version. */
  isExact: boolean
}

/** A dependency with a known vulnerability. */
export interface Vulnerable {
  name: string
  /** npm's: low, moderate, high, critical. */
  severity: string
  isDirect: boolean
  titles: string[]
  /** What fixes it: an update within the ranges, or another version of what brings it. Absent: nothing yet. */
  fix?: 'update' | { name: string; version: string; isMajor: boolean }
}

export interface LambdaFunction {
  name: string
  arn: string
  /** Absent for a container image. */
  runtime?: string
  /** ISO 8601 */
  modified?: string
}

/** What Compute Optimizer says of a function's memory, in MB. */
export interface FunctionSize {
  arn: string
  memory: number
  /** Absent: its memory is right. */
  better?: number
  /** What that saves in a month. */
  dollars?: number
  percent?: number
  /** For how many days it was observed. */
  days: number
}

export interface Certificates {
  region: string
  all: Certificate[]
}

export interface Certificate {
  arn: string
  domain: string
  status: string
  /** AWS renews it. */
  isRenewed: boolean
  isInUse: boolean
  /** ISO 8601; absent before it was issued. */
  from?: string
  to?: string
  /** Absent while none is due. `domains`: those that are not validated. */
  renewal?: { status: string; domains: string[]; why?: string }
}

/** Without counts, it was never scanned. */
export interface PatchedInstance {
  id: string
  name: string
  missing?: number
  failed?: number
  /** Of those missing: security patches, and critical ones. */
  security?: number
  /** When it was scanned, ISO 8601. */
  at?: string
}

/** How AWS Backup calls a job that did not end well; `COMPLETED` alone would say nothing of these. */
export const FAILED_JOBS = ['FAILED', 'ABORTED', 'EXPIRED', 'PARTIAL'] as const

export interface Backups {
  resources: { arn: string; lastAt?: string }[]
  /** Jobs that did not end well. */
  failed: { arn: string; at: string; state: string; why?: string }[]
  restored: { arn: string; at: string }[]
}

/** The rows of a query, by its columns; and how many bytes it has read, which are paid. */
export interface LogRows {
  rows: Record<string, string>[]
  bytes: number
  /** Groups that do not exist: their services have not run yet, perhaps. */
  missing: string[]
  /** It was stopped at its limit: these are the rows that it had by then. */
  isCut?: true
}

/** Of high severity or higher. */
export interface OpenFindings {
  count: number
  /** A few of them, by title. */
  examples: string[]
}

/** Why something could not be asked: nobody may take this for a good answer, or for 0. */
export interface Refused {
  /** The missing IAM action, as in `ce:GetCostAndUsage`; or what has to be switched on. Absent where another try may do. */
  needs?: string
  why: string
}

export type Outcome<Kind extends Ask['kind'] = Ask['kind']> = { data: Found[Kind]; asOf: string } | { refused: Refused }
