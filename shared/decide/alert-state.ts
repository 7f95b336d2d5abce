import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { Severity } from '../../schemas/config.ts'
import type { Acknowledged, Update } from '../../schemas/update.ts'
import type { PostedMessage } from '../../schemas/wake.ts'
import { identityOf } from '../alert/identity.ts'
import type { Extras } from './extras.ts'

/**
 * Everything known about an alert: its status, and for each recipient what it is owed and what it was sent. One item of
 * the table (shared/store/alerts.ts). The functions that decide (`next`, and a deliverer's `turn`) take it and return
 * it changed.
 */
export interface AlertState {
  /** The table's key: `identityOf` the alert. */
  fingerprint: string
  /** Counts its writes; 0: not in the table yet. */
  version: number
  title: string
  /** Of the newest change in the order of `compareMarks`, whatever arrived last. */
  status: AlertStatus
  changedAt: string
  /** A one-time event: it never ends. */
  once?: true
  /** It is a drill, with this id. */
  drill?: string
  /** The firing that has not ended. `at`: its newest change. */
  firing?: FiringNow
  /** It has lost its data since. Without a firing, that is an episode of its own. */
  noData?: Omit<FiringNow, 'since'>
  /** The newest known end; `since`: when that episode started, if we saw it. `byHand`: a person has resolved it. */
  ended?: { at: string; since?: string; byHand?: true }
  /** When it last began to fire or ended, oldest first, where the rules say how often is too often. Bounded. */
  turns?: string[]
  /** It is muted while another fires (shared/decide/inhibit.ts). */
  mutedBy?: MutedBy
  /** The groups in which it waits for others: until one ends, or enough of them fire. */
  waitsIn?: string[]
  /** It flaps (shared/decide/flapping.ts). */
  flapping?: Flapping
  /** Short ids of the last changes (`changeIdOf`), newest last: a change among them is a duplicate. */
  seen: string[]
  /** By the channel's name, or `mail for pager` for a fallback. */
  recipients: Record<string, Recipient>
  /**
   * Incidents that it may have open (`incidentAt`), each with the channel that opened it. Written before they are
   * opened.
   */
  open?: Record<string, string>
}

/** A firing that mutes another alert, by an inhibition. */
export interface MutedBy {
  /** The inhibition's name. */
  inhibition: string
  /** Where both are known: `Group.id`. */
  group: string
  /** The key of the alert that fires, and its title. */
  source: string
  title: string
}

/** What other alerts say about one, as of a moment. */
export interface Others {
  mutedBy?: MutedBy
  counted?: Counted
  /** Of an end: nothing had muted it for a while before, though it was not evaluated since. */
  wasFreed?: true
}

/** How many have fired by its count, with it (shared/decide/count.ts). */
export interface Counted {
  group: string
  found: number
  isEnough: boolean
}

/** Since when it flaps, and how often it has begun to fire or ended since. */
export interface Flapping {
  since: string
  changes: number
  /** When it last did. */
  lastAt: string
  /** It has calmed once it has not for so long. */
  calmAfter: string
  /** The change that said so to those who are notified. */
  said?: { change: string; at: string }
}

/** How people are expected to react to a firing. */
export type Response = 'acknowledge' | 'resolve'

export interface FiringNow extends Extras {
  since: string
  at: string
  severity: Severity
  rule: string
  /** The key of that change's item, where the rules say what happens while it fires. */
  change?: string
  /** Its newest change was found in CloudWatch: its message may still come, with a time close to it; `about`: with any. */
  found?: true | 'about'
  /** Since when somebody is sent it: escalations and responses count from there. */
  begunAt?: string
  acknowledged?: Acknowledged
  /** The newest that people have said of it (ISO 8601): what was said before that changes nothing. */
  heardAt?: string
  /** How many steps have escalated it. */
  escalated?: number
  /** Responses that were expected by now, and did not come. */
  overdue?: Response[]
  /** Enough have fired, by its count: it is sent, whatever comes later. */
  counted?: true
  /** The groups whose alerts it mutes (shared/decide/inhibit.ts). */
  mutes?: string[]
  /** It flapped until it had fired for a while. */
  flapped?: Pick<Flapping, 'since' | 'changes'>
}

