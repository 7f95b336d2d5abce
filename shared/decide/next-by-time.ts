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
 * How time changes an alert's state: held changes may be sent, owed ones are checked on, and what a removed channel was
 * owed goes to others. Pure.
 */

/** By time alone: releases held changes, checks on owed ones, and replaces removed channels. */
export function nextByTime(
  before: AlertState,
  /** The alerts of the changes that `changesToRead` returns. */
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

/** The changes whose alerts `nextByTime` needs. */
export function changesToRead({ recipients }: AlertState, config: Config): string[] {
  const changes = Object.values(recipients).flatMap((one) => {
    const isLost = channelNow(config.channels, one.channel) === undefined
    const needed = waitingOf(one).filter(({ until }) => isLost || until !== undefined)
    return needed.flatMap(({ change, fired }) => [change, ...(fired ? [fired] : [])])
  })
  return [...new Set(changes)]
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
  const { until: _until, why: _why, dead: _dead, given: _given, ...mark } = owed
  // Its fallback has received it already, or is about to.
  const isNew = (channel: string) => turn.isNewTo(nameOfFallback(gone, channel), mark)
  for (const channel of decision.channels.filter(isNew)) turn.hand(channel, mark)
  for (const { channel, until, why } of decision.held) if (isNew(channel)) turn.hand(channel, { ...mark, until, why })
  return [...decision.channels, ...decision.held.map((held) => held.channel)]
}

/** Sends held changes now if their window allows, or updates until when they are held. Returns the released changes. */
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
