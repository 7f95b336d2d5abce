import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Window } from '../schemas/windows.ts'
import { changesBetween, closedUntil, compileWindow, isOpen, openUntil } from '../shared/decide/windows.ts'
import { FUZZ_RUNS } from './fuzz-runs.ts'

const BERLIN = 'Europe/Berlin'
const utc = (text: string) => new Date(`${text}Z`)

/** The wall clock of a zone at each minute of some days around a change, and a window's openings by it. */
class Clocks {
  readonly start: number
  /** The latest that they have shown by then. */
  readonly shown: string[] = []
  readonly zone: string

  constructor(zone: string, around: string) {
    this.zone = zone
    this.start = utc(`${around}T00:00`).getTime() - 6 * 86_400_000
    // A Swedish date and time is nearly ISO's.
    const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
    let latest = ''
    // These zones' clocks change at a full quarter of an hour, and run on between two of them.
    for (let quarter = 0; quarter < 13 * 96; quarter++) {
      const at = format.format(this.start + quarter * 900_000).replace(' ', 'T')
      for (let minute = 0; minute < 15; minute++) {
        const now = `${at.slice(0, -2)}${String(Number(at.slice(-2)) + minute).padStart(2, '0')}`
        if (now > latest) latest = now
        this.shown.push(latest)
      }
    }
  }

  /** The first minute at which they show that or later. */
  minuteOf(moment: string): number {
    let low = 0
    let high = this.shown.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.shown[middle] ?? '') >= moment) high = middle
      else low = middle + 1
    }
    return low
  }

  /** For each minute: is it open? Valid from the fourth day on, as no window here is open for longer than three. */
  scan({ on, from, to, for: lasting }: Required<Pick<Window, 'from'>> & Window): boolean[] {
    const open = this.shown.map(() => false)
    const days = new Set(this.shown.map((moment) => moment.slice(0, 10)))
    for (const day of [...days].slice(1)) {
      if (![on].flat().some((text) => ON[String(text)]?.(new Date(`${day}T00:00:00Z`)))) continue
      const start = this.minuteOf(`${day}T${from}`)
      const endDay = to !== undefined && to <= from ? nextDay(day) : day
      const end = lasting ? start + Number(lasting.slice(0, -1)) * 60 : this.minuteOf(endOf(endDay, to ?? ''))
      open.fill(true, start, end)
    }
    return open
  }
}

const nextDay = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
const endOf = (day: string, to: string) => (to === '24:00' ? `${nextDay(day)}T00:00` : `${day}T${to}`)

/** The meaning of the words, written a second time. */
const ON: Record<string, (day: Date) => boolean> = {
  'every day': () => true,
  weekdays: (day) => day.getUTCDay() % 6 > 0,
  weekend: (day) => day.getUTCDay() % 6 === 0,
  'friday to monday': (day) => [5, 6, 0, 1].includes(day.getUTCDay()),
  'first sunday': (day) => day.getUTCDay() === 0 && day.getUTCDate() <= 7,
  'last sunday': (day) => day.getUTCDay() === 0 && nextMonthAfter(day, 7),
  'last day of month': (day) => nextMonthAfter(day, 1),
  '29': (day) => day.getUTCDate() === 29,
  '29 february': (day) => day.getUTCDate() === 29 && day.getUTCMonth() === 1,
}
const nextMonthAfter = (day: Date, days: number) =>
  new Date(day.getTime() + days * 86_400_000).getUTCMonth() !== day.getUTCMonth()

describe('by the wall clock, minute by minute', () => {
  const clocks = [
    new Clocks(BERLIN, '2026-03-29'),
    new Clocks(BERLIN, '2026-10-25'),
    new Clocks('America/New_York', '2026-03-08'),
    new Clocks('America/New_York', '2026-11-01'),
    new Clocks('Australia/Lord_Howe', '2026-04-05'),
    new Clocks('Australia/Lord_Howe', '2026-10-04'),
    new Clocks('Africa/Cairo', '2026-04-24'),
    new Clocks('Africa/Cairo', '2026-10-30'),
    new Clocks('America/Nuuk', '2027-03-27'),
    new Clocks('America/Nuuk', '2027-10-30'),
    new Clocks('America/Santiago', '2026-09-06'),
    new Clocks('America/Santiago', '2026-04-05'),
    // By two hours, and by three.
    new Clocks('Antarctica/Troll', '2026-03-29'),
    new Clocks('Antarctica/Troll', '2026-10-25'),
    new Clocks('Antarctica/Casey', '2010-03-05'),
    new Clocks('Asia/Kolkata', '2028-02-29'),
  ]
  // Mostly in the hours in which clocks are changed.
  const time = fc
    .tuple(
      fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(22, 23), fc.integer({ min: 0, max: 23 })),
      fc.integer({ min: 0, max: 59 }),
    )
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'))
  const on = fc.array(fc.constantFrom(...Object.keys(ON)), { minLength: 1, maxLength: 3 })
  const randomWindow = fc.oneof(
    fc.record({ on, from: time, to: fc.oneof(time, fc.constant('24:00')) }).filter(({ from, to }) => from !== to),
    fc.record({ on, from: time, for: fc.integer({ min: 1, max: 70 }).map((hours) => `${hours}h`) }),
  )
  const minutes = fc.array(fc.integer({ min: 4 * 1_440, max: 12 * 1_440 }), { minLength: 20, maxLength: 20 })

  test('a window is open in the same minutes, and ends and opens at the first that differs', () => {
    fc.assert(
      fc.property(fc.constantFrom(...clocks), randomWindow, minutes, (clock, window, moments) => {
        const times = compileWindow(window, clock.zone)
        const scan = clock.scan(window)
        const at = (minute: number) => new Date(clock.start + minute * 60_000)
        for (const minute of moments) {
          expect(isOpen(times, at(minute))).toBe(scan[minute])
          const next = scan.indexOf(!scan[minute], minute)
          // Beyond the days that are scanned, nothing is known.
          if (next < 0) continue
          expect(scan[minute] ? openUntil(times, at(minute)) : closedUntil(times, at(minute))).toEqual(at(next))
        }
      }),
      { numRuns: FUZZ_RUNS / 4 },
    )
  })

  test('changes are those minutes, in order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...clocks), randomWindow, minutes, (clock, window, [from = 0, to = 0]) => {
        const [after, upTo] = [Math.min(from, to), Math.max(from, to)]
        const scan = clock.scan(window)
        const expected = Array.from({ length: upTo - after }, (_, index) => after + 1 + index)
          .filter((minute) => scan[minute] !== scan[minute - 1])
          .map((minute) => ({ at: new Date(clock.start + minute * 60_000), isOpen: scan[minute] }))
        const at = (minute: number) => new Date(clock.start + minute * 60_000)
        expect(changesBetween(compileWindow(window, clock.zone), at(after), at(upTo))).toEqual(expected)
      }),
      { numRuns: FUZZ_RUNS / 10 },
    )
  })
})
