import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyOfService, packageHere, STACK } from './package-service.ts'
import { platformText } from './some-platform.ts'
import type { Json, Template } from './stack.ts'
import { unzip } from './unzip.ts'

/*
 * A stage that watches a platform, as it is packaged: with `stages: [dev]` in config/platform.yml, and its example of
 * drills.
 */

const { folder, remove } = copyOfService()
let template: Template
let said: string
beforeAll(async () => {
  writeFileSync(
    join(folder, 'config/platform.yml'),
    platformText(['stages: []', 'stages: [dev]'], ['# drills:', 'drills:']),
  )
  said = (await packageHere(folder)).output
  template = JSON.parse(readFileSync(join(folder, STACK), 'utf8'))
}, 120_000)
afterAll(remove)

test('AWS’s validator and ours find nothing to refuse', () => {
  expect(said).toContain('template valid')
})

test.each(['probe', 'report', 'drill'])('%s has its bundle, the rules and the platform', (name) => {
  const files = unzip(join(folder, `.serverless/${name}.zip`))
  expect([...files.keys()].sort()).toEqual(['config/alerts.json', 'config/platform.json', `functions/${name}.js`])
})

test('a report that fails is a dead letter of the alarms, and its function may do nothing else there', () => {
  const { ReportLambdaFunction, ReportIamRoleLambdaExecution } = template.Resources
  const deadLetters = { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] }
  expect(ReportLambdaFunction.Properties.DeadLetterConfig).toEqual({ TargetArn: deadLetters })
  const statements: Json[] = ReportIamRoleLambdaExecution.Properties.Policies[0].PolicyDocument.Statement
  const on = (what: object) => statements.filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(what))
  expect(on(deadLetters).map(({ Action }) => Action)).toEqual([['sqs:SendMessage']])
})

test('a drill that fails is a dead letter of the alarms, and is not tried again', () => {
  const { DrillLambdaFunction, DrillLambdaEvConf, PlatformDrillsSchedule } = template.Resources
  expect(DrillLambdaFunction.Properties.DeadLetterConfig).toEqual({
    TargetArn: { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] },
  })
  expect(DrillLambdaEvConf.Properties.MaximumRetryAttempts).toBe(0)
  expect(PlatformDrillsSchedule.Properties.Target.Arn).toEqual({ 'Fn::GetAtt': ['DrillLambdaFunction', 'Arn'] })
})

test('Lambda’s own tries end with the hour, as Scheduler’s do', () => {
  expect(template.Resources.ReportLambdaEvConf.Properties).toMatchObject({
    MaximumEventAgeInSeconds: 3_600,
    MaximumRetryAttempts: 2,
  })
})
