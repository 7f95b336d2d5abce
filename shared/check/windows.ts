import type { Config } from '../../schemas/config.ts'
import { windowsOf, windowsThatAreOver } from '../config/window-problems.ts'
import { HORIZON_MS, holdOf, timesCompiler, windowCompiler } from '../decide/windows.ts'
import { criticalTimes } from './critical-times.ts'
import type { Finding, Path } from './finding.ts'

/** Windows that are over, that nothing uses, and times that never come: `active` within `mute`, or for critical alerts. */
export function windowFindings(config: Config, now: Date): Finding[] {
  const windows = windowsOf(config)
  const over = windowsThatAreOver(windows, now).map(({ path, message }): Finding => {
    const [what, mend = ''] = message.split(/(?<=\.) (?=Remove)/)
    return { code: 'window-over', path, message: `this window ${what ?? message}`.replace(/\.$/, ''), mend }
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
        mend: 'Name it in an `active`, a `mute` or a maintenance, or remove it',
      }),
    )
  return [...over, ...unused, ...neverHolding(config, now), ...criticalTimes(config, now)]
}

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
    // One alone is looked at with the windows themselves.
    if (times.active === undefined || times.mute === undefined) return []
    const hold = holdOf([compile(times)], now)
    if (!hold || hold.until.getTime() - now.getTime() < HORIZON_MS) return []
    return [
      {
        code: 'never-holds',
        path,
        message: `${what} never holds: whenever its \`active\` window is open, its \`mute\` window is too`,
        mend: 'Remove one of them, or let them leave some time between them',
      },
    ]
  })
}
