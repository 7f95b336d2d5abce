import type { Config } from '../../schemas/config.ts'
import { type AlertState, compareMarks, isBeingTold, type Mark, type Recipient } from '../decide/alert-state.ts'
import { presentName } from '../decide/channel-now.ts'

/*
 * Two channels may have one integration key. Then an alert that has its own incident has one incident for both: what one of
 * them is told of its end must not close what the other has been told since. Pure.
 */

/** The other recipients of an alert whose messages lead to the same own incident. */
function othersOfKey({ recipients }: AlertState, recipient: string, channels: Config['channels']): Recipient[] {
  const keyOf = ({ channel, incident }: Recipient) => {
    const config = channels[presentName(channels, channel)]
    return config?.type === 'pagerduty' && incident === undefined ? config.secret : undefined
  }
  const one = recipients[recipient]
  const key = one && keyOf(one)
  if (key === undefined) return []
  return Object.entries(recipients).flatMap(([name, other]) =>
    name !== recipient && keyOf(other) === key ? other : [],
  )
}

/** Whether another is just telling the incident something: one after the other. */
export function isKeyBusy(state: AlertState, recipient: string, channels: Config['channels'], now: Date): boolean {
  return othersOfKey(state, recipient, channels).some((other) => isBeingTold(other, now))
}

/** Whether the incident is open for something newer than an end: then it stays open. */
export function isKeptOpen(state: AlertState, recipient: string, channels: Config['channels'], end: Mark): boolean {
  return othersOfKey(state, recipient, channels).some(({ told, maybe, owed }) => {
    const newest = maybe && owed ? owed : told
    return newest !== undefined && newest.status !== 'resolved' && compareMarks(newest, end) > 0
  })
}
