import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOptions } from '../shared/aws/client.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { AWS_HELP, readArguments } from './arguments.ts'
import { commandOf, runCommand, UsageError } from './command.ts'
import { count } from './count.ts'
import type { Change, State } from './history/alert-history.ts'
import { explanationOf } from './history/explain.ts'
import { findAlerts, readStories, readStory, type Story, sourceOf, type Which } from './history/find.ts'
import { dim } from './history/lines.ts'
import { changeInWords, headInWords, matchesInWords } from './history/print.ts'
import { sinceTime } from './since.ts'
import { chooseRouter, type Router } from './which-router.ts'
import { widthOf } from './wrap.ts'

/** Without --since: more than these nobody reads at once. */
const LAST_CHANGES = 10
/** A flapping alarm may have a hundred thousand in a quarter: nobody reads a million lines to find out. */
const MOST_CHANGES = 1_000
const MOST_MATCHES = 20

const HELP = `Why did (or didn't) this page me? An alert's changes, what was decided on each
and why, and every try to tell a channel.

  npm run history -- ALARM [--stage prod] [--since 7d] [--all] [--explain]
                     [--json]

  ALARM            an alarm's name, its ARN, an alert's fingerprint, or a part
                   of a name
  --stage STAGE    the router in AWS. Without it: the one that "npm run replay
                   -- --keep" runs on this machine
${AWS_HELP}
  --since WHEN     changes since then: 90m, 12h, 7d ago, or a date as in
                   2026-11-03T10:00Z. Without it the last ${LAST_CHANGES}
  --all            each change, where they are more than ${MOST_CHANGES.toLocaleString('en')} since then, or
                   without --since all that is kept
  --explain        of the last change that fired also each rule that was tried,
                   the line that failed and what it saw, as it was kept then,
                   whatever the rules are by now; and each message's first line,
                   as it was sent
  --json           one JSON object: {"fingerprint", "state", "changes":
                   [{"alert", "severity", "rule", "because", "configVersion",
                   "trace", "channels", "held", "releasedAt", "messages",
                   "deliveries": [{"channel", "status", "tries", …}]}]}
  --help           this text

In that JSON:

- "state" has "recipients": what each is owed and knows now: {"NAME":
  {"channel", "owed", "told", "tries", "nextTryAt", "dead", …}}; and "open": the
  incidents that it may have in PagerDuty, each with the channel that opened it
- "messages" have an "outcome": sent, held, duplicate, stale or nobody
- a delivery's "status" is delivered, failed, waiting, dead-lettered, untried,
  held, superseded (something newer was to be told), missed (over before it
  could be told), gone (no such channel any more) or unknown; "missed": true,
  where one message told of beginning and end. Of a try that was the same
  several times there is one, with "times" and "last"; "left open" is one of an
  incident that the router could not close: a dead letter asks you to
- "trace" is what --explain tells: {"at", "steps": [{"rule", "result",
  "alternatives"}], "notLookedAt", "parts", "windows"}; older records have none

Below its name stands who is owed something now, or knows that it fires. Times
are in UTC; those with a + are counted from the change. What just happens (a
message, a deployment) is an alert each time: of one name all are told. The past
is kept for 90 days.

Exit code: 0 found, 1 nothing is known by that name or AWS said no, 2 wrong
usage, or several are meant (they are listed).
`

/** What is written at once, in characters. */
const BLOCK = 65_536
let printed = ''

