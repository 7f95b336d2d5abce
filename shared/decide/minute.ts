/** `2026-11-27 15:00`: a time in UTC (ISO 8601), for people, to the minute. */
export function minuteOf(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}
