import { AWS, JSON_OPTION, ROUTER, SINCE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** Commands for a running router. */

const ALERT = {
  name: 'ALERT',
  what: "An alarm's name or ARN, an alert's fingerprint, or part of a name",
  ask: 'Which alert? Give an alarm’s name, its ARN, or part of a name.',
  many: true,
} as const

const SEVERAL = 'Wrong usage, or several alerts match the name: they are listed.'

export const HISTORY = spec({
  name: 'history',
  group: 'Operate',
  summary: "why an alarm did or didn't page you",
  about:
    "Shows why an alert did or didn't page you: its state changes, the decision on each and its reason, and every delivery attempt.",
  args: [ALERT],
  options: {
    ...ROUTER,
    since: {
      ...SINCE,
      what: 'Changes since then: 90m, 12h, 7d ago, or a date such as 2026-11-03T10:00Z. Default: the last 10',
    },
    all: {
      what: 'Every change, even if there are more than 1,000; without --since, all that are kept',
    },
    explain: {
      what: 'For the last firing, also show each rule that was evaluated, the line that failed and the value it found, as recorded at the time; and the first line of each message that was sent',
    },
    json: JSON_OPTION,
  },
  notes: `Below the name: which recipients are owed a message, and which have received the firing. Times are in UTC; those with a + are relative to the change. An event without a state (a message, a deployment) is a new alert each time: all with the same name are shown. History is kept for 30 days (historyDays of the stack), and of what is held, reminded of or escalated for 90; the archive keeps each message for 90 ("rules plan --stage" replays it).

In the JSON:

- "state" has "recipients", what each is owed and what it last received: {"NAME": {"channel", "owed", "notified", "tries", "nextTryAt", "dead", …}}; and "open", incidents that may be open in PagerDuty, each with the channel that opened it
- "messages" have an "outcome": sent, held, duplicate, stale or nobody
- a delivery's "status" is delivered, failed, waiting, dead-lettered, untried, held, superseded (by a newer change), missed (resolved before it could be sent), gone (the channel was removed) or unknown; "missed": true if one message covered both the firing and the resolve. Identical attempts are merged into one, with "times" and "last"; "left open" marks an incident that the router could not close: a dead letter asks you to close it
- "trace" is the data behind --explain: {"at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt", "parts", "windows"}; older records have no trace`,
  examples: [
    ['history orders-errors --stage prod', 'its last changes'],
    ['history orders-errors --stage prod --since 7d --explain', 'one week, with the evaluation of each rule'],
  ],
  json: '{"fingerprint", "state", "changes": [{"alert", "severity", "rule", "because", "configVersion", "trace", "channels", "held", "releasedAt", "messages", "deliveries": [{"channel", "status", "tries", …}]}]}; {"matches": […]} if no alert or several match',
  exits: { 0: 'Shown.', 1: 'No alert matches, or AWS denied access.', 2: SEVERAL },
})

export const RESOLVE = spec({
  name: 'resolve',
  group: 'Operate',
  summary: 'resolve an alert that will never resolve automatically',
  about: 'Resolves an alert that will never resolve automatically: for example, its alarm was deleted while firing.',
  args: [ALERT],
  options: {
    ...ROUTER,
    by: { value: 'NAME', what: 'Who resolved it, as shown in the messages. Default: your user name' },
    json: JSON_OPTION,
  },
  notes: `Every recipient of the firing receives the resolve, as if the alarm had sent it, and incidents are closed. A shared incident stays open while another of its alerts is firing. If the alarm changes again, that is a new change.

It needs permission to read the table (as "history" does) and to send to the alarms queue: sqs:GetQueueUrl and sqs:SendMessage. Without access to the table, ALERT must be a full fingerprint, and the recipients cannot be listed.`,
  examples: [['resolve orders-errors --stage prod', 'its alarm was deleted while it fired']],
  json: '{"fingerprint", "by", "title", "fires", "recipients": [NAME]}; {"matches": […]} if several match',
  exits: { 0: 'The resolve was queued.', 1: 'No alert matches, or AWS denied access.', 2: SEVERAL },
})

export const ACK = spec({
  name: 'ack',
  group: 'Operate',
  summary: 'say that you work on an alert: no more reminders and escalations',
  about:
    'Acknowledges an alert that fires: somebody works on it. It is not reminded of, and not escalated, until it ends or gets worse.',
  args: [ALERT],
  options: {
    ...ROUTER,
    for: {
      value: 'TIME',
      what: 'For how long: 30m, 4h, 2d. Then it counts as new. Default: until it ends',
      conflicts: ['undo'],
    },
    undo: { what: 'Take it back: reminders and escalations start again' },
    by: { value: 'NAME', what: 'Who, as shown in the messages. Default: your user name' },
    json: JSON_OPTION,
  },
  notes: `Every channel that was sent the alert is sent that, and who it is; in PagerDuty the incident is acknowledged, unless others share it. If it fires again after its end, or with a higher severity, nobody has acknowledged that.

It needs the permissions of "resolve".`,
  examples: [
    ['ack orders-errors --stage prod', 'I work on it'],
    ['ack orders-errors --for 2h --by ana --stage prod', 'until then'],
  ],
  json: '{"fingerprint", "by", "until", "recipients": [NAME]}; {"matches": […]} if several match',
  exits: { 0: 'It was queued.', 1: 'No alert matches, it does not fire, or AWS denied access.', 2: SEVERAL },
})

export const ALERTS = spec({
  name: 'alerts',
  group: 'Operate',
  summary: 'what fires now, who works on it, and what happens next',
  about:
    'Lists the alerts that fire now, the most severe first: since when, who has acknowledged or silenced each, what is held, and what happens next if nobody reacts.',
  options: {
    ...ROUTER,
    watch: { what: 'Show it again every ten seconds, until Ctrl-C', conflicts: ['json'] },
    json: JSON_OPTION,
  },
  notes: `It reads the states in the table: dynamodb:ListTables, dynamodb:GetItem and dynamodb:Scan, and dynamodb:Query while something is silenced. One-time events do not fire, and a drill is not listed.`,
  examples: [
    ['alerts --stage prod', 'what fires now'],
    ['alerts --stage prod --watch', 'the same, all the time'],
  ],
  json: '{"alerts": [{"fingerprint", "title", "severity", "rule", "since", "acknowledged", "channels": [NAME], "next": [{"at", "what"}], "silenced": [{"id", "by", "until", "why"}]}]}',
  exits: { 0: 'Shown.', 1: 'AWS denied access.', 2: 'Wrong usage.' },
})

export const DOCTOR = spec({
  name: 'doctor',
  group: 'Operate',
  summary: 'find what would prevent alerts from being delivered',
  about: 'Finds what would prevent alerts from being delivered, and how to fix it. It changes nothing.',
  options: {
    stage: { value: 'STAGE', what: 'Check the resources of that stage in AWS' },
    ...AWS,
    offline: {
      what: 'Check the template in .serverless/, which "package" builds. Needs no account and no network',
      conflicts: ['secrets'],
    },
    secrets: {
      what: 'Also read the secrets, to check that none is blank. Never prints them. Needs secretsmanager:GetSecretValue',
    },
    json: JSON_OPTION,
  },
  notes:
    'A finding is an error (alerts are not delivered), a warning (some may not be delivered, or a failure would go unnoticed), or unknown: what AWS denied or did not answer is never reported as healthy. It needs read permissions only.',
  examples: [
    ['doctor --stage prod', 'a stage in AWS'],
    ['doctor --offline', 'the output of "package"'],
  ],
  json: '{"stage", "region", "account", "partition", "source", "findings": [{"id", "severity", "about", "resource", "what", "keeps", "fix"}]}',
  exits: { 1: 'It found a problem, or could not check something.' },
})

const DEAD_LETTER = (verb: string) =>
  ({
    name: 'ID',
    what: 'The dead letter’s id, or its first characters',
    ask: `${verb} needs the id of a dead letter.`,
  }) as const
const DEAD_LETTERS = { group: 'Operate' } as const
const NO_DEAD_LETTER = { 1: 'No such dead letter, or AWS denied access.' }

export const LIST = spec({
  ...DEAD_LETTERS,
  name: 'dead-letters list',
  summary: 'list undelivered alerts, and why',
  about:
    'Lists the dead letters: what could not be delivered, since when, and why. While the command reads them, they are hidden from other readers of the queue.',
  beside: 'list takes no id. Use "show" for one dead letter',
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters list --stage prod', 'undelivered alerts in prod']],
  json: '[{"id", "since", "queue", "about", "why"}]',
})

export const SHOW = spec({
  ...DEAD_LETTERS,
  name: 'dead-letters show',
  summary: 'show a dead letter, its attempts and its message',
  about: 'Shows a dead letter: its subject, what is still owed, every attempt, and its message.',
  args: [DEAD_LETTER('show')],
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters show 1f0c --stage prod', 'by the first characters of its id']],
  json: '[{"id", "since", "queue", "about", "why", "body"}]',
  exits: NO_DEAD_LETTER,
})

export const REDRIVE = spec({
  ...DEAD_LETTERS,
  name: 'dead-letters redrive',
  summary: 'resend what is still owed',
  about: `Moves dead letters back to their source queue. Fix the cause first: the rules, a secret, a channel.

A dead letter of a channel's queue only names the recipient: what is sent is what the recipient is owed now. If nothing is owed any more, because it was delivered since, the dead letter is discarded. A dead letter about an incident that only you can close stays until you discard it.`,
  args: [{ name: 'ID', what: 'The dead letter’s id, or its first characters' }],
  beside: 'redrive takes one id',
  options: { all: { what: 'Every dead letter, instead of an ID' }, ...ROUTER, json: JSON_OPTION },
  examples: [
    ['dead-letters redrive 1f0c --stage prod', 'one dead letter'],
    ['dead-letters redrive --all --stage prod', 'all of them'],
  ],
  json: '{"redriven": [{…}], "discarded": [{…}], "manual": [{…}]}, each as in "list"',
  exits: { 1: 'No such dead letter, one needs action by you, or AWS denied access.' },
})

export const DISCARD = spec({
  ...DEAD_LETTERS,
  name: 'dead-letters discard',
  summary: 'discard a dead letter',
  about: 'Deletes a dead letter without resending it.',
  args: [DEAD_LETTER('discard')],
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters discard 1f0c --stage prod', 'you have done what it asks']],
  json: '{"redriven": [], "discarded": [{…}], "manual": []}',
  exits: NO_DEAD_LETTER,
})
