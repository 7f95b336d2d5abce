import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { BatchWriteItemCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Config } from '../../schemas/config.ts'
import { ConfigError } from '../../shared/config/check.ts'
import { type ConfigText, configTexts, readConfigTexts } from '../../shared/config/read.ts'
import { documentOf } from '../../shared/live-config/version.ts'
import { count } from '../count.ts'
import { needsDeployment } from '../rules/push/needs-deployment.ts'
import type { ReplayOutcome } from './outcome.ts'
import { describeHeld } from './report.ts'

const LOOK_MS = 200
/** The functions check their file once a second (shared/live-config/changed-file.ts). */
const TAKEN_MS = 1_100

/**
 * Watches the rules, a file or a folder, until `signal`. `first` is what was replayed first. Each edit that passes the check is
 * replayed, and `say` gets what it changed. When an edit fails the check, `say` gets the errors, and the previous rules stay.
 */
export async function watchRules(
  first: { path: string; texts: ConfigText[]; config: Config; outcomes: ReplayOutcome[] },
  replayWith: (config: Config) => Promise<ReplayOutcome[]>,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { path, config } = first
  let texts = first.texts
  let before = first.outcomes
  let lastError = ''
  while (!signal.aborted) {
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {})
    try {
      const now = configTexts(path)
      if (isDeepStrictEqual(now, texts)) continue
      texts = now
      lastError = ''
      const edited = readConfigTexts(texts)
      const missing = needsDeployment(edited, config)
      if (missing.length > 0) {
        say(`This change needs a new replay: stop this one and start it again.\n  ${missing.join('\n  ')}`)
        continue
      }
      const after = await replayWith(edited)
      say(describeChanges(before, after))
      before = after
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      // An unreadable file is retried each time.
      if (error.message !== lastError) say(`${error.message}\nThe previous rules stay active.`)
      lastError = error.message
    }
  }
}

/** What another config changes in the outcome of the same events, a line per change. */
export function describeChanges(before: ReplayOutcome[], after: ReplayOutcome[]): string {
  const lines = after.flatMap((now, index) => {
    const then = before[index]
    const [was, is] = [then && describe(then), describe(now)]
    return was === is || was === undefined ? [] : [`${now.file}${titleOf(now)}\n  - ${was}\n  + ${is}`]
  })
  const alerts = count(after.length, 'alert')
  if (lines.length === 0) return `Nothing changes for ${alerts}.`
  return [...lines, `${lines.length} of ${alerts} ${lines.length === 1 ? 'changes' : 'change'}.`].join('\n')
}

function titleOf(outcome: ReplayOutcome): string {
  return 'alert' in outcome ? ` → ${outcome.alert.title.split('\n', 1)[0]}` : ''
}

function describe(outcome: ReplayOutcome): string {
  if (!('alert' in outcome)) return 'error' in outcome ? `rejected: ${outcome.error}` : `no alert: ${outcome.ignored}`
  const { severity, rule, deliveries } = outcome
  const lastError = deliveries.map((one) =>
    one.status === 'held' ? `${one.channel} (${describeHeld(one)})` : one.channel,
  )
  return `${severity}, by "${rule}", to ${lastError.join(', ') || 'nobody'}`
}

/** Gives the functions other rules, and waits until they use them. */
export async function replaceRules(configFile: string, config: Config): Promise<void> {
  // Atomically: nobody reads half a file.
  writeFileSync(`${configFile}.new`, documentOf(config))
  renameSync(`${configFile}.new`, configFile)
  await sleep(TAKEN_MS)
}

/** Deletes every alert, so that the same events are new again. */
export async function forgetAlerts(): Promise<void> {
  const client = new DynamoDBClient({})
  const TableName = process.env.TABLE_NAME ?? ''
  for await (const { Items = [] } of paginateScan({ client }, { TableName, ProjectionExpression: 'pk, sk' })) {
    for (let from = 0; from < Items.length; from += 25) {
      const deletes = Items.slice(from, from + 25).map((Key) => ({ DeleteRequest: { Key } }))
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: deletes } }))
    }
  }
  client.destroy()
}
