import type { Config } from '../../schemas/config.ts'
import type { Note } from '../../schemas/wake.ts'
import {
  type AlertState,
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
 * What becomes of one recipient of an alert as a deliverer tells it: what is to be done for it, that it is being told, that
 * it was; that it could not be: failure.ts. Pure: each takes an alert's state and gives it changed.
 */

/** What a deliverer does for a recipient. */
export type Look =
  | { kind: 'nothing'; why: string }
  /** Another is telling it. */
  | { kind: 'busy' }
  | { kind: 'send'; one: Recipient; owed: Owed }

/** A message may come some time before its time, as clocks differ. */
const EARLY_MS = 2_000

/** What is to be done for a recipient. `isRedriven`: a person has brought its dead letter back. */
export function look(state: AlertState | undefined, recipient: string, now: Date, isRedriven = false): Look {
  const one = state?.recipients[recipient]
  if (!one?.owed) return { kind: 'nothing', why: 'no longer owed: it knows all that it should' }
  if (one.owed.until) return { kind: 'nothing', why: `held until ${one.owed.until}` }
  if (isBeingNotified(one, now)) return { kind: 'busy' }
  if (isRedriven) return toSend(one, one.owed)
  if (one.dead) return { kind: 'nothing', why: 'a dead letter: it waits for a person' }
  if (one.nextTryAt && Date.parse(one.nextTryAt) - now.getTime() > EARLY_MS) {
    return { kind: 'nothing', why: `not to be tried before ${one.nextTryAt}` }
  }
  return toSend(one, one.owed)
}

/**
 * Whoever has been told by now that it fires, when it was on its way as it ended, hears of the end alone; whoever has been
 * told by now that the episode before is over hears of the whole.
 */
function toSend(one: Recipient, owed: Owed): Look {
  const { missed, ...end } = owed
  const knowsOfIt = one.notified && one.notified.status !== 'resolved' && compareMarks(one.notified, owed) < 0
  if (missed) return { kind: 'send', one, owed: knowsOfIt ? end : owed }
  const isMissed = owed.status === 'resolved' && one.notified?.status === 'resolved' && !one.maybe
  return { kind: 'send', one, owed: isMissed ? { ...owed, missed: true } : owed }
}

/** A look that comes so long after that as it is stays as it is: each change of it is a write to the index, too. */
const SPARE_MS = 30_000

/** What a deliverer says as it begins. */
export interface Claim {
  token: string
  leaseMs: number
  /** The shared incident that what is owed belongs to; `undefined`: its own, or none. */
  incident: string | undefined
  /** Where its channel opens incidents, if it does. */
  opensAt?: string | undefined
  /** Its channel knows no incidents: it is of another type by now, where the alert is in one. */
  hasNone?: boolean
  /** Its channel is of the type again that it was of before the last one: an end closes what it had opened then. */
  isBack?: boolean
  /** The rules that its deliverer has do not name its channel: not yet, or not any more. */
  isUnknown?: boolean
  isRedriven: boolean
}

/** It is being told: by nobody else until the lease lapses. Remembered before it is sent: it may know from now on. */
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
    lookAt: isLater(one.lookAt, until + SPARE_MS) ? one.lookAt : new Date(until + LOOK_AFTER_MS).toISOString(),
    ...((!isEnd || claim.isBack || (claim.hasNone && one.incident !== undefined)) &&
      incidentAfter(one, claim.incident)),
    // From now on its patience runs, though those who look by the clock have not looked yet.
    ...(claim.isUnknown && { goneSince: one.goneSince ?? now.toISOString() }),
    // Its message says so at each of its tries: they begin anew with the first.
    ...(claim.isRedriven && one.dead && { dead: undefined, tries: 0, failingSince: undefined, nextTryAt: undefined }),
  })
}
/** An alert leaves one incident before it joins another. */
function incidentAfter(one: Recipient, incident: string | undefined): Partial<Recipient> {
  const isOpen = (one.notified !== undefined && one.notified.status !== 'resolved') || one.maybe
  const before = one.incident ?? (isOpen ? '' : undefined)
  if (before === (incident ?? '') || before === undefined) return { incident }
  const leaving = [...new Set([...(one.leaving ?? []), before])].filter((key) => key !== (incident ?? ''))
  return { incident, leaving: leaving.length > 0 ? leaving : undefined }
}

function isLater(a: string | undefined, bMs: number): boolean {
  return a !== undefined && Date.parse(a) > bMs
}

/**
 * The channel has said yes. It knows that now, whatever it is owed by then; a lease that is another's by then stays.
 */
