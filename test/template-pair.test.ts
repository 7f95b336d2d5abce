import { beforeAll, expect, test } from 'vitest'
import { pairIn } from '../deploy/pair.ts'
import { packagedService } from './package-service.ts'
import { all, type Json, packagedTemplate, roleStatements, type Template } from './stack.ts'

/*
 * The stack of each of two regions, as it is packaged (deploy/pair.ts).
 */

const REGIONS = 'eu-central-1 eu-west-1'

let home: Template
let second: Template
let alone: Template

beforeAll(async () => {
  alone = await packagedTemplate()
  home = JSON.parse((await packagedService({ regions: REGIONS })).template)
  second = JSON.parse((await packagedService({ regions: REGIONS, region: 'eu-west-1' })).template)
}, 360_000)

const added = (to: Template, from: Template) =>
  Object.keys(to.Resources)
    .filter((id) => !Object.hasOwn(from.Resources, id))
    .sort()
const ALARMS = ['OtherRegionSilentAlarm', 'ReplicaBehindAlarm', 'TookOverAlarm']
const bothEnds = (value: Json) => JSON.stringify(value)

test('off, as it is shipped: nothing of the stack knows of a second region', () => {
  expect(bothEnds(alone)).not.toMatch(/REGIONS|GlobalTable|OtherRegion|eu-west-1/)
})

test('the home has the table, with a replica in each region', () => {
  expect(added(home, alone)).toEqual([ALARMS[0], 'PairedAlertTable', ...ALARMS.slice(1)])
  expect(added(alone, home)).toEqual(['AlertTable'])
  const { Type, DeletionPolicy, Properties } = home.Resources.PairedAlertTable
  const { PointInTimeRecoverySpecification, DeletionProtectionEnabled, ...ofAll } =
    alone.Resources.AlertTable.Properties
  expect({ Type, DeletionPolicy }).toEqual({ Type: 'AWS::DynamoDB::GlobalTable', DeletionPolicy: 'Retain' })
  expect(Properties).toMatchObject({ TableName: 'alert-router-prod-AlertTable-of-two-regions', ...ofAll })
  expect(Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' })
  expect(Properties.Replicas).toEqual(
    ['eu-central-1', 'eu-west-1'].map((Region) => ({
      ...{ Region, PointInTimeRecoverySpecification, DeletionProtectionEnabled },
    })),
  )
})

test('the second has no table of its own: it names the replica', () => {
  expect(added(second, home)).toEqual(['AlarmsFromHomeSubscription', 'AlarmsToHomeSubscription'])
  expect(added(home, second)).toEqual(['PairedAlertTable'])
  expect(bothEnds(second)).not.toMatch(/"(Paired)?AlertTable["\].]/)
  for (const [, { Environment }] of all(second, 'AWS::Lambda::Function')) {
    expect(Environment.Variables.TABLE_NAME).toBe('alert-router-prod-AlertTable-of-two-regions')
  }
  const resources = roleStatements(second, 'TickIamRoleLambdaExecution').map(
    ({ Resource }: Json) => Resource['Fn::Sub'],
  )
  const arn = `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/alert-router-prod-AlertTable-of-two-regions`
  expect(resources).toEqual(expect.arrayContaining([arn, `${arn}/index/due`]))
})

test('each alarm gets into both queues, and what cannot get there becomes a dead letter where its topic is', () => {
  const { AlarmsFromHomeSubscription, AlarmsToHomeSubscription } = second.Resources
  const named = (value: Json): string => bothEnds(value).replaceAll(/[^\w-]+/g, ' ')
  expect(AlarmsFromHomeSubscription.Properties).toMatchObject({
    ...{ Region: 'eu-central-1', Protocol: 'sqs', Endpoint: { 'Fn::GetAtt': ['AlarmsQueue', 'Arn'] } },
  })
  expect(AlarmsFromHomeSubscription.DependsOn).toEqual(['AlarmsQueuesPolicy'])
  expect(named(AlarmsFromHomeSubscription.Properties.TopicArn)).toMatch(
    / sns eu-central-1 .* alert-router-prod-alarms /,
  )
  expect(named(AlarmsFromHomeSubscription.Properties.RedrivePolicy)).toMatch(
    / sqs eu-central-1 .*-alarms-dead-letters /,
  )
  expect(AlarmsToHomeSubscription.Properties).toMatchObject({ TopicArn: { Ref: 'AlarmsTopic' }, Protocol: 'sqs' })
  expect(AlarmsToHomeSubscription.Properties.RawMessageDelivery).toBeUndefined()
  expect(named(AlarmsToHomeSubscription.Properties.Endpoint)).toMatch(/ sqs eu-central-1 .* alert-router-prod-alarms /)
  for (const [template, other] of [
    [home, 'eu-west-1'],
    [second, 'eu-central-1'],
  ] as const) {
    const { Statement } = template.Resources.AlarmsQueuesPolicy.Properties.PolicyDocument
    const [own, , ofOther] = Statement
    expect(own).toEqual(alone.Resources.AlarmsQueuesPolicy.Properties.PolicyDocument.Statement[0])
    expect(ofOther).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
    })
    expect(named(ofOther.Condition)).toMatch(
      new RegExp(`ArnEquals aws SourceArn .* sns ${other} .* alert-router-prod-alarms `),
    )
  }
})

