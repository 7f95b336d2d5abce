import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import { readConfig } from '../shared/config/read.ts'
import type { Timed } from '../shared/decide/decision.ts'
import { notificationId } from '../shared/decide/notifications.ts'
import { keepChange, keyOfChange, readChange } from '../shared/store/changes.ts'
import { here, named } from './command.ts'
import { expectShown } from './doc-pages.ts'
import { after, alarm, cpu, writeStories } from './history-stories.ts'
import { startLocalEngine } from './local-engine.ts'

let engine: Engine

const folder = mkdtempSync(join(tmpdir(), 'history-'))

/** The command, as a user runs it beside `replay --keep`. */
const run = (args: string[], env: Record<string, string | undefined> = {}) => here(named('history'), args, { env })

/** The lines of one change, by how it starts. */
function changeIn(text: string, start: string): string {
  const from = text.indexOf(start)
  expect(from, `${start} in:\n${text}`).toBeGreaterThan(-1)
  return (text.slice(from).split('\n\n')[0] ?? '').trimEnd()
}

/** The lines from the routing on. */
const sinceRouted = (change: string) => {
  const lines = change.split('\n')
  return lines.slice(lines.findIndex((line) => line.includes('routed')))
}

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  process.env.TMPDIR = folder
  announceRouter(engine.environment)
  await writeStories()
})

afterAll(() => engine.stop())

describe('the timeline of an alert', () => {
  let text: string
  beforeAll(async () => {
    const { code, stdout } = await run(['orders-db-cpu-high'])
    expect(code).toBe(0)
    text = stdout
  })

  test('is what docs/operations.md shows', () => expectShown('docs/operations.md', 'test/history.test.ts', text))

  test('starts with its current state, and what recipients are owed', () => {
    expect(text.split('\n\n')[0]?.split('\n')).toEqual([
      'orders-db-cpu-high  resolved since 2026-09-14 11:31:10 UTC',
      'orders-db (DBInstanceIdentifier), account 123456789012, eu-west-1',
      cpu.fingerprint,
      '  pager  received the firing at 2026-09-14 11:19:57 UTC; is owed the resolve: delayed once, next',
      '         attempt at 2026-09-14 11:31:16 UTC',
      '  chat   received the firing at 2026-09-14 11:18:53 UTC; is owed the resolve: a dead letter since',
      '         2026-09-14 11:31:11 UTC (Slack answered 404)',
    ])
  })

  test('shows the decision on a change, its reasons, and each recipient’s attempts in order of time', () => {
    expect(sinceRouted(changeIn(text, '2026-09-14 11:18:52.496 UTC  Firing (was OK)'))).toEqual([
      '      +0.4 s  routed     critical, by rule "default": to pager, chat',
      '                         because no rule matches: the default severity is critical',
      '                         by version 8d5053093003 of the rules',
      '      +0.9 s  pager      failed (2 times, last +3.1 s): PagerDuty answered 500',
      '      +5.0 s             waits: PagerDuty answered 429',
      '      +5.0 s             also sent to fallback mail',
      '  +1 min 5 s             delivered on attempt 3, after 1 delay, in the shared incident "critical,',
      '                         namespace AWS/RDS"',
      '              mail       as the fallback of pager',
      '      +6.2 s             delivered',
      '      +1.2 s  chat       delivered in a digest with 11 other alerts (digest-7): 12 alerts, critical',
      '      +1.6 s  duplicate  received in another message; not sent again',
    ])
  })

  test('says why a change was not sent', () => {
    expect(changeIn(text, '2026-09-14 11:17:52.496 UTC  No data')).toContain(
      'not sent: stale: superseded by a newer firing',
    )
  })

  test('shows what still waits, and dead letters', () => {
    expect(sinceRouted(changeIn(text, '2026-09-14 11:31:10.000 UTC  Resolved (was firing)')).join('\n')).toBe(
      [
        '    +0.4 s  routed  critical, by rule "default": to pager, chat, mail',
        '                    because resolves the firing since 2026-09-14T11:18:52.496Z: sent to the same',
        '                    channels',
        '                    by version 8d5053093003 of the rules',
        '            pager   waits for the next attempt, at 2026-09-14 11:31:16.000 UTC; delayed once since',
        '                    2026-09-14 11:31:11.000 UTC',
        '            mail    as the fallback of pager',
        '    +1.0 s          delivered',
        '    +1.0 s  chat    dead letter: Slack answered 404',
      ].join('\n'),
    )
  })

  test('is in the order of the changes, within 100 columns', () => {
    const starts = [...text.matchAll(/^2026-09-14 [\d:.]+ UTC/gm)].map(([start]) => start)
    expect(starts).toEqual(starts.toSorted())
    expect(starts).toHaveLength(3)
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  })

  test('points to the dead letters', () => expect(text).toContain('redriven: npx alert-router dead-letters list'))
})

