import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { announceRouter } from '../cli/which-router.ts'
import type { Engine } from '../local/engine.ts'
import type { Config } from '../schemas/config.ts'
import type { Notification } from '../schemas/notification.ts'
import type { Wake } from '../schemas/wake.ts'
import { deadLetter } from '../shared/aws/queue.ts'
import { checkConfig } from '../shared/config/check.ts'
import { readConfig } from '../shared/config/read.ts'
import { firing } from './alert-samples.ts'
import { here, named } from './command.ts'
import { Life } from './kept-life.ts'
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

/** Sent to Slack, which rejects it. */
const RULES = checkConfig({
  channels: { 'slack-critical': { type: 'slack', secret: 'slack-critical' } },
  severities: Object.fromEntries(
    ['critical', 'warning', 'info'].map((name) => [name, { channels: ['slack-critical'] }]),
  ),
  default: { severity: 'critical' },
  rules: [],
})
const { alert } = firing
const CHANGED = Date.parse(alert.changedAt)
const at = (seconds: number) => new Date(CHANGED + seconds * 1_000)
const REASON = 'slack-critical: Slack answered 404: no_service'

let alerts = 0
let life: Life
let wake: Wake
let body: string
beforeEach(async () => {
  const mine = { ...alert, fingerprint: `${alert.fingerprint}-${++alerts}` }
  life = Life.of(mine, RULES)
  const change = await life.comes(mine, at(1))
  await life.fails('slack-critical', at(2), 'failed', 'Slack answered 500')
  await life.fails('slack-critical', at(3), 'dead-lettered', 'Slack answered 404: no_service')
  const recipient = 'slack-critical'
  wake = { fingerprint: mine.fingerprint, recipient, channel: recipient, type: 'slack', change }
  body = JSON.stringify(wake)
  const about = 'orders-db-cpu-high (firing) → slack-critical'
  await deadLetter('slack', { messageId: 'm1', body, reason: REASON, about })
  // As SQS itself moves a message: without a reason.
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
const run = (...args: string[]) => here(named('dead-letters'), args)

async function idOf(what: string): Promise<string> {
  const line = (await run('list')).stdout.split('\n').find((one) => one.includes(what))
  return /[0-9a-f]{8}/.exec(line ?? '')?.[0] ?? 'none'
}

test('list shows the dead letters and their reasons, and leaves them in the queue', async () => {
  const { stdout } = await run('list')
  expect(stdout).toContain('orders-db-cpu-high (firing)')
  expect(stdout).toContain('Slack answered 404')
  expect(stdout).toContain('every attempt failed')
  expect([await depth('SLACK_DEAD_LETTERS'), await depth('ALARMS_DEAD_LETTERS')]).toEqual([1, 1])
})

test('list and show as JSON', async () => {
  const listed = JSON.parse((await run('list', '--json')).stdout)
  expect(listed).toContainEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    since: expect.stringMatching(/^\d{4}-.*Z$/),
    queue: 'slack',
    about: expect.stringContaining('orders-db-cpu-high (firing)'),
    why: expect.stringContaining('Slack answered 404'),
  })
  const [one] = JSON.parse((await run('show', listed[0].id, '--json')).stdout)
  expect(one).toEqual({ ...listed[0], body: expect.any(String) })
})

test('in a narrow terminal each dead letter has its own lines', async () => {
  process.env.COLUMNS = '60'
  const { stdout } = await run('list').finally(() => delete process.env.COLUMNS)
  expect(stdout).toMatch(/^queue +slack$/m)
  expect(stdout.split('\n').filter((line) => line.length > 60)).toEqual([])
})

test('a dead letter moved by SQS itself is described from the table', async () => {
  await empty('SLACK_DEAD_LETTERS')
  await sqs.send(new SendMessageCommand({ QueueUrl: url('SLACK_DEAD_LETTERS'), MessageBody: body }))
  expect((await run('list')).stdout).toContain('orders-db-cpu-high (firing) →')
})

