import type { Config } from '../../schemas/config.ts'
import type { Platform, ReportName, ReportTime } from '../../schemas/platform.ts'
import { actionsOf } from '../../shared/asking/ask.ts'
import { type Grant, type Grants, grantsOf } from '../../shared/platform/grants.ts'
import type { Ask } from '../../shared/questions/ask.ts'
import { dayAsks } from '../../shared/questions/day-values.ts'
import type { Context } from '../../shared/questions/question.ts'
import { REPORTS, type Report } from '../../shared/questions/reports.ts'
import { USUAL_DAYS } from '../../shared/questions/spans.ts'
import type { TemplateResource } from '../email-topics.ts'
import { allow, arnOf, readsRules, usesKey } from '../policy.ts'
import { idOf, PREFIX } from './names.ts'
import { deadLettersOf, schedule, schedulerRole } from './schedule.ts'

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation
const LIVE_CONFIG = '${alerts:liveConfigPlace}'
const PAGES = { 'Fn::Sub': '${ArchiveBucket.Arn}/reports/*' }
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless, or by CloudFormation

/** As serverless names it. */
const FUNCTION = 'ReportLambdaFunction'
/** As serverless-iam-roles-per-function names it. */
const ROLE = 'ReportIamRoleLambdaExecution'
/** A report that is later than this is not worth much: the next one is there soon, and a person may run it. */
const LATEST_S = 3_600

/** The reports that are sent by the clock, with their times. */
function scheduled({ reports }: Platform): [ReportName, ReportTime, Report][] {
  return Object.entries(reports).flatMap(([name, time]) => {
    const report = (REPORTS as Record<string, Report>)[name]
    return report ? [[name as ReportName, time, report] as [ReportName, ReportTime, Report]] : []
  })
}

export const hasReports = (platform: Platform | undefined): boolean =>
  platform !== undefined && scheduled(platform).length > 0

/** The function that asks reports and hands them to the router, where the file has a time for one; else none. */
export function reports(platform: Platform | undefined, rules: Config): Record<string, object> {
  if (!platform || !hasReports(platform)) return {}
  return {
    report: {
      handler: 'functions/report.handler',
      description: 'At the times of config/platform.yml, asks a report and hands it to the router',
      recursiveLoop: 'Terminate',
      // Questions take 80 s at most, the page 20 (functions/report.ts).
      timeout: 120,
      environment: {
        LIVE_CONFIG,
        PLATFORM_FILE: 'config/platform.json',
        ARCHIVE_BUCKET: { Ref: 'ArchiveBucket' },
        ALARMS_TOPIC_ARN: { Ref: 'AlarmsTopic' },
      },
      package: { patterns: ['config/platform.json'] },
      // Then it is a dead letter (below).
      maximumRetryAttempts: 2,
      maximumEventAge: LATEST_S,
      iamRoleStatements: [...mayAsk(platform, rules), ...maySend],
    },
  }
}

export const reportDeadLetters = deadLettersOf(FUNCTION)

/** Any days: what is asked may depend on the day of the month, and permissions may not. */
const SOME_DAYS = Array.from({ length: 31 }, (_, day) => new Date(Date.UTC(2027, 0, day + 1, 7)))

/** All that the scheduled reports ask for. */
function asksOf(platform: Platform, rules: Config): Ask[] {
  return SOME_DAYS.flatMap((now) => {
    const context: Context = { platform, rules, now, days: USUAL_DAYS, routerMetrics: 'alert-router' }
    return scheduled(platform).flatMap(([name, , { sections }]) => [
      ...sections.flatMap(({ questions }) => questions(context).flatMap(({ asks }) => Object.values(asks))),
      ...(name === 'daily' ? dayAsks(context) : []),
    ])
  })
}

