import type { Config } from '../../schemas/config.ts'
import type { WhichWindows, Window } from '../../schemas/windows.ts'
import { areNever, DAYS_IN_WORDS, daysOf } from '../decide/days.ts'
import {
  closedUntil,
  compileWindow,
  HORIZON_MS,
  isDated,
  minutesOf,
  openUntil,
  windowCompiler,
} from '../decide/windows.ts'
import { allowed, meant, nearestOf } from './allowed.ts'
import type { Problem } from './problem.ts'
import { whenProblems } from './when-problems.ts'

type Path = Problem['path']

/** A config's windows, and where it uses them. */
export interface WindowsOfConfig {
  timezone?: string | undefined
  windows?: Record<string, Window> | undefined
  /** Every `active`, `mute` and `window` in it. */
  uses: WindowUse[]
}

export interface WindowUse {
  path: Path
  which: WhichWindows
}

/** A config's windows, and every use of them. */
export function windowsOf({
  timezone,
  windows,
  rules,
  channels,
  severities,
  maintenance = [],
}: Config): WindowsOfConfig {
  const timesIn = (path: Path, { active, mute }: { active?: WhichWindows; mute?: WhichWindows }): WindowUse[] => [
    ...(active === undefined ? [] : [{ path: [...path, 'active'], which: active }]),
    ...(mute === undefined ? [] : [{ path: [...path, 'mute'], which: mute }]),
  ]
  const uses = [
    ...Object.entries(channels).flatMap(([name, channel]) => timesIn(['channels', name], channel)),
    ...Object.entries(severities).flatMap(([name, severity]) => timesIn(['severities', name], severity)),
    ...rules.flatMap((rule, index) => timesIn(['rules', index], rule)),
    ...maintenance.map(({ window }, index) => ({ path: ['maintenance', index, 'window'], which: window })),
  ]
  return { timezone, windows, uses }
}

/** Every window, and where it is written: under its name, or inline where it is used. */
export function eachWindow({ windows = {}, uses }: WindowsOfConfig): { path: Path; window: Window }[] {
  return [
    ...Object.entries(windows).map(([name, window]) => ({ path: ['windows', name], window })),
    ...uses.flatMap(({ which, path }) => (isInline(which) ? [{ path, window: which }] : [])),
  ]
}

/** Problems with a maintenance's `covers`, and with its name. */
export function maintenanceProblems({ maintenance = [], sets }: Config): Problem[] {
  const names = maintenance.map(({ name }) => name)
  return maintenance.flatMap(({ name, covers }, index) => [
    ...(names.indexOf(name) < index
      ? [
          {
            path: ['maintenance', index, 'name'],
            message: `"${name}" is also the name of another maintenance. Use unique names: notices refer to them`,
          },
        ]
      : []),
    ...(covers === undefined ? [] : whenProblems(covers, ['maintenance', index, 'covers'], sets)),
  ])
}

/** Problems in a config's windows: times that contradict each other, days that do not exist, unknown names. */
export function windowProblems(config: WindowsOfConfig): Problem[] {
  const problems = [
    ...zoneProblems(config.timezone, ['timezone']),
    ...Object.entries(config.windows ?? {}).flatMap(([name, window]) => problemsOf(window, ['windows', name])),
    ...config.uses.flatMap(({ which, path }) => useProblems(which, path, config.windows ?? {})),
  ]
  // An invalid window can't be compiled and checked further.
  return problems.length > 0 ? problems : alwaysProblems(config)
}

/** Dated windows that have ended, and may be removed. Not errors: a config must not become invalid as time passes. */
export function expiredWindows(config: WindowsOfConfig, now: Date): Problem[] {
  return eachWindow(config).flatMap(({ path, window }) => {
    if (!isDated(window)) return []
    const times = compileWindow(window, config.timezone ?? 'UTC')
    if (closedUntil(times, now)) return []
    return [
      {
        path,
        message: `has ended and never opens again: it started at ${window.from}. Remove it, or give it a new date`,
      },
    ]
  })
}

function isInline(which: WhichWindows): which is Window {
  return typeof which === 'object' && !Array.isArray(which)
}

function useProblems(which: WhichWindows, path: Path, windows: Record<string, Window>): Problem[] {
  if (isInline(which)) return problemsOf(which, path)
  const defined = Object.keys(windows)
  return [which].flat().flatMap((name, index) => {
    if (Object.hasOwn(windows, name)) return []
    const where = Array.isArray(which) ? [...path, index] : path
    return [{ code: 'undefined-window', path: where, message: `unknown window "${name}". ${allowed(name, defined)}` }]
  })
}

function problemsOf(window: Window, path: Path): Problem[] {
  return [
    ...zoneProblems(window.timezone, [...path, 'timezone']),
    ...(isDated(window) ? datedProblems(window, path) : [...daysProblems(window, path), ...timeProblems(window, path)]),
  ]
}

/** An offset, or no zone that the machine knows. */
export function zoneProblems(zone: string | undefined, path: Path): Problem[] {
  if (zone === undefined) return []
  if (/^[+-]|^(utc|gmt)[+-]/i.test(zone)) {
    return [
      {
        path,
        message: `found "${zone}": an offset ignores daylight saving time. Use a zone, as in Europe/Berlin, or UTC`,
      },
    ]
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return []
  } catch {
    return [
      {
        path,
        message: `unknown time zone "${zone}". ${zoneMeant(zone)}Allowed: an IANA time zone, as in Europe/Berlin, or UTC`,
      },
    ]
  }
}

