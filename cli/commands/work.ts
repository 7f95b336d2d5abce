import { JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** What whoever works on the router runs, in a clone of it. */

const WORK = { group: 'Work on the router', isOfClone: true } as const
const KEPT = { 0: 'Every promise was kept.', 1: 'One was broken.' }

export const FAULTS = spec({
  ...WORK,
  name: 'faults',
  summary: 'break things, count what is lost and what is doubled',
  about: `Breaks one thing after the other under a running router, and counts what was lost and what was doubled.

The engine (queues, table, stand-ins) lives in this process, each function in two of its own, from its bundle, and the clock in one. Alarms fire, half of them resolve; the storm has 5000 of them, or five times --alerts where that is less, the night two times. All is as deployed, but for what a run has no time for: functions end after 6 s, what they had comes again after 8 s, a batch gathers for 1 s, tick runs every 2 s, no queue gives up, and except in the storm no channel has a pace.`,
  options: {
    alerts: { value: 'N', kind: 'number', default: 1000, what: 'So many alarms' },
    seed: { value: 'N', kind: 'number', default: 1, what: 'Of what is left to chance' },
    fault: { value: 'N,N', what: 'Only these, by their numbers' },
    json: JSON_OPTION,
  },
  examples: [['faults --alerts 100 --fault 2,4', 'two of them, in a minute']],
  json: '{"alerts", "seed", "faults": [{"number", "name", "sent", "accepted", "delivered", "lost", "doubledSlack", "doubledIncidents", "letters", "broken", …}]}',
  exits: KEPT,
})

export const SIMULATE = spec({
  ...WORK,
  name: 'simulate',
  summary: 'run small worlds in which everything goes wrong',
  about: `Runs the router in small worlds in which everything goes wrong that can, and judges each by its promises.

The functions and the AWS SDK are the real ones; AWS, the vendors, time and chance are models of which a seed decides everything: the same seed is the same world, call by call. Of each promise that is broken, the smallest world that breaks it is shown, unless --brief.`,
  options: {
    worlds: { value: 'N', kind: 'number', default: 3000, what: 'So many worlds' },
    seed: { value: 'N', kind: 'number', default: 1, what: 'The first world' },
    minutes: { value: 'N', kind: 'number', what: 'No longer than that' },
    workers: { value: 'N', kind: 'number', what: 'How many processors are used. Without it all' },
    all: { what: 'Do not stop at the tenth broken promise' },
    brief: { what: 'Do not look for the smallest world' },
    story: { what: 'Of one world, by --seed: each call', conflicts: ['json'] },
    logs: { what: 'With --story: what the functions log, too' },
    json: JSON_OPTION,
  },
  examples: [
    ['simulate --minutes 5', 'as many worlds as that takes'],
    ['simulate --worlds 1 --seed 4711 --story', 'one world, call by call'],
  ],
  json: '{"worlds", "seed", "seconds", "broken": [{"promise", "seeds": [N]}]}',
  exits: KEPT,
})

export const MUTANTS = spec({
  ...WORK,
  name: 'mutants',
  summary: 'plant faults, and see that something notices each',
  about: `Puts each of the faults in test/mutants/ into the router, and looks whether anything notices.

Each fault is a small patch, whose first line says what a user would suffer. The simulation runs its worlds with it until a promise is broken that the router keeps in the same world without it. What no world can show is shown by a test, in a copy. The world that a patch names is tried first.`,
  options: {
    mutant: { value: 'N,N', what: 'Only these, by their numbers' },
    worlds: { value: 'N', kind: 'number', default: 3000, what: 'At most so many worlds for each' },
    from: { value: 'N', kind: 'number', what: 'The worlds from this seed on alone' },
    note: { what: 'Write into each patch which world has shown it' },
    json: JSON_OPTION,
  },
  examples: [['mutants --mutant 4,32', 'two of them']],
  json: '[{"name", "isFound", "by", "why", "seed"}]',
  exits: { 0: 'Each was found.', 1: 'One was not, or does not fit the sources any more.' },
})

export const BENCH = spec({
  ...WORK,
  name: 'bench',
  summary: 'what the router costs, in time and in calls to AWS',
  about: 'Measures what the router costs, in time and in calls to AWS. It takes a minute or two.',
  options: { json: JSON_OPTION },
  examples: [['bench', 'all of it']],
  json: '[{"title", "head": [TEXT], "rows": [[TEXT]]}]',
  exits: { 0: 'It is measured.' },
})

export const SCHEMA = spec({
  ...WORK,
  name: 'schema',
  summary: 'write the schemas that editors complete the rules by',
  about: 'Writes what editors complete and underline the rules by: schemas/*.schema.json.',
  options: { json: JSON_OPTION },
  examples: [['schema', 'after a change of schemas/']],
  json: '[FILE], what was written',
  exits: { 0: 'They are written.' },
})

export const REFERENCE = spec({
  ...WORK,
  name: 'reference',
  summary: 'write docs/cli.md and docs/rules-reference.md',
  about:
    'Writes docs/cli.md: every command, option, exit code and JSON shape, from what the commands say of themselves; and docs/rules-reference.md: every key of the rules, from their schemas.',
  options: { json: JSON_OPTION },
  examples: [['reference', 'after a change of cli/commands/ or schemas/']],
  json: '[FILE, …], what was written',
  exits: { 0: 'They are written.' },
})
