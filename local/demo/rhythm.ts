const HOUR_MS = 3_600_000

/** What clocks show in a time zone. */
export interface LocalHour {
  /** 0 to 24, with its fraction. */
  hour: number
  /** 0 is Sunday. */
  weekday: number
}

/** The clock of a time zone; its offset is looked up once an hour, as it changes at whole hours of UTC. */
export function clockOf(timezone: string): (time: number) => LocalHour {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: timezone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const offsets = new Map<number, number>()
  const offsetAt = (hour: number): number => {
    const parts = Object.fromEntries(
      format.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 1, day = 1, hour: shown = 0, minute = 0, second = 0 } = parts
    return Date.UTC(year, month - 1, day, shown, minute, second) - hour * HOUR_MS
  }
  return (time) => {
    const hour = Math.floor(time / HOUR_MS)
    const offset = offsets.get(hour) ?? offsetAt(hour)
    offsets.set(hour, offset)
    const local = time + offset
    return { hour: (local % (24 * HOUR_MS)) / HOUR_MS, weekday: new Date(local).getUTCDay() }
  }
}

const PEAK_HOUR = 14
const NIGHT = 0.25
const WEEKEND = 0.5

/** How busy people are: 1 at the peak of a working day, less at night and at weekends. */
export function activityOf(clock: (time: number) => LocalHour): (time: number) => number {
  return (time) => {
    const { hour, weekday } = clock(time)
    const day = NIGHT + (1 - NIGHT) * ((1 + Math.cos(((hour - PEAK_HOUR) / 12) * Math.PI)) / 2)
    return weekday === 0 || weekday === 6 ? day * WEEKEND : day
  }
}
