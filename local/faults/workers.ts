import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { bundling } from '../../deploy/esbuild.ts'
import type { Config } from '../../schemas/config.ts'
import type { Engine } from '../engine.ts'
import { BATCH_SIZE, FUNCTION_OF, type QueueName, queueArn } from '../topology.ts'
import type { Random } from './random.ts'

/** Shorter than deployed, so that a run need not wait for minutes for what a killed worker had in its hands. */
export const FUNCTION_TIMEOUT_MS = 6_000
export const VISIBILITY_TIMEOUT_S = 8

/** Bundles the functions as they are packaged, into a folder, beside their config. */
export async function bundleFunctions(folder: string, queues: QueueName[], config: Config): Promise<void> {
  const names = queues.map((queue) => FUNCTION_OF[queue])
  await build({
    ...bundling,
    entryPoints: Object.fromEntries(names.map((name) => [name, `functions/${name}.ts`])),
    outdir: folder,
  })
  writeFileSync(join(folder, 'alerts.json'), JSON.stringify(config))
}

export interface Workers {
  /** Ends one of them at random, at once or as asked, and starts another in its place. */
  replaceOne(signal: 'SIGKILL' | 'SIGTERM', random: Random): void
  stop(): Promise<void>
}

/** Each function as a process of its own, on an engine that lives elsewhere: they can die while the queues live on. */
export async function startWorkers(engine: Engine, folder: string, queues: QueueName[]): Promise<Workers> {
  const certificate = join(folder, 'ca.pem')
  writeFileSync(certificate, engine.certificate)
  const environment = {
    PATH: process.env.PATH,
    ...engine.environment,
    CONFIG_FILE: join(folder, 'alerts.json'),
    LOG_LEVEL: 'SILENT',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NODE_EXTRA_CA_CERTS: certificate,
  }
  const workers = new Map<QueueName, ChildProcess>()

  function start(queue: QueueName): Promise<unknown> {
    const source = {
      queueUrl: engine.environment[`${queue.toUpperCase()}_QUEUE_URL`],
      queueArn: queueArn(queue),
      functionName: FUNCTION_OF[queue],
      timeoutMs: FUNCTION_TIMEOUT_MS,
      batchSize: BATCH_SIZE[queue],
      concurrency: 4,
    }
    const bundle = join(folder, `${FUNCTION_OF[queue]}.js`)
    const worker = fork('local/function-process.ts', [bundle, JSON.stringify(source)], {
      env: environment,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    workers.set(queue, worker)
    return once(worker, 'message')
  }

  await Promise.all(queues.map(start))
  return {
    replaceOne(signal, random) {
      const queue = queues[random.int(queues.length)] as QueueName
      workers.get(queue)?.kill(signal)
      start(queue).catch(() => {})
    },
    async stop() {
      await Promise.all(
        [...workers.values()].map(async (worker) => {
          if (worker.exitCode !== null || worker.signalCode !== null) return
          const gone = once(worker, 'exit')
          worker.kill('SIGKILL')
          await gone
        }),
      )
    },
  }
}
