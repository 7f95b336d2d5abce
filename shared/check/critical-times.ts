import type { Config } from '../../schemas/config.ts'
import { pages } from '../channels/types.ts'
import {
  closedUntil,
  HORIZON_MS,
  type Hold,
  holdOf,
  openUntil,
  type Times,
  timesCompiler,
  windowCompiler,
} from '../decide/windows.ts'
import { criticalLists } from './channels.ts'
import { type Finding, named } from './finding.ts'

/** Critical alerts that are never sent from now on, and those that wake nobody at some times. */
export function criticalTimes(config: Config, now: Date): Finding[] {
  const compile = timesCompiler(windowCompiler(config))
  const severity = compile(config.severities.critical)
  const channels = new Map(
    Object.entries(config.channels).map(([name, channel]) => [name, [severity, compile(channel)]]),
  )
  const timesOf = (names: string[]) => names.flatMap((name) => [channels.get(name) ?? []])
  // The same for every list: reported once.
  const ofSeverity = neverHolds([severity], now)
  if (ofSeverity) return [neverSent(['severities', 'critical'], 'a critical alert', [ofSeverity])]
  return criticalLists(config).flatMap(({ path, what, names }): Finding[] => {
    const holds = timesOf(names).map((times) => neverHolds(times, now))
    if (holds.every((hold) => hold !== undefined)) return [neverSent(path, what, holds)]
    const pagers = names.filter((name) => pages(config.channels[name]))
    const why = pagers.length > 0 ? firstGap(timesOf(pagers), now) : undefined
    return why === undefined ? [] : [waits(path, what, pagers, why)]
  })
}

/** Why it is held now and stays held; `undefined` if it is sent sooner or later. */
function neverHolds(times: Times[], now: Date): Hold | undefined {
  const hold = holdOf(times, now)
  return hold && hold.until.getTime() - now.getTime() >= HORIZON_MS ? hold : undefined
}

function neverSent(path: Finding['path'], what: string, holds: Hold[]): Finding {
  const whys = [...new Set(holds.map(({ why }) => why))]
  return {
    code: 'critical-never-sent',
    path,
    message: `${what} is never sent: it waits ${whys.join(', ')}, and that never ends`,
    fix: 'Remove that `active` or `mute`, or give its window another date',
  }
}

function waits(path: Finding['path'], what: string, pagers: string[], why: string): Finding {
  return {
    code: 'critical-waits',
    path,
    message: `${what} wakes nobody ${why}: ${named(pagers)} ${pagers.length === 1 ? 'waits' : 'wait'}`,
    fix: 'Remove that `active` or `mute`, or add a channel that pages at that time',
  }
}

/** Why all of these are held at the first moment when they all are; `undefined` if there is no such moment. */
function firstGap(all: Times[][], now: Date): string | undefined {
  const last = now.getTime() + HORIZON_MS
  for (let moment = now; moment.getTime() < last; ) {
    const holds = all.map((times) => holdOf(times, moment))
    const on = all.find((_, index) => holds[index] === undefined)
    if (!on) return holds[0]?.why
    moment = endOf(on, moment) ?? new Date(last)
  }
  return undefined
}

/** The first moment at which something that is active now is not. */
function endOf(times: Times[], at: Date): Date | undefined {
  const ends = times.flatMap(({ active, mute }) => [
    active ? openUntil(active, at) : undefined,
    mute ? closedUntil(mute, at) : undefined,
  ])
  return ends.filter((end) => end !== undefined).sort((a, b) => a.getTime() - b.getTime())[0]
}