const OPTIONS = {
  stage: { type: 'string' },
  since: { type: 'string' },
  all: { type: 'boolean', default: false },
  explain: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

/** `npm run history`. */
export const history = commandOf('history', main, HELP)

await runCommand(import.meta, history)

async function main(argv: string[]): Promise<number> {
  const args = historyArguments(argv)
  const router = await chooseRouter(args.stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    return await tell(client, router, args)
  } finally {
    await flush()
    client.destroy()
  }
}

async function tell(client: DynamoDBClient, router: Router, args: Arguments): Promise<number> {
  const { alarm, json, all, since, explain } = args
  const most = since === undefined ? LAST_CHANGES : json ? undefined : MOST_CHANGES
  const which: Which = { since, last: all ? undefined : most, withTraces: json || explain }
  const table = await router.tableName(client)
  const byFingerprint = await readStory(client, table, alarm, which)
  if (byFingerprint) return show(byFingerprint, router, args)

  const { matches, known, similar } = await findAlerts(client, table, alarm)
  const [only, ...others] = matches
  if (!only) {
    if (json) await print(`${JSON.stringify({ matches: [] })}\n`)
    process.stderr.write(`${nothingKnown(alarm, router, known, similar)}\n`)
    return 1
  }
  if (others.length > 0 && areOneSource(matches))
    return show(await readStories(client, table, matches, which), router, args)
  if (others.length > 0) {
    await print(json ? `${JSON.stringify({ matches })}\n` : `${matchesInWords(matches, MOST_MATCHES)}\n`)
    process.stderr.write(`${count(matches.length, 'alert')} are called like that: name one by what stands below it.\n`)
    return 2
  }
  const story = await readStory(client, table, only.fingerprint, which)
  return show(story ?? { fingerprint: only.fingerprint, state: only, hasEarlier: false, changes: none() }, router, args)
}

async function* none(): AsyncGenerator<Change> {}

/** What just happened, again and again. */
function areOneSource(matches: State[]): boolean {
  return new Set(matches.map(({ fingerprint }) => sourceOf(fingerprint))).size === 1
}

/** Change by change, as they are read: a past may be longer than fits in memory. */
async function show(story: Story, router: Router, { json, since, explain }: Arguments): Promise<number> {
  if (json) return showJson(story)
  const width = widthOf(process.stdout)
  await print(headInWords(story, width))
  if (story.hasEarlier) await print(dim(`\n\n${earlierInWords(story, since)}`))
  let last: Change | undefined
  let asked: Change | undefined
  let hasDeadLetters = false
  for await (const change of story.changes) {
    await print(`\n\n${changeInWords(change, width)}`)
    last = change
    // A resolve only follows what fired.
    if (change.alert.status !== 'resolved') asked = change
    hasDeadLetters ||= change.deliveries.some(({ status }) => status === 'dead-lettered')
  }
  if (!story.newest) await print('\n\nIts past has expired: only its state is known.')
  else if (!last && since) await print(`\n\nNothing has changed since ${since}.`)
  if (hasDeadLetters)
    await print(`\n\nnpm run dead-letters -- list${router.option} shows what can be put on its way again.`)
  const one = asked ?? last
  if (explain && one) await print(`\n\n${explanationOf(one, () => readConfig(CONFIG_FOLDER), width)}`)
  await print('\n')
  return 0
}

function earlierInWords({ untold }: Story, since: string | undefined): string {
  return untold === undefined
    ? 'There are earlier changes: --since shows more, as in --since 30d'
    : `Of ${count(untold, 'earlier change')} since ${since} only the number is told: --all tells each`
}

async function showJson({ fingerprint, state, changes }: Story): Promise<number> {
  await print(`${JSON.stringify({ fingerprint, state }).slice(0, -1)},"changes":[`)
  let between = ''
  for await (const { keys: _keys, isOfEarlierForm: _form, ...change } of changes) {
    await print(between + JSON.stringify(change))
    between = ','
  }
  await print(']}\n')
  return 0
}

/** Waits for whoever reads it. */
async function print(text: string): Promise<void> {
  printed += text
  if (printed.length >= BLOCK) await flush()
}

async function flush(): Promise<void> {
  const block = printed
  printed = ''
  if (!process.stdout.write(block)) await once(process.stdout, 'drain')
}

function nothingKnown(alarm: string, { where, option }: Router, known: number, similar: string[]): string {
  const names = similar.map((name) => `"${oneLine(name)}"`).join(', ')
  return [
    `Nothing is known of "${alarm}": none of the ${count(known, 'alert')} of ${where} has that in its name.`,
    ...(names ? [`Did you mean ${names}?`] : []),
    'An alert is known from its first change on that reached the router: does the alarm name its topic, for ALARM and OK?',
    `What the router could not read is a dead letter: npm run dead-letters -- list${option}`,
  ].join('\n')
}

interface Arguments {
  alarm: string
  stage: string | undefined
  /** ISO 8601 */
  since: string | undefined
  json: boolean
  all: boolean
  explain: boolean
}

/** @throws {UsageError} */
function historyArguments(argv: string[]): Arguments {
  const { values, positionals } = readArguments(argv, OPTIONS, 'words')
  const [alarm, ...others] = positionals
  if (!alarm?.trim()) throw new UsageError('Which alert? Give an alarm’s name, its ARN, or a part of a name.')
  if (others.length > 0)
    throw new UsageError(`One alert at a time: put a name with blanks in quotes, as in "${positionals.join(' ')}".`)
  const since = values.since === undefined ? undefined : sinceTime(values.since).toISOString()
  return { alarm, stage: values.stage, since, json: values.json, all: values.all, explain: values.explain }
}
