import fc from 'fast-check'
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

test.each<[string, object]>([
  ['of Alertmanager', {}],
  ['of Grafana, with a title', { orgId: 1, title: '[FIRING:1] QueueStuck', state: 'alerting', message: 'x' }],
])('a webhook %s on a bus is read as it is by SNS', (_, more) => {
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

test('a rule and a state that are not of Grafana are a message', () => {
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
  const eu = 'https://am.eu-prod.example.com'
  const over = by('http://am-1:9093', {}, 'resolved')
  test.each<[string, Alert, Alert, boolean]>([
    ['two replicas of one Alertmanager', by(eu), by(eu), true],
    ['one, and a slash at the end', by(eu), by(`${eu}/`), true],
    ['one, in capitals', by(eu), by('HTTPS://AM.EU-PROD.example.com'), true],
    ['one, with a name and a password', by(eu), by('https://me:secret@am.eu-prod.example.com'), true],
    ['one, that fires and is over', by(eu), by(eu, {}, 'resolved'), true],
    ['two replicas with their own default', by('http://am-0:9093'), by('http://am-1:9093'), true],
    ['their default, and a slash at the end', by('http://am-0:9093'), by('http://am-1:9093/'), true],
    ['their default, at the port of the web', by('http://am-0:80'), by('http://am-1:80/'), true],
    ['their default, in capitals', by('HTTP://AM-0:9093'), by('http://am-1:9093'), true],
    ['their default, with an address for a name', by('http://[::1]:9093'), by('http://10.0.0.7:9093'), true],
    ['a replica with its default that fires, another that tells the end', by('http://am-0:9093'), over, true],
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
    ['two, of which one does not tell', by(eu), by(undefined), false],
    ['none tells', by(undefined), by(null), true],
    ['none tells a host', by('/alertmanager'), by('/'), true],
    ['two organisations of one Grafana', by(eu, { orgId: 1 }), by(eu, { orgId: 2 }), false],
    ['one organisation', by(eu, { orgId: 1 }), by(eu, { orgId: 1 }), true],
  ])('%s', (_, a, b, isOne) => {
    expect(a.fingerprint === b.fingerprint).toBe(isOne)
    expect(a.fingerprint).not.toContain('secret')
  })

  test('an address of any length leaves the identity a key of the table', () => {
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

  test('in the text of a Grafana without an address of its own', () => {
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
    ['labels of no known state', 'Labels:\n - alertname = X\nSource: /graph'],
    ['a subject without a name', 'x', '[FIRING:1] '],
    ['a subject in other words', 'x', 'FIRING: X'],
    ['a subject in lower case', 'x', '[resolved] Incident 42'],
    ['a firing without a count', 'The db fires a lot', '[FIRING] questions about the db'],
    ['a firing without a count, with something in parentheses', 'x', '[FIRING] the database outage talk (room 4)'],
    ['a person who writes that something is over', 'Please confirm by Friday', '[RESOLVED] Ticket 123 database outage'],
    ['a person with parentheses', 'Please read', '[RESOLVED] Outage (ticket 123) of the database'],
    ['a person with several', 'Please read', '[RESOLVED] Outage (ticket 123) of the database (all of it)'],
    ['a person with parentheses at the end', 'Please read', '[RESOLVED] Outage of the database (ticket 123)'],
    ['a person with a note at the end', 'Please read', '[RESOLVED] Outage of the database (but backups are lost!)'],
    ['a person with a severity that is none', 'Severity: see the wiki', '[RESOLVED] Outage (all of it)'],
    ['a person with parentheses and dots', 'Please read', '[RESOLVED] Outage (ticket 123) is over...'],
    ["a person's first line", '[RESOLVED] but please read: backups were lost\nmore', undefined],
    ['a first line under a subject', '[FIRING:1] DiskFull (critical)\nalertname: DiskFull', 'Fwd: see below'],
    ['a first line that is over under a subject', '[RESOLVED] DiskFull (critical)', 'Status'],
    ['a reply to an alert', '> alertname: DiskFull\n> severity: critical\nwhat was it?', '[RESOLVED] DiskFull'],
    ['a quoted text', 'Hi\n\n> Alerts Firing:\nLabels:\n - alertname = X\nSource: /x', '[FIRING] was: load'],
  ])('is not %s', (_, text, Subject?: string) => {
    expect(publish(text, { Subject })).toMatchObject([{ kind: 'message' }])
  })
})

test('whatever a person writes under a [RESOLVED] of their own is told as a message', () => {
  const words = fc.stringMatching(/^[A-Za-z][\w .,:'-]{0,40}\w$/)
  fc.assert(
    fc.property(words, fc.array(words, { minLength: 1, maxLength: 5 }), (title, lines) => {
      const Subject = `[RESOLVED] ${title}`
      const body = lines.join('\n')
      for (const [message, subject] of [
        [body, Subject],
        [`${Subject}\n${body}`, undefined],
        [`${Subject} (a)\n${body}`, title],
      ])
        expect(publish(message, { Subject: subject })[0]?.status).toBe('firing')
    }),
  )
})

describe('in a text of labels and annotations', () => {
  const text = (
    status: string,
    labels: string[],
    annotations: string[],
    rest = 'Source: https://p.example.com/graph',
  ) =>
    [`Alerts ${status}:`, 'Labels:', ' - alertname = X', ...labels, 'Annotations:', ...annotations, rest, ''].join('\n')
  const tagsOf = (label: string) => publish(text('Firing', [label, ' - severity = critical'], []))[0]?.tags

  test.each<[string, string, string, string]>([
    ['has a space', ' - grafana folder = Prod', 'grafana folder', 'Prod'],
    ['is not English', ' - équipe = paiements', 'équipe', 'paiements'],
    ['is of another script', ' - チーム = 決済', 'チーム', '決済'],
    ['has dots', ' - service.name = shop', 'service.name', 'shop'],
    ['has signs', ' - k8s/pod@zone (a) = b', 'k8s/pod@zone (a)', 'b'],
    ['is quoted', ' - "k8s/pod" = b', 'k8s/pod', 'b'],
    ['is quoted, with a quote in it', ' - "a \\"b\\"" = c', 'a "b"', 'c'],
    ['is an emoji', ' - 🚒 = yes', '🚒', 'yes'],
    ['has a value like one', ' - expr = a = b', 'expr', 'a = b'],
    ['has dashes', ' - a - b = c', 'a - b', 'c'],
    ['has a space, and none before its dash', '- grafana folder = Prod', 'grafana folder', 'Prod'],
  ])('a name that %s is a name', (_, line, name, value) => {
    expect(tagsOf(line)).toEqual({ alertname: 'X', [name]: value, severity: 'critical' })
  })

  test('whatever its labels are called, the next ones are read', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
      .filter((text) => /^[^\s"-][^\p{C}\p{Z}=]*$/u.test(text))
    fc.assert(
      fc.property(name, fc.stringMatching(/^[\w ]*\w$/), (label, value) => {
        const [alert] = publish(
          text('Firing', [` - ${label} = ${value}`, ' - severity = critical'], [' - summary = s']),
        )
        expect(alert).toMatchObject({ title: 'X', reason: 's' })
        if (label !== 'severity') expect(alert?.declaredSeverity).toBe('critical')
      }),
    )
  })

  test('an empty value takes nothing from the next', () => {
    expect(tagsOf(' - team =')).toEqual({ alertname: 'X', severity: 'critical' })
  })

  test.each([
    ['a value', 'Value: 95%'],
    ['a source', 'Source: node-3'],
    ['a link', 'Source: https://x.example.com/a'],
    ['a panel', 'Panel: 3'],
    ['a heading', 'Resolved'],
    ['an annotation', '- the load is = 5'],
    ['a list of labels', 'Labels:'],
    ['a list of labels with one', 'Labels:\n- a'],
  ])('a line of a description that looks like %s takes nothing from what is after it', (_, line) => {
    const annotations = [
      ' - description = It is full.',
      line,
      ' - runbook_url = https://r.example.com',
      ' - summary = s',
    ]
    const [first, second, ...more] = publish(
      `${text('Firing', [], annotations)}${text('Firing', [' - pod = b'], []).split('\n').slice(1).join('\n')}`,
    )
    expect(more).toEqual([])
    expect(first).toMatchObject({
      ...{ status: 'firing', reason: 's', description: `It is full.\n${line}` },
      links: { runbook: 'https://r.example.com', console: 'https://p.example.com/graph' },
    })
    expect(second).toMatchObject({ status: 'firing', resource: 'b' })
  })

  test('the last annotation keeps its lines, and its alert its links', () => {
    const value = ' - summary = It is full.\nValue: 95%\nSource: node-3\n\nLook there.'
    expect(publish(text('Firing', [], [value]))).toMatchObject([
      {
        reason: 'It is full.\nValue: 95%\nSource: node-3\nLook there.',
        links: { console: 'https://p.example.com/graph' },
      },
    ])
  })

  test('headings in another language leave the state to the subject', () => {
    const german = text('Resolved', [], []).replace('Alerts Resolved:', '**Behoben**')
    expect(publish(german, { Subject: '[RESOLVED] X' })).toMatchObject([{ title: 'X', status: 'resolved' }])
    expect(publish(german, { Subject: '[FIRING:1] X' })).toMatchObject([{ title: 'X', status: 'firing' }])
  })

  test('without a single link, each alert ends where the next begins', () => {
    const both = `${text('Firing', [], [' - summary = one'], '')}\n${text('Resolved', [' - pod = b'], [' - summary = two'], '')}`
    expect(publish(both)).toMatchObject([
      { status: 'firing', reason: 'one' },
      { status: 'resolved', reason: 'two', resource: 'b' },
    ])
  })

  test('many lines are read in a time that grows with them alone', () => {
    const started = process.cpuUsage()
    publish(text('Firing', [` - ${'a '.repeat(40_000)}`], Array(20_000).fill('Labels:')))
    publish(text('Firing', [], Array(20_000).fill(' - a = b\nSource: /x')))
    publish(`[FIRING:1] ${' '.repeat(100_000)}x${'('.repeat(100_000)}`)
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000)
  })
})

describe("a body of somebody's own, under the subject of Alertmanager or Grafana", () => {
  const say = (Subject: string, text: unknown = 'Disk of node-3', more: object = {}) =>
    publish(text, { Subject, ...more })[0] as Alert

  test('fires, and is over by the same name', () => {
    const fired = say('[FIRING:1] DiskFull (critical)')
    expect(fired).toMatchObject({
      ...{ kind: 'prometheus-alarm', status: 'firing', title: 'DiskFull', declaredSeverity: 'critical' },
      ...{ description: 'Disk of node-3', tags: { severity: 'critical' } },
    })
    expect(fired.once).toBeUndefined()
    const over = say('[RESOLVED] DiskFull (critical)', 'Disk ok on node-3')
    expect(over).toMatchObject({ status: 'resolved', fingerprint: fired.fingerprint })
  })

  test.each<[string, string, string, boolean]>([
    ['more of them', '[FIRING:1] DiskFull live', '[FIRING:3] DiskFull live', true],
    ['some are over', '[FIRING:2] DiskFull live', '[FIRING:1, RESOLVED:1] DiskFull live', true],
    ['it is over', '[FIRING:1] DiskFull (critical a)', '[RESOLVED] DiskFull (critical a)', true],
    ['it is over, and was counted', '[FIRING:2] DiskFull', '[RESOLVED:2] DiskFull', true],
    ['other blanks', '[FIRING:1]  DiskFull  (a warning)', '[RESOLVED] DiskFull (a warning) ', true],
    ['the subject is cut off', '[FIRING:1] DiskFull (critical no…', '[RESOLVED] DiskFull (critical no…', true],
    ['a label with parentheses', '[FIRING:1] DiskFull (disk (C) page)', '[RESOLVED] DiskFull (disk (C) page)', true],
    ['another cluster', '[FIRING:1] DbDown (prod-eu critical)', '[FIRING:1] DbDown (prod-us critical)', false],
    [
      'the end in another cluster',
      '[FIRING:1] DbDown (prod-eu critical)',
      '[RESOLVED] DbDown (prod-us critical)',
      false,
    ],
    ['another alert', '[FIRING:1] DiskFull', '[FIRING:1] DiskSlow', false],
    ['another group', '[FIRING:1] DiskFull live', '[FIRING:1] DiskFull staging', false],
    ['another name without a group', '[FIRING:1]  (DiskFull a)', '[FIRING:1]  (DiskSlow a)', false],
  ])('%s', (_, a, b, isOne) => {
    expect(say(a).fingerprint === say(b).fingerprint).toBe(isOne)
  })

  test('a group that grows is news: its body says something else', () => {
    const at = (Timestamp: string, Subject: string) => say(Subject, Subject, { Timestamp })
    const now = new Date('2026-10-05T10:00:00Z')
    const one = { alert: at('2026-10-05T07:00:00Z', '[FIRING:1] DiskFull'), change: 'a' }
    const two = { alert: at('2026-10-05T07:05:00Z', '[FIRING:2] DiskFull'), change: 'b' }
    const first = nextByChange(undefined, one, config, now)
    expect(nextByChange(first.state, two, config, now).outcome).toBe('sent')
    expect(nextByChange(first.state, one, config, now).outcome).toBe('duplicate')
  })

  test.each<[string, string, unknown, Partial<Alert>]>([
    [
      'lines',
      '[FIRING:2] DiskFull',
      'severity: critical\ninstance: a:9100',
      { declaredSeverity: 'critical', resource: 'a:9100' },
    ],
    ['lines with "="', '[FIRING:2] DiskFull', '- severity = critical', { declaredSeverity: 'critical' }],
    ['lines in bold', '[FIRING:2] DiskFull', '**severity:** critical', { declaredSeverity: 'critical' }],
    [
      'JSON',
      '[RESOLVED] DiskFull (db-1)',
      { severity: 'critical', summary: 's' },
      { status: 'resolved', declaredSeverity: 'critical', reason: 's' },
    ],
    ['JSON that was cut off', '[RESOLVED] DiskFull', '{"receiver":"x","sta', { status: 'resolved' }],
    ['a name alone', '[FIRING:1]', 'alertname: DiskFull', { title: 'DiskFull' }],
    ['its name, in lines', '[RESOLVED] DiskFull', '**alertname**: DiskFull', { status: 'resolved' }],
    ['its name, in JSON', '[RESOLVED] DiskFull', { labels: { alertname: 'DiskFull' } }, { status: 'resolved' }],
    ['JSON of a whole group', '[RESOLVED] DiskFull', { receiver: 'sns', alerts: [] }, { status: 'resolved' }],
    ['a name that has such a word', '[FIRING:1] critical path slow', 'x', { declaredSeverity: undefined }],
    ['a sentence', '[FIRING:1] DiskFull', 'Note: see the dashboard', { tags: { alertname: 'DiskFull' } }],
  ])('says more by %s', (_, subject, body, expected) => {
    expect(say(subject, body)).toMatchObject({ kind: 'prometheus-alarm', ...expected })
  })

  test.each<[string, string, unknown, string | undefined]>([
    ['a label that has one as a part', '[FIRING:1] Api (low-latency critical)', 'x', 'critical'],
    ['no label but such', '[FIRING:1] Api (high-memory-node error_budget)', 'x', undefined],
    ['several', '[FIRING:1] Api (s3 P1 warning)', 'x', 'p1'],
    ['several, the worst last', '[FIRING:1] Api (info critical)', 'x', 'critical'],
    ['a service of such a name', '[FIRING:1] Api (page-service info)', 'x', 'info'],
    ['a name with such a word', '[FIRING:1] Slow page x', 'x', undefined],
    ['a group by severity', '[FIRING:1] DiskFull critical', 'x', undefined],
    ['a body with a word that is none', '[FIRING:1] Api (critical)', 'severity: see the wiki', 'critical'],
    ['a body that says less', '[FIRING:1] DbDown (critical)', 'severity: info', 'critical'],
    ['JSON that says less', '[FIRING:1] DbDown (critical)', { msg: 'hello', severity: 'info' }, 'critical'],
    ['a body that says more', '[FIRING:1] DbDown (warning)', 'severity: critical', 'critical'],
    ['a body of several', '[FIRING:2] DbDown', 'severity: warning\nseverity: critical', 'critical'],
    ['a priority in a body', '[FIRING:1] DbDown (warning)', 'priority: 1', 'sev1'],
    ['a level in a body', '[FIRING:1] DbDown', 'level: critical', 'critical'],
    ['a severity before a priority', '[FIRING:1] DbDown', 'priority: 1\nseverity: warning', 'warning'],
  ])('of severities counts the worst that is one: %s', (_, subject, body, severity) => {
    expect(say(subject, body).declaredSeverity).toBe(severity)
  })

  test('has the severity of its subject where the attributes of the message tell none, or less', () => {
    const of = (...attributes: [string, string][]) =>
      say('[FIRING:1] DbDown (critical)', 'x', {
        MessageAttributes: Object.fromEntries(attributes.map(([name, Value]) => [name, { Type: 'String', Value }])),
      }).declaredSeverity
    expect(of(['alertname', 'DbDown'])).toBe('critical')
    expect(of(['alertname', 'DbDown'], ['severity', 'info'])).toBe('critical')
  })

  test('is an alert for each cluster, too, where attributes of the message are its labels', () => {
    const MessageAttributes = { alertname: { Type: 'String', Value: 'DbDown' } }
    const of = (subject: string) => say(subject, 'x', { MessageAttributes }).fingerprint
    expect(of('[RESOLVED] DbDown (prod-eu)')).toBe(of('[FIRING:1] DbDown (prod-eu)'))
    expect(of('[RESOLVED] DbDown (prod-us)')).not.toBe(of('[FIRING:1] DbDown (prod-eu)'))
  })

  test('may have its subject as its first line', () => {
    const [alert] = publish('[FIRING:2] DiskFull (critical)\nalertname: DiskFull\ninstance: a:9100')
    expect(alert).toMatchObject({ title: 'DiskFull', declaredSeverity: 'critical', resource: 'a:9100' })
    expect(alert?.fingerprint).toBe(say('[RESOLVED] DiskFull (critical)').fingerprint)
  })

  test('keeps the secrets of its links to itself', () => {
    const [alert] = publish('summary: https://x.example.com/?token=abcdefgh', { Subject: '[FIRING:1] X' })
    expect(JSON.stringify(alert)).not.toContain('abcdefgh')
  })
})
