import { AGAINST, AWS, CONFIG, JSON_OPTION, MORE_EVENTS, SINCE, STAGE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** The commands for rules, in the order in which an edit passes through them. */

const RULES = { group: 'Rules' } as const
const NAME_CONFIG = 'give the rules as --config PATH'
const DETAILED = { what: 'Exit with 3 if something differs, with 0 if nothing does' } as const
const SET = {
  value: 'FIELD=VALUE',
  many: true,
} as const

export const CHECK = spec({
  ...RULES,
  name: 'rules check',
  summary: 'find mistakes: rules that never match, overlaps, …',
  about: 'Finds errors in the rules, and rules that probably do not do what was intended.',
  args: [MORE_EVENTS],
  options: {
    config: CONFIG,
    strict: { what: 'Also fail on warnings, and on checks that did not finish' },
    all: { what: 'Also show notes: what is seldom a mistake' },
    against: {
      ...AGAINST,
      what: 'Check patterns against recorded events, a file or a folder: which matched nothing?',
    },
    stage: { value: 'STAGE', what: 'Check against the events that stage received, from its archive in S3' },
    ...AWS,
    since: { ...SINCE, what: 'With --stage: events since then. Default: 30d' },
    time: {
      value: 'TIME',
      default: '20s',
      what: 'Time limit for each check: dead rules, overlaps, non-production, recorded events. Unfinished checks are reported',
    },
    json: JSON_OPTION,
  },
  notes: `What it finds, besides syntax errors:

- errors: contradictory-rule, shadowed-rule (earlier rules match every alert that it matches), window-never-opens, never-active (active within mute), critical-never-sent (its windows have ended)
- warnings: dead-branch, redundant-branch, overlapping-rules (different severities), never-as-severe, non-production-pages, non-production-fallback (it never pages), critical-wakes-nobody, critical-waits, unused-channel, no-such-channel (for a value that is known), value-never-set, unused-value, fallback-cycle, fallback-same-vendor, patience-too-short, unused-window, window-expired, path-like-regex (is "/orders/" a path?), regex-like-text ("^orders" is not a regex), unlikely-value (no alert has it: an unknown region, leading or trailing blanks), account-on-both-sides (of nonProduction), hold-too-long, escalates-before-reminder, escalates-to-nobody-new, escalation-wakes-nobody, counts-critical, inhibits-its-source, inhibits-in-a-circle, critical-inhibited-by-info, skipped-folder (in config/), never-recorded
- notes: nobody-instead-of-page (a rule that notifies nobody takes what would page), overlapping-rules (the more severe rule comes first)

To suppress a warning, write a comment on its line or above the rule: # check: overlapping-rules is meant

A rule is reported as dead only if that is certain. "verdict" is reachable (with an alert that reaches it), dead, not decided (for example, two regular expressions are not compared), or not analysed (the time limit was reached).`,
  examples: [
    ['rules check --strict', 'as CI runs it'],
    ['rules check --against samples', 'patterns that match nothing'],
  ],
  json: '{"config", "errors", "warnings", "notes", "findings": [{"code", "level", "file", "line", "col", "path", "rule", "message", "fix", "also", "example"}], "rules": [{"rule", "verdict", "example"}], "notDecided"}',
  exits: { 0: 'No errors.', 1: 'There are errors; with --strict also warnings, or a check that did not finish.' },
})

export const EXPLAIN = spec({
  ...RULES,
  name: 'rules explain',
  summary: 'explain the decision on an event, rule by rule',
  about:
    'Explains the decision on an event: each rule that was evaluated and the line that failed, the origin of each value, the windows in force, and what each channel receives.',
  args: [{ name: 'EVENT', what: 'A file, or - for stdin, in any envelope', kind: 'path', many: true }],
  options: {
    set: { ...SET, what: 'Instead of an event: a firing alarm with this field, as in --set metric=Errors' },
    config: CONFIG,
    at: {
      value: 'TIME',
      what: 'Decide as of that time, as in 2026-11-03T02:30Z: it selects the windows. Default: the time of the change',
    },
    'firing-since': {
      value: 'TIME',
      what: 'Assume that it has been firing since then, under these rules: its recipients receive the resolve',
    },
    all: { what: 'Show every line of every rule that was evaluated, all windows, and whole messages' },
    stage: {
      value: 'STAGE',
      what: 'Also by the silences of that stage. Default: those of the router that "replay --keep" runs on this machine, if it does',
    },
    ...AWS,
    json: JSON_OPTION,
  },
  examples: [
    ['rules explain samples/data-loss-1-alarm.json', 'an event'],
    ['rules explain --set metric=Errors --set tags.team=orders', 'an alarm that does not exist yet'],
    ['rules explain --set tags.team=orders --stage prod', 'would a silence hold it?'],
  ],
  notes:
    'With --stage, a silence that covers the event holds it, as in the router: it needs dynamodb:ListTables and dynamodb:Query.',
  json: '[{"alert", "at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt", "decision", "parts", "windows", "messages", "silences": [{"id", "about", "by", "until", "why", "holds"}]}]; "silences" where they are known',
  exits: { 1: 'The rules, the event or the silences could not be read.' },
})

export const TREE = spec({
  ...RULES,
  name: 'rules tree',
  summary: 'show who receives what, by severity, rule and channel',
  about: 'Shows who receives what: the rules of each severity, and the channels of each rule.',
  beside: 'give fields as --set FIELD=VALUE, and rules as --config PATH',
  options: {
    set: {
      ...SET,
      what: 'Only for alerts with this field, as in --set tags.team=orders. Other fields may have any value',
    },
    config: CONFIG,
    json: JSON_OPTION,
  },
  notes: 'The numbers show the order of the rules: the first rule that matches wins.',
  examples: [['rules tree --set tags.team=orders', "one team's alerts"]],
  json: '{"config", "set", "nonProduction", "rules": [{"rule", "position", "matches", "continues", "severity", "otherwise", "channels", "instead", "times"}], "neverReached", "default", "channels"}',
  exits: { 1: 'The rules could not be read.' },
})

export const FMT = spec({
  ...RULES,
  name: 'rules fmt',
  summary: 'format the rules, and keep comments',
  about:
    'Formats the rules: indentation, spaces, at most one empty line. Keeps comments, anchors, quotes and the order.',
  args: [{ name: 'FILE', what: 'Files or folders. Default: config/', kind: 'path', many: true }],
  options: { check: { what: 'Write nothing, and fail if a file would change' }, json: JSON_OPTION },
  examples: [['rules fmt --check', 'as CI runs it']],
  json: '[{"file", "changed", "line"}]; "line" is the first that would change',
  exits: { 0: 'Every file is formatted.', 1: 'With --check: a file is not formatted. Or a file is not YAML.' },
})

export const TEST = spec({
  ...RULES,
  name: 'rules test',
  summary: 'run the cases in config/tests/',
  about:
    'Tests the rules with examples: each case in config/tests/*.yml gives an event and the expected decision, or a story in time.',
  args: [
    { name: 'CASES', what: 'Files or folders of cases. Default: the cases of the rules', kind: 'path', many: true },
  ],
  options: {
    config: { ...CONFIG, what: 'The rules: a file, or a folder with its cases in tests/' },
    run: {
      value: 'TEXT',
      conflicts: ['record', 'coverage', 'require-coverage'],
      what: 'Only the cases whose name contains this, or matches it if it is a /regex/',
    },
    coverage: { what: 'Show which rules no case reaches' },
    'require-coverage': { what: 'Fail if there are such rules' },
    record: {
      value: 'EVENT',
      kind: 'path',
      what: 'Write a case from a real event, a file or - for stdin: it expects the current decision',
    },
    'dry-run': { what: 'With --record: print the case, write nothing' },
    json: JSON_OPTION,
  },
  notes: `A case:

  - name: data loss pages
    event: samples/data-loss-1-alarm.json
    # or the event itself, or its fields:
    # alert: { metric: DataLossEvents, tags: { team: a } }
    # at: "2026-11-03T02:30:00Z"
    expect:                    # any of these
      severity: critical
      rule: data loss
      values: { team: orders } # set by rules
      channels: [pagerduty, slack-critical, email]
      later: []                # channels held by a window
      text: { email: "orders", pagerduty: "/lost/i" }

A story, for what goes by time. It fails for what is missing, and for what is sent and not expected:

  - name: a night holds it, and the morning sends it
    alert: { name: orders-cpu }
    starts: 2026-11-27 23:00   # by the rules' timezone
    story:
      - at 0m: firing
      - expect at 0m: nothing
      - expect at 06:00: slack-warning firing
      - at 9h: resolved
      - expect at 9h: slack-warning resolved

- times: 5m, 1h30m (after the start), 07:00, monday 07:00, 2026-11-28 07:00; "at" is within a minute
- happens: firing, resolved, no data (each "with tags.team orders", "late by 10m"), duplicate, acknowledged by ann (also "in Slack", "in PagerDuty", "by email", "for 30m"), resolved by ann, "silenced by ann for 2h, load test", silence extended by ann for 1h, silence ended by ann, slack-warning down, slack-warning up, tick late by 10m, tick on time
- expect at, between … and …, before, after: nothing, or channels and firing, resolved, no data, reminder, escalation, acknowledged, unacknowledged or missed (it had ended before it could be sent), "for CHANNEL" (as its fallback), "saying TEXT"
- several alerts: alerts: { cpu: { name: orders-cpu }, disk: { … } }, then "at 0m: cpu firing"
- it is followed for 31 days after its last line, or until "ends: 2h"`,
  examples: [
    ['rules test --require-coverage', 'as CI runs it'],
    ['rules test --run "data loss"', 'one case, while you edit its rule'],
    ['rules test --record event.json', 'a case from a real event'],
  ],
  json: '{"passed", "failed", "from", "cases": [{"name", "where", "rule", "reached", "differences", "because", "timeLine"}], "unreached"}',
  exits: {
    0: 'Every case passed.',
    1: 'A case failed, there are no such cases, or the rules or a case could not be read.',
  },
})

export const PLAN = spec({
  ...RULES,
  name: 'rules plan',
  summary: 'show what an edit would have changed for recorded alerts',
  about:
    'Shows what an edit of the rules would have changed: it decides recorded alerts by the rules before and after the edit.',
  args: [MORE_EVENTS],
  options: {
    against: { ...AGAINST, what: 'Events to replay: a file or a folder (.json, .jsonl, .txt)' },
    estate: {
      value: 'WHAT',
      conflicts: ['against', 'since', 'out'],
      what: 'Decide alarms that have not fired, as if each fired now: a file of "aws cloudwatch describe-alarms", - for stdin, or account (that of --stage or --profile)',
    },
    stage: {
      value: 'STAGE',
      what: 'Replay what that stage received, from its archive in S3, which lags by up to 15 minutes',
    },
    ...AWS,
    since: {
      ...SINCE,
      what: 'Alerts since then: 12h, 30d ago, or a date such as 2026-11-03. Default with --stage: 30d',
    },
    config: { ...CONFIG, what: 'The edited rules: a file, or a folder' },
    base: {
      value: 'WHAT',
      what: "The previous rules: a file, a folder, git:REV, or live (the rules deployed in the stage). Default: git's HEAD; without git, the last package (config/alerts.json)",
    },
    out: {
      value: 'FILE',
      what: 'Write the plan to a file for "rules push --plan FILE", which pushes exactly what was shown here. Compares with the rules deployed in the stage (--base live)',
    },
    'detailed-exitcode': DETAILED,
    json: JSON_OPTION,
  },
  notes: `Without --against and --stage, it replays what "replay --record" recorded here, or else samples/. The first line says which. An alert that was held and resolved before its window is never sent. Alerts per day are averaged over the recorded days.

Reminders and escalations stop where the history of the stage has an acknowledgement. Reading it needs dynamodb:ListTables and dynamodb:Scan, and is done only if rules remind or escalate.

--base live and --out read AppConfig, as "rules push" does.`,
  examples: [
    ['rules plan', 'your edit against git, over your recorded events'],
    ['rules plan --stage prod --out plan.json', 'over 30 days of prod, ready to push'],
    ['rules plan --estate account --stage prod', 'over alarms that have not fired'],
  ],
  json: '{"base", "source", "from", "to", "alerts", "repeated", "refused", "withoutAcknowledgements", "differences": [{"alert", "effect", "before", "after", "words"}], "channels", "volume"}. In "before" and "after", "held" was sent later, "unsent" never; "withoutAcknowledgements": why they are not known',
  exits: {
    0: 'The plan is shown.',
    1: 'No plan: the rules have errors, or there are no alerts.',
    3: 'With --detailed-exitcode: the edit changes an alert, a channel, or the volume.',
  },
})

export const PUSH = spec({
  ...RULES,
  name: 'rules push',
  summary: 'deploy the rules gradually, without a stack update',
  about:
    "Deploys the rules without a stack update: checks them, runs their cases, shows what the edit would have changed for the alerts that stage received, asks for confirmation, and rolls them out gradually. If one of the router's own alarms fires during the roll-out, AppConfig rolls back to the previous rules.",
  args: [MORE_EVENTS],
  options: {
    ...STAGE,
    config: {
      value: 'PATH',
      kind: 'path',
      what: 'The rules: a file, or a folder. Default: config',
      conflicts: ['plan', 'rollback'],
    },
    since: {
      ...SINCE,
      what: 'Show what it would have changed since then. Default: 30d',
      conflicts: ['plan', 'rollback'],
    },
    against: {
      ...AGAINST,
      what: 'Show what it would have changed for these events, instead of those the stage received',
      conflicts: ['plan', 'rollback'],
    },
    plan: {
      value: 'FILE',
      kind: 'path',
      what: 'Push what "rules plan --out FILE" has shown. Refused if your rules, the deployed rules, or the stage differ from the plan\'s',
      conflicts: ['rollback'],
    },
    rollback: {
      what: 'Roll back: stop the current roll-out, or else restore the previous rules at once',
    },
    unwatched: {
      what: 'Push even if the actions of an alarm that would trigger a roll-back are disabled',
    },
    yes: { what: 'Skip the confirmation' },
    json: { what: 'Print JSON at the end; everything else goes to stderr' },
  },
  notes: `Changes that need a deployment are refused, with what to do: a new email channel, changed addresses, another sender of SES. If a channel is removed, or renamed without "formerly", push checks the stage's table (dynamodb:ListTables and Scan) and warns about alerts that still need it.

A roll-out starts only if the alarms that monitor it are OK and have their actions enabled (cloudwatch:DescribeAlarms). Otherwise push says which is not ready, and what to do. A roll-back does not check the alarms.

Ctrl-C stops watching, not the roll-out. Pushed rules stay active until the next push, or a deployment with different rules. If the stack is deployed with different rules during a push, no function uses the pushed rules: push says "Superseded".`,
  examples: [
    ['rules push --stage prod', 'show, ask, roll out'],
    ['rules push --plan plan.json', 'exactly the reviewed plan'],
    ['rules push --stage prod --rollback', 'back to the previous rules'],
  ],
  json: '{"stage", "account", "region", "version", "base", "deployment", "state", "because", "plan"}. "state" is AppConfig\'s, or PASSED_OVER',
  exits: { 0: 'The rules are active; after --rollback, the previous rules are.', 1: 'They are not.' },
})

export const DIFF = spec({
  ...RULES,
  name: 'rules diff',
  summary: 'compare your rules with those deployed in a stage',
  about:
    'Shows how your rules differ from those deployed in a stage. It reads AppConfig, as "rules push" does, and changes nothing. To see the effect on alerts, run "rules plan".',
  beside: NAME_CONFIG,
  options: {
    ...STAGE,
    config: { ...CONFIG, what: 'Your rules: a file, or a folder' },
    'detailed-exitcode': DETAILED,
    json: JSON_OPTION,
  },
  notes: '"-" is deployed, "+" is yours.',
  examples: [['rules diff --stage prod', 'prod and config/']],
  json: '{"stage", "account", "region", "live", "version", "differences": [{"what", "before", "after"}]}',
  exits: { 0: 'Shown.', 1: 'The rules could not be compared.', 3: 'With --detailed-exitcode: they differ.' },
})

export const VERSIONS = spec({
  ...RULES,
  name: 'rules versions',
  summary: 'list the rules pushed to a stage, and the active version',
  about:
    'Lists the rules that were pushed to a stage, newest first: when, from where, by whom, and which version is active. It reads AppConfig, as "rules push" does, and changes nothing.',
  beside: 'give the stage as --stage STAGE',
  options: { ...STAGE, json: JSON_OPTION },
  notes:
    '"by" is the user name of git or of the machine at the push; CloudTrail has the credentials that were used. "rules push --rollback" restores the previous version.',
  examples: [['rules versions --stage prod', 'what is active in prod, and since when']],
  json: '{"stage", "account", "region", "live", "deployed", "versions": [{"number", "version", "state", "at", "description"}]}',
})
