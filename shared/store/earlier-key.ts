import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { Alert } from '../../schemas/alert.ts'
import { carriedAs } from '../alert/identity.ts'
import { environment } from '../aws/client.ts'
import { key, table } from '../aws/table.ts'
import { type AlertState, newRecipient, newState } from '../decide/alert-state.ts'
import { knowsOfIt } from '../decide/marks.ts'
import { notificationId } from '../decide/notifications.ts'
import { readAlert } from './alerts.ts'
import { keyOfChange, readLastChange } from './changes.ts'

/*
 * The version before this one kept some alerts under another key: your own events without their account, and one-time
 * events without what distinguishes one occurrence from another. Those that have not ended continue under the key that
 * they had.
 */

/** An alert with the key under which it is known, and its state if that was read. */
export interface Known {
  alert: Alert
  before: AlertState | undefined
}

/**
 * @param copyOf the message that this one is a copy of, and its alert's position: the form in which held changes
 * arrive.
 */
export async function asKnownBefore(
  alert: Alert,
  copyOf: { messageId: string; position: number } | undefined,
): Promise<Known> {
  // The version before this one knew no drills.
  if (alert.drill !== undefined) return { alert, before: undefined }
  const earlier = { ...alert, fingerprint: earlierFingerprint(alert) }
  if (alert.once) {
    const before = copyOf && (await heldBefore(earlier, keyOfChange(alert, copyOf.messageId, copyOf.position)))
    return before ? { alert: earlier, before } : { alert, before: undefined }
  }
  if (earlier.fingerprint === alert.fingerprint) return { alert, before: undefined }
  const now = await readAlert(alert.fingerprint)
  if (now) return { alert, before: now }
  const before = await readAlert(earlier.fingerprint)
  const isOurs = before && isOpen(before) && (await accountOf(earlier.fingerprint)) === alert.account
  return isOurs ? { alert: earlier, before } : { alert, before: undefined }
}

/** The same, if there is no other. */
function earlierFingerprint({ fingerprint, account }: Alert): string {
  const end = `#${account}`
  return fingerprint.startsWith('event:') && fingerprint.endsWith(end) ? fingerprint.slice(0, -end.length) : fingerprint
}

function isOpen({ firing, noData, recipients }: AlertState): boolean {
  return Boolean(firing ?? noData) || Object.values(recipients).some((one) => one.owed || knowsOfIt(one))
}

/** It may belong to another account, which the key did not distinguish. */
async function accountOf(fingerprint: string): Promise<string | undefined> {
  return (await readLastChange(fingerprint))?.alert.account
}

/** A one-time event that was held for some channels: the others were notified, or are by messages on their way. */
async function heldBefore(alert: Alert, change: string): Promise<AlertState | undefined> {
  const { Item } = await table.send(
    new GetItemCommand({
      TableName: environment('TABLE_NAME'),
      Key: key(alert.fingerprint, change),
      ConsistentRead: true,
    }),
  )
  if (!Item) return undefined
  const { changedAt: at, status } = alert
  const channels = Item.channels?.L?.flatMap(({ S }) => S ?? []) ?? []
  const recipients = channels.map((channel) => {
    const carried = keyOfChange(alert, carriedAs(notificationId(alert, channel, alert.fingerprint)), 0)
    return [channel, { ...newRecipient(channel), maybe: true as const, passed: { change: carried, at, status } }]
  })
  return { ...newState(alert), recipients: Object.fromEntries(recipients) }
}
