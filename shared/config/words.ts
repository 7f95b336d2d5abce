import type { Alert, Threshold } from '../../schemas/alert.ts'
import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config, Inhibition, LABEL_FIELDS, PLAIN_FIELDS, Rule, TIME_FIELDS } from '../../schemas/config.ts'
import type { Team } from '../../schemas/team.ts'
import type { Window } from '../../schemas/windows.ts'
import { DAYS_IN_WORDS } from '../decide/days.ts'

// What editors show of each key. Not `describe` in the schemas: functions would take longer to start, and have no use for
// it. A key without its words is a type error.

/** Words for each key of any of its forms. */
export type Words<Form> = Record<Form extends unknown ? keyof Form : never, string>

const ACTIVE = 'The windows in which it applies: the name of a window, a list of names, or a window itself.'
const MUTE = 'The windows in which it does not apply: the name of a window, a list of names, or a window itself.'

const shared = {
  channels: 'Where alerts go, by a name that you choose: lower case letters, digits and dashes.',
  windows: 'Times that are named once, for `active`, `mute` and `maintenance`.',
  maintenance:
    'While its window is open, the alerts that it covers are held. Resolves are still sent; alerts that still fire at its end are sent then.',
  inhibit:
    'While one alert fires, others are held that it explains: `[{ name: system down, when: { name: "*-down" }, mutes: { name: "*-latency" }, equal: [account, region] }]`. What still fires at its end is sent then.',
  sets: 'Values that `when` names as `$name`: accounts, names, patterns.',
  tables:
    'For what a rule finds in an alert, what it means: `{account | teams}` is what the table `teams` has for the account.',
}

/** Of a rule, a severity, and the whole file. */
const WHILE_FIRING = {
  hold: 'It is sent only if it still fires after this time, as in `3m`: a quick recovery notifies nobody.',
  count:
    'It is sent only once so many fire within a time: `{ atLeast: 3, within: 10m, by: [tags.team] }`, of alerts that have the same values in `by`; without that, of each alert alone.',
  remind:
    'How long after its last message it is sent again, until somebody acknowledges it or it ends: `1h`, or `[15m, 1h, 4h]`, of which the last repeats. Never in a mute. PagerDuty has its own, and gets none.',
  escalate:
    'Who is sent it as well if nobody has acknowledged it by then: `[{ after: 15m, to: [pagerduty-lead] }]`. They get its end, too.',
  response:
    'Within which time people are expected to react, from when the first is sent it: `{ acknowledge: 15m, resolve: 4h }`. Shown, counted and reported.',
  flapping:
    'What has begun to fire or ended so often within a time is sent once it has calmed: `{ changes: 4, within: 30m, calmAfter: 15m }`. A message says that it flaps, and another that it has calmed, and how it is. A critical one is sent each time, and says that it flaps.',
} as const

const OVERRIDES = "A rule's comes before its severity's, and that before the file's; `none` switches it off."
const overriding = Object.fromEntries(
  Object.entries(WHILE_FIRING).map(([key, text]) => [key, `${text} ${OVERRIDES}`]),
) as Record<keyof typeof WHILE_FIRING, string>

export const CONFIG: Words<Config> = {
  ...shared,
  ...overriding,
  severities: 'Which channels each severity goes to.',
  timezone:
    'The time zone of all windows that name none: a name of the IANA list, as in `Europe/Berlin`. UTC when absent.',
  nonProduction:
    'What matches here never pages, whatever a rule says: its severity is lowered, and it goes to no PagerDuty channel.',
  rules: 'In order: the first that matches decides, unless it says `continue: true`.',
  default: 'The severity and channels of an alert that no rule matches.',
}

export const TEAM: Words<Team> = {
  ...shared,
  scope:
    "Which alerts are this team's, as in `when`. Rules and maintenance of this file see no others. Two teams' scopes must not have an alert in common.",
  rules: 'In order, and before those of alerts.yml, which decide what these leave open.',
}

