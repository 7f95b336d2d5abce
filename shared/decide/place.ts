import { createHash } from 'node:crypto'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { ChannelFacts } from '../channels/facts.ts'
import { FACTS } from '../channels/types.ts'

/*
 * Where the messages of a channel go, whatever its name: `slack x7Yh2k0Q`. Derived from the name of the secret, because
 * that is in the rules. Pure.
 */

/** `undefined`: the rules have no such channel. */
export function placeOf(channel: ChannelConfig | undefined): string | undefined {
  if (channel === undefined) return undefined
  const to = 'addresses' in channel ? [...channel.addresses].sort() : channel.secret
  return `${channel.type} ${createHash('sha256')
    .update(JSON.stringify([to]))
    .digest('base64url')
    .slice(0, 4)}`
}

/** May a place have incidents? If unknown, it may. */
export function mayHaveIncidents(place: string | undefined): boolean {
  const facts = (FACTS as Partial<Record<string, ChannelFacts>>)[place?.split(' ')[0] ?? '']
  return facts?.opensIncidents ?? true
}

/** Is a place that was notified of this type? If unknown, it is. */
export function isOfType(place: string | undefined, type: ChannelType): boolean {
  return place === undefined || place.startsWith(`${type} `)
}
