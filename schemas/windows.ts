import * as z from 'zod'

// As in config.ts: each schema in a function marked as pure, so that a bundle leaves out unused ones.

const TIME = '([01]\\d|2[0-3]):[0-5]\\d'

const DATE = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'

const DATED = 'or a date, with or without a time: 2026-12-05T20:00'

/** Days as a person writes them: `weekdays`, `first sunday`, `24 december`; parsed by `daysOf`. */
const days = /* @__PURE__ */ (() => z.union([z.string(), z.number()]).transform(String))()

/** An IANA time zone: Europe/Berlin. */
export const timezoneSchema = /* @__PURE__ */ (() => z.string())()

/**
 * A recurring or a single period.
 *
 * With `from` a time of day it opens on each of the days in `on` (every day, when absent), and ends at the next `to` or
 * after `for`. Without `to` and `for` it lasts the whole day. With `from` a date it opens once.
 */
export const windowSchema = /* @__PURE__ */ (() =>
  z.strictObject({
    on: z.union([days, z.array(days).min(1)]).optional(),
    from: z
      .string()
      .regex(new RegExp(`^(${TIME}|${DATE}(T${TIME})?)$`), `a time of day is HH:MM, as in "09:00"; ${DATED}`)
      .optional(),
    to: z
      .string()
      .regex(
        new RegExp(`^(${TIME}|24:00|${DATE}(T${TIME})?)$`),
        `a time of day is HH:MM, as in "17:30", at most "24:00"; ${DATED}`,
      )
      .optional(),
    /** Elapsed time: an hour is an hour, also when daylight saving starts or ends. */
    for: z
      .string()
      .regex(/^[1-9]\d{0,3}[mhd]$/, 'a duration is a whole number with m, h or d, as in 4h')
      .optional(),
    /** The config's, when absent. */
    timezone: timezoneSchema.optional(),
  }))()

export type Window = z.infer<typeof windowSchema>

const windowName = /* @__PURE__ */ (() =>
  z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,39}$/, 'a window name has only lower case letters, digits and dashes, at most 40'))()

/** Named windows. */
export const windowsSchema = /* @__PURE__ */ (() => z.record(windowName, windowSchema))()

/** The value of `active`, `mute` and `window`: a name, names of which any may be open, or an inline window. */
export const whichWindowsSchema = /* @__PURE__ */ (() =>
  z.union([z.string(), z.array(z.string()).min(1), windowSchema]))()

export type WhichWindows = z.infer<typeof whichWindowsSchema>

/** When a rule, channel or severity applies: within `active`, and not within `mute`. */
export const times = /* @__PURE__ */ (() => ({
  active: whichWindowsSchema.optional(),
  mute: whichWindowsSchema.optional(),
}))()

/** `90s`, `10m`, `2h`, `1d`; parsed by `durationMs`. */
export const durationSchema = /* @__PURE__ */ (() =>
  z.string().regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration is a whole number with s, m, h or d, as in 10m'))()
