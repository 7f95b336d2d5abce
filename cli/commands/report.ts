import { ASKED, CONFIG, JSON_OPTION, PLATFORM, REPORT_OUT } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const REPORT = spec({
  name: 'report',
  group: 'Platform',
  summary: 'how the platform is, and what to do today',
  about:
    'Asks CloudWatch, Logs, Lambda, Service Quotas, Cost Explorer, Backup, GuardDuty and Security Hub about what config/platform.yml says, and reports what a person must do. Without --send, it changes nothing.',
  args: [
    {
      name: 'REPORT',
      what: 'daily: alarms, errors, objectives, figures, security, cost, backups, the router itself. performance: durations, pipelines, memory, cold starts, throttles, utilization. capacity: what will be full, and when; quotas; what the month will cost. maintenance: dependencies, runtimes, patches, backups, certificates, what costs too much. weekly: health, what the router knows, performance, figures, cost and security, beside the week before. handover: for whoever goes off call and whoever comes on: what is open, silenced, fired, escalated. incident ALARM: the review of its last firing',
    },
    { name: 'ALARM', what: 'Of an incident: an alarm’s name, or a part of it' },
  ],
  options: {
    ...ASKED,
    since: {
      value: 'TIME',
      what: 'weekly: how many days it is about, as in 14d; handover: since when, as in 8h (default: 12h); incident: how far back to look for it',
    },
    config: CONFIG,
    platform: PLATFORM,
    project: {
      value: 'DIR',
      kind: 'path',
      what: 'maintenance: the folder whose package.json it asks npm about. Default: this one',
      conflicts: ['demo'],
    },
    out: REPORT_OUT,
    send: {
      what: 'Also keep its page in the archive of the stage, and publish it to the router, whose rules decide who gets it: as the stage does at the times of the file',
    },
    markdown: { what: 'Print only Markdown on stdout', conflicts: ['json'] },
    json: JSON_OPTION,
  },
  notes: `The handover asks the router alone: without --stage, the one that "replay --keep" runs on this machine. It needs no config/platform.yml.

What AWS refuses, or does not answer in time, is "not checked", with what it needs: it is never good, and never 0. What nobody has published is "no data".

The daily report needs cloudwatch:GetMetricData, cloudwatch:DescribeAlarms, ce:GetCostAndUsage, backup:ListProtectedResources, backup:ListBackupJobs, backup:ListRestoreJobs, guardduty:ListDetectors, guardduty:GetDetector, guardduty:GetFindingsStatistics and securityhub:GetFindings; the performance review cloudwatch:GetMetricData, logs:StartQuery, logs:GetQueryResults and logs:StopQuery; the capacity plan cloudwatch:GetMetricData, lambda:GetAccountSettings, lambda:GetFunctionConcurrency, servicequotas:ListServiceQuotas, ce:GetCostAndUsage and ce:GetCostForecast; the monthly maintenance cloudwatch:GetMetricData, lambda:ListFunctions, lambda:ListProvisionedConcurrencyConfigs, compute-optimizer:GetLambdaFunctionRecommendations, acm:ListCertificates, acm:DescribeCertificate, ssm:DescribeInstanceInformation, ssm:DescribeInstancePatchStates, sns:ListTopics and those of Backup, and npm on this machine; the handover dynamodb:ListTables, dynamodb:GetItem, dynamodb:Scan and dynamodb:Query. Without one of them, the rest is reported.`,
  examples: [
    ['report daily --demo', 'without an account'],
    ['report daily --stage prod', 'what to do today'],
    ['report daily --stage prod --out daily.html', 'as a page'],
    ['report daily --stage prod --send', 'to everybody who gets it by the rules'],
    ['report handover --stage prod --since 8h', 'what the next one on call must know'],
  ],
  json: '{"name", "title", "stage", "at", "timezone", "headline", "sections": [{"title", "answers": [{"id", "title", "verdict", "says", "bound", "compared", "todo", "proposals": [{"command", "effect", "saving", "risk", "back"}], "lead", "items", "table", "line", "source"}]}]}',
  exits: { 0: 'Nothing to do.', 1: 'Something to do, or something could not be checked.' },
})
