import type { Config } from '../../schemas/config.ts'

/** What the channel of a name is called now: that name, or of a channel that was formerly called so. Pure. */
export function channelNow(channels: Config['channels'], name: string): string | undefined {
  if (Object.hasOwn(channels, name)) return name
  return Object.keys(channels).find((now) => channels[now]?.formerly?.includes(name))
}
