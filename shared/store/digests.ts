import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Notification } from '../../schemas/notification.ts'
import { environment } from '../aws/client.ts'
import { packed, unpacked } from '../aws/packed.ts'
import { expiry, type Item, isMet, key, putIf, table } from '../aws/table.ts'
import { RECORD_DAYS } from './changes.ts'

/*
 * What a message about several alerts says of each now, in a channel that edits it.
 *
 *   pk = digest#<id>, sk = digest   `doc`: the newest notification of each alert; `version` counts its changes; `shown`: the
 *                                   version that the message shows, as far as anybody knows
 */

/** An item has at most 400 KB. */
const MAX_BYTES = 350_000
/** Of writes that others are faster than. */
const MAX_TRIES = 10

export interface KeptDigest {
  version: number
  shown: number
  notifications: Notification[]
}

/** Keeps what a digest is about; once. One that is too big is not kept. */
export async function keepDigest(id: string, notifications: Notification[], now = new Date()): Promise<void> {
  const doc = docOf(notifications)
  if (doc === undefined) return
  const one = { N: '1' }
  const item = { ...keyOf(id), doc, version: one, shown: one, expiresAt: expiry(now, RECORD_DAYS) }
  await putIf('attribute_not_exists(pk)', item)
}

/** `undefined`: it is not kept, or no longer. */
export async function readDigest(id: string): Promise<KeptDigest | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: keyOf(id), ConsistentRead: true }),
  )
  const text = unpacked(Item?.doc)
  if (!Item || text === undefined) return undefined
  return { version: numberIn(Item, 'version'), shown: numberIn(Item, 'shown'), notifications: JSON.parse(text) }
}

/**
 * Changes what it says. `change` may run several times; `undefined`: nothing is to be changed.
 * @throws {Error} when others are always faster.
 */
export async function changeDigest(
  id: string,
  change: (notifications: Notification[]) => Notification[] | undefined,
  now = new Date(),
): Promise<void> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const kept = await readDigest(id)
    const changed = kept && change(kept.notifications)
    const doc = changed && docOf(changed)
    if (!kept || !doc) return
    const write = update(id, 'SET doc = :doc, version = :next, expiresAt = :expiresAt', 'version = :version', {
      ':doc': doc,
      ':version': { N: String(kept.version) },
      ':next': { N: String(kept.version + 1) },
      ':expiresAt': expiry(now, RECORD_DAYS),
    })
    if (await write) return
  }
  throw new Error(`too many changes of the digest ${id} at once`)
}

/** The message shows this version now, unless there is a newer one; 0: nobody knows what it shows. */
export async function digestShows(id: string, version: number): Promise<void> {
  const condition = version === 0 ? 'attribute_exists(pk)' : 'version = :version'
  const values = { ':shown': { N: String(version) }, ...(version > 0 && { ':version': { N: String(version) } }) }
  await update(id, 'SET shown = :shown', condition, values)
}

function update(id: string, expression: string, condition: string, values: Item): Promise<boolean> {
  return isMet(
    table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOf(id),
        UpdateExpression: expression,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    ),
  )
}

function docOf(notifications: Notification[]) {
  const doc = packed(JSON.stringify(notifications))
  return (doc.B?.length ?? 0) > MAX_BYTES ? undefined : doc
}

function keyOf(id: string) {
  return key(`digest#${id}`, 'digest')
}

function numberIn(item: Item, name: string): number {
  return Number(item[name]?.N ?? 0)
}
