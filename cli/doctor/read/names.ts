import type { Place } from '../stage.ts'

/*
 * Resolves the references in a template. Supports the intrinsic functions that the stack uses.
 */

export type Json = Record<string, unknown>

export interface Template {
  Resources: Record<string, { Type: string; Properties?: Json }>
}

export interface Named {
  id: string
  /** The value of `Ref`. */
  ref: string
  /** The properties, with every reference resolved. */
  is: Json
}

export interface Names {
  /** All resources of a type. */
  all(type: string): Named[]
  arn(id: string): string
}

interface Known {
  name: string
  place: Place
  physical?: Record<string, string>
}

export function namesOf(template: Template, known: Known): Names {
  const { Resources } = template
  const pseudo = pseudoParameters(known)

  function ref(id: string): string {
    return pseudo[id] ?? known.physical?.[id] ?? standInFor(id)
  }

  function standInFor(id: string): string {
    const resource = Resources[id]
    if (!resource) return id
    const property = NAME_PROPERTY[resource.Type]
    const given = property && resource.Properties?.[property]
    const name = typeof given === 'string' ? given : `${pseudo['AWS::StackName']}-${id}`
    return (REF_OF[resource.Type] ?? plain)(name, known.place)
  }

  function attribute(id: string, name: string): string {
    const type = Resources[id]?.Type ?? ''
    const own = ref(id)
    if (name === 'Arn') return (ARN_OF[type] ?? plain)(own, known.place)
    if (name === 'QueueName' || name === 'TopicName')
      return own.slice(Math.max(own.lastIndexOf('/'), own.lastIndexOf(':')) + 1)
    return `${own}.${name}`
  }

  function follow(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(follow)
    if (typeof value !== 'object' || value === null) return value
    const { Ref, 'Fn::GetAtt': get, 'Fn::Sub': sub, 'Fn::Join': join } = value as Json
    if (typeof Ref === 'string') return ref(Ref)
    if (get !== undefined) {
      const [id, name] = Array.isArray(get) ? (get as unknown[]) : String(get).split('.')
      return attribute(String(id), String(name))
    }
    if (sub !== undefined) return substituted(sub)
    if (Array.isArray(join)) return [follow(join[1])].flat().join(String(join[0]))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, follow(one)]))
  }

  function substituted(sub: unknown): string {
    const [text, values] = Array.isArray(sub) ? (sub as [unknown, Json?]) : [sub]
    return String(text).replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      if (values && name in values) return String(follow(values[name]))
      const [id = '', attributeName] = name.split('.')
      return attributeName === undefined ? ref(id) : attribute(id, attributeName)
    })
  }

  return {
    all: (type) =>
      Object.entries(Resources)
        .filter(([, resource]) => resource?.Type === type)
        .map(([id, { Properties }]) => ({ id, ref: ref(id), is: (follow(Properties) ?? {}) as Json })),
    arn: (id) => attribute(id, 'Arn'),
  }
}

function pseudoParameters({ name, place }: Known): Record<string, string> {
  return {
    'AWS::StackName': `alert-router-${name}`,
    'AWS::AccountId': place.account,
    'AWS::Region': place.region,
    'AWS::Partition': place.partition,
    'AWS::URLSuffix': 'amazonaws.com',
  }
}

type Naming = (name: string, place: Place) => string

const plain: Naming = (name) => name
const arn =
  (service: string, kind = ''): Naming =>
  (name, { partition, region, account }) =>
    `arn:${partition}:${service}:${region}:${account}:${kind}${name}`

const NAME_PROPERTY: Record<string, string> = {
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Events::Rule': 'Name',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::Logs::LogGroup': 'LogGroupName',
}

/** The value of `Ref` if it is not the name. */
const REF_OF: Record<string, Naming> = {
  'AWS::SNS::Topic': arn('sns'),
  'AWS::SQS::Queue': (name, { region, account }) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
}

/** By the value of `Ref`. */
const ARN_OF: Record<string, Naming> = {
  'AWS::SQS::Queue': (url, place) => arn('sqs')(url.slice(url.lastIndexOf('/') + 1), place),
  'AWS::Lambda::Function': arn('lambda', 'function:'),
  'AWS::Events::Rule': arn('events', 'rule/'),
  'AWS::CloudWatch::Alarm': arn('cloudwatch', 'alarm:'),
  'AWS::CloudWatch::CompositeAlarm': arn('cloudwatch', 'alarm:'),
  'AWS::DynamoDB::Table': arn('dynamodb', 'table/'),
  'AWS::DynamoDB::GlobalTable': arn('dynamodb', 'table/'),
  'AWS::KMS::Key': arn('kms', 'key/'),
  'AWS::KinesisFirehose::DeliveryStream': arn('firehose', 'deliverystream/'),
  'AWS::IAM::Role': (name, { partition, account }) => `arn:${partition}:iam::${account}:role/${name}`,
}