function zoneMeant(found: string): string {
  const zones = Intl.supportedValuesOf('timeZone')
  const words = found.trim().toLowerCase().replaceAll(' ', '_')
  // People know their city.
  const ofCity = zones.find((zone) => zone.toLowerCase().endsWith(`/${words.split('/').at(-1)}`))
  return meant(ofCity ?? nearestOf(found, zones))
}

function daysProblems({ on }: Window, path: Path): Problem[] {
  return [on ?? []].flat().flatMap((text, index) => {
    const where = [...path, 'on', ...(Array.isArray(on) ? [index] : [])]
    const days = daysOf(text)
    if (!days) return [{ path: where, message: `unknown days "${text}". Allowed: ${DAYS_IN_WORDS}` }]
    if (areNever(days))
      return [
        {
          code: 'window-never-opens',
          path: where,
          message: `"${text}" does not exist in any year: the window never opens. Use another day`,
        },
      ]
    return []
  })
}

function timeProblems({ from, to, for: lasting }: Window, path: Path): Problem[] {
  if (to !== undefined && isDated({ from: to })) {
    const message = `is a date, "${to}", so \`from\` must be one too. For a recurring window, \`to\` is a time of day`
    return [{ path: [...path, 'to'], message }]
  }
  return [
    ...endProblems({ from, to, for: lasting }, path),
    ...(to !== undefined && minutesOf(to) === minutesOf(from ?? '00:00')
      ? [
          {
            code: 'window-never-opens',
            path: [...path, 'to'],
            message: `ends at ${to}, the moment it opens: the window never opens. For a whole day, omit \`from\` and \`to\``,
          },
        ]
      : []),
  ]
}

/** One end, not two. */
function endProblems({ from, to, for: lasting }: Window, path: Path): Problem[] {
  if (to !== undefined && lasting !== undefined) {
    return [
      {
        path: [...path, 'for'],
        message: `ends at \`to\` (${to}) or after \`for\` (${lasting}): remove one of them`,
      },
    ]
  }
  const isWholeDay = from === undefined || /^\d{4}-\d\d-\d\d$/.test(from)
  if (to !== undefined || lasting !== undefined || isWholeDay) return []
  return [{ path: [...path, 'from'], message: 'has no end: add to: "17:30", or for: 4h' }]
}

function datedProblems(window: Window, path: Path): Problem[] {
  const { on, from = '', to } = window
  const ends = endProblems(window, path)
  if (on !== undefined) {
    return [{ path: [...path, 'on'], message: `\`from\` is a date already, "${from}": remove one of them` }]
  }
  for (const [key, moment] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (moment === undefined) continue
    if (!isDated({ from: moment })) {
      const message = `found "${moment}", but \`from\` is a date. Give \`to\` a date too, as in ${from.slice(0, 10)}T${moment}`
      return [{ path: [...path, key], message }]
    }
    const day = moment.slice(0, 10)
    if (new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) {
      return [
        {
          code: 'window-never-opens',
          path: [...path, key],
          message: `"${moment}" does not exist: the window never opens. Use another day`,
        },
      ]
    }
  }
  if (ends.length > 0 || to === undefined) return ends
  // A date alone is its first moment.
  if (to.slice(0, 10) + to.slice(10).padEnd(6, 'T00:00') > from.slice(0, 10) + from.slice(10).padEnd(6, 'T00:00'))
    return []
  const message = `ends at ${to}, before it opens at ${from}: the window never opens`
  return [{ code: 'window-never-opens', path: [...path, 'to'], message }]
}

/** A `mute` that never ends would never send anything; an `active` that is always open has no effect. */
function alwaysProblems(config: WindowsOfConfig): Problem[] {
  const compile = windowCompiler(config)
  return config.uses.flatMap(({ which, path }): Problem[] => {
    const times = compile(which)
    if (times.series.length === 0) return []
    const start = closedUntil(times, ANY_TIME)
    if (!start || openUntil(times, start).getTime() - start.getTime() < HORIZON_MS) return []
    const isOnce = windowsIn(which, config).every(isDated)
    // A window that opens once, for long, ends one day.
    if (isOnce && path.at(-1) === 'active') return []
    const message = isOnce
      ? `"${times.name}" lasts more than ${HORIZON_MS / 86_400_000} days: alerts muted by it would reach nobody until then. Use a window that ends sooner`
      : path.at(-1) === 'active'
        ? `"${times.name}" is always open: remove \`active\`, or use a window that ends`
        : `"${times.name}" never ends: alerts muted by it would reach nobody. Use a window that ends`
    return [{ path, message }]
  })
}

function windowsIn(which: WhichWindows, { windows = {} }: WindowsOfConfig): Window[] {
  return isInline(which) ? [which] : [which].flat().flatMap((name) => windows[name] ?? [])
}

/**
 * A recurring window is the same at any time; a fixed time, and not now, makes a check give the same result tomorrow.
 */
export const ANY_TIME = new Date('2026-01-01T00:00:00Z')
