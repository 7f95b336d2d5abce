import type { Config } from '../../schemas/config.ts'
import {
  type AlertState,
  compareMarks,
  isOutstanding,
  knowsOfIt,
  latestOf,
  type Mark,
  type Recipient,
} from './alert-state.ts'
import { channelNow, nameNow } from './channel-now.ts'
import { Turn } from './owe.ts'
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
    if (other) oweBoth(new Turn(state, now), key, one, other)
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
  // An end is told by each of its names: there may be an incident, or other people, behind either.
  if (!mine || mark.status === 'resolved') return false
  const name = nameNow(mine, channels)
  if (Object.values(others).every((other) => nameNow(other, channels) !== name)) return false
  const one = withChannelsOf(structuredClone(state), channels, now).recipients[name]
  return one !== undefined && !waitingOf(one).some((waiting) => isSameMark(waiting, mark))
}

const OLDEST = { at: '', status: 'firing' } as const

/**
 * Two channels have become one, which knows what either was told. What both are owed it is owed; what one of them was told, the
 * other is owed yet: other people may have been behind it.
 */
function oneOf(a: Recipient, b: Recipient, now: Date): Recipient {
  const isNewer = compareMarks(latestOf(a) ?? OLDEST, latestOf(b) ?? OLDEST) > 0
  const [newer, older] = isNewer ? [a, b] : [b, a]
  const [told] = [a.told, b.told].filter((mark) => mark !== undefined).sort((x, y) => compareMarks(y, x))
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
    ...(told && { told }),
    ...((a.maybe || b.maybe) && { maybe: true as const }),
    ...(missed && { missed }),
    ...(lease && { lease }),
    ...(incident !== undefined && { incident }),
    ...(leaving.length > 0 && { leaving }),
  }
}

/** What either was owed: an end only where neither is owed anything newer. */
function oweBoth(turn: Turn, name: string, a: Recipient, b: Recipient): void {
  const one = turn.state.recipients[name]
  if (!one) return
  const isOwed = (mark: Waiting) =>
    waitingOf(one).some(({ change, status }) => change === mark.change && status === mark.status)
  const both = [...waitingOf(a), ...waitingOf(b)]
  const others = both.filter((mark) => !isOwed(mark)).sort(compareMarks)
  // What one of them could not be told, the other may be told yet.
  const isTried = (mark: Waiting) => both.some((other) => !other.dead && isSameMark(other, mark))
  const tried = waitingOf(one).map((mark) => (mark.dead && isTried(mark) ? { ...mark, dead: undefined } : mark))
  turn.state.recipients[name] = owing(one, tried, turn.now)
  for (const mark of others) if (mark.status !== 'resolved') turn.owe(name, mark)
}
