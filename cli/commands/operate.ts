import { AWS, JSON_OPTION, ROUTER, SINCE } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** What is asked of a router that runs. */

const ALERT = {
  name: 'ALERT',
  what: "An alarm's name, its ARN, an alert's fingerprint, or a part of a name",
  ask: 'Which alert? Give an alarm’s name, its ARN, or a part of a name.',
  many: true,
} as const

const SEVERAL = 'The command line is wrong, or the name means several alerts: they are listed.'

export const HISTORY = spec({
  name: 'history',
  group: 'Operate',
  summary: "why an alarm did or didn't page you",
  about:
    "Shows why this did (or didn't) page you: an alert's changes, what was decided on each and why, and every try to deliver it.",
  args: [ALERT],
  options: {
    ...ROUTER,
    since: {
      ...SINCE,
      what: 'Changes since then: 90m, 12h, 7d ago, or a date as in 2026-11-03T10:00Z. Without it the last 10',
    },
    all: {
      what: 'Each change, where they are more than 1,000 since then; without --since all that is kept',
    },
    explain: {
      what: "Of the last change that fired, also each rule that was tried, the line that failed and what it saw, as it was kept then, whatever the rules are by now; and each message's first line, as it was sent",
    },
    json: JSON_OPTION,
  },
  notes: `Below its name stands who is owed something now, or knows that it fires. Times are in UTC; those with a + are counted from the change. What just happens (a message, a deployment) is an alert each time: all of one name are shown. The past is kept for 90 days.

In the JSON:

- "state" has "recipients", what each is owed and knows now: {"NAME": {"channel", "owed", "notified", "tries", "nextTryAt", "dead", …}}; and "open", the incidents that it may have in PagerDuty, each with the channel that opened it
- "messages" have an "outcome": sent, held, duplicate, stale or nobody
- a delivery's "status" is delivered, failed, waiting, dead-lettered, untried, held, superseded (something newer was to be sent), missed (over before it could be sent), gone (no such channel any more) or unknown; "missed": true, where one message told of beginning and end. Of a try that was the same several times there is one, with "times" and "last"; "left open" is one of an incident that the router could not close: a dead letter asks you to
- "trace" is what --explain shows: {"at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt", "parts", "windows"}; older records have none`,
  examples: [
    ['history orders-errors --stage prod', 'its last changes'],
    ['history orders-errors --stage prod --since 7d --explain', 'a week, and rule by rule why'],
  ],
  json: '{"fingerprint", "state", "changes": [{"alert", "severity", "rule", "because", "configVersion", "trace", "channels", "held", "releasedAt", "messages", "deliveries": [{"channel", "status", "tries", …}]}]}; {"matches": […]} where none or several have that name',
  exits: { 0: 'It is shown.', 1: 'No alert is known by that name, or AWS said no.', 2: SEVERAL },
})

export const RESOLVE = spec({
  name: 'resolve',
  group: 'Operate',
  summary: 'end an alert that will never end by itself',
  about: 'Says that an alert is over that will never say so itself: of an alarm that was deleted, say.',
  args: [ALERT],
  options: {
    ...ROUTER,
    by: { value: 'NAME', what: 'Who says so. Without it, you: the messages name you' },
    json: JSON_OPTION,
  },
  notes: `Whoever heard that it fires hears that it is over, as if its alarm had said so: incidents are closed. An incident that it shares stays open as long as another of its alerts fires. Should the alarm change again, that is news.

It needs to find the alert (as "history" does), and to send a message to the alarms queue: sqs:GetQueueUrl and sqs:SendMessage. Without a look into the table it takes a whole fingerprint, and can't say who will hear of it.`,
  examples: [['resolve orders-errors --stage prod', 'its alarm was deleted while it fired']],
  json: '{"fingerprint", "by", "title", "fires", "recipients": [NAME]}; {"matches": […]} where several have that name',
  exits: { 0: 'It is on its way.', 1: 'No alert is known by that name, or AWS said no.', 2: SEVERAL },
})

