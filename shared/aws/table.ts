import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { clientOptions, environment, inTime } from './client.ts'

/*
 * One table (TABLE_NAME). Everything about an alert has its identity as `pk`, so that one query returns its history:
 *
 *   sk = state.2                                    what it is, what is owed, what was sent (shared/store/alerts.ts)
 *   sk = change#<changedAt>#<messageId>#<position>  each message about a change, with the decision on it (changes.ts)
 *
 * An index, `due`, has the alerts that must be evaluated, by time (due-index.ts); another, `open`, the CloudWatch alarms
 * that have not ended (open-index.ts). Besides these:
 *
 *   pk = target#<channel>                           when its next message may be sent (shared/deliver/pace.ts)
 *   pk = incident#<key>                             whose alerts keep a shared incident open (shared/store/incidents.ts)
 *   pk = digest#<id>                                what a digest that is edited says of each alert (shared/store/digests.ts)
 *   pk = drill                                      when each class and channel was last proven (shared/drill/records.ts)
 *   pk = evidence#<fingerprint>                     what was found once it was out (shared/follow-up/claims.ts)
 *   pk = inbox#<id>                                 what people answered from outside (shared/store/answers.ts)
 *   pk = group#<group>, freed                       what alerts say to each other (shared/store/groups.ts)
 *   pk = silences                                   what people have silenced (shared/store/silences.ts)
 *   pk = tick                                       how far the clock is (functions/tick.ts)
 *   pk = reconcile                                  when CloudWatch was last compared, and what was found
 *
 * An earlier version wrote `state`, `channel#…` and `delivery#…` items: they are read and carried over (carried.ts).
 */

/** The client of the alerts' table. */
export const table = inTime(
  new DynamoDBClient({
    ...clientOptions,
    // A table throttles for moments. Giving up between a send and its record would send again.
    retryStrategy: new ConfiguredRetryStrategy(10, (attempt) => Math.random() * Math.min(1_000, 25 * 2 ** attempt)),
  }),
)

export type Item = Record<string, AttributeValue>

/** An item's key. */
export function key(pk: string, sk: string) {
  return { pk: { S: pk }, sk: { S: sk } }
}

/** Attributes to read. Some names are reserved words in DynamoDB. */
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

/** Puts an item if the condition is met; else nothing changes. Returns whether it was met. */
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

/** As `putIf`; if the condition was not met, returns the existing item, if DynamoDB returns one. */
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

/** Was the condition of a write met? */
export async function isMet(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}
