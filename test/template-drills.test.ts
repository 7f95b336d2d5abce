import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { drills, hasDrills } from '../deploy/platform/drills.ts'
import { platformStack } from '../deploy/platform/platform.ts'
import { schedulerProblems } from '../deploy/valid/schedule.ts'
import { watch } from '../deploy/watch.ts'
import type { Alert } from '../schemas/alert.ts'
import { type Platform, platformSchema } from '../schemas/platform.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { readPlatform } from '../shared/platform/read.ts'
import { platformText, SHIPPED_RULES, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

/* What a stage has to run drills by the clock: a schedule, a function, and its permissions. */

const EXAMPLE = /^# (drills: .*)$/m.exec(platformText())?.[1] ?? ''
const shipped = shippedPlatform()
const withDrills = (more: object = {}): Platform => {
  const classes = ['data-loss', 'deployment']
  return platformSchema.parse({
    ...shipped,
    drills: { on: 'first weekday of the month', at: '10:30', classes, ...more },
  })
}
const stackOf = (of: Platform | undefined) =>
  platformStack(of) as { Resources: Record<string, Json>; extensions?: Json }
const { Resources, extensions } = stackOf(withDrills())
const schedule = Resources.PlatformDrillsSchedule as Json

test('the shipped file has none, and an example that is valid', () => {
  expect([shipped.drills, hasDrills(shipped)]).toEqual([undefined, false])
  const file = join(mkdtempSync(join(tmpdir(), 'platform-')), 'platform.yml')
  writeFileSync(file, platformText([`# ${EXAMPLE}`, EXAMPLE]))
  expect(readPlatform(file)?.drills).toEqual({
    ...{ on: 'first weekday of the month', at: '10:30', within: '1h' },
    classes: ['data-loss', 'high-error-rate', 'deployment'],
  })
})

describe('the schedule', () => {
  test.each<[string, string]>([
    ['first weekday of the month', 'cron(30 10 1W * ? *)'],
    ['first of the month', 'cron(30 10 1 * ? *)'],
    ['monday', 'cron(30 10 ? * MON *)'],
  ])('%s at 10:30: %s, which AWS takes', (on, expression) => {
    const { Properties } = stackOf(withDrills({ on })).Resources.PlatformDrillsSchedule as Json
    expect([Properties.ScheduleExpression, Properties.ScheduleExpressionTimezone]).toEqual([
      expression,
      'Europe/Berlin',
    ])
    expect(schedulerProblems(expression)).toEqual([])
  })

  test.each<[object, number]>([
    [{}, 60],
    [{ within: '15m' }, 15],
    [{ within: '1d' }, 1_440],
  ])('starts at any minute of a window: %o', (more, minutes) => {
    const { Properties } = stackOf(withDrills(more)).Resources.PlatformDrillsSchedule as Json
    expect(Properties.FlexibleTimeWindow).toEqual({ Mode: 'FLEXIBLE', MaximumWindowInMinutes: minutes })
  })

  test.each(['90s', '2d', '30s'])('a window of %s is refused, with what is allowed', (within) => {
    const file = join(mkdtempSync(join(tmpdir(), 'platform-')), 'platform.yml')
    writeFileSync(file, platformText([`# ${EXAMPLE}`, EXAMPLE.replace('within: 1h', `within: ${within}`)]))
    expect(() => readPlatform(file)).toThrow(`drills.within: found ${within}: whole minutes, at most 1d`)
  })

  test('a dead letter of it says what did not run, and after a redrive the rules know it', () => {
    const text = schedule.Properties.Target.Input.replaceAll('<aws.scheduler.scheduled-time>', '2026-12-01T09:30:00Z')
    const [alert] = parse(JSON.parse(text.replaceAll(/\$\{sls:stage\}/g, 'prod')))
    expect(alert).toMatchObject({ once: true, title: 'Drills of prod: they were not run' })
    expect(decide(alert as Alert, SHIPPED_RULES).severity).toBe('warning')
  })
})

test('the function is not tried again, which would page people twice, and its failure is a dead letter', () => {
  const { drill } = drills(withDrills()) as Json
  expect(drill.maximumRetryAttempts).toBe(0)
  expect(extensions?.DrillLambdaFunction).toEqual({
    Properties: { DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] } } },
  })
})

test('the function may publish, order, set alarms back, read the state of alerts, and write of drills alone', () => {
  const { drill } = drills(withDrills()) as Json
  const rights = drill.iamRoleStatements.map(({ Action, Condition }: Json) => [[Action].flat().join(' '), Condition])
  expect(rights).toEqual([
    ['sns:Publish', undefined],
    ['kms:GenerateDataKey* kms:Decrypt', undefined],
    ['sqs:SendMessage', undefined],
    ['cloudwatch:DescribeAlarms', undefined],
    ['cloudwatch:SetAlarmState', undefined],
    ['dynamodb:GetItem', undefined],
    [
      'dynamodb:DeleteItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['drill'] } },
    ],
  ])
})

test('the operator is notified past the router of a drill that did not arrive, and of a function that fails', () => {
  const found = watch({}, { hasDrills: true }).Resources as Record<string, Json>
  for (const id of ['DrillsMissedAlarm', 'DrillErrorsAlarm']) {
    expect(found[id]?.Properties.AlarmActions).toEqual([{ Ref: 'OperatorTopic' }])
  }
  expect(found.DrillsMissedAlarm?.Properties).toMatchObject({ MetricName: 'DrillsMissed', Threshold: 0, Period: 60 })
})

test('without a time there is no function, no schedule and no alarm', () => {
  expect(drills(shipped)).toEqual({})
  expect(Object.keys(stackOf(shipped).Resources).filter((id) => /Drill/.test(id))).toEqual([])
  expect(stackOf(shipped).extensions?.DrillLambdaFunction).toBeUndefined()
  expect(Object.keys(watch({}).Resources).filter((id) => /Drill/.test(id))).toEqual([])
})
