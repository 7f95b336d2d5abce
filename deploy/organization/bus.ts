import { ConfigError } from '../../shared/config/problem.ts'
import type { TemplatePart } from '../email-topics.ts'
import { allow, arnOf } from '../policy.ts'
import { organizationAlarms } from '../watch.ts'

/*
 * Where the accounts of an organization send their alarms and events: an event bus of the stack, and a rule that hands what
 * comes there to the alarms topic. What an account sends, is in its own stack, of member.yml (docs/organizations.md).
 */

// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
const NAME = '${self:service}-${sls:stage}-organization'

/** As Organizations writes it (API Reference, Organization). */
const ID = /^o-[a-z0-9]{10,32}$/

/**
 * The bus for an organization's id; nothing for `off`. YAML's `false` is off, too.
 * @throws {ConfigError} for anything else.
 */
export function organization(param: string): TemplatePart {
  if (param === 'off' || param === 'false') return { Resources: {}, Outputs: {} }
  if (!ID.test(param)) {
    const how = 'aws organizations describe-organization --query Organization.Id'
    throw new ConfigError(
      [],
      `organization is "${param}". Allowed: off, or an id such as o-a1b2c3d4e5, which this shows: ${how}`,
    )
  }
  return {
    Resources: { ...busFor(param), ...deadLetters(), ...organizationAlarms() },
    Outputs: {
      OrganizationBusArn: {
        Description: 'Where the accounts of the organization send their events (deploy/organization/member.yml)',
        Value: arnOf('OrganizationBus'),
      },
    },
  }
}

function busFor(id: string): TemplatePart['Resources'] {
  const EventBusName = { Ref: 'OrganizationBus' }
  // The condition is on who sends: a rule of another account sends with a role, which it must have then (EventBridge User
  // Guide, Permissions for event buses).
  const isOfOrganization = { StringEquals: { 'aws:PrincipalOrgID': id } }
  const Statement = { ...allow('events:PutEvents', arnOf('OrganizationBus'), isOfOrganization), Principal: '*' }
  return {
    OrganizationBus: { Type: 'AWS::Events::EventBus', Properties: { Name: NAME } },
    OrganizationBusPolicy: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: { EventBusName, StatementId: 'OrganizationMaySend', Statement },
    },
    OrganizationRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: NAME,
        Description: 'Hands what the accounts of the organization send to the router',
        EventBusName,
        // All of it: each account's own rules say what it sends.
        EventPattern: { source: [{ prefix: '' }] },
        // No role: the topic's policy lets EventBridge publish (topics.yml).
        Targets: [
          { Id: 'alarms', Arn: { Ref: 'AlarmsTopic' }, DeadLetterConfig: { Arn: arnOf('OrganizationDeadLetters') } },
        ],
      },
    },
  }
}

/** What the rule could not hand over in a day. The alarms' dead letters have a policy, and a queue takes one. */
function deadLetters(): TemplatePart['Resources'] {
  const isOfRule = { ArnEquals: { 'aws:SourceArn': arnOf('OrganizationRule') } }
  const isWithoutTls = { Bool: { 'aws:SecureTransport': 'false' } }
  return {
    OrganizationDeadLetters: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: `${NAME}-dead-letters`,
        SqsManagedSseEnabled: true,
        // 14 days, the maximum.
        MessageRetentionPeriod: 1_209_600,
      },
    },
    OrganizationDeadLettersPolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'OrganizationDeadLetters' }],
        PolicyDocument: {
          Version: '2012-10-17',
          // In a queue's policy, the resource * is the queue that has the policy.
          Statement: [
            {
              Sid: 'RuleMaySend',
              ...allow('sqs:SendMessage', '*', isOfRule),
              Principal: { Service: 'events.amazonaws.com' },
            },
            { Sid: 'TlsOnly', Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*', Condition: isWithoutTls },
          ],
        },
      },
    },
  }
}
