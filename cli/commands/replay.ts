import { CONFIG, JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

export const REPLAY = spec({
  name: 'replay',
  group: 'Try',
  summary: 'send events through the whole router on this machine',
  about:
    'Replays events through the whole router on this machine, and shows where each alert went and why. Without a file it replays samples/.',
  args: [{ name: 'EVENT', what: 'Files, folders, or - for stdin', kind: 'path', many: true }],
  options: {
    config: CONFIG,
    show: { what: 'Print what each channel received' },
    json: JSON_OPTION,
    record: { what: 'Keep the events (.alert-router/archive/, 90 days), for "rules plan" to replay' },
    'channel-url': {
      value: 'NAME=URL',
      many: true,
      what: 'Send to a server of yours instead of the stand-in. NAME is slack, pagerduty, or a channel of the config',
    },
    digests: {
      what: "Send as deployed: what comes together goes into one message, at the channels' pace. Without it each alert's own message is shown",
    },
    keep: {
      what: 'Go on running afterwards, until Ctrl-C: "history ALARM" and "dead-letters list" in another terminal then look into it',
    },
    watch: {
      what: 'Go on: replay the same events after each edit of the rules, and show what it changed',
      conflicts: ['live', 'json'],
    },
    live: {
      what: 'Send to the real channels; asks first. Secrets come from the environment: SECRET_<NAME> for each secret that the config names (SECRET_SLACK_WARNING=https://…); for email EMAIL_TOPIC_ARN_PREFIX (an output of the stack) and AWS credentials. A channel without its secret stays with the stand-in',
    },
    yes: { what: 'With --live: do not ask' },
  },
  notes: `To see a channel fail, point it to a server of yours that answers 404 (a revoked webhook) or 500:

  node -e 'require("http").createServer((_, r) =>
    r.writeHead(404).end()).listen(8404)'`,
  examples: [
    ['replay', 'every sample'],
    ['replay samples/data-loss-1-alarm.json --show', 'what each channel would get'],
    ['replay --watch samples', 'again after each edit of the rules'],
    ['replay --keep --channel-url slack=http://localhost:8404', 'a channel that fails'],
  ],
  json: 'A line for each alert: {"file", "alert", "severity", "rule", "because", "deliveries": [{"channel", "type", "status", "request", …}]}; {"file", "error"} for an event that was refused, {"file", "ignored"} for one that is no alert',
  exits: {
    0: 'All was delivered.',
    1: "Something was refused or not delivered, the rules can't be read, or nothing was sent.",
  },
})
