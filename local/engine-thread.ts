import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import { type Engine, type EngineOptions, startEngine } from './engine.ts'

/** An engine that runs in a thread of its own, so that the functions have a core to themselves. */
export interface RemoteEngine extends Omit<Engine, 'requests'> {
  requests(): Promise<ReturnType<Engine['requests']>>
}

interface Calls {
  start(options: EngineOptions): Promise<Pick<Engine, 'environment' | 'certificate' | 'alarmsTopicArn'>>
  requests(): ReturnType<Engine['requests']>
  stop(): Promise<void>
}

/** As `startEngine`, in another thread. */
export async function startEngineThread(options: EngineOptions): Promise<RemoteEngine> {
  const worker = new Worker(new URL(import.meta.url))
  const failed = new Promise<never>((_, reject) => worker.once('error', reject))
  const calls = createBirpc<Calls>(
    {},
    { post: (data) => worker.postMessage(data), on: (receive) => worker.on('message', receive) },
  )
  const started = await Promise.race([calls.start(options), failed])
  return {
    ...started,
    requests: () => calls.requests(),
    stop: async () => {
      await calls.stop()
      await worker.terminate()
    },
  }
}

if (!isMainThread && parentPort) {
  const port = parentPort
  let engine: Engine
  const calls: Calls = {
    async start(options) {
      engine = await startEngine(options)
      const { environment, certificate, alarmsTopicArn } = engine
      return { environment, certificate, alarmsTopicArn }
    },
    requests: () => engine.requests(),
    stop: () => engine.stop(),
  }
  createBirpc(calls, { post: (data) => port.postMessage(data), on: (receive) => port.on('message', receive) })
}
