import { describe, expect, test } from 'vitest'
import { parse } from '../shared/parse/parse.ts'
import { bridge, publish } from './events.ts'

describe('other AWS services', () => {
  test('any EventBridge event: what, of what, and how it stands', () => {
    const [alert] = bridge('Some Job State Change', 'aws.some', {
      jobName: 'etl',
      state: 'FAILED',
      message: 'exit 1',
      severity: 'ERROR',
    })
    expect(alert).toMatchObject({
      kind: 'aws-event',
      title: 'Some Job: etl FAILED',
      resource: 'etl',
      reason: 'exit 1',
      declaredSeverity: 'error',
      details: { jobName: 'etl', state: 'FAILED' },
    })
  })

  const REASONS = ['failure message', 'failure reason', 'error message', 'status reason', 'state details', 'cause']
  const SPELLINGS: [string, (words: string[]) => string][] = [
    ['camelCase', (words) => words.map((word, n) => (n ? capital(word) : word)).join('')],
    ['PascalCase', (words) => words.map(capital).join('')],
    ['kebab-case', (words) => words.join('-')],
    ['snake_case', (words) => words.join('_')],
    ['UPPER_CASE', (words) => words.join('_').toUpperCase()],
  ]
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

  test.each(
    REASONS.flatMap((name) =>
      SPELLINGS.map(([spelling, spell]): [string, string, string] => [name, spelling, spell(name.split(' '))]),
    ),
  )('an event says why in its %s, in %s', (_, __, key) => {
    const [alert] = bridge('Some Job State Change', 'aws.some', { name: 'etl', status: 'FAILED', [key]: 'no disk' })
    expect(alert).toMatchObject({ reason: 'no disk', declaredSeverity: 'error', title: 'Some Job: etl FAILED' })
  })

  test.each<[string, object, object]>([
    ['an error that is an object', { error: { code: 'E1', message: 'disk gone' } }, { reason: 'E1: disk gone' }],
    ['a list of errors', { errors: [{ errorMessage: 'first' }, { errorMessage: 'second' }] }, { reason: 'first' }],
    ['an error that is JSON', { error: '{"errorType": "Timeout", "errorMessage": "3 s"}' }, { reason: 'Timeout: 3 s' }],
    [
      'a status that is an object',
      { name: 'n', status: { value: 'FAILED', reason: 'boom' } },
      { reason: 'boom', title: 'Thing: n FAILED', declaredSeverity: 'error' },
    ],
    ['a cause before what merely is said', { message: 'Job ended', failureReason: 'boom' }, { reason: 'boom' }],
    ['a code where nothing is said', { 'error-code': 'ACCESS_DENIED' }, { reason: 'ACCESS_DENIED' }],
    ['the same word twice', { error: { code: 'E1', errorCode: 'E1' } }, { reason: 'E1' }],
    [
      'a link without its secret',
      { message: 'see https://example.com/?token=abcdefgh' },
      { reason: 'see https://example.com/?token=(hidden)' },
    ],
    ['nothing of all that', { error: true, reason: 7, message: ['', {}] }, { reason: undefined }],
    ['a title of its own', { id: 'x1', title: 'Disk filling', status: 'Open' }, { title: 'Thing: x1: Disk filling' }],
    ['a level', { severity: '1' }, { declaredSeverity: 'sev1' }],
    ['a level that may be the gravest or the mildest', { severity: '5' }, { declaredSeverity: '5' }],
    ['a severity with a label', { Severity: { Label: 'HIGH' } }, { declaredSeverity: 'high' }],
    ['what went well', { status: 'COMPLETED' }, { declaredSeverity: 'info' }],
    [
      'names that stand side by side',
      { context: { databaseName: 'sales', tableName: 'orders', runId: 'r' }, ownerName: 'x' },
      { resource: 'sales/orders' },
    ],
    ['a name alone, where there is one', { name: 'etl', displayName: 'Nightly' }, { resource: 'etl' }],
    ['no secret for a name', { session_id: 'abcdefgh', jobId: 'j1' }, { resource: 'j1' }],
    [
      'names of the same kind of thing',
      { context: { namespaceName: 'shop', podName: 'cart' } },
      { resource: 'shop/cart', title: 'Thing: shop/cart' },
    ],
    ['no state that is a number', { name: 'n', status: 5, severity: 2 }, { title: 'Thing: n' }],
    ['a state after a blank one', { name: 'n', state: ' ', status: 'DOWN' }, { title: 'Thing: n DOWN' }],
    ['no word that ends like an ARN', { warn: 'late', jobArn: 'arn:aws:x:::job/j1' }, { resource: 'j1 (job)' }],
  ])('and what it has: %s', (_, detail, expected) => {
    expect(bridge('Thing Status Change', 'aws.thing', detail)[0]).toMatchObject(expected)
  })

  test.each([
    'id',
    'ID',
    'jobId',
    'jobID',
    'JOB_ID',
    'job-id',
    'EC2Id',
    'VPCId',
    'uuid',
    'podUid',
    'log-group',
    'resource',
  ])('it is about its %s', (key) => {
    const [alert] = bridge('Thing Failed', 'aws.thing', { paid: true, Grid: 'north', VALID: 'no', [key]: 'j1' })
    expect(alert?.resource).toBe('j1')
  })

  test.each<[string, object, object]>([
    ['its type says that', {}, { declaredSeverity: 'error', title: 'File Upload Failed: s-1 (server)' }],
    ['and its state again', { 'status-code': 'FAILED' }, { title: 'File Upload Failed: s-1 (server)' }],
  ])('what failed is an error where %s', (_, detail, expected) => {
    const [alert] = bridge('File Upload Failed', 'aws.transfer', detail, {
      resources: ['arn:aws:transfer:eu-west-1:111122223333:server/s-1'],
    })
    expect(alert).toMatchObject(expected)
  })

  test.each(['boom: no disk', '{"message": "boom: no disk"}'])('a detail that is a text says why: %s', (detail) => {
    const [alert] = parse({ 'detail-type': 'Thing Failed', source: 'aws.thing', account: '111122223333', detail })
    expect(alert).toMatchObject({ title: 'Thing Failed', reason: 'boom: no disk' })
  })

  test.each<[string, string, object, string, object]>([
    ['an alarm of a channel', 'Channel Alert', { alarm_state: 'SET' }, 'Channel Alert', { alarm_state: 'CLEARED' }],
    ['an alarm in other words', 'Thing', { AlertStatus: 'Active' }, 'Thing', { AlertStatus: 'Inactive' }],
    ['an alarm as an object', 'Thing', { alarmState: { value: 'ALARM' } }, 'Thing', { alarmState: { value: 'OK' } }],
    ['an advice', 'Advice Status Open', {}, 'Advice Status Resolved', {}],
    ['an instance', 'Instance Unhealthy', {}, 'Instance Healthy', {}],
    ['a status', 'Thing Status', { status: 'OPEN' }, 'Thing Status', { status: 'RESOLVED' }],
    ['a status that closes', 'Thing Status', { status: 'open' }, 'Thing Status', { status: 'closed' }],
    ['a type that closes', 'Thing Open', {}, 'Thing Closed', {}],
    ['a status of now', 'Thing', { currentStatus: 'degraded' }, 'Thing', { currentStatus: 'healthy' }],
  ])('what ends takes back what began: %s', (_, beginType, begun, endType, ended) => {
    const common = { alert_type: 'No Video', alarm_id: 'a1', name: 'n' }
    const [before] = bridge(beginType, 'aws.thing', { ...common, ...begun })
    const [after] = bridge(endType, 'aws.thing', { ...common, ...ended })
    expect([before?.status, before?.once, after?.status, after?.once]).toEqual([
      'firing',
      undefined,
      'resolved',
      undefined,
    ])
    expect(after?.fingerprint).toBe(before?.fingerprint)
    expect(before?.title).toContain('n: No Video')
  })

  test.each([{ Records: [null] }, { budgetName: 'mine' }])('an event of anybody is shown: %j', (detail) => {
    const [alert] = bridge('Thing', 'my.shop', detail)
    expect(alert).toMatchObject({ kind: 'aws-event', name: 'Thing', source: 'my.shop' })
  })

  test.each([
    { alert_type: 'No Audio', alarm_id: 'a1' },
    { alert_type: 'No Video', alarm_id: 'a2' },
  ])('two alarms of one channel are two alerts: %s', (other) => {
    const resources = ['arn:aws:medialive:eu-west-1:111122223333:channel:7']
    const alarms = [{ alert_type: 'No Video', alarm_id: 'a1' }, other].flatMap((alarm) =>
      bridge('MediaLive Channel Alert', 'aws.medialive', { alarm_state: 'SET', ...alarm }, { resources }),
    )
    expect(alarms[0]?.title).toBe('MediaLive Channel Alert: 7 (channel): No Video SET')
    expect(alarms[0]?.fingerprint).not.toBe(alarms[1]?.fingerprint)
  })

  test('a state that is no alarm’s does not make a life of what may never end, nor end what never began', () => {
    for (const state of ['ACTIVE', 'OK', 'FAILED', 'set', 'triggered', 'raised', 'RECOVERED', 'cleared', 'normal']) {
      expect(bridge('Thing State Change', 'aws.thing', { state })[0]).toMatchObject({ status: 'firing', once: true })
    }
    for (const type of ['Cache Cleared', 'Payment Set', 'Alarm Raised']) {
      expect(bridge(type, 'aws.thing', {})[0]).toMatchObject({ status: 'firing', once: true })
    }
  })

  test('an event that says both that it starts and that it ends is shown', () => {
    const detail = { state: 'Open', alarmState: 'normal' }
    expect(bridge('Thing', 'aws.thing', detail)[0]).toMatchObject({ status: 'firing', once: true })
  })

  test.each<[string, object]>([
    ['Payment Cleared', {}],
    ['Cache Cleared', {}],
    ['Ticket Resolved', {}],
    ['Store Open', {}],
    ['Deployment', { state: 'healthy' }],
    ['Deployment', { status: 'RECOVERED' }],
    ['Valve', { state: 'Open', alarmState: 'normal' }],
    ['Valve', { status: 'open' }],
    ['Valve', { status: 'closed' }],
    ['Circuit Breaker', { state: 'OPEN' }],
    ['Job', { state: 'triggered' }],
    ['Flag', { status: 'set' }],
    ['Flag', { alarm_state: 'CLEARED' }],
    ['Flag', { currentStatus: 'x' }],
  ])('what others than AWS say happens once, whatever their words: %s %j', (type, detail) => {
    for (const source of ['my.shop', 'my.aws', 'awsome.shop', 'aws.partner/example.com/shop']) {
      const [alert] = bridge(type, source, detail)
      expect(alert).toMatchObject({ kind: 'aws-event', status: 'firing', once: true, name: type })
    }
  })

  test.each<[string, object, string | undefined]>([
    ['Disk usage high', { instanceId: 'i-1', state: 'running' }, undefined],
    ['Payment stuck', { status: 'pending', reason: 'No answer' }, undefined],
    ['Job finished', { status: 'FINISHED', errorMessage: '3 of 5 failed' }, undefined],
    ['Order', { status: 'failed' }, 'error'],
    ['Order Failed', { status: 'created' }, 'error'],
    ['Order', { status: 'created', severity: 'info' }, 'info'],
  ])('a state of others than AWS makes no event harmless: %s %j', (type, detail, severity) => {
    expect(bridge(type, 'my.shop', detail)[0]?.declaredSeverity).toBe(severity)
  })

  test.each<[string, object, string | undefined]>([
    ['status', { status: 'RESOLVED' }, undefined],
    ['state', { current_state: 'open', state: 'closed' }, undefined],
    ['state in other words', { alertState: 'Recovered' }, undefined],
    ['state as an alarm has it', { state: 'OK' }, undefined],
    ['state that is no end', { status: 'done' }, 'critical'],
    ['state that begins', { status: 'open' }, 'critical'],
    ['sentence', { message: 'The outage is not resolved' }, 'critical'],
  ])("an end by somebody's own %s is read, with no severity claimed: %j", (_, more, severity) => {
    const detail = { monitor: 'Disk', severity: 'critical', ...more }
    for (const alert of [publish(detail), bridge('Monitor', 'my.shop', detail)[0]]) {
      expect(alert).toMatchObject({ status: 'firing', once: true })
      expect(alert?.declaredSeverity).toBe(severity)
    }
  })

  test.each<[string, object]>([
    ['an Auto Scaling group', { AutoScalingGroupName: 'web', error: 'web is dead' }],
    ['a resource', { messageType: 'alert', resourceId: 'db-1', error: 'db-1 is dead' }],
    ['an event', { Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR' }],
    ['an insight', { InsightId: 'i', InsightSeverity: 'high' }],
    ['a text with an id', { body: 'Disk full', messageId: '7' }],
    ['records of nothing', { Records: [null] }],
  ])('somebody else’s message about %s is read as theirs', (_, message) => {
    expect(publish({ ...message, severity: 'critical' })).toMatchObject({
      kind: 'message',
      declaredSeverity: 'critical',
    })
  })

  test.each<[string, unknown, object, object]>([
    [
      'Auto Scaling',
      {
        AutoScalingGroupName: 'web',
        Event: 'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
        Description: 'Launching',
        Cause: 'why',
      },
      {},
      { title: 'Auto Scaling group web: Launching', source: 'aws.autoscaling', reason: 'why' },
    ],
    [
      'RDS',
      {
        'Event Source': 'db-instance',
        'Event Time': '2026-09-14 11:00:00.000',
        'Source ID': 'db-1',
        'Event ID': 'http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html#RDS-EVENT-0006',
        'Event Message': 'DB instance restarted',
      },
      {},
      {
        title: 'db-1: DB instance restarted',
        resource: 'db-1 (db-instance)',
        source: 'aws.rds',
        name: 'RDS-EVENT-0006',
      },
    ],
    [
      'ElastiCache',
      { 'ElastiCache:CacheNodeReplaceComplete': 'cluster-1' },
      {},
      { title: 'ElastiCache cluster-1: cache node replace complete', resource: 'cluster-1 (cache)' },
    ],
    [
      'Elastic Beanstalk',
      'Timestamp: Mon Sep 14 11:00:00 UTC 2026\nMessage: Environment health has transitioned from Degraded to Ok.\n\nEnvironment: web\nNotificationProcessId: 1',
      { Subject: 'AWS Elastic Beanstalk Notification - Environment health has transitioned' },
      { status: 'resolved', resource: 'web (environment)', changedAt: '2026-09-14T11:00:00.000Z' },
    ],
  ])('%s by SNS', (_, message, envelope, expected) => {
    expect(publish(message, envelope)).toMatchObject({ kind: 'aws-event', ...expected })
  })
})
