import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { checkConfig } from '../shared/config/check.ts'
import { recipientsOf } from '../shared/decide/decision.ts'
import { changesSomething, planOf, spanOf } from '../shared/plan/plan.ts'
import type { Acknowledgement } from '../shared/plan/side.ts'

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
    ['another grouping', errors, { ...errors, groupBy: ['account'] }, FIRED, 'is sent differently'],
    ['other words', errors, { ...errors, title: '{{name}} fails' }, FIRED, 'is sent differently'],
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

  test('a duplicate counts once', () => {
    const plan = planOf([FIRED, RESOLVED, FIRED], BEFORE, configOf([{ ...errors, severity: 'critical' }]))
    expect(plan).toMatchObject({ alerts: 2, repeated: 1 })
    expect(plan.differences).toHaveLength(2)
  })

  test('a channel whose definition changes', () => {
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

  test('a new template of a channel, for each alert that it is sent without a rule’s own', () => {
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
      ['is sent differently', [{ what: 'title', channels: ['slack'], before: '', after: '{{name}}!' }, groupBy]],
      [
        'is sent differently',
        [groupBy, { what: 'runbook', channels: [], before: '', after: 'https://wiki.example.com/own' }],
      ],
    ])
  })

  test('how much each channel is sent, by day', () => {
    const next = alarm('orders-errors', '2026-11-04T00:00:00.000Z')
    const { volume, from, to } = planOf([FIRED, RESOLVED, next], BEFORE, configOf([{ ...errors, channels: ['email'] }]))
    expect({ from, to }).toEqual({ from: FIRED.changedAt, to: next.changedAt })
    expect(volume).toEqual([
      { channel: 'pager', before: {}, after: {} },
      { channel: 'slack', before: { '2026-11-03': 2, '2026-11-04': 1 }, after: {} },
      { channel: 'email', before: {}, after: { '2026-11-03': 2, '2026-11-04': 1 } },
    ])
  })
})

