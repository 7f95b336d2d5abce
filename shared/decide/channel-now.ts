import type { Config } from '../../schemas/config.ts'
import type { Wake } from '../../schemas/wake.ts'
import { type AlertState, nameOfFallback, partsOf } from './alert-state.ts'

/** The present name of a channel: the same, or the one that was renamed from it. Pure. */
export function channelNow(channels: Config['channels'], name: string): string | undefined {
  if (Object.hasOwn(channels, name)) return name
  return Object.keys(channels).find((now) => channels[now]?.formerly?.includes(name))
}

/** The same; keeps a name that the rules do not have. */
export function presentName(channels: Config['channels'], name: string): string {
  return channelNow(channels, name) ?? name
}

/**
 * Finds the recipient that a wake-up names: its channel may have been renamed since, or the state may have been written
 * by older, or newer, rules. Pure.
 */
export function recipientNow(
  state: AlertState | undefined,
  { recipient }: Pick<Wake, 'recipient'>,
  channels: Config['channels'],
): string {
  const recipients = state?.recipients ?? {}
  if (Object.hasOwn(recipients, recipient)) return recipient
  const { channel, main } = partsOf(recipient)
  const now = nameNow({ channel, ...(main !== undefined && { fallbackFor: { channel: main } }) }, channels)
  return Object.entries(recipients).find(([, one]) => nameNow(one, channels) === now)?.[0] ?? recipient
}

/** A recipient's present name, by the present names of its channel and of the one whose fallback it is. */
export function nameNow(
  { channel, fallbackFor }: { channel: string; fallbackFor?: { channel: string } },
  channels: Config['channels'],
): string {
  const name = presentName(channels, channel)
  const main = fallbackFor && presentName(channels, fallbackFor.channel)
  // A channel that was merged with its fallback needs none.
  return main === undefined || main === name ? name : nameOfFallback(main, name)
}
