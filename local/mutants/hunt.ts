import { type Code, loadCode } from '../simulation/code.ts'
import { worldOf } from '../simulation/generate.ts'
import { judge } from '../simulation/judge.ts'
import { deployedCode, FUNCTIONS, run } from '../simulation/run.ts'
import { kindOf } from '../simulation/shrink.ts'
import { killedByTest, type Mutant, mutated } from './mutant.ts'

/** Whether a mutant was caught, by what, and how. */
export interface Found {
  isFound: boolean
  by: string
  why: string
  /** The world that catches it. */
  seed?: number | undefined
}

export interface Search {
  /** The maximum number of worlds. */
  worlds: number
  /** The first world; by default, the one that its patch names is tried first. */
  from: number | undefined
}

/** Searches for a world that catches a mutant, or runs its test. */
export async function hunt(mutant: Mutant, search: Search): Promise<Found> {
  try {
    const changed = await mutated(mutant)
    if (mutant.killedBy !== undefined) {
      const { isKilled, why } = await killedByTest(mutant)
      return { isFound: isKilled, by: mutant.killedBy, why }
    }
    const code = await loadCode(FUNCTIONS, { changed, like: await deployedCode() })
    return await huntInWorlds(mutant, code, search)
  } catch (error) {
    return { isFound: false, by: 'could not be tried', why: String(error) }
  }
}

async function huntInWorlds({ seed, suffered }: Mutant, code: Code, { worlds, from }: Search): Promise<Found> {
  const known = from === undefined && seed !== undefined ? await newlyBroken(seed, code) : undefined
  if (known !== undefined) return { isFound: true, by: `seed ${seed}`, why: known, seed }
  const first = from ?? 1
  for (let done = 1; done <= worlds; done++) {
    const why = await newlyBroken(first + done - 1, code)
    if (why !== undefined) return { isFound: true, by: `${done} worlds`, why, seed: first + done - 1 }
  }
  return { isFound: false, by: `not found in ${worlds}`, why: suffered }
}

/** A promise that the mutant breaks in a world, and the router keeps. */
async function newlyBroken(seed: number, code: Code): Promise<string | undefined> {
  const broken = judge(await run(worldOf(seed), { code }))
  if (broken.length === 0) return undefined
  const usual = await usuallyBroken(seed)
  return broken.find((one) => !usual.has(kindOf(one)))
}

const known = new Map<number, Promise<Set<string>>>()

/** What the router itself breaks in a world, cached for all mutants. */
function usuallyBroken(seed: number): Promise<Set<string>> {
  const before = known.get(seed)
  if (before) return before
  const broken = run(worldOf(seed)).then((result) => new Set(judge(result).map(kindOf)))
  known.set(seed, broken)
  return broken
}
