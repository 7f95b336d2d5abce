import type { Config } from '../../schemas/config.ts'
import { isAbout, MISSED } from './knowledge.ts'
import { closeIn } from './left-open.ts'
import { allowedFrom, channelsFor, inOrder, isNonProduction } from './reference.ts'
import type { Spell } from './spells.ts'
import type { Taken } from './vendors.ts'
import { type Input, marksIn, type Published, type Run, timeOf } from './world.ts'

/*
 * How soon people hear when little is wrong, and what their fallbacks are told. These look at simple worlds only, where that
 * can be said: the rules stay as they are, and name channels by severity alone.
 */

/** What is at work by itself, as SQS gathers a batch and functions start. */
const AT_ONCE_MS = 30_000
/** An event that SNS did not take the wake-ups of comes again after 90 s; nobody looks for what was missed before 120 s. */
const ONE_RETRY_MS = 116_000
/** What the clock could not send in three tries is sent a minute later. */
const THREE_TICKS_MS = 185_000
const MINUTE_MS = 60_000

/** The promises of this kind that a run broke, in words. */
export function brokenPromises(run: Run): string[] {
  const { world, isAtRest } = run
  return [
    ...deadAgain(run),
    ...(isAtRest ? unknownToAll(run) : []),
    ...pagedByNonProduction(run),
    ...(isAtRest ? uncounted(run) : []),
    ...(isAtRest && isPlain(world.config) && world.pushes.length === 0 && world.redrives.length === 0
      ? [
          ...slow(run),
          ...unheard(run),
          ...tooEarly(run),
          ...twiceByFallback(run),
          ...lateToWhoHeard(run),
          ...oldNews(run),
        ]
      : []),
  ]
}

/** Non-production never pages, by whatever way. */
function pagedByNonProduction({ world, published, taken }: Run): string[] {
  const configs = [world.config, ...world.pushes.map(({ config }) => config)]
  const pages = taken.filter(({ action }) => action === 'trigger')
  return published.flatMap(({ input }) =>
    configs.every((config) => isNonProduction(input, config)) && pages.some((page) => isAbout(page, input))
      ? [`${input.alert} (${input.mark}) is non-production, and it paged`]
      : [],
  )
}

/** Whoever shares an incident is named by it, or counted. */
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
    const most = Math.max(0, ...said.map((text) => Number(/\((\d+) alerts? fires?\)/.exec(text)?.[1] ?? 0)))
    const unnamed = inputs.filter(
      ({ mark, alert }) => !said.some((text) => text.includes(mark) || text.includes(`${alert} `)),
    )
    const firing = new Set(inputs.map(({ alert }) => alert)).size
    return unnamed.length > 0 && most < firing
      ? [`${name} says that ${most} alerts fire, of ${firing}, and does not name ${unnamed[0]?.alert}`]
      : []
  })
}

/** Whatever becomes of the rules, somebody knows of what fires. */
function unknownToAll(run: Run): string[] {
  const { world, published, taken, letters } = run
  const configs = [world.config, ...world.pushes.map(({ config }) => config)]
  // A shared incident speaks for alerts that it does not name.
  if (letters.length > 0 || configs.some(isShared)) return []
  const notified = new Set(taken.flatMap(({ body }) => marksIn(body)))
  const inputs = published.filter(isOrdinary).map(({ input }) => input)
  return [...Map.groupBy(inputs, ({ alert }) => alert)].flatMap(([alert, changes]) => {
    const isNamed = configs.every((config) => changes.every((change) => channelsFor(change, config).length > 0))
    if (!isNamed || changes.some(({ mark, status }) => notified.has(mark) || status !== 'firing')) return []
    return [`nobody was told of ${alert}, which fires`]
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

/** Something that was published, and a channel that its severity names. */
interface Way {
  input: Input
  channel: string
  /** From when it may be told. */
  from: number
}

function waysOf(run: Run): Way[] {
  const { config } = run.world
  const first = [...Map.groupBy(run.published, ({ input }) => input.mark).values()].flatMap(([one]) => one ?? [])
  return first.filter(isOrdinary).flatMap(({ input, at }) =>
    config.severities[input.severity].channels.map((channel) => {
      const from = input.status === 'resolved' ? at : allowedFrom(input, channel, config, at)
      return { input, channel, from }
    }),
  )
}

/** A text that comes again is news, and one of the default's severity. */
function isOrdinary({ input, isTaken }: Published): boolean {
  return isTaken && input.form !== 'text'
}

function targetOf(channel: string, { channels }: Pick<Config, 'channels'>): string {
  const of = channels[channel]
  return of && 'secret' in of ? of.secret : channel
}

/** When a channel's target was told of an input, by answered messages and others. */
function takenOf(run: Run, channel: string, input: Input): Taken[] {
  const target = targetOf(channel, run.world.config)
  return run.taken.filter((taken) => taken.target === target && isAbout(taken, input))
}

/** What people hear, they hear as soon as what is wrong lets them. */
function slow(run: Run): string[] {
  const graceMs = graceOf(run)
  if (graceMs === undefined) return []
  return waysOf(run).flatMap(({ input, channel, from }) => {
    const [first] = takenOf(run, channel, input)
    if (!first || first.at <= from + graceMs) return []
    const seconds = Math.round((first.at - from) / 1_000)
    return [`${channel} heard of ${input.alert} (${input.mark}) only after ${seconds} s, at ${elapsed(first.at, run)}`]
  })
}

/** How long it may take, where all that goes wrong is made good by trying again. */
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

/** The SDK or the queue makes it good at once. */
function isMild({ on, kind }: Spell): boolean {
  if (/^dynamodb/.test(on)) return kind === 'partial' || kind === 'stale'
  return /^(sqs|sns)/.test(on) && (kind === 'again' || kind === 'shuffled')
}

/** A channel that is named in place of another, and by no rule for the same alert. */
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
      // That an alarm was deleted is news by itself.
      .flatMap(({ severity, by }) => [severity, ...(by === 'deletion' ? [config.default.severity] : [])])
      .flatMap((severity) => config.severities[severity].channels)
    if (fallback === undefined || direct.includes(fallback)) return []
    return [{ input, channel, fallback, patienceMs: Number.parseInt(patience, 10) * MINUTE_MS, from }]
  })
}

