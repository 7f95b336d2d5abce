import type { Alert } from '../../schemas/alert.ts'
import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { render } from '../channels/pagerduty/render.ts'
import { type Timed, toldOf } from '../decide/decision.ts'
import { type Noise, Side } from './side.ts'

export type { Noise }

/** What a change does to an alert, the most important first. An alert has the first that holds. */
export const EFFECTS = [
  'starts paging',
  'stops paging',
  'is told at another time',
  'is more severe',
  'is less severe',
  'goes to other channels',
  'is told otherwise',
  'is decided by another rule',
] as const
export type Effect = (typeof EFFECTS)[number]

/** An alert that the two configs do not treat alike. */
export interface Difference {
  alert: Alert
  effect: Effect
  before: Timed
  after: Timed
  /** What it is told with, where that differs. */
  words: Words[]
}

/** Something that an alert is told with: `title` in some of its channels, `runbook`, `label team`. */
export interface Words {
  what: string
  /** The channels that say it; none, where all do. */
  channels: string[]
  /** Templates as they are written; empty: nothing is said. */
  before: string
  after: string
}

/** What an edit would have changed. */
export interface Plan {
  /** How many alerts were decided. */
  alerts: number
  /** Left out: the same change once more, or one that came after a newer. */
  repeated: number
  /** The time of the first and the last, ISO 8601; absent when there are none. */
  from?: string
  to?: string
  /** In the order of time. */
  differences: Difference[]
  /** Channels that are there in one of the configs alone, or are defined otherwise: another secret, other addresses. */
  channels: { channel: string; change: 'added' | 'removed' | 'changed' }[]
  /** By the channel, in the order of the configs; what is held counts when it is told. */
  noise: { channel: string; before: Noise; after: Noise }[]
}

/**
 * Decides every alert by both configs, in the order of their changes and at their times, each with what is firing by
 * then: so a resolve follows its trigger, and what is held comes again, as it would have. Notices of a maintenance count as
 * noise. Pure.
 */
export function planOf(alerts: Alert[], before: Config, after: Config): Plan {
  const inTime = alerts.toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0))
  const [from = '', to = ''] = [inTime[0]?.changedAt, inTime.at(-1)?.changedAt]
  const sides = { before: new Side(before, from, to), after: new Side(after, from, to) }
  const differences: Difference[] = []
  let decided = 0
  for (const alert of inTime) {
    const decision = { before: sides.before.take(alert), after: sides.after.take(alert) }
    // Both see the same changes: what repeats another does so for both.
    if (!decision.before || !decision.after) continue
    decided++
    const [old, now] = [
      { config: before, decision: decision.before },
      { config: after, decision: decision.after },
    ]
    const words = differentWords(old, now)
    const effect = effectOf(alert, old, now, words)
    if (effect) differences.push({ alert, effect, before: decision.before, after: decision.after, words })
  }
  if (to !== '') for (const side of [sides.before, sides.after]) side.finish(to)
  return {
    alerts: decided,
    repeated: alerts.length - decided,
    ...(to !== '' && { from, to }),
    differences,
    channels: channelChanges(before, after),
    noise: [...new Set([...Object.keys(after.channels), ...Object.keys(before.channels)])].map((channel) => ({
      channel,
      before: sides.before.noise.get(channel) ?? {},
      after: sides.after.noise.get(channel) ?? {},
    })),
  }
}

/** Does an edit change anything at all? */
export function changesSomething({ differences, channels }: Plan): boolean {
  return differences.length > 0 || channels.length > 0
}

interface Decided {
  config: Config
  decision: Timed
}

function effectOf(alert: Alert, before: Decided, after: Decided, words: Words[]): Effect | undefined {
  const pages = { before: isForPager(alert, before), after: isForPager(alert, after) }
  if (pages.before !== pages.after) return pages.after ? 'starts paging' : 'stops paging'
  const isForSame = all(before.decision) === all(after.decision)
  if (isForSame && whenTold(before.decision) !== whenTold(after.decision)) return 'is told at another time'
  const worse = rank(before.decision) - rank(after.decision)
  if (worse !== 0) return worse > 0 ? 'is more severe' : 'is less severe'
  if (!isForSame) return 'goes to other channels'
  if (words.length > 0) return 'is told otherwise'
  return before.decision.rule === after.decision.rule ? undefined : 'is decided by another rule'
}

/** What is said otherwise, where it is said before and after; once, however many channels say it. */
function differentWords(before: Decided, after: Decided): Words[] {
  const channels = toldOf(after.decision).filter((channel) => toldOf(before.decision).includes(channel))
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

/** Opens or closes an incident in PagerDuty, which a change event (of a finished deployment, say) does not. */
function isForPager(alert: Alert, { config, decision }: Decided): boolean {
  const { severity, rule } = decision
  return toldOf(decision).some((channel) => {
    const type = config.channels[channel]?.type
    return type === 'pagerduty' && render({ id: '', channel, type, alert, severity, rule }).kind === 'event'
  })
}

function rank({ severity }: Timed): number {
  return SEVERITIES.indexOf(severity)
}

function all(decision: Timed): string {
  return toldOf(decision).sort().join(' ')
}

function whenTold({ held }: Timed): string {
  return held
    .map(({ channel, until }) => `${channel} ${until}`)
    .sort()
    .join()
}

function channelChanges({ channels: before }: Config, { channels: after }: Config): Plan['channels'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((channel): Plan['channels'] => {
    const [old, now] = [before[channel], after[channel]]
    if (!old || !now) return [{ channel, change: now ? 'added' : 'removed' }]
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ channel, change: 'changed' }]
  })
}
