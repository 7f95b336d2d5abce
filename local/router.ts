import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { pathToFileURL } from 'node:url'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
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
  TIMEOUT_S,
  WINDOW_S,
} from './topology.ts'

/** The functions, as files: from the source, or out of the zips that were packaged. */
export type FunctionFile = (name: string) => string
export const fromSource: FunctionFile = (name) => resolve(import.meta.dirname, '../functions', `${name}.ts`)

/**
 * How many messages a function gets at once. `as-deployed`: as many, and after as long a wait for company, as on AWS: what
 * comes together may be told together. `none`: what would wait for company comes alone, so that each alert's own message
 * is seen.
 */
export type Batching = 'none' | 'as-deployed'

/** How many batches of a queue are handled at once: two cores have no use for more. */
const CONCURRENCY = 4

export interface RunningRouter {
  /** Waits until every queue is empty: all is delivered, or a dead letter. */
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
  const sources = await Promise.all(
    QUEUES.map(async (queue) => {
      const functionName = FUNCTION_OF[queue]
      const module = (await import(pathToFileURL(functionFile(functionName)).href)) as { handler: Handler }
      return {
        queueUrl: queueUrl(queue),
        queueArn: queueArn(queue),
        handler: module.handler,
        functionName,
        timeoutMs: TIMEOUT_S[queue] * 1_000,
        ...batchOf(queue, options.batching ?? 'none'),
        concurrency: CONCURRENCY,
        onRecord: (record: SQSRecord) => options.onRecord?.(queue, record),
      }
    }),
  )
  const running = Promise.all(sources.map((source) => runEventSource(source, stop.signal)))
  const sqs = new SQSClient({})

  return {
    async drained() {
      // A queue is looked at after all that feed it: once it is empty, nothing can come any more.
      await Promise.race([untilEmpty(sqs, ['alarms', ...CHANNEL_QUEUES]), running])
    },
    async stop() {
      stop.abort()
      await running
      sqs.destroy()
    },
  }
}

function batchOf(queue: QueueName, batching: Batching): { batchSize: number; windowMs: number } {
  if (batching === 'none' && WINDOW_S[queue] > 0) return { batchSize: 1, windowMs: 0 }
  return { batchSize: BATCH_SIZE[queue], windowMs: WINDOW_S[queue] * 1_000 }
}

async function untilEmpty(sqs: SQSClient, queues: QueueName[]): Promise<void> {
  for (const queue of queues) {
    while ((await depth(sqs, queueUrl(queue))) > 0) await sleep(25)
  }
}

/** How many messages are in a queue, those that are being handled among them. */
export async function depth(sqs: SQSClient, url: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
  return ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed']
    .map((name) => Number(Attributes[name as keyof typeof Attributes] ?? 0))
    .reduce((sum, n) => sum + n, 0)
}

/** From the environment that the engine gave. */
export function queueUrl(queue: QueueName): string {
  return process.env[`${queue.toUpperCase()}_QUEUE_URL`] ?? ''
}