/** A fallback is told once its channel has failed for longer than its patience. */
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
      `${fallback} was not told of ${input.alert} (${input.mark}), though ${channel} was down until ${elapsed(until, run)}`,
    ]
  })
}

/** Nobody can reach the channel by any means. */
function isDownBy({ on, kind, rate }: Spell, channel: string, config: Config): boolean {
  const { type } = config.channels[channel] ?? {}
  const isOn = on === type || on === `${type}:${targetOf(channel, config)}`
  return isOn && rate === 1 && /refused|throttled|reset|hangs/.test(kind)
}

function covers({ fromMs, untilMs }: Spell, from: number, until: number): boolean {
  return fromMs <= from && untilMs >= until
}

/** A channel that only asks to wait is not down: its fallback is not told before its patience is over. */
function tooEarly(run: Run): string[] {
  const { spells } = run.world
  if (spells.length === 0 || spells.some(({ kind, on }) => kind !== 'throttled' || !/^(pagerduty|slack)/.test(on)))
    return []
  return standInsOf(run).flatMap(({ input, channel, fallback, patienceMs, from }) => {
    const [first] = takenOf(run, fallback, input)
    if (input.status === 'resolved' || !first || first.at >= from + patienceMs - 5_000) return []
    return [
      `${fallback} was told of ${input.alert} (${input.mark}) at ${elapsed(first.at, run)}, and ${channel} only asked to wait`,
    ]
  })
}

/** A fallback hears once of each change, for each channel that it stands in for. */
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
      `${one.fallback} was told ${times} times of ${one.input.alert} (${one.input.mark}), in place of ${one.channel}`,
    ]
  })
}

/** Nobody is left with news of what is over, though it fires anew for others. */
function oldNews(run: Run): string[] {
  if (run.letters.length > 0) return []
  const inputs = run.published.filter(isOrdinary).map(({ input }) => input)
  return Object.keys(run.world.config.channels).flatMap((channel) =>
    [...Map.groupBy(inputs, ({ alert }) => alert)].flatMap(([alert, changes]) => {
      const target = targetOf(channel, run.world.config)
      const isAbout = (body: unknown) => changes.some(({ mark }) => marksIn(body).includes(mark))
      const body = run.taken.findLast((one) => one.target === target && isAbout(one.body))?.body
      const known = changes.filter(({ mark }) => marksIn(body ?? '').includes(mark))
      const isOver = (one: Input) => changes.some((end) => end.status === 'resolved' && inOrder(end, one) > 0)
      // That it has lost its data since was told before what came late.
      const heard = run.taken.filter((one) => one.target === target).flatMap((one) => marksIn(one.body))
      const knowsNewer = changes.some((one) => heard.includes(one.mark) && one.status !== 'resolved' && !isOver(one))
      if (
        knowsNewer ||
        body === undefined ||
        MISSED.test(JSON.stringify(body)) ||
        !known.every((one) => one.status !== 'resolved' && isOver(one))
      )
        return []
      return [`${channel} knows of ${alert} by ${known[0]?.mark} alone, which is over`]
    }),
  )
}

/** Who was told that it fires is told that it is over, and not that it could not be told in time. */
function lateToWhoHeard(run: Run): string[] {
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
        ? [`${channel} had heard of ${input.alert} (${input.mark}), and was told that it was delayed`]
        : []
    })
  })
}

/** Has a deliverer died between two moments? It may not have noted what it was told. */
function hasDied({ trace, startedAt }: Run, type: string, from: number, until: number): boolean {
  return trace.some(
    ({ ms, who, what }) =>
      who.startsWith(`deliver-${type}/`) &&
      /^(dies|is ended)/.test(what) &&
      ms >= from - startedAt &&
      ms <= until - startedAt,
  )
}

/** Its own, and in nobody's place. */
function isDirect({ world: { config } }: Run, channel: string, { severity }: Input): boolean {
  const isStandIn = Object.values(config.channels).some(({ fallback }) => fallback === channel)
  return !isStandIn && config.severities[severity].channels.includes(channel)
}

/** What a person has brought back has all its tries again: it dies by what is wrong since. */
function deadAgain({ letters, world, startedAt }: Run): string[] {
  return letters.flatMap((letter) => {
    // What only a person can do stays where it is.
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
      : [
          `a dead letter of ${letter.queue} that was brought back is dead again after ${Math.round((at - since) / 1_000)} s`,
        ]
  })
}

function elapsed(at: number, { startedAt }: Run): string {
  return timeOf(at - startedAt)
}
