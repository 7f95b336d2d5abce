import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { WhichWindows } from '../../schemas/windows.ts'
import { identityOf } from '../alert/identity.ts'
import { WHILE_FIRING } from '../decide/extras.ts'
import { momentOf, shownAt } from '../decide/wall-clock.ts'
import { type Played, play } from '../player/player.ts'
import type { KindOfMessage, Sent, Step, Taken } from '../player/step.ts'
import { clockText, msOf } from './moment.ts'
import type { StepLine } from './story-line.ts'
import { stepsOf } from './story-steps.ts'
import { notesOf } from './time-line.ts'

/*
 * A day, or some days, of recorded alerts and of what people did: each at its own time, played by the rules. Pure.
 */

const DAY_MS = 86_400_000

/** What happened, and what that sent; or what time alone sent. */
export interface DayLine {
  /** ms since 1970. */
  at: number
  /** The alert's name, and what became of it: `orders-cpu fires`; what a person did, as written; or the name alone. */
  what: string
  /** What the rules decided, and why nobody is notified, or later. */
  notes: string[]
  sent: { kind: KindOfMessage; channels: string[] }[]
}

export interface Day {
  startsAt: number
  endsAt: number
  /** That of the rules. */
  zone: string
  lines: DayLine[]
  /** How many alerts began to fire, and how often. */
  alerts: number
  firings: number
  /** Firings of which nobody was notified before they ended, by why: they were held, or it was nobody's. */
  unsent: Map<string, number>
  /** What still fires at the end. */
  firing: string[]
  channels: Messages[]
}

/** How many messages a channel was sent. */
export interface Messages {
  channel: string
  /** Firings, ends, losses of data. */
  changes: number
  reminders: number
  escalations: number
  /** What people did: acknowledged, taken back, written; and that it has calmed. */
  answers: number
  /** If each change were sent at once, and nothing else. */
  without: number
}

/** Plays alerts and people, from midnight before the first until midnight after the last, by the clocks of the rules. */
export function dayOf(alerts: Alert[], people: StepLine[], config: Config): Day {
  const zone = config.timezone ?? 'UTC'
  const changes = alerts
    .map((alert) => ({ kind: 'change' as const, at: Date.parse(alert.changedAt), alert }))
    .sort((a, b) => a.at - b.at)
  const startsAt = midnight(changes[0]?.at ?? 0, zone)
  const steps = stepsOf({ steps: people }, new Map(alerts.map((one) => [identityOf(one), one])), (moment) =>
    msOf(moment, startsAt, zone),
  )
  const all: Step[] = [...changes, ...steps.map(({ step }) => step)]
  const endsAt = midnight(all.reduce((last, { at }) => Math.max(last, at), startsAt) + DAY_MS, zone)
  const played = play(all, { config, startsAt }, endsAt)
  const atOnce = play(changes, { config: withoutTime(config), startsAt }, endsAt)
  const texts = new Map(steps.map(({ step, line }) => [step, line.text]))
  const began = played.taken.filter(isFiring)
  const names = new Map(alerts.map((one) => [identityOf(one), one.name]))
  return {
    ...{ startsAt, endsAt, zone },
    lines: linesOf(played, { names, texts }, { startsAt, zone }),
    alerts: new Set(began.map(({ step }) => identityOf(step.alert))).size,
    firings: began.length,
    unsent: unsentIn(played.taken),
    firing: played.firing.map((key) => names.get(key) ?? key),
    channels: Object.keys(config.channels).map((channel) => messagesOf(channel, played.sent, atOnce.sent)),
  }
}

/** The last midnight that the zone's clocks show by then. */
function midnight(at: number, zone: string): number {
  return momentOf(Math.floor(shownAt(at, zone) / DAY_MS) * DAY_MS, zone)
}

type Change = Taken & { step: Extract<Step, { kind: 'change' }> }

function isFiring(taken: Taken): taken is Change {
  const { step, decided } = taken
  const isNews = decided?.outcome !== 'duplicate' && decided?.outcome !== 'stale'
  return step.kind === 'change' && step.alert.status === 'firing' && isNews
}

const HAPPENED = { firing: 'fires', resolved: 'ends', 'insufficient-data': 'has no data' }