export function notified(state: AlertState, note: Note, channels: Config['channels'] = {}): AlertState {
  const recipient = holderOf(state, recipientNow(state, note, channels), note.token)
  const one = state.recipients[recipient]
  if (!one) return state
  const { change, changedAt: at, status, notifiedAt, place } = note
  const mark: Notified = { change, at, status, notifiedAt, ...(place !== undefined && { place }) }
  const isSettled = one.owed !== undefined && isSameMark(one.owed, mark)
  const isOurs = one.lease?.token === note.token
  const isEnd = note.status === 'resolved'
  const isWhole = isOurs && !one.lease?.isOfOne
  const isLate = isLateFor(one, mark, note.token)
  // By the end it leaves the incidents that it has from its other name, too.
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
  }
  const others = waitingOf(one).filter((waiting) => (isEnd && hasOthers) || !isSameMark(waiting, mark))
  const rest = isEnd && isWhole ? others.map((waiting) => asHeardAfter(mark, waiting, others)) : others
  const left = isSettled
    ? withoutFailing(owing(one, rest, new Date(note.notifiedAt)))
    : owing(one, rest, new Date(note.notifiedAt))
  return withOne(withRecipient(isLate ? state : withoutClosed(state, one, note), recipient, left), recipient, {
    log: logged(one.log, entry),
    notified: notifiedNow(one.notified, mark, note.missed),
    ...(isOurs && { lease: undefined }),
    // Nothing is in doubt any more, but for what another may be sending, or has sent by another name.
    ...((isWhole || (!one.lease && !isLate) || (isOurs && rest.length === 0)) && { maybe: undefined }),
    ...(isSettled && { missed: undefined }),
    ...(isWhole && { leaving: undefined, ...(isEnd && { incident: undefined }) }),
  })
}
/** Has something newer been told since, or been tried, so that it may be known? */
function isLateFor(one: Recipient, mark: Mark, token: string): boolean {
  if (one.lease) return one.lease.token !== token
  const isTried = one.maybe === true && one.tries + one.waits > 0
  return knowsNewer(one, mark) || (isTried && one.owed !== undefined && compareMarks(one.owed, mark) > 0)
}

/** What was told closes incidents where it went: an end closes its own, and each message those that the alert had to leave. */
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

/** After an end, what has begun and ended since is told as a whole: nobody was told that it began. */
function asHeardAfter(end: Mark, waiting: Waiting, all: Waiting[]): Waiting {
  const isBegun = all.some((other) => other.status !== 'resolved' && compareMarks(other, waiting) < 0)
  const isLater = waiting.status === 'resolved' && compareMarks(waiting, end) > 0
  return isLater && !isBegun ? { ...waiting, missed: true } : waiting
}

/** Of lost data, it is known, too, that the firing before it was heard of: by itself, or as part of the whole. */
function notifiedNow(before: Notified | undefined, mark: Notified, missed: true | undefined): Notified {
  return allNotified(before, missed && before?.status === 'insufficient-data' ? { ...mark, firedAt: mark.at } : mark)
}

/** A person has brought back what was a dead letter: it is told in its turn. */
export function broughtBack(state: AlertState, recipient: string, change: string, now: Date): AlertState {
  const one = state.recipients[recipient]
  if (!one || !waitingOf(one).some((mark) => mark.dead && mark.change === change)) return state
  const all = waitingOf(one).map((mark) => (mark.change === change ? plain(mark) : mark))
  return withRecipient(state, recipient, owing(one, all, now))
}

function withoutFailing({ failingSince: _failingSince, ...one }: Recipient): Recipient {
  return one
}

/**
 * Its message has come to a deliverer that can't tell it. Somebody looks at once, and wakes the one that can: by the index,
 * for as long as new rules are not everywhere two functions could wake each other.
 */
export function leftToAnother(state: AlertState, recipient: string, now: Date): AlertState {
  return withOne(state, recipient, { lookAt: now.toISOString(), nextTryAt: undefined, dead: undefined })
}

/** There is nothing to be said to it: it was over before it could be told. */
export function passedOver(state: AlertState, recipient: string, now: Date): AlertState {
  const owed = state.recipients[recipient]?.owed
  if (!owed) return state
  const { change, at, status } = owed
  const passed = { change, at, status }
  return withOne(unsaid(state, recipient, now, { missed: true }), recipient, { maybe: undefined, passed })
}

/** It knows something newer by another name. What it may have heard of that, and its incident, stay as they are. */
export function knownOtherwise(
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

/** What it is owed first is not said, and is owed no more. */
function unsaid(state: AlertState, recipient: string, now: Date, more: Pick<LogEntry, 'missed'> = {}): AlertState {
  const one = state.recipients[recipient]
  if (!one?.owed) return state
  const { change, status } = one.owed
  const log = logged(one.log, { at: now.toISOString(), change, status, outcome: 'overtaken', ...more })
  const left = withoutFailing(owing(one, waitingOf(one).slice(1), now))
  // A claim that is here has lapsed: else nobody would look.
  return withOne(withRecipient(state, recipient, left), recipient, { lease: undefined, log })
}
