import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, type Item, key, putIf, putOrGet, table } from '../aws/table.ts'

/*
 * What people answer from outside the stack arrives at least once: each event has a mark, so that its order is sent once.
 * First it says who is at it, then that it is done; one that nobody finished is taken over by the event's next arrival.
 *
 *   pk = inbox#<id>, sk = answer                         an event: who handles it until when, or when its order was sent
 *   pk = inbox#pagerduty-incident <id>, sk = dedup-key   by which dedup key PagerDuty's incident was opened
 */

/** Longer than a link is valid, and than PagerDuty retries. */
const DAYS = 30
/** An incident may be open for long. */
const INCIDENT_DAYS = 400

const keyOf = (id: string) => key(`inbox#${id}`, 'answer')

/** Mine to handle; another invocation's, which may fail; or when its order was sent (ISO 8601). */
export type Claim = 'mine' | 'busy' | { doneAt: string }

export async function claimAnswer(id: string, leaseMs: number, now = new Date()): Promise<Claim> {
  const found = await putOrGet(
    'attribute_not_exists(pk) OR (attribute_not_exists(doneAt) AND heldUntil < :now)',
    { ...keyOf(id), heldUntil: { N: String(now.getTime() + leaseMs) }, expiresAt: expiry(now, DAYS) },
    { ':now': { N: String(now.getTime()) } },
  )
  if (found === 'put') return 'mine'
  const doneAt = doneIn(found) ?? (await answeredAt(id))
  return doneAt === undefined ? 'busy' : { doneAt }
}

/** Its order is on the queue. */
export async function settleAnswer(id: string, now = new Date()): Promise<void> {
  await putIf(undefined, { ...keyOf(id), doneAt: { S: now.toISOString() }, expiresAt: expiry(now, DAYS) })
}

/** Its order could not be sent: whoever brings the event again may try at once. */
export async function releaseAnswer(id: string, now = new Date()): Promise<void> {
  await putIf('attribute_not_exists(doneAt)', {
    ...keyOf(id),
    heldUntil: { N: '0' },
    expiresAt: expiry(now, DAYS),
  })
}

/** When its order was sent (ISO 8601), if it was. */
export async function answeredAt(id: string): Promise<string | undefined> {
  return doneIn(await read(keyOf(id)))
}

const doneIn = (item: Item | undefined) => item?.doneAt?.S

const keyOfIncident = (incident: string) => key(`inbox#pagerduty-incident ${incident}`, 'dedup-key')

export async function keepIncidentKey(incident: string, dedupKey: string, now = new Date()): Promise<void> {
  await putIf(undefined, {
    ...keyOfIncident(incident),
    dedupKey: { S: dedupKey },
    expiresAt: expiry(now, INCIDENT_DAYS),
  })
}

/** `undefined`: its beginning did not arrive. */
export async function incidentKeyOf(incident: string): Promise<string | undefined> {
  return (await read(keyOfIncident(incident)))?.dedupKey?.S
}

async function read(Key: ReturnType<typeof key>): Promise<Item | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key, ConsistentRead: true }),
  )
  return Item
}
