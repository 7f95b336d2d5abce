import type { Config } from '../../schemas/config.ts'
import type { Update } from '../../schemas/update.ts'
import type { Note } from '../../schemas/wake.ts'
import { unheardBy } from './acknowledge.ts'
import {
  type AlertState,
  entryOf,
  holderOf,
  isBeingNotified,
  type LogEntry,
  logged,
  type Mark,
  type Notified,
  newRecipient,
  type Owed,
  type Recipient,
  withOne,
  withRecipient,
} from './alert-state.ts'
import { recipientNow } from './channel-now.ts'
import { incidentAt, withOpen, withoutOpen } from './left-open.ts'
import { allNotified, compareMarks, knowsNewer } from './marks.ts'
import { isSameMark, LOOK_AFTER_MS, owing, plain, type Waiting, waitingOf } from './waiting.ts'

/*
 * How a delivery changes one recipient of an alert: what to do for it, that it is claimed, that it was notified; for
 * failures see failure.ts. Pure: each function takes an alert's state and returns it changed.
 */

/** What a deliverer does for a recipient. */
export type Look =
  | { kind: 'nothing'; why: string }
  /** Another invocation is sending to it. */
  | { kind: 'busy' }
  | { kind: 'send'; one: Recipient; owed: Owed }

/** A message may arrive a little before its time, as clocks differ. */
const EARLY_MS = 2_000

/** What to do for a recipient. `isRedriven`: a person has redriven its dead letter. */
export function look(state: AlertState | undefined, recipient: string, now: Date, isRedriven = false): Look {
  const one = state?.recipients[recipient]
  if (!one?.owed) return { kind: 'nothing', why: 'up to date: nothing is owed' }
  if (one.owed.until) return { kind: 'nothing', why: `held until ${one.owed.until}` }
  if (isBeingNotified(one, now)) return { kind: 'busy' }
  if (isRedriven) return toSend(one, one.owed)
  if (one.dead) return { kind: 'nothing', why: 'dead letter: waiting for a redrive' }
  if (one.nextTryAt && Date.parse(one.nextTryAt) - now.getTime() > EARLY_MS) {
    return { kind: 'nothing', why: `backoff: next attempt at ${one.nextTryAt}` }
  }
  return toSend(one, one.owed)
}

/**
 * A recipient that has meanwhile received the firing, which was on its way when it ended, gets the resolve alone; one that
 * has received the previous episode's resolve gets one message about the whole.
 */
function toSend(one: Recipient, owed: Owed): Look {
  const { missed, ...end } = owed
  const knowsOfIt = one.notified && one.notified.status !== 'resolved' && compareMarks(one.notified, owed) < 0
  if (missed) return { kind: 'send', one, owed: knowsOfIt ? end : owed }
  // It has the end, and is sent something about it.
  if (owed.update) return { kind: 'send', one, owed }
  const isMissed = owed.status === 'resolved' && one.notified?.status === 'resolved' && !one.maybe
  return { kind: 'send', one, owed: isMissed ? { ...owed, missed: true } : owed }
}

/** A check up to this much later than needed stays as it is: every change of it is a write to the index, too. */
const SPARE_MS = 30_000

/** A deliverer's claim. */
export interface Claim {
  token: string
  leaseMs: number
  /** The shared incident that the owed change belongs to; `undefined`: its own, or none. */
  incident: string | undefined
  /** Where its channel opens incidents, if it does. */
  opensAt?: string | undefined
  /** Its channel has no incidents: its type has changed, and the alert is in one. */
  hasNone?: boolean
  /** Its channel has its former type again: a resolve closes what it had opened then. */
  isBack?: boolean
  /** Its channel is not in the deliverer's rules: not yet, or not any more. */
  isUnknown?: boolean
  isRedriven: boolean
  /** Its channel can look for a message whose outcome is unknown. */
  canFind?: boolean
}

/**
 * Claims it: nobody else may send to it until the lease expires. Recorded before the send: from now on it may have been
 * received.
 */
