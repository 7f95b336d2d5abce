import type { Config } from '../../schemas/config.ts'
import type { WindowNow } from '../../schemas/trace.ts'
import { memoizeByConfig } from '../decide/once-a-config.ts'
import { closedUntil, isOpen, type OpenTimes, windowCompiler } from '../decide/windows.ts'

type WindowsAt = (at: Date, most: number) => { windows: WindowNow[]; moreWindows: number }

/** Which named windows and maintenances are open at a given time (of too many, the last), and when that changes. */
export const windowsOf = /* @__PURE__ */ memoizeByConfig(compile)

function compile(config: Config): WindowsAt {
  const which = windowCompiler(config)
  const windows = [
    ...Object.keys(config.windows ?? {}).map((name) => nowOf(name, which(name))),
    ...(config.maintenance ?? []).map(({ name, window }) => nowOf(`maintenance "${name}"`, which(window))),
  ]
  return (at, most) => {
    const asked = windows.slice(Math.max(0, windows.length - most))
    return { windows: asked.map((now) => now(at)), moreWindows: windows.length - asked.length }
  }
}

/** Cached until it changes: alerts arrive in order of time, and calendar calculations are slow. */
function nowOf(name: string, times: OpenTimes): (at: Date) => WindowNow {
  let known: { from: Date; to: Date | undefined; now: WindowNow } | undefined
  return (at) => {
    if (known && known.from <= at && (known.to === undefined || at < known.to)) return known.now
    const open = isOpen(times, at)
    const { to, changes } = open ? endOf(times, at) : { to: closedUntil(times, at), changes: true }
    const until = changes ? to?.toISOString() : undefined
    known = { from: at, to, now: { name, isOpen: open, ...(until !== undefined && { until }) } }
    return known.now
  }
}

/** A window that reopens this often without a gap is treated as always open. */
const MAX_OPENINGS = 8

/** Until when it is known to be open, and whether it closes then. */
function endOf({ series }: OpenTimes, at: Date): { to: Date; changes: boolean } {
  let moment = at.getTime()
  for (let openings = 0; openings <= MAX_OPENINGS; openings++) {
    const until = Math.max(...series.map(({ around }) => around(moment).until))
    if (until <= moment) return { to: new Date(moment), changes: true }
    moment = until
  }
  return { to: new Date(moment), changes: false }
}
