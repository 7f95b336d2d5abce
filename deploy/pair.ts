import { ConfigError } from '../shared/config/check.ts'
import { heartbeatEvent } from '../shared/observe/heartbeat.ts'
import { pairAlarms } from './watch.ts'

/*
 * The packaged stack as one of two regions (docs/second-region.md). The home's has the table, with a replica in the second
 * region; the second's has both subscriptions, as the home is deployed before it. Everything else is the same in both. Pure.
 */

/** The two regions, of which the first is the home, and the one that is packaged. */
export interface PairedStack {
  home: string
  second: string
  here: string
  /** What its resources' names begin with: `alert-router-prod`. */
  prefix: string
}

// biome-ignore lint/suspicious/noExplicitAny: a compiled template is deep JSON
type Json = any
type Resources = Record<string, Json>

/** Between the two. */
const SEPARATOR = /[\s,]+/
/** A region's name. */
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/

/**
 * Regions that every account has. SNS delivers between one of these and one that was enabled by its account under another
 * name, and not between two of the latter (SNS Developer Guide, Cross-region delivery).
 */
const OF_EVERY_ACCOUNT = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-central-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1'],
  ...['ap-south-1', 'ap-northeast-1', 'ap-northeast-2', 'ap-southeast-1', 'ap-southeast-2'],
]

/**
 * The regions of the parameter `regions`; `undefined`: off.
 * @throws {Error} saying what is wrong with it.
 */
export function pairIn(regions: unknown, here: string, prefix: string): PairedStack | undefined {
  if (regions === 'off' || regions === false || regions === undefined) return undefined
  const [home, second, ...more] = String(regions).trim().split(SEPARATOR)
  const wrong = (why: string) => new ConfigError([], `regions: ${JSON.stringify(regions)}: ${why}`)
  if (!home || !second || more.length > 0 || home === second || ![home, second].every((one) => REGION.test(one))) {
    throw wrong("expected 'off', or two regions with the home first: 'eu-west-1 eu-central-1'")
  }
  if (![home, second].includes(here)) {
    throw wrong(
      `${here} is neither of them. Deploy the stack to both, the home first: --region ${home}, --region ${second}`,
    )
  }
  if (![home, second].some((one) => OF_EVERY_ACCOUNT.includes(one))) {
    throw wrong(
      'SNS delivers nothing between two regions that an account has to enable. Choose another for one of them',
    )
  }
  return { home, second, here, prefix }
}

/** Is a region the second of the two? Then what is watched of a platform, its reports and its drills, are in the home alone. */
export function isSecond(regions: unknown, here: unknown): boolean {
  return String(regions).trim().split(SEPARATOR)[1] === here
}

/** Changes a compiled template into that of one of two regions. */
export function asPaired(
  { Resources, Outputs = {} }: { Resources: Resources; Outputs?: Resources },
  pair: PairedStack,
): void {
  const other = pair.here === pair.home ? pair.second : pair.home
  const { AlertTable } = Resources
  delete Resources.AlertTable
  for (const all of [Resources, Outputs]) {
    for (const [id, one] of Object.entries(all)) all[id] = withTable(one, pair)
  }
  if (pair.here === pair.second) Object.assign(Resources, subscriptions(pair))
  else Resources[TABLE] = globalTable(AlertTable, pair)
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::Lambda::Function' || Properties.Environment?.Variables?.TABLE_NAME === undefined) continue
    Properties.Environment.Variables.REGIONS = `${pair.home} ${pair.second}`
  }
  for (const id of ['Route', 'Tick']) sendsTo(Resources, id, pair.prefix, other)
  mayReceiveFrom(Resources.AlarmsQueuesPolicy, pair, other)
  const [target] = Resources.HeartbeatRule.Properties.Targets
  target.InputTransformer.InputTemplate = JSON.stringify(heartbeatEvent('<time>', pair.here))
  Object.assign(Resources, pairAlarms(tableName(pair), other))
}

/** Not the id of the table of one region: CloudFormation cannot make one into the other, and might delete it. */
const TABLE = 'PairedAlertTable'

/** The same in both regions: a replica has the table's name. Commands find it by its beginning (cli/which-router.ts). */
const tableName = ({ prefix }: PairedStack) => `${prefix}-AlertTable-of-two-regions`

