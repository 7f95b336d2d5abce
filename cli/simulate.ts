import { availableParallelism } from 'node:os'
import { worldOf } from '../local/simulation/generate.ts'
import { judge } from '../local/simulation/judge.ts'
import { deployedCode, run } from '../local/simulation/run.ts'
import { kindOf, shrink } from '../local/simulation/shrink.ts'
import { storyOf } from '../local/simulation/story.ts'
import { eachWorld } from '../local/simulation/workers.ts'
import type { World } from '../local/simulation/world.ts'
import { readArguments, wholeNumber } from './arguments.ts'
import { commandOf, runCommand } from './command.ts'

const HELP = `Runs the router in small worlds in which everything goes wrong that can, and
judges each by its promises.

  npm run simulate -- [--worlds 3000] [--seed 1] [--minutes 5] [--all] [--brief]
                      [--workers 2]
  npm run simulate -- --worlds 1 --seed 4711 --story [--logs]

The functions and the AWS SDK are the real ones; AWS, the vendors, time and
chance are models of which a seed decides everything: the same seed is the same
world, call by call. Of each promise that is broken, the smallest world that
breaks it is told, unless --brief. --all: does not stop at the tenth broken
promise. --workers: how many processors are used; all, when absent. --story:
each call. --logs: what the functions log, too.
Exit code: 0 every promise was kept, 1 one was broken, 2 wrong usage.
`
const ENOUGH = 10

interface Settings {
  worlds: number
  seed: number
  minutes: number
  isAll: boolean
  isBrief: boolean
  workers: number
  isStory: boolean
  withLogs: boolean
}

/** Of each kind of broken promise, the seeds; the smallest world that breaks it is told as soon as it is found. */
class Broken {
  readonly kinds = new Map<string, number[]>()
  readonly #isBrief: boolean

  constructor(isBrief: boolean) {
    this.#isBrief = isBrief
  }

  async add(seed: number, broken: string[]): Promise<void> {
    for (const kind of new Set(broken.map(kindOf))) {
      const before = this.kinds.get(kind)
      if (before) before.push(seed)
      else {
        this.kinds.set(kind, [seed])
        if (this.#isBrief) console.log(`seed ${seed}: ${broken.find((one) => kindOf(one) === kind)}`)
        else await tellSmallest(worldOf(seed), kind)
      }
    }
  }
}

const OPTIONS = {
  worlds: { type: 'string', default: '3000' },
  seed: { type: 'string', default: '1' },
  minutes: { type: 'string' },
  all: { type: 'boolean', default: false },
  brief: { type: 'boolean', default: false },
  workers: { type: 'string' },
  story: { type: 'boolean', default: false },
  logs: { type: 'boolean', default: false },
} as const

await runCommand(import.meta, commandOf('simulate', main, HELP))

async function main(argv: string[]): Promise<number> {
  const settings = readSettings(argv)
  await deployedCode()
  if (settings.isStory) return tellOne(worldOf(settings.seed), settings)
  return runMany(settings)
}

async function tellOne(world: World, { withLogs }: Settings): Promise<number> {
  const result = await run(world, { withLogs })
  const broken = judge(result)
  console.log(storyOf(result, broken, true))
  return broken.length > 0 ? 1 : 0
}

async function runMany({ worlds, seed, minutes, isAll, isBrief, workers }: Settings): Promise<number> {
  const startedAt = performance.now()
  const broken = new Broken(isBrief)
  const { kinds } = broken
  const mayGoOn = () => performance.now() < startedAt + minutes * 60_000 && (isAll || kinds.size < ENOUGH)
  const done = await eachWorld({ from: seed, worlds, workers }, mayGoOn, (one, what) => broken.add(one, what))
  const seconds = (performance.now() - startedAt) / 1_000
  const pace = `${Math.round(seconds)} s, ${Math.round((done * 60) / seconds)} a minute`
  console.log(
    `${done} worlds from seed ${seed} (${pace}): ${kinds.size === 0 ? 'every promise was kept' : 'broken promises'}`,
  )
  for (const [kind, seeds] of kinds) console.log(`${seeds.length} × ${kind} (seeds ${seeds.slice(0, 8).join(', ')})`)
  return kinds.size === 0 ? 0 : 1
}

async function tellSmallest(world: World, kind: string): Promise<void> {
  const smallest = await shrink(world, kind, async (candidate) => judge(await run(candidate)))
  const result = await run(smallest)
  console.log(`${storyOf(result, judge(result))}\n`)
}

function readSettings(argv: string[]): Settings {
  const { values } = readArguments(argv, OPTIONS, 'none')
  const { minutes, workers } = values
  return {
    worlds: wholeNumber('--worlds', values.worlds),
    seed: wholeNumber('--seed', values.seed),
    minutes: minutes === undefined ? Number.POSITIVE_INFINITY : wholeNumber('--minutes', minutes),
    isAll: values.all,
    isBrief: values.brief,
    workers: workers === undefined ? availableParallelism() : wholeNumber('--workers', workers),
    isStory: values.story,
    withLogs: values.logs,
  }
}
