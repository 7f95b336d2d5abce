import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { parse } from '../shared/parse/parse.ts'
import { config } from './life.ts'
import { ANNOTATIONS, LABELS, publish } from './prometheus.ts'

const entry = (status: string, more: object = {}) => ({
  status,
  labels: LABELS,
  annotations: ANNOTATIONS,
  startsAt: '2026-10-05T07:01:00.111Z',
  endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-10-05T07:11:00Z',
  generatorURL: 'https://prom.example.com/graph?g0.expr=up',
  fingerprint: 'a1b2c3d4e5f60718',
  ...more,
})

const group = (alerts: object[], more: object = {}) => ({
  version: '4',
  groupKey: '{}:{alertname="QueueStuck"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'sns',
  groupLabels: { alertname: 'QueueStuck' },
  commonLabels: { alertname: 'QueueStuck' },
  commonAnnotations: {},
  externalURL: 'https://alertmanager.example.com',
  alerts,
  ...more,
})

describe('Alertmanager’s webhook', () => {
  test('gives an alert for each entry, each with its own state, severity and identity', () => {
    const other = { ...LABELS, pod: 'cart-1', severity: 'warning' }
    const alerts = publish(
      group([entry('firing'), entry('resolved', { labels: other, fingerprint: 'b1b2c3d4e5f60718' })]),
    )
    expect(alerts).toMatchObject([
      {
        kind: 'prometheus-alarm',
        fingerprint: 'prometheus:111122223333:QueueStuck:a1b2c3d4e5f60718#alertmanager.example.com',
        status: 'firing',
        title: 'QueueStuck',
        changedAt: '2026-10-05T07:01:00.111Z',
        source: 'prometheus',
        resource: 'shop/cart-0 in live',
        reason: 'The queue of carts is stuck',
        description: 'Nothing has left it for 10 minutes.',
        declaredSeverity: 'critical',
        tags: LABELS,
        details: { impact: 'no checkout', receiver: 'sns' },
        links: { runbook: 'https://runbooks.example.com/queue', console: 'https://prom.example.com/graph?g0.expr=up' },
      },
      {
        status: 'resolved',
        changedAt: '2026-10-05T07:11:00.000Z',
        declaredSeverity: 'warning',
        resource: 'shop/cart-1 in live',
      },
    ])
  })

  test('repeated, or from the other replica, is the same change; its resolve closes the same alert', () => {
    const [first, again, over] = [
      ...publish(group([entry('firing')])),
      ...publish(group([entry('firing', { generatorURL: 'https://other.example.com/graph' })])),
      ...publish(group([entry('resolved')], { status: 'resolved' })),
    ]
    const now = new Date('2026-10-05T08:00:00Z')
    const fires = nextByChange(undefined, { alert: first as Alert, change: 'a' }, config, now)
    expect(fires.outcome).toBe('sent')
    expect(nextByChange(fires.state, { alert: again as Alert, change: 'b' }, config, now).outcome).toBe('duplicate')
    expect(nextByChange(fires.state, { alert: over as Alert, change: 'c' }, config, now).state.firing).toBeUndefined()
  })

  test('says how many alerts were left out', () => {
    const [alert] = publish(group([entry('firing')], { truncatedAlerts: 7 }))
    expect(alert?.details.truncated).toBe('7 more alerts of this group are not in the message')
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'KubePodCrashLooping'],
    ['a list', []],
    ['nothing in it', {}],
    ['labels that are a text', { ...entry('firing'), labels: 'QueueStuck' }],
  ])('with %s among its alerts keeps the others, and says so', (_, odd) => {
    expect(publish(group([entry('firing'), odd as object, entry('resolved')]))).toMatchObject(
      ['firing', 'resolved'].map((status) => ({
        ...{ title: 'QueueStuck', status, declaredSeverity: 'critical' },
        notes: ['1 more in this group cannot be read: each alert needs "labels"'],
      })),
    )
  })

  test.each<[string, unknown, object, string]>([
    ['no state', undefined, {}, 'firing'],
    ['no state, in a resolved group', undefined, { status: 'resolved' }, 'resolved'],
    ['an invalid state', 'pending', {}, 'firing'],
    ['a state that is no text', {}, { status: 'resolved' }, 'resolved'],
    ['no state, in a group without one', undefined, { status: undefined }, 'firing'],
  ])('with an alert of %s is read anyway', (_, status, more, expected) => {
    const odd = entry('firing', { status, endsAt: undefined, fingerprint: 'b1' })
    expect(publish(group([entry('resolved'), odd], more)).map((alert) => alert.status)).toEqual(['resolved', expected])
  })

  test.each([
    ['no alert', []],
    ['nothing that is one', [null, 'x', {}]],
  ])('with %s is a message', (_, alerts) => {
    expect(publish(group(alerts as object[]))).toMatchObject([{ kind: 'message' }])
  })

  test.each<[string, object, Partial<Alert>]>([
    ['without a summary', { annotations: {} }, { reason: undefined, title: 'QueueStuck' }],
    ['without a name', { labels: { job: 'node' } }, { title: 'The queue of carts is stuck', resource: 'node' }],
    ['of a host', { labels: { alertname: 'X', instance: 'db-1:9100' } }, { resource: 'db-1:9100' }],
    ['of nothing in particular', { labels: { alertname: 'Watchdog' } }, { resource: 'Watchdog' }],
    ['with a priority', { labels: { alertname: 'X', priority: 'P1' } }, { declaredSeverity: 'p1' }],
    ['with an invalid link', { generatorURL: '/graph' }, { links: { runbook: 'https://runbooks.example.com/queue' } }],
    [
      'with labels that are no texts',
      { labels: { alertname: 'X', n: 1, o: {} } },
      { tags: { alertname: 'X', n: '1' } },
    ],
  ])('is read %s', (_, more, expected) => {
    expect(publish(group([entry('firing', more)]))).toMatchObject([expected])
  })
})

