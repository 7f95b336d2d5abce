import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { FauxqsServer } from 'fauxqs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { CREDENTIALS_ENVIRONMENT, emulated } from '../local/emulated.ts'
import { type EventSource, runEventSource } from '../local/event-source.ts'
import { startQueues } from '../local/queues.ts'
import { depth } from '../local/router.ts'
import { queueArn, REGION } from '../local/topology.ts'

let server: FauxqsServer
let sqs: SQSClient
beforeAll(async () => {
  server = await startQueues()
  const environment = {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_SQS: server.address,
    AWS_ENDPOINT_URL_SNS: server.address,
  }
  Object.assign(process.env, environment, CREDENTIALS_ENVIRONMENT)
  sqs = new SQSClient(emulated(environment, 'SQS'))
})
afterAll(() => server.stop())

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

let queues = 0
/** A queue with so many messages, numbered from 0. */
async function queueOf(messages: number): Promise<string> {
  const name = `queue-${queues++}`
  server.createQueue(name)
  const url = `${server.address}/000000000000/${name}`
  const bodies = Array.from({ length: messages }, (_, number) => String(number))
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies.slice(from, from + 10).map((body) => ({ Id: body, MessageBody: body }))
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
  }
  return url
}

/** Feeds a function from the queue until the test ends. Returns the sizes of the batches that it received. */
function feed(queueUrl: string, source: Partial<EventSource>): number[] {
  const sizes: number[] = []
  const stop = new AbortController()
  const done = runEventSource(
    {
      queueUrl,
      queueArn: queueArn('any'),
      functionName: 'any',
      timeoutMs: 10_000,
      batchSize: 10,
      concurrency: 1,
      ...source,
      handler: async (event, context) => {
        sizes.push(event.Records.length)
        return source.handler?.(event, context)
      },
    },
    stop.signal,
  )
  running.push(() => {
    stop.abort()
    return done
  })
  return sizes
}

const isEmpty = (queueUrl: string) => vi.waitFor(async () => expect(await depth(sqs, queueUrl)).toBe(0), 5_000)

test('a batch is what one receive gives', async () => {
  const queue = await queueOf(12)
  const sizes = feed(queue, {})
  await isEmpty(queue)
  expect(sizes).toEqual([10, 2])
})

test('only messages that the response reports as failed stay in the queue', async () => {
  const queue = await queueOf(3)
  const handler: EventSource['handler'] = async ({ Records }) => ({
    batchItemFailures: Records.filter(({ body }) => body === '1').map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  })
  feed(queue, { handler })
  await vi.waitFor(async () => expect(await depth(sqs, queue)).toBe(1))
})

test.each<[string, Partial<EventSource>]>([
  ['throws', { handler: () => Promise.reject(new Error('crashed')) }],
  ['outlives its timeout', { handler: () => new Promise(() => {}), timeoutMs: 20 }],
])('a function that %s leaves its whole batch in the queue', async (_, source) => {
  const queue = await queueOf(3)
  const onTimeout = vi.fn()
  const sizes = feed(queue, { ...source, onTimeout })
  await vi.waitFor(() => expect(sizes).toEqual([3]))
  for (const stop of running.splice(0)) await stop()
  expect(await depth(sqs, queue)).toBe(3)
  expect(onTimeout).toHaveBeenCalledTimes(source.timeoutMs === undefined ? 0 : 1)
})

