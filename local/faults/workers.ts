import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundling } from '../../deploy/esbuild.ts'
import type { Config } from '../../schemas/config.ts'
import { CREDENTIALS_ENVIRONMENT } from '../emulated.ts'
import type { Engine } from '../engine.ts'
import { BATCH_SIZE, FUNCTION_OF, type QueueName, queueArn, WINDOW_S } from '../topology.ts'
import type { Random } from './random.ts'

/** Shorter than deployed, so that a run need not wait for minutes for what a killed worker had in its hands. */
const FUNCTION_TIMEOUT_MS = 6_000
export const VISIBILITY_TIMEOUT_S = 8
const LONGEST_WINDOW_MS = 1_000
/** What is deployed as the most at once (serverless.yml) for a channel; for `route` more would not fit two cores. */
const PROCESSES_OF_A_FUNCTION = 2

/** Bundles the functions as they are packaged, into a folder. */
export async function bundleFunctions(folder: string, queues: QueueName[]): Promise<void> {
  const names = queues.map((queue) => FUNCTION_OF[queue])
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(names.map((name) => [name, `functions/${name}.ts`])),
    outdir: folder,
  })
}

async function ready(worker: ChildProcess): Promise<void> {
  const failed = once(worker, 'exit').then(([code]) => {
    throw new Error(`a function's process ended with ${code} before it was ready`)
  })
  await Promise.race([once(worker, 'message'), failed])
}

export interface Workers {
  /** Ends one process of each function. Another takes its place, as after every end of one that had started. */
  endSome(signal: 'SIGKILL' | 'SIGTERM', random: Random): void
  /** How processes ended: by `endSome`, of each function; because an invocation outlived its timeout; by themselves. */
  ends: { asked: Record<string, number>; timedOut: number; crashed: number }
  /** What handlers threw, in place of an answer. Middy throws when their time is about to be over. */
  thrown: string[]
  stop(): Promise<void>
}

/**
 * Each function as processes of its own, on an engine that lives elsewhere: they can die while the queues live on. As on
 * Lambda, a process handles one batch at a time.
 */
export async function startWorkers(
  { environment, certificate }: Pick<Engine, 'environment' | 'certificate'>,
  { folder, queues, config }: { folder: string; queues: QueueName[]; config: Config },
): Promise<Workers> {
  const certificateFile = join(folder, 'ca.pem')
  const configFile = join(folder, 'alerts.json')
  writeFileSync(certificateFile, certificate)
  writeFileSync(configFile, JSON.stringify(config))
  const env = {
    PATH: process.env.PATH,
    ...environment,
    ...CREDENTIALS_ENVIRONMENT,
    CONFIG_FILE: configFile,
    LOG_LEVEL: 'SILENT',
    NODE_EXTRA_CA_CERTS: certificateFile,
  }
  const running = new Map<ChildProcess, QueueName>()
  const ends: Workers['ends'] = { asked: {}, timedOut: 0, crashed: 0 }
  const thrown: string[] = []
  let isStopping = false

  function start(queue: QueueName): ChildProcess {
    const source = {
      queueUrl: environment[`${queue.toUpperCase()}_QUEUE_URL`],
      queueArn: queueArn(queue),
      functionName: FUNCTION_OF[queue],
      timeoutMs: FUNCTION_TIMEOUT_MS,
      batchSize: BATCH_SIZE[queue],
      windowMs: Math.min(LONGEST_WINDOW_MS, WINDOW_S[queue] * 1_000),
      concurrency: 1,
    }
    const bundle = join(folder, `${FUNCTION_OF[queue]}.js`)
    const worker = fork('local/function-process.ts', [bundle, JSON.stringify(source)], {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    running.set(worker, queue)
    let isReady = false
    worker.on('message', (message: 'ready' | { threw: string }) => {
      if (message === 'ready') isReady = true
      else thrown.push(message.threw)
    })
    worker.once('exit', (code, signal) => {
      running.delete(worker)
      if (isStopping) return
      if (signal !== null) ends.asked[queue] = (ends.asked[queue] ?? 0) + 1
      else if (code === 124) ends.timedOut++
      else ends.crashed++
      // What does not even start would not start the next time either.
      if (isReady || signal !== null) start(queue)
    })
    return worker
  }

  const first = queues.flatMap((queue) => Array.from({ length: PROCESSES_OF_A_FUNCTION }, () => start(queue)))
  await Promise.all(first.map(ready))
  return {
    endSome(signal, random) {
      for (const queue of queues) {
        const ofQueue = [...running].flatMap(([worker, feeds]) => (feeds === queue ? [worker] : []))
        if (ofQueue.length > 0) ofQueue[random.int(ofQueue.length)]?.kill(signal)
      }
    },
    ends,
    thrown,
    async stop() {
      isStopping = true
      await Promise.all(
        [...running.keys()].map(async (worker) => {
          const gone = once(worker, 'exit')
          worker.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}
