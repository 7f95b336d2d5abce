import * as z from 'zod'
import { CHANNEL_TYPES } from './channel.ts'

/*
 * What travels on the queues, beside events. A message is only a wake-up: what is to be done is read from the table when it
 * comes, so it may come twice, late, out of order or never.
 */

/** To a deliverer: look whether a recipient of an alert should know something that it does not. */
export const wakeSchema = /* @__PURE__ */ (() =>
  z.object({
    /** The alert's key in the table. */
    fingerprint: z.string(),
    /** The recipient's in the alert's state: a channel's name, or `mail for pager`. */
    recipient: z.string(),
    /** The channel's name in the config. */
    channel: z.string(),
    type: z.enum(CHANNEL_TYPES),
    /** The change that it is most likely about: its key. */
    change: z.string(),
  }))()
export type Wake = z.infer<typeof wakeSchema>

/** What a channel has said yes to, when that could not be noted: by way of the alarms' queue it is noted later. */
const noteSchema = /* @__PURE__ */ (() =>
  z.object({
    fingerprint: z.string(),
    recipient: z.string(),
    change: z.string(),
    changedAt: z.string(),
    status: z.enum(['firing', 'resolved', 'insufficient-data']),
    /** When (ISO 8601), and to what. */
    notifiedAt: z.string(),
    said: z.string().optional(),
    digest: z.object({ id: z.string(), of: z.number() }).optional(),
    incident: z.string().optional(),
    /** Where its channel led to (shared/decide/place.ts). */
    place: z.string().optional(),
    missed: z.literal(true).optional(),
    token: z.string(),
  }))()
export type Note = z.infer<typeof noteSchema>

/**
 * On each order. The version before this one would take an order for an event, and tell people of it: of no records it makes a
 * dead letter, which waits until a `route` of this version can take it.
 */
const none = /* @__PURE__ */ (() => ({ Records: z.tuple([]).optional() }))()

/**
 * To `route`, on the alarms' queue, from the router itself: an alert's time has come; it was told, and that is to be noted;
 * a person resolves it; an incident needs a person to close it.
 */
export const orderSchema = /* @__PURE__ */ (() =>
  z.union([
    z.strictObject({
      due: z.string(),
      /** The time that has come, ISO 8601. */
      at: z.string(),
      /** The version of the rules, where all is looked at because of new ones. */
      rules: z.string().optional(),
      ...none,
    }),
    z.strictObject({ notified: noteSchema, ...none }),
    z.strictObject({ resolve: z.string(), by: z.string(), ...none }),
    /** Lies in the dead letters: what is open, and who opened it (shared/decide/left-open.ts). */
    z.strictObject({ close: z.string(), incident: z.string(), channel: z.string(), ...none }),
  ]))()
export type Order = z.infer<typeof orderSchema>

/** An order as it is put onto the queue. SQS refuses two characters, which may be in a name. */
export function orderText(order: Order): string {
  return JSON.stringify({ ...order, Records: [] }).replace(
    /[\uFFFE\uFFFF]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  )
}
