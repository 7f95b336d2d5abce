import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Update } from '../../schemas/update.ts'
import { pages } from '../channels/types.ts'
import { startAgain } from './acknowledge.ts'
import {
  type AlertState,
  type FiringNow,
  nameOfFallback,
  newRecipient,
  type Owed,
  type Recipient,
  type Response,
} from './alert-state.ts'
import { channelNow } from './channel-now.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { isGone, isOutstanding } from './due-at.ts'
import { WHILE_FIRING } from './extras.ts'
import { asItFlaps, calm } from './flapping.ts'
import { heldBy, hold, holdsOf } from './hold.ts'
import { firingOf, type Next } from './next.ts'
import { withWhatOthersSay } from './others.ts'
import { Turn } from './owe.ts'
import { goneEntry, withChannelsOf, withoutStandIn } from './renamed.ts'
import type { Silenced } from './silence.ts'
import { type Waiting, waitingOf } from './waiting.ts'
import { calmAt, deadlinesOf, escalationAt, isAcknowledged, momentsOf, reminderAt } from './while-firing.ts'
import type { Hold } from './windows.ts'

/*
 * How time changes an alert's state: held changes may be sent, owed ones are checked on, and what a removed channel was
 * owed goes to others. Pure.
 */

/** By time alone: releases held changes, checks on owed ones, and replaces removed channels. */
export function nextByTime(
  before: AlertState,
  /** The alerts of the changes that `changesToRead` returns. */
  alerts: Map<string, Alert>,
  config: Silenced,
  now: Date,
): Next & { released: string[]; passed?: Passed } {
  const state = withChannelsOf(structuredClone(before), config.channels, now)
  const turn = new Turn(state, now)
  const released = new Set<string>()
  for (const [name, one] of Object.entries(state.recipients)) {
    if (isGone(one, now)) reassign(turn, name, alerts, config)
    else {
      if (one.goneSince === undefined) for (const change of release(turn, name, alerts, config)) released.add(change)
      const { lookAt = '' } = state.recipients[name] ?? {}
      if (isOutstanding(state.recipients[name] ?? one) && lookAt <= now.toISOString()) turn.lookAgain(name)
    }
  }
  calm(turn, (channel) => presently(turn, alerts, config)?.held(channel))
  const passed = whileItFires(turn, alerts, config)
  if (config.others) withWhatOthersSay(state, config)
  const isSame = JSON.stringify(state) === JSON.stringify(before)
  return { state: isSame ? before : state, wake: turn.wake, released: [...released], ...(passed && { passed }) }
}

/** What time alone has done to a firing alert, for the log and the metrics. */
export interface Passed {
  reminded: string[]
  escalatedTo: string[]
  overdue: Response[]
}

/** Reminders, escalations and responses that are due, by the present rules. */
function whileItFires(turn: Turn, alerts: Map<string, Alert>, config: Config): Passed | undefined {
  const { state, now } = turn
  const { firing } = state
  if (!firing || !isDue(state, now)) return undefined
  const passed: Passed = { reminded: [], escalatedTo: [], overdue: [] }
  if (firing.acknowledged && !isAcknowledged(firing, now)) {
    const { by, until = now.toISOString() } = firing.acknowledged
    startAgain(turn, { by: `${by}, until ${until.slice(0, 16)}Z`, at: until })
  }
  const said = presently(turn, alerts, config)
  for (const key of WHILE_FIRING) delete firing[key]
  if (!said) return passed
  const { decided } = said
  Object.assign(firing, Object.fromEntries(WHILE_FIRING.map((key) => [key, decided[key]]).filter(([, value]) => value)))
  const due: Due = { turn, firing, ...said }
  for (const { response, at } of deadlinesOf(firing)) {
    if (at > now.toISOString()) continue
    firing.overdue = [...(firing.overdue ?? []), response]
    passed.overdue.push(response)
  }
  passed.escalatedTo.push(...escalate(due, config))
  passed.reminded.push(...remind(due))
  return passed
}

/** What the present rules say of the firing. If its change has expired, nobody knows any more. */
function presently(
  { state, now }: Turn,
  alerts: Map<string, Alert>,
  config: Config,
): Pick<Due, 'decided' | 'held'> | undefined {
  const alert = alerts.get(state.firing?.change ?? '')
  if (!alert) return undefined
  const decided = decide(alert, config, firingOf(state), now)
  return { decided, held: holdsOf(alert, { ...decided, hold: undefined, count: undefined }, config, now) }
}

interface Due {
  turn: Turn
  firing: FiringNow
  decided: Decision
  held: ReturnType<typeof holdsOf>
}

const isDue = (state: AlertState, now: Date) => momentsOf(state).some((at) => at <= now.toISOString())
const isCalm = ({ flapping }: AlertState, now: Date) => flapping !== undefined && calmAt(flapping) <= now.toISOString()

/** Each step whose time has come. */
function escalate({ turn, firing, decided, held }: Due, config: Config): string[] {
  const reached: string[] = []
  for (let at = escalationAt(firing); at !== undefined && at <= turn.now.toISOString(); at = escalationAt(firing)) {
    const step = firing.escalate?.[firing.escalated ?? 0]
    firing.escalated = (firing.escalated ?? 0) + 1
    for (const channel of step?.to ?? []) {
      if (decided.neverPages && pages(config.channels[channel])) continue
      const update: Update = { is: 'escalation', after: step?.after ?? '', at }
      if (turn.update(channel, { ...markOf(firing, decided, held(channel)), update })) reached.push(channel)
    }
  }
  return reached
}

