import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { carriedBy, changeIdOf } from '../alert/identity.ts'
import { type AlertState, type Mark, newState, type Owed, type Recipient } from './alert-state.ts'
import { decide } from './decide.ts'
import type { Decision, Firing, Timed } from './decision.ts'
import { isOutstanding } from './due-at.ts'
import { extrasOf } from './extras.ts'
import { hold } from './hold.ts'
import { compareMarks, knowsNewer, knowsOfIt, newest } from './marks.ts'
import { notificationId } from './notifications.ts'
import { Turn } from './owe.ts'
import { withChannelsOf } from './renamed.ts'
import { waitingOf } from './waiting.ts'

/*
 * What an alert's state becomes by a change of it (as time passes: next-by-time.ts): who is owed what. Pure: the same state,
 * input, config and time give the same. Whoever is owed something is told by a deliverer, which reads what is owed by then
 * (shared/decide/turn.ts): so in whatever order, and however often, changes come, the end is the same.
 *
 * The order of changes is that of their times (`compareMarks`), not of their arrival. A firing begins an episode, or goes on
 * with it; what is resolved ends it. Losing its data neither ends a firing nor makes an older firing old: alone it is an
 * episode by itself. An end is owed to those who know of what ends. Who is owed it and was not reached in time is told
 * once, of the whole.
 */

/** What became of a change: some are told, some later; or it was known, or old, or concerns nobody. */
export type Outcome = 'sent' | 'held' | 'duplicate' | 'stale' | 'nobody'

/** A change of an alert, and the key of the item that holds it. */
export interface Change {
  alert: Alert
  change: string
}

export interface Next {
  /** The same object where nothing is to be written. */
  state: AlertState
  /** The recipients that are to be looked at now. */
  wake: string[]
}
export interface NextByChange extends Next {
  outcome: Outcome
  /** Whom the rules tell, now and later, and why; `channels` are those that are told by this change. */
  decision: Timed
  /** What the rules said before times and lives had their say, and what was firing then: for the trace. */
  decided: Decision
  firing: Firing | undefined
}

/** So many changes are known again. */
const SEEN = 24
/** By a change of it. */
export function nextByChange(
  before: AlertState | undefined,
  { alert, change }: Change,
  config: Config,
  now: Date,
): NextByChange {
  const state = withChannelsOf(structuredClone(before ?? newState(alert)), config.channels, now)
  const firing = firingOf(state, alert.status)
  const decided = decide(alert, config, firing, now)
  const notified = { decided, firing }
  const mark: Mark = { change, at: alert.changedAt, status: alert.status }
  const id = changeIdOf(alert)
  if (state.seen.includes(id)) {
    const because = [...decided.because, 'the same change has come before']
    const decision = nobody(decided, because)
    return { state: before ?? state, wake: notYetNotified(state, mark), outcome: 'duplicate', decision, ...notified }
  }
  if (isRepeated(state, alert, decided)) {
    const because = [...decided.because, 'it fires already: its sender says so again']
    return { state: before ?? state, wake: [], outcome: 'duplicate', decision: nobody(decided, because), ...notified }
  }
  const turn = new Turn(state, now)
  const by = { alert, mark, decided, config, now }
  const { outcome, decision } = alert.status === 'resolved' && !state.once ? end(turn, by) : begin(turn, by)
  if (outcome === 'stale') return { state: before ?? state, wake: [], outcome, decision, ...notified }
  state.seen = [...state.seen, id].slice(-SEEN)
  newest(state, alert)
  return { state, wake: turn.wake, outcome, decision, ...notified }
}

function isRepeated({ firing }: AlertState, { repeats, status, changedAt }: Alert, { severity }: Decision): boolean {
  return repeats === true && status === 'firing' && firing?.severity === severity && firing.since <= changedAt
}

/** A message comes again where waking failed: whoever has not been looked at yet is, now. */
function notYetNotified({ recipients }: AlertState, mark: Mark): string[] {
  return Object.entries(recipients).flatMap(([name, one]) => {
    const isUntouched = isOutstanding(one) && one.tries + one.waits === 0 && !one.lease
    return isUntouched && one.owed?.change === mark.change ? name : []
  })
}

interface By {
  alert: Alert
  mark: Mark
  decided: Decision
  config: Config
  now: Date
}
type Notified = Pick<NextByChange, 'outcome' | 'decision'>

