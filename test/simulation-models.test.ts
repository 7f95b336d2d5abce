import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import dynalite from 'dynalite'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CREDENTIALS } from '../local/emulated.ts'
import { Table } from '../local/simulation/aws/dynamodb.ts'
import { Sns } from '../local/simulation/aws/sns.ts'
import { Sqs, urlOf } from '../local/simulation/aws/sqs.ts'
import { answerTo, type HttpRequest, type Request, readRequest } from '../local/simulation/aws/wire.ts'
import { Clock } from '../local/simulation/clock.ts'
import { type Random, randomOf } from '../local/simulation/random.ts'
import { REGION, TABLE } from '../local/topology.ts'
import { FUZZ_RUNS } from './fuzz-runs.ts'

/*
 * The simulation's models of AWS against emulators that others keep, through the real SDK: random sequences of the
 * calls that the product makes, and near misses of them, give the same responses. Known differences of the emulators
 * from AWS are excluded: fauxqs takes any delay and any receipt handle, and knows no character above U+FFFF;
 * dynalite deletes nothing that has expired. Time does not pass there; time-dependent behaviour is tested
 * separately.
 */

const SEEDS = Array.from({ length: Math.ceil(FUZZ_RUNS / 100) }, (_, seed) => seed)
const CALLS = 40

type Client = { send(command: never): Promise<unknown> }
type Command = SendMessageCommand

/** An SDK's client whose requests a model answers. */
function modelled(act: (request: Request) => object) {
  const handle = async (http: unknown) => {
    const { status, headers, body } = answerTo(readRequest(http as HttpRequest), act)
    return { response: { statusCode: status, headers, body: Buffer.from(body) } }
  }
  return { region: REGION, credentials: CREDENTIALS, maxAttempts: 1, requestHandler: { handle } as never }
}

/** A client's result for a command: the response, or the name of the error. */
async function said(client: Client, command: unknown): Promise<Record<string, unknown>> {
  try {
    const { $metadata: _, ...answer } = (await client.send(command as never)) as Record<string, unknown>
    return answer
  } catch (error) {
    // fauxqs has a prefix for its errors in the older protocol.
    return { refused: (error as Error).name.replace('AWS.SimpleQueueService.', '') }
  }
}

let queues: FauxqsServer
let tables: { url: string; close: () => void }
beforeAll(async () => {
  queues = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: REGION })
  const server = dynalite({ createTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  tables = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
})
afterAll(async () => {
  await queues.stop()
  tables.close()
})

const ATTRIBUTES: (Record<string, { DataType: string; StringValue: string }> | undefined)[] = [
  undefined,
  { reason: { DataType: 'String', StringValue: 'why' } },
  { a: { DataType: 'String', StringValue: 'ä' }, b: { DataType: 'String', StringValue: '2' } },
]

test.each(SEEDS)('SQS: the model answers as fauxqs does (seed %i)', async (seed) => {
  const random = randomOf(`sqs ${seed}`)
  const name = `sqs-${seed}`
  queues.createQueue(name)
  const other = new SQSClient({ endpoint: queues.address, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })
  const clock = new Clock(Date.UTC(2026, 0, 1))
  const sqs = new Sqs(clock, random.of('model'))
  sqs.createQueue(name, { visibilityTimeoutS: 30, retentionS: 1_000_000 })
  const model = new SQSClient(modelled(({ operation, input }) => sqs.call(operation, input, {})))
  /** Receipt handles of the same messages, here and there. */
  const handles: [string, string][] = []
  for (let call = 0; call < CALLS; call++) {
    const make = sqsCall(random, handles)
    const [ours, theirs] = [
      await said(model, make(urlOf(name), 0)),
      await said(other, make(`${queues.address}/000000000000/${name}`, 1)),
    ]
    remember(ours, theirs, handles)
    expect(comparable(ours), `call ${call}`).toEqual(comparable(theirs))
  }
})

