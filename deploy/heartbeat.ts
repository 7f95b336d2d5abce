import { HEARTBEAT, heartbeatEvent } from '../shared/observe/heartbeat.ts'
import type { TemplatePart } from './email-topics.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
const RULE_NAME = '${self:service}-${sls:stage}-heartbeat'

/**
 * The heartbeat: every few minutes EventBridge publishes one of our own events to the alarms topic. From there it takes
 * an alert's path, to the sink. No role: the topic's policy lets EventBridge publish (topics.yml).
 */
export function heartbeat(): TemplatePart {
  return {
    Resources: {
      HeartbeatRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: RULE_NAME,
          Description: 'Sends an event through the whole router to check that it works',
          ScheduleExpression: `rate(${HEARTBEAT.minutes} minutes)`,
          Targets: [
            {
              Id: 'alarms',
              Arn: { Ref: 'AlarmsTopic' },
              InputTransformer: {
                InputPathsMap: { time: '$.time' },
                // A placeholder gives the same with quotes or without (EventBridge User Guide, Input transformation);
                // with quotes, the template is JSON.
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
