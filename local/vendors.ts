import { createHash } from 'node:crypto'
import type { ChannelType } from '../schemas/channel.ts'
import type { Config } from '../schemas/config.ts'
import { type Certificate, type StandIn, startPagerDuty, startSlack, startSlackApi } from './stand-ins/index.ts'

/** The types of channel whose vendor has a server, which needs a stand-in here. */
export type VendorType = Exclude<ChannelType, 'email' | 'sink'>

export interface VendorOptions {
  config: Config
  certificate: Certificate
  /** The user's own server for a channel, by its name, instead of the stand-in. */
  forwardTo(channel: string | undefined): URL | undefined
  /** Whether it enforces the vendor's documented rate limit (429). */
  isLimited: boolean
  /** Real secrets, by their name in the config, for the channels that really send. */
  real: Record<string, string>
}

/** A vendor's stand-in, and how a function is directed to it. */
interface Vendor {
  start(options: VendorOptions): Promise<StandIn>
  /** The value of a channel's secret. */
  secret(channel: string, secret: string, options: VendorOptions, server: StandIn): string
  /** Additional environment of its function, if the secret alone is not enough. */
  environment(server: StandIn): Record<string, string>
}

/** For each vendor; the compiler reports a missing one. */
export const VENDORS = {
  pagerduty: {
    start: ({ config, certificate: tls, forwardTo, isLimited, real }: VendorOptions) => {
      const channelOfKey = new Map(
        Object.entries(config.channels).flatMap(([name, channel]) =>
          channel.type === 'pagerduty' ? [[routingKeyOf(channel.secret, real), name]] : [],
        ),
      )
      return startPagerDuty({ tls, forwardTo: (routingKey) => forwardTo(channelOfKey.get(routingKey)), isLimited })
    },
    secret: (_channel: string, secret: string, { real }: VendorOptions) => routingKeyOf(secret, real),
    environment: ({ host }: StandIn) => ({ PAGERDUTY_SERVER: host }),
  },
  slack: {
    start: ({ forwardTo, isLimited }: VendorOptions) => startSlack({ forwardTo, isLimited }),
    secret: (channel: string, _secret: string, _options: VendorOptions, { url }: StandIn) => localWebhook(url, channel),
    environment: () => ({}),
  },
  'slack-app': {
    start: ({ config, forwardTo, isLimited, real }: VendorOptions) => {
      const channelOfToken = new Map(
        Object.entries(config.channels).flatMap(([name, channel]) =>
          channel.type === 'slack-app' ? [[tokenOf(channel.secret, real), name]] : [],
        ),
      )
      return startSlackApi({ forwardTo: (token) => forwardTo(channelOfToken.get(token)), isLimited })
    },
    secret: (_channel: string, secret: string, { real }: VendorOptions) => tokenOf(secret, real),
    environment: ({ url }: StandIn) => ({ SLACK_API: `${url}/api/` }),
  },
} satisfies Record<VendorType, Vendor>

/** The webhook of a channel, at Slack's stand-in or what is in front of it. */
export const localWebhook = (url: string, channel: string) => `${url}/services/local/router/${channel}`

export const VENDOR_TYPES = Object.keys(VENDORS) as VendorType[]

/** The servers of all vendors, by type. */
export type Vendors = { [Type in VendorType]: Awaited<ReturnType<(typeof VENDORS)[Type]['start']>> }

/** Whether this vendor has a server. Email and the heartbeat's sink have none. */
export function isVendor(type: ChannelType): type is VendorType {
  return Object.hasOwn(VENDORS, type)
}

/** The real key, or one in the right format, always the same for a secret. */
function routingKeyOf(secret: string, real: Record<string, string>): string {
  return real[secret] ?? createHash('md5').update(secret).digest('hex')
}

function tokenOf(secret: string, real: Record<string, string>): string {
  return real[secret] ?? `xoxb-${secret.replace(/[^\w-]/g, '-')}`
}

/** Starts them all, and returns the secrets and the functions' environment. */
export async function startVendors(optionsFor: (type: VendorType) => VendorOptions) {
  const started = await Promise.all(
    VENDOR_TYPES.map(async (type) => {
      const { start, secret, environment } = VENDORS[type] as Vendor
      const options = optionsFor(type)
      const server = await start(options)
      const secrets = Object.entries(options.config.channels).flatMap(([name, channel]) =>
        channel.type === type && 'secret' in channel
          ? [[channel.secret, secret(name, channel.secret, options, server)] as const]
          : [],
      )
      return { type, server, secrets, environment: environment(server) }
    }),
  )
  return {
    vendors: Object.fromEntries(started.map(({ type, server }) => [type, server])) as unknown as Vendors,
    /** By their name in the config. */
    secrets: Object.fromEntries(started.flatMap(({ secrets }) => secrets)) as Record<string, string>,
    environment: Object.assign({}, ...started.map(({ environment }) => environment)) as Record<string, string>,
  }
}
