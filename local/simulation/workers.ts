import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { worldOf } from './generate.ts'
import { judge } from './judge.ts'
import { deployedCode, run } from './run.ts'

/*
 * Worlds on several processors. Which thread runs a world changes nothing in it.
 */

interface Done {
  seed: number
  broken: string[]
}

/**
 * Runs worlds, one for each seed, and tells what each breaks, in the order of the seeds. How many were run is given.
 * @param mayGoOn asked before the next worlds are begun.
 */
export async function eachWorld(
  { from, worlds, workers }: { from: number; worlds: number; workers: number },
  mayGoOn: () => boolean,
  tell: (seed: number, broken: string[]) => Promise<void>,
): Promise<number> {
  const threads = Array.from({ length: Math.min(workers - 1, worlds - 1) }, () => new Worker(new URL(import.meta.url)))
  const parts = [inThisThread, ...threads.map((thread) => (seeds: number[]) => inThread(thread, seeds))]
  try {
    let next = from
    let done = 0
    while (next < from + worlds && mayGoOn()) {
      const round = parts.map(() => {
        const seeds = Array.from({ length: Math.min(PART, from + worlds - next) }, (_, index) => next + index)
        next += seeds.length
        return seeds
      })
      const results = await Promise.all(parts.map((work, index) => work(round[index] ?? [])))
      for (const { seed, broken } of results.flat()) {
        done++
        if (broken.length > 0) await tell(seed, broken)
      }
    }
    return done
  } finally {
    for (const thread of threads) await thread.terminate()
  }
}

/** So many are run before it is told of them. */
const PART = 50

async function inThisThread(seeds: number[]): Promise<Done[]> {
  await deployedCode()
  const done: Done[] = []
  for (const seed of seeds) done.push({ seed, broken: judge(await run(worldOf(seed))) })
  return done
}

async function inThread(thread: Worker, seeds: number[]): Promise<Done[]> {
  thread.postMessage(seeds)
  const [done] = await once(thread, 'message')
  return done
}

if (!isMainThread) {
  parentPort?.on('message', async (seeds: number[]) => parentPort?.postMessage(await inThisThread(seeds)))
}
