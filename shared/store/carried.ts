import { createHash } from 'node:crypto'
import { ConditionalCheckFailedException, paginateQuery, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { AlertStatus } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import { changeIdOf } from '../alert/identity.ts'
import { environment } from '../aws/client.ts'
import { type Item, key, table } from '../aws/table.ts'
import type { AlertState, FiringNow, Recipient } from '../decide/alert-state.ts'
import { newRecipient } from '../decide/alert-state.ts'
import { INCIDENT_PREFIX } from '../decide/shared-incident.ts'
import { keptChangeIn } from './changes.ts'

/*
 * The items of the version before this one, read as today's: `state`, and per channel `channel#…` with the last change
 * that it was sent. They are not written any more, and expire 400 days after their last change.
 */

/** The state in an item of the earlier form. */
export async function carriedOver(item: Item): Promise<AlertState> {
  const fingerprint = item.pk?.S ?? ''
  const status = item.status?.S as AlertStatus
  const changedAt = item.changedAt?.S ?? ''
  const recipients = await recipientsOf(fingerprint)
  const held = item.held?.L?.flatMap(({ S }) => S ?? []) ?? []
  const changes = await itemsOf(fingerprint, `change#${changedAt}#`)
  const change = changes.at(-1)?.sk?.S
  if (change !== undefined) {
    for (const channel of held) {
      // The rules say for how long: they are evaluated at once.
      const owed = { change, at: changedAt, status, until: changedAt, why: 'held' }
      recipients[channel] = { ...(recipients[channel] ?? newRecipient(channel)), owed }
    }
  }
  const firing = firingIn(item, changedAt)
  for (const channel of item.firingSince?.S ? (item.channels?.L ?? []) : []) {
    // Either its message is still on its way, or it was sent so long ago that there is no record any more.
    const name = channel.S
    if (name === undefined || recipients[name]?.notified || recipients[name]?.owed) continue
    const one = recipients[name] ?? newRecipient(name)
    recipients[name] = { ...one, maybe: true, passed: { change: '', at: changedAt, status } }
  }
  return {
    fingerprint,
    version: 0,
    title: item.title?.S ?? '',
    status,
    changedAt,
    ...(firing && { firing }),
    ...(status === 'insufficient-data' && {
      noData: { severity: 'warning', rule: 'default', ...firing, at: changedAt },
    }),
    ...(status === 'resolved' && { ended: { at: changedAt, since: changedAt } }),
    seen: changes.map((one) => changeIdOf(keptChangeIn(one).alert)),
    recipients,
  }
}

function firingIn({ firingSince, severity, rule, extras }: Item, changedAt: string): FiringNow | undefined {
  if (!firingSince?.S) return undefined
  return {
    since: firingSince.S,
    at: changedAt,
    severity: severity?.S as Severity,
    rule: rule?.S ?? 'default',
    ...JSON.parse(extras?.S ?? '{}'),
  }
}

async function recipientsOf(fingerprint: string): Promise<Record<string, Recipient>> {
  const items = await itemsOf(fingerprint, 'channel#')
  const recipients: Record<string, Recipient> = {}
  for (const { sk, toldChangedAt, toldStatus, incident, fallbackTo } of items) {
    const channel = sk?.S?.slice('channel#'.length) ?? ''
    // It joined its incident before it was notified of it.
    if (toldChangedAt?.S || incident?.S) {
      const at = toldChangedAt?.S
      const notified = at && { notified: { change: '', at, status: toldStatus?.S as AlertStatus, notifiedAt: at } }
      recipients[channel] = { ...newRecipient(channel), ...notified, ...(incident?.S && { incident: incident.S }) }
    }
    if (!fallbackTo?.S) continue
    // It received the firing as this one's fallback.
    const at = toldChangedAt?.S ?? ''
    recipients[`${fallbackTo.S} for ${channel}`] = {
      ...newRecipient(fallbackTo.S),
      fallbackFor: { channel, reason: '' },
      notified: { change: '', at, status: 'firing', notifiedAt: at },
    }
  }
  return recipients
}

async function itemsOf(fingerprint: string, prefix: string): Promise<Item[]> {
  const items: Item[] = []
  const pages = paginateQuery(
    { client: table },
    {
      TableName: environment('TABLE_NAME'),
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': { S: fingerprint }, ':prefix': { S: prefix } },
      ConsistentRead: true,
    },
  )
  for await (const page of pages) items.push(...(page.Items ?? []))
  return items
}

/**
 * The version before this one kept the alerts of a shared incident as a set in one item, by channel and dedup key,
 * which described what the alerts have in common. Alerts leave such an incident; none joins any more.
 */
export function isEarlierIncident(incident: string): boolean {
  return incident !== '' && !incident.startsWith(INCIDENT_PREFIX)
}

/** An alert no longer keeps such an incident open. Returns how many still do. */
export async function leaveEarlierIncident(channel: string, incident: string, alert: string): Promise<number> {
  const member = createHash('sha256').update(alert).digest('base64url').slice(0, 16)
  try {
    const { Attributes } = await table.send(
      new UpdateItemCommand({
        TableName: environment('TABLE_NAME'),
        Key: key(`incident#${channel}#${incident}`, 'members'),
        UpdateExpression: 'DELETE members :member',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':member': { SS: [member] } },
        ReturnValues: 'ALL_NEW',
      }),
    )
    return Attributes?.members?.SS?.length ?? 0
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 0
    throw error
  }
}
