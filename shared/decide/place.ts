import { createHash } from 'node:crypto'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'

/*
 * Where the messages of a channel go, whatever the channel is called: `slack x7Yh2k0Q`. It goes by the name of the secret, as
 * that is what the rules say. Pure.
 */

/** `undefined`: the rules have no such channel. */
export function placeOf(channel: ChannelConfig | undefined): string | undefined {
  if (channel === undefined) return undefined
  const { type } = channel
  const to = type === 'email' ? [...channel.addresses].sort() : channel.secret
  return `${type} ${createHash('sha256')
    .update(JSON.stringify([to]))
    .digest('base64url')
    .slice(0, 4)}`
}

/** Is a place that was told of something one of such channels? Where nobody knows, it is. */
export function isOfType(place: string | undefined, type: ChannelType): boolean {
  return place === undefined || place.startsWith(`${type} `)
}
