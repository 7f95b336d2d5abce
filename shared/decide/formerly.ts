import type { Config } from '../../schemas/config.ts'

/** What a channel is called now: by its name, or by one that it had before; `undefined`: there is none. Pure. */
export function channelNow(channels: Config['channels'], name: string): string | undefined {
  if (Object.hasOwn(channels, name)) return name
  return Object.entries(channels).find(([, { formerly }]) => formerly?.includes(name))?.[0]
}
