import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CREDENTIALS_ENVIRONMENT, emulated } from '../local/emulated.ts'
import { type EventSource, runEventSource } from '../local/event-source.ts'
import { depth } from '../local/router.ts'
import { queueArn, REGION } from '../local/topology.ts'

let server: FauxqsServer
let sqs: SQSClient
beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false, defaultRegion: REGION })
  const environment = { AWS_REGION: REGION, AWS_ENDPOINT_URL_SQS: server.address }
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

/** Feeds a function from the queue until the test ends. Gives the sizes of the batches that it got. */
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

test('without a window, a batch is what one receive gives', async () => {
  const queue = await queueOf(12)
  const sizes = feed(queue, { batchSize: 100 })
  await isEmpty(queue)
  expect(sizes).toEqual([10, 2])
})

test('with a window, what comes within it is one batch', async () => {
  const queue = await queueOf(25)
  const sizes = feed(queue, { batchSize: 100, windowMs: 300 })
  await isEmpty(queue)
  expect(sizes).toEqual([25])
})

test('a full batch does not wait for the end of the window', async () => {
  const queue = await queueOf(25)
  const sizes = feed(queue, { batchSize: 20, windowMs: 60_000 })
  await vi.waitFor(() => expect(sizes).toEqual([20]))
})

test('what the answer reports as failed stays in the queue, and only that', async () => {
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
