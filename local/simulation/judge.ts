import { unsaidIn } from './debts.ts'
import { leftIn } from './items.ts'
import { byApp } from './judge-by-app.ts'
import { incidents, reopened } from './judge-incidents.ts'
import { amongOthersKept } from './judge-others.ts'
import { ofRegions } from './judge-regions.ts'
import { whileItFires } from './judge-while-firing.ts'
import { Knowledge, nameOf, type Received } from './knowledge.ts'
import { askedInVain } from './left-open.ts'
import { brokenPromises } from './promises.ts'
import {
  allowedFrom,
  channelsFor,
  inOrder,
  isUnseenReturn,
  knownFrom,
  longestHoldOf,
  namesOf,
  type Truth,
  timeOfChange,
} from './reference.ts'
import { isPrompt } from './reference-plans.ts'
import type { Kind } from './spells.ts'
import { type Input, marksIn, type Run, timeOf, type World } from './world.ts'

/** The invocations allowed per message: a message that fails for hours is redelivered every 90 s. */
const MAX_INVOCATIONS = 400
/** The time limit for a delivery when nothing is wrong: a batch window, cold starts, a tick. */
const PROMPT_MS = 90_000
/** From a decision to the message, including the batch window. */
const ON_ITS_WAY_MS = 15_000
const HOUR_MS = 3_600_000

/** The promises that a run broke, as text; empty if it kept them all. */
export function judge(run: Run): string[] {
  const known = new Knowledge(run)
  return [
    ...rests(run),
    ...new Set(run.wrongItems),
    ...deadLettersAreJustified(run),
    ...run.refused.map(({ target, why }) => `${target} rejected a message as invalid: ${why}`),
    ...doubled(known),
    ...brokenPromises(run),
    ...leftIn(run.items, run.endedAt),
    ...(run.isAtRest ? unsaidIn(run.items, run.debts, known.configs) : []),
    ...known.truths.flatMap((truth) => ofAlert(truth, known)),
    ...incidents(known),
    ...reopened(known),
    ...byApp(known),
    ...whileItFires(known),
    ...(run.isAtRest ? amongOthersKept(known) : []),
    ...(run.isAtRest ? askedInVain(known) : []),
    ...ofRegions(known),
  ]
}

function rests({ isAtRest, left, expired, loops, counts, world, endedAt, startedAt }: Run): string[] {
  const broken: string[] = []
  if (!isAtRest) broken.push(`it was not at rest after ${timeOf(endedAt - startedAt)} and ${counts.steps} steps`)
  // A vendor that throttles without saying for how long is retried at least every 15 seconds, for each channel.
  const asked = world.spells
    .filter(({ kind }) => kind === 'throttled')
    .reduce(
      (all, { fromMs, untilMs }) => all + ((untilMs - fromMs) / 7_500) * Object.keys(world.config.channels).length,
      0,
    )
  // And reminders are due each five minutes or so, to all.
  const reminded = world.reactions ? ((endedAt - startedAt) / 60_000) * 2 * world.inputs.length : 0
  // Two clocks, what each reports to the other, and what waits in a queue meanwhile.
  const beats = world.regions ? ((endedAt - startedAt) / 60_000) * 20 : 0
  const most = MAX_INVOCATIONS * (world.inputs.length + world.redrives.length) + asked + reminded + beats
  if (counts.invocations > most) broken.push(`${counts.invocations} invocations for ${world.inputs.length} messages`)
  if (isAtRest && left.length > 0) broken.push(`${left.length} messages are left in queues`)
  for (const { queue, body } of expired) broken.push(`SQS dropped a message of ${queue}: ${marksIn(body).join(' ')}`)
  for (const { body } of loops) broken.push(`Lambda stopped a loop: ${marksIn(body).join(' ')}`)
  if (world.spells.length === 0 && !world.regions)
    for (const error of new Set(counts.throws)) broken.push(`a function threw: ${error}`)
  return broken
}

/** What can cause a dead letter: a vendor that rejects permanently, a removed channel, or a failure of an hour. */
const DEADLY: Kind[] = ['bad', 'revoked']

function deadLettersAreJustified({ letters, world }: Run): string[] {
  const isHard = world.spells.some(
    ({ kind, rate, fromMs, untilMs }) => DEADLY.includes(kind) || (rate >= 0.3 && untilMs - fromMs >= HOUR_MS),
  )
  if (isHard || letters.length === 0 || world.pushes.length > 0) return []
  return [`${letters.length} dead letters, but nothing was broken for long`]
}

function ofAlert(truth: Truth, known: Knowledge): string[] {
  return known.readers.flatMap((reader) => {
    const received = known.received(reader, truth.alert)
    return [
      ...mayKnow(truth, reader, received, known),
      ...(known.hasDeadLetter(truth, reader) ? [] : hasReceivedTruth(truth, reader, received, known)),
      ...knewBefore(truth, reader, received, known),
      ...inTime(truth, reader, received, known),
    ]
  })
}

