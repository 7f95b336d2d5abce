import type { Alert, AlertStatus } from '../../schemas/alert.ts'
import { SEVERITIES } from '../../schemas/config.ts'
import { carriedBy, changeIdOf, isByHand } from '../alert/identity.ts'
import { type AlertState, type FiringNow, type Mark, newState, type Owed, type Recipient } from './alert-state.ts'
import { decide } from './decide.ts'
import { type Decision, describeNobody, type Firing, type Timed } from './decision.ts'
import { isOutstanding } from './due-at.ts'
import { extrasOf, WHILE_FIRING } from './extras.ts'
import { asItFlaps, calm, withoutSaid, withSaid, withTurn } from './flapping.ts'
import { hold } from './hold.ts'
import { mutes } from './inhibit.ts'
import { compareMarks, knowsNewer, knowsOfIt, latestOf, newest } from './marks.ts'
import { notificationId } from './notifications.ts'
import { withWhatOthersSay } from './others.ts'
import { Turn } from './owe.ts'
import { withChannelsOf } from './renamed.ts'
import type { Silenced } from './silence.ts'
import { waitingOf } from './waiting.ts'
import { holdOfRule } from './while-firing.ts'

/*
 * How a change updates an alert's state (as time passes: next-by-time.ts): who is owed what. Pure: the same state,
 * input, config and time give the same result. A deliverer sends what is owed, and reads that when it starts
 * (shared/decide/turn.ts): so the result is the same in whatever order, and however often, changes arrive.
 *
 * Changes are ordered by their times (`compareMarks`), not by arrival. A firing starts an episode, or continues it; a
 * resolve ends it. Losing its data neither ends a firing nor makes an older firing stale: without a firing it is an
 * episode of its own. A resolve is owed to the recipients of the firing. A recipient that the firing did not reach in
 * time gets one message about the whole episode.
 */

/** The outcome of a change: sent to some now, or held for all; or a duplicate, stale, or owed to nobody. */
export type Outcome = 'sent' | 'held' | 'duplicate' | 'stale' | 'nobody'

/** A change of an alert, and the key of its item. */
export interface Change {
  alert: Alert
  change: string
}

export interface Next {
  /** The same object if nothing must be written. */
  state: AlertState
  /** The recipients to wake now. */
  wake: string[]
}
export interface NextByChange extends Next {
  outcome: Outcome
  /** Whom the rules notify, now and later, and why; `channels` are those notified by this change. */
  decision: Timed
  /** The rules' decision before windows and the alert's state were applied, and what was firing then: for the trace. */
  decided: Decision
  firing: Firing | undefined
}

/** How many changes are remembered to detect duplicates. */
const SEEN = 24
/** By a change of it. */
export function nextByChange(
  before: AlertState | undefined,
  { alert, change }: Change,
  config: Silenced,
  now: Date,
): NextByChange {
  const state = withChannelsOf(structuredClone(before ?? newState(alert)), config.channels, now)
  const firing = firingOf(state, alert.status)
  const decided = withHowFound(alert, decide(alert, config, firing, now))
  const notified = { decided, firing }
  const mark: Mark = { change, at: alert.changedAt, status: alert.status }
  const id = changeIdOf(alert)
  if (state.seen.includes(id)) {
    const because = [...decided.because, 'duplicate of an earlier change']
    const decision = nobody(decided, because)
    return { state: before ?? state, wake: notYetNotified(state, mark), outcome: 'duplicate', decision, ...notified }
  }
  const known = whyKnown(state, alert, decided)
  if (known !== undefined) {
    const decision = nobody(decided, [...decided.because, known])
    return { state: before ?? state, wake: [], outcome: 'duplicate', decision, ...notified }
  }
  withTurn(state, mark, decided)
  const turn = new Turn(state, now)
  const by = { alert, mark, decided: asItFlaps(decided, state, change), config, now }
  const { outcome, decision } = alert.status === 'resolved' && !state.once ? end(turn, by) : begin(turn, by)
  if (outcome === 'stale') return { state: before ?? state, wake: [], outcome, decision, ...notified }
  withoutSaid(state)
  if (outcome !== 'nobody') withSaid(state, mark)
  if (alert.status === 'resolved') calm(turn)
  withWhatOthersSay(state, config, alert.status)
  state.seen = [...state.seen, id].slice(-SEEN)
  newest(state, alert)
  return { state, wake: turn.wake, outcome, decision, ...notified }
}

/**
 * CloudWatch gives a change one time in its message and may give it another in its API; it evaluates an alarm every 10 s
 * at most (CloudWatch API Reference, PutMetricAlarm: Period).
 */
