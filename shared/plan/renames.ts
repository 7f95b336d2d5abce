import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config } from '../../schemas/config.ts'
import { channelNow } from '../decide/channel-now.ts'
import type { Held, Timed } from '../decide/decision.ts'
import type { AlertVolume } from './side.ts'

type Channels = Config['channels']

/** The effect of an edit on a channel. */
export interface ChannelChange {
  channel: string
  /** `changed`: its definition differs, for example another secret or other addresses. */
  change: 'added' | 'removed' | 'changed' | 'renamed'
  /** The old name of a renamed channel. */
  formerly?: string
  /** A removed channel with the same target as this new one: perhaps a rename without `formerly`. */
  maybeFormerly?: string
}

/** The new names of renamed channels, from `formerly`, by old name. Pure. */
export function renamesOf(before: Channels, after: Channels): Map<string, string> {
  return new Map(
    Object.keys(before).flatMap((old): [string, string][] => {
      const now = channelNow(after, old)
      return now === undefined || now === old ? [] : [[old, now]]
    }),
  )
}

/** The channels by their new names. */
export function channelsNow(channels: Channels, renames: Map<string, string>): Channels {
  const named = (isRenamed: boolean) =>
    Object.entries(channels)
      .filter(([name]) => renames.has(name) === isRenamed)
      .map(([name, channel]) => [renames.get(name) ?? name, channel] as const)
  // If two become one, the one that keeps its name wins.
  return Object.fromEntries([...named(true), ...named(false)])
}

/** A decision with its channels by their new names. */
export function decisionNow<Of extends Timed>(decision: Of, renames: Map<string, string>): Of {
  const channels = decision.channels.map((channel) => renames.get(channel) ?? channel)
  return { ...decision, channels: [...new Set(channels)], held: heldNow(decision.held, renames) }
}

export function heldNow(held: Held[], renames: Map<string, string>): Held[] {
  return held.map((one) => ({ ...one, channel: renames.get(one.channel) ?? one.channel }))
}

/** The volume of each channel, by its new name. */
export function volumeNow(volume: Map<string, AlertVolume>, renames: Map<string, string>): Map<string, AlertVolume> {
  const now = new Map<string, AlertVolume>()
  for (const [channel, days] of volume) {
    const name = renames.get(channel) ?? channel
    const sum = { ...now.get(name) }
    for (const [day, n] of Object.entries(days)) sum[day] = (sum[day] ?? 0) + n
    now.set(name, sum)
  }
  return now
}

/** The effects of an edit on the channels, in the order of the configs. Pure. */
export function channelChanges(before: Channels, after: Channels, renames: Map<string, string>): ChannelChange[] {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name) && !renames.has(name))
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((channel): ChannelChange[] => {
    const now = renames.get(channel)
    const [old, made] = [before[channel], after[now ?? channel]]
    if (now !== undefined && old && made) {
      const renamed: ChannelChange = { channel: now, change: 'renamed', formerly: channel }
      return isSame(old, made, renames, true) ? [renamed] : [renamed, { channel: now, change: 'changed' }]
    }
    if (old && made) return isSame(old, made, renames) ? [] : [{ channel, change: 'changed' }]
    if (old) return [{ channel, change: 'removed' }]
    // Already listed by its old name.
    if ([...renames.values()].includes(channel)) return []
    const maybe = gone.find((name) => made && before[name] && placeOf(before[name]) === placeOf(made))
    if (maybe !== undefined) gone.splice(gone.indexOf(maybe), 1)
    return [{ channel, change: 'added', ...(maybe !== undefined && { maybeFormerly: maybe }) }]
  })
}

/** Whether only names differ: a rename alone changes neither the channel nor one that has it as its fallback. */
function isSame(old: ChannelConfig, now: ChannelConfig, renames: Map<string, string>, isRenamed = false): boolean {
  const [had, has] = [old.formerly ?? [], now.formerly ?? []]
  const isFollowedUp = had.every((name) => has.includes(name))
  const isNoOther = isRenamed || has.every((name) => had.includes(name) || renames.has(name))
  const plain = ({ formerly, fallback, ...channel }: ChannelConfig) => {
    const name = fallback === undefined ? undefined : (renames.get(fallback) ?? fallback)
    return JSON.stringify(Object.entries({ ...channel, fallback: name }).sort())
  }
  return isFollowedUp && isNoOther && plain(old) === plain(now)
}

/** The channel's target. */
function placeOf(channel: ChannelConfig): string {
  return JSON.stringify([channel.type, 'secret' in channel ? channel.secret : channel.addresses.toSorted()])
}