function sqsCall(random: Random, handles: [string, string][]): (QueueUrl: string, side: 0 | 1) => Command {
  const body = () => random.pick(['a', '{"b":1}', 'ü', '\u0007', 'x'.repeat(30_000)])
  const bodies = [body(), body(), body()]
  const ids = random.pick([
    ['1', '2', '3'],
    ['1', '2', '2'],
    ['1', 'b d', '3'],
    ['x', 'y', 'z'],
  ])
  const attributes = random.pick(ATTRIBUTES)
  const at = random.int(handles.length + 1)
  const handle = (side: 0 | 1) => handles[at]?.[side]
  const [timeout, delay, most] = [
    random.pick([0, 5, 43_200, 43_201, -1]),
    random.pick([0, 0, 5, 900]),
    random.pick([1, 3, 10, 11]),
  ]
  const entries = bodies.map((MessageBody, index) => ({ Id: ids[index], MessageBody, MessageAttributes: attributes }))
  const calls: ((QueueUrl: string, side: 0 | 1) => unknown)[] = [
    (QueueUrl) =>
      new SendMessageCommand({ QueueUrl, MessageBody: bodies[0], DelaySeconds: delay, MessageAttributes: attributes }),
    (QueueUrl) => new SendMessageCommand({ QueueUrl, MessageBody: 'a', MessageAttributes: attributes }),
    (QueueUrl) => new SendMessageBatchCommand({ QueueUrl, Entries: entries }),
    (QueueUrl) => new SendMessageBatchCommand({ QueueUrl, Entries: [] }),
    (QueueUrl) => new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: most, MessageAttributeNames: ['All'] }),
    (QueueUrl) => new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    (QueueUrl, side) =>
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: handle(side), VisibilityTimeout: timeout }),
    (QueueUrl, side) => new DeleteMessageCommand({ QueueUrl, ReceiptHandle: handle(side) }),
    (QueueUrl, side) =>
      new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle: handle(side) }] }),
    (QueueUrl) => new SendMessageCommand({ QueueUrl: QueueUrl.replace(/[^/]+$/, 'nowhere'), MessageBody: 'a' }),
  ]
  const isOfHandle = (call: unknown) => /handle\(side\)/.test(String(call))
  return random.pick(at < handles.length ? calls : calls.filter((call) => !isOfHandle(call))) as never
}

test('SQS: time-dependent behaviour is as AWS documents it', async () => {
  const clock = new Clock(Date.UTC(2026, 0, 1))
  const pass = (s: number) => {
    clock.after(s * 1_000, () => {})
    clock.next()
  }
  const sqs = new Sqs(clock, randomOf('time'))
  const letters = sqs.createQueue('letters', { visibilityTimeoutS: 30, retentionS: 1_000 })
  const queue = sqs.createQueue('q', {
    visibilityTimeoutS: 30,
    retentionS: 1_000,
    deadLetters: { queue: 'letters', maxReceiveCount: 3 },
  })
  const client = new SQSClient(modelled(({ operation, input }) => sqs.call(operation, input, {})))
  const QueueUrl = urlOf('q')
  const receive = async () => (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.ReceiptHandle
  const wait = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    said(client, new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }))

  const late = await said(client, new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 901 }))
  expect(late).toEqual({ refused: 'InvalidParameterValue' })
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a', DelaySeconds: 60 }))
  expect(await receive()).toBeUndefined()
  pass(60)
  const first = await receive()
  expect(await receive()).toBeUndefined()
  pass(30)
  expect(await wait(first, 10)).toEqual({ refused: 'MessageNotInflight' })
  const second = await receive()
  expect(await wait(first, 10)).toEqual({ refused: 'MessageNotInflight' })
  pass(1)
  expect(await wait(second, 43_200)).toEqual({ refused: 'InvalidParameterValue' })
  expect(await wait(second, 5)).toEqual({})
  pass(5)
  await receive()
  pass(30)
  expect(await receive()).toBeUndefined()
  expect([...letters.messages.values()]).toMatchObject([{ body: 'a' }])

  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b' }))
  pass(1_001)
  expect(await receive()).toBeUndefined()
  expect(queue.expired).toMatchObject([{ body: 'b' }])
})

