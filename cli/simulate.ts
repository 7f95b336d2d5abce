import { availableParallelism } from 'node:os'
import { describeRun } from '../local/simulation/describe-run.ts'
import { worldOf } from '../local/simulation/generate.ts'
import { judge } from '../local/simulation/judge.ts'
import { deployedCode, run } from '../local/simulation/run.ts'
import { kindOf, shrink } from '../local/simulation/shrink.ts'
import { eachWorld } from '../local/simulation/workers.ts'
import type { World } from '../local/simulation/world.ts'
import type { SIMULATE } from './commands/work.ts'
import type { Given } from './frame/spec.ts'

const ENOUGH = 10

/** The seeds for each kind of broken promise; the first is reported as soon as it is found. */
class Broken {
  readonly kinds = new Map<string, number[]>()
  readonly #report: (seed: number, broken: string, kind: string) => unknown

  constructor(report: (seed: number, broken: string, kind: string) => unknown) {
    this.#report = report
  }

  async add(seed: number, broken: string[]): Promise<void> {
    for (const kind of new Set(broken.map(kindOf))) {
      const before = this.kinds.get(kind)
      if (before) before.push(seed)
      else {
        this.kinds.set(kind, [seed])
        await this.#report(seed, broken.find((one) => kindOf(one) === kind) ?? kind, kind)
      }
    }
  }
}

export async function simulate({ options }: Given<typeof SIMULATE>): Promise<number> {
  await deployedCode()
  return options.story ? printOne(worldOf(options.seed), options.logs) : runMany(options)
}

async function printOne(world: World, withLogs: boolean): Promise<number> {
  const result = await run(world, { withLogs })
  const broken = judge(result)
  console.log(describeRun(result, broken, true))
  return broken.length > 0 ? 1 : 0
}

async function runMany(options: Given<typeof SIMULATE>['options']): Promise<number> {
  const { worlds, seed, all: isAll, json } = options
  const { minutes = Number.POSITIVE_INFINITY, workers = availableParallelism() } = options
  const startedAt = performance.now()
  // JSON is alone on stdout.
  const say = json ? console.error : console.log
  const broken = new Broken((one, promise, kind) =>
    options.brief || json ? say(`seed ${one}: ${promise}`) : printSmallest(worldOf(one), kind),
  )
  const { kinds } = broken
  const mayGoOn = () => performance.now() < startedAt + minutes * 60_000 && (isAll || kinds.size < ENOUGH)
  const done = await eachWorld({ from: seed, worlds, workers }, mayGoOn, (one, what) => broken.add(one, what))
  const seconds = (performance.now() - startedAt) / 1_000
  // Time was up before the first world was done: nothing was proved.
  const code = kinds.size === 0 && done > 0 ? 0 : 1
  if (json) {
    const broken = [...kinds].map(([promise, seeds]) => ({ promise, seeds }))
    console.log(JSON.stringify({ worlds: done, seed, seconds: Math.round(seconds), broken }))
    return code
  }
  if (done === 0) {
    process.stderr.write('Time was up before one world was done: nothing was tried. Raise --minutes.\n')
    return code
  }
  const pace = `${Math.round(seconds)} s, ${Math.round((done * 60) / seconds)} a minute`
  console.log(
    `${done} worlds from seed ${seed} (${pace}): ${kinds.size === 0 ? 'every promise was kept' : 'broken promises'}`,
  )
  for (const [kind, seeds] of kinds) console.log(`${seeds.length} × ${kind} (seeds ${seeds.slice(0, 8).join(', ')})`)
  return code
}

async function printSmallest(world: World, kind: string): Promise<void> {
  const smallest = await shrink(world, kind, async (candidate) => judge(await run(candidate)))
  const result = await run(smallest)
  console.log(`${describeRun(result, judge(result))}\n`)
}
