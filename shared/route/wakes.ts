import type { Config } from '../../schemas/config.ts'
import type { Woken } from '../aws/topic.ts'
import type { AlertState } from '../decide/alert-state.ts'

/**
 * The messages that wake recipients of an alert. A channel that the rules do not name has no deliverer to wake. Pure.
 */
export function wakesOf(
  state: AlertState | undefined,
  recipients: string[],
  { channels }: Pick<Config, 'channels'>,
): Woken[] {
  return recipients.flatMap((recipient): Woken[] => {
    const one = state?.recipients[recipient]
    const type = one && channels[one.channel]?.type
    if (!state || !one?.owed || !type) return []
    const { fingerprint } = state
    const { change, status } = one.owed
    return [{ wake: { fingerprint, recipient, channel: one.channel, type, change }, status }]
  })
}
