import type { Config } from '../../schemas/config.ts'
import { isAbout, MISSED } from './knowledge.ts'
import { closeIn } from './left-open.ts'
import {
  allowedFrom,
  channelsFor,
  inOrder,
  isNonProduction,
  knownFrom,
  longestHoldOf,
  planFor,
  timeOfChange,
} from './reference.ts'
import type { Spell } from './spells.ts'
import type { Taken } from './taken.ts'
import { saidIn } from './updates.ts'
import { type Input, marksIn, type Published, type Run, timeOf } from './world.ts'

/*
 * How soon recipients are notified when little is wrong, and what their fallbacks receive. These promises only cover
 * simple worlds, where that is defined: the rules do not change, and select channels by severity alone.
 */

/** The normal latency: SQS gathers a batch and functions start. */
const AT_ONCE_MS = 30_000
/** An event whose wake-ups SNS rejected is redelivered after 90 s; missed ones are not checked before 120 s. */
const ONE_RETRY_MS = 116_000
/** What tick could not send in three attempts is sent a minute later. */
const THREE_TICKS_MS = 185_000
const MINUTE_MS = 60_000

/** The promises of this kind that a run broke, as text. */
export function brokenPromises(run: Run): string[] {
  const { world, isAtRest } = run
  return [
    ...deadAfterRedrive(run),
    ...(isAtRest ? unknownToAll(run) : []),
    ...pagedByNonProduction(run),
    ...(isAtRest ? uncounted(run) : []),
    ...(isAtRest &&
    isPlain(world.config) &&
    !world.silences &&
    !world.others &&
    !world.regions &&
    world.pushes.length === 0 &&
    world.redrives.length === 0
      ? [
          ...slow(run),
          ...unheard(run),
          ...tooEarly(run),
          ...twiceByFallback(run),
          ...lateAlthoughReceived(run),
          ...oldNews(run),
        ]
      : []),
  ]
}

/** Non-production never pages, in any way. */
function pagedByNonProduction({ world, published, taken }: Run): string[] {
  const configs = [world.config, ...world.pushes.map(({ config }) => config)]
  const pages = taken.filter(({ action }) => action === 'trigger')
  return published.flatMap(({ input }) =>
    configs.every((config) => isNonProduction(input, config)) && pages.some((page) => isAbout(page, input))
      ? [`${input.alert} (${input.mark}) is non-production, but it paged`]
      : [],
  )
}

/** An incident names or counts every alert that shares it. */
function uncounted({ world, published, taken, letters }: Run): string[] {
  const { channels, severities } = world.config
  const inputs = published.filter(isOrdinary).map(({ input }) => input)
  const isSimple =
    world.pushes.length + letters.length === 0 &&
    inputs.every(
      ({ status, severity, form }) => status === 'firing' && severity === inputs[0]?.severity && form === 'alarm',
    )
  if (!isSimple || !inputs[0] || world.config.nonProduction) return []
  return severities[inputs[0].severity].channels.flatMap((name) => {
    const { groupBy, type } = channels[name] ?? {}
    if (
      type !== 'pagerduty' ||
      groupBy?.join() !== 'kind' ||
      world.config.rules.some((rule) => rule.groupBy ?? rule.channels)
    )
      return []
    const said = taken
      .filter(({ target }) => target === targetOf(name, world.config))
      .map(({ body }) => JSON.stringify(body))
    const most = Math.max(0, ...said.map((text) => Number(/\((\d+) alerts? firing\)/.exec(text)?.[1] ?? 0)))
    const unnamed = inputs.filter(
      ({ mark, alert }) => !said.some((text) => text.includes(mark) || text.includes(`${alert} `)),
    )
    const firing = new Set(inputs.map(({ alert }) => alert)).size
    return unnamed.length > 0 && most < firing
      ? [`${name} says that ${most} alerts fire, of ${firing}, but does not name ${unnamed[0]?.alert}`]
      : []
  })
}

/** Whatever happens to the rules, somebody has received every firing alert. */
function unknownToAll(run: Run): string[] {
  const { world, published, taken, letters } = run
  const configs = [world.config, ...world.pushes.map(({ config }) => config)]
  // A shared incident covers alerts that it does not name.
  if (letters.length > 0 || configs.some(isShared)) return []
  const notified = new Set(taken.flatMap(({ body }) => marksIn(body)))
  const inputs = published.filter(isOrdinary).map(({ input }) => input)
  return [...Map.groupBy(inputs, ({ alert }) => alert)].flatMap(([alert, changes]) => {
    const isNamed = configs.every((config) => changes.every((change) => channelsFor(change, config).length > 0))
    if (!isNamed || changes.some(({ mark, status }) => notified.has(mark) || status !== 'firing')) return []
    return [`nobody received ${alert}, which fires`]
  })
}

