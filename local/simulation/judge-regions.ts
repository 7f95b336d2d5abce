import type { Item } from './aws/expressions.ts'
import { isAbout, type Knowledge, nameOf } from './knowledge.ts'
import { REGIONS } from './region.ts'
import type { Taken } from './taken.ts'
import { type Lost, type Run, timeOf } from './world.ts'

/*
 * What is promised of two regions (docs/second-region.md): one sends at a time, what one has lost the other sends in time, and
 * nothing is sent twice but in the moments that are named there.
 */

const MINUTE_MS = 60_000
/**
 * From the last sign of a region to the first message of the other: silence (4), the beat that notices it and the claim's own
 * minute (1 each), the next tick, a message's turn in the queue, and a batch.
 */
const TAKEN_OVER_MS = 11 * MINUTE_MS
/** A loss of this length may be noticed: the last beat before it was up to a minute earlier. */
const NOTICED_MS = 2 * MINUTE_MS
/** What a region has sent so shortly before it was lost, may not have reached the other replica. */
const UNKNOWN_MS = 20_000
/** What it was sending when it was lost, it may still have sent. */
const AMID_MS = 60_000

/** The promises of this kind that a run broke. */
export function ofRegions(known: Knowledge): string[] {
  const { run } = known
  if (!run.world.regions) return []
  return [...(run.isAtRest ? differing(run) : []), ...sendingByTurns(run), ...doubledByRegions(known), ...late(run)]
}

/** At rest, both replicas are the same. */
function differing({ items, secondItems = [] }: Run): string[] {
  const textsOf = (all: Item[]) => new Map(all.map((item) => [`${item.pk?.S} ${item.sk?.S}`, JSON.stringify(item)]))
  const [home, second] = [textsOf(items), textsOf(secondItems)]
  const keys = [...new Set([...home.keys(), ...second.keys()])].filter((key) => home.get(key) !== second.get(key))
  return keys.length === 0 ? [] : [`the replicas differ at rest: ${keys.slice(0, 3).join(', ')}`]
}

const isApart = ({ how }: Lost) => how === 'apart'

/** A region does not begin to send again without a reason: the other one was lost, or a person wanted it. */
function sendingByTurns({ world, taken, startedAt }: Run): string[] {
  const { lost = [], switches = [] } = world.regions ?? {}
  // Nobody can know what the other one does.
  if (lost.some(isApart)) return []
  const turns = taken.filter((one, index) => index > 0 && one.region !== taken[index - 1]?.region)
  const reasons = [
    ...lost.filter(({ fromMs, untilMs }) => untilMs - fromMs >= NOTICED_MS).map(({ fromMs }) => fromMs),
    ...switches.map(({ atMs }) => atMs),
  ]
  // At first the home sends.
  const first = taken[0] && taken[0].region !== REGIONS[0] ? 1 : 0
  const all = turns.length + first
  if (all <= reasons.length) return []
  const times = turns.map(({ at, region }) => `${region} at ${timeOf(at - startedAt)}`)
  return [`the regions took turns ${all} times, with ${reasons.length} reasons: ${times.join(', ')}`]
}

/** Repeated is only what a region had sent in its last moments, or while neither could know of the other. */
function doubledByRegions(known: Knowledge): string[] {
  const { run } = known
  const { lost = [] } = run.world.regions ?? {}
  const isNamed = ({ at, region }: Taken) =>
    lost.some((one) => {
      const ms = at - run.startedAt
      if (isApart(one)) return ms >= one.fromMs - UNKNOWN_MS && ms <= one.untilMs + TAKEN_OVER_MS
      return REGIONS[one.region] === region && ms >= one.fromMs - UNKNOWN_MS && ms <= one.fromMs + AMID_MS
    })
  return known.truths.flatMap(({ alert, changes }) =>
    known.readers.flatMap((reader) => {
      // PagerDuty knows it by its key.
      if (known.isPager(reader)) return []
      const received = known.received(reader, alert)
      return changes.flatMap(({ mark, form }) => {
        const events = form === 'text' ? run.published.filter(({ input }) => input.mark === mark).length : 1
        const all = received.filter(({ input, taken }) => input.mark === mark && taken.isAnswered)
        return [...Map.groupBy(all, (one) => nameOf(one, received)).values()].flatMap((times) => {
          const repeated = times.slice(0, -events).filter(({ taken }) => !isNamed(taken))
          if (repeated.length === 0) return []
          const when = times.map(({ taken }) => `${taken.region} at ${timeOf(taken.at - run.startedAt)}`)
          return [`${reader} received ${alert} (${mark}) more than once: ${when.join(', ')}`]
        })
      })
    }),
  )
}

/** Whatever is lost: each change that a topic has taken is sent in time. */
function late(run: Run): string[] {
  const { world, published, taken, startedAt, endedAt } = run
  const { lost = [], switches = [] } = world.regions ?? {}
  // With several, the time begins again with each.
  if (lost.length > 1) return []
  // Until it is over, the other one has nothing of what was published there.
  const mayBeHeld = lost.some(({ how }) => how === 'apart' || how === 'all')
  return published.flatMap(({ input, at, isTaken }) => {
    if (!isTaken || input.status !== 'firing' || input.form === 'text') return []
    const [one] = lost
    const fromMs = Math.max(at - startedAt, ...(one && at - startedAt <= one.untilMs ? [one.fromMs] : []))
    const isHeld = mayBeHeld && one && Math.abs(at - startedAt - one.fromMs) < AMID_MS
    const byMs = (isHeld && one ? Math.max(one.untilMs, fromMs) : fromMs) + TAKEN_OVER_MS + switches.length * MINUTE_MS
    const isOver = published.some(
      ({ input: other }) =>
        other.alert === input.alert &&
        other.status === 'resolved' &&
        other.changedAtMs >= input.changedAtMs &&
        other.atMs <= byMs,
    )
    if (isOver || endedAt - startedAt < byMs) return []
    const first = taken.find((message) => isAbout(message, input))
    if (first && first.at - startedAt <= byMs) return []
    return [
      `${input.alert} (${input.mark}) was sent ${first ? `only at ${timeOf(first.at - startedAt)}` : 'to nobody'}`,
    ]
  })
}