test('DynamoDB: an eventually consistent read sees writes up to some moment ago', async () => {
  const clock = new Clock(Date.UTC(2026, 0, 1))
  const table = new Table(clock, randomOf('stale'), 't', { partitionKey: 'pk', sortKey: 'sk', indexes: {} })
  const key = { pk: { S: 'a' }, sk: { S: 'b' } }
  const put = (N: string) =>
    table.call('PutItem', { TableName: 't', Item: { ...key, n: { N } } }, { asOf: 0, leavesOut: () => false })
  const read = (asOf: number, ConsistentRead: boolean) =>
    table.call('GetItem', { TableName: 't', Key: key, ConsistentRead }, { asOf, leavesOut: () => false })
  put('1')
  clock.after(5_000, () => put('2'))
  clock.next()?.run()
  expect(read(clock.now - 1_000, false)).toMatchObject({ Item: { n: { N: '1' } } })
  expect(read(clock.now - 9_000, false)).toEqual({})
  expect(read(clock.now - 9_000, true)).toMatchObject({ Item: { n: { N: '2' } } })
})

interface Received {
  MessageId?: string
  ReceiptHandle?: string
}

function remember(ours: Record<string, unknown>, theirs: Record<string, unknown>, handles: [string, string][]): void {
  const [here, there] = [ours.Messages, theirs.Messages].map((all) => (all ?? []) as Received[])
  for (const [index, { ReceiptHandle = '' }] of (here ?? []).entries()) {
    handles.push([ReceiptHandle, there?.[index]?.ReceiptHandle ?? ''])
  }
}

/** Without values that each generates: ids, handles, times. Error messages may differ. */
function comparable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (name, inside) => {
      if (['MessageId', 'ReceiptHandle', 'Attributes', 'Message', 'MD5OfMessageAttributes'].includes(name)) {
        return name === 'Attributes' || name === 'Message' ? undefined : typeof inside
      }
      return Array.isArray(inside) && inside.length === 0 ? undefined : inside
    }),
  )
}

test.each(SEEDS)('SNS: the model answers, and fans out, as fauxqs does (seed %i)', async (seed) => {
  const random = randomOf(`sns ${seed}`)
  const [topic, queue] = [`topic-${seed}`, `fan-${seed}`]
  queues.createTopic(topic)
  queues.createQueue(queue)
  queues.subscribe({
    topic,
    queue,
    attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify({ channelType: ['slack'] }) },
  })
  const at = { endpoint: queues.address, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 }
  const [other, inbox] = [new SNSClient(at), new SQSClient(at)]
  const sns = new Sns()
  sns.topics.add(topic)
  const passed: string[] = []
  sns.onPublished = ({ message, attributes }) => {
    if (attributes.channelType?.StringValue === 'slack') passed.push(message)
  }
  const model = new SNSClient(modelled(({ operation, input }) => sns.call(operation, input, {})))
  for (let call = 0; call < CALLS; call++) {
    const command = snsCall(random, topic)
    expect(comparable(await said(model, command)), `call ${call}`).toEqual(comparable(await said(other, command)))
  }
  const received: string[] = []
  for (;;) {
    const QueueUrl = `${queues.address}/000000000000/${queue}`
    const { Messages = [] } = await inbox.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) break
    received.push(...Messages.map(({ Body = '' }) => Body))
  }
  expect(received.sort()).toEqual(passed.sort())
})

function snsCall(random: Random, topic: string): unknown {
  const TopicArn = `arn:aws:sns:${REGION}:000000000000:${random.chance(0.1) ? 'nowhere' : topic}`
  const attributes = () =>
    random.pick([undefined, { channelType: { DataType: 'String', StringValue: random.pick(['slack', 'email']) } }])
  const message = () => random.pick(['a', '<b>&"ü', `{"n":${random.int(1_000)}}`, 'y\n z '])
  const ids = random.pick([
    ['1', '2', '3'],
    ['1', '1', '3'],
    ['1', 'b d', '3'],
  ])
  const entries = ids.map((Id) => ({ Id, Message: message(), MessageAttributes: attributes() }))
  return random.pick([
    () => new PublishCommand({ TopicArn, Message: message(), MessageAttributes: attributes() }),
    () => new PublishCommand({ TopicArn, Message: 'x'.repeat(300_000) }),
    () => new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries.slice(0, random.int(4)) }),
    () => new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
  ])()
}

