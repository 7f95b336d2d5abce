/**
 * Facts about a channel type, apart from the code that calls its vendor. Its queue and function, their permissions and alarms,
 * the dashboard, the rule checks and the local router are built from them. Each channel's folder has its own `facts.ts`.
 */
export interface ChannelFacts {
  /** The vendor's name. Where a channel of the type may have another: `vendorOf` (types.ts). */
  vendor: string
  /** Whether it wakes people. A critical alert needs at least one channel that does. */
  pages: boolean
  /** Whether an alert stays open there until its resolve arrives. */
  opensIncidents: boolean
  /**
   * How it is addressed: by a key, a URL or a token, a secret that the config names; by a topic of the stack per channel,
   * with its addresses; or not at all.
   */
  addressedBy: 'key' | 'URL' | 'token' | 'topic' | 'nothing'
  /** The most messages per minute to one target, and the burst after a quiet period. Derived from the vendor's limit. */
  pace: { perMinute: number; burst: number }
  /** How its queue invokes its function. */
  queue: {
    /** The function's timeout, seconds. */
    timeoutS: number
    /** How long the queue keeps messages that cannot be processed, seconds. */
    retentionS: number
  }
  /** What is not delivered while it fails, as text. */
  carries: string
}

/** A long weekend with nobody watching. */
export const LONG_WEEKEND_S = 4 * 86_400
