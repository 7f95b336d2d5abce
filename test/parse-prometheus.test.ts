import { describe, expect, test } from 'vitest'
import { type Alert, alertSchema } from '../schemas/alert.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { parse } from '../shared/parse/parse.ts'
import { config } from './life.ts'

/** Alerts of Prometheus and Grafana, in the forms that Alertmanager, Amazon Managed Prometheus and Grafana send them to SNS. */
const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:metrics'

function publish(message: unknown, more: object = {}): Alert[] {
  const Message = typeof message === 'string' ? message : JSON.stringify(message)
  const notification = {
    Type: 'Notification',
    TopicArn: TOPIC,
    Timestamp: '2026-10-05T07:14:09.218Z',
    Message,
    ...more,
  }
  return parse(notification).map((alert) => alertSchema.parse(alert))
}

const LABELS = { alertname: 'QueueStuck', severity: 'critical', namespace: 'shop', pod: 'cart-0', cluster: 'live' }
const ANNOTATIONS = {
  summary: 'The queue of carts is stuck',
  description: 'Nothing has left it for 10 minutes.',
  runbook_url: 'https://runbooks.example.com/queue',
  impact: 'no checkout',
}
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

describe('a webhook of Alertmanager', () => {
  test('is an alert for each entry, each with its own state, severity and identity', () => {
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

  test('that comes again, or from the other of a pair, is the same change; its end closes the same alert', () => {
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

  test('says how many are not in it', () => {
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
        notes: ['1 more in this group can\'t be read: each alert needs its "labels"'],
      })),
    )
  })

  test.each<[string, unknown, object, string]>([
    ['no state', undefined, {}, 'firing'],
    ['no state, in a group that is over', undefined, { status: 'resolved' }, 'resolved'],
    ['a state that is none', 'pending', {}, 'firing'],
    ['a state that is no text', {}, { status: 'resolved' }, 'resolved'],
    ['no state, in a group without one', undefined, { status: undefined }, 'firing'],
  ])('with an alert of %s reads it all the same', (_, status, more, expected) => {
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
    [
      'with a link that is none',
      { generatorURL: '/graph' },
      { links: { runbook: 'https://runbooks.example.com/queue' } },
    ],
    [
      'with labels that are no texts',
      { labels: { alertname: 'X', n: 1, o: {} } },
      { tags: { alertname: 'X', n: '1' } },
    ],
  ])('is read %s', (_, more, expected) => {
    expect(publish(group([entry('firing', more)]))).toMatchObject([expected])
  })
})

