import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, key, table } from '../aws/table.ts'
import type { Announced } from '../decide/maintenance.ts'
import type { AnnouncedSilences } from '../decide/silence-notices.ts'
import { pairHere } from '../observe/regions.ts'
import type { DueShard, Position } from './due-index.ts'
import type { Pass } from './pass.ts'

/** An unfinished pass over the index, and how far it is: finished shards have no position any more. */
export interface Begun extends Pass {
  left: Partial<Record<DueShard, Position | null>>
}

/** What a run of `tick` leaves for the next one: pk=`tick`, sk=`last`. */
export interface LastRun {
  /** When the last completed pass started. */
  at?: string | undefined
  /** The version of the rules that the whole index was evaluated with. */
  configVersion?: string | undefined
  /**
   * How often silences had got another end when the whole index was evaluated, twice: a function that had read them
   * before may write what it has decided after the first time. `movedOnce`: when it was evaluated last.
   */
  moved: number
  movedOnce: number
  /** The announced maintenances, and silences. */
  notices: Announced
  silences: AnnouncedSilences
  /** A pass that a run had no time to finish, or that failed. */
  begun?: Begun | undefined
}

const KEY = key('tick', 'last')

/** The attribute that names the region whose run it was, of two. */
const REGION = 'region'

/** Each run writes it: it expires when the stack has been idle for that long. */
const KEPT_DAYS = 400

export async function readLastRun(): Promise<LastRun> {
  const { Item = {} } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: KEY, ConsistentRead: true }),
  )
  const last = {
    at: Item.at?.S,
    configVersion: Item.configVersion?.S,
    moved: Number(Item.moved?.N ?? 0),
    movedOnce: Number(Item.movedOnce?.N ?? 0),
    notices: JSON.parse(Item.notices?.S ?? '{}'),
    silences: JSON.parse(unpacked(Item.silences) ?? '{}'),
    begun: Item.begun?.S === undefined ? undefined : JSON.parse(Item.begun.S),
  }
  // What the clock of another region has announced may be in a queue there: all that is due is announced here at once.
  return Item[REGION]?.S === pairHere()?.here ? last : { ...last, at: undefined, begun: undefined }
}

/** Two concurrent runs may each write it: what one has not seen of the other is sent twice, and nothing is lost. */
export async function writeLastRun(last: LastRun, now: Date): Promise<void> {
  const { at, configVersion, moved, movedOnce, notices, silences, begun } = last
  const pair = pairHere()
  await table.send(
    new PutItemCommand({
      TableName: environment('TABLE_NAME'),
      Item: {
        ...KEY,
        ...(pair && { [REGION]: { S: pair.here } }),
        ...(at !== undefined && { at: { S: at } }),
        ...(configVersion !== undefined && { configVersion: { S: configVersion } }),
        moved: { N: String(moved) },
        movedOnce: { N: String(movedOnce) },
        notices: { S: JSON.stringify(notices) },
        silences: packed(JSON.stringify(silences)),
        ...(begun !== undefined && { begun: { S: JSON.stringify(begun) } }),
        expiresAt: expiry(now, KEPT_DAYS),
      },
    }),
  )
}