test.each(SEEDS)('DynamoDB: the model answers as dynalite does (seed %i)', async (seed) => {
  const random = randomOf(`dynamodb ${seed}`)
  const TableName = `table-${seed}`
  const other = new DynamoDBClient({ endpoint: tables.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })
  await createTable(other, TableName)
  const clock = new Clock(Date.UTC(2026, 0, 1))
  const table = new Table(clock, random.of('model'), TableName, {
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: { due: { partitionKey: 'dueShard', sortKey: 'dueAt', isKeysOnly: true } },
  })
  const reading = { asOf: clock.now, leavesOut: () => false }
  const model = new DynamoDBClient(modelled(({ operation, input }) => table.call(operation, input, reading)))
  for (let call = 0; call < 3 * CALLS; call++) {
    const command = tableCall(random, TableName)
    const [ours, theirs] = [await said(model, command), await said(other, command)]
    expect(inSetOrder(ours), `call ${call}: ${JSON.stringify((command as { input: unknown }).input)}`).toEqual(
      inSetOrder(theirs),
    )
  }
})

async function createTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName,
      ...TABLE,
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 0.05 }, { TableName })
}

function inSetOrder(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, inside) => {
      // dynalite says `{}` where AWS says nothing.
      if (name === 'Attributes' && Object.keys(inside).length === 0) return undefined
      if (name === 'SS') return [...inside].sort()
      if (name === 'UnprocessedKeys' || name === 'UnprocessedItems') return Object.keys(inside).length
      if (name === 'Responses') {
        const all = Object.values(inside as object).flat()
        return all.map((one) => JSON.stringify(sortedKeys(one))).sort()
      }
      return inside
    }),
  )
}

function sortedKeys(of: unknown): unknown {
  return Object.fromEntries(Object.entries(of as object).sort(([a], [b]) => (a < b ? -1 : 1)))
}

interface Conditional {
  ConditionExpression?: string
  ExpressionAttributeNames?: Record<string, string>
  ExpressionAttributeValues?: Record<string, AttributeValue>
}

/** Few keys and values, so that conditions often pass and often fail. */
function few(random: Random) {
  const key = () => ({ pk: { S: random.pick(['a', 'b']) }, sk: { S: random.pick(['state', 'change#1', 'change#2']) } })
  const number = () => ({ N: String(random.int(3)) })
  const dueAt = () => ({ S: `2026-01-0${1 + random.int(5)}` })
  const due = (): Record<string, AttributeValue> =>
    random.chance(0.5) ? { dueShard: { S: String(random.int(2)) }, dueAt: dueAt() } : {}
  const item = (): Record<string, AttributeValue> => ({
    ...key(),
    version: number(),
    doc: { S: 'x' },
    members: { SS: random.pick([['p'], ['p', 'q']]) },
    ...due(),
  })
  return { key, number, dueAt, item }
}

function someCondition(random: Random): Conditional {
  const { number } = few(random)
  return random.pick<Conditional>([
    { ConditionExpression: 'attribute_not_exists(pk)' },
    { ConditionExpression: 'attribute_exists(pk) AND version = :v', ExpressionAttributeValues: { ':v': number() } },
    { ConditionExpression: 'attribute_not_exists(pk) OR version < :v', ExpressionAttributeValues: { ':v': number() } },
    {
      ConditionExpression: '#v BETWEEN :v AND :w',
      ExpressionAttributeNames: { '#v': 'version' },
      ExpressionAttributeValues: { ':v': number(), ':w': number() },
    },
    { ConditionExpression: 'NOT (version IN (:v, :w))', ExpressionAttributeValues: { ':v': number(), ':w': number() } },
    {
      ConditionExpression: 'begins_with(doc, :x) AND contains(members, :x)',
      ExpressionAttributeValues: { ':x': { S: random.pick(['x', 'p']) } },
    },
    // Near misses: an extra value, a missing one, a reserved word, an invalid expression.
    { ConditionExpression: 'attribute_exists(pk)', ExpressionAttributeValues: { ':v': number() } },
    { ConditionExpression: 'version = :nowhere', ExpressionAttributeValues: { ':v': number() } },
    { ConditionExpression: 'status = :v', ExpressionAttributeValues: { ':v': number() } },
    { ConditionExpression: 'version = = :v', ExpressionAttributeValues: { ':v': number() } },
    {},
  ])
}

