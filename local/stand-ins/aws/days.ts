const DAY_MS = 86_400_000

/** A day of UTC, as in 2026-11-27. */
export function dayOf(time: number | Date): string {
  return new Date(time).toISOString().slice(0, 10)
}

export function today(now: Date): string {
  return dayOf(now)
}

export function dayAfter(day: string, days = 1): string {
  return dayOf(Date.parse(day) + days * DAY_MS)
}

/** The same day so many months before; the last day of a shorter month. */
export function monthsBefore(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const last = new Date(Date.UTC(year, month - months, 0)).getUTCDate()
  return dayOf(Date.UTC(year, month - 1 - months, Math.min(date, last)))
}

/** The days of a period, without its end. */
export function daysOf(start: string, end: string): string[] {
  const days: string[] = []
  for (let day = start; day < end; day = dayAfter(day)) days.push(day)
  return days
}

export interface Period {
  Start: string
  /** Not part of it. */
  End: string
}

/** The days of a period, or its months: the first and the last may be in part. */
export function periodsOf(start: string, end: string, granularity: string): Period[] {
  const periods: Period[] = []
  for (let from = start; from < end; ) {
    const next = granularity === 'MONTHLY' ? firstOfNext(from) : dayAfter(from)
    const to = next < end ? next : end
    periods.push({ Start: from, End: to })
    from = to
  }
  return periods
}

function firstOfNext(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number)
  return dayOf(Date.UTC(year, month, 1))
}