describe('a webhook of Grafana', () => {
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

  test('tells its values, and leads to its panel, its dashboard and its silence', () => {
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

  test('of a rule that has no data is called by the rule', () => {
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
  ])('of before version 9 that is %s is %s', (state, status) => {
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
  const eu = 'http://am.eu-prod:9093'
  test.each<[string, Alert, Alert, boolean]>([
    ['two replicas of one Alertmanager', by(eu), by(eu), true],
    ['one, and a slash at the end', by(eu), by(`${eu}/`), true],
    ['one, in capitals', by(eu), by('HTTP://AM.EU-PROD:9093'), true],
    ['one, with a name and a password', by(eu), by('http://me:secret@am.eu-prod:9093'), true],
    ['one, that fires and is over', by(eu), by(eu, {}, 'resolved'), true],
    ['two Alertmanagers', by(eu), by('http://am.us-prod:9093'), false],
    ['two, with one host', by('https://mon.example.com/eu'), by('https://mon.example.com/us'), false],
    ['two, of which one does not tell', by(eu), by(undefined), false],
    ['none tells', by(undefined), by(null), true],
    ['none tells a host', by('/alertmanager'), by('/'), true],
    ['two organisations of one Grafana', by(eu, { orgId: 1 }), by(eu, { orgId: 2 }), false],
    ['one organisation', by(eu, { orgId: 1 }), by(eu, { orgId: 1 }), true],
  ])('%s', (_, a, b, isOne) => {
    expect(a.fingerprint === b.fingerprint).toBe(isOne)
    expect(a.fingerprint).not.toContain('secret')
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

  test.each([
    ['another host', 'https://other.example.com/d/7', false],
    ['another path', 'https://grafana.example.com/us/d/7', false],
    ['another panel', 'https://grafana.example.com/d/8?viewPanel=3', true],
  ])('of Grafana before version 9: %s', (_, ruleUrl, isOne) => {
    const of = (url: string) => publish({ ruleName: 'CPU', state: 'alerting', ruleId: 1, ruleUrl: url })[0]?.fingerprint
    expect(of(ruleUrl) === of('https://grafana.example.com/d/7')).toBe(isOne)
  })
})

const inWords = (labels: Record<string, string>, annotations: Record<string, string>, rest: string) =>
  [
    'Labels:',
    ...Object.entries(labels).map(([name, value]) => ` - ${name} = ${value}`),
    'Annotations:',
    ...Object.entries(annotations).map(([name, value]) => ` - ${name} = ${value}`),
    rest,
  ].join('\n')

describe('the text that Alertmanager and Amazon Managed Prometheus write', () => {
  const one = inWords(LABELS, ANNOTATIONS, 'Source: https://prom.example.com/graph')
  const other = inWords({ ...LABELS, pod: 'cart-1' }, { summary: 'line 1\nline 2' }, 'Source: /graph')

  test('is an alert for each that is listed, those that fire and those that are over', () => {
    const alerts = publish(
      `The queue\nAlerts Firing:\n${one}\n${other}\nAlerts Resolved:\n${one.replace('cart-0', 'cart-2')}\n`,
    )
    expect(alerts.map(({ status, resource }) => [status, resource])).toEqual([
      ['firing', 'shop/cart-0 in live'],
      ['firing', 'shop/cart-1 in live'],
      ['resolved', 'shop/cart-2 in live'],
    ])
    expect(alerts[0]).toMatchObject({
      ...{ kind: 'prometheus-alarm', title: 'QueueStuck', declaredSeverity: 'critical', tags: LABELS },
      ...{ reason: 'The queue of carts is stuck', description: 'Nothing has left it for 10 minutes.' },
      links: { runbook: 'https://runbooks.example.com/queue', console: 'https://prom.example.com/graph' },
    })
    expect(alerts[1]).toMatchObject({ reason: 'line 1\nline 2', links: { console: undefined } })
  })

  test('that an alert is over closes what it opened, in whatever order its labels are', () => {
    const [fired] = publish(`Alerts Firing:\n${one}`)
    const sorted = Object.fromEntries(Object.entries(LABELS).sort().reverse())
    const [over] = publish(`Alerts Resolved:\n${inWords(sorted, {}, 'Source: ')}`, { Subject: '[RESOLVED] QueueStuck' })
    expect(over).toMatchObject({ status: 'resolved', fingerprint: fired?.fingerprint })
  })

  test('comes again and again while it fires, which is no news, unless its severity changes', () => {
    const at = (time: string, text: string) => publish(text, { Timestamp: time })[0] as Alert
    const now = new Date('2026-10-05T10:00:00Z')
    const text = `Alerts Firing:\n${one}`
    const first = nextByChange(undefined, { alert: at('2026-10-05T07:00:00Z', text), change: 'a' }, config, now)
    const again = nextByChange(first.state, { alert: at('2026-10-05T07:05:00Z', text), change: 'b' }, config, now)
    expect([first.outcome, again.outcome]).toEqual(['sent', 'duplicate'])
    const over = at('2026-10-05T08:00:00Z', text.replace('Firing', 'Resolved'))
    const ended = nextByChange(again.state, { alert: over, change: 'c' }, config, now)
    const later = nextByChange(ended.state, { alert: at('2026-10-05T09:00:00Z', text), change: 'd' }, config, now)
    expect([ended.state.firing, later.outcome]).toEqual([undefined, 'sent'])
  })

  test('of Grafana tells its values and its links, too', () => {
    const text = `**Firing**\n\nValue: A=2.41\n${inWords(LABELS, ANNOTATIONS, 'Source: https://g.example.com/rule')}\nSilence: https://g.example.com/silence\nDashboard: https://g.example.com/d/1\nPanel: https://g.example.com/d/1?viewPanel=2\n\n**Resolved**\n\nValue: A=1\n${inWords({ ...LABELS, pod: 'cart-1' }, {}, 'Source: https://g.example.com/rule')}`
    expect(publish(text)).toMatchObject([
      {
        ...{ status: 'firing', source: 'grafana', reason: 'The queue of carts is stuck\nValue: A=2.41' },
        links: { console: 'https://g.example.com/d/1?viewPanel=2', dashboard: 'https://g.example.com/d/1' },
      },
      { status: 'resolved', reason: 'Value: A=1' },
    ])
  })

  test('that says nothing is known by its subject and the attributes of its message', () => {
    const attribute = (Value: string) => ({ Type: 'String', Value })
    const more = {
      Subject: '[FIRING:2]',
      MessageAttributes: {
        severity: attribute('SEV2'),
        alertname: attribute('IngesterLag'),
        truncated: attribute('true'),
      },
    }
    const [fired] = publish('"receiver": "sns-live"', more)
    const [over] = publish('x', { ...more, Subject: '[RESOLVED]' })
    expect(fired).toMatchObject({ title: 'IngesterLag', status: 'firing', declaredSeverity: 'sev2' })
    expect(over).toMatchObject({ status: 'resolved', fingerprint: fired?.fingerprint })
  })

  test.each([
    ['a text about alerts', 'Alerts Firing:\nnothing to see'],
    ['a list of labels', 'Labels:\n - a = b'],
    ['a subject alone', 'x'],
  ])('is not %s', (_, text) => {
    expect(publish(text, { Subject: '[FIRING:1] X' })).toMatchObject([{ kind: 'message' }])
  })
})
