import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { bundling } from '../deploy/esbuild.ts'
import { platformStack } from '../deploy/platform/platform.ts'
import { hasReports, reportPolicies, reports } from '../deploy/platform/reports.ts'
import { schedulerProblems } from '../deploy/valid/schedule.ts'
import { watch } from '../deploy/watch.ts'
import type { Alert } from '../schemas/alert.ts'
import { type Platform, platformSchema, type ReportTime } from '../schemas/platform.ts'
import { decide } from '../shared/decide/decide.ts'
import { parse } from '../shared/parse/parse.ts'
import { platformFindings } from '../shared/platform/findings.ts'
import { REPORTS } from '../shared/questions/reports.ts'
import { SHIPPED_RULES, shippedPlatform } from './some-platform.ts'
import type { Json } from './stack.ts'

/*
 * What a stage has to send reports at their times: schedules, the function, and their permissions.
 */

const platform = shippedPlatform()
const { Resources } = platformStack(platform) as { Resources: Record<string, Json> }
const schedules = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Scheduler::Schedule')
const withReports = (times: Platform['reports']): Platform => ({ ...platform, reports: times })
const statementsOf = (of: Platform): Json[] => (reports(of, SHIPPED_RULES) as Json).report.iamRoleStatements
const actionsOf = (of: Platform): string[] => statementsOf(of).flatMap(({ Action }) => Action)

describe('schedules', () => {
  test('one for each report that the file has a time for, in its time zone, to the minute', () => {
    const found = schedules.map(({ Properties: p }) => [
      JSON.parse(p.Target.Input).report,
      p.ScheduleExpression,
      p.ScheduleExpressionTimezone,
      p.FlexibleTimeWindow.Mode,
    ])
    const wanted = Object.keys(platform.reports).filter((name) => name in REPORTS)
    expect(found.map(([name]) => name)).toEqual(wanted)
    expect(found).toContainEqual(['daily', 'cron(30 7 ? * MON-FRI *)', 'Europe/Berlin', 'OFF'])
    expect(found).toContainEqual(['performance', 'cron(0 8 ? * MON *)', 'Europe/Berlin', 'OFF'])
  })

  test.each<[ReportTime['on'], string]>([
    ['every day', 'cron(5 18 * * ? *)'],
    ['weekdays', 'cron(5 18 ? * MON-FRI *)'],
    ['monday', 'cron(5 18 ? * MON *)'],
    ['tuesday', 'cron(5 18 ? * TUE *)'],
    ['wednesday', 'cron(5 18 ? * WED *)'],
    ['thursday', 'cron(5 18 ? * THU *)'],
    ['friday', 'cron(5 18 ? * FRI *)'],
    ['first of the month', 'cron(5 18 1 * ? *)'],
  ])('%s at 18:05: %s, which AWS takes', (on, expression) => {
    const of = platformStack(withReports({ daily: { on, at: '18:05' } })).Resources as Record<string, Json>
    expect(of.PlatformDailySchedule.Properties.ScheduleExpression).toBe(expression)
    expect(schedulerProblems(expression)).toEqual([])
  })

  test('a run that fails is tried again for an hour, and is a dead letter then', () => {
    for (const { Properties } of schedules) {
      const { RetryPolicy, DeadLetterConfig } = Properties.Target
      expect(RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 10 })
      expect(DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] } })
    }
  })

  test('their role may start this function and nothing else, for these schedules alone', () => {
    const { Policies, AssumeRolePolicyDocument } = Resources.PlatformReportsRole?.Properties ?? {}
    expect(Policies[0].PolicyDocument.Statement).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: { 'Fn::GetAtt': ['ReportLambdaFunction', 'Arn'] } },
      { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] } },
    ])
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      {
        ...{ Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' },
        Condition: {
          StringEquals: {
            'aws:SourceAccount': { Ref: 'AWS::AccountId' },
            'aws:SourceArn': { 'Fn::GetAtt': ['PlatformReportsGroup', 'Arn'] },
          },
        },
      },
    ])
  })

  test.each(schedules.map(({ Properties }) => [Properties.Name, Properties.Target.Input]))(
    'a dead letter of %s says what is missing, and after a redrive the rules know it',
    (_name, input) => {
      const text = input.replaceAll('<aws.scheduler.scheduled-time>', '2026-11-27T06:30:00Z')
      const [alert] = parse(JSON.parse(text.replaceAll(/\$\{sls:stage\}/g, 'prod')))
      expect(alert).toMatchObject({ once: true, title: expect.stringMatching(/, prod: it was not made$/) })
      expect(alert?.description).toContain(`alert-router report ${JSON.parse(input).report} --send --stage prod`)
      expect(decide(alert as Alert, SHIPPED_RULES).severity).toBe('warning')
    },
  )
})