test('a held change is shown as held: until when, why, and that it was resolved before', async () => {
  const { stdout } = await run(['quiet-queue'])
  expect(stdout).toContain('quiet  is owed the firing: held until 2026-09-15 06:00:00 UTC (within nights)')
  expect(sinceRouted(changeIn(stdout, '2026-09-14 22:30:00.000 UTC')).join('\n')).toBe(
    [
      '       +1.0 s  routed  info, by rule "quiet": later to quiet',
      '                       because rule "quiet" matches first: info',
      '                       because within nights: quiet is notified at 2026-09-15T06:00Z',
      '                       by version 8d5053093003 of the rules',
      '               quiet   held until 2026-09-15 06:00:00 UTC',
      '  +10 min 0 s          not sent: it was resolved at 2026-09-14 22:40:00 UTC, before it was released',
    ].join('\n'),
  )
  expect(changeIn(stdout, '2026-09-14 22:40:00.000 UTC')).toContain(
    'not sent: the firing was never sent, so no resolve is sent',
  )
  expect(changeIn(stdout, '2026-09-14 23:30:00.000 UTC')).toMatch(
    /quiet +held until 2026-09-15 06:00:00\.000 UTC: within nights$/,
  )
})

test('a change that resolved before it could be sent is sent with the resolve, or not at all', async () => {
  const { stdout } = await run(['missed-all'])
  const over = 'not sent: it was resolved at 2026-09-14 11:23:52 UTC, before it was sent'
  expect(changeIn(stdout, '2026-09-14 11:18:52.496 UTC')).toMatch(
    new RegExp(`pager +failed: PagerDuty answered 503\\n.* ${over}\\n.*chat +failed: Slack answered 503\\n.* ${over}$`),
  )
  expect(changeIn(stdout, '2026-09-14 11:23:52.496 UTC')).toMatch(
    /pager +not sent: it was resolved before it could be sent, and its firing was never sent\n.*chat +delivered as one message for the firing and the resolve: RESOLVED/,
  )
})

test('what a removed channel was owed is shown under its name, and under the channel that took over', async () => {
  const { stdout } = await run(['of-a-gone-channel'])
  expect(stdout).toMatch(/mail +is owed the firing/)
  expect(changeIn(stdout, '2026-09-14 11:18:52.496 UTC')).toMatch(
    /chat +failed: Slack answered 503\n.*gone: the rules name no channel "chat" any more\n.*mail +still owed from an earlier decision/,
  )
})

test('records of the previous version are shown as recorded', async () => {
  const { stdout } = await run(['of-an-earlier-form'])
  expect(sinceRouted(changeIn(stdout, '2026-09-14 11:18:52.496 UTC'))).toEqual([
    '      +0.4 s  routed          critical, by rule "database": to pagerduty, slack-critical, email',
    '                              because rule "database" matches first: critical',
    '      +0.9 s  pagerduty       failed (2 times, last +3.1 s): PagerDuty answered 500',
    '      +5.0 s                  waits: PagerDuty answered 429',
    '      +5.0 s                  also sent to fallback email-security',
    '  +1 min 5 s                  delivered on attempt 3, after 1 delay, in the shared incident',
    '                              "critical, namespace AWS/RDS"',
    '              email-security  as the fallback of pagerduty',
    '      +6.2 s                  delivered',
    '      +1.2 s  slack-critical  delivered in a digest with 11 other alerts (digest-7)',
    '              email           not attempted yet, or too long ago: its message may be in the queue',
    '      +1.6 s  duplicate       received in another message; not sent again',
  ])
})

