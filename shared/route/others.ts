import type { Alert } from '../../schemas/alert.ts'
import type { AlertState, MutedBy, Others } from '../decide/alert-state.ts'
import { type Group, mutedIn, mutes } from '../decide/inhibit.ts'
import { doesMute, freedBetween, isSource, MOST_IN_A_ROW } from '../decide/others.ts'
import type { Silenced } from '../decide/silence.ts'
import { readAlert } from '../store/alerts.ts'
import {
  type Announced,
  addFreed,
  addMuted,
  addSource,
  removeMuted,
  removeSource,
  sourcesOf,
} from '../store/inhibitions.ts'

/*
 * Asks other alerts about one before it is decided, and lets them know of it afterwards. What is written elsewhere only says
 * where to look; whatever is decided by is read from the alerts themselves.
 */

/**
 * Before others are asked, and before its state is written: of two that arrive at the same moment, one finds the other.
 * @returns the groups that it mutes, if it now fires.
 */
export async function announce(
  key: string,
  alert: Alert,
  before: AlertState | undefined,
  config: Silenced,
): Promise<Group[]> {
  if (alert.status !== 'firing') return []
  const groups = mutes(alert, config)
  const { title } = alert
  const of = { alert: key, title, version: (before?.version ?? 0) + 1, at: new Date().toISOString() }
  const isNew = ({ id }: Group) => !before || !isSource(before, id)
  await Promise.all(groups.filter(isNew).map(({ id }) => addSource(id, of)))
  return groups
}

/**
 * What other alerts say about one now; `undefined`: by these rules, they say nothing.
 * @param key of the alert's state.
 */
export async function askOthers(
  key: string,
  alert: Alert,
  state: AlertState | undefined,
  config: Silenced,
): Promise<Others | undefined> {
  const before = state?.mutedBy
  if (!config.inhibit?.length) return before && {}
  const groups = mutedIn(alert, config)
  // The same one first: what is muted stays so by the same as long as it fires.
  const sorted = groups.toSorted((a, b) => Number(b.id === before?.group) - Number(a.id === before?.group))
  for (const { id: group, inhibition } of sorted) {
    const mutedBy = await muting({ group, inhibition }, key)
    if (mutedBy) return { mutedBy }
  }
  return {}
}

async function muting(of: Pick<MutedBy, 'inhibition' | 'group'>, target: string): Promise<MutedBy | undefined> {
  const { group } = of
  const sources = (await sourcesOf(group)).filter(({ alert }) => alert !== target)
  if (sources.length === 0) return undefined
  await addMuted(group, target)
  for (const announced of sources) {
    const source = await readAlert(announced.alert)
    const isSo =
      source && isSource(source, group)
        ? doesMute(await rowFrom(source), target)
        : isBeingWritten(announced, source, new Date())
    if (isSo) return { ...of, source: announced.alert, title: announced.title }
    if (source && !isSource(source, group)) await removeSource(group, announced.alert, source.version)
  }
  await removeMuted(group, target)
  return undefined
}

/** As long as an invocation takes, usually. Once the alert is written, it is checked again anyway. */
const BEING_WRITTEN_MS = 5_000

function isBeingWritten({ version, at }: Announced, source: AlertState | undefined, now: Date): boolean {
  return (source?.version ?? 0) < version && now.getTime() - Date.parse(at) < BEING_WRITTEN_MS
}

/**
 * After an alert's state is written: those that it muted are evaluated again, and it is forgotten where it is muted no more. A
 * message that is retried may find it written already: its end frees the same again.
 * @param announced what it would mute if it fired.
 */
export async function freeOthers(
  before: AlertState | undefined,
  after: AlertState | undefined,
  { announced = [], ended = [] }: { announced?: Group[]; ended?: Group[] } = {},
): Promise<void> {
  if (!after) return
  const { fingerprint, version, mutedBy } = after
  const idsOf = (groups: Group[]) => groups.map(({ id }) => id).filter((group) => !isSource(after, group))
  const freed = freedBetween(before, after).union(new Set(idsOf(ended)))
  for (const group of freed) {
    await removeSource(group, fingerprint, version)
    await addFreed(group)
  }
  // It does not fire after all: it has ended already, say.
  for (const group of idsOf(announced)) await removeSource(group, fingerprint, version + 1)
  const { group } = before?.mutedBy ?? {}
  if (group !== undefined && mutedBy?.group !== group) await removeMuted(group, fingerprint)
  // What mutes it may have ended while its own state was being written: then nobody has found it.
  if (mutedBy && !(await isMutedBy(mutedBy, fingerprint))) await addFreed(mutedBy.group)
}

/** The groups that an end frees, whatever was known before it. */
export function endedGroups(alert: Alert, config: Silenced): Group[] {
  return alert.status === 'resolved' ? mutes({ ...alert, status: 'firing' }, config) : []
}

async function isMutedBy({ source: key, group }: MutedBy, target: string): Promise<boolean> {
  const source = await readAlert(key)
  return source !== undefined && isSource(source, group) && doesMute(await rowFrom(source), target)
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
