import { renameSync, writeFileSync } from 'node:fs'
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { Context } from 'aws-lambda'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Engine } from '../local/engine.ts'
import { depth } from '../local/router.ts'
import type { Answer, Captured } from '../local/stand-ins/index.ts'
import { startStandIn } from '../local/stand-ins/stand-in.ts'
import { checkConfig } from '../shared/config/check.ts'
import { documentOf, versionOf } from '../shared/live-config/version.ts'
import { shardOf } from '../shared/store/due-index.ts'
import { written } from './emf.ts'
import { startLocalEngine } from './local-engine.ts'

/** The clock on the local engine: what it puts into the alarms' queue for the entries of the index. */
const config = checkConfig({
  channels: { chat: { type: 'slack', secret: 'chat' } },
  severities: { critical: { channels: ['chat'] }, warning: { channels: ['chat'] }, info: { channels: ['chat'] } },
  default: { severity: 'info' },
  rules: [],
})
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
const EVER = { name: 'ever', window: { from: yesterday, to: '2100-01-01' }, covers: { name: 'x' } }

let engine: Engine
let tick: (event: unknown, context: Context) => Promise<void>
let sqs: SQSClient
let table: DynamoDBClient
beforeAll(async () => {
  engine = await startLocalEngine(config)
  // Before the function is loaded, which takes the clock as it is then.
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true })
  tick = (await import('../functions/tick.ts')).handler as unknown as typeof tick
  sqs = new SQSClient({})
  table = new DynamoDBClient({})
})
afterAll(() => {
  vi.useRealTimers()
  return engine.stop()
})

/** The entries of the index. */
const entries: string[] = []
const LAST = { pk: { S: 'tick' }, sk: { S: 'last' } }
beforeEach(async () => {
  await Promise.all(entries.splice(0).map((pk) => remove({ pk: { S: pk }, sk: { S: 'state.2' } })))
  await remove(LAST)
})

const TableName = () => process.env.TABLE_NAME ?? ''
const remove = (Key: typeof LAST) => table.send(new DeleteItemCommand({ TableName: TableName(), Key }))

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString()

async function due(pk: string, dueAt: string): Promise<void> {
  entries.push(pk)
  const Item = { pk: { S: pk }, sk: { S: 'state.2' }, dueAt: { S: dueAt }, dueShard: { S: shardOf(pk) } }
  await table.send(new PutItemCommand({ TableName: TableName(), Item }))
}

async function lastRun() {
  const { Item } = await table.send(new GetItemCommand({ TableName: TableName(), Key: LAST }))
  return Item
}

/** As if the last run had been then. */
async function lastRunWas(secondsAgo: number, version = versionOf(documentOf(config))): Promise<void> {
  const Item = { ...LAST, at: { S: inSeconds(-secondsAgo) }, configVersion: { S: version }, notices: { S: '{}' } }
  await table.send(new PutItemCommand({ TableName: TableName(), Item }))
}

const run = (remainingMs = 50_000) => tick({}, { getRemainingTimeInMillis: () => remainingMs } as Context)

/** Receives and deletes the messages of the alarms' queue that are due. */
async function sent(): Promise<Record<string, string>[]> {
  const QueueUrl = process.env.ALARMS_QUEUE_URL
  const bodies: string[] = []
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return bodies.map((body) => JSON.parse(body))
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(Body)
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
}

test('an overdue entry is announced at once, once, and a later one is left alone', async () => {
  await lastRunWas(70)
  const dueAt = inSeconds(-5)
  await due('overdue', dueAt)
  await due('later', inSeconds(3_600))
  const { metrics } = await written(run)
  expect(await sent()).toEqual([{ due: 'overdue', at: dueAt, Records: [] }])
  expect(metrics).toMatchObject([{ metric: 'DueLateMs', unit: 'Milliseconds', dimensions: {} }])
  expect(metrics[0]?.value).toBeGreaterThanOrEqual(5_000)
  await run()
  expect(await sent()).toEqual([])
})

