import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import { nextByChange } from '../shared/decide/next.ts'
import { runs } from './fuzz-runs.ts'
import { config } from './life.ts'
import { ANNOTATIONS, LABELS, publish } from './prometheus.ts'

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

  test('gives an alert for each listed one, firing or resolved', () => {
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

  test('a resolve closes the alert, whatever the order of labels', () => {
    const [fired] = publish(`Alerts Firing:\n${one}`)
    const sorted = Object.fromEntries(Object.entries(LABELS).sort().reverse())
    const [over] = publish(`Alerts Resolved:\n${inWords(sorted, {}, 'Source: ')}`, { Subject: '[RESOLVED] QueueStuck' })
    expect(over).toMatchObject({ status: 'resolved', fingerprint: fired?.fingerprint })
  })

  test('a repeat while it fires is a duplicate, unless its severity changes', () => {
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

  test('of Grafana has its values and links too', () => {
    const text = `**Firing**\n\nValue: A=2.41\n${inWords(LABELS, ANNOTATIONS, 'Source: https://g.example.com/rule')}\nSilence: https://g.example.com/silence\nDashboard: https://g.example.com/d/1\nPanel: https://g.example.com/d/1?viewPanel=2\n\n**Resolved**\n\nValue: A=1\n${inWords({ ...LABELS, pod: 'cart-1' }, {}, 'Source: https://g.example.com/rule')}`
    expect(publish(text)).toMatchObject([
      {
        ...{ status: 'firing', source: 'grafana', reason: 'The queue of carts is stuck\nValue: A=2.41' },
        links: { console: 'https://g.example.com/d/1?viewPanel=2', dashboard: 'https://g.example.com/d/1' },
      },
      { status: 'resolved', reason: 'Value: A=1' },
    ])
  })

  test('without facts is identified by its subject and the message attributes', () => {
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

  test('is the same in whatever order its attributes come', () => {
    const published = (...names: string[]) => {
      const attributes = names.map((name) => [name, { Type: 'String', Value: name }])
      const MessageAttributes = Object.fromEntries(attributes)
      return publish('x', { Subject: '[FIRING:1] x', MessageAttributes })[0]?.fingerprint
    }
    expect(published('alertname', 'pod')).toBe(published('pod', 'alertname'))
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
    ['a person who writes that something ended', 'Please confirm by Friday', '[RESOLVED] Ticket 123 database outage'],
    ['a person with parentheses', 'Please read', '[RESOLVED] Outage (ticket 123) of the database'],
    ['a person with several', 'Please read', '[RESOLVED] Outage (ticket 123) of the database (all of it)'],
    ['a person with parentheses at the end', 'Please read', '[RESOLVED] Outage of the database (ticket 123)'],
    ['a person with a note at the end', 'Please read', '[RESOLVED] Outage of the database (but backups are lost!)'],
    ['a person with an invalid severity', 'Severity: see the wiki', '[RESOLVED] Outage (all of it)'],
    ['a person with parentheses and dots', 'Please read', '[RESOLVED] Outage (ticket 123) is over...'],
    ["a person's first line", '[RESOLVED] but please read: backups were lost\nmore', undefined],
    ['a first line under a subject', '[FIRING:1] DiskFull (critical)\nalertname: DiskFull', 'Fwd: see below'],
    ['a resolved first line under a subject', '[RESOLVED] DiskFull (critical)', 'Status'],
    ['a reply to an alert', '> alertname: DiskFull\n> severity: critical\nwhat was it?', '[RESOLVED] DiskFull'],
    ['a quoted text', 'Hi\n\n> Alerts Firing:\nLabels:\n - alertname = X\nSource: /x', '[FIRING] was: load'],
  ])('is not %s', (_, text, Subject?: string) => {
    expect(publish(text, { Subject })).toMatchObject([{ kind: 'message' }])
  })
})

test('anything that a person writes under their own [RESOLVED] is shown as a message', () => {
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
    { numRuns: runs(100) },
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
  ])('a label name that %s is read', (_, line, name, value) => {
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
      { numRuns: runs(100) },
    )
  })

  test('an empty value does not swallow the next', () => {
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
  ])('a line of a description that looks like %s does not swallow the lines after it', (_, line) => {
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

  test('with headings in another language the subject gives the state', () => {
    const german = text('Resolved', [], []).replace('Alerts Resolved:', '**Behoben**')
    expect(publish(german, { Subject: '[RESOLVED] X' })).toMatchObject([{ title: 'X', status: 'resolved' }])
    expect(publish(german, { Subject: '[FIRING:1] X' })).toMatchObject([{ title: 'X', status: 'firing' }])
  })

  test('without any link, each alert ends where the next begins', () => {
    const both = `${text('Firing', [], [' - summary = one'], '')}\n${text('Resolved', [' - pod = b'], [' - summary = two'], '')}`
    expect(publish(both)).toMatchObject([
      { status: 'firing', reason: 'one' },
      { status: 'resolved', reason: 'two', resource: 'b' },
    ])
  })

  test('the time to read many lines is proportional to their number', () => {
    const started = process.cpuUsage()
    publish(text('Firing', [` - ${'a '.repeat(40_000)}`], Array(20_000).fill('Labels:')))
    publish(text('Firing', [], Array(20_000).fill(' - a = b\nSource: /x')))
    publish(`[FIRING:1] ${' '.repeat(100_000)}x${'('.repeat(100_000)}`)
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000)
  })
})

describe('a custom body under the subject of Alertmanager or Grafana', () => {
  const say = (Subject: string, text: unknown = 'Disk of node-3', more: object = {}) =>
    publish(text, { Subject, ...more })[0] as Alert

  test('fires, and resolves under the same name', () => {
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
    ['some are resolved', '[FIRING:2] DiskFull live', '[FIRING:1, RESOLVED:1] DiskFull live', true],
    ['it is resolved', '[FIRING:1] DiskFull (critical a)', '[RESOLVED] DiskFull (critical a)', true],
    ['it is resolved, and was counted', '[FIRING:2] DiskFull', '[RESOLVED:2] DiskFull', true],
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

  test('a group that grows is a change: its body differs', () => {
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
  ])('has more facts with %s', (_, subject, body, expected) => {
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
    ['a body with an invalid word', '[FIRING:1] Api (critical)', 'severity: see the wiki', 'critical'],
    ['a body that says less', '[FIRING:1] DbDown (critical)', 'severity: info', 'critical'],
    ['JSON that says less', '[FIRING:1] DbDown (critical)', { msg: 'hello', severity: 'info' }, 'critical'],
    ['a body that says more', '[FIRING:1] DbDown (warning)', 'severity: critical', 'critical'],
    ['a body of several', '[FIRING:2] DbDown', 'severity: warning\nseverity: critical', 'critical'],
    ['a priority in a body', '[FIRING:1] DbDown (warning)', 'priority: 1', 'sev1'],
    ['a level in a body', '[FIRING:1] DbDown', 'level: critical', 'critical'],
    ['a severity before a priority', '[FIRING:1] DbDown', 'priority: 1\nseverity: warning', 'warning'],
  ])('has the worst valid severity: %s', (_, subject, body, severity) => {
    expect(say(subject, body).declaredSeverity).toBe(severity)
  })

  test('has the severity of its subject if the message attributes have none, or a lower one', () => {
    const of = (...attributes: [string, string][]) =>
      say('[FIRING:1] DbDown (critical)', 'x', {
        MessageAttributes: Object.fromEntries(attributes.map(([name, Value]) => [name, { Type: 'String', Value }])),
      }).declaredSeverity
    expect(of(['alertname', 'DbDown'])).toBe('critical')
    expect(of(['alertname', 'DbDown'], ['severity', 'info'])).toBe('critical')
  })

  test('is one alert per cluster, too, if the message attributes are its labels', () => {
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

  test('hides the secrets in its links', () => {
    const [alert] = publish('summary: https://x.example.com/?token=abcdefgh', { Subject: '[FIRING:1] X' })
    expect(JSON.stringify(alert)).not.toContain('abcdefgh')
  })
})
