import type { Config } from '../../schemas/config.ts'
import type { Wake } from '../../schemas/wake.ts'
import type { AlertState } from './alert-state.ts'

/** What the channel of a name is called now: that name, or of a channel that was formerly called so. Pure. */
export function channelNow(channels: Config['channels'], name: string): string | undefined {
  if (Object.hasOwn(channels, name)) return name
  return Object.keys(channels).find((now) => channels[now]?.formerly?.includes(name))
}

/**
 * Where a state has the recipient that a wake-up names: its channel may have been renamed since, or the state may have been
 * written by rules that are older, or newer, than these. Pure.
 */
export function recipientNow(
  state: AlertState | undefined,
  { recipient, channel }: Pick<Wake, 'recipient' | 'channel'>,
  channels: Config['channels'],
): string {
  const recipients = state?.recipients ?? {}
  if (Object.hasOwn(recipients, recipient)) return recipient
  const now = channelNow(channels, channel)
  // ` for pager`, of a fallback.
  const place = recipient.slice(channel.length)
  const renamed = Object.entries(recipients).find(
    ([name, one]) => name === `${one.channel}${place}` && channelNow(channels, one.channel) === now,
  )
  return now === undefined ? recipient : (renamed?.[0] ?? recipient)
}
