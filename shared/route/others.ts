import type { Alert } from '../../schemas/alert.ts'
import { changeIdOf } from '../alert/identity.ts'
import { together } from '../aws/together.ts'
import type { AlertState, Counted, MutedBy, Others } from '../decide/alert-state.ts'
import { asksOthers, countedIn, countsAnything, mostWith } from '../decide/count.ts'
import { decide } from '../decide/decide.ts'
import { durationMs } from '../decide/duration.ts'
import { type Group, mutedIn, mutes } from '../decide/inhibit.ts'
import { firingOf } from '../decide/next.ts'
import { beganAt, doesMute, freedBetween, isFree, isSource, MOST_IN_A_ROW } from '../decide/others.ts'
import type { Silenced } from '../decide/silence.ts'
import { readAlert } from '../store/alerts.ts'
import {
  type Announced,
  addFreed,
  addSource,
  addWaiting,
  countFired,
  removeSource,
  removeWaiting,
  sourcesOf,
} from '../store/groups.ts'

/*
 * Asks other alerts about one before it is decided, and lets them know of it afterwards. What is written elsewhere only says
 * where to look; whatever is decided by is read from the alerts themselves.
 */

/**
 * Before others are asked, and before its state is written: of two that arrive at the same moment, one finds the other. Those of
 * a batch have read their states together; each now goes on when all have announced themselves, so a cause that comes with its
 * effects mutes them.
 * @returns the groups that it mutes, if it now fires.
 */
export const announce = together(async (all: About[]) => {
  const outcomes = await Promise.allSettled(all.map(announceOne))
  return outcomes.map((one) => (one.status === 'fulfilled' ? one.value : asError(one.reason)))
})

const asError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)))

async function announceOne({ key, alert, before, config }: About): Promise<Group[]> {
  if (alert.status !== 'firing' || isPast(alert, before)) return []
  const groups = mutes(alert, config)
  const { title } = alert
  const of = { alert: key, title, version: (before?.version ?? 0) + 1, at: new Date().toISOString() }
  const isNew = ({ id }: Group) => !before || !isSource(before, id)
  await Promise.all(groups.filter(isNew).map(({ id }) => addSource(id, of)))
  return groups
}

/** An alert, the key of its state, and what is known of it. */
export interface About {
  key: string
  alert: Alert
  before: AlertState | undefined
  config: Silenced
}

/** A retried message about an episode that has ended. */
function isPast(alert: Alert, before: AlertState | undefined): boolean {
  return before !== undefined && !before.firing && before.seen.includes(changeIdOf(alert))
}

/** What other alerts say about one now; `undefined`: by these rules, they say nothing. */
export async function askOthers(about: About, now: Date): Promise<Others | undefined> {
  const { alert, before, config } = about
  if (!asksOthers(config)) return before?.mutedBy || before?.waitsIn ? {} : undefined
  const mutedBy = await mutedNow(about)
  const counted = await countedNow(about, now)
  const wasFreed = alert.status === 'resolved' && (await wasFreedBefore(about))
  return { ...(mutedBy && { mutedBy }), ...(counted && { counted }), ...(wasFreed && { wasFreed }) }
}

/** What goes on for so long after its source should have been sent by then. */
const EVALUATED_WITHIN_MS = 3 * 60_000

/** It has ended, and the clock has not evaluated it since the source did. */
async function wasFreedBefore({ key, alert, before, config }: About): Promise<boolean> {
  const { mutedBy, waitsIn = [] } = before ?? {}
  if (!mutedBy || waitsIn.some((group) => group !== mutedBy.group)) return false
  const source = await readAlert(mutedBy.source)
  const endedAt = source && !isSource(source, mutedBy.group) ? source.ended?.at : undefined
  if (endedAt === undefined || Date.parse(alert.changedAt) - Date.parse(endedAt) < EVALUATED_WITHIN_MS) return false
  const fired: Alert = { ...alert, status: 'firing' }
  return (await mutedNow({ key, alert: fired, before, config })) === undefined
}

async function mutedNow({ key, alert, before, config }: About): Promise<MutedBy | undefined> {
  const groups = mutedIn(alert, config)
  // The same one first: what is muted stays so by the same as long as it fires.
  const last = before?.mutedBy?.group
  const sorted = groups.toSorted((a, b) => Number(b.id === last) - Number(a.id === last))
  for (const { id: group, inhibition } of sorted) {
    const mutedBy = await muting({ group, inhibition }, key, isFree(before))
    if (mutedBy) return mutedBy
  }
  return undefined
}

