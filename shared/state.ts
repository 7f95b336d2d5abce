import { randomUUID } from 'node:crypto'
import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Severity } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { environment } from './aws.ts'
import type { Decision, Firing } from './decide/decide.ts'
import { type Extras, extrasOf } from './decide/extras.ts'
import { isSuperseded } from './decide/follow.ts'
import type { Timed } from './decide/hold.ts'
import { expiry, key, table } from './table.ts'

/** An alarm can fire for long: its state outlives what we tell of its past. */
const STATE_DAYS = 400
const HISTORY_DAYS = 90

/** What the table knows of an alert before a change. */
export interface Past {
  changedAt: string
  status: AlertStatus
  /** An event of the same thing at the same moment can be another one: a pipeline that fails as it is stopped. */
  title: string
  /** Set while it fires, or fired before it lost its data. */
  firing?: Firing
  /** The channels that are to be told of it later. */
  held: string[]
}

/** What became of a change: it went out, waits for its time, had gone out before, or came after a newer one. */
export type Outcome = 'sent' | 'held' | 'duplicate' | 'stale'

/** What is known of this alert; `undefined` if nothing. */
export async function pastOf(alert: Alert): Promise<Past | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: key(alert.fingerprint, 'state'),
      ConsistentRead: true,
    }),
  )
  return pastIn(Item)
}

function pastIn(Item: Record<string, AttributeValue> | undefined): Past | undefined {
  if (!Item?.changedAt?.S) return undefined
  const past: Past = {
    changedAt: Item.changedAt.S,
    status: Item.status?.S as AlertStatus,
    title: Item.title?.S ?? '',
    held: Item.held?.L?.flatMap((channel) => channel.S ?? []) ?? [],
  }
  if (Item.firingSince?.S) {
    past.firing = {
      since: Item.firingSince.S,
      severity: Item.severity?.S as Severity,
      rule: Item.rule?.S ?? 'default',
      channels: Item.channels?.L?.flatMap((channel) => channel.S ?? []) ?? [],
      ...(JSON.parse(Item.extras?.S ?? '{}') as Extras),
    }
  }
  return past
}

/**
 * Remembers a change after its notifications are safely on their way: the message that told of it, with the decision,
 * and what the alert now is. A state that is newer already stays. So does what became of a message that comes again.
 */
export async function recordChange(
  change: {
    alert: Alert
    decision: Decision & Partial<Timed>
    /** The version of the config that decided. */
    configVersion?: string | undefined
    /** Why it was decided so: `keptTrace`. */
    trace?: string | undefined
    outcome: Outcome
    firing: Firing | undefined
    /** The message that told of it, and which of the alerts in that message this is, from 0. */
    messageId: string
    position: number
  },
  now = new Date(),
): Promise<void> {
  const { alert, decision, configVersion, trace, outcome, messageId, position } = change
  const { held = [] } = decision
  const isNews = outcome === 'sent' || outcome === 'held'
  await putIf(isNews ? undefined : 'attribute_not_exists(pk)', {
    ...key(alert.fingerprint, `change#${alert.changedAt}#${messageId}#${position}`),
    alert: { S: JSON.stringify(alert) },
    severity: { S: decision.severity },
    rule: { S: decision.rule },
    channels: { L: decision.channels.map((channel) => ({ S: channel })) },
    ...(held.length > 0 && {
      held: { L: held.map(({ channel, until }) => ({ M: { channel: { S: channel }, until: { S: until } } })) },
    }),
    because: { L: decision.because.map((step) => ({ S: step })) },
    ...(configVersion !== undefined && { configVersion: { S: configVersion } }),
    ...(trace !== undefined && { trace: { S: trace } }),
    outcome: { S: outcome },
    messageId: { S: messageId },
    position: { N: String(position) },
    recordedAt: { S: now.toISOString() },
    expiresAt: expiry(now, HISTORY_DAYS),
  })
  if (isNews) await advanceState(change, now)
}

async function advanceState({ alert, decision, firing }: Parameters<typeof recordChange>[0], now: Date): Promise<void> {
  const { held = [] } = decision
  const item: Item = {
    ...key(alert.fingerprint, 'state'),
    status: { S: alert.status },
    title: { S: alert.title },
    changedAt: { S: alert.changedAt },
    expiresAt: expiry(now, STATE_DAYS),
  }
  if (held.length > 0) item.held = { L: held.map(({ channel }) => ({ S: channel })) }
  if (firing) {
    item.firingSince = { S: firing.since }
    item.severity = { S: firing.severity }
    item.rule = { S: firing.rule }
    item.channels = { L: firing.channels.map((channel) => ({ S: channel })) }
    item.extras = { S: JSON.stringify(extrasOf(firing)) }
  }
  // A newer change that was recorded in between stands.
  await putIf('attribute_not_exists(pk) OR changedAt <= :changedAt', item, { ':changedAt': { S: alert.changedAt } })
}

