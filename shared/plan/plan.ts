import type { Alert } from '../../schemas/alert.ts'
import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { READERS } from '../channels/types.ts'
import { type Held, recipientsOf, type Timed } from '../decide/decision.ts'
import {
  type ChannelChange,
  channelChanges,
  channelsNow,
  decisionNow,
  heldNow,
  renamesOf,
  volumeNow,
} from './renames.ts'
import { type Acknowledgement, type AlertVolume, Side, type Taken } from './side.ts'

export type { AlertVolume }

/**
 * The effects of an edit on an alert, the most important first. The first that applies is reported. `stops notifying`: a
 * rule says now that nobody is notified.
 */
export const EFFECTS = [
  'starts paging',
  'stops notifying',
  'stops paging',
  'starts being sent',
  'stops being sent',
  'is sent at another time',
  'is more severe',
  'is less severe',
  'goes to other channels',
  'is sent differently',
  'is decided by another rule',
] as const
export type Effect = (typeof EFFECTS)[number]

/** The outcome for an alert: channels sent to at once, and those sent to later (`held`; `until` is when it was sent). */
export interface Treated extends Timed {
  /** Channels for which it was held and never sent: it resolved before then, or their time never comes. */
  unsent: Held[]
}

/** An alert that the two configs treat differently. */
export interface Difference {
  alert: Alert
  effect: Effect
  before: Treated
  after: Treated
  /** Differences in what its messages say. */
  words: Words[]
}

/** A part of an alert's messages: `title` in some of its channels, `runbook`, `label team`. */
export interface Words {
  what: string
  /** The channels that show it; empty if all do. */
  channels: string[]
  /** Templates as written; empty if there is none. */
  before: string
  after: string
}

/** What an edit would have changed. */
export interface Plan {
  /** How many alerts were decided. */
  alerts: number
  /** Left out: duplicates, and changes that arrived after a newer one. */
  repeated: number
  /** The recorded period, ISO 8601; absent when there are no alerts. */
  from?: string
  to?: string
  /** In the order of time. */
  differences: Difference[]
  /** Changes to the channels themselves. A renamed channel is the same one: everything else uses its new name. */
  channels: ChannelChange[]
  /** By channel, in the order of the configs. A held alert counts when it is sent. */
  volume: { channel: string; before: AlertVolume; after: AlertVolume }[]
}

/** The period in which alerts were recorded, ISO 8601. */
export interface Recorded {
  from: string
  to: string
}

/**
 * Decides every alert with both configs, in order of time, each with the state at that time: a resolve follows its trigger, and
 * a held alert is sent later or resolves before. Maintenance notices count too. Pure.
 * @param recorded from the first alert to the last, when absent.
 * @param acknowledgements of the alerts, as far as they are recorded: without, nobody has acknowledged any.
 */
export function planOf(
  alerts: Alert[],
  before: Config,
  after: Config,
  recorded = spanOf(alerts),
  acknowledgements: Acknowledgement[] = [],
): Plan {
  const inTime = alerts.toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0))
  const { from, to } = recorded ?? { from: '', to: '' }
  const sides = { before: new Side(before, from, to), after: new Side(after, from, to) }
  const taken: { alert: Alert; before: Taken; after: Taken }[] = []
  const said = acknowledgements.filter(({ at }) => at <= to).toSorted((a, b) => a.at.localeCompare(b.at))
  const hearUntil = (at: string) => {
    for (let one = said[0]; one && one.at < at; one = said[0]) {
      for (const side of [sides.before, sides.after]) side.hear(one)
      said.shift()
    }
  }
  for (const alert of inTime) {
    hearUntil(alert.changedAt)
    const [old, now] = [sides.before.take(alert), sides.after.take(alert)]
    // Both see the same changes, so a duplicate is one for both.
    if (old && now) taken.push({ alert, before: old, after: now })
  }
  // Only now the outcome of held alerts is known.
  if (recorded) for (const side of [sides.before, sides.after]) side.finish(to)
  const renames = renamesOf(before.channels, after.channels)
  const channelsBefore = channelsNow(before.channels, renames)
  const configs = { before: { ...before, channels: channelsBefore }, after }
  const volumeBefore = volumeNow(sides.before.volume, renames)
  return {
    alerts: taken.length,
    repeated: alerts.length - taken.length,
    ...recorded,
    differences: taken.flatMap(({ alert, ...one }) => differenceOf(alert, one, configs, renames)),
    channels: channelChanges(before.channels, after.channels, renames),
    volume: [...new Set([...Object.keys(after.channels), ...Object.keys(channelsBefore)])].map((channel) => ({
      channel,
      before: volumeBefore.get(channel) ?? {},
      after: sides.after.volume.get(channel) ?? {},
    })),
  }
}

