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

/** One example of what the rules do, in `config/tests/*.yml`. */
export const caseSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    name: z.string().min(1).max(200),
    /** The input: the file that holds it, or the event itself. */
    event: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
    /** Or a few fields of the alert. */
    alert: fieldsSchema.optional(),
    /** When it happens and arrives, ISO 8601 with a zone. Without it, the event's own time. */
    at: z.iso.datetime({ offset: true }).optional(),
    expect: z.strictObject({
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
    }),
  }))()
export type Case = z.infer<typeof caseSchema>
export type Expected = Case['expect']
