import type { Alert } from '../../schemas/alert.ts'
import type { Config, Inhibition } from '../../schemas/config.ts'
import type { Notification } from '../../schemas/notification.ts'
import type { DecisionTrace } from '../../schemas/trace.ts'
import type { AlertState } from '../decide/alert-state.ts'
import { decide } from '../decide/decide.ts'
import { recipientsOf, type Timed } from '../decide/decision.ts'
import { nextDueAt } from '../decide/due-at.ts'
import { hold } from '../decide/hold.ts'
import { type Group, mutedIn, mutes } from '../decide/inhibit.ts'
import { type Next, nextByChange } from '../decide/next.ts'
import { nextByTime } from '../decide/next-by-time.ts'
import { notificationsOf } from '../decide/notifications.ts'
import { placeOf } from '../decide/place.ts'
import { noteOf } from '../decide/to-send.ts'
import { notified } from '../decide/turn.ts'
import { type Ahead, aheadOf } from '../decide/while-firing.ts'
import { traceOf } from './decision-trace.ts'

/** How an alert is decided at a given time, step by step. */
export interface Explanation extends DecisionTrace {
  alert: Alert
  decision: Timed
  /** What each channel is sent, now or later. */
  notifications: Notification[]
  /** By which others may hold it while they fire, and by which it holds others. */
  inhibitions: { mutedBy: Inhibition[]; mutes: Inhibition[] }
  /** What happens next if nobody reacts, and it goes on firing. */
  ahead: Ahead[]
}

/**
 * Explains how an alert is decided, with the router's own code and rules. `firingSince`: it has been firing since then under
 * these rules, and every channel that was not held has been notified. Pure.
 */
export function explanationOf(alert: Alert, config: Config, at: Date, firingSince?: Date): Explanation {
  const before = firingSince && stateAfter(alert, config, firingSince, at)
  const next = nextByChange(before, { alert, change: 'now' }, config, at)
  const inhibitionsIn = (groups: Group[]) =>
    (config.inhibit ?? []).filter(({ name }) => groups.some(({ inhibition }) => inhibition === name))
  const { firing, decided, decision } = firingSince ? next : decidedAlone(alert, config, at)
  return {
    alert,
    ...traceOf({ alert, config, firing, decided, decision, at }),
    decision,
    notifications: notificationsOf(alert, { ...decision, channels: recipientsOf(decision) }, config, firing?.since),
    inhibitions: { mutedBy: inhibitionsIn(mutedIn(alert, config)), mutes: inhibitionsIn(mutes(alert, config)) },
    ahead: aheadOf(allDelivered(next, at, config)),
  }
}

function decidedAlone(alert: Alert, config: Config, at: Date) {
  const decided = decide(alert, config, undefined, at)
  return { firing: undefined, decided, decision: hold(alert, decided, config, at) }
}

/** The state of an alert that started firing earlier: which channels were notified, and which are held. */
function stateAfter(alert: Alert, config: Config, since: Date, at: Date): AlertState {
  const began: Alert = { ...alert, status: 'firing', changedAt: since.toISOString() }
  const changes = new Map([['began', began]])
  let state = allDelivered(nextByChange(undefined, { alert: began, change: 'began' }, config, since), since, config)
  for (let due = nextDueAt(state); due !== undefined && due <= at.toISOString(); due = nextDueAt(state)) {
    state = allDelivered(nextByTime(state, changes, config, new Date(due)), new Date(due), config)
  }
  return state
}

/** As if every channel accepted immediately. */
function allDelivered({ state, wake }: Next, at: Date, { channels }: Config): AlertState {
  return wake.reduce((known, recipient) => {
    const { owed, channel = '' } = known.recipients[recipient] ?? {}
    if (!owed) return known
    const accepted = { fingerprint: known.fingerprint, recipient, token: '', notifiedAt: at.toISOString() }
    return notified(known, noteOf(owed, { ...accepted, place: placeOf(channels[channel]) }))
  }, state)
}
