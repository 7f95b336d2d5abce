import type { Config } from '../../schemas/config.ts'
import {
  type AlertState,
  entryOf,
  isBeingNotified,
  type LogEntry,
  type Mark,
  type Notified,
  type Owed,
  type Recipient,
} from './alert-state.ts'
import { channelNow, nameNow, presentName } from './channel-now.ts'
import { isGone, isOutstanding } from './due-at.ts'
import { allNotified, compareMarks, hasReceived, knowsOfIt, latestOf } from './marks.ts'
import { Turn } from './owe.ts'
import { mayHaveIncidents, placeOf } from './place.ts'
import { inTurn, isSameMark, owing, type Waiting, waitingOf } from './waiting.ts'

/*
 * What happens to an alert's recipients when channels are renamed, merged, or removed. Pure.
 */

/** Renames recipients to their channel's present name; starts the deadline of a removed one. */
export function withChannelsOf(state: AlertState, channels: Config['channels'], now: Date): AlertState {
  for (const [name, one] of Object.entries(state.recipients)) {
    const known = channelNow(channels, one.channel)
    const channel = known ?? (isGone(one, now) ? heirOf(one, channels) : undefined)
    if (channel === undefined) {
      one.goneSince ??= now.toISOString()
      continue
    }
    if (known === undefined) one.log = [...one.log, ...waitingOf(one).map((owed) => goneEntry(one, owed, now))]
    delete one.goneSince
    const { fallbackFor } = one
    const instead = fallbackFor && presentName(channels, fallbackFor.channel)
    if (channel === one.channel && instead === fallbackFor?.channel) continue
    delete state.recipients[name]
    one.channel = channel
    if (fallbackFor && instead !== undefined) one.fallbackFor = { ...fallbackFor, channel: instead }
    if (instead === channel) {
      delete one.fallbackFor
      withoutStandIn(state, name, fallbackFor?.channel)
    }
    // Messages on their way name the old one. A recipient that waits for its next attempt keeps waiting.
    if (isOutstanding(one)) one.lookAt = [now.toISOString(), one.nextTryAt ?? ''].sort().at(-1)
    const key = nameNow(one, channels)
    for (const main of Object.values(state.recipients)) if (main.fallbackTo === name) main.fallbackTo = key
    const other = state.recipients[key]
    delete other?.goneSince
    // Entries from under the old name keep that name.
    const log = [...one.log.map((entry) => ({ of: name, ...entry })), ...(other?.log ?? [])]
    state.recipients[key] = { ...(other ? oneOf(one, other) : one), log }
    if (other) oweBoth(new Turn(state, now), key, [one, other], placeOf(channels[channel]))
  }
  return state
}

/**
 * The channel that now leads where a recipient with a removed name was notified: a push that had introduced the name
 * was rolled back.
 */
function heirOf({ notified }: Recipient, channels: Config['channels']): string | undefined {
  return Object.keys(channels).find(
    (name) => notified?.place !== undefined && placeOf(channels[name]) === notified.place,
  )
}

/** What it was owed under a removed name is sent by another channel, or by none. */
export function goneEntry({ channel }: Recipient, owed: Owed, now: Date): LogEntry {
  return {
    ...entryOf(owed, 'gone', now.toISOString()),
    reason: `the rules name no channel "${channel}" any more`,
  }
}

/** A main channel whose fallback was removed may get another one. */
export function withoutStandIn({ recipients }: AlertState, name: string, main: string | undefined): void {
  for (const one of Object.values(recipients)) {
    // What it is owed first may have no fallback yet, though changes behind it were handed over.
    const isMain = one.fallbackTo === undefined && !one.fallbackFor && one.channel === main
    if (one.fallbackTo !== name && !isMain) continue
    delete one.fallbackTo
    delete one.owed?.given
    for (const mark of one.more ?? []) delete mark.given
  }
}

/**
 * What the channel received under all its names, if one of the others has received something newer. While rules are
 * rolled out, functions with older and newer ones owe it under either name, and neither may write names that the others
 * do not know.
 */
export function knownByOtherName(
  state: AlertState,
  recipient: string,
  mark: Mark,
  channels: Config['channels'],
  now: Date,
): Recipient | undefined {
  const { [recipient]: mine, ...others } = state.recipients
  if (!mine) return undefined
  const name = nameNow(mine, channels)
  if (Object.values(others).every((other) => nameNow(other, channels) !== name)) return undefined
  const one = withChannelsOf(structuredClone(state), channels, now).recipients[name]
  return one && waitingOf(one).some((waiting) => isSameMark(waiting, mark)) ? undefined : one
}

/** Is the channel being notified of the alert under another of its names right now? */
export function isBusyByOtherName(
  state: AlertState,
  recipient: string,
  channels: Config['channels'],
  now: Date,
): boolean {
  const { [recipient]: mine, ...others } = state.recipients
  const name = mine && nameNow(mine, channels)
  return Object.values(others).some((other) => isBeingNotified(other, now) && nameNow(other, channels) === name)
}