function linesOf(
  { taken, sent }: Pick<Played, 'taken' | 'sent'>,
  { names, texts }: { names: Map<string, string>; texts: Map<Step, string> },
  { startsAt, zone }: { startsAt: number; zone: string },
): DayLine[] {
  const lines: DayLine[] = []
  let next = 0
  const byTime = (until: number) => {
    for (const those of grouped(sent.slice(next, until))) {
      const [{ at, alert }] = those
      const notes = flapsIn(those, startsAt, zone)
      lines.push({ at, what: names.get(alert) ?? alert, notes, sent: kindsOf(those) })
    }
    next = until
  }
  for (const [index, one] of taken.entries()) {
    byTime(one.sentBefore)
    const { step } = one
    // What it sent: the messages of its moment, before time goes on.
    const after = taken[index + 1]?.sentBefore ?? sent.length
    const those = sent.slice(next, after).filter(({ at }) => at === step.at)
    next += those.length
    const what =
      step.kind === 'change' ? `${step.alert.name} ${HAPPENED[step.alert.status]}` : (texts.get(step) ?? step.kind)
    const notes = [...notesOf(one, startsAt, zone), ...flapsIn(those, startsAt, zone)]
    lines.push({ at: step.at, what, notes, sent: kindsOf(those) })
  }
  byTime(sent.length)
  return lines
}

/** Messages about one alert at one moment. */
function grouped(sent: Sent[]): [Sent, ...Sent[]][] {
  const groups = Map.groupBy(sent, ({ at, alert }) => `${at} ${alert}`)
  return [...groups.values()] as [Sent, ...Sent[]][]
}

/** What the messages say of an alert that flaps. */
function flapsIn(sent: Sent[], startsAt: number, zone: string): string[] {
  const flaps = sent.map(({ notification }) => notification.flaps).find((one) => one !== undefined)
  if (!flaps) return []
  const since = clockText(Date.parse(flaps.since), zone, startsAt)
  return [`it ${flaps.calmAfter === undefined ? 'flapped' : 'flaps'}: ${flaps.changes} changes since ${since}`]
}

function kindsOf(sent: Sent[]): DayLine['sent'] {
  const kinds = Map.groupBy(sent, ({ kind }) => kind)
  return [...kinds].map(([kind, those]) => ({ kind, channels: those.map(({ channel }) => channel) }))
}

/** Firings of which nobody was notified: they were held until they ended, or the rules notify nobody of them. */
function unsentIn(taken: Taken[]): Map<string, number> {
  const held = new Map<string, string>()
  const whys: string[] = []
  for (const one of taken) {
    const { step, decided } = one
    if (!decided || (step.kind !== 'change' && step.kind !== 'resolve')) continue
    const key = step.kind === 'change' ? identityOf(step.alert) : step.alert
    const { outcome, decision } = decided
    const why = held.get(key)
    if (step.kind === 'resolve' || step.alert.status === 'resolved') {
      if (outcome === 'nobody' && why !== undefined) whys.push(why)
      held.delete(key)
    } else if (outcome === 'held' && decision.held[0]) held.set(key, decision.held[0].why)
    else if (outcome === 'nobody' && isFiring(one)) whys.push(decision.because.at(-1) ?? outcome)
  }
  return counted(whys)
}

function counted<Of>(all: Of[]): Map<Of, number> {
  return new Map([...Map.groupBy(all, (one) => one)].map(([one, those]) => [one, those.length]))
}

const CHANGES: readonly KindOfMessage[] = ['firing', 'resolved', 'no data', 'missed']

function messagesOf(channel: string, sent: Sent[], withoutTime: Sent[]): Messages {
  const kinds = sent.filter((one) => one.channel === channel).map(({ kind }) => kind)
  const changes = kinds.filter((kind) => CHANGES.includes(kind)).length
  const reminders = kinds.filter((kind) => kind === 'reminder').length
  const escalations = kinds.filter((kind) => kind === 'escalation').length
  const answers = kinds.length - changes - reminders - escalations
  const without = withoutTime.filter((one) => one.channel === channel).length
  return { channel, changes, reminders, escalations, answers, without }
}

/** The same rules, if they sent each change at once, and nothing else. */
function withoutTime(config: Config): Config {
  const { critical, warning, info } = config.severities
  const { maintenance: _none, ...rest } = atOnce(config)
  return {
    ...rest,
    channels: Object.fromEntries(Object.entries(config.channels).map(([name, one]) => [name, always(one)])),
    severities: {
      critical: always(atOnce(critical)),
      warning: always(atOnce(warning)),
      info: always(atOnce(info)),
    },
    rules: config.rules.map(atOnce),
  }
}

function atOnce<Of extends Pick<Config, (typeof WHILE_FIRING)[number]>>(one: Of): Of {
  const copy = { ...one }
  for (const key of WHILE_FIRING) delete copy[key]
  return copy
}

function always<Of extends { active?: WhichWindows; mute?: WhichWindows }>({
  active: _active,
  mute: _mute,
  ...one
}: Of): Of {
  return one as Of
}