function mayKnow({ alert, named }: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  // A channel that had another target before sends the resolve to that target.
  const names = [reader, ...known.elsewhere(reader)]
  if (received.length === 0 || [...named.values()].some(({ may }) => names.some((name) => may.has(name)))) return []
  return [`${reader} received ${alert}, but no rule selects it`]
}

/** Every reader that received an alert, or that the rules select, last received the current state. */
function hasReceivedTruth(truth: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  const { alert, status, changes, named } = truth
  const must = changes.findLast(
    (change) =>
      named.get(change)?.must.has(reader) &&
      !isOldLoss(truth, change) &&
      !(change.isLost && isUnseenReturn(changes, change, known.run.world)),
  )
  const last = received.at(-1)
  // A shared incident covers alerts that it does not name.
  if (known.isPager(reader) && known.channels(reader).some(({ groupBy }) => groupBy)) return []
  if (known.isPager(reader) && known.configs.some(({ rules }) => rules.some(({ groupBy }) => groupBy))) return []
  const isOver = must && endsAfter(truth, must)
  // A reader may receive the resolve in another message.
  // Under another name, or as a fallback, it is another channel, with its own deliveries.
  const ofIt = received.filter((one) => !must || isNewsOf(must, one, isOver === true))
  const news = ofIt.length > 0 ? ofIt : received.filter(({ isMissed }) => isMissed)
  const isLast = known.isStable(reader) && !known.isFallback(reader) && !known.hasSeveral(reader)
  const heard = isLast ? news.slice(-1) : news
  const isNotified = must !== undefined && heard.some(({ input }) => isOver || inOrder(input, must) >= 0)
  // The channel had another target, and something newer was sent there.
  const isOld = (other: string) => known.received(other, alert).some(({ input }) => must && inOrder(input, must) > 0)
  if (must && !isNotified && !mayMiss(truth, must, reader, known) && !known.elsewhere(reader).some(isOld)) {
    return [
      `${reader} never received that ${alert} was ${must.status} (${must.mark}); last was ${last?.input.mark ?? 'nothing'}`,
    ]
  }
  const mayNotKnow = !known.isStable(reader) || known.wasElsewhere(reader)
  if (!last || status !== 'resolved' || last.status === 'resolved' || mayNotKnow || truth.form === 'text') return []
  return [`${reader} last received that ${alert} is ${last.status} (${last.input.mark}); it is resolved`]
}

/**
 * Missing data is not a firing, but a resolve if the alert fired before. An older firing that is sent after it
 * leaves it in force, and so does a late notification, which has its own times.
 */
function isNewsOf(must: Input, { input, status, isMissed }: Received, isOver: boolean): boolean {
  if (isMissed && inOrder(input, must) < 0) return false
  if (status === 'resolved') return true
  if (must.status === 'firing') return isOver || input.status !== 'insufficient-data'
  return input.status !== 'firing' || inOrder(input, must) >= 0
}

/** Missing data is outdated once a newer change fires. */
function isOldLoss({ changes }: Truth, change: Input): boolean {
  const later = changes.filter((other) => inOrder(other, change) > 0)
  return change.status === 'insufficient-data' && later.some(({ status }) => status === 'firing')
}

function endsAfter({ changes, form }: Truth, change: Input): boolean {
  return form !== 'text' && changes.some((other) => other.status === 'resolved' && inOrder(other, change) > 0)
}

/** An alert that resolved before it could be sent need not be sent to a pager, nor to recipients it was held for. */
function mayMiss(truth: Truth, change: Input, reader: string, known: Knowledge): boolean {
  const isOver = endsAfter(truth, change)
  const mayWait = known.truths.some(({ named }) => named.get(change)?.mayBeHeld.has(reader))
  return isOver && (known.isPager(reader) || mayWait || mayRecover(truth, change, known))
}

/** It may have recovered before its hold ended. */
function mayRecover(truth: Truth, change: Input, { run: { world }, configs }: Knowledge): boolean {
  const end = truth.changes.find((other) => other.status === 'resolved' && inOrder(other, change) > 0)
  const holdMs = Math.max(...configs.map((config) => longestHoldOf(change, config)))
  if (holdMs === 0 || !end) return false
  return !isPrompt(truth, world) || timeOfChange(end) - timeOfChange(change) < holdMs
}

/** A reader receives a resolve only if it received the firing, and only once. */
function knewBefore({ alert, form }: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  if (known.isPager(reader) || known.isJoined(reader) || !known.isStable(reader) || form === 'text') return []
  const { deaths, timeouts } = known.run.counts
  const ways = known.ways(reader)
  let knows = false
  let hasKnown = false
  let isInDoubt = deaths + timeouts > 0
  let before: Input | undefined
  for (const { taken, input, status, isMissed } of received) {
    hasKnown ||= knows
    const mayNotKnow = isInDoubt
    isInDoubt ||= status === 'resolved' && !taken.isAnswered
    const isOlder = before !== undefined && inOrder(input, before) < 0
    before = input
    // A late notification about the past does not resolve anything received since.
    if (isOlder && isMissed) continue
    if (status !== 'resolved' || isMissed) knows = !isMissed
    // A resolve that could not be recorded, because its response was lost or its sender died, is sent again with the
    // next one. A reader with two ways may have received it by the other.
    else if (!knows && hasKnown && (mayNotKnow || ways > 1)) continue
    // Several changes of one alert may be in one message; duplicates are checked separately.
    else if (
      !knows &&
      !received.some((other) => other.taken === taken && other.status !== 'resolved') &&
      isNew(received, taken, input)
    )
      return [`${reader} received the resolve of ${alert} (${input.mark}) without its firing`]
    else knows = false
  }
  return []
}

