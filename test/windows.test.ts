import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type WhichWindows, type Window, windowSchema, windowsSchema } from '../schemas/windows.ts'
import { expiredWindows, windowProblems } from '../shared/config/window-problems.ts'
import { daysOf } from '../shared/decide/days.ts'
import {
  changesBetween,
  closedUntil,
  compileWindow,
  holdOf,
  isOpen,
  openUntil,
  whyOff,
  windowCompiler,
} from '../shared/decide/windows.ts'
import { FUZZ_RUNS } from './fuzz-runs.ts'

const BERLIN = 'Europe/Berlin'
const officeHours: Window = { on: 'weekdays', from: '09:00', to: '17:30' }
const nights: Window = { from: '22:00', to: '06:00' }

const utc = (text: string) => new Date(`${text}Z`)
const iso = (date: Date | undefined) => date?.toISOString().replace(':00.000Z', '')

/** Every opening that begins or ends within a time, as texts in UTC. */
function openings(window: Window, zone: string, from: string, to: string): string[] {
  const changes = changesBetween(compileWindow(window, zone), utc(`${from}T00:00`), utc(`${to}T00:00`))
  return changes.map(({ at, isOpen: opens }) => `${opens ? 'opens' : 'over'} ${iso(at)}`)
}

describe('a window is open', () => {
  test.each<[string, Window, string, boolean]>([
    ['at the moment it opens', officeHours, '2026-11-24T08:00', true],
    ['not a minute before', officeHours, '2026-11-24T07:59', false],
    ['until the moment at which it ends', officeHours, '2026-11-24T16:29', true],
    ['and not at it', officeHours, '2026-11-24T16:30', false],
    ['not on a Saturday', officeHours, '2026-11-28T10:00', false],
    ['before midnight', nights, '2026-11-24T22:59', true],
    ['after midnight', nights, '2026-11-25T04:59', true],
    ['not in the morning', nights, '2026-11-25T05:00', false],
    ['over midnight: its day is the one on which it opens', { on: 'sunday', ...nights }, '2026-11-30T03:00', true],
    ['and not the night before', { on: 'sunday', ...nights }, '2026-11-29T03:00', false],
    ['all day, without a time', { on: '24 december' }, '2026-12-23T23:00', true],
    ['all day, to its last minute', { on: '24 december' }, '2026-12-24T22:59', true],
    ['on the last day of a short month', { on: 'last day of month' }, '2026-02-28T12:00', true],
    ['and not on one before it in a leap year', { on: 'last day of month' }, '2028-02-28T12:00', false],
    ['on the leap day', { on: '29 february' }, '2028-02-29T12:00', true],
    ['in its own zone', { on: 'first sunday', from: '02:00', for: '4h', timezone: 'UTC' }, '2026-12-06T02:00', true],
    ['for hours across days', { on: 'friday', from: '18:00', for: '62h' }, '2026-11-30T06:59', true],
    ['as long as its duration', { on: 'friday', from: '18:00', for: '62h' }, '2026-11-30T07:00', false],
    ['once, at its date', { from: '2026-12-05T20:00', for: '3h' }, '2026-12-05T19:00', true],
    ['and not a year later', { from: '2026-12-05T20:00', for: '3h' }, '2027-12-05T19:00', false],
    ['from one date to another', { from: '2026-12-23T18:00', to: '2027-01-04T08:00' }, '2027-01-04T06:59', true],
    ['on the whole of a date', { from: '2026-12-31' }, '2026-12-31T22:59', true],
    ['and not on the next', { from: '2026-12-31' }, '2026-12-31T23:00', false],
  ])('%s', (_, window, at, open) => {
    expect(isOpen(compileWindow(window, BERLIN), utc(at))).toBe(open)
  })
})