describe('a stage without times for reports', () => {
  test.each<[string, Platform | undefined]>([
    ['that watches nothing', undefined],
    ['whose file has no reports', withReports({})],
  ])('%s has no function, no schedule and no alarm for them', (_what, of) => {
    expect([hasReports(of), reports(of, SHIPPED_RULES)]).toEqual([false, {}])
    const { Resources: found, extensions } = platformStack(of)
    expect(Object.keys(found).filter((id) => /Report|Schedule/.test(id))).toEqual([])
    expect(extensions).toBeUndefined()
    expect(Object.keys(watch({}, { hasReports: hasReports(of) }).Resources).filter((id) => /Report/.test(id))).toEqual(
      [],
    )
  })
})

test('a function that fails is reported to the operator past the router', () => {
  const { ReportErrorsAlarm } = watch({}, { hasReports: true }).Resources as Record<string, Json>
  expect(ReportErrorsAlarm.Properties.AlarmActions).toEqual([{ Ref: 'OperatorTopic' }])
  expect(ReportErrorsAlarm.Properties.Dimensions[0].Value).toMatch(/-report$/)
})

/** How an ARN begins that names a resource. */
const NAMED = { 'lambda:GetFunctionConcurrency': ':function:', 'logs:StartQuery': ':log-group:' }

/** The shipped platform with some functions more, of usual names; and what its reports have to name. */
function withFunctions(count: number) {
  const functions = Array.from({ length: count }, (_, at) => `function-with-a-usual-name-${at}`)
  const more = functions.map((name): [string, Json] => [
    name.slice(0, 40),
    { type: 'lambda', function: name, owner: 'data', environment: 'production' },
  ])
  const large = { ...platform, services: { ...platform.services, ...Object.fromEntries(more) } }
  const all = ['data-processor', 'data-validator', ...functions]
  const groups = [...all.map((name) => `/aws/lambda/${name}`), '/ecs/platform/streaming'].map((name) => `${name}:*`)
  return { large, names: { 'lambda:GetFunctionConcurrency': all, 'logs:StartQuery': groups } }
}