/** Puts an item if the condition holds; else what is there stays. */
async function putIf(condition: string | undefined, item: Item, values?: Item): Promise<void> {
  try {
    await table.send(
      new PutItemCommand({
        TableName: environment('TABLE_NAME'),
        Item: item,
        ConditionExpression: condition,
        ExpressionAttributeValues: values,
      }),
    )
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
  }
}

/** A notification that is ours to send: nobody else tells its channel of its alert meanwhile. */
export interface Claimed {
  notification: Notification
  /** Tells this claim from a later one, should ours have lapsed. */
  token: string
  /** Tries that failed so far; waiting as long as a channel asks is none. */
  tries: number
  /** Since when it has been tried or kept waiting in vain (ISO 8601). */
  failingSince: string | undefined
  /** A digest with it was refused: it goes by itself. */
  isAlone: boolean
  /** The channel that was told of this notification in place of its own. */
  fallbackTo: string | undefined
  /** The channel that was told, in place of this one, that the alert fires. */
  firingFallbackTo: string | undefined
  /** The shared incident that the alert has joined, and when (ms). */
  incident: string | undefined
  joinedAt: number
}

/**
 * Claims a notification for sending. A channel is told of an alert by one at a time, so that of all copies one is sent,
 * and a trigger can't pass its resolve on the way. The claim lapses by itself after `leaseMs`, which must outlive the
 * sender: then the next one may send.
 *
 * `delivered`: there is nothing left to do. `superseded`: its channel has been told the opposite by a newer change, and
 * so this is done, and recorded. `busy`: its channel is being told of this alert by another; look again later.
 */
export async function claim(
  notification: Notification,
  leaseMs: number,
  now = new Date(),
): Promise<Claimed | 'delivered' | 'superseded' | 'busy'> {
  const token = randomUUID()
  const turn = await takeTurn(notification, token, leaseMs, now)
  if (turn === 'busy') return 'busy'
  const { delivery, past } = await knownOf(notification)
  const claimed: Claimed = {
    notification,
    token,
    tries: Number(delivery?.attempts?.N ?? 0),
    failingSince: delivery?.failingSince?.S,
    isAlone: delivery?.isAlone?.BOOL === true,
    fallbackTo: delivery?.fallbackTo?.S,
    firingFallbackTo: turn?.fallbackTo?.S,
    incident: turn?.incident?.S,
    joinedAt: Number(turn?.joinedAt?.N ?? 0),
  }
  if (delivery?.status?.S === 'delivered') {
    await endTurn(claimed)
    return 'delivered'
  }
  // What its channel has taken, it has taken, whatever came after.
  if (notification.delivered) return claimed
  const told = turn?.toldChangedAt?.S && {
    changedAt: turn.toldChangedAt.S,
    status: turn.toldStatus?.S as AlertStatus,
  }
  if (!isSuperseded(notification.alert, told || undefined) && !isSuperseded(notification.alert, past)) return claimed
  await endTurn(claimed)
  await updateDelivery(claimed, 'superseded', { supersededAt: { S: now.toISOString() } }, now)
  return 'superseded'
}

/** What is known of the notification, and what its alert is by now. */
async function knownOf(notification: Notification): Promise<{ delivery: Item | undefined; past: Past | undefined }> {
  const name = environment('TABLE_NAME')
  const keys = [keyOfDelivery(notification), key(notification.alert.fingerprint, 'state')]
  const { Responses, UnprocessedKeys } = await table.send(
    new BatchGetItemCommand({ RequestItems: { [name]: { Keys: keys, ConsistentRead: true } } }),
  )
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('DynamoDB read only a part: it is busy')
  const items = Responses?.[name] ?? []
  return {
    delivery: items.find((item) => item.sk?.S !== 'state'),
    past: pastIn(items.find((item) => item.sk?.S === 'state')),
  }
}

