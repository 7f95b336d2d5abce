import { expect, test } from 'vitest'
import { momentOf, shownAt } from '../shared/decide/wall-clock.ts'

/** What the clocks of a zone show, and when they show a time first. */
const utc = (text: string) => Date.parse(`${text}Z`)
const iso = (ms: number) => new Date(ms).toISOString().replace(/(:00)?\.000Z$/, '')

test.each([
  ['UTC', '2026-07-01T12:00', '2026-07-01T12:00'],
  ['Europe/London', '2026-01-01T12:00', '2026-01-01T12:00'],
  ['Europe/London', '2026-07-01T12:00', '2026-07-01T13:00'],
  ['America/New_York', '2026-01-01T12:00', '2026-01-01T07:00'],
  ['Asia/Kathmandu', '2026-01-01T12:00', '2026-01-01T17:45'],
  ['America/St_Johns', '2026-01-01T12:00', '2026-01-01T08:30'],
  // By seconds, once.
  ['Africa/Monrovia', '1970-01-01T12:00', '1970-01-01T11:15:30'],
])('%s, at %s UTC: %s; and that is the first moment', (zone, at, shown) => {
  expect(iso(shownAt(utc(at), zone))).toBe(shown)
  expect(iso(momentOf(utc(shown), zone))).toBe(at)
})

test.each([
  ['a time that is skipped is the moment of the jump', 'Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00'],
  ['the last minute before', 'Europe/Berlin', '2026-03-29T01:59', '2026-03-29T00:59'],
  ['the moment of the jump', 'Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00'],
  ['a time that is repeated counts first', 'Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30'],
  ['a time after one that is repeated', 'Europe/Berlin', '2026-10-25T03:00', '2026-10-25T02:00'],
  ['an hour before a jump', 'America/New_York', '2026-03-08T01:00', '2026-03-08T06:00'],
  ['within a jump of half an hour', 'Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30'],
  ['within a jump of a day', 'Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00'],
])('%s: %s %s', (_, zone, shown, at) => {
  expect(iso(momentOf(utc(shown), zone))).toBe(at)
})
