import { Script } from 'node:vm'
import { type RunnerTestCase, type RunnerTestSuite, TestRunner } from 'vitest'

/** The variable that Stryker's switches in the sources read. */
interface Switches {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number
  hitLimit?: number
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> }
}

/** How often a test came by each fault, by the fault's id. */
type Hits = Record<string, number>

/** What was found out about the faults so far; a file's tests report it with the file. */
export interface Judged {
  noticed: string[]
  /** Noticed as the code no longer came to an end. */
  endless: string[]
  reached: string[]
  /** How many tests had run before. */
  ran: number
  /** Reached only while modules are loaded, when faults are still switched off. */
  loaded: string[]
}

declare module 'vitest' {
  interface TaskMeta {
    judged?: Judged
  }
}

interface Judging {
  noticed: Set<string>
  endless: Set<string>
  reached: Set<string>
  ran: number
  run: Run
}

type Run = () => unknown

const shared = globalThis as unknown as { __stryker__: Switches; judging?: Judging; ForgetfulMap?: unknown }
shared.__stryker__ ??= {}
const switches = shared.__stryker__
// Test files share a process, and the modules in it.
shared.judging ??= { noticed: new Set(), endless: new Set(), reached: new Set(), ran: 0, run: () => undefined }
const { judging } = shared

/** A map that forgets all when another fault is switched on, or none: it would hand on what one has made. */
class ForgetfulMap<Key extends WeakKey, Value> {
  #kept: Map<Key, Value> | WeakMap<Key, Value>
  #by: string | undefined
  readonly #make: () => Map<Key, Value> | WeakMap<Key, Value>

  constructor(make: () => Map<Key, Value> | WeakMap<Key, Value>) {
    this.#make = make
    this.#kept = make()
  }

  get(key: Key): Value | undefined {
    if (this.#by !== switches.activeMutant) this.#kept = this.#make()
    this.#by = switches.activeMutant
    return this.#kept.get(key)
  }

  set(key: Key, value: Value): void {
    this.#kept.set(key, value)
  }

  get size(): number {
    return 'size' in this.#kept ? this.#kept.size : 0
  }

  clear(): void {
    this.#kept = this.#make()
  }
}
shared.ForgetfulMap = ForgetfulMap

/** A loop that comes by a fault so many times more often than without it has no end. */
const MOST_TIMES = 100
/** So many times as long as without a fault, and some seconds, a test may take. */
const LONGEST = 20
const SPARE_MS = 2_000

/**
 * Runs each test as it is, and then once more with each fault that it came by and that no test has noticed yet. Nothing is
 * loaded twice, which would take most of the time.
 */
export default class MutatingRunner extends TestRunner {
  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test)
    judging.ran++
    const hits = await hitsOf(test.id, run)
    for (const id of Object.keys(hits)) judging.reached.add(id)
    const open = Object.entries(hits).filter(([id]) => !judging.noticed.has(id))
    if (open.length === 0) return
    const start = performance.now()
    if (!(await passes(run))) return
    const mostMs = LONGEST * (performance.now() - start) + SPARE_MS
    for (const [id, times] of open) {
      if (await isNoticed({ id, times, mostMs }, test, run)) judging.noticed.add(id)
    }
    // A test must not remember anything of the faults.
    await run()
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onAfterRunSuite(suite)
    if (suite.file !== (suite as unknown)) return
    const { noticed, endless, reached, ran } = judging
    const loaded = Object.keys(switches.mutantCoverage?.static ?? {}).filter((id) => !reached.has(id))
    suite.meta.judged = { noticed: [...noticed], endless: [...endless], reached: [...reached], ran, loaded }
  }
}

/** A test that can't run twice says nothing of faults. */
async function passes(run: Run): Promise<boolean> {
  try {
    await run()
    return true
  } catch {
    return false
  }
}

async function hitsOf(testId: string, run: Run): Promise<Hits> {
  switches.currentTestId = testId
  try {
    await run()
  } finally {
    switches.currentTestId = undefined
  }
  return takeHits(testId)
}

function takeHits(testId: string): Hits {
  const perTest = switches.mutantCoverage?.perTest ?? {}
  const hits = perTest[testId] ?? {}
  delete perTest[testId]
  return hits
}

interface Trial {
  id: string
  times: number
  mostMs: number
}

async function isNoticed({ id, times, mostMs }: Trial, test: RunnerTestCase, run: Run): Promise<boolean> {
  Object.assign(switches, {
    activeMutant: id,
    currentTestId: test.id,
    hitCount: 0,
    hitLimit: MOST_TIMES * times + 1000,
  })
  try {
    await runFor(mostMs, run)
    return test.result?.state === 'fail'
  } catch (error) {
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') judging.endless.add(id)
    return true
  } finally {
    if ((switches.hitCount ?? 0) > (switches.hitLimit ?? 0)) judging.endless.add(id)
    Object.assign(switches, { activeMutant: undefined, currentTestId: undefined, hitCount: undefined })
    takeHits(test.id)
    if (test.result) Object.assign(test.result, { state: 'run', errors: undefined })
  }
}

const SCRIPT = new Script('globalThis.judging.run()')

/** Ends a loop that no timer would. */
function runFor(mostMs: number, run: Run): unknown {
  judging.run = run
  return SCRIPT.runInThisContext({ timeout: Math.ceil(mostMs) })
}
