import type { Config } from '../../schemas/config.ts'
import {
  type AlertState,
  isBeingNotified,
  type LogEntry,
  type Mark,
  type Notified,
  type Recipient,
} from './alert-state.ts'
import { channelNow, nameNow, presentName } from './channel-now.ts'
import { isGone, isOutstanding } from './due-at.ts'
import { allNotified, compareMarks, hasHeard, knowsOfIt, latestOf } from './marks.ts'
import { Turn } from './owe.ts'
import { mayHaveIncidents, placeOf } from './place.ts'
import { inTurn, isSameMark, owing, type Waiting, waitingOf } from './waiting.ts'

/*
 * What becomes of an alert's recipients as channels get other names, two of them become one, or one is named no more. Pure.
 */

/** A channel goes by its present name; one that the rules do not name is watched. */
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
    // The messages that are on their way name the old one. What waits for its next try waits on.
    if (isOutstanding(one)) one.lookAt = [now.toISOString(), one.nextTryAt ?? ''].sort().at(-1)
    const key = nameNow(one, channels)
    for (const main of Object.values(state.recipients)) if (main.fallbackTo === name) main.fallbackTo = key
    const other = state.recipients[key]
    delete other?.goneSince
    // What happened under the old name is told by it.
    const log = [...one.log.map((entry) => ({ of: name, ...entry })), ...(other?.log ?? [])]
    state.recipients[key] = { ...(other ? oneOf(one, other) : one), log }
    if (other) oweBoth(new Turn(state, now), key, [one, other], placeOf(channels[channel]))
  }
  return state
}

/**
 * The channel that leads where one was told whose name the rules have no more: a push that gave it the name was taken back.
 */
function heirOf({ notified }: Recipient, channels: Config['channels']): string | undefined {
  return Object.keys(channels).find(
    (name) => notified?.place !== undefined && placeOf(channels[name]) === notified.place,
  )
}

/** What it was owed by a name that the rules have no more is told by another, or by nobody. */
export function goneEntry({ channel }: Recipient, { change, status }: Mark, now: Date): LogEntry {
  return {
    at: now.toISOString(),
    change,
    status,
    outcome: 'gone',
    reason: `the rules name no channel "${channel}" any more`,
  }
}

/** The channel in whose place it was told may have another in its place from now on. */
export function withoutStandIn({ recipients }: AlertState, name: string, main: string | undefined): void {
  for (const one of Object.values(recipients)) {
    // What it is owed first by now may be told by nobody in its place yet, though what was given waits behind it.
    const isMain = one.fallbackTo === undefined && !one.fallbackFor && one.channel === main
    if (one.fallbackTo !== name && !isMain) continue
    delete one.fallbackTo
    delete one.owed?.given
    for (const mark of one.more ?? []) delete mark.given
  }
}

/**
 * What the channel knows by all its names, where it has been told of something newer by another of them. While rules are rolled
 * out, functions with older and with newer ones owe it by either, and neither may write the names that the others do not know.
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

/** Is the channel being told of the alert by another of its names just now? */
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

/** Two names are one channel from now on: its tries, its lease, its incidents. */
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
    ...(lease && { lease }),
    ...(incident !== undefined && { incident }),
    ...(leaving.length > 0 && { leaving }),
  }
}

/** The one that holds longest. Of a lapsed one, too, there may be late word. */
function leaseOf(a: Recipient, b: Recipient): Recipient['lease'] {
  const [one, other] = (a.lease?.until ?? 0) < (b.lease?.until ?? 0) ? [b, a] : [a, b]
  return one.lease && { ...one.lease, isOfOne: true, ...(other.maybe && { wasInDoubt: true as const }) }
}

/**
 * What a channel was owed by either of its names it is owed yet, but for what has been told where it leads to now. What was
 * told elsewhere it may be told again: other people were there.
 */
function oweBoth(turn: Turn, name: string, both: Recipient[], place: string | undefined): void {
  const { [name]: one } = turn.state.recipients
  if (!one) return
  // By the end it leaves its incidents, too, where it leads to them.
  const hasIncident = mayHaveIncidents(place) && (one.incident !== undefined || one.leaving !== undefined)
  const isHeard = (mark: Waiting) =>
    (mark.status !== 'resolved' || !hasIncident) &&
    both.some(({ notified }) => notified?.place === place && hasHeard(notified, mark))
  const all = both.flatMap(waitingOf).filter((mark) => !isHeard(mark))
  // What one of them could not be told, or not yet, the other may be.
  const soonest = (mark: Waiting) => all.filter((other) => isSameMark(other, mark)).sort(inTurn)
  const mine = waitingOf(one).flatMap((mark) => soonest(mark)[0] ?? [])
  const { here, newest } = notifiedBy(both, place)
  turn.state.recipients[name] = { ...owing(one, mine, turn.now), notified: here }
  const others = all.filter((mark) => !mine.some((own) => isSameMark(own, mark))).sort(compareMarks)
  const old = others.filter((mark) => !turn.owe(name, mark))
  // An end that is older than what was told by the other name closes its incident all the same.
  const isIdle = turn.state.recipients[name].owed === undefined
  const end = hasIncident && isIdle ? old.findLast(({ status }) => status === 'resolved') : undefined
  if (end) turn.state.recipients[name] = owing(turn.state.recipients[name], [end], turn.now)
  // That it fires may have been told by a newer change.
  const isReplaced = (mark: Waiting) => isHeard(mark) && both.every(({ notified }) => notified?.at !== mark.at)
  const gone = [...old.filter((mark) => mark !== end), ...both.flatMap(waitingOf).filter(isReplaced)]
  turn.overtake(name, gone)
  const { notified: _here, maybe, ...after } = turn.state.recipients[name]
  // What was in doubt by one name has been told by the other since: it is over.
  const isSure = !after.owed && newest?.status === 'resolved'
  turn.state.recipients[name] = { ...after, ...(maybe && !isSure && { maybe }), ...(newest && { notified: newest }) }
}

/**
 * What was told where a channel leads to, or where nobody knows; and what it is taken to know: of whatever was told elsewhere
 * since, and has not ended, it hears the end.
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
