import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import type { Alert } from '../schemas/alert.ts'
import { checkConfig } from '../shared/config/check.ts'
import { orderIn } from '../shared/route/orders.ts'
import { firing } from './alert-samples.ts'
import { here, named } from './command.ts'
import { blocksOf } from './doc-pages.ts'
import { Life } from './kept-life.ts'
import { startLocalEngine } from './local-engine.ts'

/** `ack` and `alerts`: who works on what, and what happens next. */

const config = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    chat: { type: 'slack', secret: 'chat' },
    lead: { type: 'email', addresses: ['lead@example.com'] },
  },
  severities: {
    critical: {
      channels: ['pager', 'chat'],
      remind: '1h',
      escalate: [{ after: '15m', to: ['lead'] }],
      response: { acknowledge: '10m', resolve: '4h' },
    },
    warning: { channels: ['chat'] },
    info: { channels: ['chat'] },
  },
  rules: [{ name: 'warned', when: { name: 'disk' }, severity: 'warning' }],
  default: { severity: 'critical' },
})

let engine: Engine
let sqs: SQSClient
const TMPDIR = mkdtempSync(join(tmpdir(), 'ack-'))
const NOW = '2026-09-14T22:35:00.000Z'

const alarm = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...firing.alert,
  ...{ fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`, name, title: name },
  changedAt: '2026-09-14T22:30:00.000Z',
  ...more,
})
const after = ({ changedAt }: Alert, seconds: number) => new Date(Date.parse(changedAt) + seconds * 1_000)
const orders = alarm('orders-errors')
const disk = alarm('disk', { changedAt: '2026-09-14T22:00:00.000Z' })
const done = alarm('done-and-over')

beforeAll(async () => {
  engine = await startLocalEngine(config)
  sqs = new SQSClient({})
  const before = process.env.TMPDIR
  process.env.TMPDIR = TMPDIR
  announceRouter(engine.environment)
  process.env.TMPDIR = before
  const life = Life.of(orders, config)
  await life.comes(orders, after(orders, 1))
  await life.notified('pager', after(orders, 2), {})
  await life.notified('chat', after(orders, 3), {})
  await Life.of(disk, config).comes(disk, after(disk, 1))
  await Life.of(done, config).comes({ ...done, status: 'resolved' }, after(done, 1))
  const drill = alarm('orders-errors', { drill: '2026-11-27-0000d1' })
  await Life.of(drill, config).comes(drill, after(drill, 1))
})
afterAll(() => engine.stop())

const run = (name: 'ack' | 'alerts', args: string[]) => here(named(name), args, { env: { TMPDIR }, now: NOW })

async function ordered(): Promise<unknown[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL }))
  return Messages.map(({ Body = '' }) => orderIn(Body))
}

test('what fires, the most severe first, and what happens if nobody reacts', async () => {
  const { code, stdout, stderr } = await run('alerts', [])
  expect([code, stderr]).toEqual([0, ''])
  // As docs/response.md shows it.
  const shown = blocksOf('docs/response.md').find(({ marker }) => marker === 'checked by: test/ack.test.ts')?.text
  expect(shown?.trim()).toBe(stdout.trim())
  expect(stdout).toContain('2 alerts firing in the router that runs here; 2 not acknowledged.')
  const rows = stdout.split('\n').filter((line) => /critical|warning/.test(line))
  expect(rows[0]).toMatch(
    /critical.*orders-errors.*2026-09-14 22:30Z.*nobody.*2026-09-14 22:40Z should be acknowledged/,
  )
  expect(rows[1]).toMatch(/warning.*disk/)
  expect(stdout).toMatch(/pager, chat.*5 min.*22:45Z escalates to lead/)
})

test('as JSON', async () => {
  const { stdout } = await run('alerts', ['--json'])
  expect(JSON.parse(stdout).alerts[0]).toMatchObject({
    ...{ title: 'orders-errors', severity: 'critical', channels: ['pager', 'chat'] },
    next: [
      { at: '2026-09-14T22:40:01.000Z', what: 'should be acknowledged' },
      { at: '2026-09-14T22:45:01.000Z', what: 'escalates to lead' },
      { at: '2026-09-14T23:30:03.000Z', what: 'reminds chat' },
      { at: '2026-09-15T02:30:01.000Z', what: 'should be resolved' },
    ],
  })
})

describe('ack', () => {
  test('queues it, and says who is sent that', async () => {
    const { code, stdout, stderr } = await run('ack', ['orders-errors', '--by', 'ann'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual([
      'Queued: acknowledgement of orders-errors (firing since 2026-09-14 22:30:00 UTC), by ann.',
      'No reminders and no escalations, until it ends or gets worse.',
      'Those who know of it are sent that: pager, chat.',
      '',
    ])
    expect(await ordered()).toEqual([{ acknowledge: orders.fingerprint, by: 'ann', via: 'cli', at: NOW, Records: [] }])
  })

  test.each<[string, string[], object]>([
    ['for a time', ['--for', '2h'], { acknowledge: orders.fingerprint, until: '2026-09-15T00:35:00.000Z' }],
    ['taken back', ['--undo'], { unacknowledge: orders.fingerprint }],
  ])('%s', async (_, args, order) => {
    const { code } = await run('ack', ['orders-errors', '--by', 'ann', ...args])
    expect(code).toBe(0)
    expect(await ordered()).toMatchObject([order])
  })

  test.each<[string, string[], number, string]>([
    ['of what does not fire', ['done-and-over'], 1, 'does not fire'],
    ['of what nobody knows', ['ordres-errors'], 1, 'No alert matches'],
    ['by nobody', ['orders-errors', '--by', ' '], 2, '--by needs a name'],
    ['for no time', ['orders-errors', '--for', 'ever'], 2, 'write how long, as in 30m'],
    ['for a time, and taken back', ['orders-errors', '--for', '2h', '--undo'], 2, '--undo'],
  ])('%s: nothing is queued', async (_, args, code, message) => {
    const failed = await run('ack', args)
    expect(failed).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(await ordered()).toEqual([])
  })
})
