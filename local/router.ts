import { extname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { pathToFileURL } from 'node:url'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { startClock, type TickHandler } from './clock.ts'
import { CREDENTIALS_ENVIRONMENT } from './emulated.ts'
import type { Engine } from './engine.ts'
import { type Handler, runEventSource } from './event-source.ts'
import {
  BATCH_SIZE,
  CHANNEL_QUEUES,
  FUNCTION_OF,
  QUEUES,
  type QueueName,
  queueArn,
  TICK,
  TIMEOUT_S,
  WINDOW_S,
} from './topology.ts'

/** The functions, as files: from the source, or out of the zips that were packaged. */
export type FunctionFile = (name: string) => string
export const fromSource: FunctionFile = (name) =>
  resolve(import.meta.dirname, '../functions', name + extname(import.meta.filename))

/**
 * How many messages a function gets at once. `as-deployed`: as many, and after as long a wait for company, as on AWS: what
 * comes together may be told together. `none`: what would wait for company comes alone, so that each alert's own message
 * is seen.
 */
export type Batching = 'none' | 'as-deployed'

/** How many batches of a queue are handled at once: two cores have no use for more. */
const CONCURRENCY = 4

export interface RunningRouter {
  /**
   * Waits until every queue is empty and nothing is overdue: all is delivered, a dead letter, or held. What is held until a
   * time to come is not waited for, nor is what was looked at and is overdue all the same.
   */
  drained(): Promise<void>
  stop(): Promise<void>
}

/**
 * Runs the very handlers that are deployed against an engine, in this process. Its environment becomes theirs.
 * @throws {ConfigError} when a handler refuses its config at start.
 */
export async function startRouter(
  engine: Pick<Engine, 'environment' | 'certificate'>,
  options: {
    configFile: string
    functionFile?: FunctionFile
    batching?: Batching
    onRecord?: (queue: QueueName, record: SQSRecord) => void
  },
): Promise<RunningRouter> {
  // Where the functions log is what the command prints. To see why one fails, set it to anything else.
  process.env.LOG_LEVEL ??= 'SILENT'
  if (!process.env.AWS_ACCESS_KEY_ID) {
    // The emulators take any. A profile would be looked up, and could ask for a login.
    Object.assign(process.env, CREDENTIALS_ENVIRONMENT)
    delete process.env.AWS_PROFILE
  }
  Object.assign(process.env, engine.environment, { CONFIG_FILE: options.configFile })
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), engine.certificate])

  const functionFile = options.functionFile ?? fromSource
  const stop = new AbortController()
  const load = async <Of>(name: string) =>
    ((await import(pathToFileURL(functionFile(name)).href)) as { handler: Of }).handler
  const sources = await Promise.all(
    QUEUES.map(async (queue) => {
      const functionName = FUNCTION_OF[queue]
      return {
        queueUrl: queueUrl(queue),
        queueArn: queueArn(queue),
        handler: await load<Handler>(functionName),
        functionName,
        timeoutMs: TIMEOUT_S[queue] * 1_000,
        ...batchOf(queue, options.batching ?? 'none'),
        concurrency: CONCURRENCY,
        onRecord: (record: SQSRecord) => options.onRecord?.(queue, record),
      }
    }),
  )
  const running = Promise.all(sources.map((source) => runEventSource(source, stop.signal)))
  const clock = startClock(() => load<TickHandler>(TICK.functionName))
  const sqs = new SQSClient({})

  async function drained(): Promise<void> {
    let before = ''
    for (;;) {
      await untilEmpty(sqs, ['alarms', ...CHANNEL_QUEUES])
      const overdue = await clock.overdue()
      if (overdue === '' || overdue === before) return
      before = overdue
      await clock.catchUp()
    }
  }

  return {
    drained: async () => void (await Promise.race([drained(), running])),
    async stop() {
      stop.abort()
      await Promise.all([running, clock.stop()])
      sqs.destroy()
    },
  }
}

function batchOf(queue: QueueName, batching: Batching): { batchSize: number; windowMs: number } {
  if (batching === 'none' && WINDOW_S[queue] > 0) return { batchSize: 1, windowMs: 0 }
  return { batchSize: BATCH_SIZE[queue], windowMs: WINDOW_S[queue] * 1_000 }
}

/**
 * A queue is looked at after all that feed it: once it is empty, nothing can come any more. But what a deliverer can't note,
 * or tell, goes back to those before it: so until all were empty one after the other. What is delayed comes at its time, which
 * nobody waits for.
 */
async function untilEmpty(sqs: SQSClient, queues: QueueName[]): Promise<void> {
  let isAgain = true
  while (isAgain) {
    isAgain = false
    for (const queue of queues) {
      while ((await depth(sqs, queueUrl(queue), NOT_DELAYED)) > 0) {
        isAgain = true
        await sleep(25)
      }
    }
  }
}

export const NOT_DELAYED = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']

/** How many messages are in a queue, those that are being handled among them. */
export async function depth(
  sqs: SQSClient,
  url: string,
  which = [...NOT_DELAYED, 'ApproximateNumberOfMessagesDelayed'],
): Promise<number> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
  return which.map((name) => Number(Attributes[name as keyof typeof Attributes] ?? 0)).reduce((sum, n) => sum + n, 0)
}

/** From the environment that the engine gave. */
export function queueUrl(queue: QueueName): string {
  return process.env[`${queue.toUpperCase()}_QUEUE_URL`] ?? ''
}
