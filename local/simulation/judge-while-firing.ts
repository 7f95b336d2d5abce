import type { Knowledge, Received } from './knowledge.ts'
import { hasPlan, inOrder, isNonProduction, planFor, readerOf, type Truth } from './reference.ts'
import { arrivalOf, type Episode, episodesOf, flapsOf, isPrompt, unattended } from './reference-plans.ts'
import { type Reaction, timeOf } from './world.ts'

/*
 * What readers receive while an alert fires: neither too early nor too late nor too often, and nothing once it has ended
 * or somebody has acknowledged it.
 */

/** From a moment that is due to its message: a tick each minute, a batch window, cold starts. */
const WITHIN_MS = 150_000
/** What was claimed before may still arrive. */
const UNDER_WAY_MS = 120_000
const CLOCKS_MS = 10_000

export function whileItFires(known: Knowledge): string[] {
  if (known.configs.every((config) => !hasPlan(config))) return []
  return known.truths.flatMap((truth) => [
    ...sentAfterEnd(truth, known),
    ...sentThoughAcknowledged(truth, known),
    ...remindedTooOften(truth, known),
    ...(isCalm(truth, known) ? [...ofCalm(truth, known), ...ofFlapping(truth, known)] : []),
    ...neverEscalated(truth, known),
  ])
}

/** What people and senders say reaches the table at once. */
function isHeardAtOnce({ run: { world } }: Knowledge): boolean {
  return world.spells.every(
    ({ on, kind }) =>
      /^(pagerduty|slack|email|vendors|tick|deliver-)/.test(on) ||
      (/^(dynamodb|sqs)/.test(on) && /^(stale|partial|again|shuffled)$/.test(kind)) ||
      (/^sns/.test(on) && kind === 'again'),
  )
}

const isUpdate = ({ said }: Received) => said?.is === 'reminder' || said?.is === 'escalation'

/** Nobody is reminded of what has ended, and it is not escalated. */
function sentAfterEnd(truth: Truth, known: Knowledge): string[] {
  const { run } = known
  if (!isHeardAtOnce(known) || run.world.redrives.length > 0 || run.world.reconciles) return []
  return eachReceived(truth, known, (reader, one) => {
    if (one.said === undefined || one.said.is === 'calmed') return []
    const over = truth.changes.find((change) => change.status === 'resolved' && inOrder(change, one.input) > 0)
    if (!over) return []
    const endedMs = arrivalOf(over, run)
    const at = one.taken.at - run.startedAt
    if (at <= endedMs + UNDER_WAY_MS) return []
    return [`${reader} received ${aboutOf(one, truth, at)}, which had ended at ${timeOf(endedMs)}`]
  })
}

/** Nor while somebody works on it. */
function sentThoughAcknowledged(truth: Truth, known: Knowledge): string[] {
  const { run } = known
  if (!isHeardAtOnce(known) || !isPrompt(truth, run.world) || run.world.redrives.length > 0) return []
  const reactions = reactionsTo(truth, known)
  if (reactions.some(({ isTakenBack }) => isTakenBack)) return []
  return eachReceived(truth, known, (reader, one) => {
    const at = one.taken.at - run.startedAt
    const episode = episodesOf(truth).find(({ changes }) => changes.includes(one.input))
    const since = episode?.changes[0]?.changedAtMs ?? 0
    const before = reactions.filter(
      ({ atMs, saidAtMs }) =>
        atMs < at - UNDER_WAY_MS && saidAtMs > one.input.changedAtMs + CLOCKS_MS && saidAtMs > since,
    )
    const isOver = reactions.some(({ untilMs, atMs }) => untilMs !== undefined && untilMs <= at && atMs > since)
    const by = before.at(-1)
    if (!isUpdate(one) || by === undefined || isOver) return []
    return [`${reader} received ${aboutOf(one, truth, at)}, though ${by.by} had acknowledged it at ${timeOf(by.atMs)}`]
  })
}

