import type { AlertStatus } from '../../schemas/alert.ts'
import type { Config, Severity } from '../../schemas/config.ts'
import type { Input, Published } from './world.ts'

/*
 * Who must know what in the end: from what was published and the rules alone, whatever goes wrong on the way. Written to
 * be read, not to be fast. It knows the worlds of generate.ts: a rule for each severity, windows of a day in UTC.
 */

/** One alert, as it is in truth when all is over. */
export interface Truth {
  alert: string
  form: Input['form']
  /** Its changes, each once, in the order of the time at which they happened. */
  changes: Input[]
  /** The last of them: what is so now. */
  final: Input
  /** Where it fires or has no data: the change that began that. Where it is over: the last change before its end. */
  since: Input
  /** Whom the rules name for each change that tells of trouble, whichever rules hold by then. */
  mustHear: Set<string>
  /** Whom any of the rules may name; and who is told in their place. */
  mayHear: Set<string>
  /** Whom the rules name for what is so now. */
  mustKnow: Set<string>
}

/** Of changes of the same moment, a later one in this list is the last word. */
const ORDER: AlertStatus[] = ['firing', 'insufficient-data', 'resolved']

/** `configs`: the rules at the start, and those that were pushed: each may have decided. */
export function truthsOf(published: Published[], configs: Config[]): Truth[] {
  const taken = published.filter(({ isTaken }) => isTaken).map(({ input }) => input)
  // A text is an alert of its own each time.
  const groups = Map.groupBy(taken, ({ alert, form, mark }) => (form === 'text' ? mark : alert))
  return [...groups].map(([alert, inputs]) => truthOf(alert, inputs, configs))
}

function truthOf(alert: string, inputs: Input[], configs: Config[]): Truth {
  const changes = [...new Map(inputs.map((input) => [input.mark, input])).values()].sort(inOrder)
  const final = changes.at(-1) as Input
  const troubles = changes.filter(({ status }) => status !== 'resolved')
  const lastEnd = changes.findLastIndex(({ status }) => status === 'resolved')
  const since = (final.status === 'resolved' ? troubles.at(-1) : changes[lastEnd + 1]) ?? final
  const named = troubles.map((change) => namedFor(change, configs))
  const may = new Set(named.flatMap(({ any }) => [...any]))
  for (const channel of may) for (const config of configs) add(may, config.channels[channel]?.fallback)
  return {
    alert,
    form: final.form,
    changes,
    final,
    since,
    mustHear: new Set(named.flatMap(({ all }) => [...all])),
    mayHear: may,
    mustKnow: final.status === 'resolved' ? new Set() : namedFor(final, configs).all,
  }
}

function inOrder(a: Input, b: Input): number {
  return a.changedAtMs - b.changedAtMs || ORDER.indexOf(a.status) - ORDER.indexOf(b.status)
}

function add(channels: Set<string>, channel: string | undefined): void {
  if (channel !== undefined) channels.add(channel)
}

/** Whom all of these rules name, and whom any of them. */
function namedFor(change: Input, configs: Config[]): { all: Set<string>; any: Set<string> } {
  const named = configs.map((config) => new Set(config.severities[severityOf(change, config)].channels))
  const [first = new Set<string>(), ...others] = named
  return {
    all: others.reduce((both, other) => both.intersection(other), first),
    any: others.reduce((either, other) => either.union(other), first),
  }
}

function severityOf({ form, severity }: Input, config: Config): Severity {
  return form === 'text' ? config.default.severity : severity
}

/** When a channel may first be told of a change, from a moment on: the moment itself, or when the last window lets it. */
export function allowedFrom(change: Input, channel: string, config: Config, at: number): number {
  const severity = config.severities[severityOf(change, config)]
  const times = [severity, config.channels[channel] ?? {}] as Times[]
  let moment = at
  // Each window moves it on by a day at the most; a few rounds settle it.
  for (let round = 0; round < 10; round++) {
    const later = Math.max(...times.map((one) => openAgain(one, config, moment)))
    if (later === moment) return moment
    moment = later
  }
  return moment
}

interface Times {
  active?: string[]
  mute?: string[]
}

function openAgain({ active, mute }: Times, config: Config, at: number): number {
  const muted = mute?.map((name) => endOf(windowOf(config, name), at)) ?? []
  const awaited = active?.map((name) => startOf(windowOf(config, name), at)) ?? []
  return Math.max(at, ...muted, awaited.length > 0 ? Math.min(...awaited) : at)
}

function windowOf(config: Config, name: string): { from: number; to: number } {
  const { from = '00:00', to = '24:00' } = config.windows?.[name] ?? {}
  return { from: minutesOf(from), to: minutesOf(to) }
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

function isOpen({ from, to }: { from: number; to: number }, at: number): boolean {
  const minute = (at % DAY_MS) / MINUTE_MS
  return from <= to ? from <= minute && minute < to : minute >= from || minute < to
}

/** When it is over, if it is open; else the moment itself. */
function endOf(window: { from: number; to: number }, at: number): number {
  return isOpen(window, at) ? next(window.to, at) : at
}

/** When it opens, if it is closed; else the moment itself. */
function startOf(window: { from: number; to: number }, at: number): number {
  return isOpen(window, at) ? at : next(window.from, at)
}

/** The next moment of that minute of the day. */
function next(minute: number, at: number): number {
  const today = Math.floor(at / DAY_MS) * DAY_MS + minute * MINUTE_MS
  return today > at ? today : today + DAY_MS
}
