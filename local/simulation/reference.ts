import type { AlertStatus } from '../../schemas/alert.ts'
import { type Config, SEVERITIES, type Severity } from '../../schemas/config.ts'
import { heldUntil } from './reference-windows.ts'
import { endOf } from './silences.ts'
import type { Input, Published, Run, World } from './world.ts'

/*
 * Who must have received what in the end, from the published messages and the rules alone, whatever fails on the
 * way. Written for readability, not speed. It assumes the worlds of generate.ts: a rule for each severity.
 *
 * It uses readers, not channels: the recipient behind a secret or an address, under any name in the rules.
 */

/** One alert, in its true final state. */
export interface Truth {
  alert: string
  form: Input['form']
  /** Its changes, each once, in the order in which they happened. */
  changes: Input[]
  /** Whether it is firing, without data, or resolved. */
  status: AlertStatus
  /** The decisions of the rules on each firing change. */
  named: Map<Input, Named>
}

/** Readers that the rules select: by all rules that may have decided, and by any of them; and their fallbacks. */
export interface Named {
  must: Set<string>
  may: Set<string>
  /** Windows may hold their notifications. */
  mayBeHeld: Set<string>
}

/** Among changes of the same time, the later in this list wins. */
const ORDER: AlertStatus[] = ['firing', 'insufficient-data', 'resolved']
const MINUTE_MS = 60_000
/** Pushed rules reach every function within this time. */
const ROLLOUT_MS = 13 * MINUTE_MS

/** From a change whose message does not arrive until it is found: a run each five minutes, its grace, a cold start. */
const FOUND_WITHIN_MS = 8.5 * MINUTE_MS

/** When a change can be known, in ms: its message arrives, or it is found in CloudWatch. */
export function knownFrom({ input, at }: Published, { world, startedAt }: Pick<Run, 'world' | 'startedAt'>): number {
  if (!world.reconciles || input.form !== 'alarm' || input.by === 'hand') return at
  const ofIt = world.inputs.filter(({ alert }) => alert === input.alert)
  // What changes again meanwhile, differs in another way, and is read twice again.
  const lastMs = ofIt
    .map(({ changedAtMs }) => changedAtMs)
    .sort((a, b) => a - b)
    .reduce((last, ms) => (ms > last && ms - last < FOUND_WITHIN_MS ? ms : last), input.changedAtMs)
  const foundAt = startedAt + lastMs + FOUND_WITHIN_MS
  const isUnseenEnd = input.status === 'resolved' && ofIt.some((one) => isUnseenReturn([input, one], one, world))
  const before = endBefore(ofIt, input, world)
  // Until that end arrives, it goes on firing.
  const seenMs = before && !before.isLost ? startedAt + before.atMs + FOUND_WITHIN_MS : foundAt
  if (isUnseenEnd || before) return Math.max(at, foundAt, seenMs)
  return input.isLost ? foundAt : Math.min(at, foundAt)
}

/** Its end before was lost as well, a moment ago: nobody saw that it ended. */
export function isUnseenReturn(changes: Input[], change: Input, world: Pick<World, 'spells'>): boolean {
  return endBefore(changes, change, world) !== undefined
}

/** The end before it that nobody saw. */
function endBefore(changes: Input[], change: Input, { spells }: Pick<World, 'spells'>): Input | undefined {
  const sorted = changes.toSorted(inOrder)
  const before = sorted[sorted.findIndex(({ mark }) => mark === change.mark) - 1]
  const isOnItsWay = (one: Input) => one.isLost === true || one.atMs - one.changedAtMs > MINUTE_MS
  if (!before || !isOnItsWay(change) || !isOnItsWay(before) || before.status !== 'resolved') return undefined
  // While something fails, no run may end well.
  const withinMs = spells.length > 0 ? 3 * 60 * MINUTE_MS : FOUND_WITHIN_MS
  return change.changedAtMs - before.changedAtMs < withinMs ? before : undefined
}

export function truthsOf(published: Published[], world: World): Truth[] {
  const taken = published.filter(({ isTaken }) => isTaken)
  // A text is a new alert each time.
  const groups = Map.groupBy(taken, ({ input: { alert, form, mark } }) => (form === 'text' ? mark : alert))
  return [...groups].map(([alert, of]) => truthOf(alert, of, world))
}

function truthOf(alert: string, published: Published[], world: World): Truth {
  const inputs = published.map(({ input }) => input)
  const changes = [...new Map(inputs.map((input) => [input.mark, input])).values()].sort(inOrder)
  const lastEnd = changes.findLastIndex(({ status }) => status === 'resolved')
  const present = changes.slice(lastEnd + 1).map(({ status }) => status)
  const troubles = changes.filter(({ status }) => status !== 'resolved')
  return {
    alert,
    form: (changes[0] as Input).form,
    changes,
    // Missing data does not end a firing.
    status: present.includes('firing') ? 'firing' : (present[0] ?? 'resolved'),
    named: new Map(troubles.map((change) => [change, namedFor(change, published, world)])),
  }
}

