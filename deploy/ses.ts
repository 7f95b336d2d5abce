import type { TemplateResource } from './email-topics.ts'
import { CONFIGURATION_SET as NAME } from './ses-rights.ts'
import { sesAlarms } from './watch.ts'

/*
 * What email channels by SES need of the stack; without such a channel, nothing. The sender is the user's to verify: the stack
 * creates no identity, because only who owns a domain can.
 */

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const DEFAULT_BUS = 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** The rule that matches what becomes of emails; its metric, too, has this name. */
const EMAIL_EVENTS = `${NAME}-email-events`

/**
 * A configuration set, by which SES publishes bounces and complaints; EventBridge hands them to the router, as events like any
 * other, and an alarm notifies the operator directly.
 */
export function sesResources(senders: string[]): { Resources: Record<string, TemplateResource> } {
  if (senders.length === 0) return { Resources: {} }
  return {
    Resources: {
      EmailConfigurationSet: { Type: 'AWS::SES::ConfigurationSet', Properties: { Name: NAME } },
      EmailEventDestination: {
        Type: 'AWS::SES::ConfigurationSetEventDestination',
        Properties: {
          ConfigurationSetName: { Ref: 'EmailConfigurationSet' },
          EventDestination: {
            Name: 'events',
            Enabled: true,
            MatchingEventTypes: ['bounce', 'complaint', 'reject'],
            // SES publishes to no other bus.
            EventBridgeDestination: { EventBusArn: { 'Fn::Sub': DEFAULT_BUS } },
          },
        },
      },
      EmailEventsRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          Name: EMAIL_EVENTS,
          Description: 'Emails of this stage that bounced, were complained about, or were not sent',
          EventPattern: {
            source: ['aws.ses'],
            'detail-type': ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
            detail: { mail: { tags: { 'ses:configuration-set': [NAME] } } },
          },
          Targets: [{ Id: 'alarms', Arn: { Ref: 'AlarmsTopic' } }],
        },
      },
      ...sesAlarms(EMAIL_EVENTS),
    },
  }
}