/** It fires, or has lost its data; or it just happened. */
function begin(turn: Turn, by: By): Notified {
  const { state } = turn
  const { mark, decided } = by
  const { ended, firing, noData } = state
  if (!state.once && ended && compareMarks(mark, { at: ended.at, status: 'resolved' }) < 0) return late(turn, by, ended)
  if (mark.status === 'insufficient-data' && firing && compareMarks(mark, { ...firing, status: 'firing' }) < 0) {
    return stale(decided, 'it fires since, by a newer change')
  }
  if (!firing && !noData) forgetGone(state)
  if (mark.status === 'firing') fires(turn, by)
  else if (!noData || noData.at < mark.at) state.noData = { ...kept(decided), at: mark.at }
  return owedToAll(turn, by)
}

/** Its newest change decides how it is told that it is over. */
function fires(turn: Turn, { mark, decided }: By): void {
  const { state } = turn
  const { firing } = state
  const isNewest = !firing || firing.at <= mark.at
  state.firing = {
    ...(isNewest ? kept(decided) : firing),
    since: firing && firing.since < mark.at ? firing.since : mark.at,
    at: isNewest ? mark.at : firing.at,
  }
  // Of a mere loss of data whoever has not been told need not be: it fires. An older firing may concern them yet.
  if (firing) return
  for (const [name, one] of Object.entries(state.recipients)) {
    // That tells, too, what was missed before it.
    if (one.maybe || one.missed || decided.channels.includes(name)) continue
    const old = waitingOf(one).filter(
      (waiting) => waiting.status === 'insufficient-data' && compareMarks(waiting, mark) < 0,
    )
    if (old.length > 0) turn.drop(name, old, mark)
  }
}

/** What a resolve follows. */
function kept(decided: Decision) {
  const { severity, rule } = decided
  return { severity, rule, ...extrasOf(decided) }
}
/** Each channel that the rules name is owed it, now or later; and those that wait for their time, too. */
function owedToAll(turn: Turn, { alert, mark, decided, config, now }: By): Notified {
  // Who waits to be told that it fires is told that it fires worse.
  const waiting = Object.entries(mark.status === 'firing' ? turn.state.recipients : {}).flatMap(([name, { owed }]) =>
    owed?.until ? name : [],
  )
  const all = { ...decided, channels: [...new Set([...decided.channels, ...waiting])] }
  if (all.channels.length === 0) {
    return { outcome: 'nobody', decision: nobody(decided, [...decided.because, 'the rules name nobody for it']) }
  }
  const decision = hold(alert, all, config, now)
  const owed = { ...mark, ...(decided.neverPages && { neverPages: true as const }) }
  const isNew = (channel: string) => !isCarried(turn.state.recipients[channel], alert, channel)
  const notified = decision.channels.filter((channel) => isNew(channel) && turn.owe(channel, owed))
  const held = decision.held.filter(
    ({ channel, until, why }) => isNew(channel) && turn.owe(channel, { ...owed, until, why }),
  )
  const outcome = notified.length > 0 ? 'sent' : held.length > 0 ? 'held' : 'stale'
  if (outcome === 'stale') return stale(decision, 'all whom it concerns know something newer')
  return { outcome, decision: { ...decision, channels: notified, held } }
}

/** Was it, or is it to be, told by the notification of it that the version before this one had sent? */
function isCarried(one: Recipient | undefined, alert: Alert, channel: string): boolean {
  const carried = [one?.owed, one?.notified, one?.passed, ...(one?.more ?? [])].flatMap(
    (mark) => carriedBy(mark?.change) ?? [],
  )
  return carried.length > 0 && carried.includes(notificationId(alert, channel, alert.fingerprint))
}

/** It comes after its own end: whoever has not heard of it is told once, of the whole. */
function late(turn: Turn, by: By, ended: NonNullable<AlertState['ended']>): Notified {
  const { alert, mark, decided, config, now } = by
  const { state } = turn
  // By the time that a newer one began, at the latest.
  const at = ended.since !== undefined && mark.at < ended.since ? ended.since : ended.at
  const decision = hold(alert, decided, config, now)
  const owed: Owed = { ...mark, status: 'resolved', at, since: mark.at, missed: true }
  const notified = decision.channels.filter((channel) => turn.oweLate(channel, mark, owed))
  if (ended.since === undefined) state.ended = { ...ended, since: mark.at }
  const because = [...decision.because, `it was over at ${at}, when it came`]
  return {
    outcome: notified.length > 0 ? 'sent' : 'nobody',
    decision: { ...decision, channels: notified, held: [], because },
  }
}

