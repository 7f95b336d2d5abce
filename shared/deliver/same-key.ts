import type { Config } from '../../schemas/config.ts'
import { FACTS } from '../channels/types.ts'
import { type AlertState, isBeingNotified, type Mark, type Recipient } from '../decide/alert-state.ts'
import { presentName } from '../decide/channel-now.ts'
import { compareMarks } from '../decide/marks.ts'

/*
 * Two channels may have one integration key, and a channel may stand in for another beside being told by itself. Then an alert
 * has one incident for both: what one of them is told of its end must not close what the other has been told since. Pure.
 */

/** The other recipients of an alert whose messages go by the same key. */
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

/** Whether another is just telling PagerDuty something by the same key: one after the other. */
export function isKeyBusy(state: AlertState, recipient: string, channels: Config['channels'], now: Date): boolean {
  return othersOfKey(state, recipient, channels).some((other) => isBeingNotified(other, now))
}

/** Whether the incident has been told something newer than an end by another: that is the last word. */
export function isOverruled(state: AlertState, recipient: string, channels: Config['channels'], end: Mark): boolean {
  const mine = state.recipients[recipient]?.incident
  return othersOfKey(state, recipient, channels).some(({ notified, maybe, owed, incident }) => {
    const newest = maybe && owed ? owed : notified
    return newest !== undefined && incident === mine && compareMarks(newest, end) > 0
  })
}