test('repeated events without a state are one history', async () => {
  const { code, stdout } = await run(['nightly report'])
  expect(code).toBe(0)
  expect(stdout).toContain('\nreports\n')
  expect([...stdout.matchAll(/delivered: (report \d)/g)].map(([, said]) => said)).toEqual([
    'report 1',
    'report 2',
    'report 3',
  ])
})

test('--json has all of it', async () => {
  const { stdout } = await run(['orders-db-cpu-high', '--json'])
  const history = JSON.parse(stdout)
  expect(history).toMatchObject({
    fingerprint: cpu.fingerprint,
    state: {
      status: 'resolved',
      recipients: {
        pager: { owed: { status: 'resolved' }, notified: { status: 'firing' }, waits: 1 },
        chat: { dead: {} },
      },
    },
    changes: [
      { messages: [{ outcome: 'stale' }], deliveries: [] },
      { severity: 'critical', rule: 'default', messages: [{ outcome: 'sent' }, { outcome: 'duplicate' }] },
      {},
    ],
  })
  const deliveries = history.changes.map((change: { deliveries: { channel: string; status: string }[] }) =>
    change.deliveries.map(({ channel, status }) => [channel, status]),
  )
  expect(deliveries.slice(1)).toEqual([
    [
      ['pager', 'delivered'],
      ['mail', 'delivered'],
      ['chat', 'delivered'],
    ],
    [
      ['pager', 'waiting'],
      ['mail', 'delivered'],
      ['chat', 'dead-lettered'],
    ],
  ])
  const [, { deliveries: fired }] = history.changes
  expect(fired[0]).toMatchObject({
    tries: [
      { at: after(cpu, 0.9).toISOString(), outcome: 'failed', reason: 'PagerDuty answered 500', times: 2 },
      { outcome: 'waits' },
      { outcome: 'delivered' },
    ],
    waits: 1,
    incident: 'critical, namespace AWS/RDS',
    fallbackTo: 'mail',
  })
  expect(fired[1]).toMatchObject({ fallbackFor: 'pager' })
  expect(fired[2]).toMatchObject({ digest: { id: 'digest-7', of: 12 }, notificationId: notificationId(cpu, 'chat') })
})

describe('--explain', () => {
  test.each([
    ['recorded before traces existed', 'of-an-earlier-form'],
    ['with a damaged trace', 'trace-no-json'],
    ['with a trace in an unknown format', 'trace-of-tomorrow'],
  ])('of a change %s shows which of the rules at hand match, and whether these decided it', async (_, name) => {
    const { code, stdout } = await run([name, '--explain'])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /No trace was recorded\. Explained by the rules in this folder \(version [0-9a-f]{12}\)\. Version/,
    )
    expect(stdout).toContain('Rules, in order')
    expect(stdout).toMatch(/✗ no data +status: found "firing", wanted "insufficient-data"/)
  })

  test('shows the first line of each message, as sent', async () => {
    const { stdout } = await run(['orders-db-cpu-high', '--explain'])
    expect(stdout).toMatch(/Messages, as sent\n {2}chat {2}12 alerts, critical\n$/)
  })

  test('shows how much was omitted; and hostile text can’t affect the terminal, nor break a line', async () => {
    const { code, stdout } = await run(['trace-hostile', '--explain'])
    expect(code).toBe(0)
    expect(stdout).toContain('  … 7 more evaluated, not shown\n')
    expect(stdout).toContain(': found "red [31mevil line", wanted red [31mevil line\n')
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|^line/m)
  })
})

test('a change received days late is timed from then', async () => {
  const { stdout } = await run(['sent-late'])
  expect(stdout).toContain('received 3 days late; times are relative to 2026-09-17 11:18:52.496 UTC')
  expect(stdout).toMatch(/\+0\.0 s {2}routed {2}critical, by rule "database": to nobody/)
})

test('hostile text can’t affect the terminal, nor break a line', async () => {
  const { code, stdout } = await run(['hostile'])
  expect(code).toBe(0)
  expect(stdout).toContain('red [31mevil second line')
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
})

