import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alarms } from '../deploy/platform/alarms.ts'
import { burnRateAlarms } from '../deploy/platform/burn-rate.ts'
import { burnPairs, firesAfter } from '../shared/platform/burn.ts'
import { type Data, evaluated, firings, keyOf } from './cloudwatch-alarms.ts'
import { sectionOf } from './doc-pages.ts'
import { shippedPlatform } from './some-platform.ts'

const HOUR = 60
const DAY = 24 * HOUR
const MONTH = 30 * DAY

const platform = shippedPlatform()
const BURNS = burnRateAlarms(platform)
const STATIC = alarms(platform)

const PAGE = 'PlatformErrorsBurnsFastAlarm'
const TICKET = 'PlatformErrorsBurnsSlowlyAlarm'
const AT_ONE_PERCENT = 'PlatformErrorRateAlarm'

/** So many invocations a minute, of which this share fails, in percent, evenly spread. */
function invocations(failing: (minute: number) => number, perMinute = 1_000): Data {
  const whole: number[] = []
  let debt = 0
  const bad = (minute: number) => {
    for (let at = whole.length; at <= minute; at++) {
      debt += (perMinute * failing(at)) / 100
      whole.push(Math.floor(debt + 1e-9))
      debt -= whole[at] ?? 0
    }
    return whole[minute] ?? 0
  }
  const of = (metric: string, sum: (minute: number) => number) => ({
    [keyOf('AWS/Lambda', metric, { FunctionName: 'data-processor' })]: (minute: number) => ({
      sum: sum(minute),
      count: 1,
    }),
  })
  return { ...of('Errors', bad), ...of('Invocations', () => perMinute) }
}

const from =
  (start: number, share: number, end = Number.POSITIVE_INFINITY) =>
  (minute: number) =>
    minute >= start && minute < end ? share : 0

type Minutes = number | undefined
/** Of a steady share of errors in percent, minutes from the first error on. */
const STEADY: [share: number, page: Minutes, ticket: Minutes, atOnePercent: Minutes][] = [
  [100, 1, 6, 11],
  [10, 9, 44, 11],
  [1.5, 58, 288, 14],
  [0.9, 240, 480, undefined],
  [0.5, undefined, 864, undefined],
  [0.2, undefined, 2_160, undefined],
  [0.05, undefined, undefined, undefined],
]

/** The guide's error budget: 99.9 %, with a thousand invocations a minute, after three quiet days. */
const QUIET = 3 * DAY

describe('99.9 % of invocations succeed', () => {
  test.each(STEADY)(
    'a steady %f % of errors pages after %s minutes, warns after %s; the alarm at 1 %% fires after %s',
    (share, page, ticket, at) => {
      const minutes = QUIET + 4 * DAY
      const changes = evaluated({ ...BURNS, ...STATIC }, invocations(from(QUIET, share)), minutes)
      const after = (id: string) => firings(changes[id])[0]
      const since = (minute: number | undefined) => (minute === undefined ? undefined : minute - QUIET)
      expect([since(after(PAGE)), since(after(AT_ONE_PERCENT))]).toEqual([page, at])
      // Windows of more than a day are evaluated once an hour.
      const warned = since(after(TICKET))
      if (ticket === undefined) expect(warned).toBeUndefined()
      else expect(Math.abs((warned ?? 0) - ticket)).toBeLessThanOrEqual(HOUR)
    },
  )

  test('docs/platform.md has these times', () => {
    const time = (minutes: Minutes) =>
      minutes === undefined ? 'never' : minutes < 100 ? `${minutes} min` : `${Number((minutes / HOUR).toFixed(1))} h`
    const rows = STEADY.map(([share, ...after]) => `| ${share} % | ${after.map(time).join(' | ')} |`)
    expect(sectionOf('docs/platform.md', 'Objectives')).toContain(rows.join('\n'))
  })

  test('0.05 % of errors never notifies, in a whole month', () => {
    const changes = evaluated(
      BURNS,
      invocations(() => 0.05),
      MONTH,
    )
    expect([firings(changes[PAGE]), firings(changes[TICKET])]).toEqual([[], []])
  })

  test('0.9 % of errors uses up the month’s budget in 3.3 days, and the alarm at 1 % never fires', () => {
    const changes = evaluated(
      { ...BURNS, ...STATIC },
      invocations(() => 0.9),
      MONTH,
    )
    expect(firings(changes[AT_ONE_PERCENT])).toEqual([])
    expect(firings(changes[PAGE])[0]).toBeLessThan((MONTH * 0.1) / 0.9)
  })

  test('a page ends minutes after the errors do, not hours', () => {
    const end = QUIET + HOUR
    const changes = evaluated(BURNS, invocations(from(QUIET, 20, end)), QUIET + DAY)
    const ended = changes[PAGE]?.at(-1)
    expect(ended?.[1]).toBe('OK')
    expect((ended?.[0] ?? 0) - end).toBeLessThanOrEqual(30)
  })

  test.each([1, 10, 60])('one failure among %i invocations an hour notifies nobody', (perHour) => {
    const failsAt = QUIET + 7
    const sparse = (sum: (minute: number) => number) => (minute: number) =>
      minute % (HOUR / perHour) === 7 % (HOUR / perHour) ? { sum: sum(minute), count: 1 } : undefined
    const of = { FunctionName: 'data-processor' }
    const data: Data = {
      [keyOf('AWS/Lambda', 'Invocations', of)]: sparse(() => 1),
      [keyOf('AWS/Lambda', 'Errors', of)]: sparse((minute) => Number(minute === failsAt)),
    }
    const changes = evaluated(BURNS, data, QUIET + 4 * DAY)
    expect([firings(changes[PAGE]), firings(changes[TICKET])]).toEqual([[], []])
  })

  test('a function that nobody invokes notifies nobody', () => {
    const changes = evaluated({ ...BURNS, ...STATIC }, {}, 4 * DAY)
    expect([PAGE, TICKET, AT_ONE_PERCENT].flatMap((id) => firings(changes[id]))).toEqual([])
  })

  test('whatever share of errors begins, somebody hears of it before the budget is gone; and of none that the budget allows', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 100, noNaN: true }),
        fc.double({ min: 50, max: 99.99, noNaN: true }),
        (bad, goal) => {
          const budget = 100 - goal
          const fires = firesAfter(burnPairs({ goal }), bad)
          if (bad < budget * 0.999) return fires === undefined
          if (bad < budget * 1.001) return true
          // The share of the budget of 30 days that is used by then.
          return fires !== undefined && (fires.afterS * bad) / budget < 30 * 86_400
        },
      ),
    )
  })
})

