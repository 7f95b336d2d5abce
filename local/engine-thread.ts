import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { createBirpc } from 'birpc'
import type { Engine, EngineOptions, Requests } from './engine.ts'

/** An engine that runs in its own thread, so that the functions have a core to themselves. */
export interface RemoteEngine extends Started {
  requests(): Promise<Requests>
  stop(): Promise<void>
}

type Started = Pick<Engine, 'environment' | 'certificate' | 'alarmsTopicArn'>

interface Calls {
  start(options: EngineOptions): Promise<Started>
  requests(): Requests
  stop(): Promise<void>
}

/** `startEngine`, in another thread. */
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
      // Imported only here: the calling thread does not need it.
      const { startEngine } = await import('./engine.ts')
      engine = await startEngine(options)
      const { environment, certificate, alarmsTopicArn } = engine
      return { environment, certificate, alarmsTopicArn }
    },
    requests: () => engine.requests(),
    stop: () => engine.stop(),
  }
  createBirpc(calls, { post: (data) => port.postMessage(data), on: (receive) => port.on('message', receive) })
}