/** What its questions need, and no more: a question that is added brings its permissions. */
function mayAsk(platform: Platform, rules: Config): object[] {
  const all = asksOf(platform, rules)
  const named = grantsIn(platform, all)
  const isNamed = new Set([...named.inRole, ...named.policies].map(({ action }) => action))
  const asks = all.filter(({ account }) => account === undefined)
  // The function knows its table.
  const actions = new Set(asks.flatMap(({ kind }) => actionsOf(kind)).filter((one) => one !== 'dynamodb:ListTables'))
  const ofTable = TABLE_ACTIONS.filter((one) => actions.has(one))
  const open = [...actions].filter((one) => !TABLE_ACTIONS.includes(one) && !isNamed.has(one))
  return [
    ...(open.length > 0 ? [allow(open.sort(), '*')] : []),
    ...ofTable.map((action) => allow(action, arnOf('AlertTable'))),
    ...named.inRole.map(allowed),
    readsRules,
  ]
}

const TABLE_ACTIONS = ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan']

/** What is asked of resources that are named. Those of other accounts, their roles allow. */
function grantsIn({ accounts }: Platform, all: Ask[]): Grants {
  const asks = all.filter(({ account }) => account === undefined)
  return grantsOf({
    functions: asks.flatMap((ask) => (ask.kind === 'lambda-limits' ? ask.functions : [])),
    logGroups: asks.flatMap((ask) => (ask.kind === 'logs' ? ask.groups : [])),
    roles: Object.entries(accounts).flatMap(([name, { role }]) =>
      all.some(({ account }) => account === name) ? [role] : [],
    ),
  })
}

const allowed = ({ action, resources }: Grant) =>
  allow(
    action,
    resources.map((arn) => (arn.includes('${') ? { 'Fn::Sub': arn } : arn)),
  )

/** For what has no room in the function's role: policies that are attached to it. */
export function reportPolicies(platform: Platform | undefined, rules: Config): Record<string, TemplateResource> {
  if (!platform || !hasReports(platform)) return {}
  const { policies } = grantsIn(platform, asksOf(platform, rules))
  return Object.fromEntries(
    policies.map((grant, at) => [
      idOf(`reports-${at + 1}`, 'Policy'),
      {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          Roles: [{ Ref: ROLE }],
          PolicyDocument: { Version: '2012-10-17', Statement: [allowed(grant)] },
        },
      },
    ]),
  )
}

const maySend = [
  // Reads what an earlier attempt has kept.
  allow(['s3:GetObject', 's3:PutObject'], PAGES),
  allow('sns:Publish', { Ref: 'AlarmsTopic' }),
  usesKey,
  allow('sqs:SendMessage', arnOf('AlarmsDeadLetters')),
]

const GROUP = 'PlatformReportsGroup'
const SCHEDULER = 'PlatformReportsRole'

/** A schedule for each report, in the time zone of the file; and the role that may start the function. */
export function reportSchedules(platform: Platform): Record<string, TemplateResource> {
  if (!hasReports(platform)) return {}
  const { timezone } = platform
  const common = { timezone, group: GROUP, role: SCHEDULER, functionId: FUNCTION, latestS: LATEST_S }
  return {
    [GROUP]: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: `${PREFIX}-reports` } },
    [SCHEDULER]: schedulerRole(GROUP, FUNCTION, 'start-reports'),
    ...Object.fromEntries(
      scheduled(platform).map(([name, time, { title }]) => [
        idOf(name, 'Schedule'),
        schedule({ ...common, name: `${name}-report`, description: title, time, input: inputOf(name, title) }),
      ]),
    ),
  }
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: resolved by serverless
/** What the function is given; as a dead letter it is an event of the documented form (schemas/event.ts), for people. */
const inputOf = (report: ReportName, title: string) => ({
  report,
  scheduledTime: '<aws.scheduler.scheduled-time>',
  title: `${title}, \${sls:stage}: it was not made`,
  description: `Look into the log of the function, then run: alert-router report ${report} --send --stage \${sls:stage}`,
  severity: 'warning',
  source: 'alert-router-report',
  time: '<aws.scheduler.scheduled-time>',
})
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: resolved by serverless
