import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import Table from 'cli-table3'
import type { Silence } from '../../schemas/silence.ts'
import { clientOptions } from '../../shared/aws/client.ts'
import { duration } from '../../shared/channels/alert-text.ts'
import { oneLine, shorten } from '../../shared/channels/outside-text.ts'
import { isInForce } from '../../shared/decide/in-force.ts'
import { keptSilences, readSilencesWith } from '../../shared/store/silences.ts'
import type { SILENCE_LIST } from '../commands/silence.ts'
import { count } from '../count.ts'
import type { Given } from '../frame/spec.ts'
import { utc } from '../utc.ts'
import { chooseRouter } from '../which-router.ts'

/** Which silences there are. */
export async function list({ options }: Given<typeof SILENCE_LIST>): Promise<number> {
  const router = await chooseRouter(options.stage)
  const client = new DynamoDBClient(clientOptions)
  try {
    const table = await router.tableName(client)
    const now = new Date()
    const present = (await readSilencesWith(client, table)).silences.filter((one) => isInForce(one, now))
    const ended = options.all ? (await keptSilences(client, table)).filter((one) => !isInForce(one, now)) : []
    const silences = [...present.toSorted((a, b) => a.until.localeCompare(b.until)), ...ended]
    const text = options.json ? JSON.stringify({ silences }) : textOf(silences, now, router.where)
    process.stdout.write(`${text}\n`)
    return 0
  } finally {
    client.destroy()
  }
}

function textOf(silences: Silence[], now: Date, where: string): string {
  const open = silences.filter((one) => isInForce(one, now)).length
  const said = open === 0 ? `Nothing is silenced in ${where}.` : `${count(open, 'silence')} in force in ${where}.`
  if (silences.length === 0) return said
  const table = new Table({ head: ['id', 'covers', 'until', 'by', 'why'], style: { head: [], border: [] } })
  for (const one of silences) table.push(rowOf(one, now))
  return `${table.toString()}\n${said}`
}

function rowOf(silence: Silence, now: Date): string[] {
  const { id, about, at, until, by, why, changes = [] } = silence
  const leftMs = Date.parse(until) - now.getTime()
  const then = changes.map((change) => {
    const what = Date.parse(change.until) <= Date.parse(change.at) ? 'ended' : `until ${utc(change.until)}`
    return `${utc(change.at)} ${shorten(oneLine(change.by), 30)}: ${what}`
  })
  return [
    id,
    shorten(oneLine(about), 50),
    `${utc(until)}\n${leftMs > 0 ? `${duration(leftMs) ?? 'a moment'} left` : 'ended'}`,
    [`${utc(at)} ${shorten(oneLine(by), 30)}`, ...then].join('\n'),
    shorten(oneLine(why), 60),
  ]
}
