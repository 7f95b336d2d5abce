import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for temporary files, which goes with this process at the latest: by Ctrl-C, too. */
export interface TemporaryFolder {
  path: string
  remove(): void
}

/** @param name what its name begins with. */
export function temporaryFolder(name: string): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), name))
  const remove = () => {
    process.removeListener('exit', remove)
    // A process that is being killed may still write.
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  }
  process.once('exit', remove)
  return { path, remove }
}

/** Lets a process end with this one, which may be at any time; before its folders for temporary files go. */
export function endWithThis<Child extends Pick<ChildProcess, 'kill' | 'once'>>(child: Child): Child {
  const end = () => void child.kill('SIGKILL')
  process.prependOnceListener('exit', end)
  child.once('exit', () => process.removeListener('exit', end))
  return child
}
