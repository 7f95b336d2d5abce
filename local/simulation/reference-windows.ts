import type { Config } from '../../schemas/config.ts'
import type { WhichWindows, Window } from '../../schemas/windows.ts'

/*
 * When windows are open, as a person reads a wall clock: each day from the first moment at which the clock shows
 * `from` or later, to the first at which it shows `to` or later.
 */

interface Times {
  active?: WhichWindows | undefined
  mute?: WhichWindows | undefined
}

/** Until when such times hold an alert of a moment; the moment itself if they let it pass. */
export function heldUntil({ active, mute }: Times, config: Config, at: number): number {
  const muted = windowsOf(mute, config).map((window) => endOf(window, at))
  const awaited = windowsOf(active, config).map((window) => startOf(window, at))
  return Math.max(at, ...muted, awaited.length > 0 ? Math.min(...awaited) : at)
}

interface Opening {
  start: number
  end: number
}

function windowsOf(which: WhichWindows | undefined, config: Config): (Window & { zone: string })[] {
  if (which === undefined) return []
  const all = typeof which === 'string' ? [which] : Array.isArray(which) ? which : [which]
  return all.flatMap((one) => {
    const window = typeof one === 'string' ? config.windows?.[one] : one
    return window ? [{ ...window, zone: window.timezone ?? config.timezone ?? 'UTC' }] : []
  })
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The openings of the days around a moment. */
function openings({ from = '00:00', to = '24:00', zone }: Window & { zone: string }, at: number): Opening[] {
  const today = Math.floor((at + offset(zone, at)) / DAY_MS) * DAY_MS
  return [-2, -1, 0, 1, 2].map((day) => {
    const wall = today + day * DAY_MS
    const isOvernight = minutesOf(to) <= minutesOf(from)
    const end = wall + (isOvernight ? DAY_MS : 0) + minutesOf(to) * 60_000
    return { start: momentOf(zone, wall + minutesOf(from) * 60_000), end: momentOf(zone, end) }
  })
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))

/** When it closes, if it is open; otherwise the moment itself. */
function endOf(window: Window & { zone: string }, at: number): number {
  const open = openings(window, at).filter(({ start, end }) => start <= at && at < end)
  return Math.max(at, ...open.map(({ end }) => end))
}

/** When it opens, if it is closed; otherwise the moment itself. */
function startOf(window: Window & { zone: string }, at: number): number {
  const all = openings(window, at)
  if (all.some(({ start, end }) => start <= at && at < end)) return at
  return Math.min(...all.filter(({ start }) => start > at).map(({ start }) => start))
}

/** The first moment at which the clocks of a zone show a time or later. */
function momentOf(zone: string, wall: number): number {
  const offsets = [offset(zone, wall - DAY_MS), offset(zone, wall + DAY_MS)]
  const [early, late] = [wall - Math.max(...offsets), wall - Math.min(...offsets)]
  if (early + offset(zone, early) >= wall) return early
  if (late + offset(zone, late) === wall) return late
  // A clock change skips this time: the moment of the change.
  return Math.ceil(early / HOUR_MS) * HOUR_MS
}

const offsets = new Map<string, number>()

/** How far the clocks of a zone are ahead of UTC. They change at full hours. */
function offset(zone: string, at: number): number {
  if (zone === 'UTC') return 0
  const hour = Math.floor(at / HOUR_MS) * HOUR_MS
  const known = offsets.get(`${zone} ${hour}`)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const found = Date.parse(`${format.format(hour).replace(' ', 'T')}Z`) - hour
  offsets.set(`${zone} ${hour}`, found)
  return found
}
