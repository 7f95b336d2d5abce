import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import type { Alert } from '../schemas/alert.ts'
import type { Order } from '../schemas/wake.ts'
import { checkConfig } from '../shared/config/check.ts'
import { orderIn } from '../shared/route/orders.ts'
import { changeSilences } from '../shared/store/silences.ts'
import { firing } from './alert-samples.ts'
import { here, named } from './command.ts'
import { Life } from './kept-life.ts'
import { startLocalEngine } from './local-engine.ts'
import { silenceOf } from './silences.ts'

/** `silence`: what a person types, what is queued, and what the table says of it. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' }, lead: { type: 'email', addresses: ['lead@example.com'] } },
  severities: {
    critical: { channels: ['chat', 'lead'] },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  rules: [{ name: 'warned', when: { name: 'disk*' }, severity: 'warning' }],
  default: { severity: 'critical' },
})
const NOW = '2026-11-27T10:00:00.000Z'
const TMPDIR = mkdtempSync(join(tmpdir(), 'silence-'))

let engine: Engine
let sqs: SQSClient

const alarm = (name: string, changedAt: string, more: Partial<Alert> = {}): Alert => ({
  ...firing.alert,
  ...{ fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`, name, title: name, changedAt },
  ...more,
})
const after = ({ changedAt }: Alert, seconds: number) => new Date(Date.parse(changedAt) + seconds * 1_000)

beforeAll(async () => {
  engine = await startLocalEngine(config)
  sqs = new SQSClient({})
  const before = process.env.TMPDIR
  process.env.TMPDIR = TMPDIR
  announceRouter(engine.environment)
  process.env.TMPDIR = before
  const comes = async (alert: Alert, ...statuses: Alert['status'][]) => {
    const life = Life.of(alert, config)
    for (const [index, status] of statuses.entries()) {
      const change = { ...alert, status, changedAt: after(alert, index * 60).toISOString() }
      await life.comes(change, after(change, 1))
    }
  }
  await comes(alarm('orders-errors', '2026-11-27T09:30:00.000Z'), 'firing')
  await comes(alarm('orders-slow', '2026-11-24T09:30:00.000Z'), 'firing', 'resolved', 'firing', 'resolved')
  await comes(alarm('orders-old', '2026-11-10T09:30:00.000Z'), 'firing', 'resolved')
  // Longer than a week.
  await comes(alarm('disk', '2026-11-10T09:30:00.000Z'), 'firing')
  await comes(alarm('orders-drilled', '2026-11-27T09:30:00.000Z', { drill: '2026-11-27-0000d1' }), 'firing')
  await changeSilences(() => [
    silenceOf({ id: 'k3x9qf', until: '2026-11-27T11:30:00.000Z' }),
    silenceOf({ id: 'k3aaaa', about: 'tags.team: stock', when: { 'tags.team': 'stock' }, by: 'bob', why: 'move' }),
    silenceOf({ id: 'over22', at: '2026-11-27T08:00:00.000Z', until: '2026-11-27T09:00:00.000Z' }),
  ])
})
afterAll(async () => {
  rmSync(TMPDIR, { recursive: true })
  await engine.stop()
})

const run = (what: string, ...args: string[]) => here(named(`silence ${what}`), args, { env: { TMPDIR }, now: NOW })

async function ordered(): Promise<(Order | undefined)[]> {
  const QueueUrl = process.env.ALARMS_QUEUE_URL
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
  for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
  return Messages.map(({ Body = '' }) => orderIn(Body))
}

describe('add', () => {
  test('queues it, and says what it holds', async () => {
    const { code, stdout, stderr } = await run(
      'add',
      'name: orders-*',
      '--for',
      '2h',
      '--why',
      'load test',
      '--by',
      'ann',
    )
    expect([code, stderr]).toEqual([0, ''])
    const [order] = await ordered()
    const id = order && 'silence' in order ? order.silence.id : ''
    expect(order).toEqual({
      silence: {
        ...{ id: expect.stringMatching(/^[a-z2-9]{6}$/), when: { name: 'orders-*' }, about: 'name: orders-*' },
        ...{ until: '2026-11-27T12:00:00.000Z', why: 'load test', by: 'ann', via: 'cli', at: NOW, critical: true },
      },
      Records: [],
    })
    expect(stdout.split('\n')).toEqual([
      `Queued: silence ${id} of name: orders-*, by ann, until 2026-11-27 12:00:00 UTC: load test.`,
      'It holds what follows about 1 alert that fires now:',
      '  critical orders-errors, since 2026-11-27 09:30:00 UTC',
      'In the last 7 days it would have held 6 messages about 2 alerts:',
      '  critical orders-slow, 4 messages to chat, lead',
      '  critical orders-errors, 2 messages to chat, lead',
      'It covers critical alerts: its start is announced in their channels, and pages nobody.',
      `End it, or extend it: npx alert-router silence expire ${id}, … extend ${id} --for 2h`,
      '',
    ])
  })

  test('announces nothing if all that it covers is known, and none of it critical', async () => {
    const { stdout } = await run('add', 'name: disk', '--for', '30m', '--why', 'full', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ fires: [{ title: 'disk', severity: 'warning' }], held: [] })
    expect(JSON.parse(stdout)).not.toHaveProperty('critical')
    expect(await ordered()).toEqual([{ silence: expect.not.objectContaining({ critical: true }), Records: [] }])
  })

  test('announces what nobody knows anything of', async () => {
    const { stdout } = await run('add', 'tags.team: unknown', '--for', '30m', '--why', 'new', '--by', 'ann')
    expect(stdout).toContain('Nothing that fires now in the router that runs here is covered.')
    expect(stdout).toContain('It may cover critical alerts, for all that is known')
    expect(await ordered()).toMatchObject([{ silence: { critical: true } }])
  })

  test('--preview queues nothing, and needs neither a reason nor an end', async () => {
    const { code, stdout } = await run('add', '--preview', 'name: [disk, orders-slow]')
    expect([code, await ordered()]).toEqual([0, []])
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'It would hold what follows about 1 alert that fires now:',
      '  warning disk, since 2026-11-10 09:30:00 UTC',
      'In the last 7 days it would have held 4 messages about 1 alert:',
      '  critical orders-slow, 4 messages to chat, lead',
    ])
  })

  test.each<[string, string[], number, string]>([
    ['without a reason', ['name: x', '--for', '2h'], 2, '--why is missing'],
    ['with an empty reason', ['name: x', '--for', '2h', '--why', ' '], 2, '--why is missing'],
    ['with a long reason', ['name: x', '--for', '2h', '--why', 'x'.repeat(301)], 2, 'at most 300'],
    ['without an end', ['name: x', '--why', 'y'], 2, '--for is missing'],
    ['with no length', ['name: x', '--why', 'y', '--for', 'ever'], 2, 'write how long, as in 30m'],
    ['for too long', ['name: x', '--why', 'y', '--for', '31d'], 2, 'at most 30d'],
    ['by nobody', ['name: x', '--why', 'y', '--for', '2h', '--by', ' '], 2, '--by needs a name'],
    ['without a condition', ['--why', 'y', '--for', '2h'], 2, 'Which alerts?'],
    ['with a name alone', ['orders', '--why', 'y', '--for', '2h'], 1, 'CONDITION:1:1: a condition is a field'],
    [
      'with an unknown field',
      ['tag.team: x', '--why', 'y', '--for', '2h'],
      1,
      'CONDITION:1:1: tag.team: unknown field "tag.team". Did you mean "tags.team"?',
    ],
    [
      'with an unknown set',
      ['name: $x', '--why', 'y', '--for', '2h', '--config', 'config/alerts.yml'],
      1,
      'unknown set "x"',
    ],
    ['with a value of rules', ['values.team: x', '--why', 'y', '--for', '2h'], 1, 'none has been evaluated here'],
    ['with a wrong expression', ['{ name: a, title: "/(/" }', '--why', 'y', '--for', '2h'], 1, 'CONDITION:1:12: title'],
  ])('%s: nothing is queued', async (_, args, code, message) => {
    expect(await run('add', ...args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await ordered()).toEqual([])
  })
})

test('list shows those in force, the one that ends first on top', async () => {
  const { stdout } = await run('list')
  expect(stdout).toMatch(
    /k3x9qf.*name: \*.*2026-11-27 11:30Z.*ann.*load test(.|\n)*1 h 30 min left(.|\n)*k3aaaa.*tags.team: stock/,
  )
  expect(stdout).toContain('2 silences in force in the router that runs here.')
  expect(stdout).not.toContain('over22')
  const all = await run('list', '--all', '--json')
  expect(JSON.parse(all.stdout).silences.map(({ id }: { id: string }) => id)).toEqual(['k3x9qf', 'k3aaaa', 'over22'])
})

test('alerts says which of what fires is silenced, by whom', async () => {
  const { stdout } = await here(named('alerts'), [], { env: { TMPDIR }, now: NOW })
  expect(stdout).toMatch(/orders-errors.*silenced by ann until 2026-11-27 11:30Z: load test/)
  const json = await here(named('alerts'), ['--json'], { env: { TMPDIR }, now: '2026-11-27T11:31:00.000Z' })
  for (const alert of JSON.parse(json.stdout).alerts) expect(alert).not.toHaveProperty('silenced')
})

describe('extend and expire', () => {
  test.each<[string, string[], object, string]>([
    [
      'extend',
      ['k3x', '--for', '3h'],
      { extendSilence: 'k3x9qf', until: '2026-11-27T13:00:00.000Z' },
      'lasts until 2026-11-27 13:00',
    ],
    ['expire', ['k3a'], { expireSilence: 'k3aaaa' }, 'the end of silence k3aaaa of tags.team: stock, by eve'],
  ])('%s queues it', async (what, args, order, said) => {
    const { code, stdout, stderr } = await run(what, ...args, '--by', 'eve')
    expect([code, stderr, stdout]).toEqual([0, '', expect.stringContaining(said)])
    expect(await ordered()).toEqual([{ ...order, by: 'eve', via: 'cli', at: NOW, Records: [] }])
  })

  test.each<[string, string[], number, string]>([
    ['extend', ['k3', '--for', '3h'], 2, 'Several silences have an id that starts with k3: k3x9qf, k3aaaa'],
    ['extend', ['k3x', '--for', '1h'], 1, 'It lasts until 2026-11-27 11:30:00 UTC already'],
    ['extend', ['k3x'], 2, '--for is missing'],
    ['extend', ['over', '--for', '1h'], 1, 'Silence over22 ended at 2026-11-27 09:00:00 UTC'],
    ['expire', ['zzz'], 1, 'In force: k3x9qf, k3aaaa.'],
    ['expire', [''], 1, 'No silence'],
  ])('%s %j: nothing is queued', async (what, args, code, message) => {
    expect(await run(what, ...args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await ordered()).toEqual([])
  })
})