describe('a channel gets another name', () => {
  const SLACK = { type: 'slack', secret: 'slack' }
  const { pager, email } = BEFORE.channels
  /** All that went to slack goes to these. */
  const renamed = (channels: object, names = Object.keys(channels)) =>
    configOf([errors, { name: 'other', when: { name: 'other' }, severity: 'critical', channels: { add: names } }], {
      channels: { pager, email, ...channels },
      severities: {
        critical: { channels: ['pager', ...names] },
        warning: { channels: names },
        info: { channels: ['email'] },
      },
    })
  const NAMED = renamed({ slack: SLACK })
  const SAID = { channel: 'chat', change: 'renamed', formerly: 'slack' }

  test.each<[string, Config, Config, object[]]>([
    ['and says so', NAMED, renamed({ chat: { ...SLACK, formerly: ['slack'] } }), [SAID]],
    ['one of many', NAMED, renamed({ chat: { ...SLACK, formerly: ['talk', 'slack'] } }), [SAID]],
    [
      'and another secret',
      NAMED,
      renamed({ chat: { ...SLACK, secret: 'chat', formerly: ['slack'] } }),
      [SAID, { channel: 'chat', change: 'changed' }],
    ],
    [
      'and is the fallback of another',
      renamed({ a: { ...SLACK, fallback: 'slack' }, slack: SLACK }),
      renamed({ a: { ...SLACK, fallback: 'chat' }, chat: { ...SLACK, formerly: ['slack'] } }),
      [SAID],
    ],
    [
      'that another channel had',
      renamed({ a: SLACK, b: SLACK }),
      renamed({ b: SLACK, c: { ...SLACK, formerly: ['a'] } }),
      [{ channel: 'c', change: 'renamed', formerly: 'a' }],
    ],
    [
      'as another has: both are one',
      renamed({ a: SLACK, b: SLACK }),
      renamed({ b: { ...SLACK, formerly: ['a'] } }),
      [{ channel: 'b', change: 'renamed', formerly: 'a' }],
    ],
  ])('%s: alerts go nowhere else', (_, before, after, channels) => {
    const plan = planOf([FIRED, RESOLVED, alarm('other', RESOLVED.changedAt)], before, after)
    expect(plan.differences).toEqual([])
    expect(plan.channels).toEqual(channels)
    expect(plan.volume.map(({ channel }) => channel)).not.toContain(channels.length > 0 ? 'slack' : '')
  })

  test('and a severity that pages: only that is reported, by the new name', () => {
    const after = renamed({ chat: { ...SLACK, formerly: ['slack'] } })
    const critical = { ...after, rules: after.rules.map((rule) => ({ ...rule, severity: 'critical' as const })) }
    const { differences, volume } = planOf([FIRED], NAMED, critical)
    expect(differences.map(({ effect, before }) => [effect, before.channels])).toEqual([['starts paging', ['chat']]])
    expect(volume.find(({ channel }) => channel === 'chat')).toEqual({
      channel: 'chat',
      before: { '2026-11-03': 1 },
      after: { '2026-11-03': 1 },
    })
  })

  test.each<[string, object, object, string | undefined]>([
    ['the same secret', { old: SLACK }, { chat: SLACK }, 'old'],
    ['the same secret, other words', { old: SLACK }, { chat: { ...SLACK, title: '{{name}}' } }, 'old'],
    [
      'the same addresses, in another order',
      { old: { type: 'email', addresses: ['a@x.com', 'b@x.com'] } },
      { chat: { type: 'email', addresses: ['b@x.com', 'a@x.com'] } },
      'old',
    ],
    ['another secret', { old: SLACK }, { chat: { ...SLACK, secret: 'other' } }, undefined],
    ['another type', { old: SLACK }, { chat: { type: 'pagerduty', secret: 'slack' } }, undefined],
    ['the same as one that stays', { old: { ...SLACK, secret: 'x' }, b: SLACK }, { b: SLACK, chat: SLACK }, undefined],
  ])('and nothing says so: %s', (_, before, after, maybeFormerly) => {
    expect(planOf([], renamed(before), renamed(after)).channels).toEqual(
      expect.arrayContaining([
        { channel: 'old', change: 'removed' },
        { channel: 'chat', change: 'added', ...(maybeFormerly && { maybeFormerly }) },
      ]),
    )
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

  test('a held alert is reported as such, and counts when it is sent', () => {
    const { differences, volume } = planOf([night('23:00'), night('12:00', 'resolved')], BEFORE, AFTER)
    expect(differences).toMatchObject([
      {
        effect: 'is sent at another time',
        before: { channels: ['slack'], held: [] },
        after: { channels: [], held: [{ channel: 'slack', until: '2026-11-04T08:00:00.000Z' }] },
      },
    ])
    expect(volume[1]).toEqual({
      channel: 'slack',
      // A resolve without a known firing is sent to nobody.
      before: { '2026-11-03': 1 },
      after: { '2026-11-04': 1 },
    })
  })

  test('what another alert explains is sent at its end, or not at all', () => {
    const at = (time: string) => `2026-11-03T${time}:00.000Z`
    const alerts = [
      alarm('orders-down', at('10:00')),
      alarm('orders-errors', at('10:01')),
      alarm('other-errors', at('10:02')),
      alarm('other-errors', at('10:20'), 'resolved'),
      alarm('orders-down', at('10:30'), 'resolved'),
      alarm('last-down', at('10:40')),
      alarm('last-errors', at('10:41')),
    ]
    const inhibit = [{ name: 'down', when: { name: '*-down' }, mutes: { name: '*-errors' } }]
    const { differences } = planOf(alerts, BEFORE, configOf([errors], { inhibit }))
    expect(
      differences.map(({ alert, effect, after }) => [alert.name, alert.status, effect, after.held[0]?.until]),
    ).toEqual([
      ['orders-errors', 'firing', 'is sent at another time', at('10:30')],
      ['other-errors', 'firing', 'stops being sent', undefined],
      ['other-errors', 'resolved', 'stops being sent', undefined],
      ['last-errors', 'firing', 'stops being sent', undefined],
    ])
  })

  test('what is sent only once several fire', () => {
    const at = (time: string) => `2026-11-03T${time}:00.000Z`
    const alerts = [alarm('a-errors', at('10:00')), alarm('b-errors', at('10:04')), alarm('c-errors', at('11:00'))]
    const count = { atLeast: 2, within: '10m', by: ['kind'] }
    const { differences } = planOf(alerts, BEFORE, configOf([{ ...errors, count }]))
    expect(differences.map(({ alert, effect, after }) => [alert.name, effect, after.held[0]?.until])).toEqual([
      ['a-errors', 'is sent at another time', at('10:04')],
      ['c-errors', 'stops being sent', undefined],
    ])
  })

  test('an alert that resolves while held is never sent', () => {
    const { differences, volume } = planOf([night('22:00'), night('23:00', 'resolved')], BEFORE, AFTER)
    expect(differences.map(({ effect, after }) => [effect, after.channels, after.held])).toEqual([
      ['stops being sent', [], []],
      ['stops being sent', [], []],
    ])
    expect(differences[0]?.after.unsent).toMatchObject([{ channel: 'slack', why: expect.stringContaining('within') }])
    expect(volume[1]).toEqual({ channel: 'slack', before: { '2026-11-03': 2 }, after: {} })
  })

  test('a resolve is sent to the channels that were sent the firing', () => {
    const next = alarm('orders-errors', '2026-11-04T10:00:00.000Z', 'resolved')
    const { differences, volume } = planOf([night('23:00'), next], BEFORE, AFTER)
    expect(differences.map(({ alert }) => alert.status)).toEqual(['firing'])
    expect(volume[1]?.after).toEqual({ '2026-11-04': 2 })
  })

  describe('a page that is never sent does not count as sent at another time', () => {
    const critical = { ...errors, severity: 'critical' }
    const upgrade = [{ name: 'upgrade', window: { from: '2026-11-03T02:00', for: '6h' } }]
    const firesAt = (time: string) => night(time)
    const endsAt = (time: string) => night(time, 'resolved')
    const worse = (time: string) => ({ ...night(time), title: 'orders-errors, worse' })
    const muted = { ...CHANNELS, pager: { ...CHANNELS.pager, mute: { from: '02:00', to: '08:00' } } }
    const office = { channels: ['pager', 'slack'], active: { from: '08:00', to: '18:00' } }
    const severities = { critical: office, warning: { channels: ['slack'] }, info: { channels: ['email'] } }

    test.each<[string, object, Alert[], string[]]>([
      [
        'by a maintenance over both',
        { maintenance: upgrade },
        [firesAt('03:10'), endsAt('04:10')],
        ['stops paging', 'stops paging'],
      ],
      [
        'by a mute of its channel',
        { channels: muted },
        [firesAt('03:10'), endsAt('04:10')],
        ['stops paging', 'stops paging'],
      ],
      ['by its severity', { severities }, [firesAt('03:10'), endsAt('04:10')], ['stops paging', 'stops paging']],
      [
        'in a window that never opens',
        { channels: { ...CHANNELS, pager: { ...CHANNELS.pager, active: { from: '2020-01-01T10:00', for: '1h' } } } },
        [firesAt('03:10')],
        ['stops paging'],
      ],
      [
        'of each time that it fires',
        { maintenance: upgrade },
        [firesAt('03:10'), endsAt('04:10'), firesAt('05:10'), endsAt('06:10')],
        ['stops paging', 'stops paging', 'stops paging', 'stops paging'],
      ],
      [
        'and one that still fires when its time comes is sent then',
        { maintenance: upgrade },
        [firesAt('03:10'), endsAt('04:10'), firesAt('05:10'), endsAt('09:10')],
        ['stops paging', 'stops paging', 'is sent at another time'],
      ],
      [
        'and one that a newer change of it speaks for is sent with that',
        { maintenance: upgrade },
        [firesAt('03:10'), worse('04:10')],
        ['is sent at another time', 'is sent at another time'],
      ],
    ])('%s', (_how, more, alerts, effects) => {
      const before = configOf([critical])
      const after = { ...configOf([critical], more), ...more } as Config
      const plan = planOf(alerts, before, after)
      expect(plan.differences.map(({ effect }) => effect)).toEqual(effects)
      // And the other way round.
      const opposite = (effect: string) => effect.replace('stops', 'starts')
      expect(planOf(alerts, after, before).differences.map(({ effect }) => effect)).toEqual(effects.map(opposite))
    })
  })

  describe.each(['slack', 'email'])('what %s never gets is not sent at another time', (channel) => {
    const rule = { ...errors, severity: channel === 'slack' ? 'warning' : 'info' }
    const { [channel as 'slack']: own } = CHANNELS
    const severity = { channels: [channel], active: { from: '08:00', to: '18:00' } }

    test.each<[string, object]>([
      ['by a maintenance', { maintenance: [{ name: 'upgrade', window: { from: '2026-11-03T02:00', for: '6h' } }] }],
      ['by its mute', { channels: { ...CHANNELS, [channel]: { ...own, mute: { from: '02:00', to: '08:00' } } } }],
      [
        'by when it is active',
        { channels: { ...CHANNELS, [channel]: { ...own, active: { from: '08:00', for: '8h' } } } },
      ],
      ['by its severity', { severities: { ...BEFORE.severities, [rule.severity]: severity } }],
    ])('%s', (_how, more) => {
      const short = [night('03:10'), night('04:10', 'resolved')]
      const { differences, volume } = planOf(short, configOf([rule]), configOf([rule], more))
      expect(differences.map(({ effect }) => effect)).toEqual(['stops being sent', 'stops being sent'])
      expect(volume.find((one) => one.channel === channel)).toMatchObject({ before: { '2026-11-03': 2 } })
      const long = [night('03:10'), night('09:10', 'resolved')]
      expect(planOf(long, configOf([rule]), configOf([rule], more)).differences.map(({ effect }) => effect)).toEqual([
        'is sent at another time',
      ])
    })

    test('beside others that get it', () => {
      const both = { ...rule, channels: [channel, 'pager'] }
      const muted = { channels: { ...CHANNELS, [channel]: { ...own, mute: { from: '02:00', to: '08:00' } } } }
      const { differences } = planOf(
        [night('03:10'), night('04:10', 'resolved')],
        configOf([both]),
        configOf([both], muted),
      )
      expect(differences.map(({ effect, after }) => [effect, after.channels])).toEqual([
        ['goes to other channels', ['pager']],
        ['goes to other channels', ['pager']],
      ])
      expect(differences[0]?.after.unsent).toMatchObject([{ channel }])
    })
  })

  test('everything that is sent when a window opens counts', () => {
    const page = (n: number) => ({ ...night('23:00'), kind: 'health' as const, title: `page ${n} of 3` })
    const { volume } = planOf([page(1), page(2), page(3)], BEFORE, AFTER)
    expect(volume[1]).toEqual({ channel: 'slack', before: { '2026-11-03': 3 }, after: { '2026-11-04': 3 } })
    // That it fires, and that it has lost its data since, are two.
    const { volume: lost } = planOf([night('21:00'), night('22:00', 'insufficient-data')], BEFORE, AFTER)
    expect(lost[1]).toEqual({ channel: 'slack', before: { '2026-11-03': 2 }, after: { '2026-11-04': 2 } })
  })

  test('a maintenance that matches holds it', () => {
    const maintenance = [{ name: 'upgrade', window: { from: '2026-11-03T22:00', for: '4h' } }]
    const { differences } = planOf([night('23:00')], BEFORE, configOf([errors], { maintenance }))
    expect(differences[0]).toMatchObject({
      effect: 'is sent at another time',
      after: { held: [{ why: 'within upgrade' }] },
    })
  })

  test('its notices count too', () => {
    const maintenance = [{ name: 'nightly', window: { from: '01:00', for: '1h' }, covers: { name: 'other' } }]
    const days = ['2026-11-03', '2026-11-05'].map((day) => alarm(`on ${day}`, `${day}T10:00:00.000Z`))
    const plan = planOf(days, BEFORE, configOf([errors], { maintenance }))
    const { differences, volume, alerts } = plan
    expect({ alerts, differences }).toEqual({ alerts: 2, differences: [] })
    expect(changesSomething(plan)).toBe(true)
    expect(volume[2]).toEqual({ channel: 'email', before: {}, after: { '2026-11-04': 2, '2026-11-05': 2 } })
  })

  test('an inactive rule leaves it to the next', () => {
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

  test('an alert that would wait for ever is not counted', () => {
    const never = { ...CHANNELS, slack: { ...CHANNELS.slack, active: { from: '2020-01-01T10:00', for: '1h' } } }
    const plan = planOf([FIRED], BEFORE, { ...BEFORE, channels: never } as Config)
    expect(plan.volume[1]?.after).toEqual({})
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

  test('every channel of an alert is sent something', () => {
    fc.assert(
      fc.property(alerts, (some) => {
        const { differences, volume } = planOf(some, BEFORE, AFTER)
        for (const side of ['before', 'after'] as const) {
          const reached = new Set(differences.flatMap((one) => recipientsOf(one[side])))
          const silent = volume.filter((one) => Object.keys(one[side]).length === 0).map(({ channel }) => channel)
          expect(silent.filter((channel) => reached.has(channel))).toEqual([])
        }
      }),
    )
  })

  test('all are decided or left out, and the reverse edit has as many differences', () => {
    fc.assert(
      fc.property(alerts, (some) => {
        const there = planOf(some, BEFORE, AFTER)
        const back = planOf(some, AFTER, BEFORE)
        expect(there.alerts + there.repeated).toBe(some.length)
        expect(back.differences.map(({ alert, before, after }) => [alert, after, before])).toEqual(
          there.differences.map(({ alert, before, after }) => [alert, before, after]),
        )
        expect(back.volume.map(({ channel, before, after }) => [channel, after, before])).toEqual(
          there.volume.map(({ channel, before, after }) => [channel, before, after]),
        )
      }),
    )
  })
})

describe('what happens while an alert fires', () => {
  const watched = { ...errors, remind: '1h', escalate: [{ after: '90m', to: ['email'] }] }
  const sentBy = (alerts: Alert[], said: Acknowledgement[] = [], rule: object = watched) => {
    const { volume } = planOf(alerts, BEFORE, configOf([rule]), spanOf(alerts), said)
    return Object.fromEntries(volume.map(({ channel, after }) => [channel, after]))
  }

  test('counts as messages as long as it is recorded that it fires', () => {
    const ended = alarm('orders-errors', '2026-11-03T13:10:00.000Z', 'resolved')
    // Firing, three reminders, and the end; the escalation, a reminder an hour after it, and the end.
    expect(sentBy([FIRED, ended])).toMatchObject({ slack: { '2026-11-03': 5 }, email: { '2026-11-03': 3 } })
  })

  test('does not after the last that is recorded: nobody knows how long it goes on', () => {
    expect(sentBy([FIRED])).toMatchObject({ slack: { '2026-11-03': 1 }, email: {} })
  })

  describe('and somebody has acknowledged it', () => {
    const ended = alarm('orders-errors', '2026-11-03T13:10:00.000Z', 'resolved')
    const at = (time: string, isOver = false) => ({ alert: 'orders-errors', at: `2026-11-03T${time}:00.000Z`, isOver })

    test.each<[string, Acknowledgement[], number, number | undefined]>([
      ['no reminder and no escalation follows: the firing and the end', [at('10:30')], 2, undefined],
      ['what came before counts: a reminder', [at('11:10')], 3, undefined],
      ['said to several channels, it is one', [at('10:30'), at('10:31')], 2, undefined],
      ['of another alert: nothing changes', [{ ...at('10:30'), alert: 'others' }], 5, 3],
      // The reminder at 12:30; the escalation at 13:00.
      ['taken back: it counts as new from then on', [at('10:30'), at('11:30', true)], 3, 2],
      ['after its end: nothing changes', [at('13:30')], 5, 3],
    ])('%s', (_, said, slack, email) => {
      const later = alarm('other', '2026-11-03T14:00:00.000Z')
      const sent = sentBy([FIRED, ended, { ...later, name: 'other' }], said)
      const other = 1
      expect([sent.slack, sent.email]).toEqual([
        { '2026-11-03': slack + other },
        email === undefined ? {} : { '2026-11-03': email },
      ])
    })

    test('before the rules had sent it: they do so once it is sent', () => {
      const held = { ...watched, hold: '20m' }
      expect(sentBy([FIRED, ended], [at('10:05')], held)).toMatchObject({ slack: { '2026-11-03': 2 }, email: {} })
    })

    test('the next time it fires, nobody has', () => {
      const again = alarm('orders-errors', '2026-11-03T14:00:00.000Z')
      const over = alarm('orders-errors', '2026-11-03T15:10:00.000Z', 'resolved')
      // Two, and the next firing with a reminder and its end.
      expect(sentBy([FIRED, ended, again, over], [at('10:30')])).toMatchObject({ slack: { '2026-11-03': 5 } })
    })
  })

  test('one that is held at the end is sent once its time has passed', () => {
    const { volume } = planOf([FIRED], BEFORE, configOf([{ ...watched, hold: '5m' }]))
    expect(volume.find(({ channel }) => channel === 'slack')?.after).toEqual({ '2026-11-03': 1 })
  })
})
