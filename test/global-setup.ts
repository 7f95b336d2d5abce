import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Before all tests: they, and the processes that they start, have a temporary folder of their own, which goes when they have
 * ended; and processes find what node has compiled for those before them, which takes half of a short command's time.
 */
export function setup(): () => void {
  const before = tmpdir()
  const folder = mkdtempSync(join(before, 'alert-router-tests-'))
  process.env.TMPDIR = folder
  process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node-compile')
  return () => {
    // `npm run mutate` runs tests once for each room.
    process.env.TMPDIR = before
    rmSync(folder, { recursive: true, force: true })
  }
}