/** As long after the message before it as the rules say. */
function remindedTooOften(truth: Truth, known: Knowledge): string[] {
  const { counts } = known.run
  if (counts.deaths + counts.timeouts + counts.lostNotes > 0) return []
  return known.readers.flatMap((reader) => {
    if (known.ways(reader) > 1) return []
    const received = known.received(reader, truth.alert)
    return received.flatMap((one, index) => {
      const before = received[index - 1]
      const { said } = one
      if (said?.is !== 'reminder' || said.number === undefined || !before?.taken.isAnswered) return []
      const number = said.number
      const gaps = truth.changes.flatMap((change) =>
        known.configs.flatMap((config) => {
          const { gapsMs } = planFor(change, config)
          return gapsMs.length > 0 ? (gapsMs[Math.min(number, gapsMs.length) - 1] ?? 0) : []
        }),
      )
      const apartMs = one.taken.at - before.taken.at
      if (apartMs >= Math.min(...gaps) - CLOCKS_MS) return []
      const at = one.taken.at - known.run.startedAt
      return [`${reader} received ${aboutOf(one, truth, at)}, only ${timeOf(apartMs)} after the message before`]
    })
  })
}

/** Nothing fails, rules and severity stay the same, and no window holds anything. */
function isCalm(truth: Truth, { run: { world, counts } }: Knowledge): boolean {
  const { spells, pushes, redrives, config, silences = [] } = world
  const isQuiet =
    silences.length + spells.length + pushes.length + redrives.length + counts.deaths + counts.timeouts === 0
  const isOpen = !JSON.stringify([config.channels, config.severities]).match(/"(active|mute|perMinute|groupBy)"/)
  const isPlain = !config.maintenance && !config.nonProduction && config.rules.every(({ groupBy }) => !groupBy)
  return isQuiet && isOpen && isPlain && isPrompt(truth, world)
}

function ofCalm(truth: Truth, known: Knowledge): string[] {
  const { config } = known.run.world
  return episodesOf(truth).flatMap((episode) => {
    const severities = new Set(episode.changes.map(({ severity }) => severity))
    const [first] = episode.changes
    if (severities.size > 1 || first?.status !== 'firing') return []
    const { holdMs, flapping } = planFor(first, config)
    if (flapping) return unshown(truth, episode, known)
    const { changedAtMs: since } = first
    const endMs = episode.end ? episode.end.changedAtMs : Number.POSITIVE_INFINITY
    if (endMs - since < holdMs - CLOCKS_MS) return heard(truth, episode, known)
    return [...missedEscalations(truth, episode, known), ...unshown(truth, episode, known)]
  })
}

/**
 * Once it is known that it flaps, nobody is sent a firing that is too brief, and those who were sent that are notified once
 * it has calmed.
 */
function ofFlapping(truth: Truth, known: Knowledge): string[] {
  const { run } = known
  const flaps = flapsOf(truth, run)
  if (!flaps) return []
  const loud = flaps.quiet.flatMap((episode) => heard(truth, episode, known, 'flaps'))
  const unsaid = flaps.calmAtMs.flatMap((ms) =>
    known.readers.flatMap((reader) => {
      const received = known.received(reader, truth.alert)
      const at = (one: Received) => one.taken.at - run.startedAt
      const isKnown = received.some((one) => flaps.saying.includes(one.input) && at(one) <= ms)
      const isClose = truth.changes.some(({ atMs }) => Math.abs(atMs - ms) < WITHIN_MS)
      const isSaid = received.some((one) => at(one) > ms - CLOCKS_MS && at(one) < ms + WITHIN_MS)
      if (!isKnown || isClose || isSaid || known.isPager(reader) || ms + WITHIN_MS > run.endedAt - run.startedAt)
        return []
      return [`${reader} was not notified that ${truth.alert}, which flapped, had calmed at ${timeOf(ms)}`]
    }),
  )
  return [...loud, ...unsaid]
}

/** It recovered before its hold ended: nobody receives anything of it. */
function heard(truth: Truth, { changes, end }: Episode, known: Knowledge, why = 'recovered in its hold'): string[] {
  return eachReceived(truth, known, (reader, { input, taken, said }) =>
    (changes.includes(input) || input === end) && said?.is !== 'calmed'
      ? [`${reader} received ${truth.alert} (${input.mark}) at ${timeOf(taken.at - known.run.startedAt)}, which ${why}`]
      : [],
  )
}