/** Gives what is known of the channel and this alert: what it was told last. */
async function takeTurn(
  notification: Notification,
  token: string,
  leaseMs: number,
  now: Date,
): Promise<Item | undefined | 'busy'> {
  try {
    const { Attributes } = await table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOfTurn(notification),
        UpdateExpression: 'SET leaseUntil = :leaseUntil, leaseToken = :token, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(pk) OR leaseUntil < :now',
        ExpressionAttributeValues: {
          ':leaseUntil': { N: String(now.getTime() + leaseMs) },
          ':token': { S: token },
          ':now': { N: String(now.getTime()) },
          ':expiresAt': expiry(now, STATE_DAYS),
        },
        ReturnValues: 'ALL_OLD',
      }),
    )
    return Attributes
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'busy'
    throw error
  }
}

/** How a notification reached its channel. */
export type Delivered = NonNullable<Notification['delivered']>

/** After the channel has said yes, and never before. Ends the claim. */
export async function markDelivered(claimed: Claimed, { at, said, digest, incident }: Delivered): Promise<void> {
  const now = new Date(at)
  await tellChannel(claimed)
  await updateDelivery(
    claimed,
    'delivered',
    {
      deliveredAt: { S: now.toISOString() },
      ...(said !== undefined && { said: { S: bounded(said) } }),
      ...(digest && { digestId: { S: digest.id }, digestOf: { N: String(digest.of) } }),
      ...(incident !== undefined && { incident: { S: incident } }),
    },
    now,
  )
}

/**
 * Remembers what the channel was told, and ends the turn. What it was told by a newer change stays, and so does the
 * turn of another who took it over when ours had lapsed.
 */
async function tellChannel(claimed: Claimed): Promise<void> {
  const { changedAt, status } = claimed.notification.alert
  const told = {
    toldChangedAt: { S: changedAt },
    toldStatus: { S: status },
  }
  const isNewest = 'attribute_not_exists(toldChangedAt) OR toldChangedAt <= :toldChangedAt'
  // A resolve ends the story of which others had to be told.
  const remove = status === 'resolved' ? ['fallbackTo', 'incident', 'joinedAt'] : []
  if (await updateTurn(claimed, { ...told, leaseUntil: { N: '0' } }, `(${isNewest}) AND leaseToken = :token`, remove))
    return
  if (!(await endTurn(claimed))) await updateTurn(claimed, told, isNewest, remove)
}

/**
 * Remembers that an alert joins a shared incident, before it does: whatever becomes of this notification, the alert's
 * resolve leaves that incident again.
 */
export async function rememberIncident(claimed: Claimed, incident: string, now = Date.now()): Promise<void> {
  if (claimed.incident === incident) return
  const set = { incident: { S: incident }, joinedAt: { N: String(now) } }
  if (!(await updateTurn(claimed, set, 'leaseToken = :token'))) throw new Error('the claim has lapsed')
}

/** Whether the turn was ours. */
function endTurn(claimed: Claimed, set: Item = {}): Promise<boolean> {
  return updateTurn(claimed, { ...set, leaseUntil: { N: '0' } }, 'leaseToken = :token')
}

/** Whether the condition held. */
async function updateTurn(
  { notification, token }: Claimed,
  set: Item,
  condition: string,
  remove: string[] = [],
): Promise<boolean> {
  const assignments = Object.keys(set).map((name) => `${name} = :${name}`)
  const usesToken = condition.includes(':token')
  try {
    await table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOfTurn(notification),
        UpdateExpression: `SET ${assignments.join(', ')}${remove.length > 0 ? ` REMOVE ${remove.join(', ')}` : ''}`,
        ConditionExpression: condition,
        ExpressionAttributeValues: {
          ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
          ...(usesToken && { ':token': { S: token } }),
        },
      }),
    )
    return true
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false
    throw error
  }
}

/** What else is to be remembered of a notification that its channel has not taken. */
export interface Meanwhile {
  /** The channel that has just been told in its place. */
  fallbackTo?: string | undefined
  /** A digest with it was refused: next time it goes by itself. */
  isAlone?: boolean
}

/** After a try that failed: gives the claim back, and keeps the reason. */
export function markFailed(
  claimed: Claimed,
  reason: string,
  meanwhile: Meanwhile = {},
  now = new Date(),
): Promise<void> {
  return giveBack(claimed, 'failed', reason, meanwhile, now)
}

/**
 * When it was not tried, or the channel has asked to wait: gives the claim back. No try is counted. `wasAsked`: the channel
 * was called, and told us to wait: history shows it.
 */