export const DOCTOR = spec({
  name: 'doctor',
  group: 'Operate',
  summary: 'what would keep an alert from arriving',
  about: 'Looks for what would keep an alert from arriving, and says how to fix it. It changes nothing.',
  options: {
    stage: { value: 'STAGE', what: 'What that stage has in AWS' },
    ...AWS,
    offline: {
      what: 'The template in .serverless/, which "package" makes. Needs no account and no network',
      conflicts: ['secrets'],
    },
    secrets: {
      what: 'Read the secrets, too, to see that none is blank. It prints none. Needs secretsmanager:GetSecretValue',
    },
    json: JSON_OPTION,
  },
  notes:
    'A finding is an error (alerts do not arrive), a warning (some may not, or nobody would hear of it), or unknown: what AWS did not let it read, or did not answer, is never taken for well. All the rights that it needs only read.',
  examples: [
    ['doctor --stage prod', 'a stage in AWS'],
    ['doctor --offline', 'what "package" has made'],
  ],
  json: '{"stage", "region", "account", "partition", "source", "findings": [{"id", "severity", "about", "resource", "what", "keeps", "fix"}]}',
  exits: { 1: "Something was found, or can't be known." },
})

const LETTER = (verb: string) =>
  ({
    name: 'ID',
    what: 'Of a dead letter, or its first characters',
    ask: `${verb} needs the id of a letter.`,
  }) as const
const LETTERS = { group: 'Operate' } as const
const NO_LETTER = { 1: 'There is no such letter, or AWS said no.' }

export const LIST = spec({
  ...LETTERS,
  name: 'dead-letters list',
  summary: 'what reached nobody, and why',
  about:
    'Lists the dead letters: what could not be delivered, since when, and why. Letters that are looked at are out of sight for others until the command ends.',
  beside: 'list takes no id. "show" shows one letter',
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters list --stage prod', 'what reached nobody in prod']],
  json: '[{"id", "since", "queue", "about", "why"}]',
})

export const SHOW = spec({
  ...LETTERS,
  name: 'dead-letters show',
  summary: 'a dead letter, its tries and its message',
  about: 'Shows a dead letter: what it is about, what is owed by now, every try, and its message.',
  args: [LETTER('show')],
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters show 1f0c --stage prod', 'by the first characters of its id']],
  json: '[{"id", "since", "queue", "about", "why", "body"}]',
  exits: NO_LETTER,
})

export const REDRIVE = spec({
  ...LETTERS,
  name: 'dead-letters redrive',
  summary: 'send again what is still owed',
  about: `Puts letters back into the queue that they came from. Fix the cause first: the rules, a secret, a channel.

A letter of a channel's queue only says whom to look after: what that one is owed by now is sent. One to whom nothing is owed any more, as it has received it since, is discarded. A letter about an incident that only you can close stays until you discard it.`,
  args: [{ name: 'ID', what: 'Of a dead letter, or its first characters' }],
  beside: 'redrive takes one id',
  options: { all: { what: 'Every letter, in place of an ID' }, ...ROUTER, json: JSON_OPTION },
  examples: [
    ['dead-letters redrive 1f0c --stage prod', 'one letter'],
    ['dead-letters redrive --all --stage prod', 'all of them'],
  ],
  json: '{"again": [LETTER], "discarded": [LETTER], "yours": [LETTER]}, each as "list" has it',
  exits: { 1: 'There is no such letter, only you can do what one asks, or AWS said no.' },
})

export const DISCARD = spec({
  ...LETTERS,
  name: 'dead-letters discard',
  summary: 'throw a dead letter away',
  about: 'Throws a dead letter away: it is not sent again.',
  args: [LETTER('discard')],
  options: { ...ROUTER, json: JSON_OPTION },
  examples: [['dead-letters discard 1f0c --stage prod', 'you did what it asks']],
  json: '{"again": [], "discarded": [LETTER], "yours": []}',
  exits: NO_LETTER,
})
