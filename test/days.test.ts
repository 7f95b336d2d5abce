import { describe, expect, test } from 'vitest'
import { areNever, daysOf } from '../shared/decide/days.ts'

/** Days as people write them: `on` of a window. */
const of = (dayOfMonth: string, month: string, dayOfWeek: string) => ({ dayOfMonth, month, dayOfWeek })

describe('days', () => {
  test.each([
    ...['every day', 'everyday', 'daily', 'day', 'days', 'on  every day', 'Every, Day'].map(
      (text) => [text, of('*', '*', '*')] as const,
    ),
    ...['weekdays', 'weekday', 'every weekday'].map((text) => [text, of('*', '*', '1-5')] as const),
    ...['weekend', 'weekends', 'every weekend'].map((text) => [text, of('*', '*', '6,0')] as const),
    ...['last day', 'last day of month', 'the last day of the month'].map((text) => [text, of('L', '*', '*')] as const),
    ...['15', '15.', '15th', 'day 15', 'the 15th of the month'].map((text) => [text, of('15', '*', '*')] as const),
    ...['1st', '1'].map((text) => [text, of('1', '*', '*')] as const),
    ...['2nd', '02'].map((text) => [text, of('2', '*', '*')] as const),
    ['3rd', of('3', '*', '*')],
    ['31', of('31', '*', '*')],
    ['monday', of('*', '*', '1')],
    ...['Sundays', 'sun', 'every sunday'].map((text) => [text, of('*', '*', '0')] as const),
    ...['mon-wed', 'monday to wednesday', 'every monday - wednesday'].map(
      (text) => [text, of('*', '*', '1,2,3')] as const,
    ),
    ['friday to monday', of('*', '*', '5,6,0,1')],
    ['first sunday', of('*', '*', '0#1')],
    ['second monday of the month', of('*', '*', '1#2')],
    ['third tuesday', of('*', '*', '2#3')],
    ['fourth wednesday', of('*', '*', '3#4')],
    ['last saturday', of('*', '*', '6#L')],
    ['1 january', of('1', '1', '*')],
    ['every day of january', of('*', '1', '*')],
    ['24 dec', of('24', '12', '*')],
    ['last day of february', of('L', '2', '*')],
    ['weekdays in august', of('*', '8', '1-5')],
    ['last friday of june', of('*', '6', '5#L')],
  ] as const)('%s', (text, days) => {
    expect(daysOf(text)).toEqual(days)
  })

  test.each([
    ...['', 'someday', 'fifth sunday', '32', '0', '123', '15x', 'x15', '15 months', '15 july august'],
    ...[
      'first day',
      'first monday to friday',
      'sun to moon',
      'moon to sun',
      'm',
      'ma',
      'mo',
      'monday tuesday',
      'monday 15',
    ],
    ...[
      'dailyx',
      'xdaily',
      'day to day',
      'workweekdays',
      'weekdaysx',
      'longweekend',
      'weekendx',
      'first last day',
      'last dayx',
      'last days',
    ],
    ...['15 ju', 'january'],
  ])('not: %s', (text) => {
    expect(daysOf(text)).toBeUndefined()
  })
})

test.each([
  ['29 february', false],
  ['30 february', true],
  ['30 april', false],
  ['31 april', true],
  ['31 june', true],
  ['31 september', true],
  ['31 november', true],
  ['31 december', false],
  ['31', false],
  ['last day of february', false],
])('%s is never: %o', (text, isNever) => {
  const days = daysOf(text)
  expect(days && areNever(days)).toBe(isNever)
})
