import { parseArgs } from 'node:util'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { clientOptions } from '../shared/aws.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import { runCommand, UsageError } from './command.ts'
import { explanationOf } from './history/explain.ts'
import { findAlerts, readStory } from './history/find.ts'
import { count, matchesInWords, storyInWords } from './history/print.ts'
import type { Story } from './history/story.ts'
import { sinceTime } from './since.ts'
import { chooseRouter, type Router } from './which-router.ts'

/** Without --since: more than these nobody reads at once. */
const LAST_CHANGES = 10
const MOST_MATCHES = 20

const HELP = `Why did (or didn't) this page me? An alert's changes, what was decided on each and why, and every try to tell a channel.

  npm run history -- ALARM [--stage prod] [--since 7d] [--explain] [--json]

  ALARM            an alarm's name, its ARN, an alert's fingerprint, or a part of a name
  --stage STAGE    the router in AWS, by the credentials and the region (AWS_REGION) of your environment.
                   Without it: the one that "npm run replay -- --keep" runs on this machine
  --since WHEN     changes since then: 90m, 12h, 7d ago, or a date as in 2026-11-03T10:00Z. Without it the last ${LAST_CHANGES}
  --explain        of the last change that fired also each rule that was tried, the line that failed and what it saw, as it was
                   kept then, whatever the rules are by now; and each message's first line, as it was sent
  --json           one JSON object: {"fingerprint", "state", "changes": [{"alert", "severity", "rule", "because",
                   "configVersion", "trace", "channels", "messages", "deliveries": [{"channel", "status", "tries", …}]}]}
                   "trace" is what --explain tells: {"at", "steps": [{"rule", "result", "alternatives"}], "notLookedAt",
                   "parts", "windows"}; older records have none
  --help           this text

Times are in UTC; those with a + are counted from the change. The past is kept for 90 days.

Exit code: 0 found, 1 nothing is known by that name or AWS said no, 2 wrong usage, or several are meant (they are listed).
`

await runCommand('history', main)

async function main(argv: string[]): Promise<number> {
  const args = readArguments(argv)
  if (args === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  const router = await chooseRouter(args.stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    return await tell(client, router, args)
  } finally {
    client.destroy()
  }
}

async function tell(client: DynamoDBClient, router: Router, args: Arguments): Promise<number> {
  const { alarm, json } = args
  const table = await router.tableName(client)
  const byFingerprint = await readStory(client, table, alarm)
  if (byFingerprint) return show(byFingerprint, router, args)

  const { matches, known, similar } = await findAlerts(client, table, alarm)
  const [only, ...others] = matches
  if (!only) {
    if (json) print({ matches: [] })
    process.stderr.write(`${nothingKnown(alarm, router, known, similar)}\n`)
    return 1
  }
  if (others.length > 0) {
    if (json) print({ matches })
    else process.stdout.write(`${matchesInWords(matches, MOST_MATCHES)}\n`)
    process.stderr.write(`${count(matches.length, 'alert')} are called like that: name one by what stands below it.\n`)
    return 2
  }
  const story = await readStory(client, table, only.fingerprint)
  return show(story ?? { fingerprint: only.fingerprint, state: only, changes: [] }, router, args)
}

function show(story: Story, { option }: Router, { json, since, explain }: Arguments): number {
  const changes = since
    ? story.changes.filter(({ alert }) => alert.changedAt >= since)
    : story.changes.slice(-LAST_CHANGES)
  const shown = { ...story, changes }
  if (json) {
    print(shown)
    return 0
  }
  const width = Math.max(60, Math.min(process.stdout.columns ?? 100, 120))
  const hints = [
    ...(story.changes.length === 0 ? ['Its past has expired: only its state is known.'] : []),
    ...(changes.length === 0 && story.changes.length > 0 ? [`Nothing has changed since ${since}.`] : []),
    ...(changes.some(({ deliveries }) => deliveries.some(({ status }) => status === 'dead-lettered'))
      ? [`npm run dead-letters -- list${option} shows what can be put on its way again.`]
      : []),
  ]
  // A resolve only follows what fired.
  const asked = changes.findLast(({ alert }) => alert.status !== 'resolved') ?? changes.at(-1)
  const explained = explain && asked ? [explanationOf(asked, () => readConfig(CONFIG_FOLDER), width)] : []
  const told = storyInWords(shown, { width, hidden: story.changes.length - changes.length })
  process.stdout.write([told, ...hints, ...explained].join('\n\n').concat('\n'))
  return 0
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
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
  explain: boolean
}

/** @throws {UsageError} */
function readArguments(argv: string[]): Arguments | 'help' {
  const { values, positionals } = parse(argv)
  if (values.help) return 'help'
  const [alarm, ...others] = positionals
  if (!alarm?.trim()) throw new UsageError('Which alert? Give an alarm’s name, its ARN, or a part of a name.')
  if (others.length > 0)
    throw new UsageError(`One alert at a time: put a name with blanks in quotes, as in "${positionals.join(' ')}".`)
  const since = values.since === undefined ? undefined : sinceTime(values.since).toISOString()
  return { alarm, stage: values.stage, since, json: values.json, explain: values.explain }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        stage: { type: 'string' },
        since: { type: 'string' },
        explain: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
