import { AWS, CONFIG, JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const ALARMS = spec({
  name: 'alarms',
  group: 'Operate',
  summary: 'where each alarm would go, and which reach nobody',
  about:
    'Decides every alarm of an account by the rules before it fires: where it would go, by which rule, at which severity; and what is wrong with it. It changes nothing.',
  beside: 'give a file as --from FILE, and rules as --config PATH',
  options: {
    stage: {
      value: 'STAGE',
      what: 'The stage whose router alarms should reach: its account is asked, or with --from only its name is used',
    },
    topic: { value: 'ARN', what: 'The topic that alarms should reach, in place of a stage’s' },
    ...AWS,
    from: {
      value: 'FILE',
      kind: 'path',
      conflicts: ['demo'],
      what: 'Read what "aws cloudwatch describe-alarms" printed, also several pages; - for stdin. Needs no account',
    },
    at: {
      value: 'TIME',
      what: 'With --from: when it was printed, as in 2026-11-27T06:00Z. Default: when the file was written',
    },
    demo: {
      what: 'Judge 60 made-up alarms with known faults. Needs no account',
      conflicts: ['stage', 'topic'],
    },
    config: CONFIG,
    all: { what: 'List every alarm of each finding, not the first ones' },
    costs: { what: 'Also count what the alarms cost a month' },
    fix: { what: 'Print commands that fix what was found, and run none. What you must decide is in capitals' },
    html: { value: 'FILE', what: 'Also write it as a page, to hand round' },
    'fail-on': {
      value: 'HARM',
      choices: ['lost-page', 'noise', 'tidiness'],
      what: 'Fail if anything does this harm or a worse one, or if AWS refused to say',
    },
    json: JSON_OPTION,
  },
  notes: `What it finds, by harm:

- lost-page: reaches-nobody, not-pointed-at-us (needs --stage or --topic), rules-notify-nobody, actions-disabled, muted-for-weeks, dead-topic, no-subscription, key-unusable, never-had-data, lost-data, evaluation-broken, percent-over-100, child-gone, and no-ok-action of one that pages
- noise: no-ok-action, stuck-in-alarm (for a week), flapping (10 times in 7 days), duplicate, only-default
- tidiness: no-runbook, no-owner

What could not be read is "not checked", with what it needs: it is never fine. A dump has no history, topics or tags. Auto Scaling's own alarms, and those of the router itself, are listed apart.

It needs cloudwatch:DescribeAlarms on *; with a narrower right, AWS leaves out composite alarms without an error. More is checked with cloudwatch:DescribeAlarmHistory, cloudwatch:ListAlarmMuteRules, cloudwatch:GetAlarmMuteRule, tag:GetResources, events:ListRules, events:ListTargetsByRule, sns:GetTopicAttributes, sns:ListSubscriptionsByTopic, kms:DescribeKey and kms:GetKeyPolicy.`,
  examples: [
    ['alarms --demo', 'without an account'],
    ['alarms --stage prod', 'the alarms of its account'],
    ['alarms --from alarms.json --stage prod --fail-on lost-page', 'a dump, in CI'],
    ['alarms --stage prod --fix', 'commands, to read and to run'],
  ],
  json: '{"from", "at", "alarms": [{"name", "type", "arn", "state", "severity", "rule", "channels", "later", "sentBy", "findings"}], "apart": {"scaling": [NAME], "router": [NAME]}, "findings": [{"id", "harm", "title", "why", "fix", "alarms": [{"name", "what", "commands"}]}], "notChecked": [{"ids", "alarms", "needs", "why"}], "costs": {"lines", "total", "free", "unpriced"}}',
  exits: { 0: 'Shown.', 1: 'With --fail-on: there is such a finding. Or the alarms could not be read.' },
})