function isShared({ channels, rules }: Config): boolean {
  return Object.values(channels).some(({ groupBy }) => groupBy) || rules.some(({ groupBy }) => groupBy)
}

function isPlain({ nonProduction, maintenance, rules, channels }: Config): boolean {
  const targets = Object.keys(channels).map((name) => targetOf(name, { channels }))
  const isSimple =
    new Set(targets).size === targets.length &&
    Object.values(channels).every(({ perMinute, groupBy }) => perMinute === undefined && !groupBy)
  return isSimple && !nonProduction && !maintenance && rules.every((rule) => !rule.channels && !rule.groupBy)
}

/** An input, and a channel of its severity. */
interface Way {
  input: Input
  channel: string
  /** The earliest time to send it. */
  from: number
}

function waysOf(run: Run): Way[] {
  const { config } = run.world
  const first = [...Map.groupBy(run.published, ({ input }) => input.mark).values()].flatMap(([one]) => one ?? [])
  return first.filter(isOrdinary).flatMap(({ input, ...one }) =>
    config.severities[input.severity].channels.map((channel) => {
      const at = knownFrom({ input, ...one }, run)
      const heldMs = run.startedAt + timeOfChange(input) + longestHoldOf(input, config)
      const from =
        input.status === 'resolved' ? at : allowedFrom(input, channel, config, Math.max(at, heldMs), run.world)
      return { input, channel, from }
    }),
  )
}

/** A repeated text is new, and has the default severity. */
function isOrdinary({ input, isTaken }: Published): boolean {
  return isTaken && input.form !== 'text'
}

function targetOf(channel: string, { channels }: Pick<Config, 'channels'>): string {
  const of = channels[channel]
  return of && 'secret' in of ? of.secret : channel
}

/** When a channel's target received an input, by answered messages and others. */
function takenOf(run: Run, channel: string, input: Input): Taken[] {
  const target = targetOf(channel, run.world.config)
  return run.taken.filter(
    (taken) => taken.target === target && isAbout(taken, input) && saidIn(taken, input) === undefined,
  )
}

/** Recipients are notified as soon as the failures permit. */
function slow(run: Run): string[] {
  const graceMs = graceOf(run)
  if (graceMs === undefined) return []
  return waysOf(run).flatMap(({ input, channel, from }) => {
    const [first] = takenOf(run, channel, input)
    if (!first || first.at <= from + graceMs) return []
    const seconds = Math.round((first.at - from) / 1_000)
    return [`${channel} received ${input.alert} (${input.mark}) only after ${seconds} s, at ${elapsed(first.at, run)}`]
  })
}

/** How long it may take, if retries fix everything that fails. */
function graceOf({ world, counts }: Run): number | undefined {
  const { spells, inputs, most } = world
  if (inputs.length > 12 || Object.keys(most).length > 0 || counts.deaths + counts.timeouts > 0) return undefined
  const rest = spells.filter((spell) => !isMild(spell))
  const [only] = rest
  if (!only) return AT_ONCE_MS
  const lastsMs = only.untilMs - only.fromMs
  if (rest.length > 1) return undefined
  if (/^sqs/.test(only.on) && only.kind === 'partial') return THREE_TICKS_MS
  if (/^sns/.test(only.on) && /refused|reset|partial/.test(only.kind) && lastsMs <= 20_000) return ONE_RETRY_MS
  const isVendor = /^(pagerduty|slack|email|vendors)/.test(only.on)
  const isAlone = new Set(inputs.map(({ alert }) => alert)).size === 1
  return isVendor && isAlone && /refused|reset/.test(only.kind) && lastsMs <= 4_000 ? AT_ONCE_MS : undefined
}

/** The SDK or the queue retries at once. */
function isMild({ on, kind }: Spell): boolean {
  if (/^dynamodb/.test(on)) return kind === 'partial' || kind === 'stale'
  return /^(sqs|sns)/.test(on) && (kind === 'again' || kind === 'shuffled')
}

/** A fallback channel that no rule selects for the same alert. */
interface StandIn {
  input: Input
  channel: string
  fallback: string
  patienceMs: number
  from: number
}

