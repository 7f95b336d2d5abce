import { describe, expect, test } from 'vitest'
import { clockText, elapsedText, msOf, readElapsed, readMoment } from '../shared/cases/moment.ts'

/** The times in a story, of one that starts on a Friday at 23:00 in Berlin. */
const BERLIN = 'Europe/Berlin'
const FRIDAY = '2026-11-27T22:00:00.000Z'
const momentOf = (text: string, startsAt = FRIDAY, zone = BERLIN) => {
  const moment = readMoment(text)
  return moment && new Date(msOf(moment, Date.parse(startsAt), zone)).toISOString()
}

describe('a time is', () => {
  test.each([
    ['the start', '0m', FRIDAY],
    ['some minutes later', '7m', '2026-11-27T22:07:00.000Z'],
    ['hours and minutes later', '1h30m', '2026-11-27T23:30:00.000Z'],
    ['days and seconds later', '2d5s', '2026-11-29T22:00:05.000Z'],
    ['the same time of day: now', '23:00', FRIDAY],
    ['a time of day before: tomorrow', '22:59', '2026-11-28T21:59:00.000Z'],
    ['a time of day', '06:00', '2026-11-28T05:00:00.000Z'],
    ['a day of the week', 'monday 09:00', '2026-11-30T08:00:00.000Z'],
    ['today, by its name', 'friday 23:30', '2026-11-27T22:30:00.000Z'],
    ['today, by its name, but before: in a week', 'friday 22:30', '2026-12-04T21:30:00.000Z'],
    ['a date, by the clocks of the rules', '2026-12-01 07:00', '2026-12-01T06:00:00.000Z'],
    ['a date with seconds', '2026-12-01T07:00:30', '2026-12-01T06:00:30.000Z'],
    ['a date with a zone', '2026-12-01T07:00Z', '2026-12-01T07:00:00.000Z'],
    ['a date with an offset', '2026-12-01T07:00:00+05:30', '2026-12-01T01:30:00.000Z'],
  ])('%s', (_, text, moment) => {
    expect(momentOf(text)).toBe(moment)
  })

  test.each([
    ['that daylight saving skips: that of the jump', '02:30', '2027-03-27T23:00:00.000Z', '2027-03-28T01:00:00.000Z'],
    ['that comes twice: the first', '02:30', '2026-10-24T22:00:00.000Z', '2026-10-25T00:30:00.000Z'],
    [
      'that comes twice, after the first: the next day',
      '02:30',
      '2026-10-25T01:00:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ],
  ])('a time of day %s', (_, text, startsAt, moment) => {
    expect(momentOf(text, startsAt)).toBe(moment)
  })

  test.each([
    '',
    '5',
    'm',
    '1h 30m',
    '-5m',
    '5w',
    '24:00',
    '7:00',
    '07:60',
    'someday 07:00',
    'mon 07:00',
    '2026-11-28',
  ])('not "%s"', (text) => expect(readMoment(text)).toBeUndefined())

  test.each(['2026-13-01 07:00', '2026-12-01T25:00Z'])('no date that there is not: %s', (text) => {
    expect(readMoment(text)).toBeUndefined()
  })
})

test.each<[number, string]>([
  [0, '0m'],
  [31_000, '31s'],
  [5_430_000, '1h30m30s'],
  [90_000_000, '1d1h'],
  [1_250, '1s250ms'],
  [-420_000, '-7m'],
])('%i ms are written as %s, and read so', (ms, text) => {
  expect(elapsedText(ms)).toBe(text)
  if (ms >= 0 && ms % 1_000 === 0) expect(readElapsed(text)).toBe(ms)
})

test.each([
  ['2026-11-28T05:00:00Z', 'Sat 06:00'],
  ['2026-11-28T05:00:31Z', 'Sat 06:00:31'],
  ['2026-12-03T21:59:00Z', 'Thu 22:59'],
  ['2026-12-04T05:00:00Z', '4 Dec 06:00'],
])('%s is shown as the clocks of the rules show it: %s', (at, text) => {
  expect(clockText(Date.parse(at), BERLIN, Date.parse(FRIDAY))).toBe(text)
})
