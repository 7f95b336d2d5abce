import { extname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { pathToFileURL } from 'node:url'
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { BATCH_SIZE } from '../deploy/deliverers.ts'
import { EVIDENCE } from '../deploy/evidence-queue.ts'
import { queueVariable } from '../shared/aws/queue-variable.ts'
import { FACTS } from '../shared/channels/types.ts'
import { FEW } from '../shared/deliver/messages.ts'
import { startClock, type TickHandler } from './clock.ts'
import { CREDENTIALS_ENVIRONMENT } from './emulated.ts'
import type { Engine } from './engine.ts'
import { type EventSource, type Handler, runEventSource } from './event-source.ts'
import { CHANNEL_QUEUES, FUNCTION_OF, QUEUES, type QueueName, queueArn, TICK, TIMEOUT_S } from './topology.ts'

/** The functions, as files: from the sources, or from the packaged zips. */
export type FunctionFile = (name: string) => string
export const fromSource: FunctionFile = (name) =>
  resolve(import.meta.dirname, '../functions', name + extname(import.meta.filename))

/**
 * How messages are batched. `as-deployed`: with the batch size of AWS, so that alerts which arrive together may share a
 * message. `none`: in batches so small that each alert has a message of its own.
 */
export type Batching = 'none' | 'as-deployed'

/** How many batches of a queue are handled at once: two cores can't use more. */
const CONCURRENCY = 4

interface RouterOptions {
  configFile: string
  functionFile?: FunctionFile
  batching?: Batching
  onRecord?: (queue: QueueName, record: SQSRecord) => void
}

export interface RunningRouter {
  /**
   * Waits until every queue is empty and nothing is overdue: everything is delivered, a dead letter, or held. Does
   * not wait for what is held until later, or for what is still overdue after it was processed.
   */
  drained(): Promise<void>
  /** Runs the clock once, as each minute does. */
  tick(): Promise<void>
  stop(): Promise<void>
}

/**
 * Runs the deployed handlers against an engine, in this process. Its environment becomes theirs.
 * @throws {ConfigError} when a handler rejects its config at start.
 */
export async function startRouter(
  engine: Pick<Engine, 'environment' | 'certificate'>,
  options: RouterOptions,
): Promise<RunningRouter> {
  // By default the functions' logs are silent, because they would mix with the command's output. Set it to see why
  // one fails.
  process.env.LOG_LEVEL ??= 'SILENT'
  if (!process.env.AWS_ACCESS_KEY_ID) {
    // The emulators accept any. A profile would be resolved, and could require a login.
    Object.assign(process.env, CREDENTIALS_ENVIRONMENT)
    delete process.env.AWS_PROFILE
  }
  Object.assign(process.env, engine.environment, { CONFIG_FILE: options.configFile })
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), engine.certificate])

  const functionFile = options.functionFile ?? fromSource
  const stop = new AbortController()
  const load = async <Of>(name: string) =>
    ((await import(pathToFileURL(functionFile(name)).href)) as { handler: Of }).handler
  // Only where what follows alerts runs, too.
  const evidence = engine.environment.EVIDENCE_QUEUE_URL
  const sources = await Promise.all([
    ...QUEUES.map((queue) => sourceOf(queue, load, options)),
    ...(evidence === undefined ? [] : [evidenceSource(evidence, load)]),
  ])
  const running = Promise.all(sources.map((source) => runEventSource(source, stop.signal)))
  const clock = startClock(() => load<TickHandler>(TICK.functionName))
  const sqs = new SQSClient({})

  async function drained(): Promise<void> {
    let before = ''
    for (;;) {
      await untilEmpty(sqs, ['alarms', ...CHANNEL_QUEUES])
      const overdue = await clock.overdue()
      if (overdue === '' || overdue === before) break
      before = overdue
      await clock.catchUp()
    }
    while (evidence !== undefined && (await depth(sqs, evidence)) > 0) await sleep(100)
  }

  return {
    drained: async () => void (await Promise.race([drained(), running])),
    tick: clock.tick,
    async stop() {
      stop.abort()
      await Promise.all([running, clock.stop()])
      sqs.destroy()
    },
  }
}

type Load = <Of>(name: string) => Promise<Of>

async function sourceOf(
  queue: QueueName,
  load: Load,
  { batching = 'none', onRecord }: Pick<RouterOptions, 'batching' | 'onRecord'>,
): Promise<EventSource> {
  const functionName = FUNCTION_OF[queue]
  return {
    queueUrl: queueUrl(queue),
    queueArn: queueArn(queue),
    handler: await load<Handler>(functionName),
    functionName,
    timeoutMs: TIMEOUT_S[queue] * 1_000,
    batchSize: batching === 'none' && queue !== 'alarms' && !FACTS[queue].opensIncidents ? FEW : BATCH_SIZE,
    concurrency: CONCURRENCY,
    onRecord: (record: SQSRecord) => onRecord?.(queue, record),
  }
}

async function evidenceSource(url: string, load: Load): Promise<EventSource> {
  const { functionName, timeoutS, batchSize, queue } = EVIDENCE
  return {
    ...{ queueUrl: url, queueArn: queueArn(queue), functionName, batchSize, concurrency: 2 },
    ...{ handler: await load<Handler>(functionName), timeoutMs: timeoutS * 1_000 },
  }
}

/**
 * A queue is checked after those that feed it: once it is empty, nothing more can arrive. But a deliverer sends back
 * what it can't record or deliver: so this repeats until all were empty one after the other. Delayed messages are
 * not waited for.
 */
async function untilEmpty(sqs: SQSClient, queues: QueueName[]): Promise<void> {
  let isBusy = true
  while (isBusy) {
    isBusy = false
    for (const queue of queues) {
      while ((await depth(sqs, queueUrl(queue), NOT_DELAYED)) > 0) {
        isBusy = true
        await sleep(25)
      }
    }
  }
}

export const NOT_DELAYED = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']

/** How many messages are in a queue, including those in progress. */
export async function depth(
  sqs: SQSClient,
  url: string,
  which = [...NOT_DELAYED, 'ApproximateNumberOfMessagesDelayed'],
): Promise<number> {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
  return which.map((name) => Number(Attributes[name as keyof typeof Attributes] ?? 0)).reduce((sum, n) => sum + n, 0)
}

/** From the engine's environment. */
export function queueUrl(queue: QueueName): string {
  return process.env[`${queueVariable(queue)}_QUEUE_URL`] ?? ''
}