/** It is over: each that knows of it is owed that, and each that was to be told is told of the whole. */
function end(turn: Turn, { mark, decided }: By): Notified {
  const { state } = turn
  const { firing, noData, ended } = state
  const began = [firing?.since, noData?.at].filter((at) => at !== undefined && at <= mark.at).sort()[0]
  const owed: Owed = { ...mark, ...(firing && firing.since <= mark.at && { since: firing.since }) }
  const notified: string[] = []
  for (const [name, one] of Object.entries(state.recipients)) if (ends(turn, name, one, owed)) notified.push(name)
  if (firing && compareMarks({ ...firing, status: 'firing' }, mark) < 0) delete state.firing
  else if (firing && firing.since < mark.at) firing.since = firing.at
  if (noData && compareMarks({ ...noData, status: 'insufficient-data' }, mark) < 0) delete state.noData
  if (!ended || ended.at < mark.at) state.ended = { at: mark.at, ...(began !== undefined && { since: began }) }
  const channels = notified.flatMap((name) => state.recipients[name]?.channel ?? [])
  if (notified.length > 0)
    return { outcome: 'sent', decision: { ...decided, channels: [...new Set(channels)], held: [] } }
  if (ended && ended.at >= mark.at) return stale(decided, `it was over already, at ${ended.at}`)
  const isKnown = Object.values(state.recipients).some(
    (one) => one.notified?.status === 'resolved' || one.owed?.status === 'resolved',
  )
  const why = isKnown
    ? 'whoever was told that it fired knows that it is over, or is being told'
    : 'nobody has been told that it fired: nobody is told that it is over'
  const because = [...decided.because, why]
  return { outcome: 'nobody', decision: nobody(decided, because) }
}
/** What an end means for one recipient. Whether it is owed it now. */
function ends(turn: Turn, name: string, one: Recipient, end: Owed): boolean {
  const isOlder = (mark: Mark | undefined) => mark !== undefined && compareMarks(mark, end) < 0
  const waiting = waitingOf(one)
  const before = waiting.filter(isOlder)
  const [first, ...others] = before
  const knowsMore = first !== undefined && knowsNewer(one, first)
  // It is being told already that it is over, and neither knows of anything since nor is to be told of it now.
  if (first?.status === 'resolved' && !first.dead && !knowsMore && others.every(({ until }) => until !== undefined)) {
    turn.drop(name, others, end)
    turn.pass(name, end)
    return false
  }
  // It has heard of something newer, which stays the last word.
  if ([one.notified, one.passed].some((mark) => mark !== undefined && !isOlder(mark))) {
    turn.drop(name, before, end)
    return false
  }
  const isNewerOwed = waiting.some((mark) => mark.until === undefined && !isOlder(mark))
  if (!isNewerOwed && knowsOfIt(one) && [one.notified, one.passed, ...before].some(isOlder)) {
    turn.end(name, end)
    return true
  }
  // What is held need not be told. What could be told by now is, as a whole.
  const missed = before.find(({ until }) => until === undefined) ?? (one.maybe || one.missed ? before[0] : undefined)
  if (missed) turn.end(name, missedBy(missed, end))
  else turn.drop(name, before, end)
  return missed !== undefined
}

/** It is over before it could be told: one message says both. */
function missedBy({ since, at, change, fired }: Owed, end: Owed): Owed {
  return { ...end, since: since ?? end.since ?? at, missed: true, fired: fired ?? change }
}

function stale(decided: Decision, why: string): Notified {
  return { outcome: 'stale', decision: nobody(decided, [...decided.because, `old: ${why}`]) }
}

function nobody(decided: Decision, because: string[]): Timed {
  return { ...decided, channels: [], held: [], because }
}

/** What the rules are asked with: what fires, or has lost its data when that ends, and who knows. */
export function firingOf(state: AlertState, status: AlertStatus = 'firing'): Firing | undefined {
  const now =
    state.firing ?? (status === 'resolved' && state.noData ? { ...state.noData, since: state.noData.at } : undefined)
  if (!now) return undefined
  const channels = Object.values(state.recipients).flatMap((one) => {
    const isConcerned = knowsOfIt(one) || (one.owed !== undefined && one.owed.status !== 'resolved')
    return isConcerned && !one.fallbackFor ? one.channel : []
  })
  const { at: _at, ...rest } = now
  return { ...rest, channels }
}
/** Those whose channel is gone are no part of what begins now; of others, what they have heard of stays known. */
function forgetGone(state: AlertState): void {
  for (const [name, one] of Object.entries(state.recipients)) {
    if (one.goneSince && !one.owed && !one.lease && !knowsOfIt(one) && !one.leaving?.length)
      delete state.recipients[name]
  }
}
