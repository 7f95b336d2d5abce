import * as z from 'zod'
import { whenSchema } from './config.ts'
import { VIA } from './update.ts'

/** The longest that a silence may last from now on, in days. */
export const MAX_SILENCE_DAYS = 30
/** How many characters its condition, as people read it, and its reason may have. */
export const MAX_ABOUT = 300
export const MAX_WHY = 300

const isoTime = /* @__PURE__ */ (() => z.iso.datetime())()

/** Who did something to a silence, where, and when (ISO 8601). */
const said = /* @__PURE__ */ (() => ({ by: z.string().min(1).max(100), via: z.enum(VIA), at: isoTime }))()

/** What a person asks for. */
const asked = /* @__PURE__ */ (() => ({
  /** Given by whoever asks: an order that arrives twice makes one silence. */
  id: z.string().regex(/^[a-z0-9-]{4,64}$/),
  /** The alerts that it covers. */
  when: whenSchema,
  /** The same for people: the condition as it was typed, or an alert's name. */
  about: z.string().min(1).max(MAX_ABOUT),
  /** Its end (ISO 8601). */
  until: isoTime,
  why: z.string().regex(/\S/).max(MAX_WHY),
  ...said,
  /** It covers alerts that are critical, or may: its start is announced, too. */
  critical: z.literal(true).optional(),
}))()

/** A silence to be made, from `at` on. */
export const newSilenceSchema = /* @__PURE__ */ (() => z.strictObject(asked))()
export type NewSilence = z.infer<typeof newSilenceSchema>

/** Another end for a silence: a later one, or now. */
export const silenceChangeSchema = /* @__PURE__ */ (() => z.strictObject({ ...said, until: isoTime }))()
export type SilenceChange = z.infer<typeof silenceChangeSchema>

/**
 * Alerts about which nobody is notified until a time, because a person wants it so. `by` has made it, at `at`.
 * `changes`: who extended or ended it since, oldest first.
 */
export const silenceSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    ...asked,
    changes: z.array(silenceChangeSchema).optional(),
    /** Since when its start is to be announced (ISO 8601); absent: it covers nothing critical that is known of. */
    critical: isoTime.optional(),
  }))()
export type Silence = z.infer<typeof silenceSchema>