const SAME_CHANGE_MS = 5_000

/** Why a firing is a duplicate, though its change is not among those seen. */
function whyKnown({ firing }: AlertState, alert: Alert, { severity }: Decision): string | undefined {
  if (!firing || alert.status !== 'firing') return undefined
  if (alert.repeats && firing.severity === severity && firing.since <= alert.changedAt) {
    return 'already firing: its sender repeats it'
  }
  if (alert.foundBy) return 'already firing: its message has arrived'
  const apartMs = Math.abs(Date.parse(alert.changedAt) - Date.parse(firing.at))
  const isOfFound = firing.found === 'about' || (firing.found && apartMs <= SAME_CHANGE_MS)
  return isOfFound ? 'already firing: it had been found in CloudWatch' : undefined
}

function withHowFound({ foundBy }: Alert, decided: Decision): Decision {
  if (!foundBy) return decided
  return { ...decided, because: [...decided.because, 'found by reconcile: its message did not arrive'] }
}

/** A message is retried if waking failed: wakes the recipients that were not attempted yet. */
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
  config: Silenced
  now: Date
}
type Notified = Pick<NextByChange, 'outcome' | 'decision'>

/** It fires, or has lost its data; or it is a one-time event. */
function begin(turn: Turn, by: By): Notified {
  const { state } = turn
  const { mark, decided } = by
  const { ended, firing, noData } = state
  if (!state.once && ended && mark.at <= ended.at) return late(turn, by, ended)
  if (mark.status === 'insufficient-data' && firing && mark.at < firing.at) {
    return stale(decided, 'superseded by a newer firing')
  }
  if (!firing && !noData) forgetGone(state)
  if (mark.status === 'firing') fires(turn, by)
  else if (!noData || noData.at < mark.at) state.noData = { ...kept(decided), at: mark.at }
  return owedToAll(turn, by)
}

/** The newest firing decides how the resolve is sent. */
function fires(turn: Turn, { alert, mark, decided, config }: By): void {
  const { state } = turn
  const { firing } = state
  const isNewest = !firing || firing.at <= mark.at
  const groups = mutes(alert, config)
  const isPlanned = WHILE_FIRING.some((key) => decided[key] !== undefined)
  const news = {
    ...kept(decided),
    ...(isPlanned && { change: mark.change }),
    ...(alert.foundBy && { found: alert.changedAbout ? ('about' as const) : (true as const) }),
    ...(groups.length > 0 && { mutes: groups.map(({ id }) => id) }),
  }
  state.firing = {
    ...(isNewest ? { ...news, ...goesOn(state, decided) } : firing),
    // Stryker disable next-line EqualityOperator: at the same time, both are the same
    since: firing && firing.since < mark.at ? firing.since : mark.at,
    at: isNewest ? mark.at : firing.at,
  }
  // A recipient that was not sent a loss of data need not be: it fires again. An older firing may still concern it.
  if (firing) return
  for (const [name, one] of Object.entries(state.recipients)) {
    // That message includes what was missed before it.
    if (one.maybe || one.missed || decided.channels.includes(name)) continue
    const old = waitingOf(one).filter(({ status, at }) => status === 'insufficient-data' && at < mark.at)
    turn.drop(name, old, mark)
  }
}

/**
 * What stays of an episode with its newer change. Nobody has acknowledged one that is worse, or another event, and it is
 * escalated from its first step.
 */
function goesOn({ firing, once }: AlertState, { severity }: Decision): Partial<FiringNow> {
  if (!firing || once) return {}
  const { begunAt, acknowledged, heardAt, escalated, overdue, flapped, counted } = firing
  const isWorse = SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(firing.severity)
  const known = { ...(heardAt !== undefined && { heardAt }), ...(flapped && { flapped }), ...(counted && { counted }) }
  if (isWorse) return known
  return {
    ...known,
    ...(begunAt !== undefined && { begunAt }),
    ...(acknowledged && { acknowledged }),
    ...(escalated !== undefined && { escalated }),
    ...(overdue && { overdue }),
  }
}

