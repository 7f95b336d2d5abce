import { describe, expect, test } from 'vitest'
import type { AlertStatus } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { hold } from '../shared/decide/hold.ts'
import { changeOf } from './life.ts'

/** When the channels of a decision are notified: now or later. */
const CONFIG = checkConfig({
  channels: {
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights' },
    daily: { type: 'slack', secret: 'daily', active: 'office-hours' },
  },
  windows: { nights: { from: '22:00', to: '06:00' }, 'office-hours': { from: '09:00', to: '17:00' } },
  severities: {
    critical: { channels: ['chat'] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'], mute: { from: '12:00', to: '13:00' } },
  },
  maintenance: [
    { name: 'upgrade', window: { from: '2026-11-03T15:00', for: '2h' }, covers: { name: 'orders-*' } },
    { name: 'move', window: { from: '2026-11-04T00:00', for: '2h' } },
  ],
  rules: [],
  default: { severity: 'critical' },
})
/** What is compiled is kept with its config: each test has its own. */
const configOf = () => structuredClone(CONFIG)
const decision = { severity: 'critical' as const, rule: 'x', channels: ['chat', 'quiet', 'daily'], because: ['x'] }
const utc = (time: string) => new Date(`2026-11-${time}Z`)
type Held = [channel: string, until: string, why: string]

describe('a channel is notified', () => {
  const all = (until: string, why: string): Held[] => decision.channels.map((channel) => [channel, until, why])
  const OFF: Held = ['daily', '04T09:00', 'outside office-hours']
  test.each<[string, string, object, Held[]]>([
    ['at once', '03T10:00', {}, []],
    ['when it is active', '03T18:00', {}, [OFF]],
    ['when it is not muted', '03T23:00', { name: 'x' }, [['quiet', '04T06:00', 'within nights'], OFF]],
    [
      'when no maintenance covers the alert',
      '03T15:30',
      { name: 'orders-db' },
      [...all('03T17:00', 'within upgrade').slice(0, 2), ['daily', '04T09:00', 'within upgrade']],
    ],
    ['though a maintenance covers others', '03T15:30', { name: 'x' }, []],
    [
      'when no maintenance covers all',
      '04T01:00',
      { name: 'x' },
      [
        ['chat', '04T02:00', 'within move'],
        ['quiet', '04T06:00', 'within move'],
        ['daily', '04T09:00', 'within move'],
      ],
    ],
    [
      'though there is one, of a maintenance',
      '04T01:00',
      { fingerprint: 'event:alert-router.maintenance:move' },
      [['quiet', '04T06:00', 'within nights'], OFF],
    ],
  ])('%s', (_, at, alert, held) => {
    const expected = held.map(([channel, until, why]) => ({ channel, until: utc(until).toISOString(), why }))
    expect(hold({ ...changeOf('firing', 0), ...alert }, decision, configOf(), utc(at))).toEqual({
      ...decision,
      channels: decision.channels.filter((name) => !held.some(([channel]) => channel === name)),
      held: expected,
      because: ['x', ...held.map(([channel, until, why]) => `${why}: ${channel} is notified at 2026-11-${until}Z`)],
    })
  })

  test('when its severity is not muted', () => {
    const info = { ...decision, severity: 'info' as const }
    const { held } = hold(changeOf('firing', 0), info, configOf(), utc('03T12:30'))
    expect(held.map(({ until }) => until)).toEqual(decision.channels.map(() => utc('03T13:00').toISOString()))
  })

  test.each<[AlertStatus, number]>([
    ['firing', 2],
    ['insufficient-data', 2],
    ['resolved', 0],
  ])('%s: of a resolve at once', (status, held) => {
    expect(hold(changeOf(status, 0), decision, configOf(), utc('03T23:00')).held).toHaveLength(held)
  })
})
