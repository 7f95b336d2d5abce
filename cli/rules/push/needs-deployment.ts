import type { Config } from '../../../schemas/config.ts'

type Channels = Pick<Config, 'channels'>

/**
 * What these rules need and the stack lacks: topics and subscriptions of email channels. A push can't create these.
 * Empty: the rules may be pushed. Pure.
 */
export function needsDeployment(config: Channels, deployed: Channels): string[] {
  return Object.entries(config.channels).flatMap(([name, channel]): string[] => {
    if (channel.type !== 'email') return []
    const before = deployed.channels[name]
    if (before?.type !== 'email') return [`"${name}": an email channel needs its own topic, and this one has none yet`]
    const isAlike = new Set(before.addresses).symmetricDifference(new Set(channel.addresses)).size === 0
    return isAlike ? [] : [`"${name}": its addresses differ from the subscriptions in the stack`]
  })
}
