import type { Config } from '../../schemas/config.ts'
import {
  type AlertState,
  compareMarks,
  hasHeard,
  isOutstanding,
  knowsOfIt,
  latestOf,
  type Mark,
  type Recipient,
  type Told,
} from './alert-state.ts'
import { channelNow, nameNow } from './channel-now.ts'
import { Turn } from './owe.ts'
import { placeOf } from './place.ts'
import { isSameMark, owing, type Waiting, waitingOf } from './waiting.ts'

/*
 * What becomes of an alert's recipients as channels get other names, two of them become one, or one is named no more. Pure.
 */

/** A channel goes by its present name; one that the rules do not name is watched. */
export function withChannelsOf(state: AlertState, channels: Config['channels'], now: Date): AlertState {
  for (const [name, one] of Object.entries(state.recipients)) {
    const channel = channelNow(channels, one.channel)
    if (channel === undefined) {
      one.goneSince ??= now.toISOString()
      continue
    }
    delete one.goneSince
    const { fallbackFor } = one
    const instead = fallbackFor && (channelNow(channels, fallbackFor.channel) ?? fallbackFor.channel)
    if (channel === one.channel && instead === fallbackFor?.channel) continue
    delete state.recipients[name]
    one.channel = channel
    if (fallbackFor && instead !== undefined) one.fallbackFor = { ...fallbackFor, channel: instead }
    // The messages that are on their way name the old one. What waits for its next try waits on.
    if (isOutstanding(one)) one.lookAt = [now.toISOString(), one.nextTryAt ?? ''].sort().at(-1)
    const key = nameNow(one, channels)
    for (const main of Object.values(state.recipients)) if (main.fallbackTo === name) main.fallbackTo = key
    const other = state.recipients[key]
    // What happened under the old name is told by it.
    const log = [...one.log.map((entry) => ({ of: name, ...entry })), ...(other?.log ?? [])]
    state.recipients[key] = { ...(other ? oneOf(one, other, now) : one), log }
    if (other) oweBoth(new Turn(state, now), key, [one, other], placeOf(channels[channel]))
  }
  return state
}

/**
 * Has the channel been told of something newer by another of its names? While rules are rolled out, functions with older and
 * with newer ones owe it by either, and neither may write the names that the others do not know.
 */
export function knowsByOtherName(
  state: AlertState,
  recipient: string,
  mark: Mark,
  channels: Config['channels'],
  now: Date,
): boolean {
  const { [recipient]: mine, ...others } = state.recipients
  if (!mine) return false
  const name = nameNow(mine, channels)
  if (Object.values(others).every((other) => nameNow(other, channels) !== name)) return false
  const one = withChannelsOf(structuredClone(state), channels, now).recipients[name]
  return one !== undefined && !waitingOf(one).some((waiting) => isSameMark(waiting, mark))
}

/** Is the channel being told of the alert by another of its names just now? */
export function isBusyByOtherName(
  state: AlertState,
  recipient: string,
  channels: Config['channels'],
  now: Date,
): boolean {
  const { [recipient]: mine, ...others } = state.recipients
  const isHeld = ({ lease }: Recipient) => lease !== undefined && lease.until > now.getTime()
  const name = mine && nameNow(mine, channels)
  return Object.values(others).some((other) => isHeld(other) && nameNow(other, channels) === name)
}

const OLDEST = { at: '', status: 'firing' } as const

/** Two names are one channel from now on: its tries, its lease, its incidents. */
function oneOf(a: Recipient, b: Recipient, now: Date): Recipient {
  const isNewer = compareMarks(latestOf(a) ?? OLDEST, latestOf(b) ?? OLDEST) > 0
  const [newer, older] = isNewer ? [a, b] : [b, a]
  const { lease: _lapsed, ...rest } = newer
  const lease = [newer.lease, older.lease].find((one) => one !== undefined && one.until > now.getTime())
  const incident = newer.incident ?? (knowsOfIt(newer) ? undefined : older.incident)
  const missed = newer.missed ?? older.missed
  // An alert is in one incident; '' is its own.
  const beside = older.incident ?? (knowsOfIt(older) ? '' : undefined)
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

/**
 * What a channel was owed by either of its names it is owed yet, but for what has been told where it leads to now. What was told
 * elsewhere it may be told again: other people were there.
 */
function oweBoth(turn: Turn, name: string, both: Recipient[], place: string | undefined): void {
  const { [name]: one } = turn.state.recipients
  if (!one) return
  // By the end it leaves its incidents, too.
  const hasIncident = one.incident !== undefined || one.leaving !== undefined
  const isHeard = (mark: Waiting) =>
    (mark.status !== 'resolved' || !hasIncident) &&
    both.some(({ told }) => told?.place === place && hasHeard(told, mark))
  const all = both.flatMap(waitingOf).filter((mark) => !isHeard(mark))
  const mine = waitingOf(one).filter((mark) => !isHeard(mark))
  // What one of them could not be told, the other may be told yet.
  const isTried = (mark: Waiting) => all.some((other) => !other.dead && isSameMark(other, mark))
  const tried = mine.map((mark) => (mark.dead && isTried(mark) ? { ...mark, dead: undefined } : mark))
  const { here, newest } = toldBy(both, place)
  turn.state.recipients[name] = { ...owing(one, tried, turn.now), told: here }
  const others = all.filter((mark) => !mine.some((own) => isSameMark(own, mark))).sort(compareMarks)
  const old = others.filter((mark) => !turn.owe(name, mark))
  const { told: _here, ...after } = turn.state.recipients[name]
  turn.state.recipients[name] = { ...after, ...(newest && { told: newest }) }
  turn.drop(name, old, { at: turn.now.toISOString() })
}

/**
 * What was told last where a channel leads to, or where nobody knows; and what it is taken to know: of whatever was told
 * elsewhere since, and has not ended, it hears the end.
 */
function toldBy(both: Recipient[], place: string | undefined): { here: Told | undefined; newest: Told | undefined } {
  const all = both.flatMap(({ told }) => told ?? []).sort(compareMarks)
  const isElsewhere = (told: Told) => told.place !== undefined && told.place !== place
  const here = all.filter((told) => !isElsewhere(told)).at(-1)
  const since = all.filter((told) => isElsewhere(told) && (!here || compareMarks(told, here) > 0))
  const known = here ? [here, ...since] : since
  return { here, newest: known.find(({ status }) => status !== 'resolved') ?? known.at(-1) }
}
