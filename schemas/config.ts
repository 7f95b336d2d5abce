import * as z from 'zod'
import { channelsSchema } from './channel.ts'
import { durationSchema, times, timezoneSchema, whichWindowsSchema, windowsSchema } from './windows.ts'
import { wording } from './wording.ts'

// Each schema is created in a function marked as pure, so that a bundle leaves out unused ones: creating a schema takes
// longer than validating with it.

/** The severities, worst first. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

/** Alert fields that a rule may use by name. */
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

/** Alert fields with labels: a rule names the label too, as in `tags.team` or `dimensions.FunctionName`. */
export const LABEL_FIELDS = ['details', 'dimensions', 'tags', 'threshold', 'links'] as const

/** Alert fields that hold only numbers. */
export const NUMBER_FIELDS: readonly string[] = [
  'value',
  'observed',
  'periodSeconds',
  'evaluationPeriods',
  'datapointsToAlarm',
].map((label) => `threshold.${label}`)

/** What a rule may use besides an alert's fields: how long it has been firing. */
export const TIME_FIELDS = ['firingFor'] as const

/** What a `when`, `groupBy` or template calls a value that rules have set: `values.team`. */
export const VALUE_FIELD = 'values.'

/** What a template may use besides an alert's fields; and `labels.…`, the labels that rules set. */
export const TEMPLATE_FIELDS = [
  /** `CRITICAL`, `RESOLVED`, `NO DATA`: the start of a headline. */
  'statusTag',
  'severity',
  /** The rule that decided. */
  'rule',
  /**
   * The alarm's condition, and the observed value: `Average CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now
   * 93.2`.
   */
  'condition',
  /** When it changed: `2026-09-14 11:18:52 UTC`. */
  'changedAt',
  /** Since when it has been firing. */
  'since',
  /** How long it had been firing when it ended: `12 min`. */
  'firedFor',
] as const

/**
 * One value of a pattern, parsed by its form: `/…/` or `/…/i` is a regular expression, a text with `*` or `?` is a
 * glob, `>= 99` or `> 10m` a comparison of numbers or durations, `$production` refers to the values of a set, anything
 * else is exact. Numbers and booleans are compared by their text: `account: 123456789012` works unquoted, and YAML's
 * text is taken as written, so that `1.10` stays `1.10` (shared/config/read.ts).
 */
export const text = /* @__PURE__ */ (() => z.union([z.string(), z.number(), z.boolean()]).transform(String))()
const oneOrMore = /* @__PURE__ */ (() => z.union([text, z.array(text).min(1)]))()

/** A text, a list (any of), or `{ not: … }` of either. */
export const patternSchema = /* @__PURE__ */ (() => z.union([oneOrMore, z.strictObject({ not: oneOrMore })]))()
export type Pattern = z.infer<typeof patternSchema>

/**
 * Every line must match: a field with its pattern, or `all`, `any` or `not` with nested conditions. `fieldsOf` returns
 * the lines with fields.
 */
export interface Condition {
  all?: Condition[] | undefined
  any?: Condition[] | undefined
  not?: When | undefined
  [field: string]: Pattern | When | undefined
}

/** One condition, or a list of which any may match. */
export type When = Condition | Condition[]
/** How deep `all`, `any` and `not` may be nested. */
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

/** The lines of a condition with a field, and their patterns. */
export function fieldsOf({ all: _all, any: _any, not: _not, ...fields }: Condition): [string, Pattern][] {
  return Object.entries(fields) as [string, Pattern][]
}

/** Of what people define and refer to. */
const nameOf = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z][\w-]{0,39}$/, `${what} starts with a letter and has only letters, digits, _ and -, at most 40`)

const channelList = /* @__PURE__ */ (() => z.array(z.string()).min(1))()

const none = /* @__PURE__ */ (() => z.literal('none'))()

/** After how long without an acknowledgement an alert goes to further channels. */
const stepSchema = /* @__PURE__ */ (() => z.strictObject({ after: durationSchema, to: channelList }))()

/** Within which time people are expected to react. */
const responseSchema = /* @__PURE__ */ (() =>
  z
    .strictObject({ acknowledge: durationSchema.optional(), resolve: durationSchema.optional() })
    .refine((response) => Object.keys(response).length > 0, {
      message: 'is empty: give acknowledge, resolve, or both',
    }))()

/** It flaps: it has begun to fire or ended so often within a time; until it has not done so for another. */
const flappingSchema = /* @__PURE__ */ (() =>
  z.strictObject({ changes: z.int().min(3).max(20), within: durationSchema, calmAfter: durationSchema }))()

/** So many firings within a time, of alerts that have the same values in these fields; without them, of each alert alone. */
const countSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    atLeast: z.int().min(2).max(100),
    within: durationSchema,
    by: z.array(z.string()).min(1).max(5).optional(),
  }))()

/**
 * What happens while an alert fires: on a rule, a severity, or the whole file. The rule's come before the severity's,
 * and those before the file's; `none` switches off what another says.
 */
