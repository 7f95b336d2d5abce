import { CONFIG, JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const REPLAY = spec({
  name: 'replay',
  group: 'Try',
  summary: 'run events through the whole router on this machine',
  about:
    'Replays events through the whole router on this machine, and shows where each alert was sent and why. Default: the events in samples/.',
  args: [{ name: 'EVENT', what: 'Files, folders, or - for stdin', kind: 'path', many: true }],
  options: {
    config: CONFIG,
    show: { what: 'Print what each channel received' },
    json: JSON_OPTION,
    record: { what: 'Record the events (.alert-router/archive/, 90 days), for "rules plan" to replay' },
    'channel-url': {
      value: 'NAME=URL',
      many: true,
      what: 'Send to your own server instead of the stand-in. NAME is slack, pagerduty, or a channel in the config',
    },
    digests: {
      what: 'Batch and rate-limit as deployed: alerts that arrive together share a message. Without it, each alert gets its own message',
    },
    evidence: {
      what: 'Also show what follows each alert that fires, asked of the data of the demo in place of AWS: some seconds more',
      conflicts: ['live', 'watch', 'json', 'keep'],
    },
    keep: {
      what: 'Keep the router running until Ctrl-C, for "history ALARM" and "dead-letters list" in another terminal',
    },
    watch: {
      what: 'Replay the same events after each edit of the rules, and show what changed',
      conflicts: ['live', 'json'],
    },
    live: {
      what: 'Send to the real channels; asks for confirmation. Secrets are read from the environment: SECRET_<NAME> for each secret that the config names (SECRET_SLACK_WARNING=https://…); for email EMAIL_TOPIC_ARN_PREFIX (an output of the stack) and AWS credentials. A channel without its secret uses the stand-in',
    },
    yes: { what: 'With --live: skip the confirmation' },
  },
  notes: `To see a channel fail, point it to a server that answers 404 (a revoked webhook) or 500:

  node -e 'require("http").createServer((_, r) =>
    r.writeHead(404).end()).listen(8404)'`,
  examples: [
    ['replay', 'every sample'],
    ['replay samples/data-loss-1-alarm.json --show', 'what each channel would receive'],
    ['replay samples/high-error-rate-1-alarm.json --evidence', 'what follows an alert'],
    ['replay --watch samples', 'replay after each edit of the rules'],
    ['replay --keep --channel-url slack=http://localhost:8404', 'a channel that fails'],
  ],
  json: 'One line per alert: {"file", "alert", "severity", "rule", "because", "deliveries": [{"channel", "type", "status", "request", …}]}; {"file", "error"} for a rejected event, {"file", "ignored"} for an event that is not an alert',
  exits: {
    0: 'Everything was delivered.',
    1: 'An event was rejected or not delivered, the rules could not be read, or nothing was sent.',
  },
})

export const PLAY = spec({
  name: 'play',
  group: 'Try',
  summary: 'play a day of alarms in seconds, as a time line',
  about:
    'Plays recorded alarms at their own times by the rules, without a router, and shows as a time line who is notified of what, when and why: what is held, silenced, reminded of, escalated, acknowledged. Default: a made-up day of 60 alarms and two people, by rules of its own.',
  args: [{ name: 'EVENT', what: 'Files or folders of events', kind: 'path', many: true }],
  options: {
    config: {
      value: 'PATH',
      kind: 'path',
      what: "The rules: a file, or a folder. Default: config; without EVENT, the made-up day's",
    },
    people: {
      value: 'FILE',
      kind: 'path',
      what: 'What people did: a list of lines such as "- at 09:30: orders-errors acknowledged by ann in Slack"',
    },
    json: JSON_OPTION,
  },
  examples: [
    ['play', 'the made-up day'],
    ['play --config config', 'the same day, by your rules'],
    ['play events.jsonl --people people.yml', 'a day of yours'],
  ],
  notes: `It ends at midnight after the last event, by the clocks of the rules. "Without" is what each channel would have been sent if each firing and each end were sent at once: no hold, flapping, windows, silences, reminders, escalations, answers.

What people do is written as in a story ("rules test --help"): acknowledged by ann (also "in Slack", "in PagerDuty", "by email", "for 30m"), resolved by ann, "silenced by ann for 2h, load test", slack-warning down, slack-warning up. An alert is named as it is, blanks and all, or in double quotes; where two have one name, by its ARN (its fingerprint).

An event without a time that can be read, or of a time that is still to come, is played at the time of the run, as the router would take it on receipt; stderr says which.`,
  json: '{"from", "to", "zone", "alerts", "firings", "unsent": [{"why", "times"}], "firing", "channels": [{"channel", "changes", "reminders", "escalations", "answers", "without"}], "lines": [{"at", "what", "notes", "sent": [{"kind", "channels"}]}]}',
  exits: { 1: 'The rules, an event, or what people did could not be read, or no event holds an alert.' },
})