test('show prints all of a dead letter, and the state of its recipient', async () => {
  const { stdout } = await run('show', await idOf('orders-db-cpu-high'))
  expect(stdout).toContain(`why     ${REASON}`)
  expect(stdout).toContain('now     is owed the firing: a dead letter since 2026-09-14 11:18:55 UTC')
  expect(stdout).toMatch(/slack-critical {2}failed: Slack answered 500\n.* dead letter: Slack answered 404/)
  expect(stdout).toContain('"channel": "slack-critical"')
})

async function received(queue: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url(queue), MessageAttributeNames: ['All'] }),
  )
  return Messages
}

test('redrive moves one back to its source queue, unchanged, marked as requested by a person', async () => {
  const { code, stdout } = await run('redrive', await idOf('orders-db-cpu-high'))
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^Redriven:\n.*→ slack-critical: requeued\n$/)])
  const messages = await received('SLACK_QUEUE')
  expect(messages.map((message) => message.Body)).toEqual([body])
  expect(messages[0]?.MessageAttributes).toMatchObject({
    messageId: { StringValue: 'm1' },
    redriven: { StringValue: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
  })
  expect([await depth('SLACK_DEAD_LETTERS'), await depth('ALARMS_DEAD_LETTERS')]).toEqual([0, 1])
})

test('redrive discards one whose recipient is no longer owed anything, and says why', async () => {
  await life.notified('slack-critical', at(60))
  const { code, stdout } = await run('redrive', await idOf('orders-db-cpu-high'))
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/^Discarded:\n.*: no longer owed: already delivered at 2026-09-14 11:19:52 UTC\n$/),
  ])
  expect(await Promise.all(['SLACK_QUEUE', 'SLACK_DEAD_LETTERS', 'ALARMS_DEAD_LETTERS'].map(depth))).toEqual([0, 0, 1])
})

test('a redrive finds its recipient by another name', async () => {
  const { 'slack-critical': channel } = RULES.channels
  await life.passes(at(60), {
    ...RULES,
    channels: { talk: { ...channel, formerly: ['slack-critical'] } as Config['channels'][string] },
  })
  await run('redrive', await idOf('orders-db-cpu-high'))
  const [message] = await received('SLACK_QUEUE')
  expect(JSON.parse(message?.Body ?? '{}')).toEqual({ ...wake, recipient: 'talk', channel: 'talk' })
})

test('a whole notification, as the previous version sent it, is listed, and moved back unchanged', async () => {
  await empty('SLACK_DEAD_LETTERS')
  const notification: Notification = { ...firing, channel: 'slack-critical', type: 'slack' }
  const old = JSON.stringify(notification)
  await deadLetter('slack', { messageId: 'm0', body: old, reason: REASON })
  const id = await idOf('orders-db-cpu-high (firing)')
  expect((await run('redrive', id)).code).toBe(0)
  expect((await received('SLACK_QUEUE')).map((message) => message.Body)).toEqual([old])
})

test('a dead letter of the alarms queue keeps its id and its time', async () => {
  await run('redrive', await idOf('alarms'))
  const [message] = await received('ALARMS_QUEUE')
  expect(message).toMatchObject({
    Body: '{"broken":',
    MessageAttributes: { messageId: { StringValue: expect.any(String) }, sentAt: { StringValue: expect.any(String) } },
  })
})

test('the router’s messages to itself are described', async () => {
  const order = { due: 'orders', at: '2026-09-14T11:18:52.496Z' }
  await sqs.send(new SendMessageCommand({ QueueUrl: url('ALARMS_DEAD_LETTERS'), MessageBody: JSON.stringify(order) }))
  expect((await run('list')).stdout).toContain('orders: due at')
})

test('redrive --all moves all back', async () => {
  await run('redrive', '--all')
  expect(await Promise.all(['SLACK_QUEUE', 'ALARMS_QUEUE', 'SLACK_DEAD_LETTERS'].map(depth))).toEqual([1, 1, 0])
  expect((await run('list')).stdout).toBe('No dead letters.\n')
})

