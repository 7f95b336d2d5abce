import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, key, table } from '../aws/table.ts'

/** What the last comparison with CloudWatch came to: pk=`reconcile`, sk=`last`. */
export interface LastReconcile {
  /** When it began, ISO 8601. */
  at: string
  /** How many losses it healed. */
  found: number
  /** Alarms that it left alone, and why. Bounded. */
  left: { name: string; why: string }[]
  /** What it could not ask, and why. */
  refused: string[]
}

const KEY = key('reconcile', 'last')
const KEPT_DAYS = 400

/** `undefined` before the first. */
export async function readLastReconcile(): Promise<LastReconcile | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: KEY, ConsistentRead: true }),
  )
  return Item?.doc?.S === undefined ? undefined : JSON.parse(Item.doc.S)
}

/** Two at once may each write it: what is compared once more does no harm. */
export async function writeLastReconcile(last: LastReconcile, now: Date): Promise<void> {
  const Item = { ...KEY, doc: { S: JSON.stringify(last) }, expiresAt: expiry(now, KEPT_DAYS) }
  await table.send(new PutItemCommand({ TableName: environment('TABLE_NAME'), Item }))
}
