import { describe, expect, test } from 'vitest'
import type { Alert } from '../schemas/alert.ts'
import type { Config } from '../schemas/config.ts'
import { readConfig } from '../shared/config/read.ts'
import { decide } from '../shared/decide/decide.ts'
import { WHILE_FIRING } from '../shared/decide/extras.ts'
import { hold } from '../shared/decide/hold.ts'
import { isNotice, withNotices } from '../shared/decide/maintenance.ts'
import { heartbeatEvent, isHeartbeat } from '../shared/observe/heartbeat.ts'
import { parse } from '../shared/parse/parse.ts'
import { bridge, now, publish } from './events.ts'

describe('our own event', () => {
  test('is read completely', () => {
    const alert = publish({
      title: 'Nightly report is ready',
      severity: 'INFO',
      source: 'billing-report',
      id: 'report-2026-09-14',
      class: 'usage report',
      environment: 'prod',
      resource: 'billing',
      region: 'Europe (Ireland)',
      description: '1,204 orders',
      runbook: 'https://wiki.example.com/report',
      links: { console: 'https://console.example.com', report: 'https://reports.example.com/1' },
      tags: { team: 'billing' },
      details: { orders: 1204, password: 'hunter2' },
      time: '2026-09-14T02:00:00Z',
      sevrity: 'typo',
    })
    expect(alert).toMatchObject({
      kind: 'event',
      fingerprint: 'event:billing-report:report-2026-09-14',
      status: 'firing',
      title: 'Nightly report is ready',
      declaredSeverity: 'info',
      source: 'billing-report',
      changedAt: '2026-09-14T02:00:00.000Z',
      resource: 'billing',
      region: 'eu-west-1',
      description: '1,204 orders',
      tags: { team: 'billing', environment: 'prod' },
      details: {
        class: 'usage report',
        environment: 'prod',
        orders: '1204',
        password: '(hidden)',
        sevrity: 'typo',
        report: 'https://reports.example.com/1',
      },
      links: { console: 'https://console.example.com', runbook: 'https://wiki.example.com/report' },
    })
  })

  test.each([
    ['resolved', 'resolved'],
    ['OK', 'resolved'],
    ['alarm', 'firing'],
    ['firing', 'firing'],
    [undefined, 'firing'],
    ['whatever', 'firing'],
  ])('with status %s is %s', (status, expected) => {
    const alert = publish({ title: 'x', source: 's', id: 'i', status })
    expect(alert).toMatchObject({ status: expected, fingerprint: 'event:s:i' })
  })

  test.each([
    ['Deployment of orders complete', {}, 'succeeded'],
    ['Deployment of orders failed', {}, 'failed'],
    ['orders', { state: 'SUCCESS' }, 'succeeded'],
    ['orders', { status: 'failed' }, 'failed'],
    ['orders', { state: 'SUCCESS', status: 'failed' }, 'succeeded'],
    ['Rollback of orders', {}, 'failed'],
    ['orders is rolled back', {}, 'failed'],
  ])('of a deployment: %s %j', (title, more, state) => {
    expect(publish({ title, source: 'ci', class: 'Deployment', ...more })).toMatchObject({
      kind: 'deployment',
      details: { state },
    })
  })

  test('a deployment has a life only if it says its status', () => {
    const onceWith = (more: object) => publish({ title: 'x', id: 'i', source: 'ci', class: 'deployment', ...more }).once
    expect([onceWith({}), onceWith({ status: 'firing' })]).toEqual([true, undefined])
  })

  test('can be the detail of a custom EventBridge event', () => {
    const [alert] = bridge('Report', 'com.example.billing', { title: 'Ready', severity: 'info' })
    expect(alert).toMatchObject({
      kind: 'event',
      title: 'Ready',
      source: 'com.example.billing',
      account: '111122223333',
    })
  })

  test.each<[string, object, object, boolean]>([
    ['the same title', {}, {}, true],
    ['the same title of the same thing', { resource: 'db-1' }, { resource: 'db-1' }, true],
    ['the same title of two things', { resource: 'db-1' }, { resource: 'db-2' }, false],
    ['the same title in two environments', { environment: 'prod' }, { environment: 'dev' }, false],
    ['the same id, whatever it is about', { id: 'disk', resource: 'db-1' }, { id: 'disk', resource: 'db-2' }, true],
  ])('resolves another of %s, and no other', (_, begun, over, isOne) => {
    const event = { title: 'Disk full', source: 'nagios', severity: 'critical' }
    const [fired, ended] = [
      publish({ ...event, ...begun, status: 'firing' }),
      publish({ ...event, ...over, status: 'ok' }),
    ]
    expect([fired.status, ended.status]).toEqual(['firing', 'resolved'])
    expect(fired.fingerprint === ended.fingerprint).toBe(isOne)
  })

  describe('from two accounts, under one name', () => {
    const [A, B, ROUTER] = ['111111111111', '222222222222', '999999999999']
    const event = (more: object = {}) => ({ title: 'Export is late', source: 'export', id: 'nightly', ...more })
    const onTopicOf = (account: string, message: object) => ({
      Type: 'Notification',
      TopicArn: `arn:aws:sns:eu-west-1:${account}:alarms`,
      Message: JSON.stringify(message),
    })
    const inQueue = (body: object) => ({
      Records: [
        {
          eventSource: 'aws:sqs',
          messageId: '1',
          eventSourceARN: `arn:aws:sqs:eu-west-1:${ROUTER}:alarms`,
          body: JSON.stringify(body),
        },
      ],
    })
    const onBusOf = (account: string, detail: object) => ({
      'detail-type': 'Export',
      source: 'com.example',
      account,
      region: 'eu-west-1',
      detail,
    })
    const fingerprint = (input: object) => parse(input, { now })[0]?.fingerprint

    test.each<[string, (account: string, more?: object) => object]>([
      ['that the events say', (account, more) => inQueue(onTopicOf(ROUTER, event({ account, ...more })))],
      ['from EventBridge', (account, more) => onBusOf(account, event(more))],
      [
        'from EventBridge, through a topic',
        (account, more) => inQueue(onTopicOf(ROUTER, onBusOf(account, event(more)))),
      ],
      ['whose topic it is', (account, more) => inQueue(onTopicOf(account, event(more)))],
      [
        'whose topic it is, passed on by another',
        (account, more) => inQueue(onTopicOf(ROUTER, onTopicOf(account, event(more)))),
      ],
    ])('%s: each resolves only its own', (_, from) => {
      const end = { status: 'resolved', time: '2026-09-14T12:00:00Z' }
      expect(fingerprint(from(A, end))).toBe(fingerprint(from(A)))
      expect(fingerprint(from(B, end))).toBe(fingerprint(from(B)))
      expect(fingerprint(from(A))).not.toBe(fingerprint(from(B)))
    })

    test.each<[string, object]>([
      ['bare', event()],
      ['on the topic of the router', inQueue(onTopicOf(ROUTER, event()))],
      ['on a topic, and the queue is unknown', onTopicOf(A, event())],
      ['in the queue', inQueue(event())],
    ])('an event without an account, %s, is identified by its source and id', (_, input) => {
      expect(fingerprint(input)).toBe('event:export:nightly')
    })

    test('a pattern for the events of a source matches those of all accounts', () => {
      expect(fingerprint(event({ account: A }))).toBe(`event:export:nightly#${A}`)
    })

    test.each<[string, (message: object) => object]>([
      ['on the topic of the stack', (message) => inQueue(onTopicOf(ROUTER, message))],
      ['on the topic of another account', (message) => inQueue(onTopicOf(A, message))],
      ['on a bus', (message) => onBusOf(ROUTER, message)],
      ['with an account', (message) => ({ ...message, account: ROUTER })],
    ])('the router’s own event, %s, is recognised by its fingerprint', (_, wrap) => {
      const [beat] = parse(wrap(heartbeatEvent('2026-09-14T12:00:00Z')))
      expect(beat && isHeartbeat(beat)).toBe(true)
    })

    const notice = { title: 'x', source: 'alert-router.maintenance', id: 'patching', severity: 'critical' }
    test('the router’s maintenance notices arrive through its own queue', () => {
      const [alert] = parse(inQueue(notice))
      expect(alert && isNotice(alert)).toBe(true)
      expect(alert?.fingerprint).toBe('event:alert-router.maintenance:patching')
    })

    test('a notice is sent at once and once, whatever the file says about what fires', () => {
      const [alert] = parse(inQueue(notice))
      const config = readConfig('config/alerts.yml')
      const flapping = { changes: 3, within: '1h', calmAfter: '15m' }
      const planned: Config = {
        ...config,
        maintenance: [{ name: 'patching', window: { on: 'sunday' } }],
        ...{ hold: '1h', remind: '15m', escalate: [{ after: '5m', to: ['email'] }], flapping },
      }
      const decided = decide(alert as Alert, withNotices(planned))
      expect(decided).toMatchObject({ severity: 'info', rule: 'maintenance notice' })
      for (const key of WHILE_FIRING) expect(decided[key]).toBeUndefined()
    })

    test.each<[string, object]>([
      ['the topic of the stack', inQueue(onTopicOf(ROUTER, notice))],
      ['the topic of another account', inQueue(onTopicOf(A, notice))],
      ['a bus, through a topic', inQueue(onTopicOf(ROUTER, onBusOf(ROUTER, notice)))],
      ['a topic, in an envelope that names none', inQueue(onTopicOf(ROUTER, { Message: JSON.stringify(notice) }))],
      ['a topic, as if it were in the queue', inQueue(onTopicOf(ROUTER, inQueue(notice)))],
    ])('an event that claims to be the router’s maintenance on %s is treated like anybody’s', (_, input) => {
      const [alert] = parse(input)
      expect(alert).toMatchObject({ source: 'alert-router.maintenance', declaredSeverity: 'critical' })
      expect(alert && isNotice(alert)).toBe(false)
      const config = {
        ...readConfig('config/alerts.yml'),
        maintenance: [{ name: 'patching', window: { on: 'sunday' } }],
      }
      expect(decide(alert as Alert, withNotices(config))).toMatchObject({ severity: 'critical' })
      const onSunday = new Date('2026-10-04T12:00:00Z')
      const { held } = hold(alert as Alert, decide(alert as Alert, config), config, onSunday)
      expect(held.map(({ why }) => why)).toContain('within patching')
    })
  })
})