/** Each recipient that has heard nothing for as long as the rules say. */
function remind({ turn, firing, decided, held }: Due): string[] {
  return Object.keys(turn.state.recipients).filter((name) => {
    const one = turn.state.recipients[name]
    const at = one && reminderAt(firing, one)
    if (!one || at === undefined || at > turn.now.toISOString()) return false
    const update: Update = { is: 'reminder', times: (one.reminders ?? 0) + 1, at }
    return turn.update(name, { ...markOf(firing, decided, held(one.channel)), update })
  })
}

/** The newest firing, as it may be sent to a channel now. */
function markOf({ change = '', at }: FiringNow, { neverPages }: Decision, held: Hold | undefined): Owed {
  return {
    ...{ change, at, status: 'firing' },
    ...(neverPages && { neverPages }),
    ...(held && heldBy(held)),
  }
}

/** The changes whose alerts `nextByTime` needs. */
export function changesToRead(state: AlertState, config: Config, now: Date): string[] {
  const { recipients, firing } = state
  const changes = Object.values(recipients).flatMap((one) => {
    const isLost = channelNow(config.channels, one.channel) === undefined
    const needed = waitingOf(one).filter(({ until }) => isLost || until !== undefined)
    return needed.flatMap(({ change, fired }) => [change, ...(fired ? [fired] : [])])
  })
  const isAsked = firing?.change !== undefined && (isDue(state, now) || isCalm(state, now))
  return [...new Set([...changes, ...(isAsked ? [firing.change ?? ''] : [])])]
}

/**
 * What a removed channel was owed goes to those that the rules name now. Recipients of the firing in the removed
 * channel can't be sent the resolve.
 */
function reassign(turn: Turn, name: string, alerts: Map<string, Alert>, config: Config): void {
  const { state, now } = turn
  const one = state.recipients[name]
  if (!one) return
  const waiting = waitingOf(one)
  delete state.recipients[name]
  withoutStandIn(state, name, one.fallbackFor?.channel)
  const heirs = waiting.flatMap((owed) => {
    const alert = alerts.get(owed.fired ?? owed.change)
    return alert && mayBeInherited(one, owed) ? inherit(turn, name, owed, alert, config) : []
  })
  // Its log continues in another recipient's.
  const keeper = state.recipients[heirs[0] ?? Object.keys(state.recipients)[0] ?? '']
  const log = [...one.log, ...waiting.map((owed) => goneEntry(one, owed, now))]
  if (keeper) keeper.log = [...log.map((entry) => ({ of: name, ...entry })), ...keeper.log]
  // No other recipient: keep its log here, until a new episode starts.
  else if (log.length > 0) state.recipients[name] = { ...newRecipient(one.channel), goneSince: one.goneSince, log }
}

/** A fallback's main channel is still being retried; a resolve is no news without the firing. */
function mayBeInherited({ fallbackFor }: Recipient, owed: Owed): boolean {
  return !fallbackFor && (owed.status !== 'resolved' || owed.missed === true)
}

/** Who is owed from now on what a removed channel was owed. */
function inherit(turn: Turn, gone: string, owed: Waiting, alert: Alert, config: Config): string[] {
  const { state, now } = turn
  const decided = decide(alert, config, firingOf(state), now)
  const decision = hold(alert, decided, config, now)
  const { until: _until, why: _why, isOpen: _isOpen, dead: _dead, given: _given, ...mark } = owed
  // Its fallback has received it already, or is about to.
  const isNew = (channel: string) => turn.isNewTo(nameOfFallback(gone, channel), mark)
  for (const channel of decision.channels.filter(isNew)) turn.hand(channel, mark)
  for (const { channel, ...held } of decision.held) if (isNew(channel)) turn.hand(channel, { ...mark, ...held })
  return [...decision.channels, ...decision.held.map((held) => held.channel)]
}

/** Sends held changes now if their window allows, or updates until when they are held. Returns the released changes. */
function release(turn: Turn, name: string, alerts: Map<string, Alert>, config: Config): string[] {
  const { state, now } = turn
  const one = state.recipients[name]
  const before = one ? waitingOf(one) : []
  if (!one || before.every(({ until }) => until === undefined)) return []
  const released: string[] = []
  const over: Waiting[] = []
  const after = before.map((mark) => {
    const alert = alerts.get(mark.fired ?? mark.change)
    if (mark.until === undefined || !alert) return mark
    const { until: _until, why: _why, isOpen: _isOpen, ...freed } = mark
    const decided = decide(alert, config, firingOf(state), now)
    // What follows a firing was held neither by its hold nor by its count.
    const plan = mark.update
      ? { ...decided, hold: undefined, count: undefined }
      : asItFlaps(decided, state, mark.change)
    const held = holdsOf(alert, plan, config, now, state.firing?.since ?? state.noData?.at)(one.channel)
    if (held?.isOver) over.push(mark)
    if (held) return { ...freed, ...heldBy(held) }
    released.push(mark.change)
    return freed
  })
  turn.retime(name, after)
  const [{ why } = {}] = over
  if (why !== undefined) turn.drop(name, over, { at: now.toISOString() }, why)
  return released
}