/** Each step that nobody was quick enough for. */
function missedEscalations(truth: Truth, episode: Episode, known: Knowledge): string[] {
  const { run } = known
  const { config } = run.world
  const first = episode.changes[0]
  if (!first) return []
  const { holdMs, steps } = planFor(first, config)
  const fromMs = Math.max(arrivalOf(first, run), first.changedAtMs + holdMs)
  const lastMs = run.endedAt - run.startedAt
  const endMs = episode.end ? arrivalOf(episode.end, run) : lastMs
  const times = unattended(episode, reactionsTo(truth, known), { fromMs, endMs }) ?? []
  return times.flatMap((time) =>
    steps.flatMap(({ afterMs, to }) => {
      const dueMs = time.fromMs + afterMs
      if (dueMs + WITHIN_MS > time.untilMs) return []
      return to.flatMap((name) => {
        const reader = readerOf(name, config)
        const received = known.received(reader, truth.alert).some(({ said, taken }) => {
          const at = taken.at - run.startedAt
          return said?.is === 'escalation' && at > dueMs - CLOCKS_MS && at <= dueMs + WITHIN_MS
        })
        const isBusy = truth.changes.some(({ atMs }) => Math.abs(atMs - dueMs) < WITHIN_MS)
        return received || isBusy
          ? []
          : [`${reader} never received the escalation of ${truth.alert} that was due at ${timeOf(dueMs)}`]
      })
    }),
  )
}

/** Whoever knows of it is sent that somebody works on it. */
function unshown(truth: Truth, episode: Episode, known: Knowledge): string[] {
  const { run } = known
  const since = episode.changes[0]?.changedAtMs ?? 0
  const endMs = episode.end ? arrivalOf(episode.end, run) : Number.POSITIVE_INFINITY
  const all = reactionsTo(truth, known).filter(({ atMs }) => atMs > since && atMs < endMs)
  const [one] = all
  if (!one || one.isTakenBack || one.saidAtMs < since || (one.untilMs && one.untilMs < one.atMs + WITHIN_MS)) return []
  const { atMs } = one
  const others = [...truth.changes, ...all.slice(1)].map((other) => other.atMs)
  if (others.some((ms) => Math.abs(ms - atMs) < WITHIN_MS)) return []
  return known.readers.flatMap((reader) => {
    const received = known.received(reader, truth.alert)
    const at = (other: Received) => other.taken.at - run.startedAt
    const isKnown = received.some((other) => episode.changes.includes(other.input) && at(other) < atMs - CLOCKS_MS)
    const isShown = received.some(
      ({ said, taken }) =>
        said?.is === 'acknowledged' && taken.at - run.startedAt < atMs + WITHIN_MS && taken.at - run.startedAt >= atMs,
    )
    // What is due at the same time is sent instead, and says so, too.
    const isElse = received.some((other) => Math.abs(at(other) - atMs) < WITHIN_MS)
    return isKnown && !isShown && !isElse
      ? [`${reader} was not shown that ${one.by} had acknowledged ${truth.alert} at ${timeOf(atMs)}`]
      : []
  })
}

/** Whatever fails: what still fires, unacknowledged, is known in the end to all whom it is escalated to. */
function neverEscalated(truth: Truth, known: Knowledge): string[] {
  const { run, configs } = known
  const [config, ...later] = configs
  const episode = episodesOf(truth).at(-1)
  const [first] = episode?.changes ?? []
  if (!run.isAtRest || !config || later.length > 0 || !episode || episode.end || !first || truth.form === 'text')
    return []
  const isReacted = reactionsTo(truth, known).some(({ atMs }) => atMs >= first.changedAtMs)
  const severities = new Set(episode.changes.map(({ severity }) => severity))
  const isQuiet = episode.changes.every(({ status }) => status === 'firing') && !isNonProduction(first, config)
  if (isReacted || severities.size > 1 || !isQuiet || run.letters.length > 0) return []
  const isAlone = config.rules.every(({ groupBy }) => !groupBy)
  return planFor(first, config).steps.flatMap(({ to }) =>
    to.flatMap((name) => {
      const reader = readerOf(name, config)
      const received = known.received(reader, truth.alert).some(({ input }) => episode.changes.includes(input))
      const isShared = known.channels(reader).some(({ groupBy }) => groupBy) || !isAlone
      return received || isShared ? [] : [`${reader} never received ${truth.alert}, which was escalated to it`]
    }),
  )
}

function reactionsTo({ alert }: Truth, { run: { world } }: Knowledge): Reaction[] {
  return (world.reactions ?? []).filter((one) => one.alert === alert)
}

function eachReceived(truth: Truth, known: Knowledge, judge: (reader: string, one: Received) => string[]): string[] {
  return known.readers.flatMap((reader) => known.received(reader, truth.alert).flatMap((one) => judge(reader, one)))
}

function aboutOf({ said, input }: Received, { alert }: Truth, at: number): string {
  return `a message (${said?.is}) about ${alert} (${input.mark}) at ${timeOf(at)}`
}
