import * as z from 'zod'
import { alertSchema } from './alert.ts'

/** `sink` takes everything and tells nobody: it ends the heartbeat's way. No config can name it. */
export const CHANNEL_TYPES = ['pagerduty', 'slack', 'email', 'sink'] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]

/**
 * What travels from `route` to a deliverer: one alert for one channel, with all that is needed to render it.
 * It is self-contained, so that delivering never reads what routing knew.
 */
export const notificationSchema = /* @__PURE__ */ (() =>
  z.object({
    /** The same alert, change and channel always give the same id: what makes a delivery happen once. */
    id: z.string(),
    /** The channel's name in the config. */
    channel: z.string(),
    type: z.enum(CHANNEL_TYPES),
    alert: alertSchema,
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
    /**
     * Set when its channel has said yes, and that could not be noted then: when (ISO 8601), and to what. It is noted, and not
     * sent again.
     */
    delivered: z
      .object({
        at: z.string(),
        /** What was read first in the message. */
        said: z.string().optional(),
        digest: z.object({ id: z.string(), of: z.number() }).optional(),
        incident: z.string().optional(),
      })
      .optional(),
  }))()

export type Notification = z.infer<typeof notificationSchema>