/** What a resolve follows. */
function kept(decided: Decision) {
  const { severity, rule } = decided
  return { severity, rule, ...extrasOf(decided) }
}
/** Every channel that the rules name is owed it, now or later; so is a recipient that is still held. */
function owedToAll(turn: Turn, { alert, mark, decided, config, now }: By): Notified {
  // A recipient whose firing is held gets the change to a higher severity.
  const waiting = Object.entries(mark.status === 'firing' ? turn.state.recipients : {}).flatMap(([name, { owed }]) =>
    owed?.until ? name : [],
  )
  const all = { ...decided, channels: [...new Set([...decided.channels, ...waiting])] }
  if (all.channels.length === 0) {
    return { outcome: 'nobody', decision: nobody(decided, withWhyNobody(decided)) }
  }
  const decision = hold(alert, all, config, now, sinceOf(turn.state))
  const owed = { ...mark, ...(decided.neverPages && { neverPages: true as const }) }
  const isNew = (channel: string) => !isCarried(turn.state.recipients[channel], alert, channel)
  const notified = decision.channels.filter((channel) => isNew(channel) && turn.owe(channel, owed))
  const held = decision.held.filter(({ channel, ...held }) => isNew(channel) && turn.owe(channel, { ...owed, ...held }))
  const outcome = notified.length > 0 ? 'sent' : held.length > 0 ? 'held' : 'stale'
  if (outcome === 'stale') return stale(decision, 'superseded: every recipient has a newer change')
  return { outcome, decision: { ...decision, channels: notified, held } }
}

/** Since when the episode is: of a firing, or of a loss of data alone. */
function sinceOf({ firing, noData }: AlertState): string | undefined {
  return firing?.since ?? noData?.at
}

/** The last step says why nobody is notified. */
function withWhyNobody({ because, nobody: byRule }: Decision): string[] {
  const why = byRule ? describeNobody(byRule) : 'the rules name no channel for it'
  return [...because.filter((step) => step !== why), why]
}

/** Is it covered by a notification that the version before this one had sent? */
function isCarried(one: Recipient | undefined, alert: Alert, channel: string): boolean {
  const carried = [one?.owed, one?.notified, one?.passed, ...(one?.more ?? [])].flatMap(
    (mark) => carriedBy(mark?.change) ?? [],
  )
  // Stryker disable next-line ConditionalExpression,EqualityOperator: without any, none is among them: a speed-up
  return carried.length > 0 && carried.includes(notificationId(alert, channel, alert.fingerprint))
}

/** A change that arrives after its own end: recipients that have not received it get one message about the whole. */
function late(turn: Turn, by: By, ended: NonNullable<AlertState['ended']>): Notified {
  const { alert, mark, decided, config, now } = by
  const { state } = turn
  // At the latest when a newer episode started.
  // Stryker disable next-line ConditionalExpression: no time is before one that is not known
  const at = ended.since !== undefined && mark.at < ended.since ? ended.since : ended.at
  const isBrief = holdOfRule(decided, mark.at, new Date(at)) !== undefined
  const decision = hold(alert, { ...decided, hold: undefined, channels: isBrief ? [] : decided.channels }, config, now)
  const owed: Owed = { ...mark, status: 'resolved', at, since: mark.at, missed: true }
  const notified = decision.channels.filter((channel) => turn.oweLate(channel, mark, owed))
  if (ended.since === undefined) state.ended = { ...ended, since: mark.at }
  const brief = isBrief ? [`it had fired for less than ${decided.hold}: nobody is notified`] : []
  const because = [...decision.because, `it had ended at ${at}, before it arrived`, ...brief]
  return {
    outcome: notified.length > 0 ? 'sent' : 'nobody',
    decision: { ...decision, channels: notified, held: [], because },
  }
}

/**
 * It ended: recipients of the firing are owed the resolve, and recipients that were owed the firing get one message
 * about the whole.
 */
function end(turn: Turn, { mark, decided, config }: By): Notified {
  const { state } = turn
  const wasFreed = config.others?.wasFreed === true
  const { firing, noData, ended } = state
  // Stryker disable next-line ConditionalExpression: a time that is not known is before none
  const began = [firing?.since, noData?.at].filter((at) => at !== undefined && at <= mark.at).sort()[0]
  const owed: Owed = { ...mark, ...(firing && firing.since <= mark.at && { since: firing.since }) }
  const notified = Object.entries(state.recipients).filter(([name, one]) => ends(turn, name, one, owed, wasFreed))
  if (firing && firing.at <= mark.at) delete state.firing
  else if (firing && firing.since <= mark.at) state.firing = sinceAnEnd(firing, mark, turn.now)
  if (noData && noData.at <= mark.at) delete state.noData
  if (!ended || ended.at < mark.at) {
    state.ended = {
      at: mark.at,
      ...(began !== undefined && { since: began }),
      ...(isByHand(mark.change) && { byHand: true }),
    }
  }
  const channels = notified.map(([, { channel }]) => channel)
  if (notified.length > 0)
    return { outcome: 'sent', decision: { ...decided, channels: [...new Set(channels)], held: [] } }
  if (ended && ended.at >= mark.at) return stale(decided, `already ended at ${ended.at}`)
  return { outcome: 'nobody', decision: nobody(decided, [...decided.because, whyNobody(state, firing, mark)]) }
}

