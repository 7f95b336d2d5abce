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

/** Channels in the current rules, by their present or an earlier name, that the next rules do not have. Pure. */
export function channelsGone(before: Channels, after: Channels): string[] {
  const names = Object.entries(before.channels).flatMap(([name, { formerly = [] }]) => [name, ...formerly])
  return names.filter((name) => channelNow(after.channels, name) === undefined)
}

/**
 * Channels that open incidents now, by their present or an earlier name, and that the next rules send elsewhere:
 * their key is gone, so open incidents can't be closed. Pure.
 */
export function pagersMoved(before: Channels, after: Channels): string[] {
  return Object.entries(before.channels).flatMap(([name, channel]) => {
    const now = channelNow(after.channels, name)
    const isMoved = now !== undefined && placeOf(after.channels[now]) !== placeOf(channel)
    return FACTS[channel.type].opensIncidents && isMoved ? [name, ...(channel.formerly ?? [])] : []
  })
}

/** An alert that a removed channel is still owed something about, or will be. */
export interface Waiting {
  fingerprint: string
  title: string
  channel: string
  /** `owed`: it will be sent elsewhere. `notified`: its resolve will not be sent. */
  why: 'owed' | 'notified'
}

/** How much of a table is read, in pages of 1 MB: that costs about two cents and takes a minute. */
const MAX_PAGES = 1_000

/** The alerts of a stage that wait for removed or moved channels. `isAll`: whether the whole table was read. */
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
        const why = one.owed ? 'owed' : knowsOfIt(one) ? 'notified' : undefined
        const found = { fingerprint: pk?.S ?? '', title: title?.S ?? '', channel: one.channel }
        if (why && gone.includes(one.channel)) waiting.push({ ...found, why })
        if (knowsOfIt(one) && moved.includes(one.channel)) open.push({ ...found, why: 'notified' })
      }
    }
    if (++pages >= MAX_PAGES) return { waiting, open, isAll: false }
  }
  return { waiting, open, isAll: true }
}

/** How many alerts are shown. */
const MAX_SHOWN = 10

/** What a push that removes channels leaves undelivered, and how to fix that; empty if nothing. Pure. */
export function describeWaiting(gone: string[], { waiting, isAll }: { waiting: Waiting[]; isAll: boolean }): string {
  if (gone.length === 0) return ''
  const channels = describeChannels(gone)
  const rest = describeRest(isAll)
  if (waiting.length === 0)
    return rest.length > 0 ? [`${channels}: no alert was found that waits for it.`, ...rest].join('\n') : ''
  return [
    `Warning: ${channels} ${gone.length === 1 ? 'is' : 'are'} removed, but these alerts still need ${gone.length === 1 ? 'it' : 'them'}:`,
    ...linesOf(waiting),
    ...rest,
    `If it was renamed, add "formerly: [${gone[0]}]" to the new channel, which then takes over. Otherwise, what is owed is sent,`,
    'after 15 minutes, to the channels that the rules select then. A resolve is sent only if another channel sends to the same place',
    'as the one that received the firing.',
  ].join('\n')
}

/** Incidents that a push leaves open, because their channel sends elsewhere; empty if there are none. Pure. */
export function describeOpen(moved: string[], { open, isAll }: { open: Waiting[]; isAll: boolean }): string {
  if (moved.length === 0) return ''
  const rest = describeRest(isAll)
  if (open.length === 0)
    return rest.length > 0 ? [`${describeChannels(moved)}: no open incident was found.`, ...rest].join('\n') : ''
  const channels = [...new Set(open.map(({ channel }) => channel))]
  return [
    `Warning: ${describeChannels(channels)} ${channels.length === 1 ? 'sends' : 'send'} elsewhere by these rules, and PagerDuty has open incidents under the previous key:`,
    ...linesOf(open),
    ...rest,
    'The router can’t close them when their alerts resolve: each becomes a dead letter, and you close it by hand. Or push',
    'after they are closed.',
  ].join('\n')
}

function describeRest(isAll: boolean): string[] {
  return isAll ? [] : ['There may be more: only part of the table was read.']
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
  return why === 'owed' ? 'is owed a message' : 'received the firing, and waits for the resolve'
}
