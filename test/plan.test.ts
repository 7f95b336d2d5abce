import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { changesSomething, planOf } from '../shared/plan/plan.ts'

function configOf(rules: unknown[], more: object = {}): Config {
  return checkConfig({
    channels: {
      pager: { type: 'pagerduty', secret: 'pager' },
      slack: { type: 'slack', secret: 'slack' },
      email: { type: 'email', addresses: ['a@example.com'] },
    },
    severities: {
      critical: { channels: ['pager', 'slack'] },
      warning: { channels: ['slack'] },
      info: { channels: ['email'] },
    },
    default: { severity: 'warning' },
    rules,
    ...more,
  })
}

function alarm(name: string, changedAt: string, status: Alert['status'] = 'firing', more: Partial<Alert> = {}): Alert {
  return {
    fingerprint: name,
    kind: 'metric-alarm',
    status,
    name,
    title: name,
    changedAt,
    source: 'aws.cloudwatch',
    resource: name,
    dimensions: {},
    tags: {},
    children: [],
    details: {},
    links: {},
    ...more,
  }
}

const errors = { name: 'errors', when: { name: '*errors' }, severity: 'warning' }
const BEFORE = configOf([errors])
const FIRED = alarm('orders-errors', '2026-11-03T10:00:00.000Z')
const RESOLVED = alarm('orders-errors', '2026-11-03T11:00:00.000Z', 'resolved')

describe('what an edit changes', () => {
  const deployed = alarm('pipeline', '2026-11-03T10:00:00.000Z', 'resolved', {
    kind: 'deployment',
    once: true,
    details: { state: 'succeeded' },
  })
  const deployment = { name: 'deployment', when: { kind: 'deployment' }, severity: 'info' }
  test.each<[string, unknown, unknown, Alert, string | undefined]>([
    ['a severity that pages', errors, { ...errors, severity: 'critical' }, FIRED, 'starts paging'],
    ['a severity that no longer pages', { ...errors, severity: 'critical' }, errors, FIRED, 'stops paging'],
    ['a lower severity', errors, { ...errors, severity: 'info' }, FIRED, 'is less severe'],
    ['a higher one', { ...errors, severity: 'info' }, errors, FIRED, 'is more severe'],
    ['another channel', errors, { ...errors, channels: ['email'] }, FIRED, 'goes to other channels'],
    [
      'the same channels in another order',
      { ...errors, channels: ['email', 'slack'] },
      { ...errors, channels: ['slack', 'email'] },
      FIRED,
      undefined,
    ],
    ['another grouping', errors, { ...errors, groupBy: ['account'] }, FIRED, 'is told otherwise'],
    ['other words', errors, { ...errors, title: '{{name}} fails' }, FIRED, 'is told otherwise'],
    ['a name', errors, { ...errors, name: 'faults' }, FIRED, 'is decided by another rule'],
    ['a rule that does not match it', errors, { ...errors, when: { name: ['*errors', '*faults'] } }, FIRED, undefined],
    // PagerDuty shows a finished deployment beside incidents, and wakes nobody.
    [
      'PagerDuty for a finished deployment',
      deployment,
      { ...deployment, channels: { add: ['pager'] } },
      deployed,
      'goes to other channels',
    ],
  ])('%s', (_what, before, after, alert, effect) => {
    const plan = planOf([alert], configOf([before]), configOf([after]))
    expect(plan.differences.map((difference) => difference.effect)).toEqual(effect === undefined ? [] : [effect])
    expect(changesSomething(plan)).toBe(effect !== undefined)
  })

  test('a resolve follows its trigger, by either config', () => {
    const after = configOf([
      { ...errors, when: { name: '*errors', status: 'firing' }, severity: 'critical' },
      { name: 'over', when: { status: 'resolved' }, severity: 'info' },
    ])
    const { differences } = planOf([RESOLVED, FIRED], BEFORE, after)
    expect(differences.map(({ alert, before, after }) => [alert.status, before.channels, after.channels])).toEqual([
      ['firing', ['slack'], ['pager', 'slack']],
      ['resolved', ['slack'], ['pager', 'slack']],
    ])
    // Without its trigger the rule for resolves decides, as it would in the router.
    expect(planOf([RESOLVED], BEFORE, after).differences[0]?.after.rule).toBe('over')
  })

  test('what came twice counts once', () => {
    const plan = planOf([FIRED, RESOLVED, FIRED], BEFORE, configOf([{ ...errors, severity: 'critical' }]))
    expect(plan).toMatchObject({ alerts: 2, repeated: 1 })
    expect(plan.differences).toHaveLength(2)
  })

  test('a channel that is defined otherwise', () => {
    const { pager, ...others } = BEFORE.channels
    const channels = { ...others, slack: { type: 'slack', secret: 'another' }, sms: { type: 'slack', secret: 'sms' } }
    const severities = {
      critical: { channels: ['slack'] },
      warning: { channels: ['slack'] },
      info: { channels: ['email'] },
    }
    const plan = planOf([FIRED], BEFORE, configOf([errors], { channels, severities }))
    expect(plan.differences).toEqual([])
    expect(plan.channels).toEqual([
      { channel: 'pager', change: 'removed' },
      { channel: 'slack', change: 'changed' },
      { channel: 'sms', change: 'added' },
    ])
    expect(changesSomething(plan)).toBe(true)
  })

  test('other words of a channel, for each alert that it is told and that has none of its own', () => {
    const { pager, email, slack } = BEFORE.channels
    const channels = { pager, email, slack: { ...slack, title: '{{name}}!', groupBy: ['account'] } }
    const own = { name: 'own', when: { name: 'own' }, severity: 'warning', title: 'Own', channels: ['slack', 'email'] }
    const plan = planOf(
      [FIRED, alarm('own', FIRED.changedAt)],
      configOf([errors, own]),
      configOf([errors, { ...own, runbook: 'https://wiki.example.com/own' }], { channels }),
    )
    const groupBy = { what: 'groupBy', channels: ['slack'], before: '', after: 'account' }
    expect(plan.differences.map(({ effect, words }) => [effect, words])).toEqual([
      ['is told otherwise', [{ what: 'title', channels: ['slack'], before: '', after: '{{name}}!' }, groupBy]],
      [
        'is told otherwise',
        [groupBy, { what: 'runbook', channels: [], before: '', after: 'https://wiki.example.com/own' }],
      ],
    ])
  })

  test('how much each channel is told, by the day', () => {
    const next = alarm('orders-errors', '2026-11-04T00:00:00.000Z')
    const { noise, from, to } = planOf([FIRED, RESOLVED, next], BEFORE, configOf([{ ...errors, channels: ['email'] }]))
    expect({ from, to }).toEqual({ from: FIRED.changedAt, to: next.changedAt })
    expect(noise).toEqual([
      { channel: 'pager', before: {}, after: {} },
      { channel: 'slack', before: { '2026-11-03': 2, '2026-11-04': 1 }, after: {} },
      { channel: 'email', before: {}, after: { '2026-11-03': 2, '2026-11-04': 1 } },
    ])
  })
})