test('one about an incident that only a person can close stays through a redrive, until it is discarded', async () => {
  await empty('ALARMS_DEAD_LETTERS')
  const close = JSON.stringify({ close: wake.fingerprint, incident: 'pagerduty x7Yh', channel: 'oncall', Records: [] })
  const reason = 'channel "oncall" may have left an incident open in PagerDuty'
  await deadLetter('alarms', { messageId: 'm2', body: close, reason, about: 'orders-db-cpu-high (resolved) → oncall' })
  const id = await idOf('(resolved)')
  const { code, stderr } = await run('redrive', '--all')
  const lines = [`Redriven:`, `  .* → slack-critical: requeued`]
  const kept = ['These need action by you. Discard each one when it is done:', `  ${id}  orders-.* → oncall: ${reason}`]
  expect([code, stderr]).toEqual([1, expect.stringMatching(new RegExp(`^${[...lines, ...kept].join('\\n')}\\n$`))])
  expect(await depth('ALARMS_DEAD_LETTERS')).toBe(1)
  expect((await run('discard', id)).code).toBe(0)
  expect(await depth('ALARMS_DEAD_LETTERS')).toBe(0)
})

test('as JSON, an object with what was redriven, discarded, and left to you', async () => {
  const [slack, alarms] = JSON.parse((await run('list', '--json')).stdout).sort(bySlackFirst) as { id: string }[]
  const notified = async (...args: string[]) => {
    const { code, stdout } = await run(...args, '--json')
    return [code, JSON.parse(stdout)]
  }
  const nothing = { redriven: [], discarded: [], manual: [] }
  expect(await notified('redrive', slack?.id ?? '')).toEqual([0, { ...nothing, redriven: [slack] }])
  expect(await notified('discard', alarms?.id ?? '')).toEqual([0, { ...nothing, discarded: [alarms] }])
  expect(await notified('redrive', '--all')).toEqual([0, nothing])
})

function bySlackFirst(a: { queue: string }, b: { queue: string }): number {
  return b.queue.localeCompare(a.queue)
}

test('discard deletes one', async () => {
  await run('discard', await idOf('orders-db-cpu-high'))
  expect(await Promise.all(['SLACK_QUEUE', 'SLACK_DEAD_LETTERS', 'ALARMS_DEAD_LETTERS'].map(depth))).toEqual([0, 0, 1])
})

test('with --stage it reads the queues of that stage', async () => {
  const { code, stdout } = await run('list', '--stage', 'local')
  expect([code, stdout]).toEqual([0, expect.stringContaining('orders-db-cpu-high (firing)')])
})

test.each([
  [['show', 'ffffffffffff'], 1, 'No dead letter has the id ffffffffffff'],
  [['show'], 2, 'show needs the id of a dead letter'],
  [['redrive'], 2, 'redrive needs the id of a dead letter, or --all'],
  [['discard', '--all'], 2, 'Unknown option "--all".'],
  [['rediscover'], 2, 'Unknown command "rediscover".'],
  [[], 2, 'dead-letters redrive  resend'],
  [['list', 'ffff'], 2, '"ffff": list takes no id. Use "show" for one dead letter.'],
  [['redrive', 'ffff', '--all'], 2, 'Give an id or --all, not both.'],
  [['list', '--stge', 'x'], 2, 'Unknown option "--stge". Did you mean "--stage"?'],
  [['list', '--stage', 'nowhere'], 1, 'Stack not found'],
])('%j is explained', async (args, code, message) => {
  const failed = await run(...args)
  expect(failed).toMatchObject({ code, stderr: expect.stringContaining(message) })
  expect(failed.stderr).not.toContain('    at ')
})

test('without a stage and without a router here, the message says what to do', async () => {
  const failed = await here(named('dead-letters'), ['list'], { env: { TMPDIR: '/nowhere' } })
  expect(failed).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Start one with "npx alert-router replay --keep"'),
  })
})
