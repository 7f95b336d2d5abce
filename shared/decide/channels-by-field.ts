import type { Alert } from '../../schemas/alert.ts'
import type { Config, Rule } from '../../schemas/config.ts'
import { oneLine, shorten } from '../channels/outside-text.ts'
import { channelNow } from './channel-now.ts'
import { fill, globOf, isFixed, type Values } from './fill.ts'
import { globMatches } from './pattern.ts'

/*
 * Channels whose names have slots: `slack-{team}`. Whatever an alert says, it is sent to a channel of the config or, where
 * there is none of that name, to those of its severity. Pure.
 */

/** What the channels of a rule are for an alert. */
export interface NamedChannels {
  /** Each with what the rule says. */
  found: { name: string; written: string }[]
  /** Why there is no channel: `no channel slack-x`. */
  missing: string[]
}

/** The channels as the rule says them. */
export function writtenIn(channels: Rule['channels']): string[] {
  return Array.isArray(channels) ? channels : (channels?.add ?? [])
}

/** Those of the config that a rule may name, for some alert. */
export function possibleIn(rule: Pick<Rule, 'channels'>, channels: Config['channels']): string[] {
  return writtenIn(rule.channels).flatMap((written) => (isFixed(written) ? [written] : alike(written, channels)))
}

/** The channels whose names a text with slots may become. */
export function alike(written: string, channels: Config['channels']): string[] {
  const glob = globOf(written)
  return Object.keys(channels).filter((name) => isOpen(channels, name) && globMatches(glob, name))
}

/** The channels that a rule names for this alert. `values`: with those of the rule itself. */
export function channelsFor(
  rule: Rule,
  about: { alert: Alert; values: Values },
  { channels, tables }: Pick<Config, 'channels' | 'tables'>,
): NamedChannels {
  const named: NamedChannels = { found: [], missing: [] }
  for (const written of writtenIn(rule.channels)) {
    if (isFixed(written)) {
      named.found.push({ name: written, written })
      continue
    }
    const filled = fill(written, { ...about, tables })
    const name = 'value' in filled ? channelNow(channels, filled.value) : undefined
    if (name !== undefined && isOpen(channels, name)) named.found.push({ name, written })
    else
      named.missing.push(
        'value' in filled ? `no channel ${shown(filled.value)}` : `no channel ${written}: ${shown(filled.why)}`,
      )
  }
  return named
}

/** The router's own channel notifies nobody, and has its name from no alert. */
function isOpen(channels: Config['channels'], name: string): boolean {
  const type: string | undefined = channels[name]?.type
  return type !== undefined && type !== 'sink'
}

/** A text from outside, in a sentence that quotes the names of rules. */
export function shown(text: string): string {
  return shorten(oneLine(text), 80).replaceAll('"', "'")
}