export const RULE: Words<Rule> = {
  name: 'Names the rule in reasons and messages. Unique, across all files.',
  when: 'What it matches. Every line must match: a field of the alert, and a pattern. That is exact, a list (any of), a glob `"orders-*"`, a regex `"/error.?rate/i"`, a comparison `">= 99"`, a set `$production`, or `{ not: … }`. A list of `when`s matches when any does.',
  severity:
    '`critical`, `warning` or `info`; or the field that holds it, as in `"{tags.severity}"`, with `otherwise`. Only a rule with `continue: true` may have none.',
  otherwise: 'The severity when the field that `severity` names holds none.',
  channels:
    "A list is in place of the severity's channels; `{ add: [slack-orders] }` is beside them. A name may have a value of the alert in it, `slack-{team}`: where there is no such channel, it goes to the severity's, and says so.",
  set: 'Values by name, for later rules (`values.team` in `when`), and for `channels`, `labels`, `groupBy`, `title` and `text`: `{tags.team}`, a part of a field `{name:/^([a-z]+)-/}`, what a table has for it `{account | teams}`, or a text. A value that an alert lacks leaves what an earlier rule has set.',
  notify:
    '`{ nobody: "why" }`: nobody is notified. The alert is recorded, counted, and shown with that reason in history and explanations. Not beside `channels`; channels that a later rule names win.',
  groupBy: "Fields: alerts with the same values share a message in a storm, in place of the channels' own `groupBy`.",
  runbook: 'A URL, for an alert that names none in its description.',
  title: "In place of the channels' own `title`: a template, as in `{{severity}}: {{name}} in {{account}}`.",
  text: "In place of the channels' own `text`: a template.",
  labels: 'Shown with the alert: `{ owner: orders }`, or `{ owner: "{tags.team}" }`.',
  evidence: '`off`: no evidence follows it, as where its logs must not be shown.',
  ...overriding,
  continue: 'Later rules are tried too. The last rule that sets a value wins; added channels and labels accumulate.',
  active: `${ACTIVE} At another time it does not match, and later rules decide.`,
  mute: `${MUTE} Then it does not match, and later rules decide.`,
}

export const CHANNEL: Words<ChannelConfig> = {
  type: '`pagerduty`, `slack` (an incoming webhook), `slack-app` (an app, which edits its messages) or `email`.',
  secret:
    'The name of a secret in Secrets Manager (the stack adds `alert-router/<stage>/` in front), never the key, the URL or the token itself.',
  channel: 'Of a `slack-app`: the id of the Slack channel, as in `C0123456789`. Invite the bot to it.',
  region: 'Where the PagerDuty account lives.',
  via: 'How emails are sent. `sns`: plain text; each address must confirm. `ses`: HTML and text, in threads, from an address of yours that is verified in Amazon SES (docs/channels/email.md).',
  addresses: 'Who receives it. By SNS, AWS emails each address once, and each must confirm.',
  from: 'The sender, for `via: ses` alone.',
  formerly:
    'Its old names: what is due or was sent under one of them moves here. Keep them until every alert that fired by then is resolved.',
  groupBy:
    'Fields, as in `[tags.team, region]`: in a storm, alerts with the same values and severity share one digest; in PagerDuty, one incident.',
  perMinute: 'At most so many messages a minute. What its vendor accepts, when absent.',
  fallback:
    'The channel that receives the alert too, once this one has failed five times in a row, for its `patience`, or for good.',
  patience: 'How long it may fail before the fallback receives the alert: `90s`, `5m`, `1h`. 10 minutes when absent.',
  title:
    "A template: Slack's headline, PagerDuty's summary, an email's subject; as in `{{severity}}: {{name}} in {{account}}`.",
  text: "A template: a paragraph before the alert's facts.",
  active: `${ACTIVE} Alerts at other times are sent when it opens.`,
  mute: `${MUTE} Alerts in it are sent when it ends.`,
}

export const SEVERITY: Words<Config['severities']['info']> = {
  channels: 'The channels that receive it.',
  ...overriding,
  active: `${ACTIVE} Alerts at other times are sent when it opens.`,
  mute: `${MUTE} Alerts in it are sent when it ends.`,
}

export const MAINTENANCE: Words<NonNullable<Config['maintenance']>[number]> = {
  name: 'Shown in the notices of its start and end.',
  window: 'When it takes place: the name of a window, a list of names, or a window itself.',
  covers: "Which alerts it holds, as in `when`. All, when absent; in a team's file, all in its scope.",
}

export const INHIBITION: Words<Inhibition> = {
  name: 'Shown where an alert is held by it. Unique.',
  when: 'Which alerts mute others while they fire, as in a rule.',
  mutes:
    "Which alerts are held meanwhile, as in `when`; in a team's file, those in its scope. With `children`, it may be absent.",
  children: '`true`: only the alarms that the composite alarm is made of.',
  equal:
    'Fields whose values both must have, as in `[account, region]`. An alert that lacks one of them neither mutes nor is muted. When absent, any of `when` mutes all of `mutes`.',
}

