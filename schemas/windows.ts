import * as z from 'zod'

// As in config.ts: each schema in a function that is marked as pure, so that a bundle leaves out what it does not use.

const TIME = '([01]\\d|2[0-3]):[0-5]\\d'

const DATE = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])'

const DATED = 'or a date, with a time or without: 2026-12-05T20:00'

/** Days as a person writes them: `weekdays`, `first sunday`, `24 december`; `daysOf` reads them. */
const days = /* @__PURE__ */ (() => z.union([z.string(), z.number()]).transform(String))()

/** A name of the IANA list: Europe/Berlin. */
export const timezoneSchema = /* @__PURE__ */ (() => z.string())()

/**
 * A time that comes again, or comes once.
 *
 * With `from` a time of day it opens on each of the days in `on` (every day, when absent), and ends at the next `to`
 * or after `for`. Without `to` and `for` it lasts the whole day. With `from` a date it opens once.
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
    /** Elapsed time: an hour is an hour, also when summer time begins or ends. */
    for: z
      .string()
      .regex(/^[1-9]\d{0,3}[mhd]$/, 'a duration is a whole number and m, h or d, as in 4h')
      .optional(),
    /** The config's, when absent. */
    timezone: timezoneSchema.optional(),
  }))()

export type Window = z.infer<typeof windowSchema>

const windowName = /* @__PURE__ */ (() =>
  z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "a window's name is lower case letters, digits and dashes, at most 40"))()

/** Windows that are named once. */
export const windowsSchema = /* @__PURE__ */ (() => z.record(windowName, windowSchema))()

/** What `active`, `mute` and `window` take: a name, names of which any may be open, or a window that has no name. */
export const whichWindowsSchema = /* @__PURE__ */ (() =>
  z.union([z.string(), z.array(z.string()).min(1), windowSchema]))()

export type WhichWindows = z.infer<typeof whichWindowsSchema>

/** When a rule, channel or severity holds: within `active`, and not within `mute`. */
export const times = /* @__PURE__ */ (() => ({
  active: whichWindowsSchema.optional(),
  mute: whichWindowsSchema.optional(),
}))()

/** `90s`, `10m`, `2h`, `1d`; `durationMs` reads it. */
export const durationSchema = /* @__PURE__ */ (() =>
  z.string().regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration is a whole number and s, m, h or d, as in 10m'))()
