/** `Thu 2026-11-26 07:30`, in a time zone. */
export function localTime(at: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(at))
  const of = Object.fromEntries(parts.map(({ type, value }) => [type, value]))
  return `${of.weekday} ${of.year}-${of.month}-${of.day} ${of.hour}:${of.minute}`
}

/** `2026-11-26`, in a time zone. */
export function localDay(at: string, timeZone: string): string {
  return localTime(at, timeZone).slice(4, 14)
}
