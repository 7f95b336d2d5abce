import type { Alert } from '../../schemas/alert.ts'
import type { ChannelConfig } from '../../schemas/channel.ts'
import type { Config, Rule } from '../../schemas/config.ts'

/**
 * Every five minutes one event takes an alert's whole path (deploy/heartbeat.ts); an alarm fires when it is missing.
 */
export const HEARTBEAT = {
  minutes: 5,
  channel: 'heartbeat',
  source: 'alert-router.heartbeat',
  id: 'heartbeat',
} as const

const FINGERPRINT = `event:${HEARTBEAT.source}:${HEARTBEAT.id}`

/**
 * The heartbeat, as one of our own documented events (schemas/event.ts). Each one is a newer change of one alert that
 * fires and never ends. Of two regions each has its own, by its name.
 */
export function heartbeatEvent(time: string, region?: string) {
  const { source, id } = HEARTBEAT
  return {
    ...{ title: 'Heartbeat of alert-router', source },
    ...{ id: region === undefined ? id : `${id}-${region}`, severity: 'info', time },
  }
}

export function isHeartbeat({ fingerprint }: Pick<Alert, 'fingerprint'>): boolean {
  return fingerprint === FINGERPRINT || fingerprint.startsWith(`${FINGERPRINT}-`)
}

/** Is it that of a region? */
export function isHeartbeatOf({ fingerprint }: Pick<Alert, 'fingerprint'>, region: string | undefined): boolean {
  return region !== undefined && fingerprint === `${FINGERPRINT}-${region}`
}

/** It depends on nothing in the config files. */
export const HEARTBEAT_RULE: Rule = {
  name: 'heartbeat',
  when: { fingerprint: [FINGERPRINT, `${FINGERPRINT}-*`] },
  severity: 'info',
  channels: [HEARTBEAT.channel],
}

/** A config with the heartbeat's rule, before all others, and its channel. */
export function withHeartbeat(config: Config): Config {
  return { ...config, channels: withHeartbeatChannel(config.channels), rules: [HEARTBEAT_RULE, ...config.rules] }
}

/** As `withHeartbeat`, for the channels alone. */
export function withHeartbeatChannel(channels: Config['channels']): Config['channels'] {
  // No config may have such a channel, so the config's own type does not include it.
  const sink = { type: 'sink' } as unknown as ChannelConfig
  return { ...channels, [HEARTBEAT.channel]: sink }
}
