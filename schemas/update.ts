import * as z from 'zod'

/** Where people acknowledge. */
export const VIA = ['slack', 'pagerduty', 'email', 'cli'] as const

/** Somebody works on it: no reminders and escalations, until it ends or gets worse, or `until` (ISO 8601). */
const acknowledged = /* @__PURE__ */ (() => ({
  at: z.string(),
  by: z.string(),
  via: z.enum(VIA),
  until: z.string().optional(),
}))()

export const acknowledgedSchema = /* @__PURE__ */ (() => z.object(acknowledged))()
export type Acknowledged = z.infer<typeof acknowledgedSchema>

/** What a recipient of a firing is sent about it beside its changes; `at`: when it became due, or was said (ISO 8601). */
export const updateSchema = /* @__PURE__ */ (() =>
  z.discriminatedUnion('is', [
    z.object({ is: z.literal('reminder'), times: z.number(), at: z.string() }),
    /** Nobody has acknowledged it within `after`. */
    z.object({ is: z.literal('escalation'), after: z.string(), at: z.string() }),
    z.object({ is: z.literal('acknowledged'), ...acknowledged }),
    /** What a person has written about it elsewhere. */
    z.object({ is: z.literal('note'), text: z.string(), by: z.string(), via: z.enum(VIA), at: z.string() }),
    /** The acknowledgement has expired, or was taken back. */
    z.object({ is: z.literal('unacknowledged'), at: z.string(), by: z.string() }),
    /** It flapped, and has not changed since for as long as the rules say. */
    z.object({ is: z.literal('calmed'), at: z.string(), changes: z.number(), since: z.string() }),
  ]))()
export type Update = z.infer<typeof updateSchema>
