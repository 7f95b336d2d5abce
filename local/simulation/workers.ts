import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { worldOf } from './generate.ts'
import { judge } from './judge.ts'
import { deployedCode, run } from './run.ts'

/*
 * Runs worlds on several processors. The thread has no effect on a world.
 */

interface Done {
  seed: number
  broken: string[]
}

/**
 * Runs worlds, one for each seed, and reports what each breaks, in the order of the seeds. Returns how many were
 * run.
 * @param mayGoOn called before the next worlds are started.
 */
export async function eachWorld(
  { from, worlds, workers }: { from: number; worlds: number; workers: number },
  mayGoOn: () => boolean,
  report: (seed: number, broken: string[]) => Promise<void>,
): Promise<number> {
  const parts = Array.from({ length: Math.min(workers, worlds) }, () => new Part())
  try {
    let next = from
    let done = 0
    while (next < from + worlds && mayGoOn()) {
      const round = parts.map(() => {
        const seeds = Array.from({ length: Math.min(PART, from + worlds - next) }, (_, index) => next + index)
        next += seeds.length
        return seeds
      })
      const results = await Promise.all(parts.map((part, index) => part.judge(round[index] ?? [])))
      for (const { seed, broken } of results.flat()) {
        done++
        if (broken.length > 0) await report(seed, broken)
      }
    }
    return done
  } finally {
    for (const part of parts) await part.end()
  }
}

/** How many worlds are run per report. */
const PART = 50
/**
 * The packages are evaluated once per thread, and leak a little of each world: after this many worlds, a thread is
 * restarted.
 */
const MAX_IN_A_THREAD = 1_000

/** One thread after the other. */
class Part {
  #thread = newThread()
  #worlds = 0

  async judge(seeds: number[]): Promise<Done[]> {
    if (seeds.length === 0) return []
    if (this.#worlds >= MAX_IN_A_THREAD) await this.#renew()
    this.#worlds += seeds.length
    this.#thread.postMessage(seeds)
    const [done] = await once(this.#thread, 'message')
    return done
  }

  async #renew(): Promise<void> {
    await this.end()
    this.#thread = newThread()
    this.#worlds = 0
  }

  async end(): Promise<void> {
    await this.#thread.terminate()
  }
}

function newThread(): Worker {
  return new Worker(new URL(import.meta.url))
}

async function judged(seeds: number[]): Promise<Done[]> {
  await deployedCode()
  const done: Done[] = []
  for (const seed of seeds) done.push({ seed, broken: judge(await run(worldOf(seed))) })
  return done
}

if (!isMainThread) {
  parentPort?.on('message', async (seeds: number[]) => parentPort?.postMessage(await judged(seeds)))
}
