import { JSON_OPTION } from '../frame/options.ts'
import { spec } from '../frame/spec.ts'

/** Commands for working on the router itself, in a clone. */

const WORK = { group: 'Work on the router', isOfClone: true } as const
const KEPT = { 0: 'Every promise was kept.', 1: 'One was broken.' }

export const FAULTS = spec({
  ...WORK,
  name: 'faults',
  summary: 'inject faults, count lost and duplicate messages',
  about: `Injects one fault after another into a running router, and counts lost and duplicate messages.

The engine (queues, table, stand-ins) runs in this process, each function in two processes from its bundle, and the clock in its own. Alarms fire, and half of them resolve. The storm has 5000 alarms, or five times --alerts if that is less; the night has twice --alerts. Everything is as deployed, except for what would take too long: functions time out after 6 s, their messages are redelivered after 8 s, a digest has at most 100 alerts, tick runs every 2 s, no queue has a receive limit, and only the storm has rate limits.`,
  options: {
    alerts: { value: 'N', kind: 'number', least: 1, default: 1000, what: 'Number of alarms' },
    seed: { value: 'N', kind: 'number', default: 1, what: 'Random seed' },
    fault: { value: 'N,N', what: 'Only these faults, by number' },
    json: JSON_OPTION,
  },
  examples: [['faults --alerts 100 --fault 2,4', 'two of them, in a minute']],
  json: '{"alerts", "seed", "faults": [{"number", "name", "sent", "accepted", "delivered", "lost", "doubledSlack", "doubledIncidents", "letters", "broken", …}]}',
  exits: KEPT,
})

export const SIMULATE = spec({
  ...WORK,
  name: 'simulate',
  summary: 'simulate small worlds in which everything goes wrong',
  about: `Runs the router in small simulated worlds in which everything that can fail does, and checks its promises in each.

The functions and the AWS SDK are real; AWS, the vendors, time and randomness are models driven by a seed: the same seed gives the same world, call by call. For each broken promise, it shows the smallest world that breaks it, unless --brief.`,
  options: {
    worlds: { value: 'N', kind: 'number', least: 1, default: 3000, what: 'Number of worlds' },
    seed: { value: 'N', kind: 'number', default: 1, what: 'Seed of the first world' },
    minutes: { value: 'N', kind: 'number', least: 1, what: 'Time limit' },
    workers: { value: 'N', kind: 'number', least: 1, what: 'Number of processors to use. Default: all' },
    all: { what: 'Do not stop after the tenth broken promise' },
    brief: { what: 'Do not search for the smallest world' },
    story: { what: 'Print each call of one world, chosen by --seed', conflicts: ['json'] },
    logs: { what: 'With --story: also the logs of the functions' },
    json: JSON_OPTION,
  },
  examples: [
    ['simulate --minutes 5', 'as many worlds as fit in that time'],
    ['simulate --worlds 1 --seed 4711 --story', 'one world, call by call'],
  ],
  json: '{"worlds", "seed", "seconds", "broken": [{"promise", "seeds": [N]}]}',
  exits: KEPT,
})

export const MUTANTS = spec({
  ...WORK,
  name: 'mutants',
  summary: 'plant bugs, and check that the tests catch each',
  about: `Plants each of the bugs in test/mutants/ in the router, and checks that the simulation or a test catches it.

Each bug is a small patch whose first line says what a user would suffer. The simulation runs worlds with it until a promise breaks that the unpatched router keeps in the same world. What no world can show, a test shows, in a copy. The world that a patch names is tried first.`,
  options: {
    mutant: { value: 'N,N', what: 'Only these, by number' },
    worlds: { value: 'N', kind: 'number', least: 1, default: 3000, what: 'At most this many worlds for each' },
    from: { value: 'N', kind: 'number', what: 'Only worlds from this seed on' },
    note: { what: 'Write into each patch which world caught it' },
    json: JSON_OPTION,
  },
  examples: [['mutants --mutant 4,32', 'two of them']],
  json: '[{"name", "isFound", "by", "why", "seed"}]',
  exits: { 0: 'Each was caught.', 1: 'One was not, or its patch no longer applies.' },
})

export const BENCH = spec({
  ...WORK,
  name: 'bench',
  summary: 'measure the cost of the router: time and AWS calls',
  about: `Measures what the router costs in time and AWS calls. It takes two to four minutes.

Figures are ratios of what was measured in turns, in this one run. With the folders of other projects, these run beside it; docs/performance.md says how to get them.`,
  options: {
    'notify-slack': { value: 'FOLDER', kind: 'path', what: 'The project terraform-aws-notify-slack' },
    assertible: {
      value: 'FOLDER',
      kind: 'path',
      what: 'The project lambda-cloudwatch-slack of assertible, with its packages',
    },
    python: { value: 'BIN', default: 'python3', what: 'The Python for notify-slack. It needs boto3' },
    check: {
      what: 'Compare the ratios with those of docs/performance.md, and name each that is worse beyond the spread',
      conflicts: ['json'],
    },
    json: JSON_OPTION,
  },
  examples: [
    ['bench', 'all but the other projects'],
    ['bench --check', 'before a release'],
  ],
  json: '[{"title", "head": [TEXT], "rows": [[TEXT]], "note"}]',
  exits: { 0: 'Measured. With --check, no ratio is worse.', 1: 'With --check: one is.' },
})

export const SCHEMA = spec({
  ...WORK,
  name: 'schema',
  summary: 'write the schemas that editors use',
  about:
    'Writes schemas/*.schema.json, which editors use to complete and validate the rules, their cases, and config/platform.yml.',
  options: { json: JSON_OPTION },
  examples: [['schema', 'after a change of schemas/']],
  json: '[FILE], the files that were written',
  exits: { 0: 'Written.' },
})

export const REFERENCE = spec({
  ...WORK,
  name: 'reference',
  summary: 'write docs/cli.md and docs/rules-reference.md',
  about:
    'Writes docs/cli.md: every command, option, exit code and JSON shape, from the command specs; and docs/rules-reference.md: every key of the rules, from their schemas.',
  options: { json: JSON_OPTION },
  examples: [['reference', 'after a change of cli/commands/ or schemas/']],
  json: '[FILE, …], the files that were written',
  exits: { 0: 'Written.' },
})
