import { describe, expect, test } from 'vitest'
import { errorsIn, findingsOf } from '../shared/check/findings.ts'
import { unlimited } from '../shared/check/time.ts'
import { checkConfig } from '../shared/config/check.ts'
import { decide } from '../shared/decide/decide.ts'
import { hold } from '../shared/decide/hold.ts'
import { checkPushed } from '../shared/live-config/check-pushed.ts'
import { versionOf } from '../shared/live-config/version.ts'
import { firing } from './alert-samples.ts'

const NOW = new Date('2026-10-14T10:00:00Z')

interface Parts {
  pager?: object
  second?: object
  slack?: object
  critical?: object
  rules?: object[]
  default?: object
}

function configWith({ pager, second, slack, critical, rules = [], default: fallback }: Parts) {
  return checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager', ...pager },
      second: { type: 'pagerduty', secret: 'second', ...second },
      slack: { type: 'slack', secret: 'slack', ...slack },
    },
    windows: {
      release: { from: '2026-05-01', to: '2026-05-08' },
      freeze: { from: '2026-12-20', to: '2027-01-03' },
      nights: { from: '22:00', to: '06:00' },
      days: { from: '06:00', to: '22:00' },
      'office-hours': { on: 'weekdays', from: '09:00', to: '17:00' },
      mornings: { on: 'weekdays', from: '10:00', to: '12:00' },
    },
    severities: {
      critical: { channels: ['pager', 'slack'], ...critical },
      warning: { channels: ['slack'] },
      info: { channels: ['slack'] },
    },
    default: { severity: 'warning', ...fallback },
    nonProduction: { when: { name: 'dev-*' }, highest: 'warning' },
    rules: [{ name: 'loss', when: { metric: 'DataLoss' }, severity: 'critical' }, ...rules],
  })
}

const byRule = (channels: unknown, more = {}) => [
  { name: 'own', when: { metric: 'Own' }, severity: 'critical', channels, ...more },
]

function found(parts: Parts, code: string) {
  return findingsOf(configWith(parts), { now: NOW }).findings.filter((one) => one.code === code)
}

describe('critical alerts that nobody will receive are an error', () => {
  const cases: [string, Parts, string, string][] = [
    [
      'the window of the severity has expired',
      { critical: { active: 'release' } },
      'severities.critical',
      'outside release',
    ],
    [
      'its times have none in common',
      { critical: { active: 'mornings' }, pager: { mute: 'office-hours' }, slack: { active: 'release' } },
      'severities.critical.channels',
      'within office-hours, outside release',
    ],
    [
      'the window of each channel has expired',
      { pager: { active: 'release' }, slack: { active: 'release' } },
      'severities.critical.channels',
      'outside release',
    ],
    [
      'one has expired, one is always muted',
      { pager: { active: 'release' }, slack: { active: 'mornings', mute: 'office-hours' } },
      'severities.critical.channels',
      'outside release, within office-hours',
    ],
    [
      'a rule has one channel',
      { second: { active: 'release' }, rules: byRule(['second']) },
      'rules.1.channels',
      'outside release',
    ],
    [
      'the default has one channel',
      { second: { active: 'release' }, default: { severity: 'critical', channels: ['second'] } },
      'default.channels',
      'outside release',
    ],
  ]

  test.each(cases)('%s', (_, parts, path, why) => {
    const errors = found(parts, 'critical-never-sent')
    expect(errors.map((one) => one.path.join('.'))).toEqual([path])
    expect(errors[0]?.message).toContain(`is never sent: it waits ${why}, and that never ends`)
    expect(errorsIn(configWith(parts), { now: NOW, hasTime: unlimited }).errors).toEqual(expect.arrayContaining(errors))
  })

  test.each(cases)('and are not deployed: %s', (_, parts) => {
    const config = configWith(parts)
    const document = JSON.stringify({ version: versionOf(JSON.stringify(config)), base: '0123456789ab', config })
    expect(checkPushed(document, { now: NOW }).problems).toContainEqual(expect.stringContaining('is never sent'))
  })

  test('and rightly: such an alert is held for longer than a year', () => {
    const config = configWith({ pager: { active: 'release' }, slack: { active: 'release' } })
    const alert = { ...firing.alert, metric: 'DataLoss' }
    const { channels, held } = hold(alert, decide(alert, config), config, NOW)
    expect([channels, held.map(({ until }) => until > '2027-11')]).toEqual([[], [true, true]])
  })

  test.each<[string, Parts]>([
    ['a window is yet to come', { critical: { active: 'freeze' } }],
    ['a window recurs', { critical: { active: 'office-hours', mute: 'mornings' } }],
    ['one of the channels is active', { pager: { active: 'release' } }],
    ['the expired window is a mute', { critical: { mute: 'release' }, pager: { mute: 'release' } }],
    ['the expired window is not used for critical alerts', { second: { active: 'release' } }],
    [
      'a rule adds a channel whose window expired',
      { second: { active: 'release' }, rules: byRule({ add: ['second'] }) },
    ],
    ['it is a warning', { second: { active: 'release' }, rules: byRule(['second'], { severity: 'warning' }) }],
  ])('but not where %s', (_, parts) => {
    expect(found(parts, 'critical-never-sent')).toEqual([])
  })
})

describe('critical alerts that wake nobody at times are a warning', () => {
  test.each<[string, Parts, string, string]>([
    [
      'the pager is muted at night',
      { pager: { mute: 'nights' } },
      'severities.critical.channels',
      'within nights: "pager" waits',
    ],
    [
      'the pager is for office hours',
      { pager: { active: 'office-hours' } },
      'severities.critical.channels',
      'outside office-hours: "pager"',
    ],
    [
      'the pager is muted at night, and the severity some day later',
      { critical: { mute: 'freeze' }, pager: { mute: 'nights' } },
      'severities.critical.channels',
      'within nights',
    ],
    ['the severity is', { critical: { mute: 'nights' } }, 'severities.critical.channels', 'within nights'],
    ['for some days, later', { pager: { mute: 'freeze' } }, 'severities.critical.channels', 'within freeze'],
    [
      'two pagers leave a gap',
      { critical: { channels: ['pager', 'second'] }, pager: { mute: 'nights' }, second: { active: 'mornings' } },
      'severities.critical.channels',
      'within nights: "pager" and "second" wait.',
    ],
    [
      'a rule has a pager of its own',
      { second: { mute: 'nights' }, rules: byRule(['second', 'slack']) },
      'rules.1.channels',
      'an alert that this rule makes critical wakes nobody within nights',
    ],
  ])('%s', (_, parts, path, message) => {
    const warnings = found(parts, 'critical-waits')
    expect(warnings.map((one) => one.path.join('.'))).toEqual([path])
    expect(`${warnings[0]?.message}.`).toContain(message)
  })

  test.each<[string, Parts]>([
    [
      'two pagers take turns',
      { critical: { channels: ['pager', 'second'] }, pager: { active: 'days' }, second: { mute: 'days' } },
    ],
    ['another pager is always there', { critical: { channels: ['pager', 'second'] }, pager: { active: 'days' } }],
    ['it is Slack that waits', { slack: { mute: 'nights' } }],
    ['that was once', { pager: { mute: 'release' } }],
  ])('but not where %s', (_, parts) => {
    expect(found(parts, 'critical-waits')).toEqual([])
  })
})