describe('when daylight saving starts or ends', () => {
  const from = (time: string, to: string): Window => ({ on: 'sunday', from: time, to })
  test.each<[string, string, Window, [string, string], string[]]>([
    [
      'Berlin, begins: the night is an hour shorter',
      BERLIN,
      { on: 'saturday', ...nights },
      ['2026-03-28', '2026-03-30'],
      ['opens 2026-03-28T21:00', 'over 2026-03-29T04:00'],
    ],
    [
      'Berlin, ends: the night is an hour longer',
      BERLIN,
      { on: 'saturday', ...nights },
      ['2026-10-24', '2026-10-26'],
      ['opens 2026-10-24T20:00', 'over 2026-10-25T05:00'],
    ],
    [
      'a duration stays the same',
      BERLIN,
      { on: 'saturday', from: '22:00', for: '8h' },
      ['2026-10-24', '2026-10-26'],
      ['opens 2026-10-24T20:00', 'over 2026-10-25T04:00'],
    ],
    [
      'a time that is left out is the moment of the jump',
      BERLIN,
      from('02:30', '04:00'),
      ['2026-03-29', '2026-03-30'],
      ['opens 2026-03-29T01:00', 'over 2026-03-29T02:00'],
    ],
    [
      'a window within the hour left out does not open',
      BERLIN,
      from('02:10', '02:50'),
      ['2026-03-29', '2026-03-30'],
      [],
    ],
    [
      'a time that comes twice counts when it comes first',
      BERLIN,
      from('02:30', '03:00'),
      ['2026-10-25', '2026-10-26'],
      ['opens 2026-10-25T00:30', 'over 2026-10-25T02:00'],
    ],
    [
      'New York, begins',
      'America/New_York',
      from('01:00', '05:00'),
      ['2026-03-08', '2026-03-09'],
      ['opens 2026-03-08T06:00', 'over 2026-03-08T09:00'],
    ],
    [
      'New York, ends',
      'America/New_York',
      from('01:00', '05:00'),
      ['2026-11-01', '2026-11-02'],
      ['opens 2026-11-01T05:00', 'over 2026-11-01T10:00'],
    ],
    [
      'Lord Howe, begins, by half an hour',
      'Australia/Lord_Howe',
      from('02:15', '04:00'),
      ['2026-10-03', '2026-10-04'],
      ['opens 2026-10-03T15:30', 'over 2026-10-03T17:00'],
    ],
    [
      'Lord Howe, ends, by half an hour',
      'Australia/Lord_Howe',
      from('01:45', '04:00'),
      ['2026-04-04', '2026-04-05'],
      ['opens 2026-04-04T14:45', 'over 2026-04-04T17:30'],
    ],
    [
      'Cairo, begins at midnight: the day starts at one',
      'Africa/Cairo',
      { on: 'friday', from: '00:00', to: '06:00' },
      ['2026-04-23', '2026-04-25'],
      ['opens 2026-04-23T22:00', 'over 2026-04-24T03:00'],
    ],
    ...[
      ['Nuuk', 'America/Nuuk'],
      ['Scoresbysund', 'America/Scoresbysund'],
    ].flatMap(([name, zone = '']): [string, string, Window, [string, string], string[]][] => [
      [
        `${name}, begins at the end of the day: a time that is left out is the moment of the jump`,
        zone,
        { on: 'saturday', from: '22:00', to: '23:30' },
        ['2027-03-27', '2027-03-29'],
        ['opens 2027-03-28T00:00', 'over 2027-03-28T01:00'],
      ],
      [
        `${name}, begins: what opens at a time that is left out opens at the jump, and is of its day`,
        zone,
        { on: 'saturday', from: '23:00', for: '4h' },
        ['2027-03-27', '2027-03-29'],
        ['opens 2027-03-28T01:00', 'over 2027-03-28T05:00'],
      ],
      [
        `${name}, begins: a day is over at the jump`,
        zone,
        { on: 'saturday' },
        ['2027-03-27', '2027-03-29'],
        ['opens 2027-03-27T02:00', 'over 2027-03-28T01:00'],
      ],
      [
        `${name}, begins: a window within what is left out does not open`,
        zone,
        { on: 'saturday', from: '23:10', to: '23:50' },
        ['2027-03-27', '2027-03-29'],
        [],
      ],
      [
        `${name}, begins: a date may be within it`,
        zone,
        { from: '2027-03-27T23:30', for: '1h' },
        ['2027-03-27', '2027-03-29'],
        ['opens 2027-03-28T01:00', 'over 2027-03-28T02:00'],
      ],
    ]),
    [
      'Tokyo has none',
      'Asia/Tokyo',
      from('02:30', '03:30'),
      ['2026-03-28', '2026-03-30'],
      ['opens 2026-03-28T17:30', 'over 2026-03-28T18:30'],
    ],
  ])('%s', (_, zone, window, [start, end], expected) => {
    expect(openings(window, zone, start, end)).toEqual(expected)
  })
})

