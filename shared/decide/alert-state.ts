import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import { identityOf } from '../alert/identity.ts'
import type { Extras } from './extras.ts'

/**
 * What is known of an alert: what it is now, and of each recipient what it should know and what it knows. One item of the
 * table (shared/store/alerts.ts); what decides (`next`, and a deliverer's `turn`) takes it and gives it changed.
 */
export interface AlertState {
  /** The table's key: `identityOf` the alert. */
  fingerprint: string
  /** Counts its writes; 0: it is not in the table yet. */
  version: number
  title: string
  /** The newest change in the order of `compareMarks`, whatever came last. */
  status: AlertStatus
  changedAt: string
  /** It has no life: it happened, and nothing of it ends. */
  once?: true
  /** The firing that has not ended. `at`: its newest change. */
  firing?: FiringNow
  /** It has lost its data since. Alone it is an episode, too. */
  noData?: Omit<FiringNow, 'since'>
  /** The newest end that is known; `since`: when that episode began, where we saw it. */
  ended?: { at: string; since?: string }
  /** Short ids of the last changes (`changeIdOf`), newest last: a change that is among them has come before. */
  seen: string[]
  /** By the channel's name, or `mail for pager` for a fallback. */
  recipients: Record<string, Recipient>
  /** The incidents that it may have open (`incidentAt`), each with the channel that opened it. Written before they are. */
  open?: Record<string, string>
}

export interface FiringNow extends Extras {
  since: string
  at: string
  severity: Severity
  rule: string
}

/** A change, by its place in the order and by the key of the item that holds it. */
export interface Mark {
  /** The sort key of its item (shared/store/changes.ts). */
  change: string
  at: string
  status: AlertStatus
}

/** What a recipient should know. */
export interface Owed extends Mark {
  /** Since when it had been firing, of an end. */
  since?: string
  /** It began and ended before it could be told: one message says both. */
  missed?: true
  /** The change that told of what is missed: the rules are asked with it, as its end may say something else. */
  fired?: string
  /** Not to be told before (ISO 8601), and why. */
  until?: string
  why?: string
  /** It is non-production: no fallback that pages. */
  neverPages?: true
  /** Its fallback is owed it, too. */
  given?: true
}

/** What a recipient was told last. */
export interface Notified extends Mark {
  /** When the channel said yes. */
  notifiedAt: string
  /** Where its channel led to then (shared/decide/place.ts). */
  place?: string
  /** Of lost data: the newest firing that it has heard of, too. */
  firedAt?: string
  /** Other changes of the same moment that it was told, too. Bounded. */
  also?: string[]
  /** Other places that heard of it since it began to fire, and not of its end. Bounded. */
  places?: string[]
}

/** One that is told of an alert: a channel, by itself or in another's place. */
export interface Recipient {
  channel: string
  /** The channel that it stands in for, and why that one has not taken it. */
  fallbackFor?: { channel: string; reason: string }
  owed?: Owed
  /** To be told after it: others of the same moment (the pages of an event of AWS Health), or that its data is lost, too. */
  more?: (Owed & Pick<Recipient, 'dead'>)[]
  notified?: Notified
  /** Accounted for without being told: it was held, and is over. */
  passed?: Mark
  /** A message has been on its way whose outcome is not known: it may know. */
  maybe?: true
  /** Who is telling it, and until when (ms since 1970) nobody else may. */
  lease?: {
    token: string
    until: number
    /** What was sent before it may have arrived, too. */
    wasInDoubt?: true
    /** Another name of its channel has become one with it since: whoever holds it knows nothing of that one's incidents. */
    isOfOne?: true
    /** The incident that it may open, which was not open before (`incidentAt`). */
    opens?: string
  }
  /** Tries of what is owed that failed; waiting as long as the channel asks is none. */
  tries: number
  /** How often it was kept waiting. */
  waits: number
  /** Since when nothing that is owed has been taken. */
  failingSince?: string
  /** Not to be tried before (ISO 8601). */
  nextTryAt?: string
  /** When somebody must look, should no message have come by then (ISO 8601). */
  lookAt?: string
  /** How often that was. */
  looks?: number
  /** A digest with it was refused: it goes by itself. */
  isAlone?: true
  /** The recipient that was told in its place of what it is owed now. */
  fallbackTo?: string
  /** It is a dead letter, and waits for a person. `place`: where it was not taken. */
  dead?: { at: string; reason: string; place?: string }
  /** Episodes that ended before it could be told of them, and were replaced by what it is owed now. */
  missed?: { count: number; since: string }
  /** The shared incident that it has joined. */
  incident?: string
  /** Incidents that it must leave before it joins another; '' is its own. */
  leaving?: string[]
  /** Since when it has waited for a call that speaks for all who have joined (ISO 8601). */
  joinedAt?: string
  /** Since when the rules have not named its channel. */
  goneSince?: string
  /** What happened since the change before, oldest first. Bounded. */
  log: LogEntry[]
}

