import type { Config } from '../../../schemas/config.ts'

type Channels = Pick<Config, 'channels'>

/**
 * What these rules need of the stack that it was not deployed with: topics and subscriptions of email channels. Rules alone
 * can't bring these. None: they may go live as they are. Pure.
 */
export function needsDeployment(config: Channels, deployed: Channels): string[] {
  return Object.entries(config.channels).flatMap(([name, channel]): string[] => {
    if (channel.type !== 'email') return []
    const before = deployed.channels[name]
    if (before?.type !== 'email')
      return [`"${name}": an email channel has a topic of its own, and this one has none yet`]
    const isAlike = new Set(before.addresses).symmetricDifference(new Set(channel.addresses)).size === 0
    return isAlike ? [] : [`"${name}": its addresses are subscriptions in the stack, and there they are others`]
  })
}