export const WINDOW: Words<Window> = {
  on: `Days: ${DAYS_IN_WORDS}. Every day when absent.`,
  from: 'A time of day, `"09:00"`; or a date, which comes once, with a time or without: `2026-12-05T20:00`.',
  to: 'When it ends: a time of day, `"17:30"`, at most `"24:00"`; or a date, where `from` is one.',
  for: 'How long it lasts, in place of `to`: `30m`, `4h`, `2d`.',
  timezone: "A name of the IANA list, as in `Europe/Berlin`. The config's own when absent.",
}

export const NON_PRODUCTION: Words<NonNullable<Config['nonProduction']>> = {
  when: 'What counts as non-production, as in a rule.',
  highest: 'The highest severity that it may have; anything above is lowered to it.',
}

export const DEFAULT: Words<Config['default']> = {
  severity: 'The severity of an alert that no rule matches.',
  channels: "In place of the severity's.",
}

export const CONDITION: Record<
  'all' | 'any' | 'not' | (typeof PLAIN_FIELDS)[number] | (typeof TIME_FIELDS)[number],
  string
> = {
  all: 'Conditions that must all match, beside the fields here.',
  any: 'Conditions of which one must match, beside the fields here.',
  not: 'A condition that must not match, or a list of which none may.',
  account: 'The AWS account: 12 digits.',
  alarmRule: "A composite alarm's rule.",
  children: "The names of a composite alarm's children that triggered it.",
  declaredSeverity: "The severity that the sender claims, in lower case: an event's, a finding's. `sev1` for SEV-1.",
  description: "The alarm's description, or the event's text.",
  expression: 'The math expression or the Metrics Insights query.',
  fingerprint: "What stays the same while the state changes: the alarm's ARN.",
  kind: 'What kind of event it came from.',
  metric: "The metric's name.",
  name: "The alarm's name, or what an event is called.",
  namespace: "The metric's namespace: `AWS/Lambda`.",
  previousStatus: 'The status before this change, where the sender says so.',
  reason: "Why it changed, in the sender's words.",
  region: 'A code: `eu-west-1`.',
  resource: 'What is affected: `orders-api (FunctionName)`.',
  source: 'Who sent it: `aws.cloudwatch`, `aws.guardduty`, the `source` of an event.',
  status: 'Its status now.',
  title: "One line for a person: an alarm's name, or what happened.",
  firingFor: 'For how long it has been firing, compared with a duration: `"> 10m"`.',
}

/** Labels that have any name. */
export const LABELS: Record<Exclude<(typeof LABEL_FIELDS)[number], 'threshold' | 'links'>, string> = {
  details: 'A fact from the event: `details.state`, `details.class`.',
  dimensions: "A dimension of the alarm's metric: `dimensions.FunctionName`.",
  tags: 'A tag of the alarm: `tags.team`.',
}

export const THRESHOLD: Words<Threshold> = {
  operator: '`>`, `>=`, `<` or `<=`; `outside`, `above` or `below` for an anomaly band.',
  value: 'The threshold: `">= 99"`.',
  unit: 'Of the value: `Percent`.',
  statistic: '`Average`, `Sum`, `p99`.',
  periodSeconds: 'Of one evaluation; a number of seconds, or a duration: `">= 5m"`.',
  evaluationPeriods: 'How many periods are evaluated.',
  datapointsToAlarm: 'How many of them must breach.',
  missingData: '`missing`, `ignore`, `breaching` or `notBreaching`.',
  observed: 'The last value: `">= 95"`.',
}

export const LINKS: Words<Alert['links']> = {
  console: "The page of the alarm, or of what an event is about, in AWS's console.",
  logs: 'The logs.',
  runbook: 'The runbook that the alarm names.',
  dashboard: 'The dashboard that the alarm names.',
}

export const SEVERITIES_IN_WORDS: Words<Config['severities']> = {
  critical: 'Somebody must act now.',
  warning: 'Somebody should look, in office hours.',
  info: 'Good to know.',
}

// What the rules reference shows of each beside that.

/** What the schema does not hold of a key: a value as YAML, and what holds in its absence. */
export interface Shown {
  example: string
  byDefault?: string
}

/** Each key of a part of the rules has its example: one that is missing is a type error. */
type ShownOf<Words> = Record<keyof Words, Shown>

const TIMES: Record<'active' | 'mute', Shown> = {
  active: { example: '[nights, weekends]', byDefault: 'at any time' },
  mute: { example: '{ from: "22:00", to: "06:00" }', byDefault: 'never' },
}