describe('days as people write them', () => {
  /** Days of the year 2028, a leap year, whose first day is a Saturday. */
  const days = (on: Window['on'], timezone = 'UTC') =>
    changesBetween(
      compileWindow({ on, from: '12:00', for: '1h' }, timezone),
      utc('2028-01-01T00:00'),
      utc('2028-12-31T23:00'),
    )
      .filter((change) => change.isOpen)
      .map(({ at }) => at.toISOString().slice(5, 10))

  test.each<[Window['on'], string]>([
    ['first sunday', '01-02 02-06 03-05'],
    ['1st', '01-01 02-01 03-01'],
    ['second tuesday of the month', '01-11 02-08 03-14'],
    ['last friday', '01-28 02-25 03-31'],
    ['last day of month', '01-31 02-29 03-31'],
    ['last day of the month', '01-31 02-29 03-31'],
    ['15', '01-15 02-15 03-15'],
    ['the 31st', '01-31 03-31 05-31'],
    ['24 december', '12-24'],
    ['last day of february', '02-29'],
    ['first monday of january', '01-03'],
    [['first sunday', 'third sunday'], '01-02 01-16 02-06'],
    ['Saturdays', '01-01 01-08 01-15'],
    ['weekend', '01-01 01-02 01-08'],
    ['weekdays', '01-03 01-04 01-05'],
    ['every weekday', '01-03 01-04 01-05'],
    ['mon-wed', '01-03 01-04 01-05 01-10'],
    ['Friday to Monday', '01-01 01-02 01-03 01-07'],
    ['every day', '01-01 01-02 01-03'],
  ])('%s', (on, expected) => {
    expect(days(on).slice(0, expected.split(' ').length).join(' ')).toBe(expected)
  })

  test.each([
    '',
    'someday',
    'fifth sunday',
    '32',
    '0',
    'first day',
    'first monday to friday',
    'sun to moon',
    'm',
    'ma',
  ])('not: %s', (text) => expect(daysOf(text)).toBeUndefined())
})

describe('when it ends', () => {
  test('openings that follow each other without a gap are one', () => {
    const weekend = compileWindow({ on: ['saturday', 'sunday'] }, BERLIN)
    expect(iso(openUntil(weekend, utc('2026-11-28T10:00')))).toBe('2026-11-29T23:00')
  })

  test('and so are several windows', () => {
    const which = windowCompiler({ timezone: BERLIN, windows: { nights, weekend: { on: 'weekend' } } })
    const off = which(['nights', 'weekend'])
    expect(off.name).toBe('nights, weekend')
    expect(iso(openUntil(off, utc('2026-11-27T21:00')))).toBe('2026-11-30T05:00')
    expect(iso(closedUntil(off, utc('2026-11-27T12:00')))).toBe('2026-11-27T21:00')
  })

  test('a closed window is open later, or never again', () => {
    const now = utc('2026-11-24T12:00')
    const release = compileWindow({ from: '2026-12-05T20:00', for: '3h' }, BERLIN)
    expect(openUntil(release, now)).toEqual(now)
    expect(iso(closedUntil(release, now))).toBe('2026-12-05T19:00')
    expect(closedUntil(release, utc('2026-12-06T00:00'))).toBeUndefined()
  })

  test('the same time again, or times out of order, give the same result', () => {
    const times = compileWindow(officeHours, BERLIN)
    const moments = ['2026-11-24T12:00', '2026-11-28T12:00', '2026-11-24T12:00', '2020-01-06T12:00', '2026-11-24T12:01']
    expect(moments.map((at) => isOpen(times, utc(at)))).toEqual([true, false, true, true, true])
  })
})

