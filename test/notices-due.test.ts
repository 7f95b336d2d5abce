import { describe, expect, test } from 'vitest'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import {
  type Announced,
  isNotice,
  NOTICE_RULE,
  noticesBetween,
  noticesDue,
  withNotices,
} from '../shared/decide/maintenance.ts'
import { parse } from '../shared/parse/parse.ts'

const SOURCE = {
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'info' },
  rules: [],
}

/** A config of maintenances, each by its window. */
function configOf(windows: Record<string, object>): Config {
  const maintenance = Object.entries(windows).map(([name, window]) => ({ name, window, covers: { name: '*' } }))
  return checkConfig({ ...SOURCE, ...(maintenance.length > 0 && { maintenance }) })
}

const nightly = { from: '22:00', to: '02:00' }
const day = (time: string) => new Date(`2026-11-${time}:00.000Z`)

/** The notices of consecutive runs: `freeze firing 2026-11-03T22:00`. */
function notified(...runs: [time: string, windows: Record<string, object>][]): string[] {
  let announced: Announced = {}
  return runs.flatMap(([time, windows]) => {
    const due = noticesDue(configOf(windows), announced, day(time))
    announced = due.announced
    return due.events.map((event) => {
      const { id, status, time: at } = event as { id: string; status: string; time: string }
      return `${id} ${status} ${at.slice(8, 16)}`
    })
  })
}

describe('a maintenance is announced', () => {
  test('once when it starts, and once when it ends, with the times of its window', () => {
    const freeze = { freeze: nightly }
    const runs = ['03T21:59', '03T22:00', '03T22:01', '04T01:59', '04T02:00', '04T02:01']
    expect(notified(...runs.map((run): [string, typeof freeze] => [run, freeze]))).toEqual([
      'freeze firing 03T22:00',
      'freeze resolved 04T02:00',
    ])
  })

  test('the same after runs were missed, however many', () => {
    const freeze = { freeze: nightly }
    expect(notified(['03T23:30', freeze], ['04T20:00', freeze])).toEqual([
      'freeze firing 03T22:00',
      'freeze resolved 04T02:00',
    ])
    expect(notified(['03T21:30', freeze], ['04T20:00', freeze])).toEqual([])
    const long = { long: { from: '2026-10-01', to: '2026-11-20' } }
    expect(notified(['15T12:00', long])).toEqual(['long firing 01T00:00'])
  })

  test('as ended when it is removed from the config, or its window has moved; and again when it returns', () => {
    expect(notified(['03T23:00', { freeze: nightly }], ['03T23:10', {}], ['03T23:20', { freeze: nightly }])).toEqual([
      'freeze firing 03T22:00',
      'freeze resolved 03T23:10',
      // Its window's own time would be before the end that was announced.
      'freeze firing 03T23:20',
    ])
    expect(
      notified(['03T23:00', { freeze: nightly }], ['03T23:10', { freeze: { from: '04:00', to: '05:00' } }]),
    ).toEqual(['freeze firing 03T22:00', 'freeze resolved 03T23:10'])
  })

  test('as started again, if a new window starts when the last one ended', () => {
    const [first, second] = [{ freeze: { from: '22:00', to: '23:00' } }, { freeze: { from: '23:00', to: '23:30' } }]
    expect(notified(['03T22:10', first], ['03T23:00', first], ['03T23:05', second])).toEqual([
      'freeze firing 03T22:00',
      'freeze resolved 03T23:00',
      // At its own time it would not be newer than the end that was announced.
      'freeze firing 03T23:05',
    ])
  })

  test('each one separately', () => {
    const both = { a: nightly, b: { from: '23:00', to: '23:30' } }
    expect(notified(['03T22:00', both], ['03T23:10', both], ['03T23:40', both])).toEqual([
      'a firing 03T22:00',
      'b firing 03T23:00',
      'b resolved 03T23:30',
    ])
  })
})

test('a run that has not recorded it announces exactly the same again', () => {
  const config = configOf({ freeze: nightly, other: { from: '23:00', to: '23:30' } })
  const announced = { other: { isOpen: true, time: '2026-11-02T23:00:00.000Z' } }
  const first = noticesDue(config, announced, day('03T22:10')).events
  expect(first).toHaveLength(2)
  expect(noticesDue(config, announced, day('03T22:11')).events).toEqual(first)
})

test('the event names the maintenance, and until when it lasts', () => {
  const { events } = noticesDue(configOf({ freeze: nightly }), {}, day('03T22:10'))
  const [alert] = events.flatMap((event) => parse(event, { now: day('03T22:11') }))
  expect(alert).toMatchObject({
    fingerprint: 'event:alert-router.maintenance:freeze',
    title: 'Maintenance started: freeze',
    status: 'firing',
    changedAt: '2026-11-03T22:00:00.000Z',
  })
  expect(JSON.stringify(events)).toContain('held until 2026-11-04 02:00 UTC')
})

test('a notice of a removed maintenance that ended long ago is forgotten; a recent one is not', () => {
  const gone = (time: string) => ({ gone: { isOpen: false, time } })
  expect(noticesDue(configOf({}), gone('2025-01-01T00:00:00.000Z'), day('03T22:10'))).toEqual({
    events: [],
    announced: {},
  })
  const lately = gone('2026-11-01T00:00:00.000Z')
  expect(noticesDue(configOf({}), lately, day('03T22:10'))).toEqual({ events: [], announced: lately })
})

test('a maintenance that has been under way for long is not forgotten', () => {
  const announced = { long: { isOpen: true, time: '2025-01-01T00:00:00.000Z' } }
  const long = configOf({ long: { from: '2025-01-01', to: '2027-01-01' } })
  expect(noticesDue(long, announced, day('03T22:10'))).toEqual({ events: [], announced })
})

describe('of the time between two moments', () => {
  const config = configOf({ freeze: nightly, short: { from: '23:00', to: '23:30' } })
  const between = (after: string, upTo: string) =>
    noticesBetween(config, day(after), day(upTo)).map((event) => {
      const { id, status, time } = event as { id: string; status: string; time: string }
      return `${id} ${status} ${time.slice(8, 16)}`
    })

  test('each start and each end is announced, of at most a day', () => {
    const all = [
      'freeze firing 03T22:00',
      'freeze resolved 04T02:00',
      'short firing 03T23:00',
      'short resolved 03T23:30',
    ]
    expect(between('03T21:59', '04T02:00')).toEqual(all)
    expect(between('01T00:00', '04T12:00')).toEqual(all)
    expect(between('03T22:00', '03T22:59')).toEqual([])
    expect(noticesBetween(configOf({}), day('03T21:59'), day('04T02:00'))).toEqual([])
  })
})

describe('a notice', () => {
  const rule = (name: string) => ({ name, when: { name: '*' }, severity: 'critical' as const })

  test('is info, whatever the rules say, if the config has maintenances', () => {
    const config = { ...configOf({ freeze: nightly }), rules: [rule('all')] }
    expect(withNotices(config)).toEqual({ ...config, rules: [NOTICE_RULE, rule('all')] })
    const without = configOf({})
    expect(withNotices(without)).toBe(without)
  })

  test('has a fingerprint of its own', () => {
    expect(isNotice({ fingerprint: 'event:alert-router.maintenance:freeze' })).toBe(true)
    expect(isNotice({ fingerprint: 'event:orders:alert-router.maintenance' })).toBe(false)
  })
})