test('the message for an entry that is due within the next minute arrives at its time', async () => {
  await lastRunWas(60)
  const dueAt = inSeconds(2)
  await due('soon', dueAt)
  await run()
  expect(await sent()).toEqual([])
  expect(await depth(sqs, process.env.ALARMS_QUEUE_URL ?? '')).toBe(1)
  await expect.poll(sent, { timeout: 5_000 }).toEqual([{ due: 'soon', at: dueAt, Records: [] }])
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(dueAt))
})

test('when nothing is due, it says so', async () => {
  const { metrics } = await written(run)
  expect(metrics).toMatchObject([{ metric: 'DueLateMs', value: 0 }])
  expect(await sent()).toEqual([])
})

test('after a change of the rules every open entry is announced, once', async () => {
  const version = versionOf(documentOf(config))
  await lastRunWas(60, 'another')
  const dueAt = inSeconds(86_400)
  const all = Array.from({ length: 23 }, (_, n) => `held-${n}`)
  for (const pk of all) await due(pk, dueAt)
  await run()
  const messages = await sent()
  expect(messages.map((message) => message.due).sort()).toEqual([...all].sort())
  for (const { due: pk, ...rest } of messages)
    expect([pk, rest]).toEqual([pk, { at: dueAt, rules: version, Records: [] }])
  expect(await lastRun()).toMatchObject({ configVersion: { S: version } })
  await run()
  expect(await sent()).toEqual([])
})

test('the start of an open maintenance is announced once, and so is its end when it is removed from the rules', async () => {
  await run()
  const file = process.env.CONFIG_FILE ?? ''
  const put = async (edited: object) => {
    writeFileSync(`${file}.new`, JSON.stringify(edited))
    renameSync(`${file}.new`, file)
    // The file is checked once a second (shared/live-config/changed-file.ts).
    vi.setSystemTime(Date.now() + 1_100)
  }
  const notices = async () => (await sent()).map(({ id, status, time }) => [id, status, time])
  await put({ ...config, maintenance: [EVER] })
  await run()
  expect(await notices()).toEqual([['ever', 'firing', `${yesterday}T00:00:00.000Z`]])
  await run()
  expect(await notices()).toEqual([])
  await put(config)
  await run()
  expect(await notices()).toMatchObject([['ever', 'resolved', expect.stringMatching(/Z$/)]])
})

test('the next run does what a run had no time for', async () => {
  await lastRunWas(60)
  await due('overdue', inSeconds(-40))
  await run(15_000)
  expect(await sent()).toEqual([])
  expect(await lastRun()).toHaveProperty('begun')
  await run()
  expect(await sent()).toMatchObject([{ due: 'overdue' }])
  expect(await lastRun()).not.toHaveProperty('begun')
})

test('messages that the queue does not accept are sent again, and else left to the next run, which logs it', async () => {
  await lastRunWas(60)
  for (const n of [1, 2, 3]) await due(`overdue-${n}`, inSeconds(-40))
  const real = process.env.ALARMS_QUEUE_URL ?? ''
  const proxy = await startStandIn({
    answer: () => ({ status: 502 }),
    capture: ({ path, json }) => ({ path, body: json }),
    forwardTo: () => new URL(new URL(real).origin),
  })
  process.env.ALARMS_QUEUE_URL = `${proxy.url}${new URL(real).pathname}`
  // The SDK warns each time that this is not its configured endpoint.
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    proxy.answerBy(takesNone)
    await expect(run()).rejects.toThrow('SQS did not accept')
    proxy.answerBy((request, n) => (n % 2 === 0 ? undefined : takesNone(request)))
    await run()
  } finally {
    warn.mockRestore()
    process.env.ALARMS_QUEUE_URL = real
    await proxy.close()
  }
  expect((await sent()).map((message) => message.due).sort()).toEqual(['overdue-1', 'overdue-2', 'overdue-3'])
})

/** A 200 that took none of its entries. */
function takesNone({ body }: Captured): Answer {
  const { Entries } = body as { Entries: { Id: string }[] }
  const Failed = Entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }))
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: { Successful: [], Failed } }
}
