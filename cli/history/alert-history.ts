import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import type { Recipient } from '../../shared/decide/alert-state.ts'

export interface State {
  fingerprint: string
  title: string
  status: string
  changedAt: string
  firingSince?: string
  /** It just happened: nothing of it goes on. */
  once?: true
  /** What each recipient is owed and knows, by its name; older records do not say. */
  recipients?: Record<string, Omit<Recipient, 'log'>>
  /** The incidents that it may have open, each with the channel that opened it (shared/decide/left-open.ts). */
  open?: Record<string, string>
}

/** A change of the alert, however many messages told of it. */
export interface Change {
  alert: Alert
  severity: string
  rule: string
  /** Why, in steps. */
  because: string[]
  /** The version of the rules that decided; older records do not say. */
  configVersion?: string
  /** Each rule that was tried, and what it saw, as it was then; absent in older records, and of a form that is not known. */
  trace?: DecisionTrace
  channels: string[]
  /** Those that were to be told later, as it was decided first. */
  held?: { channel: string; until: string; why?: string }[]
  /** When what had been held was told. */
  releasedAt?: string
  messages: Message[]
  /** By channel, in the decision's order; a fallback's after the one that it stands in for. */
  deliveries: Delivery[]
  /** The keys of the items that hold it. */
  keys: string[]
  /** Whether the version before this one has kept it. */
  isOfEarlierForm?: true
}

/**
 * `sent`: it was news. `held`: all that are to be told are told later. `nobody`: it concerns nobody. `duplicate`: the same had
 * come before. `stale`: it came after a newer one.
 */
export interface Message {
  messageId: string
  outcome: string
  recordedAt: string
}

export interface Delivery {
  channel: string
  /**
   * `untried`: its message is on its way; of older records, the table knows nothing of it. `superseded`: something newer was
   * to be told by then. `missed`: it was over by then, and nothing was said. `gone`: the rules named the channel no more.
   * `unknown`: what became of it is not known (any more).
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
  /** What it was to be told as, where the change says something else: as over, when it came after its end. */
  as?: AlertStatus
  /** One message was to tell it of beginning and end. */
  missed?: true
  tries: Try[]
  /** How often it was kept waiting; that is no try. */
  waits: number
  deliveredAt?: string
  supersededAt?: string
  /** What was news by then. */
  supersededBy?: { at: string; status: string }
  /** What is read first in the message that told of it; older records do not say. */
  said?: string
  /** Why it is not delivered (yet). */
  error?: string
  failingSince?: string
  /** Until when it was to be held, and why, as it was decided first. */
  heldUntil?: string
  heldBy?: string
  /** Until when it is held now, and why. */
  until?: string
  why?: string
  /** When it is tried next, and when somebody looks whether it was. */
  nextTryAt?: string
  lookAt?: string
  /** Somebody is sending it, and has until then. */
  sendingUntil?: string
  /** It was sent, and what came of that is not known. */
  isInDoubt?: true
  /** The message that carried it with others, and how many it names. */
  digest?: { id: string; of: number }
  /** The incident that it shares with others of its group. */
  incident?: string
  /** The channel that it stands in for. */
  fallbackFor?: string
  /** The channel that was told in its place, too. */
  fallbackTo?: string
  fallbackAt?: string
}

export interface Try {
  at: string
  outcome: string
  reason?: string
  /** When the next one is due. */
  until?: string
  /** How often the same happened, and when last. */
  times?: number
  last?: string
}
