import { createHash } from 'node:crypto'
import { type AttributeValue, DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { environment } from '../aws/client.ts'
import { expiry, type Item, isMet, key, putIf, table } from '../aws/table.ts'
import type { Fired } from '../decide/count.ts'

/*
 * What alerts say to each other, by group: of an inhibition (shared/decide/inhibit.ts), or of a count (count.ts). This only
 * says where to look: whether an alert fires is in its own item.
 * `alert` is the key of its state, also in the item's own key, if it is short.
 *
 *   pk = group#<group>, sk = source#<alert>         it fires, and mutes the others
 *   pk = group#<group>, sk = fired#<time>#<alert>   it began to fire then
 *   pk = group#<group>, sk = waits#<alert>          it is held, until others end, or enough of them fire
 *   pk = freed, sk = <group>                        that has happened: `tick` has those that wait evaluated
 */

/** An alarm can fire for long: as its state, shared/store/alerts.ts. */
const DAYS = 400

const SOURCE = 'source#'
const WAITS = 'waits#'
const FIRED = 'fired#'
const FREED = 'freed'
const pkOf = (group: string) => `group#${group}`

/** A sort key has at most 1,024 bytes, and the key of an alert up to 2,048: of a long one, this has the hash. */
const LONGEST = 900

/** What an item is of: the key of its alert is beside it. */
function ofAlert(group: string, prefix: string, alert: string): Item {
  const isShort = Buffer.byteLength(alert) <= LONGEST
  const inKey = isShort ? alert : createHash('sha256').update(alert).digest('base64url')
  return { ...key(pkOf(group), `${prefix}${inKey}`), alert: { S: alert } }
}

/** The same, without the rest. */
function keyOf(group: string, prefix: string, alert: string): ReturnType<typeof key> {
  return key(pkOf(group), ofAlert(group, prefix, alert).sk?.S ?? '')
}

/** An alert that mutes a group: as it was when it said so, before that was written in its own item. */
export interface Announced {
  alert: string
  title: string
  /** Of the state that says that it fires. */
  version: number
  /** When it was announced (ISO 8601). */
  at: string
}

/** Before the state that says that it fires: whoever asks at the same moment finds it, and whoever asks later. */
export async function addSource(group: string, { alert, title, version, at }: Announced): Promise<void> {
  const item = {
    ...ofAlert(group, SOURCE, alert),
    title: { S: title },
    version: { N: String(version) },
    at: { S: at },
    expiresAt: expiry(new Date(at), DAYS),
  }
  await putIf('attribute_not_exists(pk) OR version < :version', item, { ':version': item.version })
}

/** @param version of the state that says that it does not fire: one that fires again since stays. */
export async function removeSource(group: string, alert: string, version: number): Promise<void> {
  await removeIf(keyOf(group, SOURCE, alert), 'version', '<=', { N: String(version) })
}

/** Before it is looked whether a source fires: one that ends after that finds it here. */
export async function addWaiting(group: string, alert: string): Promise<void> {
  await putIf(undefined, { ...ofAlert(group, WAITS, alert), expiresAt: expiry(new Date(), DAYS) })
}

export async function removeWaiting(group: string, alert: string): Promise<void> {
  await table.send(new DeleteItemCommand({ TableName: environment('TABLE_NAME'), Key: keyOf(group, WAITS, alert) }))
}

/** More than one at a time are rare, and one is enough. */
const MOST_SOURCES = 20

/** The alerts that mute a group, or did a moment ago. Not all of many. */
export async function sourcesOf(group: string): Promise<Announced[]> {
  const { items } = await itemsIn(pkOf(group), SOURCE, { most: MOST_SOURCES })
  return items.map(({ alert, title, version, at }) => ({
    alert: alert?.S ?? '',
    title: title?.S ?? '',
    version: Number(version?.N),
    at: at?.S ?? '',
  }))
}

/** Some of the alerts that wait in a group, after one of them; `next`: there are more. */
export async function waitingIn(
  group: string,
  after?: string,
  most = 100,
): Promise<{ alerts: string[]; next: string | undefined }> {
  const { items, next } = await itemsIn(pkOf(group), WAITS, { after, most })
  return { alerts: items.map(({ alert }) => alert?.S ?? ''), next }
}

/** `within` is at most a day: an older firing counts with none. */
const FIRED_DAYS = 3

/**
 * Counts a firing, and finds those that began within a time of it: the nearest before it, and if these are not enough, the
 * nearest after it.
 * @param withinMs at most a day.
 * @param most of either, it among them: as many as are enough.
 */
export async function countFired(
  group: string,
  { at, alert }: Fired,
  { withinMs, most }: { withinMs: number; most: number },
): Promise<Fired[]> {
  const item = ofAlert(group, `${FIRED}${at}#`, alert)
  const own = item.sk?.S ?? ''
  await putIf(undefined, { ...item, expiresAt: expiry(new Date(), FIRED_DAYS) })
  const around = (ms: number) => `${FIRED}${new Date(Date.parse(at) + ms).toISOString()}`
  const before = await firedBetween(group, around(-withinMs), own, { most, isLastFirst: true })
  if (before.length >= most) return before
  // After every alert of that moment. It is the first of these itself.
  const after = await firedBetween(group, own, `${around(withinMs)}$`, { most: most + 1, isLastFirst: false })
  return [...before, ...after.slice(1)]
}

async function firedBetween(
  group: string,
  from: string,
  to: string,
  { most, isLastFirst }: { most: number; isLastFirst: boolean },
): Promise<Fired[]> {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': { S: pkOf(group) }, ':from': { S: from }, ':to': { S: to } },
      ConsistentRead: true,
      Limit: most,
      ScanIndexForward: !isLastFirst,
    }),
  )
  return Items.map(({ sk, alert }) => ({ at: sk?.S?.slice(FIRED.length).split('#')[0] ?? '', alert: alert?.S ?? '' }))
}

/** Those that wait in a group may be sent, as of now. */
export async function addFreed(group: string): Promise<void> {
  await putIf(undefined, {
    ...key(FREED, group),
    at: { S: new Date().toISOString() },
    expiresAt: expiry(new Date(), 1),
  })
}

/** The groups that wait to be evaluated, and when that was asked for. */
export async function freedGroups(): Promise<{ group: string; at: string }[]> {
  const { Items = [] } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: FREED } },
      ConsistentRead: true,
    }),
  )
  return Items.map(({ sk, at }) => ({ group: sk?.S ?? '', at: at?.S ?? '' }))
}

/** Done, unless that was said again since. */
export async function removeFreed({ group, at }: { group: string; at: string }): Promise<void> {
  await removeIf(key(FREED, group), 'at', '=', { S: at })
}

async function removeIf(
  of: ReturnType<typeof key>,
  attribute: string,
  is: '=' | '<=',
  value: AttributeValue,
): Promise<void> {
  await isMet(
    table.send(
      new DeleteItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: of,
        ConditionExpression: `#it ${is} :value`,
        ExpressionAttributeNames: { '#it': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    ),
  )
}

async function itemsIn(
  pk: string,
  prefix: string,
  { after, most }: { after?: string | undefined; most: number },
): Promise<{ items: Item[]; next: string | undefined }> {
  const { Items = [], LastEvaluatedKey } = await table.send(
    new QueryCommand({
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
      ...(after !== undefined && { ExclusiveStartKey: key(pk, `${prefix}${after}`) }),
      ConsistentRead: true,
      Limit: most,
    }),
  )
  return { items: Items, next: LastEvaluatedKey?.sk?.S?.slice(prefix.length) }
}
