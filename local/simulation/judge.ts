import { unsaidIn } from './debts.ts'
import { leftIn } from './items.ts'
import { incidents, reopened } from './judge-incidents.ts'
import { Knowledge, type Received } from './knowledge.ts'
import { askedInVain } from './left-open.ts'
import { brokenPromises } from './promises.ts'
import { allowedFrom, channelsFor, inOrder, namesOf, type Truth } from './reference.ts'
import type { Kind } from './spells.ts'
import { type Input, marksIn, type Run, timeOf } from './world.ts'

/** So often a function may be invoked for each message that came in: a message that fails for hours comes each 90 s. */
const MAX_INVOCATIONS = 400
/** What a channel has to get within, when nothing is wrong: a batch's window, cold starts, a minute's tick. */
const PROMPT_MS = 90_000
/** From a decision to the message, with the time that a batch waits to be filled. */
const ON_ITS_WAY_MS = 15_000
const HOUR_MS = 3_600_000

/** The promises that a run broke, in words; none is how it should be. */
export function judge(run: Run): string[] {
  const known = new Knowledge(run)
  return [
    ...rests(run),
    ...new Set(run.wrongItems),
    ...lettersMakeSense(run),
    ...run.refused.map(({ target, why }) => `${target} refused a message as wrong: ${why}`),
    ...doubled(known),
    ...brokenPromises(run),
    ...leftIn(run.items, run.endedAt),
    ...(run.isAtRest ? unsaidIn(run.items, run.debts, known.configs) : []),
    ...known.truths.flatMap((truth) => ofAlert(truth, known)),
    ...incidents(known),
    ...reopened(known),
    ...(run.isAtRest ? askedInVain(known) : []),
  ]
}

function rests({ isAtRest, left, expired, loops, counts, world, endedAt, startedAt }: Run): string[] {
  const broken: string[] = []
  if (!isAtRest) broken.push(`it has not come to rest after ${timeOf(endedAt - startedAt)} and ${counts.steps} steps`)
  // A vendor that throttles and does not say for how long is asked again every 15 seconds or sooner, for each channel.
  const asked = world.spells
    .filter(({ kind }) => kind === 'throttled')
    .reduce(
      (all, { fromMs, untilMs }) => all + ((untilMs - fromMs) / 7_500) * Object.keys(world.config.channels).length,
      0,
    )
  const most = MAX_INVOCATIONS * (world.inputs.length + world.redrives.length) + asked
  if (counts.invocations > most) broken.push(`${counts.invocations} invocations for ${world.inputs.length} messages`)
  if (isAtRest && left.length > 0) broken.push(`${left.length} messages are left in queues`)
  for (const { queue, body } of expired) broken.push(`SQS dropped a message of ${queue}: ${marksIn(body).join(' ')}`)
  for (const { body } of loops) broken.push(`Lambda stopped a loop: ${marksIn(body).join(' ')}`)
  if (world.spells.length === 0) for (const error of new Set(counts.throws)) broken.push(`a function threw: ${error}`)
  return broken
}

/** What can end in a dead letter: a vendor that says no for good, a channel that is gone, or a trouble of an hour. */
const DEADLY: Kind[] = ['bad', 'revoked']

function lettersMakeSense({ letters, world }: Run): string[] {
  const isHard = world.spells.some(
    ({ kind, rate, fromMs, untilMs }) => DEADLY.includes(kind) || (rate >= 0.3 && untilMs - fromMs >= HOUR_MS),
  )
  if (isHard || letters.length === 0 || world.pushes.length > 0) return []
  return [`${letters.length} dead letters, though nothing was broken for long`]
}

function ofAlert(truth: Truth, known: Knowledge): string[] {
  return known.readers.flatMap((reader) => {
    const received = known.received(reader, truth.alert)
    return [
      ...mayKnow(truth, reader, received, known),
      ...(known.isInLetters(truth, reader) ? [] : knowsTheTruth(truth, reader, received, known)),
      ...knewBefore(truth, reader, received, known),
      ...inTime(truth, reader, received, known),
    ]
  })
}

function mayKnow({ alert, named }: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  // A channel that led elsewhere before sends it the resolve of what it sent there.
  const names = [reader, ...known.elsewhere(reader)]
  if (received.length === 0 || [...named.values()].some(({ may }) => names.some((name) => may.has(name)))) return []
  return [`${reader} was told of ${alert}, and no rule says so`]
}

/** Whoever was told of an alert, and whoever the rules name, was told last what is so now. */
function knowsTheTruth(truth: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  const { alert, status, changes, named } = truth
  const must = changes.findLast((change) => named.get(change)?.must.has(reader) && !isOldLoss(truth, change))
  const last = received.at(-1)
  // A shared incident speaks for alerts that it does not name.
  if (known.isPager(reader) && known.channels(reader).some(({ groupBy }) => groupBy)) return []
  if (known.isPager(reader) && known.configs.some(({ rules }) => rules.some(({ groupBy }) => groupBy))) return []
  const isOver = must && endsAfter(truth, must)
  // Of what is over, a reader may hear by another message.
  // By another name, or in another's place, it is another channel, which hears of what it is told by itself.
  const ofIt = received.filter((one) => !must || isNewsOf(must, one, isOver === true))
  const news = ofIt.length > 0 ? ofIt : received.filter(({ isMissed }) => isMissed)
  const isLast = known.isStable(reader) && !known.isFallback(reader) && !known.hasSeveral(reader)
  const heard = isLast ? news.slice(-1) : news
  const isNotified = must !== undefined && heard.some(({ input }) => isOver || inOrder(input, must) >= 0)
  // The channel led to another place, and something newer was sent there.
  const isOld = (other: string) => known.received(other, alert).some(({ input }) => must && inOrder(input, must) > 0)
  if (must && !isNotified && !mayMiss(truth, must, reader, known) && !known.elsewhere(reader).some(isOld)) {
    return [
      `${reader} was never told that ${alert} was ${must.status} (${must.mark}); last was ${last?.input.mark ?? 'nothing'}`,
    ]
  }
  const mayNotKnow = !known.isStable(reader) || known.wasElsewhere(reader)
  if (!last || status !== 'resolved' || last.status === 'resolved' || mayNotKnow || truth.form === 'text') return []
  return [`${reader} was told last that ${alert} is ${last.status} (${last.input.mark}); it is over`]
}