describe('what a function sends', () => {
  /** A client as a function has it: it finds its way by the environment. */
  const ofFunction = () => new SQSClient({})
  const urlOf = (queue: string) => `${server.address}/000000000000/${queue}`

  /** A queue whose dead letters are in `<name>-dead`, and which a topic of its own name feeds. */
  function wired(name: string, { raw = true } = {}): { url: string; topic: string; dead: string } {
    server.createQueue(`${name}-dead`)
    const arn = `arn:aws:sqs:${REGION}:000000000000:${name}-dead`
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1_000 })
    server.createQueue(name, { attributes: { RedrivePolicy } })
    const { topicArn } = server.createTopic(name)
    server.subscribe({ topic: name, queue: name, attributes: { RawMessageDelivery: String(raw) } })
    return { url: urlOf(name), topic: topicArn, dead: urlOf(`${name}-dead`) }
  }

  async function letters(queueUrl: string) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MessageAttributeNames: ['All'], VisibilityTimeout: 0 }),
    )
    return Messages.map(({ Body, MessageAttributes }) => [Body, MessageAttributes?.reason?.StringValue])
  }

  test.each<[string, (queue: ReturnType<typeof wired>, body: string) => Promise<unknown>]>([
    ['SendMessage', ({ url }, body) => ofFunction().send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))],
    [
      'SendMessageBatch',
      ({ url }, body) => {
        const Entries = [{ Id: '0', MessageBody: body, DelaySeconds: 0 }]
        return ofFunction().send(new SendMessageBatchCommand({ QueueUrl: url, Entries }))
      },
    ],
    ['Publish', ({ topic }, body) => new SNSClient({}).send(new PublishCommand({ TopicArn: topic, Message: body }))],
    [
      'PublishBatch',
      ({ topic }, body) => {
        const MessageAttributes = { channelType: { DataType: 'String', StringValue: 'slack' } }
        const PublishBatchRequestEntries = [{ Id: '0', Message: body, MessageAttributes }]
        return new SNSClient({}).send(new PublishBatchCommand({ TopicArn: topic, PublishBatchRequestEntries }))
      },
    ],
  ])('to its own queue, by %s, comes back 16 times, and is a dead letter then', async (action, again) => {
    const queue = wired(`loop-${action}`)
    const bodies: string[] = []
    const handler: EventSource['handler'] = async ({ Records }) => {
      for (const { body } of Records) {
        bodies.push(body)
        await again(queue, `${body}+`)
      }
      return undefined
    }
    await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: 'x' }))
    feed(queue.url, { handler })
    await vi.waitFor(async () => expect(await depth(sqs, queue.dead)).toBe(1), 10_000)
    expect(bodies).toHaveLength(16)
    expect(await letters(queue.dead)).toEqual([
      [`x${'+'.repeat(16)}`, expect.stringContaining('16 times in one chain')],
    ])
    expect(await depth(sqs, queue.url)).toBe(0)
  })

  test('in a loop of two functions is stopped after as many passes', async () => {
    const [ping, pong] = [wired('ping'), wired('pong', { raw: false })]
    let pings = 0
    feed(ping.url, {
      functionName: 'ping',
      handler: async () => {
        pings++
        await new SNSClient({}).send(new PublishCommand({ TopicArn: pong.topic, Message: 'x' }))
        return undefined
      },
    })
    feed(pong.url, {
      functionName: 'pong',
      handler: async ({ Records }) => {
        expect(Records[0]?.body).not.toContain('AWSTraceHeader')
        await ofFunction().send(new SendMessageCommand({ QueueUrl: ping.url, MessageBody: 'x' }))
        return undefined
      },
    })
    await sqs.send(new SendMessageCommand({ QueueUrl: ping.url, MessageBody: 'x' }))
    await vi.waitFor(async () => expect(await depth(sqs, ping.dead)).toBe(1), 10_000)
    expect(pings).toBe(16)
  })

  test('to others is handled, whatever the volume, and failed messages may be redelivered any number of times', async () => {
    const [first, second] = [wired('first'), wired('second')]
    const seen: string[] = []
    feed(first.url, {
      functionName: 'first',
      concurrency: 3,
      handler: async ({ Records }) => {
        for (const { body } of Records) {
          await ofFunction().send(new SendMessageCommand({ QueueUrl: second.url, MessageBody: body }))
        }
        return undefined
      },
    })
    const tries = new Map<string, number>()
    feed(second.url, {
      functionName: 'second',
      handler: async ({ Records }) => {
        const failed: string[] = []
        for (const { body, messageId, receiptHandle } of Records) {
          tries.set(body, (tries.get(body) ?? 0) + 1)
          if (body !== '0' || tries.get(body) === 20) seen.push(body)
          else {
            failed.push(messageId)
            await ofFunction().send(
              new ChangeMessageVisibilityCommand({
                QueueUrl: second.url,
                ReceiptHandle: receiptHandle,
                VisibilityTimeout: 0,
              }),
            )
          }
        }
        return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
      },
    })
    const bodies = Array.from({ length: 30 }, (_, n) => String(n))
    for (const body of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: first.url, MessageBody: body }))
    await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(bodies)), 15_000)
    expect([await depth(sqs, first.dead), await depth(sqs, second.dead)]).toEqual([0, 0])
  })
})