export function inOrder(a: Input, b: Input): number {
  return timeOfChange(a) - timeOfChange(b) || ORDER.indexOf(a.status) - ORDER.indexOf(b.status)
}

/** A time far in the future is a wrong clock: the time of receipt is used. A manual resolve happens then too. */
export function timeOfChange({ changedAtMs, atMs, by }: Input): number {
  return by === 'hand' || changedAtMs > atMs + 5 * MINUTE_MS ? atMs : changedAtMs
}

/**
 * The rules that may decide on a change: each function gets the new ones at its own time, and failed messages are
 * redelivered.
 */
function configsFor(change: Input, published: Published[], world: World): Config[] {
  const times = published.filter(({ input }) => input.mark === change.mark).map(({ input }) => input.atMs)
  const configs = [
    { fromMs: 0, config: world.config },
    ...world.pushes.map(({ atMs, config }) => ({ fromMs: atMs, config })),
  ]
  const isCalm =
    world.spells.length === 0 &&
    world.redrives.length === 0 &&
    !world.silences &&
    !configs.some(({ config }) => hasTimes(config) || hasPlan(config))
  const late = Math.max(0, ...world.spells.filter(({ on }) => /appconfig|aws/.test(on)).map(({ untilMs }) => untilMs))
  // A deliverer that does not have the rules with a channel yet waits for them.
  const isRolledOut = !world.pushes.some(({ atMs }) => times.some((at) => at >= atMs && at < atMs + ROLLOUT_MS))
  return configs.flatMap(({ fromMs, config }, index) => {
    const next = configs[index + 1]?.fromMs
    const untilMs = next === undefined ? Number.POSITIVE_INFINITY : Math.max(next, late) + ROLLOUT_MS
    const isOver = untilMs < Math.min(...times)
    const isLater = isCalm && fromMs > Math.max(...times) + (isRolledOut ? MINUTE_MS : ROLLOUT_MS)
    return isOver || isLater ? [] : [config]
  })
}

function hasTimes(config: Config): boolean {
  const times = [...Object.values(config.channels), ...Object.values(config.severities)]
  return (
    (config.maintenance ?? []).length > 0 ||
    times.some(({ active, mute }) => active !== undefined || mute !== undefined)
  )
}

/** What is planned while it fires is decided again, by the rules of that time. */
export function hasPlan(config: Config): boolean {
  return [config, ...Object.values(config.severities)].some(
    (of) => of.hold !== undefined || of.remind !== undefined || of.escalate !== undefined || of.flapping !== undefined,
  )
}

function namedFor(change: Input, published: Published[], world: World): Named {
  const configs = configsFor(change, published, world)
  const named = configs.map((config) => new Set(channelsFor(change, config).map((name) => readerOf(name, config))))
  const [first = new Set<string>(), ...others] = named
  const may = new Set([...named.flatMap((one) => [...one]), ...configs.flatMap((one) => escalatedTo(change, one))])
  for (const reader of may)
    for (const config of configs) for (const other of fallbacksOf(reader, config)) may.add(other)
  return {
    must: others.reduce((both, other) => both.intersection(other), first),
    may,
    mayBeHeld: heldIn(change, configs, momentsOf(change, published, world), world),
  }
}

/** The channels that the rules select for a change, by name. */
export function channelsFor(change: Input, config: Config): string[] {
  const severity = severityOf(change, config)
  const rule = change.form === 'text' ? undefined : config.rules.find(({ name }) => name === severity)
  const base = config.severities[loweredOf(change, config)].channels
  const channels = Array.isArray(rule?.channels) ? rule.channels : [...base, ...(rule?.channels?.add ?? [])]
  if (!isNonProduction(change, config)) return channels
  const quiet = (names: string[]) => names.filter((name) => config.channels[name]?.type !== 'pagerduty')
  const own = quiet(channels)
  return own.length > 0 ? own : quiet(config.severities[config.nonProduction?.highest ?? 'warning'].channels)
}

export function isNonProduction({ alert }: Input, { nonProduction }: Config): boolean {
  return nonProduction !== undefined && JSON.stringify(nonProduction.when).includes(`${alert}*`)
}

function severityOf({ form, severity }: Input, config: Config): Severity {
  return form === 'text' ? config.default.severity : severity
}

function lower(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) > SEVERITIES.indexOf(b) ? a : b
}

/** The reader of a channel. */
export function readerOf(name: string, { channels }: Config): string {
  const channel = channels[name]
  if (!channel) return 'nobody'
  return channel.type === 'email' ? `email:${channel.addresses[0]?.split('@')[0]}` : `${channel.type}:${channel.secret}`
}

export function namesOf(reader: string, config: Config): string[] {
  return Object.keys(config.channels).filter((name) => readerOf(name, config) === reader)
}

export function fallbacksOf(reader: string, config: Config): string[] {
  return namesOf(reader, config).flatMap((name) => {
    const { fallback } = config.channels[name] ?? {}
    return fallback === undefined ? [] : readerOf(fallback, config)
  })
}

