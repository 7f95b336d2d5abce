import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import type { Decision, Held, Timed } from './decision.ts'
import { isNotice } from './maintenance.ts'
import { memoizeByConfig } from './once-a-config.ts'
import { holdOfOthers } from './others.ts'
import { compileWhen } from './rules.ts'
import { type Silenced, silencesOf } from './silence.ts'
import { holdOfRule } from './while-firing.ts'
import { type Hold, holdOf, type OpenTimes, type Times, timesCompiler, windowCompiler } from './windows.ts'

/**
 * When the channels of a decision are notified: now, or once it has been firing for long enough (`hold`), no silence and no
 * maintenance covers the alert, no other alert mutes it, and its severity and the channel are active. Resolves are never held.
 * Pure.
 */
export function hold(
  alert: Alert,
  decision: Decision,
  config: Silenced,
  at: Date,
  /** Since when it fires (ISO 8601). */
  since = alert.changedAt,
): Timed {
  if (alert.status === 'resolved') return { ...decision, held: [] }
  const holdOfChannel = holdsOf(alert, decision, config, at, since)
  const held = decision.channels.flatMap((channel): Held[] => {
    const found = holdOfChannel(channel)
    return found ? [{ channel, ...heldBy(found) }] : []
  })
  const isHeld = new Set(held.map(({ channel }) => channel))
  return {
    ...decision,
    channels: decision.channels.filter((channel) => !isHeld.has(channel)),
    held,
    because: [...decision.because, ...held.map(describeHeld)],
  }
}

/** Until when, and why, a channel is not notified of an alert; `undefined`: it may be. */
export function holdsOf(
  alert: Alert,
  decision: Pick<Decision, 'severity' | 'hold' | 'count'> & { flaps?: true },
  config: Silenced,
  at: Date,
  since = alert.changedAt,
): (channel: string) => Hold | undefined {
  const times = timesOf(config)
  const ofAlert = [...silencesOf(alert, config), ...times.maintenance(alert), times.severities[decision.severity] ?? {}]
  const ofRule = holdOfRule(decision, since, at)
  const ofOthers = holdOfOthers(config, alert.status === 'firing' ? decision : {}, {
    since,
    at,
    once: alert.once === true,
  })
  const alone = holdOf(ofAlert, at)
  return (channel) => {
    const own = times.channels[channel]
    // Most channels have no times of their own.
    const ofWindows = own?.active || own?.mute ? holdOf([...ofAlert, own], at) : alone
    const byTime = longer(ofRule, ofWindows)
    if (!ofOthers || !byTime) return ofOthers ?? byTime
    // Others hold it, whatever comes last.
    return byTime.until > ofOthers.until ? { ...ofOthers, until: byTime.until } : ofOthers
  }
}

function longer(one: Hold | undefined, other: Hold | undefined): Hold | undefined {
  if (!one || !other) return one ?? other
  return one.until > other.until ? one : other
}

/** A hold, as what is owed has it. */
export function heldBy({ until, why, isOpen }: Hold): Pick<Held, 'until' | 'why' | 'isOpen'> {
  return { until: until.toISOString(), why, ...(isOpen && { isOpen }) }
}

export function describeHeld({ channel, until, why, isOpen }: Held): string {
  if (isOpen) return `${channel} waits: ${why}`
  return `${why}: ${channel} is notified at ${until.slice(0, 16)}Z`
}

interface CompiledTimes {
  /** The times of the maintenance that covers an alert. */
  maintenance(alert: Alert): Times[]
  severities: Record<string, Times>
  channels: Record<string, Times>
}

const timesOf = /* @__PURE__ */ memoizeByConfig(compileTimes)

function compileTimes(config: Config): CompiledTimes {
  const which = windowCompiler(config)
  const times = timesCompiler(which)
  const covering = (config.maintenance ?? []).map(({ name, window, covers }) => ({
    covers: covers === undefined ? () => true : compileWhen(covers, config.sets),
    times: { mute: named(name, which(window)) },
  }))
  return {
    maintenance: (alert) =>
      isNotice(alert) ? [] : covering.filter(({ covers }) => covers({ alert })).map((m) => m.times),
    severities: mapValues(config.severities, times),
    channels: mapValues(config.channels, times),
  }
}

function named(name: string, { series }: OpenTimes): OpenTimes {
  return { name, series: series.map((one) => ({ ...one, name })) }
}

function mapValues<Value, Result>(of: Record<string, Value>, map: (value: Value) => Result): Record<string, Result> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, map(value)]))
}
