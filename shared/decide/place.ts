import { createHash } from 'node:crypto'
import type { ChannelConfig, ChannelType } from '../../schemas/channel.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import type { ChannelFacts } from '../channels/facts.ts'
import { FACTS } from '../channels/types.ts'
import type { Recipient } from './alert-state.ts'

/*
 * Where the messages of a channel go, whatever its name: `slack x7Yh2k0Q`. Derived from the name of the secret, because
 * that is in the rules. Pure.
 */

/** `undefined`: the rules have no such channel. */
export function placeOf(channel: ChannelConfig | undefined): string | undefined {
  if (channel === undefined) return undefined
  const to =
    'addresses' in channel
      ? [...channel.addresses].sort()
      : channel.type === 'slack-app'
        ? [channel.secret, channel.channel]
        : channel.secret
  return `${channel.type} ${createHash('sha256')
    .update(JSON.stringify([to]))
    .digest('base64url')
    .slice(0, 4)}`
}

/** After this, an alert that fires again has a new message: nobody would look for the old one. */
const SAME_MESSAGE_MS = 24 * 3_600_000

/** Where its channel, which leads to this place, has the alert's message to edit; `undefined`: it posts a new one. */
export function postedAt(
  { posted, notified }: Pick<Recipient, 'posted' | 'notified'>,
  place: string | undefined,
  now: Date,
): PostedMessage | undefined {
  if (!posted || !notified || notified.place !== place) return undefined
  const isOld = now.getTime() - Date.parse(notified.notifiedAt) > SAME_MESSAGE_MS
  return notified.status === 'resolved' && isOld ? undefined : posted
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