test('every function knows both regions; route and tick may send to the queue of the other one, and to no other there', () => {
  for (const [template, other] of [
    [home, 'eu-west-1'],
    [second, 'eu-central-1'],
  ] as const) {
    for (const [, { Environment }] of all(template, 'AWS::Lambda::Function')) {
      expect(Environment.Variables.REGIONS).toBe(REGIONS)
    }
    const sending = all(template, 'AWS::IAM::Role').filter(([, role]) => bothEnds(role).includes(`"${other}"`))
    expect(sending.map(([id]) => id)).toEqual(['RouteIamRoleLambdaExecution', 'TickIamRoleLambdaExecution'])
    for (const id of ['Route', 'Tick']) {
      const { OTHER_ALARMS_QUEUE_URL } = template.Resources[`${id}LambdaFunction`].Properties.Environment.Variables
      const url = `https://sqs.${other}.\${AWS::URLSuffix}/\${AWS::AccountId}/alert-router-prod-alarms`
      expect(OTHER_ALARMS_QUEUE_URL).toEqual({ 'Fn::Sub': url })
    }
  }
})

test('each region has a heartbeat of its own, by its name', () => {
  const idIn = ({ Resources }: Template) =>
    JSON.parse(Resources.HeartbeatRule.Properties.Targets[0].InputTransformer.InputTemplate).id
  expect([alone, home, second].map(idIn)).toEqual(['heartbeat', 'heartbeat-eu-central-1', 'heartbeat-eu-west-1'])
})

test('each notifies its operator when nothing is heard of the other, when it takes over, and when the replica is behind', () => {
  for (const { Resources } of [home, second]) {
    for (const id of ALARMS) expect(Resources[id].Properties.AlarmActions).toEqual([{ Ref: 'OperatorTopic' }])
  }
  expect(home.Resources.ReplicaBehindAlarm.Properties.Dimensions).toContainEqual({
    ...{ Name: 'ReceivingRegion', Value: 'eu-west-1' },
  })
})

test.each([
  ['off', 'eu-west-1', undefined],
  [false, 'eu-west-1', undefined],
  ['eu-west-1 eu-central-1', 'eu-west-1', { home: 'eu-west-1', second: 'eu-central-1' }],
  ['eu-west-1, eu-central-1', 'eu-central-1', { home: 'eu-west-1', second: 'eu-central-1' }],
  ['af-south-1 eu-west-1', 'eu-west-1', { home: 'af-south-1', second: 'eu-west-1' }],
])('regions: %j, packaged for %s', (regions, here, expected) => {
  expect(pairIn(regions, here, 'x')).toEqual(expected && { ...expected, here, prefix: 'x' })
})

test.each([
  ['on', 'eu-west-1', "expected 'off', or two regions with the home first: 'eu-west-1 eu-central-1'"],
  ['eu-west-1', 'eu-west-1', 'two regions'],
  ['eu-west-1 eu-west-1', 'eu-west-1', 'two regions'],
  ['eu-west-1 eu-central-1 eu-north-1', 'eu-west-1', 'two regions'],
  ['eu-west-1 eu-central-1', 'us-east-1', 'us-east-1 is neither of them'],
  ['af-south-1 eu-south-1', 'af-south-1', 'SNS delivers nothing between two regions that an account has to enable'],
])('regions: %j, packaged for %s, is refused', (regions, here, why) => {
  expect(() => pairIn(regions, here, 'x')).toThrow(why)
})