async function countedNow({ key, alert, before, config }: About, now: Date): Promise<Counted | undefined> {
  if (alert.status !== 'firing' || !countsAnything(config).isSo || isPast(alert, before)) return undefined
  const decided = decide(alert, config, before && firingOf(before), now)
  const group = countedIn(alert, decided)
  const { count } = decided
  if (!count || group === undefined) return undefined
  if (before?.firing?.counted) return { group, found: count.atLeast, isEnough: true }
  await addWaiting(group, key)
  const at = beganAt(alert, before)
  const { atLeast, within } = count
  const fired = await countFired(group, { at, alert: key }, { withinMs: durationMs(within), most: atLeast })
  const found = mostWith(fired, at, count)
  return { group, found, isEnough: found >= atLeast }
}

async function muting(
  of: Pick<MutedBy, 'inhibition' | 'group'>,
  target: string,
  isTargetFree: boolean,
): Promise<MutedBy | undefined> {
  const { group } = of
  const sources = (await sourcesOf(group)).filter(({ alert }) => alert !== target)
  if (sources.length === 0) return undefined
  await addWaiting(group, target)
  for (const announced of sources) {
    const source = await readAlert(announced.alert)
    const isSo =
      source && isSource(source, group)
        ? doesMute(await rowFrom(source), target, isTargetFree)
        : isBeingWritten(announced, source, new Date())
    if (isSo) return { ...of, source: announced.alert, title: announced.title }
    if (isForgotten(announced, source, group)) await removeSource(group, announced.alert, announced.version)
  }
  await removeWaiting(group, target)
  return undefined
}

/** As long as an invocation takes, usually. Once the alert is written, it is checked again anyway. */
const BEING_WRITTEN_MS = 5_000

function isBeingWritten({ version, at }: Announced, source: AlertState | undefined, now: Date): boolean {
  return (source?.version ?? 0) < version && now.getTime() - Date.parse(at) < BEING_WRITTEN_MS
}

/** Longer than any invocation: whatever was announced is written by now, or never will be. */
const FORGOTTEN_MS = 60_000

function isForgotten({ version, at }: Announced, source: AlertState | undefined, group: string): boolean {
  if (source && isSource(source, group)) return false
  return (source?.version ?? 0) >= version || Date.now() - Date.parse(at) > FORGOTTEN_MS
}

/**
 * After an alert's state is written: those that it muted are evaluated again, and it is forgotten where it is muted no more. A
 * message that is retried may find it written already: its end frees the same again.
 * @param announced what it would mute if it fired.
 * @param others what they said of it: it may be the one that makes them enough.
 */
export async function freeOthers(
  before: AlertState | undefined,
  after: AlertState | undefined,
  { announced = [], ended = [], others }: { announced?: Group[]; ended?: Group[]; others?: Others | undefined } = {},
): Promise<void> {
  if (!after) return
  const { fingerprint, version, mutedBy, waitsIn } = after
  const idsOf = (groups: Group[]) => groups.map(({ id }) => id).filter((group) => !isSource(after, group))
  const freed = freedBetween(before, after).union(new Set(idsOf(ended)))
  for (const group of freed) {
    await removeSource(group, fingerprint, version)
    await addFreed(group)
  }
  // Also what was written before: the function may have died before it said so.
  const isNews = !before?.firing?.counted || before === after
  if (others?.counted?.isEnough && isNews) await freeCounted(others.counted.group, fingerprint)
  // It does not fire after all: it has ended already, say.
  for (const group of idsOf(announced)) await removeSource(group, fingerprint, version + 1)
  for (const group of new Set(before?.waitsIn).difference(new Set(waitsIn))) await removeWaiting(group, fingerprint)
  // What mutes it may have ended while its own state was being written: then nobody has found it.
  if (mutedBy && !(await isMutedBy(mutedBy, fingerprint))) await addFreed(mutedBy.group)
}

/** The groups that an end frees, whatever was known before it. */
export function endedGroups(alert: Alert, config: Silenced): Group[] {
  return alert.status === 'resolved' ? mutes({ ...alert, status: 'firing' }, config) : []
}

async function isMutedBy({ source: key, group }: MutedBy, target: string): Promise<boolean> {
  const source = await readAlert(key)
  return source !== undefined && isSource(source, group) && doesMute(await rowFrom(source), target, false)
}

/** A source, what mutes it, what mutes that, and so on. */
async function rowFrom(source: AlertState): Promise<AlertState[]> {
  const row = [source]
  for (let last = source; last.mutedBy && row.length <= MOST_IN_A_ROW; ) {
    const next = await readAlert(last.mutedBy.source)
    if (!next) break
    row.push(next)
    last = next
  }
  return row
}

/** Whatever waits with it. It has said that it waits before it knew. */
async function freeCounted(group: string, alert: string): Promise<void> {
  await removeWaiting(group, alert)
  await addFreed(group)
}
