import { isAbout, type Knowledge } from './knowledge.ts'
import type { Truth } from './reference.ts'
import { type Episode, episodesOf } from './reference-plans.ts'
import { type Input, type Run, timeOf } from './world.ts'

/*
 * What is promised of alerts that say something to each other, where nothing fails. Times are ms from the world's start.
 */

/** By then, an alert is known to all functions. */
const KNOWN_MS = 20_000
/** From when it may be sent: a tick, a batch window, cold starts. */
const SOON_MS = 180_000

/** The promises of this kind that a run broke, as text. */
export function amongOthersKept({ run, truths }: Knowledge): string[] {
  const { others, spells } = run.world
  if (!others || spells.length > 0) return []
  const lives = new Map(truths.map((truth) => [truth.alert, livesOf(truth, run)]))
  const { mutes, counts } = others
  if (counts) return countsKept([...lives.values()].flat(), counts, run)
  const sourcesOf = (alert: string) =>
    mutes.filter(([, target]) => target === alert).flatMap(([source]) => lives.get(source) ?? [])
  return [...lives].flatMap(([alert, own]) =>
    own.flatMap((life) => [...mutesKept(life, sourcesOf(alert), run), ...somebodyKnows(life, sourcesOf, run)]),
  )
}

/** An episode, as it became known. */
interface Life {
  alert: string
  fires: Input
  end: Input | undefined
  fromMs: number
  /** Infinity: it goes on. */
  untilMs: number
}

function livesOf(truth: Truth, run: Run): Life[] {
  const arrivedAt = ({ mark }: Input) =>
    Math.min(...run.published.filter(({ input }) => input.mark === mark).map(({ at }) => at - run.startedAt))
  return episodesOf(truth).flatMap(({ changes: [fires], end }: Episode): Life[] => {
    if (!fires) return []
    const untilMs = end ? arrivedAt(end) : Number.POSITIVE_INFINITY
    return [{ alert: truth.alert, fires, end, fromMs: arrivedAt(fires), untilMs }]
  })
}

function mutesKept(life: Life, sources: Life[], run: Run): string[] {
  const sent = sentAt(life, run)
  const isMuted = sources.some(
    ({ fromMs, untilMs }) => fromMs + KNOWN_MS <= life.fromMs && untilMs >= life.untilMs && life.untilMs < Infinity,
  )
  if (isMuted && sent !== undefined) return [`${about(life)} was sent, though an alert explained all of it`]
  const freeMs = freeFrom(life, sources)
  if (isMuted || freeMs === undefined || (sent !== undefined && sent <= freeMs + SOON_MS)) return []
  return [`${about(life)} was not sent by ${timeOf(freeMs + SOON_MS)}, though nothing explained it any more`]
}

/** Of what explains an alert that was not sent, directly or through others, something was sent. */
function somebodyKnows(life: Life, sourcesOf: (alert: string) => Life[], run: Run): string[] {
  if (life.untilMs - life.fromMs < 2 * SOON_MS || sentAt(life, run) !== undefined) return []
  const seen = new Set([life.alert])
  const todo = [life.alert]
  for (let alert = todo.pop(); alert !== undefined; alert = todo.pop()) {
    for (const source of sourcesOf(alert)) {
      if (sentAt(source, run) !== undefined) return []
      if (seen.has(source.alert)) continue
      seen.add(source.alert)
      todo.push(source.alert)
    }
  }
  return [`nobody was sent ${about(life)}, nor anything that explains it`]
}

/** The first moment from which on nothing mutes it, for long enough to send it; `undefined`: there is none. */
function freeFrom({ fromMs, untilMs }: Life, sources: Life[]): number | undefined {
  const moments = [fromMs, ...sources.map((source) => source.untilMs)]
    .filter((at) => at >= fromMs)
    .sort((a, b) => a - b)
  return moments.find(
    (at) =>
      at + SOON_MS < untilMs &&
      sources.every((source) => source.untilMs <= at || source.fromMs - KNOWN_MS > at + SOON_MS),
  )
}

function countsKept(lives: Life[], { atLeast, withinMs }: { atLeast: number; withinMs: number }, run: Run): string[] {
  return lives.flatMap((life) => {
    const sent = sentAt(life, run)
    const begun = lives.map(({ fires }) => fires.changedAtMs).sort((a, b) => a - b)
    const own = life.fires.changedAtMs
    const rows = begun.flatMap((first, at) => {
      const last = begun[at + atLeast - 1]
      return last !== undefined && first <= own && own <= last && last - first <= withinMs ? [last] : []
    })
    if (rows.length === 0) return sent === undefined ? [] : [`${about(life)} was sent, though too few fired`]
    // By then all of the row have arrived.
    const enoughAt = Math.max(life.fromMs, Math.min(...rows) + KNOWN_MS)
    if (enoughAt + SOON_MS >= life.untilMs || (sent !== undefined && sent <= enoughAt + SOON_MS)) return []
    return [`${about(life)} was not sent by ${timeOf(enoughAt + SOON_MS)}, though enough fired`]
  })
}

/** When the first message said of it, or of its end. */
function sentAt({ fires, end }: Life, { taken, startedAt }: Run): number | undefined {
  const first = taken.find((one) => isAbout(one, fires) || (end && isAbout(one, end)))
  return first && first.at - startedAt
}

const about = ({ alert, fires }: Life) => `${alert} (${fires.mark})`