/** Once CloudFormation has filled in the longest there are. */
const sizeOf = (of: object): number =>
  JSON.stringify(of)
    .replaceAll(/\{"(Ref|Fn::GetAtt)":[^}]*\}/g, `"${'x'.repeat(110)}"`)
    .replaceAll(/\{"Fn::Sub":("[^"]*")\}/g, '$1')
    .replaceAll(/\$\{AWS::Partition\}/g, 'aws-us-gov')
    .replaceAll(/\$\{AWS::Region\}/g, 'ap-southeast-1')
    .replaceAll(/\$\{AWS::AccountId\}/g, '123456789012').length

describe('what the function may do', () => {
  test('to write: the pages of reports, events to the alarms topic, and its dead letters', () => {
    const writes = statementsOf(platform)
      .filter(({ Action }) => [Action].flat().some((action) => /Put|Publish|Send|Generate/.test(action)))
      .map(({ Action, Resource }) => [Action, Resource])
    expect(writes).toEqual([
      [['s3:GetObject', 's3:PutObject'], { 'Fn::Sub': `\${ArchiveBucket.Arn}/reports/*` }],
      ['sns:Publish', { Ref: 'AlarmsTopic' }],
      [['kms:GenerateDataKey*', 'kms:Decrypt'], { 'Fn::GetAtt': ['Key', 'Arn'] }],
      ['sqs:SendMessage', { 'Fn::GetAtt': ['AlarmsDeadLetters', 'Arn'] }],
    ])
  })

  test('on everything: only what reads, and has no resource in IAM', () => {
    const open = statementsOf(platform).filter(({ Resource }) => Resource === '*')
    expect(open).toHaveLength(1)
    expect(open[0].Action.filter((action: string) => !/:(Get|List|Describe|Lookup|StopQuery)/.test(action))).toEqual([])
  })

  test('queries only over the logs of the services', () => {
    const [query] = statementsOf(platform).filter(({ Action }) => Action === 'logs:StartQuery')
    expect(query.Resource.map((arn: Json) => arn['Fn::Sub'].split(':log-group:')[1])).toEqual([
      '/aws/lambda/data-processor:*',
      '/aws/lambda/data-validator:*',
      '/ecs/platform/streaming:*',
    ])
  })

  test('asks for the reserved concurrency of the functions of the file alone', () => {
    const [asked] = statementsOf(platform).filter(({ Action }) => Action === 'lambda:GetFunctionConcurrency')
    expect(asked.Resource.map((arn: Json) => arn['Fn::Sub'].split(':function:')[1])).toEqual([
      'data-processor',
      'data-validator',
    ])
  })

  describe('of many services: each is named, in policies that IAM takes (IAM quotas)', () => {
    test.each<[functions: number, attached: number, widened: string[]]>([
      [18, 0, []],
      [19, 2, []],
      [282, 10, []],
      [283, 6, ['lambda:GetFunctionConcurrency']],
      [568, 0, ['lambda:GetFunctionConcurrency', 'logs:StartQuery']],
    ])('%i functions: %i policies of their own; %j on all', (count, attached, widened) => {
      const { large, names } = withFunctions(count)
      const policies = Object.values(reportPolicies(large, SHIPPED_RULES)) as Json[]
      expect(policies.length).toBe(attached)
      expect(policies.length).toBeLessThanOrEqual(10)
      for (const { Properties } of policies) {
        expect(Properties.Roles).toEqual([{ Ref: 'ReportIamRoleLambdaExecution' }])
        expect(sizeOf(Properties.PolicyDocument)).toBeLessThanOrEqual(6_144)
      }
      // The plugin adds what its log needs.
      expect(sizeOf(statementsOf(large)) + 500).toBeLessThanOrEqual(10_240)
      const statements = [
        ...statementsOf(large),
        ...policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement),
      ]
      for (const [action, part] of Object.entries(NAMED)) {
        const arns = statements.filter(({ Action }) => Action === action).flatMap(({ Resource }) => Resource)
        const found = arns.map((arn: Json) => arn['Fn::Sub'].split(part)[1])
        if (widened.includes(action)) expect(found).toEqual(['*'])
        else expect(new Set(found)).toEqual(new Set(names[action as keyof typeof NAMED]))
      }
      const warned = platformFindings(large).filter(({ code }) => code === 'too-many-to-name')
      expect(warned.map(({ message }) => widened.every((action) => message.includes(action)))).toEqual(
        widened.length > 0 ? [true] : [],
      )
    })

    test('of many accounts, each role is', () => {
      const role = (at: number) => `arn:aws:iam::${210_987_654_000 + at}:role/alert-router-reads`
      const accounts = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`a${at}`, { role: role(at) }]))
      const large = { ...platform, accounts }
      const policies = Object.values(reportPolicies(large, SHIPPED_RULES)) as Json[]
      const roles = policies.flatMap(({ Properties }) => {
        const [{ Action, Resource }] = Properties.PolicyDocument.Statement
        return Action === 'sts:AssumeRole' ? Resource : []
      })
      expect(roles).toHaveLength(100)
    })
  })

  test('a report that the file has no time for brings no permission', () => {
    const daily = actionsOf(withReports({ daily: { on: 'monday', at: '07:00' } }))
    expect(daily).toContain('ce:GetCostAndUsage')
    expect(daily.filter((action) => action.startsWith('logs:'))).toEqual([])
    const performance = actionsOf(withReports({ performance: { on: 'monday', at: '07:00' } }))
    expect(performance).toContain('logs:StartQuery')
    expect(performance).not.toContain('ce:GetCostAndUsage')
  })

  test('of other accounts: to take the roles that read there, and no more', () => {
    const role = 'arn:aws:iam::210987654321:role/alert-router-reads'
    const [daily, performance] = [{ daily: platform.reports.daily }, { performance: platform.reports.performance }]
    const roles = (times: Platform['reports']) =>
      statementsOf({ ...withReports(times), accounts: { other: { role } } }).flatMap(({ Action, Resource }) =>
        Action === 'sts:AssumeRole' ? Resource : [],
      )
    expect([roles(daily), roles(performance)]).toEqual([[role], []])
  })

  test('a platform of almost nothing: the permissions of its questions alone', () => {
    const small = platformSchema.parse({
      ...{ stages: ['prod'], services: {}, events: [], reports: { performance: { on: 'monday', at: '08:00' } } },
    })
    const asking = actionsOf(small).filter((action) => !/^(s3|sns|kms|sqs|appconfig):/.test(action))
    expect(asking).toEqual([])
  })
})

test('its bundle starts on Lambda: nothing that it uses was left out', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-bundle-'))
  try {
    await build({ ...bundling, entryPoints: ['functions/report.ts'], outdir: folder })
    writeFileSync(join(folder, 'package.json'), '{}')
    mkdirSync(join(folder, 'config'))
    writeFileSync(join(folder, 'config/platform.json'), JSON.stringify(platform))
    writeFileSync(join(folder, 'config/alerts.json'), JSON.stringify(SHIPPED_RULES))
    // Every client is made, and none is answered.
    const nowhere = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }
    const env = {
      ...{ PATH: process.env.PATH, AWS_REGION: 'eu-central-1', LAMBDA_TASK_ROOT: folder, LOG_LEVEL: 'SILENT' },
      ...{ CONFIG_FILE: 'config/alerts.json', PLATFORM_FILE: 'config/platform.json', TABLE_NAME: 't', STAGE: 'prod' },
      ...{ METRICS_NAMESPACE: 'm', ARCHIVE_BUCKET: 'b', ALARMS_TOPIC_ARN: 'arn:aws:sns:eu-central-1:1:t', ...nowhere },
    }
    const invoke = `require('./report.js').handler({ report: 'weekly' }, { getRemainingTimeInMillis: () => 45_000 }).then(() => console.log('done'), (error) => console.log(String(error)))`
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', invoke], { cwd: folder, env, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(/ECONNREFUSED/)
  } finally {
    rmSync(resolve(folder), { recursive: true })
  }
})
