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
