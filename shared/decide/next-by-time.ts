import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { type AlertState, nameOfFallback, newRecipient, type Owed, type Recipient } from './alert-state.ts'
import { channelNow } from './channel-now.ts'
import { decide } from './decide.ts'
import { isGone, isOutstanding } from './due-at.ts'
import { hold, holdsOf } from './hold.ts'
import { firingOf, type Next } from './next.ts'
import { Turn } from './owe.ts'
import { goneEntry, withChannelsOf, withoutStandIn } from './renamed.ts'
import { type Waiting, waitingOf } from './waiting.ts'

/*
 * What an alert's state becomes as time passes: what was held may be told, what was to be told is looked after, and what a
 * channel was owed that is gone goes to others. Pure.
 */

/** By time alone: what was held may be told, what was to be told is looked after, and channels that are gone are replaced. */
export function nextByTime(
  before: AlertState,
  /** The alerts of the changes that `changesToRead` names. */
  alerts: Map<string, Alert>,
  config: Config,
  now: Date,
): Next & { released: string[] } {
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
  const isSame = JSON.stringify(state) === JSON.stringify(before)
  return { state: isSame ? before : state, wake: turn.wake, released: [...released] }
}

/** The items of changes that `nextByTime` must know the alerts of. */
export function changesToRead({ recipients }: AlertState, config: Config): string[] {
  const changes = Object.values(recipients).flatMap((one) => {
    const isLost = channelNow(config.channels, one.channel) === undefined
    const needed = waitingOf(one).filter(({ until }) => isLost || until !== undefined)
    return needed.flatMap(({ change, fired }) => [change, ...(fired ? [fired] : [])])
  })
  return [...new Set(changes)]
}

/** What a channel is owed that is gone goes to those that the rules name now. Who knew of it can't be told that it is over. */
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
  // What happened to it is told with what another was told.
  const keeper = state.recipients[heirs[0] ?? Object.keys(state.recipients)[0] ?? '']
  const log = [...one.log, ...waiting.map((owed) => goneEntry(one, owed, now))]
  if (keeper) keeper.log = [...log.map((entry) => ({ of: name, ...entry })), ...keeper.log]
  // Nobody else is told of the alert: what became of it is kept here, until something new begins.
  else if (log.length > 0) state.recipients[name] = { ...newRecipient(one.channel), goneSince: one.goneSince, log }
}

/** Whom a fallback stands in for is still tried by itself; an end is no news to who has not heard of the beginning. */
function mayBeInherited({ fallbackFor }: Recipient, owed: Owed): boolean {
  return !fallbackFor && (owed.status !== 'resolved' || owed.missed === true)
}

/** Who is owed from now on what a channel was owed that is gone. */
function inherit(turn: Turn, gone: string, owed: Waiting, alert: Alert, config: Config): string[] {
  const { state, now } = turn
  const decided = decide(alert, config, firingOf(state), now)
  const decision = hold(alert, decided, config, now)
  const { until: _until, why: _why, dead: _dead, given: _given, ...mark } = owed
  // Its fallback has received it already, or is about to.
  const isNew = (channel: string) => turn.isNewTo(nameOfFallback(gone, channel), mark)
  for (const channel of decision.channels.filter(isNew)) turn.hand(channel, mark)
  for (const { channel, until, why } of decision.held) if (isNew(channel)) turn.hand(channel, { ...mark, until, why })
  return [...decision.channels, ...decision.held.map((held) => held.channel)]
}

/** What is held is told now, if it is the time for it; else when it is. The changes that may be told now. */
function release(turn: Turn, name: string, alerts: Map<string, Alert>, config: Config): string[] {
  const { state, now } = turn
  const one = state.recipients[name]
  const before = one ? waitingOf(one) : []
  if (!one || before.every(({ until }) => until === undefined)) return []
  const released: string[] = []
  const after = before.map((mark) => {
    const alert = alerts.get(mark.fired ?? mark.change)
    if (mark.until === undefined || !alert) return mark
    const { until: _until, why: _why, ...freed } = mark
    const decided = decide(alert, config, firingOf(state), now)
    const held = holdsOf(alert, decided, config, now)(one.channel)
    if (held) return { ...freed, until: held.until.toISOString(), why: held.why }
    released.push(mark.change)
    return freed
  })
  turn.retime(name, after)
  return released
}