/** With the table of two regions where a part names that of one. */
function withTable(part: Json, pair: PairedStack): Json {
  const name = tableName(pair)
  const isHere = pair.here === pair.home
  const arn = `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${name}`
  const replaced = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(replaced)
    if (typeof value !== 'object' || value === null) return value
    if (value.Ref === 'AlertTable') return isHere ? { Ref: TABLE } : name
    if (isOfTable(value['Fn::GetAtt'])) return isHere ? { 'Fn::GetAtt': [TABLE, 'Arn'] } : { 'Fn::Sub': arn }
    if (typeof value['Fn::Sub'] === 'string') {
      const text = value['Fn::Sub'].replace(/\$\{AlertTable\.Arn\}/g, () => (isHere ? `\${${TABLE}.Arn}` : arn))
      return { 'Fn::Sub': text.replace(/\$\{AlertTable\}/g, () => (isHere ? `\${${TABLE}}` : name)) }
    }
    return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, replaced(inside)]))
  }
  return replaced(part)
}

function isOfTable(attribute: Json): boolean {
  return Array.isArray(attribute) && attribute[0] === 'AlertTable'
}

/** As deploy/table.yml has it, with a replica in each region. Replication needs the stream. */
function globalTable(
  { DeletionPolicy, UpdateReplacePolicy, Properties }: Json,
  pair: PairedStack,
): { Type: string; Properties: object } {
  const { PointInTimeRecoverySpecification, DeletionProtectionEnabled, ...ofAll } = Properties
  return {
    Type: 'AWS::DynamoDB::GlobalTable',
    ...{ DeletionPolicy, UpdateReplacePolicy },
    Properties: {
      TableName: tableName(pair),
      ...ofAll,
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      Replicas: [pair.home, pair.second].map((Region) => ({
        ...{ Region, PointInTimeRecoverySpecification, DeletionProtectionEnabled },
      })),
    },
  }
}

const arnAt = (service: 'sns' | 'sqs', region: string, name: string) => ({
  'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, service, region, { Ref: 'AWS::AccountId' }, name]],
})

/** The same topic in another region. By this one's: any other ARN, the validator takes for one that is written out. */
const topicAt = (region: string, name: string) => {
  const partition = { 'Fn::Select': [0, { 'Fn::Split': [':sns:', { Ref: 'AlarmsTopic' }] }] }
  return { 'Fn::Join': [':', [partition, 'sns', region, { Ref: 'AWS::AccountId' }, name]] }
}

/**
 * Each region's alarms into the other's queue, too. A dead-letter queue is where the topic is (SNS Developer Guide, Dead-letter
 * queues).
 */
function subscriptions({ home, prefix }: PairedStack): Resources {
  return {
    AlarmsFromHomeSubscription: {
      Type: 'AWS::SNS::Subscription',
      DependsOn: ['AlarmsQueuesPolicy'],
      Properties: {
        TopicArn: topicAt(home, `${prefix}-alarms`),
        Region: home,
        Protocol: 'sqs',
        Endpoint: { 'Fn::GetAtt': ['AlarmsQueue', 'Arn'] },
        RedrivePolicy: { deadLetterTargetArn: arnAt('sqs', home, `${prefix}-alarms-dead-letters`) },
      },
    },
    AlarmsToHomeSubscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'AlarmsTopic' },
        Protocol: 'sqs',
        Endpoint: arnAt('sqs', home, `${prefix}-alarms`),
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] } },
      },
    },
  }
}

/** Orders for the region that sends, and what each says about which of them does. */
function sendsTo(resources: Resources, id: string, prefix: string, other: string): void {
  const { Variables } = resources[`${id}LambdaFunction`].Properties.Environment
  Variables.OTHER_ALARMS_QUEUE_URL = {
    'Fn::Sub': `https://sqs.${other}.\${AWS::URLSuffix}/\${AWS::AccountId}/${prefix}-alarms`,
  }
  const [policy] = resources[`${id}IamRoleLambdaExecution`].Properties.Policies
  policy.PolicyDocument.Statement.push({
    ...{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: arnAt('sqs', other, `${prefix}-alarms`) },
  })
}

/** The other region's topic may send to this one's queue. */
function mayReceiveFrom({ Properties }: Json, { here, prefix }: PairedStack, other: string): void {
  const enabled = [here, other].find((region) => !OF_EVERY_ACCOUNT.includes(region))
  Properties.PolicyDocument.Statement.push({
    Sid: 'AlarmsTopicOfOtherRegionMaySend',
    Effect: 'Allow',
    Principal: { Service: enabled === undefined ? 'sns.amazonaws.com' : `sns.${enabled}.amazonaws.com` },
    Action: 'sqs:SendMessage',
    Resource: '*',
    Condition: { ArnEquals: { 'aws:SourceArn': arnAt('sns', other, `${prefix}-alarms`) } },
  })
}
