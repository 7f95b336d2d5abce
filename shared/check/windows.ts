import type { Config } from '../../schemas/config.ts'
import { ANY_TIME, eachWindow, expiredWindows, type WindowsOfConfig, windowsOf } from '../config/window-problems.ts'
import {
  closedUntil,
  compileWindow,
  HORIZON_MS,
  holdOf,
  isDated,
  timesCompiler,
  windowCompiler,
} from '../decide/windows.ts'
import { criticalTimes } from './critical-times.ts'
import type { Finding, Path } from './finding.ts'

/** Expired and unused windows, and times that never occur: `active` inside `mute`, or for critical alerts. */
export function windowFindings(config: Config, now: Date): Finding[] {
  const windows = windowsOf(config)
  const over = expiredWindows(windows, now).map(({ path, message }): Finding => {
    const [what, fix = ''] = message.split(/(?<=\.) (?=Remove)/)
    return { code: 'window-expired', path, message: `this window ${what ?? message}`.replace(/\.$/, ''), fix }
  })
  const used = new Set(
    windows.uses.flatMap(({ which }) => (typeof which === 'string' || Array.isArray(which) ? which : [])),
  )
  const unused = Object.keys(config.windows ?? {})
    .filter((name) => !used.has(name))
    .map(
      (name): Finding => ({
        code: 'unused-window',
        path: ['windows', name],
        message: `nothing uses the window "${name}"`,
        fix: 'Name it in an `active`, a `mute` or a maintenance, or remove it',
      }),
    )
  const never = neverOpening(windows)
  const isNever = ({ path }: Finding) => never.some((one) => one.path.join() === path.join())
  return [
    ...over.filter((one) => !isNever(one)),
    ...unused,
    ...never,
    ...neverHolding(config, now),
    ...criticalTimes(config, now),
  ]
}

/** Windows inside the hour that summer time skips, on the days when it starts: they end as soon as they open. */
function neverOpening(windows: WindowsOfConfig): Finding[] {
  return eachWindow(windows).flatMap(({ path, window }): Finding[] => {
    const times = compileWindow(window, windows.timezone ?? 'UTC')
    // A dated window opens once: start the search before it.
    const start = isDated(window) ? new Date(Date.parse((window.from ?? '').slice(0, 10)) - 2 * DAY_MS) : ANY_TIME
    if (closedUntil(times, start)) return []
    return [
      {
        code: 'window-never-opens',
        path,
        message: `this window never opens: on those days, summer time skips the time from ${window.from} on`,
        fix: 'Start it earlier, end it later, or use other days',
      },
    ]
  })
}

const DAY_MS = 86_400_000

function neverHolding(config: Config, now: Date): Finding[] {
  const compile = timesCompiler(windowCompiler(config))
  const holders: [Path, string, Parameters<typeof compile>[0]][] = [
    ...Object.entries(config.channels).map(([name, channel]): (typeof holders)[number] => {
      return [['channels', name, 'active'], `the channel "${name}"`, channel]
    }),
    ...Object.entries(config.severities).map(([name, severity]): (typeof holders)[number] => {
      return [['severities', name, 'active'], `the severity ${name}`, severity]
    }),
    ...config.rules.map((rule, index): (typeof holders)[number] => [['rules', index, 'active'], 'this rule', rule]),
  ]
  return holders.flatMap(([path, what, times]): Finding[] => {
    // One alone is covered by the checks of the windows themselves.
    if (times.active === undefined || times.mute === undefined) return []
    const hold = holdOf([compile(times)], now)
    if (!hold || hold.until.getTime() - now.getTime() < HORIZON_MS) return []
    return [
      {
        code: 'never-active',
        path,
        message: `${what} is never active: whenever its \`active\` window is open, its \`mute\` window is too`,
        fix: 'Remove one of the two, or leave some time outside `mute`',
      },
    ]
  })
}