export function claimed(state: AlertState, recipient: string, claim: Claim, now: Date): AlertState {
  const one = state.recipients[recipient] ?? newRecipient(recipient)
  const until = now.getTime() + claim.leaseMs
  const isEnd = one.owed?.status === 'resolved'
  const opens =
    isEnd || state.once || claim.opensAt === undefined ? undefined : incidentAt(claim.opensAt, claim.incident)
  const isNew = opens !== undefined && state.open?.[opens] === undefined
  const lease = { ...(one.maybe && { wasInDoubt: true as const }), ...(isNew && { opens }) }
  return withOne(opens === undefined ? state : withOpen(state, opens, one.channel), recipient, {
    lease: { token: claim.token, until, ...lease },
    maybe: true,
    maybeSince: claim.canFind ? ((one.maybe && one.maybeSince) ?? now.toISOString()) : undefined,
    lookAt: isLater(one.lookAt, until + SPARE_MS) ? one.lookAt : new Date(until + LOOK_AFTER_MS).toISOString(),
    ...((!isEnd || claim.isBack || (claim.hasNone && one.incident !== undefined)) &&
      incidentAfter(one, claim.incident)),
    // Its deadline starts now, though the clock has not looked yet.
    ...(claim.isUnknown && { goneSince: one.goneSince ?? now.toISOString() }),
    // A redriven message says so at each attempt: their count starts again with the first.
    ...(claim.isRedriven && one.dead && { dead: undefined, tries: 0, failingSince: undefined, nextTryAt: undefined }),
  })
}
/** An alert leaves one incident before it joins another. */
function incidentAfter(one: Recipient, incident: string | undefined): Partial<Recipient> {
  const isOpen = (one.notified !== undefined && one.notified.status !== 'resolved') || one.maybe
  const before = one.incident ?? (isOpen ? '' : undefined)
  if (before === (incident ?? '') || before === undefined) return { incident }
  const leaving = [...new Set([...(one.leaving ?? []), before])].filter((key) => key !== (incident ?? ''))
  return { incident, leaving }
}

function isLater(a: string | undefined, bMs: number): boolean {
  return a !== undefined && Date.parse(a) > bMs
}

/** The channel accepted it. Records that, whatever is owed by then; keeps a lease that is another's by then. */
export function notified(state: AlertState, note: Note, channels: Config['channels'] = {}): AlertState {
  const recipient = holderOf(state, recipientNow(state, note, channels), note.token)
  const one = state.recipients[recipient]
  if (!one) return state
  const { change, changedAt: at, status, notifiedAt, place } = note
  const mark: Notified = { change, at, status, notifiedAt, ...(place !== undefined && { place }) }
  const about = { ...mark, ...(note.update && { update: note.update }) }
  const isSettled = one.owed !== undefined && isSameMark(one.owed, about)
  const isOurs = one.lease?.token === note.token
  const isEnd = note.status === 'resolved'
  const isWhole = isOurs && !one.lease?.isOfOne
  const isLate = isLateFor(one, mark, note.token)
  // With the resolve it leaves the incidents of its other name, too.
  const hasOthers = isOurs && !isWhole && (one.incident !== undefined || one.leaving !== undefined)
  const entry: LogEntry = {
    at: note.notifiedAt,
    change: note.change,
    status: note.status,
    outcome: 'delivered',
    ...(note.said !== undefined && { said: note.said }),
    ...(note.digest && { digest: note.digest }),
    ...(note.incident !== undefined && { incident: note.incident }),
    ...(note.missed && { missed: true as const }),
    ...(note.update && { update: note.update.is }),
  }
  const others = waitingOf(one).filter((waiting) => (isEnd && hasOthers) || !isSameMark(waiting, about))
  const rest = isEnd && isWhole ? others.map((waiting) => asSentAfter(mark, waiting, others)) : others
  const left = isSettled
    ? withoutFailing(owing(one, rest, new Date(note.notifiedAt)))
    : owing(one, rest, new Date(note.notifiedAt))
  const after = withOne(withRecipient(isLate ? state : withoutClosed(state, one, note), recipient, left), recipient, {
    log: logged(one.log, entry),
    notified: notifiedNow(one.notified, mark, note.missed),
    ...(isOurs && { lease: undefined }),
    // Nothing is uncertain any more, except what another may be sending, or has sent under another name.
    ...((isWhole || (!one.lease && !isLate) || (isOurs && rest.length === 0)) && {
      ...{ maybe: undefined, maybeSince: undefined },
    }),
    ...(note.posted && !(isLate && one.posted) && { posted: note.posted }),
    ...(isSettled && { missed: undefined }),
    calmed: undefined,
    reminders: remindersAfter(one, note),
    ...(isWhole && { leaving: undefined, ...(isEnd && { incident: undefined }) }),
  })
  return isLate ? after : withUnheard(after, recipient, unheardBy(one, state, note), note)
}