/** From the first alert to the last; undefined when there are none. */
export function spanOf(alerts: Pick<Alert, 'changedAt'>[]): Recorded | undefined {
  const [first, ...others] = alerts
  if (!first) return undefined
  const span = { from: first.changedAt, to: first.changedAt }
  for (const { changedAt } of others) {
    if (changedAt < span.from) span.from = changedAt
    if (changedAt > span.to) span.to = changedAt
  }
  return span
}

/** Whether an edit changes anything. The number of messages sent counts too. */
export function changesSomething({ differences, channels, volume }: Plan): boolean {
  return differences.length > 0 || channels.length > 0 || volume.some(isOtherNoise)
}

/** Whether the channel is sent a different number of messages on any day. */
export function isOtherNoise({ before, after }: Plan['volume'][number]): boolean {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].some((day) => before[day] !== after[day])
}

interface Decided {
  config: Config
  decision: Treated
}

function differenceOf(
  alert: Alert,
  taken: { before: Taken; after: Taken },
  configs: { before: Config; after: Config },
  renames: Map<string, string>,
): Difference[] {
  const before = { config: configs.before, decision: treatedNow(treatedBy(taken.before), renames) }
  const after = { config: configs.after, decision: treatedBy(taken.after) }
  const words = differentWords(before, after)
  const effect = effectOf(alert, before, after, words)
  return effect ? [{ alert, effect, before: before.decision, after: after.decision, words }] : []
}

function treatedBy({ decision, sentAt }: Taken): Treated {
  const held = decision.held.flatMap((one): Held[] => {
    const until = sentAt.get(one.channel)
    return until === undefined ? [] : [{ ...one, until }]
  })
  return { ...decision, held, unsent: decision.held.filter(({ channel }) => !sentAt.has(channel)) }
}

function treatedNow(treated: Treated, renames: Map<string, string>): Treated {
  return { ...decisionNow(treated, renames), unsent: heldNow(treated.unsent, renames) }
}

function effectOf(alert: Alert, before: Decided, after: Decided, words: Words[]): Effect | undefined {
  if (after.decision.nobody && !before.decision.nobody && recipientsOf(before.decision).length > 0) {
    return 'stops notifying'
  }
  const pages = { before: isForPager(alert, before), after: isForPager(alert, after) }
  if (pages.before !== pages.after) return pages.after ? 'starts paging' : 'stops paging'
  const [old, now] = [all(before.decision), all(after.decision)]
  if (old !== now && (old === '' || now === '')) return now === '' ? 'stops being sent' : 'starts being sent'
  if (old === now && whenSent(before.decision) !== whenSent(after.decision)) return 'is sent at another time'
  const worse = rank(before.decision) - rank(after.decision)
  if (worse !== 0) return worse > 0 ? 'is more severe' : 'is less severe'
  if (old !== now) return 'goes to other channels'
  if (words.length > 0) return 'is sent differently'
  return before.decision.rule === after.decision.rule ? undefined : 'is decided by another rule'
}

/** Differences in the messages of channels that are notified before and after; equal ones of several channels once. */
function differentWords(before: Decided, after: Decided): Words[] {
  const channels = recipientsOf(after.decision).filter((channel) => recipientsOf(before.decision).includes(channel))
  const labels = Object.keys({ ...before.decision.labels, ...after.decision.labels })
  const find = ({ config, decision }: Decided, what: 'title' | 'text' | 'groupBy', channel: string) =>
    String(decision[what] ?? config.channels[channel]?.[what] ?? '')
  const said = [
    ...(['title', 'text', 'groupBy'] as const).flatMap((what) =>
      channels.map((channel) => ({
        what,
        channel,
        before: find(before, what, channel),
        after: find(after, what, channel),
      })),
    ),
    { what: 'runbook', before: before.decision.runbook ?? '', after: after.decision.runbook ?? '' },
    ...labels.map((label) => ({
      what: `label ${label}`,
      before: before.decision.labels?.[label] ?? '',
      after: after.decision.labels?.[label] ?? '',
    })),
  ]
  const different = said.filter((one) => one.before !== one.after)
  const alike = Map.groupBy(different, (one) => JSON.stringify([one.what, one.before, one.after]))
  return [...alike.values()].flatMap((those) => {
    const [first] = those
    if (!first) return []
    const { what, before, after } = first
    return { what, channels: those.flatMap((one) => ('channel' in one ? one.channel : [])), before, after }
  })
}

/** Whether it pages somebody, or resolves a page. */
function isForPager(alert: Alert, { config, decision }: Decided): boolean {
  const { severity, rule } = decision
  return recipientsOf(decision).some((channel) => {
    const type = config.channels[channel]?.type
    return type !== undefined && READERS[type].pagesWith({ id: '', channel, type, alert, severity, rule })
  })
}

function rank({ severity }: Timed): number {
  return SEVERITIES.indexOf(severity)
}

function all(decision: Timed): string {
  return recipientsOf(decision).sort().join(' ')
}

function whenSent({ held }: Timed): string {
  return held
    .map(({ channel, until }) => `${channel} ${until}`)
    .sort()
    .join()
}
