import * as z from 'zod'
import { times, timezoneSchema, whichWindowsSchema, windowsSchema } from './windows.ts'

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

/** Fields of an alert that hold a number, and nothing else. */
export const NUMBER_FIELDS: readonly string[] = [
  'value',
  'observed',
  'periodSeconds',
  'evaluationPeriods',
  'datapointsToAlarm',
].map((label) => `threshold.${label}`)

/** What a rule may look at beside an alert's fields: for how long it has been firing. */
export const TIME_FIELDS = ['firingFor'] as const

/** What a template may name beside an alert's fields; and `labels.…`, the labels that rules set. */
export const TEMPLATE_FIELDS = [
  /** `CRITICAL`, `RESOLVED`, `NO DATA`: what a headline starts with. */
  'loudWord',
  'severity',
  /** The rule that decided. */
  'rule',
  /** What the alarm watches for, and the value it saw: `Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2`. */
  'condition',
  /** When it changed: `2026-09-14 11:18:52 UTC`. */
  'changedAt',
  /** Since when it has been firing. */
  'since',
  /** How long it had been firing, when it is over: `12 min`. */
  'firedFor',
] as const

/**
 * One value of a matcher, read by its form:
 * `/…/` or `/…/i` is a regular expression, a text with `*` or `?` is a glob, `>= 99` or `> 10m` a comparison of numbers
 * or durations, `$production` stands for the values of a set, anything else is exact.
 * Numbers and booleans are compared by their text: `account: 123456789012` works unquoted, and of YAML the text is what is
 * written, so that `1.10` stays `1.10` (shared/config/read.ts).
 */
const text = /* @__PURE__ */ (() => z.union([z.string(), z.number(), z.boolean()]).transform(String))()

const oneOrMore = /* @__PURE__ */ (() => z.union([text, z.array(text).min(1)]))()

/** A text, a list (any of), or `{ not: … }` of either. */
export const patternSchema = /* @__PURE__ */ (() => z.union([oneOrMore, z.strictObject({ not: oneOrMore })]))()
export type Pattern = z.infer<typeof patternSchema>

/**
 * Every line must match: a field with its pattern, or `all`, `any` or `not` with conditions inside. `fieldsOf` gives the
 * lines that name a field.
 */
export interface Condition {
  all?: Condition[] | undefined
  any?: Condition[] | undefined
  not?: When | undefined
  [field: string]: Pattern | When | undefined
}

/** One condition, or a list of which any may match. */
export type When = Condition | Condition[]

/** How deep `all`, `any` and `not` may stand inside one another. */
export const MAX_NESTING = 8

export const conditionSchema: z.ZodType<Condition> = /* @__PURE__ */ (() =>
  z
    .object({
      get all() {
        return z.array(conditionSchema).min(1).optional()
      },
      get any() {
        return z.array(conditionSchema).min(1).optional()
      },
      get not() {
        return whenSchema.optional()
      },
    })
    .catchall(patternSchema)
    .refine((condition) => Object.keys(condition).length > 0, {
      message: 'is empty: name at least one field, or remove it',
    }))()

export const whenSchema: z.ZodType<When> = /* @__PURE__ */ (() =>
  z.union([conditionSchema, z.array(conditionSchema).min(1)]))()

/** The lines of a condition that name a field, with their patterns. */
export function fieldsOf({ all: _all, any: _any, not: _not, ...fields }: Condition): [string, Pattern][] {
  return Object.entries(fields) as [string, Pattern][]
}

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

/** What is said in place of the usual words: templates, filled in from the alert (shared/channels/template.ts). */
const template = /* @__PURE__ */ (() => z.string().min(1).max(2_000))()
const wording = /* @__PURE__ */ (() => ({
  /** The headline, the incident's summary, the subject. */
  title: template.optional(),
  /** A paragraph before the alert's facts. */
  text: template.optional(),
}))()

/** What every channel can be told about its old names, its pace, what to do when it fails, and its wording. */
const ofEveryType = /* @__PURE__ */ (() => ({
  /** The names that it had before: what is owed and what was told under one of them follows it (see `channelNow`). */
  formerly: z.array(channelName).min(1).max(20).optional(),
  /** In a storm, what these fields have in common is told in one message (or one incident), beside the severity. */
  groupBy: z.array(z.string()).min(1).max(5).optional(),
  /** The most messages a minute; its type's own limit when absent (see `paceOf`). */
  perMinute: z.int().min(1).max(60_000).optional(),
  /** The channel that is told too, once this one has failed for `patience`. */
  fallback: z.string().optional(),
  patience: durationSchema.optional(),
  /** When it may be told. What comes at another time is told then. */
  ...times,
  /** For one alert; a digest keeps its own lines. */
  ...wording,
}))()

