import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { standardProblems } from '../cli/package/validate.ts'
import { organization } from '../deploy/organization/bus.ts'
import { PATTERNS } from '../deploy/platform/events.ts'
import { READ } from '../deploy/reconcile.ts'
import { findingsOffline, type Shipped, shippedService } from './doctor-faults.ts'
import { packagedService } from './package-service.ts'
import { all, type Json, packagedTemplate, statementsOn, type Template } from './stack.ts'

/*
 * What lets the accounts of an organization send to the router: the bus in its stack, as it is packaged, and the stack of each
 * account.
 */

const ID = 'o-a1b2c3d4e5'
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] })

describe('the bus', () => {
  let template: Template
  let without: Template

  beforeAll(async () => {
    const packaged = await packagedService({ organization: ID })
    template = JSON.parse(packaged.template)
    without = await packagedTemplate()
  }, 240_000)

  const properties = (id: string): Json => template.Resources[id]?.Properties

  test('is not there, as it is shipped', () => {
    expect(JSON.stringify(without)).not.toMatch(/organization/i)
  })

  test('changes nothing else of the stack', () => {
    const { Resources, Outputs } = template
    const added = Object.keys(Resources).filter((id) => !Object.hasOwn(without.Resources, id))
    expect(added.sort()).toEqual([
      'OrganizationBus',
      'OrganizationBusPolicy',
      'OrganizationDeadLetters',
      'OrganizationDeadLettersAlarm',
      'OrganizationDeadLettersPolicy',
      'OrganizationRule',
    ])
    expect(Object.keys(Outputs).filter((id) => !Object.hasOwn(without.Outputs, id))).toEqual(['OrganizationBusArn'])
    const changed = Object.keys(without.Resources).filter(
      (id) => JSON.stringify(withoutZip(Resources[id])) !== JSON.stringify(withoutZip(without.Resources[id])),
    )
    expect(changed).toEqual([])
  })

  test('takes events from the organization alone', () => {
    expect(properties('OrganizationBusPolicy')).toEqual({
      EventBusName: { Ref: 'OrganizationBus' },
      StatementId: 'OrganizationMaySend',
      Statement: {
        Effect: 'Allow',
        Principal: '*',
        Action: 'events:PutEvents',
        Resource: arn('OrganizationBus'),
        Condition: { StringEquals: { 'aws:PrincipalOrgID': ID } },
      },
    })
  })

  test('hands all of them to the alarms topic, whose policy lets EventBridge publish', () => {
    const { EventBusName, EventPattern, Targets } = properties('OrganizationRule')
    expect(EventBusName).toEqual({ Ref: 'OrganizationBus' })
    expect(EventPattern).toEqual({ source: [{ prefix: '' }] })
    const DeadLetterConfig = { Arn: arn('OrganizationDeadLetters') }
    expect(Targets).toEqual([{ Id: 'alarms', Arn: { Ref: 'AlarmsTopic' }, DeadLetterConfig }])
    expect(properties('OrganizationBus').Name).toBe('alert-router-prod-organization')
  })

  test('keeps what it could not hand over, encrypted, and the operator is emailed', () => {
    const of = { SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 }
    expect(properties('OrganizationDeadLetters')).toMatchObject(of)
    const [maySend, tlsOnly] = statementsOn(template, 'OrganizationDeadLetters')
    expect(maySend).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Condition: { ArnEquals: { 'aws:SourceArn': arn('OrganizationRule') } },
    })
    expect(tlsOnly).toMatchObject({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })
    const { Dimensions, AlarmActions } = properties('OrganizationDeadLettersAlarm')
    expect(Dimensions).toEqual([
      { Name: 'QueueName', Value: { 'Fn::GetAtt': ['OrganizationDeadLetters', 'QueueName'] } },
    ])
    expect(AlarmActions).toEqual([{ Ref: 'OperatorTopic' }])
  })

  test('the doctor finds nothing in it', async () => {
    expect(findingsOffline(template as Shipped['template'], await shippedService())).toEqual([])
  }, 240_000)

  test.each(['on', 'true', 'o-1', 'arn:aws:organizations::111122223333:organization/o-a1b2c3d4e5', ''])(
    'is refused for "%s", with what is allowed',
    (param) => {
      expect(() => organization(param)).toThrow(
        `organization is "${param}". Allowed: off, or an id such as o-a1b2c3d4e5`,
      )
    },
  )

  test.each(['off', 'false'])('is nothing for "%s"', (param) => {
    expect(organization(param)).toEqual({ Resources: {}, Outputs: {} })
  })
})

