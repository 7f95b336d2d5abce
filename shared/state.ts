import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Severity } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { clientOptions, environment } from './aws.ts'
import type { Decision, Firing } from './decide/decide.ts'
import { isSuperseded } from './decide/follow.ts'

/*
 * One table. All that is known of an alert lies under its fingerprint (`pk`), so that one query tells its story:
 *
 *   sk = state                                     what it is now, since when it fires, who has been told
 *   sk = change#<changedAt>#<messageId>#<position>  each message that told of a change, with the decision on it
 *   sk = channel#<channel>                        what a channel was told last, and who is telling it now
 *   sk = delivery#<changedAt>#<notification's id>  each notification: that it was delivered, or failed, and why
 */
const client = new DynamoDBClient({
  ...clientOptions,
  // A table that throttles does so for moments. Giving up after a send, before it is marked, would send again.
  retryStrategy: new ConfiguredRetryStrategy(10, (attempt) => Math.random() * Math.min(1_000, 25 * 2 ** attempt)),
})

const DAY_S = 86_400
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
}

/** What became of a change: it went out, had gone out before, or came after a newer one. */
export type Outcome = 'sent' | 'duplicate' | 'stale'

/** What is known of this alert; `undefined` if nothing. */
export async function pastOf(alert: Alert): Promise<Past | undefined> {
  const { Item } = await client.send(
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
  }
  if (Item.firingSince?.S) {
    past.firing = {
      since: Item.firingSince.S,
      severity: Item.severity?.S as Severity,
      rule: Item.rule?.S ?? 'default',
      channels: Item.channels?.L?.flatMap((channel) => channel.S ?? []) ?? [],
    }
  }
  return past
}

/**
 * Remembers a change after its notifications are safely on their way: the message that told of it, with the decision,
 * and what the alert now is. A state that is newer already stays.
 */
export async function recordChange(
  change: {
    alert: Alert
    decision: Decision
    outcome: Outcome
    firing: Firing | undefined
    /** The message that told of it, and which of the alerts in that message this is, from 0. */
    messageId: string
    position: number
  },
  now = new Date(),
): Promise<void> {
  const { alert, decision, outcome, messageId, position } = change
  await client.send(
    new PutItemCommand({
      TableName: environment('TABLE_NAME'),
      Item: {
        ...key(alert.fingerprint, `change#${alert.changedAt}#${messageId}#${position}`),
        alert: { S: JSON.stringify(alert) },
        severity: { S: decision.severity },
        rule: { S: decision.rule },
        channels: { L: decision.channels.map((channel) => ({ S: channel })) },
        because: { L: decision.because.map((step) => ({ S: step })) },
        outcome: { S: outcome },
        messageId: { S: messageId },
        position: { N: String(position) },
        recordedAt: { S: now.toISOString() },
        expiresAt: expiry(now, HISTORY_DAYS),
      },
    }),
  )
  if (outcome === 'sent') await advanceState(change, now)
}

async function advanceState({ alert, firing }: { alert: Alert; firing: Firing | undefined }, now: Date): Promise<void> {
  const item: Record<string, AttributeValue> = {
    ...key(alert.fingerprint, 'state'),
    status: { S: alert.status },
    title: { S: alert.title },
    changedAt: { S: alert.changedAt },
    expiresAt: expiry(now, STATE_DAYS),
  }
  if (firing) {
    item.firingSince = { S: firing.since }
    item.severity = { S: firing.severity }
    item.rule = { S: firing.rule }
    item.channels = { L: firing.channels.map((channel) => ({ S: channel })) }
  }
  try {
    await client.send(
      new PutItemCommand({
        TableName: environment('TABLE_NAME'),
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk) OR changedAt <= :changedAt',
        ExpressionAttributeValues: { ':changedAt': { S: alert.changedAt } },
      }),
    )
  } catch (error) {
    // A newer change was recorded in between: it stands.
    if (!(error instanceof ConditionalCheckFailedException)) throw error
  }
}

/**
 * `mine`: send it now. `delivered`: there is nothing left to do. `superseded`: its channel has been told the opposite by a
 * newer change. `busy`: its channel is being told of this alert by another; look again later.
 */
export type Claim = 'mine' | 'delivered' | 'superseded' | 'busy'

/**
 * Claims a notification for sending. A channel is told of an alert by one at a time, so that of all copies one is sent,
 * and a trigger can't pass its resolve on the way. The claim lapses by itself after `leaseMs`, which must outlive the
 * sender: then the next one may send.
 */
export async function claim(notification: Notification, leaseMs: number, now = new Date()): Promise<Claim> {
  const told = await takeTurn(notification, leaseMs, now)
  if (told === 'busy') return 'busy'
  const { alert } = notification
  const { isDelivered, past } = await knownOf(notification)
  if (isDelivered) {
    await endTurn(notification)
    return 'delivered'
  }
  return isSuperseded(alert, told) || isSuperseded(alert, past) ? 'superseded' : 'mine'
}

