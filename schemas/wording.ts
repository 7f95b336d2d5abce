import * as z from 'zod'

/** A template that replaces the default wording, filled in from the alert (shared/channels/template.ts). */
export const template = /* @__PURE__ */ (() => z.string().min(1).max(2_000))()

export const wording = /* @__PURE__ */ (() => ({
  /** The headline, the incident's summary, the subject. */
  title: template.optional(),
  /** A paragraph before the alert's facts. */
  text: template.optional(),
}))()
