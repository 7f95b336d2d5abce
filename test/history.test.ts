import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import { announceRouter } from '../local/which-router.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Notification } from '../schemas/notification.ts'
import type { DecisionTrace } from '../schemas/trace.ts'
import { readConfig } from '../shared/config/read.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { fallbackNotification } from '../shared/deliver/fallback.ts'
import { type Claimed, claim, markDead, markDelivered, markFailed, markWaiting, recordChange } from '../shared/state.ts'
import { firing, resolved } from './alert-samples.ts'
import { startLocalEngine } from './local-engine.ts'

let engine: Engine
const folder = mkdtempSync(join(tmpdir(), 'history-'))

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  process.env.TMPDIR = folder
  announceRouter(engine.environment)
  await tellStories()
})
afterAll(() => engine.stop())

/** The command, as a user runs it beside `replay --keep`. */
async function run(args: string[], env: Record<string, string | undefined> = {}) {
  const options = { env: { ...process.env, ...env } }
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['local/history.ts', ...args], options)) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

/** So many seconds after the change. */
const after = (alert: Alert, seconds: number) => new Date(Date.parse(alert.changedAt) + seconds * 1_000)

const alarm = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...firing.alert,
  fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
  name,
  title: name,
  ...more,
})

const cpu = alarm('orders-db-cpu-high')
const late = alarm('told-late')

async function decided(
  alert: Alert,
  channels: string[],
  more: Partial<Parameters<typeof recordChange>[0]> = {},
  at = after(alert, 0.4),
) {
  const because = ['rule "database" matches first: critical', 'the rule adds email']
  const decision = { severity: 'critical', rule: 'database', channels, because } as const
  const configVersion = '8d5053093003'
  const defaults = {
    configVersion,
    outcome: 'sent',
    firing: undefined,
    messageId: crypto.randomUUID(),
    position: 0,
  } as const
  await recordChange({ alert, decision, ...defaults, ...more }, at)
}

const to = (channel: string, type: Notification['type'], alert: Alert): Notification => ({
  ...firing,
  alert,
  channel,
  type,
  id: notificationId(alert, channel),
})

async function claimed(notification: Notification, at: Date): Promise<Claimed> {
  const mine = await claim(notification, 30_000, at)
  if (typeof mine === 'string') throw new Error(`the claim is ${mine}`)
  return mine
}

const HOSTILE = 'red \u001b[31m\u202eevil\nline'
/** Kept by a router whose rules, or whose table, somebody has had their hands in. */
const TRACE: DecisionTrace = {
  at: HOSTILE,
  firingSince: HOSTILE,
  steps: [
    { rule: HOSTILE, result: 'off', why: HOSTILE, alternatives: [] },
    {
      rule: HOSTILE,
      result: 'failed',
      alternatives: [[{ at: HOSTILE, found: [HOSTILE], wanted: HOSTILE, matches: false }]],
    },
    { rule: HOSTILE, result: 'matched', alternatives: [[]], moreLines: 2 },
  ],
  moreSteps: 7,
  notLookedAt: 1,
  parts: [
    { part: HOSTILE, value: HOSTILE, by: HOSTILE },
    { part: 'later', value: HOSTILE, by: HOSTILE },
  ],
  windows: [{ name: HOSTILE, isOpen: true, until: HOSTILE }],
}

