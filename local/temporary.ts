import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A temporary folder, deleted at the latest when this process exits, also by Ctrl-C. */
export interface TemporaryFolder {
  path: string
  remove(): void
}

/** @param name the prefix of its name. */
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

/** Stops a child process when this one exits, before the temporary folders are deleted. */
export function endWithThis<Child extends Pick<ChildProcess, 'kill' | 'once'>>(child: Child): Child {
  const end = () => void child.kill('SIGKILL')
  process.prependOnceListener('exit', end)
  child.once('exit', () => process.removeListener('exit', end))
  return child
}
