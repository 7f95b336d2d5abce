import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Alert, AlertStatus } from '../schemas/alert.ts'
import type { Severity } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import { clientOptions, environment } from './aws.ts'
import type { Decision, Firing } from './decide/decide.ts'

/*
 * One table. All that is known of an alert lies under its fingerprint (`pk`), so that one query tells its story:
 *
 *   sk = state                                     what it is now, since when it fires, who has been told
 *   sk = change#<changedAt>#<messageId>#<position>  each message that told of a change, with the decision on it
 *   sk = delivery#<changedAt>#<notification's id>  each notification: who is sending it, or that it was delivered
 */
const client = new DynamoDBClient(clientOptions)

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

/** `mine`: send it now. `delivered`: there is nothing left to do. `busy`: another is sending it; look again later. */
export type Claim = 'mine' | 'delivered' | 'busy'

/**
 * Claims a notification for sending, so that of all its copies one is sent. The claim lapses by itself after
 * `leaseMs`, which must outlive the sender: then the next one may send.
 */
export async function claim(notification: Notification, leaseMs: number, now = new Date()): Promise<Claim> {
  const deliveryKey = keyOfDelivery(notification)
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: deliveryKey,
        UpdateExpression:
          'SET #status = :sending, leaseUntil = :leaseUntil, notificationId = :id, channel = :channel, ' +
          '#type = :type, attempts = if_not_exists(attempts, :zero) + :one, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(pk) OR (#status <> :delivered AND leaseUntil < :now)',
        ExpressionAttributeNames: { '#status': 'status', '#type': 'type' },
        ExpressionAttributeValues: {
          ':sending': { S: 'sending' },
          ':delivered': { S: 'delivered' },
          ':leaseUntil': { N: String(now.getTime() + leaseMs) },
          ':now': { N: String(now.getTime()) },
          ':id': { S: notification.id },
          ':channel': { S: notification.channel },
          ':type': { S: notification.type },
          ':zero': { N: '0' },
          ':one': { N: '1' },
          ':expiresAt': expiry(now, HISTORY_DAYS),
        },
      }),
    )
    return 'mine'
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error
    const { Item } = await client.send(
      new GetItemCommand({ TableName: environment('TABLE_NAME'), Key: deliveryKey, ConsistentRead: true }),
    )
    return Item?.status?.S === 'delivered' ? 'delivered' : 'busy'
  }
}

/** After the channel has said yes, and never before. */
export async function markDelivered(notification: Notification, now = new Date()): Promise<void> {
  await updateDelivery(notification, 'SET #status = :status, deliveredAt = :at REMOVE #error', {
    ':status': { S: 'delivered' },
    ':at': { S: now.toISOString() },
  })
}

/** When a newer change says the opposite: nobody is told of this one any more. */
export async function markSuperseded(notification: Notification, now = new Date()): Promise<void> {
  await updateDelivery(notification, 'SET #status = :status, supersededAt = :at, leaseUntil = :none REMOVE #error', {
    ':status': { S: 'superseded' },
    ':at': { S: now.toISOString() },
    ':none': { N: '0' },
  })
}

/** After the channel has not said yes: gives the claim back, and keeps the reason. `dead` when no one will try again. */
export async function markFailed(
  notification: Notification,
  reason: string,
  { dead }: { dead: boolean },
): Promise<void> {
  await updateDelivery(notification, 'SET #status = :status, #error = :reason, leaseUntil = :none', {
    ':status': { S: dead ? 'dead-lettered' : 'failed' },
    ':reason': { S: reason.slice(0, 1_000) },
    ':none': { N: '0' },
  })
}

async function updateDelivery(
  notification: Notification,
  expression: string,
  values: Record<string, AttributeValue>,
): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: keyOfDelivery(notification),
      UpdateExpression: expression,
      ExpressionAttributeNames: { '#status': 'status', '#error': 'error' },
      ExpressionAttributeValues: values,
    }),
  )
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
