import { describe, expect, test } from 'vitest'
import { type WhichWindows, type Window, windowSchema, windowsSchema } from '../schemas/windows.ts'
import { expiredWindows, windowProblems } from '../shared/config/window-problems.ts'
import {
  changesBetween,
  closedUntil,
  compileWindow,
  describeWindow,
  holdOf,
  isOpen,
  openUntil,
  timesCompiler,
  whyOff,
  windowCompiler,
} from '../shared/decide/windows.ts'

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
    ['not a day before its date', { from: '2026-12-05T20:00', for: '3h' }, '2026-12-04T19:00', false],
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
    expect(['2026-11-27T22:00', '2026-11-28T12:00', '2026-11-27T12:00'].map((at) => isOpen(off, utc(at)))).toEqual([
      ...[true, true, false],
    ])
  })

  test('a closed window is open later, or never again', () => {
    const now = utc('2026-11-24T12:00')
    const release = compileWindow({ from: '2026-12-05T20:00', for: '3h' }, BERLIN)
    expect(openUntil(release, now)).toEqual(now)
    expect(iso(closedUntil(release, now))).toBe('2026-12-05T19:00')
    expect(closedUntil(release, utc('2026-12-06T00:00'))).toBeUndefined()
  })

  test('a day that never comes opens nothing', () => {
    const never = compileWindow({ on: '31 february' }, BERLIN)
    expect(closedUntil(never, utc('2026-11-24T12:00'))).toBeUndefined()
    expect(isOpen(never, utc('2026-11-24T12:00'))).toBe(false)
  })

  test('a time that is repeated as clocks are set back is over by then', () => {
    const window = compileWindow({ from: '02:30', to: '02:45' }, BERLIN)
    expect(iso(closedUntil(window, utc('2026-10-25T01:10')))).toBe('2026-10-26T01:30')
  })

  test('changes are those after a moment, up to and including another', () => {
    const times = compileWindow(officeHours, 'UTC')
    const changes = (after: string, upTo: string) =>
      changesBetween(times, utc(`2026-11-24T${after}`), utc(`2026-11-24T${upTo}`)).map(({ at }) => iso(at))
    expect(changes('09:00', '17:30')).toEqual(['2026-11-24T17:30'])
    expect(changes('08:59', '17:29')).toEqual(['2026-11-24T09:00'])
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

  test.each([
    ['active and muted', { active: 'nights', mute: 'office-hours' }],
    ['active', { active: 'nights' }],
    ['muted', { mute: 'office-hours' }],
    ['always sent', {}],
  ])('by what a rule says of it: %s', (_, { active, mute }: { active?: string; mute?: string }) => {
    expect(timesCompiler(which)({ active, mute })).toEqual({
      ...(active && { active: { name: active, series: [{ name: active, around: expect.any(Function) }] } }),
      ...(mute && { mute: { name: mute, series: [{ name: mute, around: expect.any(Function) }] } }),
    })
  })

  test('is not held without windows', () => {
    expect(holdOf([{}, {}], utc('2026-11-24T10:00'))).toBeUndefined()
  })
})

test.each<[Window, string]>([
  [officeHours, 'weekdays from 09:00 to 17:30'],
  [{ on: ['monday', 'friday'], from: '09:00', for: '4h' }, 'monday, friday from 09:00 for 4h'],
  [{ from: '2026-12-05', timezone: 'UTC' }, 'from 2026-12-05 (UTC)'],
  [{ to: '12:00' }, 'to 12:00'],
  [{}, 'every day'],
])('a window without a name is described: %o', (window, name) => {
  expect(describeWindow(window)).toBe(name)
  expect(compileWindow(window, BERLIN).name).toBe(name)
})

describe('a wrong config', () => {
  test('does not get as far as to be compiled', () => {
    expect(() => compileWindow({ on: ['monday', 'tusday'] }, BERLIN)).toThrow(
      new TypeError('"tusday" is not a valid day'),
    )
  })

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
