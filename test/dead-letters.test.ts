import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../local/engine.ts'
import { announceRouter } from '../local/which-router.ts'
import type { Notification } from '../schemas/notification.ts'
import { deadLetter } from '../shared/aws/queue.ts'
import { readConfig } from '../shared/config/read.ts'
import { type Claimed, claim, markDead, markFailed } from '../shared/state.ts'
import { firing } from './alert-samples.ts'
import { startLocalEngine } from './local-engine.ts'

let engine: Engine
let sqs: SQSClient

beforeAll(async () => {
  engine = await startLocalEngine(readConfig('config/alerts.yml'))
  sqs = new SQSClient({})
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'dead-letters-'))
  announceRouter(engine.environment)
})
afterAll(() => engine.stop())

const notification: Notification = { ...firing, channel: 'slack-critical', type: 'slack' }
const body = JSON.stringify(notification)
beforeEach(async () => {
  await deadLetter('slack', { messageId: 'm1', body, reason: 'slack-critical: Slack answered 404: no_service' })
  // As SQS itself moves what it gave up on: without a reason.
  await sqs.send(new SendMessageCommand({ QueueUrl: url('ALARMS_DEAD_LETTERS'), MessageBody: '{"broken":' }))
})
afterEach(async () => {
  for (const queue of ['SLACK_DEAD_LETTERS', 'ALARMS_DEAD_LETTERS', 'SLACK_QUEUE', 'ALARMS_QUEUE']) await empty(queue)
})

const url = (queue: string) => process.env[`${queue}_URL`]

async function depth(queue: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url(queue), AttributeNames: ['ApproximateNumberOfMessages'] }),
  )
  return Number(Attributes?.ApproximateNumberOfMessages)
}

async function empty(queue: string): Promise<void> {
  const { PurgeQueueCommand } = await import('@aws-sdk/client-sqs')
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url(queue) }))
}

/** The command, as a user runs it beside `replay --keep`. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['local/dead-letters.ts', ...args])) }
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string }
  }
}

async function idOf(what: string): Promise<string> {
  const line = (await run('list')).stdout.split('\n').find((one) => one.includes(what))
  return /[0-9a-f]{8}/.exec(line ?? '')?.[0] ?? 'none'
}

test('list tells what lies there, and why; and leaves it there', async () => {
  const { stdout } = await run('list')
  expect(stdout).toContain('orders-db-cpu-high (firing)')
  expect(stdout).toContain('Slack answered 404')
  expect(stdout).toContain('it failed each time')
  expect([await depth('SLACK_DEAD_LETTERS'), await depth('ALARMS_DEAD_LETTERS')]).toEqual([1, 1])
})

test('show tells all of one', async () => {
  const { stdout } = await run('show', await idOf('orders-db-cpu-high'))
  expect(stdout).toContain('why     slack-critical: Slack answered 404: no_service')
  expect(stdout).toContain('"channel": "slack-critical"')
})

test('redrive puts one back into the queue that it came from, as it was', async () => {
  const { code, stdout } = await run('redrive', await idOf('orders-db-cpu-high'))
  expect([code, stdout]).toEqual([0, expect.stringContaining('On its way again')])
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url('SLACK_QUEUE') }))
  expect(Messages.map((message) => message.Body)).toEqual([body])
  expect([await depth('SLACK_DEAD_LETTERS'), await depth('ALARMS_DEAD_LETTERS')]).toEqual([0, 1])
})

test('redrive --all puts all back', async () => {
  await run('redrive', '--all')
  expect(await Promise.all(['SLACK_QUEUE', 'ALARMS_QUEUE', 'SLACK_DEAD_LETTERS'].map(depth))).toEqual([1, 1, 0])
  expect((await run('list')).stdout).toBe('There are no dead letters.\n')
})

test('discard takes one out for good', async () => {
  await run('discard', await idOf('orders-db-cpu-high'))
  expect(await Promise.all(['SLACK_QUEUE', 'SLACK_DEAD_LETTERS', 'ALARMS_DEAD_LETTERS'].map(depth))).toEqual([0, 0, 1])
})

test('show tells what the history has of its tries', async () => {
  const claimed = async () => (await claim(notification, 30_000)) as Claimed
  await markFailed(await claimed(), 'Slack answered 500')
  await markDead(await claimed(), 'Slack answered 404')
  const { stdout } = await run('show', await idOf('orders-db-cpu-high'))
  expect(stdout).toMatch(/slack-critical {2}failed: Slack answered 500\n.* dead letter: Slack answered 404/)
})

test('with --stage the queues of that stage are looked into', async () => {
  const { code, stdout } = await run('list', '--stage', 'local')
  expect([code, stdout]).toEqual([0, expect.stringContaining('orders-db-cpu-high (firing)')])
})

test.each([
  [['show', 'ffffffffffff'], 1, 'No dead letter has the id ffffffffffff'],
  [['show'], 2, 'show needs the id of a letter'],
  [['redrive'], 2, 'redrive needs the id of a letter, or --all'],
  [['discard', '--all'], 2, 'discard needs the id of a letter'],
  [['rediscover'], 2, '"rediscover" is no command. Allowed: list, show, redrive, discard.'],
  [['list', '--stge', 'x'], 2, "'--stge'"],
  [['list', '--stage', 'nowhere'], 1, 'There is no such stack here'],
])('%j is explained', async (args, code, message) => {
  const failed = await run(...args)
  expect(failed).toMatchObject({ code, stderr: expect.stringContaining(message) })
  expect(failed.stderr).not.toContain('    at ')
})

test('without a stage and without a router here, the message says what to do', async () => {
  const env = { ...process.env, TMPDIR: '/nowhere' }
  const failed = await promisify(execFile)(process.execPath, ['local/dead-letters.ts', 'list'], { env }).catch(
    (error) => error as { code: number; stderr: string },
  )
  expect(failed).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Start one with "npm run replay -- --keep"'),
  })
})
