import type { CertificateDetail } from '@aws-sdk/client-acm'
import type { BackupJob, ProtectedResource, RestoreJobsListMember } from '@aws-sdk/client-backup'
import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation'
import type { Event as TrailEvent } from '@aws-sdk/client-cloudtrail'
import type { AlarmHistoryItem, CompositeAlarm, MetricAlarm } from '@aws-sdk/client-cloudwatch'
import type { PipelineExecutionSummary, PipelineSummary } from '@aws-sdk/client-codepipeline'
import type { LambdaFunctionRecommendation } from '@aws-sdk/client-compute-optimizer'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Event as HealthEvent } from '@aws-sdk/client-health'
import type { FunctionConfiguration, GetAccountSettingsResponse } from '@aws-sdk/client-lambda'
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub'
import type { ServiceQuota } from '@aws-sdk/client-service-quotas'
import type { InstanceInformation, InstancePatchState } from '@aws-sdk/client-ssm'

import type { EstateData } from './estate-data.ts'

/** What was measured in one interval: each of these values, so often; once when `counts` is absent. */
export interface Sample {
  values: number[]
  counts?: number[]
}

/** A metric with its dimensions. Its values are computed when they are asked for. */
export interface MetricLine {
  namespace: string
  metric: string
  dimensions: Record<string, string>
  unit?: string
  /** The seconds from one sample to the next, a multiple of 60. */
  everyS: number
  /** The sample of the interval that begins then, in ms since 1970; nothing when nothing was published. */
  at(time: number): Sample | undefined
  /** GetMetricData may not read it, or fails to. */
  failsAs?: 'Forbidden' | 'InternalError'
}

export interface LogLine {
  /** ms since 1970 */
  timestamp: number
  stream: string
  message: string
}

export interface LogGroup {
  name: string
  /** ms since 1970 */
  createdAt: number
  retentionDays?: number
  /** The oldest first, both ends included, in ms since 1970. */
  lines(from: number, to: number): LogLine[]
}

/** The result of a query of Logs Insights. */
export interface QueryResult {
  /** The columns in order; each row has them, or some of them. */
  rows: Record<string, string>[]
  /** How many lines were read, and how large they are together. */
  scanned: number
  bytes: number
}

/** A query over these groups, both ends included, in ms since 1970. */
export interface QueryAsked {
  query: string
  groups: string[]
  from: number
  to: number
}

/** What a day cost, in US dollars, for one use of one service. */
export interface CostLine {
  service: string
  usageType: string
  region: string
  tags: Record<string, string>
  amount: number
  quantity: number
}

export interface GuardDutyFinding {
  id: string
  type: string
  /** 1 to 10; high from 7, critical from 9 (GuardDuty User Guide, Findings severity levels). */
  severity: number
  isArchived: boolean
  updatedAt: Date
  resourceType: string
  resourceId: string
}

/** All that the services say of one account. */
export interface AwsData {
  account: string
  metrics: MetricLine[]
  metricAlarms: MetricAlarm[]
  compositeAlarms: CompositeAlarm[]
  /** In any order. */
  alarmHistory: AlarmHistoryItem[]
  logGroups: LogGroup[]
  /** Nothing for a query that this data has no answer to. */
  query(asked: QueryAsked): QueryResult | undefined
  /** Of a day of UTC, as in 2026-11-27. */
  costOf(day: string): CostLine[]
  /** The first day of which the cost is known; absent when none is. */
  costSince?: string
  certificates(region: string): CertificateDetail[]
  backupJobs: BackupJob[]
  protectedResources: ProtectedResource[]
  restoreJobs: RestoreJobsListMember[]
  /** Absent: GuardDuty is off in this region. */
  detector(region: string): { id: string; findings: GuardDutyFinding[] } | undefined
  securityFindings(region: string): AwsSecurityFinding[]
  /** Management events, in any order. */
  trail(region: string): TrailEvent[]
  healthEvents: HealthEvent[]
  stacks(region: string): Stack[]
  /** In any order. */
  stackEvents(region: string): StackEvent[]
  /** Of CodePipeline, each with its runs; absent: there are none. */
  pipelines?(region: string): (PipelineSummary & { runs: PipelineExecutionSummary[] })[]
  /** Those with an applied value. */
  quotas: ServiceQuota[]
  accountSettings: Pick<GetAccountSettingsResponse, 'AccountLimit' | 'AccountUsage'>
  functions: FunctionConfiguration[]
  /** By the function's name. */
  reservedConcurrency: Record<string, number>
  functionRecommendations: LambdaFunctionRecommendation[]
  /** Those that Systems Manager manages. */
  instances: InstanceInformation[]
  patchStates: InstancePatchState[]
  /** Of the router's table. */
  alertItems: Record<string, AttributeValue>[]
  /** Around its alarms; absent: nothing. */
  estate?: EstateData
}

/** As a new account, in which nothing has happened. What is there by name, stays: log groups, functions, quotas. */
export function withoutData(data: AwsData): AwsData {
  return {
    ...data,
    metrics: data.metrics.map((line) => ({ ...line, at: () => undefined })),
    ...{ metricAlarms: [], compositeAlarms: [], alarmHistory: [] },
    logGroups: data.logGroups.map((group) => ({ ...group, lines: () => [] })),
    query: (asked) => data.query(asked) && { rows: [], scanned: 0, bytes: 0 },
    ...{ costOf: () => [], costSince: undefined, certificates: () => [] },
    ...{ backupJobs: [], protectedResources: [], restoreJobs: [] },
    detector(region) {
      const there = data.detector(region)
      return there && { ...there, findings: [] }
    },
    ...{
      securityFindings: () => [],
      trail: () => [],
      pipelines: () => [],
      stacks: () => [],
      stackEvents: () => [],
      healthEvents: [],
      functionRecommendations: [],
      instances: [],
      patchStates: [],
      alertItems: [],
    },
  }
}
