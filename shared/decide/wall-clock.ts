/*
 * The wall clock of a time zone. A wall-clock time is given as if it were UTC: ms since 1970, in days of 24 hours. Pure.
 */

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** The wall-clock time of a zone at a moment. */
export function shownAt(at: number, zone: string): number {
  return at + offset(at, zone)
}

/** The first moment at which a zone's clocks show a time or later: for a skipped time, that of the jump. */
export function momentOf(shown: number, zone: string): number {
  const offsets = [offset(shown - DAY_MS, zone), offset(shown + DAY_MS, zone)]
  const earliest = shown - Math.max(...offsets)
  let after = shown - Math.min(...offsets)
  if (shownAt(earliest, zone) >= shown) return earliest
  // The clocks change in between, at a full minute: they skip the time, or show it a while later.
  let before = earliest
  while (after - before > MINUTE_MS) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE_MS) * MINUTE_MS
    // Stryker disable next-line EqualityOperator: none in between shows that very time
    if (shownAt(middle, zone) >= shown) after = middle
    else before = middle
  }
  return after
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** A zone's offset from UTC, in ms. Intl takes some 20 ms to start: UTC does without. */
function offset(at: number, zone: string): number {
  // Stryker disable next-line ConditionalExpression: without, it takes longer
  if (zone === 'UTC') return 0
  let format = formats.get(zone)
  // Stryker disable next-line ConditionalExpression: without, it takes longer
  if (!format) {
    format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
    // Stryker disable next-line CallExpression: without, it takes longer
    formats.set(zone, format)
  }
  // As in "3/28/2027, GMT-02:00"; "GMT" alone has no offset.
  const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(format.format(at)) ?? []
  // Stryker disable next-line ConditionalExpression: Node writes one for zones without an offset, too
  if (sign === undefined) return 0
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return sign === '-' ? -ms : ms
}
