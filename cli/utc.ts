import { minuteOf } from '../shared/decide/minute.ts'

/** `2026-11-27 10:15Z`: short enough for a table. */
export function utc(iso: string): string {
  return `${minuteOf(iso)}Z`
}
