import * as z from 'zod'
import { alertSchema } from './alert.ts'
import { CHANNEL_TYPES } from './channel.ts'
import { acknowledgedSchema, updateSchema } from './update.ts'

/**
 * One alert for one channel, with all that is needed to render it. A deliverer makes it from the table's items. The
 * version before this one sent it from `route` to a deliverer, which still accepts it (`adopt`).
 */
export const notificationSchema = /* @__PURE__ */ (() =>
  z.object({
    /** The same alert, change and channel always give the same id, so that a delivery happens once. */
    id: z.string(),
    /** The channel's name in the config. */
    channel: z.string(),
    type: z.enum(CHANNEL_TYPES),
    alert: alertSchema,
    /** The alert's key in the table, which vendors know it by. Without it, the alert's own identity. */
    alertKey: z.string().optional(),
    /** The severity's name in the config: `critical`, `warning`, `info`. */
    severity: z.enum(['critical', 'warning', 'info']),
    /** The rule that decided, or `default`. */
    rule: z.string(),
    /** Fields by which rules group it: replaces the channel's own. */
    groupBy: z.array(z.string()).optional(),
    /** Labels set by rules. Shown. */
    labels: z.record(z.string(), z.string()).optional(),
    /** Values set by rules: for templates, and `groupBy`. */
    values: z.record(z.string(), z.string()).optional(),
    /** The rule's templates: replace the channel's own. */
    title: z.string().optional(),
    text: z.string().optional(),
    /** Since when it has been firing (ISO 8601), on a resolved alert that we saw fire. */
    firingSince: z.string().optional(),
    /** Set when it is sent as another channel's fallback: which channel, and why it failed. Shown. */
    fallbackFor: z.object({ channel: z.string(), reason: z.string() }).optional(),
    /** It started and ended before this channel could be notified: one message says both. Shown. */
    missed: z.literal(true).optional(),
    /** It is not about a change: nobody has acknowledged it for some time, or somebody has. Shown. */
    update: updateSchema.optional(),
    /** Who works on it. Shown. */
    acknowledged: acknowledgedSchema.optional(),
    /** By when people are expected to react (ISO 8601). Shown. */
    respondBy: z.object({ acknowledge: z.string().optional(), resolve: z.string().optional() }).optional(),
    /** How often it has begun to fire or ended since; `calmAfter`: it flaps still, and has calmed after so long. Shown. */
    flaps: z.object({ changes: z.number(), since: z.string(), calmAfter: z.string().optional() }).optional(),
    /** Earlier episodes that it was not notified of either, and since when (ISO 8601). Shown. */
    missedBefore: z.object({ count: z.number(), since: z.string() }).optional(),
  }))()

export type Notification = z.infer<typeof notificationSchema>
