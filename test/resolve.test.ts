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
import { Life } from './kept-life.ts'
import { startLocalEngine } from './local-engine.ts'

const config = checkConfig({
  channels: {
    pager: { type: 'pagerduty', secret: 'pager' },
    chat: { type: 'slack', secret: 'chat' },
    quiet: { type: 'slack', secret: 'quiet', mute: 'nights' },
  },
  windows: { nights: { from: '22:00', to: '06:00' } },
  severities: {
    critical: { channels: ['pager', 'chat', 'quiet'] },
    warning: { channels: ['chat'] },
    info: { channels: ['quiet'] },
  },
  rules: [],
  default: { severity: 'critical' },
})

let engine: Engine
let sqs: SQSClient
const TMPDIR = mkdtempSync(join(tmpdir(), 'resolve-'))

const alarm = (name: string, more: Partial<Alert> = {}): Alert => ({
  ...firing.alert,
  ...{ fingerprint: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`, name, title: name },
  changedAt: '2026-09-14T22:30:00.000Z',
  ...more,
})
const after = ({ changedAt }: Alert, seconds: number) => new Date(Date.parse(changedAt) + seconds * 1_000)
const ghost = alarm('ghost-of-a-database')
const done = alarm('done-and-over')

beforeAll(async () => {
  engine = await startLocalEngine(config)
  sqs = new SQSClient({})
  const before = process.env.TMPDIR
  process.env.TMPDIR = TMPDIR
  announceRouter(engine.environment)
  process.env.TMPDIR = before
  const life = Life.of(ghost, config)
  await life.comes(ghost, after(ghost, 1))
  await life.notified('pager', after(ghost, 2), {})
  await life.fails('chat', after(ghost, 2), 'failed', 'Slack answered 503')
  const other = Life.of(done, config)
  await other.comes({ ...done, status: 'resolved' }, after(done, 1))
  const report = alarm('nightly report', { kind: 'message', once: true, fingerprint: 'reports' })
  await Life.of(report, config).comes(report, after(report, 1))
})
afterAll(() => engine.stop())

const run = (args: string[], env = {}) => here(named('resolve'), args, { env: { TMPDIR, ...env } })

async function ordered(): Promise<unknown[]> {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: process.env.ALARMS_QUEUE_URL }))
  return Messages.map(({ Body = '' }) => orderIn(Body))
}

test('an alert that never resolves automatically is resolved, and its recipients are listed', async () => {
  const { code, stdout, stderr } = await run(['ghost-of-a-database', '--by', 'ana'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('\n')).toEqual([
    'Queued: resolve of ghost-of-a-database (firing since 2026-09-14 22:30:00 UTC), by ana.',
    'Recipients:',
    '  pager: the resolve (firing sent 2026-09-14 22:30:02 UTC)',
    '  chat: the firing and the resolve in one message, because the firing was not delivered yet',
    '  quiet: nothing, because the firing was held and never sent',
    '',
  ])
  expect(await ordered()).toEqual([{ resolve: ghost.fingerprint, by: 'ana', Records: [] }])
})

test('as JSON, an object with the alert and its recipients; if several match, with these', async () => {
  const { code, stdout } = await run(['ghost-of-a-database', '--by', 'ana', '--json'])
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      ...{ fingerprint: ghost.fingerprint, by: 'ana', title: 'ghost-of-a-database', fires: true },
      recipients: ['pager', 'chat'],
    },
  ])
  expect(await ordered()).toHaveLength(1)
  const several = await run(['e', '--json'])
  expect([several.code, JSON.parse(several.stdout).matches]).toEqual([2, expect.objectContaining({ length: 3 })])
})

test('of an alert that is not firing says so', async () => {
  const { code, stderr } = await run([done.fingerprint])
  expect([code, stderr]).toEqual([0, expect.stringContaining('It is not firing')])
  expect(await ordered()).toMatchObject([{ resolve: done.fingerprint }])
})

describe('nothing is sent', () => {
  test.each<[string, string[], number, string]>([
    ['when several match: they are listed', ['e'], 2, '3 alerts match'],
    ['when none matches', ['ghost-of-a-datebase'], 1, 'No alert matches'],
    ['for an event without a state', ['nightly report'], 1, 'is an event without a state'],
    ['without an alert', [], 2, 'Which alert?'],
    ['of two', ['a', 'b'], 2, 'Give one alert'],
    ['by nobody', ['a', '--by', ' '], 2, '--by'],
    ['with an unknown option', ['a', '--buy', 'x'], 2, 'Unknown option "--buy"'],
  ])('%s', async (_, args, code, message) => {
    const failed = await run(args)
    expect(failed).toMatchObject({ code, stderr: expect.stringContaining(message) })
    expect(failed.stderr).not.toContain('    at ')
    expect(await ordered()).toEqual([])
  })
})