describe('times', () => {
  const CHANNELS = {
    pager: { type: 'pagerduty', secret: 'pager' },
    slack: { type: 'slack', secret: 'slack' },
    email: { type: 'email', addresses: ['a@example.com'] },
  }
  const quiet = { ...CHANNELS, slack: { ...CHANNELS.slack, mute: { from: '20:00', to: '08:00' } } }
  const AFTER = configOf([errors], { channels: quiet })
  const night = (time: string, status?: Alert['status']) => alarm('orders-errors', `2026-11-03T${time}:00.000Z`, status)

  test('what a channel is told later is told so, and counts when it is told', () => {
    const { differences, noise } = planOf([night('23:00'), night('12:00', 'resolved')], BEFORE, AFTER)
    expect(differences).toMatchObject([
      {
        effect: 'is told at another time',
        before: { channels: ['slack'], held: [] },
        after: { channels: [], held: [{ channel: 'slack', until: '2026-11-04T08:00:00.000Z' }] },
      },
    ])
    expect(noise[1]).toEqual({
      channel: 'slack',
      // What was over before it fired is told to nobody: nobody knew of anything.
      before: { '2026-11-03': 1 },
      after: { '2026-11-04': 1 },
    })
  })

  test('what is over before it could be told is told to nobody', () => {
    const { differences, noise } = planOf([night('22:00'), night('23:00', 'resolved')], BEFORE, AFTER)
    expect(differences.map(({ effect, after }) => [effect, after.channels])).toEqual([
      ['is told at another time', []],
      ['goes to other channels', []],
    ])
    expect(noise[1]).toEqual({ channel: 'slack', before: { '2026-11-03': 2 }, after: {} })
  })

  test('what is over after it was told is over for those who were told', () => {
    const next = alarm('orders-errors', '2026-11-04T10:00:00.000Z', 'resolved')
    const { differences, noise } = planOf([night('23:00'), next], BEFORE, AFTER)
    expect(differences.map(({ alert }) => alert.status)).toEqual(['firing'])
    expect(noise[1]?.after).toEqual({ '2026-11-04': 2 })
  })

  test('a maintenance that covers it holds it', () => {
    const maintenance = [{ name: 'upgrade', window: { from: '2026-11-03T22:00', for: '4h' } }]
    const { differences } = planOf([night('23:00')], BEFORE, configOf([errors], { maintenance }))
    expect(differences[0]).toMatchObject({
      effect: 'is told at another time',
      after: { held: [{ why: 'within upgrade' }] },
    })
  })

  test('its notices are noise, too', () => {
    const maintenance = [{ name: 'nightly', window: { from: '01:00', for: '1h' }, covers: { name: 'other' } }]
    const days = ['2026-11-03', '2026-11-05'].map((day) => alarm(`on ${day}`, `${day}T10:00:00.000Z`))
    const { differences, noise, alerts } = planOf(days, BEFORE, configOf([errors], { maintenance }))
    expect({ alerts, differences }).toEqual({ alerts: 2, differences: [] })
    expect(noise[2]).toEqual({ channel: 'email', before: {}, after: { '2026-11-04': 2, '2026-11-05': 2 } })
  })

  test('a rule that holds at other times only leaves it to the next', () => {
    const rules = [{ ...errors, severity: 'critical', active: { from: '09:00', to: '17:00' } }]
    const plan = planOf([night('10:00'), night('11:00', 'resolved'), night('23:00')], BEFORE, configOf(rules))
    expect(
      plan.differences.map(({ alert, effect, after }) => [alert.changedAt.slice(11, 16), effect, after.rule]),
    ).toEqual([
      ['10:00', 'starts paging', 'errors'],
      ['11:00', 'starts paging', 'errors'],
      ['23:00', 'is decided by another rule', 'default'],
    ])
  })

  test('what would wait for ever does not', () => {
    const never = { ...CHANNELS, slack: { ...CHANNELS.slack, active: { from: '2020-01-01T10:00', for: '1h' } } }
    const plan = planOf([FIRED], BEFORE, { ...BEFORE, channels: never } as Config)
    expect(plan.noise[1]?.after).toEqual({})
  })
})