test.each<[string, object]>([
  ['of Alertmanager', {}],
  ['of Grafana, with a title', { orgId: 1, title: '[FIRING:1] QueueStuck', state: 'alerting', message: 'x' }],
])('a webhook %s on a bus is read as from SNS', (_, more) => {
  const bridged = (detail: object | string) =>
    parse({ 'detail-type': 'alert', source: 'com.example', account: '111122223333', region: 'eu-west-1', detail })
  for (const status of ['firing', 'resolved']) {
    const message = group([entry(status)], { ...more, status })
    const [bySns] = publish(message)
    expect(bySns).toMatchObject({ status, declaredSeverity: 'critical' })
    for (const detail of [message, JSON.stringify(message)]) {
      expect(bridged(detail)).toMatchObject([{ fingerprint: bySns?.fingerprint, status, declaredSeverity: 'critical' }])
    }
  }
})

test('a rule and a state from another sender are a message', () => {
  const message = { ruleName: 'backup', state: 'paused', severity: 'critical', message: 'The backup is lost' }
  expect(publish(message)).toMatchObject([{ kind: 'message', status: 'firing', declaredSeverity: 'critical' }])
})

test.each<[string, object]>([
  ['a source', { title: 'Nightly check', source: 'nightly', status: 'firing' }],
  ['a severity', { title: 'Nightly check', severity: 'critical', status: 'resolved' }],
])('our own event with %s and a list of alerts is our own event', (_, event) => {
  const alerts = [{ labels: { area: 'billing' } }, { labels: { area: 'mail' }, status: 'firing' }]
  expect(publish({ ...event, alerts })).toMatchObject([{ kind: 'event', title: 'Nightly check' }])
  expect(publish({ ...event, ruleName: 'x', state: 'ok' })).toMatchObject([{ kind: 'event', title: 'Nightly check' }])
})

