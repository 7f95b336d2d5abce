import * as z from 'zod'

/*
 * Why an alert was decided as it was. `route` records it with each change, as JSON, for `history`; `rules explain`
 * computes it again. Whatever is left out, to keep it small, is counted.
 */

/** A line of a `when`, and the values that it was compared with. */
const lineSchema = /* @__PURE__ */ (() =>
  z.object({
    /** `any[1].name` */
    at: z.string(),
    /** The alert's values there, those named by the pattern first; empty for a `not` with conditions. */
    found: z.array(z.string()),
    moreFound: z.int().optional(),
    /** A description: `glob "billing-*"`. */
    wanted: z.string(),
    matches: z.boolean(),
  }))()

/** The result of a rule: it matched, would match at another time, or a line failed. */
const stepSchema = /* @__PURE__ */ (() =>
  z.object({
    rule: z.string(),
    result: z.enum(['matched', 'failed', 'off']),
    /** It applies at other times: `within nights`. */
    why: z.string().optional(),
    /** Its conditions, of which any may match, each with its lines up to the first that failed. */
    alternatives: z.array(z.array(lineSchema)),
    /** How many there were, if only the closest is kept. */
    of: z.int().optional(),
    moreLines: z.int().optional(),
  }))()

/** A part of the decision, and what set it. */
const partSchema = /* @__PURE__ */ (() => z.object({ part: z.string(), value: z.string(), by: z.string() }))()

const windowSchema = /* @__PURE__ */ (() =>
  z.object({
    name: z.string(),
    isOpen: z.boolean(),
    /** When that changes, ISO 8601; absent: never, or it opens again and again without a gap. */
    until: z.string().optional(),
  }))()

export const traceSchema = /* @__PURE__ */ (() =>
  z.object({
    /** When it was decided, ISO 8601. */
    at: z.string(),
    firingSince: z.string().optional(),
    /** In order, up to the last one evaluated. Empty if a resolve follows its firing. */
    steps: z.array(stepSchema),
    /** How many others were evaluated: they failed, no closer than those listed. */
    moreSteps: z.int().optional(),
    /** How many rules come after that. */
    notLookedAt: z.int(),
    /** The lines by which it is non-production. */
    nonProduction: z.array(lineSchema).optional(),
    parts: z.array(partSchema),
    moreParts: z.int().optional(),
    windows: z.array(windowSchema),
    /** How many are closed, if only open ones are kept. */
    closedWindows: z.int().optional(),
    /** How many were not evaluated. */
    moreWindows: z.int().optional(),
  }))()

export type Line = z.infer<typeof lineSchema>
export type Step = z.infer<typeof stepSchema>
export type Part = z.infer<typeof partSchema>
export type WindowNow = z.infer<typeof windowSchema>
export type DecisionTrace = z.infer<typeof traceSchema>
