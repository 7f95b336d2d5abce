import type { TemplatePart } from './email-topics.ts'

/**
 * Follows one alert through all functions, by time. Replace ALERT with its fingerprint, or with a notification's or
 * digest's id, exactly. With Lambda's JSON log format, a line of shared/observe/log.ts is under `message`.
 */
export const FOLLOW_AN_ALERT = `fields @timestamp, message.event, message.outcome, message.severity, message.channel, message.reason, message.notificationId, message.digestId, @log
| filter message.fingerprint = "ALERT" or message.notificationId = "ALERT" or message.digestId = "ALERT"
| sort @timestamp asc
| limit 1000`

/** What was not sent, or not yet: how often, by function, channel and cause, each with the last reason. */
export const NOT_SENT = `fields @timestamp
| filter message.event in ["delivery.failed", "delivery.deferred", "delivery.suppressed", "delivery.dead_lettered", "message.retry"] or message.outcome in ["duplicate", "stale", "nobody"]
| stats count(*) as times, latest(message.reason) as last by @log, message.channel, message.event, message.outcome
| sort times desc
| limit 1000`

/** The queries in CloudWatch Logs Insights, under Saved queries, over the logs of these functions. */
export function savedQuery(functions: string[]): TemplatePart {
  return {
    Resources: {
      FollowAnAlert: query('follow an alert', FOLLOW_AN_ALERT, functions),
      NotSent: query('not sent', NOT_SENT, functions),
    },
    Outputs: {},
  }
}

function query(name: string, QueryString: string, functions: string[]) {
  return {
    Type: 'AWS::Logs::QueryDefinition',
    Properties: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
      Name: `${'${self:service}-${sls:stage}'}/${name}`,
      QueryString,
      LogGroupNames: functions.map((name) => ({ Ref: logGroupId(name) })),
    },
  }
}

/** As serverless names it: `deliver-slack` → `DeliverDashslackLogGroup`. */
function logGroupId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LogGroup`
}
