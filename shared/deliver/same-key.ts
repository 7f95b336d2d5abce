import type { Config } from '../../schemas/config.ts'
import { FACTS } from '../channels/types.ts'
import { type AlertState, isBeingNotified, type Mark, type Recipient } from '../decide/alert-state.ts'
import { presentName } from '../decide/channel-now.ts'
import { compareMarks } from '../decide/marks.ts'

/*
 * Two channels may have the same integration key, and a channel may be a fallback and a recipient of its own. An alert
 * then has one incident for both: a resolve sent for one of them must not close what the other received since. Pure.
 */

/** The other recipients of an alert whose messages use the same key. */
function othersOfKey({ recipients }: AlertState, recipient: string, channels: Config['channels']): Recipient[] {
  const keyOf = ({ channel }: Recipient) => {
    const config = channels[presentName(channels, channel)]
    return config && FACTS[config.type].opensIncidents && 'secret' in config ? config.secret : undefined
  }
  const one = recipients[recipient]
  const key = one && keyOf(one)
  if (key === undefined) return []
  return Object.entries(recipients).flatMap(([name, other]) =>
    name !== recipient && keyOf(other) === key ? other : [],
  )
}

/** Is another recipient with the same key being notified right now? One after the other. */
export function isKeyBusy(state: AlertState, recipient: string, channels: Config['channels'], now: Date): boolean {
  return othersOfKey(state, recipient, channels).some((other) => isBeingNotified(other, now))
}

/** Did the incident receive something newer than a resolve, for another recipient? The newer change wins. */
export function isSuperseded(state: AlertState, recipient: string, channels: Config['channels'], end: Mark): boolean {
  const mine = state.recipients[recipient]?.incident
  return othersOfKey(state, recipient, channels).some(({ notified, maybe, owed, incident }) => {
    const newest = maybe && owed ? owed : notified
    return newest !== undefined && incident === mine && compareMarks(newest, end) > 0
  })
}
