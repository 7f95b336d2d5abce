/** The two most common forms, which Date.parse reads. */
const USUAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?(?:Z|\+0000)$/
/** `2026-09-14T11:18:52.496+0000`, with or without the colon in the offset, the offset, the `T` or the fraction. */
const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?)? ?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i
/** `Sat, 04 Jun 2016 05:01:10 GMT`, `4 Jun 2016 05:01:10 UTC` */
const HTTP = /^(?:[A-Z][a-z]{2}, ?)?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?(?: (?:GMT|UTC|Z|[+-]\d{4}))?$/
/** `Wed Aug 10 18:39:05 UTC 2016` */
const UNIX = /^(?:[A-Z][a-z]{2} )?([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (?:UTC|GMT|Z) (\d{4})$/

/** `Dec 3, 2021, 6:02:30 PM`, as Inspector writes it, with any kind of space before AM or PM. */
const CLOCK = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}:\d{2}:\d{2})\s([AP]M)$/

const EARLIEST = 0
/** The last moment of a year with four digits. */
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** The time in normal form (ISO 8601, UTC, milliseconds); undefined if it is not a time. Without an offset it is UTC. */
export function isoTime(value: unknown): string | undefined {
  const ms =
    typeof value === 'number' ? epochMs(value) : typeof value === 'string' ? parseText(value.trim()) : undefined
  return ms === undefined || !(ms >= EARLIEST && ms <= LATEST) ? undefined : new Date(ms).toISOString()
}

function parseText(text: string): number | undefined {
  if (USUAL.test(text)) return Date.parse(text.replace('+0000', 'Z'))
  if (text.length > 64) return undefined
  if (/^\d{9,19}(\.\d+)?$/.test(text)) return epochMs(Number(text))
  // Some tools leave spaces after the colons.
  const iso = ISO.exec(text.replace(/: +/g, ':'))
  if (iso) {
    const [, date, time = '00:00', fraction = '', zone = 'Z'] = iso
    const offset = /\d/.test(zone) ? zone.replace(/^(...)(\d\d)$/, '$1:$2') : 'Z'
    const seconds = time.length === 5 ? `${time}:00` : time
    return Date.parse(`${date}T${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${offset}`)
  }
  if (HTTP.test(text)) return Date.parse(/:\d\d$/.test(text) ? `${text} UTC` : text)
  const clock = CLOCK.exec(text)
  if (clock) return Date.parse(`${clock[2]} ${clock[1]} ${clock[3]} ${clock[4]} ${clock[5]} UTC`)
  const unix = UNIX.exec(text)
  return unix ? Date.parse(`${unix[2]} ${unix[1]} ${unix[4]} ${unix[3]} UTC`) : undefined
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, distinguished by size. */
function epochMs(value: number): number | undefined {
  const size = Math.abs(value)
  if (!(size >= 1e8)) return undefined
  if (size < 1e11) return Math.round(value * 1e3)
  if (size < 1e14) return Math.trunc(value)
  return Math.trunc(size < 1e17 ? value / 1e3 : value / 1e6)
}

/** Clocks differ a little. A time slightly ahead is accepted, so that a change that arrives by two ways has one time. */
const LITTLE_MS = 5 * 60_000

/** Is a time (in normal form) so far ahead of another that a clock is wrong? */
export function isAhead(time: string, of: string): boolean {
  return Date.parse(time) > Date.parse(of) + LITTLE_MS
}
