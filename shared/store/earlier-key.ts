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
 * The version before this one kept some alerts under another key: events of your own without their account, and what just
 * happens without what tells one time from another. What of these is not over yet is followed under the key that it had.
 */

/** An alert, by the key under which it is known, and its state as far as that was read. */
export interface Known {
  alert: Alert
  before: AlertState | undefined
}

/** @param copyOf the message that this one is a copy of, and which of its alerts this is: what had been held comes so. */
export async function asKnownBefore(
  alert: Alert,
  copyOf: { messageId: string; position: number } | undefined,
): Promise<Known> {
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

/** Where it has none of its own, the same. */
function earlierFingerprint({ fingerprint, account }: Alert): string {
  const end = `#${account}`
  return fingerprint.startsWith('event:') && fingerprint.endsWith(end) ? fingerprint.slice(0, -end.length) : fingerprint
}

function isOpen({ firing, noData, recipients }: AlertState): boolean {
  return Boolean(firing ?? noData) || Object.values(recipients).some((one) => one.owed || knowsOfIt(one))
}

/** It may be that of another account, which the key did not tell apart. */
async function accountOf(fingerprint: string): Promise<string | undefined> {
  return (await readLastChange(fingerprint))?.alert.account
}

/** What just happened, and was held for some: the others were told, or are by what is on its way still. */
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