function someUpdate(random: Random) {
  const { number, dueAt } = few(random)
  const set = { ':n': number(), ':s': { SS: [random.pick(['p', 'q', 'r'])] }, ':d': dueAt() }
  const { UpdateExpression, use } = random.pick([
    { UpdateExpression: 'SET version = :n, doc = :d REMOVE dueAt', use: [':n', ':d'] },
    { UpdateExpression: 'SET version = if_not_exists(version, :n) + :n', use: [':n'] },
    { UpdateExpression: 'SET dueAt = :d, version = :n', use: [':d', ':n'] },
    { UpdateExpression: 'ADD members :s, version :n', use: [':s', ':n'] },
    { UpdateExpression: 'DELETE members :s', use: [':s'] },
    { UpdateExpression: 'SET pk = :d', use: [':d'] },
    { UpdateExpression: 'SET version = :n, version = :n', use: [':n'] },
  ])
  const values = Object.fromEntries(use.map((name) => [name, set[name as keyof typeof set]]))
  return { UpdateExpression, values }
}

function tableCall(random: Random, TableName: string): unknown {
  const { key, dueAt, item } = few(random)
  const condition = someCondition(random)
  const ReturnValues = random.pick(['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_NEW'] as const)
  const { UpdateExpression, values: ofUpdate } = someUpdate(random)
  const bad = { pk: { S: '' }, sk: { S: 'state' } }
  return random.pick<() => unknown>([
    () => new PutItemCommand({ TableName, Item: item(), ...condition, ReturnValues: random.pick(['NONE', 'ALL_OLD']) }),
    () => new PutItemCommand({ TableName, Item: item() }),
    () => new PutItemCommand({ TableName, Item: { ...item(), ...bad } }),
    () => new GetItemCommand({ TableName, Key: key(), ConsistentRead: true }),
    () => new GetItemCommand({ TableName, Key: key(), ProjectionExpression: 'version, doc' }),
    () => new GetItemCommand({ TableName, Key: { pk: { S: 'a' } } as never }),
    () =>
      new UpdateItemCommand({
        TableName,
        Key: key(),
        UpdateExpression,
        ...condition,
        ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ...ofUpdate } as never,
        ReturnValues,
      }),
    () =>
      new UpdateItemCommand({
        TableName,
        Key: key(),
        UpdateExpression,
        ExpressionAttributeValues: ofUpdate as never,
        ReturnValues,
      }),
    () => new DeleteItemCommand({ TableName, Key: key(), ...condition, ReturnValues: 'ALL_OLD' }),
    () =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: random.pick([
          'pk = :pk',
          'pk = :pk AND begins_with(sk, :sk)',
          'pk = :pk AND sk >= :sk',
          'sk = :sk AND doc = :pk',
        ]),
        ExpressionAttributeValues: { ':pk': { S: 'a' }, ':sk': { S: 'change#' } },
        ConsistentRead: true,
      }),
    () =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { S: 'a' }, ':sk': { S: 'change#' } },
        ScanIndexForward: random.chance(0.5),
        Limit: random.pick([1, 2, 10]),
      }),
    () =>
      new QueryCommand({
        TableName,
        IndexName: random.pick(['due', 'due', 'nowhere']),
        KeyConditionExpression: 'dueShard = :shard AND dueAt <= :at',
        ExpressionAttributeValues: { ':shard': { S: '1' }, ':at': dueAt() },
        Limit: random.pick([undefined, 1]),
      }),
    () => new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key(), key()], ConsistentRead: true } } }),
    () =>
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest: { Item: item() } }, { DeleteRequest: { Key: key() } }] },
      }),
  ])()
}
