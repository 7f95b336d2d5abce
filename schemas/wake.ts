import * as z from 'zod'
import { CHANNEL_TYPES } from './channel.ts'
import { newSilenceSchema } from './silence.ts'
import { updateSchema, VIA } from './update.ts'

/*
 * Messages on the queues, besides events. A message is only a wake-up: what to do is read from the table when it
 * arrives, so it may be duplicated, late, out of order or lost.
 */

/** To a deliverer: check whether a recipient of an alert is owed something. */
export const wakeSchema = /* @__PURE__ */ (() =>
  z.object({
    /** The alert's key in the table. */
    fingerprint: z.string(),
    /** The recipient's in the alert's state: a channel's name, or `mail for pager`. */
    recipient: z.string(),
    /** The channel's name in the config. */
    channel: z.string(),
    type: z.enum(CHANNEL_TYPES),
    /** The key of the change that it is most likely about. */
    change: z.string(),
  }))()
export type Wake = z.infer<typeof wakeSchema>

/** As `wakeSchema` reads it, without zod: each message of a deliverer is one, and it needs zod for nothing else. */
export function readWake(value: unknown): Wake | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { fingerprint, recipient, channel, type, change } = value as { [key in keyof Wake]?: unknown }
  if (typeof fingerprint !== 'string' || typeof recipient !== 'string' || typeof channel !== 'string') return undefined
  if (typeof change !== 'string') return undefined
  const known = CHANNEL_TYPES.find((one) => one === type)
  return known && { fingerprint, recipient, channel, type: known, change }
}

/**
 * Where an alert's message is, in a channel that edits its messages: the vendor's ids. In the thread of another one (a digest)
 * the alert may have no message of its own.
 */
const postedSchema = /* @__PURE__ */ (() =>
  z.object({
    channel: z.string(),
    ts: z.string().optional(),
    thread: z.string().optional(),
    /** The id of the digest that the thread is of: its message is edited, too (shared/store/digests.ts). */
    digest: z.string().optional(),
  }))()
export type PostedMessage = z.infer<typeof postedSchema>

/** An accepted delivery that the deliverer could not record: `route` does, through the alarms' queue. */
const noteSchema = /* @__PURE__ */ (() =>
  z.object({
    fingerprint: z.string(),
    recipient: z.string(),
    change: z.string(),
    changedAt: z.string(),
    status: z.enum(['firing', 'resolved', 'insufficient-data']),
    /** When (ISO 8601), and the message. */
    notifiedAt: z.string(),
    said: z.string().optional(),
    digest: z.object({ id: z.string(), of: z.number() }).optional(),
    incident: z.string().optional(),
    /** Where its channel led (shared/decide/place.ts). */
    place: z.string().optional(),
    posted: postedSchema.optional(),
    missed: z.literal(true).optional(),
    /** It was not the change itself that was sent, but this about it. */
    update: updateSchema.optional(),
    token: z.string(),
  }))()
export type Note = z.infer<typeof noteSchema>

/**
 * On each order. The version before this one would take an order for an event and notify people of it: a message with
 * empty `Records` becomes a dead letter there, which waits until a `route` of this version can handle it.
 */
const none = /* @__PURE__ */ (() => ({ Records: z.tuple([]).optional() }))()

/** Who says something of an alert, where, and when (ISO 8601). */
const said = /* @__PURE__ */ (() => ({ by: z.string(), via: z.enum(VIA), at: z.string() }))()

/** What `route` makes a silence of, beside the alert. */
const silencesOne = /* @__PURE__ */ (() => {
  const { id, until, why, by, via, at } = newSilenceSchema.shape
  return { id, until, why, by, via, at }
})()

/** Which of two regions sends, as one of them says it (shared/decide/standing.ts). */
export const beatSchema = /* @__PURE__ */ (() =>
  z.object({
    region: z.string(),
    term: z.number(),
    isActive: z.boolean(),
    since: z.string(),
    at: z.string(),
    seenAt: z.string(),
    rules: z.string().optional(),
  }))()

/**
 * To `route`, on the alarms' queue, from the router itself: an alert's time has come; a delivery must be recorded; a
 * person resolves or acknowledges an alert, or tries a channel; an incident needs a person to close it; CloudWatch and the
 * table differ.
 */
export const orderSchema = /* @__PURE__ */ (() =>
  z.union([
    z.strictObject({
      due: z.string(),
      /** The time that has come, ISO 8601. */
      at: z.string(),
      /** The version of the rules, if everything is re-evaluated because of new ones. */
      rules: z.string().optional(),
      ...none,
    }),
    z.strictObject({ notified: noteSchema, ...none }),
    z.strictObject({ resolve: z.string(), by: z.string(), ...none }),
    /** A person works on it, until it ends or `until` (ISO 8601); `at`: when that was said. */
    z.strictObject({ acknowledge: z.string(), ...said, until: z.string().optional(), ...none }),
    z.strictObject({ unacknowledge: z.string(), ...said, ...none }),
    /** What a person writes about it. */
    z.strictObject({ note: z.string(), text: z.string(), ...said, ...none }),
    /** A person silences what matches a condition, or one alert: the one with this key. */
    z.strictObject({ silence: newSilenceSchema, ...none }),
    z.strictObject({ silenceAlert: z.string(), ...silencesOne, ...none }),
    /** A silence, by its id, is to last until another time (ISO 8601), or to end now. */
    z.strictObject({ extendSilence: z.string(), ...said, until: z.string(), ...none }),
    z.strictObject({ expireSilence: z.string(), ...said, ...none }),
    /** A person tries one channel: its name, and the text; `id` is that of a drill. */
    z.strictObject({ send: z.string(), text: z.string(), id: z.string(), by: z.string(), at: z.string(), ...none }),
    /** A dead letter: the open incident, and who opened it (shared/decide/left-open.ts). */
    z.strictObject({ close: z.string(), incident: z.string(), channel: z.string(), ...none }),
    /**
     * Messages of CloudWatch that did not arrive, in the order in which they are to be read; and a note for people.
     * `isAbout`: CloudWatch does not say when it changed.
     */
    z.strictObject({
      found: z.array(z.record(z.string(), z.unknown())),
      note: z.string(),
      isAbout: z.literal(true).optional(),
      ...none,
    }),
    /** It fires here, and not in CloudWatch since `at` (ISO 8601); `newest`: the time of its newest change then. */
    z.strictObject({
      ended: z.string(),
      at: z.string(),
      newest: z.string(),
      reason: z.string(),
      note: z.string(),
      ...none,
    }),
    /** The other region says whether it sends. */
    z.strictObject({ beat: beatSchema, ...none }),
    /** A person wants the region with this name to send from now on. */
    z.strictObject({ takeOver: z.string(), by: z.string(), at: z.string(), ...none }),
  ]))()
export type Order = z.infer<typeof orderSchema>

/** The text of an order on the queue. SQS refuses two characters, which a name may contain. */
export function orderText(order: Order): string {
  return JSON.stringify({ ...order, Records: [] }).replace(
    /[\uFFFE\uFFFF]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16)}`,
  )
}
