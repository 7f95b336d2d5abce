import type { Alert } from '../../schemas/alert.ts'
import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { render } from '../channels/pagerduty/render.ts'
import type { Timed } from '../decide/hold.ts'
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
 * then: so a resolve follows its trigger, and what is held comes again, as it would have. Notices of a maintenance are
 * left out. Pure.
 */
export function planOf(alerts: Alert[], before: Config, after: Config): Plan {
  const sides = { before: new Side(before), after: new Side(after) }
  const inTime = alerts.toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0))
  const differences: Difference[] = []
  let decided = 0
  for (const alert of inTime) {
    const decision = { before: sides.before.take(alert), after: sides.after.take(alert) }
    // Both see the same changes: what repeats another does so for both.
    if (!decision.before || !decision.after) continue
    decided++
    const effect = effectOf(
      alert,
      { config: before, decision: decision.before },
      { config: after, decision: decision.after },
    )
    if (effect) differences.push({ alert, effect, before: decision.before, after: decision.after })
  }
  const to = inTime.at(-1)?.changedAt
  if (to !== undefined) for (const side of [sides.before, sides.after]) side.finish(to)
  return {
    alerts: decided,
    repeated: alerts.length - decided,
    from: inTime[0]?.changedAt,
    to,
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

function effectOf(alert: Alert, before: Decided, after: Decided): Effect | undefined {
  const pages = { before: isForPager(alert, before), after: isForPager(alert, after) }
  if (pages.before !== pages.after) return pages.after ? 'starts paging' : 'stops paging'
  const isForSame = all(before.decision) === all(after.decision)
  if (isForSame && whenTold(before.decision) !== whenTold(after.decision)) return 'is told at another time'
  const worse = rank(before.decision) - rank(after.decision)
  if (worse !== 0) return worse > 0 ? 'is more severe' : 'is less severe'
  if (!isForSame) return 'goes to other channels'
  if (furtherOf(before.decision) !== furtherOf(after.decision)) return 'is told otherwise'
  return before.decision.rule === after.decision.rule ? undefined : 'is decided by another rule'
}

/** What rules give an alert beside its severity and channels. */
function furtherOf({ severity, rule, channels, held, because, ...further }: Timed): string {
  return JSON.stringify(further)
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

/** All that are told, at once or later. */
export function toldOf({ channels, held }: Timed): string[] {
  return [...channels, ...held.map(({ channel }) => channel)]
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
