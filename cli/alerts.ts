import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import Table from 'cli-table3'
import { clientOptions } from '../shared/aws/client.ts'
import { duration } from '../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../shared/channels/outside-text.ts'
import { openAlerts } from '../shared/history/firing.ts'
import type { FiringAlert } from '../shared/history/open-alerts.ts'
import type { ALERTS } from './commands/operate.ts'
import { count } from './count.ts'
import type { Given } from './frame/spec.ts'
import { utc } from './utc.ts'
import { chooseRouter } from './which-router.ts'

const AGAIN_MS = 10_000

/** What fires now, who works on it, and what happens next. */
export async function alerts({ options }: Given<typeof ALERTS>): Promise<number> {
  const router = await chooseRouter(options.stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    const table = await router.tableName(client)
    for (;;) {
      const now = new Date()
      const { firing: all } = await openAlerts(client, table, now)
      // Clears the screen, and goes to its top.
      if (options.watch && process.stdout.isTTY) process.stdout.write('\u001b[2J\u001b[H')
      const text = options.json ? JSON.stringify({ alerts: all }) : textOf(all, now, router.where)
      process.stdout.write(`${text}\n`)
      if (!options.watch) return 0
      await sleep(AGAIN_MS)
    }
  } finally {
    client.destroy()
  }
}

function textOf(all: FiringAlert[], now: Date, where: string): string {
  if (all.length === 0) return `Nothing fires in ${where}.`
  const head = ['severity', 'alert', 'since', 'acknowledged', 'next']
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const one of all) table.push(rowOf(one, now))
  const open = all.filter(({ acknowledged }) => !acknowledged).length
  return `${table.toString()}\n${count(all.length, 'alert')} firing in ${where}; ${open} not acknowledged.`
}

const MOST_NEXT = 3

function rowOf(
  { severity, title, channels, since, acknowledged, next, silenced = [] }: FiringAlert,
  now: Date,
): string[] {
  const quiet = silenced.map(({ by, until, why }) =>
    shorten(oneLine(`silenced by ${by} until ${utc(until)}: ${why}`), 80),
  )
  const rest = next.length > MOST_NEXT ? [`and ${next.length - MOST_NEXT} more`] : []
  return [
    severity,
    `${shorten(oneLine(title), 50)}\n${channels.join(', ')}`,
    `${utc(since)}\n${duration(now.getTime() - Date.parse(since)) ?? ''}`,
    acknowledged ? `${shorten(oneLine(acknowledged.by), 30)}\n${utc(acknowledged.at)}` : 'nobody',
    [...quiet, ...next.slice(0, MOST_NEXT).map(({ at, what }) => `${utc(at)} ${what}`), ...rest].join('\n') || '-',
  ]
}
