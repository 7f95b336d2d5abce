import * as z from 'zod'
import { channelsSchema } from './channel.ts'
import { times, timezoneSchema, whichWindowsSchema, windowsSchema } from './windows.ts'
import { wording } from './wording.ts'

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
  'statusTag',
  'severity',
  /** The rule that decided. */
  'rule',
  /**
   * What the alarm watches for, and the value it saw: `Average
   * CPUUtilization > 80 Percent in 2 of 3 periods of 5 min; now 93.2`.
   */
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
export const text = /* @__PURE__ */ (() => z.union([z.string(), z.number(), z.boolean()]).transform(String))()
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
