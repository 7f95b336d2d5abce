import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, type Item, key, table } from '../aws/table.ts'
import { pairHere } from '../observe/regions.ts'

/** What the last comparison with CloudWatch came to: pk=`reconcile`, sk=`last`. */
export interface LastReconcile {
  /** When it began, ISO 8601. */
  at: string
  /** Up to when the alarm history of each place has been read, by account and region (ISO 8601). */
  readTo: Record<string, string>
  /** How many losses it healed. */
  found: number
  /** Alarms that it left alone, and why. Bounded. */
  left: { name: string; why: string }[]
  /** What it could not ask, and why. */
  refused: string[]
}

/** Each of two regions compares its own alarms: the second has a record of its own. */
export function keyOfLast(pair = pairHere()) {
  return key('reconcile', pair && pair.here !== pair.home ? `last#${pair.here}` : 'last')
}

const KEPT_DAYS = 400

/** `undefined` before the first. */
export async function readLastReconcile(): Promise<LastReconcile | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: keyOfLast(), ConsistentRead: true }),
  )
  return lastReconcileIn(Item)
}

export function lastReconcileIn(item: Item | undefined): LastReconcile | undefined {
  return item?.doc?.S === undefined ? undefined : JSON.parse(item.doc.S)
}

/** Two at once may each write it: what is compared once more does no harm. */
export async function writeLastReconcile(last: LastReconcile, now: Date): Promise<void> {
  const Item = { ...keyOfLast(), doc: { S: JSON.stringify(last) }, expiresAt: expiry(now, KEPT_DAYS) }
  await table.send(new PutItemCommand({ TableName: environment('TABLE_NAME'), Item }))
}
