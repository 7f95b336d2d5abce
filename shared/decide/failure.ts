import {
  type AlertState,
  entryOf,
  holderOf,
  logged,
  nameOfFallback,
  newRecipient,
  type Owed,
  withOne,
  withRecipient,
} from './alert-state.ts'
import { incidentAt, sharedOf, withoutOpen } from './left-open.ts'
import { compareMarks } from './marks.ts'
import { Turn } from './owe.ts'
import { isResponse } from './stand-in.ts'
import { isSameMark, LOOK_AFTER_MS, owing, plain, type Waiting, waitingOf } from './waiting.ts'

/*
 * What happens to one recipient after a failed delivery: when it is retried, when its fallback is notified, and when it
 * becomes a dead letter. Pure.
 */

/** A failed attempt, a wait, or giving up. */
export interface Failure {
  token: string
  /** The change it was about. */
  owed: Owed
  kind: 'failed' | 'waits' | 'dead-lettered'
  reason: string
  /** When it is retried. */
  waitMs: number
  /** It has no message until then: the clock wakes it. */
  isForClock?: boolean
  /** Where its channel leads. */
  place?: string | undefined
  /**
   * Incidents that it left nevertheless: it must not leave them again, which at a slow pace would use up the next slot.
   */
  left?: string[]
  /** The channel was called, and the outcome is unknown. */
  isUncertain: boolean
  /** Is it one of the attempts that history shows? */
  isShown: boolean
  isAlone?: boolean
  /** It has joined a shared incident, and waits for the call that covers all. */
  hasJoined?: boolean
  /** The fallback to notify. */
  fallbackTo?: string
}

export function failed(state: AlertState, claimed: string, failure: Failure, now: Date): AlertState {
  const recipient = holderOf(state, claimed, failure.token)
  const one = state.recipients[recipient]
  if (!one) return state
  const { kind, reason, waitMs, place } = failure
  const at = now.toISOString()
  const isOurs = one.lease?.token === failure.token
  const isStill = one.owed !== undefined && isSameMark(one.owed, failure.owed)
  const log = failure.isShown
    ? logged(one.log, { ...entryOf(failure.owed, kind, at), reason: bounded(reason) })
    : one.log
  const isInDoubt = failure.isUncertain || one.lease?.wasInDoubt
  const leaving = one.leaving?.filter((incident) => !failure.left?.includes(incident))
  const mine = isOurs
    ? {
        lease: undefined,
        ...(!isInDoubt && { maybe: undefined, maybeSince: undefined }),
        leaving: leaving?.length ? leaving : undefined,
      }
    : {}
  // A refused delivery opened nothing; a shared incident, which it joins before that, may be open.
  const opens = isInDoubt ? undefined : one.lease?.opens
  const never = opens && !sharedOf(opens) ? [opens] : []
  const left = place ? (failure.left ?? []).map((key) => incidentAt(place, key)) : []
  const before = isOurs ? withoutOpen(state, [...never, ...left]) : state
  if (!isStill) return withOne(before, recipient, { ...mine, log })
  const isDead = kind === 'dead-lettered'
  const lookAfterMs = failure.isForClock ? 0 : LOOK_AFTER_MS
  const next = withOne(before, recipient, {
    ...mine,
    log,
    tries: isDead ? 0 : one.tries + (kind === 'failed' ? 1 : 0),
    waits: one.waits + (kind === 'waits' ? 1 : 0),
    // A redrive starts with all its attempts, and all its time, again.
    failingSince: isDead ? undefined : (one.failingSince ?? at),
    nextTryAt: isDead ? undefined : new Date(now.getTime() + waitMs).toISOString(),
    lookAt: isDead ? undefined : new Date(now.getTime() + waitMs + lookAfterMs).toISOString(),
    looks: undefined,
    ...(isDead && { dead: { at, reason: bounded(reason), ...(place !== undefined && { place }) } }),
    ...(failure.isAlone && { isAlone: true as const }),
    ...(failure.hasJoined && { joinedAt: one.joinedAt ?? at }),
  })
  // Changes that arrived since its fallback was notified go to the fallback, too.
  const fallback = failure.fallbackTo ?? state.recipients[one.fallbackTo ?? '']?.channel
  const all = fallback === undefined ? next : withFallback(next, recipient, { ...failure, fallbackTo: fallback }, now)
  return isDead ? behindOthers(all, recipient, now) : all
}

/** Does the clock wake it when it is to be retried? Then no message need wait for that. */
export function isForClock(state: AlertState | undefined, recipient: string): boolean {
  const { nextTryAt, lookAt } = state?.recipients[recipient] ?? {}
  return nextTryAt !== undefined && lookAt === nextTryAt
}

/** A dead letter blocks nothing else. A resolve is obsolete once something newer is owed. */
function behindOthers(state: AlertState, recipient: string, now: Date): AlertState {
  const one = state.recipients[recipient]
  if (!one) return state
  const waiting = waitingOf(one)
  const isNews = (mark: Waiting) =>
    !mark.dead || mark.status !== 'resolved' || mark.missed || waiting.every((other) => compareMarks(other, mark) <= 0)
  const log = waiting
    .filter((mark) => !isNews(mark))
    .reduce((all, mark) => logged(all, entryOf(mark, 'overtaken', now.toISOString())), one.log)
  return withRecipient(state, recipient, owing({ ...one, log }, waiting.filter(isNews), now))
}

/** Its fallback is owed the same changes, each once. It gets a resolve on its own if it received the firing. */
function withFallback(
  state: AlertState,
  recipient: string,
  { fallbackTo: channel, owed: tried, reason }: Failure & { fallbackTo: string },
  now: Date,
): AlertState {
  const one = state.recipients[recipient]
  if (!one?.owed) return state
  const { owed } = one
  const name = nameOfFallback(recipient, channel)
  const at = now.toISOString()
  const before = state.recipients[name] ?? newRecipient(channel)
  const standIn = { ...before, channel, fallbackFor: { channel: one.channel, reason: reason.slice(0, 500) } }
  const turn = new Turn({ ...state, recipients: { ...state.recipients, [name]: standIn } }, now)
  const isGiven = (mark: Waiting) =>
    !isResponse(mark) &&
    mark.until === undefined &&
    !mark.given &&
    (isSameMark(mark, owed) || mark.status !== 'resolved' || mark.missed === true) &&
    (!mark.neverPages || owed.neverPages === true)
  const waiting = waitingOf(one)
  const given = waiting.filter(isGiven)
  // An episode that could only be sent as one complete message is sent so by the fallback, too.
  const asTried = (mark: Waiting) =>
    tried.missed && isSameMark(mark, tried) ? { ...plain(mark), missed: true as const } : plain(mark)
  const notified = given.filter((mark) => turn.hand(name, asTried(mark)))
  const all = waiting.map((mark) => (given.includes(mark) ? { ...mark, given: true as const } : mark))
  const log = notified.reduce(
    (entries, mark) => logged(entries, { ...entryOf(mark, 'fallback', at), reason: channel }),
    one.log,
  )
  const marked = { ...owing(one, all, now), fallbackTo: name, log }
  const { [name]: next = standIn } = turn.state.recipients
  if (notified.length === 0) return withRecipient(state, recipient, marked)
  // At once: only `route` can wake the deliverer of another channel.
  return withRecipient(withRecipient(state, recipient, marked), name, { ...next, lookAt: at })
}

/** A vendor's answer has any length. */
export function bounded(reason: string): string {
  return reason.slice(0, 1_000)
}
