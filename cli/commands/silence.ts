import { CONFIG, JSON_OPTION, ROUTER } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** Silences: made by people, with a reason and an end. */

const SILENCES = { group: 'Operate' } as const
const ID = {
  name: 'ID',
  what: 'The silence’s id, or its first characters, as "silence list" shows it',
  ask: 'Which silence? Give its id, as "silence list" shows it.',
} as const
const BY = { value: 'NAME', what: 'Who, as shown in the messages. Default: your user name' } as const
const NO_SILENCE = {
  0: 'The order was queued.',
  1: 'No such silence is in force, or AWS denied access.',
  2: 'Wrong usage, or several silences have an id that starts so.',
} as const

export const SILENCE_ADD = spec({
  ...SILENCES,
  name: 'silence add',
  summary: 'notify nobody of some alerts, until a time',
  about: `Silences what matches a condition, until a time: it is held, as in a maintenance. What still fires at the end is sent then, what has ended meanwhile is not; the resolve of what was sent before goes through.`,
  args: [
    {
      name: 'CONDITION',
      what: 'Which alerts, in the language of `when`: tags.team: orders',
      ask: 'Which alerts? Give a condition, as in a rule’s when: "tags.team: orders".',
    },
  ],
  beside: "quote the condition, as in 'tags.team: orders'",
  options: {
    for: { value: 'TIME', what: 'For how long: 30m, 4h, 2d; at most 30d' },
    why: { value: 'TEXT', what: 'The reason, as shown in the messages' },
    by: BY,
    preview: { what: 'Only show what it would hold: of the last 7 days, and of what fires now' },
    config: { ...CONFIG, what: 'The rules, for a condition that names one of their sets' },
    ...ROUTER,
    json: JSON_OPTION,
  },
  notes: `It needs a reason, a person and an end. If it covers critical alerts, by what fires now and what was recorded in the last 7 days, or if nothing is recorded that it covers, its start is announced in the channels of critical alerts, without paging. It is also announced once it holds a critical alert that it was not known to cover. A reminder comes before its end, and its end is announced if anything about it was. Drills, the heartbeat, and what the router says of itself are never silenced.

It takes effect within seconds, and needs the permissions of "resolve". Without access to the table, it is announced.`,
  examples: [
    ["silence add 'tags.team: orders' --for 2h --why 'load test' --stage prod", 'until then'],
    ["silence add '{ name: orders-*, account: 123456789012 }' --preview --stage prod", 'what it would hold'],
  ],
  json: '{"id", "when", "about", "until", "why", "by", "critical", "fires": [{"title", "severity", "since"}], "held": [{"title", "severity", "messages", "channels"}]}; without "fires" and "held" if the table could not be read',
  exits: {
    0: 'It was queued, or shown.',
    1: 'No valid condition, or AWS denied access; nothing was done.',
  },
})

export const SILENCE_LIST = spec({
  ...SILENCES,
  name: 'silence list',
  summary: 'which silences there are, by whom, until when and why',
  about: 'Lists the silences in force, the one that ends first on top.',
  options: {
    all: { what: 'Also those that have ended, as long as they are kept: 90 days; with who extended and ended each' },
    ...ROUTER,
    json: JSON_OPTION,
  },
  examples: [
    ['silence list --stage prod', 'those in force'],
    ['silence list --all --stage prod', 'who had silenced what'],
  ],
  json: '{"silences": [{"id", "when", "about", "at", "until", "why", "by", "via", "critical", "changes": [{"at", "by", "via", "until"}]}]}',
})

export const SILENCE_EXTEND = spec({
  ...SILENCES,
  name: 'silence extend',
  summary: 'let a silence last longer',
  about: 'Gives a silence a later end, counted from now. If its start was announced, so is this.',
  args: [ID],
  options: {
    for: { value: 'TIME', what: 'How long from now: 30m, 4h, 2d; at most 30d' },
    by: BY,
    ...ROUTER,
    json: JSON_OPTION,
  },
  examples: [['silence extend k3x9qf --for 2h --stage prod', 'until two hours from now']],
  json: '{"id", "until", "by"}',
  exits: NO_SILENCE,
})

export const SILENCE_EXPIRE = spec({
  ...SILENCES,
  name: 'silence expire',
  summary: 'end a silence now: what still fires is sent',
  about: 'Ends a silence now. What it holds and still fires is sent within a minute or two.',
  args: [ID],
  options: { by: BY, ...ROUTER, json: JSON_OPTION },
  examples: [['silence expire k3x9qf --stage prod', 'the load test has ended']],
  json: '{"id", "by"}',
  exits: NO_SILENCE,
})
