import { readFileSync } from 'node:fs'
import { basename, relative, resolve } from 'node:path'
import { BaseSequencer, type Reporter, startVitest, type TestModule, type TestSpecification } from 'vitest/node'
import type { Judged } from './runner.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** They keep what they have made, for the next call. */
const KEEPING = ['shared/decide/once-a-config.ts', 'shared/decide/regex.ts', 'shared/decide/wall-clock.ts']

/**
 * Runs tests over sources that have faults in them, in one process.
 * @param texts the sources, by path from the root
 * @param tests in their order
 * @throws an error that names tests which fail without any fault.
 */
export async function judge(texts: Map<string, string>, tests: string[]): Promise<Judged> {
  const failed: string[] = []
  const vitest = await startVitest(
    'test',
    [],
    {
      config: false,
      root: ROOT,
      include: tests.map(fileOf),
      globalSetup: ['test/global-setup.ts'],
      setupFiles: ['test/mutate/setup.ts'],
      runner: 'test/mutate/runner.ts',
      pool: 'forks',
      maxWorkers: 1,
      isolate: false,
      // It would not know of the faults.
      fsModuleCache: false,
      watch: false,
      update: false,
      testTimeout: 60_000,
      dangerouslyIgnoreUnhandledErrors: true,
      sequence: { sequencer: inOrder(tests) },
      reporters: [reporter(failed)],
    },
    { plugins: [withFaults(texts)] },
  )
  const judged = vitest.state.getFiles().flatMap(({ meta }) => meta.judged ?? [])
  await vitest.close()
  // Vitest's own, for tests that failed.
  process.exitCode = 0
  if (failed.length > 0) throw new Error(`These fail without a fault, or remember one:\n  ${failed.join('\n  ')}`)
  return judged.reduce((one, other) => (other.ran > one.ran ? other : one))
}

const fileOf = (test: string) => `test/${test}.test.ts`

const withFaults = (texts: Map<string, string>) => ({
  name: 'with-faults',
  enforce: 'pre' as const,
  load(id: string) {
    const path = relative(ROOT, id.split('?')[0] ?? '')
    if (!KEEPING.includes(path)) return texts.get(path)
    const text = texts.get(path) ?? readFileSync(id, 'utf8')
    return text.replace(/new (Weak)?Map(<[^>]*>)?\(\)/, 'new globalThis.ForgetfulMap(() => new $1Map())')
  },
})

function inOrder(tests: string[]) {
  const placeOf = ({ moduleId }: TestSpecification) => tests.findIndex((test) => moduleId.endsWith(`/${fileOf(test)}`))
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      return files.toSorted((one, other) => placeOf(one) - placeOf(other))
    }
  }
}

/** Says how far it is, and keeps what failed. */
const reporter = (failed: string[]): Reporter => ({
  onTestModuleEnd(module: TestModule) {
    const { noticed, reached } = module.meta().judged ?? { noticed: [], reached: [] }
    const seconds = (module.diagnostic().duration / 1_000).toFixed(1)
    const name = basename(module.moduleId)
    process.stderr.write(`  ${name}: ${seconds} s, ${noticed.length} of ${reached.length} noticed so far\n`)
    for (const test of module.children.allTests('failed')) {
      failed.push(`${name} > ${test.fullName}: ${test.result().errors?.[0]?.message.split('\n')[0]}`)
    }
    for (const { message } of module.errors()) failed.push(`${name}: ${message}`)
  },
})