const WHILE_FIRING_EXAMPLES: ShownOf<typeof WHILE_FIRING> = {
  hold: { example: '3m', byDefault: 'none' },
  count: { example: '{ atLeast: 3, within: 10m, by: [tags.team] }', byDefault: 'none' },
  remind: { example: '[15m, 1h, 4h]', byDefault: 'none' },
  escalate: { example: '[{ after: 15m, to: [pagerduty-lead] }]', byDefault: 'none' },
  response: { example: '{ acknowledge: 15m, resolve: 4h }', byDefault: 'none' },
  flapping: { example: '{ changes: 4, within: 30m, calmAfter: 15m }', byDefault: 'none' },
}

const sharedExamples = {
  channels: { example: '{ slack-orders: { type: slack, secret: slack-orders } }' },
  windows: { example: '{ nights: { from: "22:00", to: "06:00" } }', byDefault: 'none' },
  maintenance: { example: '[{ name: patch day, window: patch-day }]', byDefault: 'none' },
  inhibit: { example: '[{ name: composites, when: { kind: composite-alarm }, children: true }]', byDefault: 'none' },
  sets: { example: '{ production: ["111122223333"] }', byDefault: 'none' },
  tables: { example: '{ teams: { "111122223333": orders } }', byDefault: 'none' },
  rules: { example: '[{ name: disk, when: { metric: DiskUsed }, severity: warning }]' },
}

const CONFIG_EXAMPLES: ShownOf<typeof CONFIG> = {
  ...sharedExamples,
  ...WHILE_FIRING_EXAMPLES,
  severities: { example: '{ critical: { channels: [pd] }, warning: { channels: [ops] }, info: { channels: [ops] } }' },
  timezone: { example: 'Europe/Berlin', byDefault: '`UTC`' },
  nonProduction: { example: '{ highest: warning, when: { tags.env: [dev, staging] } }', byDefault: 'nothing is' },
  default: { example: '{ severity: warning }' },
}

const TEAM_EXAMPLES: ShownOf<typeof TEAM> = {
  ...sharedExamples,
  channels: { ...sharedExamples.channels, byDefault: 'none' },
  scope: { example: '{ tags.team: orders }' },
}

const RULE_EXAMPLES: ShownOf<typeof RULE> = {
  ...TIMES,
  ...WHILE_FIRING_EXAMPLES,
  name: { example: 'data loss' },
  when: { example: '{ metric: [Errors, Faults], account: $production }' },
  severity: { example: '"{tags.severity}"', byDefault: "only with `continue`: as it was, or later rules'" },
  otherwise: { example: 'warning', byDefault: 'required where `severity` names a field' },
  channels: { example: '{ add: [slack-orders] }', byDefault: "the severity's" },
  set: { example: '{ team: "{name:/^([a-z]+)-/}" }', byDefault: 'none' },
  notify: { example: '{ nobody: "flaps each night, harmless" }', byDefault: 'who is named' },
  groupBy: { example: '[dimensions.FunctionName]', byDefault: "the channel's" },
  runbook: { example: 'https://wiki.example.com/runbooks/orders', byDefault: 'none' },
  labels: { example: '{ owner: orders }', byDefault: 'none' },
  evidence: { example: 'off', byDefault: '`on`' },
  title: { example: '"Checkout is {{status}}"', byDefault: "the channel's" },
  text: { example: '"Ask {{labels.owner}}."', byDefault: "the channel's" },
  continue: { example: 'true', byDefault: '`false`' },
}

const CHANNEL_EXAMPLES: ShownOf<typeof CHANNEL> = {
  ...TIMES,
  type: { example: 'slack' },
  secret: { example: 'slack-critical' },
  channel: { example: 'C0123456789' },
  region: { example: 'eu' },
  via: { example: 'ses', byDefault: '`sns`' },
  addresses: { example: '[oncall@example.com]' },
  from: { example: 'alerts@example.com', byDefault: 'the address of SNS' },
  formerly: { example: '[slack-ops]', byDefault: 'none' },
  groupBy: { example: '[account, namespace]', byDefault: 'severity alone' },
  perMinute: { example: '30', byDefault: "the type's rate" },
  fallback: { example: 'email', byDefault: 'none' },
  patience: { example: '5m', byDefault: '`10m`' },
  title: { example: '"{{severity}}: {{name}} in {{account}}"', byDefault: "the router's words" },
  text: { example: '"Team {{tags.team}}"', byDefault: 'none' },
}

