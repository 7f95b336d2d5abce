import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { endWithThis, temporaryFolder } from '../temporary.ts'

const run = promisify(execFile)

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'test/mutants')

/** A bug planted in the sources on purpose: the simulation or a test must catch it. */
export interface Mutant {
  number: number
  /** Its file name without the extension. */
  name: string
  path: string
  /** What a user would suffer. */
  suffered: string
  /** The test file that catches it, if no world can. */
  killedBy: string | undefined
  /** The seed of a world that catches it, which is tried first. */
  seed: number | undefined
  /** The sources that it changes. */
  files: string[]
}

/** All mutants, by number. */
export async function readMutants(): Promise<Mutant[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.patch')).sort()
  return Promise.all(names.map((name) => readMutant(join(FOLDER, name), name.replace(/\.patch$/, ''))))
}

async function readMutant(path: string, name: string): Promise<Mutant> {
  const text = await readFile(path, 'utf8')
  const [head = ''] = text.split(/^--- /m)
  const killedBy = /^killed by: (\S+)$/m.exec(head)?.[1]
  const seed = /^shown by: seed (\d+)$/m.exec(head)?.[1]
  return {
    number: Number(/^\d+/.exec(name)?.[0]),
    name,
    path,
    suffered: head.split('\n')[0] ?? '',
    killedBy,
    seed: seed === undefined ? undefined : Number(seed),
    files: [...text.matchAll(/^\+\+\+ b\/(\S+)/gm)].flatMap(([, file]) => file ?? []),
  }
}

/** Writes into its patch which world catches a mutant. */
export async function noteSeed({ path }: Mutant, seed: number): Promise<void> {
  const [first = '', ...lines] = (await readFile(path, 'utf8')).split('\n')
  const rest = lines.filter((line) => !line.startsWith('shown by: '))
  await writeFile(path, [first, `shown by: seed ${seed}`, ...rest].join('\n'))
}

/** The sources that a mutant changes, patched. @throws {Error} when its patch no longer applies. */
export function mutated({ path, files }: Mutant): Promise<Map<string, string>> {
  return inFolder(async (folder) => {
    for (const file of files) await copy(file, folder)
    await apply(path, folder)
    return new Map(
      await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const)),
    )
  })
}

/** Runs the test file that must catch a mutant, in a copy of the repository. Returns whether it fails, and why. */
export function killedByTest({ path, killedBy = '' }: Mutant): Promise<{ isKilled: boolean; why: string }> {
  return inFolder(async (folder) => {
    const skipped = new Set(['node_modules', '.git', '.build', '.serverless'])
    for (const name of await readdir(ROOT)) if (!skipped.has(name)) await copy(name, folder)
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    await apply(path, folder)
    const vitest = join(folder, 'node_modules/vitest/vitest.mjs')
    try {
      const running = run(process.execPath, [vitest, 'run', '--bail=1', killedBy], {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1' },
        maxBuffer: 64 * 1_024 ** 2,
      })
      endWithThis(running.child)
      await running
      return { isKilled: false, why: `${killedBy} passes` }
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
      const failed = /^.*(?:FAIL|×)\s+(.+)$/m.exec(`${stderr}\n${stdout}`)?.[1]
      return failed === undefined
        ? { isKilled: false, why: `${killedBy} did not run` }
        : { isKilled: true, why: failed }
    }
  })
}

function copy(file: string, folder: string): Promise<void> {
  return mkdir(dirname(join(folder, file)), { recursive: true }).then(() =>
    cp(join(ROOT, file), join(folder, file), { recursive: true }),
  )
}

async function apply(patch: string, folder: string): Promise<void> {
  await run('git', ['apply', patch], { cwd: folder, env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) } })
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = temporaryFolder('mutant-')
  try {
    return await work(folder.path)
  } finally {
    folder.remove()
  }
}