describe('Grafana’s webhook', () => {
  const ofGrafana = (status: string, more: object = {}) =>
    group(
      [
        entry(status, {
          values: { A: 2.41, B: 17 },
          silenceURL: 'https://grafana.example.com/silence',
          dashboardURL: 'https://grafana.example.com/d/abc',
          panelURL: 'https://grafana.example.com/d/abc?viewPanel=2',
          ...more,
        }),
      ],
      { version: '1', orgId: 1, state: 'alerting', title: '[FIRING:1] QueueStuck', message: 'text' },
    )

  test('has its values, and links to its panel, its dashboard and its silence', () => {
    expect(publish(ofGrafana('firing'))).toMatchObject([
      {
        source: 'grafana',
        reason: 'The queue of carts is stuck\nValue: A=2.41, B=17',
        details: { value: 'A=2.41, B=17', silence: 'https://grafana.example.com/silence' },
        links: {
          console: 'https://grafana.example.com/d/abc?viewPanel=2',
          dashboard: 'https://grafana.example.com/d/abc',
        },
      },
    ])
  })

  test('for a rule without data has the rule’s name', () => {
    const labels = { alertname: 'DatasourceNoData', rulename: 'Checkout is slow', severity: 'warning' }
    expect(publish(ofGrafana('firing', { labels }))).toMatchObject([
      { title: 'Checkout is slow', details: { state: 'DatasourceNoData' } },
    ])
  })

  test.each([
    ['alerting', 'firing'],
    ['ok', 'resolved'],
    ['no_data', 'insufficient-data'],
    ['paused', 'insufficient-data'],
  ])('before version 9 with state %s is %s', (state, status) => {
    const old = {
      ...{
        title: `[Alerting] CPU`,
        ruleId: 7,
        ruleName: 'CPU is high',
        ruleUrl: 'https://grafana.example.com/d/7',
        state,
      },
      ...{ orgId: 1, dashboardId: 2, panelId: 3, message: 'Somebody look', tags: { team: 'web', severity: 'major' } },
      evalMatches: [{ value: 97.5, metric: 'web-1', tags: {} }],
    }
    expect(publish(old)).toMatchObject([
      {
        ...{
          kind: 'prometheus-alarm',
          fingerprint: 'prometheus:111122223333:CPU is high:1/2/7#grafana.example.com',
          status,
        },
        ...{
          title: 'CPU is high',
          source: 'grafana',
          declaredSeverity: 'major',
          reason: 'Somebody look\nValue: web-1=97.5',
        },
        ...{ tags: { team: 'web' }, links: { console: 'https://grafana.example.com/d/7' } },
      },
    ])
  })
})

