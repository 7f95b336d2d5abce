import type { Config } from '../../schemas/config.ts'
import type { Wake } from '../../schemas/wake.ts'
import type { AlertState } from '../decide/alert-state.ts'

/**
 * The messages that wake recipients of an alert. A channel that the rules do not name has no deliverer to wake. Pure.
 */
export function wakesOf(
  state: AlertState | undefined,
  recipients: string[],
  { channels }: Pick<Config, 'channels'>,
): Wake[] {
  return recipients.flatMap((recipient): Wake[] => {
    const one = state?.recipients[recipient]
    const type = one && channels[one.channel]?.type
    if (!state || !one?.owed || !type) return []
    const { fingerprint } = state
    return [{ fingerprint, recipient, channel: one.channel, type, change: one.owed.change }]
  })
}