/** When a change may have been decided on: on arrival, and after a failure, some time later. */
function momentsOf(change: Input, published: Published[], { spells, redrives }: World): number[] {
  const came = published.filter(({ input }) => input.mark === change.mark).map(({ at }) => at)
  const later = spells.length + redrives.length === 0 ? [0, 1] : [0, 1, 5, 15, 60, 180, 600]
  return redrives.length > 0 ? [] : came.flatMap((at) => later.map((minutes) => at + minutes * MINUTE_MS))
}

/** Those that must not be notified at one of these times; no times: at any. */
function heldIn(change: Input, configs: Config[], moments: number[], world: World): Set<string> {
  // Where something fails, nobody can say when it is silenced.
  const isUnclear = world.spells.length > 0 || moments.length === 0
  const isSilenced = isUnclear && (world.silences ?? []).some(({ alert }) => alert === change.alert)
  return new Set(
    configs.flatMap((config) =>
      Object.keys(config.channels).flatMap((name) => {
        const mayWait = moments.some((at) => allowedFrom(change, name, config, at, world) > at)
        return mayWait || isSilenced || world.others || (moments.length === 0 && hasTimes(config))
          ? readerOf(name, config)
          : []
      }),
    ),
  )
}

function loweredOf(change: Input, config: Config): Severity {
  const severity = severityOf(change, config)
  return isNonProduction(change, config) ? lower(severity, config.nonProduction?.highest ?? 'warning') : severity
}

/**
 * When a channel may first be sent a change, from a moment on: the moment itself, or when the last window permits
 * it.
 */
export function allowedFrom(
  change: Input,
  channel: string,
  config: Config,
  at: number,
  world: Pick<World, 'silences' | 'startAt'>,
): number {
  const maintenances = (config.maintenance ?? [])
    .filter(({ covers }) => covers === undefined || JSON.stringify(covers).includes(`${change.alert}*`))
    .map(({ window }) => ({ mute: window }))
  const times = [...maintenances, config.severities[loweredOf(change, config)], config.channels[channel] ?? {}]
  let moment = at
  // Each window moves it by at most a day; a few rounds are enough.
  for (let round = 0; round < 10; round++) {
    const later = Math.max(
      ...times.map((one) => heldUntil(one, config, moment)),
      ...silencedUntil(change, moment, world),
    )
    if (later === moment) return moment
    moment = later
  }
  return moment
}

/** The ends of the silences that hold a change's alert at a moment. */
function silencedUntil({ alert, form }: Input, at: number, world: Pick<World, 'silences' | 'startAt'>): number[] {
  const startedAt = Date.parse(world.startAt)
  return (world.silences ?? []).flatMap((one) => {
    const [from, until] = [startedAt + one.atMs, startedAt + endOf(one)]
    return one.alert === alert && form !== 'text' && from <= at && at < until ? until : []
  })
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 }
const inMs = (duration: string) => Number.parseInt(duration, 10) * (UNIT_MS[duration.slice(-1)] ?? Number.NaN)

/** The rules for what happens while a change's alert fires, in ms. */
export interface Plan {
  holdMs: number
  /** What flaps is held for this long; 0: nothing is. */
  flapMs: number
  flapping: { changes: number; withinMs: number; calmMs: number } | undefined
  /** From one message to the next; the last one repeats. */
  gapsMs: number[]
  steps: { afterMs: number; to: string[] }[]
}

/** A severity's own come before the file's. What never ends is neither held nor reminded of. */
export function planFor(change: Input, config: Config): Plan {
  const of = { ...config, ...withoutAbsent(config.severities[loweredOf(change, config)]) }
  const isOnce = change.form === 'text'
  const { hold, remind, escalate, flapping } = of
  const flaps =
    flapping === undefined || flapping === 'none' || isOnce
      ? undefined
      : { changes: flapping.changes, withinMs: inMs(flapping.within), calmMs: inMs(flapping.calmAfter) }
  return {
    flapping: flaps,
    flapMs: loweredOf(change, config) === 'critical' ? 0 : (flaps?.calmMs ?? 0),
    holdMs: hold === undefined || hold === 'none' || isOnce ? 0 : inMs(hold),
    gapsMs: remind === undefined || remind === 'none' || isOnce ? [] : [remind].flat().map(inMs),
    steps:
      escalate === undefined || escalate === 'none'
        ? []
        : escalate.map(({ after, to }) => ({ afterMs: inMs(after), to })),
  }
}

/** For how long it may be held at most, by its hold or as it flaps. */
export function longestHoldOf(change: Input, config: Config): number {
  const { holdMs, flapMs } = planFor(change, config)
  return Math.max(holdMs, flapMs)
}

function withoutAbsent<T extends object>(of: T): Partial<T> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** Whom escalations of a change may reach. */
export function escalatedTo(change: Input, config: Config): string[] {
  return planFor(change, config).steps.flatMap(({ to }) => to.map((name) => readerOf(name, config)))
}
