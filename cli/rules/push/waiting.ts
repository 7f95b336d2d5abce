import { type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import type { Config } from '../../../schemas/config.ts'
import { unpacked } from '../../../shared/aws/packed.ts'
import { oneLine, shorten } from '../../../shared/channels/outside-text.ts'
import { FACTS } from '../../../shared/channels/types.ts'
import type { AlertState } from '../../../shared/decide/alert-state.ts'
import { channelNow } from '../../../shared/decide/channel-now.ts'
import { knowsOfIt } from '../../../shared/decide/marks.ts'
import { placeOf } from '../../../shared/decide/place.ts'

type Channels = Pick<Config, 'channels'>

/** Channels that rules name now, by their present or an earlier name, and that the next ones do not. Pure. */
export function channelsGone(before: Channels, after: Channels): string[] {
  const names = Object.entries(before.channels).flatMap(([name, { formerly = [] }]) => [name, ...formerly])
  return names.filter((name) => channelNow(after.channels, name) === undefined)
}

/**
 * Channels that open incidents now, by their present or an earlier name, and that the next rules lead elsewhere: their key is
 * known no more, so nobody closes what is open by it. Pure.
 */
export function pagersMoved(before: Channels, after: Channels): string[] {
  return Object.entries(before.channels).flatMap(([name, channel]) => {
    const now = channelNow(after.channels, name)
    const isMoved = now !== undefined && placeOf(after.channels[now]) !== placeOf(channel)
    return FACTS[channel.type].opensIncidents && isMoved ? [name, ...(channel.formerly ?? [])] : []
  })
}

/** An alert of which a channel that goes is still to be told something, or will be to. */
export interface Waiting {
  fingerprint: string
  title: string
  channel: string
  /** What it is owed goes elsewhere; that what it was told of is over, it will not hear. */
  why: 'owed' | 'told that it fires'
}

/** So much of a table is looked through, in pages of 1 MB: that takes about two cents and a minute. */
const MAX_PAGES = 1_000

/** Who of a stage waits for channels that go or move. `isAll`: whether all of the table was looked through. */
export async function waitingFor(
  { gone, moved }: { gone: string[]; moved: string[] },
  client: DynamoDBClient,
  table: string,
): Promise<{ waiting: Waiting[]; open: Waiting[]; isAll: boolean }> {
  const waiting: Waiting[] = []
  const open: Waiting[] = []
  let pages = 0
  const all = paginateScan(
    { client },
    {
      TableName: table,
      FilterExpression: 'sk = :state',
      ProjectionExpression: 'pk, title, doc',
      ExpressionAttributeValues: { ':state': { S: 'state.2' } },
    },
  )
  for await (const { Items = [] } of all) {
    for (const { pk, title, doc } of Items) {
      const { recipients } = JSON.parse(unpacked(doc) ?? '{"recipients":{}}') as AlertState
      for (const one of Object.values(recipients)) {
        const why = one.owed ? 'owed' : knowsOfIt(one) ? 'told that it fires' : undefined
        const found = { fingerprint: pk?.S ?? '', title: title?.S ?? '', channel: one.channel }
        if (why && gone.includes(one.channel)) waiting.push({ ...found, why })
        if (knowsOfIt(one) && moved.includes(one.channel)) open.push({ ...found, why: 'told that it fires' })
      }
    }
    if (++pages >= MAX_PAGES) return { waiting, open, isAll: false }
  }
  return { waiting, open, isAll: true }
}

/** More than these nobody reads at once. */
const MAX_SHOWN = 10

/** What a push that takes channels away leaves undone, and how to mend that; nothing, where it leaves nothing. Pure. */
export function describeWaiting(gone: string[], { waiting, isAll }: { waiting: Waiting[]; isAll: boolean }): string {
  if (gone.length === 0) return ''
  const channels = describeChannels(gone)
  const rest = describeRest(isAll)
  if (waiting.length === 0)
    return rest.length > 0 ? [`${channels}: no alert was found that waits for it.`, ...rest].join('\n') : ''
  return [
    `Warning: ${channels} ${gone.length === 1 ? 'goes' : 'go'}, and these alerts still need ${gone.length === 1 ? 'it' : 'them'}:`,
    ...linesOf(waiting),
    ...rest,
    `Is it another name for the same? "formerly: [${gone[0]}]" at the new one lets it go on there. Without that, what is owed goes,`,
    'after 15 minutes, to the channels that the rules name then. A resolve is sent only if another channel leads to the same place',
    'as the one that received the firing.',
  ].join('\n')
}

/** Incidents that a push leaves open, as their channel leads elsewhere; nothing, where there are none. Pure. */
export function describeOpen(moved: string[], { open, isAll }: { open: Waiting[]; isAll: boolean }): string {
  if (moved.length === 0) return ''
  const rest = describeRest(isAll)
  if (open.length === 0)
    return rest.length > 0 ? [`${describeChannels(moved)}: no open incident was found.`, ...rest].join('\n') : ''
  const channels = [...new Set(open.map(({ channel }) => channel))]
  return [
    `Warning: ${describeChannels(channels)} ${channels.length === 1 ? 'leads' : 'lead'} elsewhere by these rules, and PagerDuty has open incidents under the previous key:`,
    ...linesOf(open),
    ...rest,
    'The router can’t close them when their alerts are resolved: each becomes a dead letter then, and you close it by hand. Or push',
    'after they are closed.',
  ].join('\n')
}

function describeRest(isAll: boolean): string[] {
  return isAll ? [] : ['There may be more: only a part of the table was looked through.']
}

/** `"a", "b"` */
export function inQuotes(names: string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

function describeChannels(names: string[]): string {
  return `${names.length === 1 ? 'Channel' : 'Channels'} ${inQuotes(names)}`
}

function linesOf(waiting: Waiting[]): string[] {
  const lines = waiting
    .slice(0, MAX_SHOWN)
    .map(({ title, channel, why }) => `  ${shorten(oneLine(title), 100)} → ${channel}: ${describe(why)}`)
  return waiting.length > MAX_SHOWN ? [...lines, `  … and ${waiting.length - MAX_SHOWN} more`] : lines
}

function describe(why: Waiting['why']): string {
  return why === 'owed'
    ? 'is owed something that it has not been told'
    : 'was told that it fires, and waits for its end'
}
