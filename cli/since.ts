import { durationMs } from '../shared/decide/duration.ts'
import { UsageError } from './command.ts'

/**
 * The time that `--since` means: a duration before `now` (`90m`, `12h`, `7d`), or a date, in UTC unless it names a
 * zone.
 * @throws {UsageError}
 */
export function sinceTime(text: string, now = new Date()): Date {
  if (/^[1-9]\d{0,5}[smhd]$/.test(text)) return new Date(now.getTime() - durationMs(text))
  const at = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : /^\d{4}-\d\d-\d\d/.test(text) ? text : NaN)
  if (!Number.isNaN(at.getTime())) return at
  throw new UsageError(`--since ${text}: write how long ago (90m, 12h, 7d) or when (2026-11-03, 2026-11-03T10:00Z)`)
}

/** As `sinceTime`, of what is asked of AWS: of the future, every answer would be good. @throws {UsageError} */
export function pastTime(text: string, now: Date): Date {
  const at = sinceTime(text, now)
  if (at > now) throw new UsageError(`--since ${text}: that is yet to come`)
  return at
}
