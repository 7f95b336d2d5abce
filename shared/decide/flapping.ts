import type { AlertState, Flapping, Mark } from './alert-state.ts'
import type { Decision } from './decision.ts'
import { durationMs } from './duration.ts'
import { heldBy } from './hold.ts'
import { knowsOfIt } from './marks.ts'
import type { Turn } from './owe.ts'
import { mayHaveIncidents } from './place.ts'
import { waitingOf } from './waiting.ts'
import { calmAt } from './while-firing.ts'
import type { Hold } from './windows.ts'

/*
 * An alert flaps once it has begun to fire or ended often enough within a time, until it has done neither for another.
 * The change that makes it flap is sent, and says so. What fires after that is held until it has calmed, so that it is
 * sent only if it lasts; then, or if it has ended for so long, whoever knows that it flaps is notified how it is. Ends are
 * sent as always, and so is whatever is critical. Pure.
 */

/** A change is known, by which an alert may begin to fire, or end. */
export function withTurn(state: AlertState, mark: Mark, { flapping: rule }: Decision): void {
  if (!rule) delete state.turns
  const isTurn = mark.status === 'firing' ? !state.firing : mark.status === 'resolved' && state.firing
  if (!isTurn || state.once) return
  if (state.flapping && mark.at >= calmAt(state.flapping)) hasCalmed(state, state.flapping)
  const { flapping } = state
  if (flapping) {
    const { changes, lastAt } = flapping
    state.flapping = { ...flapping, changes: changes + 1, lastAt: mark.at > lastAt ? mark.at : lastAt }
    return
  }
  if (!rule) return
  const all = [...(state.turns ?? []), mark.at].sort()
  const lastAt = all.at(-1) ?? mark.at
  const from = new Date(Date.parse(lastAt) - durationMs(rule.within)).toISOString()
  const turns = all.filter((at) => at >= from).slice(-rule.changes)
  if (turns.length < rule.changes) {
    state.turns = turns
    return
  }
  delete state.turns
  state.flapping = { since: turns[0] ?? lastAt, lastAt, changes: turns.length, calmAfter: rule.calmAfter }
}

/** The change is sent to somebody: from then on they know that it flaps. */
export function withSaid({ flapping }: AlertState, { change, at }: Mark): void {
  if (flapping && flapping.said === undefined) flapping.said = { change, at }
}

/**
 * A decision on a firing, as it holds for what flaps: held until it has calmed; not at all, by any hold of the rules, as
 * long as nobody knows that it flaps.
 */
export function asItFlaps<Decided extends Pick<Decision, 'hold' | 'flapping' | 'severity'>>(
  decided: Decided,
  { flapping }: Pick<AlertState, 'flapping'>,
  change: string,
): Decided & { flaps?: true } {
  if (!flapping || !decided.flapping) return decided
  if (flapping.said === undefined || flapping.said.change === change) return { ...decided, hold: undefined }
  if (decided.severity === 'critical') return decided
  const isLonger = decided.hold !== undefined && durationMs(decided.hold) > durationMs(flapping.calmAfter)
  return isLonger ? decided : { ...decided, hold: flapping.calmAfter, flaps: true }
}

/** What would have said that it flaps was never sent to anybody: the next that is, says so. */
export function withoutSaid({ flapping, recipients }: AlertState): void {
  const said = flapping?.said
  if (!said) return
  const isKnown = Object.values(recipients).some(
    (one) =>
      one.maybe ||
      (one.notified && one.notified.at >= said.at) ||
      waitingOf(one).some(({ change, fired }) => change === said.change || fired === said.change),
  )
  if (!isKnown) delete flapping.said
}

/** It flaps no more: whoever knows that it did is notified, by a message of its own, or with the next that is sent. */
function hasCalmed(state: AlertState, flapping: Flapping): void {
  const { changes, since, said } = flapping
  delete state.flapping
  if (state.firing) state.firing.flapped = { changes, since }
  if (said === undefined) return
  for (const one of Object.values(state.recipients)) {
    const { notified, goneSince } = one
    if (!notified || notified.at < said.at || goneSince !== undefined) continue
    // It takes no notes.
    if (notified.place !== undefined && mayHaveIncidents(notified.place)) continue
    one.calmed = { at: calmAt(flapping), changes, since }
  }
}

/**
 * It has calmed: whoever knows that it flaps is notified how it is now, unless something is on its way that says so.
 * `held`: until when a channel may not be notified of the firing. Ends go through.
 */
export function calm(turn: Turn, held: (channel: string) => Hold | undefined = () => undefined): void {
  const { state, now } = turn
  if (state.flapping && calmAt(state.flapping) <= now.toISOString()) hasCalmed(state, state.flapping)
  for (const [name, one] of Object.entries(state.recipients)) {
    const { notified, calmed, channel } = one
    if (!notified || !calmed || waitingOf(one).length > 0) continue
    const hold = state.firing && knowsOfIt(one) ? held(channel) : undefined
    turn.update(name, {
      ...{ change: notified.change, at: notified.at, status: notified.status },
      ...(hold && heldBy(hold)),
      update: { is: 'calmed', ...calmed },
    })
  }
}
