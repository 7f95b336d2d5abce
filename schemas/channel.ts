import * as z from 'zod'
import { durationSchema, times } from './windows.ts'
import { wording } from './wording.ts'

/**
 * The types of channel; a folder of shared/channels/ each. `sink` accepts everything and notifies nobody: it ends the
 * heartbeat's path, and no config can name it.
 */
export const CHANNEL_TYPES = ['pagerduty', 'slack', 'slack-app', 'email', 'sink'] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]
/** Those that a config can name. */
export type ConfiguredType = Exclude<ChannelType, 'sink'>

const channelName = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a channel name has only lower case letters, digits and dashes, at most 40')
    .refine((name) => name !== 'heartbeat', '"heartbeat" is the router\'s own channel. Use another name'))()

const secretName = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9/_+=.@-]{1,200}$/,
      'a secret name has only letters, digits and /_+=.@-; it is a name in Secrets Manager, never the secret itself',
    ))()

const slackChannelId = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(
      /^[CG][A-Z0-9]{8,20}$/,
      'expected the Slack channel\'s id, as in C0123456789: Slack edits messages by it alone, and a name may change. In Slack, click the channel\'s name; the id is at the bottom of "About"',
    ))()

/** Options of every channel: its former names, its pace, its fallback, and its wording. */
const ofEveryType = /* @__PURE__ */ (() => ({
  /** Its former names: what was owed and sent under one of them moves to this one (see `channelNow`). */
  formerly: z.array(channelName).min(1).max(20).optional(),
  /**
   * In a storm, alerts with the same values in these fields, and the same severity, share one message (or one
   * incident).
   */
  groupBy: z.array(z.string()).min(1).max(5).optional(),
  /** At most this many messages a minute; its type's own limit when absent (see `paceOf`). */
  perMinute: z.int().min(1).max(60_000).optional(),
  /** The channel that is notified as well, once this one has failed for `patience`. */
  fallback: z.string().optional(),
  patience: durationSchema.optional(),
  /** When it may be notified. Alerts at other times are sent then. */
  ...times,
  /** For a single alert; a digest keeps its own lines. */
  ...wording,
}))()

/** Further options of a type. The compiler reports each missing one. */
const ofType = /* @__PURE__ */ (() =>
  ({
    pagerduty: {
      /** Name of the secret that holds the integration's routing key, or several, one a line. */
      secret: secretName,
      /** The service region of the PagerDuty account. */
      region: z.enum(['us', 'eu']).default('us'),
    },
    slack: {
      /** Name of the secret that holds the incoming webhook's URL. */
      secret: secretName,
    },
    'slack-app': {
      /** Name of the secret that holds the app's bot token. */
      secret: secretName,
      /** The Slack channel, by its id: Slack finds and edits messages by that alone. */
      channel: slackChannelId,
    },
    email: {
      /** By an SNS topic of the stack, as plain text; or by SES, as HTML and text. `sns` when absent. */
      via: z.enum(['sns', 'ses']).optional(),
      /** By SNS, each gets a subscription in the stack, and must confirm it once. By SES, none has to. */
      addresses: z.array(z.email()).min(1),
      /** The sender, by SES alone: of a domain or an address that is verified there. */
      from: z.email().optional(),
    },
  }) satisfies Record<ConfiguredType, z.ZodRawShape>)()

const schemaOf = <Type extends ConfiguredType>(type: Type) =>
  z.strictObject({ type: z.literal(type), ...ofType[type], ...ofEveryType })

/** A channel in the config. */
export type ChannelConfig = { [Type in ConfiguredType]: z.infer<ReturnType<typeof schemaOf<Type>>> }[ConfiguredType]

/** The tag of the router's own emails by SES: its value is the channel that was to be notified. */
export const CHANNEL_TAG = 'alert-router-channel'

/** An email channel that SES sends, and by whom. */
export interface SesChannel {
  from: string
  addresses: string[]
}

/** `undefined`: it is no email channel, or SNS sends it. */
export function sesChannelIn(channel: ChannelConfig | undefined): SesChannel | undefined {
  if (channel?.type !== 'email' || channel.via !== 'ses' || channel.from === undefined) return undefined
  return { from: channel.from, addresses: [...new Set(channel.addresses)] }
}

/** `undefined`: it is no email channel, or SES sends it. Each address has a subscription to the channel's topic. */
export function snsAddressesIn(channel: ChannelConfig | undefined): string[] | undefined {
  if (channel?.type !== 'email' || channel.via === 'ses') return undefined
  return [...new Set(channel.addresses)]
}

/** One of them for each type. */
type ChannelSchema = z.ZodType<ChannelConfig> & { options: ReturnType<typeof schemaOf>[] }

export const channelSchema = /* @__PURE__ */ (() => {
  const [first, ...others] = (Object.keys(ofType) as ConfiguredType[]).map(schemaOf)
  if (!first) throw new Error('there is no type of channel')
  return z.discriminatedUnion('type', [first, ...others]) as unknown as ChannelSchema
})()

export const channelsSchema = /* @__PURE__ */ (() => z.record(channelName, channelSchema))()