describe('the platform answers 99.9 % of the time', () => {
  const AVAILABILITY = keyOf('Platform/Health', 'SystemAvailability')
  const answers = (percent: (minute: number) => number | undefined): Data => ({
    [AVAILABILITY]: (minute) => {
      const sum = percent(minute)
      return sum === undefined ? undefined : { sum, count: 1 }
    },
  })

  test('an outage pages within two minutes; the alarm below 99 % needs ten', () => {
    const changes = evaluated(
      { ...BURNS, ...STATIC },
      answers((minute) => (minute >= QUIET ? 0 : 100)),
      QUIET + DAY,
    )
    const after = (id: string) => (firings(changes[id])[0] ?? Number.NaN) - QUIET
    expect(after('PlatformAvailabilityBurnsFastAlarm')).toBeLessThanOrEqual(2)
    expect(after('PlatformSystemAvailabilityAlarm')).toBeLessThanOrEqual(10)
  })

  test('one lost answer pages nobody', () => {
    const changes = evaluated(
      { ...BURNS, ...STATIC },
      answers((minute) => (minute === QUIET ? 50 : 100)),
      QUIET + DAY,
    )
    expect(firings(changes.PlatformAvailabilityBurnsFastAlarm)).toEqual([])
    expect(firings(changes.PlatformSystemAvailabilityAlarm)).toEqual([])
  })

  test('without any data, from the first deployment on, an alarm says that nobody measures; availability itself is not called bad', () => {
    const changes = evaluated({ ...BURNS, ...STATIC }, {}, DAY)
    expect(firings(changes.PlatformSystemAvailabilitySilentAlarm)).toEqual([61])
    expect(firings(changes.PlatformSystemAvailabilityAlarm)).toEqual([])
    expect(firings(changes.PlatformAvailabilityBurnsFastAlarm)).toEqual([])
  })

  test('with data from the first minutes on, nothing fires', () => {
    const changes = evaluated(
      { ...BURNS, ...STATIC },
      answers((minute) => (minute < 3 ? undefined : 100)),
      DAY,
    )
    expect(Object.keys(changes).flatMap((id) => firings(changes[id]))).toEqual([])
  })

  test('a probe that stops is reported after a quarter of an hour', () => {
    const changes = evaluated(
      STATIC,
      answers((minute) => (minute < DAY ? 100 : undefined)),
      2 * DAY,
    )
    const [at] = firings(changes.PlatformSystemAvailabilitySilentAlarm)
    expect((at ?? 0) - DAY).toBe(15)
  })
})
