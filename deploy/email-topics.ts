import { createHash } from 'node:crypto'
import { snsAddressesIn } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'

export interface TemplateResource {
  Type: string
  DependsOn?: string | string[]
  Properties: object
}

/** A part of a CloudFormation template. Serverless resolves `${self:…}` and `${sls:…}` in it, as in its YAML. */
export interface TemplatePart {
  Resources: Record<string, TemplateResource>
  Outputs: Record<string, { Description: string; Value: unknown }>
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: resolved by serverless
const TOPIC_NAME = '${self:service}-${sls:stage}-email-'

/**
 * A topic for each email channel that SNS sends, and a subscription for each of its addresses. `others`: the roles that may
 * publish, besides that of `deliver-email`.
 */
export function emailTopics(config: Config, others: string[] = []): TemplatePart {
  const part: TemplatePart = { Resources: {}, Outputs: {} }
  const topics: object[] = []
  for (const [channel, addresses] of channelsOfSns(config)) {
    const topic = topicId(channel)
    topics.push({ Ref: topic })
    part.Resources[topic] = {
      Type: 'AWS::SNS::Topic',
      Properties: { TopicName: TOPIC_NAME + channel, KmsMasterKeyId: { Ref: 'Key' } },
    }
    for (const address of addresses) {
      part.Resources[topic + subscriptionId(address)] = {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: topic }, Protocol: 'email', Endpoint: address },
      }
    }
    part.Resources[`${topic}Policy`] = {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [{ Ref: topic }], PolicyDocument: onlyThesePublish(topic, [DELIVERER, ...others]) },
    }
    part.Outputs[`${topic}Arn`] = {
      Description: `Topic of the email channel ${channel}; each address must confirm its subscription once`,
      Value: { Ref: topic },
    }
  }
  return part
}

function channelsOfSns(config: Config): [name: string, addresses: string[]][] {
  return Object.entries(config.channels).flatMap(([name, channel]): [string, string[]][] => {
    const addresses = snsAddressesIn(channel)
    return addresses ? [[name, addresses]] : []
  })
}

/** Letters and digits only; channel names have no upper case, so no two of them give the same id. */
function topicId(channel: string): string {
  return `EmailTopic${channel.replaceAll('-', 'Dash')}`
}

/** By address, not by place in the list: a replaced subscription must be confirmed again. */
function subscriptionId(address: string): string {
  return `Address${createHash('sha256').update(address).digest('hex').slice(0, 12)}`
}

const DELIVERER = 'DeliverDashemailIamRoleLambdaExecution'

function onlyThesePublish(topic: string, roles: string[]): object {
  const arns = roles.map((role) => ({ 'Fn::GetAtt': [role, 'Arn'] }))
  const deny = { Effect: 'Deny', Principal: '*', Action: 'sns:Publish', Resource: { Ref: topic } }
  return {
    Version: '2012-10-17',
    Statement: [
      {
        ...deny,
        Sid: 'OnlyDeliverEmailPublishes',
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': arns.length === 1 ? arns[0] : arns } },
      },
      { ...deny, Sid: 'TlsOnly', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  }
}