/** Written by what the deliverers write with. */
async function tellStories() {
  const at = (seconds: number) => after(cpu, seconds)
  const [pagerduty, slack, email] = [
    to('pagerduty', 'pagerduty', cpu),
    to('slack-critical', 'slack', cpu),
    to('email', 'email', cpu),
  ]
  await decided(cpu, ['pagerduty', 'slack-critical', 'email', 'slack-warning'], {
    firing: { since: cpu.changedAt, severity: 'critical', rule: 'database', channels: ['pagerduty'] },
  })
  await decided(cpu, ['pagerduty'], { outcome: 'duplicate' }, at(1.6))
  await markFailed(await claimed(pagerduty, at(0.9)), 'PagerDuty answered 500', {}, at(0.9))
  await markFailed(await claimed(pagerduty, at(3.1)), 'PagerDuty answered 500', {}, at(3.1))
  const meanwhile = { wasAsked: true, fallbackTo: 'email-security' }
  await markWaiting(await claimed(pagerduty, at(5)), 'PagerDuty answered 429', meanwhile, at(5))
  const fallback = fallbackNotification(pagerduty, { channel: 'email-security', type: 'email' }, 'it fails')
  await markDelivered(await claimed(fallback, at(6)), { at: at(6.2).toISOString() })
  await markDelivered(await claimed(pagerduty, at(65)), {
    at: at(65.3).toISOString(),
    incident: 'critical, namespace AWS/RDS',
  })
  const digest = { at: at(1.2).toISOString(), said: '12 alerts, critical', digest: { id: 'digest-7', of: 12 } }
  await markDelivered(await claimed(slack, at(1)), digest)
  await markDead(await claimed(email, at(1)), 'the topic is gone', {}, at(1.1))

  const stale = { ...cpu, changedAt: after(cpu, -60).toISOString() }
  await decided(stale, ['pagerduty'], { outcome: 'stale' }, at(2))

  const over: Alert = { ...resolved.alert, fingerprint: cpu.fingerprint }
  await decided(over, ['pagerduty'])
  const reason = 'waits for its turn'
  await markWaiting(
    await claimed(to('pagerduty', 'pagerduty', over), after(over, 1)),
    reason,
    { wasAsked: false },
    after(over, 1),
  )

  await decided(late, [], {}, after(late, 86_400 * 3))
  await decided(alarm('orders-db-connections'), ['email'])
  await decided({ ...alarm('throttles'), fingerprint: `${alarm('throttles').fingerprint}#6d44` }, ['email'])
  await decided(
    alarm('hostile', {
      reason: 'red \u001b[31m\u202eevil\nsecond line',
      resource: 'x\u0007y',
      changedAt: 'not a time',
    }),
    ['email'],
    {},
    new Date(),
  )
  await decided(alarm('trace-no-json'), ['email'], { trace: '{"at":' })
  await decided(alarm('trace-of-tomorrow'), ['email'], { trace: JSON.stringify({ ...TRACE, steps: { first: 'x' } }) })
  await decided(alarm('trace-hostile'), ['email'], { trace: JSON.stringify(TRACE) })
  for (let day = 1; day <= 12; day++) {
    await decided(alarm('flapping', { changedAt: `2026-10-${String(day).padStart(2, '0')}T10:00:00.000Z` }), ['email'])
  }
}