const whileFiring = /* @__PURE__ */ (() => ({
  /** Sent only if it still fires after this time. */
  hold: z.union([durationSchema, none]).optional(),
  /** Sent only once so many fire. */
  count: z.union([countSchema, none]).optional(),
  /** How long after the last message it is repeated, until somebody acknowledges: of a list, the last one repeats. */
  remind: z.union([durationSchema, z.array(durationSchema).min(1).max(10), none]).optional(),
  escalate: z.union([z.array(stepSchema).min(1).max(10), none]).optional(),
  response: z.union([responseSchema, none]).optional(),
  /** What flaps is sent once it has calmed. A critical one is sent each time, and says that it flaps. */
  flapping: z.union([flappingSchema, none]).optional(),
}))()

/** `{tags.severity}`: the value of that field in the alert. */
const TEMPLATE = /^\{(.*)\}$/s

/** The field that a rule's severity is read from, if it is not a severity itself. */
export function severityField(severity: string): string | undefined {
  return TEMPLATE.exec(severity)?.[1]
}

export const ruleSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    name: z.string().min(1).max(100),
    when: whenSchema,
    /** A severity, or the field that holds one. Only a rule that continues may omit it. */
    severity: z.union([z.enum(SEVERITIES), z.templateLiteral(['{', z.string(), '}'])]).optional(),
    /** The severity if the field has none. */
    otherwise: z.enum(SEVERITIES).optional(),
    /** A list replaces the severity's channels; `{ add: […] }` adds to them. A name may have slots: `slack-{team}`. */
    channels: z.union([channelList, z.strictObject({ add: channelList })]).optional(),
    /** Values that later rules, channels, labels and templates use, by name: texts with slots (shared/decide/fill.ts). */
    set: z.record(nameOf('the name of a value'), text.pipe(z.string().min(1).max(300))).optional(),
    /** Nobody is notified, for this reason: the alert is recorded, and shown with it. */
    notify: z.strictObject({ nobody: z.string().regex(/\S/, 'say why').max(300) }).optional(),
    /** Replaces its channels' own. */
    groupBy: z.array(z.string()).min(1).max(5).optional(),
    /** If the alert itself has none. */
    runbook: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .optional(),
    /** Sent with the alert. May have slots. */
    labels: z.record(z.string().min(1).max(50), text.pipe(z.string().min(1).max(200))).optional(),
    /** `off`: no evidence follows it. YAML's `false` is `off`, too. */
    evidence: z.union([z.enum(['on', 'off']), z.boolean().transform((isOn) => (isOn ? 'on' : 'off'))]).optional(),
    ...whileFiring,
    /** Replaces its channels' own. */
    ...wording,
    /** Later rules are evaluated too: what they set wins, what they don't set stays as this one set it. */
    continue: z.boolean().optional(),
    /** At other times it does not match, and later rules are evaluated. */
    ...times,
  }))()
export type Rule = z.infer<typeof ruleSchema>

/** Values that rules refer to as `$name`: accounts, names, patterns. */
export const setsSchema = /* @__PURE__ */ (() => z.record(nameOf('a set name'), z.array(text).min(1)))()

/** What rules look up as `{account | teams}`: for each key, a value. */
export const tablesSchema = /* @__PURE__ */ (() =>
  z.record(nameOf('a table name'), z.record(z.string().min(1), text.pipe(z.string().min(1).max(200)))))()

/** The channels of a severity; and when, if not always: alerts at other times are sent then. */
const ofSeverity = /* @__PURE__ */ (() => z.strictObject({ channels: channelList, ...whileFiring, ...times }))()

/** While its window is open, matching alerts (all, without `covers`) are held, and sent at its end. */
export const maintenanceSchema = /* @__PURE__ */ (() =>
  z.strictObject({ name: z.string().min(1).max(100), window: whichWindowsSchema, covers: whenSchema.optional() }))()

/** While an alert that `when` matches fires, those that it mutes are held. */
export const inhibitionSchema = /* @__PURE__ */ (() =>
  z
    .strictObject({
      name: z.string().min(1).max(100),
      when: whenSchema,
      mutes: whenSchema.optional(),
      /** Only the alarms that it is made of: of a composite alarm. */
      children: z.boolean().optional(),
      /** Fields whose values both have. */
      equal: z.array(z.string()).min(1).max(5).optional(),
    })
    .refine(({ mutes, children }) => mutes !== undefined || children, {
      message: 'mutes nothing: say what with mutes, or children: true for the children of a composite alarm',
    }))()
export type Inhibition = z.infer<typeof inhibitionSchema>

/** `config/alerts.yml`; and the result of merging it with the teams' files (team.ts). */
export const configSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    channels: channelsSchema,
    severities: z.strictObject({ critical: ofSeverity, warning: ofSeverity, info: ofSeverity }),
    ...whileFiring,
    /** IANA; for windows without their own. UTC when absent. */
    timezone: timezoneSchema.optional(),
    windows: windowsSchema.optional(),
    maintenance: z.array(maintenanceSchema).optional(),
    inhibit: z.array(inhibitionSchema).optional(),
    /** Matching alerts never page: their severity is lowered to `highest`, and no PagerDuty channel receives them. */
    nonProduction: z.strictObject({ when: whenSchema, highest: z.enum(['warning', 'info']) }).optional(),
    sets: setsSchema.optional(),
    tables: tablesSchema.optional(),
    /** In order; the first match wins, unless the rule continues (`continue`). */
    rules: z.array(ruleSchema),
    /** When no rule matches. */
    default: z.strictObject({ severity: z.enum(SEVERITIES), channels: channelList.optional() }),
  }))()
export type Config = z.infer<typeof configSchema>
