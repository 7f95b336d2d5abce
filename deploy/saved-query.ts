import type { TemplatePart } from './email-topics.ts'

/**
 * Follows one alert through all functions, by time. Replace ALERT with its fingerprint, or with a notification's or
 * digest's id, exactly. With Lambda's JSON log format, a line of shared/observe/log.ts is under `message`.
 */
export const FOLLOW_AN_ALERT = `fields @timestamp, message.event, message.outcome, message.severity, message.channel, message.reason, message.notificationId, message.digestId, @log
| filter message.fingerprint = "ALERT" or message.notificationId = "ALERT" or message.digestId = "ALERT"
| sort @timestamp asc
| limit 1000`

/** The query in CloudWatch Logs Insights, under Saved queries, over the logs of these functions. */
export function savedQuery(functions: string[]): TemplatePart {
  return {
    Resources: {
      FollowAnAlert: {
        Type: 'AWS::Logs::QueryDefinition',
        Properties: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
          Name: '${self:service}-${sls:stage}/follow an alert',
          QueryString: FOLLOW_AN_ALERT,
          LogGroupNames: functions.map((name) => ({ Ref: logGroupId(name) })),
        },
      },
    },
    Outputs: {},
  }
}

/** As serverless names it: `deliver-slack` → `DeliverDashslackLogGroup`. */
function logGroupId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('-', 'Dash')}LogGroup`
}