export interface LogEntry {
  at: string
  /** The change that it is about. */
  change: string
  /** What was to be told of it. */
  status: AlertStatus
  outcome: 'delivered' | 'failed' | 'waits' | 'dead-lettered' | 'overtaken' | 'fallback' | 'gone' | 'left open'
  /** Whose it was, when that one is no part of the alert any more, or has another name. */
  of?: string
  reason?: string
  /** What was read first in the message. */
  said?: string
  digest?: { id: string; of: number }
  incident?: string
  missed?: true
  /** The same again and again is one entry. */
  times?: number
  last?: string
}

/** Is it being told, so that nobody else may? */
export function isBeingNotified({ lease }: Recipient, now: Date): boolean {
  return lease !== undefined && lease.until > now.getTime()
}

/** An entry more; the same once more is counted. The first and the last are kept of many. */
export function logged(log: LogEntry[], entry: LogEntry): LogEntry[] {
  const last = log.at(-1)
  const isAgain = (['change', 'outcome', 'reason', 'of'] as const).every((part) => last?.[part] === entry[part])
  if (last && isAgain) {
    const again = { ...last, times: (last.times ?? 1) + 1, last: entry.at }
    return [...log.slice(0, -1), again]
  }
  const all = [...log, entry]
  return all.length <= LOG_LENGTH ? all : [...all.slice(0, LOG_LENGTH / 2), ...all.slice(-LOG_LENGTH / 2)]
}

const LOG_LENGTH = 16

/** The name of the recipient that a channel is in another's place. */
export function nameOfFallback(recipient: string, fallback: string): string {
  return `${fallback} for ${recipient}`
}

/** The channel that a recipient's name says, and in whose place that is told. No name of a channel has spaces. */
export function partsOf(recipient: string): { channel: string; main: string | undefined } {
  const [channel = recipient, main] = recipient.split(' for ')
  return { channel, main }
}

/** A channel that is told of an alert for the first time. */
export function newRecipient(channel: string): Recipient {
  return { channel, tries: 0, waits: 0, log: [] }
}

/** An alert that nothing is known of. */
export function newState(alert: Alert): AlertState {
  return {
    fingerprint: identityOf(alert),
    version: 0,
    title: alert.title,
    status: alert.status,
    changedAt: alert.changedAt,
    ...(alert.once && { once: true }),
    seen: [],
    recipients: {},
  }
}

/** A recipient's part of a state changed; all else as it was. */
export function withOne(state: AlertState, recipient: string, change: Partial<Recipient>): AlertState {
  const one = { ...newRecipient(recipient), ...state.recipients[recipient], ...change }
  for (const [name, value] of Object.entries(one))
    if (value === undefined) delete (one as Record<string, unknown>)[name]
  return { ...state, recipients: { ...state.recipients, [recipient]: one } }
}

/** Where the recipient is that was claimed: its channel may have been renamed meanwhile. */
export function holderOf({ recipients }: AlertState, claimed: string, token: string): string {
  if (recipients[claimed]?.lease?.token === token) return claimed
  return Object.keys(recipients).find((name) => recipients[name]?.lease?.token === token) ?? claimed
}

export function withRecipient(state: AlertState, name: string, one: Recipient): AlertState {
  return { ...state, recipients: { ...state.recipients, [name]: one } }
}
