import * as z from 'zod'

/**
 * How fields of other senders' messages are read: a value of the right form is taken, any other counts as absent. A
 * schema made of these never fails, because a message with one odd field is still a message.
 */

export type Json = Record<string, unknown>

/** A text that is not blank. Numbers and booleans are converted to text; `null` and blank texts count as absent. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return /\S/.test(value) ? value : undefined
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined
}

/** A finite number, or a text that is one. */
export function asNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /\S/.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** An object that is not an array. */
export function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

/** An array; anything else counts as an empty one. */
export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

export const text = /* @__PURE__ */ (() => z.unknown().optional().transform(asText))()
export const number = /* @__PURE__ */ (() => z.unknown().optional().transform(asNumber))()
export const object = /* @__PURE__ */ (() => z.unknown().optional().transform(asObject))()
export const list = /* @__PURE__ */ (() => z.unknown().optional().transform(asList))()
/** Taken unchanged: parsed later by code that knows its forms. */
export const anything = /* @__PURE__ */ (() => z.unknown().optional())()

/** An object of a known shape that, made of these, never fails; or absent. */
export function shape<S extends z.ZodType>(schema: S) {
  return object.transform((given): z.output<S> | undefined => given && schema.parse(given))
}
