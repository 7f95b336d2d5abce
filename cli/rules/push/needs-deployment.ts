import { sendersIn } from '../../../deploy/ses-rights.ts'
import { watchedTypes } from '../../../deploy/watch.ts'
import { sesChannelIn, snsAddressesIn } from '../../../schemas/channel.ts'
import type { Config } from '../../../schemas/config.ts'

/** Types of channel that these rules are the first to use: their alarms come with a deployment. Pure. */
export function unwatchedTypes(config: Channels, deployed: Channels): string[] {
  const watched = watchedTypes(deployed.channels)
  return watchedTypes(config.channels).filter((type) => !watched.includes(type))
}

type Channels = Pick<Config, 'channels'>

/**
 * What these rules need and the stack lacks: topics and subscriptions of email channels, the right to send from an address.
 * A push can't create these. Empty: the rules may be pushed. Pure.
 */
export function needsDeployment(config: Channels, deployed: Channels): string[] {
  const senders = sendersIn(deployed)
  return Object.entries(config.channels).flatMap(([name, channel]): string[] => {
    const from = sesChannelIn(channel)?.from
    if (from !== undefined) return senders.includes(from) ? [] : [`"${name}": the stack may not send from ${from} yet`]
    const addresses = snsAddressesIn(channel)
    if (!addresses) return []
    const before = snsAddressesIn(deployed.channels[name])
    if (!before) return [`"${name}": an email channel needs its own topic, and this one has none yet`]
    const isAlike = new Set(before).symmetricDifference(new Set(addresses)).size === 0
    return isAlike ? [] : [`"${name}": its addresses differ from the subscriptions in the stack`]
  })
}
