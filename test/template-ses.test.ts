import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../shared/config/read.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { findingsOffline, type Shipped } from './doctor-faults.ts'
import { copyOfService, packageHere, STACK } from './package-service.ts'
import { type Json, packagedTemplate, roleStatements, type Template } from './stack.ts'

/*
 * What an email channel by SES changes in the stack: who may send, and how bounces are known. Beside one that SNS sends.
 */

const CHANNEL = 'email-security: { type: email, via: ses, from: alerts@example.com, addresses: [ann@example.org] }'
const { folder, remove } = copyOfService()
let template: Template
let without: Template

beforeAll(async () => {
  const rules = join(folder, 'config/alerts.yml')
  writeFileSync(rules, readFileSync(rules, 'utf8').replace(/email-security: \{ type.*\}/, CHANNEL))
  const service = join(folder, 'serverless.yml')
  writeFileSync(service, readFileSync(service, 'utf8').replace("inbox: 'off'", "inbox: 'on'"))
  const { output } = await packageHere(folder, '--stage', 'prod', '--region', 'eu-central-1')
  expect(output).toContain('template valid')
  template = JSON.parse(readFileSync(join(folder, STACK), 'utf8'))
  without = await packagedTemplate()
}, 240_000)
afterAll(remove)

const properties = (id: string): Json => template.Resources[id]?.Properties
const NAME = 'alert-router-prod'

test('the doctor finds nothing in it', () => {
  const rulesHere = versionOf(documentOf(readConfig(join(folder, 'config'))))
  expect(findingsOffline(template as Shipped['template'], { folder, template: template as never, rulesHere })).toEqual(
    [],
  )
})

test('without one, nothing of the stack knows of SES', () => {
  expect(JSON.stringify(without)).not.toMatch(/ses:|AWS::SES|SES_/)
})

test('it has no topic and no subscription; what SNS sends has them as before', () => {
  const topics = ({ Resources }: Template) => Object.keys(Resources).filter((id) => id.startsWith('EmailTopic'))
  const isOfIt = (id: string) => id.startsWith('EmailTopicemailDashsecurity')
  expect(topics(without).some(isOfIt)).toBe(true)
  expect(topics(template)).toEqual(topics(without).filter((id) => !isOfIt(id)))
})

test.each(['DeliverDashemail', 'Evidence'])('%s may send from its address alone, by the set', (id) => {
  const sends = roleStatements(template, `${id}IamRoleLambdaExecution`).filter(({ Action }) =>
    String(Action).includes('ses:'),
  )
  const arn = (of: string) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:ses:\${AWS::Region}:\${AWS::AccountId}:${of}` })
  expect(sends).toEqual([
    {
      Effect: 'Allow',
      Action: ['ses:SendEmail'],
      Resource: [arn('identity/*'), arn(`configuration-set/${NAME}`)],
      Condition: { StringEquals: { 'ses:FromAddress': ['alerts@example.com'] } },
    },
  ])
  expect(properties(`${id}LambdaFunction`).Environment.Variables.SES_CONFIGURATION_SET).toBe(NAME)
})

test('nobody else may send', () => {
  const others = Object.entries(template.Resources).filter(
    ([id, { Type }]) => Type === 'AWS::IAM::Role' && !/^(?:DeliverDashemail|Evidence)Iam/.test(id),
  )
  expect(JSON.stringify(others)).not.toContain('ses:')
})

test('where the inbox is on, its emails have a button: the deliverer knows the URL and may read the secret that signs', () => {
  const { INBOX_URL, SECRET_PREFIX } = properties('DeliverDashemailLambdaFunction').Environment.Variables
  expect([INBOX_URL, SECRET_PREFIX]).toEqual([
    { 'Fn::GetAtt': ['InboxLambdaFunctionUrl', 'FunctionUrl'] },
    'alert-router/prod/',
  ])
  const reads = roleStatements(template, 'DeliverDashemailIamRoleLambdaExecution').filter(({ Action }) =>
    [Action].flat().includes('secretsmanager:GetSecretValue'),
  )
  expect(reads.map(({ Resource }) => JSON.stringify(Resource))).toEqual([
    expect.stringMatching(/secret:alert-router\/prod\/inbox-links-\?{6}"\}$/),
  ])
})

test('SES publishes bounces, complaints and rejects; EventBridge hands this stage’s to the router', () => {
  expect(properties('EmailConfigurationSet')).toEqual({ Name: NAME })
  expect(properties('EmailEventDestination')).toMatchObject({
    ConfigurationSetName: { Ref: 'EmailConfigurationSet' },
    EventDestination: { Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'] },
  })
  const { EventPattern, Targets } = properties('EmailEventsRule')
  expect(Targets).toEqual([{ Id: 'alarms', Arn: { Ref: 'AlarmsTopic' } }])
  expect(EventPattern.detail).toEqual({ mail: { tags: { 'ses:configuration-set': [NAME] } } })
})

test('the operator is emailed past the router, by SNS', () => {
  expect(properties('EmailBouncedAlarm')).toMatchObject({
    AlarmName: `${NAME}-email-bounced`,
    Namespace: 'AWS/Events',
    Dimensions: [{ Name: 'RuleName', Value: properties('EmailEventsRule').Name }],
    AlarmActions: [{ Ref: 'OperatorTopic' }],
    TreatMissingData: 'notBreaching',
  })
})
