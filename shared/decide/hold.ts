import type { Alert } from '../../schemas/alert.ts'
import type { Config } from '../../schemas/config.ts'
import { isNotice } from '../maintenance.ts'
import type { Past } from '../state.ts'
import type { Decision } from './decide.ts'
import { isHeldChange } from './follow.ts'
import { onceAConfig } from './once-a-config.ts'
import { compileWhen } from './rules.ts'
import { holdOf, type OpenTimes, type Times, timesCompiler, windowCompiler } from './windows.ts'

/** A channel that is told later. */
export interface Held {
  channel: string
  /** ISO 8601 */
  until: string
  /** `within nights`, `outside office-hours` */
  why: string
}

/** A decision at a moment: whom to tell now, and whom later. */
export interface Timed extends Decision {
  held: Held[]
}

/** All that are told, at once or later. */
export function toldOf({ channels, held }: Timed): string[] {
  return [...channels, ...held.map(({ channel }) => channel)]
}

/**
 * When the channels of a decision are told: now, or once no maintenance covers the alert, its severity holds and the
 * channel does. Pure.
 *
 * What is held is decided anew when it comes again, and its channels stay those it had. A change that comes meanwhile
 * goes to them too, so that nobody is left out for having had to wait. A resolve goes through at any time, to those who
 * have been told; where nobody has, to nobody.
 */
export function hold(alert: Alert, decision: Decision, config: Config, past: Past | undefined, at: Date): Timed {
  if (alert.status === 'resolved') {
    if (past?.firing?.channels.length !== 0) return { ...decision, held: [] }
    const because = [...decision.because, 'nobody has been told that it fired: nobody is told that it is over']
    return { ...decision, channels: [], held: [], because }
  }
  const channels = owedTo(alert, decision, config, past)
  const times = timesOf(config)
  const ofAlert = [...times.maintenance(alert), times.severities[decision.severity] ?? {}]
  const held = channels.flatMap((channel): Held[] => {
    const found = holdOf([...ofAlert, times.channels[channel] ?? {}], at)
    return found ? [{ channel, until: found.until.toISOString(), why: found.why }] : []
  })
  const isHeld = new Set(held.map(({ channel }) => channel))
  return {
    ...decision,
    channels: channels.filter((channel) => !isHeld.has(channel)),
    held,
    because: [
      ...decision.because,
      ...(isHeldChange(alert, past) ? [`it came before, and was held for ${channels.join(', ')}`] : []),
      ...held.map(heldInWords),
    ],
  }
}

function owedTo(alert: Alert, decision: Decision, config: Config, past: Past | undefined): string[] {
  const waiting = (past?.held ?? []).filter((channel) => Object.hasOwn(config.channels, channel))
  if (isHeldChange(alert, past)) return waiting
  return [...new Set([...decision.channels, ...waiting])]
}

function heldInWords({ channel, until, why }: Held): string {
  return `${why}: ${channel} is told at ${until.slice(0, 16)}Z`
}

interface CompiledTimes {
  /** Of the maintenance that covers an alert. */
  maintenance(alert: Alert): Times[]
  severities: Record<string, Times>
  channels: Record<string, Times>
}

const timesOf = /* @__PURE__ */ onceAConfig(compileTimes)

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
