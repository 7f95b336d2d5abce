import * as z from 'zod'
import { alertSchema, KINDS, STATUSES } from './alert.ts'
import { SEVERITIES } from './config.ts'

const facts = /* @__PURE__ */ (() => z.record(z.string(), z.coerce.string()))()

/** Fields of an alert; those not given are as in a firing alarm. */
const fieldsSchema = /* @__PURE__ */ (() =>
  z
    .strictObject(alertSchema.shape)
    .extend({ kind: z.enum(KINDS), status: z.enum(STATUSES), dimensions: facts, tags: facts, details: facts })
    .partial())()

/** What a channel's message must contain: texts, or `/…/` for a regular expression. */
const saysSchema = /* @__PURE__ */ (() => z.union([z.string(), z.array(z.string()).min(1)]))()

/** What a case without a story expects. */
const expectedSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    severity: z.enum(SEVERITIES).optional(),
    /** The rule that decides, or `default`. */
    rule: z.string().optional(),
    /** Values that rules set, by name: these, and perhaps others. */
    values: z.record(z.string(), z.coerce.string()).optional(),
    /** All that are notified at once, in any order. */
    channels: z.array(z.string()).optional(),
    /** All that are notified later, because of a window or a maintenance. */
    later: z.array(z.string()).optional(),
    /** By channel. */
    text: z.record(z.string(), saysSchema).optional(),
  }))()
export type Expected = z.infer<typeof expectedSchema>

/** A line: when, and what; several of one time as a list. */
export const lineSchema = /* @__PURE__ */ (() =>
  z.record(z.string(), z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])))()

/** One example of what the rules do, in `config/tests/*.yml`: a decision, or a story. */
export const caseSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    name: z.string().min(1).max(200),
    /** The input: the file that holds it, or the event itself. */
    event: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
    /** Or a few fields of the alert. */
    alert: fieldsSchema.optional(),
    /** Of a story: several alerts, by the names that it gives them. */
    alerts: z.record(z.string(), fieldsSchema).optional(),
    /** When it happens and arrives, ISO 8601 with a zone. Without it, the event's own time. */
    at: z.iso.datetime({ offset: true }).optional(),
    expect: expectedSchema.optional(),
    /** When the story starts, `2026-11-27 23:00`, and when it ends: nothing later counts. */
    starts: z.string().optional(),
    ends: z.string().optional(),
    /** What happens and what is expected, a line each: `at 5m: firing`, `expect at 5m: slack firing`. */
    story: z.array(lineSchema).min(1).optional(),
  }))()
export type Case = z.infer<typeof caseSchema>
