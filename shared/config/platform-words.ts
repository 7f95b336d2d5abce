import type {
  Kpi,
  Objective,
  Platform,
  PlatformAlarm,
  PlatformMetric,
  Publisher,
  ReportName,
  ReportTime,
  Service,
} from '../../schemas/platform.ts'
import type { Words } from './words.ts'

// What editors show of each key of config/platform.yml. A key without its words is a type error.

const OWNER = 'The team that answers for it: sent with its alerts.'
const RUNBOOK = 'A URL: what to do when it fires. Sent with its alerts.'
const METRIC = "A metric: a name under `metrics`, or a service's own, as in `warehouse.CPUUtilization`."
const STATISTIC =
  "In place of the metric's own: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile, `p95`."
const RATIO_IN_WORDS = 'What is measured: of all that is counted, how many percent are bad.'

export const PLATFORM: Words<Platform> = {
  stages: 'The stages of the router that watch this platform. Empty: none does, and the router is deployed alone.',
  timezone: 'The time zone of `reports` and `drills`: a name of the IANA list, as in `Europe/Berlin`. UTC when absent.',
  services: 'What is watched, by a name that you choose: lower case letters, digits and dashes.',
  metrics:
    'Each of your own metrics, once, and who publishes it. What AWS publishes about a service needs no line here.',
  objectives: 'What has a budget of errors. The stack alarms on how fast the budget burns.',
  kpis: 'Figures without a budget: good within bounds, or only shown.',
  alarms: 'Alarms beside those on burn rates, by a name that you choose.',
  logs: 'The log group for what has none of its own.',
  events: 'What is an event and no metric: EventBridge sends these kinds to the router.',
  cost: 'A budget and a search for anomalies. Without it the stack watches no cost.',
  backups: 'What must have a recent backup, and a restore that worked.',
  certificates: 'When a certificate should have been renewed.',
  reports: 'When each report is due, in the time zone above.',
  drills:
    'Marked tests through the whole router to the real channels, in the time zone above. Critical ones page people. None when absent.',
  accounts: 'Other accounts, by the role that reads there.',
}

export const SERVICE: Words<Service> = {
  type: '`lambda`, `ecs`, `rds`, `s3`, `queue` or `http`.',
  function: "The Lambda function's name.",
  cluster: "The ECS cluster's name.",
  service: "The ECS service's name.",
  instance: "The RDS instance's identifier.",
  bucket: "The S3 bucket's name.",
  storage: 'The storage types of the bucket that are in use: its size is a metric of each.',
  queue: "The SQS queue's name.",
  url: 'The probe sends a GET request to it each minute. Redirects are not followed.',
  status: 'The HTTP status of a good answer.',
  text: 'A good answer has this text in its first megabyte.',
  timeout: 'A later answer counts as none: `5s`. At most 20 s.',
  logGroup: 'Its log group. Of a function: `/aws/lambda/NAME` when absent.',
  owner: OWNER,
  environment: 'As the rules know it: `production`, `staging`.',
}

export const OWN_METRIC: Words<PlatformMetric> = {
  namespace: "CloudWatch's namespace: `Platform/Quality`.",
  metric: "The metric's name in CloudWatch: `DataQualityScore`.",
  unit: 'The unit of its values.',
  statistic: 'How it is read: `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile, `p95`.',
  dimensions: 'Its dimensions, all of them: CloudWatch finds no data by a part of them.',
  from: 'Who publishes it. Required, unless AWS does.',
}

export const PUBLISHER: Words<Publisher> = {
  by: '`probe`, `log`, `daily-report` or `emf`.',
  services: 'The http services that are asked: the metric is how many percent of them answered.',
  service: 'Whose log has the lines.',
  filter: 'Which lines: CloudWatch Logs\' filter pattern, as in `{ $.message = "batch completed" }`.',
  value: 'The value of a line: a number, or a field of it, as in `$.duration`.',
  per: 'The metric by whose sum the cost of a day is divided.',
}