test('of a long history the last ten changes are shown, or those since a time', async () => {
  const changes = (stdout: string) => [...stdout.matchAll(/^2026-10-(\d\d)/gm)].map(([, day]) => Number(day))
  const last = await run(['flapping'])
  const since = await run(['flapping', '--since', '2026-10-11T00:00'])
  const all = await run(['flapping', '--all'])
  expect(changes(last.stdout)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(last.stdout).toContain('There are earlier changes. Show more with --since')
  expect(changes(since.stdout)).toEqual([11, 12])
  expect(changes(all.stdout)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})

describe('an alert is found', () => {
  test.each([
    ['by its ARN', cpu.fingerprint, 'orders-db-cpu-high  '],
    ['by its name in another case', 'Orders-DB-CPU-high', 'orders-db-cpu-high  '],
    ['by part of its name', 'cpu', 'orders-db-cpu-high  '],
    ['by the ARN of its alarm, which has one contributor', `${alarm('throttles').fingerprint}`, 'throttles  '],
  ])('%s', async (_, name, start) => {
    const { code, stdout } = await run([name])
    expect([code, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${start}`))])
  })

  test('unless several match: they are listed with their state, to choose one', async () => {
    const { code, stdout, stderr } = await run(['orders-db'])
    expect(code).toBe(2)
    expect(stdout).toContain('resolved since 2026-09-14 11:31:10 UTC  orders-db-cpu-high')
    expect(stdout).toContain(alarm('orders-db-connections').fingerprint)
    expect(stderr).toContain('2 alerts match')
  })

  test('or not: then it suggests similar names, and what to try', async () => {
    const { code, stdout, stderr } = await run(['order-db-cpu-hi'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('No alert matches "order-db-cpu-hi"')
    expect(stderr).toContain('Did you mean "orders-db-cpu-high"')
    expect(stderr).toContain('npx alert-router dead-letters list')
  })
})

test('with --stage it reads the table of that stage', async () => {
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
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName })
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
  test.each<[string, string[], Record<string, string | undefined>, number, string]>([
    ['no name', [], {}, 2, 'Which alert?'],
    ['two names', ['orders', 'db'], {}, 2, 'Quote a name that contains blanks, as in "orders db"'],
    ['an unknown option', ['x', '--sinse', '1d'], {}, 2, 'Unknown option "--sinse". Did you mean "--since"?'],
    ['an invalid time', ['x', '--since', 'monday'], {}, 2, 'write how long ago (90m, 12h, 7d)'],
    ['no router here', ['x'], { TMPDIR: '/nowhere' }, 2, 'Start one with "npx alert-router replay --keep"'],
    ['no such stage', ['x', '--stage', 'nowhere'], {}, 1, 'check --stage, --region and the account'],
    ['no credentials', ['x', '--stage', 'prod'], bare, 1, 'No AWS credentials found'],
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

  test('a killed router is detected as ended', async () => {
    const TMPDIR = mkdtempSync(join(tmpdir(), 'ended-'))
    const now = process.env.TMPDIR
    process.env.TMPDIR = TMPDIR
    announceRouter({ ...engine.environment, AWS_ENDPOINT_URL_SQS: 'http://127.0.0.1:1' })
    process.env.TMPDIR = now
    const { code, stderr } = await run(['x'], { TMPDIR })
    expect([code, stderr]).toEqual([2, expect.stringContaining('has ended. Start one with')])
  })
})

test('a write that was aborted, or is another function’s, and takes effect late overwrites nothing that was recorded since', async () => {
  const alert = alarm('late-write')
  const change = keyOfChange(alert, 'm', 0)
  const decision: Timed = { severity: 'critical', rule: 'database', channels: ['pagerduty'], held: [], because: [] }
  const fixed = { outcome: 'sent', firingSince: undefined, messageId: 'm' } as const
  const kept = (rule: string, version: number, seconds: number) =>
    keepChange(
      alert.fingerprint,
      { alert, change, decision: { ...decision, rule }, earlier: {}, ...fixed, version },
      after(alert, seconds),
    )
  await kept('first', 4, 2)
  await kept('second', 5, 3)
  await kept('first', 4, 2)
  await kept('first', 4, 4)
  expect((await readChange(alert.fingerprint, change))?.rule).toBe('second')
})