export function markWaiting(
  claimed: Claimed,
  reason: string,
  { wasAsked, ...meanwhile }: Meanwhile & { wasAsked: boolean },
  now = new Date(),
): Promise<void> {
  return giveBack(claimed, 'waiting', reason, meanwhile, now, wasAsked)
}

/** After it has become a dead letter. A redrive starts with all its tries again. */
export function markDead(claimed: Claimed, reason: string, meanwhile: Meanwhile = {}, now = new Date()): Promise<void> {
  return giveBack(claimed, 'dead-lettered', reason, meanwhile, now)
}

/** `wasCalled`: what happened is one of the tries that history shows. */
async function giveBack(
  claimed: Claimed,
  status: 'failed' | 'waiting' | 'dead-lettered',
  reason: string,
  meanwhile: Meanwhile,
  now: Date,
  wasCalled = true,
): Promise<void> {
  await endTurn(claimed, fallbackOfTurn(claimed, meanwhile))
  await updateDelivery(claimed, status, failure(claimed, reason, meanwhile, now), now, wasCalled ? reason : undefined)
}

function failure(claimed: Claimed, reason: string, { fallbackTo, isAlone }: Meanwhile, now: Date): Item {
  return {
    error: { S: bounded(reason) },
    failingSince: { S: claimed.failingSince ?? now.toISOString() },
    ...(fallbackTo !== undefined && { fallbackTo: { S: fallbackTo }, fallbackAt: { S: now.toISOString() } }),
    ...(isAlone && { isAlone: { BOOL: true } }),
  }
}

/** Who was told that it fires is to be told that it is over. */
function fallbackOfTurn({ notification }: Claimed, { fallbackTo }: Meanwhile): Item {
  return fallbackTo !== undefined && notification.alert.status !== 'resolved' ? { fallbackTo: { S: fallbackTo } } : {}
}

type Item = Record<string, AttributeValue>
type DeliveryStatus = 'delivered' | 'failed' | 'waiting' | 'dead-lettered' | 'superseded'

/** Sets the notification's status and what else is known, and adds to its tries; `reason`: why one was in vain. */
async function updateDelivery(
  { notification, tries }: Claimed,
  status: DeliveryStatus,
  set: Item,
  now: Date,
  reason?: string,
): Promise<void> {
  const { id, channel, type, fallbackFor } = notification
  const isTry = status === 'delivered' || reason !== undefined
  const values: Item = {
    status: { S: status },
    notificationId: { S: id },
    channel: { S: channel },
    type: { S: type },
    attempts: { N: String(attemptsAfter(status, tries)) },
    expiresAt: expiry(now, HISTORY_DAYS),
    ...(fallbackFor && { fallbackFor: { S: fallbackFor.channel } }),
    ...set,
  }
  const entry: Item = {
    at: { S: now.toISOString() },
    outcome: { S: status === 'waiting' ? 'waits' : status },
    ...(reason !== undefined && { reason: { S: bounded(reason) } }),
  }
  const assignments = [
    ...Object.keys(values).map((name) => `#${name} = :${name}`),
    ...(isTry ? ['#tries = list_append(if_not_exists(#tries, :none), :tries)'] : []),
    ...(status === 'waiting' ? ['#waits = if_not_exists(#waits, :zero) + :one'] : []),
  ]
  // What was wrong before is told by the tries.
  const remove = status === 'delivered' || status === 'superseded' ? ' REMOVE #error, #failingSince' : ''
  const expression = `SET ${assignments.join(', ')}${remove}`
  const names = [...new Set(expression.match(/#\w+/g))]
  const placed: Item = {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
    ...(isTry && { ':none': { L: [] }, ':tries': { L: [{ M: entry }] } }),
    ...(status === 'waiting' && { ':zero': { N: '0' }, ':one': { N: '1' } }),
  }
  await table.send(
    new UpdateItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: keyOfDelivery(notification),
      UpdateExpression: expression,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
      ExpressionAttributeValues: placed,
    }),
  )
}

function attemptsAfter(status: DeliveryStatus, tries: number): number {
  if (status === 'dead-lettered') return 0
  return status === 'failed' || status === 'delivered' ? tries + 1 : tries
}

function bounded(reason: string): string {
  return reason.slice(0, 1_000)
}

function keyOfTurn({ alert, channel }: Notification) {
  return key(alert.fingerprint, `channel#${channel}`)
}

function keyOfDelivery({ alert, id }: Notification) {
  return key(alert.fingerprint, `delivery#${alert.changedAt}#${id}`)
}
