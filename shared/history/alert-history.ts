import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import type { Update } from '../../schemas/update.ts'
import type { Recipient } from '../decide/alert-state.ts'

export interface State {
  fingerprint: string
  title: string
  status: string
  changedAt: string
  firingSince?: string
  /** An event without a state: it never resolves. */
  once?: true
  /** It is a drill, with this id. */
  drill?: string
  /** What each recipient is owed and has received, by name; absent in older records. */
  recipients?: Record<string, Omit<Recipient, 'log'>>
  /** Incidents that it may have open, each with the channel that opened it (shared/decide/left-open.ts). */
  open?: Record<string, string>
}

/** A change of the alert, whatever the number of messages about it. */
export interface Change {
  alert: Alert
  severity: string
  rule: string
  /** The reasons, step by step. */
  because: string[]
  /** The version of the rules that decided; absent in older records. */
  configVersion?: string
  /**
   * Each rule that was evaluated, and the values it found, as recorded; absent in older records, and if the format
   * is unknown.
   */
  trace?: DecisionTrace
  channels: string[]
  /** Those held by the first decision. */
  held?: { channel: string; until?: string; why?: string }[]
  /** When the held notifications were released. */
  releasedAt?: string
  messages: Message[]
  /** By channel, in the decision's order; a fallback follows the channel that it replaces. */
  deliveries: Delivery[]
  /** The keys of its items. */
  keys: string[]
  /** Whether the previous version of the router recorded it. */
  isOfEarlierForm?: true
}

/**
 * `sent`: a new change. `held`: held for all its recipients. `nobody`: it has no recipient. `duplicate`: the same
 * change arrived before. `stale`: it arrived after a newer change.
 */
export interface Message {
  messageId: string
  outcome: string
  recordedAt: string
}

export interface Delivery {
  channel: string
  /**
   * `untried`: its message is in the queue; for older records, the table has nothing about it. `superseded`: by a
   * newer change. `missed`: it was resolved before it could be sent, and nothing was sent. `gone`: the rules no
   * longer had the channel. `unknown`: the outcome is unknown, or its record has expired.
   */
  status:
    | 'delivered'
    | 'failed'
    | 'waiting'
    | 'dead-lettered'
    | 'superseded'
    | 'untried'
    | 'held'
    | 'missed'
    | 'gone'
    | 'unknown'
  notificationId: string
  type?: string
  /** The status it was sent with, if not that of the change: resolved, if it arrived after its own resolve. */
  as?: AlertStatus
  /** One message covered the firing and the resolve. */
  missed?: true
  tries: Try[]
  /** How often it was delayed; a delay is not an attempt. */
  waits: number
  deliveredAt?: string
  supersededAt?: string
  /** The newest change at that time. */
  supersededBy?: { at: string; status: string }
  /** The first line of the message; absent in older records. */
  said?: string
  /** Why it is not delivered (yet). */
  error?: string
  failingSince?: string
  /** Until when the first decision held it, and why. */
  heldUntil?: string
  heldBy?: string
  /** Until when it is held now, and why. */
  until?: string
  why?: string
  /** When the next attempt is due, and when the router checks that it was made. */
  nextTryAt?: string
  lookAt?: string
  /** A function is sending it, and has until then. */
  sendingUntil?: string
  /** It was sent, and the outcome is unknown. */
  isInDoubt?: true
  /** The digest that included it, and the number of alerts in it. */
  digest?: { id: string; of: number }
  /** The incident that it shares with its group. */
  incident?: string
  /** The channel that it replaces as a fallback. */
  fallbackFor?: string
  /** The fallback channel that was also sent it. */
  fallbackTo?: string
  fallbackAt?: string
  updates?: SentUpdate[]
}

/** What it was sent about the change beside the change itself: reminders, escalations, acknowledgements. */
export interface SentUpdate {
  is: Update['is']
  at: string
  outcome: string
  said?: string | undefined
  reason?: string | undefined
}

export interface Try {
  at: string
  outcome: string
  reason?: string
  /** When the next one is due. */
  until?: string
  /** How often the same happened, and the last time. */
  times?: number
  last?: string
}
