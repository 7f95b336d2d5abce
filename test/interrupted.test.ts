import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readMutants } from '../local/mutants/mutant.ts'
import { copyOfService } from './package-service.ts'

/** Ctrl-C ends a command at once: nothing keeps running, and nothing is left in the temporary folder. */

/** Starts a command in a process group of its own, which has ended once its last process has. */
function started(args: string[], cwd: string) {
  const TMPDIR = mkdtempSync(join(tmpdir(), 'interrupted-'))
  const child = spawn(process.execPath, [resolve('cli/alert-router.ts'), ...args], {
    cwd,
    env: { ...process.env, TMPDIR },
    detached: true,
  })
  const group = -(child.pid as number)
  onTestFinished(() => {
    if (runs(group)) process.kill(group, 'SIGKILL')
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return { child, group, TMPDIR, says: (text: string) => vi.waitFor(() => expect(output).toContain(text), 30_000) }
}

function runs(group: number): boolean {
  try {
    return process.kill(group, 0)
  } catch {
    return false
  }
}

/** Where `package` writes. */
const copy = copyOfService()
afterAll(copy.remove)

/** A mutant that a test must catch, which takes a while. */
const TESTED = (await readMutants()).find(({ killedBy }) => killedBy !== undefined)?.number.toString() ?? ''

const isBusy = (TMPDIR: string) => vi.waitFor(() => expect(readdirSync(TMPDIR)).not.toEqual([]), 30_000)

describe.each<[what: string, args: string[], begins: (of: ReturnType<typeof started>) => Promise<void>]>([
  ['replay', ['replay'], ({ TMPDIR }) => isBusy(TMPDIR)],
  ['replay --keep', ['replay', '--keep', 'samples/usage-report.json'], ({ says }) => says('keeps running')],
  ['replay --watch', ['replay', '--watch', 'samples/usage-report.json'], ({ says }) => says('until Ctrl-C')],
  ['faults', ['faults', '--alerts', '50', '--fault', '1'], ({ says }) => says('1. ')],
  ['mutants', ['mutants', '--mutant', TESTED], ({ TMPDIR }) => isBusy(TMPDIR)],
  ['bench', ['bench'], ({ TMPDIR }) => isBusy(TMPDIR)],
  ['package', ['package', '--stage', 'interrupted'], ({ TMPDIR }) => isBusy(TMPDIR)],
])('%s', (_what, args, begins) => {
  test('ends on Ctrl-C', async () => {
    const running = started(args, args[0] === 'package' ? copy.folder : '.')
    await begins(running)
    // As a terminal does: every process of the group receives it.
    process.kill(running.group, 'SIGINT')
    const [code, signal] = await once(running.child, 'exit')
    expect([code, signal]).toEqual([130, null])
    await vi.waitFor(() => expect(runs(running.group)).toBe(false), 5_000)
    expect(readdirSync(running.TMPDIR)).toEqual([])
  })
})
