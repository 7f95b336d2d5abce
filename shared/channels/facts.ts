/**
 * What a type of channel is, apart from the code that talks to its vendor. Its queue and function, their rights and alarms, the
 * dashboard, the checks of the rules and the router on this machine follow from it. Each folder has its own in `facts.ts`.
 */
export interface ChannelFacts {
  /** As people name it: two channels of one vendor fail together. */
  vendor: string
  /** Whether it wakes people. What pages no one must not be all that a critical alert has. */
  pages: boolean
  /** Whether an alert stays open there until its resolve comes. */
  opensIncidents: boolean
  /**
   * What leads there: a key or a URL, which is a secret that the config names; a topic of the stack for each channel, with its
   * addresses; or nothing.
   */
  leadsBy: 'key' | 'URL' | 'topic' | 'nothing'
  /** How many messages a minute a target may be sent, and how many at once after a rest. With the vendor's limit as the reason. */
  pace: { perMinute: number; burst: number }
  /** How its queue feeds its function. */
  queue: {
    /** How many messages the function is given at once, at most. More than 10 need a window. */
    batchSize: number
    /** How long a batch that is not full waits for more, seconds: for types that put many alerts into one message. */
    windowS: number
    /** The function's timeout, seconds. */
    timeoutS: number
    /** How long the queue keeps what can't be handled, seconds. */
    retentionS: number
  }
  /** What does not arrive while it fails, in words. */
  carries: string
}

/** A long weekend in which nobody looks. */
export const LONG_WEEKEND_S = 4 * 86_400