describe('an alert outside its windows', () => {
  const which = windowCompiler({ timezone: BERLIN, windows: { 'office-hours': officeHours, nights } })
  const lunch: Window = { on: 'weekdays', from: '12:00', to: '13:00' }

  test('is held until all of them allow it, with the reason', () => {
    const times = [{ active: which('office-hours') }, { mute: which(lunch) }]
    const hold = (at: string) => holdOf(times, utc(at))
    expect(hold('2026-11-24T10:00')).toBeUndefined()
    expect(hold('2026-11-24T11:20')).toEqual({
      until: utc('2026-11-24T12:00'),
      why: 'within weekdays from 12:00 to 13:00',
    })
    expect(hold('2026-11-27T20:00')).toEqual({ until: utc('2026-11-30T08:00'), why: 'outside office-hours' })
  })

  test('is held until both end, if one ends as the other starts', () => {
    const times = { active: which('office-hours'), mute: which({ on: 'weekdays', from: '08:30', to: '10:00' }) }
    expect(whyOff(times, utc('2026-11-24T08:59'))).toBe('within weekdays from 08:30 to 10:00')
    expect(whyOff(times, utc('2026-11-24T09:00'))).toBeUndefined()
    expect(holdOf([times], utc('2026-11-24T06:00'))).toEqual({
      until: utc('2026-11-24T09:00'),
      why: 'outside office-hours',
    })
  })

  test('is held for 400 days if nothing will ever allow it', () => {
    const over = { active: which({ from: '2026-01-01' }) }
    expect(holdOf([over], utc('2026-11-24T00:00'))).toEqual({
      until: utc('2027-12-29T00:00'),
      why: 'outside from 2026-01-01',
    })
  })

  test('is not held without windows', () => {
    expect(holdOf([{}, {}], utc('2026-11-24T10:00'))).toBeUndefined()
  })
})