export const RATIO: Words<NonNullable<Objective['ratio']>> = {
  bad: 'The metric that counts what is bad: `Errors`.',
  total: 'The metric that counts all: `Invocations`.',
  of: 'The services whose metrics these are, at most five.',
}

export const OBJECTIVE: Words<Objective> = {
  what: 'One line for people: shown in its alarms and on the dashboard.',
  percent: 'A metric that is the percentage of what is good. Either this or `ratio`.',
  ratio: RATIO_IN_WORDS,
  goal: 'How many percent must be good: `99.9`. From 50 to below 100.',
  over: 'The period of the budget, in days: `30d`. At least 4.',
  owner: OWNER,
  runbook: RUNBOOK,
}

export const KPI: Words<Kpi> = {
  what: 'One line for people: its title on the dashboard.',
  metric: METRIC,
  ask: 'In place of a metric: a question that is answered when it is asked.',
  statistic: STATISTIC,
  over: 'The time over which it is measured: `1d`.',
  atLeast: 'Good from this value on.',
  atMost: 'Good up to this value.',
  between: 'Good from the first value to the second.',
  shown: '`true`: nothing is good or bad about it.',
}

export const ALARM: Words<PlatformAlarm> = {
  what: 'One line for people: the first of its description.',
  metric: METRIC,
  ratio: RATIO_IN_WORDS,
  statistic: STATISTIC,
  period: 'Each evaluation looks at so much time: `5m`.',
  datapoints: 'So many of the last `periods` must be over the bound. All of them when absent.',
  periods: 'How many periods are evaluated.',
  above: 'Fires above this value.',
  below: 'Fires below this value.',
  atLeast: 'Fires from this value on.',
  missing: 'What a period without data is: `good`, `bad`, or `ignore` for as before.',
  silentFor: 'Without data for so long, a second alarm says that nobody publishes: `15m`.',
  severity: '`critical`, `warning` or `info`. The rules read it in the description.',
  owner: OWNER,
  runbook: RUNBOOK,
}

export const LOGS: Words<Platform['logs']> = {
  group: "The log group's name.",
  stream: "The log stream's name.",
  days: 'For how many days its lines are kept: what CloudWatch Logs allows, as 7, 30 or 90.',
}

export const COST: Words<NonNullable<Platform['cost']>> = {
  budget: 'US dollars a month.',
  notifyAt: 'Percent of the budget at which it notifies, at most four.',
  monitor:
    'The ARN of the monitor by service that the account has already: an account may have one. aws ce get-anomaly-monitors lists them.',
  anomalyAbove: 'Reports an anomaly that costs at least so many dollars.',
}

export const BACKUP: Words<Platform['backups'][string]> = {
  resource: 'The ARN of what is backed up, or a part of it that no other has.',
  maxAge: 'The last backup is at most so old: `26h`.',
  restoredWithin: 'A restore worked within this time: `90d`.',
}

export const CERTIFICATES: Words<Platform['certificates']> = {
  regions: "Beside the stack's own. CloudFront's certificates are in `us-east-1`.",
  warnBelow: 'Less than this is left: `30d`.',
}

export const REPORT: Words<ReportTime> = {
  on: 'The day: `weekdays`, `monday`, `first of the month`.',
  at: 'The time of day, `"07:30"`.',
}

export const REPORTS_IN_WORDS: Record<ReportName, string> = {
  daily: 'The state of the platform.',
  handover: 'What is open, and what happened in the last 12 hours.',
  performance: 'How fast it was.',
  weekly: 'How the week was.',
  capacity: 'How long storage and quotas will last.',
  maintenance: 'What needs to be done by hand.',
}

export const DRILLS: Words<NonNullable<Platform['drills']>> = {
  on: 'The day: `first weekday of the month`, `monday`.',
  at: 'The time of day, `"10:30"`.',
  within: 'They start at any minute within this time after that: `1h`. At most `1d`.',
  classes: 'Which events are fired: `data-loss`, `high-error-rate`.',
}

export const ACCOUNT: Words<Platform['accounts'][string]> = {
  role: 'The ARN of a role there that may read.',
  region: "Of what is read there. The stack's own when absent.",
}