/** What people have said meanwhile follows, unless something newer does. */
function withUnheard(state: AlertState, recipient: string, update: Update | undefined, note: Note): AlertState {
  const one = state.recipients[recipient]
  if (!one || update === undefined || one.owed) return state
  const { change, changedAt: at, status, notifiedAt } = note
  return withRecipient(state, recipient, owing(one, [{ change, at, status, update }], new Date(notifiedAt)))
}

/** An escalation is no news: the reminders go on as before. */
function remindersAfter({ reminders }: Recipient, { update }: Note): number | undefined {
  if (update?.is === 'escalation' || update?.is === 'calmed') return reminders
  return update?.is === 'reminder' ? update.times : undefined
}

/** Was something newer sent since, or attempted, so that it may have been received? */
function isLateFor(one: Recipient, mark: Mark, token: string): boolean {
  if (one.lease) return one.lease.token !== token
  const isTried = one.maybe === true && one.tries + one.waits > 0
  return knowsNewer(one, mark) || (isTried && one.owed !== undefined && compareMarks(one.owed, mark) > 0)
}

/**
 * A delivery closes incidents at its place: a resolve closes its own, and each message those that the alert had to
 * leave.
 */
function withoutClosed(state: AlertState, one: Recipient, note: Note): AlertState {
  const { status, place, incident, token } = note
  if (place === undefined) return state
  const left = one.lease?.token === token && !one.lease.isOfOne ? (one.leaving ?? []) : []
  const closed = status === 'resolved' ? [incident, ...left] : left
  return withoutOpen(
    state,
    closed.map((key) => incidentAt(place, key)),
  )
}

/** After a resolve, an episode that started and ended since is sent as a whole: its firing was not sent. */
function asSentAfter(end: Mark, waiting: Waiting, all: Waiting[]): Waiting {
  const isBegun = all.some((other) => other.status !== 'resolved' && compareMarks(other, waiting) < 0)
  const isLater = waiting.status === 'resolved' && compareMarks(waiting, end) > 0
  return isLater && !isBegun ? { ...waiting, missed: true } : waiting
}

/** With lost data, the firing before it counts as received: on its own, or as part of the whole. */
function notifiedNow(before: Notified | undefined, mark: Notified, missed: true | undefined): Notified {
  return allNotified(before, missed && before?.status === 'insufficient-data' ? { ...mark, firedAt: mark.at } : mark)
}

/** A person has redriven a dead letter: it is sent in its turn. */
export function markRedriven(state: AlertState, recipient: string, change: string, now: Date): AlertState {
  const one = state.recipients[recipient]
  if (!one || !waitingOf(one).some((mark) => mark.dead && mark.change === change)) return state
  const all = waitingOf(one).map((mark) => (mark.change === change ? plain(mark) : mark))
  return withRecipient(state, recipient, owing(one, all, now))
}

function withoutFailing({ failingSince: _failingSince, ...one }: Recipient): Recipient {
  return one
}

/**
 * Its message came to a deliverer that can't send it. It becomes due at once, and `route` wakes the right one: through
 * the index, because two functions could wake each other until new rules are everywhere.
 */
export function leftToAnother(state: AlertState, recipient: string, now: Date): AlertState {
  return withOne(state, recipient, { lookAt: now.toISOString(), nextTryAt: undefined, dead: undefined })
}

/** There is nothing to send: it ended before it was sent. */
export function markPassed(state: AlertState, recipient: string, now: Date): AlertState {
  const owed = state.recipients[recipient]?.owed
  if (!owed) return state
  const { change, at, status } = owed
  const passed = { change, at, status }
  return withOne(unsaid(state, recipient, now, { missed: true }), recipient, { maybe: undefined, passed })
}

/** It received something newer under another name. Keeps what may be known of that, and its incident. */
export function markReceived(
  state: AlertState,
  recipient: string,
  { notified, maybe }: Pick<Recipient, 'notified' | 'maybe'>,
  now: Date,
): AlertState {
  return withOne(unsaid(state, recipient, now), recipient, {
    ...(notified && { notified }),
    ...(!maybe && { maybe: undefined }),
  })
}

/** Drops the first change it is owed, unsent. */
function unsaid(state: AlertState, recipient: string, now: Date, more: Pick<LogEntry, 'missed'> = {}): AlertState {
  const one = state.recipients[recipient]
  if (!one?.owed) return state
  const log = logged(one.log, { ...entryOf(one.owed, 'overtaken', now.toISOString()), ...more })
  const left = withoutFailing(owing(one, waitingOf(one).slice(1), now))
  // A remaining claim has expired: else nobody would be here.
  return withOne(withRecipient(state, recipient, left), recipient, { lease: undefined, log })
}