describe('other messages', () => {
  test('text: the subject or the first line is the title', () => {
    expect(publish('Disk full\non db-1')).toMatchObject({
      kind: 'message',
      title: 'Disk full',
      description: 'Disk full\non db-1',
    })
    expect(publish('Disk full', { Subject: 'db-1' })).toMatchObject({ title: 'db-1', source: 'alarms' })
  })

  test('the same message twice is one alert, a different one is another', () => {
    expect(publish('a')).toEqual(publish('a'))
    expect(publish('a').fingerprint).not.toBe(publish('b').fingerprint)
  })

  test('JSON becomes lines that a person reads', () => {
    const alert = publish({
      app: { name: 'orders', hosts: ['a', 'b'] },
      summary: 'Queue is full',
      n: 0,
      none: null,
      empty: '',
    })
    expect(alert).toMatchObject({
      title: 'Queue is full',
      description: 'app.name: orders\napp.hosts: a, b\nsummary: Queue is full\nn: 0',
      details: { 'app.name': 'orders', n: '0' },
    })
  })

  test('secrets are hidden, wherever they are repeated', () => {
    const alert = publish({
      message: 'approve',
      token: 's3cr3t-value',
      link: 'https://example.com/approve/s3cr3t-value?ok=1',
      nested: { apiKey: 'abcdefgh', Authorization: 'Bearer xyz', secretName: 'slack-critical' },
      url: 'https://example.com/?X-Amz-Signature=0123abcd&a=1',
    })
    expect(JSON.stringify(alert)).not.toMatch(/s3cr3t|abcdefgh|Bearer|0123abcd/)
    expect(alert.details).toMatchObject({ token: '(hidden)', 'nested.secretName': 'slack-critical' })
  })

  test('S3 and others that send records', () => {
    const record = {
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-09-14T08:00:00.000Z',
      eventName: 'ObjectCreated:Put',
      s3: { bucket: { name: 'uploads' }, object: { key: 'a/b.csv' } },
    }
    expect(publish({ Records: [record] })).toMatchObject({
      kind: 'aws-event',
      title: 'S3 ObjectCreated:Put: uploads/a/b.csv',
      changedAt: '2026-09-14T08:00:00.000Z',
    })
  })
})
