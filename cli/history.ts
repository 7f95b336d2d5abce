import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { sourceOf } from '../shared/alert/identity.ts'
import { clientOptions } from '../shared/aws/client.ts'
import { oneLine } from '../shared/channels/outside-text.ts'
import { commandLine } from '../shared/config/command-line.ts'
import { CONFIG_FOLDER } from '../shared/config/files.ts'
import { readConfig } from '../shared/config/read.ts'
import type { Change, State } from '../shared/history/alert-history.ts'
import {
  type AlertHistory,
  findAlerts,
  readAlertHistories,
  readAlertHistory,
  type Which,
} from '../shared/history/find.ts'
import type { HISTORY } from './commands/operate.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { explainChange } from './history/explain.ts'
import { dim } from './history/lines.ts'
import { oneAlert } from './history/one-alert.ts'
import { describeChange, describeHead, describeMatches } from './history/print.ts'
import { sinceTime } from './since.ts'
import { chooseRouter, type Router } from './which-router.ts'
import { widthOf } from './wrap.ts'

/** The changes that are shown without --since. */
const LAST_CHANGES = 10
/** A flapping alarm may have a hundred thousand in a quarter, a million lines: too many to read. */
const MAX_CHANGES = 1_000
const MAX_MATCHES = 20

/** How much is written at once, in characters. */
const BLOCK = 65_536
let printed = ''

export async function history(given: Given<typeof HISTORY>): Promise<number> {
  const args = historyArguments(given)
  const router = await chooseRouter(args.stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    return await report(client, router, args)
  } finally {
    await flush()
    client.destroy()
  }
}

async function report(client: DynamoDBClient, router: Router, args: Arguments): Promise<number> {
  const { alarm, json, all, since, explain } = args
  const most = since === undefined ? LAST_CHANGES : json ? undefined : MAX_CHANGES
  const which: Which = { since, last: all ? undefined : most, withTraces: json || explain }
  const table = await router.tableName(client)
  const byFingerprint = await readAlertHistory(client, table, alarm, which)
  if (byFingerprint) return show(byFingerprint, router, args)

  const { matches, known, similar } = await findAlerts(client, table, alarm)
  const [only, ...others] = matches
  if (!only) {
    if (json) await print(`${JSON.stringify({ matches: [] })}\n`)
    process.stderr.write(`${nothingKnown(alarm, router, known, similar)}\n`)
    return 1
  }
  if (others.length > 0 && areOneSource(matches))
    return show(await readAlertHistories(client, table, matches, which), router, args)
  if (others.length > 0) {
    await print(json ? `${JSON.stringify({ matches })}\n` : `${describeMatches(matches, MAX_MATCHES)}\n`)
    process.stderr.write(`${count(matches.length, 'alert')} match: give the ARN or fingerprint shown below one.\n`)
    return 2
  }
  const alertHistory = await readAlertHistory(client, table, only.fingerprint, which)
  return show(
    alertHistory ?? { fingerprint: only.fingerprint, state: only, hasEarlier: false, changes: none() },
    router,
    args,
  )
}

async function* none(): AsyncGenerator<Change> {}

/** An event without a state, each time it happened. */
function areOneSource(matches: State[]): boolean {
  return new Set(matches.map(({ fingerprint }) => sourceOf(fingerprint))).size === 1
}

/** Change by change, as they are read: a long history does not fit in memory. */
async function show(alertHistory: AlertHistory, router: Router, { json, since, explain }: Arguments): Promise<number> {
  if (json) return showJson(alertHistory)
  const width = widthOf(process.stdout)
  await print(describeHead(alertHistory, width))
  if (alertHistory.hasEarlier) await print(dim(`\n\n${describeEarlier(alertHistory, since)}`))
  let last: Change | undefined
  let asked: Change | undefined
  let hasDeadLetters = false
  for await (const change of alertHistory.changes) {
    await print(`\n\n${describeChange(change, width)}`)
    last = change
    // A resolve only follows a firing.
    if (change.alert.status !== 'resolved') asked = change
    hasDeadLetters ||= change.deliveries.some(({ status }) => status === 'dead-lettered')
  }
  if (!alertHistory.newest) await print('\n\nIts history has expired: only its state is known.')
  else if (!last && since) await print(`\n\nNo changes since ${since}.`)
  if (hasDeadLetters) await print(`\n\nList what can be redriven: ${commandLine(`dead-letters list${router.option}`)}`)
  const one = asked ?? last
  if (explain && one) await print(`\n\n${explainChange(one, () => readConfig(CONFIG_FOLDER), width)}`)
  await print('\n')
  return 0
}

function describeEarlier({ unsent }: AlertHistory, since: string | undefined): string {
  return unsent === undefined
    ? 'There are earlier changes. Show more with --since, as in --since 30d'
    : `${count(unsent, 'earlier change')} since ${since} not shown: --all shows each`
}

async function showJson({ fingerprint, state, changes }: AlertHistory): Promise<number> {
  await print(`${JSON.stringify({ fingerprint, state }).slice(0, -1)},"changes":[`)
  let between = ''
  for await (const { keys: _keys, isOfEarlierForm: _form, ...change } of changes) {
    await print(between + JSON.stringify(change))
    between = ','
  }
  await print(']}\n')
  return 0
}

/** Waits for the reader of the output. */
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
    `No alert matches "${alarm}" in ${where} (${count(known, 'alert')} recorded).`,
    ...(names ? [`Did you mean ${names}?`] : []),
    'Alerts appear here after their first state change. Check that the alarm has the router’s topic as an action for ALARM and OK.',
    `Events that the router could not parse are dead letters: ${commandLine(`dead-letters list${option}`)}`,
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
function historyArguments({ options, args }: Given<typeof HISTORY>): Arguments {
  const alarm = oneAlert(args)
  const since = options.since === undefined ? undefined : sinceTime(options.since).toISOString()
  return { alarm, stage: options.stage, since, json: options.json, all: options.all, explain: options.explain }
}
