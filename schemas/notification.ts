import * as z from 'zod'
import { alertSchema } from './alert.ts'
import { CHANNEL_TYPES } from './channel.ts'

/**
 * What a channel is told: one alert for one channel, with all that is needed to render it. A deliverer makes it of what the
 * table holds. A version before this one sent it from `route` to a deliverer, which still takes it (`carriedOver`).
 */
export const notificationSchema = /* @__PURE__ */ (() =>
  z.object({
    /** The same alert, change and channel always give the same id: what makes a delivery happen once. */
    id: z.string(),
    /** The channel's name in the config. */
    channel: z.string(),
    type: z.enum(CHANNEL_TYPES),
    alert: alertSchema,
    /** What a vendor knows the alert by: its key in the table. Without it, its identity as it is told here. */
    alertKey: z.string().optional(),
    /** The severity's name in the config: `critical`, `warning`, `info`. */
    severity: z.enum(['critical', 'warning', 'info']),
    /** The rule that decided, or `default`. */
    rule: z.string(),
    /** Fields by which rules group it, in place of the channel's own. */
    groupBy: z.array(z.string()).optional(),
    /** What rules say of it. To be shown. */
    labels: z.record(z.string(), z.string()).optional(),
    /** The rule's templates, in place of the channel's own. */
    title: z.string().optional(),
    text: z.string().optional(),
    /** Since when it has been firing (ISO 8601), on a resolved alert that we saw fire. */
    firingSince: z.string().optional(),
    /** Set when it comes here because another channel did not take it: which, and why. To be shown. */
    fallbackFor: z.object({ channel: z.string(), reason: z.string() }).optional(),
    /** It began and ended before this channel could be told: one message says both. To be shown. */
    missed: z.literal(true).optional(),
    /** Of so many times before, since then (ISO 8601), it heard nothing either. To be shown. */
    missedBefore: z.object({ count: z.number(), since: z.string() }).optional(),
  }))()

export type Notification = z.infer<typeof notificationSchema>
