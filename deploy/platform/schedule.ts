import type { ReportTime } from '../../schemas/platform.ts'
import type { TemplateResource } from '../email-topics.ts'
import { allow, arnOf } from '../policy.ts'
import { PREFIX } from './names.ts'

/* What starts a function at the times of config/platform.yml: EventBridge Scheduler, in the file's time zone. */

/** When: days and a time of day, as in the file. */
export type DayTime = { on: ReportTime['on'] | 'first weekday of the month'; at: string }

const DAYS: Record<DayTime['on'], string> = {
  'every day': '* * ?',
  weekdays: '? * MON-FRI',
  monday: '? * MON',
  tuesday: '? * TUE',
  wednesday: '? * WED',
  thursday: '? * THU',
  friday: '? * FRI',
  'first of the month': '1 * ?',
  'first weekday of the month': '1W * ?',
}

/** Minute, hour, day of the month, month, day of the week, year (EventBridge Scheduler User Guide, Schedule types). */
function cronOf({ on, at }: DayTime): string {
  const [hour, minute] = at.split(':').map(Number)
  return `cron(${minute} ${hour} ${DAYS[on]} *)`
}

export interface Scheduled {
  /** Of the schedule, below the stack's prefix. */
  name: string
  description: string
  time: DayTime
  timezone: string
  /** Within how many minutes after its time it may start; at it, when absent. */
  windowMinutes?: number
  /** The ids of the schedules' group and role, and of the function, in the template. */
  group: string
  role: string
  functionId: string
  /** What the function is given. */
  input: object
  /** Later than this it is not worth much. */
  latestS: number
}

/** Where the function can't be started, its input is a dead letter of the alarms' queue. */
export function schedule(of: Scheduled): TemplateResource {
  const { name, description, time, timezone, windowMinutes, group, role, functionId, input, latestS } = of
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      Name: `${PREFIX}-${name}`,
      GroupName: { Ref: group },
      Description: `${description}, by the times of config/platform.yml`,
      ScheduleExpression: cronOf(time),
      ScheduleExpressionTimezone: timezone,
      FlexibleTimeWindow:
        windowMinutes === undefined ? { Mode: 'OFF' } : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: windowMinutes },
      Target: {
        Arn: arnOf(functionId),
        RoleArn: arnOf(role),
        Input: JSON.stringify(input),
        RetryPolicy: { MaximumEventAgeInSeconds: latestS, MaximumRetryAttempts: 10 },
        DeadLetterConfig: { Arn: arnOf('AlarmsDeadLetters') },
      },
    },
  }
}

/**
 * Only the schedules of this group may use it: Scheduler names the group, not the schedule (EventBridge Scheduler User
 * Guide, Confused deputy prevention).
 */
export function schedulerRole(group: string, functionId: string, policyName: string): TemplateResource {
  const Condition = {
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 'aws:SourceArn': arnOf(group) },
  }
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole', Condition },
        ],
      },
      Policies: [
        {
          PolicyName: policyName,
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              allow('lambda:InvokeFunction', arnOf(functionId)),
              allow('sqs:SendMessage', arnOf('AlarmsDeadLetters')),
            ],
          },
        },
      ],
    },
  }
}

/**
 * The function's dead letters are those of the alarms' queue: each is an event that the router reads, so that
 * `dead-letters list` shows what is missing, and a redrive notifies people of it. Not `onError`, which would let the
 * function publish to a topic of that name.
 */
export function deadLettersOf(functionId: string): object {
  return { [functionId]: { Properties: { DeadLetterConfig: { TargetArn: arnOf('AlarmsDeadLetters') } } } }
}
