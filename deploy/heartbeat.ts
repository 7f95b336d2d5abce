import { HEARTBEAT, heartbeatEvent } from '../shared/observe/heartbeat.ts'
import type { TemplatePart } from './email-topics.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
const RULE_NAME = '${self:service}-${sls:stage}-heartbeat'

/**
 * The heartbeat: EventBridge publishes one event of ours to the alarms topic every few minutes. From there it goes the
 * way of an alert, to the sink. No role: EventBridge publishes by the topic's policy (topics.yml).
 */
export function heartbeat(): TemplatePart {
  return {
    Resources: {
      HeartbeatRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: RULE_NAME,
          Description: 'Sends an event through the whole router, to see that it works',
          ScheduleExpression: `rate(${HEARTBEAT.minutes} minutes)`,
          Targets: [
            {
              Id: 'alarms',
              Arn: { Ref: 'AlarmsTopic' },
              InputTransformer: {
                InputPathsMap: { time: '$.time' },
                // A placeholder may stand in quotes or without, and gives the same (EventBridge User Guide, Input
                // transformation); in quotes, the template is JSON.
                InputTemplate: JSON.stringify(heartbeatEvent('<time>')),
              },
            },
          ],
        },
      },
    },
    Outputs: {},
  }
}
