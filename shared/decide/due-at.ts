import type { AlertState, Recipient } from './alert-state.ts'
import { leftOpen } from './left-open.ts'

/** Is there something that it should know and does not, and that is not held or given up? */
export function isOutstanding({ owed, dead }: Recipient): boolean {
  return owed !== undefined && owed.until === undefined && dead === undefined
}

/**
 * For so long the rules may not name a channel before what it is owed goes elsewhere: rules are rolled out by and by, and
 * functions that have the older ones do not know a new name yet (deploy/live-config.ts).
 */
const GONE_AFTER_MS = 15 * 60_000

/** Has its channel been gone for so long that what it is owed goes elsewhere? */
export function isGone({ goneSince }: Recipient, now: Date): boolean {
  return goneSince !== undefined && now.getTime() - Date.parse(goneSince) >= GONE_AFTER_MS
}

/**
 * When something of it is due (ISO 8601): the next look at who is owed, the end of a hold, or of the patience with a channel
 * that is gone; that an incident stays open. `undefined`: all is as it should be.
 */
export function nextDueAt(state: AlertState): string | undefined {
  const all = Object.values(state.recipients)
  const sent = all.flatMap(({ notified, lease }) => [
    notified?.notifiedAt ?? '',
    lease ? new Date(lease.until).toISOString() : '',
  ])
  const left = leftOpen(state).length > 0 ? [state.changedAt, ...sent].sort().slice(-1) : []
  const due = all.flatMap((one) => {
    const { owed, goneSince, lookAt } = one
    const gone = goneSince && owed ? [new Date(Date.parse(goneSince) + GONE_AFTER_MS).toISOString()] : []
    const look = owed?.until ?? (isOutstanding(one) ? (lookAt ?? owed?.at) : undefined)
    return look === undefined ? gone : [...gone, look]
  })
  return [...left, ...due].sort()[0]
}