describe('a wrong config', () => {
  function problems(config: { timezone?: string; windows?: object; which?: object; as?: string }): string[] {
    const { timezone, which, as = 'mute' } = config
    const windows = windowsSchema.parse(config.windows ?? {})
    const uses = which === undefined ? [] : [{ path: ['rules', 0, as], which: which as WhichWindows }]
    return windowProblems({ timezone, windows, uses }).map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
  const one = (window: object) => problems({ windows: { w: window } })

  test.each<[string, object, string[]]>([
    [
      'a day that is misspelt',
      { on: 'weekday s' },
      ['windows.w.on: unknown days "weekday s"', 'first sunday', '24 december'],
    ],
    ['one of several days', { on: ['monday', 'tusday'] }, ['windows.w.on.1: unknown days "tusday"']],
    [
      'a day that never comes',
      { on: '31 february' },
      ['"31 february" does not exist in any year: the window never opens'],
    ],
    ['a date that never comes', { from: '2026-02-29' }, ['windows.w.from: "2026-02-29" does not exist']],
    ['from = to', { from: '09:00', to: '09:00' }, ['windows.w.to', 'never opens', 'For a whole day, omit']],
    ['no end', { from: '09:00' }, ['windows.w.from: has no end: add to: "17:30", or for: 4h']],
    ['no end of a date', { from: '2026-12-05T20:00' }, ['has no end']],
    ['two ends', { from: '09:00', to: '10:00', for: '1h' }, ['windows.w.for', 'remove one of them']],
    ['a date and days', { on: 'monday', from: '2026-12-05' }, ['windows.w.on: `from` is a date already']],
    [
      'a date, and a time as end',
      { from: '2026-12-05T20:00', to: '23:00' },
      ['windows.w.to: found "23:00"', 'as in 2026-12-05T23:00'],
    ],
    ['a time, and a date as end', { from: '20:00', to: '2026-12-05' }, ['windows.w.to: is a date']],
    [
      'an end before the start',
      { from: '2026-12-05T20:00', to: '2026-12-05T19:00' },
      ['ends at 2026-12-05T19:00, before it opens at 2026-12-05T20:00: the window never opens'],
    ],
    [
      'a zone that is misspelt',
      { timezone: 'Europe/Berln' },
      ['windows.w.timezone: unknown time zone "Europe/Berln". Did you mean "Europe/Berlin"? Allowed: '],
    ],
    ['a city', { timezone: 'new york' }, ['Did you mean "America/New_York"?']],
    ['an offset', { timezone: '+02:00' }, ['"+02:00": an offset ignores daylight saving time. Use a zone']],
  ])('%s', (_, window, messages) => {
    const found = one(window)
    expect(found).toHaveLength(1)
    for (const message of messages) expect(found[0]).toContain(message)
  })

  test.each<[string, object, string]>([
    ['an invalid time', { from: '9 am' }, 'a time of day is HH:MM'],
    ['an invalid hour', { from: '24:00', to: '03:00' }, 'a time of day is HH:MM'],
    ['an invalid duration', { from: '09:00', for: '4 hours' }, 'a duration is a whole number with m, h or d'],
  ])('%s', (_, window, message) => {
    expect(
      windowSchema
        .safeParse(window)
        .error?.issues.map((issue) => issue.message)
        .join(),
    ).toContain(message)
  })

  test('the zone of the config', () => {
    expect(problems({ timezone: 'Mars' })).toEqual([expect.stringContaining('timezone: unknown time zone "Mars".')])
  })

  test('an undefined window', () => {
    const windows = { nights, 'office-hours': officeHours }
    expect(problems({ windows, which: ['nights', 'ofice-hours'] as never })).toEqual([
      'rules.0.mute.1: unknown window "ofice-hours". Did you mean "office-hours"? Allowed: nights, office-hours.',
    ])
  })

  test('an inline window', () => {
    expect(problems({ which: { on: 'someday' } })).toEqual([
      expect.stringContaining('rules.0.mute.on: unknown days "someday"'),
    ])
  })

  test('windows that together never end: alerts they mute would reach nobody', () => {
    const windows = { days: { from: '06:00', to: '22:00' }, nights }
    const which = ['days', 'nights'] as never
    expect(problems({ windows, which })).toEqual([
      'rules.0.mute: "days, nights" never ends: alerts muted by it would reach nobody. Use a window that ends',
    ])
    expect(problems({ windows, which, as: 'active' })).toEqual([
      expect.stringContaining('is always open: remove `active`'),
    ])
    expect(problems({ windows, which: 'nights' as never })).toEqual([])
  })

  test('a window that opens once, for years: it ends one day, and muted alerts wait until then', () => {
    const windows = { years: { from: '2020-01-01', to: '2030-01-01' }, year: { from: '2026-01-01', for: '300d' } }
    const which = 'years' as never
    expect(problems({ windows, which })).toEqual([
      'rules.0.mute: "years" lasts more than 400 days: alerts muted by it would reach nobody until then. Use a window that ends sooner',
    ])
    expect(problems({ windows, which, as: 'active' })).toEqual([])
    expect(problems({ windows, which: 'year' as never })).toEqual([])
  })

  test('dated windows that have ended are reported, but are no error: a config must not become invalid as time passes', () => {
    const windows = { release: { from: '2026-12-05T20:00', for: '3h' }, later: { from: '2027-12-05' }, nights }
    expect(one(windows.release)).toEqual([])
    const uses = [{ path: ['rules', 0, 'mute'], which: { from: '2026-01-01' } }]
    const over = expiredWindows({ timezone: BERLIN, windows, uses }, utc('2026-12-31T00:00'))
    expect(over.map(({ path }) => path.join('.'))).toEqual(['windows.release', 'rules.0.mute'])
    expect(over[0]?.message).toContain('it started at 2026-12-05T20:00. Remove it, or give it a new date')
  })
})

/** The wall clock of a zone at each minute of some days around a change, and a window's openings by it. */
class Clocks {
  readonly start: number
  /** The latest time that they have shown so far. */
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