/** The zip's name has the time of the packaging. */
function withoutZip(resource: Json): Json {
  const { Code: _, ...others } = resource.Properties ?? {}
  return { ...resource, Properties: others }
}

const FILE = 'deploy/organization/member.yml'

/** CloudFormation's short forms, as it reads them. */
const customTags = ['Ref', 'GetAtt', 'Sub', 'Equals', 'Select', 'Split', 'Join'].flatMap((name) => {
  const key = name === 'Ref' ? 'Ref' : `Fn::${name}`
  const of = (value: unknown) => ({ [key]: name === 'GetAtt' ? String(value).split('.') : value })
  return [
    { tag: `!${name}`, resolve: of },
    { tag: `!${name}`, collection: 'seq' as const, resolve: (node: Json) => of(node.toJSON()) },
  ]
})

describe('the stack of each account', () => {
  const text = readFileSync(FILE, 'utf8')
  const template: Json = parse(text, { customTags })
  const rules = all(template, 'AWS::Events::Rule')
  const patterns = new Map(rules.map(([id, { EventPattern }]) => [id, EventPattern]))

  test('is valid, has no alias of YAML, and fits into a call', () => {
    expect(standardProblems(FILE)).toEqual([])
    expect(text).not.toMatch(/(?:^|[\s[])[&*]\w/m)
    // CloudFormation API Reference, CreateStackSet: TemplateBody.
    expect(Buffer.byteLength(text)).toBeLessThan(51_200)
  })

  test('sends the same events as the router’s own account', () => {
    const own = Object.values(PATTERNS).flatMap(({ patterns }) => Object.entries(patterns))
    expect(own.map(([name]) => [name, patterns.get(idOf(name))])).toEqual(own)
    const others = [...patterns.keys()].filter((id) => !own.some(([name]) => idOf(name) === id))
    expect(others).toEqual(['AlarmsRule', 'DeletedAlarmsRule'])
  })

  test('sends alarms, and of other events what a parameter names', () => {
    const { Parameters, Conditions } = template
    for (const [id, { Condition }] of Object.entries<Json>(template.Resources).filter(([id]) => patterns.has(id))) {
      expect(Condition, id).toBeDefined()
      const [{ Ref: parameter }, value] = Conditions[Condition]['Fn::Equals']
      expect([value, Parameters[parameter].Default], id).toEqual(['on', parameter === 'Alarms' ? 'on' : 'off'])
    }
  })

  test('sends every one to the bus, with a role that may do nothing else, for a day, and keeps what the bus did not take', () => {
    for (const [id, { Targets }] of rules) {
      expect(Targets, id).toEqual([
        {
          Id: 'alert-router',
          Arn: { Ref: 'BusArn' },
          RoleArn: arn('SendRole'),
          DeadLetterConfig: { Arn: arn('Undelivered') },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        },
      ])
    }
    const { Policies, RoleName } = template.Resources.SendRole.Properties
    const [{ PolicyDocument }] = Policies
    expect(PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'events:PutEvents', Resource: { Ref: 'BusArn' } },
    ])
    // A name would be taken by the stack of the first region.
    expect(RoleName).toBeUndefined()
  })

  test('lets reconcile read what it asks, in one region’s stack', () => {
    const { Condition, Properties } = template.Resources.ReadRole
    expect(template.Conditions[Condition]).toEqual({
      'Fn::Equals': [{ Ref: 'ReadRoleRegion' }, { Ref: 'AWS::Region' }],
    })
    const [{ PolicyDocument }] = Properties.Policies
    expect(PolicyDocument.Statement[0].Action).toEqual(READ)
    const router = { Router: { 'Fn::Select': [4, { 'Fn::Split': [':', { Ref: 'BusArn' }] }] } }
    expect(Properties.AssumeRolePolicyDocument.Statement[0]).toMatchObject({
      Principal: { AWS: { 'Fn::Sub': [expect.stringMatching(/\$\{Router\}:root$/), router] } },
      Condition: {
        ArnLike: { 'aws:PrincipalArn': { 'Fn::Sub': [expect.stringMatching(/role\/alert-router-\*$/), router] } },
      },
    })
  })

  const idOf = (name: string) => `${name.replace(/(?:^|-)(.)/g, (_, first: string) => first.toUpperCase())}Rule`
})