/**
 * That data is lost tells nobody that it fires, but that it is over, when it fired before. An older firing that is told after
 * it leaves it known, and so does what could not be told in time, which says its own times.
 */
function isNewsOf(must: Input, { input, status, isMissed }: Received, isOver: boolean): boolean {
  if (isMissed && inOrder(input, must) < 0) return false
  if (status === 'resolved') return true
  if (must.status === 'firing') return isOver || input.status !== 'insufficient-data'
  return input.status !== 'firing' || inOrder(input, must) >= 0
}

/** That it had lost its data is no news, once it fires by a newer change. */
function isOldLoss({ changes }: Truth, change: Input): boolean {
  const later = changes.filter((other) => inOrder(other, change) > 0)
  return change.status === 'insufficient-data' && later.some(({ status }) => status === 'firing')
}

function endsAfter({ changes, form }: Truth, change: Input): boolean {
  return form !== 'text' && changes.some((other) => other.status === 'resolved' && inOrder(other, change) > 0)
}

/** What is over before it could be told need not be told to a pager, nor to whom it was held for. */
function mayMiss(truth: Truth, change: Input, reader: string, known: Knowledge): boolean {
  const isOver = endsAfter(truth, change)
  const mayWait = known.truths.some(({ named }) => named.get(change)?.mayBeHeld.has(reader))
  return isOver && (known.isPager(reader) || mayWait)
}

/** A reader is told that something is over only if it knew of it; and once. */
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
    // What it hears late of the past ends nothing that it has heard of since.
    if (isOlder && isMissed) continue
    if (status !== 'resolved' || isMissed) knows = !isMissed
    // An end that nobody could note, as its answer got lost or who had told it died, is told once more with the next one.
    // Who is told by two ways may have heard of it by the other.
    else if (!knows && hasKnown && (mayNotKnow || ways > 1)) continue
    // Several changes of one alert may be in one message; and what was doubled is looked at by itself.
    else if (
      !knows &&
      !received.some((other) => other.taken === taken && other.status !== 'resolved') &&
      isNew(received, taken, input)
    )
      return [`${reader} was told that ${alert} is over (${input.mark}), and had not been told of it`]
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

/** When nothing goes wrong: at once, or as soon as its window opens; and not before. */
function inTime({ alert, changes, named }: Truth, reader: string, received: Received[], known: Knowledge): string[] {
  const { run, configs } = known
  const [config] = configs
  const isPaced = known.channels(reader).some(({ perMinute, groupBy }) => perMinute ?? groupBy)
  if (!config || configs.length > 1 || run.world.spells.length > 0 || isPaced) return []
  return received.flatMap(({ taken, input, status }) => {
    if (status === 'resolved' || !named.get(input)?.must.has(reader)) return []
    const times = run.published.filter(({ input: { mark }, at }) => mark === input.mark && at <= taken.at)
    const publishedAt = times.at(input.form === 'text' ? -1 : 0)?.at ?? 0
    const names = namesOf(reader, config)
    const chosen = names.filter((name) => channelsFor(input, config).includes(name))
    const from = Math.min(...chosen.map((name) => allowedFrom(input, name, config, publishedAt)))
    const now = `${alert} (${input.mark}) at ${timeOf(taken.at - run.startedAt)}`
    // Many at once take turns.
    // Of several channels that lead there, some may be told later.
    if (taken.at > from + PROMPT_MS && changes.length < 10 && isNew(received, taken, input))
      return [`${reader} was told late of ${now}: ${Math.round((taken.at - from) / 1_000)} s`]
    const mayBeNotified = (at: number) => names.some((name) => allowedFrom(input, name, config, at) <= at)
    // What was decided before a mute begins is on its way.
    return mayBeNotified(taken.at) || mayBeNotified(Math.max(publishedAt, taken.at - ON_ITS_WAY_MS))
      ? []
      : [`${reader} was told of ${now}, when it must not be told`]
  })
}

/** The same is said twice only where it could not be known that it had been said. */
function doubled(known: Knowledge): string[] {
  const { deaths, timeouts, lostNotes, notes } = known.run.counts
  // A delivery that is recorded through a queue may be recorded only after a second wake-up has been handled.
  const isOvertaken = notes > 0 && known.has(['again'], /sqs|aws/)
  if (deaths + timeouts + lostNotes > 0 || isOvertaken) return []
  return known.truths.flatMap(({ alert, changes }) =>
    known.readers.flatMap((reader) => {
      const ways = known.ways(reader)
      return changes.flatMap(({ mark, form }) => {
        // A text that comes again is news.
        const events = form === 'text' ? known.run.published.filter(({ input }) => input.mark === mark).length : 1
        const times = known.received(reader, alert).filter(({ input }) => input.mark === mark)
        const answered = times.filter(({ taken }) => taken.isAnswered).length
        // A pager is told by what fires, too, that it leaves an incident.
        if (known.isPager(reader) || answered <= events * ways) return []
        return [
          `${reader} was told ${times.length} times of ${alert} (${mark}), though ${answered} answers had arrived`,
        ]
      })
    }),
  )
}
