import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Order } from '../../schemas/wake.ts'
import { FACTS } from '../channels/types.ts'
import type { Versioned } from '../live-config/source.ts'
import { log } from '../observe/log.ts'
import { alertOf } from '../parse/draft.ts'
import { routeAlert } from './alert.ts'

type Sending = Extract<Order, { send: string }>

/** A person tries one channel: the text goes there alone, now, through the channel's own queue and function. */
export async function sendToChannel(order: Sending, current: Versioned<Config>): Promise<void> {
  const { send: channel, id, by } = order
  const { config } = current
  const { type } = config.channels[channel] ?? {}
  if (type === undefined) {
    log.warn('send.ignored', 'not sent: the rules name no such channel', { channel, by })
    return
  }
  // An incident has to be closed after it.
  const alert = alertOfText(order, { once: !FACTS[type].opensIncidents })
  await routeAlert({ alert, before: undefined }, `sent-${id}`, 0, { ...current, config: toOne(config, channel) })
}

/** The alert's fingerprint; the key of its state has the drill's id. */
export const fingerprintOfSent = (channel: string) => `send:${channel}`

function alertOfText({ send: channel, text, id, by, at }: Sending, { once }: { once: boolean }): Alert {
  const now = new Date().toISOString()
  const draft = {
    ...{ kind: 'event' as const, fingerprint: fingerprintOfSent(channel), drill: id, once },
    ...{ title: text, source: 'alert-router' },
    changedAt: at,
    details: { sentBy: by },
  }
  return alertOf(draft, { now, received: now })
}

/** One rule for everything, no maintenance and no times: whoever tries a channel wants to know now. */
function toOne(config: Config, channel: string): Config {
  const { maintenance: _maintenance, nonProduction: _nonProduction, ...rest } = config
  const timeless = <Of extends { active?: unknown; mute?: unknown }>(all: Record<string, Of>) =>
    Object.fromEntries(Object.entries(all).map(([name, { active: _active, mute: _mute, ...one }]) => [name, one]))
  const rule = {
    name: 'send',
    when: { fingerprint: fingerprintOfSent(channel) },
    severity: 'info' as const,
    channels: [channel],
  }
  return {
    ...rest,
    channels: timeless(config.channels) as Config['channels'],
    severities: timeless(config.severities) as Config['severities'],
    rules: [rule],
  }
}
