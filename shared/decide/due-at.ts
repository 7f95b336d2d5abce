import type { AlertState, Recipient } from './alert-state.ts'
import { leftOpen } from './left-open.ts'
import { calmAt, momentsOf } from './while-firing.ts'

/** Is it owed something that is neither held nor a dead letter? */
export function isOutstanding({ owed, dead }: Recipient): boolean {
  return owed !== undefined && owed.until === undefined && dead === undefined
}

/**
 * How long a channel must be missing from the rules before what it is owed goes elsewhere: rules are rolled out
 * gradually, and functions with older rules do not know a new name yet (deploy/live-config.ts).
 */
const GONE_AFTER_MS = 15 * 60_000

/** Has its channel been missing for so long that what it is owed goes elsewhere? */
export function isGone({ goneSince }: Recipient, now: Date): boolean {
  return goneSince !== undefined && now.getTime() - Date.parse(goneSince) >= GONE_AFTER_MS
}

/**
 * When an alert is due next (ISO 8601): the next check on an owed recipient, the end of a hold, the deadline of a
 * missing channel, an incident left open, a reminder, an escalation, a response that is expected by then, or that it
 * has calmed.
 * `undefined`: nothing is due.
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
  const calm = state.flapping ? [calmAt(state.flapping)] : []
  return [...left, ...due, ...calm, ...momentsOf(state)].sort()[0]
}