describe('the timeline of an alert', () => {
  let text: string
  beforeAll(async () => {
    const { code, stdout } = await run(['orders-db-cpu-high'])
    expect(code).toBe(0)
    text = stdout
  })
  /** The lines of one change, by how it starts. */
  const change = (start: string) => {
    const from = text.indexOf(start)
    expect(from, `${start} in:\n${text}`).toBeGreaterThan(-1)
    return text.slice(from).split('\n\n')[0] ?? ''
  }

  test('begins with what it is now', () => {
    expect(text.split('\n').slice(0, 3)).toEqual([
      'orders-db-cpu-high  resolved since 2026-09-14 11:31:10 UTC',
      'orders-db (DBInstanceIdentifier), account 123456789012, eu-west-1',
      cpu.fingerprint,
    ])
  })

  test('says of a change what was decided and why, and each channel’s tries in time order', () => {
    const lines = change('2026-09-14 11:18:52.496 UTC  Firing (was OK)').split('\n')
    expect(lines.slice(lines.findIndex((line) => line.includes('routed')))).toEqual([
      '      +0.4 s  routed          critical, by rule "database": to pagerduty, slack-critical, email,',
      '                              slack-warning',
      '                              because rule "database" matches first: critical',
      '                              because the rule adds email',
      '                              in version 8d5053093003 of the rules',
      '      +0.9 s  pagerduty       failed (2 times, last +3.1 s): PagerDuty answered 500',
      '      +5.0 s                  waits: PagerDuty answered 429',
      '      +5.0 s                  email-security was told, too, as its fallback',
      '  +1 min 5 s                  delivered on try 3, kept waiting once, in the shared incident',
      '                              "critical, namespace AWS/RDS"',
      '              email-security  as the fallback of pagerduty',
      '      +6.2 s                  delivered',
      '      +1.2 s  slack-critical  delivered in a digest with 11 other alerts (digest-7)',
      '      +1.1 s  email           dead letter: the topic is gone',
      '              slack-warning   not tried yet, or too long ago: its message may be in the queue',
      '      +1.6 s  told again      by another message: not sent again',
    ])
  })

  test('names a change that came too late, and says that it was not sent', () => {
    expect(change('2026-09-14 11:17:52.496 UTC  Firing')).toContain(
      'not sent: a newer change of this alert was known when it came',
    )
  })

  test('says what still waits, and for what', () => {
    expect(change('2026-09-14 11:31:10.000 UTC  Resolved (was firing)')).toContain(
      'waits for its next try; kept waiting once since 2026-09-14 11:31:11.000 UTC:',
    )
  })

  test('stands in the order of the changes, within 100 columns', () => {
    const starts = [...text.matchAll(/^2026-09-14 [\d:.]+ UTC/gm)].map(([start]) => start)
    expect(starts).toEqual(starts.toSorted())
    expect(starts).toHaveLength(3)
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('points to the dead letters', () => expect(text).toContain('npm run dead-letters -- list shows'))
})

test('--json has all of it', async () => {
  const { stdout } = await run(['orders-db-cpu-high', '--json'])
  const story = JSON.parse(stdout)
  expect(story).toMatchObject({
    fingerprint: cpu.fingerprint,
    state: { status: 'resolved' },
    changes: [{}, { severity: 'critical', rule: 'database', messages: [{}, { outcome: 'duplicate' }] }, {}],
  })
  const deliveries = story.changes[1].deliveries as { channel: string; status: string }[]
  expect(deliveries.map(({ channel, status }) => [channel, status])).toEqual([
    ['pagerduty', 'delivered'],
    ['email-security', 'delivered'],
    ['slack-critical', 'delivered'],
    ['email', 'dead-lettered'],
    ['slack-warning', 'untried'],
  ])
  expect(deliveries[0]).toMatchObject({
    tries: [{ at: after(cpu, 0.9).toISOString(), outcome: 'failed', reason: 'PagerDuty answered 500' }, {}, {}, {}],
    waits: 1,
    incident: 'critical, namespace AWS/RDS',
    fallbackTo: 'email-security',
  })
  expect(deliveries[1]).toMatchObject({ fallbackFor: 'pagerduty' })
  expect(deliveries[2]).toMatchObject({ digest: { id: 'digest-7', of: 12 } })
})

describe('--explain', () => {
  test.concurrent.each([
    ['that was recorded before traces were kept', 'orders-db-cpu-high'],
    ['whose trace is damaged', 'trace-no-json'],
    ['whose trace is of a form that is not known here', 'trace-of-tomorrow'],
  ])('of a change %s tells which of the rules at hand match, and whether these decided it', async (_, name) => {
    const { code, stdout } = await run([name, '--explain'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /No trace was kept with it\. By the rules in this folder \(version [0-9a-f]{12}\)\. It was decided by version/,
    )
    expect(stdout).toContain('Rules, in order')
    expect(stdout).toMatch(/✗ no data +status: found "firing", wanted "insufficient-data"/)
  })

  test('tells how each message began, as it was sent', async () => {
    const { stdout } = await run(['orders-db-cpu-high', '--explain'])
    expect(stdout).toMatch(/Messages, as they were sent\n {2}slack-critical {2}12 alerts, critical\n$/)
  })

  test('tells how much was left out; and hostile text in it can’t touch the terminal, nor break a line', async () => {
    const { code, stdout } = await run(['trace-hostile', '--explain'])
    expect(code).toBe(0)
    expect(stdout).toContain('  … 7 more were tried and are not told\n')
    expect(stdout).toContain(': found "red [31mevil line", wanted red [31mevil line\n')
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^line/m)
  })
})

test('what was told days later is timed from then', async () => {
  const { stdout } = await run(['told-late'])
  expect(stdout).toContain('told 3 days later: times count from 2026-09-17 11:18:52.496 UTC')
  expect(stdout).toMatch(/\+0\.0 s {2}routed {2}critical, by rule "database": to nobody/)
})

test('hostile text can’t touch the terminal, nor break a line', async () => {
  const { code, stdout } = await run(['hostile'])
  expect(code).toBe(0)
  expect(stdout).toContain('red [31mevil second line')
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

test('of a long past the last ten changes are shown, or those since a time', async () => {
  const changes = (stdout: string) => [...stdout.matchAll(/^2026-10-(\d\d)/gm)].map(([, day]) => Number(day))
  const [last, since] = await Promise.all([run(['flapping']), run(['flapping', '--since', '2026-10-11T00:00'])])
  expect(changes(last.stdout)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(last.stdout).toContain('2 earlier changes: --since shows more')
  expect(changes(since.stdout)).toEqual([11, 12])
})

describe('an alert is found', () => {
  test.concurrent.each([
    ['by its ARN', cpu.fingerprint, 'orders-db-cpu-high  '],
    ['by its name in another case', 'Orders-DB-CPU-high', 'orders-db-cpu-high  '],
    ['by a part of its name', 'cpu', 'orders-db-cpu-high  '],
    ['by the ARN of its alarm, which has one contributor', `${alarm('throttles').fingerprint}`, 'throttles  '],
  ])('%s', async (_, name, start) => {
    const { code, stdout } = await run([name])
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${start}`))])
  })

  test('unless several have that in their names: they are listed, with their state, to choose one', async () => {
    const { code, stdout, stderr } = await run(['orders-db'])
    expect(code).toBe(2)
    expect(stdout).toContain('resolved since 2026-09-14 11:31:10 UTC  orders-db-cpu-high')
    expect(stdout).toContain(alarm('orders-db-connections').fingerprint)
    expect(stderr).toContain('2 alerts are called like that')
  })

  test('or not: then similar names are told, and what to try', async () => {
    const { code, stdout, stderr } = await run(['order-db-cpu-hi'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('Nothing is known of "order-db-cpu-hi"')
    expect(stderr).toContain('Did you mean "orders-db-cpu-high"')
    expect(stderr).toContain('npm run dead-letters -- list')
  })
})

test('with --stage the table of that stage is asked', async () => {
  const client = new DynamoDBClient({})
  for (const stage of ['prod', 'prod-eu']) {
    const TableName = `alert-router-${stage}-AlertTable-1ABC`
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    )
    const Item = {
      pk: { S: `of-${stage}` },
      sk: { S: 'state' },
      title: { S: 'same name' },
      status: { S: 'firing' },
      changedAt: { S: '2026-09-14T11:18:52.496Z' },
    }
    await client.send(new PutItemCommand({ TableName, Item }))
  }
  const { stdout } = await run(['same name', '--stage', 'prod', '--json'], { TMPDIR: '/nowhere' })
  expect(JSON.parse(stdout)).toMatchObject({ fingerprint: 'of-prod' })
})

describe('what can’t be done is explained', () => {
  const bare = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }
  test.concurrent.each<[string, string[], Record<string, string | undefined>, number, string]>([
    ['no name', [], {}, 2, 'Which alert?'],
    ['two names', ['orders', 'db'], {}, 2, 'put a name with blanks in quotes, as in "orders db"'],
    ['an unknown option', ['x', '--sinse', '1d'], {}, 2, "'--sinse'"],
    ['a time that is none', ['x', '--since', 'monday'], {}, 2, 'write how long ago (90m, 12h, 7d)'],
    ['no router here', ['x'], { TMPDIR: '/nowhere' }, 2, 'Start one with "npm run replay -- --keep"'],
    ['no such stage', ['x', '--stage', 'nowhere'], {}, 1, 'another --stage, region (AWS_REGION) or account'],
    ['no credentials', ['x', '--stage', 'prod'], bare, 1, 'There are no AWS credentials in the environment'],
    ['no region', ['x', '--stage', 'prod'], { ...bare, AWS_REGION: undefined }, 1, 'No region is set'],
    [
      'no answer',
      ['x', '--stage', 'prod'],
      { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' },
      1,
      'No answer from AWS',
    ],
  ])('%s', async (_, args, env, code, message) => {
    const failed = await run(args, env)
    expect(failed).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
    expect(failed.stderr).not.toContain('    at ')
  })

  test('a router that was killed is known to have ended', async () => {
    const TMPDIR = mkdtempSync(join(tmpdir(), 'ended-'))
    const now = process.env.TMPDIR
    process.env.TMPDIR = TMPDIR
    announceRouter({ ...engine.environment, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' })
    process.env.TMPDIR = now
    const { code, stderr } = await run(['x'], { TMPDIR })
    expect([code, stderr]).toEqual([2, expect.stringContaining('has ended. Start one with')])
  })
})

test('--help tells all options', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  for (const option of ['ALARM', '--stage', '--since', '--json', 'Exit code']) expect(stdout).toContain(option)
})
