import type { Config } from '../../schemas/config.ts'
import type { Acknowledged, Update } from '../../schemas/update.ts'
import type { Note } from '../../schemas/wake.ts'
import { isAhead } from '../parse/time.ts'
import type { AlertState, Recipient } from './alert-state.ts'
import { knowsOfIt } from './marks.ts'
import type { Next } from './next.ts'
import { Turn } from './owe.ts'
import { isOfType } from './place.ts'
import { withChannelsOf } from './renamed.ts'
import { isAcknowledged } from './while-firing.ts'

/*
 * People acknowledge an alert that fires: somebody works on it. Until it ends, gets worse, or the acknowledgement
 * expires, nobody is reminded of it, and it is not escalated. Everybody who knows of it is sent that. Pure.
 */

/** Why nothing follows an acknowledgement: `it does not fire`, `bob has acknowledged it already`. */
export type Refused = { refused: string }

/** @returns the state without a change where it fires no more, or the same person has done so before. */
export function acknowledge(
  before: AlertState,
  acknowledged: Acknowledged,
  config: Config,
  now: Date,
): Next & Partial<Refused> {
  const { firing } = before
  const nothing = { state: before, wake: [] }
  // What is decided at one moment may arrive after the next episode has begun.
  if (!firing || isAhead(firing.since, acknowledged.at)) return { ...nothing, refused: 'it does not fire' }
  if (isOfEnded(before, acknowledged)) return { ...nothing, refused: 'it has ended, and fires again' }
  const { acknowledged: by } = firing
  if (!isAcknowledged({ acknowledged }, now)) return { ...nothing, refused: 'it has expired' }
  const isSame = by && isAcknowledged(firing, now) && by.by === acknowledged.by && by.until === acknowledged.until
  // An order may arrive twice, and after later ones.
  if (isSame || (firing.heardAt ?? '') >= acknowledged.at) {
    return { ...nothing, refused: by ? `${by.by} has acknowledged it already` : 'it was taken back, or has expired' }
  }
  const turn = turnOf(before, config, now)
  if (turn.state.firing) Object.assign(turn.state.firing, { acknowledged, heardAt: acknowledged.at })
  toAllWhoKnow(turn, { is: 'acknowledged', ...acknowledged })
  return { state: turn.state, wake: turn.wake }
}

/** Was it said of the firing before this one? */
function isOfEnded({ firing, ended }: AlertState, { at }: Acknowledged): boolean {
  return ended !== undefined && at <= ended.at && (firing?.since ?? '') > ended.at
}

/** It is taken back, or has expired in PagerDuty: reminders and escalations start again. */
export function unacknowledge(
  before: AlertState,
  { by, at }: { by: string; at: string },
  config: Config,
  now: Date,
): Next & Partial<Refused> {
  const { firing } = before
  const isOld = (firing?.heardAt ?? '') > at
  if (!firing?.acknowledged || isOld) {
    // What it takes back may come after it.
    const state = firing && !isOld ? { ...before, firing: { ...firing, heardAt: at } } : before
    return { state, wake: [], refused: 'nobody has acknowledged it' }
  }
  const turn = turnOf(before, config, now)
  if (turn.state.firing) turn.state.firing.heardAt = at
  startAgain(turn, { by, at })
  return { state: turn.state, wake: turn.wake }
}

/** Somebody has written something about it: whoever knows of it is sent that, but for where it was written. */
export function withNote(
  before: AlertState,
  note: { text: string; by: string; via: Acknowledged['via']; at: string },
  config: Config,
  now: Date,
): Next & Partial<Refused> {
  if (!before.firing) return { state: before, wake: [], refused: 'it does not fire' }
  const turn = turnOf(before, config, now)
  const { firing, recipients } = turn.state
  for (const [name, one] of Object.entries(recipients)) {
    const { notified } = one
    if (!notified || !firing || !isOfFiring(one, firing.since) || isOfType(notified.place, 'pagerduty')) continue
    const { change, at, status } = notified
    turn.owe(name, { change, at, status, update: { is: 'note', ...note } })
  }
  return { state: turn.state, wake: turn.wake }
}

/** Nobody works on it any more: it counts as if it were sent for the first time now. */
export function startAgain(turn: Turn, { by, at }: { by: string; at: string }): void {
  const { firing } = turn.state
  if (!firing) return
  delete firing.acknowledged
  delete firing.escalated
  if (firing.begunAt !== undefined) firing.begunAt = turn.now.toISOString()
  toAllWhoKnow(turn, { is: 'unacknowledged', by, at })
}

function turnOf(before: AlertState, config: Config, now: Date): Turn {
  return new Turn(withChannelsOf(structuredClone(before), config.channels, now), now)
}

function toAllWhoKnow(turn: Turn, update: Update): void {
  const { firing, recipients } = turn.state
  if (!firing) return
  for (const [name, one] of Object.entries(recipients)) {
    turn.dropUpdates(name)
    const { notified, lease } = one
    if (update.is === 'acknowledged' && lease)
      turn.state.recipients[name] = { ...one, lease: { ...lease, isAnswered: true } }
    if (!notified || !isOfFiring(one, firing.since)) continue
    if (isOfType(notified.place, 'pagerduty') && !isForPagerDuty(update, one)) continue
    const { change, at, status } = notified
    turn.update(name, { change, at, status, update })
  }
}

/** Not what came from there; not an incident that others share; and it can't be taken back (Events API v2). */
function isForPagerDuty(update: Update, { incident }: Recipient): boolean {
  return update.is === 'acknowledged' && update.via !== 'pagerduty' && !incident
}

/**
 * What a recipient is still owed once it has been sent a firing: that somebody has acknowledged it meanwhile. PagerDuty's
 * message never says that, and it goes on paging.
 * @param one as it was before.
 */
export function unheardBy(one: Recipient, { firing }: Pick<AlertState, 'firing'>, note: Note): Update | undefined {
  const { status, changedAt, notifiedAt, place, update, incident, token } = note
  const { acknowledged } = firing ?? {}
  if (!firing || !acknowledged || !isAcknowledged(firing, new Date(notifiedAt))) return undefined
  if (status !== 'firing' || changedAt < firing.since || update?.is === 'acknowledged') return undefined
  // It knew of the firing, so it was owed that when it was said.
  if (one.notified?.status === 'firing' && one.notified.at >= firing.since) return undefined
  const said: Update = { is: 'acknowledged', ...acknowledged }
  if (place !== undefined && isOfType(place, 'pagerduty')) {
    return incident === undefined && isForPagerDuty(said, one) ? said : undefined
  }
  return one.lease?.token === token && one.lease.isAnswered ? said : undefined
}

/** It was sent this episode, and not its end. */
function isOfFiring(one: Recipient, since: string): boolean {
  return knowsOfIt(one) && one.goneSince === undefined && (one.notified?.at ?? '') >= since
}