describe('of any alerts', () => {
  const anyAlert = fc
    .record({
      name: fc.constantFrom('orders-errors', 'orders-latency', 'checkout-errors'),
      minute: fc.integer({ min: 0, max: 3 }),
      status: fc.constantFrom('firing', 'resolved', 'insufficient-data'),
    })
    .map(({ name, minute, status }) => alarm(name, `2026-11-03T10:0${minute}:00.000Z`, status))
  const alerts = fc.array(anyAlert, { maxLength: 12 })
  const AFTER = configOf([{ ...errors, severity: 'critical', active: { from: '10:01', to: '10:03' } }], {
    maintenance: [{ name: 'upgrade', window: { from: '10:02', to: '10:04' }, covers: { name: 'orders-*' } }],
  })

  test('nothing changes when the rules do not', () => {
    fc.assert(
      fc.property(alerts, (some) => {
        expect(changesSomething(planOf(some, AFTER, structuredClone(AFTER)))).toBe(false)
      }),
    )
  })

  test('all are decided or left out, and what comes back changes as much', () => {
    fc.assert(
      fc.property(alerts, (some) => {
        const there = planOf(some, BEFORE, AFTER)
        const back = planOf(some, AFTER, BEFORE)
        expect(there.alerts + there.repeated).toBe(some.length)
        expect(back.differences.map(({ alert, before, after }) => [alert, after, before])).toEqual(
          there.differences.map(({ alert, before, after }) => [alert, before, after]),
        )
        expect(back.noise.map(({ channel, before, after }) => [channel, after, before])).toEqual(
          there.noise.map(({ channel, before, after }) => [channel, before, after]),
        )
      }),
    )
  })
})
