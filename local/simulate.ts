import { parseArgs } from 'node:util'
import { runCommand, UsageError } from './command.ts'
import { worldOf } from './simulation/generate.ts'
import { judge } from './simulation/judge.ts'
import { deployedCode, run } from './simulation/run.ts'
import { kindOf, shrink } from './simulation/shrink.ts'
import { storyOf } from './simulation/story.ts'
import type { World } from './simulation/world.ts'

const HELP = `Runs the router in small worlds in which everything goes wrong that can, and judges each by its promises.

  npm run simulate -- [--worlds 3000] [--seed 1] [--minutes 5] [--all]
  npm run simulate -- --worlds 1 --seed 4711 --story [--logs]

The functions and the AWS SDK are the real ones; AWS, the vendors, time and chance are models of which a seed decides
everything: the same seed is the same world, call by call. Of each promise that is broken, the smallest world that breaks it
is told. --all: does not stop at the tenth broken promise. --story: each call. --logs: what the functions log, too.
Exit code: 0 every promise was kept, 1 one was broken, 2 wrong usage.
`
const ENOUGH = 10

interface Settings {
  worlds: number
  seed: number
  minutes: number
  isAll: boolean
  isStory: boolean
  withLogs: boolean
}

await runCommand('simulate', main)

async function main(argv: string[]): Promise<number> {
  const settings = readSettings(argv)
  if (settings === undefined) {
    process.stdout.write(HELP)
    return 0
  }
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

async function runMany({ worlds, seed, minutes, isAll }: Settings): Promise<number> {
  const until = performance.now() + minutes * 60_000
  /** Of each kind of broken promise, the seeds. */
  const kinds = new Map<string, number[]>()
  let done = 0
  for (; done < worlds && performance.now() < until && (isAll || kinds.size < ENOUGH); done++) {
    const world = worldOf(seed + done)
    const broken = judge(await run(world))
    for (const kind of new Set(broken.map(kindOf))) {
      const before = kinds.get(kind)
      if (before) before.push(world.seed)
      else {
        kinds.set(kind, [world.seed])
        await tellSmallest(world, kind)
      }
    }
  }
  console.log(`${done} worlds from seed ${seed}: ${kinds.size === 0 ? 'every promise was kept' : 'broken promises'}`)
  for (const [kind, seeds] of kinds) console.log(`${seeds.length} × ${kind} (seeds ${seeds.slice(0, 8).join(', ')})`)
  return kinds.size === 0 ? 0 : 1
}

async function tellSmallest(world: World, kind: string): Promise<void> {
  const smallest = await shrink(world, kind, async (candidate) => judge(await run(candidate)))
  const result = await run(smallest)
  console.log(`${storyOf(result, judge(result))}\n`)
}

function readSettings(argv: string[]): Settings | undefined {
  const values = readValues(argv)
  if (values.help) return undefined
  return {
    worlds: wholeNumber(values.worlds),
    seed: wholeNumber(values.seed),
    minutes: values.minutes === undefined ? Number.POSITIVE_INFINITY : wholeNumber(values.minutes),
    isAll: values.all,
    isStory: values.story,
    withLogs: values.logs,
  }
}

function readValues(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        worlds: { type: 'string', default: '3000' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        all: { type: 'boolean', default: false },
        story: { type: 'boolean', default: false },
        logs: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`"${text}" is not a whole number`)
  return Number(text)
}