/** A change: its place in the order, and the key of its item. */
export interface Mark {
  /** The sort key of its item (shared/store/changes.ts). */
  change: string
  at: string
  status: AlertStatus
}

/** A change that a recipient must still be sent. */
export interface Owed extends Mark {
  /** Of an end: since when it had been firing. */
  since?: string
  /** It started and ended before it could be sent: one message says both. */
  missed?: true
  /** The change that started a missed episode: rules are evaluated with it, as its end may have other fields. */
  fired?: string
  /** Not to be sent before (ISO 8601), and why. */
  until?: string
  why?: string
  /** Nobody knows yet when that ends: it is evaluated again then. */
  isOpen?: true
  /** Non-production: no fallback that pages. */
  neverPages?: true
  /** Its fallback is owed it as well. */
  given?: true
  /** It is owed this about the change, not the change itself. */
  update?: Update
}

/** The last change that a recipient was sent. */
export interface Notified extends Mark {
  /** When the channel accepted it. */
  notifiedAt: string
  /** Where its channel led then (shared/decide/place.ts). */
  place?: string
  /** Of lost data: the newest firing that it received, too. */
  firedAt?: string
  /** Other changes of the same moment that it received. Bounded. */
  also?: string[]
  /** Other places that received the firing since it started, but not its end. Bounded. */
  places?: string[]
}

/** A recipient of an alert: a channel, on its own or as another's fallback. */
export interface Recipient {
  channel: string
  /** The channel whose fallback it is, and why that one has not accepted it. */
  fallbackFor?: { channel: string; reason: string }
  owed?: Owed
  /** Owed after it: others of the same moment (the pages of an AWS Health event), or that its data is lost, too. */
  more?: (Owed & Pick<Recipient, 'dead'>)[]
  notified?: Notified
  /** Settled without being sent: it was held, and has ended. */
  passed?: Mark
  /** The outcome of a message is unknown: it may have been received. */
  maybe?: true
  /** Since when that is so (ISO 8601), where such a message can be looked for. */
  maybeSince?: string
  /** Where the alert's message is, in a channel that edits it. */
  posted?: PostedMessage
  /** Who is sending to it, and until when (ms since 1970) nobody else may. */
  lease?: {
    token: string
    until: number
    /** What was sent before it may have been received, too. */
    wasInDoubt?: true
    /**
     * Another name of its channel was merged with it since: the lease's holder knows nothing of that one's incidents.
     */
    isOfOne?: true
    /** Somebody has acknowledged the alert since: what is being sent does not say so. */
    isAnswered?: true
    /** The incident that it may open, which was not open before (`incidentAt`). */
    opens?: string
  }
  /** Failed attempts for what it is owed; waiting as long as the channel asks is not one. */
  tries: number
  /** How often it had to wait. */
  waits: number
  /** Since when nothing that it is owed has been accepted. */
  failingSince?: string
  /** No attempt before this (ISO 8601). */
  nextTryAt?: string
  /** When to check on it, if no message has arrived by then (ISO 8601). */
  lookAt?: string
  /** How often that happened. */
  looks?: number
  /** A digest with it was refused: it is sent alone. */
  isAlone?: true
  /** The fallback that was notified about what it is owed now. */
  fallbackTo?: string
  /** It is a dead letter, and waits for a person. `place`: where it was refused. */
  dead?: { at: string; reason: string; place?: string }
  /** Episodes that ended before they could be sent, replaced by what it is owed now. */
  missed?: { count: number; since: string }
  /** The shared incident that it has joined. */
  incident?: string
  /** Incidents that it must leave before it joins another; '' is its own. */
  leaving?: string[]
  /** Since when it has waited for a call that covers all that have joined (ISO 8601). */
  joinedAt?: string
  /** It knows that it flapped, and is to be notified that it has calmed. */
  calmed?: Pick<Flapping, 'since' | 'changes'> & { at: string }
  /** How many reminders it was sent since the last change, or since somebody responded. */
  reminders?: number
  /** Since when its channel has not been in the rules. */
  goneSince?: string
  /** What happened since the previous change, oldest first. Bounded. */
  log: LogEntry[]
}

