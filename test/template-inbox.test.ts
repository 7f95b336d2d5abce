import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { SECRETS } from '../shared/inbox/decision.ts'
import { ANSWERED_VIA, INBOX_REFUSED_BECAUSE } from '../shared/observe/metrics.ts'
import { findingsOffline, type Shipped, shippedService } from './doctor-faults.ts'
import { type Packaged, packagedService } from './package-service.ts'
import { all, type Json, packagedTemplate, roleStatements, type Template } from './stack.ts'
import { unzip } from './unzip.ts'

/*
 * Where people answer from, as it is packaged: a function that anybody can call, and what it may do.
 */

let packaged: Packaged
let template: Template
let without: Template

beforeAll(async () => {
  packaged = await packagedService({ inbox: 'on' })
  template = JSON.parse(packaged.template)
  without = await packagedTemplate()
}, 240_000)

const FUNCTION = { 'Fn::GetAtt': ['InboxLambdaFunction', 'Arn'] }
const properties = (id: string): Json => template.Resources[id]?.Properties

test('the doctor finds nothing in it', async () => {
  expect(findingsOffline(template as Shipped['template'], await shippedService())).toEqual([])
}, 240_000)

test('off, as it is shipped: nothing of the stack knows of it', () => {
  expect(JSON.stringify(without)).not.toMatch(/inbox/i)
})

test('on, it adds the function, its URL and its alarms; of what was there, the dashboard and the deliverers of PagerDuty and the Slack app change', () => {
  const added = Object.keys(template.Resources).filter((id) => !Object.hasOwn(without.Resources, id))
  expect(added.sort()).toEqual([
    'InboxErrorsAlarm',
    'InboxIamRoleLambdaExecution',
    'InboxLambdaFunction',
    'InboxLambdaFunctionUrl',
    'InboxLambdaPermissionFn',
    'InboxLambdaPermissionFnUrl',
    'InboxLogGroup',
    'InboxSignatureAlarm',
    'InboxThrottlesAlarm',
  ])
  const changed = Object.keys(without.Resources).filter((id) => {
    const [a, b] = [without, template].map(({ Resources }) => JSON.stringify(withoutZip(Resources[id])))
    return a !== b
  })
  const withButtons = ['DeliverDashpagerdutyLambdaFunction', 'DeliverDashslackDashappLambdaFunction']
  expect(changed.sort()).toEqual(['Dashboard', ...withButtons])
  for (const id of withButtons) expect(properties(id).Environment.Variables.INBOX).toBe('on')
  expect(properties('DeliverDashslackLambdaFunction').Environment.Variables.INBOX).toBeUndefined()
  const { widgets } = JSON.parse(properties('Dashboard').DashboardBody['Fn::Sub'])
  const shown = widgets.flatMap((one: Json) => one.properties.metrics).map((line: Json) => line.slice(1, 4).join(' '))
  const metrics = [
    ...ANSWERED_VIA.map((via) => `Answered Via ${via}`),
    ...INBOX_REFUSED_BECAUSE.map((reason) => `AnswersRefused Reason ${reason}`),
  ]
  expect(shown).toEqual(expect.arrayContaining(metrics))
})

/** The zip's name has the time of the packaging. */
function withoutZip(resource: Json): Json {
  const { Code: _, ...others } = resource.Properties ?? {}
  return { ...resource, Properties: others }
}

test('has both permissions that a URL without IAM needs, and gives its URL', () => {
  expect(properties('InboxLambdaFunctionUrl')).toEqual({ AuthType: 'NONE', TargetFunctionArn: FUNCTION })
  const permissions = all(template, 'AWS::Lambda::Permission')
    .filter(([, { FunctionName }]) => JSON.stringify(FunctionName) === JSON.stringify(FUNCTION))
    .map(([, permission]) => permission)
  expect(permissions).toEqual([
    { FunctionName: FUNCTION, Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' },
    { FunctionName: FUNCTION, Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true },
  ])
  expect(template.Outputs.InboxLambdaFunctionUrl.Value).toEqual({
    'Fn::GetAtt': ['InboxLambdaFunctionUrl', 'FunctionUrl'],
  })
})

test('takes a few of the account’s executions at most, ends before PagerDuty gives up, and logs as the others do', () => {
  const { ReservedConcurrentExecutions, Timeout, RecursiveLoop, Runtime } = properties('InboxLambdaFunction')
  expect([ReservedConcurrentExecutions, Timeout, RecursiveLoop, Runtime]).toEqual([5, 5, 'Terminate', 'nodejs24.x'])
  expect(properties('InboxLogGroup')).toMatchObject({ RetentionInDays: 90 })
})

test('may read its own secrets and the table, write its own items, and send orders; nothing else', () => {
  const statements = roleStatements(template, 'InboxIamRoleLambdaExecution').filter(
    ({ Action }) => !JSON.stringify(Action).includes('logs:'),
  )
  const secret = (name: string) => ({
    'Fn::Sub': `arn:\${AWS::Partition}:secretsmanager:\${AWS::Region}:\${AWS::AccountId}:secret:alert-router/prod/${name}-??????`,
  })
  const table = { 'Fn::GetAtt': ['AlertTable', 'Arn'] }
  expect(statements).toEqual([
    { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: table },
    {
      Effect: 'Allow',
      Action: ['dynamodb:PutItem'],
      Resource: table,
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['inbox#*'] } },
    },
    { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: SECRETS.map(secret) },
    { Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: { 'Fn::GetAtt': ['AlarmsQueue', 'Arn'] } },
  ])
  const { Variables } = properties('InboxLambdaFunction').Environment
  expect(Variables).toMatchObject({
    SECRET_PREFIX: 'alert-router/prod/',
    ALARMS_QUEUE_URL: { Ref: 'AlarmsQueue' },
    TABLE_NAME: { Ref: 'AlertTable' },
  })
})

describe('its alarms', () => {
  test.each([
    ['InboxErrorsAlarm', 'Errors', 0, 60],
    ['InboxThrottlesAlarm', 'Throttles', 0, 60],
    ['InboxSignatureAlarm', 'AnswersRefused', 2, 900],
  ])('%s', (id, metric, above, period) => {
    const { MetricName, Threshold, Period, AlarmActions, AlarmDescription, TreatMissingData } = properties(id)
    expect([MetricName, Threshold, Period, TreatMissingData]).toEqual([metric, above, period, 'notBreaching'])
    expect(AlarmActions).toEqual([{ Ref: 'OperatorTopic' }])
    expect(AlarmDescription).toMatch(/inbox/)
  })

  test('roll no rules back', () => {
    expect(JSON.stringify(template.Resources.ConfigEnvironment)).not.toContain('Inbox')
  })
})

test('its bundle is no larger than 300 KB: a press waits for it to load', () => {
  const bundle = unzip(join(packaged.folder, '.serverless/inbox.zip')).get('functions/inbox.js')
  expect(bundle?.length).toBeLessThanOrEqual(300_000)
})