export const channelSchema = /* @__PURE__ */ (() =>
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('pagerduty'),
      /** Name of the secret that holds the integration's routing key. */
      secret: secretName,
      /** Where the PagerDuty account lives. */
      region: z.enum(['us', 'eu']).default('us'),
      ...ofEveryType,
    }),
    z.strictObject({
      type: z.literal('slack'),
      /** Name of the secret that holds the incoming webhook's URL. */
      secret: secretName,
      ...ofEveryType,
    }),
    z.strictObject({
      type: z.literal('email'),
      /** Each gets a subscription in the stack, and must confirm it once. */
      addresses: z.array(z.email()).min(1),
      ...ofEveryType,
    }),
  ]))()
export type ChannelConfig = z.infer<typeof channelSchema>

const channelList = /* @__PURE__ */ (() => z.array(z.string()).min(1))()

/** `{tags.severity}`: what the alert holds in that field. */
const TEMPLATE = /^\{(.*)\}$/s

/** The field that a rule's severity is read from, where it is no severity itself. */
export function severityField(severity: string): string | undefined {
  return TEMPLATE.exec(severity)?.[1]
}

export const ruleSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    name: z.string().min(1).max(100),
    when: whenSchema,
    /** A severity, or the field that holds one. Only a rule that goes on may have none. */
    severity: z.union([z.enum(SEVERITIES), z.templateLiteral(['{', z.string(), '}'])]).optional(),
    /** The severity when the field holds none. */
    otherwise: z.enum(SEVERITIES).optional(),
    /** A list replaces the severity's channels; `{ add: […] }` adds to them. */
    channels: z.union([channelList, z.strictObject({ add: channelList })]).optional(),
    /** In place of its channels' own. */
    groupBy: z.array(z.string()).min(1).max(5).optional(),
    /** Where the alert itself names none. */
    runbook: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
    /** Told along with the alert. */
    labels: z.record(z.string().min(1).max(50), text.pipe(z.string().min(1).max(200))).optional(),
    /** In place of its channels' own. */
    ...wording,
    /** Later rules are looked at too: what they set stands, what they leave alone is as this one set it. */
    continue: z.boolean().optional(),
    /** At another time it does not match, and later rules decide. */
    ...times,
  }))()
export type Rule = z.infer<typeof ruleSchema>

export const channelsSchema = /* @__PURE__ */ (() => z.record(channelName, channelSchema))()

const setName = /* @__PURE__ */ (() =>
  z.string().regex(/^[A-Za-z][\w-]{0,39}$/, 'a set is named by letters, digits, _ and -, at most 40'))()

/** Values that rules name as `$name`: accounts, names, patterns. */
export const setsSchema = /* @__PURE__ */ (() => z.record(setName, z.array(text).min(1)))()

/** Who is told; and when, where that is not always: what comes at another time is told then. */
const ofSeverity = /* @__PURE__ */ (() => z.strictObject({ channels: channelList, ...times }))()

/** While its window is open, the alerts that it covers (all, when it says nothing) are held, and told at its end. */
export const maintenanceSchema = /* @__PURE__ */ (() =>
  z.strictObject({ name: z.string().min(1).max(100), window: whichWindowsSchema, covers: whenSchema.optional() }))()

/** `config/alerts.yml`, the file that people edit; and what it and the teams' files (team.ts) make together. */
export const configSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    channels: channelsSchema,
    severities: z.strictObject({ critical: ofSeverity, warning: ofSeverity, info: ofSeverity }),
    /** IANA; of all windows that name none. UTC, when absent. */
    timezone: timezoneSchema.optional(),
    windows: windowsSchema.optional(),
    maintenance: z.array(maintenanceSchema).optional(),
    /** What matches here never pages: its severity is lowered to `highest`, and no PagerDuty channel gets it. */
    nonProduction: z.strictObject({ when: whenSchema, highest: z.enum(['warning', 'info']) }).optional(),
    sets: setsSchema.optional(),
    /** In order; the first that matches decides, unless it goes on (`continue`). */
    rules: z.array(ruleSchema),
    /** When no rule matches. */
    default: z.strictObject({ severity: z.enum(SEVERITIES), channels: channelList.optional() }),
  }))()
export type Config = z.infer<typeof configSchema>
