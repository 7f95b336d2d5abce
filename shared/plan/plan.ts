import type { Alert } from '../../schemas/alert.ts'
import { type Config, SEVERITIES } from '../../schemas/config.ts'
import { render } from '../channels/pagerduty/render.ts'
import { type Decision, decide } from '../decide/decide.ts'
import { firingAfter, outcomeOf } from '../decide/follow.ts'
import type { Past } from '../state.ts'

/** What a change does to an alert, the most important first. An alert has the first that holds. */
export const EFFECTS = [
  'starts paging',
  'stops paging',
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
  before: Decision
  after: Decision
}

/** How many alerts a channel is told, by the day (UTC): `2026-11-03` → 12. */
export type Noise = Record<string, number>

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
  /** By the channel, in the order of the configs. */
  noise: { channel: string; before: Noise; after: Noise }[]
}

/**
 * Decides every alert by both configs, in the order of their changes, each with what is firing by then: so a resolve
 * follows its trigger, as it would have. Pure.
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
  return {
    alerts: decided,
    repeated: alerts.length - decided,
    from: inTime[0]?.changedAt,
    to: inTime.at(-1)?.changedAt,
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

/** The router by one config: what it has seen, and whom it has told. */
class Side {
  readonly #config: Config
  readonly #past = new Map<string, Past>()
  readonly noise = new Map<string, Noise>()

  constructor(config: Config) {
    this.#config = config
  }

  /** As `route` does; `undefined` where it would tell nobody, because it is no news. */
  take(alert: Alert): Decision | undefined {
    const past = this.#past.get(alert.fingerprint)
    if (outcomeOf(alert, past) !== 'sent') return undefined
    const decision = decide(alert, this.#config, past?.firing)
    const { changedAt, status, title } = alert
    this.#past.set(alert.fingerprint, { changedAt, status, title, firing: firingAfter(alert, decision, past) })
    const day = changedAt.slice(0, 10)
    for (const channel of decision.channels) {
      const noise = this.noise.get(channel) ?? {}
      noise[day] = (noise[day] ?? 0) + 1
      this.noise.set(channel, noise)
    }
    return decision
  }
}

interface Decided {
  config: Config
  decision: Decision
}

function effectOf(alert: Alert, before: Decided, after: Decided): Effect | undefined {
  const pages = { before: isForPager(alert, before), after: isForPager(alert, after) }
  if (pages.before !== pages.after) return pages.after ? 'starts paging' : 'stops paging'
  const worse = rank(before.decision) - rank(after.decision)
  if (worse !== 0) return worse > 0 ? 'is more severe' : 'is less severe'
  if (sorted(before.decision.channels) !== sorted(after.decision.channels)) return 'goes to other channels'
  if (furtherOf(before.decision) !== furtherOf(after.decision)) return 'is told otherwise'
  return before.decision.rule === after.decision.rule ? undefined : 'is decided by another rule'
}

/** What rules give an alert beside its severity and channels. */
function furtherOf({ severity, rule, channels, because, ...further }: Decision): string {
  return JSON.stringify(further)
}

/** Opens or closes an incident in PagerDuty, which a change event (of a finished deployment, say) does not. */
function isForPager(alert: Alert, { config, decision }: Decided): boolean {
  const { severity, rule } = decision
  return decision.channels.some((channel) => {
    const type = config.channels[channel]?.type
    return type === 'pagerduty' && render({ id: '', channel, type, alert, severity, rule }).kind === 'event'
  })
}

function rank({ severity }: Decision): number {
  return SEVERITIES.indexOf(severity)
}

function sorted(channels: string[]): string {
  return channels.toSorted().join(' ')
}

function channelChanges({ channels: before }: Config, { channels: after }: Config): Plan['channels'] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((channel): Plan['channels'] => {
    const [old, now] = [before[channel], after[channel]]
    if (!old || !now) return [{ channel, change: now ? 'added' : 'removed' }]
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [{ channel, change: 'changed' }]
  })
}