/** Whether it has been delivered, and what its alert is by now. */
async function knownOf(notification: Notification): Promise<{ isDelivered: boolean; past: Past | undefined }> {
  const table = environment('TABLE_NAME')
  const keys = [keyOfDelivery(notification), key(notification.alert.fingerprint, 'state')]
  const { Responses, UnprocessedKeys } = await client.send(
    new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
  )
  if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error('DynamoDB read only a part: it is busy')
  const items = Responses?.[table] ?? []
  return {
    isDelivered: items.some((item) => item.sk?.S !== 'state' && item.status?.S === 'delivered'),
    past: pastIn(items.find((item) => item.sk?.S === 'state')),
  }
}

/** Gives what the channel was told last. */
async function takeTurn(
  notification: Notification,
  leaseMs: number,
  now: Date,
): Promise<Pick<Past, 'changedAt' | 'status'> | undefined | 'busy'> {
  try {
    const { Attributes } = await client.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOfTurn(notification),
        UpdateExpression: 'SET leaseUntil = :leaseUntil, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(pk) OR leaseUntil < :now',
        ExpressionAttributeValues: {
          ':leaseUntil': { N: String(now.getTime() + leaseMs) },
          ':now': { N: String(now.getTime()) },
          ':expiresAt': expiry(now, STATE_DAYS),
        },
        ReturnValues: 'ALL_OLD',
      }),
    )
    if (!Attributes?.toldChangedAt?.S) return undefined
    return { changedAt: Attributes.toldChangedAt.S, status: Attributes.toldStatus?.S as AlertStatus }
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'busy'
    throw error
  }
}

/** After the channel has said yes, and never before. Ends the claim. */
export async function markDelivered(notification: Notification, now = new Date()): Promise<void> {
  await tellChannel(notification)
  const values = { ':status': { S: 'delivered' }, ':at': { S: now.toISOString() } }
  await updateDelivery(notification, 'deliveredAt = :at REMOVE #error', values, now)
}

/** Remembers what the channel was told, and ends the turn. What it was told by a newer change stays. */
async function tellChannel(notification: Notification): Promise<void> {
  const { changedAt, status } = notification.alert
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: keyOfTurn(notification),
        UpdateExpression: 'SET toldChangedAt = :changedAt, toldStatus = :status, leaseUntil = :none',
        ConditionExpression: 'attribute_not_exists(toldChangedAt) OR toldChangedAt <= :changedAt',
        ExpressionAttributeValues: {
          ':changedAt': { S: changedAt },
          ':status': { S: status },
          ':none': { N: '0' },
        },
      }),
    )
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    await endTurn(notification)
  }
}

async function endTurn(notification: Notification): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: keyOfTurn(notification),
      UpdateExpression: 'SET leaseUntil = :none',
      ExpressionAttributeValues: { ':none': { N: '0' } },
    }),
  )
}

/** When a newer change says the opposite: nobody is told of this one any more. Ends the claim. */
export async function markSuperseded(notification: Notification, now = new Date()): Promise<void> {
  await endTurn(notification)
  const values = { ':status': { S: 'superseded' }, ':at': { S: now.toISOString() } }
  await updateDelivery(notification, 'supersededAt = :at REMOVE #error', values, now)
}

/** After the channel has not said yes: gives the claim back, and keeps the reason. `dead` when no one will try again. */
export async function markFailed(
  notification: Notification,
  reason: string,
  { dead, now = new Date() }: { dead: boolean; now?: Date },
): Promise<void> {
  await endTurn(notification)
  const values = { ':status': { S: dead ? 'dead-lettered' : 'failed' }, ':reason': { S: reason.slice(0, 1_000) } }
  await updateDelivery(notification, '#error = :reason', values, now)
}

/** `last` ends the update's expression: what else is set, and removed. */
async function updateDelivery(
  notification: Notification,
  last: string,
  values: Record<string, AttributeValue>,
  now: Date,
): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: keyOfDelivery(notification),
      UpdateExpression:
        'SET #status = :status, notificationId = :id, channel = :channel, #type = :type, ' +
        `attempts = if_not_exists(attempts, :zero) + :one, expiresAt = :expiresAt, ${last}`,
      ExpressionAttributeNames: { '#status': 'status', '#error': 'error', '#type': 'type' },
      ExpressionAttributeValues: {
        ':id': { S: notification.id },
        ':channel': { S: notification.channel },
        ':type': { S: notification.type },
        ':zero': { N: '0' },
        ':one': { N: '1' },
        ':expiresAt': expiry(now, HISTORY_DAYS),
        ...values,
      },
    }),
  )
}

function keyOfTurn({ alert, channel }: Notification) {
  return key(alert.fingerprint, `channel#${channel}`)
}

function keyOfDelivery({ alert, id }: Notification) {
  return key(alert.fingerprint, `delivery#${alert.changedAt}#${id}`)
}

function key(fingerprint: string, sk: string) {
  return { pk: { S: fingerprint }, sk: { S: sk } }
}

function expiry(now: Date, days: number): AttributeValue {
  return { N: String(Math.floor(now.getTime() / 1_000) + days * DAY_S) }
}