describe('two senders that know nothing of each other', () => {
  const by = (externalURL: unknown, more: object = {}, status = 'firing') =>
    publish(group([entry(status)], { externalURL, ...more }))[0] as Alert
  const eu = 'https://am.eu-prod.example.com'
  const over = by('http://am-1:9093', {}, 'resolved')
  test.each<[string, Alert, Alert, boolean]>([
    ['two replicas of one Alertmanager', by(eu), by(eu), true],
    ['one, and a slash at the end', by(eu), by(`${eu}/`), true],
    ['one, in capitals', by(eu), by('HTTPS://AM.EU-PROD.example.com'), true],
    ['one, with a name and a password', by(eu), by('https://me:secret@am.eu-prod.example.com'), true],
    ['one, that fires and resolves', by(eu), by(eu, {}, 'resolved'), true],
    ['two replicas with their own default', by('http://am-0:9093'), by('http://am-1:9093'), true],
    ['their default, and a slash at the end', by('http://am-0:9093'), by('http://am-1:9093/'), true],
    ['their default, at the port of the web', by('http://am-0:80'), by('http://am-1:80/'), true],
    ['their default, in capitals', by('HTTP://AM-0:9093'), by('http://am-1:9093'), true],
    ['their default, with an address for a name', by('http://[::1]:9093'), by('http://10.0.0.7:9093'), true],
    [
      'a replica with its default that sends the firing, another that sends the resolve',
      by('http://am-0:9093'),
      over,
      true,
    ],
    [
      'two Grafanas with their own default',
      by('http://g-0:3000/', { orgId: 1 }),
      by('http://g-1:3000/', { orgId: 1 }),
      true,
    ],
    ['two organisations of theirs', by('http://g-0:3000/', { orgId: 1 }), by('http://g-0:3000/', { orgId: 2 }), false],
    ['two Alertmanagers', by(eu), by('https://am.us-prod.example.com'), false],
    ['two, whose addresses have no port', by('http://am.eu'), by('http://am.us'), false],
    ['two, with a port and a path', by('http://am.eu:9093/am'), by('http://am.us:9093/am'), false],
    ['two, with a port of TLS', by('https://am.eu:8443'), by('https://am.us:8443'), false],
    ['two, with a name and a number for a password', by('http://me:1@am.eu'), by('http://me:1@am.us'), false],
    ['two, with one host', by('https://mon.example.com/eu'), by('https://mon.example.com/us'), false],
    ['two, of which one has no address', by(eu), by(undefined), false],
    ['two without an address', by(undefined), by(null), true],
    ['two without a host in their address', by('/alertmanager'), by('/'), true],
    ['two organisations of one Grafana', by(eu, { orgId: 1 }), by(eu, { orgId: 2 }), false],
    ['one organisation', by(eu, { orgId: 1 }), by(eu, { orgId: 1 }), true],
  ])('%s', (_, a, b, isOne) => {
    expect(a.fingerprint === b.fingerprint).toBe(isOne)
    expect(a.fingerprint).not.toContain('secret')
  })

  test('with an address of any length the identity fits in a key of the table', () => {
    const long = (end: string) => by(`https://am.example.com/${'é'.repeat(3_000)}${end}`).fingerprint
    expect(Buffer.byteLength(long('a'))).toBeLessThanOrEqual(2_048)
    expect(long('a')).not.toBe(long('b'))
  })

  test.each([
    ['another host', 'https://g.us.example.com/alerting/silence/new?orgId=1', false],
    ['another path', 'https://g.example.com/us/alerting/silence/new?orgId=1', false],
    ['another organisation', 'https://g.example.com/alerting/silence/new?orgId=2', false],
    ['other labels to silence', 'https://g.example.com/alerting/silence/new?matcher=x&orgId=1', true],
  ])('in the text of Grafana: %s', (_, silence, isOne) => {
    const of = (url: string) =>
      publish(`**Firing**\n\nLabels:\n - alertname = X\nAnnotations:\nSilence: ${url}`)[0]?.fingerprint
    expect(of(silence) === of('https://g.example.com/alerting/silence/new?orgId=1')).toBe(isOne)
  })

  test('in the text of a Grafana without a configured address', () => {
    const of = (host: string) =>
      publish(
        `**Firing**\n\nLabels:\n - alertname = X\nAnnotations:\nSilence: http://${host}:3000/alerting/silence/new?orgId=1`,
      )[0]?.fingerprint
    expect(of('grafana-0')).toBe(of('grafana-1'))
  })

  test.each([
    ['another host', 'https://other.example.com/d/7', false],
    ['another path', 'https://grafana.example.com/us/d/7', false],
    ['another panel', 'https://grafana.example.com/d/8?viewPanel=3', true],
    ['no address of its own', 'http://grafana-0:3000/d/7', false],
  ])('Grafana before version 9: %s', (_, ruleUrl, isOne) => {
    const of = (url: string) => publish({ ruleName: 'CPU', state: 'alerting', ruleId: 1, ruleUrl: url })[0]?.fingerprint
    expect(of(ruleUrl) === of('https://grafana.example.com/d/7')).toBe(isOne)
  })
})
