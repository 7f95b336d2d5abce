import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, key, table } from '../aws/table.ts'
import type { Announced } from '../decide/maintenance.ts'
import type { DueShard, Position } from './due-index.ts'
import type { Pass } from './pass.ts'

/** A pass over the index that has begun, and how far it has come: shards that it is through with have no place any more. */
export interface Begun extends Pass {
  left: Partial<Record<DueShard, Position | null>>
}

/** What a run of `tick` leaves for the next one: pk=`tick`, sk=`last`. */
export interface LastRun {
  /** When the last pass began that came through. */
  at?: string | undefined
  /** The version of the rules that all of the index knows. */
  configVersion?: string | undefined
  /** The maintenances that were told of. */
  notices: Announced
  /** One that a run had not the time for, or that failed. */
  begun?: Begun | undefined
}

const KEY = key('tick', 'last')

/** Each run writes it: it goes when the stack has been asleep for so long. */
const KEPT_DAYS = 400

export async function readLastRun(): Promise<LastRun> {
  const { Item = {} } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: KEY, ConsistentRead: true }),
  )
  return {
    at: Item.at?.S,
    configVersion: Item.configVersion?.S,
    notices: JSON.parse(Item.notices?.S ?? '{}'),
    begun: Item.begun?.S === undefined ? undefined : JSON.parse(Item.begun.S),
  }
}

/** Two runs at once may each write it: what one has not seen of the other is told twice, and nothing is left out. */
export async function writeLastRun({ at, configVersion, notices, begun }: LastRun, now: Date): Promise<void> {
  await table.send(
    new PutItemCommand({
      TableName: environment('TABLE_NAME'),
      Item: {
        ...KEY,
        ...(at !== undefined && { at: { S: at } }),
        ...(configVersion !== undefined && { configVersion: { S: configVersion } }),
        notices: { S: JSON.stringify(notices) },
        ...(begun !== undefined && { begun: { S: JSON.stringify(begun) } }),
        expiresAt: expiry(now, KEPT_DAYS),
      },
    }),
  )
}
