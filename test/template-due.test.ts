import { beforeAll, describe, expect, test } from 'vitest'
import { TABLE } from '../local/topology.ts'
import { DUE_INDEX } from '../shared/store/due-index.ts'
import { OPEN_INDEX } from '../shared/store/open-index.ts'
import { packagedService } from './package-service.ts'

/*
 * What the stack has so that nothing that is due is forgotten: the table's index, the function that reads it each minute,
 * and in which order a deployment changes the functions.
 */

// biome-ignore lint/suspicious/noExplicitAny: a template is deep JSON, and a wrong guess fails the test
type Json = any

let resources: Record<string, Json>

beforeAll(async () => {
  resources = JSON.parse((await packagedService()).template).Resources
}, 120_000)

describe('the table', () => {
  test('has the keys and the indexes of the local one', () => {
    const { Properties } = resources.AlertTable
    expect(Object.fromEntries(Object.keys(TABLE).map((name) => [name, Properties[name]]))).toEqual(TABLE)
    expect(TABLE.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName)).toEqual([DUE_INDEX, OPEN_INDEX])
  })
})

/** All resources of a type. */
function all(type: string): [string, Json][] {
  return Object.entries(resources).filter(([, { Type }]) => Type === type)
}

const functions = () => all('AWS::Lambda::Function')

describe('tick', () => {
  test('is invoked by EventBridge each minute, and by nobody else', () => {
    const rules = all('AWS::Events::Rule').filter(([, { Properties }]) => JSON.stringify(Properties).includes('Tick'))
    expect(rules.map(([id, { Properties: p }]) => [id, p.ScheduleExpression, p.State, p.Targets.length])).toEqual([
      ['TickEventsRuleSchedule1', 'rate(1 minute)', 'ENABLED', 1],
    ])
    const permissions = all('AWS::Lambda::Permission').filter(([, { Properties }]) =>
      JSON.stringify(Properties.FunctionName).includes('Tick'),
    )
    expect(permissions.map(([, { Properties }]) => Properties)).toEqual([
      {
        FunctionName: { 'Fn::GetAtt': ['TickLambdaFunction', 'Arn'] },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['TickEventsRuleSchedule1', 'Arn'] },
      },
    ])
  })

  test('has ended before it runs again, and a failed run is not retried in between', () => {
    expect(resources.TickLambdaFunction.Properties.Timeout).toBeLessThan(60)
    expect(resources.TickLambdaEvConf.Properties).toMatchObject({
      FunctionName: { Ref: 'TickLambdaFunction' },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    })
  })

  test('raises an alarm within some minutes when it stops, and so does overdue work', () => {
    const alarm = (id: string) => {
      const { Namespace, MetricName, Dimensions, Statistic, ...when } = resources[id].Properties
      const { ComparisonOperator, Threshold, Period, EvaluationPeriods, TreatMissingData } = when
      return [
        [Namespace, MetricName, Dimensions, Statistic],
        [ComparisonOperator, Threshold, Period * EvaluationPeriods, TreatMissingData],
      ]
    }
    expect(alarm('DueLateAlarm')).toEqual([
      ['alert-router/prod', 'DueLateMs', [], 'Maximum'],
      ['GreaterThanThreshold', 300_000, 60, 'notBreaching'],
    ])
    expect(alarm('NoTickAlarm')).toEqual([
      ['alert-router/prod', 'DueLateMs', [], 'SampleCount'],
      ['LessThanThreshold', 1, 300, 'breaching'],
    ])
    expect(alarm('TickErrorsAlarm')).toEqual([
      ['AWS/Lambda', 'Errors', [{ Name: 'FunctionName', Value: 'alert-router-prod-tick' }], 'Sum'],
      ['GreaterThanThreshold', 0, 60, 'notBreaching'],
    ])
  })
})

test('Lambda stops a loop of any function', () => {
  expect(functions().map(([id, { Properties }]) => [id, Properties.RecursiveLoop])).toEqual(
    functions().map(([id]) => [id, 'Terminate']),
  )
})

test('no function may send to the queue that feeds it', () => {
  for (const [, { Properties }] of all('AWS::Lambda::EventSourceMapping')) {
    const queue = Properties.EventSourceArn['Fn::GetAtt'][0]
    const fn = resources[Properties.FunctionName['Fn::GetAtt'][0]].Properties
    const [policy] = resources[fn.Role['Fn::GetAtt'][0]].Properties.Policies
    const sends = policy.PolicyDocument.Statement.filter(({ Action }: Json) => Action.includes('sqs:SendMessage'))
    // What follows an alert has no dead letters, and asks nobody for anything.
    expect(sends).toHaveLength(queue === 'EvidenceQueue' ? 0 : 1)
    expect(JSON.stringify(sends)).not.toContain(`"${queue}"`)
  }
})

test('a deployment changes the deliverers first, then route, then tick and its rule', () => {
  const deliverers = functions().flatMap(([id]) => (id.startsWith('Deliver') ? [id] : []))
  expect(deliverers).toHaveLength(5)
  expect(resources.RouteLambdaFunction.DependsOn).toEqual(expect.arrayContaining(deliverers))
  expect(resources.TickLambdaFunction.DependsOn).toContain('RouteLambdaFunction')
  expect(resources.TickEventsRuleSchedule1.DependsOn).toContain('RouteLambdaFunction')
})

test('every function knows its stage', () => {
  for (const [id, { Properties }] of functions()) {
    expect([id, Properties.Environment.Variables.STAGE]).toEqual([id, 'prod'])
  }
})

describe('reconcile', () => {
  test('is invoked every five minutes, has ended before it runs again, and a failed run is not retried', () => {
    const schedule = resources.ReconcileEventsRuleSchedule1.Properties
    expect([schedule.ScheduleExpression, schedule.State]).toEqual(['rate(5 minutes)', 'ENABLED'])
    const { Timeout, Environment } = resources.ReconcileLambdaFunction.Properties
    expect(Timeout).toBeLessThan(300)
    // Twice a look, with the time between them.
    expect(Timeout).toBeGreaterThan(2 * Number(Environment.Variables.GRACE_S))
    expect(resources.ReconcileLambdaEvConf.Properties).toMatchObject({ MaximumRetryAttempts: 0 })
  })

  test('may ask of all alarms, write its record, and send nothing but orders to route', () => {
    const statements = resources.ReconcileIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement
    const wide = statements.filter((one: Json) => one.Resource === '*')
    expect(wide.flatMap((one: Json) => one.Action).every((action: string) => /:(Describe|List|Get)/.test(action))).toBe(
      true,
    )
  })
})