const SEVERITY_EXAMPLES: ShownOf<typeof SEVERITY> = {
  ...TIMES,
  ...WHILE_FIRING_EXAMPLES,
  channels: { example: '[pagerduty, slack-critical]' },
}

const DEFAULT_EXAMPLES: ShownOf<typeof DEFAULT> = {
  severity: { example: 'warning' },
  channels: { example: '[slack-warning]', byDefault: "the severity's" },
}

const NON_PRODUCTION_EXAMPLES: ShownOf<typeof NON_PRODUCTION> = {
  when: { example: '{ account: ["444455556666"] }' },
  highest: { example: 'warning' },
}

const WINDOW_EXAMPLES: ShownOf<typeof WINDOW> = {
  on: { example: 'monday to thursday', byDefault: 'every day' },
  from: { example: '"09:00"', byDefault: '`00:00`' },
  to: { example: '"17:30"', byDefault: 'the end of the day' },
  for: { example: '4h', byDefault: 'until `to`' },
  timezone: { example: 'Europe/Berlin', byDefault: "the config's" },
}

const MAINTENANCE_EXAMPLES: ShownOf<typeof MAINTENANCE> = {
  name: { example: 'monthly maintenance' },
  window: { example: 'patch-day' },
  covers: { example: '{ tags.environment: prod }', byDefault: 'everything' },
}

const INHIBITION_EXAMPLES: ShownOf<typeof INHIBITION> = {
  name: { example: 'system down' },
  when: { example: '{ name: "*-down" }' },
  mutes: { example: '{ name: "*-latency" }', byDefault: 'anything, with `children`' },
  children: { example: 'true', byDefault: '`false`' },
  equal: { example: '[account, region]', byDefault: 'none' },
}

const CONDITION_EXAMPLES: ShownOf<typeof CONDITION> = {
  all: { example: '[{ tags.team: orders }, { not: { region: us-east-1 } }]' },
  any: { example: '[{ metric: Errors }, { name: "*errors*" }]' },
  not: { example: '{ tags.tier: scratch }' },
  account: { example: '["111122223333"]' },
  alarmRule: { example: '"*orders-errors*"' },
  children: { example: '"orders-*"' },
  declaredSeverity: { example: '[critical, sev1]' },
  description: { example: '"/data.?loss/i"' },
  expression: { example: '"/error/i"' },
  fingerprint: { example: '"arn:aws:cloudwatch:*:alarm:orders-*"' },
  kind: { example: '"*-alarm"' },
  metric: { example: '[Errors, 5XXError]' },
  name: { example: '"orders-*"' },
  namespace: { example: 'AWS/Lambda' },
  previousStatus: { example: 'insufficient-data' },
  reason: { example: '"/no datapoints/i"' },
  region: { example: '{ not: "us-*" }' },
  resource: { example: '"orders-api*"' },
  source: { example: 'aws.guardduty' },
  status: { example: 'firing' },
  title: { example: '"/deploy.*failed/i"' },
  firingFor: { example: '"> 10m"' },
}

const THRESHOLD_EXAMPLES: ShownOf<typeof THRESHOLD> = {
  operator: { example: '">="' },
  value: { example: '">= 99"' },
  unit: { example: 'Percent' },
  statistic: { example: 'p99' },
  periodSeconds: { example: '">= 5m"' },
  evaluationPeriods: { example: '">= 3"' },
  datapointsToAlarm: { example: '2' },
  missingData: { example: 'breaching' },
  observed: { example: '">= 95"' },
}

const LINKS_EXAMPLES: ShownOf<typeof LINKS> = {
  console: { example: '"*"' },
  logs: { example: '"*"' },
  runbook: { example: '{ not: "*" }' },
  dashboard: { example: '"*"' },
}

/** Of each part, an example of each of its keys, and what holds without it. */
export const EXAMPLES = {
  CONFIG: CONFIG_EXAMPLES,
  TEAM: TEAM_EXAMPLES,
  RULE: RULE_EXAMPLES,
  CHANNEL: CHANNEL_EXAMPLES,
  SEVERITY: SEVERITY_EXAMPLES,
  DEFAULT: DEFAULT_EXAMPLES,
  NON_PRODUCTION: NON_PRODUCTION_EXAMPLES,
  WINDOW: WINDOW_EXAMPLES,
  MAINTENANCE: MAINTENANCE_EXAMPLES,
  INHIBITION: INHIBITION_EXAMPLES,
  CONDITION: CONDITION_EXAMPLES,
  THRESHOLD: THRESHOLD_EXAMPLES,
  LINKS: LINKS_EXAMPLES,
}