const OLDEST = { at: '', status: 'firing' } as const

/** Merges two names into one channel: its attempts, its lease, its incidents. */
function oneOf(a: Recipient, b: Recipient): Recipient {
  const isNewer = compareMarks(latestOf(a) ?? OLDEST, latestOf(b) ?? OLDEST) > 0
  const [newer, older] = isNewer ? [a, b] : [b, a]
  const { lease: _lease, missed: _missed, ...rest } = newer
  const [missed] = [newer.missed ?? [], older.missed ?? []].flat().sort((one, other) => other.count - one.count)
  const lease = leaseOf(newer, older)
  const mayKnow = (one: Recipient) => knowsOfIt(one) || one.maybe === true
  const incident = newer.incident ?? (mayKnow(newer) ? undefined : older.incident)
  // An alert is in one incident; '' is its own.
  const beside = older.incident ?? (mayKnow(older) ? '' : undefined)
  const leaving = [
    ...new Set([...(newer.leaving ?? []), ...(older.leaving ?? []), ...(beside === undefined ? [] : [beside])]),
  ].filter((key) => key !== (incident ?? ''))
  return {
    ...rest,
    ...((a.maybe || b.maybe) && { maybe: true as const }),
    ...(missed && { missed }),
    ...((newer.posted ?? older.posted) && { posted: newer.posted ?? older.posted }),
    ...(lease && { lease }),
    ...(incident !== undefined && { incident }),
    ...(leaving.length > 0 && { leaving }),
  }
}

/** The longer lease. An expired one may still be answered late. */
function leaseOf(a: Recipient, b: Recipient): Recipient['lease'] {
  const [one, other] = (a.lease?.until ?? 0) < (b.lease?.until ?? 0) ? [b, a] : [a, b]
  return one.lease && { ...one.lease, isOfOne: true, ...(other.maybe && { wasInDoubt: true as const }) }
}

/**
 * A merged channel is still owed what either name was owed, except what was received at its present place. What was
 * received elsewhere may be sent again: other people were there.
 */
function oweBoth(turn: Turn, name: string, both: Recipient[], place: string | undefined): void {
  const { [name]: one } = turn.state.recipients
  if (!one) return
  // With the resolve it leaves its incidents, too, if its place has them.
  const hasIncident = mayHaveIncidents(place) && (one.incident !== undefined || one.leaving !== undefined)
  const isReceived = (mark: Waiting) =>
    (mark.status !== 'resolved' || !hasIncident) &&
    both.some(({ notified }) => notified?.place === place && hasReceived(notified, mark))
  const all = both.flatMap(waitingOf).filter((mark) => !isReceived(mark))
  // What one of them could not be sent, or not yet, the other may be.
  const soonest = (mark: Waiting) => all.filter((other) => isSameMark(other, mark)).sort(inTurn)
  const mine = waitingOf(one).flatMap((mark) => soonest(mark)[0] ?? [])
  const { here, newest } = notifiedBy(both, place)
  turn.state.recipients[name] = { ...owing(one, mine, turn.now), notified: here }
  const others = all.filter((mark) => !mine.some((own) => isSameMark(own, mark))).sort(compareMarks)
  const old = others.filter((mark) => !turn.owe(name, mark))
  // A resolve that is older than what the other name received still closes its incident.
  const isIdle = turn.state.recipients[name].owed === undefined
  const end = hasIncident && isIdle ? old.findLast(({ status }) => status === 'resolved') : undefined
  if (end) turn.state.recipients[name] = owing(turn.state.recipients[name], [end], turn.now)
  // The firing may have been received as a newer change.
  const isReplaced = (mark: Waiting) => isReceived(mark) && both.every(({ notified }) => notified?.at !== mark.at)
  const gone = [...old.filter((mark) => mark !== end), ...both.flatMap(waitingOf).filter(isReplaced)]
  turn.overtake(name, gone)
  const { notified: _here, maybe, ...after } = turn.state.recipients[name]
  // What was uncertain under one name was received under the other since, and has ended.
  const isSure = !after.owed && newest?.status === 'resolved'
  turn.state.recipients[name] = { ...after, ...(maybe && !isSure && { maybe }), ...(newest && { notified: newest }) }
}

/**
 * What was received at a channel's present place, or at an unknown one; and what counts as received: it gets the
 * resolve of whatever was received elsewhere since and has not ended.
 */
function notifiedBy(
  both: Recipient[],
  place: string | undefined,
): { here: Notified | undefined; newest: Notified | undefined } {
  const all = both.flatMap(({ notified }) => notified ?? []).sort(compareMarks)
  const isElsewhere = (notified: Notified) => notified.place !== undefined && notified.place !== place
  const here = all.filter((notified) => !isElsewhere(notified)).reduce<Notified | undefined>(allNotified, undefined)
  const since = all.filter((notified) => isElsewhere(notified) && (!here || compareMarks(notified, here) > 0))
  const known = here ? [here, ...since] : since
  return { here, newest: known.find(({ status }) => status !== 'resolved') ?? known.at(-1) }
}
