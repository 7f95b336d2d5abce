import { inOrder, planFor, type Truth, timeOfChange } from './reference.ts'
import type { Input, Reaction, Run, World } from './world.ts'

/*
 * What must happen while an alert fires, from the rules, the published messages and what people say alone.
 */

/** One firing, from its first change to its end. */
export interface Episode {
  /** Without the end. */
  changes: Input[]
  end: Input | undefined
}

export function episodesOf({ changes }: Pick<Truth, 'changes'>): Episode[] {
  const episodes: Episode[] = []
  let open: Episode | undefined
  for (const change of changes.toSorted(inOrder)) {
    if (change.status === 'resolved') {
      if (open) open.end = change
      open = undefined
    } else if (open) open.changes.push(change)
    else {
      open = { changes: [change], end: undefined }
      episodes.push(open)
    }
  }
  return episodes
}

/** When its message first arrived, in ms from the world's start. */
export function arrivalOf(input: Input, { published, startedAt }: Pick<Run, 'published' | 'startedAt'>): number {
  return Math.min(...published.filter(({ input: { mark } }) => mark === input.mark).map(({ at }) => at - startedAt))
}

/** How late a message is at most that counts as prompt. */
const PROMPT_MS = 3_000

/** Its messages arrive as they happen, each once; and nobody ends it by hand. */
export function isPrompt({ changes, form }: Truth, { inputs, reconciles }: World): boolean {
  const [first] = changes
  if (form === 'text' || first === undefined || reconciles) return false
  const all = inputs.filter(({ alert }) => alert === first.alert)
  return all.every((one) => {
    const lateMs = one.atMs - one.changedAtMs
    return (
      lateMs >= 0 && lateMs <= PROMPT_MS && one.by === undefined && !one.isLost && timeOfChange(one) === one.changedAtMs
    )
  })
}

/** What flaps, by changes that are known at once, in the order in which they happen. */
export interface Flaps {
  /** Firings that nobody is sent. */
  quiet: Episode[]
  /** The changes that say that it flaps. */
  saying: Input[]
  /** When it has calmed, in ms. */
  calmAtMs: number[]
}

/** `undefined`: its rules say nothing of that, or its severity changes, so that they say several things. */
export function flapsOf(truth: Truth, { world }: Run): Flaps | undefined {
  const [first] = truth.changes
  if (!first || new Set(truth.changes.map(({ severity }) => severity)).size > 1) return undefined
  const { flapping, flapMs, holdMs } = planFor(first, world.config)
  if (!flapping || flapMs === 0 || holdMs > 0) return undefined
  const flaps: Flaps = { quiet: [], saying: [], calmAtMs: [] }
  let turns: number[] = []
  let untilMs = 0
  const turn = (input: Input): boolean => {
    const ms = input.changedAtMs
    const wasFlapping = ms < untilMs
    if (!wasFlapping && untilMs > 0) {
      flaps.calmAtMs.push(untilMs)
      turns = []
    }
    turns = [...turns.filter((at) => at >= ms - flapping.withinMs), ms]
    if (!wasFlapping && turns.length >= flapping.changes) flaps.saying.push(input)
    untilMs = wasFlapping || turns.length >= flapping.changes ? ms + flapping.calmMs : 0
    return wasFlapping
  }
  for (const episode of episodesOf(truth)) {
    const [start] = episode.changes
    if (!start || episode.changes.some(({ status }) => status !== 'firing')) return undefined
    const isHeld = turn(start)
    const { end } = episode
    if (isHeld && end && end.changedAtMs < start.changedAtMs + flapping.calmMs - 1_000) flaps.quiet.push(episode)
    if (end) turn(end)
  }
  if (untilMs > 0) flaps.calmAtMs.push(untilMs)
  return flaps
}

/** A time in which nobody has acknowledged it, from which escalations count. */
export interface Unattended {
  fromMs: number
  untilMs: number
}

/**
 * When nobody has acknowledged an episode that everything is known of at once. `undefined`: too much happened at about
 * the same time to say.
 */
export function unattended(
  { changes, end }: Episode,
  reactions: Reaction[],
  { fromMs, endMs }: { fromMs: number; endMs: number },
): Unattended[] | undefined {
  const since = changes[0]?.changedAtMs ?? 0
  const ofIt = reactions.filter(({ atMs }) => atMs > since - CLOSE_MS && atMs < endMs + CLOSE_MS)
  if (end === undefined && ofIt.length > 1) return undefined
  const [one, ...others] = ofIt
  if (one === undefined) return [{ fromMs, untilMs: endMs }]
  const isUnclear = one.isTakenBack || one.saidAtMs < since || one.atMs < fromMs + CLOSE_MS
  if (others.length > 0 || isUnclear || one.atMs > endMs - CLOSE_MS) return undefined
  const again = one.untilMs === undefined ? [] : [{ fromMs: one.untilMs, untilMs: endMs }]
  return [{ fromMs, untilMs: one.atMs }, ...again]
}

const CLOSE_MS = 60_000