/** Why nobody is sent an end; `firing`: what it ended. */
function whyNobody({ recipients, flapping }: AlertState, firing: FiringNow | undefined, { at }: Mark): string {
  // An earlier firing may have been sent, and its end.
  const isOfIt = (one: Mark | undefined) => one?.status === 'resolved' && one.at >= (firing?.since ?? '')
  const isKnown = Object.values(recipients).some(({ notified, owed }) => isOfIt(notified) || isOfIt(owed))
  if (isKnown) return 'every recipient of the firing has the resolve, or is being sent it'
  // As long as nobody knows that it flaps, the next firing is sent.
  if (flapping?.said) return 'it flaps, and its firing was held: nobody is notified until it has calmed'
  const isBrief = firing && holdOfRule(firing, firing.since, new Date(at)) !== undefined
  return isBrief
    ? `it fired for less than ${firing.hold}: nobody is notified`
    : 'the firing was never sent, so no resolve is sent'
}

/** An end that is known only now came before its newest change: that began another episode, which is escalated again. */
function sinceAnEnd(firing: FiringNow, { at }: Mark, now: Date): FiringNow {
  const since = firing.at
  const { acknowledged, ...others } = firing
  const ofIt = { since, ...(acknowledged && acknowledged.at > at && { acknowledged }) }
  // It had begun again with that change, as it got worse.
  if ((firing.begunAt ?? '') >= since) return { ...others, ...ofIt }
  const { begunAt, escalated: _steps, overdue: _late, flapped: _flapped, ...rest } = others
  return { ...rest, ...ofIt, ...(begunAt !== undefined && { begunAt: now.toISOString() }) }
}

/** What an end means for one recipient. Returns whether it is owed it now. */
function ends(turn: Turn, name: string, one: Recipient, end: Owed, wasFreed: boolean): boolean {
  const isOlder = (mark: Mark | undefined) => mark !== undefined && compareMarks(mark, end) < 0
  const waiting = waitingOf(one)
  const before = waiting.filter(isOlder)
  const [first, ...others] = before
  const knowsMore = first !== undefined && knowsNewer(one, first)
  // A resolve is already owed, and it neither received nor is owed anything since.
  if (first?.status === 'resolved' && !first.dead && !knowsMore && others.every(({ until }) => until !== undefined)) {
    turn.drop(name, others, end)
    turn.pass(name, end)
    return false
  }
  // It received something newer, which wins.
  if ([one.notified, one.passed].some((mark) => mark !== undefined && !isOlder(mark))) {
    turn.drop(name, before, end)
    return false
  }
  const isNewerOwed = waiting.some((mark) => mark.until === undefined && !isOlder(mark))
  if (!isNewerOwed && knowsOfIt(one) && [one.notified, one.passed, ...before].some(isOlder)) {
    turn.end(name, end)
    return true
  }
  // An escalation may have reached it, though it is not owed it any more.
  if (one.maybe && latestOf(one) === undefined) {
    turn.end(name, { ...end, missed: true })
    return true
  }
  // A held firing need not be sent, and no reminder or escalation. One that could be sent by then is, as a whole.
  const couldBeSent = ({ until, update, isOpen }: Owed) =>
    !update && (isOpen ? wasFreed : until === undefined || until <= end.at)
  const missed = before.find(couldBeSent) ?? (one.maybe || one.missed ? before[0] : undefined)
  if (missed) turn.end(name, missedBy(missed, end))
  else turn.drop(name, before, end)
  return missed !== undefined
}

/** It ended before it could be sent: one message says both. */
function missedBy({ since, at, change, fired }: Owed, end: Owed): Owed {
  return { ...end, since: since ?? end.since ?? at, missed: true, fired: fired ?? change }
}

function stale(decided: Decision, why: string): Notified {
  return { outcome: 'stale', decision: nobody(decided, [...decided.because, `stale: ${why}`]) }
}

function nobody(decided: Decision, because: string[]): Timed {
  return { ...decided, channels: [], held: [], because }
}

/**
 * The firing that rules are evaluated with: the present one, or the loss of data that a resolve ends, and its
 * recipients.
 */
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
/** Removed channels are no part of a new episode; others keep what they received. */
function forgetGone(state: AlertState): void {
  for (const [name, one] of Object.entries(state.recipients)) {
    if (one.goneSince && !one.owed && !one.lease && !knowsOfIt(one) && !one.leaving?.length)
      delete state.recipients[name]
  }
}
