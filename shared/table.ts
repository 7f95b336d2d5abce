import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { clientOptions, inTime } from './aws.ts'

/*
 * One table (TABLE_NAME). All that is known of an alert lies under its fingerprint (`pk`), so that one query tells its
 * story (state.ts):
 *
 *   sk = state                                     what it is now, since when it fires, who has been told
 *   sk = change#<changedAt>#<messageId>#<position>  each message that told of a change, with the decision on it
 *   sk = channel#<channel>                         what a channel was told last, and who is telling it now
 *   sk = delivery#<changedAt>#<notification's id>  each notification: every try, and what became of it
 *
 * Beside these:
 *
 *   pk = target#<channel>                          when the channel can be sent the next message (pace.ts)
 *   pk = incident#<channel>#<key>                  whose alerts keep a grouped incident open (incident.ts)
 */

/** The client of the alerts' table. */
export const table = inTime(
  new DynamoDBClient({
    ...clientOptions,
    // A table that throttles does so for moments. Giving up after a send, before it is marked, would send again.
    retryStrategy: new ConfiguredRetryStrategy(10, (attempt) => Math.random() * Math.min(1_000, 25 * 2 ** attempt)),
  }),
)

/** An item's key. */
export function key(pk: string, sk: string) {
  return { pk: { S: pk }, sk: { S: sk } }
}

const DAY_S = 86_400

/** The value of `expiresAt`: the table drops the item some time after it. */
export function expiry(now: Date, days: number): AttributeValue {
  return { N: String(Math.floor(now.getTime() / 1_000) + days * DAY_S) }
}
