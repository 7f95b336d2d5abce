import type { Platform } from '../../schemas/platform.ts'
import { durationMs } from '../../shared/decide/duration.ts'
import type { TemplateResource } from '../email-topics.ts'
import { allow, arnOf, usesKey } from '../policy.ts'
import { PREFIX } from './names.ts'
import { deadLettersOf, schedule, schedulerRole } from './schedule.ts'

/** As serverless names it. */
const FUNCTION = 'DrillLambdaFunction'
const GROUP = 'PlatformDrillsGroup'
const SCHEDULER = 'PlatformDrillsRole'
const ALARMS = `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:*`
/** Nobody expects it any more. */
const LATEST_S = 3_600

export const hasDrills = (platform: Platform | undefined): boolean => platform?.drills !== undefined

/** The function that fires the drills of the file, where it has a time for them; else none. */
export function drills(platform: Platform | undefined): Record<string, object> {
  if (!hasDrills(platform)) return {}
  return {
    drill: {
      handler: 'functions/drill.handler',
      description: 'At the time of config/platform.yml, fires marked tests and follows them',
      recursiveLoop: 'Terminate',
      // A drill is followed for 8 minutes, and its end for one (functions/drill.ts).
      timeout: 600,
      environment: {
        PLATFORM_FILE: 'config/platform.json',
        ALARMS_TOPIC_ARN: { Ref: 'AlarmsTopic' },
        ALARMS_QUEUE_URL: { Ref: 'AlarmsQueue' },
      },
      package: { patterns: ['config/platform.json'] },
      // Another attempt would page people again. A failed one is a dead letter, and an alarm.
      maximumRetryAttempts: 0,
      maximumEventAge: LATEST_S,
      iamRoleStatements: [
        allow('sns:Publish', { Ref: 'AlarmsTopic' }),
        usesKey,
        allow('sqs:SendMessage', [arnOf('AlarmsQueue'), arnOf('AlarmsDeadLetters')]),
        // An alarm that a killed `drill --alarm` left in ALARM is set back to OK.
        allow('cloudwatch:DescribeAlarms', '*'),
        allow('cloudwatch:SetAlarmState', { 'Fn::Sub': ALARMS }),
        // What became of the alert that a drill is.
        allow('dynamodb:GetItem', arnOf('AlertTable')),
        allow(
          ['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
          arnOf('AlertTable'),
          { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['drill'] } },
        ),
      ],
    },
  }
}

export const drillDeadLetters = deadLettersOf(FUNCTION)

/** The schedule, and the role that may start the function. */
export function drillSchedules({ drills: time, timezone }: Platform): Record<string, TemplateResource> {
  if (!time) return {}
  const { within, classes } = time
  return {
    [GROUP]: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: `${PREFIX}-drills` } },
    [SCHEDULER]: schedulerRole(GROUP, FUNCTION, 'start-drills'),
    PlatformDrillsSchedule: schedule({
      name: 'drills',
      description: `Drills of ${classes.join(', ')}`.slice(0, 400),
      ...{ time, timezone, windowMinutes: durationMs(within) / 60_000 },
      ...{ group: GROUP, role: SCHEDULER, functionId: FUNCTION, input: INPUT, latestS: LATEST_S },
    }),
  }
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
/** What the function is given; as a dead letter it is an event of the documented form (schemas/event.ts), for people. */
const INPUT = {
  scheduledTime: '<aws.scheduler.scheduled-time>',
  title: 'Drills of ${sls:stage}: they were not run',
  description: 'Look into the log of the function, then run: alert-router drill --stage ${sls:stage}',
  severity: 'warning',
  source: 'alert-router-drill',
  time: '<aws.scheduler.scheduled-time>',
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless
