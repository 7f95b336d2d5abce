import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation'
import type { Event as TrailEvent } from '@aws-sdk/client-cloudtrail'
import type { Event as HealthEvent } from '@aws-sdk/client-health'
import type { AwsData } from '../stand-ins/aws/data.ts'
import type { FaultTimes } from './faults.ts'
import type { Place } from './place.ts'
import type { Services } from './services.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Who changed what: a deployment each week, and the one after which errors rose. */
export function changesOf(
  services: Services,
  times: FaultTimes,
  place: Place,
): Pick<AwsData, 'trail' | 'healthEvents' | 'stacks' | 'stackEvents' | 'pipelines'> {
  const deployed = [times.deployment, ...[9, 16, 23, 30].map((days) => times.now - days * DAY_MS)].flatMap((time) =>
    deployment(time, services),
  )
  const read = Array.from({ length: 20 }, (_, at) =>
    event(times.now - (at + 1) * 7 * HOUR_MS, 'DescribeAlarms', 'monitoring', 'grafana', 'true', []),
  )
  const login = event(times.now - 2 * DAY_MS, 'ConsoleLogin', 'signin', 'anna', 'false', [])
  return {
    trail: (region) => (region === place.region ? [...deployed, ...read] : region === 'us-east-1' ? [login] : []),
    healthEvents: healthOf(times, place),
    stacks: (region) => (region === place.region ? [stackOf(times, place)] : []),
    stackEvents: (region) => (region === place.region ? stackEvents(times, place) : []),
    pipelines: (region) => (region === place.region ? [pipelineOf(times)] : []),
  }
}

function deployment(time: number, { processor }: Services): TrailEvent[] {
  const name = processor?.function ?? 'function'
  const change = (offsetMs: number, EventName: string, service: string, type: string, resource: string) =>
    event(time + offsetMs, EventName, service, 'github-actions', 'false', [
      { ResourceType: type, ResourceName: resource },
    ])
  return [
    change(-60_000, 'ExecuteChangeSet', 'cloudformation', 'AWS::CloudFormation::Stack', STACK),
    change(0, 'UpdateFunctionCode20150331v2', 'lambda', 'AWS::Lambda::Function', name),
  ]
}

const STACK = 'data-platform'

function stackOf({ now, deployment: updated }: FaultTimes, { arn }: Place): Stack {
  return {
    ...{ StackName: STACK, StackId: arn('cloudformation', `stack/${STACK}/1`), StackStatus: 'UPDATE_COMPLETE' },
    ...{ CreationTime: new Date(now - 400 * DAY_MS), LastUpdatedTime: new Date(updated) },
  }
}

/** From the change set to its end. */
function stackEvents(times: FaultTimes, place: Place): StackEvent[] {
  const { StackId, StackName } = stackOf(times, place)
  const states = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'] as const
  return states.map((ResourceStatus, at) => ({
    ...{ StackId, StackName, LogicalResourceId: STACK, ResourceType: 'AWS::CloudFormation::Stack', ResourceStatus },
    ...{ EventId: `${ResourceStatus}-${times.deployment}`, Timestamp: new Date(times.deployment + (at - 1) * 60_000) },
  }))
}

/** It deploys the stack. */
function pipelineOf({ now, deployment: at }: FaultTimes): ReturnType<NonNullable<AwsData['pipelines']>>[number] {
  const run = {
    ...{ pipelineExecutionId: `run-${at}`, status: 'Succeeded' as const },
    ...{ startTime: new Date(at - 4 * 60_000), lastUpdateTime: new Date(at + 60_000) },
    trigger: { triggerType: 'WebhookV2' as const, triggerDetail: 'main' },
  }
  return {
    name: STACK,
    version: 7,
    created: new Date(now - 400 * DAY_MS),
    updated: new Date(now - 90 * DAY_MS),
    runs: [run],
  }
}

function event(
  time: number,
  EventName: string,
  service: string,
  Username: string,
  ReadOnly: 'true' | 'false',
  Resources: NonNullable<TrailEvent['Resources']>,
): TrailEvent {
  const EventTime = new Date(time)
  const EventSource = `${service}.amazonaws.com`
  const CloudTrailEvent = JSON.stringify({
    ...{ eventVersion: '1.11', eventTime: EventTime.toISOString(), eventSource: EventSource, eventName: EventName },
    userIdentity: { type: 'AssumedRole', userName: Username },
  })
  return {
    EventId: `${EventName}-${time}`,
    ...{ EventName, EventTime, EventSource, Username, ReadOnly, Resources, CloudTrailEvent },
  }
}

function healthOf({ now }: FaultTimes, { region }: Place): HealthEvent[] {
  return [
    {
      ...{ arn: 'arn:aws:health:global::event/RDS/AWS_RDS_MAINTENANCE_SCHEDULED/1', service: 'RDS', region },
      ...{
        eventTypeCode: 'AWS_RDS_MAINTENANCE_SCHEDULED',
        eventTypeCategory: 'scheduledChange',
        statusCode: 'upcoming',
      },
      ...{
        startTime: new Date(now + 6 * DAY_MS),
        lastUpdatedTime: new Date(now - DAY_MS),
        eventScopeCode: 'ACCOUNT_SPECIFIC',
      },
    },
    {
      ...{ arn: `arn:aws:health:${region}::event/ECS/AWS_ECS_OPERATIONAL_ISSUE/2`, service: 'ECS', region },
      ...{
        eventTypeCode: 'AWS_ECS_OPERATIONAL_ISSUE',
        eventTypeCategory: 'issue',
        statusCode: 'closed',
        eventScopeCode: 'PUBLIC',
      },
      ...{
        startTime: new Date(now - 8 * DAY_MS),
        endTime: new Date(now - 8 * DAY_MS + 2 * HOUR_MS),
        lastUpdatedTime: new Date(now - 8 * DAY_MS + 2 * HOUR_MS),
      },
    },
  ]
}