function standInsOf(run: Run): StandIn[] {
  const { config, inputs } = run.world
  return waysOf(run).flatMap(({ input, channel, from }) => {
    const { fallback, patience = '10m' } = config.channels[channel] ?? {}
    const direct = inputs
      .filter(({ alert }) => alert === input.alert)
      // The deletion of an alarm is a separate event.
      .flatMap(({ severity, by }) => [severity, ...(by === 'deletion' ? [config.default.severity] : [])])
      .flatMap((severity) => config.severities[severity].channels)
    const escalated = inputs.flatMap((one) => planFor(one, config).steps.flatMap(({ to }) => to))
    if (fallback === undefined || [...direct, ...escalated].includes(fallback)) return []
    return [{ input, channel, fallback, patienceMs: Number.parseInt(patience, 10) * MINUTE_MS, from }]
  })
}

/** A fallback is notified once its channel has failed for longer than its patience. */
function unheard(run: Run): string[] {
  const { spells, config } = run.world
  return standInsOf(run).flatMap(({ input, channel, fallback, patienceMs, from }) => {
    if (input.status === 'resolved') return []
    const until = from + 2 * patienceMs + 2 * MINUTE_MS
    const isDown = spells.some(
      (spell) => isDownBy(spell, channel, config) && covers(spell, from - run.startedAt, until - run.startedAt),
    )
    const isElse = spells.some((spell) => !isDownBy(spell, channel, config))
    const isNewer = run.published.some(
      ({ input: other, at }) =>
        other.alert === input.alert && other.mark !== input.mark && at <= until && at > from - 10 * MINUTE_MS,
    )
    const isNewest = run.published.every(
      ({ input: other, at }) => other.alert !== input.alert || at > until || other.changedAtMs <= input.changedAtMs,
    )
    if (!isDown || isElse || isNewer || !isNewest) return []
    if (takenOf(run, fallback, input).some(({ at }) => at <= until)) return []
    return [
      `${fallback} did not receive ${input.alert} (${input.mark}), though ${channel} was down until ${elapsed(until, run)}`,
    ]
  })
}

/** The channel can't be reached in any way. */
function isDownBy({ on, kind, rate }: Spell, channel: string, config: Config): boolean {
  const { type } = config.channels[channel] ?? {}
  const isOn = on === type || on === `${type}:${targetOf(channel, config)}`
  return isOn && rate === 1 && /refused|throttled|reset|hangs/.test(kind)
}

function covers({ fromMs, untilMs }: Spell, from: number, until: number): boolean {
  return fromMs <= from && untilMs >= until
}

/** A channel that only rate limits is not down: its fallback is not notified before its patience ends. */
function tooEarly(run: Run): string[] {
  const { spells, config } = run.world
  // A hold counts from the first change, whichever of them is sent.
  if (config.hold !== undefined || Object.values(config.severities).some(({ hold }) => hold !== undefined)) return []
  if (spells.length === 0 || spells.some(({ kind, on }) => kind !== 'throttled' || !/^(pagerduty|slack)/.test(on)))
    return []
  return standInsOf(run).flatMap(({ input, channel, fallback, patienceMs, from }) => {
    const [first] = takenOf(run, fallback, input)
    if (input.status === 'resolved' || !first || first.at >= from + patienceMs - 5_000) return []
    return [
      `${fallback} received ${input.alert} (${input.mark}) at ${elapsed(first.at, run)}, but ${channel} was only rate limited`,
    ]
  })
}

/** A fallback receives each change once, for each channel that it replaces. */
function twiceByFallback(run: Run): string[] {
  const { counts } = run
  if (counts.deaths + counts.timeouts > 0) return []
  const of = Map.groupBy(standInsOf(run), ({ input, fallback }) => `${fallback} ${input.mark}`)
  return [...of.values()].flatMap((standIns) => {
    const [one] = standIns
    if (!one) return []
    const times = takenOf(run, one.fallback, one.input).filter(({ isAnswered }) => isAnswered).length
    if (times <= standIns.length) return []
    return [
      `${one.fallback} received ${one.input.alert} (${one.input.mark}) ${times} times, as the fallback of ${one.channel}`,
    ]
  })
}

