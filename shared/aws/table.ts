import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { clientOptions, environment, inTime } from './client.ts'

/*
 * One table (TABLE_NAME). What is known of an alert lies under its identity (`pk`), so that one query tells its story:
 *
 *   sk = state.2                                    what it is, who is owed what, who knows what (shared/store/alerts.ts)
 *   sk = change#<changedAt>#<messageId>#<position>  each message that told of a change, with the decision on it (changes.ts)
 *
 * An index, `due`, has the alerts of which something is to be looked at, by the time of that (due-index.ts). Beside these:
 *
 *   pk = target#<channel>                           when the channel can be sent the next message (shared/deliver/pace.ts)
 *   pk = incident#<key>                             whose alerts keep a shared incident open (shared/store/incidents.ts)
 *   pk = tick                                       what the clock has done (functions/tick.ts)
 *
 * An earlier version wrote `state`, `channel#…` and `delivery#…` items: they are read and carried over (carried.ts).
 */

/** The client of the alerts' table. */
export const table = inTime(
  new DynamoDBClient({
    ...clientOptions,
    // A table that throttles does so for moments. Giving up after a send, before it is marked, would send again.
    retryStrategy: new ConfiguredRetryStrategy(10, (attempt) => Math.random() * Math.min(1_000, 25 * 2 ** attempt)),
  }),
)

export type Item = Record<string, AttributeValue>

/** An item's key. */
export function key(pk: string, sk: string) {
  return { pk: { S: pk }, sk: { S: sk } }
}

/** What is read of an item. Some names are words of DynamoDB's own. */
export function projected(names: string[]) {
  return {
    ProjectionExpression: names.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
  }
}

const DAY_S = 86_400

/** The value of `expiresAt`: the table drops the item some time after it. */
export function expiry(now: Date, days: number): AttributeValue {
  return { N: String(Math.floor(now.getTime() / 1_000) + days * DAY_S) }
}

/** Puts an item if the condition holds; else what is there stays. Whether it held. */
export async function putIf(condition: string | undefined, item: Item, values?: Item): Promise<boolean> {
  return isMet(
    table.send(
      new PutItemCommand({
        TableName: environment('TABLE_NAME'),
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    ),
  )
}

/** As `putIf`; where the condition did not hold, gives what is there, as far as DynamoDB tells. */
export async function putOrGet(condition: string, item: Item, values?: Item): Promise<'put' | Item | undefined> {
  try {
    await table.send(
      new PutItemCommand({
        TableName: environment('TABLE_NAME'),
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    )
    return 'put'
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error.Item
    throw error
  }
}

/** Whether the condition of a write held. */
export async function isMet(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
