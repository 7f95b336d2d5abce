import type { Config } from '../../schemas/config.ts'
import type { Wake } from '../../schemas/wake.ts'
import type { AlertState, Recipient } from '../decide/alert-state.ts'
import { recipientNow } from '../decide/channel-now.ts'
import type { KeptChange } from '../store/changes.ts'

/** `no`: nothing follows, and nothing has to be counted. `not yet`: the alert is not out. */
export type Look =
  | { kind: 'yes'; recipient: string; one: Recipient; notifiedAt: string }
  | { kind: 'no'; why: string }
  | { kind: 'not yet'; why: string }

const no = (why: string): Look => ({ kind: 'no', why })

/** Whether evidence follows a change of an alert for the recipient that a wake-up names. Pure. */
export function look(
  state: AlertState | undefined,
  kept: KeptChange | undefined,
  wake: Wake,
  channels: Config['channels'],
): Look {
  if (!state || !kept) return no('unknown alert')
  const { alert, severity, extras } = kept
  if (alert.status !== 'firing') return no('it is not about a firing')
  if (severity === 'info') return no('its severity is info')
  if (extras.evidence === 'off') return no('a rule has switched it off')
  if (!state.once && state.status !== 'firing') return no('it fires no more')
  const recipient = recipientNow(state, wake, channels)
  const one = state.recipients[recipient]
  if (!one) return no('not a recipient any more')
  const { notified, owed, dead } = one
  if (notified?.change !== wake.change && !notified?.also?.includes(wake.change)) {
    if (dead) return no('the alert is a dead letter')
    if (notified && notified.at > alert.changedAt) return no('a newer change was sent')
    return owed ? { kind: 'not yet', why: 'the alert is not out' } : no('it was not sent')
  }
  if (isOneOfMany(one, wake.change)) return no('its alert was one of many in a digest')
  return { kind: 'yes', recipient, one, notifiedAt: notified.notifiedAt }
}

function isOneOfMany({ log }: Recipient, change: string): boolean {
  return log.some(
    (entry) =>
      entry.change === change && entry.outcome === 'delivered' && entry.digest !== undefined && entry.digest.of > 1,
  )
}
