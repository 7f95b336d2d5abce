import * as z from 'zod'

// Each schema is made in a function that is marked as pure, so that a bundle leaves out those that it does not use:
// making one takes longer than checking with it.

/** The severities, worst first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Alert fields a rule may look at by name. */
export const PLAIN_FIELDS = [
  'account',
  'alarmRule',
  'children',
  'declaredSeverity',
  'description',
  'expression',
  'fingerprint',
  'kind',
  'metric',
  'name',
  'namespace',
  'previousStatus',
  'reason',
  'region',
  'resource',
  'source',
  'status',
  'title',
] as const

/** Alert fields that hold labels: a rule names the label too, as in `tags.team` or `dimensions.FunctionName`. */
export const LABEL_FIELDS = ['details', 'dimensions', 'tags', 'threshold', 'links'] as const

/**
 * One value of a matcher, read by its form:
 * `/…/` or `/…/i` is a regular expression, a text with `*` or `?` is a glob, anything else is exact.
 * Numbers and booleans are compared by their text, so that `account: 123456789012` works unquoted.
 */
const text = /* @__PURE__ */ (() => z.union([z.string(), z.number(), z.boolean()]).transform(String))()

const oneOrMore = /* @__PURE__ */ (() => z.union([text, z.array(text).min(1)]))()

/** A text, a list (any of), or `{ not: … }` of either. */
export const patternSchema = /* @__PURE__ */ (() => z.union([oneOrMore, z.strictObject({ not: oneOrMore })]))()
export type Pattern = z.infer<typeof patternSchema>

/** Every line must match. */
export const conditionSchema = /* @__PURE__ */ (() =>
  z.record(z.string(), patternSchema).refine((c) => Object.keys(c).length > 0, {
    message: 'is empty: name at least one field, or remove it',
  }))()
export type Condition = z.infer<typeof conditionSchema>

/** One condition, or a list of which any may match. */
export const whenSchema = /* @__PURE__ */ (() => z.union([conditionSchema, z.array(conditionSchema).min(1)]))()
export type When = z.infer<typeof whenSchema>

const channelName = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a channel name is lower case letters, digits and dashes, at most 40')
    .refine((name) => name !== 'heartbeat', '"heartbeat" is the router\'s own channel. Use another name'))()

const secretName = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9/_+=.@-]{1,200}$/,
      'a secret name is letters, digits and /_+=.@-; it is a name in Secrets Manager, never the secret itself',
    ))()

/** `90s`, `10m`, `2h`, `1d`; `durationMs` reads it. */
export const durationSchema = /* @__PURE__ */ (() =>
  z.string().regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration is a whole number and s, m, h or d, as in 10m'))()

/** What every channel can be told about its pace, and about what to do when it fails. */
const pace = /* @__PURE__ */ (() => ({
  /** In a storm, what these fields have in common is told in one message (or one incident), beside the severity. */
  groupBy: z.array(z.string()).min(1).max(5).optional(),
  /** The most messages a minute; its type's own limit when absent (see `paceOf`). */
  perMinute: z.int().min(1).max(60_000).optional(),
  /** The channel that is told too, once this one has failed for `patience`. */
  fallback: z.string().optional(),
  patience: durationSchema.optional(),
}))()

export const channelSchema = /* @__PURE__ */ (() =>
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('pagerduty'),
      /** Name of the secret that holds the integration's routing key. */
      secret: secretName,
      /** Where the PagerDuty account lives. */
      region: z.enum(['us', 'eu']).default('us'),
      ...pace,
    }),
    z.strictObject({
      type: z.literal('slack'),
      /** Name of the secret that holds the incoming webhook's URL. */
      secret: secretName,
      ...pace,
    }),
    z.strictObject({
      type: z.literal('email'),
      /** Each gets a subscription in the stack, and must confirm it once. */
      addresses: z.array(z.email()).min(1),
      ...pace,
    }),
  ]))()
export type ChannelConfig = z.infer<typeof channelSchema>

const channelList = /* @__PURE__ */ (() => z.array(z.string()).min(1))()

export const ruleSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    name: z.string().min(1).max(100),
    when: whenSchema,
    severity: z.enum(SEVERITIES),
    /** A list replaces the severity's channels; `{ add: […] }` adds to them. */
    channels: z.union([channelList, z.strictObject({ add: channelList })]).optional(),
  }))()
export type Rule = z.infer<typeof ruleSchema>

export const channelsSchema = /* @__PURE__ */ (() => z.record(channelName, channelSchema))()

/** `config/alerts.yml`, the one file that people edit. */
export const configSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    channels: channelsSchema,
    severities: z.strictObject({
      critical: z.strictObject({ channels: channelList }),
      warning: z.strictObject({ channels: channelList }),
      info: z.strictObject({ channels: channelList }),
    }),
    /** What matches here never pages: its severity is lowered to `highest`, and no PagerDuty channel gets it. */
    nonProduction: z.strictObject({ when: whenSchema, highest: z.enum(['warning', 'info']) }).optional(),
    /** In order; the first that matches decides. */
    rules: z.array(ruleSchema),
    /** When no rule matches. */
    default: z.strictObject({ severity: z.enum(SEVERITIES), channels: channelList.optional() }),
  }))()
export type Config = z.infer<typeof configSchema>
