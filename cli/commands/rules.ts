import { AGAINST, AWS, CONFIG, JSON_OPTION, MORE_EVENTS, SINCE, STAGE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** What can be done with the rules, in the order in which an edit goes through it. */

const RULES = { group: 'Rules' } as const
const NAME_CONFIG = 'name the rules as --config PATH'
const DETAILED = { what: 'Exit with 3 when something differs, and with 0 when nothing does' } as const
const SET = {
  value: 'FIELD=VALUE',
  many: true,
} as const

export const CHECK = spec({
  ...RULES,
  name: 'rules check',
  summary: 'what is wrong: rules that never match, overlaps, …',
  about: 'Finds what is wrong with the rules, and what they hardly mean.',
  args: [MORE_EVENTS],
  options: {
    config: CONFIG,
    strict: { what: 'Fail on warnings too, and where something was not looked at' },
    all: { what: 'Notes too: overlaps in which the more severe rule comes first' },
    against: {
      ...AGAINST,
      what: 'Hold patterns against recorded events, a file or a folder: which have matched nothing?',
    },
    stage: { value: 'STAGE', what: 'Against what the router of that stage received, from its archive in S3' },
    ...AWS,
    since: { ...SINCE, what: 'With --stage: events since then; 30d' },
    time: {
      value: 'TIME',
      default: '20s',
      what: 'Look for so long at each: dead rules, overlaps, non-production, recorded events. What was left is said',
    },
    json: JSON_OPTION,
  },
  notes: `What it finds, beside what can't be read:

- errors: contradictory-rule, shadowed-rule (earlier rules match all that it does), window-never-opens, never-holds (active within mute), critical-never-told (its windows are over)
- warnings: dead-branch, redundant-branch, overlapping-rules (different severities), never-as-severe, non-production-pages, non-production-fallback (it never pages), critical-wakes-nobody, critical-waits, unused-channel, fallback-cycle, fallback-same-vendor, patience-too-short, unused-window, window-over, path-like-regex ("/orders/" is no path), regex-like-text ("^orders" is no regex), unlikely-value (no alert holds it: a region that is none, blanks at the ends), account-on-both-sides (of nonProduction), skipped-folder (in config/), not-in-history

A warning that is meant is silenced by a comment on its line, or above the rule: # check: overlapping-rules is meant

A rule is called dead only where that is certain; "verdict" is reachable (with an alert that reaches it), dead, not decided (two regular expressions are not compared, say), or not looked at (time was up).`,
  examples: [
    ['rules check --strict', 'as CI runs it'],
    ['rules check --against samples', 'patterns that match nothing'],
  ],
  json: '{"config", "errors", "warnings", "notes", "findings": [{"code", "level", "file", "line", "col", "path", "rule", "message", "fix", "also", "example"}], "rules": [{"rule", "verdict", "example"}], "notDecided"}',
  exits: { 0: 'There are no errors.', 1: 'There are errors; with --strict also warnings, or what was not looked at.' },
})

export const EXPLAIN = spec({
  ...RULES,
  name: 'rules explain',
  summary: 'why an event is decided as it is, rule by rule',
  about:
    'Shows why an event is decided as it is: each rule that was tried and the line that failed, what set each part of the outcome, the windows in force, and what each channel gets.',
  args: [{ name: 'EVENT', what: 'A file, or - for stdin, in any envelope', kind: 'path', many: true }],
  options: {
    set: { ...SET, what: 'In place of an event: an alarm that fires, with this, as in --set metric=Errors' },
    config: CONFIG,
    at: {
      value: 'TIME',
      what: 'Decide at that time, as in 2026-11-03T02:30Z: windows go by it. Without it: when it changed',
    },
    'firing-since': {
      value: 'TIME',
      what: 'It has been firing since then, by these rules: who heard of it hears that it is over',
    },
    all: { what: 'Every line of every rule that was tried, all windows, whole messages' },
    json: JSON_OPTION,
  },
  examples: [
    ['rules explain samples/data-loss-1-alarm.json', 'an event'],
    ['rules explain --set metric=Errors --set tags.team=orders', 'an alarm that there is not yet'],
  ],
  json: '[{"alert", "at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt", "decision", "parts", "windows", "messages"}]',
  exits: { 1: "The rules or the event can't be read." },
})

export const TREE = spec({
  ...RULES,
  name: 'rules tree',
  summary: 'who gets what, by severity, rule and channel',
  about: 'Shows who gets what: the rules of each severity, and the channels that each sends to.',
  beside: 'name fields as --set FIELD=VALUE, and rules as --config PATH',
  options: {
    set: {
      ...SET,
      what: 'Only of alerts with this, as in --set tags.team=orders. What is not given may be anything',
    },
    config: CONFIG,
    json: JSON_OPTION,
  },
  notes: 'A number is where a rule stands: the first that matches decides.',
  examples: [['rules tree --set tags.team=orders', "one team's alerts"]],
  json: '{"config", "set", "nonProduction", "rules": [{"rule", "position", "matches", "continues", "severity", "otherwise", "channels", "instead", "times"}], "neverReached", "default", "channels"}',
  exits: { 1: "The rules can't be read." },
})

export const FMT = spec({
  ...RULES,
  name: 'rules fmt',
  summary: 'format the rules, and keep comments',
  about:
    'Formats rules: indentation, blanks, at most one empty line. Comments, anchors, quotes and the order stay as they are.',
  args: [{ name: 'FILE', what: 'Files or folders. Without one those in config/', kind: 'path', many: true }],
  options: { check: { what: 'Write nothing, and fail when a file would change' }, json: JSON_OPTION },
  examples: [['rules fmt --check', 'as CI runs it']],
  json: '[{"file", "changed", "line"}], the line being the first that would change',
  exits: { 0: 'All is formatted.', 1: 'With --check: something is not. Or a file is not YAML.' },
})

export const TEST = spec({
  ...RULES,
  name: 'rules test',
  summary: 'run the cases in config/tests/',
  about: 'Tries the rules on examples: cases in config/tests/*.yml say what comes in and what should become of it.',
  args: [
    { name: 'CASES', what: 'Files or folders of cases. Without one those of the rules', kind: 'path', many: true },
  ],
  options: {
    config: { ...CONFIG, what: 'The rules: a file, or a folder. Cases of a folder are those in its tests/' },
    coverage: { what: 'Show which rules no case reaches' },
    'require-coverage': { what: 'And fail when there are some' },
    record: {
      value: 'EVENT',
      kind: 'path',
      what: 'Write a case from a real event, a file or - for stdin: it expects what the rules do now',
    },
    'dry-run': { what: 'With --record: show the case, and write nothing' },
    json: JSON_OPTION,
  },
  notes: `A case:

  - name: data loss wakes somebody
    event: samples/data-loss-1-alarm.json
    # or the event itself, or its fields:
    # alert: { metric: DataLossEvents, tags: { team: a } }
    # at: "2026-11-03T02:30:00Z"
    expect:                    # any of these
      severity: critical
      rule: data loss
      channels: [pagerduty, slack-critical, email]
      later: []                # who waits for their time
      text: { email: "orders", pagerduty: "/lost/i" }`,
  examples: [
    ['rules test --require-coverage', 'as CI runs it'],
    ['rules test --record event.json', 'a case from what really came'],
  ],
  json: '{"passed", "failed", "from", "cases": [{"name", "where", "rule", "reached", "differences", "because"}], "unreached"}',
  exits: { 0: 'All is as expected.', 1: "Something is not, there are no cases, or the rules or a case can't be read." },
})

export const PLAN = spec({
  ...RULES,
  name: 'rules plan',
  summary: 'what an edit would change, over recorded alerts',
  about:
    'Shows what an edit of the rules would have changed: recorded alerts are decided by the rules before and after it.',
  args: [MORE_EVENTS],
  options: {
    against: { ...AGAINST, what: 'Events to replay: a file or a folder (.json, .jsonl, .txt)' },
    stage: {
      value: 'STAGE',
      what: 'What the router of that stage received, from its archive in S3, which lags by up to a quarter of an hour',
    },
    ...AWS,
    since: { ...SINCE, what: 'Alerts since then: 12h, 30d ago, or a date as in 2026-11-03. With --stage: 30d' },
    config: { ...CONFIG, what: 'The edited rules: a file, or a folder' },
    base: {
      value: 'WHAT',
      what: "The rules before: a file, a folder, git:REV, or live, which is what is live in the stage. Without it those in git's HEAD; without git, what was packaged last (config/alerts.json)",
    },
    out: {
      value: 'FILE',
      what: 'Write the plan into a file for "rules push --plan FILE", which pushes what was shown here and nothing else. Compares with what is live in the stage (--base live)',
    },
    'detailed-exitcode': DETAILED,
    json: JSON_OPTION,
  },
  notes: `Without --against and --stage: what "replay --record" has recorded here, and if there is nothing, samples/. The first line says which. An alert that was held, and resolved before its time came, goes to nobody. Alerts a day are counted over the days that were recorded.

--base live and --out read AppConfig, as "rules push" does.`,
  examples: [
    ['rules plan', 'your edit against git, over what you have recorded'],
    ['rules plan --stage prod --out plan.json', 'over 30 days of prod, to be pushed'],
  ],
  json: '{"base", "history", "from", "to", "alerts", "repeated", "refused", "differences": [{"alert", "effect", "before", "after", "words"}], "channels", "volume"}. In "before" and "after", "held" was sent later, "unsent" never',
  exits: {
    0: 'The plan is shown.',
    1: "It can't be told: the rules are wrong, or there are no alerts.",
    3: 'With --detailed-exitcode: something changes, an alert, a channel, or how much is sent.',
  },
})

export const PUSH = spec({
  ...RULES,
  name: 'rules push',
  summary: 'put them live, without a deployment',
  about:
    "Puts the rules live, without a deployment: checks them, runs their cases, shows what the edit would have changed of what that stage received, asks, and rolls them out step by step. When an alarm of the router's own goes off meanwhile, AppConfig brings back the rules before.",
  args: [MORE_EVENTS],
  options: {
    ...STAGE,
    config: {
      value: 'PATH',
      kind: 'path',
      what: 'The rules: a file, or a folder; config',
      conflicts: ['plan', 'rollback'],
    },
    since: { ...SINCE, what: 'Show what it would have changed since then: 30d', conflicts: ['plan', 'rollback'] },
    against: {
      ...AGAINST,
      what: 'Show it over these events instead of what the stage received',
      conflicts: ['plan', 'rollback'],
    },
    plan: {
      value: 'FILE',
      kind: 'path',
      what: 'Push what "rules plan --out FILE" has shown. Refused when the rules, what is live, or the stage differ from the plan\'s',
      conflicts: ['rollback'],
    },
    rollback: {
      what: 'Go back: stop the roll-out that goes on, or else bring back the rules that were live before, at once',
    },
    unwatched: {
      what: 'Even where the actions of an alarm that would bring the rules before back are off',
    },
    yes: { what: 'Do not ask' },
    json: { what: 'Print JSON when it has ended; the rest goes to stderr' },
  },
  notes: `What rules alone can't bring is refused, with what to do: a new email channel, other addresses. They need a deployment. When a channel goes, or gets another name without "formerly", push looks into the stage's table (dynamodb:ListTables and Scan) and warns of the alerts that still need it.

A roll-out begins only while the alarms that watch over it are OK and have their actions on (cloudwatch:DescribeAlarms). Else push says which is not ready, and what to do. A roll-back looks at no alarm.

Ctrl-C stops watching, not the roll-out. What was pushed stays live until a deployment changes the rules, or the next push. When the stack is deployed with other rules while a push goes on, no function uses the pushed ones: push says "Passed over".`,
  examples: [
    ['rules push --stage prod', 'show, ask, roll out'],
    ['rules push --plan plan.json', 'what was reviewed, and nothing else'],
    ['rules push --stage prod --rollback', 'back to the rules before'],
  ],
  json: '{"stage", "account", "region", "version", "base", "deployment", "state", "because", "plan"}. "state" is AppConfig\'s, or PASSED_OVER',
  exits: { 0: 'The rules are live, or were before; after --rollback, those before are.', 1: 'They are not.' },
})

export const DIFF = spec({
  ...RULES,
  name: 'rules diff',
  summary: 'how they differ from those that are live in a stage',
  about:
    'Shows what your rules say otherwise than those that are live in a stage. It reads AppConfig, as "rules push" does, and changes nothing. What the edit does to alerts is shown by "rules plan".',
  beside: NAME_CONFIG,
  options: {
    ...STAGE,
    config: { ...CONFIG, what: 'Your rules: a file, or a folder' },
    'detailed-exitcode': DETAILED,
    json: JSON_OPTION,
  },
  notes: '"-" is live, "+" is yours.',
  examples: [['rules diff --stage prod', 'prod and config/']],
  json: '{"stage", "account", "region", "live", "version", "differences": [{"what", "before", "after"}]}',
  exits: { 0: 'It is shown.', 1: "It can't be told.", 3: 'With --detailed-exitcode: they differ.' },
})

export const VERSIONS = spec({
  ...RULES,
  name: 'rules versions',
  summary: 'what was pushed to a stage, and what is live',
  about:
    'Lists the rules that were pushed to a stage, the newest first: when, from where, by whom, and which are live. It reads AppConfig, as "rules push" does, and changes nothing.',
  beside: 'name the stage as --stage STAGE',
  options: { ...STAGE, json: JSON_OPTION },
  notes:
    '"by" is whom git, or the machine, named when they were pushed; CloudTrail knows whose credentials it was. "rules push --rollback" goes back to the version before.',
  examples: [['rules versions --stage prod', 'what is live in prod, since when']],
  json: '{"stage", "account", "region", "live", "deployed", "versions": [{"number", "version", "state", "at", "description"}]}',
})
