import * as z from 'zod'

/*
 * Why an alert was decided as it was. `route` keeps it with each change, as JSON, for `history`; `rules
 * explain` makes it anew. What is left out, to keep it small, is counted.
 */

/** A line of a `when`, and what it saw. */
const lineSchema = /* @__PURE__ */ (() =>
  z.object({
    /** `any[1].name` */
    at: z.string(),
    /** What the alert holds there, what the pattern names first; of a `not` with conditions, nothing. */
    found: z.array(z.string()),
    moreFound: z.int().optional(),
    /** In words: `glob "billing-*"`. */
    wanted: z.string(),
    matches: z.boolean(),
  }))()

/** What became of a rule: it matched, or would at another time, or a line failed. */
const stepSchema = /* @__PURE__ */ (() =>
  z.object({
    rule: z.string(),
    result: z.enum(['matched', 'failed', 'off']),
    /** It holds at other times: `within nights`. */
    why: z.string().optional(),
    /** Its conditions, of which any may match, each with its lines up to the first that failed. */
    alternatives: z.array(z.array(lineSchema)),
    /** How many there were, where the nearest alone is kept. */
    of: z.int().optional(),
    moreLines: z.int().optional(),
  }))()

/** A part of the outcome, and what set it. */
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
    /** In order, up to the one that was the last to be looked at. None, where a resolve follows what has been firing. */
    steps: z.array(stepSchema),
    /** How many were looked at beside those: they failed, where they would not tell more than those that are here. */
    moreSteps: z.int().optional(),
    /** How many rules come after that. */
    notLookedAt: z.int(),
    /** The lines by which it is non-production. */
    nonProduction: z.array(lineSchema).optional(),
    parts: z.array(partSchema),
    moreParts: z.int().optional(),
    windows: z.array(windowSchema),
    /** How many are closed, where those that are open alone are kept. */
    closedWindows: z.int().optional(),
    /** How many were not looked at. */
    moreWindows: z.int().optional(),
  }))()

export type Line = z.infer<typeof lineSchema>
export type Step = z.infer<typeof stepSchema>
export type Part = z.infer<typeof partSchema>
export type WindowNow = z.infer<typeof windowSchema>
export type DecisionTrace = z.infer<typeof traceSchema>
