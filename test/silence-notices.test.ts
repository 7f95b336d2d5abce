import { describe, expect, test } from 'vitest'
import type { Silence } from '../schemas/silence.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import {
  type AnnouncedSilences,
  isSilenceRule,
  silenceNoticesDue,
  withSilenceNotices,
} from '../shared/decide/silence-notices.ts'
import { parse } from '../shared/parse/parse.ts'
import { silenceOf, timeAt } from './silences.ts'

/** When a silence speaks of itself. */
const iso = (time: string) => timeAt(time).toISOString()
const critical = (more: Partial<Silence> = {}) => silenceOf({ critical: iso('10:00'), ...more })
const extended = { by: 'bob', via: 'slack' as const, at: iso('11:00'), until: iso('15:00') }

/** The notices of consecutive runs: `firing 10:00 Silence: name: *`. */
function said(...runs: [time: string, ...silences: Silence[]][]): string[] {
  let announced: AnnouncedSilences = {}
  return runs.flatMap(([time, ...silences]) => {
    const due = silenceNoticesDue(silences, announced, timeAt(time))
    expect(silenceNoticesDue(silences, announced, timeAt(time))).toEqual(due)
    announced = due.announced
    return due.events.map((event) => {
      const { title, status, time: at } = event as Record<string, string>
      return `${status} ${at?.slice(11, 16)} ${title}`
    })
  })
}

describe('a silence', () => {
  const END = 'resolved 12:00 Silence ended: name: *'
  test('that covers critical alerts is announced, with a reminder before its end', () => {
    const runs = ['10:00', '10:01', '11:47', '11:48', '11:49', '12:00', '12:01']
    expect(said(...runs.map((time): [string, Silence] => [time, critical()]))).toEqual([
      'firing 10:00 Silence: name: *',
      'firing 11:48 Silence ends soon: name: *',
      END,
    ])
  })

  test('that covers none has a reminder and an end alone', () => {
    expect(said(['10:00', silenceOf()], ['11:50', silenceOf()], ['12:30', silenceOf()])).toEqual([
      'firing 11:48 Silence ends soon: name: *',
      END,
    ])
  })

  test('of which it turns out that it covers a critical alert, is announced then', () => {
    const later = silenceOf({ critical: iso('10:30') })
    expect(said(['10:00', silenceOf()], ['10:31', later], ['12:00', later])).toEqual([
      'firing 10:30 Silence: name: *',
      END,
    ])
  })

  test('that is extended says so, and its reminder comes later', () => {
    const after = critical({ until: iso('15:00'), changes: [extended] })
    expect(said(['10:00', critical()], ['11:01', after], ['11:50', after], ['14:37', after], ['15:00', after])).toEqual(
      [
        'firing 10:00 Silence: name: *',
        'firing 11:00 Silence extended by bob: name: *',
        'firing 14:36 Silence ends soon: name: *',
        'resolved 15:00 Silence ended: name: *',
      ],
    )
  })

  test('that is extended after its reminder gets another one', () => {
    const change = { ...extended, at: iso('11:55') }
    const after = silenceOf({ until: iso('15:00'), changes: [change] })
    expect(said(['11:50', silenceOf()], ['11:56', after], ['14:42', after])).toEqual([
      'firing 11:48 Silence ends soon: name: *',
      'firing 11:55 Silence extended by bob: name: *',
      'firing 14:41 Silence ends soon: name: *',
    ])
  })

  test('that is ended early says who did so', () => {
    const ended = critical({ until: iso('11:00'), changes: [{ ...extended, until: iso('11:00') }] })
    expect(said(['10:00', critical()], ['11:00', ended])).toEqual([
      'firing 10:00 Silence: name: *',
      'resolved 11:00 Silence ended by bob: name: *',
    ])
  })

  test('that is gone from the table ends as it was announced', () => {
    expect(said(['10:00', critical()], ['13:00'])).toEqual([
      'firing 10:00 Silence: name: *',
      'resolved 12:00 Silence ended: quiet-otter',
    ])
  })

  test.each<[string, Silence, string[]]>([
    ['is short', silenceOf({ until: iso('10:15') }), ['10:00', '10:14', '10:16']],
    ['was over before anybody looked', critical(), ['12:00', '12:01']],
    ['has not begun', critical({ at: iso('20:00'), until: iso('21:00') }), ['10:00']],
  ])('that %s says nothing', (_, one, times) => {
    expect(said(...times.map((time): [string, Silence] => [time, one]))).toEqual(
      one.until === iso('10:15')
        ? ['firing 10:05 Silence ends soon: name: *', 'resolved 10:15 Silence ended: name: *']
        : [],
    )
  })

  test.each([
    ['30m', '10:30', '10:20'],
    ['5h', '15:00', '14:30'],
  ])('of %s has its reminder a tenth of that before its end, ten minutes at least', (_, end, reminder) => {
    const one = silenceOf({ until: iso(end) })
    const [hour = '', minute = ''] = end.split(':')
    const last = `${Number(minute) === 0 ? Number(hour) - 1 : hour}:${Number(minute) === 0 ? 59 : Number(minute) - 1}`
    expect(said([last, one])).toEqual([`firing ${reminder} Silence ends soon: name: *`])
  })

  test('of a month has its reminder a day before', () => {
    const one = silenceOf({ at: '2026-11-01T00:00:00.000Z', until: '2026-11-28T09:00:00.000Z' })
    expect(said(['08:59', one])).toEqual([])
    expect(said(['09:00', one])).toEqual(['firing 09:00 Silence ends soon: name: *'])
  })
})

describe('its notice', () => {
  const CONFIG = checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager' },
      chat: { type: 'slack', secret: 'chat' },
      mail: { type: 'email', addresses: ['ops@example.com'] },
    },
    severities: {
      critical: { channels: ['pager', 'chat'] },
      warning: { channels: ['chat'] },
      info: { channels: ['mail'] },
    },
    remind: '1h',
    rules: [{ name: 'all', when: { name: '*' }, severity: 'critical' }],
    default: { severity: 'critical' },
  })
  const noticeFor = () => {
    const [event] = silenceNoticesDue([critical()], {}, timeAt('10:00')).events
    const [alert] = parse(event, { now: timeAt('10:00') })
    if (!alert) throw new Error('no notice')
    return alert
  }

  test('goes to whoever hears of critical alerts, pages nobody, and is not reminded of', () => {
    const decided = decide(noticeFor(), withSilenceNotices(CONFIG))
    expect(decided).toMatchObject({ rule: 'silence notice', severity: 'info', channels: ['chat'] })
    expect(decided.remind).toBeUndefined()
  })

  test('goes to the channels for information where all others page', () => {
    const severities = { ...CONFIG.severities, critical: { channels: ['pager'] } }
    expect(decide(noticeFor(), withSilenceNotices({ ...CONFIG, severities })).channels).toEqual(['mail'])
  })

  test('says who, until when and why', () => {
    expect(noticeFor().description).toBe(
      'By ann, until 2026-11-27 12:00 UTC: load test. Matching alerts are held until then; resolves are still sent.',
    )
  })

  test('is known by its rule', () => {
    const [own, all] = withSilenceNotices(CONFIG).rules
    expect([own, all].map((rule) => rule && isSilenceRule(rule))).toEqual([true, false])
  })
})