/** No channel is left with a resolved change, though a newer firing was sent to others. */
function oldNews(run: Run): string[] {
  // What is found is judged by who knows what in the end (judge.ts).
  if (run.letters.length > 0 || run.world.reconciles) return []
  const inputs = run.published.filter(isOrdinary).map(({ input }) => input)
  return Object.keys(run.world.config.channels).flatMap((channel) =>
    [...Map.groupBy(inputs, ({ alert }) => alert)].flatMap(([alert, changes]) => {
      const target = targetOf(channel, run.world.config)
      const isAbout = (body: unknown) => changes.some(({ mark }) => marksIn(body).includes(mark))
      const body = run.taken.findLast((one) => one.target === target && isAbout(one.body))?.body
      const known = changes.filter(({ mark }) => marksIn(body ?? '').includes(mark))
      const isOver = (one: Input) => changes.some((end) => end.status === 'resolved' && inOrder(end, one) > 0)
      // The newer missing data was sent before the late change.
      const heard = run.taken.filter((one) => one.target === target).flatMap((one) => marksIn(one.body))
      const hasNewer = changes.some((one) => heard.includes(one.mark) && one.status !== 'resolved' && !isOver(one))
      if (
        hasNewer ||
        body === undefined ||
        MISSED.test(JSON.stringify(body)) ||
        !known.every((one) => one.status !== 'resolved' && isOver(one))
      )
        return []
      return [`${channel} only received ${alert} by ${known[0]?.mark}, which is resolved`]
    }),
  )
}

/** A recipient of the firing receives the resolve, not a late notification about both. */
function lateAlthoughReceived(run: Run): string[] {
  return Object.keys(run.world.config.channels).flatMap((channel) => {
    const target = targetOf(channel, run.world.config)
    const taken = run.taken.filter((one) => one.target === target && one.type !== 'pagerduty')
    return run.published.filter(isOrdinary).flatMap(({ input }) => {
      const about = taken.filter(({ body }) => marksIn(body).includes(input.mark))
      const [heard, ...others] = about
      if (input.status === 'resolved' || !heard?.isAnswered || MISSED.test(JSON.stringify(heard.body))) return []
      if (!isDirect(run, channel, input) || marksIn(heard.body).length > 1) return []
      const ends = run.published.filter(
        ({ input: end }) => end.alert === input.alert && end.changedAtMs >= input.changedAtMs,
      )
      const marks = new Set(ends.map(({ input: end }) => end.mark))
      if (marks.size !== 2) return []
      const late = [...others, ...taken.filter(({ body }) => marksIn(body).some((mark) => marks.has(mark)))].find(
        (one) => one.at > heard.at && marksIn(one.body).length === 1 && MISSED.test(JSON.stringify(one.body)),
      )
      return late && !hasDied(run, late.type, heard.at, late.at)
        ? [`${channel} had received ${input.alert} (${input.mark}), but was sent that it was delayed`]
        : []
    })
  })
}

/** Whether a deliverer died between two times: it may not have recorded a response. */
function hasDied({ trace, startedAt }: Run, type: string, from: number, until: number): boolean {
  return trace.some(
    ({ ms, who, what }) =>
      who.startsWith(`deliver-${type}/`) &&
      /^(dies|is ended)/.test(what) &&
      ms >= from - startedAt &&
      ms <= until - startedAt,
  )
}

/** Its own, not as a fallback. */
function isDirect({ world: { config } }: Run, channel: string, { severity }: Input): boolean {
  const isStandIn = Object.values(config.channels).some(({ fallback }) => fallback === channel)
  return !isStandIn && config.severities[severity].channels.includes(channel)
}

/** A redriven message has all its attempts again: it only becomes a dead letter by a later failure. */
function deadAfterRedrive({ letters, world, startedAt }: Run): string[] {
  return letters.flatMap((letter) => {
    // A dead letter that needs action by a person stays where it is.
    if (closeIn(letter)) return []
    const before = letters.filter(
      (one) => one.body === letter.body && one.redrivenAt !== undefined && one.redrivenAt < letter.at,
    )
    const since = Math.max(...before.map(({ redrivenAt = 0 }) => redrivenAt)) - startedAt
    const at = letter.at - startedAt
    if (before.length === 0 || at - since > 60 * MINUTE_MS) return []
    const isDeadly = world.spells.some(
      ({ kind, fromMs, untilMs }) => /bad|revoked/.test(kind) && fromMs <= at && untilMs >= since,
    )
    return isDeadly
      ? []
      : [`a dead letter of ${letter.queue} that was redriven is dead again after ${Math.round((at - since) / 1_000)} s`]
  })
}

function elapsed(at: number, { startedAt }: Run): string {
  return timeOf(at - startedAt)
}