export interface LogEntry {
  at: string
  /** The change that it is about. */
  change: string
  /** The status to be sent. */
  status: AlertStatus
  outcome: 'delivered' | 'failed' | 'waits' | 'dead-lettered' | 'overtaken' | 'fallback' | 'gone' | 'left open'
  /** What was sent about the change. */
  update?: Update['is']
  /** Its recipient, if that one was removed from the alert or renamed. */
  of?: string
  reason?: string
  /** The first line of the message. */
  said?: string
  digest?: { id: string; of: number }
  incident?: string
  missed?: true
  /** Repetitions are one entry. */
  times?: number
  last?: string
}

/** What happened to something that a recipient was owed. */
export function entryOf({ change, status, update }: Owed, outcome: LogEntry['outcome'], at: string): LogEntry {
  return { at, change, status, outcome, ...(update && { update: update.is }) }
}

/** Is somebody sending to it, so that nobody else may? */
export function isBeingNotified({ lease }: Recipient, now: Date): boolean {
  return lease !== undefined && lease.until > now.getTime()
}

/** Adds an entry; counts a repetition. Keeps the first and the last of many. */
export function logged(log: LogEntry[], entry: LogEntry): LogEntry[] {
  const last = log.at(-1)
  const isAgain = (['change', 'outcome', 'reason', 'of', 'update'] as const).every(
    (part) => last?.[part] === entry[part],
  )
  if (last && isAgain) {
    const again = { ...last, times: (last.times ?? 1) + 1, last: entry.at }
    return [...log.slice(0, -1), again]
  }
  const all = [...log, entry]
  return all.length <= LOG_LENGTH ? all : [...all.slice(0, LOG_LENGTH / 2), ...all.slice(-LOG_LENGTH / 2)]
}

const LOG_LENGTH = 16

/** The name of a channel's recipient as another's fallback. */
export function nameOfFallback(recipient: string, fallback: string): string {
  return `${fallback} for ${recipient}`
}

/** The channel in a recipient's name, and the one whose fallback it is. Channel names have no spaces. */
export function partsOf(recipient: string): { channel: string; main: string | undefined } {
  const [channel = recipient, main] = recipient.split(' for ')
  return { channel, main }
}

/** A channel's first notification of an alert. */
export function newRecipient(channel: string): Recipient {
  return { channel, tries: 0, waits: 0, log: [] }
}

/** An unknown alert. */
export function newState(alert: Alert): AlertState {
  return {
    fingerprint: identityOf(alert),
    version: 0,
    title: alert.title,
    status: alert.status,
    changedAt: alert.changedAt,
    ...(alert.once && { once: true }),
    ...(alert.drill !== undefined && { drill: alert.drill }),
    seen: [],
    recipients: {},
  }
}

/** A state with a change in one recipient. */
export function withOne(state: AlertState, recipient: string, change: Partial<Recipient>): AlertState {
  const one = { ...newRecipient(recipient), ...state.recipients[recipient], ...change }
  for (const [name, value] of Object.entries(one))
    if (value === undefined) delete (one as Record<string, unknown>)[name]
  return { ...state, recipients: { ...state.recipients, [recipient]: one } }
}

/** The recipient that was claimed: its channel may have been renamed meanwhile. */
export function holderOf({ recipients }: AlertState, claimed: string, token: string): string {
  if (recipients[claimed]?.lease?.token === token) return claimed
  return Object.keys(recipients).find((name) => recipients[name]?.lease?.token === token) ?? claimed
}

export function withRecipient(state: AlertState, name: string, one: Recipient): AlertState {
  return { ...state, recipients: { ...state.recipients, [name]: one } }
}
