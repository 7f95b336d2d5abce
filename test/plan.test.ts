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

describe('of any alerts', () => {
  const anyAlert = fc
    .record({
      name: fc.constantFrom('orders-errors', 'orders-latency', 'checkout-errors'),
      minute: fc.integer({ min: 0, max: 3 }),
      status: fc.constantFrom('firing', 'resolved', 'insufficient-data'),
    })
    .map(({ name, minute, status }) => alarm(name, `2026-11-03T10:0${minute}:00.000Z`, status))
  const alerts = fc.array(anyAlert, { maxLength: 12 })
  const AFTER = configOf([{ ...errors, severity: 'critical' }])

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
