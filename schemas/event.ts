import * as z from 'zod'
import { anything, text } from './loose.ts'

/**
 * Our own documented event, for a deploy script, a nightly report or any other sender:
 *
 * ```json
 * { "title": "Nightly report", "severity": "info", "source": "billing-report" }
 * ```
 *
 * It is recognized by a `title` with a `severity` or a `source`. All else is optional, and unknown keys are kept as
 * details.
 */
export const eventSchema = z
  .object({
    title: z.string().regex(/\S/),
    /** Declared by the sender: the rules decide what it is worth. */
    severity: text,
    source: text,
    description: text,
    message: text,
    /** `firing` (or `alarm`) unless it is `resolved` or `ok`. */
    status: text,
    /** Identifies it, so that a later `resolved` with the same id closes it. */
    id: text,
    /** `deployment`, `usage report`, `maintenance`, `health check`, … */
    class: text,
    environment: text,
    /** The account it belongs to: the same source and id in two accounts are two alerts. */
    account: text,
    region: text,
    resource: text,
    runbook: text,
    /** A map of name → URL. `console`, `logs`, `runbook` and `dashboard` are shown as buttons. */
    links: anything,
    tags: anything,
    details: anything,
    time: anything,
  })
  .refine((event) => event.severity !== undefined || event.source !== undefined)
export type OwnEvent = z.infer<typeof eventSchema>

/** Names of the fields above: everything else in an event is an extra. */
export const EVENT_FIELDS: ReadonlySet<string> = new Set(Object.keys(eventSchema.shape))
