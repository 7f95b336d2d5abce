import { describe, expect, test } from 'vitest'
import { windowFindings } from '../shared/check/windows.ts'
import { someConfig } from './some-config.ts'

/** Windows that nothing uses, that are over or that never open, and times of which none is left. */

const NOW = new Date('2026-10-14T10:00:00Z')
const OFFICE = { from: '09:00', to: '17:00' }
const RELEASE = { from: '2026-05-01', to: '2026-05-08' }
const SUMMER = { on: 'last sunday of march', from: '02:00', to: '03:00' }

function found(windows: object, rule: object = {}, more: object = {}): string[] {
  const config = someConfig([{ when: { name: 'a' }, ...rule }], { windows, ...more })
  return windowFindings(config, NOW).map(({ code, path }) => `${code} ${path.join('.')}`)
}

test.each<[string, object, object, object, string[]]>([
  ['is used nowhere', { office: OFFICE }, {}, {}, ['unused-window windows.office']],
  ['is used as active', { office: OFFICE }, { active: 'office' }, {}, []],
  ['is used as mute', { office: OFFICE }, { mute: ['office'] }, {}, []],
  ['is written where it is used', {}, { mute: OFFICE }, {}, []],
  ['is used by maintenance', { office: OFFICE }, {}, { maintenance: [{ name: 'm', window: 'office' }] }, []],
  ['has expired', { release: RELEASE }, { active: 'release' }, {}, ['window-expired windows.release']],
  ['has expired, and is written where it is used', {}, { mute: RELEASE }, {}, ['window-expired rules.0.mute']],
  ['is yet to come', { release: { from: '2026-12-01', to: '2026-12-08' } }, { active: 'release' }, {}, []],
])('a window that %s', (_, windows, rule, more, codes) => {
  expect(found(windows, rule, more)).toEqual(codes)
})

test('what is said of a window that has expired, or is unused', () => {
  const config = someConfig([{ when: { name: 'a' }, mute: 'release' }], {
    windows: { release: RELEASE, office: OFFICE },
  })
  expect(windowFindings(config, NOW)).toEqual([
    {
      code: 'window-expired',
      path: ['windows', 'release'],
      message: 'this window has ended and never opens again: it started at 2026-05-01',
      fix: 'Remove it, or give it a new date',
    },
    {
      code: 'unused-window',
      path: ['windows', 'office'],
      message: 'nothing uses the window "office"',
      fix: 'Name it in an `active`, a `mute` or a maintenance, or remove it',
    },
  ])
})

describe('a window inside the hour that summer time skips', () => {
  const BERLIN = { timezone: 'Europe/Berlin' }
  test.each<[string, object, object, string[]]>([
    ['a part of it', { ...SUMMER, from: '02:15', to: '02:45' }, BERLIN, ['window-never-opens windows.w']],
    ['on its date', { from: '2027-03-28T02:00', to: '2027-03-28T03:00' }, BERLIN, ['window-never-opens windows.w']],
    [
      'on a date in the past',
      { from: '2026-03-29T02:00', to: '2026-03-29T03:00' },
      BERLIN,
      ['window-never-opens windows.w'],
    ],
    ['of another zone', { from: '2027-03-28T02:00', to: '2027-03-28T03:00', timezone: 'Pacific/Auckland' }, BERLIN, []],
    ['and beyond', { ...SUMMER, to: '03:30' }, BERLIN, []],
    ['on another date', { from: '2027-03-27T02:00', to: '2027-03-27T03:00' }, BERLIN, []],
    ['on all sundays', { on: 'sunday', from: '02:00', to: '03:00' }, BERLIN, []],
    ['in UTC, which has none', SUMMER, {}, []],
    ['but for a while', { on: 'last sunday of march', from: '02:00', for: '30m' }, BERLIN, []],
    ['or the one that comes twice', { on: 'last sunday of october', from: '02:00', to: '03:00' }, BERLIN, []],
    ['on the 29th of February', { on: '29 february', from: '02:00', to: '03:00' }, BERLIN, []],
  ])('%s', (_, w, more, codes) => {
    expect(found({ w }, { active: 'w' }, more)).toEqual(codes)
  })

  test('does not hide another that has expired', () => {
    expect(found({ w: SUMMER, release: RELEASE }, { active: 'w', mute: 'release' }, BERLIN)).toEqual([
      'window-expired windows.release',
      'window-never-opens windows.w',
      'never-active rules.0.active',
    ])
  })

  test('each year never opens, and what to do', () => {
    const config = someConfig([{ when: { name: 'a' }, active: 'w' }], { windows: { w: SUMMER }, ...BERLIN })
    expect(windowFindings(config, NOW)).toEqual([
      {
        code: 'window-never-opens',
        path: ['windows', 'w'],
        message: 'this window never opens: on those days, summer time skips the time from 02:00 on',
        fix: 'Start it earlier, end it later, or use other days',
      },
    ])
  })
})

describe('times of which none is left', () => {
  const both = { active: 'office', mute: 'office' }
  const channels = (slack: object) => ({
    channels: { pager: { type: 'pagerduty', secret: 'pager' }, slack: { type: 'slack', secret: 'slack', ...slack } },
  })
  const severities = (info: object) => ({
    severities: {
      critical: { channels: ['pager'] },
      warning: { channels: ['slack'] },
      info: { channels: ['slack'], ...info },
    },
  })
  test.each<[string, object, object, string[]]>([
    ['of a channel', {}, channels(both), ['never-active channels.slack.active']],
    ['of a severity', {}, severities(both), ['never-active severities.info.active']],
    ['of a rule', both, {}, ['never-active rules.0.active']],
    ['but some are', { active: 'office', mute: 'nights' }, {}, []],
    ['but there is only one window', { active: 'office' }, {}, []],
    ['but it is only muted', { mute: 'office' }, {}, []],
  ])('%s', (_, rule, more, codes) => {
    const windows = { office: OFFICE, nights: { from: '09:30', to: '12:00' } }
    expect(found(windows, rule, more).filter((one) => !one.startsWith('unused'))).toEqual(codes)
  })
})