function isNew(received: Received[], taken: Received['taken'], { mark }: Input): boolean {
  return !received
    .slice(
      0,
      received.findIndex((one) => one.taken === taken),
    )
    .some((one) => one.input.mark === mark)
}

/** If nothing fails: at once, or as soon as its window opens; and not before. */
function inTime({ alert, changes, named }: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  const { run, configs } = known
  const [config] = configs
  const isPaced = known.channels(reader).some(({ perMinute, groupBy }) => perMinute ?? groupBy)
  const { spells, others, regions } = run.world
  if (!config || configs.length > 1 || spells.length > 0 || isPaced || others || regions) return []
  const world = withSlowSilences(run.world)
  return received.flatMap(({ taken, input, status, said }) => {
    const isResponse = said?.is === 'acknowledged' || said?.is === 'unacknowledged'
    if (status === 'resolved' || isResponse || !named.get(input)?.must.has(reader)) return []
    const same = run.published.filter(({ input: { mark } }) => mark === input.mark)
    const times = input.form === 'text' ? same.filter(({ at }) => at <= taken.at) : same.slice(0, 1)
    const publishedAt = Math.max(0, ...times.slice(-1).map((one) => knownFrom(one, run)))
    const names = namesOf(reader, config)
    const chosen = names.filter((name) => channelsFor(input, config).includes(name))
    const heldMs = run.startedAt + timeOfChange(input) + longestHoldOf(input, config)
    const from = Math.min(
      ...chosen.map((name) => allowedFrom(input, name, config, Math.max(publishedAt, heldMs), run.world)),
    )
    const now = `${alert} (${input.mark}) at ${timeOf(taken.at - run.startedAt)}`
    // Many at once take turns.
    // With several channels for the same target, some may be notified later.
    if (said === undefined && taken.at > from + PROMPT_MS && changes.length < 10 && isNew(received, taken, input))
      return [`${reader} received late: ${now}: ${Math.round((taken.at - from) / 1_000)} s`]
    const mayBeNotified = (at: number) => names.some((name) => allowedFrom(input, name, config, at, world) <= at)
    // What was decided before a mute starts is already in progress.
    return mayBeNotified(taken.at) || mayBeNotified(Math.max(publishedAt, taken.at - ON_ITS_WAY_MS))
      ? []
      : [`${reader} received ${now}, though it was held or muted`]
  })
}

/** What is decided within seconds of a silence's order does not know of it: the order may be in the same batch. */
function withSlowSilences({ startAt, silences = [] }: World): Pick<World, 'startAt' | 'silences'> {
  return { startAt, silences: silences.map((one) => ({ ...one, atMs: one.atMs + HEARD_WITHIN_MS })) }
}

const HEARD_WITHIN_MS = 15_000

/** A duplicate is allowed only if the router could not know that the first was delivered. */
function doubled(known: Knowledge): string[] {
  // It has moments of its own (judge-regions.ts).
  if (known.run.world.regions) return []
  const { deaths, timeouts, lostNotes, notes } = known.run.counts
  // A delivery that is recorded through a queue may be recorded only after a second wake-up has been handled.
  const isOvertaken = notes > 0 && known.has(['again'], /sqs|aws/)
  if (deaths + timeouts + lostNotes > 0 || isOvertaken) return []
  return known.truths.flatMap(({ alert, changes }) =>
    known.readers.flatMap((reader) => {
      const ways = known.ways(reader)
      return changes.flatMap(({ mark, form }) => {
        // A repeated text is new.
        const events = form === 'text' ? known.run.published.filter(({ input }) => input.mark === mark).length : 1
        const received = known.received(reader, alert)
        const all = received.filter(({ input }) => input.mark === mark)
        // A pager also receives the removal from an incident through a firing.
        if (known.isPager(reader)) return []
        return [...Map.groupBy(all, (one) => nameOf(one, received))].flatMap(([name, times]) => {
          // An edit notifies nobody, and may be all that arrived of a message whose reply was refused.
          const answered = times.filter(({ taken }) => taken.isAnswered && taken.action !== 'edit').length
          if (answered <= events * ways) return []
          const what = name === '' ? mark : `${mark}, ${name}`
          return [
            `${reader} received ${alert} (${what}) ${times.length} times, though ${answered} responses had arrived`,
          ]
        })
      })
    }),
  )
}
